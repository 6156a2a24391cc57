//! asciicast files, the recordings of asciinema: a header, then an event a line.
//!
//! Version 3 has the intervals between events, version 2 the times since the beginning; their events are
//! the same. See <https://docs.asciinema.org/manual/asciicast/v3/>.

use super::{palette::Palette, walk::Millis};
use crate::text::visible;
use ratatui::layout::Size;
use serde_json::{Value, json};
use std::io::{self, Write};

/// The version of the format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Version {
    /// Absolute times; what every player reads.
    #[default]
    Two,
    /// Intervals; what asciinema 3 and later read.
    Three,
}

/// An event with its time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CastEvent {
    /// Since the beginning.
    pub at: Millis,
    /// The kind of event.
    pub kind: EventCode,
    /// The bytes, or the chapter's name.
    pub data: String,
}

/// The kinds of events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventCode {
    /// The terminal is sent these bytes.
    Output,
    /// The terminal sends these bytes: a key.
    Input,
    /// A chapter begins.
    Marker,
    /// The terminal has a new size.
    Resize,
}

impl EventCode {
    fn code(self) -> &'static str {
        match self {
            Self::Output => "o",
            Self::Input => "i",
            Self::Marker => "m",
            Self::Resize => "r",
        }
    }
}

/// Writes a cast, event by event.
#[derive(Debug)]
pub struct Writer<W: Write> {
    out: W,
    version: Version,
    last: Millis,
}

impl<W: Write> Writer<W> {
    /// Writes the header. Nothing in it depends on when or where it is written.
    ///
    /// # Errors
    /// If `out` takes no bytes.
    pub fn new(
        mut out: W,
        version: Version,
        size: Size,
        title: &str,
        palette: &Palette,
    ) -> io::Result<Self> {
        let theme = json!({
            "fg": palette.foreground,
            "bg": palette.background,
            "palette": palette.colours.join(":"),
        });
        let header = match version {
            Version::Three => json!({
                "version": 3,
                "term": {
                    "cols": size.width,
                    "rows": size.height,
                    "type": "xterm-256color",
                    "theme": theme,
                },
                "title": visible(title),
            }),
            Version::Two => json!({
                "version": 2,
                "width": size.width,
                "height": size.height,
                "title": visible(title),
                "env": {"TERM": "xterm-256color"},
                "theme": theme,
            }),
        };
        writeln!(out, "{header}")?;
        Ok(Self {
            out,
            version,
            last: 0,
        })
    }

    /// Writes an event; none may lie before the one written last.
    ///
    /// # Errors
    /// If there is no writing any more.
    pub fn event(&mut self, event: &CastEvent) -> io::Result<()> {
        let time = match self.version {
            Version::Two => event.at,
            Version::Three => event.at.saturating_sub(self.last),
        };
        self.last = event.at;
        let data = Value::from(event.data.as_str());
        let (seconds, rest) = (time / 1000, time % 1000);
        let code = event.kind.code();
        writeln!(self.out, "[{seconds}.{rest:03},\"{code}\",{data}]")
    }

    /// Hands on what is held back.
    ///
    /// # Errors
    /// If there is no writing any more.
    pub fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }

    /// The writer that receives the lines.
    pub fn into_inner(self) -> W {
        self.out
    }
}
