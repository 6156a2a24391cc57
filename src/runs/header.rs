//! The header of a run, as recorders write it, and what is wrong with one that is not like that.

use crate::{
    error::{Error, ErrorCode, Result},
    rule::Tensor,
};
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};
use std::{collections::HashSet, fmt};

/// Ways in which libraries begin the names of types of numbers.
const TYPES: [&str; 5] = ["float", "bfloat", "int", "uint", "complex"];

/// True for the name of a type of numbers: `float32`, `bfloat16`, `float8_e4m3fn`, `int64`, `bool`.
fn is_type(name: &str) -> bool {
    let begins_like = |it: &str| {
        let rest = name.strip_prefix(it);
        rest.is_some_and(|rest| rest.starts_with(|it: char| it.is_ascii_digit()))
    };
    name == "bool" || TYPES.iter().any(|it| begins_like(it))
}

/// A run as far as its header is to agree with it.
pub(super) struct Headed<'a> {
    /// The name of the file.
    pub name: &'a str,
    /// The tensors that its rows have.
    pub tensors: &'a [Tensor],
    /// True where later rows may have others.
    pub is_followed: bool,
}

/// Checks that what the `header` of `run` says of rules, settings, groups and types can be meant so. What else it says is
/// its own matter.
///
/// # Errors
/// A value of another kind than the format has; a name that no tensor has; a tensor in two groups.
pub(super) fn check(run: &Headed, header: Option<&Value>) -> Result<()> {
    let Some(header) = header.and_then(Value::as_object) else {
        return Ok(());
    };
    if header.contains_key("eigenstep") {
        return Ok(());
    }
    check_kinds(run, header)?;
    let settings = header.get("settings").and_then(Value::as_object);
    check_settings(run, "`settings`", settings.into_iter().flatten())?;
    let mut seen: Vec<&str> = Vec::new();
    let groups = header.get("groups").and_then(Value::as_array);
    for (at, group) in groups.into_iter().flatten().enumerate() {
        let place = format!("group {} of `groups`", at + 1);
        let Some(group) = group.as_object() else {
            return Err(wrong(run, &place, group, "is no object", GROUPS));
        };
        let Some(names) = group.get("params") else {
            let shown = Value::Object(group.clone());
            return Err(wrong(run, &place, &shown, "has no `params`", GROUPS));
        };
        check_settings(run, &place, group.iter())?;
        let place = format!("`params` of {place}");
        let Some(names) = names.as_array() else {
            return Err(wrong(run, &place, names, "is no list of names", GROUPS));
        };
        for value in names {
            let Some(name) = value.as_str() else {
                return Err(wrong(run, &place, value, "is no name of a tensor", GROUPS));
            };
            check_tensor(run, &place, name)?;
            if seen.contains(&name) {
                let message = format!("the header of `{}`: {place} has {name} again", run.name);
                return Err(Error::plain(ErrorCode::InvalidData, message)
                    .help("a tensor belongs to one group"));
            }
            seen.push(name);
        }
    }
    let types = header.get("dtypes").and_then(Value::as_object);
    for (name, value) in types.into_iter().flatten() {
        check_tensor(run, "`dtypes`", name)?;
        if !value.as_str().is_some_and(is_type) {
            let place = format!("`dtypes` of {name}");
            let help = "like \"dtypes\":{\"fc.weight\":\"float32\"}, or bfloat16, float16, float64";
            return Err(wrong(run, &place, value, "is no type of numbers", help));
        }
    }
    Ok(())
}

/// A name that some object of the JSON `text` has twice: readers take one or the other.
pub(super) fn twice(text: &[u8]) -> Option<String> {
    serde_json::from_slice::<Names>(text).ok()?.twice
}

/// JSON of which only the names are looked at.
struct Names {
    twice: Option<String>,
}

impl<'de> Deserialize<'de> for Names {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        deserializer.deserialize_any(NamesVisitor)
    }
}

struct NamesVisitor;

impl<'de> Visitor<'de> for NamesVisitor {
    type Value = Names;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, _: bool) -> std::result::Result<Names, E> {
        Ok(Names { twice: None })
    }

    fn visit_i64<E>(self, _: i64) -> std::result::Result<Names, E> {
        Ok(Names { twice: None })
    }

    fn visit_u64<E>(self, _: u64) -> std::result::Result<Names, E> {
        Ok(Names { twice: None })
    }

    fn visit_f64<E>(self, _: f64) -> std::result::Result<Names, E> {
        Ok(Names { twice: None })
    }

    fn visit_str<E>(self, _: &str) -> std::result::Result<Names, E> {
        Ok(Names { twice: None })
    }

    fn visit_unit<E>(self) -> std::result::Result<Names, E> {
        Ok(Names { twice: None })
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut of: A) -> std::result::Result<Names, A::Error> {
        let mut twice = None;
        while let Some(part) = of.next_element::<Names>()? {
            twice = twice.or(part.twice);
        }
        Ok(Names { twice })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut of: A) -> std::result::Result<Names, A::Error> {
        let (mut seen, mut twice) = (HashSet::new(), None);
        while let Some((name, part)) = of.next_entry::<String, Names>()? {
            let again = seen.contains(&name).then(|| name.clone());
            twice = twice.or(again).or(part.twice);
            seen.insert(name);
        }
        Ok(Names { twice })
    }
}

