//! Walkthroughs: that the tours are true, and that casts and pictures show what the screen shows.

#[path = "record/casts.rs"]
mod casts;
#[path = "record/figures.rs"]
mod figures;
#[path = "record/live.rs"]
mod live;
#[path = "record/pages.rs"]
mod pages;
#[path = "record/stills.rs"]
mod stills;
#[path = "record/tours.rs"]
mod tours;
#[path = "record/walks.rs"]
mod walks;

use eigenstep::{
    error::Source,
    record::{
        headless_recorder::{HeadlessRecorder, record},
        screen::Appearance,
        tours as bundled,
        walk::Walk,
    },
};
use ratatui::layout::Size;
use std::{
    process::{Command, Output},
    sync::{Arc, LazyLock},
};

/// Every bundled tour, filmed once.
static FILMS: LazyLock<Vec<(&'static str, Arc<Walk>, HeadlessRecorder)>> = LazyLock::new(|| {
    let tours = bundled::names().into_iter().map(|name| {
        let walk = bundled::load(name).unwrap();
        let recording = record(&walk, Appearance::default()).unwrap();
        (name, walk, recording)
    });
    tours.collect()
});

/// The walk that this text is.
fn walk(text: &str) -> Arc<Walk> {
    match Walk::parse(&Source::new("my.walk", text)) {
        Ok(walk) => Arc::new(walk),
        Err(error) => panic!("{error}"),
    }
}

fn eigenstep(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_eigenstep"))
        .args(arguments)
        // None of these may make any difference.
        .env("NO_COLOR", "1")
        .env("LC_ALL", "C")
        .env("COLUMNS", "40")
        .env("TERM", "dumb")
        .output()
        .unwrap()
}

/// Three rules of the essay at its step sizes.
const ESSAY: [&str; 12] = [
    "--rule",
    "gd",
    "--rule",
    "momentum",
    "--rule",
    "adam",
    "--set",
    "gd.eta=eta_opt",
    "--set",
    "momentum.eta=0.175*eta_opt",
    "--set",
    "adam.eta=eta_opt",
];

/// What it prints when all goes well.
fn printed(arguments: &[&str]) -> String {
    let output = eigenstep(arguments);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {errors}");
    String::from_utf8(output.stdout).unwrap()
}

/// The screen unless a walk says otherwise.
const SIZE: Size = Size::new(120, 36);

/// A terminal that shows what it is sent.
fn terminal(size: Size) -> vt100::Parser {
    let (rows, columns) = (size.height.try_into(), size.width.try_into());
    vt100::Parser::new(rows.unwrap(), columns.unwrap(), 0)
}
