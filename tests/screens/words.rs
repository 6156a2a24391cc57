//! Words and marks that are explained: whatever stands on a screen is a topic of `help`.

use super::stage::{drawn, plain_app, screen, text, typed};
use super::training::Training;
use eigenstep::{
    debugger::{Session, command::Phrase},
    error::{Source, Span},
    runs::{self, ReadOptions},
    tui::{
        app::App,
        command::TABLE,
        glyphs::Charset,
        keymap::Keymap,
        panes::Pane,
        theme::{Background, Theme},
    },
};
use std::{collections::BTreeSet, fs};

const SMALL: (u16, u16) = (80, 24);
const NORMAL: (u16, u16) = (120, 36);
const WIDE: (u16, u16) = (200, 60);

/// The screens that between them show every pane, and what stands around and over the panes; the last one is that of a
/// recorded run.
const SCENES: [(&[&str], &str); 12] = [
    (&["rule=adam"], "12n"),
    (&["rule=gd", "set=eta=eta_opt"], "12ns"),
    (&["rule=momentum", "rule=adam", "set=eta=0.01"], "12n"),
    (
        &["rule=momentum", "set=eta=0.004"],
        "40n:view pane modes<enter>",
    ),
    (
        &["rule=nesterov", "set=eta=0.004"],
        "5n2s:view shade<enter>:view follow 5<enter>",
    ),
    (&["rule=gd", "set=eta=1.5*eta_max"], "400n"),
    (&["eigenvalues=1,2,3"], "3n:view sort m<enter>"),
    (&["eigenvalues=1,2,3,4,5,6,7,8,9"], "3n:view summary<enter>"),
    (&["loss=rosenbrock"], "9n"),
    (&["loss=x + y", "start=0,0", "set=eta=0.1"], "5n"),
    (
        &["rule=adam"],
        "12n:set beta1=0.5<enter>:break line 2<enter>:watch m[1]<enter>:display m<enter>:trace s<enter>9ns",
    ),
    (
        &["rule=momentum"],
        ":sweep eta=1e-3..0.1:log beta=0..0.95 steps 20<enter>",
    ),
];

/// A recorded run with its tensors.
fn recorded() -> App {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.jsonl");
    fs::write(&path, Training::default().lines()).unwrap();
    let run = runs::open(path.to_str().unwrap(), &ReadOptions::default()).unwrap();
    let (lane, landscape) = runs::lane(run, None).unwrap();
    let lanes = vec![("recorded".into(), lane)];
    let session = Session::new(landscape, None, lanes, String::new()).unwrap();
    let theme = Theme::new(false, Background::Dark);
    let mut app = App::new(session, Charset::Ascii, theme, Keymap::default());
    typed(&mut app, "9n:view pane tensors<enter>");
    app
}

/// What the scenes show between them, and what of it has no help.
#[derive(Default)]
struct Shown {
    panes: Vec<Pane>,
    words: BTreeSet<String>,
    missing: BTreeSet<String>,
}

impl Shown {
    /// Every word at two sizes, and every mark in all charsets.
    fn add(&mut self, mut app: App) {
        let mut shown = BTreeSet::new();
        for size in [SMALL, WIDE] {
            let screen = text(&drawn(&mut app, size));
            self.panes.extend(app.placed.panes().map(|(pane, _)| pane));
            shown.extend(words(&app, &screen));
            shown.extend(marks(&screen));
        }
        for charset in [Charset::Unicode, Charset::Braille] {
            app.charset = charset;
            shown.extend(marks(&text(&drawn(&mut app, NORMAL))));
        }

        let missing = shown.iter().filter(|it| !is_explained(&app, it));
        self.missing.extend(missing.cloned());
        self.words.extend(shown);
    }
}

/// The lines of a screen that are neither the source of a rule nor a sentence.
fn labels(shown: &str) -> impl Iterator<Item = &str> {
    const PROSE: [&str; 10] = [
        "bounds",
        "not known here",
        "the loss",
        "no level lines",
        "along lambda",
        "nothing has run",
        "line 1 made",
        "computed",
        "bias correction: ",
        "of the rule",
    ];
    shown
        .lines()
        .filter(|line| !line.contains(" = ") && !PROSE.iter().any(|it| line.contains(it)))
}

