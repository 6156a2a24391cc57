//! Curves over the run, rows that tell the truth, playing, and nudging.

use super::stage::{drawn, plain_app, screen, text, typed};
use eigenstep::{
    debugger::Control,
    rule,
    tui::{
        app::{AfterKey, App},
        panes::Pane,
    },
};

const SMALL: (u16, u16) = (80, 24);
const NORMAL: (u16, u16) = (120, 36);

fn rule_flag(name: &str) -> String {
    format!("rule={name}")
}

#[test]
fn every_shipped_rule_opens_with_curves_of_its_own() {
    for name in rule::names() {
        let mut app = plain_app(&[&rule_flag(name)]);
        drawn(&mut app, NORMAL);
        typed(&mut app, "5n");
        // High enough for all of them.
        drawn(&mut app, (120, 200));
        let panels = app.plots.panels(Pane::Plot);
        assert!(!panels.is_empty(), "{name}");
        for panel in panels {
            assert_eq!(panel.failed, None, "{name}: {}", panel.title);
            let drawn = panel.curves.iter().any(|curve| !curve.past.is_empty());
            assert!(drawn, "{name}: {}", panel.title);
        }
    }
}

#[test]
fn no_row_is_made_of_what_has_not_been_computed() {
    for name in ["adam", "torch/adam", "momentum", "adagrad", "polyak"] {
        let mut app = plain_app(&[&rule_flag(name)]);
        let lines = app.session.lanes().focused().compiled().lines.len();
        for line in 0..=lines {
            let shown = text(&drawn(&mut app, NORMAL));
            assert!(!shown.contains("NaN"), "{name}, {line} lines\n{shown}");
            typed(&mut app, "s");
        }
    }
}

#[test]
fn values_of_lines_that_have_not_run_are_in_brackets() {
    let shown = screen(&["rule=adam"], NORMAL, "12nss");
    let row = |name: &str| -> String {
        let found = shown.lines().find(|line| line.contains(name));
        found
            .unwrap_or_else(|| panic!("no row {name}\n{shown}"))
            .to_owned()
    };
    assert!(!row("2 m ").contains('['), "{shown}");
    for name in ["3 s ", "4 m_hat ", "6 w ", "effective step size"] {
        assert!(
            row(name).contains('[') && row(name).contains(']'),
            "{shown}"
        );
    }
    // That of the iteration under way, as the t of the header.
    assert!(shown.contains(" t 13 line 3/6"), "{shown}");
    assert!(row("bias correction of m ").contains("1.3408"), "{shown}");
    let printed = screen(&["rule=adam"], NORMAL, "12nss:print t<enter>");
    assert!(printed.contains("t = 13"), "{printed}");
    let whole = screen(&["rule=adam"], NORMAL, "13n");
    assert!(!whole.contains("[0.") && !whole.contains("[-"), "{whole}");
}

#[test]
fn adam_at_80x24_shows_its_variables_its_errors_and_its_corrections() {
    let shown = screen(&[], SMALL, "12n");
    for part in [
        " g     = ",
        " m     = ",
        " s     = ",
        " w",
        "lambda   alpha",
        "contour",
        "bias correction --",
        "ssss",
        "mmmm",
        "beta1 0.9",
        "? what is this",
        "q quit",
    ] {
        assert!(shown.contains(part), "{part} is not in\n{shown}");
    }
}

#[test]
fn the_footer_names_help_and_the_way_out_at_every_size() {
    for size in [
        (40, 10),
        (50, 14),
        (60, 16),
        (80, 24),
        (100, 30),
        (120, 36),
        (200, 60),
    ] {
        let shown = screen(&[], size, "");
        let last = shown.lines().last().unwrap().to_owned();
        assert!(
            last.starts_with("? what is this  q quit"),
            "{size:?}: {last}"
        );
    }
}

#[test]
fn a_change_of_a_setting_stands_on_the_screen() {
    let before = screen(&[], NORMAL, "10n");
    assert!(
        before.contains("beta1 0.9 ") && !before.contains("!beta1"),
        "{before}"
    );
    let after = screen(&[], NORMAL, "10n:set beta1=0.5<enter>");
    assert!(after.contains("!beta1 0.5 "), "{after}");
}

