//! A picture as SVG: text on a grid of cells, in the colours of [`palette`](super::super::palette).
//!
//! Every run of like cells is a text of a given length, so that the grid holds in whatever monospace font
//! there is. Colours are classes; a picture for both grounds has two sets of them, and the viewer's
//! preference decides.

use super::{
    Piece, Style, StyledRun, escaped, runs,
    shapes::{Part, parts},
};
use crate::record::palette::{DARK, LIGHT, Palette, place};
use ratatui::{
    buffer::Buffer,
    style::{Color, Modifier},
};
use std::fmt::Write;

/// Width of a cell; its height is 18.
const CELL: f64 = 8.4;
const LINE: f64 = 18.0;
/// From the top of a cell to the line on which its letters stand.
const BASE: f64 = 13.5;
const MARGIN: f64 = 12.0;

const FONTS: &str =
    "ui-monospace,'SFMono-Regular',Menlo,Consolas,'DejaVu Sans Mono','Liberation Mono',monospace";

/// The ground that a picture is made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SvgTheme {
    /// Whichever the viewer prefers.
    #[default]
    Both,
    /// A dark one.
    Dark,
    /// A light one.
    Light,
}

/// The picture as an SVG document called `title`.
#[must_use]
pub fn svg(buffer: &Buffer, title: &str, ground: SvgTheme) -> String {
    let width = CELL * f64::from(buffer.area.width) + 2.0 * MARGIN;
    let height = LINE * f64::from(buffer.area.height) + 2.0 * MARGIN;
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.1} {height:.1}\" \
         width=\"{width:.1}\" height=\"{height:.1}\" role=\"img\">\n<title>{}</title>\n<style>\n\
         text{{font:14px {FONTS};white-space:pre}}\n\
         .b{{font-weight:700}}.d{{opacity:.62}}.i{{font-style:italic}}.u{{text-decoration:underline}}\n",
        escaped(title)
    );
    match ground {
        SvgTheme::Dark => out += &classes(&DARK),
        SvgTheme::Light => out += &classes(&LIGHT),
        SvgTheme::Both => {
            out += &classes(&LIGHT);
            let _ = write!(
                out,
                "@media (prefers-color-scheme:dark){{\n{}}}\n",
                classes(&DARK)
            );
        }
    }
    let _ = write!(
        out,
        "</style>\n<rect class=\"g\" width=\"{width:.1}\" height=\"{height:.1}\" rx=\"8\"/>\n"
    );
    for (y, row) in (0_u16..).zip(runs(buffer)) {
        for run in row {
            draw(&run, y, &mut out);
        }
    }
    out.push_str("</svg>\n");
    out
}

/// A class for each colour, for the text's own (`f`) and for the ground's (`g`).
fn classes(palette: &Palette) -> String {
    let mut text = format!(
        ".f{{fill:{}}}.g{{fill:{}}}",
        palette.foreground, palette.background
    );
    for (at, colour) in palette.all().enumerate() {
        let _ = write!(text, ".c{at}{{fill:{colour}}}");
    }
    text.push('\n');
    text
}

/// The class of a colour; `own` for the terminal's own.
fn class(colour: Color, own: &str) -> String {
    place(colour).map_or(own.to_owned(), |place| format!("c{place}"))
}

fn draw(run: &StyledRun, y: u16, out: &mut String) {
    let Style {
        foreground,
        background,
        modifier,
    } = run.style;
    let (mut ink, mut ground) = (class(foreground, "f"), class(background, "g"));
    if modifier.contains(Modifier::REVERSED) {
        std::mem::swap(&mut ink, &mut ground);
    }
    #[expect(clippy::cast_precision_loss, reason = "columns of a screen")]
    let place = |at: usize, cells: usize| (MARGIN + CELL * at as f64, CELL * cells as f64);
    let pieces = run.pieces(|symbol| symbol.chars().all(|it| parts(it).is_some()));
    let (x, length) = place(run.x, pieces.iter().map(|it| it.cells).sum());
    let top = MARGIN + LINE * f64::from(y);
    if ground != "g" {
        let _ = writeln!(
            out,
            "<rect class=\"{ground}\" x=\"{x:.1}\" y=\"{top:.1}\" width=\"{length:.1}\" height=\"{LINE}\"/>"
        );
    }
    for (modifier_class, flag) in [
        (" b", Modifier::BOLD),
        (" d", Modifier::DIM),
        (" i", Modifier::ITALIC),
        (" u", Modifier::UNDERLINED),
    ] {
        if modifier.contains(flag) {
            ink.push_str(modifier_class);
        }
    }
    let mut at = run.x;
    for Piece {
        kind: drawn,
        cells,
        text,
    } in pieces
    {
        let (x, length) = place(at, cells);
        at += cells;
        if drawn {
            shape(&text, &ink, x, top, out);
        } else if !text.trim().is_empty() || modifier.contains(Modifier::UNDERLINED) {
            write_text(&text, &ink, [x, top, length], out);
        }
    }
}

fn write_text(text: &str, ink: &str, [x, top, length]: [f64; 3], out: &mut String) {
    let _ = writeln!(
        out,
        "<text class=\"{ink}\" x=\"{x:.1}\" y=\"{:.1}\" textLength=\"{length:.1}\" \
         lengthAdjust=\"spacingAndGlyphs\" xml:space=\"preserve\">{}</text>",
        top + BASE,
        escaped(text)
    );
}

/// Draws characters as rectangles, those that touch as one.
fn shape(text: &str, ink: &str, x: f64, top: f64, out: &mut String) {
    let mut rectangles: Vec<Part> = Vec::new();
    for (column, character) in (0_u16..).zip(text.chars()) {
        for [left, upper, right, lower] in parts(character).unwrap_or_default() {
            let column = f64::from(column);
            let part = [column + left, upper, column + right, lower];
            let continued = rectangles
                .iter_mut()
                .rev()
                .find(|it| it[2] == part[0] && it[1] == part[1] && it[3] == part[3]);
            match continued {
                Some(before) => before[2] = part[2],
                None => rectangles.push(part),
            }
        }
    }
    let mut path = String::new();
    for [left, upper, right, lower] in rectangles {
        let _ = write!(
            path,
            "M{:.2} {:.2}h{:.2}v{:.2}h{:.2}z",
            x + CELL * left,
            top + LINE * upper,
            CELL * (right - left),
            LINE * (lower - upper),
            -CELL * (right - left)
        );
    }
    let _ = writeln!(
        out,
        "<path class=\"{ink}\" d=\"{path}\" data-text=\"{text}\"/>"
    );
}
