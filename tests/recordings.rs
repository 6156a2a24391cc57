//! Short runs of torch's optimisers, in 32 and in 64 bits, as the recorder writes them: what happened around their steps, and
//! what `diff` says of it without being told anything. Made by `tests/recordings/generate.py`.

use std::{
    path::Path,
    process::{Command, Stdio},
};

/// The run is what its header says, and this is said beside that.
const SAME: i32 = 0;
/// The run differs from what its header says, and this is the cause.
const DIFFERS: i32 = 1;

/// Each run, whether it is what its header says, and what has to be said of it.
const RUNS: &[(&str, i32, &[&str])] = &[
    ("adagrad", SAME, &["torch/adagrad lr=0.05 lr_decay=0.01"]),
    ("adamax", SAME, &["torch/adamax lr=0.01 weight_decay=0.01"]),
    ("amsgrad-maximize", SAME, &["amsgrad=1 maximize=1"]),
    ("rmsprop-centered", SAME, &["centered=1"]),
    ("sgd-nesterov", SAME, &["nesterov=1"]),
    ("sgd-dampening", SAME, &["dampening=0.5"]),
    ("rate-by-layer", SAME, &["lr is that of each group"]),
    ("betas-rise", SAME, &["beta1"]),
    ("decay-falls", SAME, &["weight_decay"]),
    ("clipped-values", SAME, &["24 rows compared"]),
    ("nan-skipped", SAME, &["22 rows compared"]),
    ("nan-taken", SAME, &["24 rows compared"]),
    ("pruned", SAME, &["0.weight before iterations 2-24"]),
    ("unit-norm", SAME, &["a limit of 1 on its norm"]),
    (
        "checkpoint-loaded",
        SAME,
        &["0.weight, 0.bias, 2.weight, 2.bias before iteration 13"],
    ),
    (
        "weight-flipped",
        SAME,
        &["0.weight before iteration 13, element [2,3]"],
    ),
    (
        "clamped-every-4",
        SAME,
        &["(every 4th)", "a clamp to [-0.3, 0.3]"],
    ),
    ("some-coordinates", SAME, &["a clamp to [-0.3, 0.3]"]),
    (
        "two-types",
        SAME,
        &[
            "0.weight, 0.bias against torch/adamw lr=0.01: same",
            "the numbers are those of bfloat16",
            "2.weight, 2.bias against torch/adamw lr=0.01: same",
        ],
    ),
    (
        "two-types-rate",
        DIFFERS,
        &["lr=0.1; torch/sgd itself has lr=0.05"],
    ),
    (
        "rate-in-bfloat16",
        DIFFERS,
        &["The run has lr=0.04", "cannot tell lr=0.04"],
    ),
    (
        "buffer-flipped",
        DIFFERS,
        &["exp_avg_sq.2.weight before iteration 13, element [2,3]"],
    ),
    (
        "rate-of-its-own",
        DIFFERS,
        &["lr=0.013; torch/adamw itself has lr=0.01"],
    ),
    (
        "beta2-of-its-own",
        DIFFERS,
        &["beta2=0.99; torch/adamw itself has beta2=0.999"],
    ),
    (
        "decay-of-its-own",
        DIFFERS,
        &["weight_decay=0.3; torch/adamw itself has weight_decay=0.01"],
    ),
    (
        "momentum-of-its-own",
        DIFFERS,
        &["momentum=0.8; torch/sgd itself has momentum=0.9"],
    ),
    (
        "fewer-newton-steps",
        DIFFERS,
        &["torch/muon with ns_steps=4; torch/muon itself has ns_steps=5"],
    ),
    (
        "stale-gradient",
        DIFFERS,
        &["the gradient of the iteration before, in iterations 2-24"],
    ),
    (
        "gradient-doubled-in-one",
        DIFFERS,
        &["the gradient times 2, in 0.weight"],
    ),
    (
        "warm-up-late",
        DIFFERS,
        &["the lr that is stated 1 iteration before, 0 at t = 1"],
    ),
    (
        "decay-grows",
        DIFFERS,
        &["100.0 %", "weight decay of the wrong sign (w grows)"],
    ),
    ("moment-in-bfloat16", DIFFERS, &["exp_avg kept in bfloat16"]),
    ("tensor-skipped", DIFFERS, &["0.weight that never moves"]),
    ("half-a-step", DIFFERS, &["lr=0.005 on 2.weight"]),
    (
        "norm-clipped-once",
        DIFFERS,
        &["the gradient clipped to a norm of 0.1, in iteration 13 "],
    ),
    (
        "values-clipped-once",
        DIFFERS,
        &["each number of the gradient clipped to [-0.02, 0.02], in iteration 13 (line"],
    ),
    (
        "values-clipped",
        DIFFERS,
        &["each number of the gradient clipped to [-0.02, 0.02] (line"],
    ),
    (
        "stale-once",
        DIFFERS,
        &["the gradient of the iteration before, in iteration 13 "],
    ),
    (
        "doubled-once",
        DIFFERS,
        &["the gradient times 2, in iteration 13 "],
    ),
    (
        "negated-once",
        DIFFERS,
        &["the gradient negated, in iteration 13 "],
    ),
    (
        "other-gradient-once",
        DIFFERS,
        &[
            "as if another gradient than the recorded one had gone in: 0.weight, 0.bias, 2.weight, 2.bias in iteration 13 ",
        ],
    ),
    (
        "decay-late",
        DIFFERS,
        &[
            "weight_decay=0.05, in iterations 20-24 ",
            "the run states weight_decay=0.",
        ],
    ),
    (
        "rate-once",
        DIFFERS,
        &["lr=0.05, in group 2 (2.weight, 2.bias), in iteration 13 "],
    ),
    (
        "average-written",
        DIFFERS,
        &["w overwritten by its moving average with a decay of 0.9, in iteration 13;"],
    ),
    (
        "stepped-twice",
        DIFFERS,
        &["the step taken twice, in iteration 13;"],
    ),
    (
        "rests-in-turns",
        DIFFERS,
        &[
            "no update: nothing moves, in 0.weight, in iterations 4, 8, ... 24 (every 4th)",
            "in 2.bias, in iterations 3, 7, ... 23 (every 4th)",
        ],
    ),
    (
        "short-steps",
        DIFFERS,
        &["no coordinate of w moves by more than 0.005"],
    ),
    (
        "by-hand-coupled",
        DIFFERS,
        &["100.0 %", "weight decay added to the gradient (coupled)"],
    ),
    (
        "by-hand-one-beta",
        DIFFERS,
        &["100.0 %", "the second moment corrected with beta1"],
    ),
    (
        "by-hand-eps-before",
        DIFFERS,
        &[
            "100.0 %",
            "eps added to the root before the bias correction",
        ],
    ),
    (
        "by-hand-no-average",
        DIFFERS,
        &["100.0 %", "`exp_avg` that is the gradient itself"],
    ),
    (
        "by-hand-unrooted",
        DIFFERS,
        &[
            "100.0 %",
            "the root of the second moment divided by its correction without the root",
        ],
    ),
    (
        "step-keeps-norm",
        DIFFERS,
        &["100.0 %", "the step clipped to a norm of 0.02"],
    ),
    (
        "weights-shrink",
        DIFFERS,
        &["100.0 %", "w multiplied by 0.999 after the step"],
    ),
    (
        "gradients-of-unit-norm",
        DIFFERS,
        &["100.0 %", "the gradient of each tensor divided by its norm"],
    ),
    (
        "gradients-centralized",
        DIFFERS,
        &[
            "100.0 %",
            "centralized: the mean of each row taken from it, seen in 0.weight, 2.weight",
        ],
    ),
    (
        "gradients-as-signs",
        DIFFERS,
        &["100.0 %", "the sign of the gradient"],
    ),
    (
        "tensors-clipped",
        DIFFERS,
        &[
            "100.0 %",
            "the gradient of each tensor clipped to a norm of 0.05",
        ],
    ),
    (
        "tensors-keep-norm",
        DIFFERS,
        &[
            "100.0 %",
            "the update of each tensor clipped to a norm of 0.015",
        ],
    ),
    (
        "kept-nonnegative",
        DIFFERS,
        &["100.0 %", "w kept at or above 0 after the step"],
    ),
    (
        "begun-elsewhere",
        DIFFERS,
        &[
            "100.0 %",
            "initial_accumulator_value=0.5",
            "itself has initial_accumulator_value=0.1",
        ],
    ),
    (
        "state-put-back",
        DIFFERS,
        &[
            "100.0 %",
            "`step`, `exp_avg` and `exp_avg_sq` put back to what was recorded at t = 8, in iteration 17",
        ],
    ),
    (
        "all-put-back",
        DIFFERS,
        &[
            "before iteration 17 (by up to",
            ": the numbers recorded at t = 8",
            "100.0 %",
            "put back to what was recorded at t = 8, in iteration 17",
        ],
    ),
    (
        "momentum-put-back",
        DIFFERS,
        &[
            "100.0 %",
            "`momentum_buffer` put back to what was recorded at t = 8, in iteration 17",
        ],
    ),
    (
        "counter-reset",
        DIFFERS,
        &[
            "100.0 %",
            "`step` reset to its initial value, in iteration 17",
        ],
    ),
    (
        "states-exchanged",
        DIFFERS,
        &[
            "100.0 %",
            "`exp_avg` and `exp_avg_sq` of 0.weight and 2.weight exchanged, in iteration 17",
        ],
    ),
    (
        "momentum-in-float16",
        DIFFERS,
        &["100.0 %", "momentum_buffer kept in float16"],
    ),
    (
        "moment-taken-up-coarsely",
        DIFFERS,
        &[
            "100.0 %",
            "`exp_avg_sq` rounded to bfloat16 before the update (",
        ],
    ),
    (
        "moments-loaded-coarsely",
        DIFFERS,
        &[
            "100.0 %",
            "`exp_avg` and `exp_avg_sq` rounded to bfloat16 before the update, in iteration 13",
        ],
    ),
    (
        "moment-changed-before",
        DIFFERS,
        &[
            "100.0 %",
            "exp_avg_sq.2.weight before iteration 13, element [2,3] from",
        ],
    ),
];

