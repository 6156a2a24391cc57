//! Casts: the same bytes every time, and on a terminal exactly the frames that were drawn.

use super::{Film, eigenstep, film, printed, walk};
use eigenstep::{
    record::{
        cast::{EventCode, Version},
        headless_recorder::{HeadlessRecorder, play, record},
        palette::DARK,
        playback_target::PlaybackTarget,
        player::Player,
        screen::{self, Appearance},
        walk::Millis,
    },
    tui::app::App,
};
use serde_json::Value;
use std::{fs, io};

/// The header and the events of a cast.
fn read(cast: &[u8]) -> (Value, Vec<Value>) {
    let text = std::str::from_utf8(cast).unwrap();
    let mut lines = text.lines().map(|line| serde_json::from_str(line).unwrap());
    let header = lines.next().unwrap();
    (header, lines.collect())
}

#[test]
fn a_terminal_shows_exactly_the_frames_that_were_drawn() {
    for Film { name, witness, .. } in &*super::FILMS {
        assert_eq!(witness.differs, None, "{name}");
        assert!(witness.frames > 100, "{name}");
        assert!(!witness.is_blank(), "{name} ends blank");
    }
}

#[test]
fn a_walk_is_recorded_to_the_same_bytes_every_time() {
    // One with a random run, and one with the most panes.
    for name in ["noise", "condition"] {
        let once = film(name);
        let again = record(Player::new(once.walk.clone()), Appearance::default()).unwrap();
        assert_eq!(once.recording.events(), again.events(), "{name}");
    }
    // Neither the environment nor the folder matters.
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("adam.cast");
    let path = out.to_str().unwrap();
    printed(&["record", "adam", "-o", path]);
    let Film {
        walk, recording, ..
    } = film("adam");
    let here = recording.cast(Version::Two, &walk.title, &DARK).unwrap();
    assert_eq!(fs::read(&out).unwrap(), here);
    assert_eq!(printed(&["record", "adam"]).as_bytes(), here);
}

#[test]
fn casts_are_small() {
    for film in &*super::FILMS {
        let Film {
            name,
            walk,
            recording,
            ..
        } = film;
        let cast = recording.cast(Version::Three, &walk.title, &DARK).unwrap();
        println!("{name}: {} bytes, {} ms", cast.len(), recording.clock());
        assert!(cast.len() < 165_000, "{name}: {} bytes", cast.len());
    }
}

#[test]
fn both_versions_hold_the_same_events() {
    let recording = &film("settled").recording;
    let (_, three) = read(&recording.cast(Version::Three, "t", &DARK).unwrap());
    let (_, two) = read(&recording.cast(Version::Two, "t", &DARK).unwrap());
    assert_eq!(three.len(), recording.events().len());
    assert_eq!(three.len(), two.len());
    let thousandths = |value: &Value| (value.as_f64().unwrap() * 1000.0).round();
    let mut clock = 0.0;
    for ((three, two), event) in three.iter().zip(&two).zip(recording.events()) {
        clock += thousandths(&three[0]);
        assert_eq!(clock, thousandths(&two[0]));
        assert_eq!(three[1], two[1]);
        assert_eq!(three[2], two[2]);
        assert_eq!(three[2].as_str().unwrap(), event.data);
    }
}

#[test]
fn headers_say_what_players_need() {
    let Film {
        walk, recording, ..
    } = film("adam");
    let (three, _) = read(&recording.cast(Version::Three, &walk.title, &DARK).unwrap());
    assert_eq!(three["version"], 3);
    assert_eq!(three["term"]["cols"], 120);
    assert_eq!(three["term"]["rows"], 36);
    assert_eq!(three["title"], "Adam, line by line");
    let palette = three["term"]["theme"]["palette"].as_str().unwrap();
    assert_eq!(palette.split(':').count(), 16);
    let (two, _) = read(&recording.cast(Version::Two, &walk.title, &DARK).unwrap());
    assert_eq!((&two["version"], &two["width"]), (&2.into(), &120.into()));
    assert_eq!(two["theme"], three["term"]["theme"]);
    // Nothing about when and where.
    for header in [three, two] {
        // A pause is as long as it was: it may be there for speech.
        for key in ["timestamp", "command", "duration", "idle_time_limit"] {
            assert!(header.get(key).is_none(), "{key}");
        }
    }
}

#[test]
fn chapters_are_markers_and_keys_are_input() {
    let walk = walk("mark \"One\"\nkey n\nprint t\nmark \"Two\"\nkey left ctrl-l\n");
    let recording = record(Player::new(walk), Appearance::default()).unwrap();
    let of = |kind: EventCode| -> Vec<&str> {
        let events = recording.events().iter().filter(|event| event.kind == kind);
        events.map(|event| event.data.as_str()).collect()
    };
    assert_eq!(of(EventCode::Marker), ["One", "Two"]);
    assert_eq!(of(EventCode::Input).concat(), "n:print t\r\x1b[D\x0c");
}

