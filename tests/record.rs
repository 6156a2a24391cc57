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
#[path = "record/witness.rs"]
mod witness;

use eigenstep::{
    error::Source,
    record::{headless_recorder::HeadlessRecorder, tours as bundled, walk::Walk},
};
use ratatui::layout::Size;
use std::{
    num::NonZero,
    process::{Command, Output},
    sync::{Arc, LazyLock},
    thread,
};
use witness::Witness;

/// A bundled tour as it was filmed.
struct Film {
    name: &'static str,
    walk: Arc<Walk>,
    recording: HeadlessRecorder,
    witness: Witness,
}

/// Every bundled tour, filmed once, beside a terminal that is sent the bytes.
static FILMS: LazyLock<Vec<Film>> = LazyLock::new(|| {
    let film = |name| {
        let walk = bundled::load(name).unwrap();
        let (recording, witness) = Witness::of(&walk);
        Film {
            name,
            walk,
            recording,
            witness,
        }
    };
    let names = bundled::names();
    let cameras = thread::available_parallelism().map_or(1, NonZero::get);
    let mut films: Vec<Film> = thread::scope(|scope| {
        let shifts: Vec<_> = (0..cameras)
            .map(|camera| names[camera..].iter().step_by(cameras))
            .map(|shift| scope.spawn(move || shift.map(|name| film(name)).collect::<Vec<_>>()))
            .collect();
        shifts
            .into_iter()
            .flat_map(|it| it.join().unwrap())
            .collect()
    });
    films.sort_by_key(|film| names.iter().position(|name| *name == film.name));
    films
});

/// The film of a bundled tour.
fn film(name: &str) -> &'static Film {
    FILMS.iter().find(|film| film.name == name).unwrap()
}

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
