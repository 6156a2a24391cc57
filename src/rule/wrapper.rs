//! Wrappers: the lines of a rule in the midst of others, as one rule whose lines can be read, stepped and stopped at.
//!
//! A wrapper is a file below `src/wrappers` that reads like a rule's; its step says where the lines of the rule inside go:
//!
//! ```text
//! inner                     the lines of the rule inside
//! inner of EXPR             the same, with EXPR where they have grad(w)
//! inner ... if NAME         only where NAME holds do they change w and their states
//! restart from V if NAME    their states begin again where NAME holds, as for the weights V
//! ```

use super::definition::Rule;
use crate::error::{Error, ErrorCode, Result, Source};
use std::sync::Arc;

/// Name and text of every file below `src/wrappers`.
const EMBEDDED: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/wrappers.rs"));

/// The gradient that a rule inside asks for.
const GRADIENT: &str = "grad(w)";

/// What goes around a rule.
#[derive(Debug, Clone, Copy)]
pub struct Wrapper {
    /// The name; the library's is before a slash.
    pub name: &'static str,
    /// How the title of the rule inside goes on.
    pub title: &'static str,
    text: &'static str,
}

impl Wrapper {
    /// The library that has it.
    fn library(self) -> &'static str {
        self.name.split('/').next().unwrap_or_default()
    }
}

/// All wrappers, by their names.
pub fn wrappers() -> impl Iterator<Item = Wrapper> {
    EMBEDDED.iter().map(|&(name, text)| Wrapper {
        name,
        title: text.split('"').nth(1).unwrap_or_default(),
        text,
    })
}

/// The names of a wrapper and of the rule inside: `OUTER(INNER)`.
pub(super) fn parts(name: &str) -> Option<(&str, &str)> {
    let (outer, inner) = name.trim().strip_suffix(')')?.split_once('(')?;
    Some((outer.trim(), inner.trim()))
}

/// An error where `name`, which is no rule, is a wrapper without a rule inside.
pub(super) fn check_no_wrapper(name: &str) -> Result<()> {
    let outer = name.split_once('(').map_or(name, |it| it.0);
    let is_meant = |it: &Wrapper| it.name == outer || base(it.name) == outer;
    let Some(wrapper) = wrappers().find(is_meant) else {
        return Ok(());
    };
    let message = if outer == name {
        format!("`{name}` is a wrapper, and needs a rule to go around")
    } else {
        format!("`{name}` has a bracket that is not closed")
    };
    let error = Error::plain(ErrorCode::UnknownRule, message);
    Err(error.help(format!(
        "as in: '{0}({1}/adamw)'",
        wrapper.name,
        wrapper.library()
    )))
}

fn base(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

/// The rule of the wrapper `outer` around `inner`; without a folder it is that of the rule's own library.
///
/// # Errors
/// No such wrapper; a rule that it cannot be around.
pub(super) fn around(outer: &str, inner: &Rule) -> Result<Arc<Source>> {
    let library = inner.name.split('/').next().unwrap_or_default();
    let own =
        wrappers().find(|it| it.name == outer || it.library() == library && base(it.name) == outer);
    if let Some(wrapper) = own {
        return Wrapping { wrapper, inner }.text();
    }
    let others = wrappers().filter(|it| base(it.name) == outer);
    let others: Vec<&str> = others.map(|it| it.name).collect();
    let message = format!("there is no wrapper `{outer}`");
    let error = Error::plain(ErrorCode::UnknownRule, message);
    Err(if others.is_empty() {
        error.suggest(outer, "wrappers", wrappers().map(|it| it.name))
    } else {
        error.help(format!("say whose: `{}`", others.join("`, `")))
    })
}

/// The text of a rule or a wrapper, taken apart.
#[derive(Default)]
struct Parts<'a> {
    cites: Vec<&'a str>,
    declared: Vec<&'a str>,
    /// The line that begins the step.
    step: &'a str,
    lines: Vec<&'a str>,
    seen: Vec<&'a str>,
}

impl<'a> Parts<'a> {
    fn of(text: &'a str) -> Self {
        let mut parts = Self::default();
        for line in text.lines().filter(|it| !it.trim().is_empty()) {
            let word = line.split_whitespace().next().unwrap_or_default();
            let is_indented = line.starts_with([' ', '\t']);
            match word {
                "rule" | "wrapper" if !is_indented => {}
                "cite" if !is_indented => parts.cites.push(line),
                "step" if !is_indented => parts.step = line,
                "show" | "arrow" | "plot" if !is_indented => parts.seen.push(line),
                _ if parts.step.is_empty() => parts.declared.push(line),
                _ if parts.seen.is_empty() => parts.lines.push(line),
                _ => parts.seen.push(line),
            }
        }
        parts
    }

    /// The names that it declares and assigns, but for `w`.
    fn names(&self) -> impl Iterator<Item = &'a str> {
        let declared = self.declared.iter().filter_map(|it| {
            let is_named = it.starts_with("param") || it.starts_with("state");
            is_named.then(|| it.split_whitespace().nth(1))?
        });
        let assigned = self.lines.iter().filter_map(|it| target(it));
        declared.chain(assigned).filter(|it| *it != "w")
    }
}

/// The name that a line of a step assigns.
fn target(line: &str) -> Option<&str> {
    let name = line.split_once('=')?.0.trim();
    (!name.contains(' ')).then_some(name)
}

