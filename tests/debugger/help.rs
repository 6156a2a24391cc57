//! `help`: complete, and true.

use super::bench::Bench;
use eigenstep::debugger::command::{self, COMMANDS};

#[test]
fn every_command_and_topic_is_explained() {
    let mut bench = Bench::open("--rule adam");
    let overview = bench.says("help");
    for row in COMMANDS {
        assert!(
            overview.lines().any(|line| line.starts_with(row.name)),
            "{}",
            row.name
        );
        assert!(overview.contains(row.doc), "{}", row.name);
        let text = bench.says(&format!("help {}", row.name));
        assert!(
            text.contains(row.doc) && text.starts_with(row.name),
            "{text}"
        );
        for alias in row.aliases {
            assert_eq!(bench.says(&format!("help {alias}")), text, "{alias}");
            assert_eq!(command::find(alias).unwrap().name, row.name);
        }
    }
    for topic in command::topics() {
        assert!(!bench.says(&format!("help {topic}")).is_empty());
    }
    for option in ["tolerance", "max-run", "bound", "mouse"] {
        assert!(bench.says("help set").contains(option));
        assert!(bench.says("info options").contains(option));
    }
    assert!(bench.says("help view").contains("zoom"));
    assert!(bench.says("help info").contains("variables"));
    assert!(bench.says("help lane").contains("add RULE"));
}

#[test]
fn names_and_aliases_are_unique_and_no_name_hides_another() {
    let mut seen = std::collections::HashSet::new();
    for row in COMMANDS {
        for name in std::iter::once(&row.name).chain(row.aliases) {
            assert!(seen.insert(*name), "{name} names two commands");
        }
        assert_eq!(command::find(row.name).unwrap().name, row.name);
        assert!(
            row.doc.len() < 80 && !row.doc.ends_with('.'),
            "{}",
            row.name
        );
    }
}

#[test]
fn every_prefix_of_a_command_names_it_or_says_what_it_may_be() {
    for row in COMMANDS {
        for len in 1..row.name.len() {
            match command::find(&row.name[..len]) {
                Ok(_) => {}
                Err(error) => assert!(error.message().contains(row.name), "{error}"),
            }
        }
    }
}

#[test]
fn the_table_has_a_row_for_each_command() {
    let table = command::table();
    assert_eq!(table.len(), COMMANDS.len());
    assert_eq!(table[0].0, "step [N]");
    assert_eq!(table[0].1, "n next");
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
    for (name, _) in eigenstep::debugger::watch::QUANTITIES {
        assert!(text.contains(name));
        for name in name.split(", ").filter(|name| *name != "z") {
            bench.answer(&format!("print {name}"));
        }
    }
}
