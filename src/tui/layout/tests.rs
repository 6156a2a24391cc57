//! The sizes that matter, and that parts never overlap.

use super::*;
use proptest::prelude::*;

/// Adam on a plane.
const CONTENT: Content = Content {
    source: 8,
    eigen: 2,
    lanes: 2,
    caption: 0,
};

fn size(width: u16, height: u16) -> Size {
    Size::new(width, height)
}

#[test]
fn classes_begin_where_the_design_says() {
    for (width, height, class) in [
        (200, 60, SizeClass::Wide),
        (199, 60, SizeClass::Normal),
        (120, 36, SizeClass::Normal),
        (120, 35, SizeClass::Compact),
        (80, 24, SizeClass::Compact),
        (79, 24, SizeClass::Small),
        (60, 16, SizeClass::Small),
        (59, 50, SizeClass::Single),
        (40, 10, SizeClass::Single),
        (500, 9, SizeClass::Line),
        (0, 0, SizeClass::Line),
    ] {
        assert_eq!(
            SizeClass::of(size(width, height)),
            class,
            "{width}x{height}"
        );
    }
}

/// At 80x24 all four panes are there, the contour keeps 30 columns inside and the source 46.
#[test]
fn eighty_by_twenty_four_shows_four_panes() {
    let placed = layout(size(80, 24), Panes::default(), None, CONTENT);
    let [contour, source] = [Pane::Contour, Pane::Source].map(|p| placed.pane(p));
    assert!(contour.width >= 32 && contour.height >= 20, "{contour}");
    assert!(source.width >= 46 && source.height >= 8, "{source}");
    assert!(
        Pane::ALL[..4]
            .iter()
            .all(|&p| placed.pane(p).height >= p.rows().0)
    );
    assert!(placed.pane(Pane::Lanes).is_empty());
}

#[test]
fn small_terminals_show_one_pane_with_tabs() {
    let placed = layout(size(50, 14), Panes::default(), Some(Pane::Loss), CONTENT);
    assert_eq!(placed.pane(Pane::Loss), Rect::new(0, 2, 50, 10));
    assert_eq!(placed.tabs, Rect::new(0, 1, 50, 1));
    assert!(placed.pane(Pane::Contour).is_empty());
    let first = layout(size(50, 14), Panes::default(), None, CONTENT);
    assert!(!first.pane(Pane::Contour).is_empty());
}

#[test]
fn a_click_finds_its_pane() {
    let placed = layout(size(120, 36), Panes::default(), None, CONTENT);
    let cell = placed.pane(Pane::Eigen).as_position();
    assert_eq!(placed.pane_at(cell), Some(Pane::Eigen));
    assert_eq!(placed.pane_at(placed.header.as_position()), None);
    assert_eq!(Pane::from_number(3), Some(Pane::Eigen));
    assert_eq!(Pane::from_number(0), None);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]
    #[test]
    fn parts_lie_inside_and_apart(
        width in 0_u16..500, height in 0_u16..200, mask in prop::array::uniform5(any::<bool>()), max in 0_usize..6,
    ) {
        let placed = layout(size(width, height), Panes(mask), Pane::from_number(max), CONTENT);
        let screen = Rect::new(0, 0, width, height);
        let mut parts = vec![placed.header, placed.tabs, placed.timeline, placed.message];
        parts.extend(placed.panes);
        parts.retain(|r| !r.is_empty());
        for (i, part) in parts.iter().enumerate() {
            prop_assert_eq!(part.intersection(screen), *part);
            for other in &parts[..i] {
                prop_assert!(part.intersection(*other).is_empty(), "{} {}", part, other);
            }
        }
        // Nothing is left over: with a pane on the screen every cell belongs to a part.
        if parts.iter().any(|p| placed.panes.contains(p)) {
            let covered: u32 = parts.iter().map(|r| r.area()).sum();
            prop_assert_eq!(covered, screen.area());
        }
    }
}
