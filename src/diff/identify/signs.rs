//! Signs of trouble that need no solved line: rows in which nothing moves, coarse formats, non-finite numbers.

use super::naming::{self};
use crate::{
    diff::{
        finding::{Cause, CauseKind, FirstNonFinite},
        number_format::NumberFormat,
    },
    lang::number::is_nonfinite,
    value::Real,
};

use super::search::Identification;

/// The cause if tensors never move although there are gradients for them.
pub(super) fn frozen(still: &[String]) -> Option<Cause> {
    let tensors = still.to_vec();
    let text = format!(
        "{} that never move{}, although there are gradients for {}: no update reaches {}",
        tensors.join(", "),
        if tensors.len() == 1 { "s" } else { "" },
        if tensors.len() == 1 { "it" } else { "them" },
        if tensors.len() == 1 { "it" } else { "them" },
    );
    let found = Cause::new(CauseKind::Order, text, "an update of every tensor");
    let is_one = !tensors.is_empty();
    is_one.then_some(Cause { tensors, ..found })
}

impl Identification {
    /// A rate that is the stated one times `1 - beta` of a velocity that was not recorded: the velocity may as
    /// well be an average.
    pub(super) fn averaged(&self, setting: usize, factor: f64) -> Option<String> {
        let known = self.known(&self.settings);
        let settings = &self.observed.subject().compiled.settings;
        let is_rate = known
            .rate
            .as_ref()
            .is_some_and(|it| it.0 == settings[setting].name);
        let (name, beta) = known.first.filter(|it| is_rate && it.1 > 0.0)?;
        let velocity = self
            .observed
            .buffers
            .iter()
            .find(|it| it.name.contains("moment") || it.name.contains("veloc"))?;
        let is_open = !velocity.is_recorded && (factor - (1.0 - beta)).abs() < 1e-9;
        is_open.then(|| {
            format!(
                "a first moment that averages (the gradient enters with 1 - {name}, here {}), or else a rate of so many times the stated one: `{}` was not recorded, which would tell them apart",
                naming::digits(factor),
                velocity.name
            )
        })
    }

    /// Says so where `w` stays as it was although there are gradients.
    pub(super) fn never_moves(&mut self) -> bool {
        let o = &self.observed;
        let still = (0..o.t.len()).all(|row| o.w.before[row] == o.w.after[row]);
        let pushed = o.g.iter().flatten().any(|g| *g != 0.0);
        if still && pushed {
            self.found.causes.push(Cause::new(
                CauseKind::Order,
                "w that never changes, although the gradient is not zero: no update reaches it (or one array was logged again and again)",
                "an update in every iteration",
            ));
        }
        still && pushed
    }

    pub(super) fn formats(&mut self) {
        let o = &self.observed;
        let coarse: Vec<&str> = std::iter::once(&o.w)
            .chain(o.buffers.iter().filter(|it| it.is_recorded))
            .filter(|it| matches!(it.format, NumberFormat::Brain | NumberFormat::Half))
            .map(|it| it.name.as_str())
            .collect();
        let format = o.coarsest();
        // What the run says of itself is no cause.
        if coarse.is_empty() || o.stated.contains(&format) {
            return;
        }
        let text = format!(
            "{} kept in {} (rounded to it after each update)",
            coarse.join(", "),
            format.name()
        );
        let whole = match o.w.format {
            NumberFormat::Single => "32-bit numbers",
            _ => "64-bit numbers",
        };
        self.found.causes.push(Cause {
            format: Some(format),
            ..Cause::new(CauseKind::Precision, text, whole)
        });
    }

    pub(super) fn not_finite(&mut self) {
        let o = &self.observed;
        let tracks: Vec<_> = o
            .buffers
            .iter()
            .filter(|it| it.is_recorded)
            .chain([&o.w])
            .collect();
        for row in 0..o.t.len() {
            for track in &tracks {
                // What holds no number at all was not recorded there.
                if track.name != o.w.name && track.after[row].iter().all(|it| it.is_nan()) {
                    continue;
                }
                let bad = |(at, value): (usize, &f64)| {
                    let fresh = track.before[row].get(at).is_some_and(|it| it.is_finite());
                    (is_nonfinite(*value) && fresh).then_some(at)
                };
                let Some(at) = track.after[row].iter().enumerate().find_map(bad) else {
                    continue;
                };
                let place = o.places[at];
                let known = self.known(&self.settings);
                let vanished = known
                    .eps
                    .filter(|it| o.coarsest() == NumberFormat::Half && it.1 < 2.9e-8);
                self.found.not_finite = Some(FirstNonFinite {
                    field: track.name.clone(),
                    coordinate: place + 1,
                    name: format!("{}[{}]", track.name, place + 1),
                    t: o.t[row],
                    gradient: Real(o.g[row][at]),
                    vanished: vanished.map(|(name, eps)| (name, Real(eps))),
                });
                return;
            }
        }
    }
}
