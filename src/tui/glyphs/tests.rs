//! The glyphs that every terminal can show.

use super::*;
use ratatui::text::Span;

#[test]
fn ascii_is_seven_bit_and_printable() {
    for (name, texts) in ASCII.rows() {
        for text in texts {
            assert!(
                text.chars().all(|c| (' '..='~').contains(&c)),
                "{name} {text}"
            );
        }
    }
}

#[test]
fn glyphs_are_one_cell_wide() {
    let names = [
        "lambda", "alpha", "kappa", "eta", "beta", "delta", "rho", "sigma", "becomes", "norm_g",
    ];
    for (name, texts) in [&ASCII, &UNICODE, &BRAILLE]
        .into_iter()
        .flat_map(Glyphs::rows)
    {
        for text in texts {
            assert!(
                names.contains(&name) || Span::raw(&text).width() == 1,
                "{name} {text}"
            );
        }
    }
}

#[test]
fn frames_are_drawn_with_the_tables_borders() {
    for charset in [Charset::Ascii, Charset::Unicode, Charset::Braille] {
        let (set, glyphs) = (charset.border(), charset.glyphs());
        let corners = [
            set.top_left,
            set.top_right,
            set.bottom_left,
            set.bottom_right,
        ]
        .concat();
        let table = [
            glyphs.top_left,
            glyphs.top_right,
            glyphs.bottom_left,
            glyphs.bottom_right,
        ];
        assert_eq!(corners, table.iter().collect::<String>());
        assert_eq!(set.horizontal_top, glyphs.horizontal.to_string());
        assert_eq!(set.horizontal_bottom, glyphs.horizontal.to_string());
        assert_eq!(set.vertical_left, glyphs.vertical.to_string());
        assert_eq!(set.vertical_right, glyphs.vertical.to_string());
    }
}

#[test]
fn lanes_differ_without_colour() {
    for glyphs in [&ASCII, &UNICODE] {
        for (i, glyph) in glyphs.lanes.iter().enumerate() {
            assert!(!glyphs.lanes[..i].contains(glyph), "{glyph}");
        }
        for mark in [glyphs.now, glyphs.minimum, glyphs.start, glyphs.probe] {
            assert!(!glyphs.lanes.contains(&mark), "{mark}");
        }
    }
}

#[test]
fn every_lane_has_a_letter_of_its_own() {
    let names = ["gd", "momentum", "adam", "adam_eigen", "mm", "m", "x1", "g"];
    let letters = letters(names);
    assert_eq!(letters, ['g', 'm', 'a', 'd', '1', '2', 'x', '3']);
}

#[test]
fn the_first_locale_that_is_set_decides() {
    let detect = |all, ctype, lang| Charset::detect(None, all, ctype, lang);
    assert_eq!(detect(None, None, Some("en_GB.UTF-8")), Charset::Braille);
    assert_eq!(detect(None, None, Some("C.utf8")), Charset::Braille);
    assert_eq!(detect(None, Some("UTF-8"), None), Charset::Braille);
    assert_eq!(
        detect(None, None, Some("de_DE.Utf8@euro")),
        Charset::Braille
    );
    assert_eq!(detect(Some("C"), None, Some("en_GB.UTF-8")), Charset::Ascii);
    assert_eq!(
        detect(Some(""), Some("POSIX"), Some("en_GB.UTF-8")),
        Charset::Ascii
    );
    assert_eq!(
        detect(Some(""), Some(""), Some("en_GB.UTF-8")),
        Charset::Braille
    );
    assert_eq!(detect(None, None, Some("de_DE.ISO-8859-1")), Charset::Ascii);
    assert_eq!(detect(None, None, None), Charset::Ascii);
    assert_eq!(
        Charset::detect(Some(Charset::Ascii), None, None, Some("C.UTF-8")),
        Charset::Ascii
    );
    assert_eq!(
        Charset::detect(Some(Charset::Braille), Some("C"), None, None),
        Charset::Braille
    );
}
