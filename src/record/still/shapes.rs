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
        '▁' => vec![[0.0, 0.875, 1.0, 1.0]],
        '▛' => vec![[0.0, 0.0, 1.0, 0.5], [0.0, 0.5, 0.5, 1.0]],
        '▙' => vec![[0.0, 0.5, 1.0, 1.0], [0.0, 0.0, 0.5, 0.5]],
        _ => return None,
    })
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
