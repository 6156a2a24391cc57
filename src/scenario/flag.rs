//! The flags of a scenario: one table, for the command line, files, walks and the manual.

use super::{Scenario, Target};
use crate::{format::exact, loss, rule};
use serde::Serialize;
use std::collections::BTreeMap;

/// A row of the table.
pub struct Flag {
    /// The name without dashes, also the key of a scenario's file.
    pub name: &'static str,
    /// Older names, which go on working.
    pub aliases: &'static [&'static str],
    /// The placeholder of its value in help.
    pub value: &'static str,
    /// One line on what it sets, with its default.
    pub doc: &'static str,
    /// The form of its value.
    pub form: ValueForm,
    /// The part of the scenario that it belongs to.
    pub part: FlagGroup,
    /// True for a value that is the path of a file.
    pub(super) is_path: fn(&str) -> bool,
    pub(super) slot: fn(&Scenario) -> &dyn FlagSlot,
    pub(super) slot_mut: fn(&mut Scenario) -> &mut dyn FlagSlot,
}

/// The form of a value, on a command line and in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValueForm {
    /// Names of rules: the flag is repeated; in a file a text, or a list of them.
    Rules,
    /// `NAME=EXPR`: the flag is repeated; in a file a table.
    Settings,
    /// A text, in quotes in a file.
    Text,
    /// A finite number.
    Number,
    /// Numbers between commas; a list in a file.
    Numbers,
    /// A whole number from 0.
    Count,
    /// Whole numbers between commas; a list in a file.
    Counts,
    /// 0 or 1; true or false in a file.
    Truth,
}

/// A part of a scenario.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FlagGroup {
    /// The rules and their settings.
    Rule,
    /// A loss by name, file or formula.
    Loss,
    /// A quadratic by its eigenvalues.
    Quadratic,
    /// The table that a loss is fitted to, and how.
    Data,
    /// The place where runs start.
    Start,
    /// The gradients that the rules see.
    Gradient,
    /// The numbers that lanes compute with.
    Precision,
}

impl FlagGroup {
    /// True if its flags describe the function that is minimised.
    #[must_use]
    pub fn describes_loss(self) -> bool {
        matches!(self, Self::Loss | Self::Quadratic | Self::Data)
    }
}

/// The value of a flag.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub(super) enum FlagValue {
    Text(String),
    Number(f64),
    Numbers(Vec<f64>),
    #[serde(serialize_with = "super::toml::whole_number")]
    Count(u64),
    Counts(Vec<u64>),
    Truth(bool),
}

impl FlagValue {
    /// As the command line has it.
    fn to_text(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Number(value) => exact(*value),
            Self::Numbers(values) => join(values.iter().map(|value| exact(*value))),
            Self::Count(count) => count.to_string(),
            Self::Counts(counts) => join(counts.iter().map(u64::to_string)),
            Self::Truth(truth) => u8::from(*truth).to_string(),
        }
    }
}

fn join(words: impl Iterator<Item = String>) -> String {
    words.collect::<Vec<_>>().join(",")
}

/// The place in a scenario that a flag fills.
pub(super) trait FlagSlot {
    /// The value, or nothing where it has its default.
    fn get(&self) -> Option<FlagValue>;
    /// Fills it with a value of its form; others are ignored.
    fn put(&mut self, value: FlagValue);
    /// Goes back to its default.
    fn clear(&mut self);
    /// As the command line has it, the flag repeated for each.
    fn texts(&self) -> Vec<String> {
        self.get().iter().map(FlagValue::to_text).collect()
    }
}

/// Slots that hold values of one form, or nothing.
macro_rules! optional {
    ($($type:ty, $form:ident, $get:expr, $put:expr;)*) => {$(
        impl FlagSlot for Option<$type> {
            fn get(&self) -> Option<FlagValue> {
                self.as_ref().map($get).map(FlagValue::$form)
            }
            fn clear(&mut self) {
                *self = Self::default();
            }
            fn put(&mut self, value: FlagValue) {
                if let FlagValue::$form(value) = value {
                    *self = Some($put(value));
                }
            }
        }
    )*};
}

optional! {
    String, Text, String::clone, std::convert::identity;
    f64, Number, |value: &f64| *value, std::convert::identity;
    Vec<f64>, Numbers, Vec::clone, std::convert::identity;
    bool, Truth, |value: &bool| *value, std::convert::identity;
    Vec<usize>, Counts, |counts: &Vec<usize>| counts.iter().map(|it| *it as u64).collect(), sizes;
}

fn sizes(counts: Vec<u64>) -> Vec<usize> {
    counts.into_iter().map(size).collect()
}

/// A count as a size; one beyond what the machine can address is refused wherever it is used.
fn size(count: u64) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}

/// Slots that hold a number, with 0 for the default.
macro_rules! from_zero {
    ($($type:ty, $form:ident, $get:expr, $put:expr;)*) => {$(
        impl FlagSlot for $type {
            fn get(&self) -> Option<FlagValue> {
                (*self != <$type>::default()).then_some(FlagValue::$form($get(*self)))
            }
            fn clear(&mut self) {
                *self = Self::default();
            }
            fn put(&mut self, value: FlagValue) {
                if let FlagValue::$form(value) = value {
                    *self = $put(value);
                }
            }
        }
    )*};
}

from_zero! {
    f64, Number, std::convert::identity, std::convert::identity;
    u64, Count, std::convert::identity, std::convert::identity;
    usize, Count, |count| count as u64, size;
}

