//! Tests of the painter's output: against the vt100 emulator, and counted in bytes.

use std::rc::Rc;

use proptest::prelude::*;
use ratatui::backend::CrosstermBackend;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style, Stylize};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Paragraph};
use ratatui::{Frame, Terminal};

use super::*;

/// A writer that keeps each write apart.
#[derive(Default)]
struct Writes(Vec<Vec<u8>>);

impl Write for Writes {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.push(bytes.to_vec());
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A writer that only counts bytes.
#[derive(Default, Clone)]
struct Count(Rc<std::cell::Cell<usize>>);

impl Write for Count {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.set(self.0.get() + bytes.len());
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn terminal(width: u16, height: u16) -> Terminal<Painter<Writes>> {
    Terminal::new(Painter::new(Writes::default(), Size::new(width, height))).unwrap()
}

/// Draws one frame and returns the writes it made.
fn writes(
    terminal: &mut Terminal<Painter<Writes>>,
    render: impl FnOnce(&mut Frame),
) -> Vec<Vec<u8>> {
    terminal.draw(render).unwrap();
    std::mem::take(&mut terminal.backend_mut().writer_mut().0)
}

/// The bytes of a frame without the brackets of synchronized output.
fn body(terminal: &mut Terminal<Painter<Writes>>, render: impl FnOnce(&mut Frame)) -> String {
    let writes = writes(terminal, render);
    assert_eq!(writes.len(), 1, "one write a frame");
    let frame = writes[0]
        .strip_prefix(BEGIN_FRAME)
        .unwrap()
        .strip_suffix(END_FRAME)
        .unwrap();
    String::from_utf8(frame.to_vec()).unwrap()
}

fn text(content: &str) -> impl FnOnce(&mut Frame) {
    move |frame| frame.render_widget(content, frame.area())
}

#[test]
fn a_frame_is_one_write_and_an_unchanged_frame_is_none() {
    let mut terminal = terminal(80, 24);
    assert_eq!(writes(&mut terminal, text("eta 0.1")).len(), 1);
    assert_eq!(writes(&mut terminal, text("eta 0.1")).len(), 0);
    assert_eq!(writes(&mut terminal, text("eta 0.2")).len(), 1);
}

#[test]
fn only_what_changed_is_written() {
    let mut terminal = terminal(80, 24);
    body(&mut terminal, text("loss 1.5043e-01"));
    // The 0 between the changed digits is printed again: a byte instead of three.
    assert_eq!(body(&mut terminal, text("loss 1.6053e-01")), "\x1b[;8H605");
    // A blank rest of the row is erased.
    assert_eq!(body(&mut terminal, text("loss 1")), "\x1b[;7H\x1b[K");
}

#[test]
fn the_pen_outlives_the_frame() {
    let mut terminal = terminal(80, 24);
    body(&mut terminal, text(""));
    let red = |content: &'static str| {
        move |frame: &mut Frame| frame.render_widget(content.red(), frame.area())
    };
    assert_eq!(body(&mut terminal, red("1")), "\x1b[H\x1b[31m1");
    assert_eq!(body(&mut terminal, red("2")), "\x1b[H2");
}

#[test]
fn the_cursor_is_written_only_when_it_changes() {
    let mut terminal = terminal(80, 24);
    let prompt = |content: &'static str, x| {
        move |frame: &mut Frame| {
            frame.render_widget(content, frame.area());
            frame.set_cursor_position((x, 0));
        }
    };
    body(&mut terminal, text(":"));
    assert_eq!(body(&mut terminal, prompt(":", 1)), "\x1b[;2H\x1b[?25h");
    assert_eq!(body(&mut terminal, prompt(":b", 2)), "\x1b[;2Hb");
    assert_eq!(writes(&mut terminal, prompt(":b", 2)).len(), 0);
    assert_eq!(body(&mut terminal, prompt(":b", 1)), "\x1b[;2H");
    assert_eq!(body(&mut terminal, text(":b")), "\x1b[?25l");
}

#[test]
fn resizing_draws_everything_again_and_asks_the_terminal_nothing() {
    let mut terminal = terminal(80, 24);
    body(&mut terminal, text("w"));
    terminal.resize(Rect::new(0, 0, 80, 24)).unwrap();
    assert_eq!(
        body(&mut terminal, text("w")),
        "\x1b[m\x1b[2J\x1b[Hw\x1b[?25l"
    );
    terminal.clear().unwrap();
    assert!(!body(&mut terminal, text("w")).contains("\x1b[6n"));
}

