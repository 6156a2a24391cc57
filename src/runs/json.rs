//! A line of JSON as a row: objects become dotted names, nested arrays flat numbers with a shape.
//!
//! More is taken than JSON has: `NaN` and `Infinity` as Python writes them, numbers in quotes.

use super::{
    claims, number,
    row::{Flaw, ParsedRow},
};

/// Deepest nesting of a line.
const DEEPEST: usize = 64;

/// Reads `line` into `row`, which is cleared first.
pub(super) fn read(line: &[u8], row: &mut ParsedRow) -> Result<(), Flaw> {
    row.clear();
    let (mut path, shape) = std::mem::take(&mut row.room);
    path.clear();
    let mut scanner = Scanner {
        line,
        text: std::str::from_utf8(line).ok(),
        at: 0,
        path,
        shape,
    };
    let read = scanner.row(row);
    row.room = (scanner.path, scanner.shape);
    read
}

struct Scanner<'a> {
    line: &'a [u8],
    /// The same, where it is text.
    text: Option<&'a str>,
    at: usize,
    /// The path of the current value, as a dotted name.
    path: String,
    shape: Vec<usize>,
}

/// True for the bytes that end a number.
static ENDS: [bool; 256] = {
    let bytes = b",]} \t\r\n";
    let mut ends = [false; 256];
    let mut at = 0;
    while at < bytes.len() {
        ends[bytes[at] as usize] = true;
        at += 1;
    }
    ends
};

impl Scanner<'_> {
    fn row(&mut self, row: &mut ParsedRow) -> Result<(), Flaw> {
        self.blank();
        if self.peek() != Some(b'{') {
            return Err(self
                .flaw("a row is a JSON object")
                .help("like {\"t\":1,\"w\":[0.5,-0.2],\"g\":[1,2]}"));
        }
        self.object(row, 0)?;
        self.blank();
        if self.at < self.line.len() {
            return Err(self
                .flaw("something follows the object")
                .help("each row must be on its own line"));
        }
        Ok(())
    }

    #[inline]
    fn peek(&self) -> Option<u8> {
        self.line.get(self.at).copied()
    }

    #[inline]
    fn blank(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
    }

    /// An error about the current word.
    fn flaw(&self, reason: impl Into<String>) -> Flaw {
        let rest = self.line.get(self.at..).unwrap_or(&[]);
        let word = rest
            .iter()
            .take_while(|byte| !matches!(byte, b',' | b']' | b'}' | b' ' | b':'))
            .count();
        Flaw::new(self.at, self.at + word.max(1), reason)
    }

    fn expect(&mut self, byte: u8, reason: &str) -> Result<(), Flaw> {
        self.blank();
        if self.peek() != Some(byte) {
            let reason = match self.peek() {
                None => "the line ends here, within a value".to_owned(),
                Some(_) => reason.to_owned(),
            };
            return Err(self.flaw(reason));
        }
        self.at += 1;
        Ok(())
    }

    fn object(&mut self, row: &mut ParsedRow, depth: usize) -> Result<(), Flaw> {
        if depth > DEEPEST {
            return Err(self.flaw("the nesting is too deep"));
        }
        self.at += 1;
        self.blank();
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(());
        }
        loop {
            self.blank();
            if self.peek() != Some(b'"') {
                return Err(self.flaw("a name in double quotes is expected here"));
            }
            let outer = self.path.len();
            if outer > 0 {
                self.path.push('.');
            }
            let (start, end) = self.string()?;
            push_text(&mut self.path, &self.line[start..end]);
            self.expect(b':', "a `:` is expected after the name")?;
            self.blank();
            self.value(row, depth + 1)?;
            self.path.truncate(outer);
            if !self.another(b'}', "an object")? {
                return Ok(());
            }
        }
    }

    /// Passes the comma before another element, or `close` behind the last; whether there is another.
    #[inline]
    fn another(&mut self, close: u8, within: &str) -> Result<bool, Flaw> {
        self.blank();
        match self.peek() {
            Some(byte) if byte == b',' || byte == close => {
                self.at += 1;
                Ok(byte == b',')
            }
            None => Err(self.flaw(format!("the line ends here, within {within}"))),
            Some(_) => {
                let close = char::from(close);
                Err(self.flaw(format!("a `,` or `{close}` is expected here")))
            }
        }
    }

    /// The bytes between the quotes of the string that begins here.
    fn string(&mut self) -> Result<(usize, usize), Flaw> {
        let open = self.at;
        self.at += 1;
        while let Some(byte) = self.peek() {
            match byte {
                b'"' => {
                    self.at += 1;
                    return Ok((open + 1, self.at - 1));
                }
                b'\\' => self.at += 2,
                _ => self.at += 1,
            }
        }
        Err(Flaw::new(
            open,
            self.line.len(),
            "this text has no closing quote",
        ))
    }

    fn value(&mut self, row: &mut ParsedRow, depth: usize) -> Result<(), Flaw> {
        let start = self.at;
        match self.peek() {
            Some(b'{') => return self.object(row, depth),
            Some(b'[') => {
                if self.holds_objects() {
                    return self.list_of_objects(row, depth);
                }
                row.begin(&self.path, start);
                self.shape.clear();
                self.array(row, 0)?;
                row.end(&self.shape, self.at);
            }
            Some(b'"') => {
                let (from, to) = self.string()?;
                let text = &self.line[from..to];
                if self.path == "lane" {
                    push_text(row.name_lane(), text);
                } else if let Some(value) = number::parse(text) {
                    row.begin(&self.path, start);
                    row.number(value);
                    row.end(&[], self.at);
                } else if claims::is_of_numbers(&self.path) {
                    return Err(Flaw::new(start, self.at, "this text is not a number"));
                }
            }
            Some(b'n') if self.line[self.at..].starts_with(b"null") => self.at += 4,
            _ => {
                row.begin(&self.path, start);
                let value = self.number()?;
                row.number(value);
                row.end(&[], self.at);
            }
        }
        Ok(())
    }

    /// True if the first element of the array that begins here is an object.
    fn holds_objects(&self) -> bool {
        let inside = self.line[self.at + 1..].iter();
        inside
            .copied()
            .find(|byte| !byte.is_ascii_whitespace())
            .is_some_and(|byte| byte == b'{')
    }

    fn list_of_objects(&mut self, row: &mut ParsedRow, depth: usize) -> Result<(), Flaw> {
        self.at += 1;
        for count in 0.. {
            let outer = self.path.len();
            self.path.push('.');
            self.path.push_str(&count.to_string());
            self.blank();
            self.value(row, depth + 1)?;
            self.path.truncate(outer);
            if !self.another(b']', "an array")? {
                break;
            }
        }
        Ok(())
    }

    /// Reads an array `level` axes below the outermost; its lengths have to be the same wherever it is.
    fn array(&mut self, row: &mut ParsedRow, level: usize) -> Result<(), Flaw> {
        let start = self.at;
        if level > DEEPEST {
            return Err(self.flaw("the nesting is too deep"));
        }
        self.at += 1;
        let known = level < self.shape.len();
        if !known {
            self.shape.push(0);
        }
        let mut count = 0;
        self.blank();
        if self.peek() == Some(b']') {
            self.at += 1;
        } else {
            loop {
                self.blank();
                if self.peek() == Some(b'[') {
                    if (known || count > 0) && level + 1 == self.shape.len() {
                        return Err(self.ragged(start));
                    }
                    self.array(row, level + 1)?;
                } else {
                    if level + 1 < self.shape.len() {
                        return Err(self.ragged(start));
                    }
                    let value = self.element()?;
                    row.number(value);
                }
                count += 1;
                if !self.another(b']', "an array")? {
                    break;
                }
            }
        }
        if known && self.shape[level] != count {
            return Err(self.ragged(start));
        }
        self.shape[level] = count;
        Ok(())
    }

    fn ragged(&self, start: usize) -> Flaw {
        Flaw::new(
            start,
            self.at.max(start + 1),
            "the rows of this array have different lengths",
        )
    }

    #[inline]
    fn element(&mut self) -> Result<f64, Flaw> {
        match self.peek() {
            Some(b'"') => {
                let start = self.at;
                let (from, to) = self.string()?;
                number::parse(&self.line[from..to])
                    .ok_or_else(|| Flaw::new(start, self.at, "this text is not a number"))
            }
            Some(b'n') if self.line[self.at..].starts_with(b"null") => {
                self.at += 4;
                Ok(f64::NAN)
            }
            _ => self.number(),
        }
    }

    #[inline]
    fn number(&mut self) -> Result<f64, Flaw> {
        let rest = &self.line[self.at..];
        let len = len_of_number(rest);
        let text = &rest[..len];
        let value = match self.text.and_then(|it| it.get(self.at..self.at + len)) {
            Some(text) => number::parse_text(text),
            None => number::parse(text),
        };
        let value = value.or(match text {
            b"true" => Some(1.0),
            b"false" => Some(0.0),
            _ => None,
        });
        let Some(value) = value else {
            return Err(match text {
                b"" if rest.is_empty() => self.flaw("the line ends here, where a value is missing"),
                b"" => self.flaw("a value is missing here"),
                _ => number::flaw(text, self.at, self.flaw("").end),
            });
        };
        self.at += len;
        Ok(value)
    }
}

