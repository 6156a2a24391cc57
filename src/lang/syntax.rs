//! The syntax tree: what the parser makes of the tokens.

use crate::error::Span;

/// An expression and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Expr {
    /// The kind of expression, with its parts.
    pub kind: ExprKind,
    /// The text it was read from.
    pub span: Span,
}

/// The forms an expression can take.
///
/// Chains of one precedence level (`a + b - c`) are kept flat, so that the depth of a tree is bounded
/// by the nesting that the parser admits, however long a sum is.
#[derive(Debug, Clone, PartialEq)]
pub enum ExprKind {
    /// A literal number.
    Number(f64),
    /// `true` or `false`.
    Truth(bool),
    /// A variable, a setting, a constant.
    Name(String),
    /// `v[i]`.
    Index(Box<Expr>, Box<Expr>),
    /// `v[i..j]`: the vector, the first element and the last.
    Slice(Box<Expr>, Box<Expr>, Box<Expr>),
    /// `v["name"]`: the part of the vector that belongs to the tensor of this name.
    Part(Box<Expr>, String),
    /// `A[i, j]`: the matrix, its row, its column.
    Entry(Box<Expr>, Box<Expr>, Box<Expr>),
    /// `f(a, b)`: the name, where the name stands, the arguments.
    Call(String, Span, Vec<Expr>),
    /// `-a` or `not a`.
    Prefix(Prefix, Box<Expr>),
    /// `a op b op c`, grouped from the left; also the right-associative `^` with one right operand.
    Chain(Box<Expr>, Vec<(Infix, Expr)>),
}

/// Operators that stand before their operand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Prefix {
    /// `-`
    Minus,
    /// `not`
    Not,
}

/// Operators that stand between their operands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Infix {
    /// `or`
    Or,
    /// `and`
    And,
    /// `<`
    Less,
    /// `<=`
    LessEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterEqual,
    /// `==`
    Equal,
    /// `!=`
    Unequal,
    /// `+`
    Plus,
    /// `-`
    Minus,
    /// `*`
    Times,
    /// `/`
    Over,
    /// `@`, the matrix product
    At,
    /// `^`
    Power,
}

/// Every infix operator: how it is written and how tightly it binds.
pub const INFIX: [(&str, Infix, u8); 14] = [
    ("or", Infix::Or, 1),
    ("and", Infix::And, 2),
    ("<", Infix::Less, 4),
    ("<=", Infix::LessEqual, 4),
    (">", Infix::Greater, 4),
    (">=", Infix::GreaterEqual, 4),
    ("==", Infix::Equal, 4),
    ("!=", Infix::Unequal, 4),
    ("+", Infix::Plus, 5),
    ("-", Infix::Minus, 5),
    ("*", Infix::Times, 6),
    ("/", Infix::Over, 6),
    ("@", Infix::At, 6),
    ("^", Infix::Power, 8),
];

/// Binding power of `not`: looser than comparisons.
pub const NOT: u8 = 3;
/// Binding power of unary minus: looser than `^`, so that `-x^2` is -(x^2).
pub const MINUS: u8 = 7;

/// Every operator between or before its operands, the tightest first.
#[must_use]
pub fn operators() -> String {
    let mut rows: Vec<(&str, u8)> = INFIX.iter().map(|row| (row.0, row.2)).collect();
    rows.push(("not", NOT));
    rows.sort_by_key(|(_, binding)| std::cmp::Reverse(*binding));
    let symbols: Vec<&str> = rows.into_iter().map(|(symbol, _)| symbol).collect();
    symbols.join(" ")
}

impl Infix {
    /// As it is written.
    #[must_use]
    pub fn symbol(self) -> &'static str {
        INFIX
            .iter()
            .find(|row| row.1 == self)
            .map_or("", |row| row.0)
    }

    /// Binding power: larger is tighter.
    #[must_use]
    pub fn binding(self) -> u8 {
        INFIX
            .iter()
            .find(|row| row.1 == self)
            .map_or(0, |row| row.2)
    }
}

impl Expr {
    /// The expressions that it is made of.
    #[must_use]
    pub fn parts(&self) -> Vec<&Self> {
        match &self.kind {
            ExprKind::Number(_) | ExprKind::Truth(_) | ExprKind::Name(_) => Vec::new(),
            ExprKind::Part(only, _) | ExprKind::Prefix(_, only) => vec![only],
            ExprKind::Index(vector, index) => vec![vector, index],
            ExprKind::Entry(whole, one, other) | ExprKind::Slice(whole, one, other) => {
                vec![whole, one, other]
            }
            ExprKind::Call(_, _, arguments) => arguments.iter().collect(),
            ExprKind::Chain(first, rest) => {
                let rest = rest.iter().map(|(_, it)| it);
                std::iter::once(&**first).chain(rest).collect()
            }
        }
    }

    /// Calls `visit` on this expression and all below it, outside in.
    pub fn walk<'a>(&'a self, visit: &mut impl FnMut(&'a Expr)) {
        visit(self);
        for part in self.parts() {
            part.walk(visit);
        }
    }

    /// True if `name` is read anywhere in it (function names do not count).
    #[must_use]
    pub fn mentions(&self, name: &str) -> bool {
        let mut found = false;
        self.walk(&mut |it| found |= matches!(&it.kind, ExprKind::Name(n) if n == name));
        found
    }
}
