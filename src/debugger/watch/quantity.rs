//! What a run lets one see, and how to read it off a lane.

use crate::{analysis::theory, debugger::lanes::Entry, lang::graph::Extent};

/// Something that has a value at every position of a lane.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Quantity {
    /// A variable of the rule, by its number.
    Variable(usize),
    /// A setting of the rule, by its number.
    Setting(usize),
    /// The iteration: whole ones on a boundary, the one under way between its lines.
    T,
    /// The loss at `w`.
    Loss,
    /// The exact gradient at `w`.
    Gradient,
    /// The components of the error along the eigenvectors.
    Alpha,
    /// The eigenvalues of the Hessian in force.
    Lambda,
    /// The condition number.
    Kappa,
    /// 2/lambda_max
    EtaMax,
    /// 2/(lambda_min + lambda_max)
    EtaOpt,
    /// The curvature's share of the largest stable one.
    Edge,
    /// A function of the history, by its number in the watch.
    History(usize),
}

/// The quantities that every lane has, by name.
pub(super) const BUILT_IN: [(&str, Quantity); 9] = [
    ("t", Quantity::T),
    ("loss", Quantity::Loss),
    ("grad", Quantity::Gradient),
    ("alpha", Quantity::Alpha),
    ("lambda", Quantity::Lambda),
    ("kappa", Quantity::Kappa),
    ("eta_max", Quantity::EtaMax),
    ("eta_opt", Quantity::EtaOpt),
    ("edge", Quantity::Edge),
];

/// What every lane lets one read, with a line on each.
pub const QUANTITIES: [(&str, &str); 12] = [
    ("t", "the iteration"),
    ("loss", "the loss at w"),
    ("grad", "its exact gradient at w"),
    (
        "alpha",
        "the components of w - w* along the eigenvectors of the Hessian",
    ),
    (
        "lambda",
        "the eigenvalues of the Hessian, ascending at first; then lambda[i] stays with its direction",
    ),
    ("kappa", "the condition number lambda_max/lambda_min"),
    ("eta_max", "2/lambda_max: gradient descent is stable below"),
    (
        "eta_opt",
        "2/(lambda_min + lambda_max): gradient descent's best worst-case rate",
    ),
    (
        "edge",
        "the curvature's share of the largest stable one, scales held: unstable above 1",
    ),
    ("step", "w - prev(w), the last step"),
    ("x, y, z", "w[1], w[2], w[3]"),
    ("n, pi", "the number of parameters; 3.14159..."),
];

/// A quantity of a lane, so many iterations ago.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Reading {
    /// The lane, by its number; it also tells which lane's loss, alpha, ... is meant.
    pub lane: usize,
    /// What.
    pub quantity: Quantity,
    /// How many iterations ago.
    pub depth: usize,
}

impl Quantity {
    /// How many numbers it has; `None` where it has no meaning.
    pub(super) fn extent(self, lane: &super::scope::LaneNames) -> Option<Extent> {
        let n = lane.compiled.dimension();
        match self {
            Self::Variable(at) => Some(lane.compiled.variables[at].extent),
            Self::Gradient => Some(Extent::Vector(n)),
            Self::Alpha => lane.has_eigenbasis.then_some(Extent::Vector(n)),
            Self::Lambda => lane.has_spectrum.then_some(Extent::Vector(n)),
            Self::Kappa | Self::EtaMax | Self::EtaOpt => {
                let undefined = lane.undefined.iter().any(|(it, _)| *it == self);
                (!undefined).then_some(Extent::Scalar)
            }
            Self::Setting(_) | Self::T | Self::Loss | Self::Edge | Self::History(_) => {
                Some(Extent::Scalar)
            }
        }
    }

    /// One element (from 0) of its value at the lane's position, where it need not be computed.
    #[inline]
    pub fn element(self, entry: &Entry, element: usize) -> Option<f64> {
        let machine = entry.lane.machine();
        let position = machine.position();
        let within = position.line > 0;
        match self {
            Self::Variable(at) => {
                let variable = &machine.compiled().variables[at];
                machine.value(variable).get(element).copied()
            }
            Self::Setting(at) => Some(machine.setting(at)),
            #[expect(clippy::cast_precision_loss, reason = "no run reaches 2^53 iterations")]
            Self::T => Some((position.t + u64::from(within)) as f64),
            Self::Loss if !within => Some(machine.loss()),
            Self::Gradient if !within => machine.gradient().get(element).copied(),
            _ => None,
        }
    }

    /// Whether it depends on which minimum is in force.
    #[inline]
    pub fn is_about_minimum(self) -> bool {
        matches!(
            self,
            Self::Alpha | Self::Lambda | Self::Kappa | Self::EtaMax | Self::EtaOpt
        )
    }

    /// Writes its value at the lane's position to `out`; NaN where it has none. The edge is that of the
    /// boundary before.
    #[inline]
    pub fn read(self, entry: &mut Entry, out: &mut [f64]) {
        if self == Self::Edge {
            out[0] = entry.edge().map_or(f64::NAN, |edge| edge.share);
            return;
        }
        let Entry {
            lane, reference, ..
        } = entry;
        let position = lane.position();
        let within = position.line > 0;
        let machine = lane.machine();
        match self {
            Self::Variable(at) => {
                let variable = &machine.compiled().variables[at];
                out.copy_from_slice(machine.value(variable));
            }
            Self::Setting(at) => out[0] = machine.setting(at),
            #[expect(clippy::cast_precision_loss, reason = "no run reaches 2^53 iterations")]
            Self::T => out[0] = (position.t + u64::from(within)) as f64,
            Self::Loss if within => {
                let mut gradient = vec![0.0; machine.w().len()];
                out[0] = lane.machine_mut().measure_now(&mut gradient);
            }
            Self::Loss => out[0] = machine.loss(),
            Self::Gradient if within => {
                lane.machine_mut().measure_now(out);
            }
            Self::Gradient => out.copy_from_slice(machine.gradient()),
            Self::Alpha => match reference.eigenbasis() {
                Some(spectrum) => spectrum.components(machine.w(), &reference.minimum, out),
                None => out.fill(f64::NAN),
            },
            Self::Lambda => match &reference.spectrum {
                Some(spectrum) => out.copy_from_slice(&spectrum.eigenvalues),
                None => out.fill(f64::NAN),
            },
            Self::Kappa | Self::EtaMax | Self::EtaOpt => {
                let known = match self {
                    Self::Kappa => theory::kappa(reference),
                    Self::EtaMax => theory::eta_max(reference),
                    _ => theory::eta_opt(reference),
                };
                out[0] = known.unwrap_or(f64::NAN);
            }
            Self::Edge | Self::History(_) => {}
        }
    }
}
