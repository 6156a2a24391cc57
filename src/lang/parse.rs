//! Tokens to a syntax tree, by precedence climbing.
//!
//! The grammar, loosest first; each level is left-associative except `^`:
//!
//! ```text
//! expr     = or
//! or       = and  { "or" and }
//! and      = not  { "and" not }
//! not      = "not" not | compare
//! compare  = sum  [ ("<" | "<=" | ">" | ">=" | "==" | "!=") sum ]      (no chains: a < b < c is refused)
//! sum      = product { ("+" | "-") product }
//! product  = minus { ("*" | "/" | "@") minus }
//! minus    = "-" minus | power
//! power    = postfix [ "^" minus ]                                     (right: 2^3^2 = 512, 2^-1 = 0.5)
//! postfix  = primary [ "[" expr [ "," expr ] "]" ]
//! primary  = number | name | name "(" [ expr { "," expr } ] ")" | "(" expr ")" | "true" | "false"
//! ```

use super::{
    synonym::{self, MeantKind},
    syntax::{Expr, ExprKind, INFIX, Infix, MINUS, NOT, Prefix},
    token::{Spanned, Token, tokens},
};
use crate::error::{Error, Result, Source, Span};
use std::sync::Arc;

/// Deepest nesting that is read.
pub const MAX_NESTING: usize = 256;

/// What can stand where an expression begins.
const A_VALUE: &str = "write a number, a name, a call or a bracket here";

/// Reads all of `source` as one expression.
///
/// # Errors
/// Anything that is not an expression of the grammar above, with its place.
pub fn expression(source: &Arc<Source>) -> Result<Expr> {
    expression_within(source, Span::new(0, source.text.len()))
}

/// Reads the part `within` of `source` as one expression.
///
/// # Errors
/// As [`expression`].
pub fn expression_within(source: &Arc<Source>, within: Span) -> Result<Expr> {
    let mut parser = Parser::new(source, within)?;
    let expr = parser.expr(0)?;
    parser.finish()?;
    Ok(expr)
}

struct Parser<'a> {
    source: &'a Arc<Source>,
    tokens: Vec<Spanned>,
    at: usize,
    depth: usize,
}

impl<'a> Parser<'a> {
    fn new(source: &'a Arc<Source>, within: Span) -> Result<Self> {
        Ok(Self {
            source,
            tokens: tokens(source, within)?,
            at: 0,
            depth: 0,
        })
    }

    fn peek(&self) -> &Spanned {
        &self.tokens[self.at]
    }

    fn next(&mut self) -> Spanned {
        let token = self.tokens[self.at].clone();
        self.at = (self.at + 1).min(self.tokens.len() - 1);
        token
    }

    fn at_symbol(&self, symbol: &str) -> bool {
        matches!(self.peek().0, Token::Symbol(found) if found == symbol)
    }

    fn error(&self, span: Span, message: impl Into<String>) -> Error {
        Error::syntax(self.source, span, message)
    }

    fn deeper(&mut self) -> Result<()> {
        self.depth += 1;
        if self.depth <= MAX_NESTING {
            return Ok(());
        }
        Err(self
            .error(
                self.peek().1,
                format!("nested more than {MAX_NESTING} levels deep"),
            )
            .help("give a part of it a name on its own line"))
    }

    /// An expression whose operators bind at least as tightly as `floor`.
    fn expr(&mut self, floor: u8) -> Result<Expr> {
        self.deeper()?;
        let mut left = self.operand()?;
        while let Some((operator, binding)) = self.infix() {
            if binding < floor {
                break;
            }
            left = self.chain(left, operator, binding)?;
        }
        self.depth -= 1;
        Ok(left)
    }

    /// `left op right { op right }` for all operators of one level.
    fn chain(&mut self, left: Expr, operator: Infix, binding: u8) -> Result<Expr> {
        let mut span = left.span;
        let mut rest: Vec<(Infix, Expr)> = Vec::new();
        let mut next = Some((operator, binding));
        while let Some((operator, level)) = next {
            if level != binding {
                break;
            }
            let (_, place) = self.next();
            let is_comparison = (Infix::Less..=Infix::Unequal).contains(&operator);
            if is_comparison && !rest.is_empty() {
                return Err(self
                    .error(place, "comparisons do not chain")
                    .help("write `a < b and b < c`"));
            }
            // `^` takes a whole unary expression at its right, itself included: right-associative.
            let floor = if operator == Infix::Power {
                binding
            } else {
                binding + 1
            };
            let right = self.expr(floor)?;
            span = span.to(right.span);
            rest.push((operator, right));
            next = self.infix();
        }
        Ok(Expr {
            kind: ExprKind::Chain(Box::new(left), rest),
            span,
        })
    }

    fn infix(&self) -> Option<(Infix, u8)> {
        let word = match &self.peek().0 {
            Token::Symbol(symbol) => *symbol,
            Token::Name(name) => name.as_str(),
            _ => return None,
        };
        INFIX
            .iter()
            .find(|row| row.0 == word)
            .map(|row| (row.1, row.2))
    }

    /// A prefix operator with its operand, or a primary with its indices.
    fn operand(&mut self) -> Result<Expr> {
        let start = self.peek().1;
        let (prefix, binding) = match &self.peek().0 {
            Token::Symbol("-") => (Prefix::Minus, MINUS),
            Token::Name(name) if name == "not" => (Prefix::Not, NOT),
            Token::Symbol("+") => {
                self.next();
                return self.expr(MINUS);
            }
            _ => {
                let mut operand = self.primary()?;
                while self.at_symbol("[") {
                    operand = self.index(operand)?;
                }
                return Ok(operand);
            }
        };
        self.next();
        let operand = self.expr(binding)?;
        Ok(Expr {
            span: start.to(operand.span),
            kind: ExprKind::Prefix(prefix, Box::new(operand)),
        })
    }

