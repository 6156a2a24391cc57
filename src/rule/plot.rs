//! Curves worth seeing together, as a rule declares them and as the command `plot` takes them.
//!
//! ```text
//! EXPR ["label"] {, EXPR ["label"]} [linear | log | symlog] [band N]
//! EXPR ["label"] {, EXPR ["label"]} [linear | log | symlog] against EXPR ["label"] [linear | log | symlog]
//! ```
//! The second draws a phase portrait: the path of two values that change together, without t. Each axis has a spacing.
//!
//! A band shows what a noisy value does: the median of its last N values, and the stretch from their 10 % to their
//! 90 % quantile. Unlike a mean with its standard deviation it is the same on every axis, and one outlier moves neither.

use crate::{
    error::{Error, ErrorCode, Result, Source, Span},
    lang::{parse::expression_within, syntax::Expr},
};
use std::sync::Arc;

/// Curves over the iterations on one axis, or over another value.
#[derive(Debug, Clone)]
pub struct PlotSpec {
    /// The heading: the expressions, where nothing else is said.
    pub title: String,
    /// The curves, in order.
    pub curves: Vec<CurveSpec>,
    /// The value that they are drawn against, instead of t.
    pub against: Option<CurveSpec>,
    /// The spacing of the axis of values.
    pub spacing: Spacing,
    /// The spacing of the axis of the value that they are drawn against.
    pub across: Spacing,
    /// The number of values that the band about each curve is made of, if it has one.
    pub band: Option<usize>,
    /// The text that the expressions stand in.
    pub source: Arc<Source>,
}

/// An expression that has a value at every boundary of a run.
#[derive(Debug, Clone)]
pub struct CurveSpec {
    /// The words at the curve.
    pub label: String,
    /// The value: a number, or one for each parameter.
    pub expr: Expr,
}

/// The spacing of an axis.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Default,
    serde::Serialize,
    serde::Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Spacing {
    /// By value.
    #[default]
    Linear,
    /// By decades of the magnitude.
    Log,
    /// By decades on both sides of zero, linear about it.
    #[serde(rename = "symlog")]
    SignedLog,
}

/// Curves by their parts, before the expressions are read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlotParts {
    /// The place of each curve's expression, and the label where one is given.
    pub curves: Vec<(Span, Option<String>)>,
    /// The place of the expression that they are drawn against, and its label, if they are not drawn over t.
    pub against: Option<(Span, Option<String>)>,
    /// The spacing of the axis of values.
    pub spacing: Spacing,
    /// The spacing of the axis of the value that they are drawn against.
    pub across: Spacing,
    /// The number of values that the band about each curve is made of, if it has one.
    pub band: Option<usize>,
}

impl Spacing {
    /// Each spacing by the word that asks for it.
    pub const ALL: [(&'static str, Self); 3] = [
        ("linear", Self::Linear),
        ("log", Self::Log),
        ("symlog", Self::SignedLog),
    ];

    /// True if it is by value.
    #[must_use]
    pub fn is_linear(&self) -> bool {
        *self == Self::Linear
    }

    /// The word that asks for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        let row = Self::ALL.into_iter().find(|(_, spacing)| *spacing == self);
        row.map_or("", |(word, _)| word)
    }
}

impl PlotParts {
    /// Divides the part `within` of `source`.
    ///
    /// # Errors
    /// A curve without an expression, a label that does not end, `against` with a band, which belongs to curves over t.
    pub fn parse(source: &Arc<Source>, within: Span) -> Result<Self> {
        let last = stretches(source, within)?.pop();
        let (up, against) = match last.and_then(|last| divided(source, last)) {
            Some((curve, value)) => (Span::new(within.start, curve.end), Some(value)),
            None => (within, None),
        };
        let (whole, spacing, band) = options(source, up)?;
        let mut across = Spacing::Linear;
        let against = match against {
            Some(value) => {
                let (place, own, second) = options(source, value)?;
                for (band, rest) in [(band, whole.end..up.end), (second, place.end..value.end)] {
                    if band.is_some() {
                        let message = "one value against another has no band";
                        let rest = Span::new(rest.start, rest.end);
                        return Err(Error::syntax(source, rest, message).help(AGAINST));
                    }
                }
                across = own;
                Some(labelled(source, place)?)
            }
            None => None,
        };
        let curves = stretches(source, whole)?;
        let early = curves.iter().find_map(|part| divided(source, *part));
        if let Some((_, value)) = early {
            let message = "all curves of a plot are drawn against one value, which comes last";
            return Err(Error::syntax(source, value, message).help(AGAINST));
        }
        let curves = curves.into_iter().map(|part| labelled(source, part));
        Ok(Self {
            curves: curves.collect::<Result<Vec<_>>>()?,
            against,
            spacing,
            across,
            band,
        })
    }
}

