//! Tours and recordings in the debugger itself.
//!
//! A tour puts the session aside and plays a walk on the terminal, caption by caption. Whoever steps, sets
//! or goes elsewhere has left its path: then the space bar steps again, as it always does, and
//! `tour resume` plays the walk anew, unseen, up to where it was left.

mod tour;

use super::{
    live_recorder::LiveRecorder,
    palette::Palette,
    screen::{self, Appearance},
    tours,
    walk::{Millis, Walk},
};
use crate::tui::key::{KeyCode, KeyEvent};
use crate::{
    debugger::command::Destination,
    files::{self, Written},
    scenario::journal::TourPlace,
    tui::{
        app::{App, Message, Popup},
        middleware::{Middleware, ScreenAccess, Screenshot},
        playback_command::{RecordCommand, TourCommand},
    },
};
use std::{io, sync::Arc};
use tour::{Terminal, Tour};

/// The longest pause between two pictures of a tour, apart from those that the user makes.
const PAUSE: Millis = 150;

/// Middleware of the user's session: a tour, a recording, or neither.
pub struct Live {
    tour: Option<Tour>,
    capture: Option<LiveRecorder>,
    /// The files that were recorded into.
    recorded: Written,
    /// The longest pause between two pictures.
    pause: Millis,
}

impl Default for Live {
    fn default() -> Self {
        Self::with_pauses(PAUSE)
    }
}

impl Live {
    /// Neither tour nor recording; the pictures of a tour will be at most so far apart.
    #[must_use]
    pub fn with_pauses(pause: Millis) -> Self {
        Self {
            tour: None,
            capture: None,
            recorded: Written::default(),
            pause,
        }
    }

    /// Begins a tour on `app`, whose session is put aside: title and first caption stand at once, the space bar is for the rest.
    ///
    /// # Errors
    /// What is wrong with the walk's scenario.
    pub fn begin(&mut self, app: &mut App, walk: Arc<Walk>) -> crate::error::Result<()> {
        let fresh = open(app, &walk)?;
        let mut aside = Box::new(std::mem::replace(app, fresh));
        if let Some(before) = self.tour.take() {
            aside = before.aside;
        }
        self.tour = Some(Tour::new(app, walk, aside));
        Ok(())
    }

    /// Plays the tour, unseen, up to its step `steps`.
    ///
    /// # Errors
    /// None: nothing is drawn.
    pub fn skip_to(&mut self, app: &mut App, steps: usize) -> io::Result<()> {
        match &mut self.tour {
            Some(tour) => tour.skip_to(app, steps),
            None => Ok(()),
        }
    }

    /// The app of the user's session, which a tour in `app` has put aside.
    #[must_use]
    pub fn own<'a>(&'a self, app: &'a App) -> &'a App {
        self.tour.as_ref().map_or(app, |tour| &tour.aside)
    }

    /// Plays the tour up to its next caption.
    fn go_on(&mut self, app: &mut App, hand: &mut ScreenAccess) -> io::Result<()> {
        let Some(tour) = &mut self.tour else {
            app.message = Message::Said("no tour is under way; `tour` lists them".into());
            return Ok(());
        };
        app.popup = None;
        app.message = Message::Hints;
        let stage = &mut Terminal {
            hand,
            capture: &mut self.capture,
            pause: self.pause,
            is_hurried: false,
            is_interrupted: false,
            looked: std::time::Instant::now(),
        };
        tour.play(app, stage)
    }

    /// Goes back to the caption before.
    fn go_back(&mut self, app: &mut App) -> io::Result<()> {
        if let Some(tour) = &mut self.tour {
            tour.go_back();
        }
        self.resume(app)
    }

    /// Goes back to where the tour was left.
    fn resume(&mut self, app: &mut App) -> io::Result<()> {
        let Some(tour) = &mut self.tour else {
            app.message = Message::Said("no tour is under way; `tour` lists them".into());
            return Ok(());
        };
        match open(app, &tour.walk()) {
            Ok(mut fresh) => {
                tour.replay(&mut fresh)?;
                *app = fresh;
            }
            Err(error) => app.message = Message::Failed(first_line(&error.to_string())),
        }
        Ok(())
    }

    fn end(&mut self, app: &mut App) {
        match self.tour.take() {
            Some(tour) => *app = *tour.aside,
            None => app.message = Message::Said("no tour is under way".into()),
        }
    }

