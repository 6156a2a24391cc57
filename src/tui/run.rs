//! The main loop: events in, one frame out for each batch of them.
//!
//! A long run polls whether to go on; the answer is no once Esc or Ctrl-C has been pressed, or the key
//! that suspends, and meanwhile the last line tells how far it has come.

use super::key::{KeyCode, KeyModifiers};
use super::{
    app::{AfterKey, App, Message, Stretch},
    command::{Line, ScreenCommand},
    host::{click, copied},
    keymap::Key,
    middleware::{Middleware, PressedKeys, ScreenAccess, Screenshot},
    terminal::{CopyOutcome, Event, Events, Screen},
    theme::Role,
    view,
    view_command::ViewCommand,
};
use crate::{
    debugger::{Control, Progress, Session, command::AnyCommand},
    error::Result,
    scenario::journal::TourPlace,
    text::counted,
};
use ratatui::buffer::Buffer;
use std::{
    io,
    time::{Duration, Instant},
};

/// A run looks for keys this often.
const LOOK: Duration = Duration::from_millis(10);
/// Repeats of a key that have queued up are dropped once a batch has taken this long: when a held key is released,
/// motion stops with the frame under way.
const HELD: Duration = Duration::from_millis(100);
/// The panes follow a run at least this often, however long a picture takes.
const MOST: Duration = Duration::from_secs(2);
/// The place of a run that is followed is told this often.
const CARRIED: Duration = Duration::from_secs(10);
/// A run tells how far it has come this often.
const TELL: Duration = Duration::from_millis(150);

/// Draws the app on the screen, and keeps what was drawn.
fn show(app: &mut App, screen: &mut Screen) -> io::Result<Screenshot> {
    let mut picture = Screenshot::default();
    screen.draw(|frame| {
        let area = frame.area();
        view::prepare(app, area.as_size());
        picture.cursor = view::draw(app, area, frame.buffer_mut());
        if let Some(cursor) = picture.cursor {
            frame.set_cursor_position(cursor);
        }
        picture.cells.clone_from(frame.buffer_mut());
    })?;
    Ok(picture)
}

/// Hears of everything that happens to the session.
pub trait Follower {
    /// Comes whenever the session, or the place of the tour under way, may have changed.
    fn after(&mut self, app: &mut App, tour: Option<&TourPlace>);

    /// Comes again and again during a long command.
    fn during(&mut self, progress: Progress);

    /// The run that is followed as it is by now, in a session of its own.
    ///
    /// # Errors
    /// It cannot be read again.
    fn reopen(&mut self) -> Result<Session>;
}

/// All that the main loop has to do with besides the app.
struct Surroundings<'a> {
    screen: &'a mut Screen,
    events: &'a mut Events,
    middleware: &'a mut dyn Middleware,
    follower: &'a mut dyn Follower,
}

