//! "Did you mean": near names for an unknown one.

/// The nearest of `candidates` to `name`, if any is near enough to be a slip of the finger.
pub fn nearest<S: AsRef<str>>(
    name: &str,
    candidates: impl IntoIterator<Item = S>,
) -> Option<String> {
    candidates
        .into_iter()
        .map(|candidate| {
            let candidate = candidate.as_ref();
            (likeness(name, candidate), candidate.to_owned())
        })
        .filter(|(likeness, _)| *likeness >= 0.75)
        .max_by(|a, b| a.0.total_cmp(&b.0).then_with(|| b.1.cmp(&a.1)))
        .map(|(_, candidate)| candidate)
}

/// From 0 to 1: 1 for the same letters, nearly so for one slip of the finger, which Jaro's measure does not see in
/// short words (`sya` for `say`).
fn likeness(name: &str, candidate: &str) -> f64 {
    let (name, candidate) = (name.to_lowercase(), candidate.to_lowercase());
    let likeness = strsim::jaro_winkler(&name, &candidate);
    let is_slip = name.len() > 2 && strsim::damerau_levenshtein(&name, &candidate) == 1;
    if is_slip {
        0.97 + 0.03 * likeness
    } else {
        likeness
    }
}

/// Names that a list of help shows.
const SHOWN: usize = 16;

/// One line of help for an unknown `name`: the nearest candidate, or all of them when they are few.
pub fn help<S: AsRef<str>>(
    name: &str,
    kind: &str,
    candidates: impl IntoIterator<Item = S>,
) -> Option<String> {
    let mut known: Vec<String> = candidates
        .into_iter()
        .map(|candidate| candidate.as_ref().to_owned())
        .collect();
    if let Some(near) = nearest(name, &known) {
        return Some(format!("did you mean `{near}`?"));
    }
    known.sort();
    known.dedup();
    if known.is_empty() {
        return None;
    }
    let more = if known.len() > SHOWN { ", ..." } else { "" };
    known.truncate(SHOWN);
    Some(format!("{kind}: {}{more}", known.join(", ")))
}