#[test]
fn any_expression_can_be_drawn_after_the_fact() {
    let mut app = plain_app(&[]);
    drawn(&mut app, NORMAL);
    typed(&mut app, "40n:plot norm(w - prev(w)), eta log<enter>");
    let shown = text(&drawn(&mut app, NORMAL));
    assert!(shown.contains("- norm(w - prev(w)), eta"), "{shown}");
    let panel = &app.plots.panels(Pane::Plot)[0];
    let last = panel.curves[0].past.last().unwrap();
    assert_eq!(last.last, 40.0);
    assert!(last.min > 0.0);
    // Back in time the curve stays, and what lies ahead is told apart.
    typed(&mut app, "10g");
    drawn(&mut app, NORMAL);
    let panel = &app.plots.panels(Pane::Plot)[0];
    assert_eq!(panel.curves[0].past.last().unwrap().last, 10.0);
    assert_eq!(panel.curves[0].ahead.last().unwrap().last, 40.0);
    assert_eq!(app.session.position().t, 10, "looking moves nothing");
    // It is saved with the session, and can be deleted.
    assert!(
        app.session
            .to_text()
            .contains("plot norm(w - prev(w)), eta log")
    );
    typed(&mut app, ":delete 1<enter>");
    assert!(!text(&drawn(&mut app, NORMAL)).contains("prev(w)"));
}

/// A velocity against a place is a spiral into the minimum, where momentum is damped: each time round it is nearer.
#[test]
fn one_value_against_another_is_a_phase_portrait() {
    let mut app = plain_app(&["rule=momentum", "set=eta=0.175*eta_opt"]);
    typed(&mut app, "60n:plot m[2] against alpha[2]<enter>");
    let shown = text(&drawn(&mut app, NORMAL));
    assert!(shown.contains("- m[2] against alpha[2] -"), "{shown}");
    let phase = |app: &App| app.plots.panels(Pane::Plot)[0].phase.clone().unwrap();
    let now = phase(&app);
    let path = &now.paths[0];
    assert_eq!((path.len(), now.across.as_str()), (61, "alpha[2]"));
    // The place is where the last velocity has led.
    for pair in path.windows(2) {
        let [before, after] = [pair[0].at, pair[1].at];
        assert!((before[0] + after[1] - after[0]).abs() < 1e-12);
    }
    let farthest = |from: usize| {
        let round = path[from..from + 11].iter();
        round.map(|it| it.at[0].abs()).fold(0.0, f64::max)
    };
    assert!(farthest(50) < 0.4 * farthest(20) && farthest(20) < 0.4 * farthest(0));
    assert!(path.iter().all(|it| now.window.contains(it.at)));
    // The letter of the curve is at its present place, and the axes have their names.
    assert!(
        shown.contains(" alpha[2]\n") || shown.contains("alpha[2]|"),
        "{shown}"
    );
    // Back in time the path ends there, in the same window.
    typed(&mut app, "20g");
    drawn(&mut app, NORMAL);
    let then = phase(&app);
    assert_eq!(then.paths[0].last().unwrap().t, 20);
    assert_eq!(then.window, now.window);
    // What has been run beyond is shown, too: 40 iterations more.
    let [ahead] = &then.ahead[..] else {
        panic!("one curve");
    };
    let times: Vec<u64> = ahead.iter().map(|it| it.t).collect();
    assert_eq!(times, (21..=60).collect::<Vec<_>>());
    assert!(now.ahead[0].is_empty());
    assert!(app.session.to_text().contains("plot m[2] against alpha[2]"));
}

/// On two logarithms a power law is a straight line: along one eigenvector the loss is the square of the gradient.
#[test]
fn a_phase_portrait_has_a_scale_on_each_axis() {
    let mut app = plain_app(&[
        "rule=gd",
        "eigenvalues=3",
        "minimum=0",
        "start=1",
        "set=eta=0.1",
    ]);
    typed(&mut app, "40n:plot loss log against norm(grad) log<enter>");
    let shown = text(&drawn(&mut app, NORMAL));
    assert!(shown.contains("both log"), "{shown}");
    for label in ["0.01", "1e-7"] {
        assert!(shown.contains(label), "{label}: {shown}");
    }
    let phase = app.plots.panels(Pane::Plot)[0].phase.clone().unwrap();
    for visit in &phase.paths[0] {
        let [x, y] = visit.at;
        // loss = g^2/(2 lambda)
        assert!((y - 2.0 * x + 6.0_f64.log10()).abs() < 1e-9, "{visit:?}");
    }
    typed(&mut app, ":plot loss against norm(grad) log<enter>");
    let shown = text(&drawn(&mut app, NORMAL));
    assert!(shown.contains("log across"), "{shown}");
    assert!(
        app.session
            .to_text()
            .contains("plot loss log against norm(grad) log"),
        "{}",
        app.session.to_text()
    );
}

