//! Words that other programs and books have for what is here: one table, for every error about a word that is unknown.

use crate::error::suggest;

/// The kind of thing that an unknown word was meant to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MeantKind {
    /// The name of a rule.
    Rule,
    /// The name of a loss.
    Loss,
    /// A function of the language.
    Function,
    /// A flag of the command line, without its dashes.
    Flag,
    /// A first word on the command line.
    Command,
    /// A value of a flag or an argument.
    Value,
    /// A word between two expressions.
    Operator,
    /// A quantity: a variable, a setting or what is known of the run.
    Quantity,
}

/// A row: what was asked for, the word in small letters, and the next thing to do.
type Row = (MeantKind, &'static str, &'static str);

use MeantKind::{Command, Flag, Function, Loss, Operator, Quantity, Rule, Value};

/// The next thing to do for one who trains with a library that no module records.
const NO_MODULE: &str = "no module records it: in a callback, write JSON lines such as {\"t\":1,\"w\":[0.5],\"g\":[0.1]}, which `eigenstep open` and `diff` read; docs/runs.md has the format";
/// The next thing to do for one who asked for a condition where an expression stands.
const CONDITION: &str = "a condition is part of the expression: `break loss < 1 and t > 3`, `watch where(t > 3, m, 0*m)`";
/// The next thing to do for one who asked for a crossing.
const CROSSING: &str =
    "where a value crosses another, the sign of their difference changes: `watch sign(loss - 1)`";

/// The next thing to do for one who asked for a rule that has no near relative here.
const NOT_HERE: &str = "it is not bundled; `eigenstep rules` lists what is, and a rule of your own is a file: --rule NAME.rule";

