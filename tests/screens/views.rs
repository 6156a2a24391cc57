//! What a person sees after each form of `view`; windows, columns, plots and keys have files of their own.

use super::stage::{drawn, plain_app, screen, text, typed};
use eigenstep::tui::{
    app::AfterKey,
    host,
    key::{KeyCode, KeyEvent, KeyModifiers},
    view_command::USAGE,
};

const SIZE: (u16, u16) = (80, 24);
const TWELVE: [&str; 2] = ["rule=gd", "eigenvalues=1..100:log:12"];

/// The titles of the panes: the word after the corner of each.
fn has_title(shown: &str, title: &str) -> bool {
    shown
        .lines()
        .any(|row| row.contains(&format!("- {title} ")))
}

fn after(flags: &[&str], command: &str) -> String {
    screen(flags, SIZE, &format!("3n:view {command}<enter>"))
}

#[test]
fn a_pane_is_hidden_and_shown_again() {
    assert!(has_title(&after(&[], "fit"), "eigen"));
    let hidden = after(&[], "hide eigen");
    assert!(!has_title(&hidden, "eigen"), "{hidden}");
    let again = after(&[], "hide eigen<enter>:view pane eigen");
    assert!(has_title(&again, "eigen"), "{again}");
    let lanes = after(&[], "pane lanes");
    assert!(
        has_title(&lanes, "lanes") && lanes.contains(">a adam"),
        "{lanes}"
    );
}

#[test]
fn one_pane_has_all_the_room_and_gives_it_back() {
    let alone = after(&TWELVE, "max eigen");
    assert!(has_title(&alone, "eigen") && !has_title(&alone, "contour w1 w2"));
    let rows = |shown: &str| shown.lines().filter(|row| row.contains("monotone")).count();
    assert!(rows(&alone) > 10, "all eigenvalues at once: {alone}");
    let back = after(&TWELVE, "max eigen<enter>:view max");
    assert_eq!(back, after(&TWELVE, "pane eigen"));
}

#[test]
fn the_eigenvalues_scroll() {
    // Where not all fit, those of the largest errors' ends come first: 1, 100, 1.52, 65.79, ...
    let first = |shown: &str| {
        let mut rows = shown
            .lines()
            .skip_while(|row| !row.contains("lambda   alpha"));
        let row = rows.nth(1).unwrap_or_default().to_owned();
        row.split_whitespace()
            .rev()
            .nth(1)
            .unwrap_or_default()
            .to_owned()
    };
    let (before, scrolled) = (after(&TWELVE, "fit"), after(&TWELVE, "scroll 3"));
    assert_eq!(first(&before), "1", "{before}");
    assert_eq!(first(&scrolled), "65.79", "{scrolled}");
    assert_eq!(after(&TWELVE, "scroll 3<enter>:view scroll -3"), before);
}

#[test]
fn a_plane_names_its_axes_as_they_were_asked_for() {
    let turned = after(&TWELVE, "plane 7 3");
    assert!(has_title(&turned, "contour w7 w3"), "{turned}");
    let axes = |shown: &str| shown.contains("w3") && shown.contains("w7");
    assert!(axes(&turned), "{turned}");
    let eigen = after(&TWELVE, "plane eigen 1 12");
    assert!(has_title(&eigen, "contour alpha1 alpha12"), "{eigen}");
}

#[test]
fn the_cursor_of_the_source_moves_and_stays_while_the_run_goes_on() {
    let row = |shown: &str| {
        let mut marked = shown.lines().filter(|row| row.starts_with(" -"));
        marked.next().unwrap_or_default().to_owned()
    };
    let moved = after(&[], "cursor 2");
    assert!(row(&moved).contains("3 s "), "{moved}");
    let back = after(&[], "cursor 2<enter>:view cursor -1");
    assert!(row(&back).contains("2 m "), "{back}");
}

#[test]
fn the_next_plot_of_a_pane_comes_first() {
    let (before, after) = (after(&TWELVE, "fit"), after(&TWELVE, "curve"));
    assert!(has_title(&before, "alpha 12: lambda 100"), "{before}");
    assert!(!has_title(&after, "alpha 12: lambda 100"), "{after}");
    assert!(has_title(&after, "alpha 1: lambda 1"), "{after}");
}

