//! The terms that the line of a buffer may be made of.

use super::observed::Observed;

/// A term of a buffer's line, the likelier first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BufferTerm {
    /// The buffer before.
    Old,
    Gradient,
    Square,
    Parameter,
    Magnitude,
    One,
    /// The sum of all gradients so far, their mean since something last moved, the one before.
    Total,
    Pending,
    Previous,
    /// The square of the gradient less a buffer, after or before its update.
    Deviation(usize),
    DeviationOld(usize),
    /// `sign(g^2 - old) g^2`
    SignedSquare,
    Sign,
    GradientParameter,
    ParameterSquare,
    /// Another buffer after its update, its square, and what it was.
    Other(usize),
    OtherSquare(usize),
    OtherOld(usize),
    /// The step of `w`, and its square.
    Step,
    StepSquare,
    /// Products of the gradient with another buffer.
    GradientOther(usize),
    /// The gradient over the root of another buffer.
    OverRoot(usize),
}

impl BufferTerm {
    /// In the language of rules.
    pub fn text(self, observed: &Observed, own: &str) -> String {
        let name = |at: usize| observed.buffers[at].name.clone();
        match self {
            Self::Old => own.to_owned(),
            Self::Gradient => "g".to_owned(),
            Self::Square => "g^2".to_owned(),
            Self::Parameter => "w".to_owned(),
            Self::Magnitude => "|g|".to_owned(),
            Self::One => "1".to_owned(),
            Self::Total => "(sum of all g so far)".to_owned(),
            Self::Pending => "(mean of g since the last update)".to_owned(),
            Self::Previous => "(previous g)".to_owned(),
            Self::Deviation(at) | Self::DeviationOld(at) => format!("(g - {})^2", name(at)),
            Self::SignedSquare => format!("sign(g^2 - {own})*g^2"),
            Self::Sign => "sign(g)".to_owned(),
            Self::GradientParameter => "g*w".to_owned(),
            Self::ParameterSquare => "w^2".to_owned(),
            Self::Other(at) => name(at),
            Self::OtherSquare(at) => format!("{}^2", name(at)),
            Self::OtherOld(at) => format!("(previous {})", name(at)),
            Self::Step => "(step of w)".to_owned(),
            Self::StepSquare => "(step of w)^2".to_owned(),
            Self::GradientOther(at) => format!("g*{}", name(at)),
            Self::OverRoot(at) => format!("g/sqrt({})", name(at)),
        }
    }

    pub fn value(self, o: &Observed, own: usize, g: &[Vec<f64>], row: usize, at: usize) -> f64 {
        let track = &o.buffers[own];
        let g = g[row][at];
        let other = |k: usize| o.buffers[k].after[row][at];
        let w = o.w.before[row][at];
        match self {
            Self::Old => track.before[row][at],
            Self::Gradient => g,
            Self::Square => g * g,
            Self::Parameter => w,
            Self::Magnitude => g.abs(),
            Self::One => 1.0,
            Self::Total => o.total[row][at],
            Self::Pending => o.pending[row][at],
            Self::Previous => row.checked_sub(1).map_or(0.0, |row| o.g[row][at]),
            Self::Deviation(k) => (g - other(k)).powi(2),
            Self::DeviationOld(k) => (g - o.buffers[k].before[row][at]).powi(2),
            Self::SignedSquare => {
                let ahead = g * g - track.before[row][at];
                if ahead == 0.0 {
                    0.0
                } else {
                    g * g * ahead.signum()
                }
            }
            Self::Sign => {
                if g == 0.0 {
                    0.0
                } else {
                    g.signum()
                }
            }
            Self::GradientParameter => g * w,
            Self::ParameterSquare => w * w,
            Self::Other(k) => other(k),
            Self::OtherSquare(k) => other(k) * other(k),
            Self::OtherOld(k) => o.buffers[k].before[row][at],
            Self::Step => o.w.after[row][at] - w,
            Self::StepSquare => (o.w.after[row][at] - w).powi(2),
            Self::GradientOther(k) => g * other(k),
            Self::OverRoot(k) => g / other(k).sqrt(),
        }
    }

    /// The other buffer whose new value has to be there before it has a value.
    pub fn needs(self) -> Option<usize> {
        match self {
            Self::Deviation(k)
            | Self::Other(k)
            | Self::OtherSquare(k)
            | Self::GradientOther(k)
            | Self::OverRoot(k) => Some(k),
            _ => None,
        }
    }

    /// True if it is made of the step of `w`.
    pub fn needs_step(self) -> bool {
        matches!(self, Self::Step | Self::StepSquare)
    }

    /// All terms for a buffer.
    pub fn all(observed: &Observed, own: usize) -> Vec<Self> {
        let mut all = vec![
            Self::Gradient,
            Self::Square,
            Self::Parameter,
            Self::Magnitude,
            Self::One,
        ];
        let others = || (0..observed.buffers.len()).filter(move |at| *at != own);
        all.extend(others().map(Self::Deviation));
        all.extend([Self::SignedSquare, Self::Previous, Self::Total, Self::Sign]);
        if observed.idle.contains(&true) {
            all.push(Self::Pending);
        }
        all.extend(others().map(Self::OtherSquare));
        all.extend(others().map(Self::DeviationOld));
        all.extend([Self::GradientParameter, Self::ParameterSquare]);
        all.extend(others().map(Self::OverRoot));
        all.extend(others().map(Self::Other));
        all.extend(others().map(Self::GradientOther));
        all.extend(others().map(Self::OtherOld));
        all.extend([Self::StepSquare, Self::Step]);
        all
    }
}
