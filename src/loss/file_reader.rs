//! Reads a `.loss` file, line by line.

use super::{
    Definition, Extents, LossFile, Model,
    declared_minimum::{Minimum, MinimumPlace, coordinate},
};
use crate::{
    error::{Error, ErrorCode, Result, Source, Span},
    lang::{
        declaration::{constant, keyword, lines, quoted, trimmed},
        identifier::is_identifier,
    },
};
use std::sync::Arc;

const KEYWORDS: [&str; 10] = [
    "loss",
    "cite",
    "formula",
    "quadratic",
    "rotate",
    "model",
    "start",
    "window",
    "bound",
    "minimum",
];
const SHOWS: &str = "shows";

/// Reads `source` as a loss; formulas are read, but not compiled.
///
/// # Errors
/// The first line that is not as the grammar has it, or does not fit the lines before.
pub(super) fn read(source: &Arc<Source>) -> Result<LossFile> {
    let mut reader = LossReader {
        source,
        file: LossFile {
            name: String::new(),
            title: String::new(),
            cites: Vec::new(),
            shows: String::new(),
            definition: Definition::Formula(Span::default()),
            start: Vec::new(),
            window: None,
            bound: f64::INFINITY,
            minima: Vec::new(),
            source: Arc::clone(source),
        },
        seen: Vec::new(),
    };
    let mut entries: Vec<Span> = Vec::new();
    for line in lines(source) {
        match entries.last_mut() {
            Some(entry) if line.indent > 0 => *entry = entry.to(line.span),
            _ => entries.push(line.span),
        }
    }
    for entry in entries {
        reader.entry(entry)?;
    }
    reader.finish()
}

struct LossReader<'a> {
    source: &'a Arc<Source>,
    file: LossFile,
    /// The lines that a file has once, as far as they have been read.
    seen: Vec<(&'static str, Span)>,
}

