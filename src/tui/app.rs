//! The state of the screen: a session, and how it is looked at.
//!
//! Keys become commands ([`keymap`](super::keymap)), commands go to the session, and its answers
//! come back here. Views read an [`App`] and change nothing; what they need computed is made ready by
//! [`App::prepare`] before a frame is drawn.

mod answers;
mod caption;
mod chart;
mod derived;
mod keys;
mod look;
mod picture;
mod recent;

pub use caption::Caption;
pub use chart::Chart;
use derived::Derived;
pub use derived::Sight;
pub use look::{Curve, Look};
pub use picture::{Picture, Plane};
use recent::Before;
pub use recent::{Changes, ELEMENTS, Recent};

use super::{
    command::Line,
    companion::{RecordCommand, TourCommand},
    contour::ContourField,
    glyphs::Charset,
    keymap::Keymap,
    layout::{Content, Pane, Placed, layout},
    prompt::Prompt,
    theme::Theme,
};
use crate::{debugger::Session, lang::error::Error};
use ratatui::layout::Size;

/// Everything that the screen shows.
pub struct App {
    /// What is debugged.
    pub session: Session,
    /// Characters in force.
    pub charset: Charset,
    /// Colours in force.
    pub theme: Theme,
    /// Keys in force.
    pub keymap: Keymap,
    /// How the session is looked at.
    pub look: Look,
    /// The contour that is shown.
    pub picture: Picture,
    /// The line under edit, if any.
    pub prompt: Option<Prompt>,
    /// What was said last.
    pub message: Message,
    /// A text over the panes, if any.
    pub overlay: Option<Overlay>,
    /// The map of the last sweep.
    chart: Option<Chart>,
    /// What a walkthrough says, if one is under way.
    pub caption: Option<Caption>,
    /// Which values the last command changed.
    pub changes: Changes,
    /// The last few errors along the eigenvectors.
    pub recent: Recent,
    derived: Derived,
    /// The curves of the errors that theory expects.
    expected: Vec<Vec<super::plot::Bucket>>,
    /// The count typed so far.
    pub count: Option<u64>,
    /// Where everything stands, for the size that was prepared last.
    pub placed: Placed,
    history: Vec<String>,
}

/// One line below the panes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Message {
    /// Nothing was said: the keys are shown.
    #[default]
    Hints,
    /// An answer.
    Said(String),
    /// A stop that somebody should look at.
    Event(String),
    /// An error, in a line.
    Failed(String),
}

/// A text over the panes; any key that does not scroll it closes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overlay {
    /// What it is.
    pub title: String,
    /// Its lines.
    pub lines: Vec<String>,
    /// The first line that is shown.
    pub scroll: usize,
    /// Whether it is about an error.
    pub error: bool,
    /// Whether it explains the line under the cursor, and goes along with it.
    pub follows: bool,
}

impl Overlay {
    /// The title of the words that the prompt can go on with.
    pub const COMPLETIONS: &str = "what fits";

    /// Whether it lists the words that the prompt can go on with.
    #[must_use]
    pub fn is_completions(&self) -> bool {
        self.title == Self::COMPLETIONS
    }

    /// A text of several lines under a title.
    #[must_use]
    pub fn new(title: impl Into<String>, lines: Vec<String>) -> Self {
        Self {
            title: title.into(),
            lines,
            scroll: 0,
            error: false,
            follows: false,
        }
    }
}

/// What the main loop has to do after a key.
#[derive(Debug, Clone, PartialEq)]
pub enum Todo {
    /// Nothing but draw.
    Nothing,
    /// Do this command.
    Execute(Line),
    /// Show this error.
    Fail(Error),
    /// Draw everything again.
    Redraw,
    /// Let the companion record.
    Record(RecordCommand),
    /// Let the companion lead a tour.
    Tour(TourCommand),
    /// Give the terminal back for a while.
    Suspend,
    /// Heed clicks, or do not.
    Mouse(bool),
    /// Leave.
    Quit,
}

