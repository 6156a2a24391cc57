//! What each size has room for: at the least all of Adam, and more facts where there are more cells.

use super::stage::{drawn, plain_app, screen, text, typed};
use eigenstep::rule;

#[test]
fn eighty_by_twenty_four_in_ascii_without_colour_shows_all_of_adam() {
    let shown = screen(&["rule=adam", "set=eta=eta_opt"], (80, 24), "30n");
    assert!(shown.is_ascii());
    let has = |text: &str| assert!(shown.contains(text), "no {text:?} in\n{shown}");
    for line in ["g     = ", "m     = ", "s     = ", "w "] {
        has(line);
    }
    // The error along each eigenvector, the level lines with their path, both corrections, and time.
    has("lambda   alpha");
    has("-0.0878");
    has("- contour ");
    has("x min");
    has("- bias correction -- m of m  s of s ");
    has("- alpha 2: lambda 100 ");
    has("\nt 0 ======");
}

#[test]
fn the_line_that_moves_w_is_in_sight_for_every_rule() {
    for name in rule::names() {
        let rule = format!("rule={name}");
        for keys in ["", "3n", "3ns", "3nss"] {
            let shown = screen(&[&rule], (80, 24), keys);
            let moves = |row: &&str| {
                let row = row.trim_start_matches([' ', '>', '-', '~']);
                let row = row.trim_start_matches(|c: char| c.is_ascii_digit());
                row.starts_with(" w ") && row.contains("= ") || row.starts_with(" w=")
            };
            assert!(
                shown.lines().any(|row| moves(&row)),
                "{name}, {keys}\n{shown}"
            );
        }
    }
}

#[test]
fn more_room_holds_more_diagrams() {
    let adam = ["rule=adam", "set=eta=eta_opt"];
    let has = |size, title: &str| screen(&adam, size, "30n").contains(title);
    for title in ["- second moment of w2 ", "- alpha 1: lambda 1 ", "- loss -"] {
        assert!(has((200, 60), title), "{title}");
        assert!(!has((120, 36), title), "{title}");
    }
    assert!(has((120, 36), "- first moment of w2 ") && !has((80, 24), "- first moment of w2 "));
}

#[test]
fn a_run_of_very_many_parameters_leaves_the_screen_at_rest() {
    let start = format!("start={}", vec!["0"; 20_000].join(","));
    let loss = "loss=sum(i, 1, n, (w[i]-1)^2)";
    let mut app = plain_app(&["rule=gd", loss, &start, "set=eta=0.1"]);
    typed(&mut app, "2n");
    let shown = text(&drawn(&mut app, (80, 24)));
    assert!(shown.contains("- contour w1 w2 ---"), "{shown}");
    assert_eq!(app.pause(), None, "nothing is left to find out");
}
