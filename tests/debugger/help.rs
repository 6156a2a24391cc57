//! `help`: complete, and true.

use super::bench::Bench;
use eigenstep::{
    debugger::{
        Control,
        command::{CommandTable, Effect},
    },
    error::Source,
    scenario,
    tui::{command::TABLE, view_command::USAGE},
};

/// The help of the whole program's table.
fn help(topic: &str) -> String {
    let topic = (!topic.is_empty()).then(|| topic.into());
    TABLE.help(None, topic.as_ref()).unwrap()
}

#[test]
fn every_command_and_topic_is_explained() {
    let mut bench = Bench::open("--rule adam");
    let overview = help("");
    for info in TABLE.infos() {
        assert!(
            overview.lines().any(|line| line.starts_with(info.name)),
            "{}",
            info.name
        );
        assert!(overview.contains(info.doc), "{}", info.name);
        let text = help(info.name);
        assert!(
            text.contains(info.doc) && text.starts_with(info.name),
            "{text}"
        );
        for alias in info.aliases {
            assert!(help(alias).starts_with(info.name), "{alias}");
            assert_eq!(TABLE.find(alias).unwrap().name, info.name);
        }
    }
    for topic in TABLE.topics() {
        assert!(!help(topic).is_empty());
    }
    for option in ["tolerance", "max-run", "bound"] {
        assert!(bench.says("help set").contains(option));
        assert!(bench.says("info options").contains(option));
    }
    assert!(help("view").contains("zoom"));
    assert!(bench.says("help info").contains("variables"));
    assert!(bench.says("help lane").contains("add RULE"));
    assert!(
        !bench.says("help").contains("zoom"),
        "the debugger knows no screen"
    );
}

#[test]
fn every_form_topic_and_flag_is_explained_by_its_word() {
    for (word, says) in [
        ("claims", "info claims: what is claimed of the run"),
        ("settings", "info settings: "),
        ("sort", "view sort name | EXPR: "),
        ("precision", "--precision P[,P...]: "),
        ("batch", "--batch ROWS: "),
        ("ask", "a question of a tour"),
    ] {
        assert!(help(word).contains(says), "{word}: {}", help(word));
    }
    for flag in scenario::FLAGS {
        assert!(help(flag.name).contains(flag.doc), "{flag:?}");
    }
    for (form, doc) in USAGE {
        let word = form.split(' ').next().unwrap();
        assert!(help(word).contains(doc), "{form}");
    }
}

#[test]
fn the_columns_of_help_line_up_and_long_calls_stand_above_theirs() {
    let overview = help("");
    let (commands, _) = overview.split_once("\n\n").unwrap();
    let docs: Vec<&str> = TABLE.infos().map(|info| info.doc).collect();
    let columns: Vec<usize> = commands
        .lines()
        .filter_map(|line| docs.iter().find_map(|doc| line.strip_suffix(doc)))
        .map(str::len)
        .collect();
    assert_eq!(columns.len(), docs.len());
    assert!(
        columns.iter().all(|column| *column == columns[0]),
        "{overview}"
    );
}

#[test]
fn names_and_aliases_are_unique_and_no_name_hides_another() {
    let mut seen = std::collections::HashSet::new();
    for row in TABLE.infos() {
        for name in std::iter::once(&row.name).chain(row.aliases) {
            assert!(seen.insert(*name), "{name} names two commands");
        }
        assert_eq!(TABLE.find(row.name).unwrap().name, row.name);
        assert!(
            row.doc.len() < 80 && !row.doc.ends_with('.'),
            "{}",
            row.name
        );
    }
}

#[test]
fn every_prefix_of_a_command_names_it_or_says_what_it_may_be() {
    for row in TABLE.infos() {
        for len in 1..row.name.len() {
            match TABLE.find(&row.name[..len]) {
                Ok(_) => {}
                Err(error) => assert!(error.message().contains(row.name), "{error}"),
            }
        }
    }
}

#[test]
fn functions_and_quantities_of_the_help_exist() {
    let mut bench = Bench::open("--rule adam");
    bench.answer("step 2");
    let text = bench.says("help functions");
    for line in text.lines() {
        let name = line.trim().split('(').next().unwrap();
        assert!(eigenstep::lang::function::find(name).is_some(), "{line}");
    }
    let text = bench.says("help expressions");
    for name in eigenstep::debugger::watch::QUANTITIES.map(|row| row.name) {
        assert!(text.contains(name));
        for name in name.split(", ").filter(|name| *name != "z") {
            bench.answer(&format!("print {name}"));
        }
    }
}

#[test]
fn columns_are_as_wide_as_their_longest_word() {
    for topic in ["expressions", "functions", "view", "info", "set"] {
        let text = help(topic);
        // The column at which the second part begins: after two blanks or more.
        let column = |line: &str| {
            let indent = line.len() - line.trim_start().len();
            let gap = line[indent..].find("  ")? + indent;
            Some(gap + line[gap..].len() - line[gap..].trim_start().len())
        };
        let rows = text
            .lines()
            .filter(|line| line.starts_with("  ") || topic.is_empty());
        let columns: Vec<usize> = rows.filter_map(column).collect();
        assert!(columns.len() >= 3, "{text}");
        assert!(columns.iter().all(|it| *it == columns[0]), "{text}");
    }
}

#[test]
fn the_help_of_expressions_lists_every_operator() {
    let text = help("expressions");
    let line = text
        .lines()
        .find(|line| line.starts_with("Operators"))
        .unwrap();
    for operator in [
        "^", "*", "/", "@", "+", "-", "<", "<=", ">", ">=", "==", "!=", "not", "and", "or",
    ] {
        let mut listed = line.split([' ', ':', '.']);
        assert!(listed.any(|it| it == operator), "{operator}: {line}");
    }
}

#[test]
fn a_command_that_is_refused_for_its_text_says_what_to_do() {
    let mut bench = Bench::open("--rule adam --rule gd");
    let arguments = [
        "",
        "zz",
        "99",
        "-1",
        "1e99",
        "(",
        ")",
        "w[",
        "w[9]",
        "m[1,2]",
        "w + ",
        "1 2 3 4",
        "line 99",
        "line 2 if",
        "if loss",
        "w = ",
        "eta=1,2",
        "eta=\"a\"",
        "zz=1",
        "w[9]=1",
        "measure zz",
        "eta=1..",
        "add zz",
        "ring(1)",
        "uniform(1, w)",
        "\u{e9}",
        "w @ w",
        "transpose(w)",
        "prev(w, 0)",
        "first(w)",
        "quantile(w, 2)",
    ];
    let mut refused = 0;
    for info in CommandTable::debugger().infos() {
        if matches!(info.effect, Effect::Leaves | Effect::Writes) {
            continue;
        }
        for argument in arguments {
            let line = format!("{} {argument}", info.name);
            let source = Source::new("<test>", line.as_str());
            let answer = bench.session.execute(&source, &mut Control::default());
            let Err(error) = answer else {
                continue;
            };
            refused += 1;
            let is_told = error.next_step().is_some() || !error.code().is_of_the_text();
            assert!(is_told, "{line}: {error}");
        }
    }
    assert!(refused > 300, "{refused}");
}
