//! Theory on the screen: predictions beside measurements, planes of many parameters, maps of sweeps.

use super::stage::{drawn, plain_app, screen, text, typed};
use insta::assert_snapshot;
use std::fmt::Write;

const SMALL: (u16, u16) = (80, 24);
const NORMAL: (u16, u16) = (120, 36);

#[test]
fn theory_stands_beside_what_was_measured() {
    let gd = ["rule=gd", "set=eta=eta_opt"];
    assert_snapshot!("exact_80x24", screen(&gd, SMALL, "40n"));
    let lanes = ["rule=gd", "rule=momentum", "set=eta=0.175*eta_opt"];
    assert_snapshot!("exact_lanes_120x36", screen(&lanes, NORMAL, "150n<tab>"));
    let beyond = ["rule=gd", "set=eta=1.01*eta_max"];
    let shown = screen(&beyond, NORMAL, "9n");
    assert!(shown.contains("edge 1.010: unstable"), "{shown}");
    assert!(shown.contains("diverges"), "{shown}");
}

#[test]
fn a_narrow_eigen_pane_shows_bars_or_theory() {
    let gd = ["rule=gd", "set=eta=eta_opt"];
    assert_snapshot!(
        "theory_80x24",
        screen(&gd, SMALL, "40n:view max eigen<enter>t")
    );
    assert_eq!(screen(&gd, SMALL, "40ntt"), screen(&gd, SMALL, "40n"));
    // Of too many parameters nothing is predicted: bars stay.
    let many: Vec<String> = (1..=300).map(|it| it.to_string()).collect();
    let many = [&format!("eigenvalues={}", many.join(",")), "rule=momentum"];
    let many = screen(&many, SMALL, "4n:view max eigen<enter>t");
    assert!(many.contains("===|"), "{many}");
}

#[test]
fn curves_go_on_where_theory_expects_them() {
    let momentum = ["rule=momentum", "set=eta=0.175*eta_opt"];
    assert_snapshot!("expected_curves", screen(&momentum, NORMAL, "30naa"));
}

#[test]
fn more_parameters_than_two() {
    let many: Vec<String> = (1..=50).map(|it| it.to_string()).collect();
    let many = format!("eigenvalues={}", many.join(","));
    let fifty = [many.as_str(), "rule=momentum", "set=eta=0.01"];
    assert_snapshot!(
        "fifty_80x24",
        screen(&fifty, SMALL, "20n:view plane eigen 1 50<enter>")
    );
    assert_snapshot!("fifty_120x36", screen(&fifty, NORMAL, "20n"));
    // The extremes come first, and the rest is a scroll away.
    let rows = |keys: &str| -> Vec<String> {
        let shown = screen(&fifty, SMALL, keys);
        let lines = shown
            .lines()
            .skip_while(|line| !line.contains("lambda   alpha"));
        let right = |line: &str| line.chars().skip(63).collect::<String>();
        let rows = lines.skip(1).take(3).map(right);
        rows.map(|row| row.split_whitespace().next().unwrap().to_owned())
            .collect()
    };
    assert_eq!(rows("20n"), ["1", "50", "2"]);
    assert_eq!(rows("20n<pagedown><pagedown>"), ["2", "49", "3"]);
    assert_eq!(rows("20n<pagedown><pageup>"), ["1", "50", "2"]);
}

#[test]
fn a_plane_may_go_through_w() {
    let three = ["eigenvalues=1,10,100", "rule=gd", "set=eta=0.01"];
    let through = |place: &str| {
        let keys = format!("5n:view plane 1 2{place}<enter>:view max contour<enter>");
        screen(&three, SMALL, &keys)
    };
    let minimum = through("");
    let here = through(" through w");
    assert_eq!(minimum, through(" through minimum"));
    assert_ne!(minimum, here, "the loss is higher through w");
    // It says so, and does not show a minimum that does not lie in it.
    assert!(here.contains("contour w1 w2 through w"), "{here}");
    assert!(minimum.contains("x min") && !here.contains(" min "));
    // The plane moves with w.
    let later = screen(
        &three,
        SMALL,
        ":view plane 1 2 through w<enter>:view max contour<enter>5n",
    );
    assert_eq!(here, later);
    let wrong = screen(&three, SMALL, ":view plane 1 2 through x<enter>");
    assert!(wrong.contains("through w or through minimum"), "{wrong}");
}

