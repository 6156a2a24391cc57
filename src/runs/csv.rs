//! Lines of CSV as rows: columns called `w[1],w[2]`, `w[1,2]` or `w.0,w.1` make up one array; so do `w1,w2`, and beside
//! them whatever is numbered alike, such as `g1,g2`.
//!
//! A column without a name numbers the rows, as data frames write it, and a column of text says nothing of a run: both
//! are left out.

use super::{
    COUNTERS,
    fields::PARAMETERS,
    number,
    row::{Flaw, ParsedRow},
};
use crate::columns::{Traced, name_of};
use std::collections::{HashMap, HashSet};

/// The header line, parsed.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct CsvColumns {
    separator: u8,
    count: usize,
    lane: Option<usize>,
    arrays: Vec<Array>,
}

/// The columns of one name.
#[derive(Debug, Clone, PartialEq)]
struct Array {
    name: String,
    shape: Vec<usize>,
    cells: Vec<usize>,
}

impl CsvColumns {
    /// Reads the line of names.
    pub fn read(names: &[u8]) -> Result<Self, Flaw> {
        let separator = separator(names);
        let mut cells = Vec::new();
        split(names, separator, &mut cells)?;
        let mut texts: Vec<String> = cells
            .iter()
            .map(|cell| unquoted(&names[cell.0..cell.1]))
            .collect();
        name_counter(&mut texts);
        let numbered = Numbered::of(&texts);
        let mut arrays: Vec<(Array, Vec<Vec<usize>>)> = Vec::new();
        let mut places: HashMap<(&str, usize), usize> = HashMap::new();
        let mut taken: HashSet<(&str, Vec<usize>)> = HashSet::new();
        let mut lane = None;
        for (at, &(start, end)) in cells.iter().enumerate() {
            let name = texts[at].trim();
            if name == name_of(Traced::Lane) {
                lane = Some(at);
                continue;
            }
            if name.is_empty() && cells.len() > 1 {
                continue;
            }
            if name.is_empty() || number::parse(name.as_bytes()).is_some() {
                return Err(Flaw::new(start, end, "a name of a column is expected here")
                    .help("the first line of CSV names its columns, like t,loss,w[1],w[2]"));
            }
            let (base, index) = numbered.split(name).unwrap_or_else(|| indexed(name));
            if !taken.insert((base, index.clone())) {
                let reason = format!("there are two columns `{name}`");
                return Err(Flaw::new(start, end, reason).help("give one of them another name"));
            }
            let place = *places.entry((base, index.len())).or_insert(arrays.len());
            if let Some((array, indices)) = arrays.get_mut(place) {
                array.cells.push(at);
                indices.push(index);
            } else {
                let array = Array {
                    name: base.to_owned(),
                    shape: Vec::new(),
                    cells: vec![at],
                };
                arrays.push((array, vec![index]));
            }
        }
        let arrays = arrays
            .into_iter()
            .flat_map(|(array, indices)| shaped(array, indices))
            .collect();
        Ok(Self {
            separator,
            count: cells.len(),
            lane,
            arrays,
        })
    }

    /// Leaves out the columns that have a text in `line`, the first below the names: only those of one cell whose names are
    /// not `wanted`.
    pub fn leave_out_text(&mut self, line: &[u8], wanted: impl Fn(&str) -> bool) {
        let mut cells = Vec::new();
        if split(line, self.separator, &mut cells).is_err() || cells.len() != self.count {
            return;
        }
        let separator = self.separator;
        self.arrays.retain(|array| {
            let [cell] = array.cells[..] else { return true };
            let (from, to) = cells[cell];
            wanted(&array.name) || value(&line[from..to], separator).is_some()
        });
    }

