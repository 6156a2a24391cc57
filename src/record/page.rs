//! A walk as a web page that plays by itself: every frame is known cell by cell, so no terminal is needed.
//!
//! The page holds rows, each written once, and for each picture the rows that are new in it. Rows are lists of
//! pieces: a class, a count of cells, a text. The player puts the text where it belongs as text, never as markup, so
//! that a title or an expression of somebody else cannot be anything but text. Nothing is loaded from elsewhere.

use super::{
    palette::Palette,
    playback_target::PlaybackTarget,
    screen,
    still::{Style, escaped, runs},
    walk::Millis,
};
use crate::{text::visible, tui::app::App};
use ratatui::{buffer::Buffer, layout::Size, style::Modifier};
use serde_json::{Value, json};
use std::{collections::HashMap, fmt::Write, io};

/// Time that the last picture stands.
const ENDING: Millis = 3000;

/// The player.
const SCRIPT: &str = include_str!("page/player.js");
/// The styles of the page.
const STYLE: &str = include_str!("page/page.css");

/// The pictures of a walk, as rows.
#[derive(Debug)]
pub struct Reel {
    size: Size,
    clock: Millis,
    /// Every row that has been shown, once.
    rows: Vec<Value>,
    /// The number of each row, by its pieces.
    known: HashMap<String, usize>,
    /// The row that each line shows now.
    shown: Vec<usize>,
    /// The styles in use; the number of each is its class.
    styles: Vec<Style>,
    /// Each picture: when, and the lines that are new in it with their rows.
    pictures: Vec<(Millis, Vec<usize>)>,
    chapters: Vec<(Millis, String)>,
}

impl Reel {
    /// Nothing so far, on a screen of `size`.
    #[must_use]
    pub fn new(size: Size) -> Self {
        Self {
            size,
            clock: 0,
            rows: Vec::new(),
            known: HashMap::new(),
            shown: vec![usize::MAX; usize::from(size.height)],
            styles: Vec::new(),
            pictures: Vec::new(),
            chapters: Vec::new(),
        }
    }

    fn class(&mut self, style: Style) -> usize {
        let known = self.styles.iter().position(|known| *known == style);
        known.unwrap_or_else(|| {
            self.styles.push(style);
            self.styles.len() - 1
        })
    }

    fn keep(&mut self, buffer: &Buffer) {
        let mut new = Vec::new();
        for (y, row) in runs(buffer).into_iter().enumerate() {
            let mut pieces = Vec::new();
            for run in row {
                let class = self.class(run.style);
                // A font may draw other characters wider than letters: each piece has its place.
                for piece in run.pieces(str::is_ascii) {
                    pieces.push(json!([class, piece.cells, piece.text]));
                }
            }
            let row = Value::from(pieces);
            let written = row.to_string();
            let number = *self.known.entry(written).or_insert_with(|| {
                self.rows.push(row);
                self.rows.len() - 1
            });
            if self.shown.get(y) != Some(&number) {
                self.shown[y] = number;
                new.extend([y, number]);
            }
        }
        if !new.is_empty() {
            self.pictures.push((self.clock, new));
        }
    }

    /// The page.
    #[must_use]
    pub fn page(&self, title: &str, palette: &Palette) -> String {
        let title = visible(title);
        let data = json!({
            "title": title,
            "columns": self.size.width,
            "lines": self.size.height,
            "end": self.clock + ENDING,
            "rows": self.rows,
            "pictures": self.pictures,
            "chapters": self.chapters,
        });
        // Within a script element no tag may begin.
        let data = data
            .to_string()
            .replace('<', "\\u003c")
            .replace('\u{2028}', "\\u2028")
            .replace('\u{2029}', "\\u2029");
        let mut colours = format!(
            ":root{{--ink:{};--ground:{};--quiet:{};--accent:{}}}",
            palette.foreground, palette.background, palette.colours[8], palette.colours[3]
        );
        for (number, style) in self.styles.iter().enumerate() {
            let _ = write!(colours, "\n.c{number}{{{}}}", declarations(*style, palette));
        }
        format!(
            "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'\">\n\
             <meta name=\"viewport\" content=\"width=device-width\">\n<title>{}</title>\n<style>\n{STYLE}{colours}\n</style>\n</head>\n<body>\n\
             <noscript>This page plays a recording, for which it needs its script.</noscript>\n\
             <script>\nconst film = {data};\n{SCRIPT}</script>\n</body>\n</html>\n",
            escaped(&title)
        )
    }
}

impl PlaybackTarget for Reel {
    fn types(&self) -> bool {
        true
    }

    fn frame(&mut self, app: &mut App, pause: Millis) -> io::Result<()> {
        let (buffer, _) = screen::draw(app, self.size);
        self.keep(&buffer);
        self.clock += pause;
        Ok(())
    }

    fn mark(&mut self, chapter: &str) {
        self.chapters
            .push((self.clock, visible(chapter).into_owned()));
    }
}

fn declarations(style: Style, palette: &Palette) -> String {
    let mut ink = palette.colour(style.foreground, palette.foreground);
    let mut ground = palette.colour(style.background, palette.background);
    if style.modifier.contains(Modifier::REVERSED) {
        std::mem::swap(&mut ink, &mut ground);
    }
    let mut text = format!("color:{ink}");
    if ground != palette.background {
        let _ = write!(text, ";background:{ground}");
    }
    for (modifier, declaration) in [
        (Modifier::BOLD, ";font-weight:700"),
        (Modifier::DIM, ";opacity:.62"),
        (Modifier::ITALIC, ";font-style:italic"),
        (Modifier::UNDERLINED, ";text-decoration:underline"),
    ] {
        if style.modifier.contains(modifier) {
            text.push_str(declaration);
        }
    }
    text
}
