//! Snapshots of contours, and proofs that they never fail.

use super::*;
use crate::tui::glyphs::Charset;
use crate::tui::plot::ValueScale;
use ratatui::widgets::{Block, Widget};

type Loss = fn(f64, f64) -> f64;

fn valley(x: f64, y: f64) -> f64 {
    0.5 * ((x - 0.8).powi(2) + 100.0 * (y - 0.6).powi(2))
}

fn rosenbrock(x: f64, y: f64) -> f64 {
    (1.0 - x).powi(2) + 100.0 * (y - x * x).powi(2)
}

fn himmelblau(x: f64, y: f64) -> f64 {
    (x * x + y - 11.0).powi(2) + (x + y * y - 7.0).powi(2)
}

/// A framed contour with axes, as a view draws it.
fn framed(
    f: Loss,
    [x, y]: [[f64; 2]; 2],
    minimum: Option<f64>,
    inner: Size,
    charset: Charset,
) -> String {
    let frame = Rect::new(0, 0, inner.width + 2, inner.height + 2);
    let names = ["w1", "w2"];
    let mut buf = Buffer::empty(frame);
    let (window, theme, glyphs) = (
        Window::new(x, y).unwrap(),
        Theme::default(),
        charset.glyphs(),
    );
    let block = Block::bordered().border_set(charset.border());
    let area = block.inner(frame);
    block.render(frame, &mut buf);
    let plot = plot(area, &window, ValueScale::Linear);
    ContourField::compute(f, minimum, window, plot.as_size(), charset)
        .paint(plot, &mut buf, &theme);
    let window = &window;
    Axes::new(window, names).paint(area, plot, &mut buf, &theme, glyphs);
    text(&buf)
}

fn text(buf: &Buffer) -> String {
    let area = buf.area;
    let rows = (area.top()..area.bottom()).map(|y| {
        (area.left()..area.right())
            .map(|x| buf[(x, y)].symbol())
            .collect::<String>()
            + "\n"
    });
    rows.collect()
}

#[test]
fn pictures() {
    let losses: [(&str, Loss, [[f64; 2]; 2]); 3] = [
        ("valley", valley, [[0.0, 1.6], [0.0, 1.2]]),
        ("rosenbrock", rosenbrock, [[-2.0, 2.0], [-1.0, 3.0]]),
        ("himmelblau", himmelblau, [[-5.0, 5.0], [-5.0, 5.0]]),
    ];
    for (name, f, window) in losses {
        for (width, height) in [(46, 20), (76, 30)] {
            for charset in [Charset::Ascii, Charset::Unicode, Charset::Braille] {
                let suffix = charset.name();
                let picture = framed(f, window, Some(0.0), Size::new(width, height), charset);
                insta::assert_snapshot!(format!("{name}_{width}x{height}_{suffix}"), picture);
            }
        }
    }
}

/// Level lines are closed or end at the frame: along every row of the valley the levels rise and fall once.
#[test]
fn levels_of_a_bowl_are_nested() {
    let window = Window::new([-1.0, 1.0], [-1.0, 1.0]).unwrap();
    let field = ContourField::compute(
        |x, y| x * x + y * y,
        Some(0.0),
        window,
        Size::new(60, 30),
        Charset::Ascii,
    );
    let levels: Vec<f64> = field.levels().iter().map(|l| l.value).collect();
    assert!(levels.len() >= 3 && levels.is_sorted(), "{levels:?}");
    for row in field.cells.chunks(60) {
        let met: Vec<u8> = row
            .iter()
            .filter_map(|c| {
                if let Cell::Line { level, .. } = c {
                    Some(*level)
                } else {
                    None
                }
            })
            .collect();
        let turn = met
            .iter()
            .position(|l| Some(l) == met.iter().min())
            .unwrap_or(0);
        assert!(
            met[..turn].is_sorted_by(|a, b| a >= b) && met[turn..].is_sorted(),
            "{met:?}"
        );
    }
}

/// Seen from far away the loss varies by no factor: levels are linear, and there are some.
#[test]
fn far_from_the_minimum_levels_are_linear() {
    let window = Window::new([0.0, 0.1], [0.0, 0.1]).unwrap();
    let field = ContourField::compute(valley, Some(0.0), window, Size::new(46, 20), Charset::Ascii);
    let values: Vec<f64> = field.levels().iter().map(|l| l.value).collect();
    assert!(values.len() >= 3);
    let step = values[1] - values[0];
    assert!(
        values
            .windows(2)
            .all(|v| ((v[1] - v[0]) / step - 1.0).abs() < 1e-9),
        "{values:?}"
    );
}

