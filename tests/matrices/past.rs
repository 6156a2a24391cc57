//! Rings of past values, truth values, other shapes, random numbers: what a line of a rule makes of them.

use super::{compiled, loss};
use eigenstep::{
    debugger::{Machine, Position},
    error::Source,
    lang::eval::NoAnswers,
    rule::{Rule, Tensor},
    value::Value,
};
use std::sync::Arc;

fn machine(head: &str, step: &str, start: &[f64]) -> Machine {
    let compiled = compiled(head, step, start.len()).unwrap_or_else(|error| panic!("{error}"));
    let settings: Vec<f64> = compiled.settings.iter().map(|it| it.default).collect();
    Machine::new(compiled, &loss(start.len()), None, &settings, start)
}

fn after(machine: &Machine, name: &str) -> Vec<f64> {
    let compiled = machine.compiled();
    machine.value(compiled.variable(name).unwrap()).to_vec()
}

fn refused(head: &str, step: &str) -> String {
    compiled(head, step, 3).map_or_else(|error| error, |_| panic!("{step} is no error"))
}

#[test]
fn a_ring_keeps_the_last_values_the_newest_first() {
    let head = "param kept = 3 in [1, 9] \"k\"\nstate R = ring(kept, w) \"r\"\nstate q = ring(kept, 7) \"q\"";
    let step = "w = w + 1; R = push(R, w); q = push(q, t); old = past(R, 2); gone = past(q, t + 3); first = past(q, kept)";
    let mut machine = machine(head, step, &[1.0, 5.0]);
    assert_eq!(after(&machine, "R"), [1.0, 5.0, 1.0, 5.0, 1.0, 5.0]);
    for _ in 0..2 {
        machine.iterate();
    }
    assert_eq!(after(&machine, "R"), [3.0, 7.0, 2.0, 6.0, 1.0, 5.0]);
    assert_eq!(after(&machine, "old"), [2.0, 6.0]);
    assert_eq!(after(&machine, "q"), [2.0, 1.0, 7.0]);
    assert_eq!(after(&machine, "first"), [7.0]);
    assert!(after(&machine, "gone")[0].is_nan());
}

#[test]
fn misuse_of_rings_is_told_at_its_place() {
    for (head, step, told) in [
        (
            "state R = ring(0, w) \"r\"",
            "w = w",
            "cannot keep 0 values",
        ),
        (
            "state R = ring(1.5, w) \"r\"",
            "w = w",
            "cannot keep 1.5 values",
        ),
        (
            "state R = ring(w[1], w) \"r\"",
            "w = w",
            "known before the run",
        ),
        (
            "state R = ring(3, w) \"r\"",
            "w = push(R, 1)",
            "keeps vectors of 3, but this is a scalar",
        ),
        (
            "state R = ring(3, 0) \"r\"",
            "w = push(R, w)",
            "keeps numbers, but this is a vector of 3",
        ),
        (
            "state R = ring(3, eye(2)) \"r\"",
            "w = w",
            "where a number or vector is needed",
        ),
        (
            "state R = ring(3, w) \"r\"",
            "w = past(R, w)",
            "where a single number is needed",
        ),
        ("", "w = past(1, 1)", "where a ring is needed"),
        (
            "param kept = 2 + 0*t in [1, 9] \"k\"\nstate R = ring(kept, w) \"r\"",
            "w = w",
            "follows `t`",
        ),
    ] {
        let error = refused(head, step);
        assert!(error.contains(told), "{step}: {error}");
        assert!(error.contains("my.rule"), "{step}: {error}");
    }
}

#[test]
fn truth_values_are_variables_by_element() {
    let head = "state seen = false \"s\"";
    let step = "big = w > 2; seen = seen or any(big); none = not seen; w = where(big, w - 1, w)";
    let mut machine = machine(head, step, &[1.0, 4.0]);
    let value = |machine: &Machine, name: &str| {
        let variable = machine.compiled().variable(name).unwrap();
        variable.value(machine.value(variable))
    };
    assert_eq!(value(&machine, "seen"), Value::Truth(false));
    machine.iterate();
    assert_eq!(value(&machine, "big"), Value::Truths(vec![false, true]));
    assert_eq!(value(&machine, "seen"), Value::Truth(true));
    assert_eq!(value(&machine, "none"), Value::Truth(false));
    assert_eq!(machine.w(), [1.0, 3.0]);
    for (head, step, told) in [
        (
            "",
            "c = w > 1; w = w*c",
            "`c` is a truth value, where a number is needed",
        ),
        (
            "",
            "w = w > 1",
            "`w` is a number, but this is a truth value",
        ),
        (
            "state s = 0 \"s\"",
            "s = w > 1; w = w",
            "`s` is a number, but this is a truth value",
        ),
        (
            "state s = false \"s\"",
            "s = 1; w = w",
            "`s` is a truth value, but this is a number",
        ),
        (
            "",
            "c = w > 1; c = w; w = w",
            "`c` is a truth value, but this is a number",
        ),
        ("", "w = where(w, 1, 2)", "where a truth value is needed"),
    ] {
        let error = refused(head, step);
        assert!(error.contains(told), "{step}: {error}");
    }
}

