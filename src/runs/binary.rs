//! Rows of the binary format, which holds the numbers of large runs as they lie in memory.
//!
//! ```text
//! file    "eigenrun", version: u32, then chunks; all numbers are little-endian
//! chunk   kind: u32, size: u64, then so many bytes
//! kind 0  JSON text: the header first, as JSON lines have it, and later layouts:
//!         {"columns": [["t", "<u8", []], ["params.fc.weight", "<f4", [10, 64]], ...]}
//! kind k  a row in the k-th layout of the file: the numbers of its columns, one column after the other
//! ```
//! Names are those of nested JSON rows, joined by dots. The types are numpy's names of them.

use super::{
    number,
    row::{Flaw, ParsedRow},
    table::Column,
};
use serde_json::Value;
use std::ops::Range;

/// The first bytes of a file.
pub(super) const MAGIC: [u8; 8] = *b"eigenrun";
/// The version that is read.
pub(super) const VERSION: u32 = 1;
/// Bytes before the contents of a chunk.
pub(super) const HEAD: usize = 12;
/// Bytes of the largest chunk: a row of a hundred million numbers.
pub(super) const MOST_CHUNK: u64 = 1 << 30;

/// A chunk's kind and the size of what follows.
pub(super) fn head(bytes: [u8; HEAD]) -> (u32, u64) {
    let [a, b, c, d, size @ ..] = bytes;
    (u32::from_le_bytes([a, b, c, d]), u64::from_le_bytes(size))
}

/// The type of a column's numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NumberType {
    Double,
    Single,
    Signed,
    Unsigned,
}

/// Every type by the name that numpy has for it.
const TYPES: [(&str, NumberType); 4] = [
    ("<f8", NumberType::Double),
    ("<f4", NumberType::Single),
    ("<i8", NumberType::Signed),
    ("<u8", NumberType::Unsigned),
];

/// The numbers of one name in a row.
#[derive(Debug, Clone, PartialEq, Eq)]
struct BinaryColumn {
    name: String,
    of: NumberType,
    shape: Vec<usize>,
    /// Bytes of all its numbers.
    size: usize,
}

/// The columns of rows.
#[derive(Debug, Clone, PartialEq, Eq)]
struct RowLayout {
    columns: Vec<BinaryColumn>,
    /// Bytes of a row.
    size: usize,
}

/// The layouts of a file, in its order.
#[derive(Debug, Clone, Default)]
pub(super) struct RowLayouts {
    /// Each with the byte at which it stands in the file.
    found: Vec<(u64, RowLayout)>,
}

impl RowLayouts {
    /// Takes in the layout that `json` is, which stands at byte `at` of the file; one that is known already stays.
    pub fn take(&mut self, at: u64, json: &Value) -> Result<(), Flaw> {
        if self.found.iter().all(|known| known.0 != at) {
            self.found.push((at, RowLayout::read(json)?));
        }
        Ok(())
    }

    /// The places of `columns` in rows of `kind`, in which `counter` counts; none unless they have all that such a row does.
    pub fn places(&self, kind: u32, columns: &[Column], counter: &str) -> Option<StoredPlaces> {
        let at = usize::try_from(kind).ok()?.checked_sub(1)?;
        let (_, layout) = self.found.get(at)?;
        let mut found = StoredPlaces {
            columns: vec![None; columns.len()],
            counter: None,
            size: layout.size,
            numbers: 0,
        };
        let mut next = 0;
        for column in &layout.columns {
            let place = Some((column.of, next..next + column.size));
            next += column.size;
            found.numbers += column.size / column.of.size();
            let own = if column.name == counter {
                &mut found.counter
            } else {
                let is_own = |it: &Column| it.name == column.name && it.shape == column.shape;
                &mut found.columns[columns.iter().position(is_own)?]
            };
            if std::mem::replace(own, place).is_some() {
                return None;
            }
        }
        Some(found)
    }

