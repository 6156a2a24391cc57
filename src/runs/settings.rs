//! Settings of a recorded run, by iteration and by group of parameters.
//!
//! A hook notes every group in the header (`"groups": [{"params": ["fc.weight"], "lr": 0.01}, ...]`), and in a row the
//! settings that have changed since the row before it, one value for each group (`"settings": {"lr": [0.01, 0.02]}`).
//! A group that is added later has a place of its own, by its number, in the rows from there on: `"settings": {"group_1":
//! {"params": {"fc.bias": 1}, "lr": 0.003}}`.

use super::{Field, Run};
use crate::{
    error::{Error, ErrorCode, Result},
    format::exact,
    text::counted,
    value::is_same,
};
use serde_json::{Map, Value};
use std::{ops::Range, sync::Arc};

/// Before the names of settings in the rows of a hook.
pub const SETTINGS: &str = "settings.";
/// Goes on where it is the setting of a group that was added later, with the number of the group.
const LATE_GROUP: &str = "settings.group_";

/// The number of the later group that a field is of, and what of it.
fn of_late_group(field: &str) -> Option<(usize, &str)> {
    let (number, rest) = field.strip_prefix(LATE_GROUP)?.split_once('.')?;
    Some((number.parse().ok()?, rest))
}

/// A setting with its values in the order in which they came to hold.
#[derive(Debug, Clone, PartialEq)]
pub struct RecordedSetting {
    /// The name; of `betas`, `beta1` and `beta2`.
    pub name: String,
    /// Iterations from which on, and one value for each group; NaN for a group without the setting.
    values: Vec<(u64, Vec<f64>)>,
}

impl RecordedSetting {
    /// The value of each group in iteration `t`.
    #[must_use]
    pub fn at(&self, t: u64) -> &[f64] {
        let after = self.values.partition_point(|(from, _)| *from <= t);
        &self.values[after.saturating_sub(1)].1
    }

    /// The first value for which `is_meant` holds, with the iteration in which it comes to hold.
    pub(crate) fn first(&self, is_meant: impl Fn(f64) -> bool) -> Option<(u64, f64)> {
        self.values.iter().find_map(|(t, values)| {
            let value = values.iter().copied().find(|it| is_meant(*it))?;
            Some((*t, value))
        })
    }

    /// True if groups have different values in some iteration.
    #[must_use]
    pub fn differs_between_groups(&self) -> bool {
        let mut rows = self.values.iter();
        rows.any(|(_, values)| {
            values
                .windows(2)
                .any(|it| it[0].to_bits() != it[1].to_bits())
        })
    }

    /// The first iteration that has another value than in `other`, with the values of each group in both; 0 stands for the first row.
    pub(crate) fn first_other<'a>(&'a self, other: &'a Self) -> Option<(u64, [&'a [f64]; 2])> {
        let mut changes: Vec<u64> = (self.values.iter().chain(&other.values))
            .map(|it| it.0)
            .collect();
        changes.sort_unstable();
        let mut both = changes.into_iter().map(|t| (t, [self.at(t), other.at(t)]));
        both.find(|(_, [a, b])| a.len() == b.len() && !is_same(a, b))
    }

    /// The least and the largest value, where they change.
    #[must_use]
    pub(crate) fn range(&self) -> Option<(f64, f64)> {
        let values = self.values.iter().flat_map(|it| &it.1);
        let known = values.copied().filter(|it| !it.is_nan());
        let empty = (f64::INFINITY, f64::NEG_INFINITY);
        let (low, high) = known.fold(empty, |it, value| (it.0.min(value), it.1.max(value)));
        (low < high && self.changes()).then_some((low, high))
    }

    /// True if some iteration has other values than the first.
    #[must_use]
    pub fn changes(&self) -> bool {
        let bits = |values: &[f64]| values.iter().map(|it| it.to_bits()).collect::<Vec<u64>>();
        let mut rows = self.values.windows(2);
        rows.any(|it| bits(&it[0].1) != bits(&it[1].1))
    }
}

/// All settings that a hook noted.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RecordedSettings {
    /// The coordinates of each group.
    groups: Vec<Vec<Range<usize>>>,
    /// The names of each group's tensors.
    tensors: Vec<Vec<String>>,
    settings: Vec<RecordedSetting>,
}

