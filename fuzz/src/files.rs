//! Files: walks, scenarios, configurations, runs and data.

use super::input::{asks_for_much, bounded, draw, harmless, look, looked, text, with_file};
use eigenstep::{
    Scenario, cli,
    debugger::sweep::MapPart,
    diff::{ConfiguredRule, Mode, Question, Tolerance, compare_runs, examine},
    error::Source,
    loss::{Model, ModelConfig, data::DataTable},
    record::{
        playback_target::{PlaybackEnd, PlaybackTarget},
        player::{Done, Player},
        screen::{self, Appearance},
        walk::{Millis, Walk},
    },
    runs::{self, ReadOptions},
    scenario::journal,
    tui::app::App,
};
use ratatui::layout::Size;
use std::{io, path::Path, sync::Arc};

/// A target that sees a few pictures of a walk.
struct Glimpse {
    pictures: u32,
}

impl PlaybackTarget for Glimpse {
    fn types(&self) -> bool {
        false
    }

    fn frame(&mut self, app: &mut App, _: Millis) -> io::Result<()> {
        self.pictures = self
            .pictures
            .checked_sub(1)
            .ok_or(io::ErrorKind::TimedOut)?;
        if self.pictures.is_multiple_of(4) {
            screen::draw(app, Size::new(80, 24));
        }
        Ok(())
    }
}

/// A walk: read, and played for a while.
pub fn walks(bytes: &[u8]) {
    let Some(text) = text(bytes) else {
        return;
    };
    let Some(walk) = looked(Walk::parse(&Source::new("fuzzed.walk", text.as_str()))) else {
        return;
    };
    // A walk is played without a limit.
    if asks_for_much(&text)
        || ["until", "continue", "sweep", "last"]
            .iter()
            .any(|word| text.contains(word))
    {
        return;
    }
    let walk = Arc::new(walk);
    let Some(mut app) = looked(screen::open_walk(&walk, Appearance::default())) else {
        return;
    };
    app.session.allow_runs_of(1000);
    let mut player = Player::new(walk);
    player.begin(&mut app);
    let mut stage = Glimpse { pictures: 20 };
    loop {
        match player.advance(&mut app, &mut stage) {
            Ok(Done::Finished) | Err(PlaybackEnd::Target(_)) => break,
            Ok(_) => {}
            Err(PlaybackEnd::Broken(error) | PlaybackEnd::Unmet(error)) => {
                look(&error);
                break;
            }
        }
    }
}

/// A scenario, or a session that was saved: read, written, read again, opened, its commands executed.
///
/// Asserts that what is written says the same.
pub fn scenario(bytes: &[u8]) {
    let Some(text) = text(bytes) else {
        return;
    };
    let read = |text: &str| Scenario::from_toml(&Source::new("fuzzed.toml", text), Path::new(""));
    let Some(scenario) = looked(read(&text)) else {
        return;
    };
    let written = scenario.to_toml();
    let again = looked(read(&written)).expect("what was written can be read");
    assert_eq!(again.to_toml(), written, "and says the same");
    drop(scenario.to_flags());
    if asks_for_much(&text) {
        return;
    }
    let Some(session) = looked(scenario.session()) else {
        return;
    };
    let mut session = harmless(session);
    looked(bounded(|control| {
        screen::replay(&scenario, &mut session, control)
    }));
    draw(session);
}

/// The journal of a session that did not end in peace: read, and gone on with.
pub fn journal(bytes: &[u8]) {
    let Some(text) = text(bytes) else {
        return;
    };
    let source = Source::new("last-1.journal", text.as_str());
    let Some(read) = looked(journal::read(&source, Path::new(""))) else {
        return;
    };
    if asks_for_much(&text) {
        return;
    }
    let Some(session) = looked(read.scenario.session()) else {
        return;
    };
    let mut session = harmless(session);
    looked(bounded(|control| {
        screen::replay(&read.scenario, &mut session, control)
    }));
    draw(session);
}

/// A configuration file.
pub fn config(bytes: &[u8]) {
    if let Some(text) = text(bytes) {
        looked(cli::entries::config(&text));
    }
}

