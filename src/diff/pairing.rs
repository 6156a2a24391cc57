//! The pairing of recorded fields with variables of a rule.

use crate::{
    error::{Error, ErrorCode, Result},
    rule::{Compiled, StateRole, VariableKind},
    runs::{Field, FieldMeaning, Run, SETTINGS},
};

/// Names that smoothed gradients and velocities go by.
const MOMENTA: [&str; 17] = [
    "m",
    "exp_avg",
    "mu",
    "momentum_buffer",
    "momentum",
    "momentums",
    "velocity",
    "vel",
    "trace",
    "mom",
    "buf",
    "buffer",
    "first_moment",
    "m_t",
    "mt",
    "moment1",
    "v",
];
/// Names that smoothed squares and sums of squares go by.
const SCALES: [&str; 20] = [
    "v",
    "s",
    "exp_avg_sq",
    "nu",
    "square_avg",
    "sum",
    "second_moment",
    "velocity",
    "v_t",
    "vt",
    "moment2",
    "accumulator",
    "acc",
    "sum_of_squares",
    "cache",
    "sq",
    "sum_sq",
    "state_sum",
    "r",
    "G",
];
/// Names that counters go by.
const COUNTERS: [&str; 7] = [
    "step",
    "count",
    "steps",
    "state_step",
    "iteration",
    "iterations",
    "k",
];

/// The beginning of names of settings among optax's states, where `inject_hyperparams` keeps them. They are those of the
/// rule that the header names; where it names none, a rule and its settings are what somebody asks about.
const INJECTED: &str = "hyperparams.";

/// A field and the variable that it is compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pair {
    /// The field, by its number in the run.
    pub field: usize,
    /// The variable, by its number in the rule.
    pub variable: usize,
}

/// Pairs in the order in which the rule assigns them, and the fields that found no partner.
#[derive(Debug, Clone, PartialEq)]
pub struct Pairing {
    /// The fields and variables that are compared.
    pub pairs: Vec<Pair>,
    /// Names of fields that nothing is compared with.
    pub alone: Vec<String>,
    /// Fields that say what a setting was in each row, and the setting.
    pub settings: Vec<(usize, usize)>,
}

/// Pairs the fields of `run` with the variables of `rule`.
///
/// First as `map` (`FIELD=VARIABLE`) says, then by equal names, then by the names that a role goes by
/// where that leaves no choice.
///
/// # Errors
/// A map that names no field or no variable, or two of different lengths.
pub fn pair(run: &Run, rule: &Compiled, map: &[(String, String)]) -> Result<Pairing> {
    let mut partner: Vec<Option<usize>> = vec![None; run.fields.len()];
    let mut taken = vec![false; rule.variables.len()];
    let mut take = |field: usize, variable: usize, partner: &mut Vec<Option<usize>>| {
        let free = partner[field].is_none() && !taken[variable];
        if free && fits(&run.fields[field], rule, variable) {
            partner[field] = Some(variable);
            taken[variable] = true;
        }
        free
    };
    take(0, 0, &mut partner);
    for (name, target) in map {
        let field = run.field(name).ok_or_else(|| {
            let names = run.fields.iter().map(|it| it.name.as_str());
            let error = Error::plain(
                ErrorCode::UnknownColumn,
                format!("`{}` has no field `{name}`", run.name),
            );
            error.suggest(name, "fields", names)
        })?;
        let mut variables = rule.variables.iter();
        let Some(variable) = variables.position(|it| it.name == *target) else {
            let names = rule.variables.iter().map(|it| it.name.as_str());
            let error = Error::plain(
                ErrorCode::UnknownVariable,
                format!("`{}` has no variable `{target}`", rule.rule.name),
            );
            return Err(error.suggest(target, "variables", names));
        };
        if !fits(&run.fields[field], rule, variable) {
            let message = format!(
                "`{name}` has {} numbers, `{target}` has {}",
                run.fields[field].len,
                rule.variables[variable].range.len()
            );
            return Err(Error::plain(ErrorCode::ShapeMismatch, message));
        }
        take(field, variable, &mut partner);
    }
    for (at, field) in run.fields.iter().enumerate() {
        let same = rule.variables.iter().position(|it| it.name == field.name);
        if let Some(variable) = same {
            take(at, variable, &mut partner);
        }
    }
    for (role, names) in [
        (StateRole::Scale, &SCALES[..]),
        (StateRole::Momentum, &MOMENTA[..]),
        (StateRole::Count, &COUNTERS[..]),
    ] {
        // A counter by another name may count something else than iterations.
        let known = |at: &usize| {
            role != StateRole::Count || names.contains(&rule.variables[*at].name.as_str())
        };
        let variables: Vec<usize> = of_role(rule, role).filter(known).collect();
        let named = |at: &usize| names.contains(&run.fields[*at].name.as_str());
        let fields: Vec<usize> = (1..run.fields.len()).filter(named).collect();
        let open = |at: &&usize| partner[**at].is_none();
        let free: Vec<usize> = fields.iter().filter(open).copied().collect();
        if let ([field], [variable, ..]) = (free.as_slice(), variables.as_slice()) {
            take(*field, *variable, &mut partner);
        }
    }
    let mut pairs: Vec<Pair> = partner
        .iter()
        .enumerate()
        .filter_map(|(field, variable)| {
            Some(Pair {
                field,
                variable: (*variable)?,
            })
        })
        .collect();
    pairs.sort_by_key(|pair| {
        rule.lines
            .iter()
            .rposition(|line| line.variable == pair.variable)
    });
    let settings = recorded_settings(run, rule);
    let alone = run.fields.iter().zip(&partner).filter(|(field, partner)| {
        if field.name.starts_with(SETTINGS)
            || settings
                .iter()
                .any(|it| run.fields[it.0].name == field.name)
        {
            return false;
        }
        let known = field.meaning != FieldMeaning::Other;
        partner.is_none()
            && !known
            && !(run.is_trace() && ["grad", "alpha"].contains(&field.name.as_str()))
    });
    Ok(Pairing {
        alone: alone.map(|(field, _)| field.name.clone()).collect(),
        pairs,
        settings,
    })
}

/// Fields of one number (or one for each group) that have the name of a setting.
fn recorded_settings(run: &Run, rule: &Compiled) -> Vec<(usize, usize)> {
    let names_rule = (run.header.as_ref()).is_some_and(|it| it.get("rule").is_some());
    let fields = run.fields.iter().enumerate();
    let named = fields.filter_map(|(at, field)| {
        let is_noted = field.name.starts_with(SETTINGS);
        let name = field.name.trim_start_matches(SETTINGS);
        let injected = name.strip_prefix(INJECTED).filter(|_| names_rule);
        let name = injected.unwrap_or(name);
        let setting = rule.settings.iter().position(|it| it.name == name)?;
        (is_noted || field.shape.is_empty()).then_some((at, setting))
    });
    named.collect()
}

/// The states of a role, in the order of the rule.
fn of_role(compiled: &Compiled, role: StateRole) -> impl Iterator<Item = usize> + '_ {
    let variables = compiled.variables.iter().enumerate();
    variables
        .filter(move |(_, it)| it.kind == VariableKind::State(Some(role)))
        .map(|(at, _)| at)
}

/// True if a field can be compared with a variable: as many numbers, or one counter for each tensor.
fn fits(field: &Field, rule: &Compiled, variable: usize) -> bool {
    let len = rule.variables[variable].range.len();
    field.len == len || (field.is_per_tensor && len == 1)
}
