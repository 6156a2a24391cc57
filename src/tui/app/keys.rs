//! What keys do: counts, bound command lines, the prompt, scrolling of a text.

use super::{App, Message, Todo};
use crate::tui::key::{KeyCode, KeyEvent, KeyModifiers};
use crate::{
    debugger::command,
    tui::{
        layout::SizeClass,
        prompt::{Prompt, Typed, remember},
    },
};

impl App {
    /// Takes a key.
    pub fn key(&mut self, key: KeyEvent) -> Todo {
        if self.prompt.is_some() {
            return self.prompt_key(key);
        }
        if self.overlay.is_some() && self.overlay_key(key) {
            return Todo::Nothing;
        }
        if let Some(todo) = self.chart_key(key) {
            return todo;
        }
        if key.code == KeyCode::Esc {
            self.count = None;
            self.message = Message::Hints;
            return Todo::Nothing;
        }
        if let KeyCode::Char(digit @ '0'..='9') = key.code
            && !key.modifiers.contains(KeyModifiers::CONTROL)
        {
            return self.digit(digit, key);
        }
        let Some(line) = self.keymap.line(key).map(str::to_owned) else {
            self.count = None;
            let key = crate::tui::keymap::Key::of(key);
            self.message = Message::Said(format!("{key} is not bound; ? shows the keys"));
            return Todo::Nothing;
        };
        let count = self.count.take();
        let before = self.before_count.take();
        if line.is_empty() || line.ends_with(' ') {
            self.prompt = Some(Prompt::with(&line));
            self.message = Message::Hints;
            return Todo::Nothing;
        }
        let Some(count) = count else {
            return Todo::Execute(line);
        };
        let counted = match line.as_str() {
            "first" | "last" => format!("goto {count}"),
            "view max" => return Todo::Execute(format!("view max {count}")),
            line if command::find(line).is_ok_and(|row| row.arguments == "[N]") => {
                format!("{line} {count}")
            }
            _ => return Todo::Execute(line),
        };
        // The digits were a count, after all.
        if let Some(look) = before {
            self.look = look;
        }
        Todo::Execute(counted)
    }

    /// A digit is part of a count. It turns to the pane of its number as well where one pane is shown at a time.
    fn digit(&mut self, digit: char, key: KeyEvent) -> Todo {
        let value = u64::from(digit.to_digit(10).unwrap_or(0));
        let is_first = self.count.is_none();
        let so_far = self.count.unwrap_or(0);
        self.count = Some(
            so_far
                .saturating_mul(10)
                .saturating_add(value)
                .min(1_000_000_000),
        );
        let alone = self.look.maximised || self.placed.class <= SizeClass::Single;
        match self.keymap.line(key).map(str::to_owned) {
            Some(line) if is_first && (alone || !line.starts_with("view pane")) => {
                self.before_count = Some(self.look.clone());
                Todo::Execute(line)
            }
            _ => Todo::Nothing,
        }
    }

    fn prompt_key(&mut self, key: KeyEvent) -> Todo {
        let Some(prompt) = &mut self.prompt else {
            return Todo::Nothing;
        };
        match prompt.key(key, &self.history) {
            Typed::Edited => Todo::Nothing,
            Typed::Cancelled => {
                self.prompt = None;
                self.message = Message::Hints;
                Todo::Nothing
            }
            Typed::Complete => {
                self.complete();
                Todo::Nothing
            }
            Typed::Entered(line) => {
                self.prompt = None;
                remember(&mut self.history, &line);
                Todo::Execute(line)
            }
        }
    }

    fn complete(&mut self) {
        let Some(prompt) = &mut self.prompt else {
            return;
        };
        let completion = command::complete(&self.session, prompt.text(), prompt.cursor());
        let typed = prompt.cursor() - completion.from;
        match &completion.words[..] {
            [] => self.message = Message::Said("nothing fits".into()),
            [word] => {
                let closed = word.ends_with('(') || word.ends_with('.');
                let word = if closed {
                    word.clone()
                } else {
                    format!("{word} ")
                };
                prompt.replace_word(completion.from, &word);
            }
            words => {
                if completion.common().len() > typed {
                    let common = completion.common().to_owned();
                    prompt.replace_word(completion.from, &common);
                }
                self.message = Message::Said(words.join("  "));
            }
        }
    }

    /// True if the key was for the overlay.
    fn overlay_key(&mut self, key: KeyEvent) -> bool {
        let page = usize::from(self.placed.message.y).saturating_sub(4).max(1);
        let Some(overlay) = &mut self.overlay else {
            return false;
        };
        if overlay.follows {
            match self.keymap.line(key) {
                // The cursor goes on, and what it comes to is explained.
                Some("view cursor -1") => return self.explain_next(-1),
                Some("view cursor 1") => return self.explain_next(1),
                _ if key.code == KeyCode::Char(' ') => {
                    self.close_overlay();
                    return false;
                }
                _ => {}
            }
        }
        let most = overlay.lines.len().saturating_sub(page);
        let scroll = match key.code {
            KeyCode::Down | KeyCode::Char('j') => overlay.scroll + 1,
            KeyCode::Up | KeyCode::Char('k') => overlay.scroll.saturating_sub(1),
            KeyCode::PageDown => overlay.scroll + page,
            KeyCode::Char(' ') if overlay.scroll < most => overlay.scroll + page,
            KeyCode::PageUp => overlay.scroll.saturating_sub(page),
            _ => {
                // A key that does something else closes it and is still obeyed, except for those that only close.
                self.close_overlay();
                return matches!(
                    key.code,
                    KeyCode::Esc | KeyCode::Enter | KeyCode::Char('q' | '?' | ' ')
                );
            }
        };
        overlay.scroll = scroll.min(most);
        true
    }

    fn close_overlay(&mut self) {
        if self.overlay.take().is_some_and(|overlay| overlay.follows) {
            self.message = Message::Hints;
        }
    }

    /// Moves the source's cursor and explains the line that it comes to.
    fn explain_next(&mut self, by: i64) -> bool {
        self.look.move_cursor(&self.session, by);
        self.expand();
        true
    }

    /// Takes pasted text: into the prompt only.
    pub fn paste(&mut self, text: &str) {
        if let Some(prompt) = &mut self.prompt {
            prompt.insert(text.trim_end_matches('\n'));
        }
    }
}
