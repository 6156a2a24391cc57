//! A number that changes from iteration to iteration, as the curve that it follows.

use super::solve::solve;
use crate::{
    diff::finding::{CurvePoint, CurveSegment, CurveShape},
    value::Real,
};

/// Most stretches that a curve is told in.
const MOST: usize = 4;

/// The curve through `points` (iteration, value); `None` where no few stretches lead through all of them within
/// `tolerance` of their size.
pub(super) fn segments(points: &[(u64, f64)], tolerance: f64) -> Option<Vec<CurveSegment>> {
    #[expect(clippy::cast_precision_loss, reason = "no run reaches 2^53 iterations")]
    let plane: Vec<(f64, f64)> = points
        .iter()
        .map(|(t, value)| (*t as f64, *value))
        .collect();
    let point = |at: usize| CurvePoint {
        t: points[at].0,
        value: Real(points[at].1),
    };
    let mut curve: Vec<CurveSegment> = Vec::new();
    let (mut from, mut single) = (0, 0);
    while from < points.len() {
        if curve.len() == MOST + 8 {
            return None;
        }
        let (len, shape) = longest(&plane[from..], tolerance);
        single += usize::from(len < 3);
        curve.push(CurveSegment {
            shape,
            from: point(from),
            to: point(from + len - 1),
            ratio: curve
                .last()
                .map(|before| Real(points[from].1 / before.from.value.0)),
        });
        from += len;
    }
    let is_stairs = curve.iter().all(|it| it.shape == CurveShape::Constant);
    (single <= 1 && (curve.len() <= MOST || is_stairs)).then_some(curve)
}

/// Fits a shape to leading points; returns how many it explains.
type Finder = fn(&[(f64, f64)], f64) -> (usize, CurveShape);

/// The longest stretch from the first point on that one shape leads through.
fn longest(points: &[(f64, f64)], tolerance: f64) -> (usize, CurveShape) {
    let mut best = (1, CurveShape::Constant);
    let shapes: [Finder; 5] = [constant, linear, power, exponential, cosine];
    for (at, shape) in shapes.into_iter().enumerate() {
        let (len, found) = shape(points, tolerance);
        // The simpler shape unless another leads clearly further.
        if len > best.0 + [0, 2, 3, 3, 4][at] {
            best = (len, found);
        }
    }
    best
}

fn near(a: f64, b: f64, tolerance: f64) -> bool {
    (a - b).abs() <= tolerance * a.abs().max(b.abs())
}

fn constant(points: &[(f64, f64)], tolerance: f64) -> (usize, CurveShape) {
    let len = points
        .iter()
        .take_while(|it| near(it.1, points[0].1, tolerance))
        .count();
    (len, CurveShape::Constant)
}

/// Fits a line through the first point and a later one; returns the number of points on it.
fn linear(points: &[(f64, f64)], tolerance: f64) -> (usize, CurveShape) {
    straight(points, tolerance, |p| p).map_or((0, CurveShape::Linear), |(len, _)| {
        (len, CurveShape::Linear)
    })
}

fn power(points: &[(f64, f64)], tolerance: f64) -> (usize, CurveShape) {
    let log = |(t, y): (f64, f64)| (libm::log(t), libm::log(y.abs()));
    straight(points, tolerance, log).map_or((0, CurveShape::Linear), |(len, slope)| {
        let exponent = Real(slope);
        (len, CurveShape::Power { exponent })
    })
}

fn exponential(points: &[(f64, f64)], tolerance: f64) -> (usize, CurveShape) {
    let log = |(t, y): (f64, f64)| (t, libm::log(y.abs()));
    straight(points, tolerance, log).map_or((0, CurveShape::Linear), |(len, slope)| {
        let factor = Real(libm::exp(slope));
        (len, CurveShape::Exponential { factor })
    })
}

