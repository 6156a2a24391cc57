//! CSV text to a [`DataTable`], with the place of whatever is wrong in it.

use super::DataTable;
use crate::error::{Error, ErrorCode, Result, Source, Span};
use csv::{ReaderBuilder, StringRecord, Trim};
use std::sync::Arc;

/// Reads `source`.
pub(super) fn table(source: &Arc<Source>) -> Result<DataTable> {
    let delimiter = delimiter(&source.text);
    if let Some(at) = open_quote(&source.text, delimiter) {
        let message = "the quote that opens this field is never closed";
        return Err(Error::data(source, Span::new(at, at + 1), message)
            .help("everything after it would belong to the field; numbers need no quotes"));
    }
    let mut reader = reader(source);
    let mut records = reader.records();
    let Some(header) = records.next() else {
        let error = Error::plain(
            ErrorCode::InvalidData,
            format!("`{}` is empty", source.name),
        );
        return Err(
            error.help("the first line names the columns, each other line is a row of numbers")
        );
    };
    let header = header.map_err(|error| refuse(source, &error))?;
    let columns = names(source, &header)?;
    let start = records.reader().position().byte();
    let rest = usize::try_from(start)
        .ok()
        .and_then(|start| source.text.get(start..));
    let rest = rest.map(|rest| rest.strip_prefix('\n').unwrap_or(rest));
    let plain = rest.and_then(|rest| plain_cells(rest, delimiter, columns.len()));
    let cells = match plain {
        Some(cells) => cells,
        None => cells_of(source, records, &columns)?,
    };
    if cells.is_empty() {
        let message = format!("`{}` has no row below its first line", source.name);
        return Err(Error::plain(ErrorCode::InvalidData, message));
    }
    Ok(DataTable {
        source: Arc::clone(source),
        columns,
        cells,
    })
}

/// The span of a field below the header; row and column count from 0.
pub(super) fn place(source: &Arc<Source>, row: usize, column: usize) -> Span {
    let mut reader = reader(source);
    let record = reader.records().nth(1 + row);
    let record = record.and_then(std::result::Result::ok).unwrap_or_default();
    let spans = spans(source, &record);
    spans.get(column).copied().unwrap_or_default()
}

/// Reads the fields of `source`.
fn reader(source: &Source) -> csv::Reader<&[u8]> {
    ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .trim(Trim::All)
        .delimiter(delimiter(&source.text))
        .from_reader(source.text.as_bytes())
}

/// The numbers of `text`, rows of so many columns, where nothing about them is unusual: no quotes, no empty lines, a finite
/// number in each field. That is most tables, read several times as fast.
fn plain_cells(text: &str, delimiter: u8, columns: usize) -> Option<Vec<f64>> {
    if text.contains('"') {
        return None;
    }
    let rows = text.bytes().filter(|byte| *byte == b'\n').count() + 1;
    // A cell and what follows it are two bytes at least.
    let most = rows.saturating_mul(columns).min(text.len() / 2 + 1);
    let mut cells = Vec::with_capacity(most);
    for line in text.strip_suffix('\n').unwrap_or(text).split('\n') {
        let line = line.strip_suffix('\r').unwrap_or(line);
        let before = cells.len();
        for cell in line.as_bytes().split(|byte| *byte == delimiter) {
            let number = match short_decimal(cell) {
                Some(number) => number,
                None => std::str::from_utf8(cell)
                    .ok()?
                    .trim_matches(' ')
                    .parse()
                    .ok()?,
            };
            cells.push(Some(number).filter(|it| it.is_finite())?);
        }
        if cells.len() - before != columns {
            return None;
        }
    }
    Some(cells)
}

/// The number that `cell` spells by a few digits and a point, if it is such: a whole number divided by a power of ten, of which
/// a float holds both, so that their quotient is the float nearest to it (Clinger 1990).
fn short_decimal(cell: &[u8]) -> Option<f64> {
    const POWERS: [f64; 16] = [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
    ];
    let digits = cell.strip_prefix(b"-").unwrap_or(cell);
    let (mut whole, mut point) = (0_u64, None);
    // Fifteen digits are less than 2^53.
    if digits.len() > POWERS.len() {
        return None;
    }
    for (at, byte) in digits.iter().enumerate() {
        match byte {
            b'0'..=b'9' => whole = 10 * whole + u64::from(byte - b'0'),
            b'.' if point.is_none() => point = Some(at),
            _ => return None,
        }
    }
    let decimals = point.map_or(0, |at| digits.len() - 1 - at);
    let count = digits.len() - usize::from(point.is_some());
    if count == 0 || count >= POWERS.len() {
        return None;
    }
    #[expect(clippy::cast_precision_loss, reason = "below 2^53")]
    let size = whole as f64 / POWERS[decimals];
    Some(if digits.len() < cell.len() {
        -size
    } else {
        size
    })
}

/// The numbers of the records below the header.
fn cells_of(
    source: &Arc<Source>,
    records: csv::StringRecordsIter<&[u8]>,
    columns: &[String],
) -> Result<Vec<f64>> {
    let mut cells = Vec::new();
    for record in records {
        let record = record.map_err(|error| refuse(source, &error))?;
        let spans = spans(source, &record);
        if record.len() != columns.len() {
            let line = Span::new(
                spans.first().map_or(0, |it| it.start),
                spans.last().map_or(0, |it| it.end),
            );
            let message = format!(
                "this row has {} fields, but the first line names {} columns",
                record.len(),
                columns.len()
            );
            return Err(Error::data(source, line, message));
        }
        for ((cell, span), column) in record.iter().zip(spans).zip(columns) {
            cells.push(number(source, cell, span, column)?);
        }
    }
    Ok(cells)
}