    /// Reads a line of numbers into `row`, which is cleared first; `cells` is scratch space.
    pub fn row(
        &self,
        line: &[u8],
        row: &mut ParsedRow,
        cells: &mut Vec<(usize, usize)>,
    ) -> Result<(), Flaw> {
        row.clear();
        cells.clear();
        split(line, self.separator, cells)?;
        if cells.len() != self.count {
            let reason = format!(
                "this row has {} cells, the line of names {}",
                cells.len(),
                self.count
            );
            return Err(Flaw::new(0, line.len(), reason));
        }
        if let Some(at) = self.lane {
            let (start, end) = cells[at];
            row.name_lane().push_str(&unquoted(&line[start..end]));
        }
        for array in &self.arrays {
            let start = array.cells.first().map_or(0, |at| cells[*at].0);
            let mut end = start;
            let mut empty = true;
            row.begin(&array.name, start);
            for &at in &array.cells {
                let (from, to) = cells[at];
                let text = &line[from..to];
                end = end.max(to);
                empty &= text.trim_ascii().is_empty();
                let value =
                    value(text, self.separator).ok_or_else(|| number::flaw(text, from, to))?;
                row.number(value);
            }
            if empty {
                row.drop_last();
            } else {
                row.end(&array.shape, end);
            }
        }
        Ok(())
    }
}

/// What separates the names: what there is most of outside of quotes and indices such as `w[1,2]`.
fn separator(names: &[u8]) -> u8 {
    let (mut is_quoted, mut is_index) = (false, false);
    let mut counts = [(b',', 0), (b'\t', 0), (b';', 0)];
    for byte in names {
        match byte {
            b'"' => is_quoted = !is_quoted,
            b'[' | b']' => is_index = *byte == b'[',
            _ => {}
        }
        if !is_quoted && !is_index {
            let own = counts.iter_mut().find(|it| it.0 == *byte);
            if let Some((_, count)) = own {
                *count += 1;
            }
        }
    }
    counts
        .into_iter()
        .rev()
        .max_by_key(|it| it.1)
        .map_or(b',', |it| it.0)
}

/// Gives the counter its own name where a log begins it with a capital, as `Step`; one letter is a quantity's.
fn name_counter(names: &mut [String]) {
    for counter in COUNTERS.iter().filter(|it| it.len() > 1) {
        if names.iter().any(|name| name.trim() == *counter) {
            continue;
        }
        let mut written = names.iter_mut();
        let named = written.find(|name| name.trim().eq_ignore_ascii_case(counter));
        if let Some(name) = named {
            (*counter).clone_into(name);
        }
    }
}

/// The number that a cell is, if it is one. Where commas do not separate cells, one may stand for the point.
fn value(text: &[u8], separator: u8) -> Option<f64> {
    match text.trim_ascii() {
        b"" | b"null" | b"None" | b"NA" => Some(f64::NAN),
        b"true" | b"True" => Some(1.0),
        b"false" | b"False" => Some(0.0),
        text => number::parse(text).or_else(|| {
            let at = text.iter().position(|byte| *byte == b',')?;
            let is_decimal = separator != b',' && !text.contains(&b'.');
            is_decimal.then(|| number::parse(&[&text[..at], b".", &text[at + 1..]].concat()))?
        }),
    }
}

/// The text of a cell, in which a quote stands for two.
fn unquoted(cell: &[u8]) -> String {
    String::from_utf8_lossy(cell).replace("\"\"", "\"")
}

/// The byte ranges of the cells of `line`, without their quotes.
fn split(line: &[u8], separator: u8, cells: &mut Vec<(usize, usize)>) -> Result<(), Flaw> {
    let end = line.iter().rposition(|byte| !matches!(byte, b'\r' | b'\n'));
    let line = &line[..end.map_or(0, |end| end + 1)];
    let mut at = 0;
    loop {
        if line.get(at) == Some(&b'"') {
            let inside = &line[at + 1..];
            let Some(len) = closing_quote(inside) else {
                return Err(Flaw::new(at, line.len(), "this cell has no closing quote"));
            };
            cells.push((at + 1, at + 1 + len));
            at += len + 2;
            if at < line.len() && line[at] != separator {
                return Err(Flaw::new(at, at + 1, "a separator is expected here"));
            }
        } else {
            let len = line[at..].iter().position(|byte| *byte == separator);
            let len = len.unwrap_or(line.len() - at);
            cells.push((at, at + len));
            at += len;
        }
        if at >= line.len() {
            return Ok(());
        }
        at += 1;
    }
}

