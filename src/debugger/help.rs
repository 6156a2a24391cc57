//! `help`, made of the tables that it explains.

use super::{
    command::{CommandInfo, CommandTable, Completes, InfoTopic, Phrase},
    session::{OPTIONS, Session},
    watch,
};
use crate::{
    error::Result,
    glossary,
    lang::{
        function::{self, CallContext},
        syntax::operators,
    },
    rule,
};
use std::fmt::Write;

/// Topics besides the commands.
const TOPICS: [(&str, &str); 3] = [
    (
        "expressions",
        "what expressions in print, break, watch, ... can use",
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

    /// The text of `help`, or of `help TOPIC`; words of a rule and a loss are those of the session.
    ///
    /// # Errors
    /// There is no help on the topic.
    pub fn help(&self, session: Option<&Session>, topic: Option<&Phrase>) -> Result<String> {
        let Some(topic) = topic else {
            return Ok(self.overview());
        };
        Ok(match topic.text() {
            "expressions" => expressions(),
            "functions" => functions(),
            "stopping" => STOPPING.to_owned(),
            word => {
                let mut parts: Vec<String> = glossary::find(word)
                    .map(|term| format!("{word}: {}", term.about))
                    .collect();
                parts.extend(rule_words(session, word));
                parts.extend(self.forms(word));
                parts.extend(self.front_end_word(word));
                parts.extend(option_words(session, word));
                let function = function::find(word).into_iter();
                parts.extend(function.map(|row| format!("{}: {}", row.signature, row.doc)));
                // A command comes first; its prefix is one only where the word means nothing else.
                let is_command =
                    |info: &CommandInfo| info.name == word || info.aliases.contains(&word);
                if let Ok(info) = self.find(word)
                    && (parts.is_empty() || is_command(info))
                {
                    parts.insert(0, one(info, session));
                }
                if parts.is_empty() {
                    return Err(topic
                        .error(format!("there is no help on `{word}`"))
                        .suggest(word, "topics", self.topics()));
                }
                parts.join("\n")
            }
        })
    }

    /// The topic of `info` with this name, and the forms of commands that begin with it.
    fn forms<'a>(&'a self, word: &'a str) -> impl Iterator<Item = String> + 'a {
        let topics = InfoTopic::ALL.into_iter().filter(move |it| it.1 == word);
        let topics = topics.map(|(_, name, doc)| format!("info {name}: {doc}"));
        let named = self.infos().flat_map(|info| {
            let forms = info.forms.iter();
            forms.map(move |(form, doc)| (info.name, *form, *doc))
        });
        let own = named.filter(move |(_, form, _)| form.split(' ').next() == Some(word));
        topics.chain(own.map(|(name, form, doc)| format!("{name} {form}: {doc}")))
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
        text.push_str(
            "any unambiguous prefix of a command works; an empty line repeats the last step",
        );
        text
    }
}

/// A word in the rule and the loss in focus, as a rule, or as a quantity.
fn rule_words(session: Option<&Session>, word: &str) -> Vec<String> {
    let mut parts = session.map_or_else(Vec::new, |session| own_words(session, word));
    let embedded = rule::embedded(word).and_then(|source| rule::Rule::parse(&source).ok());
    parts.extend(embedded.map(|rule| format!("{}: {}", rule.name, rule.title)));
    let quantities = watch::QUANTITIES.iter().filter(|row| row.name == word);
    if parts.is_empty() && glossary::find(word).next().is_none() {
        parts.extend(quantities.map(|row| format!("{}: {}", row.name, row.doc)));
    }
    parts
}

/// The option of this name.
fn option_words(session: Option<&Session>, word: &str) -> Option<String> {
    let front_end = session.map_or(&[][..], Session::front_end_options);
    let front_end = front_end.iter().map(|it| (it.name, it.doc));
    let mut options = OPTIONS.into_iter().chain(front_end);
    let (name, doc) = options.find(|(name, _)| *name == word)?;
    Some(format!("set {name}=...: {doc}"))
}

/// A word in the rule and the loss in focus.
fn own_words(session: &Session, word: &str) -> Vec<String> {
    let mut parts = Vec::new();
    let rule = &session.lanes().focused().compiled().rule;
    let states = rule.states.iter();
    let states = states.map(|it| (&*it.name, &*it.doc, "state"));
    let params = rule.declared().map(|it| (it.name, it.doc, "setting"));
    for (_, doc, kind) in params.chain(states).filter(|(name, ..)| *name == word) {
        parts.push(format!("{word}: {doc} (a {kind} of {})", rule.name));
    }
    let assigned = rule.step.iter().find(|line| line.target == word);
    if let Some(line) = assigned.filter(|_| parts.is_empty()) {
        let source: Vec<&str> = rule.source.slice(line.span).split_whitespace().collect();
        parts.push(format!(
            "{word}: computed by {} ({})",
            source.join(" "),
            rule.name
        ));
    }
    if session.landscape().name == word {
        parts.push(format!("{word}: the loss minimised here"));
    }
    parts
}

fn one(info: &CommandInfo, session: Option<&Session>) -> String {
    let mut text = format!("{}\n  {}", info.call(), info.doc);
    if !info.aliases.is_empty() {
        let _ = write!(text, "\n  also: {}", info.aliases.join(", "));
    }
    let rows: Vec<(&str, &str)> = match info.completes {
        Completes::Info => InfoTopic::ALL.map(|(_, name, doc)| (name, doc)).to_vec(),
        Completes::Setting => {
            let front_end = session.map_or(&[][..], Session::front_end_options);
            let front_end = front_end.iter().map(|it| (it.name, it.doc));
            OPTIONS.into_iter().chain(front_end).collect()
        }
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
    let names = watch::QUANTITIES.iter().map(|row| row.name.len());
    let width = names.max().unwrap_or(0);
    for row in watch::QUANTITIES {
        let _ = writeln!(text, "  {:<width$}  {}", row.name, row.doc);
    }
    let _ = write!(
        text,
        "Operators, tightest first: {}. `help functions` lists the functions.",
        operators()
    );
    text
}

fn functions() -> String {
    let mut text = String::new();
    let width = function::all().map(|row| row.signature.len()).max();
    let width = width.unwrap_or(0);
    for row in function::all() {
        let place = match row.place {
            CallContext::Anywhere => "",
            CallContext::Rule => "  (in rules)",
            CallContext::Watch => "  (not in rules or losses)",
        };
        let _ = writeln!(text, "  {:<width$}  {}{place}", row.signature, row.doc);
    }
    text.trim_end().to_owned()
}

const STOPPING: &str = "\
A run stops when a breakpoint's condition becomes true (it was false one iteration before), when a watched
value changes, before a line with a breakpoint, and when a lane leaves the loss's bounds or a value is not
finite. `continue` also stops when a loss reaches the tolerance and where an edit was made by hand; like
`until`, it stops after max-run iterations (`step` and `goto` have no such limit).
Reaching the tolerance once is not staying below it: `until settled(loss < 1e-6, 50)` runs until that has
held for 50 iterations in a row; `print last_change(loss < 1e-6)` shows since when.";
