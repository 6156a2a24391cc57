//! Keys: counts, bound commands, the prompt, scrolling of a text.

use super::{AfterKey, App, Message, Popup};
use crate::{
    debugger::command::AnyCommand,
    error::Source,
    tui::{
        command::{ScreenCommand, TABLE, counted},
        key::{KeyCode, KeyEvent, KeyModifiers},
        keymap::Binding,
        prompt::{Prompt, PromptEvent, remember},
        view_command::ViewCommand,
    },
};

impl App {
    /// Takes a key.
    pub fn key(&mut self, key: KeyEvent) -> AfterKey {
        self.budget.hurry();
        // While a run plays any key pauses it; the one that plays and the one that steps do no more than that.
        if self.stop_playing() {
            let line = self.keymap.binding(key).map(ToString::to_string);
            let line = line.unwrap_or_default();
            if line == "step" || line.starts_with("view play") || key.code == KeyCode::Esc {
                return AfterKey::Nothing;
            }
        }
        if self.prompt.is_some() {
            return self.prompt_key(key);
        }
        if self.popup.is_some() && self.popup_key(key) {
            return AfterKey::Nothing;
        }
        if let Some(todo) = self.chart_key(key) {
            return todo;
        }
        if key.code == KeyCode::Esc {
            self.count = None;
            self.message = Message::Hints;
            return AfterKey::Nothing;
        }
        let binding = self.keymap.binding(key).cloned();
        if let KeyCode::Char(digit @ '0'..='9') = key.code
            && key.modifiers == KeyModifiers::NONE
            && (self.count.is_some() || binding.is_none())
        {
            let value = u64::from(digit.to_digit(10).unwrap_or(0));
            let so_far = self.count.unwrap_or(0).saturating_mul(10);
            self.count = Some(so_far.saturating_add(value).min(1_000_000_000));
            return AfterKey::Nothing;
        }
        let count = self.count.take();
        match (binding, count) {
            (None, _) => {
                let key = crate::tui::keymap::Key::of(key);
                self.message = Message::Said(format!("{key} is not bound; ? shows the keys"));
                AfterKey::Nothing
            }
            (Some(Binding::Open(text)), _) => {
                self.prompt = Some(Prompt::with(&text));
                self.message = Message::Hints;
                AfterKey::Nothing
            }
            (Some(Binding::Run(line)), None) => AfterKey::Execute(line),
            (Some(Binding::Run(line)), Some(count)) => match counted(&line, count) {
                Ok(line) => AfterKey::Execute(line),
                Err(error) => AfterKey::Fail(error),
            },
        }
    }

    fn prompt_key(&mut self, key: KeyEvent) -> AfterKey {
        let Some(prompt) = &mut self.prompt else {
            return AfterKey::Nothing;
        };
        if key.code != KeyCode::Tab && self.popup.as_ref().is_some_and(Popup::is_completions) {
            self.popup = None;
        }
        match prompt.key(key, &self.history) {
            PromptEvent::Edited => AfterKey::Nothing,
            PromptEvent::Cancelled => {
                self.prompt = None;
                self.message = Message::Hints;
                AfterKey::Nothing
            }
            PromptEvent::Complete => {
                self.complete();
                AfterKey::Nothing
            }
            PromptEvent::Entered(line) => {
                self.prompt = None;
                remember(&mut self.history, &line);
                self.entered(&line)
            }
        }
    }

    /// A line of the prompt; an empty one repeats the last stepping command.
    fn entered(&self, line: &str) -> AfterKey {
        match TABLE.parse(&Source::new("<prompt>", line)) {
            Ok(Some(line)) => AfterKey::Execute(line),
            Ok(None) if line.trim().is_empty() => match self.session.repeated() {
                Some(command) => AfterKey::Execute(command.clone().into()),
                None => AfterKey::Nothing,
            },
            Ok(None) => AfterKey::Nothing,
            Err(error) => AfterKey::Fail(error),
        }
    }

