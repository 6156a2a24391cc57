//! The table of smooth functions of one number: value, derivatives and the rule that differentiates them, each in one
//! row.

use self::{
    ChainRule::{Over, Times},
    Slope::{Difference, Negative, Of, One, Product, Square, Sum, X, Y},
};
use std::{
    fmt,
    hash::{Hash, Hasher},
};

/// A function of one number that can be differentiated twice, applied to each element.
pub struct Smooth {
    /// The name.
    pub name: &'static str,
    /// A call, as help writes it: `exp(a)`.
    pub signature: &'static str,
    /// One line for `help`.
    pub doc: &'static str,
    /// The value.
    pub value: fn(f64) -> f64,
    /// The first two derivatives at x, where the value is y.
    pub slopes: fn(f64, f64) -> [f64; 2],
    /// The rule for the adjoint of x.
    pub adjoint: ChainRule,
}

/// The adjoint of x, from that of y = f(x).
#[derive(Debug)]
pub enum ChainRule {
    /// The adjoint of y times the derivative.
    Times(Slope),
    /// The adjoint of y divided by the derivative's reciprocal.
    Over(Slope),
}

/// A derivative, or its reciprocal, as an expression of x and of y = f(x).
#[derive(Debug)]
#[expect(missing_docs, reason = "the names are those of arithmetic")]
pub enum Slope {
    X,
    Y,
    One,
    /// A function at x.
    Of(&'static Smooth),
    Negative(&'static Slope),
    Square(&'static Slope),
    Sum(&'static Slope, &'static Slope),
    Difference(&'static Slope, &'static Slope),
    Product(&'static Slope, &'static Slope),
}

impl PartialEq for Smooth {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Smooth {}

impl Hash for Smooth {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}

impl fmt::Debug for Smooth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// Defines each function as a constant of its own, and the list of all.
macro_rules! smooth {
    ($($constant:ident $name:literal $doc:literal, $value:expr, $slopes:expr, $adjoint:expr;)*) => {
        $(
            #[doc = concat!("`", $name, "(a)`: ", $doc)]
            pub static $constant: Smooth = Smooth {
                name: $name,
                signature: concat!($name, "(a)"),
                doc: $doc,
                value: $value,
                slopes: $slopes,
                adjoint: $adjoint,
            };
        )*
        /// All of them, in the order in which help lists them.
        pub static SMOOTH: &[&Smooth] = &[$(&$constant),*];
    };
}

smooth! {
    EXP "exp" "e to the power a",
        libm::exp, |_, y| [y, y], Times(Y);
    LN "ln" "natural logarithm",
        libm::log, |x, _| [1.0 / x, -1.0 / (x * x)],
        Over(X);
    SIN "sin" "sine",
        libm::sin, |x, y| [libm::cos(x), -y],
        Times(Of(&COS));
    COS "cos" "cosine",
        libm::cos, |x, y| [-libm::sin(x), -y],
        Times(Negative(&Of(&SIN)));
    TAN "tan" "tangent",
        libm::tan, |_, y| [1.0 + y * y, 2.0 * y * (1.0 + y * y)],
        Times(Sum(&One, &Square(&Y)));
    SINH "sinh" "hyperbolic sine",
        libm::sinh, |x, y| [libm::cosh(x), y],
        Times(Of(&COSH));
    COSH "cosh" "hyperbolic cosine",
        libm::cosh, |x, y| [libm::sinh(x), y],
        Times(Of(&SINH));
    // From the value, since sinh and cosh overflow where tanh is flat.
    TANH "tanh" "hyperbolic tangent",
        libm::tanh, |_, y| [1.0 - y * y, -2.0 * y * (1.0 - y * y)],
        Times(Difference(&One, &Square(&Y)));
    ATAN "atan" "inverse tangent, from -pi/2 to pi/2",
        libm::atan, |x, _| {
            let slope = 1.0 / (1.0 + x * x);
            [slope, -2.0 * x * slope * slope]
        },
        Over(Sum(&One, &Square(&X)));
    LOG1P "log1p" "natural logarithm of 1 + a, exact for small a",
        libm::log1p, |x, _| [1.0 / (1.0 + x), -1.0 / ((1.0 + x) * (1.0 + x))],
        Over(Sum(&One, &X));
    SIGMOID "sigmoid" "1/(1 + exp(-a)), from 0 to 1",
        sigmoid, |_, y| [y * (1.0 - y), y * (1.0 - y) * (1.0 - 2.0 * y)],
        Times(Product(&Y, &Difference(&One, &Y)));
    SOFTPLUS "softplus" "ln(1 + exp(a)), a smooth max(a, 0)",
        |x| x.max(0.0) + libm::log1p(libm::exp(-x.abs())),
        |x, _| [sigmoid(x), sigmoid(x) * (1.0 - sigmoid(x))],
        Times(Of(&SIGMOID));
}

/// `1/(1 + exp(-x))`, without an exponential that overflows.
fn sigmoid(x: f64) -> f64 {
    let e = libm::exp(-x.abs());
    if x < 0.0 {
        e / (1.0 + e)
    } else {
        1.0 / (1.0 + e)
    }
}
