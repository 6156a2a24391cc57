//! A part of a map that is made by itself, its file, and how all parts are put together.
//!
//! A part is the CSV of its runs below a line that says what it is part of:
//!
//! ```text
//! # {"eigenstep":1,"version":"0.1.0","part":2,"of":4,"scenario":{...},"inputs":1057,"floor":0.0,"map":{...}}
//! eta,iterations,outcome
//! 0.02,412,reached
//! ```

use super::{Map, Outcome, SweepPlan, split};
use crate::{
    error::{Error, ErrorCode, Result, Source, Span},
    loss::{Landscape, Noise},
};
use flate2::Crc;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::{
    collections::{BTreeMap, HashMap},
    fmt,
    ops::Range,
    sync::Arc,
};

/// The version of the format.
const VERSION: u32 = 1;
/// What stands before the heading, so that readers of CSV can skip it.
const COMMENT: &str = "# ";
/// Parts at most: as many as a map has runs at most.
const MOST_PARTS: usize = super::MOST_RUNS;

/// Missing parts that are named; of more, it is told how many.
const NAMED: usize = 20;

/// One of several parts of a map, which hold its runs in their order and are as long as each other, give or take one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shard {
    part: usize,
    of: usize,
}

impl Shard {
    /// Reads `K/N`: part K of N, from 1.
    ///
    /// # Errors
    /// There is no such part.
    pub fn parse(text: &str) -> Result<Self> {
        let numbers = text.split_once('/');
        let numbers = numbers.and_then(|(part, of)| Some((part.parse().ok()?, of.parse().ok()?)));
        match numbers {
            Some((part, of)) if (1..=of).contains(&part) && of <= MOST_PARTS => {
                Ok(Self { part, of })
            }
            _ => {
                let message = format!(
                    "expected K/N with K from 1 to N, as in 1/4 for the first of four parts, not `{text}`"
                );
                Err(Error::plain(ErrorCode::InvalidValue, message))
            }
        }
    }

    /// The indices of its runs among `runs`.
    fn of_runs(self, runs: usize) -> Range<usize> {
        let end = |part: usize| {
            let at = runs as u128 * part as u128 / self.of as u128;
            usize::try_from(at).unwrap_or(runs)
        };
        end(self.part - 1)..end(self.part)
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.part, self.of)
    }
}

/// The heading of a part.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Heading {
    eigenstep: u32,
    version: String,
    part: usize,
    of: usize,
    /// The scenario with nothing left to defaults.
    scenario: Value,
    /// The checksum of what files say: the rule's text, and the loss and its gradient at the start.
    inputs: u32,
    /// The least loss, above which the tolerance counts.
    floor: f64,
    /// The map without its outcomes; its doubts are those of this part.
    map: Map,
}

/// The runs of a part of a map.
#[derive(Debug, Clone)]
pub struct MapPart {
    heading: Heading,
    cells: Vec<Outcome>,
}

impl SweepPlan {
    /// Makes the runs of one part; `scenario` is told to whoever reads it. `go_on` is that of [`run`](Self::run).
    ///
    /// # Errors
    /// As [`run`](Self::run).
    pub fn run_part(
        self,
        shard: Shard,
        landscape: &Landscape,
        noise: Option<Noise>,
        scenario: Value,
        go_on: &mut dyn FnMut(usize, usize) -> bool,
    ) -> Result<Option<MapPart>> {
        let part = shard.of_runs(self.runs());
        let first = part.start;
        let Some(outcomes) = self.outcomes(landscape, noise, part, go_on)? else {
            return Ok(None);
        };
        let (cells, doubts) = split(first, outcomes);
        let heading = Heading {
            eigenstep: VERSION,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            part: shard.part,
            of: shard.of,
            scenario,
            inputs: self.checksum(landscape),
            floor: self.tolerance.floor,
            map: Map::new(self, Vec::new(), doubts),
        };
        Ok(Some(MapPart { heading, cells }))
    }

