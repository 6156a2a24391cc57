//! The language: what it computes, and how it refuses.

use eigenstep::{
    error::Source,
    loss::{Formula, Loss},
    rule::Rule,
};
use std::sync::Arc;

fn formula(text: &str, n: usize) -> Result<Formula, String> {
    Formula::new(&Source::new("<loss>", text), n).map_err(|error| error.to_string())
}

fn value(text: &str, w: &[f64]) -> f64 {
    let formula = formula(text, w.len()).unwrap_or_else(|error| panic!("{error}"));
    formula.evaluator().value(w)
}

fn refusal(text: &str, n: usize) -> String {
    match formula(text, n) {
        Ok(_) => panic!("`{text}` was accepted"),
        Err(error) => error,
    }
}

fn rule(text: &str, n: usize) -> Result<(), String> {
    let source = Source::new("my.rule", text);
    let rule = Rule::parse(&source).map_err(|error| error.to_string())?;
    Arc::new(rule)
        .compile(n)
        .map(|_| ())
        .map_err(|error| error.to_string())
}

fn rule_refusal(text: &str, n: usize) -> String {
    match rule(text, n) {
        Ok(()) => panic!("accepted:\n{text}"),
        Err(error) => error,
    }
}

#[test]
fn operators_bind_as_on_paper() {
    assert_eq!(value("-x^2", &[3.0]), -9.0);
    assert_eq!(value("2^3^2 + 0*x", &[1.0]), 512.0);
    assert_eq!(value("1e-3*x", &[2.0]), 0.002);
    assert_eq!(value("2^-1*x", &[3.0]), 1.5);
    assert_eq!(value("8 - 3 - 2 + 0*x", &[0.0]), 3.0);
    assert_eq!(value("8/4/2 + 0*x", &[0.0]), 1.0);
    assert_eq!(
        value("where(not x > 1 and x > 0 or false, 5, 7)", &[0.5]),
        5.0
    );
    assert_eq!(value("-2*-x", &[3.0]), 6.0);
}

#[test]
fn functions_do_what_their_names_say() {
    assert_eq!(value("max(x, y) - min(x, y)", &[2.0, 5.0]), 3.0);
    assert_eq!(value("clamp(x, -1, 1)", &[7.0]), 1.0);
    assert_eq!(
        value("sum(w) + mean(w) + dot(w, w) + norm_inf(w)", &[3.0, -4.0]),
        -1.0 - 0.5 + 25.0 + 4.0
    );
    assert_eq!(value("norm(w)", &[3.0, 4.0]), 5.0);
    assert_eq!(value("sum(sign(w)) + sum(abs(w))", &[-2.0, 0.0, 5.0]), 7.0);
    assert_eq!(value("f32(x)", &[0.1]), f64::from(0.1f32));
    assert_eq!(value("f32(f32(x) + 2^-25)", &[1.0]), 1.0);
    assert_eq!(value("bf16(x) - f16(y)", &[257.0, 2049.0]), 256.0 - 2048.0);
    assert!(value("max(x, y)", &[f64::NAN, 1.0]).is_nan());
    assert!(value("min(x, y)", &[1.0, f64::NAN]).is_nan());
}

#[test]
fn sums_run_over_their_indices() {
    assert_eq!(value("sum(i, 1, n, i*w[i])", &[1.0, 2.0, 3.0]), 14.0);
    assert_eq!(
        value(
            "sum(i, 1, n-1, 100*(w[i+1]-w[i]^2)^2 + (1-w[i])^2)",
            &[1.0, 1.0, 1.0]
        ),
        0.0
    );
    assert_eq!(
        value("sum(i, 1, n, sum(j, 1, i, w[i]*w[j]))", &[1.0, 2.0, 3.0]),
        1.0 + 6.0 + 18.0
    );
    assert_eq!(value("x + sum(i, 2, 1, w[i])", &[4.0]), 4.0);
    assert_eq!(value("sum(i, 1, 3, 2)*x", &[1.0]), 6.0);
}

#[test]
fn refusals_name_the_place_and_the_next_thing_to_do() {
    let error = refusal("0.5*(x-0.8)^2 + 3*q", 2);
    assert!(error.contains("unknown name `q`"), "{error}");
    assert!(error.contains("<loss>:1:19"), "{error}");
    assert!(error.contains('^'), "{error}");
    let error = refusal("2x", 1);
    assert!(error.contains("write `2*x`"), "{error}");
    let error = refusal("sqr(x)", 1);
    assert!(error.contains("did you mean `sqrt`?"), "{error}");
}

