//! Leads an app through a walk, step by step.

mod question;

use super::{
    expect,
    playback_target::{PlaybackEnd, PlaybackTarget},
    screen,
    walk::{Action, Millis, Step, Text, Walk, key::Press, text::Part},
};
use crate::{
    debugger::{
        Control,
        command::{AnyCommand, Command, Times},
    },
    error::{Error, ErrorCode, Result, Span},
    format::Notation,
    tui::{
        app::{AfterKey, App, Caption, Message},
        command::{Line, ScreenCommand},
    },
};
use std::sync::Arc;
use unicode_segmentation::UnicodeSegmentation;

/// Time for a character of a caption that is being typed out: with the time that it stands, 220 words a minute.
const READ: Millis = 28;
/// Time after a caption, for the last words of it.
const REFLECT: Millis = 700;
/// More of it for each word: the whole of a long caption stands for some seconds beside the picture.
const PONDER: Millis = 100;
/// More of it for a question.
const THINK: Millis = 2000;
/// More of it for each thing on the screen that the caption points at.
const BEHOLD: Millis = 1200;
/// Time after the name of a new chapter.
const CHAPTER: Millis = 900;
/// Time to type a character of a command.
const TYPE: Millis = 55;
/// Characters of a command that are typed between two pictures.
const AT_ONCE: usize = 2;
/// Time between a command that stands there and its Enter.
const BEFORE_ENTER: Millis = 400;
/// Time after a command or a key, to see what it did.
const LOOK: Millis = 500;
/// Time between two pictures of a run.
const TICK: Millis = 125;

/// The outcome of a step of the walk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Done {
    /// Something.
    Acted,
    /// A caption was shown.
    Said,
    /// There was no step left.
    Finished,
}

/// A walk and how far it has been played.
#[derive(Debug, Clone)]
pub struct Player {
    walk: Arc<Walk>,
    at: usize,
    /// False where the pictures have to do without captions.
    captioned: bool,
    /// The answer to the question that has been put, and not been told yet.
    asked: Option<Span>,
}

impl Player {
    /// Before the first step of `walk`.
    #[must_use]
    pub fn new(walk: Arc<Walk>) -> Self {
        Self {
            walk,
            at: 0,
            captioned: true,
            asked: None,
        }
    }

    /// The same walk without its captions: the pictures stand as long, and the panes have the room.
    #[must_use]
    pub fn uncaptioned(self) -> Self {
        Self {
            captioned: false,
            ..self
        }
    }

    /// The walk.
    #[must_use]
    pub fn walk(&self) -> &Arc<Walk> {
        &self.walk
    }

    /// The count of steps played.
    #[must_use]
    pub fn at(&self) -> usize {
        self.at
    }

    /// Goes back to before step `at`: what follows is to be played on a fresh screen.
    #[must_use]
    pub fn rewound(&self, at: usize) -> Self {
        Self {
            walk: Arc::clone(&self.walk),
            at: at.min(self.at),
            captioned: self.captioned,
            asked: None,
        }
    }

    /// The captions among the steps that have been played: the number of steps played when each stood there.
    #[must_use]
    pub fn captions(&self) -> Vec<usize> {
        let played = self.walk.steps[..self.at].iter().enumerate();
        let said =
            played.filter(|(_, step)| matches!(step.action, Action::Say(_) | Action::Ask(..)));
        said.map(|(at, _)| at + 1).collect()
    }

    /// The number of steps up to the first caption, where all before it takes no time; else none.
    #[must_use]
    pub fn opening(&self) -> usize {
        let steps = &self.walk.steps;
        let moves = |action: &Action| {
            !matches!(
                action,
                Action::Mark(_)
                    | Action::Pane(_)
                    | Action::Expect(_)
                    | Action::ExpectScreen(_)
                    | Action::Clear
                    | Action::Command(AnyCommand::FrontEnd(ScreenCommand::View(_)))
            )
        };
        match steps.iter().position(|step| moves(&step.action)) {
            Some(at) if matches!(steps[at].action, Action::Say(_)) => at + 1,
            _ => 0,
        }
    }

