//! Settings in a header that its rule does not have: those that change no update, and those that do.

use crate::{
    error::{Error, ErrorCode, Result},
    rule::Rule,
    runs::{Run, stated_settings},
};
use serde_json::Value;

/// What a setting does that is none of a rule's.
struct Other {
    /// Its name in a header.
    name: &'static str,
    /// The values for which each update is the rule's; null and false are among them in any case.
    neutral: Neutral,
    /// What to do where it has another one.
    help: &'static str,
}

/// Values that change no update.
enum Neutral {
    /// Any: how it is computed, or what somebody else goes by.
    All,
    /// These words or numbers.
    These(&'static [&'static str]),
}

/// A setting that changes no update.
const fn passed(name: &'static str) -> Other {
    Other {
        name,
        neutral: Neutral::All,
        help: "",
    }
}

const fn other(name: &'static str, neutral: &'static [&'static str], help: &'static str) -> Other {
    Other {
        name,
        neutral: Neutral::These(neutral),
        help,
    }
}

/// Every setting that is known by its name.
const KNOWN: &[Other] = &[
    // torch: how an update is computed.
    passed("foreach"),
    passed("fused"),
    passed("capturable"),
    passed("differentiable"),
    // Rows of evaluations know nothing of how many there may be.
    passed("max_iter"),
    passed("max_eval"),
    // AdamW is that; other rules that may be have the setting.
    passed("decoupled_weight_decay"),
    // What schedulers note in a group.
    passed("initial_lr"),
    passed("swa_lr"),
    passed("max_lr"),
    passed("min_lr"),
    passed("base_momentum"),
    passed("max_momentum"),
    passed("min_momentum"),
    // What others sort groups and tensors by.
    passed("name"),
    passed("param_names"),
    passed("use_muon"),
    passed("lr_scale"),
    // Of SAM, whose inner optimiser takes the step.
    passed("rho"),
    passed("adaptive"),
    passed("exclude_embeddings"),
    passed("exclude_layers"),
    // Where axes lie, which is settled with the shapes.
    passed("data_format"),
    // The averages that Keras keeps are its own until they are put in the place of the weights.
    passed("use_ema"),
    passed("ema_momentum"),
    other(
        "ema_overwrite_frequency",
        &[],
        "Keras puts averages in the place of the weights: note those as params_before in the row of the next step",
    ),
    other(
        "loss_scale_factor",
        &["1"],
        "log as g what the step uses: the gradient divided by loss_scale_factor; then leave it out of the header",
    ),
    other(
        "gradient_accumulation_steps",
        &["1"],
        "log a row for each update, with the mean of the gradients as g; then leave it out of the header",
    ),
    other(
        "every_k_schedule",
        &["1"],
        "log a row for each update, with the mean of the gradients as g; then leave it out of the header",
    ),
    other(
        "preconditioning",
        &["frobenius"],
        "write a rule that has it: eigenstep rules optax/muon prints one to begin with",
    ),
    other("weight_decay", &["0"], WRITE_ONE),
    other("maximize", &["0"], WRITE_ONE),
    other("amsgrad", &["0"], WRITE_ONE),
    other("nesterov", &["0"], WRITE_ONE),
    other("momentum", &["0"], WRITE_ONE),
    other("dampening", &["0"], WRITE_ONE),
    other("clipnorm", &["0"], WRITE_ONE),
    other("clipvalue", &["0"], WRITE_ONE),
    other("global_clipnorm", &["0"], WRITE_ONE),
];

const WRITE_ONE: &str = "hold it against a rule that has it: --against NAME or FILE";

/// The settings of the header of `run` that `rule` does not have and nothing is known of, as `NAME=VALUE`.
///
/// # Errors
/// One is known to make other updates than those of the rule.
pub(super) fn unknown(run: &Run, rule: &Rule) -> Result<Vec<String>> {
    let mut unknown: Vec<String> = Vec::new();
    for (name, value) in stated_settings(run.header.as_ref()) {
        let is_own = |own: &str| rule.declaration(own).is_some();
        // A pair `betas` is `beta1` and `beta2`.
        let first = format!("{}1", name.trim_end_matches('s'));
        if is_own(&name) || value.is_array() && (is_own(&first) || is_own(&format!("{name}1"))) {
            continue;
        }
        let text = match &value {
            Value::String(word) => word.clone(),
            Value::Bool(on) => u8::from(*on).to_string(),
            Value::Number(number) => number
                .as_f64()
                .map_or_else(String::new, |it| it.to_string()),
            other => other.to_string(),
        };
        let known = KNOWN.iter().find(|it| it.name == name);
        let is_off = value.is_null() || value == Value::Bool(false);
        match known.map(|it| (&it.neutral, it.help)) {
            Some((Neutral::All, _)) => {}
            Some((Neutral::These(values), _)) if is_off || values.contains(&text.as_str()) => {}
            Some((Neutral::These(_), help)) => {
                let message = format!(
                    "`{}` was made with {name}={text}, which {} does not have",
                    run.name, rule.name
                );
                return Err(Error::plain(ErrorCode::InvalidValue, message).help(help));
            }
            None => {
                let told = format!("{name}={text}");
                if !value.is_null() && !unknown.contains(&told) {
                    unknown.push(told);
                }
            }
        }
    }
    Ok(unknown)
}
