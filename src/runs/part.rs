//! Parts of a run that follow rules of their own: one optimiser with two rules, or several optimisers that step together.
//!
//! Each group of a header may name its rule (`"groups": [{"params": ["fc.weight"], "rule": "torch/muon", "lr": 0.02}, ...]`);
//! a part has all tensors of one rule. While a [`RunPart`] is [swapped](Run::swap) in, the run is that part, with a
//! header of its own.

use super::{
    Field, FieldMeaning, RecordedSettings, Run, SETTINGS,
    fields::{FieldPart, one_shape},
    settings::stated_groups,
};
use crate::{
    error::{Error, ErrorCode, Result},
    rule::Tensor,
};
use serde_json::{Map, Value};
use std::sync::Arc;

/// The tensors that one rule steps, and the rule.
#[derive(Debug, Clone, PartialEq)]
pub struct RuleTensors {
    /// The rule, as the header or somebody who asks names it.
    pub rule: String,
    /// The numbers of the tensors.
    pub tensors: Vec<usize>,
    /// The numbers of the header's groups that they are in.
    groups: Vec<usize>,
    /// True where the rule is not the header's.
    pub is_named: bool,
}

/// What a run is while only some of its tensors count.
#[derive(Clone)]
pub struct RunPart {
    fields: Vec<Field>,
    tensors: Vec<Tensor>,
    header: Option<Value>,
    /// The numbers of the header's groups that it has.
    groups: Vec<usize>,
    settings: Option<(usize, Arc<RecordedSettings>)>,
    /// The fields of the whole run when it was made.
    known: usize,
}

impl Run {
    /// The rules that the groups of the header name, each with its tensors; none where all tensors follow one.
    ///
    /// # Errors
    /// A group without a rule beside others with one; a tensor in two of them, or in none.
    pub fn stated_rules(&self) -> Result<Vec<RuleTensors>> {
        let groups = stated_groups(self.header.as_ref());
        let rule_of = |group: &Map<String, Value>| {
            let own = group.get("rule").and_then(Value::as_str);
            own.or_else(|| self.header.as_ref()?.get("rule")?.as_str())
                .map(str::to_owned)
        };
        if !groups.iter().any(|it| it.contains_key("rule")) {
            return Ok(Vec::new());
        }
        let mut found: Vec<RuleTensors> = Vec::new();
        for (at, group) in groups.iter().enumerate() {
            let tensors = self.tensors_of(group);
            let Some(rule) = rule_of(group) else {
                let message = format!(
                    "group {} in the header of `{}` names no rule, and others do",
                    at + 1,
                    self.name
                );
                return Err(Error::plain(ErrorCode::InsufficientData, message)
                    .help("name rules for tensors: --against 'torch/muon on *.weight' --against torch/adamw"));
            };
            match found.iter_mut().find(|it| it.rule == rule) {
                Some(known) => {
                    known.tensors.extend(tensors);
                    known.groups.push(at);
                }
                None => found.push(RuleTensors {
                    rule,
                    tensors,
                    groups: vec![at],
                    is_named: false,
                }),
            }
        }
        if found.len() > 1 {
            found.retain(|it| !it.tensors.is_empty());
            self.check_cover(&found)?;
        }
        Ok(found)
    }

    /// The rules that somebody names for tensors: each `RULE on NAME,NAME*`, and one without names for the rest; none where
    /// there is a single rule for all.
    ///
    /// # Errors
    /// Names that no tensor has; tensors without a rule.
    pub fn rules_for(&self, named: &[String]) -> Result<Vec<RuleTensors>> {
        let mut open: Vec<usize> = (0..self.tensors.len()).collect();
        let mut found = Vec::new();
        for text in named.iter().filter(|it| it.contains(ON)) {
            let (rule, patterns) = text.split_once(ON).unwrap_or((text, ""));
            let mut tensors = Vec::new();
            for pattern in patterns.split(',').map(str::trim) {
                let fits = |at: &usize| matches(pattern, &self.tensors[*at].name);
                if !(0..self.tensors.len()).any(|at| fits(&at)) {
                    let names = self.tensors.iter().map(|it| it.name.as_str());
                    let message = format!("`{}` has no tensor `{pattern}`", self.name);
                    return Err(Error::plain(ErrorCode::UnknownColumn, message)
                        .suggest(pattern, "tensors", names));
                }
                tensors.extend(open.extract_if(.., |at| fits(at)));
            }
            tensors.sort_unstable();
            found.push(self.named(rule.trim(), tensors));
        }
        if found.is_empty() {
            return Ok(found);
        }
        let mut rest = named.iter().filter(|it| !it.contains(ON));
        match rest.next() {
            Some(_) if open.is_empty() => {}
            Some(rule) => found.push(self.named(rule, open)),
            None => {}
        }
        found.retain(|it| !it.tensors.is_empty());
        self.check_cover(&found)?;
        Ok(found)
    }

