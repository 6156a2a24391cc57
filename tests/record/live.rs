//! Tours and recordings in the debugger, key by key.

use eigenstep::tui::key::{KeyCode, KeyEvent, KeyModifiers};
use eigenstep::{
    debugger::Control,
    record::{
        live::Live,
        screen::{self, Appearance},
        tours,
    },
    scenario::Scenario,
    tui::{
        app::{AfterKey, App},
        middleware::{Middleware, PressedKeys, ScreenAccess, Screenshot},
    },
};
use ratatui::layout::Size;
use std::fs;

const SIZE: Size = Size::new(120, 36);

/// The debugger with its middleware, as the main loop has them.
struct Desk {
    app: App,
    live: Live,
    screen: String,
    /// The keys that are pressed while something plays.
    pressed: PressedKeys,
    /// The pictures that the last key led to.
    pictures: usize,
}

impl Desk {
    fn new() -> Self {
        let app = screen::open(&Scenario::default(), Appearance::default()).unwrap();
        let mut desk = Self {
            app,
            live: Live::with_pauses(0),
            screen: String::new(),
            pressed: PressedKeys::Nothing,
            pictures: 0,
        };
        desk.draw();
        desk
    }

    fn draw(&mut self) {
        self.live.before(&mut self.app);
        let (cells, cursor) = screen::draw(&mut self.app, SIZE);
        self.screen = screen::rows(&cells).join("\n");
        self.live.drawn(&Screenshot { cells, cursor });
    }

    fn press(&mut self, code: KeyCode) {
        let key = KeyEvent::new(code, KeyModifiers::NONE);
        let pictures = &mut self.pictures;
        *pictures = 0;
        let hand = &mut ScreenAccess {
            draw: &mut |app: &mut App| {
                *pictures += 1;
                let (cells, cursor) = screen::draw(app, SIZE);
                Ok(Screenshot { cells, cursor })
            },
            pressed: &mut || self.pressed,
        };
        if self.live.key(&mut self.app, key, hand).unwrap() {
            return self.draw();
        }
        let mut todo = self.app.key(key);
        while let AfterKey::Execute(line) = todo {
            todo = self.app.execute(&line, &mut Control::default());
        }
        match todo {
            AfterKey::Record(command) => self.live.record(&mut self.app, &command),
            AfterKey::Tour(command) => self.live.tour(&mut self.app, &command, hand).unwrap(),
            AfterKey::Fail(error) => self.app.fail(&error),
            _ => {}
        }
        self.draw();
    }

    fn say(&mut self, line: &str) {
        self.press(KeyCode::Char(':'));
        line.chars().for_each(|c| self.press(KeyCode::Char(c)));
        self.press(KeyCode::Enter);
    }

    fn space(&mut self) {
        self.press(KeyCode::Char(' '));
    }

    fn shows(&self, text: &str) {
        assert!(self.screen.contains(text), "no {text:?}:\n{}", self.screen);
    }
}

#[test]
fn space_goes_on_to_the_next_caption() {
    let mut desk = Desk::new();
    desk.say("step 5");
    desk.say("tour settled");
    desk.shows("Touched is not settled");
    desk.shows("space goes on");
    desk.shows("How many steps does momentum need?");
    desk.space();
    desk.shows("It stops at t = 136.");
    assert_eq!(desk.app.session.position().t, 136);
    desk.space();
    desk.shows("One step on, the loss is back at 5.5e-6");
    desk.say("tour next");
    desk.shows("swings through zero");
    // The session that was put aside comes back.
    desk.say("tour end");
    assert_eq!(desk.app.session.position().t, 5);
    assert!(desk.app.caption.is_none());
    desk.space();
    assert_eq!(desk.app.session.position().t, 6);
}

#[test]
fn space_during_a_run_finishes_it_and_stops_at_its_caption() {
    let mut desk = Desk::new();
    desk.say("tour adam");
    while !desk.screen.contains("Iteration 10:") {
        desk.space();
    }
    desk.pressed = PressedKeys::Some;
    desk.space();
    // Ninety iterations in one picture, and one for the caption.
    assert!(desk.pictures <= 3, "{} pictures", desk.pictures);
    assert_eq!(desk.app.session.position().t, 100);
    desk.shows("Iteration 100:");
}

/// Without a look at keys it would never end.
#[test]
fn esc_ends_a_run_of_a_tour_and_backspace_goes_back() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("long.walk");
    let text = "say \"before\"\nset max-run=1e12\nuntil loss < -1\nsay \"after\"\n";
    fs::write(&file, text).unwrap();
    let mut desk = Desk::new();
    desk.say(&format!("tour {}", file.display()));
    desk.shows("before");
    desk.pressed = PressedKeys::Interrupt;
    desk.space();
    let t = desk.app.session.position().t;
    assert!(t > 0);
    desk.shows(&format!("interrupted at t = {t}"));
    desk.pressed = PressedKeys::Nothing;
    desk.press(KeyCode::Backspace);
    desk.shows("before");
    assert_eq!(desk.app.session.position().t, 0);
}

