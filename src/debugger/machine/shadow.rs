//! A rule and its loss in other numbers than 64-bit ones.
//!
//! The machine's own numbers are those of the shadow, rounded to 64 bits: whatever looks at a machine needs to know
//! nothing of this. What the rounding takes away travels in keyframes behind the variables.

use crate::{
    debugger::precision::Precision,
    lang::{
        eval::{Answers, NoAnswers},
        number::Number,
        octuple::{LIMBS, Octuple},
        program::Program,
        single::brain,
    },
    loss::{Limits, Noise},
    rule::Compiled,
};
use std::{ops::Range, sync::Arc};

/// A rule that runs in numbers of its own, beside the numbers of a machine.
pub(super) trait Shadow: Send {
    /// The same at the same place.
    fn twin(&self) -> Box<dyn Shadow>;
    /// The precision.
    fn precision(&self) -> Precision;
    /// Takes the variables numbered `from` on: as 64-bit numbers, and, where there are any, their limbs.
    fn load(&mut self, from: usize, values: &[f64], limbs: &[f64]);
    /// Appends the limbs of a part of the variables.
    fn limbs(&self, part: Range<usize>, to: &mut Vec<f64>);
    /// Gives the setting at this place of the arena a value.
    fn set(&mut self, at: usize, value: f64);
    /// Overwrites elements of a variable.
    fn write(&mut self, place: Range<usize>, values: &[f64]);
    /// Begins iteration `t`; noise on the gradient there goes into `arena`, too.
    fn begin(&mut self, t: u64, arena: &mut [f64]);
    /// Runs a line, and rounds what it assigned into `arena`.
    fn line(&mut self, line: usize, arena: &mut [f64]);
    /// The loss at `w` and the gradient's norm; the gradient goes into `arena`.
    fn measure(&mut self, arena: &mut [f64]) -> (f64, f64);
}

/// The loss that a shadow runs on.
pub(super) struct ShadowedLoss {
    /// Its value and gradient.
    pub program: Arc<Program>,
    /// Its curvature, where the rule asks for it.
    pub curvature: Option<Arc<Program>>,
    /// The noise on the gradients that the rule is given.
    pub noise: Option<Noise>,
}

/// The shadow of a machine of `compiled` in this precision, on this loss; none in 64 bits.
pub(super) fn shadow(
    precision: Precision,
    compiled: &Arc<Compiled>,
    loss: &ShadowedLoss,
    arena: &[f64],
) -> Option<Box<dyn Shadow>> {
    match precision {
        Precision::Double => None,
        Precision::Brain | Precision::Single => Some(Box::new(TypedShadow::<f32>::new(
            precision, compiled, loss, arena,
        ))),
        Precision::Digits(_) => Some(Box::new(TypedShadow::<Octuple>::new(
            precision, compiled, loss, arena,
        ))),
    }
}

/// Numbers that a shadow computes with.
trait Stored: Number {
    /// 64-bit numbers that hold what rounding takes away: none where it takes nothing.
    const LIMBS: usize;
    /// Rounded as the precision asks for.
    fn rounded(self, precision: Precision) -> Self;
    /// Appends its limbs.
    fn store(self, to: &mut Vec<f64>);
    /// The number of these limbs.
    fn load(limbs: &[f64]) -> Self;
}

impl Stored for f32 {
    const LIMBS: usize = 0;

    fn rounded(self, precision: Precision) -> Self {
        match precision {
            Precision::Brain => brain(self),
            _ => self,
        }
    }

    fn store(self, _: &mut Vec<f64>) {}

    fn load(_: &[f64]) -> Self {
        f32::NAN
    }
}

impl Stored for Octuple {
    const LIMBS: usize = LIMBS;

    fn rounded(self, precision: Precision) -> Self {
        match precision {
            Precision::Digits(digits) => Self::rounded(self, digits),
            _ => self,
        }
    }

    fn store(self, to: &mut Vec<f64>) {
        to.extend(self.limbs());
    }

    fn load(limbs: &[f64]) -> Self {
        let mut all = [0.0; LIMBS];
        all.copy_from_slice(limbs);
        Self::from_limbs(all)
    }
}