impl RecordedSettings {
    /// The settings that the header of `run` says; none where a hook did not write it.
    fn of_header(run: &Run) -> Self {
        let mut found = Self::default();
        for group in stated_groups(run.header.as_ref()) {
            found.add_group(run, &group);
        }
        // Those that rows have added: their settings come with their rows.
        while let Some(names) = (!found.groups.is_empty())
            .then(|| run.tensors_of_late_group(found.groups.len()))
            .flatten()
        {
            let names = names.into_iter().map(Value::from).collect();
            found.add_group(
                run,
                &Map::from_iter([("params".to_owned(), Value::Array(names))]),
            );
        }
        found
    }

    /// The setting called `name`.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&RecordedSetting> {
        self.settings.iter().find(|it| it.name == name)
    }

    /// All settings.
    #[must_use]
    pub fn all(&self) -> &[RecordedSetting] {
        &self.settings
    }

    /// The names of the tensors of each group.
    #[must_use]
    pub fn tensors(&self) -> &[Vec<String>] {
        &self.tensors
    }

    /// The group of coordinate `at` of the parameters.
    #[must_use]
    pub fn group_of(&self, at: usize) -> Option<usize> {
        let mut groups = self.groups.iter();
        groups.position(|ranges| ranges.iter().any(|it| it.contains(&at)))
    }

    /// Puts the value of each group, where it has one, at the group's coordinates of `out`.
    pub fn spread(&self, values: &[f64], out: &mut [f64]) {
        for (ranges, value) in self.groups.iter().zip(values) {
            for range in ranges.iter().filter(|_| !value.is_nan()) {
                out[range.clone()].fill(*value);
            }
        }
    }

    fn add_group(&mut self, run: &Run, group: &Map<String, Value>) {
        let names = group.get("params").and_then(Value::as_array);
        let names: Vec<String> = names.map_or_else(Vec::new, |names| {
            let names = names.iter().filter_map(Value::as_str);
            names.map(str::to_owned).collect()
        });
        let ranges = run.tensors.iter().filter(|it| names.contains(&it.name));
        self.groups
            .push(ranges.map(|it| it.range.clone()).collect());
        self.tensors.push(names);
        let at = self.groups.len() - 1;
        for (name, value) in numbers(group) {
            let known = self.settings.iter().position(|it| it.name == name);
            let known = known.unwrap_or_else(|| {
                let values = vec![(0, Vec::new())];
                self.settings.push(RecordedSetting { name, values });
                self.settings.len() - 1
            });
            let values = &mut self.settings[known].values[0].1;
            values.resize(at, f64::NAN);
            values.push(value);
        }
        for setting in &mut self.settings {
            setting.values[0].1.resize(at + 1, f64::NAN);
        }
    }

    /// Reads the rows of `run` from row `known` on.
    fn read_rows(&mut self, run: &mut Run, known: usize) -> Result<()> {
        let count = self.groups.len();
        let stated = stated_groups(run.header.as_ref()).len();
        check_counts(run, stated)?;
        let fields = run.fields.iter().enumerate();
        let noted = fields.filter_map(|(at, field)| {
            let (group, name) = match of_late_group(&field.name) {
                Some((group, name)) => (Some(group), name),
                None => (None, field.name.strip_prefix(SETTINGS)?),
            };
            let fits = match group {
                Some(group) => (stated..count).contains(&group) && field.len == 1,
                None => count > 0 && field.len == stated,
            };
            (fits && name != "params").then(|| {
                let known = self.settings.iter().position(|it| it.name == name);
                let setting = known.unwrap_or_else(|| {
                    // One that no group has in the header.
                    self.settings.push(RecordedSetting {
                        name: name.to_owned(),
                        values: vec![(0, vec![f64::NAN; count])],
                    });
                    self.settings.len() - 1
                });
                (at, setting, group)
            })
        });
        let noted: Vec<(usize, usize, Option<usize>)> = noted.collect();
        let mut values = Vec::new();
        let last = if noted.is_empty() { known } else { run.rows };
        for row in known..last {
            for (field, setting, group) in &noted {
                if run.read(row, *field, &mut values)? {
                    let t = run.t(row)?;
                    let known = &mut self.settings[*setting].values;
                    let mut now = known.last().map_or_else(Vec::new, |it| it.1.clone());
                    let first = group.unwrap_or(0);
                    now[first..first + values.len()].copy_from_slice(&values);
                    // Before a group was there, it may as well have had what it began with.
                    for (_, before) in known.iter_mut().filter(|_| group.is_some()) {
                        if before[first].is_nan() {
                            before[first] = now[first];
                        }
                    }
                    let is_other = |it: &(u64, Vec<f64>)| {
                        it.1.iter()
                            .map(|v| v.to_bits())
                            .ne(now.iter().map(|v| v.to_bits()))
                    };
                    if group.is_none() || known.last().is_none_or(is_other) {
                        known.push((t, now));
                    }
                }
            }
        }
        Ok(())
    }
}