/// What the help for an unknown function says to write, at the number `x`.
fn written_instead(function: &str, x: f64) -> f64 {
    let error = refusal(&format!("{function}(x)"), 1);
    let formula = error.split("write `").nth(1).expect(&error);
    let formula = formula.split('`').next().unwrap();
    let mut text = String::new();
    let mut rest = formula.chars().peekable();
    while let Some(letter) = rest.next() {
        let within = text.ends_with(|it: char| it.is_alphanumeric());
        let goes_on = rest.peek().is_some_and(char::is_ascii_alphanumeric);
        let is_argument = letter == 'a' && !within && !goes_on;
        text.push(if is_argument { 'x' } else { letter });
    }
    value(&text, &[x])
}

#[test]
fn what_stands_for_a_function_that_is_not_here_has_its_values() {
    let known = [
        ("expm1", f64::exp_m1 as fn(f64) -> f64),
        ("exp2", f64::exp2),
        ("log2", f64::log2),
        ("log10", f64::log10),
        ("cbrt", f64::cbrt),
        ("ceil", f64::ceil),
        ("round", f64::round),
        ("trunc", f64::trunc),
        ("asin", f64::asin),
        ("arcsin", f64::asin),
        ("acos", f64::acos),
        ("arccos", f64::acos),
        ("asinh", f64::asinh),
        ("acosh", f64::acosh),
        ("atanh", f64::atanh),
        ("sec", |x| 1.0 / x.cos()),
        ("silu", |x| x / (1.0 + (-x).exp())),
    ];
    for (name, function) in known {
        for x in [-1.7, -0.8, 0.3, 0.999, 1.2, 2.6] {
            let wanted = function(x);
            let off = (written_instead(name, x) - wanted).abs();
            assert!(
                wanted.is_nan() || off <= 1e-12 * wanted.abs().max(1.0),
                "{name}({x}): {off}"
            );
        }
    }
    // No other function is offered for one that is known elsewhere.
    for name in [
        "erf",
        "logsumexp",
        "prod",
        "trace",
        "gamma",
        "softmax",
        "var",
    ] {
        let error = refusal(&format!("{name}(x)"), 1);
        assert!(!error.contains("did you mean"), "{error}");
    }
}

#[test]
fn malformed_formulas_are_refused() {
    for (text, says) in [
        ("", "found the end"),
        ("   ", "found the end"),
        ("(x", "never closed"),
        ("x)", "closes nothing"),
        ("x y", "write `*`"),
        ("2(x)", "write `*`"),
        ("x +", "found the end"),
        ("sqrt(x, y)", "does not take 2 arguments"),
        ("sqrt()", "does not take 0 arguments"),
        ("w[0]*x", "indices start at 1"),
        ("w[3]", "out of range"),
        ("w[1.5]", "not a whole number"),
        ("w[x]", "known when the text is loaded"),
        ("z", "w[3]"),
        ("w", "a vector"),
        ("x < y", "a truth value"),
        ("x < y < 3", "do not chain"),
        ("x = y", "write `==`"),
        ("x and y", "is a number"),
        ("sum(x)", "is a scalar"),
        ("x[1]", "no elements"),
        ("grad(w)", "lines of a rule"),
        ("sum(i, 1, n, w)", "has to be a number"),
        ("sum(i, 1, 1e9, i)", "more than"),
        ("sum(2, 1, n, 3)", "names the index"),
        ("1e999", "too large"),
        ("x $ y", "unexpected character `$`"),
        ("x + \u{fc}", "unexpected character `\u{fc}`"),
        ("\"x", "unexpected character `\"`"),
        ("\"x\"", "is no value"),
        ("w[\"x\"]", "there is no tensor `x` here"),
        ("x\u{202e}", "unexpected character `\\u{202e}`"),
        ("x \u{2212} y", "write the minus sign"),
        ("sin", "is a function"),
        ("x(3)", "to multiply"),
    ] {
        let error = refusal(text, 2);
        assert!(error.contains(says), "{text}: {error}");
    }
    let error = refusal("sum(i, 1, n+1, w[i])", 3);
    assert!(error.contains("index 4 is out of range"), "{error}");
}

#[test]
fn deep_nesting_and_long_sums_neither_hang_nor_overflow() {
    let nested = format!("{}x{}", "(".repeat(100_000), ")".repeat(100_000));
    let error = refusal(&nested, 1);
    assert!(error.contains("nested more than 256"), "{error}");
    assert!(error.len() < 2_000, "{} bytes", error.len());
    assert!(refusal(&"-".repeat(100_000), 1).contains("nested"));
    assert!(refusal(&format!("{}x", "2^".repeat(100_000)), 1).contains("nested"));
    let long = vec!["x"; 20_000].join(" + ");
    assert_eq!(value(&long, &[1.0]), 20_000.0);
    let nested = format!("{}x{}", "(".repeat(200), ")".repeat(200));
    assert_eq!(value(&nested, &[1.5]), 1.5);
}

const HEAD: &str = "rule mine \"a rule\"\nparam eta = 0.1 in (0, inf) \"step size\"\n";