    /// A rule that somebody names for `tensors`.
    fn named(&self, rule: &str, tensors: Vec<usize>) -> RuleTensors {
        RuleTensors {
            rule: rule.to_owned(),
            groups: self.groups_with(&tensors),
            tensors,
            is_named: true,
        }
    }

    /// Each tensor has to have one rule.
    fn check_cover(&self, found: &[RuleTensors]) -> Result<()> {
        let rules_of = |at: usize| found.iter().filter(move |it| it.tensors.contains(&at));
        for (at, tensor) in self.tensors.iter().enumerate() {
            let rules: Vec<&str> = rules_of(at).map(|it| it.rule.as_str()).collect();
            let (what, help) = match rules[..] {
                [_] => continue,
                [] => (
                    "no rule steps it".to_owned(),
                    "name one for the rest, after those for some: 'torch/muon on *.weight', then torch/adamw; optax/set_to_zero leaves tensors as they are",
                ),
                _ => (
                    format!("several rules step it: {}", rules.join(", ")),
                    "a tensor belongs to one group",
                ),
            };
            let message = format!("{} of `{}`: {what}", tensor.name, self.name);
            return Err(Error::plain(ErrorCode::InsufficientData, message).help(help));
        }
        Ok(())
    }

    fn tensors_of(&self, group: &Map<String, Value>) -> Vec<usize> {
        let names = group.get("params").and_then(Value::as_array);
        let names: Vec<&str> = names
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        let tensors = self.tensors.iter().enumerate();
        let own = tensors.filter(|it| names.contains(&it.1.name.as_str()));
        own.map(|it| it.0).collect()
    }

    /// The numbers of the tensors, apart by the type that the header says their numbers have: what rounding accounts for is another
    /// in each. All are in one place where the header does not say it of each.
    #[must_use]
    pub fn tensors_by_type(&self) -> Vec<Vec<usize>> {
        let types = self.header.as_ref().and_then(|it| it.get("dtypes"));
        let type_of = |name: &str| {
            let name = types?.get(name)?.as_str()?;
            // A complex number is two of half its size.
            Some(match name {
                "complex64" => "float32",
                "complex128" => "float64",
                name => name,
            })
        };
        let mut found: Vec<(&str, Vec<usize>)> = Vec::new();
        for (at, tensor) in self.tensors.iter().enumerate() {
            let Some(kind) = type_of(&tensor.name) else {
                return vec![(0..self.tensors.len()).collect()];
            };
            match found.iter_mut().find(|it| it.0 == kind) {
                Some(known) => known.1.push(at),
                None => found.push((kind, vec![at])),
            }
        }
        found.into_iter().map(|it| it.1).collect()
    }

    /// The run as if it had only the tensors of `of`, under its rule.
    #[must_use]
    pub fn part(&self, of: &RuleTensors) -> RunPart {
        let mut part = self.part_with(&of.tensors, &of.groups);
        part.header = Some(self.header_of(of));
        part
    }

    /// The run as if it had only these tensors, under the rule that it is said to have.
    #[must_use]
    pub fn part_of(&self, tensors: &[usize]) -> RunPart {
        let groups = self.groups_with(tensors);
        let mut part = self.part_with(tensors, &groups);
        if let Some(Value::Object(header)) = part.header.as_mut().filter(|_| !groups.is_empty()) {
            self.state_groups(header, &groups);
        }
        part
    }

    /// The numbers of the header's groups that some of these tensors are in.
    fn groups_with(&self, tensors: &[usize]) -> Vec<usize> {
        let groups = stated_groups(self.header.as_ref());
        let groups = groups.iter().enumerate().filter(|(_, group)| {
            let own = self.tensors_of(group);
            own.iter().any(|it| tensors.contains(it))
        });
        groups.map(|it| it.0).collect()
    }

