//! What is derived aside comes to the same as at once, and keys are answered meanwhile.

use crate::{
    debugger::{
        Control,
        command::{AnyCommand, Command, Times},
    },
    scenario::Scenario,
    tui::{
        app::{App, Playing},
        command::TABLE,
        glyphs::Charset,
        keymap::Keymap,
        theme::{Background, Theme},
        view,
    },
};
use ratatui::{buffer::Buffer, layout::Rect};

/// What `app` shows at 120x36, row by row.
pub(in crate::tui::app) fn frame(app: &mut App) -> String {
    let area = Rect::new(0, 0, 120, 36);
    let mut buf = Buffer::empty(area);
    view::prepare(app, area.as_size());
    view::draw(app, area, &mut buf);
    let rows = buf.content.chunks(120);
    let rows = rows.map(|row| row.iter().map(ratatui::buffer::Cell::symbol).collect());
    rows.collect::<Vec<String>>().join("\n")
}

fn settled(app: &mut App) -> String {
    let mut picture = frame(app);
    for _ in 0..500 {
        if !app.is_behind() {
            return picture;
        }
        picture = frame(app);
    }
    panic!("a picture that comes to no end\n{picture}");
}

fn app() -> App {
    let rotated = [
        ("rule", "adam"),
        ("eigenvalues", "1..100:log:30"),
        ("rotation-seed", "3"),
    ];
    app_of(&rotated)
}

fn app_of(flags: &[(&str, &str)]) -> App {
    let session = Scenario::from_flags(flags).unwrap().session().unwrap();
    let theme = Theme::new(false, Background::Dark);
    App::new(session, Charset::Ascii, theme, Keymap::default())
}

fn run(app: &mut App, command: &str) {
    let source = crate::error::Source::new("<test>", command);
    let line = TABLE.parse(&source).unwrap().unwrap();
    app.perform(&line, &mut Control::default()).unwrap();
}

#[test]
fn theory_that_takes_long_stands_on_a_later_frame_as_if_it_had_been_waited_for() {
    let mut app = app();
    settled(&mut app);
    run(&mut app, "step 7");
    let first = frame(&mut app);
    assert!(
        app.is_theory_coming() && first.contains("edge ..."),
        "{first}"
    );
    run(&mut app, "step 1");
    frame(&mut app);
    run(&mut app, "back 2");
    let last = settled(&mut app);
    assert!(
        !app.is_theory_coming() && !last.contains("edge ..."),
        "{last}"
    );
    let mut other = self::app();
    run(&mut other, "step 8");
    settled(&mut other);
    run(&mut other, "back 2");
    assert_eq!(settled(&mut other), last);
    // Nothing is computed anew while nothing moves.
    frame(&mut app);
    assert!(!app.is_behind());
}

#[test]
fn a_run_that_plays_faster_than_theory_comes_shows_that_of_a_moment_before() {
    let mut app = app();
    app.work_aside(|| false);
    app.playing = Some(Playing { forward: true });
    run(&mut app, "step 7");
    frame(&mut app);
    let first = frame(&mut app);
    assert!(
        first.contains("edge ...") || !first.contains("edge"),
        "{first}"
    );
    for t in [7, 8, 9] {
        while app.derived.is_at_work() {
            std::thread::yield_now();
        }
        run(&mut app, "step 1");
        frame(&mut app);
        let second = frame(&mut app);
        assert!(second.contains(&format!(" at t = {t}")), "{t}\n{second}");
        // The next is looked for where the run is now.
        frame(&mut app);
    }
    app.playing = None;
    run(&mut app, "step 1");
    let stopped = frame(&mut app);
    assert!(stopped.contains("edge ..."), "{stopped}");
}

#[test]
fn a_minimum_that_is_looked_for_long_is_looked_for_aside() {
    let flags = [("loss", "mlp"), ("rule", "adam")];
    let mut app = app_of(&flags);
    app.work_aside(|| false);
    let knows = |app: &App| app.session.lanes().focused().knows_reference();
    let lambda = |app: &App| app.session.lanes().focused().latest_reference().clone();
    while frame(&mut app).is_empty() || app.is_behind() {
        std::thread::yield_now();
    }
    let before = lambda(&app);
    run(&mut app, "step 2");
    frame(&mut app);
    assert!(!knows(&app) && lambda(&app) == before);
    while !knows(&app) {
        frame(&mut app);
    }
    assert_ne!(lambda(&app), before);
    while app.is_behind() {
        frame(&mut app);
    }
    let mut other = app_of(&flags);
    run(&mut other, "step 2");
    assert_eq!(settled(&mut other), frame(&mut app));
}

