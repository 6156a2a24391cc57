//! The cells that text takes on a terminal: a wide character two, one that combines with another none.

use ratatui::text::Span;
use unicode_segmentation::UnicodeSegmentation;

/// The cells that `text` takes.
#[must_use]
pub fn cells(text: &str) -> usize {
    Span::raw(text).width()
}

/// The longest beginning of `text` that takes no more than `room` cells.
#[must_use]
pub fn fitting(text: &str, room: usize) -> &str {
    let mut used = 0;
    let end = text.grapheme_indices(true).find_map(|(at, grapheme)| {
        used += cells(grapheme);
        (used > room).then_some(at)
    });
    end.map_or(text, |end| &text[..end])
}

/// The longest end of `text` that takes no more than `room` cells.
#[must_use]
pub fn fitting_end(text: &str, room: usize) -> &str {
    let mut used = 0;
    let begin = text
        .grapheme_indices(true)
        .rev()
        .find_map(|(at, grapheme)| {
            used += cells(grapheme);
            (used > room).then_some(at + grapheme.len())
        });
    begin.map_or(text, |begin| &text[begin..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wide_and_combining_characters_take_the_cells_that_a_terminal_gives_them() {
        assert_eq!(cells("abc"), 3);
        assert_eq!(cells("かな"), 4);
        assert_eq!(cells("e\u{301}"), 1);
        assert_eq!(fitting("かな", 3), "か");
        assert_eq!(fitting("e\u{301}a", 1), "e\u{301}");
        assert_eq!(fitting_end("aかな", 4), "かな");
        assert_eq!(fitting_end("かな", 3), "な");
        assert_eq!((fitting("", 0), fitting_end("ab", 0)), ("", ""));
    }
}
