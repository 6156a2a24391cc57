//! A tour under way: it plays its walk from caption to caption, and knows when somebody has left its path.

use super::first_line;
use crate::{
    debugger::{
        JournalMark, Position,
        command::{Command, Phrase},
    },
    record::{
        live_recorder::LiveRecorder,
        playback_target::{PlaybackEnd, PlaybackTarget},
        player::{Done, Player},
        tours,
        walk::{Millis, Walk},
    },
    scenario::journal::TourPlace,
    tui::{
        app::{App, Arrangement, Message},
        middleware::{PressedKeys, ScreenAccess},
    },
};
use std::{
    io,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

/// A tour under way.
pub(super) struct Tour {
    /// The name by which it can be found again.
    name: String,
    player: Player,
    /// The position at which the tour left the session.
    left: TourState,
    pub finished: bool,
    /// True where a step could not be done, and the tour ends with it.
    pub is_stuck: bool,
    /// The session that the tour interrupted.
    pub aside: Box<App>,
}

impl Tour {
    /// A tour on `app`, a fresh screen on the scenario of `walk`, with its first caption where nothing moves before that.
    pub fn new(app: &mut App, walk: Arc<Walk>, aside: Box<App>) -> Self {
        let name = tours::name_of(&walk);
        let player = Player::new(walk);
        player.begin(app);
        let opening = player.opening();
        let mut tour = Self {
            name,
            left: TourState::of(app),
            player,
            finished: false,
            is_stuck: false,
            aside,
        };
        // A stage that nobody sees cannot be gone.
        let _ = tour.skip_to(app, opening);
        tour
    }

    /// Plays, unseen, up to its step `steps`.
    ///
    /// # Errors
    /// None: nothing is drawn.
    pub fn skip_to(&mut self, app: &mut App, steps: usize) -> io::Result<()> {
        while !self.finished && self.player.at() < steps {
            self.advance(app, &mut SilentPlayback)?;
        }
        self.left = TourState::of(app);
        Ok(())
    }

    /// The place to go on from, as it is played in `app`.
    pub fn place(&self, app: &App) -> TourPlace {
        TourPlace {
            walk: self.name.clone(),
            steps: self.player.at(),
            left: self.left.mark.clone(),
            arrangement: app.arranged_since(&self.left.arrangement),
        }
    }

    /// The walk that it plays.
    pub fn walk(&self) -> Arc<Walk> {
        Arc::clone(self.player.walk())
    }

    /// True while a question waits for its answer.
    pub fn is_asking(&self) -> bool {
        self.player.is_asking()
    }

    /// Holds what somebody has typed against the answer of the question that waits for one.
    pub fn judge(&self, typed: &Phrase, app: &mut App) {
        app.message = match self.player.judge(typed, app) {
            Ok(said) => Message::Said(said),
            Err(error) => Message::Failed(first_line(&error.to_string())),
        };
    }

    /// True if the session has not moved since the tour last played.
    pub fn is_on_path(&self, app: &App) -> bool {
        self.left.facts == TourFacts::of(app)
    }

    /// Plays up to the next caption.
    ///
    /// # Errors
    /// Those of the stage.
    pub fn play(&mut self, app: &mut App, stage: &mut impl PlaybackTarget) -> io::Result<()> {
        while self.advance(app, stage)? == Done::Acted {}
        self.left = TourState::of(app);
        Ok(())
    }

    /// Plays the next step; one that cannot be done is the last.
    fn advance(&mut self, app: &mut App, stage: &mut impl PlaybackTarget) -> io::Result<Done> {
        let done = match self.player.advance(app, stage) {
            Ok(done) => done,
            Err(PlaybackEnd::Target(error)) => return Err(error),
            Err(fault) => {
                app.message = Message::Failed(first_line(&fault.to_string()));
                self.is_stuck = true;
                Done::Finished
            }
        };
        self.finished |= done == Done::Finished || self.player.is_over();
        Ok(done)
    }

    /// Goes back to the caption before the one that stands there, or to the opening: it is to be played anew up to there.
    pub fn go_back(&mut self) {
        let captions = self.player.captions();
        let before = captions.len().checked_sub(2).map(|at| captions[at]);
        let opening = self.player.opening();
        self.player = self.player.rewound(before.unwrap_or(opening));
        self.finished = false;
        self.is_stuck = false;
    }

    /// Plays anew, unseen, on a fresh screen, up to where it has come.
    ///
    /// # Errors
    /// None: nothing is drawn.
    pub fn replay(&mut self, app: &mut App) -> io::Result<()> {
        let mut player = Player::new(self.walk());
        player.begin(app);
        while player.at() < self.player.at() {
            match player.advance(app, &mut SilentPlayback) {
                Ok(_) => {}
                Err(PlaybackEnd::Target(error)) => return Err(error),
                Err(_) => break,
            }
        }
        if player.at() == self.player.at() {
            self.player = player;
        }
        self.left = TourState::of(app);
        Ok(())
    }
}

/// The state in which the tour left the session.
#[derive(Debug)]
struct TourState {
    facts: TourFacts,
    /// What had been done in the session by then.
    mark: JournalMark,
    /// The screen, as it was arranged then.
    arrangement: Arrangement,
}

impl TourState {
    fn of(app: &App) -> Self {
        let mut mark = JournalMark::default();
        app.session.commands_since(&mut mark);
        Self {
            facts: TourFacts::of(app),
            mark,
            arrangement: app.arrangement(),
        }
    }
}

/// The facts that differ once somebody has left the path.
#[derive(Debug, PartialEq)]
struct TourFacts {
    position: Position,
    lane: String,
    /// The commands that have changed something.
    changes: Vec<Command>,
}

impl TourFacts {
    fn of(app: &App) -> Self {
        Self {
            position: app.session.position(),
            lane: app.session.lanes().focused().name.clone(),
            changes: app.session.changes().cloned().collect(),
        }
    }
}

/// The terminal as a stage: captions are there at once, and nothing is checked.
pub(super) struct Terminal<'a, 'b> {
    pub hand: &'a mut ScreenAccess<'b>,
    pub capture: &'a mut Option<LiveRecorder>,
    /// The longest pause between two pictures.
    pub pause: Millis,
    /// True once a key was pressed while something played.
    pub is_hurried: bool,
    /// True once one of them was to end what runs.
    pub is_interrupted: bool,
    /// The time of the last look at keys.
    pub looked: Instant,
}

/// The time between two looks at keys during a command.
const LOOK: Duration = Duration::from_millis(20);

impl Terminal<'_, '_> {
    /// Looks whether keys have been pressed.
    fn look(&mut self) {
        let pressed = (self.hand.pressed)();
        self.is_hurried |= pressed != PressedKeys::Nothing;
        self.is_interrupted |= pressed == PressedKeys::Interrupt;
    }
}

impl PlaybackTarget for Terminal<'_, '_> {
    fn types(&self) -> bool {
        false
    }

    fn hurries(&mut self) -> bool {
        self.look();
        self.is_hurried
    }

    fn goes_on(&mut self) -> bool {
        if self.looked.elapsed() >= LOOK {
            self.looked = Instant::now();
            self.look();
        }
        !self.is_interrupted
    }

    fn expects(&self) -> bool {
        false
    }

    fn waits(&self) -> bool {
        true
    }

    fn frame(&mut self, app: &mut App, pause: Millis) -> io::Result<()> {
        let picture = (self.hand.draw)(app)?;
        if let Some(capture) = self.capture {
            capture.drawn(&picture)?;
        }
        if !self.is_hurried {
            thread::sleep(Duration::from_millis(pause.min(self.pause)));
        }
        Ok(())
    }
}

/// A stage that is passed by, on the way to where a tour was left.
struct SilentPlayback;

impl PlaybackTarget for SilentPlayback {
    fn types(&self) -> bool {
        false
    }

    fn expects(&self) -> bool {
        false
    }

    fn waits(&self) -> bool {
        true
    }

    fn frame(&mut self, _: &mut App, _: Millis) -> io::Result<()> {
        Ok(())
    }
}