const SWEEP: &str = ":sweep eta=1e-3..0.1:log beta=0..0.95 steps 300<enter>";

#[test]
fn a_sweep_is_a_map_over_the_panes() {
    let momentum = ["rule=momentum", "set=eta=0.01"];
    assert_snapshot!("sweep_80x24", screen(&momentum, SMALL, SWEEP));
    assert_snapshot!("sweep_120x36", screen(&momentum, NORMAL, SWEEP));
    let told = |keys: &str| {
        let shown = screen(&momentum, SMALL, &format!("{SWEEP}{keys}"));
        shown.lines().rev().nth(2).unwrap().to_owned()
    };
    let best = told("");
    assert!(
        best.contains("eta = ") && best.contains("beta = "),
        "{best}"
    );
    assert_ne!(told("<left>"), best);
    assert_eq!(told("<left><right><up><down>hlkj"), best);
    assert!(told("<right><right><right><right><right><right><right><right>").contains("diverges"));
}

#[test]
fn enter_opens_the_run_under_the_cursor() {
    let mut app = plain_app(&["rule=momentum", "set=eta=0.01"]);
    drawn(&mut app, SMALL);
    typed(&mut app, &format!("30n{SWEEP}<enter>"));
    assert_eq!(app.session.lanes().entries().len(), 2);
    let entry = app.session.lanes().focused();
    assert_eq!(entry.name(), "momentum_2");
    assert_eq!(entry.lane().position().t, 30);
    assert!(
        entry.lane().machine().setting(0) > 0.02,
        "that of the best run"
    );
    assert!(app.chart().is_none());
    typed(&mut app, ":view sweep<enter>");
    assert!(app.chart().is_some(), "the map is still there");
    typed(&mut app, "<esc>");
    assert!(app.chart().is_none());
    // A key that is none of the map's is obeyed, and the map makes room for what it does.
    typed(&mut app, ":view sweep<enter>n");
    assert_eq!(app.session.position().t, 31);
    assert!(app.chart().is_none());
}

#[test]
fn a_map_fits_every_size() {
    let mut app = plain_app(&["rule=momentum", "set=eta=0.01"]);
    typed(
        &mut app,
        ":sweep eta=1e-3..0.1:log:300 beta=0..0.95:90 steps 20<enter>",
    );
    for columns in [1, 20, 24, 40, 59, 80, 133, 320] {
        for rows in [1, 5, 8, 9, 10, 16, 24, 60, 130] {
            assert!(text(&drawn(&mut app, (columns, rows))).is_ascii());
            typed(&mut app, "<left><down>");
        }
    }
    typed(&mut app, ":sweep eta=1e-3..0.1:log:5 steps 20<enter>");
    for columns in [24, 40, 80, 200] {
        drawn(&mut app, (columns, 24));
    }
}

#[test]
fn logistic_regression_with_its_31_parameters() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("cells.csv");
    let columns: Vec<String> = (1..=30).map(|k| format!("f{k}")).collect();
    let mut table = format!("{},malignant\n", columns.join(","));
    for row in 0..569_u32 {
        // A table that anybody can make again, which no plane divides.
        let value = |k: u32| f64::from((row * 37 + k * 101 + row * row * k) % 97) / 97.0;
        let values: Vec<String> = (1..=30).map(|k| format!("{:.3}", value(k))).collect();
        let side = (value(1) + value(2) - value(3) + value(4) > 1.0) != (row % 7 == 0);
        let side = u8::from(side);
        let _ = writeln!(table, "{},{side}", values.join(","));
    }
    std::fs::write(&file, table).unwrap();
    let data = format!("data={}", file.display());
    let flags = [
        "loss=logistic",
        &data,
        "target=malignant",
        "rule=adam",
        "set=eta=0.05",
    ];
    assert_snapshot!("logistic_31_120x36", screen(&flags, NORMAL, "60n"));
    assert_snapshot!("logistic_31_80x24", screen(&flags, SMALL, "60nt"));
}

