//! `[LANE.]NAME` and `[LANE.]NAME[I]`: what `set` and `explain` are about.

use super::Session;
use crate::{
    debugger::command::Phrase,
    error::{Error, Result},
    lang::graph::Extent,
    rule::Variable,
};

/// Something of a lane that has a name, or an element of it.
pub(super) struct Referent {
    /// The lane that is named, else the one in focus.
    pub lane: usize,
    /// All of it but the lane.
    pub own: Phrase,
    /// The name alone.
    pub name: Phrase,
    /// Everything within brackets.
    pub index: Option<Phrase>,
}

impl Referent {
    /// Reads a target.
    ///
    /// # Errors
    /// There is no such lane, or a bracket is not closed.
    pub fn read(session: &Session, target: &Phrase) -> Result<Self> {
        let text = target.text();
        let bracket = text.find('[').unwrap_or(text.len());
        let (lane, start) = match text[..bracket].find('.') {
            None => (session.lanes.focus, 0),
            Some(dot) => {
                let lane = session.lanes.find(&text[..dot]).ok_or_else(|| {
                    let names = session.lanes.entries.iter().map(|entry| &entry.name);
                    target
                        .part(0, dot)
                        .error(format!("there is no lane `{}`", &text[..dot]))
                        .suggest(&text[..dot], "lanes", names)
                })?;
                (lane, dot + 1)
            }
        };
        let index = match text.get(bracket + 1..) {
            None => None,
            Some(rest) if rest.ends_with(']') => Some(target.part(bracket + 1, text.len() - 1)),
            Some(_) => {
                let open = target.part(bracket, bracket + 1);
                return Err(open.error("this `[` is never closed"));
            }
        };
        Ok(Self {
            lane,
            own: target.part(start, text.len()),
            name: target.part(start, bracket),
            index,
        })
    }

    /// The element of `variable`, from 0 and row by row, that is meant; `None` for all of them.
    ///
    /// # Errors
    /// The variable has no such element.
    pub fn element(&self, variable: &Variable) -> Result<Option<usize>> {
        let Some(index) = &self.index else {
            return Ok(None);
        };
        let name = &variable.name;
        let message = match variable.extent {
            Extent::Scalar => format!("`{name}` is one number and has no elements"),
            extent => match place(index.text(), extent) {
                Some(at) => return Ok(Some(at)),
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
