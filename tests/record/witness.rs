//! A terminal beside the recorder: what it shows after each frame, held against what was drawn.

use eigenstep::{
    record::{
        cast::EventCode,
        headless_recorder::{HeadlessRecorder, play},
        playback_target::PlaybackTarget,
        player::Player,
        screen::Appearance,
        walk::{Millis, Walk},
    },
    tui::app::App,
};
use ratatui::{
    buffer::{Buffer, Cell},
    style::{Color, Modifier},
};
use std::{io, sync::Arc};

/// The terminal that was sent a recording.
pub struct Witness {
    terminal: vt100::Parser,
    /// Events that it has been sent.
    sent: usize,
    pub frames: usize,
    /// The first difference.
    pub differs: Option<String>,
}

/// A recorder with its witness.
struct Watched {
    recording: HeadlessRecorder,
    witness: Witness,
}

impl Witness {
    /// The film of a walk, and who watched it.
    pub fn of(walk: &Arc<Walk>) -> (HeadlessRecorder, Self) {
        let mut watched = Watched {
            recording: HeadlessRecorder::new(walk.size).unwrap(),
            witness: Self {
                terminal: super::terminal(walk.size),
                sent: 0,
                frames: 0,
                differs: None,
            },
        };
        play(
            Player::new(Arc::clone(walk)),
            Appearance::default(),
            &mut watched,
        )
        .unwrap();
        watched.recording.end();
        watched.witness.see(&watched.recording);
        (watched.recording, watched.witness)
    }

    /// True if the picture is gone.
    pub fn is_blank(&self) -> bool {
        !self.terminal.screen().alternate_screen()
    }

    /// Compares the last frame with what the terminal shows.
    fn see(&mut self, recording: &HeadlessRecorder) {
        for event in &recording.events()[self.sent..] {
            if event.kind == EventCode::Output {
                self.terminal.process(event.data.as_bytes());
            }
        }
        self.sent = recording.events().len();
        self.frames += 1;
        if self.differs.is_none() {
            self.differs = difference(self.terminal.screen(), recording.shown())
                .map(|it| format!("event {}: {it}", self.sent));
        }
    }
}

impl PlaybackTarget for Watched {
    fn types(&self) -> bool {
        self.recording.types()
    }
    fn frame(&mut self, app: &mut App, pause: Millis) -> io::Result<()> {
        self.recording.frame(app, pause)?;
        self.witness.see(&self.recording);
        Ok(())
    }
    fn anew(&mut self) -> io::Result<()> {
        self.recording.anew()
    }
    fn mark(&mut self, chapter: &str) {
        self.recording.mark(chapter);
    }
    fn press(&mut self, bytes: &str) {
        self.recording.press(bytes);
    }
}

/// The first cell that a terminal shows otherwise than it was drawn.
fn difference(terminal: &vt100::Screen, buffer: &Buffer) -> Option<String> {
    let differs = |(at, cell): (usize, &Cell)| {
        let (x, y) = buffer.pos_of(at);
        let shown = terminal.cell(y, x).unwrap();
        (!is_shown(shown, cell)).then(|| format!("({x}, {y}): {shown:?} for {cell:?}"))
    };
    buffer.content.iter().enumerate().find_map(differs)
}

/// True if the terminal's cell has the character, bold, reverse and the colour of the character.
fn is_shown(shown: &vt100::Cell, cell: &Cell) -> bool {
    let symbol = match shown.contents() {
        "" => " ",
        other => other,
    };
    if symbol != cell.symbol() || shown.inverse() != cell.modifier.contains(Modifier::REVERSED) {
        return false;
    }
    if symbol == " " {
        return true;
    }
    // The emulator is either bold or dim.
    let both = Modifier::BOLD | Modifier::DIM;
    let is_both = cell.modifier.contains(both);
    let is_bold = cell.modifier.contains(Modifier::BOLD);
    let is_plain = cell.fg == Color::Reset;
    (is_both || shown.bold() == is_bold) && (shown.fgcolor() == vt100::Color::Default) == is_plain
}