#[test]
fn backspace_goes_back_to_the_caption_before() {
    let mut desk = Desk::new();
    desk.say("tour settled");
    desk.shows("How many steps does momentum need?");
    let first = desk.screen.clone();
    desk.space();
    desk.space();
    assert_eq!(desk.app.session.position().t, 137);
    desk.press(KeyCode::Backspace);
    desk.shows("It stops at t = 136.");
    assert_eq!(desk.app.session.position().t, 136);
    desk.say("tour back");
    assert_eq!(desk.screen, first);
    // Before the first caption there is none.
    desk.press(KeyCode::Backspace);
    assert_eq!(desk.screen, first);
}

#[test]
fn whoever_leaves_the_path_may_return() {
    let mut desk = Desk::new();
    desk.say("tour settled");
    desk.space();
    // To look is not to leave.
    desk.say("print loss");
    desk.press(KeyCode::Char('+'));
    desk.shows("space goes on");
    desk.press(KeyCode::Char('n'));
    desk.shows("off the path; :tour resume");
    desk.space();
    assert_eq!(
        desk.app.session.position().t,
        138,
        "space steps off the path"
    );
    desk.say("break loss > 1");
    desk.say("set eta=0.001");
    desk.say("tour resume");
    desk.shows("It stops at t = 136.");
    desk.shows("space goes on");
    assert!(desk.app.session.stops().is_empty());
    desk.space();
    desk.shows("One step on");
    // Whoever comes back by himself is back.
    desk.press(KeyCode::Char('N'));
    desk.shows("off the path");
    desk.press(KeyCode::Char('n'));
    desk.shows("space goes on");
}

#[test]
fn every_tour_can_be_walked_to_its_end() {
    for name in tours::names() {
        let mut desk = Desk::new();
        desk.live
            .begin(&mut desk.app, tours::load(name).unwrap())
            .unwrap();
        let caption = desk.app.caption.as_ref().unwrap();
        assert!(!caption.is_empty(), "{name} opens without a caption");
        for _ in 0..40 {
            desk.space();
            if desk.screen.contains("the end; :tour end") {
                break;
            }
        }
        desk.shows("the end; :tour end");
    }
}

#[test]
fn the_tours_are_listed() {
    let mut desk = Desk::new();
    desk.say("tour");
    desk.shows("1  too-far");
    desk.shows("11  dialects");
    desk.say("tour nowhere");
    desk.shows("there is no tour `nowhere`");
    desk.say("tour resume");
    desk.shows("no tour is under way");
}

#[test]
fn the_screen_is_recorded_as_it_changes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("live.cast");
    let mut desk = Desk::new();
    desk.say("record stop");
    desk.shows("no recording is under way");
    desk.say(&format!("record {}", path.display()));
    desk.shows("recording into");
    desk.press(KeyCode::Char('n'));
    desk.say("step 20");
    let last = desk.screen.clone();
    desk.say("record stop");
    desk.shows("recorded ");
    desk.say("step 500");

    let text = fs::read_to_string(&path).unwrap();
    let lines: Vec<serde_json::Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines[0]["version"], 2);
    assert_eq!(lines[0]["width"], 120);
    let mut terminal = super::terminal(super::SIZE);
    let mut typed = String::new();
    let mut seen = false;
    for event in &lines[1..] {
        let data = event[2].as_str().unwrap();
        match event[1].as_str().unwrap() {
            "o" => terminal.process(data.as_bytes()),
            "i" => typed.push_str(data),
            other => panic!("{other}"),
        }
        let rows: Vec<String> = terminal.screen().rows(0, 120).collect();
        let ends = |text: &str| {
            text.lines()
                .map(str::trim_end)
                .collect::<Vec<_>>()
                .join("\n")
        };
        seen = ends(&rows.join("\n")) == ends(&last);
    }
    assert_eq!(
        typed, "n:step 20\r",
        "the command that ends it is no part of it"
    );
    assert!(
        seen,
        "the recording does not end with the frame after `step 20`"
    );
}

#[test]
fn a_question_waits_for_its_answer() {
    let text = "title \"A question\"\nscenario --rule momentum --set beta=0.9\nstep 3\n\
        ask \"How many times?\" expect 1/(1 - beta)\nsay \"Well.\"\n";
    let source = eigenstep::error::Source::new("question.walk", text);
    let walk = std::sync::Arc::new(eigenstep::record::walk::Walk::parse(&source).unwrap());
    let mut desk = Desk::new();
    desk.live.begin(&mut desk.app, walk).unwrap();
    desk.say("tour answer 10");
    desk.shows("nothing is asked here");
    desk.space();
    desk.shows("How many times?");
    desk.shows("tour answer VALUE");
    desk.say("tour answer 9.9");
    desk.shows("9.9: that is right");
    desk.say("tour answer 1 - beta");
    desk.shows("that is not it");
    // Whoever does not know is told, and goes on.
    desk.space();
    desk.shows("How many times? It is 10.");
    desk.space();
    desk.shows("Well.");
}
