//! The contour's picture: which plane of the parameters, which window of it, and the level lines there.

mod arrows;
mod look;
mod plane;

pub(super) use look::PictureLook;
pub use plane::Plane;

use super::frame_budget::FrameBudget;
use crate::{
    debugger::Session,
    error::{Error, ErrorCode, Result},
    rule::Tensor,
    text::counted,
    tui::{
        contour::{self, COARSEST, ContourField, Point, Samples, Scaling, Window},
        glyphs::Charset,
        plot::ValueScale,
        theme::Role,
        view_command::{Aspect, Through, ViewCommand},
    },
};
use arrows::Arrows;
use plane::PlaneBasis;
use ratatui::layout::{Rect, Size};
use std::sync::OnceLock;

/// The state of the contour pane.
#[derive(Debug)]
pub struct Picture {
    plane: Plane,
    through: Through,
    /// The first window, which `view fit` goes back to; there is none before the minimum near the start is known.
    home: OnceLock<Option<Window>>,
    window: Option<Window>,
    /// True if the window follows the run.
    follows: bool,
    /// Only so many of the last steps of the lane in focus, if any.
    last: Option<u64>,
    scaling: Scaling,
    /// True if the ground between level lines is shaded by its height.
    pub is_shaded: bool,
    arrows: Arrows,
    drawn: Option<Drawn>,
    /// The samples of the level lines that are to be drawn, until all of them are taken.
    sampling: Option<Sampling>,
    /// The loss at the middle of each column of a graph.
    graph: Vec<f64>,
    /// True where level lines would take too long.
    is_beyond: bool,
}

/// Numbers that a picture's level lines may take, over all places at which the loss is asked for: up to a second.
/// Where all places would take more they are further apart.
const MOST_NUMBERS: usize = 1 << 28;
/// The same in one frame: some milliseconds.
const MOST_EACH_FRAME: usize = 1 << 21;
/// Pieces of that, between which it is looked whether a key waits.
const PIECES: usize = 16;
/// In a frame that a key has asked for it is less; not so little where parameters are few, and functions of them short.
const FEW: usize = 16;

/// Level lines, and what they were drawn for.
#[derive(Debug)]
struct Drawn {
    field: ContourField,
    of: Subject,
    /// The loss is known at places so far apart.
    stride: usize,
}

/// Samples on their way to level lines.
#[derive(Debug)]
struct Sampling {
    samples: Samples,
    of: Subject,
    /// The parameters at the last of them.
    w: Vec<f64>,
}

/// What level lines are drawn of, besides the window.
#[derive(Debug, Clone, PartialEq)]
struct Subject {
    place: PlaneBasis,
    /// The loss that heights are counted from, where it is known.
    minimum: Option<f64>,
}

impl Picture {
    pub(super) fn new(session: &Session) -> Self {
        let n = session.landscape().start.len();
        let plane = if n == 1 {
            Plane::Graph
        } else {
            Plane::Axes(0, 1)
        };
        let mut picture = Self {
            plane,
            through: Through::Minimum,
            home: OnceLock::new(),
            window: None,
            follows: true,
            last: None,
            scaling: Scaling::Stretch,
            is_shaded: false,
            arrows: Arrows::default(),
            drawn: None,
            sampling: None,
            graph: Vec::new(),
            is_beyond: false,
        };
        picture.frame(session);
        picture
    }

    /// Puts the window around start and minimum as soon as that is known.
    fn frame(&mut self, session: &Session) {
        let is_due = self.home.get().is_none();
        if is_due && session.lanes().focused().minima().knows_home() {
            self.window = *self.home.get_or_init(|| home(session, self.plane));
        }
    }

    /// The loss at each column, where the plane is a graph.
    #[must_use]
    pub fn graph(&self) -> &[f64] {
        &self.graph
    }

    /// The window, unless there is nothing finite to show.
    #[must_use]
    pub fn window(&self) -> Option<&Window> {
        self.window.as_ref()
    }

    /// The level lines.
    #[must_use]
    pub fn field(&self) -> Option<&ContourField> {
        self.drawn.as_ref().map(|drawn| &drawn.field)
    }

