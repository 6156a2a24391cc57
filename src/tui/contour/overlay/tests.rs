//! Tests of the overlay: the course of a path, its turns, and the marks of the lanes.

use super::*;
use crate::tui::contour::Visit;
use proptest::prelude::*;

fn screen(
    overlay: &Overlay,
    window: &Window,
    (width, height): (u16, u16),
    charset: Charset,
) -> Vec<String> {
    let area = Rect::new(0, 0, width, height);
    let mut buf = Buffer::empty(area);
    buf.content.iter_mut().for_each(|cell| {
        cell.set_symbol("");
    });
    overlay.paint(window, area, &mut buf, &Theme::default(), charset);
    let symbol = |x, y| match buf[(x, y)].symbol() {
        "" => " ".to_owned(),
        symbol => symbol.to_owned(),
    };
    (0..height)
        .map(|y| (0..width).map(|x| symbol(x, y)).collect())
        .collect()
}

fn unit() -> Window {
    Window::new([0.0, 1.0], [0.0, 1.0]).unwrap()
}

fn visits(points: &[Point]) -> Vec<Visit> {
    (0..)
        .zip(points)
        .map(|(t, at)| Visit { t, at: *at })
        .collect()
}

fn trail(visits: &[Visit]) -> Trail<'_> {
    Trail {
        roles: [Role::Trail(0), Role::Path(0)],
        visits,
        ahead: &[],
        recent: 12,
        selected: true,
        letter: 'o',
    }
}

fn picture(points: &[Point], size: (u16, u16), charset: Charset) -> Vec<String> {
    let visits = visits(points);
    let overlay = Overlay {
        trails: &[trail(&visits)],
        ..Overlay::default()
    };
    screen(&overlay, &unit(), size, charset)
}

/// Across a valley and back in every step, closing in: as gradient descent near its limit does.
fn zigzag(count: usize) -> Vec<Point> {
    let side = |k: usize| if k.is_multiple_of(2) { 1.0 } else { -1.0 };
    (0..count)
        .map(|k| {
            let part = crate::tui::contour::to_f64(k) / 40.0;
            [0.05 + 0.8 * part, 0.5 + side(k) * 0.45 * (1.0 - 0.8 * part)]
        })
        .collect()
}

#[test]
fn a_zigzag_is_two_rows_of_dots_with_its_last_two_steps_joined() {
    for charset in [Charset::Ascii, Charset::Unicode, Charset::Braille] {
        let shown = picture(&zigzag(30), (40, 21), charset);
        let middle: String = shown[10].chars().take(20).collect();
        assert_eq!(
            middle.trim(),
            "",
            "{charset:?}: nothing between the envelopes {shown:#?}"
        );
        let inked = shown[10].chars().filter(|it| *it != ' ').count();
        assert!(
            (1..=3).contains(&inked),
            "{charset:?}: the last two steps cross the middle {shown:#?}"
        );
        let dots = |rows: &[String]| {
            rows.iter()
                .flat_map(|row| row.chars())
                .filter(|it| *it != ' ')
                .count()
        };
        assert!(
            dots(&shown[..9]) >= 8 && dots(&shown[12..]) >= 8,
            "{charset:?} {shown:#?}"
        );
    }
}

#[test]
fn a_swing_hangs_together() {
    let swing: Vec<Point> = (0..40)
        .map(|k| {
            let phase = 0.4 * f64::from(k);
            [0.02 + f64::from(k) / 45.0, 0.5 + 0.45 * libm::cos(phase)]
        })
        .collect();
    let shown = picture(&swing, (45, 12), Charset::Braille);
    // Every column of the older part is inked: it is a line, not scattered dots.
    let rows: Vec<Vec<char>> = shown.iter().map(|row| row.chars().collect()).collect();
    for column in 1..38 {
        assert!(
            rows.iter().any(|row| row[column] != ' '),
            "column {column} {shown:#?}"
        );
    }
}

#[test]
fn boundaries_that_are_not_kept_are_not_joined() {
    let mut visits = visits(&[[0.1, 0.5], [0.3, 0.5], [0.9, 0.5]]);
    visits[2].t = 100;
    let overlay = Overlay {
        trails: &[trail(&visits)],
        ..Overlay::default()
    };
    let shown = screen(&overlay, &unit(), (20, 1), Charset::Braille);
    let between: String = shown[0].chars().skip(7).take(10).collect();
    assert_eq!(between.trim(), "", "{shown:?}");
}

#[test]
fn no_lane_hides_the_dots_of_another() {
    let (a, b) = (
        visits(&[[0.45, 0.9], [0.95, 0.95]]),
        visits(&[[0.55, 0.6], [0.95, 0.05]]),
    );
    let of = |visits, selected| Trail {
        recent: 0,
        selected,
        ..trail(visits)
    };
    let trails = [of(&a[..1], true), of(&b[..1], false)];
    let strokes: Vec<_> = trails
        .iter()
        .map(|trail| Stroke::new(trail, &unit(), Rect::new(0, 0, 1, 1)))
        .collect();
    let mut ink = Ink::new(Charset::Braille, 1, 1);
    for stroke in &strokes {
        stroke.older(Charset::Braille, &mut ink, 0);
    }
    let (_, glyph, _) = ink.cells().next().unwrap();
    // Upper left of the one, middle right of the other.
    assert_eq!(glyph, '\u{2811}');
}

