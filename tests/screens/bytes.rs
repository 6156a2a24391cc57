//! What a frame costs: the bytes that a terminal far away has to wait for.

use super::stage::{app, typed};
use eigenstep::tui::{
    glyphs::Charset,
    host,
    terminal::Painter,
    theme::{Background, Theme},
};
use ratatui::{Terminal, layout::Size};

/// The bytes of each frame while `key` is typed `times` times on the default screen.
fn costs(charset: Charset, (columns, rows): (u16, u16), key: &str, times: usize) -> Vec<usize> {
    let mut app = app(&[], charset, Theme::new(true, Background::Dark));
    let painter = Painter::new(Vec::new(), Size::new(columns, rows));
    let mut terminal = Terminal::new(painter).unwrap();
    let mut frame = |app: &mut _| {
        terminal.backend_mut().writer_mut().clear();
        terminal.draw(|frame| host::draw(app, frame)).unwrap();
        terminal.backend().writer().len()
    };
    frame(&mut app);
    let mut costs = Vec::new();
    for _ in 0..times {
        typed(&mut app, key);
        costs.push(frame(&mut app));
    }
    costs
}

fn median(mut costs: Vec<usize>) -> usize {
    costs.sort_unstable();
    costs[costs.len() / 2]
}

#[test]
fn a_step_costs_a_few_hundred_bytes() {
    let mut over = Vec::new();
    for (size, most) in [((80, 24), 320), ((120, 36), 440), ((200, 60), 520)] {
        for charset in [Charset::Ascii, Charset::Unicode, Charset::Braille] {
            let costs = costs(charset, size, " ", 100);
            let mean = costs.iter().sum::<usize>() / costs.len();
            let median = median(costs);
            println!("{size:?} {charset:?}: median {median}, mean {mean}");
            over.extend((median > most).then_some((size, charset, median)));
        }
    }
    assert!(over.is_empty(), "{over:?}");
}

#[test]
fn a_line_costs_less_than_a_step() {
    let line = median(costs(Charset::Ascii, (80, 24), "s", 60));
    println!("a line: {line}");
    assert!(line <= 200, "{line} bytes a line");
}
