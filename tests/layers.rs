//! Who may use whom, read from the sources.

use circles::circles;
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

#[path = "layers/circles.rs"]
mod circles;

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|it| it == "rs") {
            found.push(path);
        }
    }
}

/// The text of each module of the crate: its file and all below it, without comments.
fn modules() -> BTreeMap<String, Vec<(PathBuf, String)>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    files(&root, &mut found);
    let mut modules: BTreeMap<String, Vec<(PathBuf, String)>> = BTreeMap::new();
    for path in found {
        let inside = path.strip_prefix(&root).unwrap();
        let first = inside
            .components()
            .next()
            .unwrap()
            .as_os_str()
            .to_string_lossy()
            .into_owned();
        let module = first.trim_end_matches(".rs").to_owned();
        let text = fs::read_to_string(&path).unwrap();
        let code: Vec<&str> = text
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"))
            .collect();
        modules
            .entry(module)
            .or_default()
            .push((path, code.join("\n")));
    }
    modules
}

/// The modules of the crate that `code` names after `crate::`, also within braces.
fn used(code: &str) -> Vec<String> {
    let mut names = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        let rest = &code[at + "crate::".len()..];
        if let Some(group) = rest.strip_prefix('{') {
            let mut depth = 0;
            let mut word = String::new();
            for c in group.chars() {
                match c {
                    '{' => depth += 1,
                    '}' if depth == 0 => break,
                    '}' => depth -= 1,
                    _ => {}
                }
                if depth == 0 && (c.is_alphanumeric() || c == '_' || c == ':') {
                    word.push(c);
                } else if depth == 0 && c == ',' {
                    names.push(std::mem::take(&mut word));
                }
            }
            names.push(word);
        } else {
            names.push(rest.to_owned());
        }
    }
    let head = |name: &String| -> String {
        name.chars()
            .take_while(|c| c.is_alphanumeric() || *c == '_')
            .collect()
    };
    names
        .iter()
        .map(head)
        .filter(|name| !name.is_empty())
        .collect()
}

/// Modules on the ground, which all others may use, each with those that it may use itself.
const GROUND: &[(&str, &[&str])] = &[
    ("columns", &[]),
    ("error", &["files", "text"]),
    ("files", &[]),
    ("text", &[]),
    ("format", &[]),
    ("signals", &[]),
    ("glossary", &[]),
    ("lang", &["error", "format"]),
    ("value", &["format", "lang"]),
];

/// What each module may use, besides itself and the ground.
const ALLOWED: &[(&str, &[&str])] = &[
    ("rule", &[]),
    ("loss", &[]),
    ("analysis", &["rule", "loss"]),
    ("debugger", &["rule", "loss", "analysis"]),
    ("scenario", &["rule", "loss", "analysis", "debugger"]),
    (
        "trace",
        &["rule", "loss", "analysis", "debugger", "scenario"],
    ),
    ("runs", &["rule", "loss", "debugger"]),
    (
        "diff",
        &["rule", "loss", "analysis", "debugger", "scenario", "runs"],
    ),
    (
        "tui",
        &["rule", "loss", "analysis", "debugger", "scenario", "trace"],
    ),
    (
        "record",
        &[
            "rule", "loss", "analysis", "debugger", "scenario", "trace", "tui",
        ],
    ),
    (
        "cli",
        &[
            "rule", "loss", "analysis", "debugger", "scenario", "trace", "tui", "record", "runs",
            "diff",
        ],
    ),
    ("lib", &[]),
    ("main", &[]),
];

#[test]
fn modules_use_only_what_lies_below_them() {
    for (module, files) in modules() {
        let ground = GROUND.iter().find(|(name, _)| *name == module);
        let (_, allowed) = ground
            .or_else(|| ALLOWED.iter().find(|(name, _)| *name == module))
            .unwrap_or_else(|| panic!("`{module}` has no place in the order of layers"));
        let is_free = |name: &str| ground.is_none() && GROUND.iter().any(|(it, _)| *it == name);
        for (path, code) in files {
            for name in used(&code) {
                assert!(
                    name == module || allowed.contains(&name.as_str()) || is_free(&name),
                    "{} uses crate::{name}, which `{module}` may not",
                    path.display()
                );
            }
        }
    }
}