#[test]
fn any_size_and_any_loss_is_painted() {
    let losses: [Loss; 9] = [
        valley,
        rosenbrock,
        |_, _| 3.0,
        |_, _| f64::NAN,
        |x, _| x.ln(),
        |x, y| (50.0 * x * y).exp() * 1e300,
        |x, y| 1.0 / (x * y),
        |x, y| -(x * x + y * y),
        |x, _| if x > 0.3 { f64::INFINITY } else { 1e-310 * x },
    ];
    let window = Window::new([-1.0, 2.0], [-1.0, 1.0]).unwrap();
    let sizes = [
        (0, 0),
        (0, 9),
        (9, 0),
        (1, 1),
        (2, 1),
        (1, 2),
        (3, 3),
        (7, 2),
        (36, 18),
        (46, 20),
        (60, 28),
        (120, 50),
    ];
    for f in losses {
        for (width, height) in sizes {
            for charset in [Charset::Ascii, Charset::Unicode, Charset::Braille] {
                let picture = framed(
                    f,
                    [window.x(), window.y()],
                    None,
                    Size::new(width, height),
                    charset,
                );
                assert_eq!(
                    picture.chars().filter(|&c| c == '\n').count(),
                    usize::from(height) + 2
                );
                assert!(charset != Charset::Ascii || picture.is_ascii());
            }
        }
    }
    framed(
        rosenbrock,
        [window.x(), window.y()],
        None,
        Size::new(500, 200),
        Charset::Ascii,
    );
}

/// A field is painted where it is told, clipped to the buffer, whatever its own size.
#[test]
fn painting_is_clipped() {
    let window = Window::new([-1.0, 2.0], [-1.0, 1.0]).unwrap();
    let field = ContourField::compute(rosenbrock, None, window, Size::new(30, 10), Charset::Ascii);
    let mut buf = Buffer::empty(Rect::new(5, 5, 10, 5));
    for area in [
        Rect::new(0, 0, 30, 10),
        Rect::new(12, 7, 30, 10),
        Rect::new(7, 6, 99, 99),
    ] {
        field.paint(area, &mut buf, &Theme::default());
        let (window, names) = (&window, ["w1", "w2"]);
        let glyphs = Charset::Ascii.glyphs();
        Axes::new(window, names).paint(
            area,
            plot(area, window, ValueScale::Linear),
            &mut buf,
            &Theme::default(),
            glyphs,
        );
    }
    assert!(field.shows(&window, Size::new(30, 10), Charset::Ascii));
    assert!(!field.shows(&window, Size::new(31, 10), Charset::Ascii));
}

#[test]
fn samples_taken_a_few_at_a_time_make_the_same_picture() {
    let (size, window) = (
        Size::new(61, 23),
        Window::new([-2.0, 2.0], [-1.0, 3.0]).unwrap(),
    );
    let whole = ContourField::compute(rosenbrock, Some(0.0), window, size, Charset::Unicode);
    let mut samples = Samples::new(window, size, Charset::Unicode);
    let mut strides = Vec::new();
    let mut taken = 0;
    while samples.known() != Some(1) {
        let mut calls = 0;
        let f = |x: f64, y: f64| {
            calls += 1;
            rosenbrock(x, y)
        };
        samples.take(f, 1, 100);
        assert!(calls <= 100);
        taken += calls;
        strides.extend(samples.known());
    }
    // Each place is asked for once: those between cells, of which there is one more, and those within.
    assert_eq!(taken, 61 * 24 + 62 * 23);
    strides.dedup();
    assert_eq!(strides, [8, 4, 2, 1]);
    let field = samples.field(Some(0.0)).unwrap();
    assert_eq!((field.levels, field.cells), (whole.levels, whole.cells));
}

#[test]
fn what_is_known_coarsely_is_on_straight_lines_between_its_samples() {
    let (size, window) = (
        Size::new(45, 17),
        Window::new([0.0, 1.0], [0.0, 1.0]).unwrap(),
    );
    let plane = |x: f64, y: f64| 3.0 * x + 2.0 * y;
    let whole = ContourField::compute(plane, None, window, size, Charset::Ascii);
    for finest in [8, 4, 2] {
        let mut samples = Samples::new(window, size, Charset::Ascii);
        let count = samples.count(finest);
        let left = samples.take(plane, finest, usize::MAX);
        assert_eq!(usize::MAX - left, count);
        assert!(count < 2 * 45 * 17 / finest, "{count} of {finest}");
        let field = samples.field(None).unwrap();
        assert_eq!(field.levels, whole.levels);
        let same = field.cells.iter().zip(&whole.cells).filter(|(a, b)| a == b);
        assert!(same.count() * 50 > 49 * whole.cells.len());
    }
}
