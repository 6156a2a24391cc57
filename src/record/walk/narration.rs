//! The words of a walk besides the commands of the debugger: one table, for reading, help and docs.

use super::{
    Action, HeaderFlag, Walk,
    key::{self, Press},
    reader::WalkReader,
    text::Text,
};
use crate::{
    error::{Error, ErrorCode, Result, Source, Span},
    lang::parse::expression_within,
    scenario::{find_flag, flag_names},
    tui::{panes::Pane, view_command::ViewCommand},
};
use ratatui::layout::Size;
use std::fmt::Write;

/// A row of the table.
#[derive(Debug, Clone, Copy)]
pub struct Narration {
    /// The word.
    pub name: &'static str,
    /// The arguments, as help shows them.
    pub arguments: &'static str,
    /// One line on what it does.
    pub doc: &'static str,
    pub(super) kind: DirectiveKind,
}

/// The way in which a line is read.
#[derive(Debug, Clone, Copy)]
pub(super) enum DirectiveKind {
    /// A header of the walk as a whole: before everything else, and once.
    Head(fn(&mut Walk, &mut WalkReader) -> Result<()>),
    /// A step of the walk.
    Step(fn(&mut WalkReader) -> Result<Action>),
}

macro_rules! row {
    ($name:literal, $arguments:literal, $kind:expr, $doc:literal) => {
        Narration {
            name: $name,
            arguments: $arguments,
            doc: $doc,
            kind: $kind,
        }
    };
}

use DirectiveKind::{Head, Step};

/// Everything that a walk may say besides commands.
pub const NARRATION: &[Narration] = &[
    row!("title", "\"TEXT\"", Head(title), "the walk's title"),
    row!(
        "size",
        "COLSxROWS",
        Head(size),
        "the screen size it is made for (120x36)"
    ),
    row!(
        "scenario",
        "FLAGS",
        Head(scenario),
        "the scenario, as command-line flags"
    ),
    row!("mark", "\"TEXT\"", Step(mark), "begin a chapter"),
    row!(
        "say",
        "\"TEXT\"",
        Step(say),
        "a caption; {EXPR} and {EXPR:.3} insert values"
    ),
    row!(
        "ask",
        "\"TEXT\" expect EXPR",
        Step(ask),
        "a question; `tour answer VALUE` is held against EXPR"
    ),
    row!("wait", "SECONDS", Step(wait), "wait this long"),
    row!(
        "key",
        "KEY... | \"TEXT\"",
        Step(keys),
        "press keys: space, enter, ctrl-l, or the letters of a text"
    ),
    row!(
        "play",
        "N [SECONDS]",
        Step(play),
        "run N iterations visibly, over SECONDS (3)"
    ),
    row!("show", "PANE", Step(show), "show a pane"),
    row!("hide", "PANE", Step(hide), "hide a pane"),
    row!(
        "expect",
        "EXPR",
        Step(expect),
        "fail unless EXPR holds here"
    ),
    row!(
        "expect screen",
        "\"TEXT\"",
        Step(expect),
        "fail unless the screen, captions apart, shows TEXT"
    ),
    row!(
        "clear",
        "",
        Step(clear),
        "clear captions, answers and messages"
    ),
];

/// The table as help shows it.
#[must_use]
pub fn help() -> String {
    let mut text =
        String::from("A walk is a file of the debugger's commands, one per line, and of\n");
    for row in NARRATION {
        let call = format!("{} {}", row.name, row.arguments);
        let _ = writeln!(text, "  {:<24} {}", call.trim_end(), row.doc);
    }
    text.push_str("Lines that begin with # are comments.");
    text
}

fn title(walk: &mut Walk, reader: &mut WalkReader) -> Result<()> {
    walk.title = reader.text("a title")?;
    Ok(())
}

fn size(walk: &mut Walk, reader: &mut WalkReader) -> Result<()> {
    let span = reader.word("a size like 120x36")?;
    walk.size =
        parse_size(reader.slice(span)).map_err(|error| error.located(reader.source(), span))?;
    Ok(())
}

/// Reads a size of the screen: `120x36`.
///
/// # Errors
/// A text that is not a size, or a size that no screen has.
pub fn parse_size(text: &str) -> Result<Size> {
    let parts = text.split_once('x');
    let size = parts
        .and_then(|(width, height)| Some(Size::new(width.parse().ok()?, height.parse().ok()?)));
    let refused = |message| Err(Error::plain(ErrorCode::InvalidValue, message));
    match size {
        None => refused(format!(
            "`{text}` is not a size: write COLSxROWS, like 120x36"
        )),
        Some(size) if size.width < 40 || size.height < 10 => {
            refused("a screen has at least 40x10 cells".to_owned())
        }
        Some(size) if size.width > 1000 || size.height > 1000 => {
            refused("a screen has at most 1000x1000 cells".to_owned())
        }
        Some(size) => Ok(size),
    }
}