/// Runs until the user leaves. `follower` is told whenever the session may have changed; `middleware` sees
/// every frame and has the first look at every key.
///
/// # Errors
/// If the terminal refuses what is written.
pub fn run(
    app: &mut App,
    screen: &mut Screen,
    events: &mut Events,
    middleware: &mut dyn Middleware,
    follower: &mut dyn Follower,
) -> io::Result<()> {
    app.work_aside(events.pending());
    let mut with = Surroundings {
        screen,
        events,
        middleware,
        follower,
    };
    let (mut played, mut looked) = (Instant::now(), None::<Instant>);
    // A run that is followed moves by itself, for hours: its place is told now and then.
    let (mut told, mut is_carried) = (Instant::now(), false);
    loop {
        if !is_carried || told.elapsed() >= CARRIED {
            told = Instant::now();
            let tour = with.middleware.tour_place(app);
            app.tell_arrangement();
            with.follower.after(app, tour.as_ref());
        }
        with.middleware.before(app);
        let shown = show(app, with.screen)?;
        with.middleware.drawn(&shown);
        let mut batch = wait(app, with.events);
        while batch.is_empty() && app.waits() && app.beat().is_none() && !app.is_following() {
            batch = wait(app, with.events);
        }
        while let Some(line) = app.next_deferred() {
            if answer(app, AfterKey::Execute(line), &mut with, &shown.cells)? {
                return Ok(());
            }
        }
        // A frame that only shows more of what is there is no iteration.
        if batch.is_empty() && app.beat().is_some_and(|beat| played.elapsed() >= beat) {
            played = Instant::now();
            let todo = app.play_on();
            if answer(app, todo, &mut with, &shown.cells)? {
                return Ok(());
            }
        }
        is_carried = batch.is_empty() && app.is_following();
        let is_due = looked.is_none_or(|at| at.elapsed() >= App::LOOK);
        if is_carried && is_due {
            looked = Some(Instant::now());
            let todo = app.look_after_run();
            let goes_on = matches!(todo, AfterKey::Execute(_));
            if answer(app, todo, &mut with, &shown.cells)? {
                return Ok(());
            }
            if goes_on {
                app.say_followed();
            }
        }
        let (begin, mut last) = (Instant::now(), None);
        for event in batch {
            let repeats = app.prompt.is_none() && last.as_ref() == Some(&event);
            if repeats && begin.elapsed() > HELD {
                continue;
            }
            last = Some(event.clone());
            let todo = match event {
                Event::Key(_) if interrupts(&event) && app.drop_deferred() => AfterKey::Nothing,
                Event::Key(key) => {
                    let hand = &mut ScreenAccess {
                        draw: &mut |app| show(app, with.screen),
                        pressed: &mut || pressed(with.events),
                    };
                    if with.middleware.key(app, key, hand)? {
                        AfterKey::Nothing
                    } else {
                        app.key(key)
                    }
                }
                Event::Paste(text) => {
                    app.paste(&text);
                    AfterKey::Nothing
                }
                Event::Mouse(mouse) => click(app, mouse),
                Event::Ground(ground) => {
                    app.theme = app.theme.on(ground);
                    AfterKey::Nothing
                }
                Event::Redraw => AfterKey::Redraw,
                Event::Resize(..) => AfterKey::Nothing,
            };
            if answer(app, todo, &mut with, &shown.cells)? {
                return Ok(());
            }
        }
    }
}

/// The events until the next frame is due.
fn wait(app: &App, events: &mut Events) -> Vec<Event> {
    match app.pause() {
        None => events.batch(),
        Some(pause) => events.batch_before(Instant::now() + pause),
    }
}

/// Does what a key asks for; true to leave.
fn answer(
    app: &mut App,
    todo: AfterKey,
    with: &mut Surroundings,
    shown: &Buffer,
) -> io::Result<bool> {
    let Surroundings {
        screen,
        events,
        middleware,
        follower,
    } = with;
    match todo {
        AfterKey::Nothing => Ok(false),
        AfterKey::Quit => Ok(true),
        AfterKey::Redraw => {
            screen.redraw();
            Ok(false)
        }
        AfterKey::Copy => {
            let (what, text) = copied(app);
            let outcome = screen.copy(&text)?;
            app.message = Message::Said(told(&what, &text, &outcome));
            Ok(false)
        }
        AfterKey::Reopen => {
            let opened = follower.reopen();
            app.reopened(opened);
            Ok(false)
        }
        AfterKey::Suspend => {
            if !screen.suspend()? {
                app.message = Message::Said("there is no shell to go back to".into());
            }
            Ok(false)
        }
        AfterKey::Record(command) => {
            middleware.record(app, &command);
            Ok(false)
        }
        AfterKey::Tour(command) => {
            let hand = &mut ScreenAccess {
                draw: &mut |app| show(app, screen),
                pressed: &mut || pressed(events),
            };
            middleware.tour(app, &command, hand)?;
            Ok(false)
        }
        AfterKey::Fail(error) => {
            app.fail(&error);
            Ok(false)
        }
        AfterKey::Mouse(on) => {
            screen.set_mouse(on)?;
            Ok(false)
        }
        AfterKey::Execute(line) if app.puts_off(&line) => Ok(false),
        AfterKey::Execute(line) => {
            let next = execute(app, line, with, shown)?;
            answer(app, next, with, shown)
        }
    }
}