    /// Reads a row of `kind` into `row`, which is cleared first.
    pub fn read(&self, kind: u32, bytes: &[u8], row: &mut ParsedRow) -> Result<(), Flaw> {
        row.clear();
        let at = usize::try_from(kind).ok().and_then(|it| it.checked_sub(1));
        let Some((_, layout)) = at.and_then(|at| self.found.get(at)) else {
            let known = self.found.len();
            return Err(flaw(format!(
                "its layout {kind} is not there; the file has {known} before it"
            )));
        };
        if bytes.len() != layout.size {
            return Err(flaw(format!(
                "it has {} bytes, but its layout {}",
                bytes.len(),
                layout.size
            )));
        }
        let mut rest = bytes;
        for column in &layout.columns {
            let own;
            (own, rest) = rest.split_at(column.size);
            row.begin(&column.name, 0);
            row.numbers(|out| column.of.put(own, out));
            row.end(&column.shape, 0);
        }
        Ok(())
    }
}

/// Where rows of one kind have what a table has columns for.
#[derive(Debug, Clone)]
pub(super) struct StoredPlaces {
    columns: Vec<Option<(NumberType, Range<usize>)>>,
    counter: Option<(NumberType, Range<usize>)>,
    size: usize,
    /// The numbers in a row.
    pub numbers: usize,
}

impl StoredPlaces {
    /// The columns that such a row has.
    pub fn held(&self) -> impl Iterator<Item = usize> + '_ {
        let columns = self.columns.iter().enumerate();
        columns.filter_map(|(at, it)| it.is_some().then_some(at))
    }

    /// The numbers of a column in the row that `bytes` are.
    pub fn column<'a>(&self, column: usize, bytes: &'a [u8]) -> Option<Stored<'a>> {
        let (of, place) = self.columns.get(column)?.as_ref()?;
        Some(Stored::Bytes(*of, bytes.get(place.clone())?))
    }

    /// The number of the iteration that the row of these `bytes` says; none if it is no such row.
    pub fn iteration(&self, bytes: &[u8]) -> Option<u64> {
        let (of, place) = self.counter.as_ref()?;
        let place = bytes.get(place.clone())?;
        let is_one = bytes.len() == self.size && place.len() == of.size();
        number::iteration(Stored::Bytes(*of, place).get(0)?).filter(|_| is_one)
    }
}

/// Numbers of one name in a row, as they are held.
#[derive(Debug, Clone, Copy)]
pub(super) enum Stored<'a> {
    Numbers(&'a [f64]),
    Bytes(NumberType, &'a [u8]),
}

impl Stored<'_> {
    /// Adds all of them to `out`.
    pub fn put(self, out: &mut Vec<f64>) {
        match self {
            Self::Numbers(values) => out.extend_from_slice(values),
            Self::Bytes(of, bytes) => of.put(bytes, out),
        }
    }

    /// The number at `at`.
    pub fn get(self, at: usize) -> Option<f64> {
        match self {
            Self::Numbers(values) => values.get(at).copied(),
            Self::Bytes(of, bytes) => {
                let size = of.size();
                let own = bytes.get(at * size..(at + 1) * size)?;
                let mut one = Vec::with_capacity(1);
                of.put(own, &mut one);
                one.pop()
            }
        }
    }
}

impl NumberType {
    /// Bytes of a number.
    fn size(self) -> usize {
        match self {
            Self::Single => 4,
            Self::Double | Self::Signed | Self::Unsigned => 8,
        }
    }

    /// Adds the numbers that `bytes` are to `out`; of those that are none there is one kind.
    pub fn put(self, bytes: &[u8], out: &mut Vec<f64>) {
        let one = |it: f64| if it.is_nan() { f64::NAN } else { it };
        #[expect(
            clippy::cast_precision_loss,
            reason = "whole numbers that count steps are far below 2^53"
        )]
        match self {
            Self::Double => out.extend(words(bytes, f64::from_le_bytes).map(one)),
            Self::Single => {
                out.extend(words(bytes, f32::from_le_bytes).map(|it| one(f64::from(it))));
            }
            Self::Signed => out.extend(words(bytes, i64::from_le_bytes).map(|it| it as f64)),
            Self::Unsigned => out.extend(words(bytes, u64::from_le_bytes).map(|it| it as f64)),
        }
    }
}

