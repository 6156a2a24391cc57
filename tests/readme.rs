//! The README's `console` blocks: each command is run in a shell and prints what stands below it.
//!
//! A line `...` stands for any number of lines.

use std::{env, fmt::Write, fs, path::Path, process::Command};

/// A command and the lines that it is said to print.
struct Story<'a> {
    command: &'a str,
    lines: Vec<&'a str>,
}

fn stories(text: &str) -> Vec<Story<'_>> {
    let mut stories: Vec<Story> = Vec::new();
    let mut inside = false;
    for line in text.lines() {
        if line.starts_with("```") {
            inside = line == "```console";
        } else if inside {
            match (line.strip_prefix("$ "), stories.last_mut()) {
                (Some(command), _) => stories.push(Story {
                    command,
                    lines: Vec::new(),
                }),
                (None, Some(story)) => story.lines.push(line),
                (None, None) => panic!("a block begins without a command: {line}"),
            }
        }
    }
    stories
}

/// Whether `lines` are as `pattern` says.
fn fits(pattern: &[&str], lines: &[&str]) -> bool {
    match (pattern.first(), lines.first()) {
        (None, line) => line.is_none(),
        (Some(&"..."), _) => (0..=lines.len()).any(|skip| fits(&pattern[1..], &lines[skip..])),
        (Some(wanted), Some(line)) => wanted == line && fits(&pattern[1..], &lines[1..]),
        (Some(_), None) => false,
    }
}

#[test]
fn the_readmes_commands_print_what_it_says() {
    let text = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).unwrap();
    let program = Path::new(env!("CARGO_BIN_EXE_eigenstep"));
    let mut folders = vec![program.parent().unwrap().to_owned()];
    folders.extend(env::split_paths(&env::var_os("PATH").unwrap()));
    let path = env::join_paths(folders).unwrap();
    let nowhere = tempfile::tempdir().unwrap();
    let stories = stories(&text);
    assert!(stories.len() >= 5);
    for Story { command, lines } in stories {
        let output = Command::new("sh")
            .args(["-c", &format!("{command} 2>&1")])
            .env("PATH", &path)
            .current_dir(nowhere.path())
            .output()
            .unwrap();
        let printed = String::from_utf8(output.stdout).unwrap();
        let printed: Vec<&str> = printed.lines().collect();
        assert!(
            fits(&lines, &printed),
            "$ {command}\nprints\n{}\nnot\n{}",
            printed.join("\n"),
            lines.join("\n")
        );
    }
}

#[test]
fn the_readmes_commands_are_the_table() {
    let text = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).unwrap();
    let (_, rest) = text.split_once("<!-- commands -->").unwrap();
    let (shown, _) = rest.split_once("<!-- /commands -->").unwrap();
    let mut table = String::from("| command | or | does |\n|---|---|---|");
    for info in eigenstep::tui::command::TABLE.infos() {
        let call = info.call().replace('|', "\\|");
        let doc = info.doc.replace('|', "\\|");
        let aliases: Vec<String> = info.aliases.iter().map(|it| format!("`{it}`")).collect();
        write!(table, "\n| `{call}` | {} | {doc} |", aliases.join(" ")).unwrap();
    }
    assert_eq!(shown.trim(), table, "the table is now\n{table}");
}

#[test]
fn the_readmes_flags_are_the_table() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let text = fs::read_to_string(path).unwrap();
    let mut table = String::from("| flag | sets |\n|---|---|\n");
    for flag in eigenstep::scenario::FLAGS {
        let value = flag.value.replace('|', "\\|");
        writeln!(table, "| `--{} {value}` | {} |", flag.name, flag.doc).unwrap();
    }
    assert!(text.contains(&table), "the README should have\n{table}");
}
