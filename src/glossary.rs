//! The words and marks that a screen shows, each with its meaning: for `help`, and for the legend of a pane.

/// A word or a mark, or several that mean the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GlossaryEntry {
    /// The part of the screen that shows it; `screen` for what stands around the panes.
    pub part: &'static str,
    /// The word, first as it is written in ASCII; then other forms of it.
    pub names: &'static [&'static str],
    /// The meaning.
    pub about: &'static str,
}

macro_rules! terms {
    ($( $part:literal { $( $names:expr => $about:literal; )* } )*) => {
        /// Every term, those of a pane in the order in which its legend has them.
        pub const TERMS: &[GlossaryEntry] = &[ $( $( GlossaryEntry { part: $part, names: &$names, about: $about }, )* )* ];
    };
}

#[rustfmt::skip]
terms! {
    "contour" {
        ["contour", "level", "lines"] => "lines of equal loss over two parameters; the number on a line is its height above the least loss";
        ["@", "o", "now"] => "w of the lane in focus, now; o: iterates just before";
        ["start", "S"] => "where the runs start; its mark is S, or + in finer characters";
        ["steps", "newest", "joined"] => "newest steps joined: lines between the last 12 to 17 iterates, dots for older ones";
        ["x", "min", "least"] => "the minimum that errors are counted from, where one is known";
        ["*", "●"] => "beside a value: the last step changed it; in the picture: a recent iterate of lane 1";
        ["_", "/", "\\", "─", "¯", "╱", "╲"] => "a piece of a level line: the loss is the same all along it";
        ["arrow", "<", "→", "←", "↖", "↗", "↘", "↙"] => "the end of an arrow: a vector of the rule at w, with its name beside it";
        ["'"] => "an iterate in the upper half of a cell; . one in the lower half, : one in each";
        ["┤", "tick"] => "a round number on the upright axis";
        ["through"] => "the plane shown goes through w, not through the minimum";
        ["probe", "?", "◇"] => "where the running iteration asked for a gradient";
    }
    "source" {
        ["source", "rule", ".rule"] => "the update rule: its lines run from top to bottom in every iteration";
        [">", "▸"] => "the line that runs next; in a list: the one in focus";
        ["[", "]", "[]"] => "a value of the iteration before: its line has not run yet in this one (dim where there is colour)";
        ["B", "b", "○"] => "a line with a break; b: it is disabled";
        ["!", "✎", "edited"] => "a setting that was changed since the start";
        ["w1", "w2", "w3", "w"] => "the parameters: w1 is the first element of a variable, w2 the second";
        ["bias", "correction", "corrects"] => "1/(1 - beta^t): a moment that began at 0 is too small by this factor, and falls behind less and less";
        ["median", "q10", "q90"] => "the value that half of the elements lie below; q10 and q90: a tenth, and nine tenths";
        ["max"] => "the largest element of a vector; min: the smallest";
        ["▂", "▄", "▆"] => "a history: the size of an element over the run, a bar for each stretch of iterations";
        ["spread"] => "how the elements of a vector lie between the smallest and the largest: a bar for each eighth of that stretch";
        ["by"] => "the columns are sorted by the size of this vector, the largest first: `view sort`";
        ["effective"] => "the factor on each element of the moment in the step";
        ["moment"] => "an average of gradients (first moment) or of their squares (second moment) that forgets by a decay";
    }
    "eigen" {
        ["eigen", "eigenvectors", "eigenvalue"] => "the Hessian's eigenvectors: along each of them a quadratic loss is a parabola of its own";
        ["lambda", "λ"] => "an eigenvalue of the Hessian: the curvature along its eigenvector";
        ["alpha", "α"] => "the error along an eigenvector: the component of w - w*";
        ["theory", "~theory"] => "the error that theory expected by now; with ~ for the scales that were in force a few iterations ago";
        ["ratio"] => "the factor by which the last iteration multiplied the error";
        ["r"] => "the factor by which an iteration multiplies the error in theory; where the error rings, the factor of its swing";
        ["edge"] => "the curvature's share of the largest stable one: above 1 the step is too long and errors grow";
        ["unstable"] => "the step is beyond the edge of stability";
        ["ring", "rings", "ringing"] => "the error swings about 0 and shrinks; the number is the period, in iterations";
        ["flips", "flipping"] => "the error changes its sign in every iteration, and shrinks";
        ["monotone", "decays"] => "the error shrinks and keeps its sign";
        ["diverges"] => "the error grows";
        ["shot"] => "one shot: the error vanishes in one iteration";
        ["still"] => "the error stays as it is";
        ["constant"] => "the steps do not hang on the error";
        ["minimum", "known"] => "known: the loss says where its minimum is; found: a search came to it; no minimum known: no errors either";
        ["i"] => "the number of an eigenvector, eigenvalues ascending";
        ["bar", "=", "|", "█", "│"] => "the error as a bar: its side is the sign, a cell is about half a decade";
    }
    "plot" {
        ["plot", "curve", "curves"] => "values over the iterations; a letter is a value that was run, a dot lies ahead of t or is theory";
        ["log"] => "the axis counts decades: equal distances are equal factors";
        ["signed", "symlog"] => "the axis counts decades on both sides of 0, and is linear about it";
        ["^", "▲", "↑"] => "the iteration shown; beside the loss: it rose";
        [".", "·"] => "ahead of t: run already, known without a run, or expected by theory";
        ["dots", "▀", "▐", "▞", "▌", "▖", "▗", "▘", "▚", "▛", "▜", "▝", "▟", "▙"] => "a curve or a path in dots finer than cells: 2 by 2 in a cell, in Braille 2 by 4";
        [":", "┊"] => "from a value to the one before it, or to 0";
        ["period"] => "iterations of one full swing";
        ["first", "second"] => "first moment: the average of gradients; second moment: that of their squares";
        ["step", "size"] => "the length of the step along each parameter for a moment of 1";
        ["velocity"] => "the step that momentum takes: a share of the one before, and one along the gradient";
        ["length"] => "the root of the sum of squares";
        ["speed", "against", "plain"] => "speed against a plain step: how many steps of gradient descent the velocity is worth";
        ["of"] => "of m: the factor on m; of w2: of the second parameter";
    }
    "loss" {
        ["loss"] => "the function that is minimised, at w of each lane";
        ["above"] => "how far the loss is above the least one";
        ["+", "×", "crossing"] => "on the line of 0: the error changes its sign here; in the contour: the start";
        ["envelope"] => "two lines that the swings keep between: they close by the factor r in each iteration";
        ["tolerance", "-", "╌"] => "a line across: the loss that counts as converged, or 0";
    }
    "lanes" {
        ["lanes", "lane"] => "the runs on one loss, in lockstep; tab switches to the next";
        ["touched"] => "the first t at which the loss came down to the tolerance";
        ["since"] => "the t from which the loss has stayed below the tolerance";
        ["grads"] => "how many gradients the run has asked for";
        ["ended"] => "the run cannot go on: it left the numbers or the loss's bounds";
    }
    "screen" {
        ["t"] => "the iteration: how many are done, or the number of the one under way";
        ["line"] => "line 3/6: inside an iteration, line 3 of 6 is next";
        ["|g|", "‖g‖", "‖", "norm"] => "the length of a vector, the root of the sum of its squares; |g|: of the gradient";
        ["kappa", "κ"] => "the condition number: the largest over the smallest eigenvalue";
        ["eta", "η"] => "the step size, where a rule calls it so";
        ["v", "↓"] => "the loss fell in the last step";
        ["eigenstep", "on"] => "RULE on LOSS: what is debugged";
        ["stop", "stops"] => "active breaks, watches and traces";
        ["timeline", "━"] => "the bar below: thick for iterations behind t, thin for those that were run and lie ahead";
        ["what", "is", "this"] => "the key ? explains what is in focus, and every word around it";
        ["space", "enter"] => "keys: space runs an iteration, enter explains the line at the cursor";
        ["command"] => "the key : opens a line for commands; help lists them";
        ["~", "…"] => "something is cut off here";
    }
}

/// The terms that `word` names, in any of their forms.
pub fn find(word: &str) -> impl Iterator<Item = &'static GlossaryEntry> + '_ {
    TERMS.iter().filter(move |term| term.names.contains(&word))
}

/// The terms of a pane.
pub fn of_part(part: &str) -> impl Iterator<Item = &'static GlossaryEntry> + '_ {
    TERMS.iter().filter(move |term| term.part == part)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn a_name_is_explained_once() {
        let mut seen = HashSet::new();
        for name in TERMS.iter().flat_map(|term| term.names) {
            assert!(seen.insert(name), "{name} has two meanings");
        }
    }
}
