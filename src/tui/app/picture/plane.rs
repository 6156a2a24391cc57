//! Planes of the parameter space: where they lie, and what falls where in them.

use crate::{
    analysis::Spectrum,
    debugger::Session,
    rule::Tensor,
    tui::{app::parameter_name, contour::Point, view_command::Through},
};

/// A plane of the parameter space, through the active minimum or through `w`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Plane {
    /// The one parameter there is, and the loss: a graph instead of level lines.
    Graph,
    /// Two coordinates, from 0.
    Axes(usize, usize),
    /// Two eigenvectors, from 0, in the order of their eigenvalues.
    Eigen(usize, usize),
}

impl Plane {
    /// The projection of parameters onto the plane.
    pub(super) fn point(self, session: &Session, w: &[f64]) -> Point {
        match self {
            Self::Graph => [w[0], session.landscape().loss.evaluator().value(w)],
            Self::Axes(i, j) => [w[i], w[j]],
            Self::Eigen(i, j) => {
                let reference = session.lanes().focused().latest_reference();
                let error: Vec<f64> = w
                    .iter()
                    .zip(&reference.minimum)
                    .map(|(w, at)| w - at)
                    .collect();
                match &reference.spectrum {
                    Some(spectrum) => {
                        [spectrum.component(i, &error), spectrum.component(j, &error)]
                    }
                    None => [f64::NAN, f64::NAN],
                }
            }
        }
    }

    /// The elements (from 0) that are all it takes to tell a vector's components along its axes; none where it takes them all.
    pub(super) fn elements(self) -> Option<[usize; 2]> {
        match self {
            Self::Axes(i, j) => Some([i, j]),
            Self::Graph | Self::Eigen(..) => None,
        }
    }

    /// The components of a vector along its axes; none along a loss.
    pub(super) fn along(self, session: &Session, vector: &[f64]) -> Option<Point> {
        match self {
            Self::Graph => None,
            Self::Axes(i, j) => Some([*vector.get(i)?, *vector.get(j)?]),
            Self::Eigen(i, j) => {
                let spectrum = session
                    .lanes()
                    .focused()
                    .latest_reference()
                    .spectrum
                    .as_ref()?;
                let is_whole = vector.len() == spectrum.len();
                is_whole.then(|| [i, j].map(|at| spectrum.component(at, vector)))
            }
        }
    }

    /// Names of the axes, as in the columns of the rule.
    pub(super) fn axes(self, tensors: &[Tensor], alpha: &str) -> [String; 2] {
        match self {
            Self::Graph => [parameter_name(tensors, 0), "loss".to_owned()],
            Self::Axes(i, j) => [i, j].map(|at| parameter_name(tensors, at)),
            Self::Eigen(i, j) => [i, j].map(|at| format!("{alpha}{}", at + 1)),
        }
    }
}

/// The origin and the directions of a plane.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct PlaneBasis {
    /// A point of it, `[n]`, from which coordinates are counted where they are along eigenvectors.
    pub fixed: Vec<f64>,
    /// The two eigenvectors, where it is a plane of those.
    directions: Option<[Vec<f64>; 2]>,
}

impl PlaneBasis {
    pub fn of(session: &Session, plane: Plane, through: Through) -> Self {
        let entry = session.lanes().focused();
        let minimum = &entry.latest_reference().minimum;
        let mut fixed = match through {
            Through::Minimum => minimum.clone(),
            Through::Here => entry.lane.machine().w().to_vec(),
        };
        let directions = match (plane, &entry.latest_reference().spectrum) {
            (Plane::Eigen(i, j), Some(spectrum)) => {
                take_off(spectrum, [i, j], minimum, &mut fixed);
                Some([spectrum.eigenvector(i), spectrum.eigenvector(j)])
            }
            _ => None,
        };
        // The plane's own coordinates do not make it another one.
        if let Plane::Axes(i, j) = plane {
            (fixed[i], fixed[j]) = (0.0, 0.0);
        }
        Self { fixed, directions }
    }

    /// True if it is this plane where the session is.
    pub fn is_of(&self, session: &Session, plane: Plane, through: Through) -> bool {
        let Plane::Axes(i, j) = plane else {
            return *self == Self::of(session, plane, through);
        };
        let entry = session.lanes().focused();
        let there: &[f64] = match through {
            Through::Minimum => &entry.latest_reference().minimum,
            Through::Here => entry.lane.machine().w(),
        };
        let is_same = |from: usize, to: usize| self.fixed[from..to] == there[from..to];
        let (first, last) = (i.min(j), i.max(j));
        self.directions.is_none()
            && self.fixed.len() == there.len()
            && is_same(0, first)
            && is_same(first + 1, last)
            && is_same(last + 1, there.len())
    }

    /// Writes the parameters at a point of the plane.
    pub fn lift(&self, plane: Plane, [x, y]: Point, w: &mut [f64]) {
        match plane {
            Plane::Graph => w[0] = x,
            Plane::Axes(i, j) => {
                w[j] = y;
                w[i] = x;
            }
            Plane::Eigen(..) => {
                w.copy_from_slice(&self.fixed);
                if let Some(directions) = &self.directions {
                    for (size, u) in [x, y].iter().zip(directions) {
                        w.iter_mut().zip(u).for_each(|(w, u)| *w += size * u);
                    }
                }
            }
        }
    }
}

/// Takes the components of `w - minimum` along two eigenvectors off `w`.
fn take_off(spectrum: &Spectrum, pair: [usize; 2], minimum: &[f64], w: &mut [f64]) {
    let error: Vec<f64> = w.iter().zip(minimum).map(|(w, at)| w - at).collect();
    for at in pair {
        let size = spectrum.component(at, &error);
        let u = spectrum.eigenvector(at);
        w.iter_mut().zip(&u).for_each(|(w, u)| *w -= size * u);
    }
}
