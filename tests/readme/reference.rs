//! The page of reference, made of the program's tables.

use eigenstep::{
    debugger::watch::QUANTITIES,
    glossary::TERMS,
    lang::function::{self, CallContext},
    loss,
    record::tours,
    rule, runs,
    scenario::FLAGS,
    tui::{command::TABLE, keymap},
};
use std::{fmt::Write, process::Command};

/// The text between two words of `eigenstep --help`.
fn of_help(from: &str, to: &str) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_eigenstep"));
    let output = command.arg("--help").output().unwrap();
    let help = String::from_utf8(output.stdout).unwrap();
    let (_, rest) = help.split_once(from).unwrap();
    rest.split_once(to).unwrap().0.to_owned()
}

/// Text in a cell of a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
        .replace('<', "\\<")
        .replace('*', "\\*")
}

/// Code in a cell of a table.
fn code(text: &str) -> String {
    // In a table, the bar is escaped in code, too.
    format!("`{}`", text.trim_end().replace('|', "\\|"))
}

fn codes<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    let words: Vec<String> = words.into_iter().map(code).collect();
    words.join(" ")
}

/// A chapter with one table.
fn table(
    page: &mut String,
    title: &str,
    about: &str,
    head: &str,
    rows: impl Iterator<Item = Vec<String>>,
) {
    let columns = head.split('|').count();
    let _ = write!(
        page,
        "\n## {title}\n\n{about}\n\n| {head} |\n|{}\n",
        "---|".repeat(columns)
    );
    for row in rows {
        assert_eq!(row.len(), columns, "{row:?}");
        let _ = writeln!(page, "| {} |", row.join(" | "));
    }
}

/// The files that are read and written: ending, what they hold, and the page with their form.
const FILES: [(&str, &str, &str); 11] = [
    (".rule", "an update rule", "[rules](rule.md)"),
    (".loss", "a loss", "[losses](loss.md)"),
    (".walk", "a walk: commands and captions", "[walks](walk.md)"),
    (
        ".toml",
        "a scenario, a saved session, the configuration",
        "[at the terminal](terminal.md)",
    ),
    (
        ".jsonl",
        "a recorded run, a trace",
        "[traces](trace.md), [recorded runs](runs.md)",
    ),
    (".eig", "a recorded run, binary", "[recorded runs](runs.md)"),
    (
        ".csv",
        "a recorded run, a log of metrics, a trace, data, a map and its parts",
        "[recorded runs](runs.md), [maps](maps.md)",
    ),
    (
        ".json",
        "a log of metrics: `trainer_state.json`",
        "[debug a run](debug.md)",
    ),
    (
        ".gz",
        "a recorded run in any of these forms, packed",
        "[recorded runs](runs.md)",
    ),
    (
        ".cast",
        "a recording of the screen: asciicast version 2 or 3",
        "[record and teach](teach.md)",
    ),
    (
        ".html",
        "a recording as a page, `.svg` a picture, `.txt` and `.ansi` the same as text",
        "[record and teach](teach.md)",
    ),
];

/// Front ends, exit codes, flags, commands, keys.
fn controls(page: &mut String) {
    let front_ends = of_help("Commands:\n", "\n\n");
    let front_ends = front_ends.lines().map(|line| {
        let (name, about) = line.trim().split_once("  ").unwrap();
        vec![code(&format!("eigenstep {name}")), cell(about.trim())]
    });
    let about = "Without one, the debugger opens in the terminal.";
    table(page, "Front ends", about, "command | does", front_ends);

    let exits = of_help("Exit codes: ", ".");
    let exits = exits.split(", ").map(|it| {
        let (number, meaning) = it.split_once(' ').unwrap();
        vec![code(number), cell(meaning)]
    });
    let about = "The same for every front end. Errors have codes of their own in JSON: [answers](answers.md#errors).";
    table(page, "Exit codes", about, "code | means", exits);

    let flags = FLAGS.iter().map(|flag| {
        let call = format!("--{} {}", flag.name, flag.value);
        vec![code(&call), cell(flag.doc)]
    });
    let about = "Of every front end that runs something; the same names are the keys of [a scenario](terminal.md#scenarios).";
    table(page, "Flags", about, "flag | sets", flags);

    let commands = TABLE.infos().map(|info| {
        let aliases = codes(info.aliases.iter().copied());
        vec![code(&info.call()), aliases, cell(info.doc)]
    });
    let about = "At the prompt of the debugger, in `exec`, `serve`, walks and scenarios. Any unambiguous prefix works. EXPR is any\n\
        expression over the variables and settings of the rule and the [quantities](#quantities); `prev(e)` is a value one\n\
        iteration ago, `adam.m_hat[1]` that of another lane.";
    table(page, "Commands", about, "command | or | does", commands);

    let keys = keymap::table().into_iter().map(|(keys, line, what)| {
        let line = if line.is_empty() {
            ":".to_owned()
        } else {
            format!(":{line}")
        };
        vec![
            codes(keys.iter().map(|key| &**key)),
            code(&line),
            cell(what),
        ]
    });
    let about = "A number before a key repeats it where that makes sense. [Keys of your own](terminal.md#keys-and-appearance) run any command line.";
    table(page, "Keys", about, "keys | command | does", keys);
}

