//! Values of expressions: numbers and truth values, alone, in vectors and in matrices.

use crate::{
    format::{Notation, exact, non_finite, short},
    lang::graph::Extent,
};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::{borrow::Cow, fmt};

/// The value of an expression.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// A truth value.
    Truth(bool),
    /// A number.
    Scalar(f64),
    /// A vector of numbers.
    Vector(Vec<f64>),
    /// A matrix of numbers, by its rows.
    Matrix(Vec<Vec<f64>>),
    /// A vector of truth values.
    Truths(Vec<bool>),
}

impl Value {
    /// The value of this extent with these elements, a matrix's row by row.
    #[must_use]
    pub fn of(extent: Extent, elements: &[f64]) -> Self {
        match extent {
            Extent::Scalar => Self::Scalar(elements.first().copied().unwrap_or(f64::NAN)),
            Extent::Vector(_) | Extent::Matrices(..) => Self::Vector(elements.to_vec()),
            Extent::Matrix(_, columns) => {
                let rows = elements.chunks(columns.max(1));
                Self::Matrix(rows.map(<[f64]>::to_vec).collect())
            }
        }
    }

    /// The truth value, or the truth values of all elements.
    #[must_use]
    pub fn of_truth(extent: Extent, elements: &[f64]) -> Self {
        match (extent, elements) {
            (Extent::Scalar, [holds]) => Self::Truth(*holds != 0.0),
            _ => Self::Truths(elements.iter().map(|it| *it != 0.0).collect()),
        }
    }

    /// The shape.
    #[must_use]
    pub fn extent(&self) -> Extent {
        match self {
            Self::Truth(_) | Self::Scalar(_) => Extent::Scalar,
            Self::Vector(values) => Extent::Vector(values.len()),
            Self::Truths(values) => Extent::Vector(values.len()),
            Self::Matrix(rows) => Extent::Matrix(rows.len(), rows.first().map_or(0, Vec::len)),
        }
    }

    /// The numbers, a matrix's row by row; a truth value is 1 or 0.
    #[must_use]
    pub fn numbers(&self) -> Vec<f64> {
        let number = |holds: &bool| f64::from(u8::from(*holds));
        match self {
            Self::Truth(holds) => vec![number(holds)],
            Self::Scalar(value) => vec![*value],
            Self::Vector(values) => values.clone(),
            Self::Truths(values) => values.iter().map(number).collect(),
            Self::Matrix(rows) => rows.concat(),
        }
    }

    /// The first few numbers to four digits, or truth values, for a table.
    #[must_use]
    pub fn brief(&self) -> String {
        /// Numbers that are shown.
        const FEW: usize = 4;
        let values = self.numbers();
        let shown = values.iter().take(FEW).map(|value| match self {
            Self::Truth(_) | Self::Truths(_) => (*value != 0.0).to_string(),
            _ => short(*value),
        });
        let more = if values.len() > FEW { " ..." } else { "" };
        format!("{}{more}", shown.collect::<Vec<_>>().join("  "))
    }

    /// As `set` takes it: the entries of a matrix are one list, row by row.
    #[must_use]
    pub fn flat(&self) -> String {
        match self {
            Self::Matrix(rows) => Self::Vector(rows.concat()).to_string(),
            other => other.to_string(),
        }
    }

