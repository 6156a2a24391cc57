//! The words and marks that a screen shows, each with its meaning: for `help`, and for the legend of a pane.

/// A word or a mark, or several that mean the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GlossaryEntry {
    /// The part of the screen that shows it; `screen` for what stands around the panes, `help` for words about them all.
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
        ["contour", "level", "lines"] => "lines of equal loss over two parameters; the number on a line is its height above the lowest loss";
        ["@", "o", "now"] => "the current w of the lane in focus; o: the iterates just before";
        ["start", "S"] => "the starting point; marked S, or + with finer characters";
        ["steps", "newest", "joined"] => "newest steps joined: lines connect the last 12 to 17 iterates, older ones are dots";
        ["x", "min", "least"] => "the minimum that errors are counted from, where one is known";
        ["*", "●"] => "beside a value: the last step changed it; in the picture: a recent iterate of lane 1";
        ["_", "/", "\\", "─", "╱", "╲", "⎺", "⎻", "⎼", "⎽"] => "a piece of a level line: the loss is the same all along it";
        ["arrow", "<", "→", "←", "↖", "↗", "↘", "↙"] => "the end of an arrow: a vector of the rule at w, with its name beside it";
        ["'"] => "an iterate in the upper half of a cell; . one in the lower half, : one in each";
        ["┤", "tick"] => "a round number on the upright axis";
        ["through"] => "the plane shown goes through w, not through the minimum";
        ["probe", "?", "◇"] => "where the current iteration evaluated a gradient";
    }
    "source" {
        ["source", "rule", ".rule"] => "the update rule: its lines run from top to bottom in every iteration";
        [">", "▸"] => "the line that runs next; in a list: the one in focus";
        ["[", "]", "[]"] => "a value from the previous iteration: its line has not run yet in this one (dim where there is colour)";
        ["B", "b", "○"] => "a line with a breakpoint; b: it is disabled";
        ["!", "✎", "edited"] => "a setting that has been changed since the start";
        ["w1", "w2", "w3", "w", "parameters"] => "the parameters: w1 is the first element of a variable, w2 the second";
        ["bias", "correction", "corrects"] => "1/(1 - beta^t): a moment that starts at 0 is too small by this factor, which falls to 1 as it fills";
        ["median", "q10", "q90"] => "half of the elements lie below this value; q10 and q90: a tenth and nine tenths do";
        ["max"] => "the largest element of a vector; min: the smallest";
        ["▁", "▃", "▅", "▇"] => "a history: the size of an element over the run, a bar for each stretch of iterations";
        ["spread"] => "a histogram of a vector's elements: eight bars from the smallest to the largest";
        ["by"] => "the columns are sorted by the size of this vector, the largest first: `view sort`";
        ["effective"] => "the factor by which the step multiplies each element of the moment";
        ["look", "ahead", "distance"] => "look-ahead distance: how far from w the gradient is evaluated";
        ["squared", "smoothed", "gradient"] => "smoothed: averaged over the last iterations, recent ones weighing most; squared: element by element";
        ["moment"] => "an exponentially decaying average of gradients (first moment) or of their squares (second moment)";
    }
    "eigen" {
        ["eigen", "eigenvectors", "eigenvalue"] => "the Hessian's eigenvectors: along each of them a quadratic loss is a separate parabola";
        ["lambda", "λ"] => "an eigenvalue of the Hessian: the curvature along its eigenvector";
        ["alpha", "α"] => "the error along an eigenvector: the component of w - w*";
        ["theory", "~theory"] => "the error that theory predicted for now; ~: with the scales of a few iterations ago";
        ["ratio"] => "the factor by which the last iteration multiplied the error";
        ["r"] => "the factor by which theory says an iteration multiplies the error; where it rings, the factor of its amplitude";
        ["at", "u'H(w)u"] => "at w: the curvature along the eigenvector where the run is, which r and the word after it go with; lambda is that at the minimum";
        ["eta_lambda"] => "the step per gradient that a steady gradient leads to, times the curvature at w: gradient descent is stable below 2, momentum below 2 (1 + beta)/(1 - beta)";
        ["edge"] => "the curvature relative to the largest stable one: above 1 the step is too long and errors grow";
        ["unstable"] => "the step is beyond the edge of stability";
        ["ring", "rings", "ringing"] => "the error oscillates about 0 and shrinks; the number is the period, in iterations";
        ["flips", "flipping"] => "the error changes sign in every iteration, and shrinks";
        ["monotone", "decays"] => "the error shrinks and keeps its sign";
        ["diverges"] => "the error grows";
        ["shot"] => "one shot: the error vanishes in one iteration";
        ["still"] => "the error stays as it is";
        ["constant"] => "the steps do not depend on the error for now: they do not shrink on the way to the minimum";
        ["swings"] => "the error moves to and fro by steps that do not shrink";
        ["minimum", "known", "no"] => "known: given by the loss; found: located numerically; without a minimum there are no errors alpha";
        ["i"] => "the number of an eigenvector, eigenvalues ascending";
        ["bar", "=", "|", "▆", "│"] => "the error as a bar: its side is the sign, a cell is about half a decade";
        ["▶", "◀"] => "the bar goes further than there is room for";
    }
    "plot" {
        ["plot", "curve", "curves"] => "values over the iterations; a letter is a value that was computed, a dot lies ahead of t or is theory";
        ["log"] => "logarithmic axis: equal distances are equal factors";
        ["signed", "symlog"] => "logarithmic on both sides of 0, and linear around it";
        ["^", "▲", "↑"] => "the iteration shown; beside the loss: it rose";
        [".", "·"] => "ahead of t: already run, known without a run, or predicted by theory";
        ["dots", "▀", "▐", "▞", "▌", "▖", "▗", "▘", "▚", "▛", "▜", "▝", "▟", "▙", "▄", "█"] => "a curve or a path in dots finer than cells: 2 by 2 in a cell, in Braille 2 by 4";
        [":", "┊"] => "connects a value with the one before it, or with 0";
        ["band", "\"", "▒"] => "the last N values of a noisy curve lie, eight tenths of them, within the shaded stretch; the curve in it is their median: `plot loss band 20`";
        ["phase", "portrait"] => "one value against another, without t: a spiral into a point is an oscillation that is damped, a circle one that is not";
        ["period"] => "iterations in one full oscillation";
        ["first", "second"] => "first moment: the average of gradients; second moment: the average of their squares";
        ["step", "size"] => "the length of the step along each parameter for a moment of 1";
        ["velocity"] => "the step that momentum takes: a fraction of the previous one plus a gradient step";
        ["length"] => "the square root of the sum of squares";
        ["speed", "against", "plain"] => "speed against a plain step: how many steps of gradient descent the velocity is worth";
        ["of"] => "of m: the factor on m; of w2: of the second parameter";
    }
    "loss" {
        ["loss"] => "the function that is minimised, at w of each lane";
        ["above"] => "how far the loss is above the lowest one";
        ["+", "×", "crossing"] => "on the zero line: the error changes sign here; in the contour: the start";
        ["envelope"] => "two curves that bound the oscillation: they close by the factor r in each iteration";
        ["tolerance", "-", "╌"] => "a line across: the loss that counts as converged, or 0";
    }
    "modes" {
        ["modes", "mode"] => "the eigenvalues of one iteration: in the long run an error is multiplied by their modulus each time";
        ["radius"] => "the largest modulus among them: below 1 errors shrink in the long run";
        ["circle"] => "the unit circle: modes inside it shrink, those outside grow";
        ["held", "scales"] => "scales held: as if the second moments stayed as they are";
        ["grows"] => "the most that errors can grow before they shrink, and after how many iterations (+)";
    }
    "tensors" {
        ["tensors", "tensor", "shape"] => "the arrays that the parameters of a recorded run are parts of, each with its lengths along every axis";
        ["|dw|/|w|", "dw", "|dw|"] => "the length of the last step of a tensor, relative to that of its parameters before";
        ["|dw|/|g|"] => "the effective step size of a tensor: the length of its last step by that of the gradient that it used";
        ["rate"] => "the learning rate of a tensor, by its group";
        ["off"] => "the largest difference between the rule's parameters and the recorded ones, relative to the largest parameter";
        ["finite", "not"] => "not finite: how many elements of parameters, gradient and buffers are NaN or infinite";
        ["zeros", "zero"] => "the share of parameters that are 0";
        ["recorded"] => "what a run on file says, beside what the rule computes: `recorded.w`";
    }
    "lanes" {
        ["lanes", "lane"] => "the runs on one loss, in lockstep; tab switches to the next";
        ["touched"] => "the first t at which the loss reached the tolerance";
        ["since"] => "the t from which the loss has stayed below the tolerance";
        ["grads"] => "how many gradients the run has evaluated";
        ["ended"] => "the run cannot go on: a value is not finite, w left the bound, or a recording is over";
    }
    "sweep" {
        ["map", "until", "iterations", "stays", "within"] => "a map of a sweep: the iterations until the loss has come to the tolerance for good, in at most so many";
        ["never", "blank"] => "a run of a sweep that has not come to the tolerance in the iterations it had";
        ["arrows", "move", "opens", "closes", "esc"] => "keys over a map: arrows choose a run, enter opens it as a lane, esc closes the map";
    }
    "screen" {
        ["t"] => "the number of completed iterations, or that of the current one within an iteration";
        ["line"] => "line 3/6: inside an iteration, line 3 of 6 is next";
        ["|g|", "‖g‖", "‖", "norm"] => "the length of a vector, the square root of the sum of its squared elements; |g|: that of the gradient";
        ["kappa", "κ"] => "the condition number: the largest eigenvalue over the smallest";
        ["eta", "η"] => "the step size, in rules that call it eta";
        ["v", "↓"] => "the loss fell in the last step";
        ["eigenstep", "on"] => "RULE on LOSS: what is being debugged";
        ["stop", "stops"] => "active breaks, watches and traces";
        ["timeline", "━"] => "the bar below: thick for iterations behind t, thin for those already run ahead of it";
        ["tour", "tours"] => "a guided session, told in captions: `tour` lists them, `tour NAME` begins one";
        ["ask", "question"] => "a question of a tour: `tour answer VALUE` is held against the run";
        ["what", "is", "this"] => "the key ? explains what is in focus, and every word around it";
        ["space", "enter"] => "keys: space runs an iteration, enter explains the line at the cursor";
        ["command"] => "the key : opens a line for commands; help lists them";
        ["~", "…"] => "something is cut off here";
        ["unknown"] => "nothing that is known says: a recorded run without its loss, or a claim whose premises were not checked";
    }
    "help" {
        ["bounds"] => "what theory proves of the best factor per iteration for a condition number k: gradient descent cannot pass (k-1)/(k+1), momentum (sqrt k-1)/(sqrt k+1)";
        ["bars"] => "the errors along the eigenvectors, as bars: t shows what theory predicts in their place";
        ["lockstep"] => "all lanes run an iteration at a time together; one that has ended waits";
        ["braille", "unicode", "ascii", "characters"] => "the charset: X switches to coarser characters, --charset NAME begins with one";
        ["color", "colour", "background"] => "--color never is without colours, --background light for light terminals; the config file has both";
        ["session", "journal", "resume"] => "what was typed, noted as it is done: `save FILE` writes it, `eigenstep --resume` continues one that was cut off";
        ["walk"] => "a text file of commands and captions, as the tours are: `eigenstep check FILE` runs it, `eigenstep record FILE -o NAME.cast` records it";
        ["claim", "premises"] => "a statement on the run with what it presupposes and a number that checks it: `info claims`";
        ["legend"] => "the words and marks of the pane in focus, each with its meaning: the key ? shows it; help WORD explains any word or mark on the screen";
        ["screen"] => "from the top: the header, the panes, a line on what just happened, the timeline, the caption of a tour, and answers or keys";
        ["header"] => "the first line: the rule and the loss, t, the loss here, the gradient's norm, the step size";
        ["footer"] => "the last line: the keys that fit, until something is answered there";
        ["caption", "captions"] => "the text of a tour under the panes; space goes on, backspace goes back";
        ["pane", "panes"] => "a part of the screen: alt-1 to alt-8 show one, z shows it alone, `view pane NAME` switches it on or off";
        ["popup", "┌", "┐", "└", "┘"] => "a text over the panes: up and down scroll it, any other key closes it";
        ["stopped"] => "a run has come to a break, a watch, the tolerance or its end";
        ["prompt"] => "the line that : opens: tab completes, up and down recall earlier lines, esc leaves";
        ["config", "config.toml"] => "keys and appearance are set in eigenstep/config.toml below $XDG_CONFIG_HOME or ~/.config, or in --config FILE; flags win";
        ["hatching", "hole", "░"] => "the loss is not finite there; in a map of a sweep: the run diverged";
        ["diff"] => "`eigenstep diff RUN --against RULE` compares a recorded run with a rule and reports where they first differ, and why";
        ["essay"] => "`eigenstep essay` runs the experiments of the essay that the example follows, and prints what they show";
    }
}

/// The terms that `word` names, in any of their forms.
pub fn find(word: &str) -> impl Iterator<Item = &'static GlossaryEntry> + '_ {
    // Every parameter is what w1 is.
    let number = word.strip_prefix('w').unwrap_or_default();
    let is_parameter = number.bytes().all(|it| it.is_ascii_digit()) && !number.is_empty();
    let word = if is_parameter { "w1" } else { word };
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
