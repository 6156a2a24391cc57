//! The essay's figures as vector pictures.

use super::{ESSAY, eigenstep, printed};
use roxmltree::Document;

fn plot(more: &[&str]) -> String {
    printed(&[&["plot"], &ESSAY[..], more].concat())
}

/// What is written in a picture.
fn words(svg: &str) -> Vec<String> {
    let document = Document::parse(svg).unwrap();
    let texts = document.descendants().filter(|it| it.has_tag_name("text"));
    texts
        .map(|it| it.text().unwrap_or_default().trim().to_owned())
        .collect()
}

#[test]
fn all_figures_stand_side_by_side() {
    let svg = plot(&[]);
    let document = Document::parse(&svg).unwrap();
    let root = document.root_element();
    assert_eq!(root.attribute("width"), Some("1560"));
    assert_eq!(root.attribute("height"), Some("400"));
    let words = words(&svg);
    let expected = [
        "valley",
        "loss",
        "w[1]",
        "gd",
        "momentum",
        "adam",
        "lambda = 1",
        "lambda = 100",
        "eta_opt 0.0198",
        "eta_max 0.02",
        "1e-6",
    ];
    for word in expected {
        assert!(words.iter().any(|it| it == word), "no {word}: {words:?}");
    }
}

#[test]
fn a_path_has_a_point_for_each_iteration() {
    let svg = plot(&["--figure", "contour", "--steps", "40"]);
    let document = Document::parse(&svg).unwrap();
    let mut lengths: Vec<usize> = document
        .descendants()
        .filter(|it| it.has_tag_name("polyline"))
        .filter(|it| it.attribute("stroke") != Some("#5B6270"))
        .filter_map(|it| it.attribute("points"))
        .map(|points| points.split_whitespace().count())
        .collect();
    lengths.sort_unstable();
    let paths = lengths.iter().filter(|length| **length == 41).count();
    assert_eq!(paths, 3, "{lengths:?}");
}

#[test]
fn a_minimum_is_marked_where_one_is_known() {
    let marks = |loss: &str| {
        let flags = ["--loss", loss, "--start", "1,0.5", "--rule", "gd"];
        let contour = ["--figure", "contour", "--steps", "0"];
        let svg = printed(&[&["plot"], &flags[..], &contour].concat());
        let document = Document::parse(&svg).unwrap();
        let lines = document.descendants().filter(|it| it.has_tag_name("line"));
        let black = lines.filter(|it| it.attribute("stroke") == Some("#000000"));
        black.count()
    };
    assert_eq!(marks("x^2 + y^2"), 2, "a cross");
    assert_eq!(marks("x^2 - y^2"), 0);
}

#[test]
fn a_figure_is_the_same_every_time() {
    assert_eq!(plot(&["--steps", "50"]), plot(&["--steps", "50"]));
}

#[test]
fn a_figure_that_cannot_be_is_refused() {
    let one = [
        "plot", "--loss", "x^2", "--start", "1", "--figure", "contour",
    ];
    let output = eigenstep(&one);
    assert_eq!(output.status.code(), Some(2));
    let errors = String::from_utf8(output.stderr).unwrap();
    assert!(errors.contains("a contour needs two"), "{errors}");
    // Without being asked for it, it is left out.
    let svg = printed(&["plot", "--loss", "x^2", "--start", "1", "--set", "eta=0.1"]);
    assert!(!words(&svg).contains(&"w[2]".to_owned()));
}