    /// True if minima lie in the plane, which a plane through `w` does not ensure for more than two parameters.
    #[must_use]
    pub fn holds_minima(&self, n: usize) -> bool {
        n <= 2 || self.through == Through::Minimum
    }

    /// Names of the plane's axes, `alpha` naming components of the error.
    #[must_use]
    pub fn axes(&self, tensors: &[Tensor], alpha: &str) -> [String; 2] {
        self.plane.axes(tensors, alpha)
    }

    /// The window that is drawn in the area `plot`: wider or taller than `window` where units are equal.
    #[must_use]
    pub fn fitted(&self, plot: Rect, window: &Window) -> Window {
        window.fit(plot, self.scaling)
    }

    /// True while the next frame draws finer level lines.
    #[must_use]
    pub fn is_behind(&self) -> bool {
        self.sampling.is_some()
    }

    /// True where the parameters are too many for level lines.
    #[must_use]
    pub fn is_beyond(&self) -> bool {
        self.is_beyond
    }

    /// The origin of the window, or how coarse its level lines are, in a few words; empty where there is nothing to say.
    #[must_use]
    pub fn note(&self) -> String {
        let drawn = self.drawn.as_ref().filter(|_| !self.is_behind());
        if let Some(drawn) = drawn.filter(|drawn| drawn.stride > 1) {
            return format!("lines by 1 place in {}", drawn.stride);
        }
        match (self.last, self.scaling) {
            (Some(1), _) => "last step".to_owned(),
            (Some(last), _) => format!("last {last} steps"),
            (None, Scaling::EqualUnits) => "equal aspect".to_owned(),
            (None, Scaling::Stretch) => String::new(),
        }
    }

    /// The rule's arrows: what each is called, its components in the plane, and its colour.
    #[must_use]
    pub fn arrows(&self) -> &[(String, Point, Role)] {
        self.arrows.shown()
    }

    /// Evaluates the rule's arrows where the session is.
    pub(super) fn aim(&mut self, session: &mut Session, budget: &mut FrameBudget) {
        self.arrows.look(session, budget, self.plane);
    }

    /// The projection of parameters onto the plane.
    #[must_use]
    pub fn point(&self, session: &Session, w: &[f64]) -> Point {
        self.plane.point(session, w)
    }

    /// The parameters at a point of the plane.
    #[must_use]
    pub fn parameters(&self, session: &Session, point: Point) -> Vec<f64> {
        let place = PlaneBasis::of(session, self.plane, self.through);
        let mut w = place.fixed.clone();
        place.lift(self.plane, point, &mut w);
        w
    }

    /// Keeps the lanes in sight.
    pub(super) fn follow(&mut self, session: &Session) {
        self.frame(session);
        let Some(window) = &mut self.window else {
            return;
        };
        if !self.follows {
            return;
        }
        if let Some(last) = self.last {
            if let Some(bounds) = last_steps(session, self.plane, last) {
                *window = snug(*window, bounds);
            }
            return;
        }
        for entry in session.lanes().entries() {
            let point = self.plane.point(session, entry.lane.machine().w());
            *window = window.follow(point);
        }
    }