/// A table of so many rows that Newton's method takes long on it.
fn long_table(folder: &std::path::Path) -> String {
    let names: Vec<String> = (1..=30).map(|at| format!("x{at}")).collect();
    let mut text = names.join(",") + ",y\n";
    let mut state = 1_u64;
    for _ in 0..750 {
        let mut digits = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005);
            state = state.wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % 1000
        };
        let cells: Vec<u64> = (0..30).map(|_| digits()).collect();
        let class = u8::from(cells[0] + cells[1] + digits() > 1500);
        let cells: Vec<String> = cells.iter().map(u64::to_string).collect();
        text = [text, cells.join(","), format!(",{class}\n")].concat();
    }
    let path = folder.join("long.csv");
    std::fs::write(&path, text).unwrap();
    path.display().to_string()
}

#[test]
fn a_run_whose_minimum_takes_long_to_find_opens_before_it_is_known() {
    let folder = tempfile::tempdir().unwrap();
    let path = long_table(folder.path());
    let flags = [("loss", "logistic"), ("data", &*path), ("target", "y")];
    let mut app = app_of(&flags);
    app.work_aside(|| false);
    assert!(!app.session.lanes().focused().minima().knows_home());
    let first = frame(&mut app);
    assert!(first.contains("loss"), "{first}");
    run(&mut app, "view zoom in");
    let mut last = frame(&mut app);
    while app.is_behind() {
        last = frame(&mut app);
    }
    let mut other = app_of(&flags);
    run(&mut other, "view zoom in");
    assert_eq!(settled(&mut other), last);
    let convergence = |app: &App| {
        let lane = &app.session.lanes().focused().lane;
        lane.timeline().convergence()
    };
    assert_eq!(convergence(&app), convergence(&other));
}

#[test]
fn a_run_goes_on_while_its_minimum_is_looked_for_and_is_the_same_as_if_it_had_waited() {
    let folder = tempfile::tempdir().unwrap();
    let path = long_table(folder.path());
    let flags = [
        ("loss", "logistic"),
        ("data", &*path),
        ("target", "y"),
        ("rule", "adam"),
    ];
    let (mut app, mut other) = (app_of(&flags), app_of(&flags));
    for app in [&mut app, &mut other] {
        app.session.focused_mut().set_tolerance(10.0, &mut |_| true);
    }
    app.work_aside(|| false);
    let _known = other.session.lanes().focused().minima().home();
    let minima = |app: &App| app.session.lanes().focused().minima().knows_home();
    for command in ["step 40", "line 2", "back 7", "step 100", "goto 30"] {
        run(&mut app, command);
        run(&mut other, command);
        assert!(!minima(&app), "{command}");
    }
    let goes_on = AnyCommand::Debugger(Command::Continue(Times(1)));
    assert!(app.puts_off(&goes_on) && !other.puts_off(&goes_on));
    assert!(!app.puts_off(&Command::Quit.into()));
    assert!(app.drop_deferred() && !app.drop_deferred());
    let convergence = |app: &App| {
        let lane = &app.session.lanes().focused().lane;
        lane.timeline().convergence()
    };
    assert!(convergence(&other).touched.is_some());
    for command in ["step 1", "goto 33", "set eta=0.1", "step 3", "last"] {
        run(&mut app, command);
        run(&mut other, command);
        assert_eq!(convergence(&app), convergence(&other), "{command}");
    }
    assert_eq!(settled(&mut app), settled(&mut other));
}

#[test]
fn theory_that_is_looked_at_aside_is_the_same_and_a_key_drops_it() {
    let mut app = app();
    app.work_aside(|| false);
    let last = |app: &mut App| loop {
        let picture = frame(app);
        if !app.is_behind() {
            return picture;
        }
        std::thread::yield_now();
    };
    last(&mut app);
    for command in ["step 7", "step 1", "back 2"] {
        run(&mut app, command);
        frame(&mut app);
        // The look at it has begun.
        frame(&mut app);
        assert!(app.derived.awaits(), "{command}");
    }
    let aside = last(&mut app);
    let mut other = self::app();
    settled(&mut other);
    run(&mut other, "step 8");
    settled(&mut other);
    run(&mut other, "back 2");
    assert_eq!(settled(&mut other), aside);
    assert!(!app.is_behind() && !app.waits());
}
