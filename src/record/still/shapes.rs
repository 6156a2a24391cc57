//! Characters that are drawn and not written: frames, bars and blocks fill their cells to the edge, which
//! no font does at every size and many fonts lack.

/// Half of the thickness of a light line, in parts of the height of a cell, and of a heavy one.
const LIGHT: f64 = 0.032;
const HEAVY: f64 = 0.065;

/// A rectangle within a cell: left, top, right, bottom, in parts of its width and height.
pub type Part = [f64; 4];

/// The rectangles that make up a character, if it is one of these.
pub fn parts(character: char) -> Option<Vec<Part>> {
    let [left, middle, right] = [0.0, 0.5, 1.0];
    Some(match character {
        '─' => vec![across(left, right, LIGHT)],
        '━' => vec![across(left, right, HEAVY)],
        '⎺' => vec![scan_line(0.1)],
        '⎻' => vec![scan_line(0.3)],
        '⎼' => vec![scan_line(0.7)],
        '⎽' => vec![scan_line(0.9)],
        '│' => vec![down(left, right, LIGHT)],
        '┌' => vec![across(middle, right, LIGHT), down(middle, right, LIGHT)],
        '┐' => vec![across(left, middle, LIGHT), down(middle, right, LIGHT)],
        '└' => vec![across(middle, right, LIGHT), down(left, middle, LIGHT)],
        '┘' => vec![across(left, middle, LIGHT), down(left, middle, LIGHT)],
        '├' => vec![across(middle, right, LIGHT), down(left, right, LIGHT)],
        '┴' => vec![across(left, right, LIGHT), down(left, middle, LIGHT)],
        '┳' => vec![across(left, right, HEAVY), down(middle, right, HEAVY)],
        '╋' => vec![across(left, right, HEAVY), down(left, right, HEAVY)],
        '╌' => vec![across(0.1, 0.4, LIGHT), across(0.6, 0.9, LIGHT)],
        '┊' => (0..4)
            .map(|dash| f64::from(dash) / 4.0)
            .map(|top| down(top + 0.05, top + 0.17, LIGHT))
            .collect(),
        '█' => vec![[0.0, 0.0, 1.0, 1.0]],
        '▀' => vec![[0.0, 0.0, 1.0, 0.5]],
        '▄' => vec![[0.0, 0.5, 1.0, 1.0]],
        '▔' => vec![[0.0, 0.0, 1.0, 0.125]],
        '▁' => vec![rising(1)],
        '▂' => vec![rising(2)],
        '▃' => vec![rising(3)],
        '▅' => vec![rising(5)],
        '▆' => vec![rising(6)],
        '▇' => vec![rising(7)],
        '\u{2801}'..='\u{28ff}' => dots(u32::from(character) - 0x2800),
        '▛' => vec![[0.0, 0.0, 1.0, 0.5], [0.0, 0.5, 0.5, 1.0]],
        '▙' => vec![[0.0, 0.5, 1.0, 1.0], [0.0, 0.0, 0.5, 0.5]],
        _ => return None,
    })
}

/// A block from the bottom up, so many eighths high.
fn rising(eighths: u8) -> Part {
    [0.0, 1.0 - f64::from(eighths) / 8.0, 1.0, 1.0]
}

/// The dots of a Braille character, whose bits are numbered down the left column, then the right, the fourth row last.
fn dots(bits: u32) -> Vec<Part> {
    const PLACES: [(f64, f64); 8] = [
        (0.25, 0.125),
        (0.25, 0.375),
        (0.25, 0.625),
        (0.75, 0.125),
        (0.75, 0.375),
        (0.75, 0.625),
        (0.25, 0.875),
        (0.75, 0.875),
    ];
    // Square where a cell is about twice as tall as wide.
    const HALF: (f64, f64) = (0.14, 0.065);
    let set = (0..8).zip(PLACES).filter(|(bit, _)| bits & (1 << bit) != 0);
    set.map(|(_, (x, y))| [x - HALF.0, y - HALF.1, x + HALF.0, y + HALF.1])
        .collect()
}

/// A line across a cell at a depth of it.
fn scan_line(depth: f64) -> Part {
    [0.0, depth - LIGHT, 1.0, depth + LIGHT]
}

/// A line across the middle of a cell. Corners meet without a gap.
fn across(from: f64, to: f64, half: f64) -> Part {
    [from, 0.5 - half, to, 0.5 + half]
}

/// A line down the middle of a cell; a cell is about half as wide as it is high.
fn down(from: f64, to: f64, half: f64) -> Part {
    let half_width = 2.0 * half;
    let reach = |end: f64, by: f64| if end == 0.5 { end + by } else { end };
    [
        0.5 - half_width,
        reach(from, -half),
        0.5 + half_width,
        reach(to, half),
    ]
}

#[cfg(test)]
mod dot_tests {
    use super::*;

    #[test]
    fn a_braille_character_is_its_dots_each_in_its_corner_of_the_cell() {
        assert_eq!(parts('\u{28ff}').unwrap().len(), 8);
        assert_eq!(parts('\u{2800}'), None);
        // The dots 1 and 8: top left, bottom right.
        let corners = parts('\u{2881}').unwrap();
        assert_eq!(corners.len(), 2);
        let [left, top, right, bottom] = corners[0];
        assert!(left > 0.0 && right < 0.5 && top > 0.0 && bottom < 0.25);
        let [left, top, right, bottom] = corners[1];
        assert!(left > 0.5 && right < 1.0 && top > 0.75 && bottom < 1.0);
    }
}
