//! The contour's picture: which plane of the parameters, which window of it, and the level lines there.

use crate::{
    debugger::{Session, view_command::ViewCommand},
    tui::{
        contour::{ContourField, Follow, Point, Window},
        glyphs::Charset,
    },
};
use ratatui::layout::Size;

/// A plane of the parameter space, through the minimum in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Plane {
    /// The one parameter there is, and the loss: a graph instead of level lines.
    Graph,
    /// Two coordinates, from 0.
    Axes(usize, usize),
    /// Two eigenvectors, from 0, in the order of their eigenvalues.
    Eigen(usize, usize),
}

/// What the contour pane shows.
#[derive(Debug)]
pub struct Picture {
    plane: Plane,
    /// The first window, which `view fit` goes back to.
    home: Option<Window>,
    window: Option<Window>,
    /// Whether the window follows the run.
    follows: bool,
    field: Option<ContourField>,
    /// The loss at the middle of each column of a graph.
    graph: Vec<f64>,
}

impl Picture {
    pub(super) fn new(session: &Session) -> Self {
        let n = session.landscape.start.len();
        let plane = if n == 1 {
            Plane::Graph
        } else {
            Plane::Axes(0, 1)
        };
        let home = home(session, plane);
        Self {
            plane,
            home,
            window: home,
            follows: true,
            field: None,
            graph: Vec::new(),
        }
    }

    /// The loss at each column, where the plane is a graph.
    #[must_use]
    pub fn graph(&self) -> &[f64] {
        &self.graph
    }

    /// The plane.
    #[must_use]
    pub fn plane(&self) -> Plane {
        self.plane
    }

    /// The window, unless nothing finite is known to look at.
    #[must_use]
    pub fn window(&self) -> Option<&Window> {
        self.window.as_ref()
    }

    /// The level lines.
    #[must_use]
    pub fn field(&self) -> Option<&ContourField> {
        self.field.as_ref()
    }

    /// What the plane's axes are called.
    #[must_use]
    pub fn axes(&self) -> [String; 2] {
        match self.plane {
            Plane::Graph => ["w[1]".to_owned(), "loss".to_owned()],
            Plane::Axes(i, j) => [format!("w[{}]", i + 1), format!("w[{}]", j + 1)],
            Plane::Eigen(i, j) => [format!("alpha[{}]", i + 1), format!("alpha[{}]", j + 1)],
        }
    }

    /// Where parameters fall in the plane.
    #[must_use]
    pub fn point(&self, session: &Session, w: &[f64]) -> Point {
        project(session, self.plane, w)
    }

    /// The parameters at a point of the plane.
    #[must_use]
    pub fn parameters(&self, session: &Session, point: Point) -> Vec<f64> {
        lift(session, self.plane, point)
    }

    /// Keeps the lanes in sight.
    pub(super) fn follow(&mut self, session: &Session) {
        let Some(window) = &mut self.window else {
            return;
        };
        if !self.follows {
            return;
        }
        for entry in &session.lanes.entries {
            let point = project(session, self.plane, entry.lane.machine().w());
            *window = window.follow(point, Follow::Grow);
        }
    }

    /// Draws the level lines, unless they are drawn already.
    pub(super) fn draw(&mut self, session: &Session, size: Size, charset: Charset) {
        let Some(window) = self.window else {
            return;
        };
        if self.plane == Plane::Graph {
            let mut evaluator = session.landscape.loss.evaluator();
            let [x0, x1] = window.x();
            let width = f64::from(size.width.max(1));
            let middle = |column: u16| x0 + (x1 - x0) * (f64::from(column) + 0.5) / width;
            self.graph = (0..size.width)
                .map(|column| evaluator.value(&[middle(column)]))
                .collect();
            return;
        }
        if self
            .field
            .as_ref()
            .is_some_and(|field| field.shows(&window, size, charset))
        {
            return;
        }
        let mut evaluator = session.landscape.loss.evaluator();
        let reference = &session.lanes.focused().reference;
        let minimum = (session.landscape.start.len() <= 2).then_some(reference.value);
        let plane = self.plane;
        let fixed = lift(session, plane, [0.0, 0.0]);
        let mut w = fixed.clone();
        let field = ContourField::compute(
            |x, y| {
                lift_onto(session, plane, [x, y], &fixed, &mut w);
                evaluator.value(&w)
            },
            minimum.filter(|minimum| minimum.is_finite()),
            window,
            size,
            charset,
        );
        self.field = Some(field);
    }