fn refuse(source: &Source, error: &csv::Error) -> Error {
    Error::plain(
        ErrorCode::InvalidData,
        format!("`{}`: {error}", source.name),
    )
}

/// Of comma, semicolon and tab the one that the first line has most of.
fn delimiter(text: &str) -> u8 {
    let line = text.lines().next().unwrap_or("");
    let count = |separator: &u8| line.bytes().filter(|byte| byte == separator).count();
    let mut best = b',';
    for separator in [b';', b'\t'] {
        if count(&separator) > count(&best) {
            best = separator;
        }
    }
    best
}

/// The offset of a quote that opens a field and is never closed.
fn open_quote(text: &str, delimiter: u8) -> Option<usize> {
    if !text.contains('"') {
        return None;
    }
    let start = text.len() - text.trim_start_matches('\u{feff}').len();
    let (mut opened, mut is_open) = (None, false);
    let mut before = b'\n';
    for (at, byte) in text.bytes().enumerate().skip(start) {
        if is_open {
            is_open = byte != b'"';
        } else {
            match (byte, before) {
                // A doubled quote within a field closes and opens it again.
                (b'"', b'"') if opened.is_some() => is_open = true,
                (b'"', b'\n' | b'\r') => (opened, is_open) = (Some(at), true),
                (b'"', before) if before == delimiter => (opened, is_open) = (Some(at), true),
                _ => opened = None,
            }
        }
        before = byte;
    }
    opened.filter(|_| is_open)
}

fn names(source: &Arc<Source>, header: &StringRecord) -> Result<Vec<String>> {
    let spans = spans(source, header);
    let mut names: Vec<String> = Vec::with_capacity(header.len());
    for (name, span) in header.iter().zip(spans) {
        let name = name.trim_start_matches('\u{feff}').trim();
        if name.is_empty() {
            return Err(Error::data(source, span, "this column has no name"));
        }
        if names.iter().any(|known| known == name) {
            return Err(Error::data(
                source,
                span,
                format!("two columns are called `{name}`"),
            ));
        }
        names.push(name.to_owned());
    }
    if names.len() == 1 && names[0].parse::<f64>().is_ok() || names.len() < 2 {
        let span = Span::new(0, source.text.lines().next().unwrap_or("").len());
        return Err(
            Error::data(source, span, "a table needs at least two columns")
                .help("one to predict and one to predict it from, separated by commas"),
        );
    }
    if names.iter().all(|name| name.parse::<f64>().is_ok()) {
        let span = Span::new(0, source.text.lines().next().unwrap_or("").len());
        return Err(
            Error::data(source, span, "the first line has to name the columns")
                .help("put a line like `height,weight,age` before the numbers"),
        );
    }
    Ok(names)
}

/// The span of each field of `record`.
fn spans(source: &Arc<Source>, record: &StringRecord) -> Vec<Span> {
    let text = source.text.as_str();
    let start = record.position().map_or(0, csv::Position::byte);
    let mut at = usize::try_from(start).unwrap_or(0).min(text.len());
    // A record begins where the one before ends, at its line break.
    at += text[at..].len() - text[at..].trim_start_matches(['\r', '\n']).len();
    record
        .iter()
        .map(|field| {
            let is_here = text[at..].starts_with(field);
            let found = if is_here {
                Some(0)
            } else {
                text[at..].find(field)
            };
            let found = found.map_or(at, |found| at + found);
            at = found + field.len();
            let span = Span::new(found, at);
            at = (at + 1).min(text.len());
            while !text.is_char_boundary(at) {
                at += 1;
            }
            span
        })
        .collect()
}

fn number(source: &Arc<Source>, cell: &str, span: Span, column: &str) -> Result<f64> {
    let error = |message: String| Err(Error::data(source, span, message));
    if cell.is_empty() {
        return error(format!("the value of `{column}` is missing"));
    }
    match cell.parse::<f64>() {
        Ok(value) if value.is_finite() => Ok(value),
        Ok(_) => error(format!(
            "`{cell}` in column `{column}` is not a finite number"
        )),
        Err(_) => Err(Error::data(
            source,
            span,
            format!("`{cell}` in column `{column}` is not a number"),
        )
        .help("encode words as numbers first: 0 and 1 for two classes")),
    }
}

#[cfg(test)]
mod tests {
    use super::short_decimal;

    #[test]
    fn a_short_decimal_is_the_number_that_std_reads() {
        let mut state = 1_u64;
        let mut next = |below: u64| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            (state >> 33) % below
        };
        let mut known = 0;
        for _ in 0..100_000 {
            let alphabet = b"0123456789012345678901234567890123456789..-+ e";
            let length = next(18);
            let text: Vec<u8> = (0..length)
                .map(|_| alphabet[usize::try_from(next(alphabet.len() as u64)).unwrap()])
                .collect();
            if let Some(number) = short_decimal(&text) {
                let text = std::str::from_utf8(&text).unwrap();
                let expected: f64 = text.parse().unwrap();
                assert_eq!(number.to_bits(), expected.to_bits(), "{text}");
                known += 1;
            }
        }
        assert!(known > 10_000, "{known}");
    }
}
