//! Plots of what is noisy, not finite, tiny, chosen or recorded, and traces among the values.

use super::stage::{drawn, plain_app, screen, text, typed};
use eigenstep::{
    debugger::{
        Control,
        watch::{ExpectedType, Watch},
    },
    error::{Source, Span},
    tui::{app::App, panes::Pane},
    value::Value,
};

const NORMAL: (u16, u16) = (120, 36);
const HIGH: (u16, u16) = (120, 120);

/// The value of an expression where the session is.
fn number(app: &mut App, text: &str) -> f64 {
    let source = Source::new("<test>", text);
    let names = app.session.lanes().names();
    let whole = Span::new(0, text.len());
    let mut watch = Watch::new(&source, whole, &names, ExpectedType::Any).unwrap();
    match app.session.value(&mut watch, &mut Control::default()) {
        Some(Value::Scalar(value)) => value,
        other => panic!("{text}: {other:?}"),
    }
}

#[test]
fn the_loss_of_a_noisy_run_has_a_band_of_its_quantiles() {
    let mut app = plain_app(&["rule=adam", "noise=5", "set=eta=eta_opt"]);
    drawn(&mut app, HIGH);
    typed(&mut app, "60n");
    let shown = text(&drawn(&mut app, HIGH));
    let panels = app.plots.panels(Pane::Loss);
    let loss = panels.iter().find(|panel| panel.title.starts_with("loss"));
    let loss = loss.unwrap_or_else(|| panic!("{shown}"));
    assert_eq!(loss.title, "loss, band of 20");
    let band = *loss.curves[0].band.last().unwrap();
    assert_eq!(band.last, 60.0);
    assert_eq!(band.min, number(&mut app, "quantile_over(loss, 0.1, 20)"));
    assert_eq!(band.max, number(&mut app, "quantile_over(loss, 0.9, 20)"));
    assert!(shown.contains('"'), "the band is drawn\n{shown}");
    // Without noise there is none.
    let mut exact = plain_app(&["rule=adam"]);
    typed(&mut exact, "60n");
    assert!(!text(&drawn(&mut exact, HIGH)).contains("band of"));
}

#[test]
fn a_band_may_be_asked_for_about_any_value() {
    let shown = screen(
        &["rule=adam", "noise=5"],
        NORMAL,
        ":plot norm(g) log band 10<enter>80n",
    );
    assert!(shown.contains("norm(g), median and band of 10"), "{shown}");
    let refused = screen(&[], NORMAL, ":plot loss band 2<enter>");
    assert!(refused.contains("5 to 10000 values"), "{refused}");
}

#[test]
fn a_curve_that_is_never_finite_says_so() {
    let shown = screen(&["rule=gd"], NORMAL, ":plot loss, 1/0<enter>5n");
    assert!(shown.contains("1/0: no finite value"), "{shown}");
    assert!(shown.contains("l loss"), "the other is drawn\n{shown}");
    let before = screen(&["rule=adam"], NORMAL, "");
    assert!(!before.contains("no finite value"), "{before}");
}

#[test]
fn labels_of_tiny_values_are_told_apart() {
    let shown = screen(&["rule=gd"], NORMAL, ":plot w*0.00001<enter>5n");
    assert!(shown.contains(" 5e-6"), "{shown}");
}

#[test]
fn plots_are_of_the_columns_that_were_chosen() {
    let mut app = plain_app(&["loss=mlp", "rule=adam"]);
    drawn(&mut app, HIGH);
    typed(&mut app, ":view only 3 7<enter>5n");
    drawn(&mut app, HIGH);
    let panels = app.plots.panels(Pane::Plot).iter();
    let moments: Vec<&str> = panels
        .map(|panel| panel.title.as_str())
        .filter(|title| title.starts_with("first moment"))
        .collect();
    assert_eq!(moments, ["first moment of w3", "first moment of w7"]);
}

#[test]
fn a_trace_is_a_row_and_no_stop() {
    let shown = screen(&["rule=gd"], NORMAL, ":trace loss<enter>n");
    assert!(shown.contains("1: trace loss"), "{shown}");
    assert!(!shown.contains("1 stop"), "{shown}");
    assert!(!shown.contains("- stopped -"), "{shown}");
    // Of a longer run the newest lines of the log are in sight.
    let shown = screen(&["rule=gd"], NORMAL, ":trace loss<enter>99n");
    assert!(shown.contains("trace 1: t = 99: loss"), "{shown}");
}

#[test]
fn a_lane_has_one_letter_everywhere() {
    let shown = screen(&["rule=gd"], NORMAL, "5nNN:set eta=0.01<enter>5n");
    assert!(shown.contains("d gd_2  g gd"), "{shown}");
    assert!(shown.contains(">d gd_2"), "{shown}");
}

#[test]
fn a_lane_that_has_ended_is_told_so_and_predicted_no_further() {
    let mut app = plain_app(&["rule=gd", "set=eta=1.01*eta_max"]);
    drawn(&mut app, NORMAL);
    typed(&mut app, "c");
    drawn(&mut app, NORMAL);
    let panel = &app.plots.panels(Pane::Loss)[0];
    assert!(panel.note.starts_with("ended at t = 101"), "{}", panel.note);
    for line in &panel.theory {
        assert!(line.iter().all(|it| it.last <= 101.0));
    }
}

#[test]
fn the_best_worst_case_rates_are_drawn_where_they_can_be_named() {
    let gd = ["rule=gd", "set=eta=eta_opt"];
    let named = "bounds (k-1)/(k+1) and (sqrt k-1)/(sqrt k+1)";
    for (size, keys) in [
        (NORMAL, "40n:view curve<enter>:view curve<enter>"),
        ((200, 60), "40n"),
    ] {
        let shown = screen(&gd, size, keys);
        assert!(shown.contains(named), "{shown}");
    }
    let mut app = plain_app(&gd);
    drawn(&mut app, (200, 60));
    let panels = app.plots.panels(Pane::Loss);
    let panel = panels.iter().find(|it| it.is_of_losses).unwrap();
    // What is predicted, and the two bounds: 50 (99/101)^2t and 50 (9/11)^2t.
    let [_, gd, any] = &panel.theory[..] else {
        panic!("{} lines", panel.theory.len())
    };
    for (line, rate) in [(gd, 99.0 / 101.0_f64), (any, 9.0 / 11.0)] {
        for bucket in line {
            let loss = 18.32 * rate.powf(2.0 * bucket.first);
            assert!((bucket.max / loss - 1.0).abs() < 1e-9, "{bucket:?}");
        }
    }
}

#[test]
fn effective_steps_stand_beside_the_errors_at_every_size_that_has_room() {
    for size in [(120, 36), (200, 60)] {
        let shown = screen(
            &["rule=momentum", "set=eta=0.003"],
            size,
            "5n:view theory<enter>",
        );
        assert!(shown.contains("eta_lambda"), "{size:?}: {shown}");
        // 0.003/(1 - 0.9) times 1 and 100.
        assert!(
            shown.contains("0.0300") && shown.contains("3.0000"),
            "{shown}"
        );
    }
    let off = ["loss=rosenbrock", "rule=gd", "set=eta=0.001"];
    let shown = screen(&off, (200, 60), "5n");
    assert!(
        shown.contains("at w") && shown.contains("eta_lambda"),
        "{shown}"
    );
}