/// The words of a screen in ASCII that are not numbers.
fn words(app: &App, shown: &str) -> Vec<String> {
    let panels = [Pane::Plot, Pane::Loss].map(|pane| app.plots.panels(pane));
    let curves = panels.into_iter().flatten().flat_map(|panel| &panel.curves);
    let letters: Vec<char> = curves.map(|curve| curve.mark).collect();
    let is_number = |word: &str| {
        let mut rest = word.trim_start_matches('e').chars();
        rest.all(|c| c.is_ascii_digit() || matches!(c, 'e' | '.' | 'i'))
    };
    // A row of letters of curves is a curve, of `S` and dots the start of a path, and of strokes a level line.
    let is_drawn = |word: &str| {
        word.chars()
            .all(|c| letters.contains(&c) || c.is_ascii_digit() || matches!(c, 'S' | 'o'))
            || word.chars().all(|c| matches!(c, 'o' | 'v' | 'S' | '_'))
            || word.contains("__")
            // Something is cut off.
            || word.len() > 1 && word.ends_with('~')
    };
    // A run of one letter is a stretch of the map of a sweep.
    let is_map = |word: &str| word.chars().all(|c| word.starts_with(c));
    let is_word = |word: &str| word.len() > 1 && word.contains(|c: char| c.is_ascii_alphabetic());
    let words = labels(shown).flat_map(|line| {
        line.split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '~' | '|')))
    });
    let words = words.map(|word| word.trim_matches('|'));
    let words = words.filter(|it| is_word(it) && !is_number(it) && !is_drawn(it) && !is_map(it));
    words.map(str::to_owned).collect()
}

/// The marks of a screen besides those within numbers and formulas.
fn marks(shown: &str) -> Vec<String> {
    let braille = '\u{2800}'..='\u{28ff}';
    labels(shown)
        .flat_map(str::chars)
        .filter(|c| !c.is_alphanumeric() && !c.is_whitespace())
        .filter(|c| !braille.contains(c) && !matches!(c, '(' | ')' | ',' | ';' | '%' | '"'))
        .map(String::from)
        .collect()
}

/// True if `help` knows the word or mark.
fn is_explained(app: &App, word: &str) -> bool {
    let source = Source::new("<word>", word);
    let topic = Phrase::at(&source, Span::new(0, word.len()));
    TABLE.help(Some(&app.session), Some(&topic)).is_ok()
}

#[test]
fn every_word_and_mark_of_a_pane_is_a_help_topic() {
    let mut shown = Shown::default();
    for (flags, keys) in SCENES {
        let mut app = plain_app(flags);
        typed(&mut app, keys);
        shown.add(app);
    }
    shown.add(recorded());
    let unseen: Vec<Pane> = Pane::all().filter(|it| !shown.panes.contains(it)).collect();
    assert!(unseen.is_empty(), "no scene shows {unseen:?}");
    for word in ["lambda", "tensor", "diverges", "spread"] {
        assert!(shown.words.contains(word), "no scene shows {word}");
    }
    assert!(shown.missing.is_empty(), "no help on {:?}", shown.missing);
}

#[test]
fn words_about_the_screen_are_help_topics() {
    let app = plain_app(&[]);
    for word in [
        "legend", "mouse", "config", "screen", "header", "footer", "popup", "diff", "speed",
        "bounds", "bars", "lockstep", "braille", "colour", "journal", "walk", "claim",
    ] {
        assert!(is_explained(&app, word), "no help on {word}");
    }
}

#[test]
fn the_question_mark_explains_the_pane_in_focus_first() {
    let shown = screen(&[], NORMAL, ":view pane eigen<enter>?");
    assert!(shown.contains("what is this: eigen"), "{shown}");
    assert!(shown.contains("the error along an eigenvector"), "{shown}");
    let contour = screen(&[], NORMAL, "?");
    assert!(contour.contains("what is this: contour"), "{contour}");
    for word in ["edge", "theory", "r", "kappa", ">", "eta", "adam", "bias"] {
        let shown = screen(&[], NORMAL, &format!(":help {word}<enter>"));
        assert!(!shown.contains("there is no help"), "{word}\n{shown}");
    }
}

#[test]
fn help_that_is_longer_than_the_last_line_is_read_to_its_end() {
    let shown = screen(&[], (80, 24), ":help phase<enter>");
    assert!(shown.contains("a circle one that is not"), "{shown}");
}
