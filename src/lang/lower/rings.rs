//! Rings of past values, other shapes of a value, and random numbers.

use super::{Call, Lowering, TypedNode, count, tensor_matrices::TensorMatrices};
use crate::{
    error::{Error, ErrorCode, Result, Span},
    lang::{
        graph::Extent,
        matrix::{Matrix, ring::Ring},
        random::{Distribution, is_seed},
        syntax::Expr,
    },
};

/// Most values that a ring keeps.
const MOST_KEPT: usize = 1000;
/// Most numbers of a ring.
const MOST_NUMBERS: usize = 1 << 27;

fn each(of: Extent) -> String {
    match of {
        Extent::Scalar => "numbers".to_owned(),
        of => format!("vectors of {}", of.len()),
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "checked to be a whole number in range"
)]
fn whole(number: f64) -> Option<usize> {
    (number.fract() == 0.0 && (0.0..1e15).contains(&number)).then_some(number as usize)
}

impl Lowering<'_> {
    /// `ring(m, v)`, whose m has to be known.
    pub(super) fn ring(&mut self, call: &Call<'_>) -> Result<TypedNode> {
        let (kept, value) = (&call.arguments[0], self.expr(&call.arguments[1])?);
        let rows = self.known_before_run(kept, "how many values a ring keeps")?;
        let Some(rows) = whole(rows).filter(|rows| (1..=MOST_KEPT).contains(rows)) else {
            let message = format!("a ring cannot keep {rows} values");
            let error = self.error(kept.span, message);
            return Err(error.help(format!("write a whole number from 1 to {MOST_KEPT}")));
        };
        let of = self.kept(value, call.place(1))?;
        if rows.saturating_mul(of.len()) > MOST_NUMBERS {
            let message = format!("this ring would have {} numbers", rows * of.len());
            let error = self.error(call.span, message);
            return Err(error.help(format!("at most {MOST_NUMBERS}: keep fewer values")));
        }
        let f = Matrix::Filled(Ring { rows, of });
        Ok(TypedNode {
            id: self.graph.matrix(f, vec![value.id]),
            ..value
        })
    }

    /// `push(R, v)`
    pub(super) fn push(&mut self, call: &Call<'_>) -> Result<TypedNode> {
        let (ring, value) = (call.values[0], call.values[1]);
        let of = self.kept(value, call.place(1))?;
        let found = self.ring_of(ring, call.place(0))?;
        if found.of != of {
            let text = self.source.slice(call.place(0));
            let message = format!("`{text}` keeps {}, but this is {of}", each(found.of));
            return Err(self.error(call.place(1), message));
        }
        self.expect_truth(value, ring.truth, call.place(1))?;
        let id = self
            .graph
            .matrix(Matrix::Pushed(found), vec![ring.id, value.id]);
        Ok(TypedNode { id, ..ring })
    }

    /// `past(R, k)`
    pub(super) fn past(&mut self, call: &Call<'_>) -> Result<TypedNode> {
        let (ring, which) = (call.values[0], call.values[1]);
        let found = self.ring_of(ring, call.place(0))?;
        self.expect_truth(ring, false, call.place(0))?;
        self.expect_one(which, call.place(1))?;
        if let Some(&[number]) = self.graph.known(which.id).as_deref()
            && !whole(number).is_some_and(|it| (1..=found.rows).contains(&it))
        {
            let message = format!("the ring keeps no value of number {number}");
            let error = self.error(call.place(1), message);
            let rows = found.rows;
            return Err(error.help(format!(
                "write a whole number from 1, the newest, to {rows}"
            )));
        }
        let id = self
            .graph
            .matrix(Matrix::Past(found), vec![ring.id, which.id]);
        Ok(TypedNode { id, ..ring })
    }

    /// `reshape(v, rows, columns)`, `reshape(v, n)`, `reshape(v, like)`
    pub(super) fn reshape(&mut self, call: &Call<'_>) -> Result<TypedNode> {
        let v = self.expr(&call.arguments[0])?;
        if v.lifted {
            return Err(self.not_a("vector or matrix", Extent::Scalar, call.place(0)));
        }
        let extent = match call.arguments {
            [_, like] => self.shape_like(v, like, call.span)?,
            _ => self.shape_of_sides(v, call)?,
        };
        let len = self.graph.extent(v.id).len();
        if extent.len() != len {
            let message = format!("{} do not make {extent}", count(len, "element"));
            return Err(self.error(call.span, message));
        }
        if self.graph.extent(v.id) == extent {
            return Ok(v);
        }
        let entries: Vec<u32> = (0..u32::try_from(len).unwrap_or(u32::MAX)).collect();
        Ok(TypedNode {
            id: self.graph.gather_as(v.id, &entries, extent),
            ..v
        })
    }

    /// A number that settings which are fixed, shapes and constants make.
    fn known_before_run(&mut self, expr: &Expr, what: &str) -> Result<f64> {
        let value = self.expr(expr)?;
        let known = self.graph.known(value.id);
        match known.as_deref() {
            Some(&[number]) if !value.truth => Ok(number),
            _ => {
                let message = format!("{what} has to be known before the run");
                let error = Error::new(ErrorCode::InvalidValue, self.source, expr.span, message);
                Err(error.help("write a whole number, or the name of a setting of this rule"))
            }
        }
    }

    /// The extent of a value that a ring keeps: a number, or a vector.
    fn kept(&self, value: TypedNode, place: Span) -> Result<Extent> {
        match self.whole_extent(value) {
            of @ (Extent::Scalar | Extent::Vector(_)) => Ok(of),
            other => Err(self
                .not_a("number or vector", other, place)
                .help("a ring keeps numbers, or vectors like w")),
        }
    }

    fn ring_of(&self, ring: TypedNode, place: Span) -> Result<Ring> {
        match self.whole_extent(ring) {
            Extent::Vector(rows) => Ok(Ring {
                rows,
                of: Extent::Scalar,
            }),
            Extent::Matrix(rows, columns) => Ok(Ring {
                rows,
                of: Extent::Vector(columns),
            }),
            other => Err(self
                .not_a("ring", other, place)
                .help("it begins as a state: state past_w = ring(10, w) \"...\"")),
        }
    }

    fn expect_one(&self, value: TypedNode, place: Span) -> Result<()> {
        self.expect_truth(value, false, place)?;
        match self.whole_extent(value) {
            Extent::Scalar => Ok(()),
            other => Err(self.not_a("single number", other, place)),
        }
    }

    /// The extent of `like`, if `v` has as many numbers, in each tensor where there are such; a vector of so many elements
    /// where `like` is their number.
    fn shape_like(&mut self, v: TypedNode, like: &Expr, place: Span) -> Result<Extent> {
        let value = self.expr(like)?;
        let extent = self.whole_extent(value);
        if extent == Extent::Scalar {
            let number = self.known_before_run(like, "the number of elements")?;
            let len = whole(number).filter(|len| *len > 0);
            return len.map(Extent::Vector).ok_or_else(|| {
                let message = format!("{number} is not a number of elements");
                self.error(like.span, message).help("write reshape(v, n)")
            });
        }
        if let (Some(a), Some(b)) = (self.by_tensor(v), self.by_tensor(value)) {
            let mut pairs = a.iter().zip(&b).enumerate();
            if let Some((at, (a, b))) = pairs.find(|(_, (a, b))| a.len() != b.len()) {
                let message = format!(
                    "tensor {} has {} here and {} there",
                    at + 1,
                    count(a.len(), "element"),
                    b.len()
                );
                return Err(self.error(place, message));
            }
        }
        Ok(extent)
    }

    /// The extent of so many rows and columns: for each tensor, where the lines are written so and `v` has its elements.
    fn shape_of_sides(&mut self, v: TypedNode, call: &Call<'_>) -> Result<Extent> {
        let sides = [&call.arguments[1], &call.arguments[2]];
        let Some(tensors) = self.by_tensor(v) else {
            let mut lengths = [0; 2];
            for (length, side) in lengths.iter_mut().zip(sides) {
                let number = self.known_before_run(side, "a number of rows or columns")?;
                *length = self.side(number, side.span)?;
            }
            return Ok(Extent::Matrix(lengths[0], lengths[1]));
        };
        let mut shaped: Vec<TensorMatrices> = tensors.clone();
        for (which, side) in sides.into_iter().enumerate() {
            let value = self.expr(side)?;
            let own = self.by_each(value.id).unwrap_or(value.id);
            let known = self.graph.known(own);
            let known = known.filter(|it| it.len() == 1 || it.len() == tensors.len());
            let Some(known) = known.filter(|_| !value.truth) else {
                let message = "a number of rows or columns has to be known for each tensor";
                return Err(self.error(side.span, message).help(
                    "make it of numbers and of rows(w), columns(w), axis(w, 1) and size(w)",
                ));
            };
            for (at, it) in shaped.iter_mut().enumerate() {
                let number = known[if known.len() == 1 { 0 } else { at }];
                let length = self.side(number, side.span)?;
                it.count = 1;
                *(if which == 0 {
                    &mut it.rows
                } else {
                    &mut it.columns
                }) = length;
            }
        }
        for (at, (own, it)) in tensors.iter().zip(&shaped).enumerate() {
            if own.len() != it.len() {
                let (rows, columns) = (it.rows, it.columns);
                let message = format!(
                    "{} do not make a {rows}x{columns} matrix",
                    count(own.len(), "element")
                );
                let error = self.error(call.span, message);
                return Err(error.context(&format!("tensor {}", at + 1)));
            }
        }
        let extent = self.extent_by_tensor(&shaped);
        extent.ok_or_else(|| self.no_shape(call.span))
    }

    fn side(&self, number: f64, place: Span) -> Result<usize> {
        whole(number).filter(|it| *it > 0).ok_or_else(|| {
            let text = self.source.slice(place);
            self.error(
                place,
                format!("`{text}` is {number}, no number of rows or columns"),
            )
        })
    }

    /// A random number for each element of the second argument, by the seed that is the first.
    pub(super) fn random(&mut self, of: Distribution, call: &Call<'_>) -> Result<TypedNode> {
        let (seed, like) = (call.values[0], call.values[1]);
        self.expect_one(seed, call.place(0))?;
        if let Some(&[number]) = self.graph.known(seed.id).as_deref()
            && !is_seed(number)
        {
            let error = self.error(call.place(0), format!("{number} is no seed"));
            let help = "write a whole number below 2^53, or the name of a setting that has one";
            return Err(error.help(help));
        }
        if like.lifted {
            let error = self.error(call.span, "random numbers cannot be drawn within a sum");
            return Err(error.help("draw a vector on a line of its own"));
        }
        let Some(t) = self.scope.name(self.graph, "t", 0) else {
            let error = self.error(call.span, "random numbers are drawn in the lines of a rule");
            return Err(error.coded(ErrorCode::NotAllowed));
        };
        let (line, again) = self.scope.line();
        let draw = (line << 32) | (again << 16) | self.draws;
        self.draws += 1;
        let extent = self.graph.extent(like.id);
        let f = Matrix::Random { of, draw, extent };
        Ok(TypedNode::number(self.graph.matrix(f, vec![seed.id, t.id])))
    }
}
