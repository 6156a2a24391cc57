//! The caption of a walkthrough: a heading, and a text that may be typed out little by little.

use crate::tui::cells::cells;
use unicode_segmentation::UnicodeSegmentation;

/// Columns beyond which a line of text is hard to read.
const MEASURE: usize = 120;

/// The caption of a walkthrough.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Caption {
    /// The walkthrough and its chapter, at the left of the rule above the text.
    pub heading: String,
    /// Keys pressed, or how to go on, at the right of it.
    pub note: String,
    /// The text; what stands between back quotes is code.
    pub text: String,
    /// Graphemes of the text that are shown so far.
    pub shown: usize,
    /// The texts of the whole walkthrough: each is to fit into the rows kept for it, so that no pane moves between two.
    pub texts: Vec<String>,
    /// True while the space bar goes on to the next caption.
    pub leads: bool,
}

/// A grapheme of a caption, and whether it is code.
pub type CaptionGrapheme = (String, bool);

impl Caption {
    /// The rows that it takes on a screen of `width` columns, its rule included.
    #[must_use]
    pub fn rows(&self, width: u16) -> u16 {
        let texts = self.texts.iter().chain([&self.text]);
        let lines = texts
            .map(|text| lines(text, width).len())
            .max()
            .unwrap_or(0);
        u16::try_from(lines).unwrap_or(u16::MAX).saturating_add(1)
    }

    /// The number of graphemes there are to show.
    #[must_use]
    pub fn len(&self) -> usize {
        self.text.graphemes(true).filter(|it| *it != "`").count()
    }

    /// True if there is nothing to show.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The text broken at its blanks into lines for a screen of `width` columns; one that was broken so
    /// stays so while it is typed out.
    #[must_use]
    pub fn lines(&self, width: u16) -> Vec<Vec<CaptionGrapheme>> {
        lines(&self.text, width)
    }
}

/// A text broken at its blanks into lines for a screen of `width` columns.
fn lines(text: &str, width: u16) -> Vec<Vec<CaptionGrapheme>> {
    let room = usize::from(width).saturating_sub(2).clamp(1, MEASURE);
    let mut lines: Vec<Vec<CaptionGrapheme>> = Vec::new();
    let mut code = false;
    for paragraph in text.lines() {
        let mut line: Vec<CaptionGrapheme> = Vec::new();
        for word in paragraph.split(' ').filter(|word| !word.is_empty()) {
            let mut glyphs: Vec<CaptionGrapheme> = Vec::new();
            for grapheme in word.graphemes(true) {
                if grapheme == "`" {
                    code = !code;
                } else {
                    glyphs.push((grapheme.to_owned(), code));
                }
            }
            if !line.is_empty() && taken(&line) + 1 + taken(&glyphs) > room {
                lines.push(std::mem::take(&mut line));
            }
            if !line.is_empty() {
                line.push((" ".to_owned(), code));
            }
            line.extend(glyphs);
        }
        lines.push(line);
    }
    lines
}

/// The cells that a line takes.
fn taken(line: &[CaptionGrapheme]) -> usize {
    line.iter().map(|(grapheme, _)| cells(grapheme)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caption(text: &str) -> Caption {
        Caption {
            text: text.into(),
            ..Caption::default()
        }
    }

    fn plain(lines: &[Vec<CaptionGrapheme>]) -> Vec<String> {
        lines
            .iter()
            .map(|line| line.iter().map(|(grapheme, _)| grapheme.as_str()).collect())
            .collect()
    }

    #[test]
    fn a_text_is_broken_at_blanks_and_keeps_its_own_breaks() {
        let lines = caption("one two three\nfour").lines(10);
        assert_eq!(plain(&lines), ["one two", "three", "four"]);
    }

    #[test]
    fn wide_text_is_broken_where_its_cells_end() {
        let lines = caption("あいう かきく").lines(12);
        assert_eq!(plain(&lines), ["あいう", "かきく"]);
        assert_eq!(caption("e\u{301}a").len(), 2);
    }

    #[test]
    fn code_loses_its_quotes() {
        let caption = caption("see `m_hat` grow");
        let lines = caption.lines(80);
        assert_eq!(plain(&lines), ["see m_hat grow"]);
        let code = lines[0].iter().filter(|it| it.1);
        let code: String = code.map(|it| it.0.as_str()).collect();
        assert_eq!(code, "m_hat");
        assert_eq!(caption.len(), 14);
    }

    #[test]
    fn rows_are_kept_free_for_the_longest_text() {
        let short = Caption {
            texts: vec!["one two three four five".into()],
            ..caption("one")
        };
        assert_eq!(short.rows(80), 2);
        assert_eq!(short.rows(12), 4, "three lines of text, and a rule");
    }
}