#[test]
fn a_wide_character_hides_what_it_covers() {
    let mut terminal = terminal(10, 1);
    body(&mut terminal, text("abc"));
    body(&mut terminal, text("界c"));
    assert_eq!(body(&mut terminal, text("abc")), "\x1b[Hab");
}

/// The screen of a debugger one step apart, much as the design draws it: a path on a contour, the listing with its
/// values, the eigenvalue bars and the position on the timeline.
fn debugger(step: usize) -> impl Fn(&mut Frame) {
    move |frame| {
        let time = f64::from(u32::try_from(step).unwrap());
        let (w, m, s) = (
            0.8 - 0.97_f64.powf(time),
            -37.1 * 0.9_f64.powf(time),
            18.2 + time * 0.31,
        );
        let area = frame.area();
        let header = format!(
            "eigenstep  adam on valley  t {step} / 117  loss {:.2e} v  |g| {:.2e}",
            50.0 * (1.0 - w),
            -m * 1.7
        );
        frame.render_widget(Line::from(header).reversed(), Rect { height: 1, ..area });
        let contour = Rect {
            x: 0,
            y: 1,
            width: area.width / 2,
            height: area.height - 6,
        };
        frame.render_widget(Block::bordered().title("contour"), contour);
        for level in 2..contour.height - 1 {
            let style = Style::new().fg(if level % 2 == 0 {
                Color::Blue
            } else {
                Color::Cyan
            });
            frame.buffer_mut().set_string(
                1,
                level + 1,
                "-_".repeat(usize::from(contour.width / 2 - 1)),
                style,
            );
        }
        for point in 0..=step {
            let glyph = if point == step {
                Span::from("o").bold().yellow()
            } else {
                Span::from("*").yellow()
            };
            let column = u16::try_from(2 + point % 30).unwrap();
            let row = u16::try_from(3 + (point * 7) % 9).unwrap();
            frame.render_widget(glyph, Rect::new(column, row, 1, 1));
        }
        let listing = Rect {
            x: area.width / 2,
            width: area.width - area.width / 2,
            ..contour
        };
        let value = |text: &'static str, a: f64, b: f64| {
            Line::from(vec![
                Span::from(text),
                Span::from(format!("{a:>9.4}")).bold(),
                format!("{b:>9.4} ").into(),
            ])
        };
        let rows = vec![
            value("  g     = grad(w)   ", m * 1.5, m * 0.64),
            value("> m     = beta1*m.. ", m, m * 0.672),
            value("  s     = beta2*s.. ", s / 1000.0, s),
            value("  m_hat = m/(1-..   ", m * 1.39, m * 0.93),
            value("  w     = w - eta.. ", w, w * 0.75),
        ];
        frame.render_widget(
            Paragraph::new(rows).block(Block::bordered().title("adam.rule")),
            listing,
        );
        let bars = Rect {
            y: contour.bottom(),
            height: 5,
            ..area
        };
        let bar = "=".repeat(step.min(60));
        let rows = format!(
            "t {step} {bar}o\n1   lambda 1    alpha {:.3}  x0.979\n",
            w - 0.8
        );
        frame.render_widget(
            Paragraph::new(rows).block(Block::bordered().title("loss (log)")),
            bars,
        );
    }
}

/// Median bytes of the frames of 60 steps.
fn median(mut frame: impl FnMut(usize) -> usize) -> usize {
    frame(0);
    let mut bytes: Vec<usize> = (1..=60).map(frame).collect();
    bytes.sort_unstable();
    bytes[bytes.len() / 2]
}

#[test]
fn a_step_of_a_debugger_screen_is_shorter_than_through_crossterm() {
    for (width, height, at_most) in [(80, 24, 260), (120, 40, 260)] {
        let mut painted = terminal(width, height);
        let painted = median(|step| writes(&mut painted, debugger(step)).concat().len());

        let viewport = ratatui::Viewport::Fixed(Rect::new(0, 0, width, height));
        let options = ratatui::TerminalOptions { viewport };
        let counted = Count::default();
        let mut plain =
            Terminal::with_options(CrosstermBackend::new(counted.clone()), options).unwrap();
        let plain = median(|step| {
            plain.draw(debugger(step)).unwrap();
            counted.0.take()
        });
        println!("{width}x{height}: {painted} bytes a step, {plain} through crossterm");
        assert!(
            painted <= at_most && painted < plain,
            "{painted} bytes, crossterm {plain}"
        );
    }
}

