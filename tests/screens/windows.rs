//! The contour's window: it follows the run without jumping, and goes where it is told.

use super::stage::{app, drawn, plain_app, screen, text, typed};
use eigenstep::tui::{
    contour::Window,
    glyphs::Charset,
    panes::Pane,
    theme::{Background, ColourDepth, Theme},
};
use ratatui::style::Color;

const SIZE: (u16, u16) = (120, 36);

#[test]
fn the_window_follows_with_hysteresis() {
    // |w - w*| grows fivefold and more, with alternating sign.
    let mut app = plain_app(&["rule=gd", "set=eta=1.02*eta_max"]);
    drawn(&mut app, SIZE);
    let mut windows: Vec<Window> = Vec::new();
    for _ in 0..50 {
        typed(&mut app, "n");
        drawn(&mut app, SIZE);
        let window = *app.picture.window().unwrap();
        if windows.last() != Some(&window) {
            windows.push(window);
        }
        let w = app.session.lanes().focused().lane().machine().w();
        assert!(window.contains([w[0], w[1]]), "{w:?} is out of sight");
    }
    assert!(
        (2..=6).contains(&windows.len()),
        "{} windows in 50 steps",
        windows.len()
    );
    // Back at the start it is the one that showed everything: nothing jumps back.
    typed(&mut app, "g");
    drawn(&mut app, SIZE);
    assert_eq!(app.picture.window(), windows.last());
}

#[test]
fn fit_takes_the_first_window_back() {
    let first = screen(&[], SIZE, "9n");
    for moves in [
        "++",
        "-",
        "hhjk",
        "l:view window -1 3 -1 3<enter>",
        ":view plane 2 1<enter>:view plane 1 2<enter>",
    ] {
        let moved = screen(&[], SIZE, &format!("9n{moves}"));
        assert_eq!(moved == first, moves.ends_with("1 2<enter>"), "{moves}");
        assert_eq!(
            screen(&[], SIZE, &format!("9n{moves}F<esc>")),
            first,
            "{moves}"
        );
    }
}

#[test]
fn zoom_keeps_the_run_in_its_place_and_pan_moves_it() {
    let place = |keys: &str| {
        let mut app = plain_app(&[]);
        drawn(&mut app, SIZE);
        typed(&mut app, &format!("30n{keys}"));
        let shown = text(&drawn(&mut app, SIZE));
        let rows = shown
            .lines()
            .skip(2)
            .map(|row| row.chars().take(48).collect::<String>());
        rows.enumerate()
            .find_map(|(y, row)| Some((row.find('@')?, y)))
    };
    let here = place("").unwrap();
    let near =
        |a: (usize, usize), b: (usize, usize)| a.0.abs_diff(b.0) <= 1 && a.1.abs_diff(b.1) <= 1;
    assert!(near(place("+").unwrap(), here));
    assert!(near(place("+++").unwrap(), here));
    let (left, up) = (place("l").unwrap(), place("j").unwrap());
    assert!(left.0 < here.0 && left.1 == here.1, "{left:?} {here:?}");
    assert!(up.1 < here.1 && up.0 == here.0, "{up:?} {here:?}");
}

#[test]
fn what_cannot_be_shown_is_refused_with_the_reason() {
    let said = |flags: &[&str], keys: &str| screen(flags, SIZE, keys);
    assert!(said(&[], ":view plane 1 3<enter>").contains("run from 1 to 2"));
    let many = format!("eigenvalues={}", vec!["1"; 300].join(","));
    assert!(said(&[&many], ":view plane 1 301<enter>").contains("run from 1 to 300"));
    assert!(said(&[], ":view plane 1 1<enter>").contains("two different indices"));
    assert!(said(&[], ":view window 1 0 0 1<enter>").contains("smaller to a larger"));
}

/// The window after `script`, on the default scenario 30 iterations in.
fn window_after(script: &str) -> Window {
    let mut app = plain_app(&[]);
    drawn(&mut app, SIZE);
    typed(&mut app, &format!("30n{script}"));
    drawn(&mut app, SIZE);
    *app.picture.window().unwrap()
}

fn lengths(window: &Window) -> [f64; 2] {
    [window.x(), window.y()].map(|[low, high]| high - low)
}

#[test]
fn zooming_in_shows_fewer_units_and_zooming_out_more() {
    let before = lengths(&window_after(""));
    let times = |script: &str| {
        let after = lengths(&window_after(script));
        assert!(
            (after[0] / before[0] - after[1] / before[1]).abs() < 1e-12,
            "{script}: both ways alike"
        );
        after[0] / before[0]
    };
    for (script, fewer) in [
        ("+", 1.5),
        ("=", 1.5),
        (":view zoom in<enter>", 1.5),
        ("++", 2.25),
        (":view zoom 2<enter>", 2.0),
        ("-", 1.0 / 1.5),
        (":view zoom out<enter>", 1.0 / 1.5),
        (":view zoom 0.5<enter>", 0.5),
        ("+-", 1.0),
        (":view zoom 1<enter>", 1.0),
    ] {
        let times = times(script);
        assert!((times * fewer - 1.0).abs() < 1e-12, "{script}: {times}");
    }
}

