//! A comparison as data, and in words.

mod compared;
mod remark;
mod schema;

pub use compared::{Against, RuleOn, SettingValues};
use remark::some_of;
pub use remark::{EndedSearch, OtherRounding, Remark};
pub use schema::{DiffLine, schema};

use super::{
    against::Comparison,
    difference::Difference,
    finding::{Diagnosis, ExplainedVariant, OwnCheck, OwnSteps, short},
    spread::FieldSpread,
};
use crate::{
    analysis::claim::{Claim, ClaimKind, Doubt, Premise, Verdict},
    text::counted,
    value::Real,
};
use schemars::JsonSchema;
use serde::Serialize;
use std::fmt::{self, Write};

/// Most fields in the table of differences.
const MOST_ROWS: usize = 12;

/// The steps along which a comparison was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ReportMode {
    /// The rule on its own steps, from where the run begins.
    Free,
    /// The rule applied once from each recorded row.
    Replay,
    /// Two runs at equal t.
    Runs,
}

/// All that `eigenstep diff` says.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Report {
    /// The run.
    pub run: String,
    /// The rule or run that it is compared with.
    pub against: Against,
    /// The tensors that it is about; none where that is all of them.
    pub tensors: Vec<String>,
    /// True if they agree in the mode that was asked for.
    pub same: bool,
    /// The steps that were compared.
    pub mode: ReportMode,
    /// Rows that were compared.
    pub compared: usize,
    /// Of those, the rows in which the parameters moved.
    pub moved: usize,
    /// Rows of which nothing could be told.
    pub untold: usize,
    /// Rows that could not be read.
    pub skipped: usize,
    /// The largest deviation, relative to how large the quantity has been.
    #[serde(serialize_with = "super::difference::number")]
    #[schemars(with = "Real")]
    pub worst: f64,
    /// The same up to which runs count as the same; none where rounding of the recorded numbers, or a deviation in
    /// absolute terms, is allowed as well.
    #[serde(skip)]
    pub most: Option<f64>,
    /// The first difference of each field, the earliest first.
    pub differences: Vec<Difference>,
    /// In the free mode: whether each iteration by itself is the rule's.
    pub replay_same: Option<bool>,
    /// Where each field differs from the rule with the settings that the run states for each group, in the order in which
    /// the rule assigns them; empty where one value of each setting holds for all groups.
    pub spread: Vec<FieldSpread>,
    /// Fields that nothing was compared with.
    pub not_compared: Vec<String>,
    /// Remarks on the reading of the rows, and on what cannot be told.
    pub remarks: Vec<Remark>,
    /// The causes of a difference, or the differences that the run could not have shown.
    pub diagnosis: Option<Diagnosis>,
    /// The claims that it makes, with their premises.
    pub claims: Vec<Claim>,
    /// Where tensors follow different rules: what is said of those of each rule.
    pub parts: Vec<Report>,
}

impl Report {
    /// Notes what is claimed, once all else is there.
    #[must_use]
    pub fn with_claims(mut self) -> Self {
        let sameness = self.sameness();
        self.claims = vec![sameness];
        let best = self
            .diagnosis
            .as_ref()
            .and_then(|it| it.explanations.first());
        self.claims.extend(best.map(explained_by));
        self
    }

    /// The claim that the run is that of the rule, or of the other run.
    pub(super) fn sameness(&self) -> Claim {
        let mut premises = vec![Premise::Rows(self.compared), Premise::Moved(self.moved)];
        let mut verdict = match (self.same, self.compared, self.moved) {
            (_, 0, _) => Verdict::Unknown(Doubt::NothingCompared),
            (true, _, 0) => Verdict::Unknown(Doubt::NothingMoved),
            (true, ..) => Verdict::Holds,
            (false, ..) => match self.past_rounded() {
                Some(most) => Verdict::Unknown(Doubt::Rounding { most }),
                None => Verdict::Fails,
            },
        };
        if let Some(most) = self.most {
            premises.push(Premise::Deviation {
                found: Real(self.worst),
                most: Real(most),
            });
            // The largest deviation is looked for without the tolerance.
            if verdict == Verdict::Holds {
                verdict = Verdict::checked(true, self.worst, most);
            }
        }
        Claim::new(ClaimKind::Same, verdict, premises)
    }

    /// The deviation that may come of how an unrecorded past was rounded, if all may that was found.
    fn past_rounded(&self) -> Option<Real> {
        self.remarks.iter().find_map(|it| match it {
            Remark::PastRounded { most, .. } => Some(*most),
            _ => None,
        })
    }

    /// A report of nothing yet.
    #[must_use]
    pub fn new(run: &str, against: Against, mode: ReportMode) -> Self {
        Self {
            run: run.to_owned(),
            against,
            tensors: Vec::new(),
            same: false,
            mode,
            compared: 0,
            moved: 0,
            untold: 0,
            skipped: 0,
            worst: 0.0,
            most: None,
            differences: Vec::new(),
            replay_same: None,
            spread: Vec::new(),
            not_compared: Vec::new(),
            remarks: Vec::new(),
            diagnosis: None,
            claims: Vec::new(),
            parts: Vec::new(),
        }
    }

