//! The table `[keys]`: names of keys, and the command lines that they stand for.

use crate::{
    debugger::{command, view_command::ViewCommand},
    lang::{
        error::{Error, Result},
        source::{Source, Span},
    },
    scenario::toml::item::TomlFile,
    tui::keymap::{Key, Keymap, key_names},
};
use std::{collections::HashMap, sync::Arc};
use toml::de::DeTable;

/// Binds every key of the table.
pub(super) fn read(source: &Arc<Source>, entries: &DeTable, keymap: &mut Keymap) -> Result<()> {
    let mut seen: HashMap<Key, String> = HashMap::new();
    for (name, item) in entries {
        let at = TomlFile::span(name);
        let name = name.get_ref().as_ref();
        let Some(key) = Key::parse(name) else {
            let error = Error::new(source, at, format!("`{name}` is no key"));
            let bare = name.trim_start_matches("ctrl-").trim_start_matches("alt-");
            return Err(match crate::lang::suggest::nearest(bare, key_names()) {
                Some(near) => {
                    let prefix = &name[..name.len() - bare.len()];
                    error.help(format!("did you mean `{prefix}{near}`?"))
                }
                None => error.help(format!(
                    "keys: a character, f1 to f24, {}; before them ctrl- or alt-",
                    key_names().collect::<Vec<_>>().join(", ")
                )),
            });
        };
        if let Some(other) = seen.insert(key, name.to_owned()) {
            let message = format!("`{name}` and `{other}` are the same key");
            return Err(Error::new(source, at, message));
        }
        let line = TomlFile(source).text(item)?;
        let quoted = TomlFile::span(item);
        let inner = Span::new(quoted.start + 1, quoted.end.saturating_sub(1));
        // Only a text without escapes stands in the file as it is read.
        let place = if source.slice(inner) == line {
            Place::Within(inner.start)
        } else {
            Place::Somewhere(quoted)
        };
        check(source, place, line)?;
        keymap.bind(key, line);
    }
    Ok(())
}

/// Where a command line stands in the file.
#[derive(Clone, Copy)]
enum Place {
    /// As it is, from this byte on.
    Within(usize),
    /// Somehow, in this span.
    Somewhere(Span),
}

impl Place {
    fn of(self, from: usize, length: usize) -> Span {
        match self {
            Self::Within(start) => Span::new(start + from, start + from + length),
            Self::Somewhere(span) => span,
        }
    }
}

/// Refuses what cannot be a command line, whatever the session.
fn check(source: &Arc<Source>, place: Place, line: &str) -> Result<()> {
    if line.contains(['\n', '\r']) {
        return Err(Error::new(
            source,
            place.of(0, line.len()),
            "a command is one line",
        ));
    }
    let start = line.len() - line.trim_start().len();
    let digits = line[start..].len()
        - line[start..]
            .trim_start_matches(|c: char| c.is_ascii_digit())
            .len();
    let rest = line[start + digits..].trim_start();
    if rest.is_empty() {
        // Nothing at all unbinds; a count alone says nothing.
        return match digits {
            0 => Ok(()),
            _ => Err(Error::new(
                source,
                place.of(start, digits),
                "a count of what?",
            )),
        };
    }
    let word_at = line.len() - rest.len();
    let mut words = words(line, word_at);
    let (_, name) = words.remove(0);
    let row = command::find(name)
        .map_err(|error| error.located(source, place.of(word_at, name.len())))?;
    let opens_prompt = line.ends_with(' ');
    let texts: Vec<&str> = words.iter().map(|(_, word)| *word).collect();
    let wrong = match (row.name, row.arguments) {
        _ if opens_prompt => None,
        ("view", _) => ViewCommand::parse(&texts).err(),
        (_, "") => texts
            .first()
            .map(|_| (0, format!("`{}` takes no arguments", row.name))),
        (_, "[N]") => match texts[..] {
            [] => None,
            [count] if count.parse::<u64>().is_ok() => None,
            [count] => Some((0, format!("`{count}` is not a count"))),
            _ => Some((1, "nothing may follow the count".to_owned())),
        },
        _ => None,
    };
    let Some((at, message)) = wrong else {
        return Ok(());
    };
    let span = match words.get(at) {
        Some((from, word)) => place.of(*from, word.len()),
        None => place.of(word_at, name.len()),
    };
    let usage = format!("usage: {} {}", row.name, row.arguments);
    Err(Error::new(source, span, message).help(usage.trim_end().to_owned()))
}