#[test]
fn a_pan_looks_at_what_lies_that_way() {
    let before = window_after("");
    for (keys, [right, up]) in [
        ("h", [-1.0, 0.0]),
        ("l", [1.0, 0.0]),
        ("j", [0.0, -1.0]),
        ("k", [0.0, 1.0]),
        (":view pan left<enter>", [-1.0, 0.0]),
        (":view pan right<enter>", [1.0, 0.0]),
        (":view pan down<enter>", [0.0, -1.0]),
        (":view pan up<enter>", [0.0, 1.0]),
    ] {
        let after = window_after(keys);
        let moved = |at: usize| {
            let length = lengths(&before)[at];
            assert!(
                (lengths(&after)[at] - length).abs() < 1e-12,
                "{keys}: as much is in sight"
            );
            (after.centre()[at] - before.centre()[at]) / length
        };
        assert!((moved(0) - 0.1 * right).abs() < 1e-12, "{keys}");
        assert!((moved(1) - 0.1 * up).abs() < 1e-12, "{keys}");
    }
}

#[test]
fn a_window_that_was_asked_for_is_shown_as_it_was_asked_for() {
    let window = window_after(":view window -1 3 -0.5 1.5<enter>");
    assert_eq!((window.x(), window.y()), ([-1.0, 3.0], [-0.5, 1.5]));
    let window = window_after(":view window -1 3 -0.5 1.5<enter>+F");
    assert_eq!(window, window_after(""), "fit takes it back");
}

#[test]
fn following_the_last_steps_shows_them_large_and_keeps_them_in_sight() {
    let mut app = plain_app(&[]);
    drawn(&mut app, SIZE);
    typed(&mut app, "60n:view follow 5<enter>");
    drawn(&mut app, SIZE);
    let all = lengths(&window_after(""));
    let mut windows = std::collections::HashSet::new();
    for _ in 0..40 {
        typed(&mut app, "n");
        drawn(&mut app, SIZE);
        let window = *app.picture.window().unwrap();
        let few = lengths(&window);
        assert!(few[0] < 0.3 * all[0] && few[1] < 0.3 * all[1], "{few:?}");
        let lane = &app.session.lanes().focused().lane();
        let t = lane.position().t;
        for point in lane.timeline().path.points().filter(|it| it.t + 5 >= t) {
            assert!(window.contains([point.w[0], point.w[1]]), "t {}", point.t);
        }
        windows.insert(format!("{window:?}"));
    }
    assert!(
        windows.len() <= 20,
        "the picture stands still most of the time: {}",
        windows.len()
    );
    typed(&mut app, "F");
    drawn(&mut app, SIZE);
    assert_eq!(
        lengths(app.picture.window().unwrap()),
        all,
        "fit shows the whole run again"
    );
}

#[test]
fn with_equal_aspect_a_unit_is_as_long_on_both_axes() {
    let units = |script: &str| {
        let mut app = plain_app(&[]);
        drawn(&mut app, SIZE);
        typed(&mut app, script);
        drawn(&mut app, SIZE);
        let window = *app.field().unwrap().window();
        let pane = app.placed.pane(Pane::Contour);
        // Without the title and the axes.
        let per_row = lengths(&window)[1] / f64::from(pane.height - 2);
        let per_column = lengths(&window)[0] / f64::from(pane.width - 4);
        per_row / per_column
    };
    let equal = units(":view aspect equal<enter>");
    assert!(
        (equal / 2.0 - 1.0).abs() < 0.1,
        "a cell is twice as tall as wide: {equal}"
    );
    let free = units(":view aspect equal<enter>:view aspect free<enter>");
    assert!((free - units("")).abs() < 1e-12);
    assert!((free / 2.0 - 1.0).abs() > 0.1, "{free}");
}

