//! Walk files: commands of the debugger and narration, one per line.
//!
//! ```text
//! # A comment.
//! title "A step too far"
//! scenario --rule gd --set eta=1.01*eta_max
//! mark "The steep wall"
//! say "Gradient descent multiplies this error by {1 - eta*lambda[2]:.2}
//!      in every iteration."
//! step 5
//! expect abs(alpha[2]) > 0.6
//! ```
//!
//! [`NARRATION`] lists what a walk may say besides the commands. Texts stand in double quotes and may run
//! over several lines; in one that is said, `{EXPR}` and `{EXPR:.3}` are numbers of the session
//! ([`text`]).

pub mod key;
pub mod narration;
mod reader;
pub mod text;

pub use narration::NARRATION;
pub use text::Text;

use crate::{
    debugger::Rights,
    error::{Error, Result, Source, Span, suggest},
    scenario::Scenario,
    tui::{
        command::{Line, TABLE},
        view_command::ViewCommand,
    },
};
use key::Press;
use ratatui::layout::Size;
use reader::WalkReader;
use std::sync::Arc;

/// The size of the screen unless a walk says otherwise.
pub const SIZE: Size = Size::new(120, 36);

/// Thousandths of a second, the unit of all clocks here.
pub type Millis = u64;

/// A walkthrough.
#[derive(Debug, Clone)]
pub struct Walk {
    /// The source text.
    pub source: Arc<Source>,
    /// The title; the file's name unless the walk has one.
    pub title: String,
    /// The screen that it is played on: that which it is made for, unless somebody asks for another.
    pub size: Size,
    /// The screen that it is made for, on which it expects what it expects.
    pub made_for: Size,
    /// The scenario to debug.
    pub scenario: Scenario,
    /// The flags of the scenario with their places, for errors.
    flags: Vec<HeaderFlag>,
    /// The steps, in order.
    pub steps: Vec<Step>,
    /// The rights of its commands; no walk grants them itself.
    pub rights: Rights,
}

/// A flag of the scenario as it stands in the walk.
#[derive(Debug, Clone)]
struct HeaderFlag {
    /// With its dashes.
    name: String,
    value: String,
    /// The place of the value.
    span: Span,
}

/// One line of a walk.
#[derive(Debug, Clone)]
pub struct Step {
    /// The place in the source.
    pub span: Span,
    /// The request.
    pub action: Action,
}

/// The request of a line of a walk.
#[derive(Debug, Clone)]
pub enum Action {
    /// A command of the table.
    Command(Line),
    /// A chapter begins.
    Mark(String),
    /// A caption.
    Say(Text),
    /// A question, and the expression of its answer.
    Ask(Text, Span),
    /// Time passes.
    Wait(Millis),
    /// Keys are pressed.
    Key(Vec<Press>),
    /// So many iterations run, one picture after the other, in so long.
    Play(u64, Millis),
    /// A pane is shown or hidden.
    Pane(ViewCommand),
    /// A condition holds.
    Expect(Span),
    /// A text is on the screen.
    ExpectScreen(String),
    /// Caption, answers and messages go away.
    Clear,
}

impl Walk {
    /// Reads a walk.
    ///
    /// # Errors
    /// The first line that is neither narration nor a command, or says what cannot be; with its place.
    pub fn parse(source: &Arc<Source>) -> Result<Self> {
        let mut walk = Self {
            source: Arc::clone(source),
            title: narration::stem(source).to_owned(),
            size: SIZE,
            made_for: SIZE,
            scenario: Scenario::default(),
            flags: Vec::new(),
            steps: Vec::new(),
            rights: Rights::default(),
        };
        let mut given: Vec<&str> = Vec::new();
        let mut reader = WalkReader::new(source);
        while reader.next_line() {
            let word = reader.word_span();
            let name = reader.slice(word);
            let Some(row) = NARRATION.iter().find(|row| row.name == name) else {
                let span = reader.rest_of_line();
                let Some(line) = command(source, word, span)? else {
                    continue;
                };
                let action = Action::Command(line);
                walk.steps.push(Step { span, action });
                continue;
            };
            reader.skip(row.name.len());
            match row.kind {
                narration::DirectiveKind::Head(read) => {
                    if given.contains(&row.name) {
                        let message = format!("`{}` is given twice", row.name);
                        return Err(Error::syntax(source, word, message));
                    }
                    if !walk.steps.is_empty() {
                        let message = format!("`{}` must come before everything else", row.name);
                        return Err(Error::syntax(source, word, message)
                            .help("move it up, above the first command"));
                    }
                    given.push(row.name);
                    read(&mut walk, &mut reader)?;
                    reader.finish(row.name)?;
                }
                narration::DirectiveKind::Step(read) => {
                    let action = read(&mut reader)?;
                    let span = Span::new(word.start, reader.at());
                    reader.finish(row.name)?;
                    walk.steps.push(Step { span, action });
                }
            }
        }
        walk.made_for = walk.size;
        if walk.steps.is_empty() {
            let end = Span::new(source.text.len(), source.text.len());
            return Err(Error::syntax(source, end, "nothing happens in this walk")
                .help("write commands, one per line: step 10"));
        }
        Ok(walk)
    }

    /// An error of the scenario at its place in the walk.
    #[must_use]
    pub fn locate(&self, error: Error) -> Error {
        let Some(origin) = error.origin() else {
            return error;
        };
        let flag = self
            .flags
            .iter()
            .find(|flag| flag.name == origin.name && flag.value == origin.text);
        let Some(flag) = flag else {
            return error;
        };
        let span = error.span();
        let place = Span::new(flag.span.start + span.start, flag.span.start + span.end);
        let located = Error::syntax(&self.source, place, error.message());
        match error.next_step() {
            Some(help) => located.help(help),
            None => located,
        }
    }
}

/// The command at `span`, which begins with `word`; none where it says nothing.
fn command(source: &Arc<Source>, word: Span, span: Span) -> Result<Option<Line>> {
    let name = source.slice(word);
    TABLE.parse_within(source, span).map_err(|error| {
        let unknown = error.span() == word && TABLE.find(name).is_err();
        let words = NARRATION.iter().map(|row| row.name);
        let known = words.chain(TABLE.infos().map(|info| info.name));
        match suggest::nearest(name, known) {
            Some(near) if unknown => error.help(format!("did you mean `{near}`?")),
            _ => error,
        }
    })
}
