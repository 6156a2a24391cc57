//! `[LANE.]NAME`, `[LANE.]NAME[I]` and tensors by name: what `set` and `explain` are about.

use super::Session;
use crate::{
    debugger::{command::Phrase, watch::named_part},
    error::{Error, Result, suggest::nearest},
    lang::graph::Extent,
    rule::Variable,
};
use std::ops::Range;

/// Something of a lane that has a name, or an element of it.
pub(super) struct Referent {
    /// The lane that is named, else the one in focus.
    pub lane: usize,
    /// All of it but the lane.
    pub own: Phrase,
    /// The name alone.
    pub name: Phrase,
    /// What of it, where that is not all.
    part: Option<Part>,
}

enum Part {
    /// Everything within brackets.
    Index(Phrase),
    /// The coordinates, from 0, of a tensor or an element of it.
    Coordinates(Range<usize>),
}

impl Referent {
    /// Reads a target.
    ///
    /// # Errors
    /// There is no such lane, or a bracket is not closed.
    pub fn read(session: &Session, target: &Phrase) -> Result<Self> {
        if let Some(tensor) = Self::tensor(session, target)? {
            return Ok(tensor);
        }
        let text = target.text();
        let bracket = text.find('[').unwrap_or(text.len());
        let (lane, start) = match text[..bracket].find('.') {
            None => (session.lanes.focus, 0),
            Some(dot) => {
                let lane = session.lanes.find(&text[..dot]).ok_or_else(|| {
                    let names = session.lanes.entries.iter().map(|entry| &entry.name);
                    let tensors = session.lanes.tensors().iter().map(|tensor| &tensor.name);
                    if let Some(meant) = nearest(text, tensors) {
                        let error = target.error(format!("there is no tensor `{text}`"));
                        return error.help(format!("did you mean `{meant}`?"));
                    }
                    target
                        .part(0, dot)
                        .error(format!("there is no lane `{}`", &text[..dot]))
                        .suggest(&text[..dot], "lanes", names)
                })?;
                (lane, dot + 1)
            }
        };
        let part = match text.get(bracket + 1..) {
            None => None,
            Some(rest) if rest.ends_with(']') => {
                Some(Part::Index(target.part(bracket + 1, text.len() - 1)))
            }
            Some(_) => {
                let open = target.part(bracket, bracket + 1);
                return Err(open.error("this `[` is never closed"));
            }
        };
        Ok(Self {
            lane,
            own: target.part(start, text.len()),
            name: target.part(start, bracket),
            part,
        })
    }

    /// The same for a tensor by its name, or an element of it; none where the text names no tensor.
    fn tensor(session: &Session, target: &Phrase) -> Result<Option<Self>> {
        if session.lanes.tensors().is_empty() {
            return Ok(None);
        }
        let named = named_part(target.source(), target.span(), &session.lanes.names())?;
        let Some(part) = named else {
            return Ok(None);
        };
        let split = part.vector.split_once('.');
        let split = split.and_then(|(lane, name)| Some((session.lanes.find(lane)?, name)));
        let (lane, name) = split.unwrap_or((session.lanes.focus, &part.vector));
        Ok(Some(Self {
            lane,
            own: target.clone(),
            name: name.into(),
            part: Some(Part::Coordinates(part.range)),
        }))
    }

    /// True where it is an element or a tensor.
    pub fn is_part(&self) -> bool {
        self.part.is_some()
    }

    /// The elements of `variable`, from 0 and row by row, that are meant; `None` for all of them.
    ///
    /// # Errors
    /// The variable has no such elements.
    pub fn elements(&self, variable: &Variable) -> Result<Option<Range<usize>>> {
        let name = &variable.name;
        let message = match (&self.part, variable.extent) {
            (None, _) => return Ok(None),
            (Some(_), Extent::Scalar) => format!("`{name}` is one number and has no elements"),
            (Some(Part::Coordinates(range)), extent) if range.end <= extent.len() => {
                return Ok(Some(range.clone()));
            }
            (Some(Part::Coordinates(_)), extent) => {
                format!("`{name}` is {extent} and has no tensors")
            }
            (Some(Part::Index(index)), extent) => match place(index.text(), extent) {
                Some(at) => return Ok(Some(at..at + 1)),
                None => format!("`{name}` is {extent}; {}", indices(extent)),
            },
        };
        Err(self.own.error(message))
    }
}

/// The error for a name that its lane lacks, where another lane has it: `again` is to say what to write
/// for that lane's.
pub(super) fn elsewhere(
    session: &Session,
    target: &Referent,
    again: impl FnOnce(&str) -> String,
) -> Option<Error> {
    let names = session.lanes.names();
    let (message, lane) = names.elsewhere(target.lane, target.name.text())?;
    let own = format!("{lane}.{}", target.own.text());
    let error = target.name.error(message);
    Some(error.help(format!("write `{}`", again(&own))))
}

/// The indices that there are, in words.
fn indices(extent: Extent) -> String {
    match extent {
        Extent::Matrix(rows, columns) if rows != columns => {
            format!("rows run from 1 to {rows}, columns from 1 to {columns}")
        }
        Extent::Matrix(rows, _) => format!("indices run from 1 to {rows}, as in [1, {rows}]"),
        extent => format!("indices run from 1 to {}", extent.len()),
    }
}

/// The element, from 0, that `I` or `I, J` means.
fn place(index: &str, extent: Extent) -> Option<usize> {
    let index_below = |text: &str, len: usize| -> Option<usize> {
        let index: usize = text.trim().parse().ok()?;
        (1..=len).contains(&index).then(|| index - 1)
    };
    match (extent, index.split_once(',')) {
        (Extent::Vector(len), None) => index_below(index, len),
        (Extent::Matrix(rows, columns), Some((row, column))) => {
            Some(index_below(row, rows)? * columns + index_below(column, columns)?)
        }
        _ => None,
    }
}