    fn part_with(&self, kept: &[usize], groups: &[usize]) -> RunPart {
        let is_kept = |at: usize| kept.contains(&at);
        let mut n = 0;
        let tensors = kept.iter().map(|at| {
            let tensor = &self.tensors[*at];
            let from = n;
            n += tensor.range.len();
            Tensor {
                range: from..n,
                ..tensor.clone()
            }
        });
        let tensors: Vec<Tensor> = tensors.collect();
        let shape = one_shape(&tensors);
        let fields = self.fields.iter().enumerate().filter_map(|(at, field)| {
            if !self.has_part_for_each(field) {
                let is_own = !self.is_of_another(field, &is_kept);
                return is_own.then(|| of_groups(field, groups));
            }
            let parts = field.parts.iter().enumerate();
            let (own, others): (Vec<_>, Vec<_>) = parts.partition(|it| is_kept(it.0));
            let mut parts: Vec<FieldPart> = own.into_iter().map(|it| it.1.clone()).collect();
            let is_there = at == 0 || parts.iter().any(|it| it.column.is_some());
            if field.meaning == FieldMeaning::Gradient {
                parts.extend(others.into_iter().map(|it| FieldPart::witness(it.1.column)));
            }
            is_there.then(|| Field {
                len: parts.iter().map(|it| it.len).sum(),
                shape: if field.is_like_parameters {
                    shape.clone()
                } else {
                    vec![parts.len()]
                },
                is_per_tensor: field.is_per_tensor && parts.len() > 1,
                parts,
                ..field.clone()
            })
        });
        RunPart {
            fields: fields.collect(),
            tensors: tensors.clone(),
            header: self.header.clone(),
            groups: groups.to_vec(),
            settings: None,
            known: self.fields.len(),
        }
    }

    /// The run with all of its parameters, but as if other tensors than those of `of` had neither gradient nor buffers.
    #[must_use]
    pub fn part_in_place(&self, of: &RuleTensors) -> RunPart {
        let is_kept = |at: usize| of.tensors.contains(&at);
        let fields = self.fields.iter().enumerate().map(|(number, field)| {
            if number == 0 {
                return field.clone();
            }
            let mut field = of_groups(field, &of.groups);
            let witnesses = field.parts.iter().enumerate();
            let witnesses = witnesses
                .filter(|it| field.meaning == FieldMeaning::Gradient && !is_kept(it.0))
                .map(|it| FieldPart::witness(it.1.column));
            let witnesses: Vec<FieldPart> = witnesses.collect();
            let is_for_each = self.has_part_for_each(&field);
            let is_of_another = self.is_of_another(&field, &is_kept);
            for (at, part) in field.parts.iter_mut().enumerate() {
                if is_of_another || is_for_each && !is_kept(at) {
                    part.column = None;
                }
            }
            field.parts.extend(witnesses);
            field
        });
        RunPart {
            fields: fields.collect(),
            tensors: self.tensors.clone(),
            header: Some(self.header_of(of)),
            groups: of.groups.clone(),
            settings: None,
            known: self.fields.len(),
        }
    }

    /// The run as if it had at most about so many coordinates, spread over all tensors; each is then a vector.
    #[must_use]
    pub fn sampled(&self, most: usize) -> RunPart {
        let n = self.dimension();
        let (mut fields, mut tensors) = (self.fields.clone(), self.tensors.clone());
        if n > most {
            let each = (most / tensors.len().max(1)).max(1);
            let mut from = 0;
            let mut places: Vec<Vec<u32>> = Vec::new();
            for tensor in &mut tensors {
                let len = tensor.range.len();
                let taken = len.min(each);
                let place = |at: usize| u32::try_from(at * len / taken.max(1)).unwrap_or(u32::MAX);
                places.push((0..taken).map(place).collect());
                tensor.range = from..from + taken;
                tensor.shape = vec![taken];
                from += taken;
            }
            for field in fields.iter_mut().filter(|it| it.is_like_parameters) {
                if field.len != n || field.parts.len() != places.len() {
                    continue;
                }
                for (part, places) in field.parts.iter_mut().zip(&places) {
                    let own = |place: &u32| match &part.spread {
                        None => *place,
                        Some(of) => of.get(*place as usize).copied().unwrap_or(u32::MAX),
                    };
                    part.spread = Some(places.iter().map(own).collect());
                    part.len = places.len();
                }
                field.len = from;
                field.shape = one_shape(&tensors);
            }
        }
        RunPart {
            known: fields.len(),
            fields,
            tensors,
            header: self.header.clone(),
            groups: Vec::new(),
            settings: None,
        }
    }