#[test]
fn no_file_lies_in_a_circle_of_more_than_five() {
    const MOST: usize = 5;
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    files(&root, &mut found);
    let is_code = |path: &PathBuf| !path.ends_with("main.rs") && !path.ends_with("tests.rs");
    let texts = found.into_iter().filter(is_code).map(|path| {
        let inside = path.strip_prefix(&root).unwrap().with_extension("");
        let parts = inside.iter().map(|it| it.to_string_lossy().into_owned());
        let module = parts.filter(|it| it != "lib").collect();
        (module, fs::read_to_string(path).unwrap())
    });
    let large = circles(texts, MOST);
    assert!(
        large.is_empty(),
        "circles of more than {MOST} files:\n{}",
        large.join("\n")
    );
}

#[test]
fn only_screens_name_the_terminal_libraries() {
    for (module, files) in modules() {
        if ["tui", "record", "cli"].contains(&module.as_str()) {
            continue;
        }
        for (path, code) in files {
            for library in ["ratatui", "crossterm"] {
                assert!(
                    !code.contains(library),
                    "{} names {library}",
                    path.display()
                );
            }
        }
    }
}

#[test]
fn only_the_terminal_names_crossterm() {
    for (path, code) in modules().into_values().flatten() {
        let inside = path.components().any(|part| part.as_os_str() == "terminal");
        assert!(
            inside || !code.contains("crossterm"),
            "{} names crossterm",
            path.display()
        );
    }
}

#[test]
fn the_debugger_knows_no_screen() {
    let modules = modules();
    for (path, code) in &modules["debugger"] {
        let words = code.split(|c: char| !c.is_ascii_alphabetic());
        for word in words {
            assert!(
                ![
                    "pane", "panes", "Pane", "zoom", "Zoom", "suspend", "Suspend", "mouse", "Mouse"
                ]
                .contains(&word),
                "{} names {word}",
                path.display()
            );
        }
    }
}

#[test]
fn a_scan_of_uses_sees_groups_and_paths() {
    let code =
        "use crate::{lang::{a, b}, rule::C};\nfn f() { crate::loss::find(x) }\nuse crate::tui;";
    assert_eq!(used(code), ["lang", "rule", "loss", "tui"]);
}

#[test]
fn there_is_one_crossterm_and_it_is_ratatuis() {
    let lock = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.lock")).unwrap();
    let packages: Vec<&str> = lock.split("[[package]]").collect();
    let named = |name: &str| -> Vec<&&str> {
        let head = format!("\nname = \"{name}\"\n");
        packages
            .iter()
            .filter(|package| package.starts_with(&head))
            .collect()
    };
    assert_eq!(
        named("crossterm").len(),
        1,
        "two copies would lose events silently"
    );
    let backend = named("ratatui-crossterm");
    assert_eq!(backend.len(), 1);
    assert!(backend[0].contains(" \"crossterm\",\n"), "{}", backend[0]);
}

/// Functions of floats whose last bits hang on the platform's library.
const INEXACT: [&str; 17] = [
    "ln", "log2", "log10", "ln_1p", "exp", "exp2", "exp_m1", "powf", "cbrt", "hypot", "sin", "cos",
    "tan", "atan2", "arg", "tanh", "sinh",
];

/// Where numbers of any type are computed with, by methods of our own that have the same names.
const GENERIC: [&str; 2] = ["src/lang/", "src/loss/"];

#[test]
fn the_platforms_functions_make_no_bits() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for (path, code) in modules().into_values().flatten() {
        let name = path
            .strip_prefix(root)
            .unwrap()
            .to_string_lossy()
            .into_owned();
        let is_test = name.ends_with("tests.rs") || GENERIC.iter().any(|it| name.starts_with(it));
        let code = code.split("#[cfg(test)]").next().unwrap();
        for function in INEXACT.iter().filter(|_| !is_test) {
            let call = format!(".{function}(");
            assert!(!code.contains(&call), "{name} calls {call}: `libm` has it");
        }
    }
}

