//! The line one types commands into: Emacs-style editing, history, completion.

use crate::tui::key::{KeyCode, KeyEvent, KeyModifiers};
use unicode_segmentation::UnicodeSegmentation;

/// Lines that the history keeps.
const MOST_HISTORY: usize = 500;

/// A line under edit.
#[derive(Debug, Clone, Default)]
pub struct Prompt {
    text: String,
    /// Byte of the cursor.
    cursor: usize,
    /// The text that was cut last, for Ctrl-Y.
    cut: String,
    /// The line of the history that is shown; `None` for the line that is new.
    recalled: Option<usize>,
    /// The new line, kept while the history is looked through.
    draft: String,
}

/// The effect of a key on the prompt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PromptEvent {
    /// The line has changed, or nothing has.
    Edited,
    /// The line is to be executed.
    Entered(String),
    /// The prompt is to be closed.
    Cancelled,
    /// The word before the cursor is to be completed.
    Complete,
}

impl Prompt {
    /// A prompt that begins with `text`.
    #[must_use]
    pub fn with(text: &str) -> Self {
        Self {
            text: text.to_owned(),
            cursor: text.len(),
            ..Self::default()
        }
    }

    /// The line.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The byte at which the cursor stands.
    #[must_use]
    pub fn cursor(&self) -> usize {
        self.cursor
    }

    /// Inserts text at the cursor, its line breaks as blanks.
    pub fn insert(&mut self, text: &str) {
        let flat: String = text
            .chars()
            .map(|c| if c.is_control() { ' ' } else { c })
            .collect();
        self.text.insert_str(self.cursor, &flat);
        self.cursor += flat.len();
    }

    /// Replaces the bytes from `from` to the cursor.
    pub fn replace_word(&mut self, from: usize, word: &str) {
        self.text.replace_range(from..self.cursor, word);
        self.cursor = from + word.len();
    }

    /// Takes a key; `history` holds the lines entered before, oldest first.
    pub fn key(&mut self, key: KeyEvent, history: &[String]) -> PromptEvent {
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        let alt = key.modifiers.contains(KeyModifiers::ALT);
        match key.code {
            KeyCode::Enter => return PromptEvent::Entered(std::mem::take(&mut self.text)),
            KeyCode::Esc => return PromptEvent::Cancelled,
            KeyCode::Tab => return PromptEvent::Complete,
            KeyCode::Char('c' | 'g') if control => return PromptEvent::Cancelled,
            KeyCode::Char('d') if control && self.text.is_empty() => return PromptEvent::Cancelled,
            KeyCode::Char('j' | 'm') if control => {
                return PromptEvent::Entered(std::mem::take(&mut self.text));
            }
            KeyCode::Backspace if self.text.is_empty() => return PromptEvent::Cancelled,
            KeyCode::Backspace if alt => self.cut_back(self.word_start()),
            KeyCode::Backspace => self.erase(self.before(), self.cursor),
            KeyCode::Char('h') if control => self.erase(self.before(), self.cursor),
            KeyCode::Delete => self.erase(self.cursor, self.after()),
            KeyCode::Char('d') if control => self.erase(self.cursor, self.after()),
            KeyCode::Char('w') if control => self.cut_back(self.blank_start()),
            KeyCode::Char('u') if control => self.cut_back(0),
            KeyCode::Char('k') if control => self.cut = self.text.split_off(self.cursor),
            KeyCode::Char('y') if control => {
                let cut = self.cut.clone();
                self.insert(&cut);
            }
            KeyCode::Char('d') if alt => {
                let end = self.word_end();
                self.cut = self.text[self.cursor..end].to_owned();
                self.erase(self.cursor, end);
            }
            KeyCode::Char('b') if alt => self.cursor = self.word_start(),
            KeyCode::Char('f') if alt => self.cursor = self.word_end(),
            KeyCode::Left if control || alt => self.cursor = self.word_start(),
            KeyCode::Right if control || alt => self.cursor = self.word_end(),
            KeyCode::Left => self.cursor = self.before(),
            KeyCode::Right => self.cursor = self.after(),
            KeyCode::Char('b') if control => self.cursor = self.before(),
            KeyCode::Char('f') if control => self.cursor = self.after(),
            KeyCode::Home => self.cursor = 0,
            KeyCode::End => self.cursor = self.text.len(),
            KeyCode::Char('a') if control => self.cursor = 0,
            KeyCode::Char('e') if control => self.cursor = self.text.len(),
            KeyCode::Up => self.recall(history, true),
            KeyCode::Down => self.recall(history, false),
            KeyCode::Char('p') if control => self.recall(history, true),
            KeyCode::Char('n') if control => self.recall(history, false),
            KeyCode::Char(character) if !control && !alt => {
                self.insert(character.encode_utf8(&mut [0; 4]));
            }
            _ => {}
        }
        PromptEvent::Edited
    }