/// The words of a line from byte `from` on, each with its place.
fn words(line: &str, from: usize) -> Vec<(usize, &str)> {
    let mut words = Vec::new();
    let mut at = from;
    for word in line[from..].split_whitespace() {
        let start = at + line[at..].find(word).unwrap_or(0);
        words.push((start, word));
        at = start + word.len();
    }
    words
}

#[cfg(test)]
mod tests {
    use super::super::reader;
    use crate::{
        lang::source::Source,
        tui::{glyphs::Charset, keymap::Keymap, layout::Pane, layout::Panes},
    };

    fn error(text: &str) -> String {
        let source = Source::new("config.toml", text);
        reader::read(&source).unwrap_err().to_string()
    }

    fn bound(text: &str) -> Keymap {
        reader::read(&Source::new("config.toml", text))
            .unwrap()
            .keymap
    }

    #[test]
    fn keys_are_bound_and_unbound() {
        let keymap =
            bound("[keys]\nctrl-n = \"step 10\"\nq = \"\"\n\"7\" = '7 step'\nb = 'break line '");
        assert_eq!(keymap.key_of("step 10"), Some("ctrl-n".into()));
        assert_eq!(keymap.key_of("quit"), Some("ctrl-c".into()));
        assert_eq!(keymap.key_of("7 step"), Some("7".into()));
        assert_eq!(keymap.key_of("break line "), Some("b".into()));
        assert_eq!(keymap.key_of("break "), None);
    }

    #[test]
    fn the_screen_is_set() {
        let text = "[screen]\ncharset = 'braille'\nmouse = true\npanes = ['source', 'loss']";
        let config = reader::read(&Source::new("config.toml", text)).unwrap();
        assert_eq!(config.charset, Some(Charset::Braille));
        assert_eq!(config.mouse, Some(true));
        assert_eq!(config.panes, Some(Panes::of(&[Pane::Source, Pane::Loss])));
        assert_eq!(config.color, None);
    }

    #[test]
    fn every_mistake_has_its_place_and_a_next_step() {
        for (text, place, said) in [
            ("[kyes]\n", "config.toml:1:2", "did you mean `keys`?"),
            ("keys = 3\n", "config.toml:1:1", "unknown table"),
            (
                "[keys]\nctrl-spce = \"step\"\n",
                "config.toml:2:1",
                "did you mean `ctrl-space`?",
            ),
            (
                "[keys]\nqq = \"step\"\n",
                "config.toml:2:1",
                "keys: a character",
            ),
            (
                "[keys]\nn = \"stepp 10\"\n",
                "config.toml:2:6",
                "did you mean `step`?",
            ),
            (
                "[keys]\nn = \"step ten\"\n",
                "config.toml:2:11",
                "usage: step [N]",
            ),
            (
                "[keys]\nn = \"view zoom sideways\"\n",
                "config.toml:2:16",
                "not a number",
            ),
            (
                "[keys]\nn = \"first 3\"\n",
                "config.toml:2:12",
                "takes no arguments",
            ),
            (
                "[keys]\nn = \"10\"\n",
                "config.toml:2:6",
                "a count of what?",
            ),
            ("[keys]\nn = 10\n", "config.toml:2:5", "text in quotes"),
            (
                "[keys]\nspace = \"line\"\n\" \" = \"line\"\n",
                "config.toml:",
                "the same key",
            ),
            (
                "[screen]\ncharst = \"ascii\"\n",
                "config.toml:2:1",
                "did you mean `charset`?",
            ),
            (
                "[screen]\ncharset = \"utf8\"\n",
                "config.toml:2:11",
                "choices: ascii, braille, unicode",
            ),
            (
                "[screen]\nmouse = \"on\"\n",
                "config.toml:2:9",
                "true or false",
            ),
            (
                "[screen]\npanes = [\"contur\"]\n",
                "config.toml:2:10",
                "did you mean `contour`?",
            ),
            (
                "[screen]\npanes = []\n",
                "config.toml:2:9",
                "at least one pane",
            ),
            ("[screen\n", "config.toml:1:8", "error"),
        ] {
            let error = error(text);
            assert!(
                error.contains(place) && error.contains(said),
                "{text}\n{error}"
            );
        }
    }
}
