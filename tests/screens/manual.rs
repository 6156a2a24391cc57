//! The README's screen and its table of keys are those of the program.

use super::stage::screen;
use eigenstep::tui::keymap;
use std::{fmt::Write, fs};

/// The part of the README between `<!-- name ... -->` and `<!-- /name -->`, and what stands after the name.
fn part(name: &str) -> (String, String) {
    let text = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).unwrap();
    let (_, rest) = text
        .split_once(&format!("<!-- {name}"))
        .unwrap_or_else(|| panic!("the README has no part {name}"));
    let (note, rest) = rest.split_once("-->").unwrap();
    let (inside, _) = rest.split_once(&format!("<!-- /{name} -->")).unwrap();
    (
        note.trim_start_matches(':').trim().to_owned(),
        inside.trim().to_owned(),
    )
}

#[test]
fn the_readmes_screen_is_the_programs() {
    let (keys, shown) = part("screen");
    let shown = shown
        .trim_start_matches("```text\n")
        .trim_end_matches("```");
    let script = keys.replace(' ', "");
    let screen = screen(&[], (80, 24), &script);
    let lines = |text: &str| -> Vec<String> {
        text.trim_end()
            .lines()
            .map(|line| line.trim_end().to_owned())
            .collect()
    };
    assert_eq!(lines(shown), lines(&screen), "the screen is now\n{screen}");
}

#[test]
fn the_readmes_keys_are_the_keymap() {
    let mut table = String::from("| keys | command | |\n|---|---|---|");
    for (keys, line, what) in keymap::table() {
        let keys: Vec<String> = keys.iter().map(|key| format!("`{key}`")).collect();
        let line = if line.is_empty() {
            "`:`".to_owned()
        } else {
            format!("`:{}`", line.trim_end())
        };
        write!(table, "\n| {} | {line} | {what} |", keys.join(" ")).unwrap();
    }
    let (_, shown) = part("keys");
    assert_eq!(shown, table, "the table is now\n{table}");
}