    /// The checksum of what may differ where the scenario's words are the same: the contents of files.
    fn checksum(&self, landscape: &Landscape) -> u32 {
        let mut sum = Crc::new();
        sum.update(self.compiled.rule.source.text.as_bytes());
        let mut gradient = vec![0.0; landscape.start.len()];
        let mut evaluator = landscape.loss.evaluator();
        let loss = evaluator.value_and_gradient(&landscape.start, &mut gradient);
        for number in gradient.iter().chain([&loss]).chain(&landscape.start) {
            sum.update(&number.to_le_bytes());
        }
        sum.sum()
    }
}

impl MapPart {
    /// The file.
    #[must_use]
    pub fn to_text(&self) -> String {
        let heading = serde_json::to_string(&self.heading).unwrap_or_default();
        let map = &self.heading.map;
        let mut text = format!("{COMMENT}{heading}\n{}", map.csv_names());
        let first = self.runs().start;
        let doubts = map.doubts.clone();
        let part = map.clone().filled(self.cells.clone(), doubts);
        part.write_csv(&mut text, first);
        text
    }

    /// Reads a file that [`to_text`](Self::to_text) has made.
    ///
    /// # Errors
    /// At the line that is not one of a part.
    pub fn read(source: &Arc<Source>) -> Result<Self> {
        let no_part = |message: String| {
            let line = source.text.lines().next().unwrap_or_default();
            Error::data(source, Span::new(0, line.len().min(COMMENT.len())), message)
                .help("give files that `eigenstep sweep ... --shard K/N -o FILE` has made")
        };
        let mut lines = source.text.lines();
        let first = lines.next().unwrap_or_default();
        let Some(text) = first.strip_prefix(COMMENT) else {
            return Err(no_part("this is not a part of a map".into()));
        };
        let heading: Heading = serde_json::from_str(text)
            .map_err(|error| no_part(format!("this is not a part of a map: {error}")))?;
        let map = &heading.map;
        let is_part = (1..=heading.of).contains(&heading.part) && heading.of <= MOST_PARTS;
        if heading.eigenstep != VERSION
            || !is_part
            || !matches!(map.axes.len(), 1 | 2)
            || map.runs().is_none()
        {
            return Err(no_part("this heading is not one of a part".into()));
        }
        let mut part = Self {
            cells: Vec::new(),
            heading,
        };
        let map = &part.heading.map;
        let mut at = first.len() + 1;
        let wrong = |at: usize, line: &str, message: String| {
            Error::data(source, Span::new(at, at + line.len()), message)
                .help("make this part again; parts must not be edited")
        };
        let names = lines.next().unwrap_or_default();
        if names != map.csv_names().trim_end() {
            let message = format!("expected `{}`", map.csv_names().trim_end());
            return Err(wrong(at, names, message));
        }
        at += names.len() + 1;
        let mut runs = part.runs();
        for line in lines.by_ref() {
            let Some(cell) = runs.next() else {
                return Err(wrong(
                    at,
                    line,
                    "there are more runs than the part has".into(),
                ));
            };
            let place = map.csv_place(cell);
            let outcome = line.strip_prefix(&*place).and_then(Outcome::of_csv);
            let Some(outcome) = outcome else {
                return Err(wrong(at, line, format!("expected the run of `{place}`")));
            };
            part.cells.push(outcome);
            at += line.len() + 1;
        }
        if !runs.is_empty() || !source.text.ends_with('\n') {
            let (found, of) = (part.cells.len(), part.runs().len());
            let message = format!("it ends after {found} of its {of} runs");
            let end = source.text.len();
            return Err(wrong(end, "", message));
        }
        Ok(part)
    }

