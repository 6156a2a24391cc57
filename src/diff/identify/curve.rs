//! A number that changes from iteration to iteration, as the curve that it follows.

use super::solve::solve;
use crate::format::{rounded, significant};
use std::fmt::Write;

/// Most stretches that a curve is told in.
const MOST: usize = 4;

/// A stretch of a curve.
#[derive(Debug, Clone, PartialEq)]
struct CurveSegment {
    shape: CurveShape,
    /// The first point; `to` is one past the last.
    from: usize,
    to: usize,
}

/// The shape of a segment.
#[derive(Debug, Clone, Copy, PartialEq)]
enum CurveShape {
    Constant,
    Linear,
    /// t to this power.
    Power(f64),
    /// So much from one iteration to the next.
    Exponential(f64),
    /// Half a wave takes so many iterations.
    Cosine(f64),
}

/// The curve through `points` (iteration, value) in words, `name` being what changes; `None` where no few
/// stretches lead through all of them within `tolerance` of their size.
pub(super) fn words(name: &str, points: &[(f64, f64)], tolerance: f64) -> Option<String> {
    let mut stretches: Vec<CurveSegment> = Vec::new();
    let mut from = 0;
    while from < points.len() {
        if stretches.len() == MOST + 8 {
            return None;
        }
        let stretch = longest(points, from, tolerance);
        from = stretch.to;
        stretches.push(stretch);
    }
    let single = stretches.iter().filter(|it| it.to - it.from < 3).count();
    let is_stairs = stretches.iter().all(|it| it.shape == CurveShape::Constant);
    if single > 1 || (stretches.len() > MOST && !is_stairs) {
        return None;
    }
    let mut text = String::new();
    if is_stairs && stretches.len() > 1 {
        return Some(stairs(name, points, &stretches));
    }
    for (at, it) in stretches.iter().enumerate() {
        if at > 0 {
            text += ", then ";
        }
        let (first, last) = (points[it.from], points[it.to - 1]);
        let ends = format!(
            "from {} at t = {} to {} at t = {}",
            short(first.1),
            first.0,
            short(last.1),
            last.0
        );
        let way = if last.1.abs() < first.1.abs() {
            "falls"
        } else {
            "rises"
        };
        let subject = if at == 0 {
            format!("{name} ")
        } else {
            String::new()
        };
        let _ = match it.shape {
            CurveShape::Constant if stretches.len() == 1 => {
                write!(text, "{name} is {}", short(first.1))
            }
            CurveShape::Constant => write!(
                text,
                "{subject}stays at {} from t = {}",
                short(first.1),
                first.0
            ),
            CurveShape::Linear => write!(text, "{subject}{way} linearly {ends}"),
            CurveShape::Power(p) if (p + 0.5).abs() < 1e-6 => {
                write!(text, "{subject}{way} as 1/sqrt(t), {ends}")
            }
            CurveShape::Power(p) => write!(text, "{subject}{way} as t^{}, {ends}", rounded(p, 4)),
            CurveShape::Exponential(q) => {
                write!(
                    text,
                    "{subject}{way} by a factor of {} an iteration, {ends}",
                    rounded(q, 6)
                )
            }
            CurveShape::Cosine(half) => {
                write!(
                    text,
                    "{subject}{way} along a cosine (half a wave in {} iterations), {ends}",
                    rounded(half, 4)
                )
            }
        };
    }
    Some(text)
}

/// A curve of steps.
fn stairs(name: &str, points: &[(f64, f64)], stretches: &[CurveSegment]) -> String {
    let value = |it: &CurveSegment| points[it.from].1;
    let mut text = format!(
        "{name} is {} until t = {}",
        short(value(&stretches[0])),
        points[stretches[0].to - 1].0
    );
    for pair in stretches.windows(2) {
        let factor = value(&pair[1]) / value(&pair[0]);
        let _ = write!(
            text,
            ", {} (a factor of {}) from t = {}",
            short(value(&pair[1])),
            rounded(factor, 4),
            points[pair[1].from].0
        );
    }
    text
}

/// A value of a curve to five digits, or fewer where that is all it has.
pub(super) fn short(value: f64) -> String {
    significant(value, 5)
}

/// Fits a shape to leading points; returns how many it explains.
type Finder = fn(&[(f64, f64)], f64) -> (usize, CurveShape);

/// The longest stretch from point `from` on that one shape leads through.
fn longest(points: &[(f64, f64)], from: usize, tolerance: f64) -> CurveSegment {
    let rest = &points[from..];
    let mut best = (1, CurveShape::Constant);
    let shapes: [Finder; 5] = [constant, linear, power, exponential, cosine];
    for (at, shape) in shapes.into_iter().enumerate() {
        let (len, found) = shape(rest, tolerance);
        // The simpler shape unless another leads clearly further.
        if len > best.0 + [0, 2, 3, 3, 4][at] {
            best = (len, found);
        }
    }
    CurveSegment {
        shape: best.1,
        from,
        to: from + best.0,
    }
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
        (len, CurveShape::Power(slope))
    })
}

fn exponential(points: &[(f64, f64)], tolerance: f64) -> (usize, CurveShape) {
    let log = |(t, y): (f64, f64)| (t, libm::log(y.abs()));
    straight(points, tolerance, log).map_or((0, CurveShape::Linear), |(len, slope)| {
        (len, CurveShape::Exponential(libm::exp(slope)))
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
        (to, CurveShape::Cosine(half))
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
