//! `info`: what there is to know of a session, topic by topic.

use super::Arguments;
use crate::{
    debugger::{answer::Answer, control::Control, session::Session},
    lang::error::Result,
};

/// What `info` tells of.
pub(super) const TOPICS: [(&str, &str); 9] = [
    ("stops", "stops and displays, with their hits"),
    ("lanes", "the lanes side by side"),
    ("settings", "the settings of the rule and their domains"),
    ("variables", "all variables and their values"),
    ("edits", "what was set by hand, and when"),
    ("loss", "the loss, the minimum in force, the spectrum"),
    ("rule", "the rule's title, its sources and its lines"),
    (
        "prediction",
        "what theory says: alpha, regimes, the edge, when the loss is reached",
    ),
    ("options", "what set changes besides settings"),
];

pub(super) fn info(
    session: &mut Session,
    arguments: &Arguments,
    _: &mut Control,
) -> Result<Answer> {
    let word = arguments.text();
    let found: Vec<&str> = TOPICS
        .iter()
        .map(|(topic, _)| *topic)
        .filter(|topic| topic.starts_with(word))
        .collect();
    Ok(match found[..] {
        ["stops"] => Answer::Stops(session.stop_table()),
        ["lanes"] => Answer::Lanes(session.lane_table()),
        ["settings"] => Answer::Settings(session.setting_table()),
        ["variables"] => Answer::Variables(session.variable_table()),
        ["edits"] => Answer::Edits(session.edit_table()),
        ["loss"] => Answer::Loss(Box::new(session.loss_report())),
        ["rule"] => Answer::Rule(session.rule_report()),
        ["options"] => Answer::Options(session.options_report()),
        ["prediction"] => Answer::Prediction(Box::new(super::prediction::tell(session))),
        _ if word.is_empty() => {
            let rows = TOPICS.iter();
            let rows = rows.map(|(topic, doc)| format!("info {topic:<11} {doc}"));
            Answer::Text(rows.collect::<Vec<_>>().join("\n"))
        }
        _ => {
            let topics = TOPICS.iter().map(|(topic, _)| *topic);
            return Err(arguments
                .error(arguments.span(), format!("info knows nothing of `{word}`"))
                .suggest(word, "topics", topics));
        }
    })
}