    /// Draws the level lines, unless they are drawn already; fewer of them where somebody waits for the frame, and no more as
    /// soon as a key does.
    pub(super) fn draw(
        &mut self,
        session: &Session,
        size: Size,
        charset: Charset,
        budget: &FrameBudget,
    ) {
        let Some(window) = self.window else {
            return;
        };
        let plot = contour::plot(
            Rect::from((ratatui::layout::Position::ORIGIN, size)),
            &window,
            ValueScale::Linear,
        );
        let window = self.fitted(plot, &window);
        let size = plot.as_size();
        if self.plane == Plane::Graph {
            self.graph = graph(session, &window, size.width);
            return;
        }
        let reference = session.lanes().focused().latest_reference();
        let is_known = self.holds_minima(session.landscape().start.len())
            && reference.eigenbasis().is_some()
            && reference.value.is_finite();
        let minimum = is_known.then_some(reference.value);
        let loss = &session.landscape().loss;
        let is_there = |of: &Subject| {
            of.minimum == minimum && of.place.is_of(session, self.plane, self.through)
        };
        if self.begins(&window, size, charset, is_there) {
            let of = Subject {
                place: PlaneBasis::of(session, self.plane, self.through),
                minimum,
            };
            let samples = Samples::new(window, size, charset);
            // What was drawn of another plane stands until there is more to see of this one.
            self.drawn
                .take_if(|drawn| !drawn.field.shows(&window, size, charset));
            let w = of.place.fixed.clone();
            self.sampling = Some(Sampling { samples, of, w });
        }
        let Some(Sampling { samples, of, w }) = &mut self.sampling else {
            return;
        };
        let n = session.landscape().start.len();
        let each = n.saturating_mul(loss.rows().max(1)).max(1);
        let strides = [1, 2, 4, COARSEST].into_iter();
        let mut possible =
            strides.filter(|it| each.saturating_mul(samples.count(*it)) <= MOST_NUMBERS);
        let Some(finest) = possible.next() else {
            (self.is_beyond, self.drawn, self.sampling) = (true, None, None);
            return;
        };
        self.is_beyond = false;
        let mut evaluator = loss.evaluator();
        let before = samples.known();
        let mut value = |x, y| {
            of.place.lift(self.plane, [x, y], w);
            evaluator.value(w)
        };
        let most = match budget.is_first() {
            true if n <= FEW => MOST_EACH_FRAME / 16,
            true => MOST_EACH_FRAME / 64,
            false => MOST_EACH_FRAME,
        };
        let mut left = (most / each).max(1);
        let piece = left.div_ceil(PIECES);
        while left > 0 && samples.known() != Some(finest) {
            samples.take(&mut value, finest, piece.min(left));
            left = left.saturating_sub(piece);
            if budget.is_pressed() {
                break;
            }
        }
        if samples.known() != before
            && let Some(field) = samples.field(of.minimum)
        {
            self.drawn = Some(Drawn {
                field,
                of: of.clone(),
                stride: samples.known().unwrap_or(COARSEST),
            });
        }
        if samples.known() == Some(finest) {
            self.sampling = None;
        }
    }

    /// True where other level lines are to be drawn than those that are there or on their way.
    fn begins(
        &self,
        window: &Window,
        size: Size,
        charset: Charset,
        is_there: impl Fn(&Subject) -> bool,
    ) -> bool {
        match (&self.sampling, &self.drawn) {
            (Some(sampling), _) => {
                !(sampling.samples.are_of(window, size, charset) && is_there(&sampling.of))
            }
            (None, Some(drawn)) => {
                !(drawn.field.shows(window, size, charset) && is_there(&drawn.of))
            }
            (None, None) => true,
        }
    }

    /// Does what `view zoom`, `pan`, `fit`, `window` or `plane` ask for.
    ///
    /// # Errors
    /// The reason why it cannot be.
    pub(super) fn change(&mut self, session: &Session, command: &ViewCommand) -> Result<()> {
        // The run may have gone on since a picture was drawn last.
        self.follow(session);
        let n = session.landscape().start.len();
        let _known = session.lanes().focused().minima().home();
        self.frame(session);
        let focus = self.point(session, session.lanes().focused().lane.machine().w());
        let Some(window) = self.window else {
            return Err(Error::plain(
                ErrorCode::NotAvailable,
                "there is nothing finite to show",
            ));
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
            ViewCommand::Pan(direction, steps) => {
                let (right, up) = direction.steps();
                #[expect(clippy::cast_precision_loss, reason = "nobody pans so far")]
                let share = 0.1 * *steps as f64;
                self.window = Some(window.pan(share * right, share * up));
                self.follows = false;
            }
            ViewCommand::Window([x0, x1, y0, y1]) => {
                self.window = Window::new([*x0, *x1], [*y0, *y1]).or(self.window);
                self.follows = false;
            }
            ViewCommand::Fit => {
                self.window = self.home.get().copied().flatten();
                self.follows = true;
                self.last = None;
            }
            ViewCommand::Follow(steps) => {
                self.last = Some(*steps);
                self.follows = true;
            }
            ViewCommand::Aspect(aspect) => {
                self.scaling = match aspect {
                    Aspect::Free => Scaling::Stretch,
                    Aspect::Equal => Scaling::EqualUnits,
                };
            }
            ViewCommand::Plane(i, j, through) | ViewCommand::EigenPlane(i, j, through) => {
                if *i > n || *j > n {
                    return Err(Error::plain(
                        ErrorCode::InvalidValue,
                        format!(
                            "this loss has {}: indices run from 1 to {n}",
                            counted(n, "parameter")
                        ),
                    ));
                }
                let eigen = matches!(command, ViewCommand::EigenPlane(..));
                let known = session
                    .lanes()
                    .focused()
                    .latest_reference()
                    .known_spectrum();
                if let (true, Err(why)) = (eigen, known) {
                    let message = format!("there is no eigenbasis: {why}");
                    return Err(Error::plain(ErrorCode::NotAvailable, message));
                }
                self.plane = if eigen {
                    Plane::Eigen(i - 1, j - 1)
                } else {
                    Plane::Axes(i - 1, j - 1)
                };
                self.through = *through;
                self.window = home(session, self.plane);
                self.home = self.window.into();
                self.follows = true;
                (self.drawn, self.sampling) = (None, None);
            }
            _ => {}
        }
        Ok(())
    }
}