/// The flags of the scenario: `--rule adam --set eta=0.1 --loss "x^2 + y^2"`.
fn scenario(walk: &mut Walk, reader: &mut WalkReader) -> Result<()> {
    while reader.has_more() {
        let word = reader.word("a flag")?;
        let text = reader.slice(word);
        let Some(flag) = text.strip_prefix("--") else {
            let message = format!("`{text}` is no flag");
            let flags: Vec<String> = flag_names().map(|flag| format!("--{flag}")).collect();
            return Err(Error::syntax(reader.source(), word, message).suggest(text, "flags", flags));
        };
        let (name, span) = match flag.find('=') {
            Some(equals) => {
                let start = word.start + 2 + equals + 1;
                (&flag[..equals], Span::new(start, word.end))
            }
            None if reader.has_quote() => (flag, reader.quoted("a value")?),
            None => (flag, reader.word("the value of this flag")?),
        };
        if find_flag(name).is_none() {
            let message = format!("there is no flag `--{name}`");
            return Err(Error::syntax(reader.source(), word, message).suggest(
                name,
                "flags",
                flag_names(),
            ));
        }
        let value = reader.slice(span).to_owned();
        walk.flags.push(HeaderFlag {
            name: format!("--{name}"),
            value: value.clone(),
            span,
        });
        let applied = walk.scenario.apply(name, &value);
        applied.map_err(|error| walk.locate(error))?;
    }
    Ok(())
}

fn mark(reader: &mut WalkReader) -> Result<Action> {
    Ok(Action::Mark(reader.text("the name of a chapter")?))
}

fn say(reader: &mut WalkReader) -> Result<Action> {
    let span = reader.quoted("a caption")?;
    Ok(Action::Say(Text::parse(reader.source(), span)?))
}

fn ask(reader: &mut WalkReader) -> Result<Action> {
    let span = reader.quoted("a question")?;
    let text = Text::parse(reader.source(), span)?;
    let word = reader.word("`expect` and the answer")?;
    if reader.slice(word) != "expect" {
        let error = Error::syntax(reader.source(), word, "`expect` belongs here");
        return Err(error.help("as in: ask \"How many times?\" expect 1/(1 - beta)"));
    }
    let span = reader.rest_of_line();
    if span.start == span.end {
        let error = Error::syntax(reader.source(), span, "the answer is missing here");
        return Err(error.help("give an expression: expect 1/(1 - beta)"));
    }
    expression_within(reader.source(), span)?;
    Ok(Action::Ask(text, span))
}

/// The longest time that a step of a walk may take, in seconds: some 500 pictures.
const LONGEST: f64 = 60.0;

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "bounded below"
)]
fn seconds(reader: &mut WalkReader) -> Result<super::Millis> {
    let start = reader.at();
    let seconds = reader.number("a number of seconds")?;
    if seconds > LONGEST {
        let span = Span::new(start, reader.at());
        let message = format!("nobody waits for longer than {LONGEST} seconds");
        return Err(
            Error::new(ErrorCode::LimitReached, reader.source(), span, message)
                .help("`step N` runs without pictures in between"),
        );
    }
    Ok((seconds * 1000.0).round() as super::Millis)
}

fn wait(reader: &mut WalkReader) -> Result<Action> {
    Ok(Action::Wait(seconds(reader)?))
}

fn keys(reader: &mut WalkReader) -> Result<Action> {
    let mut presses: Vec<Press> = Vec::new();
    while presses.is_empty() || reader.has_more() {
        if reader.has_quote() {
            presses.extend(reader.text("a text")?.chars().map(Press::typed));
            continue;
        }
        let span = reader.word("a key")?;
        let name = reader.slice(span);
        let press = Press::parse(name).ok_or_else(|| {
            Error::syntax(reader.source(), span, format!("`{name}` is no key")).suggest(
                name,
                "keys",
                key::names(),
            )
        })?;
        presses.push(press);
    }
    Ok(Action::Key(presses))
}

fn play(reader: &mut WalkReader) -> Result<Action> {
    let span = reader.word("a number of iterations")?;
    let word = reader.slice(span);
    let count = word.parse::<u64>().ok().filter(|count| *count > 0);
    let Some(count) = count else {
        let message = format!("`{word}` is no number of iterations");
        return Err(Error::syntax(reader.source(), span, message));
    };
    let time = if reader.has_more() {
        seconds(reader)?
    } else {
        3000
    };
    Ok(Action::Play(count, time))
}

fn show(reader: &mut WalkReader) -> Result<Action> {
    Ok(Action::Pane(ViewCommand::Pane(pane(reader)?)))
}

fn hide(reader: &mut WalkReader) -> Result<Action> {
    Ok(Action::Pane(ViewCommand::Hide(pane(reader)?)))
}

fn pane(reader: &mut WalkReader) -> Result<Pane> {
    let span = reader.word("the name of a pane")?;
    let name = reader.slice(span);
    Pane::named(name).ok_or_else(|| {
        let message = format!("there is no pane `{name}`");
        let error = Error::syntax(reader.source(), span, message);
        let panes = Pane::all().map(|pane| pane.row().name);
        error.suggest(name, "panes", panes)
    })
}

fn expect(reader: &mut WalkReader) -> Result<Action> {
    if reader.has_more() && reader.slice(reader.word_span()) == "screen" {
        reader.word("screen")?;
        return Ok(Action::ExpectScreen(
            reader.text("what the screen is to show")?,
        ));
    }
    let span = reader.rest_of_line();
    if span.start == span.end {
        return Err(Error::syntax(
            reader.source(),
            span,
            "a condition is missing here",
        ));
    }
    expression_within(reader.source(), span)?;
    Ok(Action::Expect(span))
}

#[expect(clippy::unnecessary_wraps, reason = "the table's form")]
fn clear(_: &mut WalkReader) -> Result<Action> {
    Ok(Action::Clear)
}

/// The name of a source's file without folders and without `.walk`.
#[must_use]
pub fn stem(source: &Source) -> &str {
    let name = source.name.rsplit('/').next().unwrap_or(&source.name);
    name.strip_suffix(".walk").unwrap_or(name)
}
