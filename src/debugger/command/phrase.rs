//! Parts of a command with the places that they were read from, so that an error can point at them.

use crate::error::{Error, ErrorCode, Source, Span};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::{borrow::Cow, fmt, ops::Deref, sync::Arc};

/// Text of a command: an expression, a file, a target. Two are equal where their texts are.
#[derive(Debug, Clone)]
pub struct Phrase {
    source: Arc<Source>,
    span: Span,
}

/// One word of a command: a lane, a setting, a rule. Blanks and quotes within it are written in quotes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Name(Phrase);

/// A number of a command, and the place that it was read from, if it was. Two are equal where the numbers are.
#[derive(Debug, Clone)]
pub struct Located<T> {
    /// The number.
    pub value: T,
    place: Option<Phrase>,
}

impl Phrase {
    /// The part `span` of `source`.
    #[must_use]
    pub fn at(source: &Arc<Source>, span: Span) -> Self {
        Self {
            source: Arc::clone(source),
            span,
        }
    }

    /// The text.
    #[must_use]
    pub fn text(&self) -> &str {
        self.source.slice(self.span)
    }

    /// The text that it is part of.
    #[must_use]
    pub fn source(&self) -> &Arc<Source> {
        &self.source
    }

    /// The place of it there.
    #[must_use]
    pub fn span(&self) -> Span {
        self.span
    }

    /// The bytes `from..to` of it.
    #[must_use]
    pub fn part(&self, from: usize, to: usize) -> Self {
        let span = Span::new(self.span.start + from, self.span.start + to);
        Self::at(&self.source, span)
    }

    /// The same without blanks around it.
    #[must_use]
    pub fn trimmed(&self) -> Self {
        let text = self.text();
        let from = text.len() - text.trim_start().len();
        self.part(from, from + text.trim().len())
    }

    /// An error at its place.
    pub fn error(&self, message: impl Into<String>) -> Error {
        Error::new(ErrorCode::InvalidValue, &self.source, self.span, message)
    }
}

impl<S: Into<String>> From<S> for Phrase {
    fn from(text: S) -> Self {
        let source = Source::new("<command>", text);
        let span = Span::new(0, source.text.len());
        Self { source, span }
    }
}

impl PartialEq for Phrase {
    fn eq(&self, other: &Self) -> bool {
        self.text() == other.text()
    }
}

impl Eq for Phrase {}

impl Serialize for Phrase {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.text())
    }
}

/// From a text, or from a number, which is an expression too.
impl<'de> Deserialize<'de> for Phrase {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TextOrNumber;

        impl de::Visitor<'_> for TextOrNumber {
            type Value = Phrase;

            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("a text or a number")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Phrase, E> {
                Ok(text.into())
            }

            fn visit_f64<E: de::Error>(self, number: f64) -> Result<Phrase, E> {
                Ok(format!("{number:?}").into())
            }

            fn visit_i64<E: de::Error>(self, number: i64) -> Result<Phrase, E> {
                Ok(number.to_string().into())
            }

            fn visit_u64<E: de::Error>(self, number: u64) -> Result<Phrase, E> {
                Ok(number.to_string().into())
            }
        }

        deserializer.deserialize_any(TextOrNumber)
    }
}

impl JsonSchema for Phrase {
    fn schema_name() -> Cow<'static, str> {
        "Phrase".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A text as a command line has it; a number is an expression too.",
            "type": ["string", "number"]
        })
    }
}

impl Name {
    /// The name that `phrase` says.
    #[must_use]
    pub fn of(phrase: Phrase) -> Self {
        Self(phrase)
    }
}

impl Deref for Name {
    type Target = Phrase;

    fn deref(&self) -> &Phrase {
        &self.0
    }
}

impl<S: Into<String>> From<S> for Name {
    fn from(text: S) -> Self {
        Self(text.into().into())
    }
}

impl<T> Located<T> {
    /// A number that was read from `place`.
    #[must_use]
    pub fn at(value: T, place: Phrase) -> Self {
        Self {
            value,
            place: Some(place),
        }
    }

    /// An error at its place.
    pub fn error(&self, message: impl Into<String>) -> Error {
        match &self.place {
            Some(place) => place.error(message),
            None => Error::plain(ErrorCode::InvalidValue, message),
        }
    }
}

impl<T> From<T> for Located<T> {
    fn from(value: T) -> Self {
        Self { value, place: None }
    }
}

impl<T: Default> Default for Located<T> {
    fn default() -> Self {
        T::default().into()
    }
}

impl<T: PartialEq> PartialEq for Located<T> {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl<T: Serialize> Serialize for Located<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.value.serialize(serializer)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Located<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::deserialize(deserializer).map(Self::from)
    }
}

impl<T: JsonSchema> JsonSchema for Located<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        T::schema_name()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        generator.subschema_for::<T>()
    }
}
