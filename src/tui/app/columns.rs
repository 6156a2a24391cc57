//! The elements of vectors that the listing shows: which of them, in what order, or all of them summed up.

use super::frame_budget::{FrameBudget, Moment};
use crate::{
    debugger::{
        Session,
        watch::{ExpectedType, Watch},
    },
    error::{Error, ErrorCode, Result, Source, Span},
    lang::graph::Extent,
    rule::Tensor,
    tui::view_command::{ColumnOrder, ViewCommand, add_if, way},
    value::Value,
};

/// Elements that there is room for on the widest screen.
const MOST: usize = 1 << 13;

/// The elements that stand in columns.
#[derive(Debug, Default)]
pub struct Columns {
    order: ColumnOrder,
    /// The expression of [`ColumnOrder::By`], for the lane that was in focus.
    watch: Option<(String, Watch)>,
    first: usize,
    /// True if vectors are summed up: norm, quantiles, histogram.
    pub is_summary: bool,
    shown: Vec<usize>,
    /// The element in which a rule that is led along a run deviated most at the end of the last iteration: it stands first, unless other
    /// elements are asked for.
    deviating: Option<usize>,
    /// The moment that they were ordered for.
    known: Option<Moment>,
}

/// The elements that were asked for.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct ColumnsLook {
    order: ColumnOrder,
    first: usize,
    is_summary: bool,
}

impl ColumnsLook {
    /// Adds the commands that lead here from `before`.
    pub fn since(&self, before: &Self, to: &mut Vec<ViewCommand>) {
        let is_other = self.order != before.order;
        add_if(is_other, ViewCommand::Sort(self.order.clone()), to);
        let first = if is_other { 0 } else { before.first };
        to.extend(way(first, self.first).map(ViewCommand::Columns));
        let is_changed = self.is_summary != before.is_summary;
        add_if(is_changed, ViewCommand::Summary, to);
    }
}

impl Columns {
    /// The elements that were asked for.
    pub(super) fn look(&self) -> ColumnsLook {
        ColumnsLook {
            order: self.order.clone(),
            first: self.first,
            is_summary: self.is_summary,
        }
    }

    /// The elements, from 0, in the order of their columns.
    #[must_use]
    pub fn shown(&self) -> &[usize] {
        &self.shown
    }

    /// The same, unless vectors are summed up.
    pub(super) fn in_columns(&self) -> Option<&[usize]> {
        (!self.is_summary).then_some(&self.shown)
    }

    /// The elements that were asked for by name, if any.
    #[must_use]
    pub fn chosen(&self) -> Option<&[usize]> {
        match &self.order {
            ColumnOrder::Only(chosen) => Some(chosen),
            _ => None,
        }
    }

    /// The order, in a few words; empty where it is that of the names.
    #[must_use]
    pub fn note(&self) -> String {
        match &self.order {
            ColumnOrder::By(text) => format!("by |{text}|"),
            ColumnOrder::ByName | ColumnOrder::Only(_) => String::new(),
        }
    }

    /// True where an expression says in which order they stand.
    pub(super) fn are_sorted(&self) -> bool {
        matches!(self.order, ColumnOrder::By(_))
    }

    /// Moves the columns by so many.
    pub(super) fn scroll(&mut self, session: &Session, by: i64) {
        let size = usize::try_from(by.unsigned_abs()).unwrap_or(usize::MAX);
        let count = match &self.order {
            ColumnOrder::Only(chosen) => chosen.len(),
            _ => session.landscape().start.len(),
        };
        let to = if by < 0 {
            self.first.saturating_sub(size)
        } else {
            self.first.saturating_add(size)
        };
        self.first = to.min(count.saturating_sub(1));
        self.known = None;
    }

    /// Shows the columns in another order.
    ///
    /// # Errors
    /// An index that no parameter has, an expression that is not a vector with an element for each.
    pub(super) fn arrange(&mut self, session: &Session, order: &ColumnOrder) -> Result<()> {
        let n = session.landscape().start.len();
        match order {
            ColumnOrder::ByName => {}
            ColumnOrder::Only(chosen) => {
                if let Some(index) = chosen.iter().find(|index| **index >= n) {
                    let message = format!("there is no w[{}]", index + 1);
                    return Err(Error::plain(ErrorCode::InvalidValue, message)
                        .help(format!("indices run from 1 to {n}")));
                }
            }
            ColumnOrder::By(text) => {
                compiled(session, text)?;
            }
        }
        self.order = order.clone();
        self.watch = None;
        self.known = None;
        self.first = 0;
        Ok(())
    }