const GROUPS: &str = "like \"groups\":[{\"params\":[\"fc.weight\"],\"lr\":0.01}]";

/// A key, whether a value is of its kind, what is said of one that is not, and what one is like.
type Kind = (&'static str, fn(&Value) -> bool, &'static str, &'static str);

/// Checks what the values are.
fn check_kinds(run: &Headed, header: &Map<String, Value>) -> Result<()> {
    let is_count = |it: &Value| it.as_u64().is_some_and(|it| it > 0);
    let rows: [Kind; 9] = [
        (
            "settings",
            Value::is_object,
            "is no object",
            "like \"settings\":{\"lr\":0.01}",
        ),
        ("groups", Value::is_array, "is no list", GROUPS),
        (
            "dtypes",
            Value::is_object,
            "is no object",
            "like \"dtypes\":{\"fc.weight\":\"float32\"}",
        ),
        (
            "rule",
            Value::is_string,
            "is no name",
            "like \"rule\":\"torch/adamw\"",
        ),
        (
            "optimizer",
            Value::is_string,
            "is no name",
            "like \"optimizer\":\"AdamW\"",
        ),
        (
            "class",
            Value::is_string,
            "is no name",
            "of what `optimizer` is derived from, the class itself: like \"class\":\"MyAdamW\"",
        ),
        (
            "matmul",
            |it| matches!(it.as_str(), Some("tf32" | "bfloat16")),
            "is neither \"tf32\" nor \"bfloat16\"",
            "it says what matrix products are rounded to, where that is coarser than the numbers",
        ),
        (
            "coordinates",
            |it| it.as_object().is_some_and(|it| it.values().all(is_places)),
            "is no list of elements for each tensor",
            "of tensors that were not recorded whole: like \"coordinates\":{\"fc.weight\":[0,5]}",
        ),
        (
            "shards",
            |it| it.as_object().is_some_and(|it| it.values().all(is_places)),
            "is no shape for each tensor",
            "of tensors that are spread over processes, the whole shape: like \"shards\":{\"fc.weight\":[64,32]}",
        ),
    ];
    for (key, fits, says, help) in rows {
        if let Some(value) = header.get(key).filter(|it| !it.is_null() && !fits(it)) {
            return Err(wrong(run, &format!("`{key}`"), value, says, help));
        }
    }
    if let Some(value) = header
        .get("every")
        .filter(|it| !it.is_null() && !is_count(it))
    {
        let help = "rows were recorded where t is a multiple of it: a whole number from 1";
        return Err(wrong(run, "`every`", value, "is no count", help));
    }
    let norms = header
        .get("norms")
        .filter(|it| !it.is_null() && !it.is_boolean());
    if let Some(value) = norms {
        let help = "true where each tensor has its norm only";
        return Err(wrong(
            run,
            "`norms`",
            value,
            "is neither true nor false",
            help,
        ));
    }
    Ok(())
}

/// True for elements of a tensor, counted from 0.
fn is_places(value: &Value) -> bool {
    value
        .as_array()
        .is_some_and(|it| it.iter().all(Value::is_u64))
}

/// Checks that settings are numbers, switches, words or lists of numbers.
fn check_settings<'a>(
    run: &Headed,
    place: &str,
    settings: impl Iterator<Item = (&'a String, &'a Value)>,
) -> Result<()> {
    for (key, value) in settings {
        if value.is_object() {
            let place = format!("{key} of {place}");
            let help = "a setting is a number, a word, or a schedule like \"0.1*0.5^(t/20)\"";
            return Err(wrong(run, &place, value, "is an object", help));
        }
    }
    Ok(())
}

/// Checks that rows have the tensor `name`.
fn check_tensor(run: &Headed, place: &str, name: &str) -> Result<()> {
    // Of a run that is followed, tensors may come later; one array has no name.
    let names = run.tensors.iter().map(|it| it.name.as_str());
    let is_known = names.clone().any(|it| it == name || it.is_empty());
    if is_known || run.is_followed {
        return Ok(());
    }
    let message = format!(
        "the header of `{}`: {place} has `{name}`, which no row has",
        run.name
    );
    Err(Error::plain(ErrorCode::InvalidData, message).suggest(name, "tensors", names))
}

fn wrong(run: &Headed, place: &str, value: &Value, says: &str, help: &str) -> Error {
    let shown: String = value.to_string().chars().take(40).collect();
    let message = format!("the header of `{}`: {place} {says}: {shown}", run.name);
    Error::plain(ErrorCode::InvalidData, message).help(help.to_owned())
}
