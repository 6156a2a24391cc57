//! The state of the screen: a session, and how it is looked at.
//!
//! Keys become commands ([`keymap`](super::keymap)), commands go to the session, and its answers
//! come back here. Views read an [`App`] and change nothing; what they need computed is made ready before a frame
//! is drawn.

mod answers;
mod arrangement;
mod aside;
mod caption;
mod changes;
mod chart;
mod columns;
#[cfg(feature = "screen")]
mod deferred;
mod derived;
mod follow;
mod frame_budget;
mod happened;
mod keys;
mod lane_theory;
mod picture;
mod play;
mod plots;
mod recent;
mod view_state;
mod wrapping;

pub use answers::{Stretch, check_view};
pub use arrangement::Arrangement;
pub use caption::Caption;
pub use changes::Changes;
pub use chart::Chart;
pub use columns::{Columns, named_tensor, parameter_name};
use derived::Derived;
pub use derived::DerivedRow;
use follow::Following;
use frame_budget::FrameBudget;
pub use lane_theory::LaneTheory;
pub use picture::Picture;
pub use play::Playing;
use plots::PlotTheory;
pub use plots::{Panel, PanelCurve, Phase, Plots, Room};
pub use recent::Recent;
pub use view_state::ViewState;

use super::{
    command::{Line, offer_options},
    contour::ContourField,
    glyphs::Charset,
    keymap::Keymap,
    layout::{Placed, layout},
    panes::{Pane, Panes},
    playback_command::{RecordCommand, TourCommand},
    prompt::Prompt,
    size_class::SizeClass,
    theme::Theme,
};
use crate::{
    debugger::{Session, answer::TensorTable},
    error::{Error, ErrorCode},
};
use ratatui::layout::Size;
#[cfg(feature = "screen")]
use std::collections::VecDeque;

/// Everything that the screen shows.
pub struct App {
    /// The session under debug.
    pub session: Session,
    /// Characters in force.
    pub charset: Charset,
    /// Colours in force.
    pub theme: Theme,
    /// Keys in force.
    pub keymap: Keymap,
    /// The look of the session: panes, cursors, scrolling.
    pub look: ViewState,
    /// The contour that is shown.
    pub picture: Picture,
    /// The line under edit, if any.
    pub prompt: Option<Prompt>,
    /// The last answer.
    pub message: Message,
    /// A text over the panes, if any.
    pub popup: Option<Popup>,
    /// The map of the last sweep.
    chart: Option<Chart>,
    /// The caption of a walkthrough, if one is under way.
    pub caption: Option<Caption>,
    /// The values that the last step changed.
    pub changes: Changes,
    /// The last few errors along the eigenvectors.
    pub recent: Recent,
    pub(super) derived: Derived,
    /// The work that is left to the frame under way.
    budget: FrameBudget,
    /// The elements that the listing shows.
    pub columns: Columns,
    /// The curves over the run.
    pub plots: Plots,
    /// The run that plays by itself, if one does.
    pub playing: Option<Playing>,
    /// The run that gets rows, if one is followed.
    following: Option<Following>,
    /// The count typed so far.
    pub count: Option<u64>,
    /// True where the frame had no time to look up all that the explanation of a line tells.
    is_explained_in_part: bool,
    /// True if the last run was interrupted.
    is_interrupted: bool,
    /// The commands that wait for the minimum.
    #[cfg(feature = "screen")]
    deferred: VecDeque<Line>,
    /// The place of everything, for the size that was prepared last.
    pub placed: Placed,
    /// The tensors where their pane was prepared last: of that lane, there, after so many changes.
    pub tensors: (
        Option<(String, crate::debugger::Position, usize)>,
        TensorTable,
    ),
    history: Vec<String>,
    /// The arrangement that the screen had of itself.
    opened: Arrangement,
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
pub struct Popup {
    /// The title.
    pub title: String,
    /// The lines.
    pub lines: Vec<String>,
    /// The first line that is shown.
    pub scroll: usize,
    /// True if it is about an error.
    pub error: bool,
    /// True if it explains the line under the cursor, and goes along with it.
    pub follows: bool,
}

impl Popup {
    /// The title of the words that the prompt can go on with.
    pub const COMPLETIONS: &str = "what fits";