impl App {
    /// A screen on `session`.
    #[must_use]
    pub fn new(session: Session, charset: Charset, theme: Theme, keymap: Keymap) -> Self {
        let look = Look::new(&session);
        let picture = Picture::new(&session);
        Self {
            changes: Changes::default(),
            recent: Recent::default(),
            derived: Derived::default(),
            expected: Vec::new(),
            session,
            charset,
            theme,
            keymap,
            look,
            picture,
            prompt: None,
            message: Message::default(),
            overlay: None,
            chart: None,
            caption: None,
            count: None,
            placed: layout(
                Size::new(80, 24),
                super::layout::Panes::default(),
                None,
                Content {
                    source: 0,
                    eigen: 0,
                    lanes: 0,
                    caption: 0,
                },
            ),
            history: Vec::new(),
        }
    }

    /// Computes what the views need for a screen of this size.
    pub fn prepare(&mut self, size: Size) {
        let compiled = self.session.lanes().focused().compiled();
        let rows = |count: usize| u16::try_from(count).unwrap_or(u16::MAX);
        let content = Content {
            source: rows(compiled.rule.step.len() + compiled.rule.shows.len()),
            eigen: rows(compiled.dimension()),
            lanes: rows(self.session.lanes().entries().len()),
            caption: match &self.caption {
                Some(caption) => caption.rows(size.width),
                None => 0,
            },
        };
        self.placed = layout(
            size,
            self.look.panes,
            self.look.maximised_pane(size),
            content,
        );
        self.recent.follow(&mut self.session);
        self.derived.shows_here(&mut self.session);
        if self.look.curve != Curve::Loss && !self.placed.pane(Pane::Loss).is_empty() {
            let last = super::view::horizon(self);
            self.derived.alpha_over_time(&mut self.session);
            self.expected = self.derived.expected_over_time(&mut self.session, last);
        }
        if !self.placed.pane(Pane::Eigen).is_empty() {
            self.derived.look_ahead(&mut self.session);
        }
        if !self.placed.pane(Pane::Lanes).is_empty() {
            self.derived.look_for_convergence(&mut self.session);
        }
        let inner = super::view::inner(self.placed.pane(Pane::Contour));
        self.picture.follow(&self.session);
        self.picture.aim(&mut self.session);
        if !inner.is_empty() {
            self.picture.draw(
                &self.session,
                Size::new(inner.width, inner.height),
                self.charset,
            );
        }
    }

    /// A letter for each lane, in their order.
    #[must_use]
    pub fn letters(&self) -> Vec<char> {
        let lanes = self.session.lanes().entries().iter();
        super::glyphs::letters(lanes.map(|entry| entry.name.as_str()))
    }

    /// The rule's `show` lines: each label with its value here.
    #[must_use]
    pub fn shows(&self) -> &[(String, Vec<f64>)] {
        self.derived.shows()
    }

    /// The components of the error over the whole run, the extreme eigenvalues' ones, for the curves.
    #[must_use]
    pub fn alpha_curves(&self) -> &[Vec<super::plot::Bucket>] {
        self.derived.alpha_curves()
    }

    /// The same as theory expects them, over what it predicts.
    #[must_use]
    pub fn expected_curves(&self) -> &[Vec<super::plot::Bucket>] {
        &self.expected
    }

    /// What theory says about the lane in focus where it is.
    #[must_use]
    pub fn sight(&self) -> &Sight {
        self.derived.sight()
    }

    /// When theory expects a lane to come down to the tolerance, where it is exact.
    #[must_use]
    pub fn expected_at(&self, lane: usize) -> Option<u64> {
        self.derived.reached(lane)
    }

    /// The contour, once it has been prepared.
    #[must_use]
    pub fn field(&self) -> Option<&ContourField> {
        self.picture.field()
    }
}