#[test]
fn only_the_command_line_names_its_parser() {
    for (module, files) in modules() {
        for (path, code) in files.iter().filter(|_| module != "cli") {
            assert!(!code.contains("clap::"), "{} names clap", path.display());
        }
    }
}

/// The code of a file without the tests at its end.
fn without_tests(code: &str) -> &str {
    code.split("#[cfg(test)]\nmod tests {")
        .next()
        .unwrap_or(code)
}

fn words(code: &str) -> impl Iterator<Item = &str> {
    code.split(|c: char| !c.is_alphanumeric() && c != '_')
}

#[test]
fn no_public_function_is_there_for_tests_alone() {
    let modules = modules();
    let files: Vec<&str> = modules
        .values()
        .flatten()
        .map(|(_, code)| without_tests(code))
        .collect();
    let mut uses: BTreeMap<&str, usize> = BTreeMap::new();
    for word in files.iter().flat_map(|code| words(code)) {
        *uses.entry(word).or_default() += 1;
    }
    // What the examples show is for users of the library.
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut examples = Vec::new();
    self::files(&root.join("examples"), &mut examples);
    let shown: String = examples
        .iter()
        .map(|path| fs::read_to_string(path).unwrap())
        .collect();
    let unused: Vec<&str> = files
        .iter()
        .flat_map(|code| code.split("pub fn ").skip(1))
        .filter_map(|rest| words(rest).next())
        .filter(|name| uses[name] == 1 && !shown.contains(*name))
        .collect();
    assert!(unused.is_empty(), "nobody calls {unused:?}");
}

/// What stands behind the first comma of `types` that is in no brackets.
fn second(types: &str) -> Option<&str> {
    let mut depth = 0;
    for (at, c) in types.char_indices() {
        match c {
            '(' | '<' | '[' => depth += 1,
            ')' | '>' | ']' => depth -= 1,
            ',' if depth == 0 => return Some(&types[at + 1..]),
            _ => {}
        }
    }
    None
}

#[test]
fn public_functions_fail_with_the_one_error_type() {
    assert_eq!(second("(Span, String)"), None);
    assert_eq!(
        second("Vec<(u8, u8)>, (usize, String)"),
        Some(" (usize, String)")
    );
    let mut others = Vec::new();
    for (path, code) in modules().values().flatten() {
        for rest in without_tests(code).split("pub fn ").skip(1) {
            let signature = rest.split([';', '{']).next().unwrap();
            let returns = signature.rsplit_once("-> ").map_or("", |it| it.1);
            let returns = returns.strip_prefix("std::result::").unwrap_or(returns);
            let types = returns.trim().strip_prefix("Result<");
            let error = types.and_then(|types| second(types.trim_end_matches('>')));
            if error.is_some_and(|it| it.contains("String") || it.contains("str")) {
                let name = words(signature).next().unwrap();
                others.push(format!("{}: {name}", path.display()));
            }
        }
    }
    assert!(others.is_empty(), "{others:#?}");
}

/// Fields that anybody may set cannot be kept in range.
#[test]
fn what_a_session_and_its_lanes_hold_is_changed_by_methods_only() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/debugger");
    for (file, name) in [
        ("session.rs", "Session"),
        ("lanes.rs", "Lanes"),
        ("lanes/named_lane.rs", "NamedLane"),
    ] {
        let text = fs::read_to_string(root.join(file)).unwrap();
        let (_, body) = text.split_once(&format!("pub struct {name} {{")).unwrap();
        let (body, _) = body.split_once("\n}").unwrap();
        let open: Vec<&str> = body
            .lines()
            .filter(|line| line.trim_start().starts_with("pub "))
            .collect();
        assert!(open.is_empty(), "{name}: {open:?}");
    }
}