    /// True if it lists completions of the prompt.
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

/// The duty of the main loop after a key.
#[derive(Debug, Clone, PartialEq)]
pub enum AfterKey {
    /// Nothing but draw.
    Nothing,
    /// Do this command.
    Execute(Line),
    /// Show this error.
    Fail(Error),
    /// Draw everything again.
    Redraw,
    /// Copy [this text](super::host::copied).
    Copy,
    /// Let the middleware record.
    Record(RecordCommand),
    /// Let the middleware lead a tour.
    Tour(TourCommand),
    /// Give the terminal back for a while.
    Suspend,
    /// Open the run that is followed again: its rows have names that it had not.
    Reopen,
    /// Heed clicks, or do not.
    Mouse(bool),
    /// Leave.
    Quit,
}

impl App {
    /// A screen on `session`.
    #[must_use]
    pub fn new(mut session: Session, charset: Charset, theme: Theme, keymap: Keymap) -> Self {
        offer_options(&mut session);
        let look = ViewState::new(&session);
        let picture = Picture::new(&session);
        let columns = Columns::default();
        let opened = Arrangement::new(&look, &picture, &columns);
        Self {
            changes: Changes::default(),
            recent: Recent::default(),
            following: None,
            derived: Derived::default(),
            budget: FrameBudget::default(),
            columns,
            plots: Plots::default(),
            playing: None,
            session,
            charset,
            theme,
            keymap,
            look,
            picture,
            prompt: None,
            message: Message::default(),
            popup: None,
            chart: None,
            caption: None,
            count: None,
            is_explained_in_part: false,
            is_interrupted: false,
            #[cfg(feature = "screen")]
            deferred: VecDeque::new(),
            placed: layout(Size::new(80, 24), Panes::default(), None, 0, &|_| 0),
            tensors: (None, TensorTable::default()),
            history: Vec::new(),
            opened,
        }
    }

    /// Finds out which curves there are.
    pub(super) fn plan_plots(&mut self) {
        self.plots.plan(&self.session, self.columns.chosen());
    }

    /// Lays the screen out: `wants` says how many rows each pane has a use for.
    pub(super) fn lay_out(&mut self, size: Size, wants: fn(&Self, Pane) -> u16) {
        let caption = match &self.caption {
            Some(caption) => caption.rows(size.width),
            None => 0,
        };
        // What panes want depends on it, in the first frame of a size already.
        self.placed.class = SizeClass::of(size);
        self.placed = layout(
            size,
            self.look.panes_at(size),
            self.look.maximised_pane(size),
            caption,
            &|pane| wants(self, pane),
        );
    }

    /// True where a run has been opened whose minimum takes long to find: until it is known, panes have what needs none.
    pub(super) fn waits_for_home(&mut self) -> bool {
        self.derived.waits_for_home(&self.session)
    }

    /// Brings what needs no minimum up to where the session is.
    pub(super) fn catch_up_without_minimum(&mut self) {
        let (session, budget) = (&mut self.session, &mut self.budget);
        budget.begin(session);
        self.changes.follow(session, budget);
        if !self.columns.are_sorted() {
            self.columns.follow(session, budget);
        }
    }

    /// Brings all that follows the run up to where the session is.
    pub(super) fn catch_up(&mut self) {
        let (session, budget) = (&mut self.session, &mut self.budget);
        budget.begin(session);
        self.derived.begin_frame();
        if self.derived.waits_for_minimum(session) {
            self.look_ahead();
        }
        let (session, budget) = (&mut self.session, &mut self.budget);
        self.recent.follow(session, budget);
        self.changes.follow(session, budget);
        self.columns.follow(session, budget);
        self.derived
            .shows_here(session, self.columns.in_columns(), budget);
        self.picture.follow(session);
        self.picture.aim(session, budget);
        self.plots.follow(session);
        if self.is_explained_in_part && self.popup.as_ref().is_some_and(|it| it.follows) {
            self.expand_soon();
        }
        if !self.placed.happened.is_empty() {
            self.look_ahead();
        }
    }