/// The number of bytes before one that ends a number.
#[inline]
fn len_of_number(text: &[u8]) -> usize {
    const ONES: u64 = u64::MAX / 255;
    let mut at = 0;
    while let Some(eight) = text[at..].first_chunk() {
        let word = u64::from_le_bytes(*eight);
        // The top bit of the first byte that is 0, or less than a space: those after it may have theirs set by it.
        let zero = |word: u64| word.wrapping_sub(ONES) & !word;
        let bracket = (word | (ONES * 0x20)) ^ (ONES * u64::from(b'}'));
        let blank = word.wrapping_sub(ONES * (u64::from(b' ') + 1)) & !word;
        let found = (zero(word ^ (ONES * u64::from(b','))) | zero(bracket) | blank) & (ONES << 7);
        if found != 0 {
            at += found.trailing_zeros() as usize / 8;
            break;
        }
        at += eight.len();
    }
    let end = text[at..].iter().position(|byte| ENDS[usize::from(*byte)]);
    end.map_or(text.len(), |end| at + end)
}

/// Appends the text of a JSON string, its escapes read.
#[inline]
fn push_text(to: &mut String, text: &[u8]) {
    if !text.contains(&b'\\') {
        match std::str::from_utf8(text) {
            Ok(text) => to.push_str(text),
            Err(_) => to.push_str(&String::from_utf8_lossy(text)),
        }
        return;
    }
    let quoted = [b"\"", text, b"\""].concat();
    match serde_json::from_slice::<String>(&quoted) {
        Ok(read) => to.push_str(&read),
        Err(_) => to.push_str(&String::from_utf8_lossy(text)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_ends_at_the_first_byte_that_ends_one() {
        for byte in 0..=u8::MAX {
            for len in 0..20 {
                for rest in [&b""[..], b"7", b",1234567890", b"\x01]0123456789"] {
                    let text = [&b"-1.234567890123456789e-10"[..len], &[byte], rest].concat();
                    let end = text.iter().position(|it| ENDS[usize::from(*it)]);
                    assert_eq!(len_of_number(&text), end.unwrap_or(text.len()), "{text:?}");
                }
            }
        }
    }
}
