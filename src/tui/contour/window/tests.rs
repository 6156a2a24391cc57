//! Cells and points, and windows that follow.

use super::*;
use proptest::prelude::*;

const VALLEY: Rect = Rect {
    x: 3,
    y: 2,
    width: 46,
    height: 20,
};

fn valley() -> Window {
    Window::new([0.0, 1.6], [0.0, 1.2]).unwrap()
}

#[test]
fn corners_fall_on_corner_cells() {
    let w = valley();
    assert_eq!(w.cell_of([0.0, 1.2], VALLEY), Some(Position::new(3, 2)));
    assert_eq!(w.cell_of([1.6, 0.0], VALLEY), Some(Position::new(48, 21)));
    assert_eq!(w.cell_of([1.61, 0.0], VALLEY), None);
    assert_eq!(w.cell_of([f64::NAN, 0.0], VALLEY), None);
}

#[test]
fn a_window_is_finite_and_has_an_inside() {
    assert!(Window::new([0.0, 0.0], [0.0, 1.0]).is_none());
    assert!(Window::new([0.0, f64::INFINITY], [0.0, 1.0]).is_none());
    assert!(Window::new([1.0, 1.0 + 1e-15], [0.0, 1.0]).is_none());
    assert_eq!(
        Window::new([1.0, 0.0], [1.0, 0.0]),
        Window::new([0.0, 1.0], [0.0, 1.0])
    );
}

#[test]
fn equal_units_make_a_circle_round() {
    let w = valley().fit(VALLEY, Scaling::EqualUnits);
    let [x0, x1] = w.x();
    let [y0, y1] = w.y();
    let (per_column, per_row) = ((x1 - x0) / 46.0, (y1 - y0) / 20.0);
    assert!((per_row / per_column - CELL_ASPECT).abs() < 1e-12);
    assert!(x0 <= 0.0 && x1 >= 1.6 && y0 <= 0.0 && y1 >= 1.2);
}

/// Gradient descent above its limit grows by 2 % an iteration: over 1000 iterations (a factor of 4e8) the
/// window changes only about once per doubling and axis.
#[test]
fn a_diverging_run_moves_the_window_once_per_doubling() {
    let (mut w, mut changes, mut a) = (valley(), 0, -0.6);
    for _ in 0..1000 {
        a *= -1.02;
        let next = w.follow([0.8, 0.6 + a]);
        changes += i32::from(next != w);
        w = next;
        assert!(w.contains([0.8, 0.6 + a]));
    }
    assert!((25..=60).contains(&changes), "{changes}");
}

#[test]
fn zooming_magnifies_and_keeps_its_point_in_place() {
    let w = valley();
    let zoomed = w.zoom([0.4, 0.3], 2.0);
    let length = |[low, high]: [f64; 2]| high - low;
    assert!((length(zoomed.x()) - 0.5 * length(w.x())).abs() < 1e-12);
    assert!((length(zoomed.y()) - 0.5 * length(w.y())).abs() < 1e-12);
    assert_eq!(
        w.cell_of([0.4, 0.3], VALLEY),
        zoomed.cell_of([0.4, 0.3], VALLEY)
    );
    let mut deep = w;
    for _ in 0..5000 {
        deep = deep.zoom([0.8, 0.6], 2.0);
    }
    assert!(deep.contains([0.8, 0.6]));
    for _ in 0..5000 {
        deep = deep.zoom([0.8, 0.6], 0.5);
    }
    assert!(deep.contains([0.8, 0.6]));
}

proptest! {
    #[test]
    fn a_click_and_its_point_are_the_same_cell(column in 0_u16..46, row in 0_u16..20) {
        let cell = Position::new(VALLEY.x + column, VALLEY.y + row);
        let point = valley().point_of(cell, VALLEY).unwrap();
        prop_assert_eq!(valley().cell_of(point, VALLEY), Some(cell));
    }

    #[test]
    fn following_shows_the_point_and_growing_hides_nothing(x in -1e12..1e12_f64, y in -1e3..1e3_f64) {
        let w = valley();
        let grown = w.follow([x, y]);
        prop_assert!(grown.contains([x, y]));
        prop_assert!(grown.contains([0.0, 0.0]) && grown.contains([1.6, 1.2]));
        prop_assert_eq!(grown.follow([x, y]), grown);
    }
}
