//! The table `[keys]`: names of keys, and the command lines that they stand for.

use crate::{
    error::{Error, ErrorCode, Result, Source, Span},
    scenario::toml::item::TomlFile,
    tui::{
        command::TABLE,
        keymap::{Binding, Key, Keymap, names},
    },
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
            let error = Error::new(
                ErrorCode::UnknownName,
                source,
                at,
                format!("`{name}` is no key"),
            );
            let bare = name.trim_start_matches("ctrl-").trim_start_matches("alt-");
            return Err(match crate::error::suggest::nearest(bare, names()) {
                Some(near) => {
                    let prefix = &name[..name.len() - bare.len()];
                    error.help(format!("did you mean `{prefix}{near}`?"))
                }
                None => error.help(format!(
                    "keys: a character, f1 to f24, {}; before them ctrl- or alt-",
                    names().collect::<Vec<_>>().join(", ")
                )),
            });
        };
        if let Some(other) = seen.insert(key, name.to_owned()) {
            let message = format!("`{name}` and `{other}` are the same key");
            return Err(Error::new(ErrorCode::NameTaken, source, at, message));
        }
        let line = TomlFile(source).text(item)?;
        let quoted = TomlFile::span(item);
        let inner = Span::new(quoted.start + 1, quoted.end.saturating_sub(1));
        let binding = binding(line).map_err(|error| {
            // Only a text without escapes stands in the file as it is read.
            let same =
                source.slice(inner) == line && error.origin().is_some_and(|it| it.text == line);
            let (from, to) = (
                inner.start + error.span().start,
                inner.start + error.span().end,
            );
            error.moved(source, if same { Span::new(from, to) } else { quoted })
        })?;
        keymap.bind(key, binding);
    }
    Ok(())
}

/// The meaning of a line; none where a key is to have none.
fn binding(line: &str) -> Result<Option<Binding>> {
    if line.contains(['\n', '\r']) {
        return Err(Error::plain(ErrorCode::Syntax, "a command is one line")
            .help("leave the other lines out"));
    }
    if line.trim().is_empty() {
        return Ok(None);
    }
    if line.ends_with(' ') {
        let source = Source::new("<key>", line);
        let start = line.len() - line.trim_start().len();
        let len = line[start..].find(' ').unwrap_or(0);
        let word = &line[start..start + len];
        TABLE
            .find(word)
            .map_err(|error| error.located(&source, Span::new(start, start + len)))?;
    }
    Binding::parse(line)
}

#[cfg(test)]
mod tests {
    use super::super::reader;
    use crate::{
        error::Source,
        tui::{
            glyphs::Charset,
            keymap::Keymap,
            panes::{Pane, Panes},
        },
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
        assert_eq!(config.panes, Some(Panes::of([Pane::Source, Pane::Loss])));
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
                "a count needs a command",
            ),
            ("[keys]\nn = 10\n", "config.toml:2:5", "string in quotes"),
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
