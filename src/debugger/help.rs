//! `help`, made of the tables that it explains.

use super::{
    command::{CommandInfo, CommandTable, Completes, InfoTopic, Phrase},
    session::OPTIONS,
    watch,
};
use crate::lang::{
    error::Result,
    function::{self, Place},
    syntax::operators,
};
use std::fmt::Write;

/// Topics besides the commands.
const TOPICS: [(&str, &str); 3] = [
    (
        "expressions",
        "everything that print, break, watch and the like can read",
    ),
    ("functions", "the functions of the language"),
    ("stopping", "what stops a run, and what does not"),
];

/// The width of a call beyond which its explanation stands below it.
const WIDEST_CALL: usize = 44;

impl<E> CommandTable<E> {
    /// The names that `help` explains.
    #[must_use]
    pub fn topics(&self) -> Vec<&'static str> {
        let topics = TOPICS.iter().map(|(topic, _)| *topic);
        self.infos().map(|info| info.name).chain(topics).collect()
    }

    /// The text of `help`, or of `help TOPIC`.
    ///
    /// # Errors
    /// There is no help on the topic.
    pub fn help(&self, topic: Option<&Phrase>) -> Result<String> {
        let Some(topic) = topic else {
            return Ok(self.overview());
        };
        Ok(match topic.text() {
            "expressions" => expressions(),
            "functions" => functions(),
            "stopping" => STOPPING.to_owned(),
            word => match self.find(word) {
                Ok(info) => one(info),
                Err(_) => {
                    return Err(topic
                        .error(format!("there is no help on `{word}`"))
                        .suggest(word, "topics", self.topics()));
                }
            },
        })
    }

    fn overview(&self) -> String {
        let commands = self.infos().map(|info| (info.call(), info.doc));
        let topics = TOPICS.map(|(topic, doc)| (format!("help {topic}"), doc));
        let calls: Vec<(String, &str)> = commands.chain(topics).collect();
        let widths = calls.iter().map(|(call, _)| call.chars().count());
        let width = widths.filter(|width| *width <= WIDEST_CALL).max();
        let width = width.unwrap_or(WIDEST_CALL);
        let mut text = String::new();
        for (at, (call, doc)) in calls.iter().enumerate() {
            if at + TOPICS.len() == calls.len() {
                text.push('\n');
            }
            if call.chars().count() <= width {
                let _ = writeln!(text, "{call:<width$}  {doc}");
            } else {
                let _ = writeln!(text, "{call}\n{:<width$}  {doc}", "");
            }
        }
        text.push_str("any unambiguous prefix of a command works; an empty line steps again");
        text
    }
}

fn one(info: &CommandInfo) -> String {
    let mut text = format!("{}\n  {}", info.call(), info.doc);
    if !info.aliases.is_empty() {
        let _ = write!(text, "\n  also: {}", info.aliases.join(", "));
    }
    let rows: Vec<(&str, &str)> = match info.completes {
        Completes::Info => InfoTopic::ALL.map(|(_, name, doc)| (name, doc)).to_vec(),
        Completes::Setting => OPTIONS.to_vec(),
        _ => info.forms.to_vec(),
    };
    let width = rows.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    for (name, doc) in rows {
        let _ = write!(text, "\n  {} {name:<width$}  {doc}", info.name);
    }
    text
}

/// The topics of `info`, a line each.
pub(super) fn info_topics() -> String {
    let rows = InfoTopic::ALL.map(|(_, topic, doc)| format!("info {topic:<11} {doc}"));
    rows.join("\n")
}

fn expressions() -> String {
    let mut text = String::from(
        "Every variable and setting of the rule by its name, w[1] for an element, lane.name for another lane's.\n",
    );
    for row in watch::QUANTITIES {
        let _ = writeln!(text, "  {:<10} {}", row.name, row.doc);
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