impl PlotSpec {
    /// Reads the part `within` of `source`; without a `title` the expressions are the heading.
    ///
    /// # Errors
    /// No curve, an expression that is none, a label that does not end.
    pub fn parse(source: &Arc<Source>, within: Span, title: Option<&str>) -> Result<Self> {
        let PlotParts {
            curves,
            against,
            spacing,
            across,
            band,
        } = PlotParts::parse(source, within)?;
        let read = |(value, label)| curve(source, value, label);
        let curves = curves.into_iter().map(read).collect::<Result<Vec<_>>>()?;
        let against = against.map(read).transpose()?;
        let labels: Vec<&str> = curves.iter().map(|curve| curve.label.as_str()).collect();
        let over = |value: &CurveSpec| format!(" against {}", value.label);
        let over = against.as_ref().map_or(String::new(), over);
        let title = title.map_or_else(|| labels.join(", ") + &over, str::to_owned);
        Ok(Self {
            title,
            curves,
            against,
            spacing,
            across,
            band,
            source: Arc::clone(source),
        })
    }

    /// The expression, in words, of the quantile that a band has at `share`; `element`, from 1, of a vector.
    #[must_use]
    pub fn quantile(&self, curve: &CurveSpec, element: Option<usize>, share: f64) -> String {
        let value = self.source.slice(curve.expr.span);
        let element = element.map_or(String::new(), |element| format!("[{element}]"));
        let count = self.band.unwrap_or(1);
        format!("quantile_over(({value}){element}, {share}, {count})")
    }
}

/// The least number of values that a band is made of.
const FEWEST: usize = 5;
/// The greatest.
const MOST: usize = 10_000;

/// Splits the last words off: a spacing and a band, each once, in any order.
fn options(source: &Arc<Source>, within: Span) -> Result<(Span, Spacing, Option<usize>)> {
    let mut end = within.start + source.slice(within).trim_end().len();
    let (mut spacing, mut band): (Option<Spacing>, Option<usize>) = (None, None);
    loop {
        let text = source.slice(Span::new(within.start, end));
        let (before, word) = last_word(text);
        let place = Span::new(end - word.len(), end);
        if let Some(named) = Spacing::ALL.iter().find(|it| it.0 == word)
            && !before.is_empty()
        {
            if spacing.replace(named.1).is_some() {
                return Err(
                    Error::syntax(source, place, "this plot has an axis already")
                        .help("write one of linear, log, symlog"),
                );
            }
        } else if let (before, "band") = last_word(before)
            && !before.is_empty()
        {
            let count = word.parse().ok();
            let count = count.filter(|count| (FEWEST..=MOST).contains(count));
            let Some(count) = count else {
                let message =
                    format!("a band is made of {FEWEST} to {MOST} values, not of `{word}`");
                return Err(
                    Error::syntax(source, place, message).help("as in: plot loss log band 20")
                );
            };
            if band.replace(count).is_some() {
                return Err(Error::syntax(source, place, "this plot has a band already"));
            }
            end = within.start + before.len();
            continue;
        } else {
            let spacing = spacing.unwrap_or_default();
            return Ok((Span::new(within.start, end), spacing, band));
        }
        end = within.start + before.len();
    }
}

/// The text before its last word, without the blanks between, and that word; a closing quote ends a word, too.
fn last_word(text: &str) -> (&str, &str) {
    let at = text.rfind(|c: char| c.is_whitespace() || c == '"');
    let at = at.map_or(0, |at| at + 1);
    (text[..at].trim_end(), &text[at..])
}

