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
    tui::companion::Screenshot,
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

    /// Records a key.
    ///
    /// # Errors
    /// If there is no writing any more.
    pub fn pressed(&mut self, key: KeyEvent) -> io::Result<()> {
        use super::playback_target::PlaybackTarget;
        self.recording.set_clock(self.now());
        self.recording.press(&Press(key).bytes());
        self.write()
    }

    /// Writes what has happened: what is written is safe, however the process ends.
    fn write(&mut self) -> io::Result<()> {
        let Some(writer) = &mut self.writer else {
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
        self.recording.set_clock(self.now());
        self.recording.stay();
        self.write()?;
        let clock = self.recording.clock();
        let (seconds, tenths) = (clock / 1000, clock % 1000 / 100);
        Ok(format!(
            "recorded {seconds}.{tenths} s into {}",
            self.path.display()
        ))
    }
}