/// A shadow in numbers of type `T`.
struct TypedShadow<T> {
    precision: Precision,
    compiled: Arc<Compiled>,
    arena: Vec<T>,
    loss: TypedLoss<T>,
}

/// A loss in numbers of type `T`.
#[derive(Clone)]
struct TypedLoss<T> {
    program: Arc<Program>,
    arena: Vec<T>,
    curvature: Option<(Arc<Program>, Vec<T>)>,
    limits: Option<Limits>,
    noise: Option<Noise>,
    /// The iteration under way, and the gradients given out in it; that at its start counts as call 0.
    call: (u64, u64),
    precision: Precision,
}

impl<T: Stored> TypedLoss<T> {
    /// Runs the lines up to the value, or all.
    fn run(&mut self, w: &[T], with_gradient: bool) -> T {
        self.arena[self.program.input(0)].copy_from_slice(w);
        if with_gradient {
            self.program.run_all(&mut self.arena, &mut NoAnswers);
        } else {
            self.program.run_line(0, &mut self.arena, &mut NoAnswers);
        }
        let value = self.arena[self.program.variable(0).start];
        if with_gradient && value.real().is_finite() {
            let place = self.program.variable(1);
            let limits = &mut self.limits;
            fill(&mut self.arena[place], |slopes| {
                let limits = limits.get_or_insert_with(|| Limits::new(Arc::clone(&self.program)));
                limits.gradient(&reals(w), slopes);
            });
        }
        value.rounded(self.precision)
    }

    fn slope(&self) -> &[T] {
        &self.arena[self.program.variable(1)]
    }
}

impl<T: Stored> Answers<T> for TypedLoss<T> {
    fn value(&mut self, v: &[T]) -> T {
        self.run(v, false)
    }

    fn gradient(&mut self, v: &[T], gradient: &mut [T]) {
        self.run(v, true);
        for (place, slope) in gradient.iter_mut().zip(self.slope()) {
            *place = slope.rounded(self.precision);
        }
        if let Some(noise) = self.noise {
            self.call.1 += 1;
            noise.disturb(self.call.0, self.call.1, gradient);
            for place in gradient {
                *place = place.rounded(self.precision);
            }
        }
    }

    fn hessian_product(&mut self, v: &[T], d: &[T], product: &mut [T]) {
        let Some((program, arena)) = &mut self.curvature else {
            product.fill(T::constant(f64::NAN));
            return;
        };
        arena[program.input(0)].copy_from_slice(v);
        arena[program.input(1)].copy_from_slice(d);
        program.run_all(arena, &mut NoAnswers);
        product.copy_from_slice(&arena[program.variable(0)]);
        let limits = &mut self.limits;
        fill(product, |product| {
            let limits = limits.get_or_insert_with(|| Limits::new(Arc::clone(&self.program)));
            limits.hessian_product(&reals(v), &reals(d), product);
        });
        for place in product {
            *place = place.rounded(self.precision);
        }
    }
}

fn reals<T: Number>(values: &[T]) -> Vec<f64> {
    values.iter().map(|it| it.real()).collect()
}

/// Lets `by` fill in, in 64 bits, what is NaN.
fn fill<T: Number>(numbers: &mut [T], by: impl FnOnce(&mut [f64])) {
    if !numbers.iter().any(|it| it.has_nan()) {
        return;
    }
    let mut filled = reals(numbers);
    by(&mut filled);
    for (number, value) in numbers.iter_mut().zip(filled) {
        if number.has_nan() {
            *number = T::constant(value);
        }
    }
}

