//! The contour's picture: which plane of the parameters, which window of it, and the level lines there.

use crate::{
    analysis::Spectrum,
    debugger::{
        Session,
        view_command::{Through, ViewCommand},
    },
    tui::{
        contour::{ContourField, Follow, Point, Window},
        glyphs::Charset,
    },
};
use ratatui::layout::Size;

/// A plane of the parameter space, through the minimum in force or through `w`.
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
    through: Through,
    /// The first window, which `view fit` goes back to.
    home: Option<Window>,
    window: Option<Window>,
    /// Whether the window follows the run.
    follows: bool,
    field: Option<ContourField>,
    /// Where the plane of the level lines lies.
    drawn: Option<Place>,
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
            through: Through::Minimum,
            home,
            window: home,
            follows: true,
            field: None,
            drawn: None,
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

    /// Whether minima lie in the plane: not where there are more parameters and it goes through `w`.
    #[must_use]
    pub fn holds_minima(&self, n: usize) -> bool {
        n <= 2 || self.through == Through::Minimum
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
        let place = Place::of(session, self.plane, self.through);
        let mut w = place.fixed.clone();
        place.lift(self.plane, point, &mut w);
        w
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
        let place = Place::of(session, self.plane, self.through);
        let n = session.landscape.start.len();
        // Every plane of two coordinates is the same where there are but two.
        let same_plane = matches!(self.plane, Plane::Axes(..)) && n <= 2;
        let is_drawn = |field: &ContourField| field.shows(&window, size, charset);
        if self.field.as_ref().is_some_and(is_drawn)
            && (same_plane || self.drawn.as_ref() == Some(&place))
        {
            return;
        }
        let mut evaluator = session.landscape.loss.evaluator();
        let reference = &session.lanes.focused().reference;
        let is_known = self.holds_minima(n) && reference.eigenbasis().is_some();
        let minimum = is_known.then_some(reference.value);
        let mut w = place.fixed.clone();
        let field = ContourField::compute(
            |x, y| {
                place.lift(self.plane, [x, y], &mut w);
                evaluator.value(&w)
            },
            minimum.filter(|minimum| minimum.is_finite()),
            window,
            size,
            charset,
        );
        self.field = Some(field);
        self.drawn = Some(place);
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
        // The run may have gone on since a picture was drawn last.
        self.follow(session);
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
            ViewCommand::Plane(i, j, through) | ViewCommand::EigenPlane(i, j, through) => {
                if *i > n || *j > n {
                    return Err(format!(
                        "there are {n} parameters: indices run from 1 to {n}"
                    ));
                }
                let eigen = matches!(command, ViewCommand::EigenPlane(..));
                if eigen && session.lanes.focused().reference.spectrum.is_none() {
                    return Err("there are too many parameters for an eigenbasis".into());
                }
                self.plane = if eigen {
                    Plane::Eigen(i - 1, j - 1)
                } else {
                    Plane::Axes(i - 1, j - 1)
                };
                self.through = *through;
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
            match &reference.spectrum {
                Some(spectrum) => [spectrum.component(i, &error), spectrum.component(j, &error)],
                None => [f64::NAN, f64::NAN],
            }
        }
    }
}

/// Where a plane lies, and along which directions.
#[derive(Debug, Clone, PartialEq)]
struct Place {
    /// A point of it, `[n]`, from which coordinates are counted where they are along eigenvectors.
    fixed: Vec<f64>,
    /// The two eigenvectors, where it is a plane of those.
    directions: Option<[Vec<f64>; 2]>,
}

impl Place {
    fn of(session: &Session, plane: Plane, through: Through) -> Self {
        let entry = session.lanes.focused();
        let minimum = &entry.reference.minimum;
        let mut fixed = match through {
            Through::Minimum => minimum.clone(),
            Through::Here => entry.lane.machine().w().to_vec(),
        };
        let directions = match (plane, &entry.reference.spectrum) {
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

    /// Writes the parameters at a point of the plane.
    fn lift(&self, plane: Plane, [x, y]: Point, w: &mut [f64]) {
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