    fn before(&self) -> usize {
        let mut graphemes = self.text[..self.cursor].grapheme_indices(true);
        graphemes.next_back().map_or(0, |(at, _)| at)
    }

    fn after(&self) -> usize {
        let next = self.text[self.cursor..].graphemes(true).next();
        self.cursor + next.map_or(0, str::len)
    }

    fn erase(&mut self, from: usize, to: usize) {
        self.text.replace_range(from..to, "");
        self.cursor = from;
    }

    fn cut_back(&mut self, from: usize) {
        self.cut = self.text[from..self.cursor].to_owned();
        self.erase(from, self.cursor);
    }

    fn word_start(&self) -> usize {
        let head = self.text[..self.cursor].trim_end_matches(|c: char| !c.is_alphanumeric());
        head.trim_end_matches(char::is_alphanumeric).len()
    }

    fn blank_start(&self) -> usize {
        let head = self.text[..self.cursor].trim_end();
        head.trim_end_matches(|c: char| !c.is_whitespace()).len()
    }

    fn word_end(&self) -> usize {
        let tail = &self.text[self.cursor..];
        let rest = tail.trim_start_matches(|c: char| !c.is_alphanumeric());
        self.text.len() - rest.trim_start_matches(char::is_alphanumeric).len()
    }

    fn recall(&mut self, history: &[String], older: bool) {
        let next = match (self.recalled, older) {
            (None, true) => history.len().checked_sub(1),
            (None, false) => return,
            (Some(at), true) => at.checked_sub(1).or(Some(0)),
            (Some(at), false) => Some(at + 1).filter(|at| *at < history.len()),
        };
        if self.recalled.is_none() {
            self.draft.clone_from(&self.text);
        }
        self.recalled = next;
        let line = next.and_then(|at| history.get(at)).unwrap_or(&self.draft);
        self.text.clone_from(line);
        self.cursor = self.text.len();
    }
}

/// Adds a line to a history, unless it is blank or the same as the last.
pub fn remember(history: &mut Vec<String>, line: &str) {
    let line = line.trim();
    if line.is_empty() || history.last().is_some_and(|last| last == line) {
        return;
    }
    if history.len() == MOST_HISTORY {
        history.remove(0);
    }
    history.push(line.to_owned());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(keys: &[(KeyCode, KeyModifiers)], start: &str, history: &[String]) -> Prompt {
        let mut prompt = Prompt::with(start);
        for (code, modifiers) in keys {
            prompt.key(KeyEvent::new(*code, *modifiers), history);
        }
        prompt
    }

    const NONE: KeyModifiers = KeyModifiers::NONE;
    const CONTROL: KeyModifiers = KeyModifiers::CONTROL;
    const ALT: KeyModifiers = KeyModifiers::ALT;

    #[test]
    fn lines_are_edited_as_in_emacs() {
        let prompt = typed(
            &[
                (KeyCode::Char('a'), CONTROL),
                (KeyCode::Char('f'), ALT),
                (KeyCode::Char('k'), CONTROL),
                (KeyCode::Char('!'), NONE),
                (KeyCode::Char('y'), CONTROL),
            ],
            "print m_hat",
            &[],
        );
        assert_eq!(prompt.text(), "print! m_hat");
        let prompt = typed(&[(KeyCode::Char('w'), CONTROL)], "break loss < 1e-6", &[]);
        assert_eq!(prompt.text(), "break loss < ");
        let prompt = typed(
            &[
                (KeyCode::Char('u'), CONTROL),
                (KeyCode::Char('y'), CONTROL),
                (KeyCode::Backspace, NONE),
            ],
            "abc",
            &[],
        );
        assert_eq!(prompt.text(), "ab");
    }

    #[test]
    fn the_history_comes_back_and_the_draft_with_it() {
        let history = ["step".to_owned(), "print w".to_owned()];
        let up = (KeyCode::Up, NONE);
        let down = (KeyCode::Down, NONE);
        assert_eq!(typed(&[up], "dra", &history).text(), "print w");
        assert_eq!(typed(&[up, up, up], "dra", &history).text(), "step");
        assert_eq!(typed(&[up, up, down], "dra", &history).text(), "print w");
        assert_eq!(typed(&[up, down], "dra", &history).text(), "dra");
    }

    #[test]
    fn the_cursor_moves_by_whole_characters() {
        let prompt = typed(
            &[(KeyCode::Left, NONE), (KeyCode::Backspace, NONE)],
            "a\u{e9}\u{3bb}",
            &[],
        );
        assert_eq!(prompt.text(), "a\u{3bb}");
    }
}