#[test]
fn rules_are_refused_with_their_place() {
    for (body, says) in [
        ("step\n  g = grad(w)\n", "never assigns `w`"),
        ("", "has no `step`"),
        (
            "step\n  w = w - eta*g\n  g = grad(w)\n",
            "read before it is assigned on line 5",
        ),
        (
            "param eta = 1 in (0, 2) \"again\"\nstep\n  w = w\n",
            "declared on line 2 already",
        ),
        (
            "param beta = 1.5 in [0, 1) \"share\"\nstep\n  w = w\n",
            "`beta` cannot be 1.5",
        ),
        (
            "param k = 2.5 in (0, 9] \"times\"\nstep\n  repeat k\n    w = w - eta*grad(w)\n",
            "it lies in {1, 2, ..., 9}",
        ),
        (
            "param k = 4 + t/2 in {1, 2, ...} \"times\"\nstep\n  w = w/k\n",
            "`k` is 4.5 at t = 1, outside of {1, 2, ...}",
        ),
        (
            "param k = floor(t/2) in {0, 1, ..., 9} \"times\"\nstep\n  w = w/(1 + k)\n",
            "`k` is 10 at t = 20, outside of {0, 1, ..., 9}",
        ),
        (
            "param beta = 0.5 in 0..1 \"share\"\nstep\n  w = w\n",
            "not a domain",
        ),
        (
            "param beta = 0.5 \"share\"\nstep\n  w = w\n",
            "which values it may take",
        ),
        (
            "param beta = 0.5 in [0, 1)\nstep\n  w = w\n",
            "description in double quotes",
        ),
        (
            "state m = 0 as velocity \"v\"\nstep\n  w = w\n",
            "unknown role",
        ),
        ("step\n  eta = 2\n  w = w\n", "cannot assign it"),
        ("step\n  w = w - et*grad(w)\n", "did you mean `eta`?"),
        ("step\n  w = w > 0\n", "truth value"),
        ("step\n  w[1] = 0\n", "assigns a whole variable"),
        ("step\n  w = grad(eta)\n", "vector of 2 elements"),
        ("step\n  w = w - eta*w[3]\n", "out of range"),
        ("step\nw = w\n", "indented"),
        ("steps\n  w = w\n", "did you mean `step`?"),
        (
            "state t = 0 \"time\"\nstep\n  w = w\n",
            "means something already",
        ),
        (
            "state loss = 0 \"l\"\nstep\n  w = w\n",
            "column of every trace",
        ),
        ("step\n  w = prev(w)\n", "conditions and watches"),
    ] {
        let error = rule_refusal(&format!("{HEAD}{body}"), 2);
        assert!(error.contains(says), "{body}: {error}");
    }
    assert!(rule_refusal("", 2).contains("contains no rule"));
    assert!(rule_refusal("step\n  w = w\n", 2).contains("starts with its name"));
    let error = rule_refusal(&format!("{HEAD}step\n  w = w - eta*grd(w)\n"), 2);
    assert!(error.contains("my.rule:4:15"), "{error}");
}

#[test]
fn a_rule_file_that_is_not_text_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("binary.rule");
    std::fs::write(&path, b"rule x \"y\"\n\xff\xfe").unwrap();
    let error = Source::read(&path).unwrap_err().to_string();
    assert!(
        error.contains("not UTF-8") && error.contains("binary.rule:2:1"),
        "{error}"
    );
    let error = Source::read(&folder.path().join("none.rule"))
        .unwrap_err()
        .to_string();
    assert!(error.contains("cannot read"), "{error}");
}

#[test]
fn every_shipped_rule_compiles_for_any_dimension() {
    for name in eigenstep::rule::names() {
        let rule = eigenstep::rule::load(name).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(rule.name, name);
        for n in [1, 2, 3, 1000] {
            if let Err(error) = rule.compile(n) {
                let too_large = error.message().contains("would make a matrix of 1000 rows");
                assert!(n == 1000 && too_large, "{name} at n = {n}: {error}");
            }
        }
    }
}

#[test]
fn a_state_has_the_widest_shape_that_it_is_given() {
    let text = format!(
        "{HEAD}state v = 0 \"of v and u\"\nstate u = 0 \"of the gradient\"\nstate k = 0 \"a count\"\n\
         state f = w \"the start\"\nstep\n  v = max(v, u)\n  u = u + grad(w)^2\n  k = k + 1\n  w = w - eta*v\n"
    );
    let rule = Rule::parse(&Source::new("my.rule", text)).unwrap();
    let compiled = Arc::new(rule).compile(3).unwrap();
    let lengths: Vec<usize> = ["v", "u", "k", "f"]
        .map(|name| compiled.variable(name).unwrap().extent.len())
        .to_vec();
    assert_eq!(lengths, [3, 3, 1, 3]);
}
