//! The sizes that matter, and that parts never overlap.

use super::*;
use proptest::prelude::*;

/// The rows that panes have a use for with Adam on a plane.
fn wants(pane: Pane) -> u16 {
    match pane {
        Pane::Source => 10,
        Pane::Eigen | Pane::Lanes => 4,
        _ => u16::MAX,
    }
}

fn standard(size: Size, visible: Panes, maximised: Option<Pane>) -> Placed {
    layout(size, visible, maximised, 0, &wants)
}

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

/// At 80x24 all panes of Adam are there, the contour keeps 30 columns and the source 62.
#[test]
fn eighty_by_twenty_four_shows_five_panes() {
    let placed = standard(size(80, 24), Panes::default(), None);
    let [contour, source] = [Pane::Contour, Pane::Source].map(|p| placed.pane(p));
    assert!(contour.width >= 32 && contour.height >= 10, "{contour}");
    assert!(source.width >= 62 && source.height >= 10, "{source}");
    let low = Panes::default()
        .iter()
        .filter(|p| placed.pane(*p).height < p.row().least);
    assert_eq!(low.count(), 0);
    assert!(placed.pane(Pane::Lanes).is_empty());
}

#[test]
fn a_pane_with_nothing_to_show_takes_no_room() {
    let placed = layout(
        size(120, 36),
        Panes::default(),
        None,
        0,
        &|pane| match pane {
            Pane::Plot => 0,
            other => wants(other),
        },
    );
    assert!(placed.pane(Pane::Plot).is_empty());
    assert!(placed.pane(Pane::Loss).height > 10);
}

/// A caption of two lines costs the panes two rows: the timeline is in its rule, and nothing is said of what happened.
#[test]
fn a_caption_has_the_timeline_in_its_rule() {
    let placed = layout(size(80, 24), Panes::default(), None, 3, &wants);
    assert_eq!(placed.caption, Rect::new(0, 20, 80, 3));
    assert_eq!(placed.timeline, Rect::new(48, 20, 32, 1));
    let rows = |placed: &Placed| placed.panes().map(|(_, place)| place.bottom()).max();
    assert_eq!(rows(&placed), Some(20));
    let bare = standard(size(80, 24), Panes::default(), None);
    assert_eq!(rows(&bare), Some(21));
}

#[test]
fn small_terminals_show_one_pane_with_tabs() {
    let placed = standard(size(50, 14), Panes::default(), Some(Pane::Loss));
    assert_eq!(placed.pane(Pane::Loss), Rect::new(0, 2, 50, 10));
    assert_eq!(placed.tabs, Rect::new(0, 1, 50, 1));
    assert!(placed.pane(Pane::Contour).is_empty());
    let first = standard(size(50, 14), Panes::default(), None);
    assert!(!first.pane(Pane::Contour).is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]
    #[test]
    fn parts_lie_inside_and_apart(
        width in 0_u16..500, height in 0_u16..200, mask in any::<u32>(), max in 0_usize..9,
    ) {
        let visible = Panes::of(Pane::all().filter(|pane| mask & (1 << *pane as u32) != 0));
        let placed = standard(size(width, height), visible, Pane::all().nth(max));
        let screen = Rect::new(0, 0, width, height);
        let mut parts = vec![
            placed.header, placed.tabs, placed.happened, placed.timeline, placed.message,
        ];
        parts.extend(placed.panes().map(|(_, place)| place));
        parts.retain(|r| !r.is_empty());
        for (i, part) in parts.iter().enumerate() {
            prop_assert_eq!(part.intersection(screen), *part);
            for other in &parts[..i] {
                prop_assert!(part.intersection(*other).is_empty(), "{} {}", part, other);
            }
        }
        // Nothing is left over: with a pane on the screen every cell belongs to a part.
        if placed.panes().any(|(_, place)| !place.is_empty()) {
            let covered: u32 = parts.iter().map(|r| r.area()).sum();
            prop_assert_eq!(covered, screen.area());
        }
    }
}
