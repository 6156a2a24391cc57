//! Every size, every pane: nothing panics, and ASCII is ASCII.

use super::stage::{app, drawn, plain_app, text, typed};
use eigenstep::tui::{
    glyphs::Charset,
    panes::{Pane, Panes},
    theme::{Background, Theme},
};

/// Stories that between them bring every part of the screen up.
const STORIES: [(&[&str], &str); 8] = [
    (&[], "7n"),
    (
        &["rule=adam", "rule=momentum", "rule=gd"],
        "40n12g:set eta=0.01<enter>9n",
    ),
    (&["eigenvalues=1,2,3,4,5,6,7,8,9"], "3nss"),
    (
        &["eigenvalues=4", "start=3", "rule=gd", "set=eta=0.1"],
        "5n",
    ),
    (&["loss=x + y", "start=0,0", "rule=gd", "set=eta=0.1"], "5n"),
    (&["rule=gd", "set=eta=1.5*eta_max"], "400n"),
    (&["loss=rosenbrock"], "9n?"),
    (&[], "5n:break los<enter>"),
];

#[test]
fn no_size_of_the_terminal_panics_and_ascii_is_7_bit() {
    let sizes = [
        (1, 1),
        (2, 1),
        (1, 2),
        (3, 3),
        (5, 2),
        (10, 4),
        (20, 5),
        (39, 9),
        (39, 10),
        (40, 9),
        (40, 10),
        (41, 11),
        (59, 15),
        (60, 15),
        (59, 16),
        (60, 16),
        (61, 17),
        (79, 23),
        (80, 24),
        (81, 25),
        (100, 30),
        (119, 36),
        (120, 36),
        (132, 43),
        (200, 60),
        (300, 20),
        (20, 100),
        (500, 8),
        (8, 200),
        (500, 200),
    ];
    for (flags, keys) in STORIES {
        let mut app = plain_app(flags);
        typed(&mut app, keys);
        for size in sizes {
            let shown = text(&drawn(&mut app, size));
            assert!(shown.is_ascii(), "{size:?}\n{shown}");
        }
        typed(&mut app, ":print mm<tab>");
        for size in sizes {
            assert!(text(&drawn(&mut app, size)).is_ascii(), "{size:?}");
        }
    }
}

#[test]
fn no_size_of_a_pane_panics() {
    for charset in [Charset::Ascii, Charset::Braille] {
        for (flags, keys) in STORIES {
            let mut app = app(flags, charset, Theme::new(true, Background::Dark));
            typed(&mut app, keys);
            for pane in Pane::all() {
                app.look.show_only(Panes::of([pane]));
                app.look.focus = pane;
                app.look.maximised = true;
                // Around the pane stand header, tabs, timeline and message.
                for columns in (40..=62).step_by(3) {
                    // Each width with every other height, odd and even by turns.
                    for rows in (10 + columns % 2..=24).step_by(2) {
                        drawn(&mut app, (columns, rows));
                    }
                }
            }
        }
    }
}