impl LossReader<'_> {
    fn error(&self, span: Span, message: impl Into<String>) -> Error {
        Error::new(ErrorCode::InvalidValue, self.source, span, message)
    }

    fn seen(&self, keyword: &str) -> Option<Span> {
        let seen = self.seen.iter().find(|(seen, _)| *seen == keyword);
        seen.map(|(_, span)| *span)
    }

    fn entry(&mut self, entry: Span) -> Result<()> {
        let (word, rest) = keyword(self.source, entry);
        let place = Span::new(entry.start, rest.start);
        if self.file.name.is_empty() && word != "loss" {
            return Err(self
                .error(entry, "a loss file starts with its name and title")
                .help("write: loss my_loss \"what it is\""));
        }
        let known = KEYWORDS.into_iter().chain([SHOWS]);
        let Some(word) = known.clone().find(|known| *known == word) else {
            let error = self.error(place, format!("unknown keyword `{word}`"));
            return Err(error.suggest(word, "keywords", known));
        };
        if self.seen(word).is_some() && !matches!(word, "cite" | "minimum") {
            return Err(self.error(place, format!("`{word}` is given twice")));
        }
        if matches!(word, "formula" | "quadratic" | "model") {
            let others = self.seen.iter();
            let other = others
                .map(|(seen, _)| *seen)
                .find(|seen| matches!(*seen, "formula" | "quadratic" | "model"));
            if let Some(other) = other {
                let message = format!("a loss has a `{other}` or a `{word}`, not both");
                return Err(self.error(place, message).coded(ErrorCode::Conflict));
            }
        }
        self.seen.push((word, entry));
        match word {
            "loss" => self.heading(rest)?,
            "cite" => self.file.cites.push(quoted(self.source, rest)?.1),
            SHOWS => self.file.shows = quoted(self.source, rest)?.1,
            "formula" => self.file.definition = Definition::Formula(self.value(word, rest)?),
            "quadratic" => {
                let eigenvalues = self.numbers(self.value(word, rest)?, "an eigenvalue")?;
                self.file.definition = Definition::Quadratic(eigenvalues, 0.0);
            }
            "model" => self.file.definition = Definition::Model(self.model(rest)?),
            "rotate" => {
                let value = self.value(word, rest)?;
                let Definition::Quadratic(_, degrees) = &mut self.file.definition else {
                    return Err(self
                        .error(entry, "only a quadratic can be rotated")
                        .coded(ErrorCode::Conflict)
                        .help("write `quadratic = 1, 100` before it"));
                };
                *degrees = constant(self.source, value, &[], "an angle")?;
            }
            "start" => {
                self.file.start = self.numbers(self.value(word, rest)?, "a coordinate")?;
            }
            "window" => self.file.window = Some(self.window(rest)?),
            "bound" => {
                let value = self.value(word, rest)?;
                self.file.bound = constant(self.source, value, &[], "a bound")?;
                if self.file.bound.is_nan() || self.file.bound <= 0.0 {
                    return Err(self.error(value, "a bound must be positive"));
                }
            }
            _ => self.minimum(entry, rest)?,
        }
        Ok(())
    }

    fn heading(&mut self, rest: Span) -> Result<()> {
        let (before, title) = quoted(self.source, rest)?;
        let name = trimmed(self.source, before);
        let text = self.source.slice(name);
        if !is_identifier(text) {
            return Err(self
                .error(name, format!("`{text}` cannot name a loss"))
                .help("use letters, digits and _, a letter first"));
        }
        text.clone_into(&mut self.file.name);
        self.file.title = title;
        Ok(())
    }

    /// The value behind the `=`.
    fn value(&self, word: &str, rest: Span) -> Result<Span> {
        let rest = trimmed(self.source, rest);
        if !self.source.slice(rest).starts_with('=') {
            let place = Span::new(rest.start, rest.start);
            return Err(self
                .error(place, format!("expected `=` after `{word}`"))
                .help(format!("write: {word} = ...")));
        }
        let value = trimmed(self.source, Span::new(rest.start + 1, rest.end));
        if self.source.slice(value).is_empty() {
            return Err(self.error(rest, format!("`{word}` is given no value")));
        }
        Ok(value)
    }

    /// Numbers between commas.
    fn numbers(&self, span: Span, what: &str) -> Result<Vec<f64>> {
        let text = self.source.slice(span);
        let mut numbers = Vec::new();
        let (mut depth, mut start) = (0_usize, 0);
        let mut ends: Vec<usize> = Vec::new();
        for (at, character) in text.char_indices() {
            match character {
                '(' | '[' => depth += 1,
                ')' | ']' => depth = depth.saturating_sub(1),
                ',' if depth == 0 => ends.push(at),
                _ => {}
            }
        }
        ends.push(text.len());
        for end in ends {
            let part = Span::new(span.start + start, span.start + end);
            let number = constant(self.source, part, &[], what)?;
            if !number.is_finite() {
                let place = trimmed(self.source, part);
                return Err(self.error(place, format!("{what} is a finite number")));
            }
            numbers.push(number);
            start = end + 1;
        }
        Ok(numbers)
    }

    fn window(&self, rest: Span) -> Result<Extents> {
        let value = self.value("window", rest)?;
        let text = self.source.slice(value);
        let bad = || {
            self.error(value, "a window is two intervals")
                .help("as in: window = [-2, 2] x [-1, 3]")
        };
        let inner = text.strip_prefix('[').and_then(|it| it.strip_suffix(']'));
        let (first, second) = inner.and_then(|it| it.split_once(']')).ok_or_else(bad)?;
        let second = second.trim_start().strip_prefix('x').ok_or_else(bad)?;
        let second = second.trim_start().strip_prefix('[').ok_or_else(bad)?;
        let start = value.start + 1;
        let end = value.end - 1;
        let mut pairs = Vec::new();
        for span in [
            Span::new(start, start + first.len()),
            Span::new(end - second.len(), end),
        ] {
            let &[low, high] = self.numbers(span, "an end of a window")?.as_slice() else {
                return Err(bad());
            };
            if low >= high {
                return Err(self.error(span, "the lower end comes first"));
            }
            pairs.push((low, high));
        }
        Ok(Extents {
            x: pairs[0],
            y: pairs[1],
        })
    }

    fn model(&self, rest: Span) -> Result<Model> {
        let value = self.value("model", rest)?;
        let word = self.source.slice(value);
        Model::ALL
            .into_iter()
            .find(|model| model.name() == word)
            .ok_or_else(|| {
                let error = self.error(value, format!("there is no model `{word}`"));
                error.suggest(word, "models", Model::ALL.map(Model::name))
            })
    }

    fn minimum(&mut self, entry: Span, rest: Span) -> Result<()> {
        let text = self.source.slice(rest);
        let place = if let Some(after) = text.trim_start().strip_prefix("[i]") {
            let rest = Span::new(rest.end - after.len(), rest.end);
            let value = self.value("minimum[i]", rest)?;
            coordinate(self.source, value, 1, 2)?;
            MinimumPlace::General(Arc::clone(self.source), value)
        } else {
            let value = self.value("minimum", rest)?;
            MinimumPlace::At(self.numbers(value, "a coordinate")?)
        };
        self.file.minima.push(Minimum { place, line: entry });
        Ok(())
    }

    /// The file, when its lines fit together.
    fn finish(self) -> Result<LossFile> {
        let end = self.source.text.trim_end().len();
        let end = Span::new(end, end);
        let file = &self.file;
        if file.name.is_empty() {
            return Err(self
                .error(end, "the file contains no loss")
                .help("start from a bundled one: eigenstep losses rosenbrock > my.loss"));
        }
        if let Definition::Model(_) = file.definition {
            let forbidden = ["start", "window", "minimum"];
            if let Some(span) = forbidden.iter().find_map(|word| self.seen(word)) {
                let message = "the data determine the parameters of a model";
                return Err(self.error(span, message).coded(ErrorCode::Conflict));
            }
            return Ok(self.file);
        }
        if file.definition == Definition::Formula(Span::default()) {
            return Err(self
                .error(end, "the loss has no `formula`")
                .help("write: formula = (1-x)^2 + 100*(y-x^2)^2"));
        }
        let n = file.start.len();
        if n == 0 {
            return Err(self
                .error(
                    end,
                    "the loss has no `start`, which sets the number of parameters",
                )
                .help("write: start = 0, 0"));
        }
        if let Definition::Quadratic(eigenvalues, degrees) = &file.definition {
            let place = self.seen("quadratic").unwrap_or(end);
            if eigenvalues.len() != n {
                let message = format!(
                    "{} eigenvalues, but the start has {n} coordinates",
                    eigenvalues.len()
                );
                return Err(self.error(place, message).coded(ErrorCode::ShapeMismatch));
            }
            if *degrees != 0.0 && n != 2 {
                let place = self.seen("rotate").unwrap_or(end);
                return Err(self.error(place, "only a quadratic in two parameters can be rotated"));
            }
        }
        for minimum in &file.minima {
            let known = minimum.at(n);
            if known.len() != n {
                let message = format!(
                    "the minimum has {} coordinates, but the start has {n}",
                    known.len()
                );
                let error = self.error(minimum.line, message);
                return Err(error.coded(ErrorCode::ShapeMismatch));
            }
            if known.iter().any(|it| !it.is_finite()) {
                return Err(self.error(minimum.line, "a minimum has finite coordinates"));
            }
        }
        if file.start.iter().any(|w| w.abs() >= file.bound) {
            let place = self.seen("bound").unwrap_or(end);
            return Err(self.error(place, "the start lies outside of the bound"));
        }
        Ok(self.file)
    }
}