impl<T: Stored> TypedShadow<T> {
    /// At the place of a machine with these numbers.
    fn new(
        precision: Precision,
        compiled: &Arc<Compiled>,
        loss: &ShadowedLoss,
        arena: &[f64],
    ) -> Self {
        let ready = |program: &Program| {
            let mut numbers = program.arena();
            program.refresh(&mut numbers);
            numbers
        };
        let mut shadow = Self {
            precision,
            arena: compiled.program.arena(),
            compiled: Arc::clone(compiled),
            loss: TypedLoss {
                program: Arc::clone(&loss.program),
                arena: ready(&loss.program),
                curvature: loss
                    .curvature
                    .as_ref()
                    .map(|it| (Arc::clone(it), ready(it))),
                limits: None,
                noise: loss.noise,
                call: (0, 0),
                precision,
            },
        };
        for setting in &compiled.settings {
            shadow.arena[setting.at] = T::constant(arena[setting.at]);
        }
        compiled.program.refresh(&mut shadow.arena);
        shadow.load(0, &arena[compiled.program.variables()], &[]);
        shadow
    }

    fn w(&self) -> Range<usize> {
        self.compiled.variables[0].range.clone()
    }
}

impl<T: Stored> Shadow for TypedShadow<T> {
    fn twin(&self) -> Box<dyn Shadow> {
        Box::new(Self {
            precision: self.precision,
            compiled: Arc::clone(&self.compiled),
            arena: self.arena.clone(),
            loss: self.loss.clone(),
        })
    }

    fn precision(&self) -> Precision {
        self.precision
    }

    fn load(&mut self, from: usize, values: &[f64], limbs: &[f64]) {
        let start = self.compiled.program.variables().start + from;
        let mut limbs = limbs.chunks_exact(T::LIMBS.max(1));
        for (place, value) in self.arena[start..].iter_mut().zip(values) {
            *place = match limbs.next() {
                Some(limbs) if T::LIMBS > 0 => T::load(limbs),
                _ => T::constant(*value).rounded(self.precision),
            };
        }
    }

    fn limbs(&self, part: Range<usize>, to: &mut Vec<f64>) {
        for value in &self.arena[self.compiled.program.variables()][part] {
            value.store(to);
        }
    }

    fn set(&mut self, at: usize, value: f64) {
        self.arena[at] = T::constant(value);
        self.compiled.program.refresh(&mut self.arena);
    }

    fn write(&mut self, place: Range<usize>, values: &[f64]) {
        for (place, value) in self.arena[place].iter_mut().zip(values) {
            *place = T::constant(*value).rounded(self.precision);
        }
    }

    fn begin(&mut self, t: u64, arena: &mut [f64]) {
        #[expect(clippy::cast_precision_loss, reason = "no run reaches 2^53 iterations")]
        let number = t as f64;
        self.arena[self.compiled.t] = T::constant(number);
        self.loss.call = (t, 0);
        if let Some(noise) = self.loss.noise {
            let place = self.compiled.gradient.clone();
            let gradient = &mut self.arena[place.clone()];
            noise.disturb(t, 0, gradient);
            for (wide, value) in gradient.iter_mut().zip(&mut arena[place]) {
                *wide = wide.rounded(self.precision);
                *value = wide.real();
            }
        }
    }

    fn line(&mut self, line: usize, arena: &mut [f64]) {
        let program = &self.compiled.program;
        program.run_line(line, &mut self.arena, &mut self.loss);
        let assigned = self.compiled.lines[line].variable;
        let place = self.compiled.variables[assigned].range.clone();
        for (wide, value) in self.arena[place.clone()].iter_mut().zip(&mut arena[place]) {
            *wide = wide.rounded(self.precision);
            *value = wide.real();
        }
    }

    fn measure(&mut self, arena: &mut [f64]) -> (f64, f64) {
        let w = self.w();
        // A start that has more digits than the numbers is theirs.
        for (value, wide) in arena[w.clone()].iter_mut().zip(&self.arena[w.clone()]) {
            *value = wide.real();
        }
        let loss = self.loss.run(&self.arena[w], true);
        let place = self.compiled.gradient.clone();
        let mut square = T::constant(0.0);
        let slopes = self.loss.slope().iter();
        for ((wide, value), slope) in self.arena[place.clone()]
            .iter_mut()
            .zip(&mut arena[place])
            .zip(slopes)
        {
            *wide = slope.rounded(self.precision);
            *value = wide.real();
            square = square + *wide * *wide;
        }
        (loss.real(), square.sqrt().real())
    }
}
