//! The reason why an expression has no value: something that it depends on is not known here.

use super::{QUANTITIES, Quantity, Reading, Watch};
use crate::{
    analysis::{Spectrum, Unknown, theory::CONSTANTS},
    debugger::lanes::{Lanes, NamedLane},
    lang::{eval::NoAnswers, number::is_absent},
};
use schemars::JsonSchema;
use serde::Serialize;

/// A quantity that is not known, and the reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct NoValue {
    /// The name of the quantity: `edge`, `prev(edge)`.
    pub quantity: String,
    /// The reason.
    pub because: Unknown,
}

impl NoValue {
    /// In the place of the value of the expression `text`.
    #[must_use]
    pub fn instead_of(&self, text: &str) -> String {
        let Self { quantity, because } = self;
        // What is missing of the last step is another value of what is asked for.
        if text == *quantity || matches!(because, Unknown::NoStep) {
            format!("unknown, because {because}")
        } else {
            format!("unknown, because {quantity} is: {because}")
        }
    }
}

/// Numbers that are put in the place of an unknown one: a value that is the same with all of them does not depend on it.
const STAND_INS: [f64; 3] = [0.0, 1e300, -1e300];

impl Watch {
    /// The quantity that is not known where the lanes are, if the value computed last depends on it.
    pub fn no_value(&mut self, lanes: &mut Lanes) -> Option<NoValue> {
        let unknown: Vec<_> = (0..self.readings.len())
            .filter_map(|at| {
                let Reading {
                    lane,
                    quantity,
                    depth,
                } = self.readings[at];
                // That an eigenvalue is looked for again is the price of no answer.
                let read = &self.arena[self.places[at].clone()];
                let is_missing = read.iter().any(|it| it.is_nan());
                let is_absent = read.iter().all(|it| is_absent(*it));
                let because = is_missing.then(|| match depth {
                    0 if is_absent => Some(Unknown::NotRecorded),
                    0 => quantity.unknown(lanes.entries.get_mut(lane)?),
                    _ => quantity.unknown_before(depth, lanes),
                })??;
                let name = quantity.name(lanes.entries.get(lane)?)?;
                let quantity = format!("{}{name}{}", "prev(".repeat(depth), ")".repeat(depth));
                Some((at, NoValue { quantity, because }))
            })
            .collect();
        unknown
            .into_iter()
            .find(|(at, _)| self.depends_on(*at))
            .map(|it| it.1)
    }

    /// True if the value computed last is another with other values of the reading `at`.
    fn depends_on(&mut self, at: usize) -> bool {
        let bits = |of: &[f64]| of.iter().map(|it| it.to_bits()).collect::<Vec<_>>();
        let (own, place) = (self.program.variable(0), self.places[at].clone());
        let (value, read) = (
            bits(&self.arena[own.clone()]),
            self.arena[place.clone()].to_vec(),
        );
        let differs = STAND_INS.iter().any(|number| {
            self.arena[place.clone()].fill(*number);
            self.program.run_all(&mut self.arena, &mut NoAnswers);
            bits(&self.arena[own.clone()]) != value
        });
        self.arena[place].copy_from_slice(&read);
        self.program.run_all(&mut self.arena, &mut NoAnswers);
        differs
    }
}

impl Quantity {
    /// The name in expressions.
    fn name(self, entry: &NamedLane) -> Option<&str> {
        match self {
            Self::Variable(at) => Some(&entry.compiled().variables.get(at)?.name),
            Self::Setting(at) => Some(&entry.compiled().settings.get(at)?.name),
            _ => {
                let row = QUANTITIES.iter().find(|row| row.quantity == Some(self))?;
                Some(row.name)
            }
        }
    }

    /// True where it is known at each boundary of a run, be it NaN.
    pub(super) fn is_always_known(self) -> bool {
        matches!(
            self,
            Self::Variable(_)
                | Self::Setting(_)
                | Self::T
                | Self::Loss
                | Self::Gradient
                | Self::History(_)
        )
    }

    /// The reason why it has no value so many iterations before the lanes' position.
    fn unknown_before(self, depth: usize, lanes: &mut Lanes) -> Option<Unknown> {
        let (position, beginning) = (lanes.position(), lanes.beginning());
        let t = position.t + u64::from(position.line > 0);
        if t <= beginning {
            return Some(Unknown::NoStep);
        }
        let then = lanes.before(t, depth as u64);
        if then.is_none_or(|then| then < beginning) {
            return Some(Unknown::BeforeStart);
        }
        (!self.is_always_known()).then_some(if depth == 1 {
            Unknown::Before
        } else {
            Unknown::LongBefore
        })
    }

    /// The reason why it has no value at the lane's position.
    fn unknown(self, entry: &mut NamedLane) -> Option<Unknown> {
        match self {
            Self::Alpha => entry
                .reference()
                .eigenbasis()
                .is_none()
                .then_some(Unknown::NoMinimum),
            Self::Lambda => entry.reference().known_spectrum().err(),
            Self::Constant(at) => (CONSTANTS.get(at)?.value)(entry.reference()).err(),
            Self::Edge => entry.edge().err(),
            Self::PreconditionedSharpness => entry.preconditioned_sharpness().err(),
            Self::SharpnessLimit => {
                let sharpness = entry.preconditioned_sharpness().err();
                sharpness.or_else(|| entry.edge().err())
            }
            Self::EffectiveStep => entry.effective_steps().err(),
            Self::EffectiveCurvature => entry.effective_curvatures().err(),
            Self::Radius if !entry.is_predictable() => Some(Unknown::TooMany),
            Self::Radius if entry.modulus().is_some() => None,
            Self::Radius => Some(if entry.outlook().is_some() {
                Unknown::Flat
            } else {
                Unknown::NotFinite
            }),
            Self::LambdaHere | Self::Sharpness => {
                let machine = entry.lane.machine_mut();
                let w = machine.w().to_vec();
                let spectrum = Spectrum::of(&machine.evaluator().hessian(&w));
                spectrum.is_none().then_some(Unknown::NoHessian)
            }
            Self::Hessian => Some(Unknown::NoHessian),
            Self::Variable(_)
            | Self::Setting(_)
            | Self::T
            | Self::Loss
            | Self::Gradient
            | Self::History(_) => None,
        }
    }
}
