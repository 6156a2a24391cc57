//! A rule as its file declares it.

use super::{domain::Domain, plot::PlotSpec, tensor::Tensor};
use crate::{
    error::{Source, Span},
    lang::syntax::{Expr, ExprKind},
};
use std::sync::Arc;

/// A rule as its file has it.
#[derive(Debug, Clone)]
pub struct Rule {
    /// The name; dialects have a folder's name before a slash.
    pub name: String,
    /// One line on what it is.
    pub title: String,
    /// Sources: papers and libraries.
    pub cites: Vec<String>,
    /// Settings.
    pub params: Vec<Param>,
    /// Settings that follow `t`: each is the first lines of an iteration, in this order, and no setting any more.
    pub schedules: Vec<Schedule>,
    /// Settings that decide which lines there are: known when the rule is loaded, and no lines themselves.
    pub fixed: Vec<Schedule>,
    /// Settings that a recorded run states by iteration and group: states, which no line assigns.
    pub recorded: Vec<Param>,
    /// The states: all that survives an iteration besides `w`.
    pub states: Vec<State>,
    /// True if its lines are written for each tensor: `norm(v)` and the like are of its own elements.
    pub is_for_each_tensor: bool,
    /// The tensors that `w` consists of; none where it is one vector.
    pub tensors: Arc<[Tensor]>,
    /// The lines of one iteration.
    pub step: Vec<Statement>,
    /// Derived values worth seeing.
    pub shows: Vec<Show>,
    /// Vectors worth drawing at the current point.
    pub arrows: Vec<Show>,
    /// Curves worth seeing.
    pub plots: Vec<PlotSpec>,
    /// The file.
    pub source: Arc<Source>,
}

impl Rule {
    /// The same rule for parameters that consist of `tensors`.
    #[must_use]
    pub fn over(self: &Arc<Self>, tensors: &[Tensor]) -> Arc<Self> {
        if *self.tensors == *tensors {
            return Arc::clone(self);
        }
        Arc::new(Self {
            tensors: tensors.into(),
            ..Self::clone(self)
        })
    }

    /// True if it matters which tensors `w` consists of.
    #[must_use]
    pub fn tells_tensors_apart(&self) -> bool {
        let mut asks = false;
        for line in &self.step {
            line.expr.walk(&mut |it| {
                asks |= matches!(&it.kind, ExprKind::Call(name, ..) if name == "norm_by_tensor");
            });
        }
        self.is_for_each_tensor || asks
    }

    /// The shapes of the tensors that `w` consists of, where the lines are written for each.
    pub(super) fn shapes(&self) -> Vec<Vec<usize>> {
        let tensors = self.tensors.iter().filter(|_| self.is_for_each_tensor);
        tensors.map(|it| it.shape.clone()).collect()
    }
}

/// A setting of a rule.
#[derive(Debug, Clone, PartialEq)]
pub struct Param {
    /// The name, as a command gives it.
    pub name: String,
    /// The default value.
    pub default: f64,
    /// The values it may take.
    pub domain: Domain,
    /// The description.
    pub doc: String,
    /// The place of its value in the file.
    pub value: Span,
}

impl Param {
    /// The value that a library calls `word`, as the description of a choice tells: `0: original, 1: match_rms_adamw`.
    /// None where it is no choice, or the description says nothing of the word.
    #[must_use]
    pub fn value_called(&self, word: &str) -> Option<f64> {
        let Domain::Choice(values) = &self.domain else {
            return None;
        };
        let said = self.doc.split([',', ';']).find_map(|part| {
            let (value, name) = part.split_once(':')?;
            (name.trim() == word).then(|| value.trim().parse().ok())?
        });
        said.filter(|value| values.contains(value))
    }
}

/// A setting that is computed anew in each iteration, from `t` and the settings declared before it.
#[derive(Debug, Clone, PartialEq)]
pub struct Schedule {
    /// The name, of a variable that the rule's lines read.
    pub name: String,
    /// The value in the first iteration, if the settings before it have their defaults.
    pub first: f64,
    /// The values it is meant to take: that of the first iteration does.
    pub domain: Domain,
    /// The description.
    pub doc: String,
    /// The place of its expression in the file.
    pub value: Span,
}

/// A buffer that a rule keeps from one iteration to the next.
#[derive(Debug, Clone)]
pub struct State {
    /// The name, as a command gives it.
    pub name: String,
    /// The value at t = 0, of settings, `w` and `n`; a scalar fills a vector.
    pub initial: Expr,
    /// The role, if it is declared.
    pub role: Option<StateRole>,
    /// The description.
    pub doc: String,
}

/// The role of a state: views colour by it, the stability analysis freezes scales.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StateRole {
    /// A smoothed direction: a velocity or a first moment.
    Momentum,
    /// A measure of size that the step is divided by: a second moment.
    Scale,
    /// A counter.
    Count,
    /// What a decomposition makes, which leaves signs open, and more where eigenvalues agree: a recorded run's first is taken
    /// as it is.
    Basis,
}

impl StateRole {
    /// All roles.
    pub const ALL: [Self; 4] = [Self::Momentum, Self::Scale, Self::Count, Self::Basis];

    /// As it is written after `as`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Momentum => "momentum",
            Self::Scale => "scale",
            Self::Count => "count",
            Self::Basis => "basis",
        }
    }
}

/// One line of a step: `target = expr`.
#[derive(Debug, Clone)]
pub struct Statement {
    /// Line of the file, from 1.
    pub line: usize,
    /// The name it assigns.
    pub target: String,
    /// The whole line.
    pub span: Span,
    /// The assigned expression.
    pub expr: Expr,
}

/// A derived value worth seeing.
#[derive(Debug, Clone)]
pub struct Show {
    /// The name.
    pub label: String,
    /// The expression.
    pub expr: Expr,
}
