//! Rules side by side: which lines they share, whatever each calls its variables.
//!
//! ```text
//!   adam                                | optax/adam
//! --------------------------------------+--------------------------------------
//!   eta = 0.001                         | learning_rate = 0.001
//! * delta = 1e-8                        |
//!   m_hat = m/(1 - beta1^t)             | mu_hat = mu/(1 - b1^count)
//! ```
//! Lines are aligned with those of the first rule ([`align`]); names are paired where aligned lines have
//! the same form. A row is marked with `*` unless all its lines are the same under those names.

mod align;
mod columns;

use super::definition::{Rule, State};
use align::{Form, NamePairs, pair_up};
use columns::{Row, Section};
use std::sync::Arc;

/// `rules` side by side in columns that fill `width` characters (at least 24 for each rule): settings,
/// states and the lines of a step, those that differ marked with `*`. Empty for no rule.
#[must_use]
pub fn compare(rules: &[Arc<Rule>], width: usize) -> String {
    let Some((base, others)) = rules.split_first() else {
        return String::new();
    };
    let pairings: Vec<Alignment> = others
        .iter()
        .map(|other| Alignment::new(base, other))
        .collect();
    let sections = [
        Section {
            title: "settings",
            rows: table(
                rules,
                &pairings,
                |rule| rule.params.iter().map(|it| it.name.as_str()).collect(),
                |rule, name| {
                    let param = rule.params.iter().find(|param| param.name == name)?;
                    let value = format!("{:?}", param.default);
                    let value = value.strip_suffix(".0").unwrap_or(&value).to_owned();
                    Some((format!("{name} = {value}"), value))
                },
            ),
        },
        Section {
            title: "states",
            rows: table(
                rules,
                &pairings,
                |rule| rule.states.iter().map(|it| it.name.as_str()).collect(),
                |rule, name| {
                    let state = rule.states.iter().find(|state| state.name == name)?;
                    let begins = rule.source.slice(state.initial.span).to_owned();
                    Some((described(state, &begins), begins))
                },
            ),
        },
        Section {
            title: "step",
            rows: steps(rules, &pairings),
        },
    ];
    let names: Vec<&str> = rules.iter().map(|rule| rule.name.as_str()).collect();
    columns::render(&names, &sections, width)
}

fn described(state: &State, begins: &str) -> String {
    let role = state
        .role
        .map_or(String::new(), |role| format!(" as {}", role.name()));
    format!("{} = {begins}{role}", state.name)
}

/// The lines of the first rule and those of another, aligned, and the names that go together.
struct Alignment {
    names: NamePairs,
    /// For each line of the first rule, the line of the other that it is aligned with.
    partner: Vec<Option<usize>>,
    /// True if the two are the same under `names`.
    same: Vec<bool>,
}

impl Alignment {
    fn new(base: &Rule, other: &Rule) -> Self {
        let a: Vec<Form> = (0..base.step.len()).map(|at| Form::new(base, at)).collect();
        let b: Vec<Form> = (0..other.step.len())
            .map(|at| Form::new(other, at))
            .collect();
        let partner = pair_up(&a, &b);
        let names = NamePairs::learn(base, other, &a, &b, &partner);
        let same = partner
            .iter()
            .enumerate()
            .map(|(at, partner)| partner.is_some_and(|partner| names.same(&a[at], &b[partner])))
            .collect();
        Self {
            names,
            partner,
            same,
        }
    }
}

/// One row for each of the first rule's `names`, then those that only others have. `cell` writes out what
/// a rule says of a name, and the part of it that has to be the same.
fn table(
    rules: &[Arc<Rule>],
    pairings: &[Alignment],
    names: impl Fn(&Rule) -> Vec<&str>,
    cell: impl Fn(&Rule, &str) -> Option<(String, String)>,
) -> Vec<(bool, Row)> {
    let base = names(&rules[0]);
    let mut rows = Vec::new();
    for name in &base {
        let first = cell(&rules[0], name);
        let mut row = vec![first.clone().map(|(text, _)| text)];
        let mut same = true;
        for (pairing, rule) in pairings.iter().zip(&rules[1..]) {
            let partner = pairing
                .names
                .partner(name)
                .and_then(|name| cell(rule, name));
            same &= partner.as_ref().map(|it| &it.1) == first.as_ref().map(|it| &it.1);
            row.push(partner.map(|(text, _)| text));
        }
        rows.push((same, row));
    }
    let left: Vec<Vec<String>> = pairings
        .iter()
        .zip(&rules[1..])
        .map(|(pairing, rule)| {
            let free = |name: &&str| {
                let mut partners = base.iter().map(|it| pairing.names.partner(it));
                !partners.any(|partner| partner == Some(*name))
            };
            let names = names(rule).into_iter().filter(free);
            names.filter_map(|name| Some(cell(rule, name)?.0)).collect()
        })
        .collect();
    rows.extend(merged(&left));
    rows
}

/// Rows for lines that the first rule lacks; the same text in two columns shares a row.
fn merged(columns: &[Vec<String>]) -> Vec<(bool, Row)> {
    let mut rows: Vec<Row> = Vec::new();
    for (column, lines) in columns.iter().enumerate() {
        let mut from = 0;
        for line in lines {
            let same = |row: &Row| row.contains(&Some(line.clone()));
            let found = rows[from..].iter().position(same);
            let at = found.map_or(rows.len(), |found| from + found);
            if found.is_none() {
                rows.push(vec![None; columns.len() + 1]);
            }
            rows[at][column + 1] = Some(line.clone());
            from = at + 1;
        }
    }
    rows.into_iter().map(|row| (false, row)).collect()
}

/// One row for each line of the first rule; lines that only others have stand where they run.
fn steps(rules: &[Arc<Rule>], pairings: &[Alignment]) -> Vec<(bool, Row)> {
    let text = |rule: &Rule, at: usize| {
        let line = rule.source.slice(rule.step[at].span);
        line.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let mut rows = Vec::new();
    let mut done = vec![0; pairings.len()];
    for at in 0..=rules[0].step.len() {
        let upto: Vec<usize> = pairings
            .iter()
            .zip(&rules[1..])
            .zip(&done)
            .map(|((pairing, rule), done)| match pairing.partner.get(at) {
                Some(partner) => partner.unwrap_or(*done),
                None => rule.step.len(),
            })
            .collect();
        let extra: Vec<Vec<String>> = rules[1..]
            .iter()
            .zip(done.iter().zip(&upto))
            .map(|(rule, (done, upto))| (*done..*upto).map(|line| text(rule, line)).collect())
            .collect();
        rows.extend(merged(&extra));
        done = upto;
        if at < rules[0].step.len() {
            let mut row: Row = vec![Some(text(&rules[0], at))];
            let mut same = true;
            for ((pairing, rule), done) in pairings.iter().zip(&rules[1..]).zip(&mut done) {
                let partner = pairing.partner[at];
                same &= pairing.same[at];
                row.push(partner.map(|line| text(rule, line)));
                *done += usize::from(partner.is_some());
            }
            rows.push((same, row));
        }
    }
    rows
}