    /// In a caption: its numbers in `notation`, vectors in brackets.
    #[must_use]
    pub fn caption(&self, notation: Notation) -> String {
        let list = |texts: Vec<String>| format!("({})", texts.join(", "));
        let numbers = |values: &[f64]| list(values.iter().map(|it| notation.write(*it)).collect());
        match self {
            Self::Scalar(value) => notation.write(*value),
            Self::Truth(holds) => holds.to_string(),
            Self::Vector(values) => numbers(values),
            Self::Matrix(rows) => list(rows.iter().map(|row| numbers(row)).collect()),
            Self::Truths(values) => list(values.iter().map(ToString::to_string).collect()),
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        /// Elements of a long vector that are written out at each end.
        const ENDS: usize = 8;
        let list = |f: &mut fmt::Formatter<'_>, texts: Vec<String>| {
            if texts.len() <= 2 * ENDS + 1 {
                return write!(f, "[{}]", texts.join(", "));
            }
            let (head, tail) = (&texts[..ENDS], &texts[texts.len() - ENDS..]);
            let count = texts.len();
            write!(
                f,
                "[{}, ..., {}] ({count} elements)",
                head.join(", "),
                tail.join(", ")
            )
        };
        match self {
            Self::Truth(holds) => write!(f, "{holds}"),
            Self::Scalar(value) => f.write_str(&exact(*value)),
            Self::Vector(values) => list(f, values.iter().map(|value| exact(*value)).collect()),
            Self::Matrix(rows) => list(
                f,
                rows.iter()
                    .map(|row| Self::Vector(row.clone()).to_string())
                    .collect(),
            ),
            Self::Truths(values) => list(f, values.iter().map(ToString::to_string).collect()),
        }
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Truth(holds) => serializer.serialize_bool(*holds),
            Self::Scalar(value) => Real(*value).serialize(serializer),
            Self::Truths(values) => values.serialize(serializer),
            Self::Vector(values) => serializer.collect_seq(values.iter().map(|value| Real(*value))),
            Self::Matrix(rows) => {
                serializer.collect_seq(rows.iter().map(|row| Self::Vector(row.clone())))
            }
        }
    }
}

/// A number in JSON: those that JSON lacks are the strings "NaN", "Infinity" and "-Infinity".
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Real(pub f64);

impl Serialize for Real {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match non_finite(self.0) {
            Some(name) => serializer.serialize_str(name),
            None => serializer.serialize_f64(self.0),
        }
    }
}

impl<'a> Deserialize<'a> for Real {
    fn deserialize<D: Deserializer<'a>>(deserializer: D) -> Result<Self, D::Error> {
        let value = serde_json::Value::deserialize(deserializer)?;
        let found = match value.as_str() {
            Some(name) => name.parse().ok().filter(|it| non_finite(*it) == Some(name)),
            None => value.as_f64(),
        };
        let wrong = || de::Error::custom(format!("{value} is not a number"));
        found.map(Self).ok_or_else(wrong)
    }
}

impl JsonSchema for Real {
    fn schema_name() -> Cow<'static, str> {
        "Real".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A 64-bit number; those that JSON lacks are strings.",
            "anyOf": [
                {"type": "number"},
                {"type": "string", "enum": ["NaN", "Infinity", "-Infinity"]}
            ]
        })
    }
}

impl JsonSchema for Value {
    fn schema_name() -> Cow<'static, str> {
        "Value".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let real = generator.subschema_for::<Real>();
        json_schema!({
            "description": "A truth value or a number, a vector of these, or a matrix of numbers by its rows.",
            "anyOf": [
                {"type": "boolean"},
                real,
                {"type": "array", "items": {"type": "boolean"}},
                {"type": "array", "items": real},
                {"type": "array", "items": {"type": "array", "items": real}}
            ]
        })
    }
}

/// `w[2]`, `S[1, 2]`: the element `at` (from 0, row by row) of `name`; a scalar has none but itself.
#[must_use]
pub fn element_name(name: &str, extent: Extent, at: usize) -> String {
    match extent {
        Extent::Scalar | Extent::Vector(1) => name.to_owned(),
        Extent::Vector(_) | Extent::Matrices(..) => format!("{name}[{}]", at + 1),
        Extent::Matrix(_, columns) => {
            format!("{name}[{}, {}]", at / columns + 1, at % columns + 1)
        }
    }
}

/// True where all elements are equal: a NaN equals itself, and 0 equals -0.
#[inline]
#[must_use]
pub fn is_same(a: &[f64], b: &[f64]) -> bool {
    let equal = |(a, b): (&f64, &f64)| a == b || (a.is_nan() && b.is_nan());
    a.iter().zip(b).all(equal)
}