/// A recorded run, JSON lines or CSV: read held and indexed, strictly and leniently, compared with itself and with a
/// rule, opened as a lane.
///
/// Asserts that it is the same as itself, and that the index finds the rows that are held.
pub fn runs(bytes: &[u8]) {
    with_file(bytes, "", |path| {
        let path = path.to_string_lossy();
        let open = |options: &ReadOptions| runs::open(&path, options);
        let strict = ReadOptions::default();
        let lenient = ReadOptions {
            lenient: true,
            ..strict.clone()
        };
        let indexed = ReadOptions {
            held: 0,
            ..lenient.clone()
        };
        looked(open(&strict));
        let (Some(mut run), Some(mut other)) = (looked(open(&lenient)), looked(open(&indexed)))
        else {
            return;
        };
        assert_eq!(
            (run.first, run.last, run.skipped),
            (other.first, other.last, other.skipped)
        );
        let exact = Tolerance {
            relative: 0.0,
            absolute: 0.0,
        };
        let compared = bounded(|control| compare_runs(&mut run, &mut other, &[], exact, control));
        if let Some((comparison, _)) = looked(compared) {
            assert!(
                comparison.differences.is_empty(),
                "a run is the same as itself"
            );
        }
        let Some(start) = looked(run.start()) else {
            return;
        };
        if let Some(rule) = looked(ConfiguredRule::new("torch/adam", &[], None, &start)) {
            let question = Question {
                mode: Mode::Replay,
                tolerance: exact,
                by_format: true,
                map: Vec::new(),
                convention: None,
                // It takes a thousand times as long as all the rest.
                diagnose: bytes.len().is_multiple_of(64),
            };
            if let Some(report) = looked(bounded(|control| {
                examine(&mut run, &rule, &question, control)
            })) {
                drop(report.to_string());
            }
        }
        if let Some((mut lane, _)) = looked(runs::lane(run, None)) {
            let last = lane.machine().recorded_until().unwrap_or(0);
            let there = eigenstep::debugger::Position::at(last);
            let mut left = 1000_u32;
            lane.seek(there, |_| {
                left = left.saturating_sub(1);
                left > 0
            });
        }
    });
}

/// A recorded run in the binary format, from text that is easier to guess: a line of JSON for each layout and, behind a
/// NUL, rows that begin with the number of their layout and end with a byte that few numbers have.
///
/// Asserts what [`runs`] does.
pub fn binary(bytes: &[u8]) {
    const END: u8 = 0xa5;
    let mut file = b"eigenrun\x01\0\0\0".to_vec();
    let mut chunk = |kind: u8, contents: &[u8]| {
        file.extend(u32::from(kind).to_le_bytes());
        file.extend((contents.len() as u64).to_le_bytes());
        file.extend(contents);
    };
    let mut parts = bytes.splitn(2, |byte| *byte == 0);
    let layouts = parts.next().unwrap_or_default();
    for layout in layouts.split(|byte| *byte == b'\n') {
        chunk(0, layout);
    }
    let rows = parts.next().unwrap_or_default();
    for row in rows.split(|byte| *byte == END) {
        if let Some((kind, row)) = row.split_first() {
            chunk(*kind, row);
        }
    }
    runs(&file);
}

/// A part of a map, which reads back as what it writes, and the map that it makes where it is all of it.
pub fn parts(bytes: &[u8]) {
    let Some(text) = text(bytes) else {
        return;
    };
    let read = |text: &str| looked(MapPart::read(&Source::new("fuzzed.csv", text)));
    let Some(part) = read(&text) else {
        return;
    };
    let written = part.to_text();
    let again = read(&written).expect("what was written can be read");
    assert_eq!(again.to_text(), written);
    if let Some(map) = looked(MapPart::join(vec![("fuzzed.csv".to_owned(), part)])) {
        assert!(!map.to_string().is_empty());
        assert!(map.to_csv().lines().count() > 1);
    }
}

/// A table of data, and each model fitted to each of its columns.
pub fn data(bytes: &[u8]) {
    let Some(text) = text(bytes) else {
        return;
    };
    let Some(table) = looked(DataTable::parse(&Source::new("fuzzed.csv", text.as_str()))) else {
        return;
    };
    for target in table.columns().iter().take(3) {
        for model in Model::ALL {
            let how = ModelConfig {
                target: Some(target.clone()),
                ..ModelConfig::default()
            };
            if let Some(landscape) = looked(model.fit("fuzzed", &table, &how, None)) {
                let mut evaluator = landscape.loss.evaluator();
                let mut gradient = vec![0.0; landscape.start.len()];
                evaluator.batch_gradient(&landscape.start, &[0], &mut gradient);
            }
        }
    }
}
