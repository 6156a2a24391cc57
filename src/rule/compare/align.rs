//! The alignment of two rules: lines and names that correspond.
//!
//! Lines are compared by their form: their tokens, with a setting, a state or another name standing for
//! any of its kind. The alignment is the one of most likeness (Needleman & Wunsch 1970).

use crate::{
    lang::token::{Token, tokens},
    rule::definition::{Rule, StateRole},
};

/// A line as tokens.
pub(super) struct Form {
    words: Vec<Word>,
}

/// A token, and what kind of name it is if it is one.
#[derive(Debug, Clone, PartialEq)]
struct Word {
    text: String,
    kind: WordKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum WordKind {
    Setting,
    State,
    Other,
    /// Not a name that a rule chooses: an operator, a number, a function, `w`, `t`.
    Fixed,
}

impl Form {
    /// Line `at` of the step of `rule`.
    pub fn new(rule: &Rule, at: usize) -> Self {
        let statement = &rule.step[at];
        let found = tokens(&rule.source, statement.span).unwrap_or_default();
        let mut words = Vec::with_capacity(found.len());
        for (place, (token, span)) in found.iter().enumerate() {
            let called = matches!(found.get(place + 1), Some((Token::Symbol("("), _)));
            let text = rule.source.slice(*span).to_owned();
            let kind = match token {
                Token::Name(_) if !called => kind_of(rule, &text),
                _ => WordKind::Fixed,
            };
            words.push(Word { text, kind });
        }
        Self { words }
    }

    /// The variable that it assigns.
    fn target(&self) -> Option<&Word> {
        self.words.first()
    }

    fn has_form_of(&self, other: &Self) -> bool {
        self.words.len() == other.words.len()
            && self.words.iter().zip(&other.words).all(|(a, b)| a.fits(b))
    }

    /// From 0 to 1: the share of tokens that the two have in common, in order.
    fn likeness(&self, other: &Self) -> f64 {
        let common = common(&self.words, &other.words).len();
        let longer = self.words.len().max(other.words.len()).max(1);
        #[expect(clippy::cast_precision_loss, reason = "a line has few tokens")]
        let share = common as f64 / longer as f64;
        let targets = self.target().zip(other.target());
        let named_alike = targets.is_some_and(|(a, b)| a.text == b.text);
        let kinds = targets.is_some_and(|(a, b)| a.kind == b.kind);
        match (kinds, named_alike) {
            (true, true) => 0.5 + 0.5 * share,
            (true, false) => share,
            (false, _) => 0.6 * share,
        }
    }
}

fn kind_of(rule: &Rule, name: &str) -> WordKind {
    if rule.params.iter().any(|param| param.name == name) {
        WordKind::Setting
    } else if rule.states.iter().any(|state| state.name == name) {
        WordKind::State
    } else if ["w", "n", "pi", "and", "or", "not"].contains(&name) {
        WordKind::Fixed
    } else {
        WordKind::Other
    }
}

impl Word {
    fn new(text: &str, kind: WordKind) -> Self {
        let text = text.to_owned();
        Self { text, kind }
    }

    fn fits(&self, other: &Self) -> bool {
        // A counter of its own stands where another rule reads t.
        let counts = |a: &Self, b: &Self| a.text == "t" && b.kind == WordKind::State;
        (self.kind == other.kind && (self.kind != WordKind::Fixed || self.text == other.text))
            || counts(self, other)
            || counts(other, self)
    }
}

/// The longest common subsequence, as pairs.
fn common<'a>(a: &'a [Word], b: &'a [Word]) -> Vec<(&'a Word, &'a Word)> {
    let mut best = vec![vec![0_usize; b.len() + 1]; a.len() + 1];
    for (i, x) in a.iter().enumerate() {
        for (j, y) in b.iter().enumerate() {
            best[i + 1][j + 1] = if x.fits(y) {
                best[i][j] + 1
            } else {
                best[i][j + 1].max(best[i + 1][j])
            };
        }
    }
    let mut pairs = Vec::new();
    let (mut i, mut j) = (a.len(), b.len());
    while i > 0 && j > 0 {
        if a[i - 1].fits(&b[j - 1]) {
            pairs.push((&a[i - 1], &b[j - 1]));
            (i, j) = (i - 1, j - 1);
        } else if best[i - 1][j] >= best[i][j - 1] {
            i -= 1;
        } else {
            j -= 1;
        }
    }
    pairs.reverse();
    pairs
}