    /// The header as if there were only the rule of `of`, and its groups.
    fn header_of(&self, of: &RuleTensors) -> Value {
        let header = self.header.as_ref().and_then(Value::as_object);
        let mut header = header.cloned().unwrap_or_default();
        if !of.is_named {
            header.insert("rule".to_owned(), of.rule.clone().into());
        }
        self.state_groups(&mut header, &of.groups);
        header.into()
    }

    /// Leaves only these of the run's groups in `header`.
    fn state_groups(&self, header: &mut Map<String, Value>, groups: &[usize]) {
        let all = stated_groups(self.header.as_ref());
        let groups: Vec<Value> = groups.iter().map(|at| all[*at].clone().into()).collect();
        let first = groups.first().and_then(Value::as_object);
        let mut settings = first.cloned().unwrap_or_default();
        settings.retain(|key, _| key != "params" && key != "rule");
        header.insert("settings".to_owned(), settings.into());
        header.insert("groups".to_owned(), groups.into());
    }

    /// Puts `part` in the place of what the run is, and the other way round.
    pub fn swap(&mut self, part: &mut RunPart) {
        std::mem::swap(&mut self.fields, &mut part.fields);
        std::mem::swap(&mut self.tensors, &mut part.tensors);
        std::mem::swap(&mut self.header, &mut part.header);
        std::mem::swap(&mut self.settings, &mut part.settings);
    }

    /// True if `field` has a part for each tensor.
    fn has_part_for_each(&self, field: &Field) -> bool {
        let is_one_each = field.parts.len() == self.tensors.len();
        is_one_each && (field.is_like_parameters || field.is_per_tensor)
    }

    /// True if `field` belongs to one tensor alone, by its name, which is not kept.
    fn is_of_another(&self, field: &Field, is_kept: &impl Fn(usize) -> bool) -> bool {
        if field.name.starts_with(SETTINGS) {
            return false;
        }
        let tensors = self.tensors.iter().enumerate();
        let own = tensors.filter(|(_, tensor)| {
            let rest = field.name.strip_suffix(&tensor.name);
            rest.is_some_and(|rest| rest.ends_with('.'))
        });
        // Of `bias` and `fc.bias`, the longer.
        let own = own.max_by_key(|(_, tensor)| tensor.name.len());
        own.is_some_and(|(at, _)| !is_kept(at))
    }
}

impl RunPart {
    /// Takes in fields that `run`, in whose place it is to be put, has got since.
    pub fn go_on(&mut self, run: &Run) {
        let new = run.fields[self.known..].iter();
        self.fields
            .extend(new.map(|it| of_groups(it, &self.groups)));
        self.known = run.fields.len();
    }
}

/// What `field` has of some groups, where it is a setting with a value for each.
fn of_groups(field: &Field, groups: &[usize]) -> Field {
    let is_setting = field.name.starts_with(SETTINGS) && field.parts.len() == 1;
    let own = field.parts.first();
    // Of a part of a part, the place in the column.
    let known = own.and_then(|it| it.spread.as_ref());
    let places = groups.iter().map(|at| match known {
        None => u32::try_from(*at).unwrap_or(u32::MAX),
        Some(places) => places.get(*at).copied().unwrap_or(u32::MAX),
    });
    let column = own.and_then(|it| it.column);
    if !is_setting || groups.is_empty() || groups.iter().any(|at| *at >= field.len) {
        return field.clone();
    }
    Field {
        len: groups.len(),
        shape: vec![groups.len()],
        parts: vec![FieldPart {
            column,
            len: groups.len(),
            spread: Some(places.collect()),
        }],
        ..field.clone()
    }
}

/// Between a rule and the tensors that it steps.
const ON: &str = " on ";

/// True if `name` is `pattern`, in which each `*` stands for any text.
fn matches(pattern: &str, name: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = name.strip_prefix(first) else {
        return false;
    };
    let mut parts: Vec<&str> = parts.collect();
    let Some(last) = parts.pop() else {
        return rest.is_empty();
    };
    for part in parts {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}
