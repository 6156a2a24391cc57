//! A tour in lines of text: its captions, and what is done between them.
//!
//! ```text
//!   Adam, line by line
//!   adam on valley: t = 0, loss = 18.32, |g| = 60.01, w = [0, 0]
//!
//!   The first iteration
//!   Watch one iteration, line by line.
//!   keys: s
//!   t = 1, 1 line done, loss = 18.32, ...
//! ```

use super::{
    super::check::refuse,
    super::outcome::{ExitStatus, Failure},
    state,
};
use crate::{
    record::{
        playback_target::PlaybackTarget,
        player::{Done, Player},
        screen::{self, Appearance},
        walk::{Action, Millis, Walk},
    },
    text::visible,
    tui::{
        app::{App, Message},
        glyphs::Charset,
        theme::{Background, Theme},
    },
};
use std::{
    io::{self, Write},
    sync::Arc,
};

/// Nobody watches: nothing is drawn, and nothing is waited for.
struct Unseen;

impl PlaybackTarget for Unseen {
    fn types(&self) -> bool {
        false
    }

    fn expects(&self) -> bool {
        false
    }

    fn hurries(&mut self) -> bool {
        true
    }

    fn frame(&mut self, _: &mut App, _: Millis) -> io::Result<()> {
        Ok(())
    }
}

/// Tells the walk.
pub(in crate::cli) fn tell(walk: &Arc<Walk>, out: &mut impl Write) -> Result<ExitStatus, Failure> {
    let looks = Appearance {
        charset: Charset::Ascii,
        theme: Theme::new(false, Background::Dark),
    };
    let mut app = screen::open_walk(walk, looks)?;
    let mut player = Player::new(Arc::clone(walk));
    player.begin(&mut app);
    let session = &app.session;
    let (rule, loss) = (&session.lanes().focused().name, &session.landscape().name);
    writeln!(out, "{}", visible(&walk.title))?;
    writeln!(out, "{rule} on {loss}: {}", state::of(session))?;
    while let Some(step) = walk.steps.get(player.at()) {
        let source = visible(walk.source.slice(step.span).trim()).into_owned();
        match &step.action {
            Action::Mark(chapter) => writeln!(out, "\n{}", visible(chapter))?,
            Action::Command(_) => writeln!(out, "(eigenstep) {source}")?,
            Action::Key(_) => writeln!(out, "keys: {}", source.trim_start_matches("key").trim())?,
            Action::Play(count, _) => writeln!(out, "(eigenstep) step {count}")?,
            _ => {}
        }
        app.message = Message::Hints;
        app.popup = None;
        let before = app.session.position();
        match player.advance(&mut app, &mut Unseen) {
            Ok(Done::Said) => {
                let text = app
                    .caption
                    .as_ref()
                    .map_or("", |caption| caption.text.as_str());
                writeln!(out, "{}", visible(&text.replace('`', "")))?;
            }
            Ok(_) => {
                tell_answer(&app, out)?;
                if app.session.position() != before {
                    writeln!(out, "{}", state::of(&app.session))?;
                }
            }
            Err(fault) => return refuse(fault),
        }
    }
    Ok(ExitStatus::Done)
}

/// Tells an answer as the screen would show it.
fn tell_answer(app: &App, out: &mut impl Write) -> io::Result<()> {
    if let Some(popup) = &app.popup {
        for line in &popup.lines {
            writeln!(out, "  {}", visible(line))?;
        }
    }
    match &app.message {
        Message::Hints => Ok(()),
        Message::Said(text) | Message::Event(text) | Message::Failed(text) => {
            writeln!(out, "  {}", visible(text))
        }
    }
}
