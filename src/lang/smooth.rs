//! The table of smooth functions of one number: value, derivatives and adjoint, each in one row.

use super::{
    function::{Function, Kind, Place},
    graph::{Binary, Graph, Id, Unary},
};
use std::{
    fmt,
    hash::{Hash, Hasher},
};

/// A function of one number that can be differentiated twice, applied to each element.
pub struct Smooth {
    /// The row in the table of all functions.
    pub function: Function,
    /// The value.
    pub value: fn(f64) -> f64,
    /// The first two derivatives at x, where the value is y.
    pub slopes: fn(f64, f64) -> [f64; 2],
    /// The adjoint of x, from x, y and the adjoint of y.
    pub adjoint: fn(&mut Graph, Id, Id, Id) -> Id,
}

impl PartialEq for Smooth {
    fn eq(&self, other: &Self) -> bool {
        self.function.name == other.function.name
    }
}

impl Eq for Smooth {}

impl Hash for Smooth {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.function.name.hash(state);
    }
}

impl fmt::Debug for Smooth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.function.name)
    }
}

/// A function's row of its own in the table of all functions.
const fn row(
    this: &'static Smooth,
    name: &'static str,
    signature: &'static str,
    doc: &'static str,
) -> Function {
    Function {
        name,
        signature,
        arity: (1, 1),
        kind: Kind::Map(Unary::Smooth(this)),
        place: Place::Anywhere,
        doc,
    }
}

/// Defines each function as a constant of its own, and the list of all.
macro_rules! smooth {
    ($($constant:ident $name:literal $doc:literal, $value:expr, $slopes:expr, $adjoint:expr;)*) => {
        $(
            #[doc = concat!("`", $name, "(a)`: ", $doc)]
            pub static $constant: Smooth = Smooth {
                function: row(&$constant, $name, concat!($name, "(a)"), $doc),
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
        libm::exp, |_, y| [y, y], |graph, _, y, adjoint| times(graph, adjoint, y);
    LN "ln" "natural logarithm",
        libm::log, |x, _| [1.0 / x, -1.0 / (x * x)],
        |graph, x, _, adjoint| graph.binary(Binary::ChainDivide, adjoint, x);
    SIN "sin" "sine",
        libm::sin, |x, y| [libm::cos(x), -y],
        |graph, x, _, adjoint| {
            let cosine = graph.unary(Unary::Smooth(&COS), x);
            times(graph, adjoint, cosine)
        };
    COS "cos" "cosine",
        libm::cos, |x, y| [-libm::sin(x), -y],
        |graph, x, _, adjoint| {
            let sine = graph.unary(Unary::Smooth(&SIN), x);
            let slope = graph.unary(Unary::Negate, sine);
            times(graph, adjoint, slope)
        };
    TAN "tan" "tangent",
        libm::tan, |_, y| [1.0 + y * y, 2.0 * y * (1.0 + y * y)],
        |graph, _, y, adjoint| {
            let slope = one_and_square(graph, Binary::Add, y);
            times(graph, adjoint, slope)
        };
    SINH "sinh" "hyperbolic sine",
        libm::sinh, |x, y| [libm::cosh(x), y],
        |graph, x, _, adjoint| {
            let slope = graph.unary(Unary::Smooth(&COSH), x);
            times(graph, adjoint, slope)
        };
    COSH "cosh" "hyperbolic cosine",
        libm::cosh, |x, y| [libm::sinh(x), y],
        |graph, x, _, adjoint| {
            let slope = graph.unary(Unary::Smooth(&SINH), x);
            times(graph, adjoint, slope)
        };
    // From the value, since sinh and cosh overflow where tanh is flat.
    TANH "tanh" "hyperbolic tangent",
        libm::tanh, |_, y| [1.0 - y * y, -2.0 * y * (1.0 - y * y)],
        |graph, _, y, adjoint| {
            let slope = one_and_square(graph, Binary::Subtract, y);
            times(graph, adjoint, slope)
        };
    ATAN "atan" "inverse tangent, from -pi/2 to pi/2",
        libm::atan, |x, _| {
            let slope = 1.0 / (1.0 + x * x);
            [slope, -2.0 * x * slope * slope]
        },
        |graph, x, _, adjoint| {
            let below = one_and_square(graph, Binary::Add, x);
            graph.binary(Binary::Divide, adjoint, below)
        };
    LOG1P "log1p" "natural logarithm of 1 + a, exact for small a",
        libm::log1p, |x, _| [1.0 / (1.0 + x), -1.0 / ((1.0 + x) * (1.0 + x))],
        |graph, x, _, adjoint| {
            let one = graph.constant(1.0);
            let below = graph.binary(Binary::Add, one, x);
            graph.binary(Binary::Divide, adjoint, below)
        };
    SIGMOID "sigmoid" "1/(1 + exp(-a)), from 0 to 1",
        sigmoid, |_, y| [y * (1.0 - y), y * (1.0 - y) * (1.0 - 2.0 * y)],
        |graph, _, y, adjoint| {
            let one = graph.constant(1.0);
            let rest = graph.binary(Binary::Subtract, one, y);
            let slope = graph.binary(Binary::Multiply, y, rest);
            times(graph, adjoint, slope)
        };
    SOFTPLUS "softplus" "ln(1 + exp(a)), a smooth max(a, 0)",
        |x| x.max(0.0) + libm::log1p(libm::exp(-x.abs())),
        |x, _| [sigmoid(x), sigmoid(x) * (1.0 - sigmoid(x))],
        |graph, x, _, adjoint| {
            let slope = graph.unary(Unary::Smooth(&SIGMOID), x);
            times(graph, adjoint, slope)
        };
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

fn times(graph: &mut Graph, adjoint: Id, slope: Id) -> Id {
    graph.binary(Binary::Chain, adjoint, slope)
}

/// `1 + y^2` or `1 - y^2`
fn one_and_square(graph: &mut Graph, sign: Binary, y: Id) -> Id {
    let (one, square) = (graph.constant(1.0), graph.unary(Unary::WholePower(2), y));
    graph.binary(sign, one, square)
}