    /// Puts up the title, with room for the longest caption; nothing where there are no captions.
    pub fn begin(&self, app: &mut App) {
        if !self.captioned {
            return;
        }
        let texts = self
            .walk
            .steps
            .iter()
            .filter_map(|step| match &step.action {
                Action::Say(text) => Some(estimated(text)),
                Action::Ask(text, _) => Some(answered(&estimated(text), "123456")),
                _ => None,
            });
        app.caption = Some(Caption {
            heading: self.walk.title.clone(),
            texts: texts.collect(),
            ..Caption::default()
        });
    }

    /// True if nothing is left that anybody would see.
    #[must_use]
    pub fn is_over(&self) -> bool {
        let expects =
            |step: &Step| matches!(step.action, Action::Expect(_) | Action::ExpectScreen(_));
        self.walk.steps[self.at..].iter().all(expects)
    }

    /// Plays the next step, with the rights that the walk has.
    ///
    /// # Errors
    /// A line that cannot be done, a condition that does not hold, a stage that is gone.
    pub fn advance(
        &mut self,
        app: &mut App,
        stage: &mut dyn PlaybackTarget,
    ) -> std::result::Result<Done, PlaybackEnd> {
        let rights = app.session.set_rights(self.walk.rights);
        let done = self.play_next(app, stage);
        app.session.set_rights(rights);
        done
    }

    fn play_next(
        &mut self,
        app: &mut App,
        stage: &mut dyn PlaybackTarget,
    ) -> std::result::Result<Done, PlaybackEnd> {
        let walk = Arc::clone(&self.walk);
        if let Some(span) = self.asked.take() {
            let answer = self.answer(span, app)?;
            let question = app.caption.as_ref().map_or("", |it| it.text.as_str());
            let text = answered(question, &answer.caption(Notation::Short));
            self.say(app, stage, &text, hold(&text, 0))?;
            return Ok(Done::Said);
        }
        let Some(step) = walk.steps.get(self.at) else {
            return Ok(Done::Finished);
        };
        self.at += 1;
        let mut done = Done::Acted;
        match &step.action {
            Action::Command(line) if stage.types() => self.type_command(app, stage, step, line)?,
            Action::Command(line) => {
                self.command(app, stage, step, line)?;
                stage.frame(app, LOOK)?;
            }
            Action::Mark(chapter) => {
                if self.captioned {
                    let caption = app.caption.get_or_insert_default();
                    caption.heading = format!("{}: {chapter}", walk.title);
                    caption.text.clear();
                }
                stage.mark(chapter);
                stage.frame(app, CHAPTER)?;
            }
            Action::Say(text) => {
                done = Done::Said;
                let text = text.render(&walk.source, &mut app.session)?;
                let hold = hold(&text, pointed_at(&walk.steps[self.at..]));
                self.say(app, stage, &text, hold)?;
            }
            Action::Ask(text, span) => {
                done = Done::Said;
                let text = text.render(&walk.source, &mut app.session)?;
                // It has to have an answer, whoever gives it.
                let answer = self.answer(*span, app)?;
                self.say(app, stage, &text, THINK + hold(&text, 0))?;
                if stage.waits() {
                    self.asked = Some(*span);
                } else {
                    let text = answered(&text, &answer.caption(Notation::Short));
                    self.say(app, stage, &text, hold(&text, 0))?;
                }
            }
            Action::Wait(pause) => stage.frame(app, *pause)?,
            Action::Key(presses) => self.press(app, stage, step, presses)?,
            Action::Play(count, time) => self.play(app, stage, step, (*count, *time))?,
            Action::Pane(command) => {
                let command = ScreenCommand::View(command.clone());
                self.perform(app, stage, step, &AnyCommand::FrontEnd(command))?;
                stage.frame(app, LOOK)?;
            }
            Action::Expect(span) if stage.expects() => {
                expect::condition(&walk.source, *span, &mut app.session)?;
            }
            Action::ExpectScreen(text) if stage.expects() => {
                let (buffer, _) = screen::draw(app, walk.made_for);
                // A caption is no witness of what it says.
                let mut rows = screen::rows(&buffer);
                let caption = app.placed.caption;
                rows.drain(usize::from(caption.top())..usize::from(caption.bottom()));
                expect::shown(&walk.source, step.span, &rows, text)?;
            }
            Action::Expect(_) | Action::ExpectScreen(_) => {}
            Action::Clear => {
                app.popup = None;
                app.message = Message::Hints;
                if let Some(caption) = &mut app.caption {
                    caption.text.clear();
                    caption.note.clear();
                }
                stage.frame(app, 0)?;
            }
        }
        Ok(done)
    }

