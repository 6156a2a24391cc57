//! A stage for the screen: a scenario, keys typed on it, and the cells that come out.

use eigenstep::tui::key::{KeyCode, KeyEvent, KeyModifiers};
use eigenstep::{
    debugger::{Control, Session},
    scenario::Scenario,
    tui::{
        app::{AfterKey, App},
        glyphs::Charset,
        host,
        keymap::Keymap,
        theme::{Background, Theme},
    },
};
use ratatui::{Terminal, backend::TestBackend, buffer::Buffer, style::Style};
use std::fmt::Write;

/// The session on `flags`: a list of `NAME=VALUE` as on the command line, without the dashes.
pub fn session(flags: &[&str]) -> Session {
    let flags: Vec<_> = flags.iter().map(|it| it.split_once('=').unwrap()).collect();
    let scenario = Scenario::from_flags(&flags).unwrap();
    let setup = scenario.open().unwrap();
    let origin = scenario.to_toml();
    Session::new(setup.landscape, setup.noise, setup.lanes, origin).unwrap()
}

/// The app on `flags`.
pub fn app(flags: &[&str], charset: Charset, theme: Theme) -> App {
    App::new(session(flags), charset, theme, Keymap::default())
}

/// The app in ASCII and without colours.
pub fn plain_app(flags: &[&str]) -> App {
    app(flags, Charset::Ascii, Theme::new(false, Background::Dark))
}

/// The keys of a script: characters are themselves, `<enter>` and `<ctrl-w>` are named.
fn keys(script: &str) -> Vec<KeyEvent> {
    let mut keys = Vec::new();
    let mut rest = script;
    while let Some(character) = rest.chars().next() {
        rest = &rest[character.len_utf8()..];
        let named = (character == '<')
            .then(|| rest.split_once('>'))
            .flatten()
            .and_then(|(name, after)| Some((named(name)?, after)));
        let code = KeyCode::Char(character);
        keys.push(match named {
            Some((key, after)) => {
                rest = after;
                key
            }
            None => KeyEvent::new(code, KeyModifiers::NONE),
        });
    }
    keys
}

fn named(name: &str) -> Option<KeyEvent> {
    if let Some(character) = name.strip_prefix("ctrl-") {
        let code = KeyCode::Char(character.chars().next()?);
        return Some(KeyEvent::new(code, KeyModifiers::CONTROL));
    }
    if let Some(character) = name.strip_prefix("alt-") {
        let code = KeyCode::Char(character.chars().next()?);
        return Some(KeyEvent::new(code, KeyModifiers::ALT));
    }
    let code = match name {
        "f1" => KeyCode::F(1),
        "f2" => KeyCode::F(2),
        "f3" => KeyCode::F(3),
        "f4" => KeyCode::F(4),
        "space" => KeyCode::Char(' '),
        "enter" => KeyCode::Enter,
        "tab" => KeyCode::Tab,
        "esc" => KeyCode::Esc,
        "up" => KeyCode::Up,
        "down" => KeyCode::Down,
        "left" => KeyCode::Left,
        "right" => KeyCode::Right,
        "pagedown" => KeyCode::PageDown,
        "pageup" => KeyCode::PageUp,
        _ => return None,
    };
    Some(KeyEvent::new(code, KeyModifiers::NONE))
}

/// Types a script; returns whether it left the program.
pub fn typed(app: &mut App, script: &str) -> bool {
    for key in keys(script) {
        let mut todo = app.key(key);
        while let AfterKey::Execute(line) = todo {
            todo = app.execute(&line, &mut Control::default());
        }
        match todo {
            AfterKey::Quit => return true,
            AfterKey::Fail(error) => app.fail(&error),
            _ => {}
        }
    }
    false
}

/// Frames after which a screen ought to be at rest.
const MOST_FRAMES: usize = 500;

/// What a terminal of this size shows once it has come to rest.
pub fn drawn(app: &mut App, (columns, rows): (u16, u16)) -> Buffer {
    let mut terminal = Terminal::new(TestBackend::new(columns, rows)).unwrap();
    terminal.draw(|frame| host::draw(app, frame)).unwrap();
    for _ in 0..MOST_FRAMES {
        if !app.is_behind() {
            break;
        }
        terminal.draw(|frame| host::draw(app, frame)).unwrap();
    }
    terminal.backend().buffer().clone()
}

/// The characters of a screen, between bars so that blanks at the end of a row are seen.
pub fn text(buffer: &Buffer) -> String {
    let mut text = String::new();
    for y in 0..buffer.area.height {
        let row: String = (0..buffer.area.width)
            .map(|x| buffer[(x, y)].symbol())
            .collect();
        let _ = writeln!(text, "{}", row.trim_end());
    }
    text
}

/// The screen after `script`, in ASCII and without colours.
pub fn screen(flags: &[&str], size: (u16, u16), script: &str) -> String {
    let mut app = plain_app(flags);
    // What stands where depends on the size, and the keys on what stands where.
    drawn(&mut app, size);
    typed(&mut app, script);
    text(&drawn(&mut app, size))
}

/// The runs of cells that have a style: row, columns, style, text.
pub fn styles(buffer: &Buffer) -> String {
    let mut lines = String::new();
    for y in 0..buffer.area.height {
        let mut run: Option<(u16, Style, String)> = None;
        for x in 0..=buffer.area.width {
            let cell = (x < buffer.area.width).then(|| &buffer[(x, y)]);
            let style = cell.map(ratatui::buffer::Cell::style);
            if let Some((from, known, text)) = &mut run {
                if style == Some(*known) {
                    text.push_str(cell.map_or("", |cell| cell.symbol()));
                    continue;
                }
                let named = style_name(*known);
                if !named.is_empty() && !text.trim().is_empty() {
                    let _ = writeln!(lines, "{y:>3} {from:>3}  {named:<28} {text}");
                }
            }
            run = style.map(|style| (x, style, cell.map_or("", |cell| cell.symbol()).to_owned()));
        }
    }
    lines
}

fn style_name(style: Style) -> String {
    use ratatui::style::Color::Reset;
    let colour = style.fg.filter(|colour| *colour != Reset);
    let ground = style.bg.filter(|colour| *colour != Reset);
    let mut words: Vec<String> = colour
        .map(|colour| format!("{colour:?}"))
        .into_iter()
        .collect();
    words.extend(ground.map(|colour| format!("on {colour:?}")));
    words.extend(
        style
            .add_modifier
            .iter_names()
            .map(|(name, _)| name.to_lowercase()),
    );
    words.join(" ").to_lowercase()
}