#[rustfmt::skip]
const SYNONYMS: &[Row] = &[
    (Rule, "sgd", "plain gradient descent is `gd`, with momentum `momentum`; as the libraries have it: `torch/sgd`, `optax/sgd`, `keras/sgd`"),
    (Rule, "gradient_descent", "it is called `gd`"),
    (Rule, "vanilla", "plain gradient descent is `gd`"),
    (Rule, "heavy_ball", "it is called `momentum`"),
    (Rule, "heavyball", "it is called `momentum`"),
    (Rule, "nag", "it is called `nesterov`; in the libraries a setting of sgd: --rule torch/sgd --set nesterov=1 --set momentum=0.9"),
    (Rule, "signsgd", "it is called `sign`; of a smoothed gradient, `optax/signum`"),
    (Rule, "sign_sgd", "it is called `sign`; of a smoothed gradient, `optax/signum`"),
    (Rule, "averaged_sgd", "it is called `torch/asgd`"),
    (Rule, "polyak_averaging", "averages of the path: `torch/asgd`, `optax/schedule_free_sgd`"),
    (Rule, "resilient_backpropagation", "it is called `torch/rprop`"),
    (Rule, "schedule_free", "say with which steps: `optax/schedule_free_sgd`, `optax/schedule_free_adamw`"),
    (Rule, "schedulefree", "say with which steps: `optax/schedule_free_sgd`, `optax/schedule_free_adamw`"),
    (Rule, "schedulefreeadamw", "it is called `optax/schedule_free_adamw`"),
    (Rule, "follow_the_regularized_leader", "it is called `keras/ftrl`"),
    (Rule, "sgdm", "it is called `momentum`; as the libraries have it: --rule torch/sgd --set momentum=0.9"),
    (Rule, "momentum_sgd", "it is called `momentum`; as the libraries have it: --rule torch/sgd --set momentum=0.9"),
    (Rule, "sgd_momentum", "it is called `momentum`; as the libraries have it: --rule torch/sgd --set momentum=0.9"),
    (Rule, "sgd+momentum", "it is called `momentum`; as the libraries have it: --rule torch/sgd --set momentum=0.9"),
    (Rule, "lbfgs", "it is called `torch/lbfgs`; `bfgs` keeps the whole matrix"),
    (Rule, "l_bfgs", "it is called `torch/lbfgs`; `bfgs` keeps the whole matrix"),
    (Rule, "muon", "say of which library: `torch/muon`, `optax/muon`, `keras/muon`"),
    (Rule, "adafactor", "say of which library: `torch/adafactor`, `optax/adafactor`"),
    (Rule, "sophia", NOT_HERE),
    (Rule, "prodigy", NOT_HERE),
    (Rule, "soap", NOT_HERE),
    (Rule, "madgrad", NOT_HERE),
    (Rule, "shampoo", "it is called `torch/shampoo`; `adagrad_full` scales by the whole matrix"),
    (Loss, "quadratic", "give its eigenvalues: --eigenvalues 1,100"),
    (Loss, "quad", "give its eigenvalues: --eigenvalues 1,100"),
    (Loss, "banana", "it is called `rosenbrock`"),
    (Loss, "bowl", "it is called `sphere`"),
    (Loss, "mse", "least squares on a table of data is `linear`"),
    (Loss, "least_squares", "it is called `linear`"),
    (Loss, "regression", "least squares on a table of data is `linear`, with two classes `logistic`"),
    (Loss, "cross_entropy", "with two classes it is called `logistic`"),
    (Loss, "network", "a small network is `mlp`"),
    (Loss, "nn", "a small network is `mlp`"),
    (Function, "log", "the natural logarithm is `ln`"),
    (Function, "pow", "write the power as `a^b`"),
    (Function, "power", "write the power as `a^b`"),
    (Function, "square", "write the square as `a^2`"),
    (Function, "if", "write `where(cond, a, b)`"),
    (Function, "fabs", "it is called `abs`"),
    (Function, "arctan", "it is called `atan`"),
    (Function, "clip", "it is called `clamp`"),
    (Function, "avg", "it is called `mean`"),
    (Function, "average", "it is called `mean`"),
    (Function, "transposed", "it is called `transpose`"),
    (Function, "inv", "write what it is applied to: `solve(A, b)`"),
    (Function, "relu", "write `max(a, 0)`"),
    (Function, "top_k", "it is called `topk`"),
    (Function, "float32", "it is called `f32`"),
    (Function, "bfloat16", "it is called `bf16`"),
    (Function, "float16", "it is called `f16`"),
    (Function, "half", "it is called `f16`"),
    (Function, "percentile", "write `quantile(v, 0.9)`"),
    (Function, "std", "of the last k iterations: `std_over(a, k)`"),
    (Function, "hessian", "it is called `hess`"),
    (Function, "len", "the number of parameters is `n`"),
    (Function, "logistic", "it is called `sigmoid`"),
    (Function, "silu", "write `a*sigmoid(a)`"),
    (Function, "swish", "write `a*sigmoid(a)`"),
    (Function, "expm1", "write `exp(a) - 1`"),
    (Function, "exp2", "write `2^a`"),
    (Function, "log2", "write `ln(a)/ln(2)`"),
    (Function, "log10", "write `ln(a)/ln(10)`"),
    (Function, "cbrt", "write `sign(a)*abs(a)^(1/3)`"),
    (Function, "ceil", "write `-floor(-a)`"),
    (Function, "round", "write `floor(a + 0.5)`"),
    (Function, "trunc", "write `sign(a)*floor(abs(a))`"),
    (Function, "asin", "write `2*atan(a/(1 + sqrt(1 - a^2)))`"),
    (Function, "arcsin", "write `2*atan(a/(1 + sqrt(1 - a^2)))`"),
    (Function, "acos", "write `2*atan(sqrt((1 - a)/(1 + a)))`"),
    (Function, "arccos", "write `2*atan(sqrt((1 - a)/(1 + a)))`"),
    (Function, "asinh", "write `sign(a)*ln(abs(a) + sqrt(a^2 + 1))`"),
    (Function, "acosh", "write `ln(a + sqrt(a^2 - 1))`"),
    (Function, "atanh", "write `0.5*ln((1 + a)/(1 - a))`"),
    (Function, "sec", "write `1/cos(a)`"),
    (Function, "hypot", "write `sqrt(a^2 + b^2)`"),
    (Function, "softmax", "write `exp(v)/sum(exp(v))`"),
    (Function, "logsumexp", "write `max(v) + ln(sum(exp(v - max(v))))`"),
    (Function, "var", "write `mean((v - mean(v))^2)`; of the last k iterations: `std_over(a, k)^2`"),
    (Function, "variance", "write `mean((v - mean(v))^2)`; of the last k iterations: `std_over(a, k)^2`"),
    (Flag, "lr", "a step size is a setting: --set eta=0.1, with rules of the libraries --set lr=0.1"),
    (Flag, "learning-rate", "a step size is a setting: --set eta=0.1, with rules of the libraries --set lr=0.1"),
    (Flag, "step-size", "a step size is a setting: --set eta=0.1, with rules of the libraries --set lr=0.1"),
    (Flag, "optimizer", "rules are given by --rule: --rule adam"),
    (Flag, "optimiser", "rules are given by --rule: --rule adam"),
    (Flag, "optim", "rules are given by --rule: --rule adam"),
    (Flag, "algorithm", "rules are given by --rule: --rule adam"),
    (Flag, "method", "rules are given by --rule: --rule adam"),
    (Flag, "function", "a loss is given by --loss: --loss rosenbrock"),
    (Flag, "objective", "a loss is given by --loss: --loss rosenbrock"),
    (Flag, "problem", "a loss is given by --loss: --loss rosenbrock"),
    (Flag, "x0", "the start is given by --start: --start 0,0"),
    (Flag, "init", "the start is given by --start: --start 0,0"),
    (Flag, "steps", "rows of so many iterations: eigenstep trace --steps 10; in the debugger: step 10; without a terminal: eigenstep exec -e 'step 10'"),
    (Flag, "iterations", "rows of so many iterations: eigenstep trace --steps 10; in the debugger: step 10"),
    (Flag, "iters", "rows of so many iterations: eigenstep trace --steps 10; in the debugger: step 10"),
    (Flag, "max-iter", "rows of so many iterations: eigenstep trace --steps 10; in the debugger: step 10"),
    (Flag, "max-steps", "rows of so many iterations: eigenstep trace --steps 10; in the debugger: step 10"),
    (Flag, "num-steps", "rows of so many iterations: eigenstep trace --steps 10; in the debugger: step 10"),
    (Flag, "n-iter", "rows of so many iterations: eigenstep trace --steps 10; in the debugger: step 10"),
    (Flag, "tol", "the tolerance is an option of the debugger: set tolerance=1e-3; of rows: eigenstep trace --until 'loss < 1e-3'"),
    (Flag, "tolerance", "the tolerance is an option of the debugger: set tolerance=1e-3; of rows: eigenstep trace --until 'loss < 1e-3'"),
    (Flag, "dtype", "digits are given by --precision: --precision f32"),
    (Flag, "dim", "the start or the eigenvalues set the number of parameters: --eigenvalues 1,10,100"),
    (Flag, "dims", "the start or the eigenvalues set the number of parameters: --eigenvalues 1,10,100"),
    (Flag, "cond", "a quadratic is given by its eigenvalues: --eigenvalues 1,100 has kappa = 100"),
    (Flag, "epochs", "rows of so many iterations: eigenstep trace --steps 10; in the debugger: step 10"),
    (Flag, "kappa", "a quadratic is given by its eigenvalues: --eigenvalues 1,100 has kappa = 100"),
    (Flag, "condition", "a quadratic is given by its eigenvalues: --eigenvalues 1,100 has kappa = 100"),
    (Flag, "ascii", "characters are chosen by --charset: --charset ascii"),
    (Flag, "unicode", "characters are chosen by --charset: --charset unicode"),
    (Flag, "braille", "characters are chosen by --charset: --charset braille"),
    (Flag, "no-color", "colours are chosen by --color: --color never"),
    (Flag, "no-colour", "colours are chosen by --color: --color never"),
    (Flag, "colour", "it is spelt --color: --color never"),
    (Flag, "size", "the debugger takes the size of its terminal; `eigenstep snapshot` and `eigenstep record` take --size"),
    (Flag, "light", "the background is chosen by --background: --background light"),
    (Flag, "dark", "the background is chosen by --background: --background dark"),
    (Flag, "theme", "the background is chosen by --background: --background light"),
    (Flag, "out", "a file is given by -o: -o NAME"),
    (Flag, "o", "what this command prints is redirected: > NAME"),
    (Flag, "output", "a file is given by -o: -o NAME; where there is no -o, what is printed is redirected: > NAME"),
    (Flag, "csv", "trace writes it: eigenstep trace --format csv --steps 10"),
    (Flag, "tour", "it is a command: eigenstep tour"),
    (Flag, "list-rules", "it is a command: eigenstep rules"),
    (Flag, "v", "the version: eigenstep --version"),
    (Command, "run", "the debugger opens without a word: eigenstep --rule adam; without a terminal: eigenstep exec --rule adam -e continue; as rows: eigenstep trace --rule adam --steps 10"),
    (Command, "debug", "the debugger opens without a word: eigenstep --rule adam"),
    (Command, "start", "the debugger opens without a word: eigenstep --rule adam"),
    (Command, "play", "a walk is played by `eigenstep tour NAME`; `eigenstep tour` lists those that there are"),
    (Command, "demo", "`eigenstep tour` lists the tours, `eigenstep tour adam` plays one"),
    (Command, "learn", "`eigenstep tour` lists the tours, `eigenstep tour adam` plays one"),
    (Command, "tutorial", "`eigenstep tour` lists the tours, `eigenstep tour adam` plays one"),
    (Command, "example", "`eigenstep tour` lists the tours, `eigenstep --help` has examples"),
    (Command, "examples", "`eigenstep tour` lists the tours, `eigenstep --help` has examples"),
    (Command, "version", "eigenstep --version"),
    (Command, "usage", "eigenstep --help"),
    (Command, "manual", "`eigenstep man` prints it, `eigenstep COMMAND --help` a part of it; `eigenstep help WORD` explains a word of the debugger"),
    (Command, "compare", "rules side by side: eigenstep rules --compare adam torch/adam; a run with a rule: eigenstep diff RUN --against RULE"),
    (Command, "list", "`eigenstep rules` and `eigenstep losses` list what there is"),
    (Command, "optimizers", "`eigenstep rules` lists them"),
    (Command, "optimisers", "`eigenstep rules` lists them"),
    (Command, "functions", "`eigenstep losses` lists the losses, `eigenstep help functions` the functions of the language"),
    (Command, "export", "rows: eigenstep trace; a picture: eigenstep snapshot or eigenstep plot; a recording: eigenstep record"),
    (Command, "bench", "counts beside what theory predicts: eigenstep essay"),
    (Value, "keras", NO_MODULE),
    (Value, "tensorflow", NO_MODULE),
    (Value, "tf", NO_MODULE),
    (Value, "mxnet", NO_MODULE),
    (Value, "numpy", NO_MODULE),
    (Operator, "if", CONDITION),
    (Operator, "when", CONDITION),
    (Operator, "unless", CONDITION),
    (Operator, "crosses", CROSSING),
    (Operator, "cross", CROSSING),
    (Operator, "crossing", CROSSING),
    (Operator, "passes", CROSSING),
    (Operator, "changes", "`watch EXPR` stops when its value changes"),
    (Operator, "reaches", "compare: `loss <= 1e-6`"),
    (Operator, "below", "compare: `loss < 1`"),
    (Operator, "above", "compare: `loss > 1`"),
    (Operator, "is", "compare: `t == 3`"),
    (Operator, "equals", "compare: `t == 3`"),
    (Operator, "at", "a value is that of here: `goto T` goes to another iteration"),
    (Operator, "vs", "one value over another is `plot EXPR against EXPR`"),
    (Operator, "versus", "one value over another is `plot EXPR against EXPR`"),
    (Operator, "against", "one value over another is `plot EXPR against EXPR`"),
    (Quantity, "theta", "the parameters are `w`"),
    (Quantity, "params", "the parameters are `w`"),
    (Quantity, "parameters", "the parameters are `w`"),
    (Quantity, "weights", "the parameters are `w`"),
    (Quantity, "gradient", "it is called `grad`"),
    (Quantity, "hessian", "its eigenvalues are `lambda`"),
    (Quantity, "eigenvalues", "they are called `lambda`"),
    (Quantity, "errors", "along the eigenvectors they are `alpha`"),
    (Quantity, "iteration", "it is called `t`"),
    (Quantity, "iter", "it is called `t`"),
    (Quantity, "lr", "the step size is called `eta` here"),
    (Quantity, "learning_rate", "the step size is called `eta` here"),
    (Quantity, "step_size", "the step size is called `eta` here"),
    (Quantity, "eps", "the nearest to it here is `delta`"),
    (Quantity, "epsilon", "the nearest to it here is `delta`"),
    (Quantity, "exp_avg", "the first moment is called `m` here"),
    (Quantity, "exp_avg_sq", "the second moment is called `s` here"),
];

