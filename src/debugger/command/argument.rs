//! Arguments that several commands take, and those that are one value.

use super::{
    phrase::{Located, Name, Phrase},
    reader::LineReader,
    row::Argument,
};
use crate::{
    error::{ErrorCode, Result},
    lang::{
        assignment::{assignment, is_target},
        quote,
    },
};
use schemars::JsonSchema;
use serde::{
    Deserialize, Deserializer, Serialize,
    de::{self, Visitor},
};
use std::fmt;

/// `[N]`: how many times, 1 unless it is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Times(pub u64);

/// `T [LINE]`: a place in time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TimePoint {
    /// Whole iterations.
    pub t: u64,
    /// Lines of the next one.
    #[serde(default)]
    pub line: Located<u64>,
}

/// `ID... | all`: stops and displays by their numbers.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StopIds {
    /// Every one.
    All,
    /// These.
    #[serde(untagged)]
    Those(Vec<Located<u64>>),
}

/// By hand, so that an error names the element.
impl<'de> Deserialize<'de> for StopIds {
    fn deserialize<D: Deserializer<'de>>(from: D) -> std::result::Result<Self, D::Error> {
        struct StopIdsVisitor;

        impl<'de> Visitor<'de> for StopIdsVisitor {
            type Value = StopIds;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an array of numbers, or \"all\"")
            }

            fn visit_str<E: de::Error>(self, word: &str) -> std::result::Result<StopIds, E> {
                match word {
                    "all" => Ok(StopIds::All),
                    _ => Err(E::invalid_value(de::Unexpected::Str(word), &self)),
                }
            }

            fn visit_seq<A: de::SeqAccess<'de>>(
                self,
                ids: A,
            ) -> std::result::Result<StopIds, A::Error> {
                let ids = de::value::SeqAccessDeserializer::new(ids);
                Deserialize::deserialize(ids).map(StopIds::Those)
            }
        }

        from.deserialize_any(StopIdsVisitor)
    }
}

/// `ID N [hits M]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct IgnoreHits {
    /// The stop.
    pub id: Located<u64>,
    /// Hits that do not stop a run.
    pub count: u64,
    /// The hits that it has had; as many as before unless it is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hits: Option<u64>,
}

/// `FILE`; with a `!` behind the command's name, a file that is there already is replaced.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Destination {
    /// The file's name.
    pub file: Phrase,
    /// True where one of that name is replaced.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub replace: bool,
}

/// `NAME=EXPR`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Assignment {
    /// The setting, the variable or an element of one, or the option.
    pub name: Phrase,
    /// The value, an expression.
    pub value: Phrase,
}

impl Argument for Times {
    fn read(reader: &mut LineReader) -> Result<Self> {
        let before = reader.take_count();
        match (before, reader.number()?) {
            (Some(_), Some(number)) => Err(number
                .error("the count is given twice")
                .coded(ErrorCode::Usage)),
            (Some(count), None) | (None, Some(count)) => Ok(Self(count.value)),
            (None, None) => Ok(Self(1)),
        }
    }

    fn written(&self) -> String {
        match self.0 {
            1 => String::new(),
            count => count.to_string(),
        }
    }

    fn times(&self, count: u64) -> Option<Self> {
        Some(Self(self.0.saturating_mul(count)))
    }
}

/// The rest of the line.
impl Argument for Phrase {
    fn read(reader: &mut LineReader) -> Result<Self> {
        reader.phrase()
    }

    fn written(&self) -> String {
        quote::written(self.text(), |_| true)
    }
}

impl Argument for Name {
    fn read(reader: &mut LineReader) -> Result<Self> {
        reader.name()?.ok_or_else(|| reader.missing())
    }

    fn written(&self) -> String {
        quote::word(self.text(), &[])
    }
}

impl<A: Argument> Argument for Option<A> {
    fn read(reader: &mut LineReader) -> Result<Self> {
        if reader.is_done() {
            return Ok(None);
        }
        A::read(reader).map(Some)
    }