    /// The same about these tensors only.
    #[must_use]
    pub fn on(self, tensors: Vec<String>) -> Self {
        Self { tensors, ..self }
    }

    /// What is found of tensors that follow different rules, as a whole: rows are those of which all of that can be said.
    #[must_use]
    pub fn of_parts(run: &str, parts: Vec<Self>) -> Self {
        let rules = parts
            .iter()
            .map(|it| (it.against.to_string(), it.tensors.clone()));
        let mode = parts.first().map_or(ReportMode::Replay, |it| it.mode);
        let mut whole = Self::new(run, Against::Rules(rules.map(RuleOn::from).collect()), mode);
        let all = |of: &dyn Fn(&Self) -> usize| parts.iter().map(of).collect::<Vec<usize>>();
        whole.same = parts.iter().all(|it| it.same);
        whole.compared = all(&|it| it.compared).into_iter().min().unwrap_or(0);
        whole.moved = all(&|it| it.moved).into_iter().max().unwrap_or(0);
        whole.untold = all(&|it| it.untold).into_iter().max().unwrap_or(0);
        whole.skipped = all(&|it| it.skipped).into_iter().max().unwrap_or(0);
        whole.worst = parts.iter().map(|it| it.worst).fold(0.0, f64::max);
        let most = parts.iter().map(|it| it.most);
        whole.most = most.reduce(|a, b| Some(a?.max(b?))).flatten();
        let mut differences: Vec<Difference> = Vec::new();
        for part in &parts {
            differences.extend_from_slice(&part.differences);
            for name in &part.not_compared {
                if !whole.not_compared.contains(name) {
                    whole.not_compared.push(name.clone());
                }
            }
        }
        differences.sort_by_key(|it| it.t);
        whole.differences = differences;
        whole.claims = vec![whole.sameness()];
        whole.parts = parts;
        whole
    }

    /// Takes in what a comparison found.
    pub fn take(&mut self, comparison: Comparison) {
        self.same = comparison.is_same();
        self.compared = comparison.compared;
        self.moved = comparison.moved;
        self.untold = comparison.untold;
        self.worst = comparison.worst;
        let rows = comparison.skipped;
        self.remarks
            .extend((rows > 0).then_some(Remark::StepsSkipped { rows }));
        self.differences = comparison.differences;
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.parts.is_empty() {
            let verdict = match self.sameness().verdict {
                Verdict::Unknown(_) => "nothing could be told of some tensors",
                Verdict::Holds => "same",
                Verdict::Fails => "differs",
            };
            writeln!(f, "{} against {}: {verdict}", self.run, self.against)?;
            return self.parts.iter().try_for_each(|it| write!(f, "\n{it}"));
        }
        let verdict = match self.sameness().verdict {
            Verdict::Unknown(Doubt::NothingMoved) => "same, but w never moves",
            Verdict::Unknown(Doubt::Rounding { .. }) => "not told apart from rounding",
            Verdict::Unknown(_) => "nothing could be compared",
            Verdict::Holds => "same",
            Verdict::Fails => "differs",
        };
        let subject = match self.tensors[..] {
            [] => self.run.clone(),
            _ => some_of(&self.tensors),
        };
        writeln!(f, "{subject} against {}: {verdict}", self.against)?;
        write!(f, "{} compared", counted(self.compared, "row"))?;
        if self.mode == ReportMode::Replay {
            write!(f, ", each from the row before it")?;
        }
        if self.worst > 0.0 {
            write!(
                f,
                "; largest deviation {:.1e} of the quantity's size",
                self.worst
            )?;
        }
        writeln!(f)?;
        if self.untold > 0 {
            let what = match (self.mode, self.untold) {
                (ReportMode::Runs, 1) => "stands in one of the runs only",
                (ReportMode::Runs, _) => "stand in one of the runs only",
                _ => "cannot be told",
            };
            writeln!(f, "{} {what}", counted(self.untold, "row"))?;
        }
        if self.skipped > 0 {
            writeln!(
                f,
                "skipped {} that could not be read",
                counted(self.skipped, "row")
            )?;
        }
        for remark in &self.remarks {
            writeln!(f, "note: {remark}")?;
        }
        if !self.not_compared.is_empty() {
            writeln!(f, "not compared: {}", self.not_compared.join(", "))?;
        }
        if let Some(first) = self.differences.first() {
            let place = if first.coordinate.starts_with(&first.field) {
                first.coordinate.clone()
            } else {
                format!("{} of {}", first.coordinate, first.field)
            };
            writeln!(f, "\nfirst difference: t = {}, {place}", first.t)?;
            writeln!(f, "{}", table(&self.differences)?)?;
        }
        if !self.spread.is_empty() {
            writeln!(f, "From each row to the next, with the stated settings:")?;
            let width = self.spread.iter().map(|it| it.field.len()).max();
            for it in &self.spread {
                writeln!(f, "  {:<1$}  {it}", it.field, width.unwrap_or(0))?;
            }
        }
        match self.replay_same {
            Some(true) => writeln!(
                f,
                "Each iteration by itself is the rule's (--replay): what differs is rounding that has grown."
            )?,
            Some(false) if self.diagnosis.is_none() && self.spread.is_empty() => writeln!(
                f,
                "Single iterations differ too (--replay shows where first): it is not only rounding."
            )?,
            _ => {}
        }
        if let Some(diagnosis) = &self.diagnosis {
            write!(f, "{diagnosis}")?;
        }
        let mut claims = self.claims.iter();
        let doubted = |it: &&Claim| {
            it.kind == ClaimKind::ExplainedBy && matches!(it.verdict, Verdict::Unknown(_))
        };
        match claims.find(doubted) {
            Some(it) => writeln!(f, "{}.", row_by_row(it)),
            None => Ok(()),
        }
    }
}

