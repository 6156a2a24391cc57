//! The columns of the listing, by the room that there is.

use super::{comparison, summary, tight};
use crate::{
    format::column::number,
    lang::number::is_absent,
    rule::index,
    tui::{
        app::{App, named_tensor, parameter_name},
        cells::cells,
        theme::Role,
        view::frame::put,
    },
};
use ratatui::{buffer::Buffer, layout::Rect};

/// Columns before the line's number: break and cursor.
pub(super) const MARKS: u16 = 2;

/// Cells of the history of a variable, its blank included.
const HISTORY: u16 = 6;

/// Elements that are shown even if a line is cut.
const FEWEST: usize = 2;

/// Columns from one number to the next where the names need them; a longer name is cut.
const WIDEST: usize = 18;

/// The names of the elements `shown`: after one of the same tensor, the index alone.
fn element_names(app: &App, shown: &[usize]) -> Vec<String> {
    let tensors = app.session.lanes().tensors();
    let of = |at: &usize| named_tensor(tensors, *at);
    let before = std::iter::once(None).chain(shown.iter().map(of));
    let names = shown.iter().zip(before).map(|(at, before)| match of(at) {
        Some(tensor) if Some(tensor) == before && tensor.range.len() > 1 => {
            index(&tensor.shape, at - tensor.range.start)
        }
        _ => parameter_name(tensors, *at),
    });
    names.collect()
}

/// The way a line is laid out.
pub(super) struct ListingLayout {
    /// The first line whose result is not what was recorded, from 1.
    pub off: Option<usize>,
    /// Digits of the last line's number.
    pub digits: usize,
    /// The place where the source begins.
    pub source: u16,
    /// The number of columns of numbers that are shown.
    pub count: usize,
    /// True if what was recorded, and the difference, stand beside each element.
    pub is_led: bool,
    /// The names of the columns; more than there is room for.
    pub names: Vec<String>,
    /// Columns of a number.
    pub width: usize,
    /// Columns from one number to the next.
    pub each: usize,
    /// Columns of the name before a number that is shorter.
    indent: usize,
    /// The place where the first number begins.
    pub start: u16,
    /// Cells of the history behind the numbers.
    pub history: u16,
}

impl ListingLayout {
    pub fn new(app: &App, room: u16) -> Self {
        let compiled = app.session.lanes().focused().compiled();
        let is_led = app.session.recording_beside().is_some();
        let names: Vec<String> = if app.columns.is_summary {
            let beside: &[&str] = if is_led { &comparison::NAMES } else { &[] };
            let own = summary::NAMES.iter();
            let first = own.clone().take(1).chain(beside);
            first
                .chain(own.skip(1))
                .map(|it| (*it).to_owned())
                .collect()
        } else {
            let shown = app.columns.shown();
            let shown =
                element_names(app, &shown[..shown.len().min(usize::from(room))]).into_iter();
            if is_led {
                let beside = comparison::NAMES.map(str::to_owned);
                shown
                    .flat_map(|it| std::iter::once(it).chain(beside.clone()))
                    .collect()
            } else {
                shown.collect()
            }
        };
        let digits = compiled.lines.len().max(1).to_string().len();
        // Enough for three digits of what is small; more of them would jitter at every step.
        let width = 7;
        let history = match app.columns.is_summary {
            true if room >= 40 => u16::try_from(summary::BINS + 1).unwrap_or(0),
            false if room >= 68 => HISTORY,
            _ => 0,
        };
        // A number and its mark, or brackets; half the room is the source's.
        let own = width + if app.theme.has_colour() { 1 } else { 2 };
        // Names after the first cannot reach further to the left, but where columns of its own stand between.
        let most = usize::from(room) / 2 / own;
        let further = names.iter().take(if is_led { 0 } else { most }).skip(1);
        let named = further.map(|name| cells(name) + 1).max();
        let each = own.max(named.unwrap_or(0).min(WIDEST));
        let fits = (usize::from(room) / 2 / each).max(1);
        let source = MARKS + u16::try_from(digits + 1).unwrap_or(u16::MAX);
        // Fewer elements where a line would be cut for their sake.
        let longest = compiled
            .rule
            .step
            .iter()
            .map(|statement| cells(&tight(compiled.rule.source.slice(statement.span))));
        let longest = longest.max().unwrap_or(0) + usize::from(source + 1 + history);
        let beside = usize::from(room).saturating_sub(longest) / each;
        let most = if app.columns.is_summary {
            fits
        } else {
            beside.max(FEWEST)
        };
        let count = names.len().min(fits).min(most);
        // The recorded value and the difference go with an element.
        let count = match (is_led, app.columns.is_summary) {
            (true, true) => count.max(comparison::EACH),
            (true, false) => (count / comparison::EACH).max(1) * comparison::EACH,
            (false, _) => count,
        };
        let count = count.min(names.len());
        let used = u16::try_from(count * each).unwrap_or(u16::MAX);
        Self {
            digits,
            off: app.session.first_deviation().map(|it| it.line),
            source,
            count,
            is_led,
            names,
            width,
            each,
            indent: each - own,
            start: room.saturating_sub(used + history),
            history,
        }
    }

