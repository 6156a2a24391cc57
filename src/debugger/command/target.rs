//! `[LANE.]NAME` and `[LANE.]NAME[I]`: what `set` and `explain` are about.

use super::Arguments;
use crate::{
    debugger::session::Session,
    lang::{
        error::{Error, Result},
        graph::Extent,
        source::Span,
    },
    rule::Variable,
};

/// Something of a lane that has a name, or an element of it.
pub(super) struct Target {
    /// The lane that is named, else the one in focus.
    pub lane: usize,
    /// All of it but the lane.
    pub own: Span,
    /// The name alone.
    pub name: Span,
    /// What stands within brackets.
    pub index: Option<Span>,
}

impl Target {
    /// Reads the target at `span`.
    ///
    /// # Errors
    /// There is no such lane, or a bracket is not closed.
    pub fn read(session: &Session, arguments: &Arguments, span: Span) -> Result<Self> {
        let text = arguments.slice(span);
        let bracket = text.find('[').unwrap_or(text.len());
        let (lane, start) = match text[..bracket].find('.') {
            None => (session.lanes.focus, span.start),
            Some(dot) => {
                let place = Span::new(span.start, span.start + dot);
                let lane = session.lanes.find(&text[..dot]).ok_or_else(|| {
                    let names = session.lanes.entries.iter().map(|entry| &entry.name);
                    arguments
                        .error(place, format!("there is no lane `{}`", &text[..dot]))
                        .suggest(&text[..dot], "lanes", names)
                })?;
                (lane, place.end + 1)
            }
        };
        let own = Span::new(start, span.end);
        let name = Span::new(start, span.start + bracket);
        let index = match text.get(bracket + 1..) {
            None => None,
            Some(rest) if rest.ends_with(']') => {
                let from = name.end + 1;
                Some(Span::new(from, from + rest.len() - 1))
            }
            Some(_) => {
                let open = Span::new(name.end, name.end + 1);
                return Err(arguments.error(open, "this `[` is never closed"));
            }
        };
        Ok(Self {
            lane,
            own,
            name,
            index,
        })
    }

    /// Which element of `variable`, from 0 and row by row, is meant; `None` for all of them.
    ///
    /// # Errors
    /// The variable has no such element.
    pub fn element(&self, arguments: &Arguments, variable: &Variable) -> Result<Option<usize>> {
        let Some(index) = self.index else {
            return Ok(None);
        };
        let name = &variable.name;
        let message = match variable.extent {
            Extent::Scalar => format!("`{name}` is one number and has no elements"),
            extent => match place(arguments.slice(index), extent) {
                Some(at) => return Ok(Some(at)),
                None => format!("`{name}` is {extent}; {}", indices(extent)),
            },
        };
        Err(arguments.error(self.own, message))
    }

    /// The error for a name that its lane lacks, where another lane has it: `again` is to say what to
    /// write for that lane's.
    pub fn elsewhere(
        &self,
        session: &Session,
        arguments: &Arguments,
        again: impl FnOnce(&str) -> String,
    ) -> Option<Error> {
        let names = session.lanes.names();
        let (message, lane) = names.elsewhere(self.lane, arguments.slice(self.name))?;
        let own = format!("{lane}.{}", arguments.slice(self.own));
        let error = arguments.error(self.name, message);
        Some(error.help(format!("write `{}`", again(&own))))
    }
}

/// Which indices there are, in words.
fn indices(extent: Extent) -> String {
    match extent {
        Extent::Matrix(rows, columns) if rows != columns => {
            format!("rows run from 1 to {rows}, columns from 1 to {columns}")
        }
        Extent::Matrix(rows, _) => format!("indices run from 1 to {rows}, as in [1, {rows}]"),
        extent => format!("indices run from 1 to {}", extent.len()),
    }
}

/// Which element, from 0, `I` or `I, J` means.
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
