//! Expressions and rules.

use super::{
    input::{ask, asks_for_much, draw, harmless, looked, text, with_file},
    sessions::variables,
};
use eigenstep::{Rule, Scenario, Session, error::Source};
use std::sync::Arc;

/// A loss on the first line, and expressions over its run on those below it, in each place that takes one.
///
/// Asserts that the way back leads to the same bits.
pub fn expressions(bytes: &[u8]) {
    let Some(text) = text(bytes).filter(|text| !asks_for_much(text)) else {
        return;
    };
    let mut lines = text.lines();
    let loss = lines.next().unwrap_or_default();
    let opened = Scenario::from_flags(&[("loss", loss), ("rule", "momentum"), ("set", "eta=0.01")])
        .and_then(|scenario| scenario.session());
    let session = looked(opened).map_or_else(|| Scenario::default().session(), Ok);
    let mut session = harmless(session.expect("the default scenario opens"));
    for line in lines.take(2) {
        for command in ["print", "display", "break", "watch", "trace", "until"] {
            ask(&mut session, &format!("{command} {line}"));
        }
        ask(&mut session, "step 2");
    }
    comes_back(&mut session);
}

/// A rule: read, compiled for several numbers of parameters, run on a loss, explained and drawn.
///
/// Asserts that the way back leads to the same bits.
pub fn rules(bytes: &[u8]) {
    let Some(text) = text(bytes) else {
        return;
    };
    let Some(rule) = looked(Rule::parse(&Source::new("fuzzed.rule", text.as_str()))) else {
        return;
    };
    let rule = Arc::new(rule);
    for n in [1, 3] {
        looked(rule.compile(n));
    }
    if asks_for_much(&text) {
        return;
    }
    with_file(text.as_bytes(), ".rule", |path| {
        let opened = Scenario::from_flags(&[("rule", path.to_string_lossy())])
            .and_then(|scenario| scenario.session());
        let Some(session) = looked(opened) else {
            return;
        };
        let mut session = harmless(session);
        for command in [
            "step 3",
            "next 2",
            "info prediction",
            "explain w",
            "info rule",
            "step 2",
        ] {
            ask(&mut session, command);
        }
        comes_back(&mut session);
        draw(session);
    });
}

/// Goes back and forth again.
fn comes_back(session: &mut Session) {
    let (there, before) = (session.position(), variables(session));
    ask(session, "back 1");
    ask(session, &format!("goto {} {}", there.t, there.line));
    if session.position() == there {
        assert!(variables(session) == before, "the same bits at {there:?}");
    }
}
