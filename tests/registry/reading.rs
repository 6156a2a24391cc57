//! Formulas once more, by walking their syntax trees: for any kind of number, and by no code of the program's own.

use eigenstep::{
    error::Source,
    lang::{
        parse,
        syntax::{Expr, ExprKind, Infix, Prefix},
    },
};
use num_dual::{DualNum, HyperDual64};
use std::ops::{Add, Div, Mul, Neg, Sub};
use twofloat::TwoFloat;

/// A number that formulas can be evaluated on.
pub trait Real:
    Copy
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
{
    fn of(value: f64) -> Self;
    fn real(self) -> f64;
    fn whole_power(self, exponent: i32) -> Self;
    fn map(self, function: &str) -> Self;
}

/// The functions of a number type, by methods that each type has under the same names.
macro_rules! real {
    ($type:ty, $real:expr) => {
        impl Real for $type {
            fn of(value: f64) -> Self {
                value.into()
            }
            fn real(self) -> f64 {
                $real(self)
            }
            fn whole_power(self, exponent: i32) -> Self {
                self.powi(exponent)
            }
            fn map(self, function: &str) -> Self {
                match function {
                    "sqrt" => self.sqrt(),
                    "exp" => self.exp(),
                    "ln" => self.ln(),
                    "sin" => self.sin(),
                    "cos" => self.cos(),
                    "tan" => self.tan(),
                    "sinh" => self.sinh(),
                    "cosh" => self.cosh(),
                    "tanh" => self.tanh(),
                    "abs" if self.real() < 0.0 => -self,
                    "abs" => self,
                    other => panic!("a formula calls `{other}`, which is not read here"),
                }
            }
        }
    };
}

real!(HyperDual64, |value: HyperDual64| value.re);
real!(TwoFloat, |value: TwoFloat| value.hi());

/// A formula that has been read.
pub struct Reading(Expr);

impl Reading {
    pub fn new(formula: &str) -> Self {
        let source = Source::new("<formula>", formula);
        Self(parse::expression(&source).unwrap_or_else(|error| panic!("{error}")))
    }

    /// The value at `w`.
    pub fn value<R: Real>(&self, w: &[R]) -> R {
        Walk {
            w,
            indices: Vec::new(),
        }
        .expr(&self.0)
    }

    /// Value, gradient and Hessian at `w`.
    pub fn derivatives(&self, w: &[f64]) -> (f64, Vec<f64>, Vec<Vec<f64>>) {
        let n = w.len();
        let at = |i: usize, j: usize| {
            let mut w: Vec<HyperDual64> = w.iter().map(|w| HyperDual64::from(*w)).collect();
            w[i].eps1 = 1.0;
            w[j].eps2 = 1.0;
            self.value(&w)
        };
        let gradient = (0..n).map(|i| at(i, i).eps1).collect();
        let row = |i| (0..n).map(|j| at(i, j).eps1eps2).collect();
        (at(0, 0).re, gradient, (0..n).map(row).collect())
    }
}

struct Walk<'a, R> {
    w: &'a [R],
    /// Indices of the open sums.
    indices: Vec<(&'a str, i32)>,
}

impl<'a, R: Real> Walk<'a, R> {
    fn expr(&mut self, expr: &'a Expr) -> R {
        match &expr.kind {
            ExprKind::Number(value) => R::of(*value),
            ExprKind::Name(name) => self.name(name),
            ExprKind::Index(vector, index) => {
                assert!(matches!(&vector.kind, ExprKind::Name(name) if name == "w"));
                let at = self.whole(index);
                self.w[usize::try_from(at).unwrap() - 1]
            }
            ExprKind::Prefix(Prefix::Minus, operand) => -self.expr(operand),
            ExprKind::Chain(first, rest) => {
                let mut left = self.expr(first);
                for (operator, operand) in rest {
                    left = match operator {
                        Infix::Plus => left + self.expr(operand),
                        Infix::Minus => left - self.expr(operand),
                        Infix::Times => left * self.expr(operand),
                        Infix::Over => left / self.expr(operand),
                        Infix::Power => left.whole_power(self.whole(operand)),
                        other => panic!("a formula has `{}`", other.symbol()),
                    };
                }
                left
            }
            ExprKind::Call(name, _, arguments) => match arguments.as_slice() {
                [argument] => self.expr(argument).map(name),
                [index, from, to, body] if name == "sum" => {
                    let ExprKind::Name(index) = &index.kind else {
                        panic!("an index is a name")
                    };
                    let (from, to) = (self.whole(from), self.whole(to));
                    let mut sum = R::of(0.0);
                    for at in from..=to {
                        self.indices.push((index, at));
                        sum = sum + self.expr(body);
                        self.indices.pop();
                    }
                    sum
                }
                _ => panic!("a formula calls `{name}`, which is not read here"),
            },
            other => panic!("a formula has {other:?}"),
        }
    }

    #[expect(clippy::cast_possible_truncation, reason = "small whole numbers")]
    fn whole(&mut self, expr: &'a Expr) -> i32 {
        let value = self.expr(expr).real();
        assert_eq!(value.fract(), 0.0);
        value as i32
    }

    fn name(&self, name: &str) -> R {
        if let Some((_, at)) = self.indices.iter().rfind(|(index, _)| *index == name) {
            return R::of(f64::from(*at));
        }
        match name {
            "x" => self.w[0],
            "y" => self.w[1],
            "z" => self.w[2],
            "n" => R::of(f64::from(u32::try_from(self.w.len()).unwrap())),
            "pi" => R::of(std::f64::consts::PI),
            other => panic!("a formula names `{other}`"),
        }
    }
}
