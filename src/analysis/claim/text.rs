//! Claims as text.
//!
//! ```text
//! converged: yes: loss 9.9e-07, at most 1e-06 above the minimum (known, isolated, lambda >= 1); |g| 1.4e-3
//! settled: unknown: the run rests on an unstable point: ...
//! ```
//!
//! Where there is no room for premises a claim is one of three words, the same everywhere: `settled`, `not settled`,
//! `settled: unknown`.

use super::{Assumption, Claim, ClaimKind, Doubt, Isolation, Premise, Unchecked, Verdict};
use crate::format::{label, short};
use crate::text::counted;
use std::fmt;

impl ClaimKind {
    /// The statement in a word or two.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Converged => "converged",
            Self::Settled => "settled",
            Self::Diverged => "diverges",
            Self::Stable => "stable",
            Self::Ringing => "ringing",
            Self::ArrivesAt => "arrives",
            Self::Exact => "predicted exactly",
            Self::Same => "same",
            Self::ExplainedBy => "explained",
        }
    }

    /// The opposite of the statement.
    fn denied(self) -> &'static str {
        match self {
            Self::Converged => "not converged",
            Self::Settled => "not settled",
            Self::Diverged => "does not diverge",
            Self::Stable => "not stable",
            Self::Ringing => "not ringing",
            Self::ArrivesAt => "does not arrive",
            Self::Exact => "not predicted exactly",
            Self::Same => "not the same",
            Self::ExplainedBy => "not explained",
        }
    }
}

impl Claim {
    /// The claim without its premises, in two or three words.
    #[must_use]
    pub fn brief(&self) -> String {
        match self.verdict {
            Verdict::Holds => self.kind.name().to_owned(),
            Verdict::Fails => match self.beside_the_edge() {
                Some(reason) => format!("{}: {reason}", self.kind.denied()),
                None => self.kind.denied().to_owned(),
            },
            Verdict::Unknown(_) => format!("{}: unknown", self.kind.name()),
        }
    }

    /// True where it is news of a run: something holds that does not hold from the start on, or is doubted.
    fn is_news(&self) -> bool {
        let unheard_of = matches!(
            self.verdict,
            Verdict::Unknown(Doubt::Premise(_) | Doubt::Noise)
        );
        match self.kind {
            ClaimKind::Converged | ClaimKind::Settled | ClaimKind::Diverged => {
                self.verdict != Verdict::Fails && !unheard_of
            }
            ClaimKind::Stable => self.verdict == Verdict::Fails,
            _ => false,
        }
    }
}

/// The news of a run among its claims, in a few words: `converged, settled: unknown, not stable`.
#[must_use]
pub fn news(claims: &[Claim]) -> String {
    let news: Vec<String> = claims
        .iter()
        .filter(|it| it.is_news())
        .map(Claim::brief)
        .collect();
    news.join(", ")
}

impl fmt::Display for Claim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind.name())?;
        if let Some(direction) = self.direction {
            write!(f, " along u{direction}")?;
        }
        write!(f, ": {}", self.verdict)?;
        for (at, premise) in self.premises.iter().enumerate() {
            write!(f, "{} {premise}", if at == 0 { ":" } else { ";" })?;
        }
        Ok(())
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Holds => f.write_str("yes"),
            Self::Fails => f.write_str("no"),
            Self::Unknown(doubt) => write!(f, "unknown, because {doubt}"),
        }
    }
}

impl fmt::Display for Doubt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Premise(why) => write!(f, "{why}"),
            Self::Check { found, most } => write!(
                f,
                "an independent check found {} where at most {} is allowed",
                short(found.0),
                short(most.0)
            ),
            Self::Height { found, most } => write!(
                f,
                "the gradient speaks of a height of {} above the minimum, where at most {} is allowed",
                short(found.0),
                short(most.0)
            ),
            Self::Third { modulus } => write!(
                f,
                "the iteration depends on third derivatives, which the edge leaves out (largest modulus {})",
                short(modulus.0)
            ),
            Self::Neutral { modulus } => write!(
                f,
                "a largest modulus of {} cannot be told from 1 where modes coincide",
                label::modulus(modulus.0)
            ),
            Self::UnstableRest { edge } => write!(
                f,
                "the gradient is exactly 0 on an unstable point (edge {}): the least disturbance drives it away",
                short(edge.0)
            ),
            Self::Leaving { edge } => write!(
                f,
                "an iteration magnifies errors there (edge {})",
                short(edge.0)
            ),
            Self::Still => f.write_str("the gradient is exactly 0, and nothing moves"),
            Self::OutOfDomain { t } => write!(
                f,
                "the loss is not a number at t = {t}, though w is: it may have left the loss's domain"
            ),
            Self::Bound { bound } => write!(
                f,
                "the run was ended at abs(w) >= {} (set bound=off to go on)",
                short(bound.0)
            ),
            Self::Passing { rows, needed } => write!(
                f,
                "it may be passing by: {} at or below the tolerance, where half a swing takes {needed}",
                counted(usize::try_from(*rows).unwrap_or(usize::MAX), "row")
            ),
            Self::Striding => f.write_str("it may be passing by: its steps do not shrink"),
            Self::Rounding { most } => write!(
                f,
                "rounding of w may make errors of {}, which is too much to tell",
                short(most.0)
            ),
            Self::Noise => f.write_str("gradients are noisy, and what is predicted is a mean"),
            Self::NothingMoved => f.write_str("w never moves"),
            Self::NothingCompared => f.write_str("nothing was compared"),
            Self::Unchecked(why) => write!(f, "it cannot be checked on its own steps: {why}"),
        }
    }
}

