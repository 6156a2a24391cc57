//! Texts of popups in lines that fit.

use crate::tui::cells::cells;

/// The columns by which the rest of a line without columns of its own is indented.
const INDENT: usize = 4;

/// Lines, those that are longer than `room` broken at blanks: the rest stands below the last column, or is indented.
/// The source of an error keeps its place above the caret.
pub(super) fn broken<'a>(lines: impl Iterator<Item = &'a str>, room: usize) -> Vec<String> {
    let mut broken = Vec::new();
    for line in lines {
        let digits = |c: char| c == ' ' || c.is_ascii_digit();
        let is_source = line.trim_start_matches(digits).starts_with("| ");
        if cells(line) <= room || is_source || room < 3 * INDENT {
            broken.push(line.to_owned());
            continue;
        }
        let columns = |at: usize| cells(&line[..at]);
        let start = line.len() - line.trim_start().len();
        let column = line.rfind("  ").map(|at| at + 2);
        let column = column.filter(|at| *at > start && columns(*at) < room / 2);
        let (label, text) = line.split_at(column.unwrap_or(start));
        let hang = column.map_or(start + INDENT, columns);
        for (at, part) in wrapped(text, room.saturating_sub(hang).max(INDENT))
            .into_iter()
            .enumerate()
        {
            let (before, width) = if at == 0 { (label, 0) } else { ("", hang) };
            broken.push(format!("{before:width$}{part}"));
        }
    }
    broken
}

/// A text broken at blanks into lines of at most `room` cells.
pub(super) fn wrapped(text: &str, room: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let last = lines
            .last_mut()
            .filter(|line| line.is_empty() || cells(line) + cells(word) < room);
        match last {
            Some(line) if line.is_empty() => line.push_str(word),
            Some(line) => {
                line.push(' ');
                line.push_str(word);
            }
            None => lines.push(word.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_goes_on_below_its_column_or_indented() {
        let of = |line: &str| broken([line].into_iter(), 24);
        assert_eq!(of("  short"), ["  short"]);
        assert_eq!(
            of("  stable: yes: while scales stay as they are"),
            [
                "  stable: yes: while",
                "      scales stay as",
                "      they are"
            ]
        );
        assert_eq!(
            of("fit  let the window follow the run"),
            ["fit  let the window", "     follow the run"]
        );
        assert_eq!(
            of("かな かな かな かな かな かな"),
            ["かな かな かな かな", "    かな かな"],
            "two cells each"
        );
        let source = "12 | m = beta1*m + (1 - beta1)*g + more";
        assert_eq!(of(source), [source], "above its caret");
    }
}