    fn written(&self) -> String {
        self.as_ref().map_or(String::new(), A::written)
    }

    fn asks_minimum(&self) -> bool {
        self.as_ref().is_some_and(A::asks_minimum)
    }
}

impl Argument for TimePoint {
    fn read(reader: &mut LineReader) -> Result<Self> {
        let before = reader.take_count();
        let t = match (reader.number()?, before) {
            (Some(t), None) | (None, Some(t)) => t.value,
            (Some(t), Some(_)) => return Err(t.error("the iteration is given twice")),
            (None, None) => return Err(reader.usage("goto which iteration?")),
        };
        let line = reader.number()?.unwrap_or_default();
        Ok(Self { t, line })
    }

    fn written(&self) -> String {
        match self.line.value {
            0 => self.t.to_string(),
            line => format!("{} {line}", self.t),
        }
    }
}

impl StopIds {
    /// True where `id` is one of them.
    #[must_use]
    pub fn holds(&self, id: u64) -> bool {
        match self {
            Self::All => true,
            Self::Those(ids) => ids.iter().any(|it| it.value == id),
        }
    }
}

impl Argument for StopIds {
    fn read(reader: &mut LineReader) -> Result<Self> {
        if reader.keyword("all") {
            return Ok(Self::All);
        }
        let mut ids = Vec::new();
        while let Some(id) = reader.number()? {
            ids.push(id);
        }
        Ok(Self::Those(ids))
    }

    fn written(&self) -> String {
        match self {
            Self::All => "all".into(),
            Self::Those(ids) => {
                let ids: Vec<String> = ids.iter().map(|id| id.value.to_string()).collect();
                ids.join(" ")
            }
        }
    }
}

impl Argument for IgnoreHits {
    fn read(reader: &mut LineReader) -> Result<Self> {
        let (Some(id), Some(count)) = (reader.number()?, reader.number()?) else {
            return Err(reader.usage("`ignore` needs a stop and a number of hits"));
        };
        let hits = if reader.keyword("hits") {
            let hits = reader.number()?;
            let missing = || reader.usage("`hits` needs a number");
            Some(hits.ok_or_else(missing)?.value)
        } else {
            None
        };
        let count = count.value;
        Ok(Self { id, count, hits })
    }

    fn written(&self) -> String {
        let hits = self
            .hits
            .map_or(String::new(), |hits| format!(" hits {hits}"));
        format!("{} {}{hits}", self.id.value, self.count)
    }
}

impl Argument for Destination {
    fn read(reader: &mut LineReader) -> Result<Self> {
        let replace = reader.take_bang();
        let file = reader.phrase()?;
        Ok(Self { file, replace })
    }

    fn written(&self) -> String {
        self.file.written()
    }

    fn insists(&self) -> bool {
        self.replace
    }
}

impl Assignment {
    /// `name = value`.
    #[must_use]
    pub fn new(name: impl Into<Phrase>, value: impl Into<Phrase>) -> Self {
        Self {
            name: name.into(),
            value: value.into(),
        }
    }

    /// Reads `NAME = EXPR`, or `NAME EXPR`.
    pub(super) fn split(phrase: &Phrase) -> Result<Self> {
        let (name, value) = assignment(phrase.source(), phrase.span())?;
        let part = |span| super::reader::plain(&Phrase::at(phrase.source(), span));
        Ok(Self {
            name: part(name),
            value: part(value),
        })
    }

    /// The text; `is_plain` says which values may stand without quotes.
    pub(super) fn text(&self, is_plain: impl FnOnce(&str) -> bool) -> String {
        let name = quote::written(self.name.text(), is_target);
        let value = quote::written(self.value.text(), is_plain);
        format!("{name}={value}")
    }
}

impl Argument for Assignment {
    fn read(reader: &mut LineReader) -> Result<Self> {
        let whole = reader.left();
        if reader.is_done() {
            return Err(reader.missing());
        }
        let read = Self::split(&whole)?;
        reader.skip_all();
        Ok(read)
    }

    fn written(&self) -> String {
        self.text(|_| true)
    }
}