/// `text` with the name `from` replaced by `to`.
fn renamed(text: &str, from: &str, to: &str) -> String {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let pieces = text.split_inclusive(|c| !is_part(c)).map(|piece| {
        let end = piece.trim_end_matches(|c| !is_part(c)).len();
        let name = if &piece[..end] == from {
            to
        } else {
            &piece[..end]
        };
        format!("{name}{}", &piece[end..])
    });
    pieces.collect()
}

/// A wrapper around a rule.
struct Wrapping<'a> {
    wrapper: Wrapper,
    inner: &'a Rule,
}

impl Wrapping<'_> {
    /// The text of both as one rule.
    fn text(&self) -> Result<Arc<Source>> {
        let Self { wrapper, inner } = self;
        let name = format!("{}({})", wrapper.name, inner.name);
        let (around, inside) = (Parts::of(wrapper.text), Parts::of(&inner.source.text));
        let is_taken = |name: &&str| inside.names().any(|it| it == *name);
        if let Some(both) = around.names().find(is_taken) {
            return Err(self.refused(&format!("both have `{both}`")));
        }
        let mut lines = vec![format!(
            "rule {name} \"{}, {}\"",
            inner.title, wrapper.title
        )];
        let mut add = |block: &[&str]| lines.extend(block.iter().map(|it| (*it).to_owned()));
        add(&inside.cites);
        add(&around.cites);
        add(&[""]);
        add(&inside.declared);
        add(&around.declared);
        add(&["", inside.step]);
        for line in &around.lines {
            let words: Vec<&str> = line.split_whitespace().collect();
            let indent = &line[..line.len() - line.trim_start().len()];
            match words[..] {
                ["inner"] => lines.extend(self.inside(&inside, None, None)?),
                ["inner", "of", ref gradient @ .., "if", condition] => {
                    lines.extend(self.inside(
                        &inside,
                        Some(&gradient.join(" ")),
                        Some(condition),
                    )?);
                }
                ["inner", "of", ref gradient @ ..] => {
                    lines.extend(self.inside(&inside, Some(&gradient.join(" ")), None)?);
                }
                ["restart", "from", weights, "if", condition] => {
                    let again = self.restarted(weights, condition)?;
                    lines.extend(again.iter().map(|it| format!("{indent}{it}")));
                }
                _ => lines.push((*line).to_owned()),
            }
        }
        lines.push(String::new());
        lines.extend(
            [inside.seen, around.seen]
                .concat()
                .into_iter()
                .map(str::to_owned),
        );
        Ok(Source::new(format!("{name}.rule"), lines.join("\n") + "\n"))
    }

    /// The lines of the rule inside, with `gradient` for its own and changes only where `condition` holds.
    fn inside(
        &self,
        inside: &Parts,
        gradient: Option<&str>,
        condition: Option<&str>,
    ) -> Result<Vec<String>> {
        if condition.is_some() && self.inner.step.iter().any(|it| it.expr.mentions("t")) {
            return Err(self.refused(
                "it does not update in every iteration, and the rule counts its updates by t",
            ));
        }
        let asks_for_others = ["grad(", "loss(", "hvp(", "hess("];
        let place = |line: &&str| {
            let code = line.split('#').next().unwrap_or_default();
            let left = code.replace(GRADIENT, "");
            if gradient.is_some() && asks_for_others.iter().any(|it| left.contains(it)) {
                return Err(self
                    .refused("it needs one that asks the loss for grad(w), and for nothing else"));
            }
            Ok(self.placed(line, gradient, condition))
        };
        inside.lines.iter().map(place).collect()
    }

    /// A line of the rule inside as it stands in the wrapper.
    fn placed(&self, line: &str, gradient: Option<&str>, condition: Option<&str>) -> String {
        let (code, comment) = line.split_at(line.find('#').unwrap_or(line.len()));
        let code = code.replace(GRADIENT, gradient.unwrap_or(GRADIENT));
        let lasts = |name: &str| name == "w" || self.inner.states.iter().any(|it| it.name == name);
        match (
            condition,
            target(&code).filter(|it| lasts(it)),
            code.split_once('='),
        ) {
            (Some(condition), Some(name), Some((left, value))) => {
                format!(
                    "{left}= where({condition}, {}, {name}){comment}",
                    value.trim()
                )
            }
            _ => format!("{code}{comment}"),
        }
    }

    /// Lines with which the states of the rule inside begin again.
    fn restarted(&self, weights: &str, condition: &str) -> Result<Vec<String>> {
        let again = self.inner.states.iter().map(|state| {
            let initial = self.inner.source.slice(state.initial.span);
            if initial.contains("ring(") {
                return Err(self.refused("its past values cannot begin again"));
            }
            let initial = renamed(initial, "w", weights);
            Ok(format!(
                "{0} = where({condition}, {initial}, {0})",
                state.name
            ))
        });
        again.collect()
    }

    fn refused(&self, why: &str) -> Error {
        let message = format!(
            "`{}` cannot go around `{}`: {why}",
            self.wrapper.name, self.inner.name
        );
        Error::plain(ErrorCode::InvalidValue, message)
            .help("`eigenstep rules` lists the wrappers and the rules; of a library, rules count their own updates")
    }
}
