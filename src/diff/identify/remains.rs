//! What a buffer has beside what the rule's line makes of the recorded gradient, where no line is found for it.

use super::{buffer::Law, naming, observed::Observed, term::BufferTerm};
use crate::{
    diff::finding::{IterationRange, OpenLine, listed},
    format::significant,
    value::Real,
};
use std::fmt::Write;

/// The line of the buffer `at`, which none that was tried is: where it is not the rule's, and how large what remains is beside the
/// gradient that goes in by the line of the `rule`.
pub(super) fn remains(o: &Observed, at: usize, rule: Option<&Law>) -> OpenLine {
    let track = &o.buffers[at];
    let name = track.name.as_str();
    let mut open = OpenLine {
        variable: name.to_owned(),
        text: format!("the line of `{name}` is none of those that were tried"),
        ..OpenLine::default()
    };
    let Some(gain) = rule.map(|it| it.of(BufferTerm::Gradient)) else {
        return open;
    };
    let slack = track.format.slack() * track.format.unit();
    let (mut rows, mut parts) = (Vec::new(), Vec::new());
    // Sums of squares: of what remains, and of the gradient.
    let (mut rest, mut all, mut numbers) = (0.0, 0.0, 0_u32);
    for (row, expected) in track.expected.iter().enumerate() {
        if expected.is_empty() || o.idle[row] {
            continue;
        }
        for (part, tensor) in o.parts.iter().enumerate() {
            let mut fails = false;
            for place in tensor.range.clone() {
                let (after, led, g) = (track.after[row][place], expected[place], o.g[row][place]);
                let off = after - led;
                if !off.is_finite() || !g.is_finite() {
                    continue;
                }
                let size = after
                    .abs()
                    .max(led.abs())
                    .max(track.before[row][place].abs());
                fails |= off.abs() > slack * size;
                rest += off * off;
                all += g * g;
                numbers += 1;
            }
            if fails {
                rows.push(row);
                parts.push(part);
            }
        }
    }
    rows.dedup();
    parts.sort_unstable();
    parts.dedup();
    let Some(first) = rows.first() else {
        return open;
    };
    open.fails_at = Some(o.t[*first]);
    open.failing = IterationRange::of(rows.iter().map(|row| o.t[*row]));
    let of = if parts.len() == o.parts.len() {
        String::new()
    } else {
        let names = parts.iter().map(|part| o.parts[*part].name.clone());
        open.tensors = names.collect();
        format!(" of {}", naming::tensors(o, &parts))
    };
    // Writing to a string cannot fail.
    let _ = write!(
        open.text,
        ": it is not the rule's{of} in iterations {}",
        listed(&open.failing)
    );
    if gain != 0.0 && gain.is_finite() && all > 0.0 {
        let mean = |sum: f64| (sum / f64::from(numbers)).sqrt();
        let (off, size) = (mean(rest) / gain.abs(), mean(all));
        let _ = write!(
            open.text,
            ", as if the gradient that goes in were another one, by {} where g itself is {} (root mean squares)",
            significant(off, 3),
            significant(size, 3)
        );
        open.remains = Some((Real(off), Real(size)));
    }
    open
}