    /// Does what `view zoom`, `pan`, `fit`, `window` or `plane` ask for.
    ///
    /// # Errors
    /// Why it cannot be.
    pub(super) fn change(
        &mut self,
        session: &Session,
        command: &ViewCommand,
    ) -> Result<(), String> {
        let n = session.landscape.start.len();
        let focus = self.point(session, session.lanes.focused().lane.machine().w());
        let Some(window) = self.window else {
            return Err("nothing finite is known to look at".into());
        };
        match command {
            ViewCommand::Zoom(factor) => {
                let around = if window.contains(focus) {
                    focus
                } else {
                    window.centre()
                };
                self.window = Some(window.zoom(around, *factor));
                self.follows = false;
            }
            ViewCommand::Pan(right, up) => {
                self.window = Some(window.pan(*right, *up));
                self.follows = false;
            }
            ViewCommand::Window([x0, x1, y0, y1]) => {
                self.window = Window::new([*x0, *x1], [*y0, *y1]).or(self.window);
                self.follows = false;
            }
            ViewCommand::Fit => {
                self.window = self.home;
                self.follows = true;
            }
            ViewCommand::Plane(i, j) | ViewCommand::EigenPlane(i, j) => {
                if *i > n || *j > n {
                    return Err(format!(
                        "there are {n} parameters: indices run from 1 to {n}"
                    ));
                }
                let eigen = matches!(command, ViewCommand::EigenPlane(..));
                if eigen && session.lanes.focused().reference.eigenbasis().is_none() {
                    return Err("no minimum is known, so there is no eigenbasis".into());
                }
                self.plane = if eigen {
                    Plane::Eigen(i - 1, j - 1)
                } else {
                    Plane::Axes(i - 1, j - 1)
                };
                self.home = home(session, self.plane);
                self.window = self.home;
                self.follows = true;
                self.field = None;
            }
            _ => {}
        }
        Ok(())
    }
}

fn project(session: &Session, plane: Plane, w: &[f64]) -> Point {
    match plane {
        Plane::Graph => [w[0], session.landscape.loss.evaluator().value(w)],
        Plane::Axes(i, j) => [w[i], w[j]],
        Plane::Eigen(i, j) => {
            let reference = &session.lanes.focused().reference;
            let error: Vec<f64> = w
                .iter()
                .zip(&reference.minimum)
                .map(|(w, at)| w - at)
                .collect();
            match reference.eigenbasis() {
                Some(spectrum) => [spectrum.component(i, &error), spectrum.component(j, &error)],
                None => [f64::NAN, f64::NAN],
            }
        }
    }
}

fn lift(session: &Session, plane: Plane, point: Point) -> Vec<f64> {
    let fixed = session.lanes.focused().reference.minimum.clone();
    let mut w = fixed.clone();
    lift_onto(session, plane, point, &fixed, &mut w);
    w
}

/// Writes the parameters at a point of the plane through `fixed`.
fn lift_onto(session: &Session, plane: Plane, [x, y]: Point, fixed: &[f64], w: &mut [f64]) {
    match plane {
        Plane::Graph => w[0] = x,
        Plane::Axes(i, j) => {
            w[j] = y;
            w[i] = x;
        }
        Plane::Eigen(i, j) => {
            let Some(spectrum) = session.lanes.focused().reference.eigenbasis() else {
                return;
            };
            w.copy_from_slice(fixed);
            for (at, size) in [(i, x), (j, y)] {
                for (w, u) in w.iter_mut().zip(spectrum.eigenvector(at)) {
                    *w += size * u;
                }
            }
        }
    }
}

/// A span with some room beyond a place that lies at its edge or outside.
fn with_margin([low, high]: [f64; 2], place: f64) -> [f64; 2] {
    let margin = 0.05 * (high - low);
    if place.is_finite() {
        [low.min(place - margin), high.max(place + margin)]
    } else {
        [low, high]
    }
}

/// What to look at first: the loss's own window, or a frame around start and minimum.
fn home(session: &Session, plane: Plane) -> Option<Window> {
    if let (Plane::Axes(0, 1), Some(window), 2) = (
        plane,
        session.landscape.window,
        session.landscape.start.len(),
    ) {
        let [x, y] = project(session, plane, &session.landscape.start);
        return Window::new(
            with_margin([window.x.0, window.x.1], x),
            with_margin([window.y.0, window.y.1], y),
        );
    }
    let start = project(session, plane, &session.landscape.start);
    let minimum = project(session, plane, &session.lanes.focused().reference.minimum);
    let span = |at: usize| {
        let (low, high) = (start[at].min(minimum[at]), start[at].max(minimum[at]));
        let other = if plane == Plane::Graph {
            0.0
        } else {
            (start[1 - at] - minimum[1 - at]).abs()
        };
        let width = (high - low).max(0.2 * other).max(1e-3 * (1.0 + high.abs()));
        let middle = f64::midpoint(low, high);
        [middle - 0.8 * width, middle + 0.8 * width]
    };
    Window::new(span(0), span(1))
}