    /// Types a command into the prompt, as a user would.
    fn type_command(
        &self,
        app: &mut App,
        stage: &mut dyn PlaybackTarget,
        step: &Step,
        line: &Line,
    ) -> std::result::Result<(), PlaybackEnd> {
        let text = self.walk.source.slice(step.span);
        let letters: Vec<Press> = format!(":{text}").chars().map(Press::typed).collect();
        for some in letters.chunks(AT_ONCE) {
            for press in some {
                stage.press(&press.bytes());
                app.key(press.0);
            }
            stage.frame(app, TYPE * some.len() as Millis)?;
        }
        stage.frame(app, BEFORE_ENTER)?;
        let enter = Press::typed('\n');
        stage.press(&enter.bytes());
        app.key(enter.0);
        self.command(app, stage, step, line)?;
        Ok(stage.frame(app, LOOK)?)
    }

    /// Presses keys, and shows which.
    fn press(
        &self,
        app: &mut App,
        stage: &mut dyn PlaybackTarget,
        step: &Step,
        presses: &[Press],
    ) -> std::result::Result<(), PlaybackEnd> {
        let mut shown = String::from("keys:");
        for press in presses {
            stage.press(&press.bytes());
            shown.push(' ');
            shown.push_str(&press.name());
            if let Some(caption) = &mut app.caption {
                caption.note.clone_from(&shown);
            }
            match app.key(press.0) {
                AfterKey::Execute(line) => {
                    attended(app, stage, &line).map_err(|error| {
                        self.of_key(step, *press, &format!("runs `{line}`"), error)
                    })?;
                }
                AfterKey::Fail(error) => {
                    return Err(self.of_key(step, *press, "fails", error).into());
                }
                _ => {}
            }
            let pause = if app.prompt.is_some() { TYPE } else { LOOK };
            stage.frame(app, pause)?;
        }
        if let Some(caption) = &mut app.caption {
            caption.note.clear();
        }
        Ok(())
    }

    /// Does a command of the walk. What was said of one iteration is not said of another.
    fn command(
        &self,
        app: &mut App,
        stage: &mut dyn PlaybackTarget,
        step: &Step,
        line: &Line,
    ) -> Result<AfterKey> {
        let before = app.session.position().t;
        let after = self.perform(app, stage, step, line)?;
        if let Some(caption) = &mut app.caption
            && app.session.position().t != before
        {
            caption.text.clear();
        }
        Ok(after)
    }

    /// Does a command of the walk; an error without a place has that of the step.
    fn perform(
        &self,
        app: &mut App,
        stage: &mut dyn PlaybackTarget,
        step: &Step,
        line: &Line,
    ) -> Result<AfterKey> {
        let done = attended(app, stage, line);
        done.map_err(|error| error.located(&self.walk.source, step.span))
    }

    /// An error of a command that a key stands for, at the key's line.
    fn of_key(&self, step: &Step, press: Press, what: &str, error: Error) -> Error {
        error
            .context(&format!("`{}` {what}", press.name()))
            .moved(&self.walk.source, step.span)
    }
}

