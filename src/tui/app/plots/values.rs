//! The values of curves: up to the present and beyond, where they cross zero, and the axis that holds them.

use super::PanelCurve;
use crate::tui::plot::PlotBucket;

/// The ends of an axis that holds all values, rounded to about a share of it so that it stays for a while; none where there
/// is no value.
pub(super) fn rounded(values: impl Iterator<Item = f64>, shares: f64) -> Option<[f64; 2]> {
    let ends = values.fold([f64::INFINITY, f64::NEG_INFINITY], |[low, high], value| {
        [low.min(value), high.max(value)]
    });
    let ends = if ends[0] < ends[1] {
        ends
    } else {
        // A value that never changes is in the middle.
        let half = if ends[0] == 0.0 {
            1.0
        } else {
            0.5 * ends[0].abs()
        };
        [ends[0] - half, ends[1] + half]
    };
    let part = libm::exp2(libm::log2((ends[1] - ends[0]) / shares).floor());
    (part > 0.0 && part.is_finite()).then(|| {
        [
            (ends[0] / part - 0.25).floor() * part,
            (ends[1] / part + 0.25).ceil() * part,
        ]
    })
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the number of an iteration"
)]
pub(super) fn whole(t: f64) -> u64 {
    t as u64
}

/// The buckets up to `now`, and those beyond; the one that holds it belongs to both.
pub(super) fn divided(buckets: Vec<PlotBucket>, now: f64) -> (Vec<PlotBucket>, Vec<PlotBucket>) {
    let mut past: Vec<PlotBucket> = Vec::new();
    let mut ahead = Vec::new();
    for bucket in buckets {
        if bucket.first <= now {
            past.push(PlotBucket {
                last: bucket.last.min(now),
                ..bucket
            });
        }
        if bucket.last > now {
            // What lies ahead begins where the past ends, without a gap.
            if let Some(last) = past.last().filter(|_| ahead.is_empty()) {
                ahead.push(PlotBucket {
                    first: last.last,
                    ..*last
                });
            }
            ahead.push(PlotBucket {
                first: bucket.first.max(now + 1.0),
                ..bucket
            });
        }
    }
    (past, ahead)
}

/// The iterations at which the sign differs from that of the bucket before.
pub(super) fn crossings(buckets: &[PlotBucket]) -> impl Iterator<Item = f64> + '_ {
    let pairs = buckets.windows(2);
    pairs
        .filter(|pair| pair[0].max * pair[1].min < 0.0)
        .map(|pair| pair[1].first)
}

/// The sizes of all finite values of curves.
pub(super) fn sizes(curves: &[PanelCurve]) -> impl Iterator<Item = f64> {
    curves
        .iter()
        .flat_map(|curve| curve.past.iter().chain(&curve.ahead))
        .flat_map(|bucket| [bucket.min.abs(), bucket.max.abs()])
        .filter(|size| size.is_finite())
}

/// True if values lie within half a decade, where a logarithm shows nothing that a line does not.
pub(super) fn is_narrow(sizes: impl Iterator<Item = f64>) -> bool {
    let sizes = sizes.filter(|size| *size > 0.0);
    let (least, most) = sizes.fold((f64::INFINITY, 0.0), |(l, h): (f64, f64), v| {
        (l.min(v), h.max(v))
    });
    most > 0.0 && most < 3.0 * least
}
