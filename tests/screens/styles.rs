//! Colour, modifiers and finer characters.

use super::stage::{app, drawn, styles, text, typed};
use eigenstep::tui::{
    glyphs::Charset,
    theme::{Ground, Theme},
};
use insta::assert_snapshot;

fn dump(charset: Charset, colour: bool, ground: Ground, size: (u16, u16), keys: &str) -> String {
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
        dump(Charset::Ascii, true, Ground::Dark, size, "9n")
    );
    assert_snapshot!(
        "colour_light",
        dump(Charset::Ascii, true, Ground::Light, size, "9n")
    );
}

#[test]
fn without_colour_modifiers_and_characters_tell_everything_apart() {
    assert_snapshot!(
        "mono_lanes",
        dump(Charset::Ascii, false, Ground::Dark, (80, 24), LANES)
    );
}

#[test]
fn finer_characters_where_the_locale_has_them() {
    assert_snapshot!(
        "unicode_120x36",
        dump(Charset::Unicode, false, Ground::Dark, (120, 36), LANES)
    );
    assert_snapshot!(
        "braille_120x36",
        dump(Charset::Braille, false, Ground::Dark, (120, 36), LANES)
    );
}