/// The number of things on the screen that the steps behind a caption expect: what it points at.
fn pointed_at(behind: &[Step]) -> usize {
    let expected = behind
        .iter()
        .take_while(|step| matches!(step.action, Action::Expect(_) | Action::ExpectScreen(_)));
    expected
        .filter(|step| matches!(step.action, Action::ExpectScreen(_)))
        .count()
}

/// The time that a caption stands once all of it is there.
fn hold(text: &str, pointed_at: usize) -> Millis {
    let words = text.split_whitespace().count();
    REFLECT + PONDER * words as Millis + BEHOLD * pointed_at as Millis
}

impl Player {
    /// Shows a caption, typed out word by word where the stage wants that, and lets it stand for `hold`; without
    /// captions the picture stands alone for as long.
    fn say(
        &self,
        app: &mut App,
        stage: &mut dyn PlaybackTarget,
        text: &str,
        hold: Millis,
    ) -> std::io::Result<()> {
        if !self.captioned {
            return stage.frame(app, hold);
        }
        let caption = app.caption.get_or_insert_default();
        text.clone_into(&mut caption.text);
        caption.shown = caption.len();
        if !stage.types() {
            return stage.frame(app, 0);
        }
        let graphemes: Vec<&str> = text.graphemes(true).filter(|it| *it != "`").collect();
        let ends = (1..=graphemes.len())
            .filter(|at| graphemes.get(*at).is_none_or(|next| next.trim().is_empty()));
        let mut before = 0;
        for end in ends {
            if let Some(caption) = &mut app.caption {
                caption.shown = end;
            }
            stage.frame(app, READ * (end - before) as Millis)?;
            before = end;
        }
        stage.frame(app, hold)
    }

    /// Runs `count` iterations, evenly spread over `time`; ends early where something stops the run, and at once where
    /// somebody cannot wait. What was said before is not said of what runs now: the caption tells where it goes.
    fn play(
        &self,
        app: &mut App,
        stage: &mut dyn PlaybackTarget,
        step: &Step,
        (count, time): (u64, Millis),
    ) -> std::result::Result<(), PlaybackEnd> {
        let pictures = (time / TICK).clamp(1, count);
        let mut run = 0;
        let end = app.session.position().t.saturating_add(count);
        if let Some(caption) = &mut app.caption {
            caption.text = format!("On to t = {end} ...");
            caption.shown = caption.len();
        }
        for picture in 1..=pictures {
            let until = if stage.hurries() {
                count
            } else {
                count * picture / pictures
            };
            let command = Command::Step(Times(until - run));
            run = until;
            self.perform(app, stage, step, &command.into())?;
            stage.frame(app, time / pictures)?;
            if run == count || matches!(app.message, Message::Event(_)) {
                break;
            }
        }
        if let Some(caption) = &mut app.caption {
            caption.text.clear();
        }
        Ok(())
    }
}

/// Does a command for as long as the stage goes on; what it began is no walk any more once it was interrupted.
fn attended(app: &mut App, stage: &mut dyn PlaybackTarget, line: &Line) -> Result<AfterKey> {
    let mut go_on = |_| stage.goes_on();
    let mut control = Control::asking(&mut go_on);
    let done = app.perform(line, &mut control)?;
    if control.has_ended() {
        let message = format!("interrupted at t = {}", app.session.position().t);
        return Err(Error::plain(ErrorCode::Interrupted, message)
            .help("backspace goes back to the caption before"));
    }
    Ok(done)
}

/// A question with its answer.
fn answered(question: &str, answer: &str) -> String {
    format!("{question} It is {answer}.")
}

/// The text of a caption, its numbers thought of as a few digits.
fn estimated(text: &Text) -> String {
    let parts = text.parts.iter().map(|part| match part {
        Part::Plain(text) => text.as_str(),
        Part::Value(..) => "123456",
    });
    let joined: String = parts.collect();
    joined.split_whitespace().collect::<Vec<_>>().join(" ")
}
