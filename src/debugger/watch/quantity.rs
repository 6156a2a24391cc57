//! The quantities of a run that expressions can name, and their values on a lane.

use crate::{
    analysis::{Spectrum, spectrum::MAX_DENSE, theory::CONSTANTS},
    debugger::lanes::NamedLane,
    lang::graph::Extent,
};

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
    /// A number that the active minimum fixes, by its place in [`CONSTANTS`].
    Constant(usize),
    /// The curvature's share of the largest stable one.
    Edge,
    /// The eigenvalues of the Hessian at `w`.
    LambdaHere,
    /// The largest eigenvalue of the Hessian at `w`.
    Sharpness,
    /// The largest eigenvalue of the Hessian at `w` as the scales make it look.
    PreconditionedSharpness,
    /// The largest stable one of those.
    SharpnessLimit,
    /// The step per gradient along each eigenvector.
    EffectiveStep,
    /// The same times the curvature there.
    EffectiveCurvature,
    /// The spectral radius of the iteration.
    Radius,
    /// The Hessian at `w`, row by row.
    Hessian,
    /// A function of the history, by its number in the watch.
    History(usize),
}

/// A row of the table of quantities.
#[derive(Debug, Clone, Copy)]
pub struct QuantityRow {
    /// The name in expressions.
    pub name: &'static str,
    /// The quantity; nothing for names that the language itself explains.
    pub quantity: Option<Quantity>,
    /// One line on what it is.
    pub doc: &'static str,
}

const fn row(name: &'static str, quantity: Quantity, doc: &'static str) -> QuantityRow {
    QuantityRow {
        name,
        quantity: Some(quantity),
        doc,
    }
}

const fn constant(at: usize) -> QuantityRow {
    row(
        CONSTANTS[at].name,
        Quantity::Constant(at),
        CONSTANTS[at].doc,
    )
}

const fn language(name: &'static str, doc: &'static str) -> QuantityRow {
    QuantityRow {
        name,
        quantity: None,
        doc,
    }
}

/// The quantities that every lane has, and the names that the language has for parts of them.
#[rustfmt::skip]
pub const QUANTITIES: [QuantityRow; 19] = [
    row("t", Quantity::T, "the iteration"),
    row("loss", Quantity::Loss, "the loss at w"),
    row("grad", Quantity::Gradient, "its exact gradient at w"),
    row("alpha", Quantity::Alpha, "the components of w - w* along the eigenvectors of the Hessian"),
    row("lambda", Quantity::Lambda,
        "the eigenvalues of the Hessian at the minimum; lambda[i] stays with its direction"),
    constant(0),
    constant(1),
    constant(2),
    row("edge", Quantity::Edge, "the curvature relative to the largest stable one, scales held fixed: unstable above 1"),
    row("lambda_here", Quantity::LambdaHere, "the eigenvalues of the Hessian at w, ascending"),
    row("sharpness", Quantity::Sharpness, "the largest of them: lambda_max(H(w))"),
    row("sharpness_pre", Quantity::PreconditionedSharpness,
        "the largest eigenvalue of the preconditioned Hessian at w, P^-1/2 H P^-1/2, by the rule's scales P as they are"),
    row("sharpness_limit", Quantity::SharpnessLimit,
        "the largest stable sharpness_pre: 2/eta for gradient descent, 38/eta for Adam"),
    row("eta_eff", Quantity::EffectiveStep,
        "the step per gradient along each eigenvector that a steady gradient leads to, scales held"),
    row("eta_lambda", Quantity::EffectiveCurvature,
        "eta_eff times the curvature at w along each eigenvector: gradient descent is stable below 2"),
    row("radius", Quantity::Radius, "the spectral radius of the iteration, scales held: below 1 errors shrink in the long run"),
    language("step", "w - prev(w), the last step"),
    language("x, y, z", "w[1], w[2], w[3]"),
    language("n, pi", "the number of parameters; 3.14159..."),
];

/// The quantity called `name` that every lane has.
pub(super) fn built_in(name: &str) -> Option<Quantity> {
    QUANTITIES.iter().find(|row| row.name == name)?.quantity
}

/// The names of the quantities that every lane has.
pub(super) fn built_in_names() -> impl Iterator<Item = String> {
    let rows = QUANTITIES.iter().filter(|row| row.quantity.is_some());
    rows.map(|row| row.name.to_owned())
}

/// A quantity of a lane, so many iterations ago.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Reading {
    /// The lane, by its number; it also tells which lane's loss, alpha, ... is meant.
    pub lane: usize,
    /// The quantity.
    pub quantity: Quantity,
    /// Iterations back from the present one.
    pub depth: usize,
}

impl Quantity {
    /// The extent of the value; `None` where the quantity has no meaning.
    pub(super) fn extent(self, lane: &super::scope::LaneNames) -> Option<Extent> {
        let n = lane.compiled.dimension();
        match self {
            Self::Variable(at) => Some(lane.compiled.variables[at].extent),
            Self::Gradient => Some(Extent::Vector(n)),
            Self::Alpha => lane.has_eigenbasis.then_some(Extent::Vector(n)),
            Self::Lambda | Self::EffectiveStep | Self::EffectiveCurvature => {
                lane.spectrum.is_ok().then_some(Extent::Vector(n))
            }
            Self::LambdaHere => (n <= MAX_DENSE).then_some(Extent::Vector(n)),
            Self::Sharpness | Self::PreconditionedSharpness | Self::SharpnessLimit => {
                (n <= MAX_DENSE).then_some(Extent::Scalar)
            }
            Self::Hessian => (n <= MAX_DENSE).then_some(Extent::Matrix(n, n)),
            Self::Constant(_) => {
                let undefined = lane.undefined.iter().any(|(it, _)| *it == self);
                (!undefined).then_some(Extent::Scalar)
            }
            Self::Setting(_)
            | Self::T
            | Self::Loss
            | Self::Edge
            | Self::Radius
            | Self::History(_) => Some(Extent::Scalar),
        }
    }

