//! Colour, modifiers and finer characters.

use super::stage::{app, drawn, styles, text, typed};
use eigenstep::tui::{
    glyphs::Charset,
    theme::{Background, Theme},
};
use insta::assert_snapshot;

fn dump(
    charset: Charset,
    colour: bool,
    ground: Background,
    size: (u16, u16),
    keys: &str,
) -> String {
    let mut app = app(&[], charset, Theme::new(colour, ground));
    drawn(&mut app, size);
    typed(&mut app, keys);
    let buffer = drawn(&mut app, size);
    format!("{}\n{}", text(&buffer), styles(&buffer))
}

const LANES: &str = ":lane add momentum set eta=0.175*eta_opt<enter>9n";

#[test]
fn colours_on_a_dark_and_on_a_light_ground() {
    let size = (80, 24);
    assert_snapshot!(
        "colour_dark",
        dump(Charset::Ascii, true, Background::Dark, size, "9n")
    );
    assert_snapshot!(
        "colour_light",
        dump(Charset::Ascii, true, Background::Light, size, "9n")
    );
}

#[test]
fn without_colour_modifiers_and_characters_tell_everything_apart() {
    assert_snapshot!(
        "mono_lanes",
        dump(Charset::Ascii, false, Background::Dark, (80, 24), LANES)
    );
}

#[test]
fn finer_characters_where_the_locale_has_them() {
    assert_snapshot!(
        "unicode_120x36",
        dump(Charset::Unicode, false, Background::Dark, (120, 36), LANES)
    );
    assert_snapshot!(
        "braille_120x36",
        dump(Charset::Braille, false, Background::Dark, (120, 36), LANES)
    );
}

/// A screenshot without colour: characters alone tell lanes, changed values and levels apart.
#[test]
fn characters_alone_tell_lanes_changes_and_levels_apart() {
    let mut app = app(&[], Charset::Ascii, Theme::new(false, Background::Dark));
    drawn(&mut app, (120, 36));
    typed(&mut app, LANES);
    let shown = text(&drawn(&mut app, (120, 36)));
    for lane in ["a adam ", "m momentum "] {
        assert!(shown.contains(lane), "{lane}: {shown}");
    }
    let contour: String = shown
        .lines()
        .map(|row| row.chars().take(54).collect::<String>() + "\n")
        .collect();
    for (mark, what) in [
        ("a", "adam's path"),
        ("m", "momentum's path"),
        ("x min", "minimum"),
        ("S", "start"),
    ] {
        assert!(contour.contains(mark), "{what}: {contour}");
    }
    for level in [" 10 ", " 3 ", " 1 "] {
        assert!(contour.contains(level), "level {level}: {contour}");
    }
    assert!(shown.contains("-15.819*"), "a changed value: {shown}");
    typed(&mut app, "s");
    let line = text(&drawn(&mut app, (120, 36)));
    let row = |name: &str| {
        line.lines()
            .find(|row| row.contains(name))
            .unwrap()
            .to_owned()
    };
    assert!(row("g = grad(w)").contains('*') && !row("w = w + m").contains('*'));
}