/// Functions and quantities.
fn language(page: &mut String) {
    let functions = function::all().map(|row| {
        let place = match row.place {
            CallContext::Anywhere => "everywhere",
            CallContext::Rule => "rules",
            CallContext::Watch => "not in rules or losses",
        };
        vec![code(row.signature), place.to_owned(), cell(row.doc)]
    });
    let about = "Of rules, losses, watches and prompts alike. Operators work elementwise, with scalars broadcast.";
    table(
        page,
        "Functions",
        about,
        "function | where | means",
        functions,
    );

    let quantities = QUANTITIES
        .iter()
        .map(|row| vec![codes(row.name.split(", ")), cell(row.doc)]);
    let about = "Every lane has them, whatever its rule.";
    table(page, "Quantities", about, "name | means", quantities);
}

/// Rules, losses, tours, and the words of the screen.
fn bundled(page: &mut String) {
    let rules = rule::names().into_iter().map(|name| {
        let rule = rule::load(name).unwrap();
        let settings = codes(rule.params.iter().map(|it| &*it.name));
        vec![code(name), settings, cell(&rule.title)]
    });
    let about = "`eigenstep rules NAME` prints one; those of a library are held to runs that it has recorded.";
    table(page, "Rules", about, "rule | settings | is", rules);

    let wrappers = rule::wrappers().map(|it| {
        let around = rule::load(&format!("{}(optax/set_to_zero)", it.name)).unwrap();
        let inside = rule::load("optax/set_to_zero").unwrap();
        let settings = around.declared().map(|it| it.name);
        let settings = codes(settings.filter(|it| inside.declaration(it).is_none()));
        vec![
            code(it.name),
            settings,
            cell(&format!("any rule {}", it.title)),
        ]
    });
    let about = "Written around a rule, in quotes for the shell: `eigenstep rules 'torch/lookahead(torch/adamw)'` prints both as \
                 one. A rule's own library needs not be named twice: `lookahead(torch/adamw)`.";
    table(page, "Wrappers", about, "wrapper | settings | is", wrappers);

    let losses = loss::names().into_iter().map(|name| {
        let loss = loss::load(name).unwrap();
        vec![code(name), cell(&loss.title)]
    });
    let about = "`eigenstep losses NAME` prints one.";
    table(page, "Losses", about, "loss | is", losses);

    let tours = tours::titles()
        .into_iter()
        .map(|(number, name, title)| vec![number.to_string(), code(name), cell(&title)]);
    let about = "`eigenstep tour NAME` plays one.";
    table(page, "Tours", about, "number | tour | title", tours);

    let words = TERMS
        .iter()
        .filter(|term| !term.names.concat().contains('`'));
    let words = words.map(|term| {
        vec![
            term.part.to_owned(),
            codes(term.names.iter().copied()),
            cell(term.about),
        ]
    });
    let about = "The words and marks of the screen, by the pane that shows them.";
    table(page, "Words", about, "pane | word | means", words);
}

/// Endings of files.
fn files(page: &mut String) {
    for ending in runs::ENDINGS {
        let is_there = FILES
            .iter()
            .any(|(name, ..)| name.strip_prefix('.') == Some(ending));
        assert!(is_there, "{ending}");
    }
    let files = FILES
        .iter()
        .map(|(name, holds, form)| vec![code(name), (*holds).to_owned(), (*form).to_owned()]);
    let about = "What is read goes by its first bytes, not by its ending, where both are known.";
    table(page, "Files", about, "ending | holds | form", files);
}

/// The page.
pub fn page() -> String {
    let mut page = String::from(
        "# Reference\n\nMade of the program's tables: `UPDATE_DOCS=1 cargo test --test readme` makes it anew. \
         `eigenstep COMMAND --help` has the flags of\neach front end, `eigenstep man` the same as a manual page, and \
         `help WORD` in the debugger explains each of these words.\n",
    );
    controls(&mut page);
    language(&mut page);
    bundled(&mut page);
    files(&mut page);
    page
}