    /// True where it is a truth value.
    pub(super) fn is_truth(self, lane: &super::scope::LaneNames) -> bool {
        matches!(self, Self::Variable(at) if lane.compiled.variables[at].is_truth)
    }

    /// One element (from 0) of its value at the lane's position, where it need not be computed.
    #[inline]
    pub fn element(self, entry: &NamedLane, element: usize) -> Option<f64> {
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
            Self::Alpha => {
                let reference = entry.reference();
                let spectrum = reference.eigenbasis()?;
                let is_one = element < spectrum.len();
                is_one.then(|| spectrum.component_from(element, machine.w(), &reference.minimum))
            }
            _ => None,
        }
    }

    /// True if the value depends on the active minimum.
    #[inline]
    pub fn is_about_minimum(self) -> bool {
        matches!(self, Self::Alpha | Self::Lambda | Self::Constant(_))
    }

    /// True if its value on `entry` takes a thousand times as long as an iteration: eigenvalues are looked for, or the
    /// minimum.
    pub(super) fn takes_long(self, entry: &NamedLane) -> bool {
        match self {
            Self::Alpha | Self::Lambda | Self::Constant(_) => !entry.minima().is_fixed(),
            Self::Edge
            | Self::LambdaHere
            | Self::Sharpness
            | Self::PreconditionedSharpness
            | Self::SharpnessLimit
            | Self::EffectiveStep
            | Self::EffectiveCurvature
            | Self::Radius
            | Self::Hessian => true,
            Self::Variable(_)
            | Self::Setting(_)
            | Self::T
            | Self::Loss
            | Self::Gradient
            | Self::History(_) => false,
        }
    }

    /// Writes its value at the lane's position to `out`; NaN where it has none. The edge is that of the
    /// boundary before.
    #[inline]
    pub fn read(self, entry: &mut NamedLane, out: &mut [f64]) {
        if self == Self::Edge {
            out[0] = entry.edge().map_or(f64::NAN, |edge| edge.share);
            return;
        }
        match self {
            Self::PreconditionedSharpness => {
                out[0] = entry.preconditioned_sharpness().unwrap_or(f64::NAN);
                return;
            }
            Self::SharpnessLimit => {
                let sharpness = entry.preconditioned_sharpness().unwrap_or(f64::NAN);
                out[0] = sharpness / entry.edge().map_or(f64::NAN, |edge| edge.share);
                return;
            }
            Self::EffectiveStep | Self::EffectiveCurvature => {
                let found = if self == Self::EffectiveStep {
                    entry.effective_steps()
                } else {
                    entry.effective_curvatures()
                };
                match found {
                    Ok(numbers) => out.copy_from_slice(&numbers),
                    Err(_) => out.fill(f64::NAN),
                }
                return;
            }
            Self::Radius => {
                out[0] = entry.modulus().unwrap_or(f64::NAN);
                return;
            }
            _ => {}
        }
        if matches!(self, Self::LambdaHere | Self::Sharpness | Self::Hessian) {
            let machine = entry.lane.machine_mut();
            let w = machine.w().to_vec();
            let hessian = machine.evaluator().hessian(&w);
            if self == Self::Hessian {
                // It is symmetric: its columns are its rows.
                out.copy_from_slice(hessian.as_slice());
                return;
            }
            match Spectrum::of(&hessian) {
                Some(spectrum) if self == Self::Sharpness => out[0] = spectrum.largest(),
                Some(spectrum) => out.copy_from_slice(&spectrum.eigenvalues),
                None => out.fill(f64::NAN),
            }
            return;
        }
        let position = entry.lane.position();
        let within = position.line > 0;
        let machine = entry.lane.machine();
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
                out[0] = entry.lane.machine_mut().measure_now(&mut gradient);
            }
            Self::Loss => out[0] = machine.loss(),
            Self::Gradient if within => {
                entry.lane.machine_mut().measure_now(out);
            }
            Self::Gradient => out.copy_from_slice(machine.gradient()),
            Self::Alpha => {
                let reference = entry.reference();
                match reference.eigenbasis() {
                    Some(spectrum) => spectrum.components(machine.w(), &reference.minimum, out),
                    None => out.fill(f64::NAN),
                }
            }
            Self::Lambda => match &entry.reference().spectrum {
                Some(spectrum) => out.copy_from_slice(&spectrum.eigenvalues),
                None => out.fill(f64::NAN),
            },
            Self::Constant(at) => {
                let known = CONSTANTS.get(at).map(|row| (row.value)(entry.reference()));
                out[0] = known.and_then(Result::ok).unwrap_or(f64::NAN);
            }
            Self::Edge
            | Self::LambdaHere
            | Self::Sharpness
            | Self::PreconditionedSharpness
            | Self::SharpnessLimit
            | Self::EffectiveStep
            | Self::EffectiveCurvature
            | Self::Radius
            | Self::Hessian
            | Self::History(_) => {}
        }
    }
}