/// The number of leading points on a straight line after `map`, and its slope.
fn straight(
    points: &[(f64, f64)],
    tolerance: f64,
    map: impl Fn((f64, f64)) -> (f64, f64),
) -> Option<(usize, f64)> {
    let mapped: Vec<(f64, f64)> = points.iter().map(|it| map(*it)).collect();
    let largest = |to: usize| {
        mapped[..to]
            .iter()
            .fold(0.0_f64, |most, it| most.max(it.1.abs()))
    };
    let through = |to: usize| {
        let (first, last) = (mapped[0], mapped[to - 1]);
        let slope = (last.1 - first.1) / (last.0 - first.0);
        let size = largest(to).max(1e-300);
        let fits =
            |it: &(f64, f64)| (it.1 - first.1 - slope * (it.0 - first.0)).abs() <= tolerance * size;
        (slope.is_finite() && mapped[..to].iter().all(fits)).then_some(slope)
    };
    furthest(points.len(), 3, through)
}

fn cosine(points: &[(f64, f64)], tolerance: f64) -> (usize, CurveShape) {
    let found = furthest(points.len(), 7, |to| wave(&points[..to], tolerance));
    found.map_or((0, CurveShape::Linear), |(to, half)| {
        let half_wave = Real(half);
        (to, CurveShape::Cosine { half_wave })
    })
}

/// The largest number of points up to `most`, and from `fewest` on, that something leads `through`.
fn furthest(
    most: usize,
    fewest: usize,
    through: impl Fn(usize) -> Option<f64>,
) -> Option<(usize, f64)> {
    let mut fails = most + 1;
    let mut to = most;
    while to >= fewest {
        if let Some(found) = through(to) {
            // Found in leaps: the end lies before the last failure.
            let (mut best, mut value) = (to, found);
            while best + 1 < fails {
                let middle = best.midpoint(fails);
                match through(middle) {
                    Some(found) => (best, value) = (middle, found),
                    None => fails = middle,
                }
            }
            return Some((best, value));
        }
        fails = to;
        to = (to * 9 / 10).min(to - 1);
    }
    None
}

/// Half a wave's length, where y(t+1) + y(t-1) is 2 cos(omega) y(t) and a constant.
fn wave(points: &[(f64, f64)], tolerance: f64) -> Option<f64> {
    let inner = points.windows(3);
    if points
        .windows(2)
        .any(|it| (it[1].0 - it[0].0 - 1.0).abs() > 1e-9)
    {
        return None;
    }
    let sums: Vec<f64> = inner.clone().map(|it| it[0].1 + it[2].1).collect();
    let middles: Vec<f64> = inner.map(|it| it[1].1).collect();
    let ones = vec![1.0; sums.len()];
    let size = points.iter().fold(0.0_f64, |most, it| most.max(it.1.abs()));
    let found = solve(&[&middles, &ones], &sums, &vec![size; sums.len()])?;
    let cosine = found[0] / 2.0;
    if !(-1.0..0.999_999).contains(&cosine) {
        return None;
    }
    let omega = libm::acos(cosine);
    // The wave itself, from its two components.
    let centre = found[1] / (2.0 - found[0]);
    let waves: [Vec<f64>; 2] = [
        points.iter().map(|it| libm::cos(omega * it.0)).collect(),
        points.iter().map(|it| libm::sin(omega * it.0)).collect(),
    ];
    let ones = vec![1.0; points.len()];
    let values: Vec<f64> = points.iter().map(|it| it.1).collect();
    let parts = solve(
        &[&ones, &waves[0], &waves[1]],
        &values,
        &vec![size; values.len()],
    )?;
    let fits = points.iter().enumerate().all(|(at, it)| {
        let there = parts[0] + parts[1] * waves[0][at] + parts[2] * waves[1][at];
        (there - it.1).abs() <= 4.0 * tolerance * size
    });
    (fits && centre.is_finite()).then(|| std::f64::consts::PI / omega)
}