#[test]
fn without_captions_the_same_pictures_stand_with_their_chapters_and_no_words() {
    let walk = walk("mark \"One\"\nsay \"Watch w.\"\nstep\nask \"Loss?\" expect loss\n");
    let last = |player: Player| record(player, Appearance::default()).unwrap();
    let (with, without) = (
        last(Player::new(walk.clone())),
        last(Player::new(walk).uncaptioned()),
    );
    let sent = |recording: &HeadlessRecorder| -> String {
        let events = recording.events().iter();
        events.map(|event| event.data.as_str()).collect()
    };
    for words in ["One", "Watch", "Loss?"] {
        assert!(sent(&with).contains(words), "{words}");
    }
    let chapters = without
        .events()
        .iter()
        .filter(|event| event.kind == EventCode::Marker);
    assert_eq!(chapters.map(|it| &it.data[..]).collect::<Vec<_>>(), ["One"]);
    let screen = screen::rows(without.shown()).join("\n");
    for words in ["One", "Watch", "Loss?"] {
        assert!(!screen.contains(words), "{words}:\n{screen}");
    }
    assert!(screen.contains(" t 1 "), "{screen}");

    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("adam.cast");
    let out = out.to_str().unwrap();
    let session = [
        "record",
        "--from-session",
        "s.toml",
        "--no-captions",
        "-o",
        out,
    ];
    let output = eigenstep(&session);
    assert_eq!(output.status.code(), Some(2));
    let errors = String::from_utf8(output.stderr).unwrap();
    assert!(errors.contains("--no-captions"), "{errors}");
}

#[test]
fn the_first_frame_is_a_poster() {
    let recording = &film("adam").recording;
    let first = &recording.events()[0];
    assert_eq!((first.at, first.kind), (0, EventCode::Output));
    let mut terminal = super::terminal(super::SIZE);
    terminal.process(first.data.as_bytes());
    let screen = terminal.screen().contents();
    for shown in ["Adam, line by line", "contour", "adam.rule", "eigenstep"] {
        assert!(screen.contains(shown), "no {shown}:\n{screen}");
    }
    assert!(terminal.screen().hide_cursor());
    // Some players forget the poster when they begin to play: the next frame is a full one, too.
    let next = &recording.events()[1..];
    let next = next.iter().find(|it| it.kind == EventCode::Output).unwrap();
    assert!(next.at >= 1000);
    let mut terminal = super::terminal(super::SIZE);
    terminal.process(next.data.as_bytes());
    assert!(terminal.screen().contents().contains("adam.rule"));
    assert!(terminal.screen().hide_cursor());
    let all: String = recording
        .events()
        .iter()
        .map(|it| it.data.as_str())
        .collect();
    assert!(!all.contains("1049l"), "it leaves the alternate screen");
}

#[test]
fn a_saved_session_becomes_a_cast() {
    let folder = tempfile::tempdir().unwrap();
    let saved = folder.path().join("mine.toml");
    let saved_path = saved.to_str().unwrap();
    let save = format!("save {saved_path}");
    printed(&[
        "exec",
        "--rule",
        "gd",
        "-e",
        "step 40",
        "-e",
        "set eta=0.01",
        "-e",
        "step 20",
        "-e",
        "break loss < 1",
        "-e",
        &save,
    ]);
    let cast = printed(&["record", "--from-session", saved_path]);
    let (header, events) = read(cast.as_bytes());
    assert_eq!(header["title"], "session mine");
    let typed: String = events
        .iter()
        .filter(|event| event[1] == "i")
        .map(|event| event[2].as_str().unwrap())
        .collect();
    assert!(typed.contains(":set eta=0.01\r"), "{typed:?}");
    assert!(typed.contains(":break loss < 1\r"), "{typed:?}");
    let mut terminal = super::terminal(super::SIZE);
    for event in events.iter().filter(|event| event[1] == "o") {
        terminal.process(event[2].as_str().unwrap().as_bytes());
    }
    let screen = terminal.screen().contents();
    assert!(screen.contains("t 60"), "{screen}");

    let output = eigenstep(&["record", "--from-session", "Cargo.toml"]);
    assert_eq!(output.status.code(), Some(2));
}

/// Notes the caption and the t of each frame.
struct Captions(Vec<(u64, String)>);

impl PlaybackTarget for Captions {
    fn types(&self) -> bool {
        true
    }

    fn frame(&mut self, app: &mut App, _: Millis) -> io::Result<()> {
        let caption = app.caption.as_ref().map_or("", |it| it.text.as_str());
        let seen = (app.session.position().t, caption.to_owned());
        self.0.push(seen);
        Ok(())
    }
}

#[test]
fn what_is_said_of_one_iteration_does_not_stand_over_another() {
    let walk = walk(
        "say \"At the start.\"\ngoto 5\nsay \"At five.\"\nprint loss\nback 2\nsay \"At three.\"\n",
    );
    let mut seen = Captions(Vec::new());
    play(Player::new(walk), Appearance::default(), &mut seen).unwrap();
    let places = [("At the start.", 0), ("At five.", 5), ("At three.", 3)];
    for (said, at) in places {
        let mut frames = seen.0.iter().filter(|(_, caption)| caption == said);
        assert!(frames.clone().count() > 0, "{said}");
        assert!(frames.all(|(t, _)| *t == at), "{said}");
    }
}
