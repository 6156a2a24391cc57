//! The documents: their links lead somewhere, and the files they name exist.

use std::{
    fs,
    path::{Path, PathBuf},
};

fn documents() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let docs = fs::read_dir(root.join("docs")).unwrap();
    let docs = docs.map(|entry| entry.unwrap().path());
    let mut all: Vec<PathBuf> = docs
        .filter(|path| path.extension().is_some_and(|it| it == "md"))
        .collect();
    all.extend(["README.md", "CHANGELOG.md"].map(|name| root.join(name)));
    assert!(all.len() >= 10, "{all:?}");
    all
}

/// The name under which links find a heading.
fn anchor(line: &str) -> Option<String> {
    let heading = line.strip_prefix('#')?.trim_start_matches('#');
    let words = heading.trim().to_lowercase().replace(' ', "-");
    let is_kept = |c: &char| c.is_alphanumeric() || "-_".contains(*c);
    Some(words.chars().filter(is_kept).collect())
}

#[test]
fn every_page_is_in_the_manual() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
    let contents = fs::read_to_string(root.join("README.md")).unwrap();
    for document in documents().iter().filter(|it| it.starts_with(&root)) {
        let name = document.file_name().unwrap().to_string_lossy();
        assert!(
            name == "README.md" || contents.contains(&format!("]({name})")),
            "{name}"
        );
    }
}

#[test]
fn links_lead_to_files_and_headings() {
    for document in documents() {
        let text = fs::read_to_string(&document).unwrap();
        for (at, _) in text.match_indices("](") {
            let target = text[at + 2..].split(')').next().unwrap();
            let file = target.split('#').next().unwrap();
            if file.contains("://") {
                continue;
            }
            let path = match file {
                "" => document.clone(),
                _ => document.parent().unwrap().join(file),
            };
            assert!(path.exists(), "{}: {target}", document.display());
            if let Some((_, heading)) = target.split_once('#') {
                let text = fs::read_to_string(&path).unwrap();
                let is_there = text
                    .lines()
                    .any(|line| anchor(line).as_deref() == Some(heading));
                assert!(is_there, "{}: {target}", document.display());
            }
        }
    }
}

#[test]
fn files_that_are_named_exist() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut seen = 0;
    for document in documents() {
        let text = fs::read_to_string(&document).unwrap();
        for word in text.split('`').skip(1).step_by(2) {
            let is_rust = Path::new(word).extension().is_some_and(|it| it == "rs");
            let is_source = is_rust || word.starts_with("src/");
            if !is_source || word.contains([' ', '\n', '*']) || !word.contains('/') {
                continue;
            }
            seen += 1;
            let found = [root.join(word), root.join("src").join(word)];
            let found = found.iter().any(|path| path.exists());
            assert!(found, "{} names {word}", document.display());
        }
    }
    assert!(seen > 10, "{seen}");
}

#[test]
fn rules_losses_and_walks_of_the_docs_can_be_read() {
    let block = |name: &str| -> String {
        let path = format!("{}/docs/{name}.md", env!("CARGO_MANIFEST_DIR"));
        let text = fs::read_to_string(path).unwrap();
        text.split("```text\n")
            .nth(1)
            .unwrap()
            .split("```")
            .next()
            .unwrap()
            .to_owned()
    };
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: String| -> String {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let run = |arguments: &[&str]| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_eigenstep"));
        let output = command.args(arguments).output().unwrap();
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments:?}: {error}");
    };
    let rule = file("docs.rule", block("rule"));
    let loss = file("docs.loss", block("loss"));
    let walk = file("docs.walk", block("walk"));
    run(&["exec", "--rule", &rule, "--loss", &loss, "-e", "step 3"]);
    run(&["check", &walk]);
}

/// The keywords that an error about an unknown one names.
fn keywords(flag: &str, head: &str) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(format!("odd.{flag}"));
    fs::write(&path, format!("{head}\nqqqqqqqqqqqq 1\n")).unwrap();
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_eigenstep"));
    let flag = format!("--{flag}");
    let output = command
        .args(["exec", &flag])
        .arg(&path)
        .args(["-e", "step"]);
    let error = String::from_utf8(output.output().unwrap().stderr).unwrap();
    let list = error
        .split("keywords: ")
        .nth(1)
        .unwrap_or_else(|| panic!("{error}"));
    list.split(',').map(|word| word.trim().to_owned()).collect()
}

#[test]
fn every_keyword_of_a_rule_and_of_a_loss_stands_on_its_page() {
    for (flag, head) in [("rule", "rule odd \"odd\""), ("loss", "loss odd \"odd\"")] {
        let path = format!("{}/docs/{flag}.md", env!("CARGO_MANIFEST_DIR"));
        let page = fs::read_to_string(path).unwrap();
        let keywords = keywords(flag, head);
        assert!(keywords.len() >= 8, "{keywords:?}");
        for word in keywords {
            assert!(page.contains(&format!("`{word}")), "{flag}: {word}");
        }
    }
}
