//! Recorded runs on the screen: every pane draws what was recorded, with a loss and without.

use super::stage::{drawn, text, typed};
use eigenstep::{
    debugger::Session,
    loss::landscape,
    runs::{self, ReadOptions},
    tui::{
        app::App,
        glyphs::Charset,
        keymap::Keymap,
        theme::{Background, Theme},
    },
};
use std::{fs, path::Path};

fn app(loss: Option<&str>) -> App {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/foreign/adam.jsonl.gz");
    of_file(&path, loss)
}

fn of_file(path: &Path, loss: Option<&str>) -> App {
    of_lanes(path, loss, &["recorded"])
}

/// The run in as many lanes as there are names.
fn of_lanes(path: &Path, loss: Option<&str>, names: &[&str]) -> App {
    let known = loss.map(|loss| landscape(loss, Some(&[-1.2, 1.0])).unwrap());
    let lane = |name: &&str| {
        let run = runs::open(path.to_str().unwrap(), &ReadOptions::default()).unwrap();
        let (lane, landscape) = runs::lane(run, known.as_ref()).unwrap();
        (landscape, ((*name).to_owned(), lane))
    };
    let (mut landscapes, lanes): (Vec<_>, Vec<_>) = names.iter().map(lane).unzip();
    let session = Session::new(landscapes.remove(0), None, lanes, String::new()).unwrap();
    App::new(
        session,
        Charset::Ascii,
        Theme::new(false, Background::Dark),
        Keymap::default(),
    )
}

#[test]
fn a_recorded_run_is_stepped_and_drawn() {
    for (loss, has_alpha) in [(None, false), (Some("rosenbrock"), true)] {
        let mut app = app(loss);
        typed(&mut app, "20n3N5s");
        let screen = text(&drawn(&mut app, (120, 36)));
        assert!(screen.contains("t 22 "), "{screen}");
        assert!(screen.contains("exp_avg_sq"), "{screen}");
        assert_eq!(screen.contains("lambda"), has_alpha, "{screen}");
        for (width, height) in [(80, 24), (40, 12), (20, 6), (3, 2)] {
            drawn(&mut app, (width, height));
        }
        typed(&mut app, "999n12345g?");
        drawn(&mut app, (120, 36));
        assert_eq!(app.session.position().t, 300);
    }
}

#[test]
fn where_the_loss_is_not_known_no_number_of_parameters_is_blamed() {
    let mut app = app(None);
    let shown = text(&drawn(&mut app, (120, 36)));
    assert!(
        shown.contains("the loss of this run is not known"),
        "{shown}"
    );
    assert!(shown.contains("no level lines"), "{shown}");
    assert!(!shown.contains("too many"), "{shown}");
    let heading = shown.lines().next().unwrap();
    assert!(
        heading.contains("unknown") && !heading.contains("NaN"),
        "{shown}"
    );
    let path = shown
        .lines()
        .skip(2)
        .take(30)
        .map(|row| row.get(..50).unwrap_or(row));
    let hatched = path.filter(|row| row.matches(':').count() > 5).count();
    assert_eq!(hatched, 0, "the path is behind hatching\n{shown}");
}

#[test]
fn a_loss_that_was_not_recorded_is_unknown_in_the_table_of_lanes() {
    let path = std::env::temp_dir().join("eigenstep-unknown-loss-of-lanes.jsonl");
    let rows = (0..5).map(|t| format!("{{\"t\":{t},\"w\":[1,2],\"g\":[0.1,{t}]}}\n"));
    fs::write(&path, rows.collect::<String>()).unwrap();
    let mut app = of_lanes(&path, None, &["first", "second"]);
    fs::remove_file(&path).unwrap();
    typed(&mut app, "2n");
    let shown = text(&drawn(&mut app, (120, 36)));
    let row = shown.lines().find(|line| line.contains(" second "));
    let row = row.unwrap_or_else(|| panic!("no row of the second lane: {shown}"));
    assert!(row.contains("unknown"), "{shown}");
    assert!(!shown.contains("NaN"), "{shown}");
}

#[test]
fn a_run_without_losses_has_no_pane_for_them_and_a_timeline_to_its_own_end() {
    for (loss, has_pane) in [("", false), (", \"loss\": 0.5", true)] {
        let file = tempfile::NamedTempFile::with_suffix(".jsonl").unwrap();
        let row = |t| format!("{{\"t\": {t}, \"w\": [0.{t:02}, 1.5], \"g\": [1, 2]{loss}}}\n");
        fs::write(&file, (0..=37).map(row).collect::<String>()).unwrap();
        let mut app = of_file(file.path(), None);
        typed(&mut app, "5n");
        let screen = text(&drawn(&mut app, (120, 36)));
        let panes = screen.matches("- loss").count();
        assert_eq!(panes > 0, has_pane, "{screen}");
        assert!(!screen.contains("no finite"), "{screen}");
        let timeline = screen
            .lines()
            .find(|line| line.starts_with("t 0 "))
            .unwrap();
        assert!(timeline.trim_end().ends_with(" 37"), "{timeline}");
    }
}

#[test]
fn keys_go_from_row_to_row_where_some_iterations_have_none() {
    let file = tempfile::NamedTempFile::with_suffix(".jsonl").unwrap();
    let row = |t| {
        format!(
            "{{\"t\": {t}, \"w\": [{t}, 1.5], \"g\": [3, 4], \"loss\": {}}}\n",
            30 - t
        )
    };
    fs::write(&file, [0, 10, 20, 25].map(row).concat()).unwrap();
    let mut app = of_file(file.path(), None);
    for (keys, t) in [
        ("n", 10),
        ("2n", 25),
        ("N", 20),
        ("S", 10),
        ("s", 20),
        ("g", 0),
        ("G", 25),
    ] {
        typed(&mut app, keys);
        assert_eq!(app.session.position().t, t, "{keys}");
        let screen = text(&drawn(&mut app, (120, 36)));
        let heading = screen.lines().next().unwrap();
        assert!(heading.contains(&format!("t {t} ")), "{screen}");
        assert!(
            heading.contains(&format!(
                "{}.00e",
                (30 - t).to_string().chars().next().unwrap()
            )),
            "{screen}"
        );
        assert!(
            !screen.contains("NaN") && !screen.contains("did not change"),
            "{screen}"
        );
    }
}