#[test]
fn the_lane_so_many_further_on_has_the_keys() {
    let three = ["rule=gd", "rule=momentum", "rule=adam"];
    for (by, name) in [
        (1, "momentum on"),
        (2, "adam on"),
        (-1, "adam on"),
        (3, "gd on"),
    ] {
        let shown = after(&three, &format!("lane {by}"));
        assert!(shown.starts_with(name), "{by}: {shown}");
    }
}

#[test]
fn theory_takes_the_place_of_bars_where_only_one_fits() {
    let shown = |command: &str| screen(&["rule=gd"], (64, 20), &format!("3n{command}"));
    let (bars, theory) = (shown(""), shown(":view theory<enter>"));
    assert!(bars.contains("==|") && !bars.contains("monotone"), "{bars}");
    assert!(
        theory.contains("monotone") && !theory.contains("==|"),
        "{theory}"
    );
    assert_eq!(shown(":view theory<enter>:view theory<enter>"), bars);
}

#[test]
fn redraw_and_suspend_are_left_to_the_terminal() {
    let mut app = plain_app(&[]);
    drawn(&mut app, SIZE);
    let shown = text(&drawn(&mut app, SIZE));
    let mut pressed = |command: &str| {
        typed(&mut app, &format!(":view {command}"));
        match app.key(KeyEvent::new(KeyCode::Enter, KeyModifiers::NONE)) {
            AfterKey::Execute(line) => {
                app.execute(&line, &mut eigenstep::debugger::Control::default())
            }
            other => other,
        }
    };
    assert_eq!(pressed("redraw"), AfterKey::Redraw);
    assert_eq!(pressed("suspend"), AfterKey::Suspend);
    assert_eq!(pressed("copy"), AfterKey::Copy);
    assert_eq!(
        text(&drawn(&mut app, SIZE)),
        shown,
        "the picture is the same"
    );
}

/// A new form of `view` comes with a test of what a person sees, whose file this list names.
#[test]
fn every_form_of_view_has_a_test() {
    const TESTED: [(&str, &[&str]); 7] = [
        (
            "windows",
            &[
                "zoom", "pan", "follow", "aspect", "shade", "fit", "window", "charset",
            ],
        ),
        (
            "columns",
            &["columns", "sort", "only", "summary", "tensors"],
        ),
        (
            "views",
            &[
                "plane", "pane", "hide", "max", "scroll", "cursor", "lane", "curve",
            ],
        ),
        ("views", &["theory", "redraw", "suspend", "copy"]),
        ("stories", &["break", "expand", "keys"]),
        ("plots", &["play", "nudge"]),
        ("insight", &["sweep"]),
    ];
    let mut tested: Vec<&str> = TESTED
        .iter()
        .flat_map(|(_, verbs)| *verbs)
        .copied()
        .collect();
    let mut verbs: Vec<&str> = USAGE
        .iter()
        .filter_map(|(form, _)| form.split_whitespace().next())
        .collect();
    tested.sort_unstable();
    verbs.sort_unstable();
    verbs.dedup();
    assert_eq!(verbs, tested);
}

#[test]
fn what_is_copied_is_the_text_of_the_pane_in_focus_or_of_what_lies_over_it() {
    let mut app = plain_app(&[]);
    drawn(&mut app, SIZE);
    let mut copied = |script: &str| {
        typed(&mut app, script);
        let shown = text(&drawn(&mut app, SIZE));
        // The key copies, and leaves what it has copied where it is.
        typed(&mut app, "y");
        assert_eq!(text(&drawn(&mut app, SIZE)), shown, "{script}");
        host::copied(&app)
    };
    let (what, listing) = copied("12n:view pane source<enter>");
    assert_eq!(what, "source");
    let lines: Vec<&str> = listing.lines().collect();
    assert!(lines[0].contains("adam.rule"), "{listing}");
    assert!(lines[1].contains("g     = grad(w)"), "{listing}");
    assert!(!listing.contains("contour"), "{listing}");
    assert!(lines.iter().all(|line| line.trim_end() == *line));
    let (what, line) = copied("<down><enter>");
    assert!(what.contains("line 2"), "{what}");
    assert!(
        line.starts_with("m[1] = beta1*m[1] + (1 - beta1)*g[1] = 0.9*"),
        "{line}"
    );
    let (what, map) = copied("<esc>:sweep eta=0.01..0.1:5 steps 20<enter>");
    assert!(
        what == "map" && map.starts_with("adam on valley: iterations"),
        "{map}"
    );
}
