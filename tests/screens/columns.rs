//! More parameters than there are columns: which of them are shown, and all of them at a glance.

use super::stage::{drawn, plain_app, session, text, typed};
use eigenstep::{
    rule::Tensor,
    tui::{
        app::App,
        glyphs::Charset,
        keymap::Keymap,
        theme::{Background, Theme},
    },
};

const NETWORK: [&str; 1] = ["loss=mlp"];
const SIZE: (u16, u16) = (120, 36);

/// The names of the columns of the listing.
fn names(shown: &str) -> Vec<&str> {
    let title = shown.lines().nth(1).unwrap();
    let (_, columns) = title.split_once(".rule").unwrap();
    let words = columns.split([' ', '-']);
    words
        .filter(|word| word.starts_with('w') && word.len() > 1)
        .collect()
}

/// The screen of `app` after these keys.
fn shown(app: &mut App, keys: &str) -> String {
    typed(app, keys);
    text(&drawn(app, SIZE))
}

/// A network, its first screen drawn.
fn network() -> (App, String) {
    let mut app = plain_app(&NETWORK);
    let first = shown(&mut app, "");
    (app, first)
}

#[test]
fn columns_move_one_parameter_at_a_time_and_stop_at_the_ends() {
    let (mut app, first) = network();
    let first = names(&first).join(" ");
    assert!(first.starts_with("w1 w2 w3"), "{first}");
    let mut first_of = |keys: &str| names(&shown(&mut app, keys))[0].to_owned();
    assert_eq!(first_of(">>>>>"), "w6");
    assert_eq!(first_of("3>5<"), "w4");
    assert_eq!(first_of(":view columns -9<enter>"), "w1");
    let last = shown(&mut app, ":view columns 99<enter>");
    assert_eq!(names(&last), ["w25"]);
}

#[test]
fn columns_are_chosen_by_index_and_sorted_by_the_size_of_any_vector() {
    let (mut app, _) = network();
    let chosen = shown(&mut app, "20n:view only 25 3 1<enter>");
    assert_eq!(names(&chosen), ["w25", "w3", "w1"]);
    for by in ["grad", "step", "m_hat/sqrt(s_hat)"] {
        let keys = format!(":view sort {by}<enter>:print argmax(abs({by}))<enter>");
        let shown = shown(&mut app, &keys);
        let (_, largest) = shown.split_once(&format!("argmax(abs({by})) = ")).unwrap();
        let largest = largest.split_whitespace().next().unwrap();
        assert_eq!(names(&shown)[0], format!("w{largest}"), "{by}");
    }
    let back = shown(&mut app, ":view sort name<enter>");
    assert_eq!(names(&back)[0], "w1");
    let refused = shown(&mut app, ":view sort loss<enter>");
    assert!(refused.contains("not an element for each w"));
    assert!(shown(&mut app, ":view only 26<enter>").contains("there is no w[26]"));
}

#[test]
fn a_vector_is_summed_up_by_its_norm_its_quantiles_and_its_spread() {
    let (mut app, _) = network();
    let summed = shown(&mut app, "20nv");
    for word in [" norm ", " median ", " max ", " spread "] {
        assert!(summed.contains(word), "{word}\n{summed}");
    }
    let gradient = summed
        .lines()
        .find(|line| line.contains("g     = grad(w)"))
        .unwrap();
    // norm(grad) and max(grad) after 20 iterations.
    assert!(
        gradient.contains(" 0.3659") && gradient.contains(" 0.0552"),
        "{gradient}"
    );
    assert!(!shown(&mut app, "v").contains(" spread "));
}

#[test]
fn tensors_are_ordered_by_any_of_their_columns() {
    let rows = |app: &mut App, keys: &str| -> (String, Vec<String>) {
        let shown = shown(app, keys);
        let title = shown.lines().find(|line| line.contains("tensors"));
        // Elements of a tensor, in titles of other panes, have an index.
        let name = |row: &str| {
            let is_name = |it: &&str| it.contains("layer.") && !it.contains('[');
            row.split_whitespace().find(is_name).map(str::to_owned)
        };
        let names = shown.lines().filter_map(name);
        (title.unwrap_or_default().to_owned(), names.collect())
    };
    let session = session(&NETWORK);
    let n = session.lanes().focused().lane().machine().w().len();
    let bounds = [("layer.b", 0..5), ("layer.a", 5..6), ("layer.c", 6..n)];
    let tensors = bounds.map(|(name, range)| Tensor {
        name: name.to_owned(),
        shape: vec![range.len()],
        range,
        is_norm: false,
    });
    let session = session.with_tensors(&tensors);
    let theme = Theme::new(false, Background::Dark);
    let mut app = App::new(session, Charset::Ascii, theme, Keymap::default());
    let (_, all) = rows(&mut app, "9n:view pane tensors<enter>");
    assert_eq!(all, ["layer.b", "layer.a", "layer.c"]);
    // Elements are named by their tensor, and the next of the same one by its index.
    let listing = shown(&mut app, "");
    let names = listing.lines().find(|line| line.contains(".rule"));
    assert!(
        names.is_some_and(|it| it.contains(" layer.b[1] ---") && it.contains("--- [2] -")),
        "{listing}"
    );
    let (title, by_name) = rows(&mut app, ":view tensors tensor<enter>");
    assert!(title.contains("tensors by tensor"), "{title}");
    assert_eq!(by_name, ["layer.a", "layer.b", "layer.c"]);
    let (_, by_norm) = rows(&mut app, ":view tensors |w|<enter>");
    assert_eq!(
        by_norm.last().unwrap(),
        "layer.a",
        "the tensor of one number"
    );
    // The column that orders them is there, however little room there is.
    typed(&mut app, ":view tensors zeros<enter>");
    let small = text(&drawn(&mut app, (60, 24)));
    let names = small.lines().find(|line| line.contains("|w|")).unwrap();
    assert!(
        names.contains("zeros") && !names.contains("not finite"),
        "{small}"
    );
    let refused = shown(&mut app, ":view tensors |v|<enter>");
    assert!(
        refused.contains("order them by tensor, shape, |w|, |g|"),
        "{refused}"
    );
    assert_eq!(rows(&mut app, ":view tensors run<enter>").1, all);
}
