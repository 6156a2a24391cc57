//! The right side of a line with the values that its names had, as a tree.

use super::brackets::{self, TIGHTEST};
use crate::{
    format::{exact, short},
    lang::syntax::{Infix, MINUS, Prefix},
    value::{Real, Value},
};
use schemars::JsonSchema;
use serde::Serialize;

/// An expression, and what its names stand for.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Term {
    /// A number of the rule's text.
    Number {
        /// The number.
        value: Real,
    },
    /// `true` or `false`.
    Truth {
        /// The truth value.
        value: bool,
    },
    /// A setting, a variable or an element of one.
    Name {
        /// The name.
        name: String,
        /// The element, from 1: one index of a vector, row and column of a matrix; empty for the whole.
        index: Vec<usize>,
        /// The value that it had; null where a vector or a matrix is too large to be told.
        value: Option<Value>,
    },
    /// `-a` or `not a`.
    Prefix {
        /// The operator's symbol.
        #[serde(serialize_with = "prefix")]
        #[schemars(with = "String")]
        operator: Prefix,
        /// The operand.
        operand: Box<Term>,
    },
    /// `a op b op c`, grouped from the left; a power has one operation.
    Chain {
        /// The first operand.
        first: Box<Term>,
        /// The operators and the operands at their right.
        rest: Vec<ChainStep>,
    },
    /// `f(a, b)`, or an element of what it gives.
    Call {
        /// The function's name.
        function: String,
        /// The arguments.
        arguments: Vec<Term>,
        /// The element, from 1, where the function gives several.
        index: Vec<usize>,
    },
    /// An element of what an expression gives.
    Element {
        /// The expression.
        of: Box<Term>,
        /// The element, from 1.
        index: Vec<usize>,
    },
    /// A part that stays as the rule has it, like a sum over an index.
    Source {
        /// The text of the rule.
        text: String,
    },
}

/// An operator and the operand at its right.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ChainStep {
    /// The operator's symbol.
    #[serde(serialize_with = "infix")]
    #[schemars(with = "String")]
    pub operator: Infix,
    /// The operand.
    pub operand: Term,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde asks with a reference"
)]
fn prefix<S: serde::Serializer>(operator: &Prefix, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(match operator {
        Prefix::Minus => "-",
        Prefix::Not => "not",
    })
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde asks with a reference"
)]
fn infix<S: serde::Serializer>(operator: &Infix, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(operator.symbol())
}

/// Rows, columns and elements of what is written out as a whole; larger ones keep their names.
const SMALL: usize = 3;

impl Term {
    /// The text with numbers for names, to four digits.
    #[must_use]
    pub fn short(&self) -> String {
        self.write(short, 0)
    }

    /// The text with numbers for names, each to its last bit: what the language computes of it is the value.
    #[must_use]
    pub fn exact(&self) -> String {
        self.write(exact, 0)
    }

    /// Writes it, in brackets where an operator around it binds tighter than `floor`.
    fn write(&self, number: fn(f64) -> String, floor: u8) -> String {
        match self {
            Self::Number { value } => number(value.0),
            Self::Truth { value } => value.to_string(),
            Self::Name { name, value, .. } => match value {
                Some(Value::Scalar(value)) => signed(number(*value), floor),
                Some(value) => literal(value, number),
                None => name.clone(),
            },
            Self::Prefix { operator, operand } => {
                brackets::prefix(*operator, floor, |binding| operand.write(number, binding))
            }
            Self::Chain { first, rest } => {
                let atomic = matches!(**first, Self::Name { .. } | Self::Element { .. });
                let left = brackets::left(rest.first().map(|it| it.operator), atomic);
                let rest = rest.iter().map(|it| (it.operator, &it.operand));
                let write = |operand: &Self, floor| operand.write(number, floor);
                brackets::chain(first.write(number, left), rest, floor, write)
            }
            Self::Call {
                function,
                arguments,
                index,
            } => {
                let texts: Vec<String> = arguments.iter().map(|it| it.write(number, 0)).collect();
                format!("{function}({}){}", texts.join(", "), suffix(index))
            }
            Self::Element { of, index } => {
                format!("{}{}", of.write(number, TIGHTEST), suffix(index))
            }
            Self::Source { text } => text.clone(),
        }
    }

    /// The value of a name that is small enough to be told.
    pub(super) fn told(value: &Value) -> Option<Value> {
        let is_small = match value {
            Value::Scalar(_) | Value::Truth(_) => true,
            Value::Vector(values) => values.len() <= SMALL,
            Value::Matrix(rows) => rows.len() <= SMALL && rows.iter().all(|row| row.len() <= SMALL),
            Value::Truths(values) => values.len() <= SMALL,
        };
        is_small.then(|| value.clone())
    }
}

/// `[2]`, `[1, 2]`; nothing for the whole.
fn suffix(index: &[usize]) -> String {
    if index.is_empty() {
        return String::new();
    }
    let texts: Vec<String> = index.iter().map(usize::to_string).collect();
    format!("[{}]", texts.join(", "))
}

/// A vector or a matrix, written out.
fn literal(value: &Value, number: fn(f64) -> String) -> String {
    let list = |values: &[f64]| {
        let values: Vec<String> = values.iter().map(|value| number(*value)).collect();
        format!("[{}]", values.join(", "))
    };
    match value {
        Value::Matrix(rows) => {
            let rows: Vec<String> = rows.iter().map(|row| list(row)).collect();
            format!("[{}]", rows.join(", "))
        }
        Value::Truth(_) | Value::Truths(_) => value.to_string(),
        other => list(&other.numbers()),
    }
}

/// A number, in brackets where its minus sign or its power of ten would be misread.
fn signed(text: String, floor: u8) -> String {
    let scientific = text.contains('e');
    if (text.starts_with('-') && floor > Infix::Plus.binding()) || (scientific && floor > MINUS) {
        format!("({text})")
    } else {
        text
    }
}
