//! `help`, made of the tables that it explains.

use super::{Arguments, COMMANDS, Command, find, info, options};
use crate::{
    debugger::{answer::Answer, control::Control, session::Session, view_command, watch},
    lang::{
        error::Result,
        function::{self, Place},
        syntax::operators,
    },
};
use std::fmt::Write;

/// Topics besides the commands.
const TOPICS: [(&str, &str); 3] = [
    (
        "expressions",
        "what print, break, watch and the like can read",
    ),
    ("functions", "the functions of the language"),
    ("stopping", "what stops a run, and what does not"),
];

/// The names that `help` explains.
#[must_use]
pub fn topics() -> Vec<&'static str> {
    let topics = TOPICS.iter().map(|(topic, _)| *topic);
    COMMANDS.iter().map(|row| row.name).chain(topics).collect()
}

/// How a command is called, with its aliases.
fn call(row: &Command) -> String {
    let arguments = if row.arguments.is_empty() {
        String::new()
    } else {
        format!(" {}", row.arguments)
    };
    format!("{}{arguments}", row.name)
}

/// The commands as rows of (call, aliases, what it does).
#[must_use]
pub fn table() -> Vec<(String, String, &'static str)> {
    COMMANDS
        .iter()
        .map(|row| (call(row), row.aliases.join(" "), row.doc))
        .collect()
}

pub(super) fn help(_: &mut Session, arguments: &Arguments, _: &mut Control) -> Result<Answer> {
    let word = arguments.text();
    let text = match word {
        "" => overview(),
        "expressions" => expressions(),
        "functions" => functions(),
        "stopping" => STOPPING.to_owned(),
        _ => match find(word) {
            Ok(row) => one(row),
            Err(_) => {
                return Err(arguments
                    .error(arguments.span(), format!("there is no help on `{word}`"))
                    .suggest(word, "topics", topics()));
            }
        },
    };
    Ok(Answer::Text(text))
}

fn overview() -> String {
    let mut text = String::new();
    for (call, _, doc) in table() {
        let _ = writeln!(text, "{call:<48} {doc}");
    }
    text.push('\n');
    for (topic, doc) in TOPICS {
        let _ = writeln!(text, "help {topic:<43} {doc}");
    }
    text.push_str(
        "a command may be shortened to any prefix that fits it alone; an empty line steps again",
    );
    text
}

fn one(row: &Command) -> String {
    let mut text = format!("{}\n  {}", call(row), row.doc);
    if !row.aliases.is_empty() {
        let _ = write!(text, "\n  also: {}", row.aliases.join(", "));
    }
    let rows: &[(&str, &str)] = match row.name {
        "view" => view_command::USAGE,
        "info" => &info::TOPICS,
        "set" => &options::OPTIONS,
        _ => &[],
    };
    for (name, doc) in rows {
        let _ = write!(text, "\n  {} {name:<22} {doc}", row.name);
    }
    text
}

fn expressions() -> String {
    let mut text = String::from(
        "Every variable and setting of the rule by its name, w[1] for an element, lane.name for another lane's.\n",
    );
    for (name, doc) in watch::QUANTITIES {
        let _ = writeln!(text, "  {name:<10} {doc}");
    }
    let _ = write!(
        text,
        "Operators, the tightest first: {}. `help functions` lists the functions.",
        operators()
    );
    text
}

fn functions() -> String {
    let mut text = String::new();
    for row in function::all() {
        let place = match row.place {
            Place::Anywhere => "",
            Place::Rule => "  (in rules)",
            Place::Watch => "  (not in rules or losses)",
        };
        let _ = writeln!(text, "  {:<32} {}{place}", row.signature, row.doc);
    }
    text.trim_end().to_owned()
}

const STOPPING: &str = "\
A run stops where a break's condition becomes true (was false one iteration before), where a watched
value changes, before a line with a break runs, and where a lane leaves the loss's bounds or a value is
not finite. `continue` stops also where a loss comes down to the tolerance and where something was set
by hand; it and `until` stop after max-run iterations (`step` and `goto` go as far as they were told).
To touch the tolerance is not to stay below it: until settled(loss < 1e-6, 50) runs until
that has held for 50 iterations running; print last_change(loss < 1e-6) tells since when.";