    /// The number of elements that are shown.
    pub fn elements(&self) -> usize {
        self.count / self.each_element()
    }

    /// The column of the value of the element that is shown as number `at`.
    pub fn of_element(&self, at: usize) -> usize {
        at * self.each_element()
    }

    /// The columns of an element.
    fn each_element(&self) -> usize {
        if self.is_led { comparison::EACH } else { 1 }
    }

    /// Writes the numbers that sum up `values`; those of what was recorded have columns of their own behind the first.
    pub fn summary(
        &self,
        app: &App,
        values: &[f64],
        look: (Role, bool),
        y: u16,
        inner: Rect,
        buf: &mut Buffer,
    ) {
        let skipped = if self.is_led {
            comparison::NAMES.len()
        } else {
            0
        };
        for (at, number) in summary::numbers(values).iter().enumerate() {
            let at = if at > 0 { at + skipped } else { at };
            if at < self.count {
                let text = self.written(*number, false);
                self.cell(app, at, &text, look, y, inner, buf);
            }
        }
    }

    /// The room for the source.
    pub fn room(&self) -> usize {
        usize::from(self.start.saturating_sub(self.source + 1))
    }

    pub fn x(&self, at: usize) -> u16 {
        self.start + u16::try_from(at * self.each + self.indent).unwrap_or(u16::MAX)
    }

    /// The column behind a number, for its mark.
    pub fn after(&self, at: usize) -> u16 {
        self.x(at) + u16::try_from(self.width).unwrap_or(0)
    }

    /// A number, or the truth value that it stands for, in the width of a column.
    pub fn written(&self, value: f64, is_truth: bool) -> String {
        if is_truth {
            format!("{:>1$}", value != 0.0, self.width)
        } else if is_absent(value) {
            format!("{:>1$}", "-", self.width)
        } else {
            number(value, self.width)
        }
    }

    /// Writes a text in the column of element `at`; one of the iteration before in brackets, where no colour tells.
    #[expect(
        clippy::too_many_arguments,
        reason = "a cell: its value, its look and its place"
    )]
    pub fn cell(
        &self,
        app: &App,
        at: usize,
        text: &str,
        (role, is_stale): (Role, bool),
        y: u16,
        inner: Rect,
        buf: &mut Buffer,
    ) {
        let style = app.theme.style(role);
        put(buf, inner, self.x(at), y, text, style);
        if is_stale && !app.theme.has_colour() {
            let digits = u16::try_from(text.trim_start().len()).unwrap_or(0);
            let after = self.after(at);
            put(
                buf,
                inner,
                (after - digits).saturating_sub(1),
                y,
                "[",
                style,
            );
            put(buf, inner, after, y, "]", style);
        }
    }
}