    /// The map that all parts make together; each has a name, for errors.
    ///
    /// # Errors
    /// Parts of another map, several that are the same, and missing ones.
    pub fn join(parts: Vec<(String, Self)>) -> Result<Map> {
        let kinds: Vec<Value> = parts.iter().map(|(_, part)| part.kind()).collect();
        let mut counts: HashMap<String, usize> = HashMap::new();
        for kind in &kinds {
            *counts.entry(kind.to_string()).or_default() += 1;
        }
        // The parts that most belong to; of equals, the first.
        let most = counts.values().max().copied().unwrap_or_default();
        let home = kinds.iter().position(|it| counts[&it.to_string()] == most);
        let Some(home) = home else {
            let error = Error::plain(ErrorCode::Usage, "there are no parts to join");
            return Err(error.help("give the files of all parts"));
        };
        for ((name, _), kind) in parts.iter().zip(&kinds) {
            if let Some(difference) = difference(kind, &kinds[home], "") {
                let message = format!(
                    "`{name}` is part of another map than `{}`: {difference}",
                    parts[home].0
                );
                return Err(Error::plain(ErrorCode::Conflict, message).help("leave it out"));
            }
        }
        let Heading {
            of, floor, mut map, ..
        } = parts[home].1.heading.clone();
        let mut found: BTreeMap<usize, (String, Self)> = BTreeMap::new();
        for (name, part) in parts {
            let number = part.heading.part;
            if let Some((other, _)) = found.insert(number, (name.clone(), part)) {
                let message = format!("`{other}` and `{name}` are both part {number} of {of}");
                return Err(
                    Error::plain(ErrorCode::Conflict, message).help("leave one of them out")
                );
            }
        }
        let missing = (1..=of).filter(|part| !found.contains_key(part));
        let missing: Vec<String> = missing.map(|part| part.to_string()).collect();
        if let Some(first) = missing.first() {
            let named = missing[..missing.len().min(NAMED)].join(", ");
            let message = match missing.len() {
                1 => format!("part {named} of {of} is missing"),
                2..=NAMED => format!("parts {named} of {of} are missing"),
                all => format!("{all} of {of} parts are missing: {named}, ..."),
            };
            return Err(
                Error::plain(ErrorCode::InsufficientData, message).help(format!(
                    "make it by the same command with --shard {first}/{of}"
                )),
            );
        }
        let (mut cells, mut doubts) = (Vec::new(), Vec::new());
        for (_, part) in found.into_values() {
            cells.extend(part.cells);
            doubts.extend(part.heading.map.doubts);
        }
        map.tolerance.floor = floor;
        Ok(map.filled(cells, doubts))
    }

    /// The indices of its runs in the map.
    fn runs(&self) -> Range<usize> {
        let Heading { part, of, map, .. } = &self.heading;
        let shard = Shard {
            part: *part,
            of: *of,
        };
        shard.of_runs(map.runs().unwrap_or_default())
    }

    /// What all parts of a map have in common.
    fn kind(&self) -> Value {
        let mut kind = serde_json::to_value(&self.heading).unwrap_or_default();
        kind["part"] = Value::Null;
        kind["map"]["doubts"] = Value::Null;
        kind
    }
}

/// The first place where `found` is not `expected`: `map.steps is 300, not 500`.
fn difference(found: &Value, expected: &Value, place: &str) -> Option<String> {
    if found == expected {
        return None;
    }
    let step = |key: &str| match place {
        "" => key.to_owned(),
        _ => format!("{place}.{key}"),
    };
    if let (Value::Object(found), Value::Object(expected)) = (found, expected) {
        let null = &Value::Null;
        let keys = found.keys().chain(expected.keys());
        let mut places = keys.filter_map(|key| {
            let (found, expected) = (found.get(key), expected.get(key));
            difference(found.unwrap_or(null), expected.unwrap_or(null), &step(key))
        });
        return places.next();
    }
    Some(match place {
        "inputs" => "its rule or its loss is another under the same name".to_owned(),
        _ => format!("{place} is {found}, not {expected}"),
    })
}
