//! Which mark wins, and that any path can be painted.

use super::*;
use crate::tui::glyphs::ASCII;
use proptest::prelude::*;

fn screen(overlay: &Overlay, window: &Window, width: u16, height: u16) -> Vec<String> {
    let area = Rect::new(0, 0, width, height);
    let mut buf = Buffer::empty(area);
    overlay.paint(window, area, &mut buf, &Theme::default(), &ASCII);
    (0..height)
        .map(|y| {
            (0..width)
                .map(|x| buf[(x, y)].symbol().to_string())
                .collect()
        })
        .collect()
}

fn unit() -> Window {
    Window::new([0.0, 1.0], [0.0, 1.0]).unwrap()
}

#[test]
fn a_jump_is_a_line_and_now_wins() {
    let points = [[0.05, 0.9], [0.95, 0.9], [0.95, 0.1], [0.55, 0.1]];
    let track = Track {
        lane: 0,
        points: &points,
        recent: 2,
        selected: true,
    };
    let minima = [[0.95, 0.1], [0.55, 0.1]];
    let overlay = Overlay {
        tracks: &[track],
        start: Some([0.05, 0.9]),
        minima: &minima,
        probes: &[[0.35, 0.1]],
    };
    assert_eq!(
        screen(&overlay, &unit(), 10, 5),
        [
            "+.........",
            "         .",
            "         .",
            "         .",
            "   ? o:::x"
        ]
    );
}

#[test]
fn lanes_differ_without_colour() {
    let (a, b) = (
        [[0.05, 0.9], [0.55, 0.9], [0.95, 0.9]],
        [[0.05, 0.1], [0.55, 0.1], [0.95, 0.1]],
    );
    let tracks = [
        Track {
            lane: 0,
            points: &a,
            recent: 9,
            selected: true,
        },
        Track {
            lane: 1,
            points: &b,
            recent: 9,
            selected: false,
        },
    ];
    let overlay = Overlay {
        tracks: &tracks,
        ..Overlay::default()
    };
    assert_eq!(
        screen(&overlay, &unit(), 10, 2),
        ["*::::*:::o", "#;;;;#;;;2"]
    );
}

#[test]
fn out_of_sight_is_pointed_at() {
    let points = [[0.5, 0.5], [1e300, 0.5]];
    let track = Track {
        lane: 0,
        points: &points,
        recent: 1,
        selected: true,
    };
    let overlay = Overlay {
        tracks: &[track],
        ..Overlay::default()
    };
    assert_eq!(screen(&overlay, &unit(), 9, 3)[1], "    ....>");
}

proptest! {
    #[test]
    fn any_path_is_painted(
        points in prop::collection::vec([any::<f64>(), any::<f64>()], 0..8), recent in 0_usize..9,
        width in 0_u16..40, height in 0_u16..20, selected: bool,
    ) {
        let track = Track { lane: 9, points: &points, recent, selected };
        let overlay = Overlay { tracks: &[track], start: points.first().copied(), minima: &points, probes: &points };
        screen(&overlay, &unit(), width, height);
    }
}
