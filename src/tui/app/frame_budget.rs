//! The work that a frame has time for, shared by all that it computes: what takes longer goes on at the next one.

use crate::debugger::{Control, Position, Session};

/// Numbers that a frame may compute with: some 20 ms of work.
const MOST_NUMBERS: u64 = 1 << 22;
/// Frames that are cut in a row have twice that, and no more than four times: what begins anew at each gets done.
const MOST_DOUBLINGS: u32 = 2;
/// Frames in a row that are cut at one place; then what is missing is left out until something moves.
const PATIENCE: u32 = 1 << 12;
/// An iteration costs as much as so many numbers besides its own.
const OVERHEAD: u64 = 64;
/// Numbers between two polls of a control.
const EACH_POLL: u64 = 1024;

/// The work that is left to the frame under way.
pub struct FrameBudget {
    /// The numbers that a frame may compute with.
    most: u64,
    left: u64,
    /// True if something has to go on at the next frame.
    is_cut: bool,
    /// Frames before this one, in a row, that were cut here.
    cut: u32,
    at: Moment,
    /// True if the frame before showed another moment, or if a key has been pressed since.
    is_first: bool,
    /// True if the next frame is the first.
    is_awaited: bool,
    /// Tells that a key waits for the end of the frame.
    is_pressed: Box<dyn Fn() -> bool>,
}

/// The moment that a frame shows: while it stays, nothing of the session moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Moment {
    lane: usize,
    position: Position,
    frontier: u64,
    /// Changes made so far.
    changes: usize,
}

impl Moment {
    pub fn of(session: &Session) -> Self {
        Self {
            lane: session.lanes().focus(),
            position: session.position(),
            frontier: session.lanes().frontier(),
            changes: session.changes().count(),
        }
    }

    /// The iterations done.
    pub fn t(self) -> u64 {
        self.position.t
    }

    /// True for another place of the same run.
    pub fn is_near(self, other: Self) -> bool {
        (self.lane, self.changes) == (other.lane, other.changes)
    }
}

impl Default for FrameBudget {
    fn default() -> Self {
        Self {
            most: MOST_NUMBERS,
            left: 0,
            is_cut: false,
            cut: 0,
            at: Moment::default(),
            is_first: true,
            is_awaited: true,
            is_pressed: Box::new(|| false),
        }
    }
}

impl FrameBudget {
    /// Begins a frame.
    pub(super) fn begin(&mut self, session: &Session) {
        let at = Moment::of(session);
        self.is_first = std::mem::take(&mut self.is_awaited) || at != self.at;
        let goes_on = self.is_cut && at == self.at;
        self.cut = if goes_on { self.cut + 1 } else { 0 };
        self.left = self.most << self.cut.min(MOST_DOUBLINGS);
        (self.is_cut, self.at) = (false, at);
    }

    /// Lets frames be cut short as soon as `is_pressed` says that a key waits.
    pub(super) fn heed(&mut self, is_pressed: impl Fn() -> bool + 'static) {
        self.is_pressed = Box::new(is_pressed);
    }

    /// True where a key waits for the end of the frame.
    pub(super) fn is_pressed(&self) -> bool {
        (self.is_pressed)()
    }

    /// The moment that the frame shows.
    pub(super) fn at(&self) -> Moment {
        self.at
    }

    /// A key has been pressed: somebody waits for the next frame.
    pub(super) fn hurry(&mut self) {
        self.is_awaited = true;
    }

    /// True for the first frame after a key or of its moment, which somebody waits for.
    pub(super) fn is_first(&self) -> bool {
        self.is_first
    }

    /// Leaves something to the next frame.
    pub(super) fn cut(&mut self) {
        self.is_cut = true;
    }

    /// True if the next frame knows more.
    pub(super) fn is_cut(&self) -> bool {
        self.is_cut && self.cut < PATIENCE
    }

    /// Does `act` under a control that ends it when the frame has no more time.
    pub(super) fn spend<T>(
        &mut self,
        session: &mut Session,
        act: impl FnOnce(&mut Session, &mut Control) -> T,
    ) -> T {
        let loss = &session.landscape().loss;
        let each = loss.dimension().saturating_mul(loss.rows().max(1)).max(1) as u64;
        let iterations = (EACH_POLL / each).max(1);
        let poll = each.saturating_add(OVERHEAD).saturating_mul(iterations);
        let (left, is_pressed) = (&mut self.left, &self.is_pressed);
        let mut go_on = |_| {
            *left = left.saturating_sub(poll);
            *left > 0 && !is_pressed()
        };
        let mut control = Control::asking(&mut go_on);
        let done = act(session, &mut control);
        self.is_cut |= control.has_ended();
        done
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        scenario::Scenario,
        tui::{
            app::{AfterKey, App, derived::tests::frame},
            glyphs::Charset,
            key::{KeyCode, KeyEvent, KeyModifiers},
            keymap::Keymap,
            theme::{Background, Theme},
        },
    };

    /// Types keys; `\n` is enter.
    fn typed(app: &mut App, keys: &str) {
        for key in keys.chars() {
            let code = match key {
                '\n' => KeyCode::Enter,
                key => KeyCode::Char(key),
            };
            let mut todo = app.key(KeyEvent::new(code, KeyModifiers::NONE));
            while let AfterKey::Execute(line) = todo {
                todo = app.execute(&line, &mut Control::default());
            }
            assert_eq!(todo, AfterKey::Nothing, "{key}");
        }
    }

    /// An app of two parameters whose frames have time for `most` numbers.
    fn app(most: u64) -> App {
        let flags = [("rule", "momentum"), ("set", "eta=0.004")];
        let session = Scenario::from_flags(&flags).unwrap().session().unwrap();
        let theme = Theme::new(false, Background::Dark);
        let mut app = App::new(session, Charset::Ascii, theme, Keymap::default());
        app.budget.most = most;
        app
    }

    #[test]
    fn what_a_frame_had_no_time_for_stands_on_a_later_one_without_another_key() {
        for (keys, unknown) in [
            (":display first(loss < 1e-3)\n", "..."),
            (":trace first(loss < 1e-3)\n", "..."),
        ] {
            let scene = |most: u64| {
                let mut app = app(most);
                typed(&mut app, keys);
                frame(&mut app);
                typed(&mut app, ":goto 3000\n");
                app
            };
            let mut hurried = scene(1 << 14);
            let first = frame(&mut hurried);
            assert!(first.contains(unknown), "{keys}\n{first}");
            let mut frames = 1;
            while hurried.is_behind() {
                frames += 1;
                assert!(frames < 500, "{keys}: a picture that comes to no end");
                frame(&mut hurried);
            }
            let mut unhurried = scene(MOST_NUMBERS);
            frame(&mut unhurried);
            assert!(!unhurried.is_behind(), "{keys}");
            assert_eq!(frame(&mut hurried), frame(&mut unhurried), "{keys}");
        }
    }

    #[test]
    fn all_that_looks_back_shares_one_budget() {
        let mut app = app(1 << 17);
        let session = &mut app.session;
        app.budget.begin(session);
        let spent = app.budget.spend(session, |_, control| {
            let polls = (0..).take_while(|t| control.at(*t));
            polls.count()
        });
        assert!(spent > 0);
        let left = app.budget.spend(session, |_, control| control.at(0));
        assert!(!left && app.budget.is_cut());
    }
}
