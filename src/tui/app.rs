//! The state of the screen: a session, and how it is looked at.
//!
//! Keys become command lines ([`keymap`](super::keymap)), command lines go to the session, and its answers
//! come back here. Views read an [`App`] and change nothing; what they need computed is made ready by
//! [`App::prepare`] before a frame is drawn.

mod caption;
mod derived;
mod look;
mod plane;
mod recent;

pub use caption::Caption;
use derived::Derived;
pub use look::{Curve, Look};
pub use plane::{Picture, Plane};
pub use recent::{Changes, ELEMENTS, Recent};

use super::{
    contour::ContourField,
    glyphs::Charset,
    keymap::Keymap,
    layout::{Content, Pane, Placed, layout},
    prompt::{Prompt, Typed, remember},
    theme::Theme,
};
use crate::{
    debugger::{Control, Session, answer::Answer, command, view_command::ViewCommand},
    lang::{error::Error, source::Source},
};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::layout::{Position, Rect, Size};
use std::sync::Arc;

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
    /// What a walkthrough says, if one is under way.
    pub caption: Option<Caption>,
    /// Which values the last command changed.
    pub changes: Changes,
    /// The last few errors along the eigenvectors.
    pub recent: Recent,
    derived: Derived,
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
}

/// What the main loop has to do after a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Todo {
    /// Nothing but draw.
    Nothing,
    /// Execute this command line.
    Execute(String),
    /// Draw everything again.
    Redraw,
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
        let mut app = Self {
            changes: Changes::default(),
            recent: Recent::default(),
            derived: Derived::default(),
            session,
            charset,
            theme,
            keymap,
            look,
            picture,
            prompt: None,
            message: Message::default(),
            overlay: None,
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
        };
        app.changes.note(&app.session);
        app
    }

    /// Computes what the views need for a screen of this size.
    pub fn prepare(&mut self, size: Size) {
        let compiled = self.session.lanes.focused().lane.machine().compiled();
        let rows = |count: usize| u16::try_from(count).unwrap_or(u16::MAX);
        let content = Content {
            source: rows(compiled.rule.step.len() + compiled.rule.shows.len()),
            eigen: rows(compiled.dimension()),
            lanes: rows(self.session.lanes.entries.len()),
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
            self.derived.alpha_over_time(&mut self.session);
        }
        let inner = super::view::inner(self.placed.pane(Pane::Contour));
        self.picture.follow(&self.session);
        if !inner.is_empty() {
            self.picture.draw(
                &self.session,
                Size::new(inner.width, inner.height),
                self.charset,
            );
        }
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

    /// The contour, once it has been prepared.
    #[must_use]
    pub fn field(&self) -> Option<&ContourField> {
        self.picture.field()
    }

    /// Takes a key.
    pub fn key(&mut self, key: KeyEvent) -> Todo {
        if self.prompt.is_some() {
            return self.prompt_key(key);
        }
        if self.overlay.is_some() && self.overlay_key(key) {
            return Todo::Nothing;
        }
        if key.code == KeyCode::Esc {
            self.count = None;
            self.message = Message::Hints;
            return Todo::Nothing;
        }
        if let KeyCode::Char(digit @ '0'..='9') = key.code
            && !key.modifiers.contains(KeyModifiers::CONTROL)
        {
            return self.digit(digit, key);
        }
        let Some(line) = self.keymap.line(key).map(str::to_owned) else {
            self.count = None;
            let key = super::keymap::Key::of(key);
            self.message = Message::Said(format!("{key} is not bound; ? shows the keys"));
            return Todo::Nothing;
        };
        let count = self.count.take();
        if line.is_empty() || line.ends_with(' ') {
            self.prompt = Some(Prompt::with(&line));
            return Todo::Nothing;
        }
        Todo::Execute(match (count, line.as_str()) {
            (Some(count), "first" | "last") => format!("goto {count}"),
            (Some(count), "view max") => format!("view max {count}"),
            (Some(count), line) if command::find(line).is_ok_and(|row| row.arguments == "[N]") => {
                format!("{line} {count}")
            }
            _ => line,
        })
    }

    /// A digit is part of a count, and turns to the pane of that number.
    fn digit(&mut self, digit: char, key: KeyEvent) -> Todo {
        let value = u64::from(digit.to_digit(10).unwrap_or(0));
        let is_first = self.count.is_none();
        let so_far = self.count.unwrap_or(0);
        self.count = Some(
            so_far
                .saturating_mul(10)
                .saturating_add(value)
                .min(1_000_000_000),
        );
        match self.keymap.line(key).map(str::to_owned) {
            Some(line) if is_first => Todo::Execute(line),
            _ => Todo::Nothing,
        }
    }

    fn prompt_key(&mut self, key: KeyEvent) -> Todo {
        let Some(prompt) = &mut self.prompt else {
            return Todo::Nothing;
        };
        match prompt.key(key, &self.history) {
            Typed::Edited => Todo::Nothing,
            Typed::Cancelled => {
                self.prompt = None;
                Todo::Nothing
            }
            Typed::Complete => {
                self.complete();
                Todo::Nothing
            }
            Typed::Entered(line) => {
                self.prompt = None;
                remember(&mut self.history, &line);
                Todo::Execute(line)
            }
        }
    }

    fn complete(&mut self) {
        let Some(prompt) = &mut self.prompt else {
            return;
        };
        let completion = command::complete(&self.session, prompt.text(), prompt.cursor());
        let typed = prompt.cursor() - completion.from;
        match &completion.words[..] {
            [] => self.message = Message::Said("nothing fits".into()),
            [word] => {
                let closed = word.ends_with('(') || word.ends_with('.');
                let word = if closed {
                    word.clone()
                } else {
                    format!("{word} ")
                };
                prompt.replace_word(completion.from, &word);
            }
            words => {
                if completion.common().len() > typed {
                    let common = completion.common().to_owned();
                    prompt.replace_word(completion.from, &common);
                }
                self.message = Message::Said(words.join("  "));
            }
        }
    }

    /// True if the key was for the overlay.
    fn overlay_key(&mut self, key: KeyEvent) -> bool {
        let page = usize::from(self.placed.message.y).saturating_sub(4).max(1);
        let Some(overlay) = &mut self.overlay else {
            return false;
        };
        let most = overlay.lines.len().saturating_sub(page);
        let scroll = match key.code {
            KeyCode::Down | KeyCode::Char('j') => overlay.scroll + 1,
            KeyCode::Up | KeyCode::Char('k') => overlay.scroll.saturating_sub(1),
            KeyCode::PageDown | KeyCode::Char(' ') if overlay.scroll < most => {
                overlay.scroll + page
            }
            KeyCode::PageUp => overlay.scroll.saturating_sub(page),
            _ => {
                // A key that does something else closes it and is still obeyed, except for those that only close.
                self.overlay = None;
                return matches!(
                    key.code,
                    KeyCode::Esc
                        | KeyCode::Enter
                        | KeyCode::Char('q' | '?' | ' ')
                        | KeyCode::PageDown
                );
            }
        };
        overlay.scroll = scroll.min(most);
        true
    }

    /// Takes pasted text: into the prompt only.
    pub fn paste(&mut self, text: &str) {
        if let Some(prompt) = &mut self.prompt {
            prompt.insert(text.trim_end_matches('\n'));
        }
    }

    /// Executes a command line.
    pub fn execute(&mut self, line: &str, control: &mut Control) -> Todo {
        let source = Source::new("<prompt>", line);
        self.perform(&source, control).unwrap_or_else(|error| {
            self.fail(&error.to_string());
            Todo::Nothing
        })
    }

    /// Executes a command line, and leaves it to the caller to show what is wrong with it.
    ///
    /// # Errors
    /// What the session says of the line, at its place in it.
    pub fn perform(&mut self, line: &Arc<Source>, control: &mut Control) -> Result<Todo, Error> {
        self.overlay = None;
        self.changes.before(&self.session);
        let mouse = self.session.options.mouse;
        let answer = self.session.execute(line, control);
        self.look.keep_in_step(&self.session);
        match answer? {
            Answer::Quit => return Ok(Todo::Quit),
            Answer::View(command) => return Ok(self.view(command, control)),
            answer => {
                if matches!(answer, Answer::Stopped(_)) {
                    self.look.release_cursor();
                }
                self.changes.note(&self.session);
                self.say(answer);
            }
        }
        Ok(if mouse == self.session.options.mouse {
            Todo::Nothing
        } else {
            Todo::Mouse(self.session.options.mouse)
        })
    }

    fn say(&mut self, answer: Answer) {
        let is_event = matches!(&answer, Answer::Stopped(stopped) if stopped.why.is_event());
        let plain = matches!(&answer, Answer::Stopped(stopped)
            if !stopped.why.is_event() && stopped.logs.is_empty() && stopped.displays.is_empty());
        if plain {
            self.message = Message::Hints;
            return;
        }
        let title = match &answer {
            Answer::Explained(explanation) => {
                format!(
                    "{} in iteration {}, line {}",
                    explanation.name, explanation.t, explanation.line
                )
            }
            Answer::Stopped(_) => "stopped".to_owned(),
            _ => String::new(),
        };
        let text = answer.to_string();
        let lines: Vec<String> = text.lines().map(str::to_owned).collect();
        match (&lines[..], is_event) {
            ([], _) => self.message = Message::Hints,
            ([line], true) => self.message = Message::Event(line.clone()),
            ([line], false) => self.message = Message::Said(line.clone()),
            (lines, event) => {
                let last = lines.iter().find(|line| line.starts_with("t = "));
                self.message = match last {
                    Some(line) if event => Message::Event(line.clone()),
                    _ => Message::Hints,
                };
                self.overlay = Some(Overlay {
                    title,
                    lines: lines.to_vec(),
                    scroll: 0,
                    error: false,
                });
            }
        }
    }

    fn fail(&mut self, text: &str) {
        let lines: Vec<String> = text.lines().map(str::to_owned).collect();
        self.message = Message::Failed(lines.first().cloned().unwrap_or_default());
        self.overlay = Some(Overlay {
            title: "error".into(),
            lines,
            scroll: 0,
            error: true,
        });
    }

    /// Tells w and the loss at a cell of the contour, whose room on the screen is `inner`.
    pub fn tell_about(&mut self, at: Position, inner: Rect) {
        let Some(point) = self
            .picture
            .window()
            .and_then(|window| window.point_of(at, inner))
        else {
            return;
        };
        let w = self.picture.parameters(&self.session, point);
        let loss = self.session.landscape.loss.evaluator().value(&w);
        let [x, y] = self.picture.axes();
        let [at_x, at_y] = point.map(crate::debugger::explain::short);
        let loss = crate::debugger::explain::short(loss);
        self.message = Message::Said(format!("{x} = {at_x}, {y} = {at_y}: loss {loss}"));
    }

    /// Does what `view ...` asks for.
    fn view(&mut self, command: ViewCommand, control: &mut Control) -> Todo {
        match command {
            ViewCommand::Redraw => return Todo::Redraw,
            ViewCommand::Suspend => return Todo::Suspend,
            ViewCommand::Keys => self.overlay = Some(self.keys()),
            ViewCommand::Zoom(_)
            | ViewCommand::Pan(..)
            | ViewCommand::Fit
            | ViewCommand::Window(_)
            | ViewCommand::Plane(..)
            | ViewCommand::EigenPlane(..) => {
                if let Err(message) = self.picture.change(&self.session, &command) {
                    self.message = Message::Failed(format!("error: {message}"));
                }
            }
            ViewCommand::BreakHere => return self.break_here(control),
            ViewCommand::ExpandHere => self.expand(),
            ViewCommand::Lane(by) => {
                let count = self.session.lanes.entries.len();
                let by = usize::try_from(by.rem_euclid(count as i64)).unwrap_or(0);
                let next = (self.session.lanes.focus + by) % count;
                self.session.turn_to(next);
                self.look.keep_in_step(&self.session);
                self.changes.note(&self.session);
                self.changes.forget();
                let name = &self.session.lanes.focused().name;
                self.message = Message::Said(format!("lane {name}"));
            }
            ViewCommand::Cursor(by) => self.look.move_cursor(&self.session, by),
            other => self.look.change(&other),
        }
        Todo::Nothing
    }

    /// Sets a break on the line under the cursor, or deletes the one that is there.
    fn break_here(&mut self, control: &mut Control) -> Todo {
        let line = self.look.cursor(&self.session) + 1;
        let known = self.session.break_on_line(line);
        let command = match known {
            Some(id) => format!("delete {id}"),
            None => format!("break line {line}"),
        };
        self.execute(&command, control)
    }

    /// Writes out the line under the cursor with its numbers.
    fn expand(&mut self) {
        let line = self.look.cursor(&self.session);
        let compiled = self.session.lanes.focused().lane.machine().compiled();
        let Some(at) = compiled.lines.get(line) else {
            return;
        };
        let name = compiled.variables[at.variable].name.clone();
        match self.session.explain(&name) {
            Ok(explanation) => self.say(Answer::Explained(explanation)),
            Err(message) => self.message = Message::Said(message),
        }
    }

    /// What the keys do.
    fn keys(&self) -> Overlay {
        let mut lines: Vec<String> = Vec::new();
        for (line, keys) in self.keymap.rows() {
            let what = match super::keymap::label(&line) {
                Some(label) => label.to_owned(),
                None => line.clone(),
            };
            let shown = if line.is_empty() {
                ":".to_owned()
            } else {
                format!(":{}", line.trim_end())
            };
            lines.push(format!("{keys:<18} {what:<16} {shown}"));
        }
        lines.push(String::new());
        lines.push("a number before a key repeats it: 10n; 120G goes to iteration 120".into());
        lines.push("esc or ctrl-c stops a run; in the prompt tab completes, up recalls".into());
        lines.push(":help lists the commands, :help TOPIC explains one".into());
        Overlay {
            title: "keys".into(),
            lines,
            scroll: 0,
            error: false,
        }
    }
}