const GLYPHS: [&str; 8] = [" ", " ", " ", "a", "-", "│", "⠿", "界"];
const COLOURS: [Color; 6] = [
    Color::Reset,
    Color::Red,
    Color::LightBlue,
    Color::Gray,
    Color::Indexed(100),
    Color::Rgb(1, 2, 3),
];
const MODIFIERS: [Modifier; 6] = [
    Modifier::empty(),
    Modifier::BOLD,
    Modifier::DIM,
    Modifier::UNDERLINED,
    Modifier::REVERSED,
    Modifier::BOLD.union(Modifier::REVERSED),
];

/// A run of equal cells: where, how many, glyph, foreground, background, modifier.
type Run = (usize, usize, usize, usize, usize, usize);

fn runs() -> impl Strategy<Value = Vec<Run>> {
    proptest::collection::vec(
        (
            0..200_usize,
            1..30_usize,
            0..8_usize,
            0..6_usize,
            0..6_usize,
            0..6_usize,
        ),
        0..30,
    )
}

fn fill(frame: &mut Frame, runs: &[Run]) {
    let width = usize::from(frame.area().width);
    let buffer = frame.buffer_mut();
    for &(start, count, glyph, foreground, background, modifier) in runs {
        let style = Style::reset()
            .fg(COLOURS[foreground])
            .bg(COLOURS[background])
            .add_modifier(MODIFIERS[modifier]);
        let (x, y) = (start % width, start / width);
        let (x, y) = (u16::try_from(x).unwrap(), u16::try_from(y).unwrap());
        buffer.set_string(x, y, GLYPHS[glyph].repeat(count), style);
    }
}

fn emulated(colour: vt100::Color) -> Color {
    match colour {
        vt100::Color::Default => Color::Reset,
        vt100::Color::Idx(1) => Color::Red,
        vt100::Color::Idx(7) => Color::Gray,
        vt100::Color::Idx(12) => Color::LightBlue,
        vt100::Color::Idx(index) => Color::Indexed(index),
        vt100::Color::Rgb(red, green, blue) => Color::Rgb(red, green, blue),
    }
}

proptest! {
    /// After any sequence of frames the emulator shows the last one, cell by cell.
    #[test]
    fn a_terminal_shows_what_was_drawn(frames in proptest::collection::vec(runs(), 1..6)) {
        let (width, height) = (20, 10);
        let mut terminal = terminal(width, height);
        let mut emulator = vt100::Parser::new(height.try_into().unwrap(), width.try_into().unwrap(), 0);
        emulator.process(b"what was there before\r\n\x1b[44mand its colour");
        for runs in &frames {
            let written = writes(&mut terminal, |frame| fill(frame, runs)).concat();
            emulator.process(&written);
            let mut wanted = Buffer::empty(Rect::new(0, 0, width, height));
            terminal.draw(|frame| { fill(frame, runs); wanted = frame.buffer_mut().clone(); }).unwrap();
            terminal.backend_mut().writer_mut().0.clear();
            for y in 0..height {
                let mut x = 0;
                while x < width {
                    let cell = &wanted[(x, y)];
                    let shown = emulator.screen().cell(y, x).unwrap();
                    let symbol = if shown.has_contents() { shown.contents() } else { " " };
                    prop_assert_eq!(symbol, cell.symbol(), "at {},{}", x, y);
                    prop_assert_eq!(emulated(shown.bgcolor()), cell.bg, "background at {},{}", x, y);
                    prop_assert_eq!(shown.inverse(), cell.modifier.contains(Modifier::REVERSED));
                    prop_assert_eq!(shown.underline(), cell.modifier.contains(Modifier::UNDERLINED));
                    if cell.symbol() != " " || shown.inverse() {
                        prop_assert_eq!(emulated(shown.fgcolor()), cell.fg, "at {},{}", x, y);
                        prop_assert_eq!(shown.bold(), cell.modifier.contains(Modifier::BOLD));
                    }
                    x += cell.cell_width().max(1);
                }
            }
        }
    }
}
