//! Columns of text, wrapped at spaces.

use std::fmt::Write;

/// A row: for each rule, what stands there.
pub(super) type Row = Vec<Option<String>>;

/// One part of the comparison: its heading and rows.
pub(super) struct Section {
    pub title: &'static str,
    pub rows: Vec<(bool, Row)>,
}

/// Narrowest column.
const NARROW: usize = 24;
const BAR: &str = " | ";
const JOINT: &str = "-+-";
/// Further lines of a cell are set in by so much.
const HANG: usize = 4;

/// One column for each of `names`, the sections one below the other.
pub(super) fn render(names: &[&str], sections: &[Section], width: usize) -> String {
    let bars = 2 + BAR.len() * names.len().saturating_sub(1);
    let column = (width.saturating_sub(bars) / names.len().max(1)).max(NARROW);
    let mut text = String::new();
    let heading: Vec<Option<String>> = names.iter().map(|name| Some((*name).to_owned())).collect();
    row(&mut text, ' ', &heading, column);
    for section in sections.iter().filter(|section| !section.rows.is_empty()) {
        let title = format!("{:-<1$}", format!("{} ", section.title), column);
        let rest = vec!["-".repeat(column); names.len() - 1];
        let rule = std::iter::once(title).chain(rest).collect::<Vec<_>>();
        let _ = writeln!(text, "--{}", rule.join(JOINT));
        for (same, cells) in &section.rows {
            row(&mut text, if *same { ' ' } else { '*' }, cells, column);
        }
    }
    text
}

fn row(text: &mut String, mark: char, cells: &[Option<String>], column: usize) {
    let cells: Vec<Vec<String>> = cells
        .iter()
        .map(|cell| wrap(cell.as_deref().unwrap_or(""), column))
        .collect();
    for line in 0..cells.iter().map(Vec::len).max().unwrap_or(0) {
        let parts: Vec<String> = cells
            .iter()
            .map(|cell| format!("{:<column$}", cell.get(line).map_or("", String::as_str)))
            .collect();
        let mark = if line == 0 { mark } else { ' ' };
        let _ = writeln!(text, "{}", format!("{mark} {}", parts.join(BAR)).trim_end());
    }
}

/// Lines of at most `width` characters, broken at spaces, else within words.
fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split(' ') {
        let mut word = word;
        if !line.trim().is_empty() && line.len() + 1 + word.len() > width {
            lines.push(std::mem::replace(&mut line, " ".repeat(HANG)));
        } else if !line.trim().is_empty() {
            line.push(' ');
        }
        while line.len() + word.len() > width {
            let room = width.saturating_sub(line.len());
            let cut = word
                .char_indices()
                .map(|(at, _)| at)
                .take_while(|at| *at <= room);
            let (head, tail) = word.split_at(cut.last().unwrap_or(0));
            line.push_str(head);
            lines.push(std::mem::replace(&mut line, " ".repeat(HANG)));
            word = tail;
        }
        line.push_str(word);
    }
    lines.push(line);
    lines
}