#[test]
fn what_happened_is_told_from_what_was_recorded() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/recordings");
    for (name, code, says) in RUNS {
        for bits in [32, 64] {
            let output = Command::new(env!("CARGO_BIN_EXE_eigenstep"))
                .current_dir(&folder)
                .args(["diff", &format!("{name}-{bits}.eig.gz")])
                .stdin(Stdio::null())
                .output()
                .unwrap();
            let said = String::from_utf8(output.stdout).unwrap();
            assert_eq!(output.status.code(), Some(*code), "{name}-{bits}: {said}");
            for says in *says {
                assert!(said.contains(says), "{name}-{bits}: {says}\n{said}");
            }
        }
    }
}

/// Whoever names the rule gets the cause that whoever leaves it to the header gets.
#[test]
fn a_rule_that_is_named_is_looked_into_like_the_headers() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/recordings");
    for bits in [32, 64] {
        let output = Command::new(env!("CARGO_BIN_EXE_eigenstep"))
            .current_dir(&folder)
            .args(["diff", &format!("by-hand-coupled-{bits}.eig.gz")])
            .args(["--against", "torch/adamw"])
            .args(["--set", "lr=0.01", "--set", "weight_decay=0.1"])
            .args(["--set", "eps=1e-5"])
            .output()
            .unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        let cause = "100.0 %  The run has weight decay added to the gradient (coupled)";
        assert!(said.contains(cause), "{said}");
        assert!(said.contains("With that, torch/adamw with these settings leads"));
    }
}