impl fmt::Display for Unchecked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::StatesNotRecorded => {
                f.write_str("states that these depend on are not known where the run begins")
            }
            Self::NothingExplained => f.write_str("it explains no row"),
            Self::RowsNeeded { t } => {
                write!(
                    f,
                    "what was found leads on from recorded rows only, first at t = {t}"
                )
            }
        }
    }
}

impl fmt::Display for Premise {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Minimum {
                known,
                loss,
                isolation,
            } => {
                let how = if *known { "known" } else { "by Newton" };
                write!(f, "minimum {} ({how}, {isolation})", short(loss.0))
            }
            Self::NoMinimum => f.write_str("no minimum is known: losses count from 0"),
            Self::Tolerance(above) => write!(f, "tolerance {}", short(above.0)),
            Self::Span { from, to } if from == to => write!(f, "at t = {from}"),
            Self::Span { from, to } => {
                write!(f, "from t = {from} to t = {to}, {} rows", to - from + 1)
            }
            Self::Loss(loss) => write!(f, "loss {}", short(loss.0)),
            Self::Decrement { found, most } => write!(
                f,
                "checked by g'H^-1 g/2 = {} of at most {}",
                short(found.0),
                short(most.0)
            ),
            Self::Radius(radius) => write!(f, "spectral radius {}", short(radius.0)),
            Self::Distance(times) => {
                let times = short(times.0);
                write!(
                    f,
                    "max abs(w) is {times} of the start's, or of 1 where that is more"
                )
            }
            Self::Edge(edge) => write!(f, "edge {}", short(edge.0)),
            Self::Downward(curvature) => write!(
                f,
                "an error grows along negative curvature ({}), whatever the step size",
                short(curvature.0)
            ),
            Self::StepOfW => f.write_str("a step depends on w itself, not through gradients alone"),
            Self::StepShrinks(by) => write!(
                f,
                "along some direction a step shrinks by {} of what the gradient grows by",
                short(by.0)
            ),
            Self::Still => f.write_str("the gradient is exactly 0"),
            Self::Modulus(modulus) => write!(f, "largest modulus {}", label::modulus(modulus.0)),
            Self::Period(period) => write!(f, "period {}", short(period.0)),
            Self::Predicted(t) => write!(f, "predicted at t = {t}"),
            Self::Measured(t) => write!(f, "measured at t = {t}"),
            Self::Powers { before, at } => write!(
                f,
                "checked by powers of the iteration: loss {} before, {} then",
                short(before.0),
                short(at.0)
            ),
            Self::Deviation { found, most } => write!(
                f,
                "off by {}, rounding explains {}",
                short(found.0),
                short(most.0)
            ),
            Self::Rows(rows) => write!(f, "{} compared", counted(*rows, "row")),
            Self::Moved(rows) => write!(f, "w moves in {}", counted(*rows, "row")),
            Self::Share(share) => write!(f, "{} of them explained", short(share.0)),
            Self::Assumed(assumption) => write!(f, "{assumption}"),
        }
    }
}

impl fmt::Display for Isolation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Isolated { curvature } => write!(f, "isolated, lambda >= {}", short(curvature.0)),
            Self::Level => f.write_str("one of a level floor"),
            Self::Degenerate => f.write_str("degenerate"),
            Self::Untold => f.write_str("too many parameters to tell whether isolated"),
        }
    }
}

impl fmt::Display for Assumption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ScalesHeld => "while scales stay as they are",
            Self::QuadraticModel => "as far as the loss is like its quadratic model",
            Self::Linear => "the rule is linear and the loss quadratic",
            Self::SoFar => "so far as it has run",
        })
    }
}
