//! Keys in, screen out, in ASCII and without colours.

use super::stage::{plain_app, screen, typed};
use eigenstep::{debugger::Control, error::Source, scenario::Scenario};
use insta::assert_snapshot;
use std::path::Path;

const SMALL: (u16, u16) = (80, 24);

/// The screen at 80x24 without its panes: header and the last two lines.
fn lines_of(screen: &str) -> (String, String) {
    let lines: Vec<&str> = screen.lines().collect();
    (lines[0].to_owned(), (*lines.last().unwrap()).to_owned())
}

#[test]
fn the_first_screen_at_every_size() {
    for (columns, rows) in [(80, 24), (120, 36), (200, 60), (60, 16), (40, 10)] {
        let name = format!("first_{columns}x{rows}");
        assert_snapshot!(name, screen(&[], (columns, rows), ""));
    }
}

#[test]
fn twelve_steps_and_a_line_at_every_size() {
    for (columns, rows) in [(80, 24), (120, 36), (200, 60), (60, 16), (40, 10)] {
        let name = format!("stepped_{columns}x{rows}");
        assert_snapshot!(name, screen(&[], (columns, rows), "12n<space>s"));
    }
}

#[test]
fn keys_move_in_time() {
    let t = |keys: &str| {
        let (header, _) = lines_of(&screen(&[], SMALL, keys));
        let after = header.split(" t ").nth(1).unwrap().to_owned();
        after.split_whitespace().next().unwrap().to_owned()
    };
    assert_eq!(t("<space>"), "1");
    assert_eq!(t("10n"), "10");
    assert_eq!(t("10nN"), "9");
    assert_eq!(t("10n3<left>"), "7");
    assert_eq!(
        t("sss"),
        "1",
        "the iteration under way, as in the rule's lines"
    );
    assert!(screen(&[], SMALL, "sssS").contains(" t 1 line 3/6 "));
    assert_eq!(t("10ngG"), "10");
    assert_eq!(t("10n4g"), "4");
    assert_eq!(t("c"), "116", "to the tolerance");
    assert_eq!(t("cC"), "0");
    assert_eq!(t("10nr"), "0");
    assert_eq!(t("12<esc>n"), "1", "esc forgets the count");
    assert_eq!(t(":goto 33<enter>"), "33");
}

#[test]
fn continue_stops_at_the_tolerance_and_says_so() {
    assert_snapshot!(screen(&[], SMALL, "c"));
}

#[test]
fn the_prompt_completes_and_shows_what_fits() {
    assert_snapshot!("prompt_candidates", screen(&[], SMALL, ":print m<tab>"));
    let (_, line) = lines_of(&screen(&[], SMALL, ":rcon<tab>"));
    assert_eq!(line, ":rcontinue");
}

#[test]
fn an_error_stands_above_its_line_with_a_caret() {
    assert_snapshot!(screen(&[], SMALL, ":break los < 1<enter>"));
}

#[test]
fn the_help_shows_the_keys() {
    assert_snapshot!("help_keys", screen(&[], SMALL, "?"));
    assert_snapshot!("help_keys_scrolled", screen(&[], SMALL, "?<space>"));
    assert_snapshot!(
        "help_of_a_command",
        screen(&[], SMALL, ":help break<enter>")
    );
}

#[test]
fn a_break_at_the_cursor_leaves_its_mark_and_stops_there() {
    assert_snapshot!("break_set", screen(&[], SMALL, "<down><down>B"));
    assert_snapshot!("break_hit", screen(&[], SMALL, "<down><down>Bc"));
    let gone = screen(&[], SMALL, "<down><down>BB");
    assert!(!gone.contains("B 3 s"), "{gone}");
}

#[test]
fn enter_explains_the_line_at_the_cursor() {
    assert_snapshot!("expanded", screen(&[], SMALL, "5n<up><enter>"));
    assert_snapshot!("explained", screen(&[], SMALL, "5n:explain m_hat<enter>"));
}

