//! The terminal where there is no Unix: a console, as crossterm knows it.

use super::{
    decoder::Decoder,
    device::Device,
    ending::{Ending, LastWill},
    events::{Notifier, ThreadMessage},
    open_error::OpenError,
    tty::{TerminalOptions, Tty},
};
use crate::{
    signals,
    tui::key::{Input, KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind},
};
use crossterm::{
    event::{self, DisableMouseCapture, EnableMouseCapture, Event, KeyEventKind},
    execute, terminal,
};
use std::{
    io::{self, IsTerminal, Write},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

/// Standard input and standard output.
#[derive(Debug)]
pub(super) struct Native {
    /// True while the console tells of the mouse: it can be told to stop only then.
    has_mouse: AtomicBool,
}

impl Device for Native {
    fn forget_keys() -> io::Result<()> {
        while event::poll(Duration::ZERO)? {
            event::read()?;
        }
        Ok(())
    }

    fn find() -> Result<Self, OpenError> {
        if !io::stdout().is_terminal() {
            return Err(OpenError::OutputIsNoTerminal);
        }
        if !io::stdin().is_terminal() {
            let why = "standard input is not the console";
            return Err(OpenError::NoKeyboard(io::Error::other(why)));
        }
        #[cfg(windows)]
        if !crossterm::ansi_support::supports_ansi() {
            return Err(OpenError::DumbTerminal);
        }
        Ok(Self {
            has_mouse: AtomicBool::new(false),
        })
    }

    fn size(&self) -> Option<(u16, u16)> {
        terminal::size().ok()
    }

    fn set_raw(&self) -> io::Result<()> {
        terminal::enable_raw_mode()
    }

    fn set_cooked(&self) -> io::Result<()> {
        self.report(TerminalOptions::default())?;
        terminal::disable_raw_mode()
    }

    /// The console tells of the mouse by a mode of its own, besides the sequences.
    fn report(&self, options: TerminalOptions) -> io::Result<()> {
        match (
            options.mouse,
            self.has_mouse.swap(options.mouse, Ordering::AcqRel),
        ) {
            (true, false) => execute!(io::stdout(), EnableMouseCapture),
            (false, true) => execute!(io::stdout(), DisableMouseCapture),
            _ => Ok(()),
        }
    }

    fn in_foreground(&self) -> bool {
        true
    }

    fn takes_output(&self) -> bool {
        true
    }

    fn write(&self, bytes: &[u8]) -> io::Result<usize> {
        let mut output = io::stdout().lock();
        let written = output.write(bytes)?;
        output.flush()?;
        Ok(written)
    }

    fn listen(&self, _: &mut Decoder) -> io::Result<Vec<ThreadMessage>> {
        Ok(message(event::read()?).into_iter().collect())
    }

    fn is_gone(error: &io::Error) -> bool {
        error.kind() == io::ErrorKind::BrokenPipe
    }
}

/// The events of the console that mean something here.
fn message(event: Event) -> Option<ThreadMessage> {
    Some(ThreadMessage::Input(match event {
        Event::Key(key) if key.kind != KeyEventKind::Release => Input::Key(typed(key)?),
        Event::Mouse(mouse) => Input::Mouse(moved(mouse)?),
        Event::Paste(text) => Input::Paste(text),
        Event::Resize(..) => return Some(ThreadMessage::Resized),
        _ => return None,
    }))
}

fn typed(key: event::KeyEvent) -> Option<KeyEvent> {
    let code = match key.code {
        event::KeyCode::Char(character) => KeyCode::Char(character),
        event::KeyCode::Enter => KeyCode::Enter,
        event::KeyCode::Esc => KeyCode::Esc,
        event::KeyCode::Tab => KeyCode::Tab,
        event::KeyCode::BackTab => KeyCode::BackTab,
        event::KeyCode::Backspace => KeyCode::Backspace,
        event::KeyCode::Delete => KeyCode::Delete,
        event::KeyCode::Insert => KeyCode::Insert,
        event::KeyCode::Left => KeyCode::Left,
        event::KeyCode::Right => KeyCode::Right,
        event::KeyCode::Up => KeyCode::Up,
        event::KeyCode::Down => KeyCode::Down,
        event::KeyCode::Home => KeyCode::Home,
        event::KeyCode::End => KeyCode::End,
        event::KeyCode::PageUp => KeyCode::PageUp,
        event::KeyCode::PageDown => KeyCode::PageDown,
        event::KeyCode::F(number) => KeyCode::F(number),
        _ => return None,
    };
    let mut modifiers = KeyModifiers::NONE;
    let held = |it| key.modifiers.contains(it);
    let (control, alt) = (
        held(event::KeyModifiers::CONTROL),
        held(event::KeyModifiers::ALT),
    );
    // Both together are AltGr, which is in the character already.
    let is_typed = matches!(code, KeyCode::Char(_)) && control && alt;
    if control && !is_typed {
        modifiers |= KeyModifiers::CONTROL;
    }
    if alt && !is_typed {
        modifiers |= KeyModifiers::ALT;
    }
    Some(KeyEvent::new(code, modifiers))
}

fn moved(mouse: event::MouseEvent) -> Option<MouseEvent> {
    let button = |it| match it {
        event::MouseButton::Left => MouseButton::Left,
        event::MouseButton::Middle => MouseButton::Middle,
        event::MouseButton::Right => MouseButton::Right,
    };
    let kind = match mouse.kind {
        event::MouseEventKind::Down(it) => MouseEventKind::Down(button(it)),
        event::MouseEventKind::Up(it) => MouseEventKind::Up(button(it)),
        event::MouseEventKind::Drag(it) => MouseEventKind::Drag(button(it)),
        event::MouseEventKind::Moved => MouseEventKind::Moved,
        event::MouseEventKind::ScrollUp => MouseEventKind::ScrollUp,
        event::MouseEventKind::ScrollDown => MouseEventKind::ScrollDown,
        _ => return None,
    };
    Some(MouseEvent {
        kind,
        column: mouse.column,
        row: mouse.row,
    })
}

/// A console has no jobs: the process is ended from outside, and that is all.
#[derive(Debug)]
pub(super) struct Jobs;

impl Jobs {
    /// Heeds Ctrl-Break, a console that is closed, and the end of the user's session.
    pub(super) fn heed(_: &Arc<Tty>, will: &Arc<LastWill>, _: &Notifier) -> io::Result<Self> {
        let will = Arc::clone(will);
        signals::listen(&[signals::INTERRUPT], move |signal| {
            will.end(Ending::Signal(signal));
        })?;
        Ok(Self)
    }

    /// There is no shell that could let a stopped process go on.
    #[expect(
        clippy::unused_self,
        clippy::unnecessary_wraps,
        reason = "as where there are jobs"
    )]
    pub(super) fn suspend(&self, _: &Tty) -> io::Result<bool> {
        Ok(false)
    }
}