/// The numbers that `bytes` hold, each made of `N` of them.
fn words<const N: usize, T>(bytes: &[u8], read: impl Fn([u8; N]) -> T) -> impl Iterator<Item = T> {
    bytes.as_chunks::<N>().0.iter().map(move |it| read(*it))
}

impl RowLayout {
    fn read(json: &Value) -> Result<Self, Flaw> {
        let columns = json.get("columns").and_then(Value::as_array);
        let Some(columns) = columns else {
            return Err(flaw("a layout has `columns`"));
        };
        let columns = columns.iter().map(BinaryColumn::read);
        let columns = columns.collect::<Result<Vec<BinaryColumn>, Flaw>>()?;
        let sum = |sum: usize, it: &BinaryColumn| sum.checked_add(it.size);
        let size = columns.iter().try_fold(0, sum);
        let size = size.filter(|it| u64::try_from(*it).is_ok_and(|it| it <= MOST_CHUNK));
        let Some(size) = size else {
            return Err(flaw(format!(
                "its rows are larger than {} MiB",
                MOST_CHUNK >> 20
            )));
        };
        Ok(Self { columns, size })
    }
}

impl BinaryColumn {
    fn read(json: &Value) -> Result<Self, Flaw> {
        let (Some(name), Some(of), Some(lengths)) = (
            json.get(0).and_then(Value::as_str),
            json.get(1).and_then(Value::as_str),
            json.get(2).and_then(Value::as_array),
        ) else {
            return Err(flaw(
                "a column is a name, a type and its lengths: [\"w\", \"<f8\", [2]]",
            ));
        };
        let Some((_, of)) = TYPES.iter().find(|it| it.0 == of) else {
            let names: Vec<&str> = TYPES.iter().map(|it| it.0).collect();
            return Err(flaw(format!(
                "`{name}` is of type `{of}`; there are {}",
                names.join(", ")
            )));
        };
        let length = |it: &Value| it.as_u64().and_then(|it| usize::try_from(it).ok());
        let shape: Option<Vec<usize>> = lengths.iter().map(length).collect();
        let size = shape.as_ref().and_then(|it| {
            let mut lengths = it.iter();
            lengths.try_fold(of.size(), |size, len| size.checked_mul(*len))
        });
        let (Some(shape), Some(size)) = (shape, size) else {
            return Err(flaw(format!("`{name}` has lengths that are none")));
        };
        Ok(Self {
            name: name.to_owned(),
            of: *of,
            shape,
            size,
        })
    }
}

fn flaw(reason: impl Into<String>) -> Flaw {
    Flaw::new(0, 0, reason)
}

#[cfg(test)]
mod tests {
    use crate::{
        error::Error,
        runs::{ReadOptions, Run, open},
    };
    use std::io::Write;

    fn chunk(kind: u32, contents: &[u8]) -> Vec<u8> {
        let size = contents.len() as u64;
        [&kind.to_le_bytes()[..], &size.to_le_bytes(), contents].concat()
    }

    /// Two rows of `t` and `w`, the second with a loss.
    fn two_rows() -> Vec<u8> {
        let row = |t: u64, w: [f32; 2]| {
            [&t.to_le_bytes()[..], &w.map(f32::to_le_bytes).concat()].concat()
        };
        let plain = br#"{"columns":[["t","<u8",[]],["params.a","<f4",[2]]]}"#;
        let with_loss = br#"{"columns":[["t","<u8",[]],["params.a","<f4",[2]],["loss","<f8",[]]]}"#;
        [
            b"eigenrun\x01\0\0\0".to_vec(),
            chunk(0, b"{\"hook\":\"own\"}"),
            chunk(0, plain),
            chunk(1, &row(0, [1.0, f32::NAN])),
            chunk(0, with_loss),
            chunk(
                2,
                &[&row(1, [0.1, -2.0])[..], &0.1_f64.to_le_bytes()].concat(),
            ),
        ]
        .concat()
    }