#[test]
fn ascii_has_two_heights() {
    let old = [
        [0.05, 0.95],
        [0.15, 0.45],
        [0.25, 0.95],
        [0.25, 0.45],
        [0.95, 0.5],
    ];
    let visits = visits(&old);
    let overlay = Overlay {
        trails: &[Trail {
            recent: 0,
            ..trail(&visits)
        }],
        ..Overlay::default()
    };
    let shown = screen(&overlay, &unit(), (10, 1), Charset::Ascii);
    assert_eq!(shown, ["'.:      @"]);
}

#[test]
fn other_lanes_stand_as_letters_and_the_own_one_reversed() {
    let (a, b) = (
        visits(&[[0.05, 0.9], [0.95, 0.9]]),
        visits(&[[0.05, 0.1], [0.95, 0.1]]),
    );
    let trails = [
        Trail {
            letter: 'g',
            ..trail(&a)
        },
        Trail {
            letter: 'm',
            roles: [Role::Trail(1), Role::Path(1)],
            selected: false,
            ..trail(&b)
        },
    ];
    let overlay = Overlay {
        trails: &trails,
        ..Overlay::default()
    };
    let area = Rect::new(0, 0, 10, 2);
    let mut buf = Buffer::empty(area);
    overlay.paint(&unit(), area, &mut buf, &Theme::default(), Charset::Ascii);
    let (own, other) = (&buf[(9, 0)], &buf[(9, 1)]);
    assert_eq!((own.symbol(), other.symbol()), ("g", "m"));
    assert!(own.modifier.contains(Modifier::REVERSED));
    assert!(!other.modifier.contains(Modifier::REVERSED));
}

#[test]
fn marks_have_words_beside_them() {
    let overlay = Overlay {
        start: Some([0.05, 0.05]),
        minima: &[[0.9, 0.5]],
        probes: &[[0.5, 0.95]],
        ..Overlay::default()
    };
    let shown = screen(&overlay, &unit(), (30, 3), Charset::Ascii);
    assert_eq!(shown[0].trim(), "? probe");
    assert_eq!(shown[1].trim_end(), "                       min x");
    assert_eq!(shown[2].trim_end(), " S start");
}

#[test]
fn arrows_point_where_the_vector_does() {
    let visits = visits(&[[0.5, 0.5]]);
    for (along, head) in [
        ([1.0, 0.0], '>'),
        ([-1e-9, 0.0], '<'),
        ([0.0, 1e9], '^'),
        ([0.0, -1.0], 'v'),
    ] {
        let arrows = [Arrow {
            from: [0.5, 0.5],
            along,
            word: "step",
            role: Role::Text,
        }];
        let overlay = Overlay {
            trails: &[trail(&visits)],
            arrows: &arrows,
            ..Overlay::default()
        };
        let shown = screen(&overlay, &unit(), (41, 21), Charset::Ascii);
        let at = |glyph: char| {
            let rows = shown.iter().enumerate();
            rows.flat_map(|(y, row)| row.chars().enumerate().map(move |(x, it)| (x, y, it)))
                .find(|(.., it)| *it == glyph)
                .map(|(x, y, _)| [x, y])
        };
        let (now, head) = (
            at('@').unwrap(),
            at(head).unwrap_or_else(|| panic!("{shown:#?}")),
        );
        let sign = |i: usize| head[i].cmp(&now[i]);
        let wanted = [along[0].total_cmp(&0.0), 0.0_f64.total_cmp(&along[1])];
        assert_eq!([sign(0), sign(1)], wanted, "{shown:#?}");
        assert!(shown.iter().any(|row| row.contains("step")), "{shown:#?}");
    }
}

#[test]
fn out_of_sight_is_pointed_at() {
    let shown = picture(&[[0.5, 0.5], [1e300, 0.5]], (9, 3), Charset::Ascii);
    assert!(shown[1].ends_with('>'), "{shown:?}");
}

proptest! {
    #[test]
    fn any_path_is_painted(
        points in prop::collection::vec([any::<f64>(), any::<f64>()], 0..8), recent in 0_usize..9,
        width in 0_u16..40, height in 0_u16..20, selected: bool,
    ) {
        let visits = visits(&points);
        let trail = Trail { roles: [Role::Trail(9), Role::Path(9)], recent, selected, ..trail(&visits) };
        let arrows: Vec<Arrow> = points.windows(2).map(|pair| Arrow {
            from: pair[0], along: pair[1], word: "arrow", role: Role::Momentum,
        }).collect();
        let start = points.first().copied();
        let overlay = Overlay { trails: &[trail], start, minima: &points, probes: &points, arrows: &arrows };
        for charset in [Charset::Ascii, Charset::Unicode, Charset::Braille] {
            let shown = screen(&overlay, &unit(), (width, height), charset);
            prop_assert!(charset != Charset::Ascii || shown.iter().all(|row| row.is_ascii()));
        }
    }
}