#[test]
fn an_explanation_goes_along_with_the_cursor() {
    let open = "5n<down><down><enter>";
    assert_snapshot!(
        "expanded_next",
        screen(&[], SMALL, &format!("{open}<down><down><down>"))
    );
    // Whichever way one comes to a line, it is explained alike, and the cursor stands there.
    let same = screen(&[], SMALL, "5n<down><enter>");
    assert_eq!(screen(&[], SMALL, &format!("{open}<up>")), same);
    let first = format!("{open}<up><up><up><up><down>");
    assert_eq!(screen(&[], SMALL, &first), same);
    // At the ends it stays.
    let last = screen(&[], SMALL, "5n<down><down><down><down><down><down><enter>");
    assert!(last.contains(" w in iteration 5, line 6 "), "{last}");
    assert_eq!(
        screen(
            &[],
            SMALL,
            "5n<enter><down><down><down><down><down><down><down>"
        ),
        last
    );
    // Enter and esc close it; the cursor stays where it has come to.
    let closed = screen(&[], SMALL, "5n<down><down>");
    assert_eq!(screen(&[], SMALL, "5n<enter><down><down><enter>"), closed);
    assert_eq!(screen(&[], SMALL, "5n<enter><down><down><esc>"), closed);
    // Space steps, as it does without it.
    let stepped = screen(&[], SMALL, "5n<down> ");
    assert_eq!(screen(&[], SMALL, "5n<down><enter> "), stepped);
    assert!(!stepped.contains("in iteration"), "{stepped}");
    assert_eq!(screen(&[], SMALL, "5n<down><enter>n"), stepped);
    // A line that has not run says so, and the next key goes on.
    let waiting = screen(&[], SMALL, "s<enter>");
    assert!(waiting.contains("line 2 has not run yet"), "{waiting}");
    let first = screen(&[], SMALL, "s<enter><up>");
    assert!(first.contains(" g in iteration 1, line 1 "), "{first}");
}

#[test]
fn a_long_explanation_scrolls() {
    let many = ["eigenvalues=1,2,3,4,5,6,7,8,9,10", "rule=gd"];
    let low = (80, 12);
    let text = screen(&many, low, "3n<enter>");
    let next = screen(&many, low, "3n<enter><pagedown>");
    assert!(
        text.contains("g[1] = ") && !text.contains("more elements"),
        "{text}"
    );
    assert!(next.contains("... and 2 more elements"), "{next}");
    assert_eq!(screen(&many, low, "3n<enter><pagedown><pageup>"), text);
    // The next line is shown from its beginning.
    let other = screen(&many, low, "3n<enter><pagedown><down>");
    assert_eq!(other, screen(&many, low, "3n<down><enter>"));
}

#[test]
fn the_lanes_appear_with_the_second_one() {
    let add = ":lane add momentum set eta=0.175*eta_opt<enter>20n";
    assert_snapshot!("two_lanes_80x24", screen(&[], SMALL, add));
    assert_snapshot!("two_lanes_120x36", screen(&[], (120, 36), add));
    let wide = screen(&[], (200, 60), add);
    let mut lines = wide.lines().skip_while(|line| !line.contains("- lanes"));
    let heading = lines.next().unwrap();
    let names = heading.split_whitespace();
    let columns: Vec<&str> = names.filter(|word| !word.starts_with('-')).collect();
    assert_eq!(
        columns[..11],
        [
            "lanes", "loss", "<=", "1e-6", "t", "loss", "|g|", "touched", "since", "grads",
            "theory"
        ]
    );
    let adam: Vec<&str> = lines.next().unwrap().split_whitespace().collect();
    assert_eq!((adam[1], adam[2], adam[7]), ("adam", "20", "20"));
}

#[test]
fn a_change_in_the_past_forks() {
    assert_snapshot!(screen(&[], (120, 36), "30n10g:set eta=0.5*eta<enter>30n"));
}

#[test]
fn one_pane_can_have_all_the_room() {
    assert_snapshot!("maximised_source", screen(&[], SMALL, "8n2z"));
    assert_snapshot!("maximised_contour", screen(&[], SMALL, "8n1z"));
    assert_eq!(screen(&[], SMALL, "8nzz"), screen(&[], SMALL, "8n"));
}

#[test]
fn below_60x16_keys_turn_to_a_pane() {
    for (key, pane) in [
        ("<f1>", "contour"),
        ("<f2>", "source"),
        ("<alt-3>", "eigen"),
        ("<alt-4>", "loss"),
    ] {
        let shown = screen(&[], (50, 14), &format!("7n{key}"));
        assert_snapshot!(format!("alone_{pane}"), shown);
    }
}

#[test]
fn below_40x10_a_line_still_steps() {
    assert_snapshot!("line_39x9", screen(&[], (39, 9), "7n"));
    assert_snapshot!("line_30x3_prompt", screen(&[], (30, 3), "7n:print w"));
    assert_snapshot!("line_20x1", screen(&[], (20, 1), "7n"));
}