    fn index(&mut self, vector: Expr) -> Result<Expr> {
        let (_, open) = self.next();
        if let Token::Quoted(name) = self.peek().0.clone() {
            self.next();
            let close = self.close("]", open)?;
            let span = vector.span.to(close);
            let kind = ExprKind::Part(Box::new(vector), name);
            return Ok(Expr { kind, span });
        }
        let index = self.expr(0)?;
        let mut column = None;
        let mut last = None;
        if self.at_symbol(",") {
            self.next();
            column = Some(self.expr(0)?);
        } else if self.at_symbol("..") {
            self.next();
            last = Some(self.expr(0)?);
        }
        let close = self.close("]", open)?;
        if self.at_symbol("[") && last.is_none() {
            return Err(self
                .error(self.peek().1, "an element of a vector has no elements")
                .help("an element of a matrix is written A[i, j]"));
        }
        let span = vector.span.to(close);
        let (base, index) = (Box::new(vector), Box::new(index));
        let kind = match (column, last) {
            (Some(column), _) => ExprKind::Entry(base, index, Box::new(column)),
            (None, Some(last)) => ExprKind::Slice(base, index, Box::new(last)),
            (None, None) => ExprKind::Index(base, index),
        };
        Ok(Expr { kind, span })
    }

    fn primary(&mut self) -> Result<Expr> {
        let (token, span) = self.next();
        let kind = match token {
            Token::Number(value) => ExprKind::Number(value),
            Token::Name(name) if INFIX.iter().any(|row| row.0 == name) => {
                return Err(self.error(span, format!("`{name}` needs a value on its left")));
            }
            Token::Name(name) if self.at_symbol("(") => return self.call(name, span),
            Token::Name(name) if name == "true" => ExprKind::Truth(true),
            Token::Name(name) if name == "false" => ExprKind::Truth(false),
            Token::Name(name) => ExprKind::Name(name),
            Token::Symbol("(") => {
                let inner = self.expr(0)?;
                let close = self.close(")", span)?;
                return Ok(Expr {
                    kind: inner.kind,
                    span: span.to(close),
                });
            }
            Token::Quoted(name) => {
                return Err(self
                    .error(span, format!("`\"{name}\"` is no value"))
                    .help(format!("a tensor is a part of a vector: w[\"{name}\"]")));
            }
            Token::Symbol("=") => {
                return Err(self.error(span, "`=` does not compare").help("write `==`"));
            }
            Token::Symbol(")") => {
                return Err(self.unopened(span));
            }
            Token::Symbol(symbol) => {
                return Err(self
                    .error(span, format!("expected a value, found `{symbol}`"))
                    .help(A_VALUE));
            }
            Token::End => {
                return Err(self
                    .error(span, "expected a value, found the end")
                    .label("here")
                    .help(A_VALUE));
            }
        };
        Ok(Expr { kind, span })
    }

    fn call(&mut self, name: String, name_span: Span) -> Result<Expr> {
        let (_, open) = self.next();
        let mut arguments = Vec::new();
        while !self.at_symbol(")") {
            if !arguments.is_empty() {
                if !self.at_symbol(",") {
                    break;
                }
                self.next();
            }
            arguments.push(self.expr(0)?);
        }
        let close = self.close(")", open)?;
        Ok(Expr {
            kind: ExprKind::Call(name, name_span, arguments),
            span: name_span.to(close),
        })
    }

    fn close(&mut self, bracket: &str, open: Span) -> Result<Span> {
        let (token, span) = self.next();
        if matches!(token, Token::Symbol(found) if found == bracket) {
            return Ok(span);
        }
        if token == Token::End {
            let message = format!("this bracket is never closed by `{bracket}`");
            return Err(self
                .error(open, message)
                .help(format!("write `{bracket}` behind what it encloses")));
        }
        Err(self
            .unexpected(&token, span)
            .label(format!("expected `{bracket}` or an operator")))
    }

    fn finish(&mut self) -> Result<()> {
        let (token, span) = self.next();
        match token {
            Token::End => Ok(()),
            Token::Symbol("=") => Err(self.error(span, "`=` does not compare").help("write `==`")),
            Token::Symbol(")") => Err(self.unopened(span)),
            other => Err(self.unexpected(&other, span)),
        }
    }

    fn unopened(&self, span: Span) -> Error {
        self.error(span, "this `)` closes nothing")
            .help("leave it out, or write `(` before what it closes")
    }

    fn unexpected(&self, token: &Token, span: Span) -> Error {
        let found = match token {
            Token::Quoted(name) => format!("`\"{name}\"`"),
            Token::Number(value) => format!("`{value}`"),
            Token::Name(name) => format!("`{name}`"),
            Token::Symbol(symbol) => format!("`{symbol}`"),
            Token::End => "the end".to_owned(),
        };
        let error = self.error(span, format!("expected an operator, found {found}"));
        let named = match token {
            Token::Name(name) => synonym::of(MeantKind::Operator, name),
            _ => None,
        };
        let before = self.source.text[..span.start]
            .split_whitespace()
            .next_back();
        let before = || synonym::of(MeantKind::Operator, before?);
        match token {
            Token::Number(_) | Token::Name(_) | Token::Symbol("(") => {
                error.help(named.or_else(before).unwrap_or("to multiply, write `*`"))
            }
            _ => error,
        }
    }
}
