//! `eigenstep essay`: the essay's experiments, measured beside predicted.
//!
//! Four of them are the essay's own; Nesterov, AdaGrad and RMSProp run beside them from the same start.

mod measure;

use super::outcome::{ExitStatus, Failure};
use crate::{
    analysis::{
        Claim, ClaimKind,
        claim::{self, Verdict},
    },
    debugger::Session,
    error::Error,
    format::exact,
    record::figure::Figure,
    scenario::Scenario,
};
use clap::Args;
use measure::{HORIZON, Measured, measure, setting};
use std::io::Write;

/// Run the essay's experiments and print what they show
#[derive(Debug, Args)]
pub(super) struct EssayArgs {}

/// A rule and its settings, as flags have them.
struct Experiment {
    rule: &'static str,
    settings: &'static [&'static str],
}

const EXPERIMENTS: [Experiment; 7] = [
    Experiment {
        rule: "gd",
        settings: &["eta=1.01*eta_max"],
    },
    Experiment {
        rule: "gd",
        settings: &["eta=eta_opt"],
    },
    Experiment {
        rule: "momentum",
        settings: &["eta=0.175*eta_opt", "beta=0.9"],
    },
    Experiment {
        rule: "adam",
        settings: &["eta=eta_opt", "beta1=0.9", "beta2=0.999"],
    },
    Experiment {
        rule: "nesterov",
        settings: &["eta=0.175*eta_opt", "beta=0.9"],
    },
    Experiment {
        rule: "adagrad",
        settings: &["eta=0.5"],
    },
    Experiment {
        rule: "rmsprop",
        settings: &["eta=eta_opt", "beta=0.9"],
    },
];

impl Experiment {
    fn scenario(&self) -> Result<Scenario, Error> {
        let mut scenario = Scenario::default();
        scenario.apply("rule", self.rule)?;
        scenario.apply("loss", "valley")?;
        for setting in self.settings {
            scenario.apply("set", setting)?;
        }
        Ok(scenario)
    }
}

/// The experiments that are the essay's own: the first of them.
const ESSAYS: usize = 4;

/// The essay's figures: rates where kappa is 5, then the paths of its own experiments.
pub(super) fn figures() -> Result<Vec<(Figure, Session)>, Error> {
    let rates = Scenario::from_flags(&[("rule", "gd"), ("eigenvalues", "1,5")])?;
    let mut figures = vec![(Figure::Rates, rates.session()?)];
    for experiment in &EXPERIMENTS[..ESSAYS] {
        figures.push((Figure::Contour, experiment.scenario()?.session()?));
    }
    Ok(figures)
}

/// The heads of the columns, two lines each.
const HEADS: [[&str; 2]; 7] = [
    ["rule", ""],
    ["settings", ""],
    ["loss <= 1e-6", "first at t"],
    ["essay's", "count"],
    ["stays <= 1e-6", "from t"],
    ["radius < 1e-6", "first at t"],
    ["predicted", "t"],
];