    /// Finds out which elements there are to show where the session is.
    pub(super) fn follow(&mut self, session: &mut Session, budget: &mut FrameBudget) {
        if self.known == Some(budget.at()) {
            return;
        }
        self.known = Some(budget.at());
        if session.lanes().focused().lane.position().line == 0 {
            self.deviating = session.deviating_element();
        }
        let n = session.landscape().start.len();
        let all: Vec<usize> = match &self.order {
            ColumnOrder::ByName => {
                let lanes = session.lanes();
                let own = lanes.own_first(lanes.focus(), n).into_iter().flatten();
                let lead = self.deviating.filter(|at| self.first == 0 && *at < n);
                let others = own.skip(self.first).filter(|at| Some(*at) != lead);
                lead.into_iter().chain(others).take(MOST).collect()
            }
            ColumnOrder::Only(chosen) => chosen.iter().copied().skip(self.first).collect(),
            ColumnOrder::By(text) => {
                let lane = session.lanes().focused().name.clone();
                if self.watch.as_ref().is_none_or(|(known, _)| *known != lane) {
                    self.watch = compiled(session, text).ok().map(|watch| (lane, watch));
                }
                let watch = self.watch.as_mut();
                let (value, has_ended) = budget.spend(session, |session, control| {
                    let value = watch.and_then(|(_, watch)| session.value(watch, control));
                    (value, control.has_ended())
                });
                self.known = self.known.filter(|_| !has_ended);
                let most = self.first.saturating_add(MOST);
                let order = match value {
                    Some(Value::Vector(values)) => by_size(&values, most),
                    _ => (0..n).take(most).collect(),
                };
                order.into_iter().skip(self.first).take(MOST).collect()
            }
        };
        self.shown = all;
    }
}

/// The expression that columns are sorted by.
fn compiled(session: &Session, text: &str) -> Result<Watch> {
    let source = Source::new("<view sort>", text);
    let whole = Span::new(0, text.len());
    let names = session.lanes().names();
    let watch = Watch::new(&source, whole, &names, ExpectedType::Any)?;
    let n = session.landscape().start.len();
    if watch.extent() == Extent::Vector(n) {
        return Ok(watch);
    }
    let message = format!("`{text}` is {}, not an element for each w", watch.extent());
    Err(
        Error::new(ErrorCode::ShapeMismatch, &source, whole, message)
            .help("sort by a vector like w: view sort step, view sort m_hat/sqrt(s_hat)"),
    )
}

/// The name of the parameter `at` (from 0) on the screen: `w3`, or `fc.weight[2,1]` where it lies in a tensor with a name.
#[must_use]
pub fn parameter_name(tensors: &[Tensor], at: usize) -> String {
    match named_tensor(tensors, at) {
        Some(tensor) => tensor.element_name("w", at),
        None => format!("w{}", at + 1),
    }
}

/// The tensor with a name that the parameter `at` (from 0) lies in, if any.
#[must_use]
pub fn named_tensor(tensors: &[Tensor], at: usize) -> Option<&Tensor> {
    let after = tensors.partition_point(|it| it.range.end <= at);
    tensors.get(after).filter(|it| !it.name.is_empty())
}

/// The places of the `most` largest elements in size; equal ones, as for a vector of one element, in their order.
fn by_size(values: &[f64], most: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    let size = |at: usize| {
        if values[at].is_nan() {
            f64::INFINITY
        } else {
            values[at].abs()
        }
    };
    let larger_first = |a: &usize, b: &usize| size(*b).total_cmp(&size(*a)).then(a.cmp(b));
    if order.len() > most {
        order.select_nth_unstable_by(most, larger_first);
        order.truncate(most);
    }
    order.sort_unstable_by(larger_first);
    order
}

#[cfg(test)]
mod tests {
    use super::by_size;

    #[test]
    fn the_largest_come_first_and_equal_ones_in_their_order() {
        let values = [1.0, -3.0, f64::NAN, 3.0, 0.0, -0.0];
        let all = [2, 1, 3, 0, 4, 5];
        for most in 0..=7 {
            assert_eq!(by_size(&values, most), all[..most.min(6)], "{most}");
        }
    }
}
