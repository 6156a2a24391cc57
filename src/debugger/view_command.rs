//! `view ...`: what a screen may be told. The debugger only reads it; a front end does it.

use schemars::JsonSchema;
use serde::Serialize;
use std::path::PathBuf;

/// The file that a recording goes to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Destination {
    /// Its path.
    pub path: PathBuf,
    /// Whether one that is there already is replaced.
    pub insists: bool,
}

/// A change of what is shown, and how.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ViewCommand {
    /// Magnify the contour by this factor (below 1: shrink).
    Zoom(f64),
    /// Move the contour's window by these fractions of it, right and up.
    Pan(f64, f64),
    /// Put the window back to follow the run.
    Fit,
    /// Show just this window: from and to, horizontally and vertically.
    Window([f64; 4]),
    /// Show the plane of these two coordinates (from 1).
    Plane(usize, usize, Through),
    /// Show the plane of these two eigenvectors (from 1).
    EigenPlane(usize, usize, Through),
    /// Show this pane and turn to it.
    Pane(String),
    /// Hide this pane.
    Hide(String),
    /// Give all room to one pane, or to all of them again.
    Maximise(Option<String>),
    /// Scroll the pane in focus by so many lines.
    Scroll(i64),
    /// Set or clear a break at the cursor of the source pane.
    BreakHere,
    /// Move the cursor of the source pane.
    Cursor(i64),
    /// Write out the line under the cursor with its numbers.
    ExpandHere,
    /// Turn to the lane so many further on.
    Lane(i64),
    /// Change what the curves show: the loss, or the components of the error, linear or by decades.
    Curve,
    /// Let what theory says of errors come before bars, or after them, where there is no room for both.
    Theory,
    /// Show the last map again, or hide it.
    Sweep,
    /// Show the keys.
    Keys,
    /// Draw everything again.
    Redraw,
    /// Give the terminal back to the shell for a while.
    Suspend,
    /// Begin to record the screen into this file; without one, end it.
    Record(Option<Destination>),
    /// Tours.
    Tour(TourCommand),
}

/// What is asked of a tour.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TourCommand {
    /// Tell which there are.
    List,
    /// Begin this one; the session is put aside.
    Begin(String),
    /// Go on to the next caption.
    Next,
    /// Return to where the tour was left.
    Resume,
    /// End it, and go back to the session that was put aside.
    End,
}

/// Where a plane of more than two parameters lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Through {
    /// It goes through the minimum in force.
    #[default]
    Minimum,
    /// It goes through `w`, and with it.
    Here,
}

/// The panes, as they are named in commands, in the order of their numbers.
pub const PANES: [&str; 5] = ["contour", "source", "eigen", "loss", "lanes"];

/// How `view` is called.
pub const USAGE: &[(&str, &str)] = &[
    ("zoom in|out|FACTOR", "magnify the contour"),
    ("pan left|right|up|down", "move the contour's window"),
    ("fit", "let the window follow the run again"),
    ("window X0 X1 Y0 Y1", "show just this window"),
    (
        "plane I J [through w]",
        "show the plane of two coordinates, through the minimum or through w",
    ),
    (
        "plane eigen I J [through w]",
        "show the plane of two eigenvectors",
    ),
    (
        "pane NAME",
        "show contour, source, eigen, loss or lanes, and turn to it",
    ),
    ("hide NAME", "hide a pane"),
    ("max [NAME]", "give all room to one pane, or back"),
    ("scroll N", "scroll the eigenvalues"),
    ("cursor N", "move the cursor of the source"),
    ("break", "set or clear a break at the cursor"),
    (
        "expand",
        "write out the line at the cursor with its numbers",
    ),
    ("lane N", "turn to the lane N further on"),
    (
        "curve",
        "show the loss, or the components of the error, over t",
    ),
    (
        "theory",
        "let the eigen pane show what theory expects, or bars, where not both fit",
    ),
    ("sweep", "show the last sweep's map again, or hide it"),
    ("keys", "show the keys"),
    ("redraw", "draw everything again"),
    ("suspend", "give the terminal back to the shell for a while"),
];