/// Rows have a number for each of the `stated` groups.
fn check_counts(run: &Run, stated: usize) -> Result<()> {
    let is_noted = |it: &&Field| it.name.starts_with(SETTINGS) && of_late_group(&it.name).is_none();
    let mut noted = run.fields.iter().filter(is_noted);
    let Some(field) = noted.find(|it| stated > 0 && it.len != stated) else {
        return Ok(());
    };
    let message = format!(
        "`{}`: `{}` has {} in a row, and the header has {}",
        run.name,
        field.name,
        counted(field.len, "number"),
        counted(stated, "group")
    );
    Err(Error::plain(ErrorCode::InvalidData, message)
        .help("a row has, of each setting that has changed, a number for each group: \"settings\":{\"lr\":[0.1]}"))
}

impl Run {
    /// The names of the tensors in the group of this number, which rows have added; none where there is no such group.
    fn tensors_of_late_group(&self, number: usize) -> Option<Vec<String>> {
        let is_it = |it: &&Field| of_late_group(&it.name) == Some((number, "params"));
        let field = self.fields.iter().find(is_it)?;
        let parts = field.parts.iter().zip(&self.tensors);
        let own = parts.filter(|(part, _)| part.column.is_some());
        Some(own.map(|(_, tensor)| tensor.name.clone()).collect())
    }

    /// True if rows state the setting `name`.
    #[must_use]
    pub fn has_in_rows(&self, name: &str) -> bool {
        let mut fields = self.fields.iter();
        fields.any(|it| it.name.strip_prefix(SETTINGS).unwrap_or(&it.name) == name)
    }

    /// Has the header state these settings, for all groups alike, in the place of what it says of them. What rows say of a
    /// setting goes on from what it began with.
    pub fn state(&mut self, settings: &[(String, Value)]) {
        let settings = settings.iter().filter(|it| !self.has_in_rows(&it.0));
        let settings: Vec<(String, Value)> = settings.cloned().collect();
        let Some(Value::Object(header)) = &mut self.header else {
            return;
        };
        let groups = header.get_mut("groups").and_then(Value::as_array_mut);
        let groups = groups.into_iter().flatten();
        for group in groups.filter_map(Value::as_object_mut) {
            for (name, _) in &settings {
                take_out(group, name);
            }
        }
        let stated = header
            .entry("settings")
            .or_insert_with(|| Map::new().into());
        if let Value::Object(stated) = stated {
            for (name, value) in settings {
                take_out(stated, &name);
                stated.insert(name, value);
            }
        }
        self.settings = None;
    }

    /// The settings that its header and its rows say; none where a hook did not write it.
    ///
    /// # Errors
    /// A file that cannot be read again.
    pub fn settings(&mut self) -> Result<Arc<RecordedSettings>> {
        let (known, mut settings) = match self.settings.take() {
            Some(known) => known,
            None => (0, Arc::new(RecordedSettings::of_header(self))),
        };
        if known < self.rows {
            Arc::make_mut(&mut settings).read_rows(self, known)?;
        }
        self.settings = Some((self.rows, Arc::clone(&settings)));
        Ok(settings)
    }
}