#[test]
fn nothing_is_said_of_an_error_that_is_but_rounding() {
    let momentum = ["rule=momentum", "set=eta=0.175*eta_opt"];
    for t in [300, 10_030] {
        let shown = screen(&momentum, (200, 60), &format!("{t}n"));
        let said = shown.lines().find(|line| line.contains("along lambda"));
        assert_eq!(
            said.map(str::trim_end),
            Some(if t == 300 {
                "converged, settled; along lambda 100 the error last changed sign at t = 296"
            } else {
                "converged, settled; along lambda 100 the error is down to rounding"
            }),
            "{shown}"
        );
    }
}

#[test]
fn a_note_on_a_factor_is_that_of_the_iteration_shown() {
    // A network's history is looked through bit by bit: its curves may end before the iteration that is shown.
    let flags = ["loss=mlp", "rule=adam", "set=eta=0.05"];
    let shown = screen(&flags, NORMAL, "600n");
    let table = shown
        .lines()
        .find(|line| line.contains("bias correction of s"));
    let table = table.and_then(|line| {
        line.split_whitespace()
            .find_map(|word| word.parse::<f64>().ok())
    });
    let said = shown
        .lines()
        .find(|line| line.starts_with("bias correction: "));
    if let Some(said) = said.and_then(|line| line.split("of s x ").nth(1)) {
        let said: f64 = said.split([';', ' ']).next().unwrap().parse().unwrap();
        assert!((said / table.unwrap() - 1.0).abs() < 0.1, "{shown}");
    }
}

#[test]
fn lines_that_are_left_out_are_marked() {
    let lanes = ["rule=adam", "rule=gd", "rule=momentum"];
    let shown = screen(&lanes, SMALL, "3n");
    let number = |row: &str| row.chars().nth(2)?.to_digit(10);
    let listed: Vec<(u32, bool)> = shown
        .lines()
        .filter(|row| row.contains(" = "))
        .filter_map(|row| Some((number(row)?, row.starts_with('~'))))
        .collect();
    assert!(listed.len() < 6, "all lines fit: {shown}");
    let (last, _) = *listed.last().unwrap();
    assert_eq!(last, 6, "w is moved on the last line: {shown}");
    for pair in listed.windows(2) {
        let follows = pair[1].0 == pair[0].0 + 1;
        assert!(follows || pair[1].1, "no mark between {pair:?}: {shown}");
    }
}

#[test]
fn the_modes_of_an_iteration_stand_in_numbers_beside_their_circle_and_move_with_a_setting() {
    // z^2 - (1 + beta - eta lambda) z + beta = 0.
    let beside = |eta: f64, lambda: f64| {
        let half = 0.5 * (1.9 - eta * lambda);
        format!("{half:.4} +-{:.4}i", (0.9 - half * half).sqrt())
    };
    let momentum = ["rule=momentum", "set=eta=0.02"];
    for size in [SMALL, NORMAL, (200, 60)] {
        let keys = "3n:view pane modes<enter>:view max<enter>";
        let shown = screen(&momentum, size, keys);
        assert!(
            shown.contains(&format!("1 {}", beside(0.02, 1.0))),
            "{shown}"
        );
        assert!(
            shown.contains(&format!("2 {}", beside(0.02, 100.0))),
            "{shown}"
        );
        let shown = screen(&momentum, size, &format!("{keys}:set eta=0.01<enter>"));
        assert!(
            shown.contains(&format!("2 {}", beside(0.01, 100.0))),
            "{shown}"
        );
    }
    // With scales held errors mix along turned axes: no mode belongs to a direction.
    let turned = ["rule=adam", "set=eta=0.01", "rotate=30"];
    let shown = screen(&turned, NORMAL, "3n:view pane modes<enter>:view max<enter>");
    assert!(shown.contains("x 0."), "{shown}");
}
