//! Pictures of the screen: the same text in every format, and the README's are current.

use super::{ESSAY, printed};
use roxmltree::{Document, Node};
use std::fs;

/// Pictures of the README: the file, the flags of its scenario, and when it is taken.
const STILLS: [(&str, &[&str], &str); 2] = [
    ("tests/stills/adam.svg", &[], "30"),
    ("tests/stills/lanes.svg", &ESSAY, "60"),
];

#[test]
fn the_stills_of_the_readme_are_current() {
    for (file, flags, at) in STILLS {
        let path = format!("{}/{file}", env!("CARGO_MANIFEST_DIR"));
        let kept = fs::read_to_string(&path).unwrap_or_default();
        let picture = ["--at", at, "--size", "120x36", "--format", "svg"];
        let now = printed(&[&["snapshot"], flags, &picture].concat());
        if std::env::var_os("UPDATE_STILLS").is_some() {
            fs::write(&path, now).unwrap();
            continue;
        }
        assert!(
            kept == now,
            "{file} is out of date; make it anew:\n  UPDATE_STILLS=1 cargo test --test record stills"
        );
    }
}

/// The text of a picture, put back on the grid of cells.
fn rows_of(svg: &str) -> Vec<String> {
    let document = Document::parse(svg).unwrap();
    // How many times `unit` fits between `from` and an attribute.
    let count = |node: &Node, name: &str, from: f64, unit: f64| -> usize {
        let value: f64 = node.attribute(name).unwrap().parse().unwrap();
        format!("{:.0}", (value - from) / unit).parse().unwrap()
    };
    let mut rows = vec![vec![' '; 120]; 36];
    // Frames and blocks are drawn; what they stand for stands beside them, and where in their path.
    for node in document.descendants().filter(|it| it.has_tag_name("path")) {
        let path = node.attribute("d").unwrap();
        let text = node.attribute("data-text").unwrap();
        let mut numbers = path[1..].split([' ', 'h']);
        let mut next = || numbers.next().unwrap().parse::<f64>().unwrap();
        let (x, y) = (next() - 12.0, next() - 12.0);
        let cell = |value: f64| format!("{:.0}", value.floor()).parse::<usize>().unwrap();
        let (x, y) = (cell(x / 8.4 + 0.01), cell(y / 18.0 + 0.01));
        for (at, character) in text.chars().enumerate() {
            rows[y][x + at] = character;
        }
    }
    for node in document.descendants().filter(|it| it.has_tag_name("text")) {
        let text = node.text().unwrap();
        let x = count(&node, "x", 12.0, 8.4);
        let y = count(&node, "y", 12.0 + 13.5, 18.0);
        let cells = count(&node, "textLength", 0.0, 8.4);
        assert_eq!(cells, text.chars().count(), "{text:?}");
        for (at, character) in text.chars().enumerate() {
            rows[y][x + at] = character;
        }
    }
    let text = |row: &Vec<char>| row.iter().collect::<String>().trim_end().to_owned();
    rows.iter().map(text).collect()
}

#[test]
fn text_ansi_and_svg_agree() {
    let flags = [
        "snapshot",
        "--at",
        "30",
        "-e",
        "print w",
        "-e",
        "view curve",
    ];
    let of = |format: &str| printed(&[&flags[..], &["--format", format]].concat());
    let text = of("text");
    assert_eq!(text.lines().count(), 36);
    assert!(text.contains("t 30"));
    assert_eq!(rows_of(&of("svg")), text.lines().collect::<Vec<_>>());
    let mut terminal = super::terminal(super::SIZE);
    terminal.process(of("ansi").trim_end().replace('\n', "\r\n").as_bytes());
    let shown: Vec<String> = terminal.screen().rows(0, 120).collect();
    let trimmed: Vec<&str> = shown.iter().map(|row| row.trim_end()).collect();
    assert_eq!(trimmed, text.lines().collect::<Vec<_>>());
    assert!(terminal.screen().cell(0, 0).unwrap().bold(), "the title");
    let cells = (0..36).flat_map(|y| (0..120).map(move |x| (y, x)));
    let colours = cells.map(|(y, x)| terminal.screen().cell(y, x).unwrap().fgcolor());
    let yellow = vt100::Color::Idx(3);
    assert!(
        colours.filter(|colour| *colour == yellow).count() > 40,
        "the numbers that changed"
    );
}

#[test]
fn a_picture_is_made_for_either_ground_or_for_one() {
    let both = printed(&["snapshot", "--format", "svg"]);
    assert!(both.contains("prefers-color-scheme:dark"));
    assert!(both.contains("#14171c") && both.contains("#fbfbf9"));
    let dark = printed(&["snapshot", "--format", "svg", "--one-background"]);
    assert!(dark.contains("#14171c") && !dark.contains("#fbfbf9"));
    let flags = [
        "snapshot",
        "--format",
        "svg",
        "--one-ground",
        "--ground",
        "light",
    ];
    let light = printed(&flags);
    assert!(!light.contains("#14171c") && light.contains("#fbfbf9"));
    for svg in [both, dark, light] {
        let document = Document::parse(&svg).unwrap();
        let style = document
            .descendants()
            .find(|it| it.has_tag_name("style"))
            .and_then(|it| it.text())
            .unwrap();
        assert!(style.contains("monospace"));
        // Every class that is used is one that the style knows.
        let classes = document
            .descendants()
            .filter_map(|it| it.attribute("class"));
        for class in classes.flat_map(str::split_whitespace) {
            assert!(style.contains(&format!(".{class}{{")), "{class}");
        }
    }
}

#[test]
fn a_scenario_may_hold_anything_that_xml_may_not() {
    let svg = printed(&[
        "snapshot",
        "--loss",
        "x^2 + y^2",
        "--start",
        "1,1",
        "-e",
        "break loss < 1e-3 and t > 2",
        "-e",
        "info stops",
        "--format",
        "svg",
    ]);
    let rows = rows_of(&svg).join("\n");
    assert!(rows.contains("loss < 1e-3 and t > 2"), "{rows}");
}