impl ViewCommand {
    /// Reads the words after `view`.
    ///
    /// # Errors
    /// What is wrong, and with which word (by its number from 0).
    pub fn parse(words: &[&str]) -> Result<Self, (usize, String)> {
        let number = |at: usize| -> Result<f64, (usize, String)> {
            let word = words
                .get(at)
                .ok_or((at, "expected a number here".to_owned()))?;
            let value: f64 = word
                .parse()
                .map_err(|_| (at, format!("`{word}` is not a number")))?;
            if value.is_finite() {
                Ok(value)
            } else {
                Err((at, format!("`{word}` is not a finite number")))
            }
        };
        let index = |at: usize| -> Result<usize, (usize, String)> {
            let word = words
                .get(at)
                .ok_or((at, "expected an index here".to_owned()))?;
            match word.parse() {
                Ok(index) if index > 0 => Ok(index),
                _ => Err((at, format!("`{word}` is not an index: they count from 1"))),
            }
        };
        let whole = |at: usize| -> Result<i64, (usize, String)> {
            let word = words
                .get(at)
                .ok_or((at, "expected a whole number here".to_owned()))?;
            word.parse()
                .map_err(|_| (at, format!("`{word}` is not a whole number")))
        };
        let pane = |at: usize| pane(words, at);
        let (command, used) = match words.first().copied() {
            Some("zoom") => match words.get(1).copied() {
                Some("in") => (Self::Zoom(1.5), 2),
                Some("out") => (Self::Zoom(1.0 / 1.5), 2),
                _ => match number(1)? {
                    factor if factor > 0.0 => (Self::Zoom(factor), 2),
                    _ => return Err((1, "a factor is larger than 0".into())),
                },
            },
            Some("pan") => match words.get(1).copied() {
                Some("left") => (Self::Pan(-0.1, 0.0), 2),
                Some("right") => (Self::Pan(0.1, 0.0), 2),
                Some("up") => (Self::Pan(0.0, 0.1), 2),
                Some("down") => (Self::Pan(0.0, -0.1), 2),
                _ => return Err((1, "pan left, right, up or down".into())),
            },
            Some("fit") => (Self::Fit, 1),
            Some("window") => {
                let window = [number(1)?, number(2)?, number(3)?, number(4)?];
                if window[0] >= window[1] || window[2] >= window[3] {
                    return Err((1, "a window runs from a smaller to a larger number".into()));
                }
                (Self::Window(window), 5)
            }
            Some("plane") if words.get(1) == Some(&"eigen") => {
                let (through, used) = through(words, 4)?;
                (Self::EigenPlane(index(2)?, index(3)?, through), used)
            }
            Some("plane") => {
                let (through, used) = through(words, 3)?;
                (Self::Plane(index(1)?, index(2)?, through), used)
            }
            Some("pane") => (Self::Pane(pane(1)?), 2),
            Some("hide") => (Self::Hide(pane(1)?), 2),
            Some("max") if words.len() == 1 => (Self::Maximise(None), 1),
            Some("max") => (Self::Maximise(Some(pane(1)?)), 2),
            Some("scroll") => (Self::Scroll(whole(1)?), 2),
            Some("cursor") => (Self::Cursor(whole(1)?), 2),
            Some("lane") => (Self::Lane(whole(1)?), 2),
            Some("curve") => (Self::Curve, 1),
            Some("theory") => (Self::Theory, 1),
            Some("sweep") => (Self::Sweep, 1),
            Some("keys") => (Self::Keys, 1),
            Some("redraw") => (Self::Redraw, 1),
            Some("suspend") => (Self::Suspend, 1),
            Some("break") => (Self::BreakHere, 1),
            Some("expand") => (Self::ExpandHere, 1),
            Some(other) => return Err((0, format!("`view {other}` is unknown"))),
            None => return Err((0, "view what?".into())),
        };
        if let Self::Plane(i, j, _) | Self::EigenPlane(i, j, _) = command
            && i == j
        {
            return Err((used - 1, "a plane needs two different indices".into()));
        }
        match words.get(used) {
            Some(_) => Err((used, "nothing may follow here".into())),
            None => Ok(command),
        }
    }
}

/// What a plane goes through, by the words from `at` on, and how many words there are up to there.
fn through(words: &[&str], at: usize) -> Result<(Through, usize), (usize, String)> {
    match (words.get(at).copied(), words.get(at + 1).copied()) {
        (Some("through"), Some("w")) => Ok((Through::Here, at + 2)),
        (Some("through"), Some("minimum")) => Ok((Through::Minimum, at + 2)),
        (Some("through"), _) => Err((at + 1, "a plane goes through w or through minimum".into())),
        _ => Ok((Through::Minimum, at)),
    }
}

/// The pane that the word at `at` names, or its number.
fn pane(words: &[&str], at: usize) -> Result<String, (usize, String)> {
    let word = words
        .get(at)
        .ok_or((at, "expected a pane's name here".to_owned()))?;
    let by_number = word
        .parse::<usize>()
        .ok()
        .and_then(|number| PANES.get(number.wrapping_sub(1)));
    match by_number.or_else(|| PANES.iter().find(|pane| *pane == word)) {
        Some(pane) => Ok((*pane).to_owned()),
        None => Err((
            at,
            format!("there is no pane `{word}`; panes: {}", PANES.join(", ")),
        )),
    }
}