#[test]
fn other_losses_and_other_sizes_of_w() {
    let five = ["eigenvalues=1,3,10,30,100", "rule=adam"];
    assert_snapshot!("five_parameters_80x24", screen(&five, SMALL, "9n"));
    assert_snapshot!("five_parameters_120x36", screen(&five, (120, 36), "9n"));
    let one = ["eigenvalues=4", "rule=gd", "set=eta=0.2", "start=3"];
    assert_snapshot!("one_parameter", screen(&one, SMALL, "3n"));
    let slope = ["loss=x + 0.1*y^2", "rule=gd", "set=eta=0.1", "start=1,2"];
    assert_snapshot!("no_minimum", screen(&slope, SMALL, "4n"));
    let banana = ["loss=rosenbrock", "rule=adam", "set=eta=0.02"];
    assert_snapshot!("rosenbrock_80x24", screen(&banana, SMALL, "150n"));
    assert_snapshot!("rosenbrock_200x60", screen(&banana, (200, 60), "150n"));
}

#[test]
fn the_window_follows_a_path_that_leaves_it() {
    let diverging = ["rule=gd", "set=eta=1.02*eta_max"];
    assert_snapshot!("window_follows", screen(&diverging, SMALL, "60n"));
    assert_snapshot!(
        "window_stays",
        screen(&diverging, SMALL, "60n:view window 0 1.6 0 1.2<enter>")
    );
    assert_snapshot!(
        "plane_of_eigenvectors",
        screen(&["rotate=30"], SMALL, "9n:view plane eigen 1 2<enter>")
    );
}

#[test]
fn q_leaves() {
    assert!(typed(&mut plain_app(&[]), "q"));
    assert!(typed(&mut plain_app(&[]), "<ctrl-c>"));
    assert!(typed(&mut plain_app(&[]), ":quit<enter>"));
}

#[test]
fn a_key_without_a_meaning_says_so() {
    let (_, line) = lines_of(&screen(&[], SMALL, "Q"));
    assert_eq!(line, "Q is not bound; ? shows the keys");
}

#[test]
fn a_lane_that_tab_turned_to_is_saved_so() {
    let mut app = plain_app(&["rule=gd", "rule=adam"]);
    typed(&mut app, "<tab>:set beta1=0.5<enter>5n");
    let text = app.session.to_text();
    let saved = Source::new("saved.toml", text.as_str());
    let scenario = Scenario::from_toml(&saved, Path::new("")).unwrap();
    let mut again = scenario.session().unwrap();
    let mut always = |_| true;
    scenario
        .replay(&mut again, &mut Control::asking(&mut always), |_, _| {})
        .unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(again.lanes().focus(), 1);
    assert_eq!(again.lanes().focused().lane().edits().len(), 1);
    assert_eq!(again.to_text(), text);
}

#[test]
fn the_lane_in_focus_is_in_sight_where_not_all_are() {
    let eight = ["rule=gd"; 8];
    let shown = screen(&eight, SMALL, "5n<tab><tab><tab><tab><tab><tab><tab>");
    assert!(shown.contains(">6 gd_8"), "{shown}");
    assert!(shown.contains(" lanes  5 of 8 -"), "{shown}");
    assert!(!shown.contains("d gd_2   "), "{shown}");
}

#[test]
fn a_negative_loss_is_drawn_by_its_size_and_says_so() {
    let falling = ["rule=gd", "set=eta=0.1", "loss=-x^2", "start=0.1"];
    assert!(screen(&falling, SMALL, "9n").contains("- |loss| -"));
}

#[test]
fn the_arrow_beside_the_loss_tells_of_the_last_step_however_the_run_came_there() {
    // Momentum: the loss falls over twenty steps, but rose in the last one.
    let momentum = ["rule=momentum", "set=eta=0.175*eta_opt"];
    let rose = |keys: &str| {
        let shown = screen(&momentum, SMALL, keys);
        let header = shown.lines().next().unwrap().to_owned();
        assert_ne!(header.contains(" ^ "), header.contains(" v "), "{header}");
        header.contains(" ^ ")
    };
    for keys in ["20n", "19nn", "25n5N", "21nN", ":goto 20<enter>"] {
        assert!(rose(keys), "{keys}");
    }
    assert!(!rose("1n"), "the loss fell in the first step");
}

#[test]
fn the_marks_are_of_the_last_step_however_the_run_came_there() {
    let marks = |keys: &str| screen(&[], SMALL, keys).matches('*').count();
    assert_eq!(marks("12n"), marks("11nn"));
    assert_eq!(marks("15n3N"), marks("12n"));
    assert_eq!(marks("12ns"), marks("12nssS"), "of one line");
}