/// The only state of `role`, if there is just one.
fn alone(rule: &Rule, part: StateRole) -> Option<&str> {
    let mut found = rule.states.iter().filter(|state| state.role == Some(part));
    let first = found.next()?;
    found.next().is_none().then_some(first.name.as_str())
}

/// Lines that are less alike than this are not set side by side.
const ALIKE: f64 = 0.45;

/// For each line of `a`, the line of `b` that it is aligned with.
pub(super) fn pair_up(a: &[Form], b: &[Form]) -> Vec<Option<usize>> {
    let mut best = vec![vec![0.0_f64; b.len() + 1]; a.len() + 1];
    let gain = |x: &Form, y: &Form| match x.likeness(y) {
        alike if alike >= ALIKE => alike,
        _ => f64::NEG_INFINITY,
    };
    for (i, x) in a.iter().enumerate() {
        for (j, y) in b.iter().enumerate() {
            let paired = best[i][j] + gain(x, y);
            best[i + 1][j + 1] = paired.max(best[i][j + 1]).max(best[i + 1][j]);
        }
    }
    let mut partner = vec![None; a.len()];
    let (mut i, mut j) = (a.len(), b.len());
    while i > 0 && j > 0 {
        let score = best[i][j];
        if score <= best[i - 1][j] {
            i -= 1;
        } else if score <= best[i][j - 1] {
            j -= 1;
        } else {
            partner[i - 1] = Some(j - 1);
            (i, j) = (i - 1, j - 1);
        }
    }
    partner
}

/// Pairs of names, each used once: the first rule's and the other's.
#[derive(Debug, Default)]
pub(super) struct NamePairs(Vec<(String, String)>);

impl NamePairs {
    /// In this order: names in the same place of aligned lines of one form, what aligned lines assign,
    /// settings and states that both rules call the same, states that are alone in their role, and names
    /// in corresponding places of aligned lines that differ.
    pub fn learn(
        base: &Rule,
        other: &Rule,
        a: &[Form],
        b: &[Form],
        partner: &[Option<usize>],
    ) -> Self {
        let mut names = Self::default();
        let aligned = partner.iter().enumerate();
        let pairs: Vec<(&Form, &Form)> = aligned
            .filter_map(|(i, j)| Some((&a[i], &b[(*j)?])))
            .collect();
        for (x, y) in pairs.iter().filter(|(x, y)| x.has_form_of(y)) {
            for (x, y) in x.words.iter().zip(&y.words) {
                names.pair(x, y);
            }
        }
        for (x, y) in &pairs {
            if let Some((x, y)) = x.target().zip(y.target()).filter(|(x, y)| x.kind == y.kind) {
                names.pair(x, y);
            }
        }
        let declared = base.params.iter().map(|it| &it.name);
        for name in declared.chain(base.states.iter().map(|it| &it.name)) {
            let kind = kind_of(base, name);
            if kind_of(other, name) == kind {
                names.pair(&Word::new(name, kind), &Word::new(name, kind));
            }
        }
        for role in StateRole::ALL {
            if let (Some(x), Some(y)) = (alone(base, role), alone(other, role)) {
                names.pair(
                    &Word::new(x, WordKind::State),
                    &Word::new(y, WordKind::State),
                );
            }
        }
        for (x, y) in &pairs {
            for (x, y) in common(&x.words, &y.words) {
                if x.kind == y.kind && x.kind != WordKind::Other {
                    names.pair(x, y);
                }
            }
        }
        names
    }

    fn pair(&mut self, a: &Word, b: &Word) {
        let free = !self.0.iter().any(|(x, y)| *x == a.text || *y == b.text);
        if free && a.kind != WordKind::Fixed {
            self.0.push((a.text.clone(), b.text.clone()));
        }
    }

    /// The other rule's name for `name`.
    pub fn partner(&self, name: &str) -> Option<&str> {
        let (_, other) = self.0.iter().find(|(known, _)| known == name)?;
        Some(other)
    }

    /// True if the two lines say the same.
    pub fn same(&self, a: &Form, b: &Form) -> bool {
        a.has_form_of(b)
            && a.words.iter().zip(&b.words).all(|(a, b)| {
                a.kind == WordKind::Fixed || self.partner(&a.text) == Some(b.text.as_str())
            })
    }
}