#[test]
fn what_is_no_plot_is_refused_at_its_place() {
    let shown = screen(&[], NORMAL, ":plot m, hat<enter>");
    assert!(shown.contains("^^^") || shown.contains('^'), "{shown}");
    let shown = screen(&[], NORMAL, ":plot<enter>");
    assert!(shown.contains("plot EXPR, EXPR ..."), "{shown}");
}

#[test]
fn a_display_is_a_row_and_covers_nothing() {
    let shown = screen(&[], NORMAL, ":display norm(m)<enter>5n");
    assert!(shown.contains("1: norm(m) "), "{shown}");
    assert!(shown.contains("- bias correction -"), "{shown}");
    assert!(!shown.contains("- stopped -"), "{shown}");
}

#[test]
fn damping_is_drawn_with_its_changes_of_sign_and_its_theory() {
    let mut app = plain_app(&["rule=momentum", "set=eta=0.175*eta_opt"]);
    drawn(&mut app, NORMAL);
    typed(&mut app, "40n");
    drawn(&mut app, NORMAL);
    let panel = &app.plots.panels(Pane::Loss)[0];
    assert!(panel.title.starts_with("alpha 2"), "{}", panel.title);
    assert_eq!(panel.crossings.len(), 8, "{:?}", panel.crossings);
    assert_eq!(panel.crossings.last(), Some(&39.0));
    // Theory, and an envelope on both sides, which every value keeps within.
    assert_eq!(panel.theory.len(), 3);
    let upper = &panel.theory[1];
    for bucket in &panel.curves[0].past {
        let bound = upper
            .iter()
            .find(|it| it.first == bucket.first)
            .map(|it| it.max);
        assert!(bound.is_none_or(|bound| bound.is_nan() || bucket.max.abs() <= bound * 1.000_001));
    }
    assert!(panel.note.contains("ringing, period 10"), "{}", panel.note);
}

fn execute(app: &mut App, todo: AfterKey) {
    let AfterKey::Execute(line) = todo else {
        panic!("nothing to execute: {todo:?}");
    };
    app.execute(&line, &mut Control::default());
}

#[test]
fn a_run_plays_until_a_key_is_pressed() {
    let mut app = plain_app(&[]);
    drawn(&mut app, SMALL);
    assert_eq!(app.pause(), None);
    typed(&mut app, ":set speed=20<enter>P");
    assert_eq!(app.pause().map(|it| it.as_millis()), Some(50));
    for _ in 0..3 {
        let todo = app.play_on();
        execute(&mut app, todo);
    }
    assert_eq!(app.session.position().t, 3);
    // Space pauses, and does not step as well.
    typed(&mut app, " ");
    assert_eq!((app.pause(), app.session.position().t), (None, 3));
    typed(&mut app, ":view play back<enter>");
    for _ in 0..3 {
        let todo = app.play_on();
        execute(&mut app, todo);
    }
    assert_eq!(app.session.position().t, 0);
    // At the beginning it ends by itself.
    assert_eq!(app.play_on(), AfterKey::Nothing);
    assert_eq!(app.pause(), None);
    let refused = screen(&[], SMALL, ":set speed=0<enter>");
    assert!(refused.contains("from 0.1 to 100"), "{refused}");
}

#[test]
fn a_nudge_redraws_the_rest_of_the_run() {
    let mut app = plain_app(&["rule=momentum", "set=eta=0.004"]);
    drawn(&mut app, NORMAL);
    typed(&mut app, "20n:set beta=0.8<enter>20n20g");
    let eta = |app: &App, at: usize| app.session.lanes().focused().lane().machine().setting(at);
    typed(&mut app, "]");
    assert_eq!(eta(&app, 1), 0.84);
    typed(&mut app, "]");
    let lanes = app.session.lanes();
    assert!(eta(&app, 1) > 0.86);
    assert_eq!(
        lanes.entries().len(),
        2,
        "the second nudge takes the place of the first"
    );
    assert_eq!(app.session.position().t, 20);
    assert_eq!(
        lanes.focused().frontier(),
        40,
        "what had been run has been run again"
    );
    typed(&mut app, "[");
    assert_eq!(eta(&app, 1), 0.84);
}
