//! Keys and counts: what a number before a key does, and that keys are what they stand for, however that is spelt.

use super::stage::{drawn, plain_app, screen, text, typed};
use eigenstep::tui::{
    app::App,
    command::{ScreenCommand, TABLE},
    keymap::{Binding, Key},
    view_command::ViewCommand,
};

fn bind(app: &mut App, key: &str, line: &str) {
    let key = Key::parse(key).unwrap();
    app.keymap.bind(key, Binding::parse(line).unwrap());
}

fn shown(app: &mut App, size: (u16, u16)) -> String {
    text(&drawn(app, size))
}

#[test]
fn a_count_repeats_whatever_takes_one() {
    let mut app = plain_app(&["rule=gd"]);
    bind(&mut app, "ctrl-n", "step 10");
    typed(&mut app, "3<ctrl-n>");
    assert_eq!(app.session.position().t, 30);
    typed(&mut app, "2N");
    assert_eq!(app.session.position().t, 28);
    typed(&mut app, "120G");
    assert_eq!(app.session.position().t, 120);
}

#[test]
fn a_count_before_what_takes_none_is_refused_aloud() {
    let mut app = plain_app(&["rule=gd"]);
    typed(&mut app, "5n3f");
    assert_eq!(app.session.lanes().entries().len(), 1);
    assert!(shown(&mut app, (80, 24)).contains("`fork` takes no count"));
    typed(&mut app, "<esc>n");
    assert_eq!(app.session.position().t, 6, "the count is gone");
}

#[test]
fn keys_bound_by_abbreviations_are_the_same_keys() {
    let explained = |line: &str| {
        let mut app = plain_app(&["rule=adam"]);
        bind(&mut app, "j", line);
        typed(&mut app, "5n<enter>j");
        shown(&mut app, (80, 24))
    };
    assert_eq!(explained("v cursor 1"), explained("view cursor 1"));
    let mut app = plain_app(&["rule=adam"]);
    bind(&mut app, "ctrl-y", "v suspend");
    let suspend = ScreenCommand::View(ViewCommand::Suspend);
    let suspend = eigenstep::debugger::command::AnyCommand::FrontEnd(suspend);
    let keys = app.keymap.keys_of(&suspend);
    assert!(keys.contains(&Key::parse("ctrl-y").unwrap()));
    assert!(keys.contains(&Key::parse("ctrl-z").unwrap()));
}

#[test]
fn a_digit_counts_and_a_key_that_turns_to_a_pane_does_not() {
    let small = (40, 12);
    let mut app = plain_app(&["rule=gd"]);
    typed(&mut app, "5n<f3>");
    let eigen = shown(&mut app, small);
    assert!(eigen.contains("eigen"), "{eigen}");
    typed(&mut app, "n");
    assert_eq!(app.session.position().t, 6, "one step, not three");
    assert!(
        shown(&mut app, small).contains("lambda"),
        "still the eigen pane"
    );
    typed(&mut app, "3n");
    assert_eq!(app.session.position().t, 9);
    assert_eq!(
        screen(&["rule=gd"], small, "<alt-2>n"),
        screen(&["rule=gd"], small, "<f2>n")
    );
}

#[test]
fn a_digit_that_is_bound_does_what_it_is_bound_to() {
    let mut app = plain_app(&["rule=gd"]);
    bind(&mut app, "7", "step 2");
    typed(&mut app, "7n");
    assert_eq!(app.session.position().t, 3);
    typed(&mut app, "17n");
    assert_eq!(app.session.position().t, 20, "within a count it is a digit");
}

#[test]
fn what_a_screen_command_prints_parses_to_it() {
    for line in [
        "view zoom in",
        "view zoom out",
        "view zoom 2.25",
        "view pan left",
        "view pan up 3",
        "view window -1.0 1.0 0.5 2.0",
        "view plane 1 3 through w",
        "view plane eigen 2 1",
        "view pane loss",
        "view max",
        "view max source",
        "view lane -1",
        "record my film.cast",
        "record! \"stop\"",
        "record stop",
        "tour",
        "tour adam",
        "tour \"next\"",
        "tour end",
    ] {
        let binding = Binding::parse(line).unwrap().unwrap();
        assert_eq!(binding.to_string(), line);
    }
    for info in TABLE.infos() {
        for (form, _) in info.forms {
            let verb = form.split_whitespace().next().unwrap();
            let line = format!("{} {verb}", info.name);
            if let Err(error) = Binding::parse(&line) {
                assert!(error.message().contains("expected"), "{line}: {error}");
            }
        }
    }
}

#[test]
fn a_key_that_steps_closes_an_error_and_steps_and_the_error_is_gone() {
    for key in ["n", " "] {
        let mut app = plain_app(&[]);
        shown(&mut app, (80, 24));
        typed(&mut app, "3n:print foo<enter>");
        assert!(shown(&mut app, (80, 24)).contains("unknown name `foo`"));
        typed(&mut app, key);
        let after = shown(&mut app, (80, 24));
        assert!(
            !after.contains("foo") && after.contains(" t 4 "),
            "{key:?}: {after}"
        );
    }
}
