//! The numbers of one field in one row.

use super::super::{fields::FieldPart, store::RowView};
use crate::lang::number::{ABSENT, is_absent};
use std::collections::BTreeMap;

/// The parts of a field in a row.
pub(super) struct RowParts<'a> {
    view: &'a RowView<'a>,
    late: &'a BTreeMap<usize, (usize, Vec<f64>)>,
    /// The number of the row in the store.
    row: usize,
    field: usize,
}

impl<'a> RowParts<'a> {
    pub fn new(
        view: &'a RowView<'a>,
        late: &'a BTreeMap<usize, (usize, Vec<f64>)>,
        row: usize,
        field: usize,
    ) -> Self {
        Self {
            view,
            late,
            row,
            field,
        }
    }

    /// The parameters of a tensor that begins in a later row.
    fn late(&self, part: &FieldPart) -> Option<&'a [f64]> {
        let late = part.column.and_then(|column| self.late.get(&column));
        let late = late.filter(|it| self.field == 0 && self.row < it.0);
        late.map(|it| it.1.as_slice())
    }

    /// Adds the numbers of all `parts` to `out`; false, and `out` is empty, where none were recorded, or not all parameters.
    pub fn read(&self, parts: &[FieldPart], out: &mut Vec<f64>) -> bool {
        let mut is_known = false;
        for part in parts {
            let values = part.column.and_then(|column| self.view.column(column));
            is_known |= values.is_some();
            match (values, &part.spread) {
                (Some(values), None) => values.put(out),
                (Some(values), Some(places)) => {
                    let value = |place: &u32| values.get(*place as usize);
                    out.extend(places.iter().map(|place| value(place).unwrap_or(ABSENT)));
                }
                (None, spread) => match (self.late(part), spread) {
                    (Some(first), None) => out.extend_from_slice(first),
                    (Some(first), Some(places)) => {
                        let value = |place: &u32| first.get(*place as usize).copied();
                        out.extend(places.iter().map(|it| value(it).unwrap_or(ABSENT)));
                    }
                    (None, _) => out.resize(out.len() + part.len, ABSENT),
                },
            }
        }
        self.ends(is_known, out)
    }

    /// The same of the numbers at `places`, which are in order.
    pub fn read_at(&self, parts: &[FieldPart], places: &[usize], out: &mut Vec<f64>) -> bool {
        let (mut is_known, mut is_whole) = (false, true);
        let (mut first, mut rest) = (0, places);
        for part in parts {
            let values = part.column.and_then(|column| self.view.column(column));
            let late = self.late(part);
            is_known |= values.is_some();
            is_whole &= part.len == 0 || values.is_some() || late.is_some();
            let end = first + part.len;
            let (own, others) = rest.split_at(rest.partition_point(|it| *it < end));
            out.extend(own.iter().map(|place| {
                let at = place - first;
                let value = match (values, &part.spread) {
                    (Some(values), None) => values.get(at),
                    (Some(values), Some(places)) => values.get(places[at] as usize),
                    (None, spread) => {
                        let at = spread.as_ref().map_or(at, |places| places[at] as usize);
                        late.and_then(|it| it.get(at).copied())
                    }
                };
                value.unwrap_or(ABSENT)
            }));
            (first, rest) = (end, others);
        }
        self.ends(is_known && (self.field != 0 || is_whole), out)
    }

    fn ends(&self, is_known: bool, out: &mut Vec<f64>) -> bool {
        let is_told = is_known && (self.field != 0 || !out.iter().any(|value| is_absent(*value)));
        if !is_told {
            out.clear();
        }
        is_told
    }
}