/// The place of the quote that closes a cell; two of them are one within it.
fn closing_quote(inside: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        at += inside[at..].iter().position(|byte| *byte == b'"')?;
        if inside.get(at + 1) != Some(&b'"') {
            return Some(at);
        }
        at += 2;
    }
}

/// A name without its index, and the index: `w[2,1]` is `w` and 2, 1; `w.0` is `w` and 0.
fn indexed(name: &str) -> (&str, Vec<usize>) {
    let within = name
        .strip_suffix(']')
        .and_then(|name| name.rsplit_once('['));
    let split = within.or_else(|| name.rsplit_once('.'));
    if let Some((base, index)) = split {
        let index: Result<Vec<usize>, _> = index.split(',').map(|it| it.trim().parse()).collect();
        if let (Ok(index), false) = (index, base.is_empty()) {
            return (base, index);
        }
    }
    (name, Vec::new())
}

/// The numbers of columns like `w1,w2`: those of the parameters. A column of another quantity that ends in a number, like
/// `loss2`, is one of an array only where all of them are numbered as the parameters are.
struct Numbered<'a> {
    bases: Vec<&'a str>,
}

impl<'a> Numbered<'a> {
    fn of(names: &'a [String]) -> Self {
        let mut families: Vec<(&str, Vec<usize>)> = Vec::new();
        for (base, number) in names.iter().filter_map(|name| at_digits(name.trim())) {
            match families.iter_mut().find(|family| family.0 == base) {
                Some(family) => family.1.push(number),
                None => families.push((base, vec![number])),
            }
        }
        for family in &mut families {
            family.1.sort_unstable();
        }
        let plain = |base: &str| names.iter().any(|name| indexed(name.trim()).0 == base);
        let is_whole = |numbers: &[usize]| {
            let first = numbers.first().copied().unwrap_or(2);
            first <= 1 && numbers.iter().enumerate().all(|(at, it)| *it == first + at)
        };
        let parameters = PARAMETERS.iter().find_map(|name| {
            let family = families.iter().find(|family| family.0 == *name)?;
            (is_whole(&family.1) && !plain(name)).then(|| family.1.clone())
        });
        let alike = families
            .iter()
            .filter(|family| Some(&family.1) == parameters.as_ref() && !plain(family.0));
        Self {
            bases: alike.map(|family| family.0).collect(),
        }
    }

    /// The name of the array that column `name` belongs to, and its index in it.
    fn split<'n>(&self, name: &'n str) -> Option<(&'n str, Vec<usize>)> {
        let (base, number) = at_digits(name)?;
        self.bases.contains(&base).then(|| (base, vec![number]))
    }
}

/// `w2` as `w` and 2.
fn at_digits(name: &str) -> Option<(&str, usize)> {
    let base = name.trim_end_matches(|c: char| c.is_ascii_digit());
    let number = name[base.len()..].parse().ok()?;
    (!base.is_empty()).then_some((base, number))
}

/// The array with its shape, its cells in the order of their indices; columns apart where those have gaps.
fn shaped(array: Array, indices: Vec<Vec<usize>>) -> Vec<Array> {
    let axes = indices.first().map_or(0, Vec::len);
    if axes == 0 {
        return vec![array];
    }
    let range = |axis: usize| {
        let along = indices.iter().map(|index| index[axis]);
        (along.clone().min().unwrap_or(0), along.max().unwrap_or(0))
    };
    let shape: Vec<usize> = (0..axes)
        .map(|axis| range(axis).1 - range(axis).0 + 1)
        .collect();
    let mut order: Vec<(Vec<usize>, usize)> = indices.into_iter().zip(array.cells).collect();
    if shape.iter().product::<usize>() == order.len() {
        order.sort();
        return vec![Array {
            name: array.name,
            shape,
            cells: order.into_iter().map(|(_, cell)| cell).collect(),
        }];
    }
    let apart = order.into_iter().map(|(index, cell)| {
        let words: Vec<String> = index.iter().map(usize::to_string).collect();
        Array {
            name: format!("{}[{}]", array.name, words.join(",")),
            shape: Vec::new(),
            cells: vec![cell],
        }
    });
    apart.collect()
}