/// The stretches between commas that stand outside of brackets and quotes.
fn stretches(source: &Arc<Source>, within: Span) -> Result<Vec<Span>> {
    let text = source.slice(within);
    let (mut depth, mut quoted, mut from) = (0_u32, None, 0);
    let mut parts = Vec::new();
    for (at, character) in text.char_indices() {
        match character {
            '"' => quoted = if quoted.is_some() { None } else { Some(at) },
            _ if quoted.is_some() => {}
            '(' | '[' => depth += 1,
            ')' | ']' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                parts.push(Span::new(within.start + from, within.start + at));
                from = at + 1;
            }
            _ => {}
        }
    }
    if let Some(at) = quoted {
        let place = Span::new(within.start + at, within.end);
        return Err(
            Error::new(ErrorCode::Syntax, source, place, "the label does not end")
                .help("close it with double quotes"),
        );
    }
    parts.push(Span::new(within.start + from, within.end));
    Ok(parts)
}

/// The next thing to do for whoever has `against` in another place.
const AGAINST: &str = "as in: plot m[1], g[1] against w[1]";

/// A curve, and what it is drawn against: what stands before and behind the word, outside of brackets and quotes.
fn divided(source: &Arc<Source>, part: Span) -> Option<(Span, Span)> {
    const WORD: &str = "against";
    let text = source.slice(part);
    // Outside of quotes; brackets within them close nothing.
    let is_free = |at: usize| {
        let unquoted: Vec<&str> = text[..at].split('"').step_by(2).collect();
        let count = |c: char| {
            unquoted
                .iter()
                .map(|it| it.matches(c).count())
                .sum::<usize>()
        };
        text[..at].matches('"').count().is_multiple_of(2)
            && count('(') == count(')')
            && count('[') == count(']')
    };
    let is_word = |at: usize| {
        let ends = |c: Option<char>| c.is_none_or(|c| c.is_whitespace() || c == '"');
        ends(text[..at].chars().next_back()) && ends(text[at + WORD.len()..].chars().next())
    };
    let mut places = text.match_indices(WORD).map(|(at, _)| at);
    let at = places.find(|&at| !text[..at].trim().is_empty() && is_word(at) && is_free(at))?;
    let at = part.start + at;
    Some((
        Span::new(part.start, at),
        Span::new(at + WORD.len(), part.end),
    ))
}

/// The place of a curve's expression, and its label.
fn labelled(source: &Arc<Source>, part: Span) -> Result<(Span, Option<String>)> {
    let text = source.slice(part);
    let (value, label) = match text.split_once('"') {
        None => (part, None),
        Some((before, rest)) => {
            let value = Span::new(part.start, part.start + before.len());
            let (label, after) = rest.split_once('"').unwrap_or((rest, ""));
            if !after.trim().is_empty() {
                let place = Span::new(part.end - after.len(), part.end);
                return Err(Error::new(
                    ErrorCode::Syntax,
                    source,
                    place,
                    "expected a comma here",
                ));
            }
            (value, Some(label.trim().to_owned()))
        }
    };
    if source.slice(value).trim().is_empty() {
        return Err(Error::new(
            ErrorCode::Syntax,
            source,
            value,
            "expected an expression here",
        )
        .help("as in: plot m, m_hat log"));
    }
    Ok((value, label))
}

fn curve(source: &Arc<Source>, value: Span, label: Option<String>) -> Result<CurveSpec> {
    let label = label.unwrap_or_else(|| source.slice(value).trim().to_owned());
    let expr = curve_expression(source, value)?;
    Ok(CurveSpec { label, expr })
}

/// The expression of a curve.
///
/// # Errors
/// It is none; a last word that was to name a spacing is told as that.
pub fn curve_expression(source: &Arc<Source>, value: Span) -> Result<Expr> {
    expression_within(source, value)
        .map_err(|error| misspelt_spacing(source, value).unwrap_or(error))
}