/// The reason for which an explanation rests on single rows alone, in a sentence.
fn row_by_row(claim: &Claim) -> String {
    let single = "Each row by itself, from the one before it, shows that; on its own steps";
    match claim.verdict {
        Verdict::Unknown(Doubt::Check { found, most }) => format!(
            "{single} w ends {} of its size away, where rounding accounts for {}: something small may differ besides",
            short(found.0),
            short(most.0)
        ),
        Verdict::Unknown(Doubt::Rounding { most }) => format!(
            "{single} nothing can be told, because rounding may make errors of {} of the size of w",
            short(most.0)
        ),
        Verdict::Unknown(Doubt::Unchecked(why)) => format!("{single} it cannot be checked: {why}"),
        verdict => format!("{}: {verdict}", claim.kind.name()),
    }
}

/// The largest share of its size that rounding may make of a parameter for a deviation to say anything.
const TELLING: f64 = 0.1;

/// The claim that `best` explains the run: it leads through all rows one by one, and through them on its own.
fn explained_by(best: &ExplainedVariant) -> Claim {
    #[expect(clippy::cast_precision_loss, reason = "a count of rows")]
    let left = (best.told - best.explained.min(best.told)) as f64;
    let mut premises = vec![
        Premise::Rows(best.told),
        Premise::Share(Real(best.share)),
        Premise::Span {
            from: best.range.0,
            to: best.range.1,
        },
    ];
    if let OwnCheck::Led(OwnSteps { found, most, .. }) = best.alone {
        premises.push(Premise::Deviation { found, most });
    }
    let verdict = match (Verdict::checked(true, left, 0.0), best.alone) {
        (Verdict::Holds, OwnCheck::Unchecked(why)) => Verdict::Unknown(Doubt::Unchecked(why)),
        (Verdict::Holds, OwnCheck::Led(it)) if it.most.0 >= TELLING => {
            Verdict::Unknown(Doubt::Rounding { most: it.most })
        }
        (Verdict::Holds, OwnCheck::Led(it)) => Verdict::checked(true, it.found.0, it.most.0),
        (verdict, _) => verdict,
    };
    Claim::new(ClaimKind::ExplainedBy, verdict, premises)
}

/// The first difference of each field, one per line.
fn table(differences: &[Difference]) -> Result<String, fmt::Error> {
    let mut rows = vec![[
        "t".to_owned(),
        "coordinate".to_owned(),
        "recorded".to_owned(),
        "expected".to_owned(),
        "off by".to_owned(),
        "relative".to_owned(),
        "ulps".to_owned(),
    ]];
    for it in differences.iter().take(MOST_ROWS) {
        rows.push([
            it.t.to_string(),
            it.coordinate.clone(),
            format!("{:?}", it.recorded),
            format!("{:?}", it.expected),
            format!("{:.2e}", it.absolute),
            format!("{:.2e}", it.relative),
            match it.ulps {
                None => "-".to_owned(),
                #[expect(clippy::cast_precision_loss, reason = "shown to two digits")]
                Some(many) if many >= 1_000_000 => format!("{:.1e}", many as f64),
                Some(few) => few.to_string(),
            },
        ]);
    }
    let widths: Vec<usize> = (0..rows[0].len())
        .map(|column| {
            rows.iter()
                .map(|row| row[column].chars().count())
                .max()
                .unwrap_or(0)
        })
        .collect();
    let mut text = String::new();
    for row in &rows {
        let mut line = String::new();
        for (at, (cell, width)) in row.iter().zip(&widths).enumerate() {
            if at == 1 {
                write!(line, "  {cell:<width$}")?;
            } else {
                write!(line, "  {cell:>width$}")?;
            }
        }
        writeln!(text, "{}", line.trim_end())?;
    }
    if differences.len() > MOST_ROWS {
        writeln!(text, "  and {} more fields", differences.len() - MOST_ROWS)?;
    }
    Ok(text)
}