#[test]
fn two_runs_are_told_apart_by_the_settings_that_they_state() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/recordings");
    let output = Command::new(env!("CARGO_BIN_EXE_eigenstep"))
        .current_dir(&folder)
        .args(["diff", "sgd-dampening-32.eig.gz", "sgd-nesterov-32.eig.gz"])
        .output()
        .unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let states = "the runs state other settings: dampening=0.5 and 0; weight_decay=0 and 0.01; nesterov=0 and 1";
    assert!(said.contains(states), "{said}");
    // In units of the last place of 32-bit floats, in which the numbers were kept.
    let row = said.lines().find(|it| it.contains(" 1  0.weight[1,1] "));
    assert!(row.unwrap().ends_with(" 182707"), "{said}");
}

/// Runs of a GPU, the settings that they are held against, and whether they are the same. A GPU adds up in an order of its
/// own, which turns last places of 16-bit numbers, and rounds the factors of matrix products.
const OF_A_GPU: &[(&str, &[&str], i32)] = &[
    ("adam-capturable", &[], SAME),
    ("adamw-fused-scaled", &[], SAME),
    ("sgd-fused", &[], SAME),
    ("muon", &[], SAME),
    ("muon", &["torch/muon", "lr=0.021"], DIFFERS),
    ("muon", &["torch/muon", "lr=0.02", "ns_steps=4"], DIFFERS),
    ("optax-adamw", &[], SAME),
    ("optax-muon", &[], SAME),
    (
        "optax-muon",
        &["optax/muon", "learning_rate=0.0103"],
        DIFFERS,
    ),
];

#[test]
fn runs_of_a_gpu_are_no_other_rule() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/recordings_gpu");
    for (name, against, code) in OF_A_GPU {
        let mut command = Command::new(env!("CARGO_BIN_EXE_eigenstep"));
        command.args(["diff", "--no-diagnosis", &format!("{name}.eig.gz")]);
        let flags = ["--against"].into_iter().chain(std::iter::repeat("--set"));
        for (flag, value) in flags.zip(*against) {
            command.args([flag, value]);
        }
        let output = command.current_dir(&folder).output().unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        let told = String::from_utf8_lossy(&output.stderr);
        assert_eq!(
            output.status.code(),
            Some(*code),
            "{name} {against:?}: {said}{told}"
        );
    }
}

/// The recordings in a folder.
fn recordings(folder: &str) -> Vec<String> {
    let files = std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(folder));
    let mut found: Vec<String> = files
        .unwrap()
        .filter_map(|it| it.unwrap().file_name().into_string().ok())
        .filter(|it| it != "generate.py")
        .collect();
    found.sort();
    found
}

#[test]
fn each_recording_has_its_line() {
    let found = recordings("tests/recordings");
    let mut of_a_gpu: Vec<String> = OF_A_GPU
        .iter()
        .map(|it| format!("{}.eig.gz", it.0))
        .collect();
    of_a_gpu.sort();
    of_a_gpu.dedup();
    assert_eq!(recordings("tests/recordings_gpu"), of_a_gpu);
    let each = RUNS
        .iter()
        .flat_map(|(name, ..)| [32, 64].map(|bits| format!("{name}-{bits}.eig.gz")));
    let mut listed: Vec<String> = each.collect();
    listed.sort();
    assert_eq!(found, listed);
}
