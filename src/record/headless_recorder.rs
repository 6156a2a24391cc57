//! A stage with a clock of its own, which keeps what a terminal would be sent.

use super::{
    cast::{CastEvent, EventCode, Version, Writer},
    palette::Palette,
    playback_target::{PlaybackEnd, PlaybackTarget},
    player::{Done, Player},
    screen::{self, Appearance},
    walk::Millis,
};
use crate::{
    text::visible,
    tui::{app::App, host, terminal::Painter},
};
use ratatui::{
    Frame, Terminal,
    buffer::Buffer,
    layout::{Rect, Size},
};
use std::io;

/// Seconds that the title stands alone: a player shows the first picture before it plays.
const OPENING: Millis = 1200;
/// Seconds that the last picture stands.
const ENDING: Millis = 3000;

/// Alternate screen; no cursor, until a frame shows it.
const ENTER: &str = "\x1b[?1049h\x1b[?25l";
/// Changes nothing, and gives the last picture its time. The alternate screen is never left: players
/// would end on an empty one.
const STAY: &str = "\x1b[0m";

/// The bytes that a terminal would be sent.
#[derive(Debug)]
pub struct HeadlessRecorder {
    terminal: Terminal<Painter<Vec<u8>>>,
    events: Vec<CastEvent>,
    shown: Buffer,
    clock: Millis,
    /// True once the alternate screen has been entered.
    entered: bool,
}

impl HeadlessRecorder {
    /// A recorder for a screen of `size`.
    ///
    /// # Errors
    /// None: nothing is written.
    pub fn new(size: Size) -> io::Result<Self> {
        Ok(Self {
            terminal: Terminal::new(Painter::new(Vec::new(), size))?,
            events: Vec::new(),
            shown: Buffer::empty(Rect::from(size)),
            clock: 0,
            entered: false,
        })
    }

    /// The events so far.
    #[must_use]
    pub fn events(&self) -> &[CastEvent] {
        &self.events
    }

    /// Takes out what has happened since this was asked last.
    pub fn take_events(&mut self) -> Vec<CastEvent> {
        std::mem::take(&mut self.events)
    }

    /// The screen as it was drawn last.
    #[must_use]
    pub fn shown(&self) -> &Buffer {
        &self.shown
    }

    /// The time since the beginning.
    #[must_use]
    pub fn clock(&self) -> Millis {
        self.clock
    }

    /// Sets the clock on; it is never set back.
    pub fn set_clock(&mut self, clock: Millis) {
        self.clock = self.clock.max(clock);
    }

    /// Keeps a picture.
    ///
    /// # Errors
    /// None: it is kept in memory.
    pub fn expose(&mut self, size: Size, render: impl FnOnce(&mut Frame)) -> io::Result<()> {
        if self.shown.area.as_size() != size {
            self.terminal.backend_mut().set_size(size);
            self.terminal.resize(Rect::from(size))?;
            self.push(EventCode::Resize, format!("{}x{}", size.width, size.height));
        }
        let drawn = self.terminal.draw(render)?;
        self.shown.clone_from(drawn.buffer);
        let bytes = std::mem::take(self.terminal.backend_mut().writer_mut());
        if bytes.is_empty() {
            return Ok(());
        }
        let mut data = String::new();
        if !std::mem::replace(&mut self.entered, true) {
            data.push_str(ENTER);
        }
        data.push_str(&String::from_utf8_lossy(&bytes));
        self.push(EventCode::Output, data);
        Ok(())
    }

    /// Lets the last picture stand for a while.
    pub fn end(&mut self) {
        self.clock += ENDING;
        self.stay();
    }

    /// Lets the last picture stand until now.
    pub fn stay(&mut self) {
        self.events.push(Self::staying(self.clock));
    }

    /// The event that lets the last picture stand until `at`.
    #[must_use]
    pub fn staying(at: Millis) -> CastEvent {
        CastEvent {
            at,
            kind: EventCode::Output,
            data: STAY.to_owned(),
        }
    }

    fn push(&mut self, kind: EventCode, data: String) {
        self.events.push(CastEvent {
            at: self.clock,
            kind,
            data,
        });
    }

    /// The recording as an asciicast.
    ///
    /// # Errors
    /// None: it is written to memory.
    pub fn cast(&self, version: Version, title: &str, palette: &Palette) -> io::Result<Vec<u8>> {
        let size = self.shown.area.as_size();
        let mut writer = Writer::new(Vec::new(), version, size, title, palette)?;
        for event in &self.events {
            writer.event(event)?;
        }
        Ok(writer.into_inner())
    }
}

impl PlaybackTarget for HeadlessRecorder {
    fn types(&self) -> bool {
        true
    }

    fn frame(&mut self, app: &mut App, pause: Millis) -> io::Result<()> {
        let size = self.shown.area.as_size();
        self.expose(size, |frame| host::draw(app, frame))?;
        self.clock += pause;
        Ok(())
    }

    fn anew(&mut self) -> io::Result<()> {
        let size = self.shown.area.as_size();
        self.terminal.backend_mut().forget();
        self.terminal.resize(Rect::from(size))?;
        self.entered = false;
        Ok(())
    }

    fn mark(&mut self, chapter: &str) {
        self.push(EventCode::Marker, visible(chapter).into_owned());
    }

    fn press(&mut self, bytes: &str) {
        self.push(EventCode::Input, bytes.to_owned());
    }
}

/// Plays a walk from its beginning on `stage`, which draws the screen of `walk.size`.
///
/// # Errors
/// The first line that cannot be done, or that expects what is not so.
pub fn play(
    mut player: Player,
    looks: Appearance,
    stage: &mut dyn PlaybackTarget,
) -> Result<(), PlaybackEnd> {
    let mut app = screen::open_walk(player.walk(), looks)?;
    player.begin(&mut app);
    stage.frame(&mut app, OPENING)?;
    // Players that were given a time for their poster forget what came before it when they begin to play.
    stage.anew()?;
    while player.advance(&mut app, stage)? != Done::Finished {}
    Ok(())
}

/// Films a walk.
///
/// # Errors
/// As [`play`].
pub fn record(player: Player, looks: Appearance) -> Result<HeadlessRecorder, PlaybackEnd> {
    let mut recording = HeadlessRecorder::new(player.walk().size)?;
    play(player, looks, &mut recording)?;
    recording.end();
    Ok(recording)
}