/// The loss of one parameter at the middle of each column of `window`.
fn graph(session: &Session, window: &Window, columns: u16) -> Vec<f64> {
    let mut evaluator = session.landscape().loss.evaluator();
    let [x0, x1] = window.x();
    let width = f64::from(columns.max(1));
    let middle = |column: u16| x0 + (x1 - x0) * (f64::from(column) + 0.5) / width;
    (0..columns)
        .map(|column| evaluator.value(&[middle(column)]))
        .collect()
}

/// The least and greatest place of the last steps of the lane in focus, along both axes.
fn last_steps(session: &Session, plane: Plane, steps: u64) -> Option<[[f64; 2]; 2]> {
    let lane = &session.lanes().focused().lane;
    let t = lane.position().t;
    let path = lane.timeline().path.points();
    let recent = path.filter(|point| point.t <= t && point.t + steps >= t);
    let places = recent.map(|point| plane.point(session, point.w));
    let here = plane.point(session, lane.machine().w());
    let places = places
        .chain([here])
        .filter(|it| it.iter().all(|v| v.is_finite()));
    places.fold(None, |bounds: Option<[[f64; 2]; 2]>, place| {
        let [x, y] = bounds.unwrap_or([[place[0]; 2], [place[1]; 2]]);
        let widened = |[low, high]: [f64; 2], at: f64| [low.min(at), high.max(at)];
        Some([widened(x, place[0]), widened(y, place[1])])
    })
}

/// The window, unless what it is to hold has left it or has become small in it: then one with room around that.
fn snug(window: Window, bounds: [[f64; 2]; 2]) -> Window {
    let length = |[low, high]: [f64; 2]| high - low;
    let sizes = bounds.map(length);
    let least = |at: usize| {
        let scale = bounds[at][0].abs().max(bounds[at][1].abs());
        sizes[at]
            .max(0.05 * sizes[1 - at])
            .max(1e-6 * scale)
            .max(1e-12)
    };
    let now = [window.x(), window.y()];
    let holds = (0..2).all(|at| now[at][0] <= bounds[at][0] && bounds[at][1] <= now[at][1]);
    let fills = (0..2).any(|at| least(at) > 0.15 * length(now[at]));
    if holds && fills {
        return window;
    }
    let around = |at: usize| {
        let middle = f64::midpoint(bounds[at][0], bounds[at][1]);
        [middle - 1.25 * least(at), middle + 1.25 * least(at)]
    };
    Window::new(around(0), around(1)).unwrap_or(window)
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

/// The initial window: the loss's own, or a frame around start and minimum.
fn home(session: &Session, plane: Plane) -> Option<Window> {
    if let (Plane::Axes(0, 1), Some(window), 2) = (
        plane,
        session.landscape().window,
        session.landscape().start.len(),
    ) {
        let [x, y] = plane.point(session, &session.landscape().start);
        return Window::new(
            with_margin([window.x.0, window.x.1], x),
            with_margin([window.y.0, window.y.1], y),
        );
    }
    let start = plane.point(session, &session.landscape().start);
    let minimum = plane.point(
        session,
        &session.lanes().focused().latest_reference().minimum,
    );
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