    fn record_into(&mut self, app: &mut App, to: Option<&Destination>) {
        let said = match (to, self.capture.take()) {
            (Some(_), Some(capture)) => {
                self.capture = Some(capture);
                Ok("a recording is under way; `record stop` ends it".to_owned())
            }
            (Some(to), None) => {
                let path = files::expand(to.file.text());
                let existing = self.recorded.existing(&path, to.replace);
                let begun = LiveRecorder::begin(&path, existing, Palette::on(app.theme.ground()));
                begun.map(|capture| {
                    self.capture = Some(capture);
                    self.recorded.add(&path);
                    format!("recording into {}; `record stop` ends it", path.display())
                })
            }
            (None, Some(capture)) => capture.end(),
            (None, None) => Ok("no recording is under way".to_owned()),
        };
        app.message = match said {
            Ok(said) => Message::Said(said),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                Message::Failed(format!("error: {error}; `record! FILE` replaces it"))
            }
            Err(error) => Message::Failed(format!("error: cannot record: {error}")),
        };
    }

    /// A recording that cannot be written is given up.
    fn keep(&mut self, app: Option<&mut App>, recorded: io::Result<()>) {
        if let Err(error) = recorded {
            self.capture = None;
            if let Some(app) = app {
                app.message = Message::Failed(format!("error: recording given up: {error}"));
            }
        }
    }
}

/// A fresh screen on the walk's scenario, which looks and answers to keys as `app` does.
fn open(app: &App, walk: &Walk) -> crate::error::Result<App> {
    let looks = Appearance {
        charset: app.charset,
        theme: app.theme,
    };
    let mut fresh = screen::open_walk(walk, looks)?;
    fresh.keymap = app.keymap.clone();
    Ok(fresh)
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().to_owned()
}

/// The tours as an answer.
fn list() -> Popup {
    let mut lines: Vec<String> = tours::titles()
        .into_iter()
        .map(|(number, name, title)| format!("{number:>2}  {name:<14} {title}"))
        .collect();
    lines.push(String::new());
    lines.push(
        ":tour NAME begins one; your session is put aside and comes back with :tour end".into(),
    );
    Popup::new("tours", lines)
}

impl Middleware for Live {
    fn before(&mut self, app: &mut App) {
        if let Some(capture) = &mut self.capture {
            let recorded = capture.hold(app.prompt.is_some());
            self.keep(Some(app), recorded);
        }
        let Some(tour) = &self.tour else {
            return;
        };
        let on_path = tour.is_on_path(app);
        if let Some(caption) = &mut app.caption {
            caption.leads = on_path && !tour.finished;
            caption.note = match (on_path, tour.finished) {
                (_, true) if tour.is_stuck => "stopped here; backspace, or :tour end".into(),
                (_, true) => "the end; :tour end, or backspace".into(),
                (true, false) if tour.is_asking() => ":tour answer VALUE, or space".into(),
                (true, false) => "space goes on".into(),
                (false, false) => "off the path; :tour resume".into(),
            };
        }
    }

    fn drawn(&mut self, picture: &Screenshot) {
        if let Some(capture) = &mut self.capture {
            let recorded = capture.drawn(picture);
            self.keep(None, recorded);
        }
    }

    fn key(&mut self, app: &mut App, key: KeyEvent, hand: &mut ScreenAccess) -> io::Result<bool> {
        if let Some(capture) = &mut self.capture {
            let recorded = capture.pressed(key);
            self.keep(Some(app), recorded);
        }
        let is_free = app.prompt.is_none() && app.count.is_none();
        let Some(tour) = self.tour.as_ref().filter(|_| is_free) else {
            return Ok(false);
        };
        match key.code {
            KeyCode::Char(' ') if !tour.finished && tour.is_on_path(app) => {
                self.go_on(app, hand)?;
            }
            KeyCode::Backspace => self.go_back(app)?,
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn tour_place(&self, app: &App) -> Option<TourPlace> {
        self.tour.as_ref().map(|tour| tour.place(app))
    }

    fn record(&mut self, app: &mut App, command: &RecordCommand) {
        self.record_into(
            app,
            match command {
                RecordCommand::Stop => None,
                RecordCommand::Into(to) => Some(to),
            },
        );
    }

    fn tour(
        &mut self,
        app: &mut App,
        command: &TourCommand,
        hand: &mut ScreenAccess,
    ) -> io::Result<()> {
        match command {
            TourCommand::List => app.popup = Some(list()),
            TourCommand::Begin(name) => {
                let begun = tours::load(name.text()).and_then(|walk| self.begin(app, walk));
                if let Err(error) = begun {
                    app.message = Message::Failed(first_line(&error.to_string()));
                }
            }
            TourCommand::Next => self.go_on(app, hand)?,
            TourCommand::Answer(typed) => match &self.tour {
                Some(tour) => tour.judge(typed, app),
                None => app.message = Message::Said("no tour is under way".into()),
            },
            TourCommand::Back => self.go_back(app)?,
            TourCommand::Resume => self.resume(app)?,
            TourCommand::End => self.end(app),
        }
        Ok(())
    }
}