#[test]
fn values_take_other_shapes_row_by_row() {
    let step =
        "A = reshape(w, 2, 3); B = transpose(A); v = reshape(B, n); u = reshape(B, w); w = w";
    let mut machine = machine("", step, &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
    machine.iterate();
    assert_eq!(after(&machine, "A"), [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
    assert_eq!(after(&machine, "B"), [1.0, 4.0, 2.0, 5.0, 3.0, 6.0]);
    assert_eq!(after(&machine, "v"), after(&machine, "B"));
    assert_eq!(after(&machine, "u"), after(&machine, "B"));
    for (step, told) in [
        (
            "w = reshape(w, 2, 3)",
            "3 elements do not make a 2x3 matrix",
        ),
        ("w = reshape(w, 4)", "3 elements do not make a vector of 4"),
        ("w = reshape(w, 0)", "0 is not a number of elements"),
        ("w = reshape(w, w[1], 3)", "known before the run"),
        ("w = reshape(w, 1.5, 2)", "no number of rows or columns"),
    ] {
        let error = refused("", step);
        assert!(error.contains(told), "{step}: {error}");
    }
}

/// A tensor of four axes as one matrix, made orthogonal to itself and put back.
#[test]
fn tensors_of_many_axes_become_one_matrix_each() {
    let text = "rule mine \"r\"\nstep for each tensor\n  F = reshape(w, axis(w, 1), size(w)/axis(w, 1))\n  \
                P = F @ transpose(F)\n  G = P @ F\n  w = reshape(G, w)\n";
    let rule = Arc::new(Rule::parse(&Source::new("my.rule", text)).unwrap());
    let tensor = |name: &str, shape: &[usize], from: usize| Tensor {
        name: name.into(),
        shape: shape.to_vec(),
        range: from..from + shape.iter().product::<usize>(),
        is_norm: false,
    };
    let tensors = [
        tensor("conv", &[2, 1, 2, 2], 0),
        tensor("fc", &[2, 3], 8),
        tensor("b", &[2], 14),
    ];
    let compiled = rule.over(&tensors).compile(16);
    let compiled = Arc::new(compiled.map_err(|error| error.to_string()).unwrap());
    let start: Vec<f64> = (0..16).map(|k| f64::from(k % 5) - 1.5).collect();
    let mut arena = compiled.arena(&[], &start);
    compiled.program.run_all(&mut arena, &mut NoAnswers);
    let w = &arena[compiled.variable("w").unwrap().range.clone()];
    for (rows, columns, from) in [(2, 4, 0), (2, 3, 8), (2, 1, 14)] {
        let f = |r: usize, c: usize| start[from + r * columns + c];
        for r in 0..rows {
            for c in 0..columns {
                let p = |r: usize, k: usize| (0..columns).map(|j| f(r, j) * f(k, j)).sum::<f64>();
                let wanted: f64 = (0..rows).map(|k| p(r, k) * f(k, c)).sum();
                let found = w[from + r * columns + c];
                assert!((found - wanted).abs() < 1e-12, "{found} and {wanted}");
            }
        }
    }
}

#[test]
fn random_numbers_are_those_of_seed_t_line_and_element() {
    let head = "param seed = 3 in [0, inf) \"s\"";
    let step = "u = uniform(seed, w); v = uniform(seed, w); z = normal(seed, 0*w) + normal(seed, 0*w); w = w + 0";
    let start = [0.5; 6];
    let mut all = machine(head, step, &start);
    all.iterate();
    let first = after(&all, "u");
    assert!(first.iter().all(|it| (0.0..1.0).contains(it)));
    let mut distinct = [first.clone(), after(&all, "v"), after(&all, "z")].concat();
    all.iterate();
    distinct.extend(after(&all, "u"));
    let count = distinct.len();
    distinct.sort_by(f64::total_cmp);
    distinct.dedup();
    assert_eq!(distinct.len(), count, "no number comes twice");
    // By lines, and from the beginning again: the same bits.
    let mut lines = machine(head, step, &start);
    while lines.position() != (Position { t: 1, line: 0 }) {
        lines.line();
    }
    assert_eq!(after(&lines, "u"), first);
    // The bits are the same on every machine.
    let of_seed = |seed: f64| {
        let compiled = compiled(head, step, 6).unwrap();
        let mut machine = Machine::new(compiled, &loss(6), None, &[seed], &start);
        machine.iterate();
        after(&machine, "u")
    };
    assert_eq!(of_seed(3.0), first);
    assert_ne!(of_seed(4.0), first);
    assert!(refused("", "w = uniform(w, w)").contains("where a single number is needed"));
    for seed in ["1.5", "1/0", "2^60", "-0.5"] {
        for f in ["uniform", "normal"] {
            let said = refused("", &format!("w = {f}({seed}, w)"));
            assert!(
                said.contains("is no seed") && said.contains("a whole number below 2^53"),
                "{said}"
            );
        }
    }
    for place in ["0", "1.5", "4", "-1"] {
        let said = refused(
            "state R = ring(3, w) \"r\"",
            &format!("R = push(R, w); w = past(R, {place})"),
        );
        assert!(
            said.contains("keeps no value of number") && said.contains("to 3"),
            "{said}"
        );
    }
    assert!(
        refused("state s = uniform(1, w) \"s\"", "w = w")
            .contains("can be called in the lines of a rule only")
    );
}

#[test]
fn lines_that_settings_decide_on_are_there_or_not() {
    let head = "param most = 0 in [0, inf) \"m\"\nparam eta = 1 in [0, inf) \"e\"";
    let step = "g = w; if most > 0;  g = clamp(g, -most, most); w = w - eta*g";
    let off = compiled(head, step, 3).unwrap();
    assert_eq!((off.lines.len(), off.settings.len()), (2, 1));
    assert!(off.program.is_elementwise());
    let on = Arc::new(
        off.rule
            .with_value("most", "0.5")
            .unwrap()
            .compile(3)
            .unwrap(),
    );
    assert_eq!(on.lines.len(), 3);
    let mut machine = Machine::new(on, &loss(3), None, &[1.0], &[0.2, 2.0, -3.0]);
    machine.iterate();
    assert_eq!(machine.w(), [0.0, 1.5, -2.5]);
    for (step, told) in [
        (
            "if most;  g = w; w = w",
            "whether lines run is a truth value",
        ),
        ("if t > 3;  g = w; w = w", "cannot depend on `t`"),
        ("if w > 3;  g = w; w = w", "cannot depend on `w`"),
        ("if most > 0; w = w", "no lines below it"),
    ] {
        let error = refused(head, step);
        assert!(error.contains(told), "{step}: {error}");
    }
}

#[test]
fn norms_are_of_each_tensor_or_of_all() {
    let tensor = |name: &str, range: std::ops::Range<usize>| Tensor {
        name: name.into(),
        shape: vec![range.len()],
        range,
        is_norm: false,
    };
    for words in ["step", "step for each tensor"] {
        let text = format!(
            "rule mine \"r\"\n{words}\n  a = norm_by_tensor(w)\n  b = norm_of_all(w)\n  w = 0*w + a\n"
        );
        let rule = Arc::new(Rule::parse(&Source::new("my.rule", text)).unwrap());
        let rule = rule.over(&[tensor("a", 0..2), tensor("b", 2..3)]);
        let compiled = Arc::new(rule.compile(3).unwrap());
        let mut arena = compiled.arena(&[], &[3.0, 4.0, 12.0]);
        compiled.program.run_all(&mut arena, &mut NoAnswers);
        let of = |name: &str| arena[compiled.variable(name).unwrap().range.clone()].to_vec();
        assert_eq!((of("w"), of("b")), (vec![5.0, 5.0, 12.0], vec![13.0]));
    }
}

/// Of many normal numbers, mean and variance are those of the distribution, within five standard errors.
#[test]
fn normal_numbers_are_normal() {
    let start = vec![0.0; 10_000];
    let mut machine = machine("", "z = normal(1, w); w = w", &start);
    machine.iterate();
    let z = after(&machine, "z");
    let mean = z.iter().sum::<f64>() / 1e4;
    let variance = z.iter().map(|it| it * it).sum::<f64>() / 1e4;
    let above = z.iter().filter(|it| **it > 1.0).count();
    assert!(mean.abs() < 0.05 && (variance - 1.0).abs() < 0.08);
    assert!(
        (1400..1780).contains(&above),
        "{above} of 10000 above one deviation"
    );
}