    fn complete(&mut self) {
        let Some(prompt) = &mut self.prompt else {
            return;
        };
        let completion = TABLE.complete(&self.session, prompt.text(), prompt.cursor());
        let typed = prompt.cursor() - completion.from;
        match &completion.words[..] {
            [] => {
                let usage = TABLE.usage_of(prompt.text());
                self.message = Message::Said(usage.unwrap_or("nothing fits".into()));
            }
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
                    self.message = Message::Said(words.join("  "));
                } else {
                    self.message = Message::Hints;
                    self.list_completions(&completion.words);
                }
            }
        }
    }

    /// Shows every word that fits over the panes; the next page of them where they are shown already.
    fn list_completions(&mut self, words: &[String]) {
        let page = usize::from(self.placed.message.y).saturating_sub(4).max(1);
        if let Some(popup) = self.popup.as_mut().filter(|it| it.is_completions()) {
            let next = popup.scroll + page;
            popup.scroll = if next < popup.lines.len() { next } else { 0 };
            return;
        }
        let width = words.iter().map(String::len).max().unwrap_or(0) + 2;
        let room = usize::from(self.placed.message.width).saturating_sub(6);
        let lines = words.chunks((room / width).max(1)).map(|row| {
            let cells: Vec<String> = row.iter().map(|word| format!("{word:width$}")).collect();
            cells.concat().trim_end().to_owned()
        });
        self.popup = Some(Popup::new(Popup::COMPLETIONS, lines.collect()));
    }

    /// True if the key was for the popup.
    fn popup_key(&mut self, key: KeyEvent) -> bool {
        let page = usize::from(self.placed.message.y).saturating_sub(4).max(1);
        let Some(popup) = &mut self.popup else {
            return false;
        };
        if self.keymap.copies(key) {
            return false;
        }
        if popup.follows {
            match self.keymap.binding(key) {
                // The cursor goes on, and what it comes to is explained.
                Some(Binding::Run(AnyCommand::FrontEnd(ScreenCommand::View(
                    ViewCommand::Cursor(by),
                )))) => {
                    let by = *by;
                    return self.explain_next(by);
                }
                _ if key.code == KeyCode::Char(' ') => {
                    self.close_popup();
                    return false;
                }
                _ => {}
            }
        }
        let most = popup.lines.len().saturating_sub(page);
        let scroll = match key.code {
            KeyCode::Down | KeyCode::Char('j') => popup.scroll + 1,
            KeyCode::Up | KeyCode::Char('k') => popup.scroll.saturating_sub(1),
            KeyCode::PageDown => popup.scroll + page,
            KeyCode::Char(' ') if popup.scroll < most => popup.scroll + page,
            KeyCode::PageUp => popup.scroll.saturating_sub(page),
            _ => {
                // A key that does something else closes it and is still obeyed, except for those that only close.
                let is_error = popup.error;
                self.close_popup();
                return match key.code {
                    KeyCode::Char(' ') => !is_error,
                    other => matches!(
                        other,
                        KeyCode::Esc | KeyCode::Enter | KeyCode::Char('q' | '?')
                    ),
                };
            }
        };
        popup.scroll = scroll.min(most);
        true
    }

    fn close_popup(&mut self) {
        // What it said of itself in the line below goes with it.
        if (self.popup.take()).is_some_and(|popup| popup.follows || popup.error) {
            self.message = Message::Hints;
        }
    }

    /// Moves the source's cursor and explains the line that it comes to.
    fn explain_next(&mut self, by: i64) -> bool {
        self.look.move_cursor(&self.session, by);
        self.expand_soon();
        true
    }

    /// Takes pasted text: into the prompt only.
    pub fn paste(&mut self, text: &str) {
        self.budget.hurry();
        if let Some(prompt) = &mut self.prompt {
            prompt.insert(text.trim_end_matches('\n'));
        }
    }
}