/// Functions of other languages that have neither a name nor a near relative here: no other is offered for them.
const FOREIGN: &[&str] = &[
    "atan2", "cumsum", "det", "erf", "erfc", "fft", "gamma", "gelu", "lgamma", "prod", "product",
    "rand", "randn", "random", "rank", "sinc", "sort", "std", "svd", "trace",
];

/// The next thing to do for one who asked for `word`.
#[must_use]
pub fn of(kind: MeantKind, word: &str) -> Option<&'static str> {
    let word = word.to_lowercase();
    let row = SYNONYMS.iter().find(|row| row.0 == kind && row.1 == word)?;
    Some(row.2)
}

/// As [`of`] for a quantity, where what it is called here is among the `known` names.
#[must_use]
pub fn of_quantity(word: &str, known: &[String]) -> Option<&'static str> {
    let help = of(Quantity, word)?;
    let here = help.split('`').nth(1)?;
    known.iter().any(|name| name == here).then_some(help)
}

/// True for a function that other languages have, or more like one than like any of the `known` ones.
#[must_use]
pub fn is_foreign_function(word: &str, known: &[&str]) -> bool {
    let nearest = suggest::nearest(word, FOREIGN.iter().chain(known));
    nearest.is_some_and(|near| !known.contains(&near.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_in_small_letters_and_once_each() {
        for (at, (asked, word, help)) in SYNONYMS.iter().enumerate() {
            assert_eq!(*word, word.to_lowercase());
            assert!(!help.is_empty() && !help.ends_with('.'), "{word}");
            assert!(
                SYNONYMS[..at]
                    .iter()
                    .all(|row| (row.0, row.1) != (*asked, *word)),
                "{word} twice"
            );
        }
    }
}