    /// Asks theory about the lane in focus.
    pub(super) fn look_ahead(&mut self) {
        let plays = self.playing.is_some();
        self.derived
            .look_ahead(&mut self.session, &mut self.budget, plays);
    }

    /// Asks theory when each lane comes down to the tolerance.
    pub(super) fn look_for_convergence(&mut self) {
        self.derived
            .look_for_convergence(&mut self.session, &mut self.budget);
    }

    /// Computes the curves of a pane.
    pub(super) fn prepare_plots(&mut self, pane: Pane, room: Room) {
        self.look_ahead();
        let theory = if self.derived.is_coming() {
            PlotTheory::Coming {
                is_same_run: self.derived.has_sight(),
            }
        } else {
            PlotTheory::Here(self.derived.sight())
        };
        let plots = &mut self.plots;
        self.budget.spend(&mut self.session, |session, control| {
            plots.prepare(session, theory, pane, room, control);
        });
    }

    /// Computes the table of tensors, unless it is that of this place: nothing of it moves between keys that leave the
    /// lane where it is.
    pub(super) fn prepare_tensors(&mut self) {
        let entry = self.session.lanes().focused();
        let at = (
            entry.name.clone(),
            entry.lane.position(),
            self.session.changes().count(),
        );
        if self.tensors.0.as_ref() != Some(&at) {
            self.tensors = self.budget.spend(&mut self.session, |session, control| {
                let table = session.tensor_table(control);
                // What there was no time for is looked for again at the next frame.
                (Some(at).filter(|_| !control.has_ended()), table)
            });
        }
    }

    /// Orders the tensors by the column called `heading`, or as they are in the run.
    fn order_tensors(&mut self, heading: Option<&str>) -> Result<(), Error> {
        self.prepare_tensors();
        let columns = self.tensors.1.columns();
        if let Some(heading) = heading
            && columns.iter().all(|it| it.heading != heading)
        {
            let headings: Vec<&str> = columns.iter().map(|it| it.heading.as_str()).collect();
            let message = format!("there is no column `{heading}` of tensors");
            return Err(Error::plain(ErrorCode::UnknownColumn, message)
                .help(format!("order them by {}", headings.join(", "))));
        }
        self.look.tensor_order = heading.map(str::to_owned);
        Ok(())
    }

    /// Computes the level lines of the contour for a window of this size.
    pub(super) fn prepare_contour(&mut self, size: Size) {
        self.picture
            .draw(&self.session, size, self.charset, &self.budget);
    }

    /// A letter for each lane, in their order.
    #[must_use]
    pub fn letters(&self) -> Vec<char> {
        let lanes = self.session.lanes().entries().iter();
        super::glyphs::letters(lanes.map(|entry| entry.name.as_str()))
    }

    /// The rule's `show` lines: each label with its value here.
    #[must_use]
    pub fn shows(&self) -> &[DerivedRow] {
        self.derived.shows()
    }

    /// The theory of the lane in focus where it is.
    #[must_use]
    pub fn sight(&self) -> &LaneTheory {
        self.derived.sight()
    }

    /// True while that is the theory of where it was, and a later frame knows more.
    #[must_use]
    pub fn is_theory_coming(&self) -> bool {
        self.derived.is_coming()
    }

    /// The t that theory is of, where it comes more slowly than a run plays.
    #[must_use]
    pub fn late_theory(&self) -> Option<u64> {
        self.derived.late()
    }

    /// The iteration at which theory expects a lane to come down to the tolerance, where it is exact.
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