impl FlagSlot for Vec<String> {
    fn get(&self) -> Option<FlagValue> {
        None
    }
    fn clear(&mut self) {
        *self = Self::default();
    }
    fn put(&mut self, value: FlagValue) {
        if let FlagValue::Text(text) = value {
            self.push(text);
        }
    }
    fn texts(&self) -> Vec<String> {
        self.clone()
    }
}

impl FlagSlot for BTreeMap<Target, String> {
    fn get(&self) -> Option<FlagValue> {
        None
    }
    fn clear(&mut self) {
        *self = Self::default();
    }
    /// Settings come with their places, see [`Scenario::apply`].
    fn put(&mut self, _: FlagValue) {}
    fn texts(&self) -> Vec<String> {
        self.iter()
            .map(|(target, value)| format!("{target}={value}"))
            .collect()
    }
}

fn never(_: &str) -> bool {
    false
}

fn always(_: &str) -> bool {
    true
}

/// The rows: name (and older ones), field, form, part, which values are paths, what stands for the value, what it sets.
macro_rules! flags {
    ($($name:literal $(($($alias:literal),*))? $field:ident $form:ident $part:ident $is_path:path, $value:literal, $doc:literal;)*) => {
        /// Every flag of a scenario, in the order in which help lists them.
        pub static FLAGS: &[Flag] = &[$(Flag {
            name: $name,
            aliases: &[$($($alias),*)?],
            value: $value,
            doc: $doc,
            form: ValueForm::$form,
            part: FlagGroup::$part,
            is_path: $is_path,
            slot: |scenario| &scenario.$field,
            slot_mut: |scenario| &mut scenario.$field,
        }),*];
    };
}

#[rustfmt::skip]
flags! {
    "rule" rules Rules Rule rule::is_file, "NAME|FILE.rule", "An update rule; repeat it to run several side by side [default: adam]";
    "set" settings Settings Rule never, "[RULE.]NAME=EXPR", "The value of a setting, for one rule or all; EXPR may use eta_opt eta_max kappa lambda[i] n pi, and t: then it is a schedule";
    "loss" loss Text Loss loss::is_file, "NAME|FILE.loss|FORMULA", "A loss by name or file, or a formula in w[i] (x y z are the first three) [default: valley]";
    "eigenvalues" eigenvalues Numbers Quadratic never, "L1,L2,...", "A quadratic with these eigenvalues, or by a law, as 1..100:log:10 [default: 1,100]";
    "matrix" matrix Text Quadratic always, "FILE", "A quadratic with this Hessian: a symmetric matrix, a row on each line";
    "rotate" rotate Number Quadratic never, "DEG", "Rotation of the quadratic (n = 2), in degrees [default: 0]";
    "rotation-seed" rotation_seed Count Quadratic never, "N", "A random rotation of the eigenvectors, for any n, by this seed [default: 0, none]";
    "rotate-start" rotate_start Truth Quadratic never, "0|1", "Rotate the start about the minimum with the quadratic [default: 0]";
    "minimum" minimum Numbers Quadratic never, "W1,W2,...", "The minimum of the quadratic [default: 0.8,0.6]";
    "start" start Numbers Start never, "W1,W2,...", "The starting point; for a formula, it also sets the number of parameters";
    "data" data Text Data always, "FILE.csv", "The table for --loss linear, logistic or mlp [default: 150 bundled synthetic seedlings]";
    "target" target Text Data never, "COLUMN", "The column to predict from all the others";
    "standardise" standardise Truth Data never, "0|1", "Standardise the feature columns [default: 1]";
    "ridge" ridge Number Data never, "R", "L2 penalty: adds R/2 times the squared weights to a loss on data [default: 0]";
    "hidden" hidden Counts Data never, "N1,N2,...", "Sizes of the hidden layers of --loss mlp [default: 3]";
    "batch" batch Count Gradient never, "ROWS", "Mini-batch size (rows sampled afresh for each gradient) [default: all]";
    "noise" noise Number Gradient never, "SIGMA", "Standard deviation of normal noise on each gradient element [default: 0]";
    "grad-dropout" ("dropped") grad_dropout Number Gradient never, "P", "Probability of zeroing each gradient element [default: 0]";
    "precision" precision Text Precision never, "P[,P...]", "Precision of all lanes, or of each: bf16, f32, f64, or decimal digits up to 71 [default: f64]";
    "seed" seed Count Gradient never, "N", "Random seed for noise, batches and network initialisation [default: 0]";
}

/// The flags that say how a screen looks, which files of scenarios have too.
pub const LOOKS: [&str; 3] = ["charset", "color", "background"];

/// The name of the look called `name`, which may be an older one.
#[must_use]
pub fn find_look(name: &str) -> Option<&'static str> {
    let name = if name == "ground" { "background" } else { name };
    LOOKS.into_iter().find(|look| *look == name)
}

/// The row of `name`, which may be an older one.
#[must_use]
pub fn find(name: &str) -> Option<&'static Flag> {
    let fits = |flag: &&Flag| flag.name == name || flag.aliases.contains(&name);
    FLAGS.iter().find(fits)
}

/// The names of all flags.
pub fn names() -> impl Iterator<Item = &'static str> + Clone {
    FLAGS.iter().map(|flag| flag.name)
}

impl std::fmt::Debug for Flag {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "--{}", self.name)
    }
}
