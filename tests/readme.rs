//! The `console` blocks of the README and the manual: each command is run in a shell and prints what stands below it. The
//! blocks of a page share a folder, which is empty in the beginning.
//!
//! A line `...` stands for any number of lines.

#[path = "readme/reference.rs"]
mod reference;

use std::{env, fs, path::Path, process::Command, thread};

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

/// The README and the pages of the manual: their names and texts.
fn pages() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let docs = fs::read_dir(root.join("docs")).unwrap();
    let docs = docs.map(|entry| entry.unwrap().path());
    docs.chain([root.join("README.md")])
        .map(|path| {
            let text = fs::read_to_string(&path).unwrap();
            (path.display().to_string(), text)
        })
        .collect()
}

/// Runs the commands of a page, one after the other; returns how many there are.
fn tell(page: &str, text: &str) -> usize {
    let program = Path::new(env!("CARGO_BIN_EXE_eigenstep"));
    let mut folders = vec![program.parent().unwrap().to_owned()];
    folders.extend(env::split_paths(&env::var_os("PATH").unwrap()));
    let path = env::join_paths(folders).unwrap();
    let nowhere = tempfile::tempdir().unwrap();
    let stories = stories(text);
    for Story { command, lines } in &stories {
        let output = Command::new("sh")
            .args(["-c", &format!("{{ {command}; }} 2>&1")])
            .env("PATH", &path)
            .current_dir(nowhere.path())
            .output()
            .unwrap();
        let printed = String::from_utf8(output.stdout).unwrap();
        let printed: Vec<&str> = printed.lines().collect();
        assert!(
            fits(lines, &printed),
            "{page}: $ {command}\nprints\n{}\nnot\n{}",
            printed.join("\n"),
            lines.join("\n")
        );
    }
    stories.len()
}

#[test]
fn the_commands_of_the_manual_print_what_it_says() {
    let pages = pages();
    let told: usize = thread::scope(|scope| {
        let pages = pages.iter();
        let pages: Vec<_> = pages
            .map(|(page, text)| scope.spawn(|| tell(page, text)))
            .collect();
        pages.into_iter().map(|page| page.join().unwrap()).sum()
    });
    assert!(told >= 25, "{told}");
}

#[test]
fn the_reference_is_that_of_the_tables() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/reference.md");
    let page = reference::page();
    if env::var_os("UPDATE_DOCS").is_some() {
        fs::write(path, &page).unwrap();
    }
    let kept = fs::read_to_string(path).unwrap_or_default();
    let first = kept
        .lines()
        .zip(page.lines())
        .find(|(kept, now)| kept != now);
    assert!(
        kept == page,
        "docs/reference.md is out of date, first at {first:?}; make it anew:\n  UPDATE_DOCS=1 cargo test --test readme"
    );
}