/// The fate of a text that was to be copied, in a line.
fn told(what: &str, text: &str, outcome: &CopyOutcome) -> String {
    let lines = counted(text.lines().count(), "line");
    match outcome {
        CopyOutcome::Asked => format!("copied {what}: {lines}"),
        CopyOutcome::AskedIf(condition) => format!("copied {what}: {lines}; {condition}"),
        CopyOutcome::Refused(why) => format!("not copied: {why}"),
    }
}

/// Runs a command to its end, or to where somebody interrupts it. The panes follow a run that can be taken up again
/// after each picture; of others the last line tells how far they have come.
fn execute(
    app: &mut App,
    mut line: Line,
    with: &mut Surroundings,
    shown: &Buffer,
) -> io::Result<AfterKey> {
    let Surroundings {
        screen,
        events,
        middleware,
        follower,
    } = with;
    let suspend = ScreenCommand::View(ViewCommand::Suspend);
    let suspend = app.keymap.keys_of(&AnyCommand::FrontEnd(suspend));
    let mut shown = shown.clone();
    let begin = app.session.position().t;
    // The first picture of a run comes soon; each takes no more than a fraction of the time until the next.
    let mut pause = TELL;
    let mut follows = app.can_be_taken_up(&line);
    loop {
        let still = view::FrozenScreen {
            picture: &shown,
            happened: app.placed.happened,
            style: app.theme.style(Role::Warning),
        };
        let begun = Instant::now();
        let (mut looked, mut told) = (begun, begun);
        let (mut failed, mut suspended, mut stopped) = (None, false, false);
        let mut go_on = |progress: Progress| {
            if looked.elapsed() < LOOK {
                return true;
            }
            looked = Instant::now();
            follower.during(progress);
            for event in events.drain() {
                suspended |= matches!(event, Event::Key(key) if suspend.contains(&Key::of(key)));
                if suspended || interrupts(&event) {
                    stopped = true;
                    return false;
                }
            }
            if follows && begun.elapsed() >= pause {
                return false;
            }
            if told.elapsed() >= TELL {
                told = Instant::now();
                let drawn = screen.draw(|frame| {
                    still.draw(progress, frame.area(), frame.buffer_mut());
                });
                failed = drawn.err();
            }
            failed.is_none()
        };
        let before = app.session.position();
        let done = before.t.saturating_sub(begin);
        let stretch = app.run_on(&line, &mut Control::asking(&mut go_on).after(done));
        if let Some(error) = failed {
            return Err(error);
        }
        line = match stretch {
            _ if suspended => return Ok(AfterKey::Suspend),
            Stretch::Left(left) if !stopped => left,
            Stretch::Left(_) => return Ok(AfterKey::Nothing),
            Stretch::Done(todo) => return Ok(todo),
        };
        // What has to look far back first would do so again and again, and never move.
        follows &= app.session.position() != before;
        let t = app.session.position().t;
        app.popup = None;
        app.message = Message::Event(format!("running, t = {t}; esc stops"));
        let begun = Instant::now();
        let picture = show(app, screen)?;
        middleware.drawn(&picture);
        shown = picture.cells;
        pause = (9 * begun.elapsed()).clamp(TELL, MOST);
    }
}

/// The keys that have been pressed by now; they have done their work with that.
fn pressed(events: &mut Events) -> PressedKeys {
    let keys = events.drain().into_iter();
    let mut keys = keys.filter(|event| matches!(event, Event::Key(_)));
    match keys.next() {
        None => PressedKeys::Nothing,
        Some(first) if interrupts(&first) || keys.any(|key| interrupts(&key)) => {
            PressedKeys::Interrupt
        }
        Some(_) => PressedKeys::Some,
    }
}

fn interrupts(event: &Event) -> bool {
    let Event::Key(key) = event else {
        return false;
    };
    let control = key.modifiers.contains(KeyModifiers::CONTROL);
    key.code == KeyCode::Esc || (key.code == KeyCode::Char('c') && control)
}