#[test]
fn shade_shades_the_ground_by_its_height_and_takes_the_shades_away_again() {
    let theme = Theme::new(true, Background::Dark).with_depth(ColourDepth::Many);
    let mut app = app(&[], Charset::Braille, theme);
    drawn(&mut app, SIZE);
    typed(&mut app, "30n:view shade<enter>");
    let shown = drawn(&mut app, SIZE);
    // The row of the minimum, and one at the foot of the contour: a wall of the valley.
    let row_of = |word: &str| text(&shown).lines().position(|row| row.contains(word));
    let row = |y: usize| (8..50).map(move |x| (x, u16::try_from(y).unwrap()));
    let shades = |y: usize| -> Vec<Color> { row(y).map(|at| shown[at].bg).collect() };
    let (valley, wall) = (row_of("min ").unwrap(), row_of("start").unwrap());
    assert!(
        shades(valley).contains(&Color::Reset),
        "the floor is not shaded"
    );
    assert!(shades(wall).iter().all(|shade| *shade != Color::Reset));
    typed(&mut app, ":view shade<enter>");
    let plain = drawn(&mut app, SIZE);
    assert!(plain.content.iter().all(|cell| cell.bg == Color::Reset));
}

#[test]
fn shades_are_refused_with_the_reason_where_there_are_too_few_colours() {
    let shown = screen(&[], SIZE, ":view shade<enter>");
    assert!(
        shown.contains("shades need a terminal of 256 colours"),
        "{shown}"
    );
}

#[test]
fn one_key_goes_through_the_characters_down_to_plain_ascii() {
    let mut app = app(&[], Charset::Braille, Theme::new(true, Background::Dark));
    let mut shown = |keys: &str| {
        typed(&mut app, keys);
        text(&drawn(&mut app, SIZE))
    };
    let braille = |it: &str| it.chars().any(|c| ('\u{2801}'..='\u{28ff}').contains(&c));
    assert!(braille(&shown("30n")));
    let blocks = shown("X");
    assert!(!braille(&blocks) && !blocks.is_ascii());
    assert!(shown("X").is_ascii());
    assert!(braille(&shown("X")), "and from there to the finest again");
}

#[test]
fn numbers_and_names_of_the_axes_survive_the_path() {
    for flags in [
        &["rule=gd", "set=eta=eta_opt"][..],
        &["rule=momentum", "set=eta=0.175*eta_opt"],
    ] {
        for size in [(80, 24), (120, 36), (200, 60)] {
            let before = screen(flags, size, "");
            let after = screen(flags, size, "90n");
            let margin = |shown: &str| {
                let rows = shown.lines().skip(2).take(usize::from(size.1) - 6);
                rows.map(|row| {
                    row.chars()
                        .take(5)
                        .collect::<String>()
                        .trim_end()
                        .to_owned()
                })
                .collect::<Vec<_>>()
            };
            assert_eq!(margin(&before), margin(&after));
            for word in ["w2", "0.0-", "1.0-"] {
                assert!(
                    margin(&after).join(" ").contains(word),
                    "{word} at {size:?}"
                );
            }
            assert!(
                after
                    .lines()
                    .any(|row| row.contains(" 1") && row.contains(" w1"))
            );
        }
    }
}

#[test]
fn the_vectors_of_the_rule_are_drawn_at_the_current_point() {
    let shown = screen(&[], (120, 36), "20n");
    let left: Vec<String> = shown
        .lines()
        .map(|row| row.chars().take(50).collect())
        .collect();
    for word in [" -g ", " step "] {
        assert!(left.iter().any(|row| row.contains(word)), "{word} {shown}");
    }
}

#[test]
fn the_probe_is_drawn_where_the_gradient_was_asked_for() {
    let nesterov = ["rule=nesterov", "set=eta=0.175*eta_opt"];
    let before = screen(&nesterov, (120, 36), "8n");
    let after = screen(&nesterov, (120, 36), "8nss");
    assert!(
        !before.contains("probe") && after.contains("probe"),
        "{after}"
    );
    assert!(after.contains('?'));
}

/// A loss without a minimum and without a window of its own.
const HILL: [&str; 4] = ["loss=x^2 - y^2", "start=1,0.5", "rule=gd", "set=eta=0.1"];

#[test]
fn zoom_begins_with_all_of_the_run_in_sight() {
    let window = |scripts: &[&str]| {
        let mut app = plain_app(&HILL);
        drawn(&mut app, SIZE);
        for script in scripts {
            typed(&mut app, script);
            drawn(&mut app, SIZE);
        }
        *app.picture.window().unwrap()
    };
    // Whether a picture was drawn between the keys or not.
    assert_eq!(window(&["9n-"]), window(&["9n", "-"]));
}

#[test]
fn level_lines_without_a_minimum_do_not_depend_on_the_run() {
    let levels = |script: &str| {
        let mut app = plain_app(&HILL);
        drawn(&mut app, SIZE);
        typed(&mut app, &format!("{script}:view window 0 2 -1 1<enter>"));
        drawn(&mut app, SIZE);
        format!("{:?}", app.field().unwrap().levels())
    };
    assert_eq!(levels("9n"), levels(""));
}