/// The error of a part that is an expression but for its last word, which then was to name a spacing.
fn misspelt_spacing(source: &Arc<Source>, part: Span) -> Option<Error> {
    let text = source.slice(part).trim_end();
    if let Some(before) = text
        .strip_suffix("band")
        .filter(|it| it.ends_with(char::is_whitespace))
    {
        let place = Span::new(part.start + before.len(), part.start + text.len());
        let message = "the number of values of the band is missing";
        return Some(Error::syntax(source, place, message).help("as in: plot loss log band 20"));
    }
    let (before, word) = text.rsplit_once(char::is_whitespace)?;
    let is_word = word.starts_with(char::is_alphabetic) && word.chars().all(char::is_alphanumeric);
    let before = Span::new(part.start, part.start + before.len());
    let is_read = is_word && expression_within(source, before).is_ok();
    is_read.then(|| {
        let end = part.start + text.len();
        let place = Span::new(end - word.len(), end);
        let words = Spacing::ALL.iter().map(|(word, _)| *word);
        Error::syntax(
            source,
            place,
            format!("expected a comma or an axis, found `{word}`"),
        )
        .suggest(word, "axes", words)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<PlotSpec> {
        let source = Source::new("<test>", text);
        PlotSpec::parse(&source, Span::new(0, text.len()), None)
    }

    #[test]
    fn commas_divide_curves_and_the_last_word_is_the_axis() {
        let plot = read(r#"max(m, 0), 1/(1 - beta1^t) "of m" log"#).unwrap();
        let labels: Vec<&str> = plot.curves.iter().map(|it| it.label.as_str()).collect();
        assert_eq!(labels, ["max(m, 0)", "of m"]);
        assert_eq!(plot.title, "max(m, 0), of m");
        assert_eq!(plot.spacing, Spacing::Log);
        let plot = read("loss log band 20").unwrap();
        assert_eq!((plot.spacing, plot.band), (Spacing::Log, Some(20)));
        assert_eq!(read("loss band 20 log").unwrap().spacing, Spacing::Log);
        assert_eq!(
            plot.quantile(&plot.curves[0], None, 0.5),
            "quantile_over((loss), 0.5, 20)"
        );
        assert_eq!(read("log(loss)").unwrap().spacing, Spacing::Linear);
        assert_eq!(read("alpha[2] symlog").unwrap().spacing, Spacing::SignedLog);
    }

    #[test]
    fn values_may_be_drawn_against_another() {
        let plot = read(r#"m, g "slope" against w[1]"#).unwrap();
        assert_eq!(plot.curves.len(), 2);
        assert_eq!(plot.against.as_ref().unwrap().label, "w[1]");
        assert_eq!(plot.title, "m, slope against w[1]");
        let plot = read(r#"m "(a against b" against log(w) "place""#).unwrap();
        assert_eq!(plot.curves[0].label, "(a against b");
        assert_eq!(plot.against.unwrap().label, "place");
        assert!(read("against, m").unwrap().against.is_none(), "a name");
        for (text, up, across) in [
            ("m against w", Spacing::Linear, Spacing::Linear),
            ("loss log against w[1]", Spacing::Log, Spacing::Linear),
            ("m against w symlog", Spacing::Linear, Spacing::SignedLog),
            (
                "m, loss \"f\" log against norm(w) \"r\" log",
                Spacing::Log,
                Spacing::Log,
            ),
        ] {
            let plot = read(text).unwrap();
            assert_eq!((plot.spacing, plot.across), (up, across), "{text}");
        }
    }

    #[test]
    fn mistakes_are_told_at_their_place() {
        for (text, said) in [
            ("m,, g", "expected an expression"),
            ("", "expected an expression"),
            ("m \"of m", "the label does not end"),
            ("m \"a\" b", "expected a comma"),
            ("m + ", "expected"),
            ("w, loss logg", "did you mean `log`?"),
            ("m w", "axes: linear, log, symlog"),
            ("loss log symlog", "has an axis already"),
            ("m against w band 20", "has no band"),
            ("m band 20 against w", "has no band"),
            ("m against w logg", "did you mean `log`?"),
            ("m against w log log", "has an axis already"),
            ("m against w, g", "which comes last"),
            ("m against", "expected an expression here"),
            ("loss band", "as in: plot loss log band 20"),
            ("loss band 3", "5 to 10000 values, not of `3`"),
            ("loss band 20 log band 9", "has a band already"),
        ] {
            let error = read(text).unwrap_err().to_string();
            assert!(error.contains(said), "{text}: {error}");
        }
    }
}
