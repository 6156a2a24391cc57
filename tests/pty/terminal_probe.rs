//! The smallest program on the terminal layer, for the tests to hurt.
//!
//!     space  count        P  panic              m  mouse on and off
//!     q      quit         T  panic in a thread  F  draw for ever
//!     ^Z     suspend      :  show the cursor    A  abort
//!
//! `--paste` and `--mouse` turn these reports on; `--on-exit FILE` writes FILE when the process is ended from outside;
//! `--stubborn` makes that never return.

use std::error::Error;
use std::process::ExitCode;
use std::{env, fs, thread};

use eigenstep::tui::key::{KeyCode, KeyModifiers};
use eigenstep::tui::terminal::{Event, OpenError, Screen, TerminalOptions};
use ratatui::style::Stylize;
use ratatui::text::Line;
use ratatui::widgets::{Block, Paragraph};

#[derive(Default)]
struct Probe {
    count: u64,
    frames: u64,
    last: String,
    mouse: bool,
    cursor: bool,
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("terminal_probe: {error}");
            ExitCode::from(if error.is::<OpenError>() { 2 } else { 1 })
        }
    }
}

fn run() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let given = |flag: &str| arguments.iter().any(|argument| argument == flag);
    let options = TerminalOptions {
        mouse: given("--mouse"),
        paste: given("--paste"),
        ..TerminalOptions::default()
    };
    let (mut screen, mut events) = Screen::open(options)?;
    let file = arguments
        .iter()
        .skip_while(|argument| *argument != "--on-exit")
        .nth(1)
        .cloned();
    let stubborn = given("--stubborn");
    screen.on_exit(move |ending| {
        if let Some(file) = file {
            let _ = fs::write(file, format!("{ending:?}"));
        }
        if stubborn {
            loop {
                thread::park();
            }
        }
        String::new()
    });

    let mut probe = Probe {
        mouse: options.mouse,
        ..Probe::default()
    };
    probe.draw(&mut screen)?;
    loop {
        for event in events.batch() {
            if probe.answer(event, &mut screen)? {
                return Ok(());
            }
        }
        probe.draw(&mut screen)?;
    }
}

impl Probe {
    fn draw(&mut self, screen: &mut Screen) -> Result<(), Box<dyn Error>> {
        let count = self.count;
        let rows = vec![
            Line::from(vec![
                "count ".into(),
                count.to_string().bold().green(),
                " end".into(),
            ]),
            Line::from(format!("last {}", self.last)),
        ];
        screen.draw(|frame| {
            let title = format!(" probe {}x{} ", frame.area().width, frame.area().height);
            frame.render_widget(
                Paragraph::new(rows).block(Block::bordered().title(title)),
                frame.area(),
            );
            if self.cursor {
                frame.set_cursor_position((7, 1));
            }
        })?;
        self.frames += 1;
        Ok(())
    }

    /// Answers one event; returns whether to quit.
    fn answer(&mut self, event: Event, screen: &mut Screen) -> Result<bool, Box<dyn Error>> {
        match event {
            Event::Key(key) if key.modifiers.contains(KeyModifiers::CONTROL) => {
                self.last = format!("ctrl {}", key.code);
                if key.code == KeyCode::Char('z') {
                    self.last = format!("suspended {}", screen.suspend()?);
                }
            }
            Event::Key(key) => match key.code {
                KeyCode::Char('q') => return Ok(true),
                KeyCode::Char('P') => panic!("the main thread is wounded"),
                KeyCode::Char('A') => std::process::abort(),
                KeyCode::Char('T') => drop(thread::spawn(|| panic!("a worker is wounded"))),
                KeyCode::Char(' ') => self.count += 1,
                KeyCode::Char('f') => self.last = format!("frames {}", self.frames),
                KeyCode::Char(':') => self.cursor = !self.cursor,
                KeyCode::Char('m') => {
                    self.mouse = !self.mouse;
                    screen.set_mouse(self.mouse)?;
                }
                KeyCode::Char('F') => loop {
                    self.count += 1;
                    screen.redraw();
                    self.draw(screen)?;
                },
                code => self.last = format!("key {code}"),
            },
            Event::Paste(text) => self.last = format!("paste {text}"),
            Event::Mouse(mouse) => self.last = format!("mouse {},{}", mouse.column, mouse.row),
            Event::Ground(_) | Event::Resize(..) | Event::Redraw => {}
        }
        Ok(false)
    }
}
