//! The capture of a live screen, as it happens and in its own time: the one clock of this module.

use super::{
    cast::{Version, Writer},
    headless_recorder::HeadlessRecorder,
    palette::Palette,
    walk::{Millis, key::Press},
};
use crate::tui::key::KeyEvent;
use crate::{
    files::{Existing, Stream},
    tui::middleware::Screenshot,
};
use ratatui::layout::Size;
use std::{
    io::{self, BufWriter},
    path::{Path, PathBuf},
    time::Instant,
};

/// A recording under way.
#[derive(Debug)]
pub struct LiveRecorder {
    recording: HeadlessRecorder,
    /// The file, until the first frame.
    stream: Option<Stream>,
    writer: Option<Writer<BufWriter<Stream>>>,
    palette: &'static Palette,
    path: PathBuf,
    began: Instant,
    /// True while a command is being typed: it may be the one that ends the recording, and is no part of it then.
    holds: bool,
}

impl LiveRecorder {
    /// Begins to record into the file at `path`.
    ///
    /// # Errors
    /// If there is no writing to it.
    pub fn begin(path: &Path, existing: Existing, palette: &'static Palette) -> io::Result<Self> {
        Ok(Self {
            stream: Some(Stream::begin(path, existing)?),
            recording: HeadlessRecorder::new(Size::ZERO)?,
            writer: None,
            palette,
            path: path.to_owned(),
            began: Instant::now(),
            holds: false,
        })
    }

    fn now(&self) -> Millis {
        Millis::try_from(self.began.elapsed().as_millis()).unwrap_or(Millis::MAX)
    }

    /// Records a frame.
    ///
    /// # Errors
    /// If there is no writing any more.
    pub fn drawn(&mut self, picture: &Screenshot) -> io::Result<()> {
        let size = picture.cells.area.as_size();
        if let Some(stream) = self.stream.take() {
            let file = BufWriter::new(stream);
            let version = Version::default();
            let writer = Writer::new(file, version, size, "eigenstep", self.palette)?;
            self.writer = Some(writer);
            self.recording = HeadlessRecorder::new(size)?;
            self.began = Instant::now();
        }
        self.recording.set_clock(self.now());
        self.recording.expose(size, |frame| {
            frame.buffer_mut().clone_from(&picture.cells);
            if let Some(cursor) = picture.cursor {
                frame.set_cursor_position(cursor);
            }
        })?;
        self.write()
    }

    /// Records a key; it is written with the frame that comes of it.
    ///
    /// # Errors
    /// If there is no writing any more.
    pub fn pressed(&mut self, key: KeyEvent) -> io::Result<()> {
        use super::playback_target::PlaybackTarget;
        self.recording.set_clock(self.now());
        self.recording.press(&Press(key).bytes());
        Ok(())
    }

    /// Writes the keys and frames since a command has been typed, or keeps them back while one is: `is_typing`.
    ///
    /// # Errors
    /// If there is no writing any more.
    pub fn hold(&mut self, is_typing: bool) -> io::Result<()> {
        self.holds = is_typing;
        self.write()
    }

    /// Writes what has happened: what is written is safe, however the process ends.
    fn write(&mut self) -> io::Result<()> {
        let Some(writer) = self.writer.as_mut().filter(|_| !self.holds) else {
            return Ok(());
        };
        for event in self.recording.take_events() {
            writer.event(&event)?;
        }
        writer.flush()
    }

    /// Ends the recording; what has become of it, in a line.
    ///
    /// # Errors
    /// If there is no writing any more.
    pub fn end(mut self) -> io::Result<String> {
        let typed = self.recording.take_events();
        let clock = typed.first().map_or_else(|| self.now(), |it| it.at);
        if let Some(writer) = &mut self.writer {
            writer.event(&HeadlessRecorder::staying(clock))?;
            writer.flush()?;
        }
        let (seconds, tenths) = (clock / 1000, clock % 1000 / 100);
        Ok(format!(
            "recorded {seconds}.{tenths} s into {}",
            self.path.display()
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::faults;
    use ratatui::{buffer::Buffer, layout::Rect};
    use std::fs;

    /// Records three pictures; the file is flushed with each.
    fn record(path: &Path) -> io::Result<String> {
        let mut recorder =
            LiveRecorder::begin(path, Existing::Replaced, &crate::record::palette::DARK)?;
        for text in ["one", "two", "three"] {
            let mut cells = Buffer::empty(Rect::new(0, 0, 8, 1));
            cells.set_string(0, 0, text, ratatui::style::Style::default());
            recorder.drawn(&Screenshot {
                cells,
                cursor: None,
            })?;
        }
        recorder.end()
    }

    #[test]
    fn whatever_call_fails_a_recording_is_the_old_one_or_has_whole_lines() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("screen.cast");
        faults::each_call(|fault| {
            fs::write(&path, "old").unwrap();
            let recorded = record(&path);
            let text = fs::read_to_string(&path).unwrap();
            if text == "old" {
                recorded.unwrap_err();
                return;
            }
            let ended = recorded.is_ok();
            // The line under way when a disk is full has no end.
            let lines: Vec<&str> = text.split_inclusive('\n').collect();
            for (at, line) in lines.iter().enumerate() {
                let is_json = serde_json::from_str::<serde_json::Value>(line).is_ok();
                let is_last = at + 1 == lines.len() && !ended;
                assert!(is_json || is_last, "{fault:?}: line {at} of {text}");
            }
            assert!(!ended || lines.len() >= 5, "{fault:?}: {text}");
        });
    }
}