    fn read(bytes: &[u8], options: &ReadOptions) -> Result<Run, Error> {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(bytes).unwrap();
        open(file.path().to_str().unwrap(), options)
    }

    fn numbers(run: &mut Run, row: usize, field: &str) -> Option<Vec<f64>> {
        let (field, mut out) = (run.field(field).unwrap(), Vec::new());
        run.read(row, field, &mut out).unwrap().then_some(out)
    }

    #[test]
    fn rows_of_several_layouts_are_one_run() {
        for held in [usize::MAX, 0] {
            let options = ReadOptions {
                held,
                ..ReadOptions::default()
            };
            let mut run = read(&two_rows(), &options).unwrap();
            assert_eq!((run.rows, run.first, run.last), (2, 0, 1));
            assert_eq!(run.header.as_ref().unwrap()["hook"], "own");
            assert_eq!(run.tensors[0].name, "a");
            assert!(numbers(&mut run, 0, "w").unwrap()[1].is_nan());
            assert_eq!(
                numbers(&mut run, 1, "w").unwrap(),
                [f64::from(0.1_f32), -2.0]
            );
            assert_eq!(numbers(&mut run, 0, "loss"), None);
            assert_eq!(numbers(&mut run, 1, "loss").unwrap(), [0.1]);
        }
    }

    #[test]
    fn a_row_that_was_still_being_written_is_left_out_and_counted() {
        let whole = two_rows();
        let second = whole.len() - 12 - 24;
        for end in second + 1..whole.len() {
            let run = read(&whole[..end], &ReadOptions::default()).unwrap();
            assert_eq!((run.rows, run.skipped), (1, 1), "{end}");
        }
    }

    #[test]
    fn what_is_damaged_is_told_with_its_place() {
        let with = |layout: &[u8], kind: u32, row: &[u8]| {
            [&two_rows()[..], &chunk(0, layout), &chunk(kind, row)].concat()
        };
        let columns = |column: &str| format!("{{\"columns\":[{column}]}}").into_bytes();
        let mut newer = two_rows();
        newer[8] = 2;
        let cases: [(Vec<u8>, &str); 9] = [
            (newer, "version 2"),
            (b"eigenrun".to_vec(), "without a version"),
            (b"eigenrun\x01\0\0\0".to_vec(), "the header at byte 12"),
            (with(b"{", 3, b""), "is no JSON"),
            (with(b"{}", 3, b""), "a layout has `columns`"),
            (
                with(&columns("[\"w\",\">f8\",[]]"), 3, b""),
                "of type `>f8`; there are <f8",
            ),
            (
                with(&columns("[\"w\",\"<f8\",[-1]]"), 3, b""),
                "lengths that are none",
            ),
            (
                with(&columns("[\"t\",\"<u8\",[]]"), 9, b""),
                "row 3 at byte",
            ),
            (
                with(&columns("[\"t\",\"<u8\",[]]"), 3, b"1"),
                "it has 1 bytes, but its layout 8",
            ),
        ];
        for (bytes, says) in cases {
            let error = read(&bytes, &ReadOptions::default()).err().unwrap();
            assert!(error.to_string().contains(says), "{error}");
            assert!(error.to_string().contains("help: "), "{error}");
        }
        let mut endless = two_rows();
        endless.extend([&1_u32.to_le_bytes()[..], &u64::MAX.to_le_bytes()].concat());
        let error = read(&endless, &ReadOptions::default()).err().unwrap();
        assert!(
            error.to_string().contains("larger than 1024 MiB"),
            "{error}"
        );
    }
}
