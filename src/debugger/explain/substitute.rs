//! Puts values for names: the tree of a line's right side, for one element of what it gives.
//!
//! What works on each element is built for the element: `beta1*m[2] + ...`. What needs a whole vector or
//! matrix is built of the whole, and the element is taken of what it gives: `(P @ g)[2]`.

use super::{
    Known, product,
    shape::{shape, whole_number},
    term::{ChainStep, Term},
    writer::{ElementPlace, FormulaWriter, is_by_element},
};
use crate::{
    lang::{
        graph::Extent,
        syntax::{Expr, ExprKind, Infix},
    },
    value::{Real, Value},
};

/// Builds trees.
#[derive(Clone, Copy)]
pub(super) struct Substitution<'a> {
    /// The values that names stand for.
    pub known: &'a Known,
    /// True where `@` multiplies the matrices of each tensor: names stand for those of all.
    pub by_tensor: bool,
    /// The element that is built.
    pub place: ElementPlace,
}

impl Substitution<'_> {
    pub fn expr(&self, expr: &Expr) -> Term {
        match &expr.kind {
            ExprKind::Number(value) => Term::Number {
                value: Real(*value),
            },
            ExprKind::Truth(value) => Term::Truth { value: *value },
            ExprKind::Name(name) => self.name(name),
            ExprKind::Index(vector, index) => self.part(expr, vector, &[index]),
            ExprKind::Entry(matrix, row, column) => self.part(expr, matrix, &[row, column]),
            ExprKind::Slice(..) | ExprKind::Part(..) => Term::Source {
                text: self.formula().expr(expr, 0),
            },
            ExprKind::Call(name, _, arguments) => self.call(expr, name, arguments),
            ExprKind::Prefix(operator, operand) => Term::Prefix {
                operator: *operator,
                operand: Box::new(self.expr(operand)),
            },
            ExprKind::Chain(first, rest) => self.chain(first, rest),
        }
    }

    fn at(&self, place: ElementPlace) -> Self {
        Self { place, ..*self }
    }

    fn formula(&self) -> FormulaWriter<'_> {
        FormulaWriter {
            known: self.known,
            place: self.place,
            is_of_tensor: false,
        }
    }

    fn chain(&self, first: &Expr, rest: &[(Infix, Expr)]) -> Term {
        // An element of a product of matrices depends on more than elements.
        let product = rest.iter().rposition(|it| it.0 == Infix::At);
        let is_wanted = self.by_tensor || self.place != ElementPlace::Whole;
        let (first, rest) = match product.filter(|_| is_wanted) {
            Some(last) => {
                let (product, rest) = rest.split_at(last + 1);
                (self.product(first, product), rest)
            }
            None => (self.expr(first), rest),
        };
        if rest.is_empty() {
            return first;
        }
        let rest = rest.iter().map(|(operator, operand)| ChainStep {
            operator: *operator,
            operand: self.expr(operand),
        });
        Term::Chain {
            first: Box::new(first),
            rest: rest.collect(),
        }
    }

    /// An element of a product of matrices: its number, where they are too large to be written out.
    fn product(&self, first: &Expr, rest: &[(Infix, Expr)]) -> Term {
        if self.by_tensor {
            let text = self.formula().at(ElementPlace::Whole).chain(first, rest, 9);
            let index: Vec<String> = self.place.index().iter().map(usize::to_string).collect();
            let text = if index.is_empty() {
                text
            } else {
                format!("{text}[{}]", index.join(","))
            };
            return Term::Source { text };
        }
        let mut factors = std::iter::once(first).chain(rest.iter().map(|it| &it.1));
        let is_large = factors.any(|factor| match &factor.kind {
            ExprKind::Name(name) => self
                .known
                .get(name)
                .is_some_and(|it| Term::told(it).is_none()),
            _ => false,
        });
        let index = self.place.index();
        if is_large && let Some(number) = product::element(self.known, first, rest, self.place) {
            return Term::Name {
                name: self.formula().at(ElementPlace::Whole).chain(first, rest, 9),
                index,
                value: Some(Value::Scalar(number)),
            };
        }
        Term::Element {
            of: Box::new(self.at(ElementPlace::Whole).chain(first, rest)),
            index,
        }
    }

    fn call(&self, call: &Expr, name: &str, arguments: &[Expr]) -> Term {
        if let Some(part) = self.part_of_call(name, arguments) {
            return part;
        }
        if name == "sum" && arguments.len() == 4 {
            // Its index has no single value.
            return Term::Source {
                text: self.formula().expr(call, 0),
            };
        }
        let by_element = is_by_element(name, arguments.len());
        let inner = if by_element {
            *self
        } else {
            self.at(ElementPlace::Whole)
        };
        Term::Call {
            function: name.to_owned(),
            arguments: arguments.iter().map(|it| inner.expr(it)).collect(),
            index: if by_element || shape(self.known, call) == Extent::Scalar {
                Vec::new()
            } else {
                self.place.index()
            },
        }
    }

    /// An element of what a function of the whole gives, where that depends on single elements.
    fn part_of_call(&self, name: &str, arguments: &[Expr]) -> Option<Term> {
        let first = arguments.first()?;
        let number = |value| Term::Number { value: Real(value) };
        match (name, self.place) {
            ("outer", ElementPlace::Entry(row, column)) => Some(Term::Chain {
                first: Box::new(self.at(ElementPlace::Element(row)).expr(first)),
                rest: vec![ChainStep {
                    operator: Infix::Times,
                    operand: self
                        .at(ElementPlace::Element(column))
                        .expr(arguments.get(1)?),
                }],
            }),
            ("transpose", ElementPlace::Entry(row, column)) => {
                Some(self.at(ElementPlace::Entry(column, row)).expr(first))
            }
            ("eye", ElementPlace::Entry(row, column)) => {
                Some(number(f64::from(u8::from(row == column))))
            }
            ("diag", ElementPlace::Entry(row, column)) if row != column => Some(number(0.0)),
            ("diag", ElementPlace::Entry(row, _)) => {
                Some(self.at(ElementPlace::Element(row)).expr(first))
            }
            ("diag", ElementPlace::Element(at)) => {
                Some(self.at(ElementPlace::Entry(at, at)).expr(first))
            }
            _ => None,
        }
    }

    /// `v[i]`, `A[i, j]`
    fn part(&self, part: &Expr, whole: &Expr, indices: &[&Expr]) -> Term {
        let known = |index: &&Expr| whole_number(self.known, index).filter(|at| *at > 0);
        let numbers: Option<Vec<usize>> = indices.iter().map(known).collect();
        let place = match numbers.as_deref() {
            Some([at]) => ElementPlace::Element(at - 1),
            Some([row, column]) => ElementPlace::Entry(row - 1, column - 1),
            _ => {
                return Term::Source {
                    text: self.formula().expr(part, 0),
                };
            }
        };
        if matches!(whole.kind, ExprKind::Name(_)) {
            return self.at(place).expr(whole);
        }
        Term::Element {
            of: Box::new(self.at(ElementPlace::Whole).expr(whole)),
            index: place.index(),
        }
    }

    fn name(&self, name: &str) -> Term {
        let Some(value) = self.known.get(name) else {
            return Term::Name {
                name: name.to_owned(),
                index: Vec::new(),
                value: None,
            };
        };
        let scalar = |number: &f64| Value::Scalar(*number);
        let truth = |holds: &bool| Value::Truth(*holds);
        let one = match (value, self.place) {
            (Value::Scalar(_) | Value::Truth(_), _) => Some(value.clone()),
            (Value::Vector(values), _) if values.len() == 1 => values.first().map(scalar),
            (Value::Truths(values), _) if values.len() == 1 => values.first().map(truth),
            (Value::Vector(values), ElementPlace::Element(at)) => values.get(at).map(scalar),
            (Value::Truths(values), ElementPlace::Element(at)) => values.get(at).map(truth),
            (Value::Matrix(rows), ElementPlace::Entry(row, column)) => {
                rows.get(row).and_then(|row| row.get(column)).map(scalar)
            }
            _ => None,
        };
        let is_single = matches!(value.extent(), Extent::Scalar | Extent::Vector(1));
        Term::Name {
            name: name.to_owned(),
            index: match one {
                Some(_) if !is_single => self.place.index(),
                _ => Vec::new(),
            },
            value: one.or_else(|| Term::told(value)),
        }
    }
}