/// Checks that the header of `run` does not say one thing of a setting in `settings` and another in all of its `groups`.
///
/// # Errors
/// It does.
pub fn check_header(run: &Run) -> Result<()> {
    let header = run.header.as_ref();
    let settings = header
        .and_then(|it| it.get("settings"))
        .and_then(Value::as_object);
    let groups = stated_groups(header);
    for (name, value) in settings.map_or_else(Vec::new, numbers) {
        let of_groups = groups.iter().filter_map(|group| {
            let mut own = numbers(group).into_iter();
            own.find(|it| it.0 == name).map(|it| it.1)
        });
        let of_groups: Vec<f64> = of_groups.collect();
        if of_groups.is_empty()
            || of_groups
                .iter()
                .any(|it| *it == value || it.is_nan() && value.is_nan())
        {
            continue;
        }
        let values: Vec<String> = of_groups.iter().map(|it| exact(*it)).collect();
        let message = format!(
            "the first line of `{}` contradicts itself: `settings` has {name} = {}, `groups` have {name} = {}",
            run.name,
            exact(value),
            values.join(", ")
        );
        return Err(Error::plain(ErrorCode::InvalidValue, message)
            .help("take out the one that is wrong, or name the rule with its settings: --against NAME --set NAME=VALUE"));
    }
    Ok(())
}

/// The settings that the header of `run` states: `settings`, and what that lacks from the first of `groups`.
pub fn settings_of_run(run: &Run) -> Map<String, Value> {
    let header = run.header.as_ref();
    let settings = header.and_then(|it| it.get("settings"));
    let settings = settings.and_then(Value::as_object).cloned();
    let mut found = settings.unwrap_or_default();
    let first = stated_groups(header).into_iter().next();
    for (key, value) in first.into_iter().flatten() {
        if key != "params" && key != "rule" && found.get(&key).is_none_or(Value::is_null) {
            found.insert(key, value);
        }
    }
    found
}

/// The groups that a header states.
pub(super) fn stated_groups(header: Option<&Value>) -> Vec<Map<String, Value>> {
    let groups = header
        .and_then(|it| it.get("groups"))
        .and_then(Value::as_array);
    let groups = groups.into_iter().flatten().filter_map(Value::as_object);
    groups.cloned().collect()
}

/// Every setting that a header states, for the whole run and for each group.
pub fn stated_settings(header: Option<&Value>) -> Vec<(String, Value)> {
    let settings = header.and_then(|it| it.get("settings"));
    let settings = settings.and_then(Value::as_object).cloned();
    let all = settings.into_iter().chain(stated_groups(header)).flatten();
    let is_setting = |it: &(String, Value)| !["params", "rule"].contains(&it.0.as_str());
    all.filter(is_setting).collect()
}

/// Takes the setting `name` out of `settings`; of a pair, the other one stays.
fn take_out(settings: &mut Map<String, Value>, name: &str) {
    settings.remove(name);
    let pairs = settings.iter().filter(|it| it.1.is_array());
    let pairs = pairs.map(|(key, value)| {
        let pair = Map::from_iter([(key.clone(), value.clone())]);
        (key.clone(), numbers(&pair))
    });
    let pair = pairs
        .into_iter()
        .find(|it| it.1.iter().any(|it| it.0 == name));
    if let Some((key, numbers)) = pair {
        settings.remove(&key);
        let others = numbers.into_iter().filter(|it| it.0 != name);
        settings.extend(others.map(|(name, value)| (name, value.into())));
    }
}

/// The numbers among settings by name: of a pair `betas`, `beta1` and `beta2`, without those that
/// are null; of a switch, 0 or 1.
pub fn numbers(settings: &Map<String, Value>) -> Vec<(String, f64)> {
    let mut found = Vec::new();
    for (key, value) in settings {
        match value {
            Value::Array(values) => {
                let root = if key == "eps" {
                    key
                } else {
                    key.trim_end_matches('s')
                };
                for (at, value) in (1..).zip(values) {
                    if let Some(value) = value.as_f64() {
                        found.push((format!("{root}{at}"), value));
                    }
                }
            }
            Value::Bool(on) => found.push((key.clone(), f64::from(u8::from(*on)))),
            _ => found.extend(value.as_f64().map(|value| (key.clone(), value))),
        }
    }
    found
}