/// Runs everything and writes the table.
pub(super) fn run(_: &EssayArgs, out: &mut impl Write) -> Result<ExitStatus, Failure> {
    let mut rows: Vec<Vec<String>> = (0..2)
        .map(|line| HEADS.iter().map(|head| head[line].to_owned()).collect())
        .collect();
    let mut title = String::new();
    let mut bound = f64::NAN;
    let mut told = Vec::new();
    for experiment in EXPERIMENTS {
        let mut session = experiment.scenario()?.session()?;
        let measured = measure(&mut session);
        rows.push(row(&experiment, &session, &measured));
        told.extend(claims(&experiment, &measured));
        let landscape = session.landscape();
        let start: Vec<String> = landscape.start.iter().map(|it| exact(*it)).collect();
        let formula = landscape.loss.formula().unwrap_or_default();
        title = format!("The essay's valley, {formula}, from ({})", start.join(", "));
        bound = landscape.bound;
    }
    writeln!(out, "{title}\n")?;
    table(&rows, out)?;
    write!(
        out,
        "
State at t is the state after t updates. The essay's loop evaluates the loss, then steps, and stops when the
value it evaluated is small enough: it counts one more than t. A run that leaves, abs(w[i]) >= {bound}, is
counted as it is. Its text speaks of a radius of 1e-6, but its code tests the loss; and momentum and Adam
only pass through that threshold at first: see from where the loss stays below (up to t = {HORIZON}).
Predicted, where that is exact: the t at which the loss gets there, or the run leaves, without running anything.
For gradient descent it is that of alpha_i(t) = (1 - eta*lambda_i)^t * alpha_i(0).

What is claimed of each run where it ends, at t = {HORIZON} or where it leaves:
{told}
Where a gradient is exactly 0, `exec --precision 60` shows whether that is a fact of 64-bit numbers: in so many
digits rmsprop leaves again by t = 150, and ends in swings of eta/2.
",
        bound = exact(bound),
        told = told.join("\n"),
    )?;
    Ok(ExitStatus::Done)
}

/// The claims about a run in a few words, and what is doubted among them in full.
fn claims(experiment: &Experiment, measured: &Measured) -> Vec<String> {
    let told = |claim: &&Claim| {
        matches!(
            claim.kind,
            ClaimKind::Exact | ClaimKind::ArrivesAt | ClaimKind::Stable
        ) && claim.holds()
    };
    let mut words = vec![claim::news(&measured.claims)];
    words.extend(measured.claims.iter().filter(told).map(Claim::brief));
    words.retain(|it| !it.is_empty());
    let mut lines = vec![format!("  {:<9} {}", experiment.rule, words.join(", "))];
    let doubted = measured.claims.iter().filter_map(|it| match it.verdict {
        Verdict::Unknown(why) => Some(format!("{:12}{}: {why}", "", it.brief())),
        _ => None,
    });
    lines.extend(doubted);
    lines
}

fn row(experiment: &Experiment, session: &Session, measured: &Measured) -> Vec<String> {
    let left = |t: u64| format!("{t} (leaves)");
    let at = |t: Option<u64>| t.map_or("never".to_owned(), |t| t.to_string());
    let counted = |t: Option<u64>| match t {
        Some(t) if measured.leaves.is_some() => left(t),
        t => at(t),
    };
    vec![
        experiment.rule.to_owned(),
        settings(experiment, session),
        at(measured.arrives),
        counted(measured.count()),
        at(measured.stays),
        at(measured.within),
        measured
            .predicted
            .map_or("-".to_owned(), |t| counted(Some(t))),
    ]
}

/// The settings as they are given, and what they come to.
fn settings(experiment: &Experiment, session: &Session) -> String {
    let words: Vec<String> = experiment
        .settings
        .iter()
        .map(|given| {
            let (name, text) = given.split_once('=').unwrap_or((given, ""));
            let value = setting(session, name).unwrap_or(f64::NAN);
            if text.parse() == Ok(value) {
                format!("{name} {text}")
            } else {
                format!("{name} {text} = {value:.6}")
            }
        })
        .collect();
    words.join(", ")
}

/// Writes columns of equal width: the first two from the left, the others from the right.
fn table(rows: &[Vec<String>], out: &mut impl Write) -> Result<(), Failure> {
    let columns = HEADS.len();
    let width = |at: usize| rows.iter().map(|row| row[at].len()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns).map(width).collect();
    for row in rows {
        let mut line = String::new();
        for (at, (cell, width)) in row.iter().zip(&widths).enumerate() {
            let cell = if at < 2 {
                format!("{cell:width$}  ")
            } else {
                format!("{cell:>width$}  ")
            };
            line += &cell;
        }
        writeln!(out, "{}", line.trim_end())?;
    }
    Ok(())
}
