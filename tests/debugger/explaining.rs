//! `explain`: the numbers that it shows give the value that it shows.

use super::bench::Bench;
use eigenstep::{
    debugger::{answer::Answer, explain::Element},
    error::Source,
    rule,
    scenario::Scenario,
    value::Value,
};

/// The value of a text of the language that is made of numbers alone.
fn value(text: &str) -> Result<f64, String> {
    // Any session can compute it.
    let mut bench = Bench::open("--rule gd");
    let line = Source::new("<numbers>", format!("print {text}"));
    let answer = bench
        .session
        .execute(&line, &mut eigenstep::debugger::Control::default());
    match answer.map_err(|error| error.to_string())? {
        Answer::Printed {
            value: Value::Truth(holds),
            ..
        } => Ok(f64::from(u8::from(holds))),
        Answer::Printed { value, .. } => Ok(value.to_string().parse().unwrap()),
        other => panic!("{other:?}"),
    }
}

/// Where the numbers stand in a text, with half a unit of their last digit where they may be rounded.
fn numbers(text: &str) -> Vec<(std::ops::Range<usize>, f64, f64)> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let in_name = at > 0 && (bytes[at - 1].is_ascii_alphanumeric() || bytes[at - 1] == b'_');
        if !bytes[at].is_ascii_digit() || in_name {
            at += 1;
            continue;
        }
        let start = at;
        while at < bytes.len() && (bytes[at].is_ascii_digit() || bytes[at] == b'.') {
            at += 1;
        }
        if at < bytes.len() && bytes[at] == b'e' {
            at += 1;
            if bytes[at] == b'-' {
                at += 1;
            }
            while at < bytes.len() && bytes[at].is_ascii_digit() {
                at += 1;
            }
        }
        let number: f64 = text[start..at].parse().unwrap();
        // Four digits are shown.
        let unit = if number == 0.0 {
            0.0
        } else {
            10_f64.powf(number.abs().log10().floor() - 3.0)
        };
        found.push((start..at, number, unit / 2.0));
    }
    found
}

/// How far the value may be off because the numbers in the text are rounded, to first order.
fn slack(text: &str, base: f64) -> f64 {
    let mut slack = 0.0;
    for (range, number, half) in numbers(text) {
        let mut moved = text.to_owned();
        moved.replace_range(range, &format!("({:?})", number + half));
        if let Ok(value) = value(&moved) {
            slack += (value - base).abs();
        }
    }
    slack
}

fn check(rule: &str, element: &Element) {
    let numbers = element.expression.short();
    let shown = element.value.numbers()[0];
    let context = format!("{rule}: {} = {numbers}", element.name);
    let computed = value(&numbers).unwrap_or_else(|error| panic!("{context}: {error}"));
    let rounding = 5e-4 * shown.abs();
    let far = (computed - shown).abs();
    if far <= rounding {
        return;
    }
    let slack = 1.5 * slack(&numbers, computed) + rounding;
    assert!(
        far <= slack,
        "{context} is {computed}, not {shown} (off by {far:e}, slack {slack:e})"
    );
}

/// With its numbers to the last bit, an expression gives the value to the last bit.
fn check_exactly(rule: &str, element: &Element) {
    let numbers = element.expression.exact();
    let computed = value(&numbers).unwrap_or_else(|error| panic!("{rule}: {numbers}: {error}"));
    let (computed, told) = (computed.to_bits(), element.value.numbers()[0].to_bits());
    assert_eq!(computed, told, "{rule}: {} = {numbers}", element.name);
}

#[test]
fn the_numbers_of_every_line_of_every_rule_give_its_value() {
    let mut checked = 0;
    for name in rule::names() {
        let mut bench = Bench::of(&Scenario::from_flags(&[("rule", name)]).unwrap());
        // The learning rate that a library has by itself may be none for this loss.
        bench.answer("set bound=off");
        bench.answer("step 7");
        let compiled = std::sync::Arc::clone(bench.session.lanes().focused().compiled());
        for variable in &compiled.variables {
            let Answer::Explained(explanation) =
                bench.answer(&format!("explain {}", variable.name))
            else {
                panic!()
            };
            assert_eq!(explanation.t, 7, "{name}: {}", variable.name);
            let line = &compiled.lines[explanation.line.unwrap() - 1];
            assert_eq!(compiled.variables[line.variable].name, variable.name);
            assert_eq!(explanation.elements.len(), variable.extent.len().min(8));
            for element in &explanation.elements {
                // What asks the loss, or hangs on whole vectors and matrices, is not made of numbers alone.
                let whole = [
                    "grad(",
                    "loss(",
                    "hvp(",
                    "hess(",
                    "[",
                    "@",
                    "inv_sqrt(",
                    "eigvecs(",
                    "qr(",
                    "push(",
                    "past(",
                ];
                if whole
                    .iter()
                    .any(|it| element.expression.short().contains(it))
                {
                    continue;
                }
                check(name, element);
                check_exactly(name, element);
                checked += 1;
            }
        }
    }
    assert!(checked > 200, "{checked}");
}

#[test]
fn products_of_each_tensors_matrices_are_not_taken_for_products_of_vectors() {
    let mut bench = Bench::of(&Scenario::from_flags(&[("rule", "torch/muon")]).unwrap());
    bench.answer("set bound=off");
    bench.answer("step 3");
    let text = bench.says("explain B");
    assert!(text.contains("*(A @ A)"), "{text}");
}

#[test]
fn explanations_read_as_one_would_write_them() {
    let mut bench = Bench::open("--rule adam --set eta=eta_opt");
    bench.answer("step 12");
    let text = bench.says("explain m_hat");
    let first = text.lines().next().unwrap();
    assert!(
        first.starts_with("m_hat[1] = m[1]/(1 - beta1^t) = -0.")
            || first.starts_with("m_hat[1] = m[1]/(1 - beta1^t) = (-0."),
        "{text}"
    );
    assert!(first.contains("/(1 - 0.9^12) = -0."), "{text}");
    bench.answer("line 2");
    // The line that has run in the iteration under way.
    assert!(
        bench
            .says("explain m")
            .contains("m[1] = beta1*m[1] + (1 - beta1)*g[1] = 0.9*")
    );
    let Answer::Explained(now) = bench.answer("explain m") else {
        panic!()
    };
    let Answer::Explained(before) = bench.answer("explain s") else {
        panic!()
    };
    assert_eq!((now.t, before.t), (13, 12));
    assert_eq!(bench.at(), (12, 2), "to look changes nothing");
    bench.check_against_straight_runs();
    bench.answer("first");
    assert!(
        bench
            .refuses("explain m")
            .contains("no line has assigned `m` yet")
    );
}

#[test]
fn long_vectors_are_explained_in_part() {
    let mut bench = Bench::open("--rule gd --loss sum(i,1,n,w[i]^2) --start 1,2,3,4,5,6,7,8,9,10");
    bench.answer("step");
    let text = bench.says("explain w");
    assert!(text.ends_with("... and 2 more elements"), "{text}");
    assert_eq!(text.lines().count(), 9);
}

#[test]
fn what_was_set_since_the_line_ran_is_told_first() {
    let mut bench = Bench::open("--rule adam --set eta=eta_opt");
    bench.answer("step 3");
    let line = bench.says("explain m");
    bench.answer("set m=0");
    assert_eq!(
        bench.says("explain m"),
        format!("m was set here: m = [0, 0]\nline 2 of iteration 3 had made:\n{line}")
    );
    assert!(
        bench
            .says("explain m[2]")
            .starts_with("m[2] was set here: m[2] = 0\nline 2 of iteration 3 had made:\nm[2] = ")
    );
    // A later edit replaces what it covers; the last line of the iteration counts as any other.
    bench.all("set m[1]=5\nset w[2]=0.7");
    let text = bench.says("explain m");
    assert!(
        text.starts_with(
            "m was set here: m = [0, 0]\nm[1] was set here: m[1] = 5\nline 2 of iteration 3"
        ),
        "{text}"
    );
    assert!(
        bench
            .says("explain m[1]")
            .starts_with("m[1] was set here: m[1] = 5\nline 2")
    );
    let text = bench.says("explain w");
    assert!(
        text.starts_with("w[2] was set here: w[2] = 0.7\nline 6 of iteration 3"),
        "{text}"
    );
    assert!(bench.says("explain w[1]").starts_with("w[1] = w[1] - eta*"));
    // Within the next iteration the edit is still in force until the line runs.
    bench.answer("line");
    assert!(
        bench
            .says("explain m[1]")
            .starts_with("m[1] was set at t = 3: m[1] = 5\n")
    );
    bench.answer("line");
    assert!(bench.says("explain m[1]").starts_with("m[1] = beta1*m[1]"));
    assert_eq!(bench.at(), (3, 2), "to look changes nothing");
    bench.check_against_straight_runs();
    // Where no line has run yet, only the edit has made it.
    let mut bench = Bench::open("--rule adam");
    bench.answer("set w=1");
    assert_eq!(bench.says("explain w"), "w was set here: w = [1, 1]");
    assert!(bench.refuses("explain m").contains("no line has assigned"));
}

#[test]
fn an_element_or_another_lanes_value_is_explained() {
    let mut bench = Bench::open("--rule adam --set eta=eta_opt --rule gd");
    bench.answer("step 5");
    let both = bench.says("explain m_hat");
    assert_eq!(both.lines().nth(1), Some(&*bench.says("explain m_hat[2]")));
    bench.answer("lane gd");
    assert_eq!(
        bench.says("explain adam.m_hat[2]"),
        format!("adam.{}", both.lines().nth(1).unwrap())
    );
    assert_eq!(bench.says("explain adam.m_hat").lines().count(), 2);
    let error = bench.refuses("explain m_hat[2]");
    assert!(
        error.contains("the lane `gd` has no `m_hat`; lanes that have it: adam")
            && error.contains("write `explain adam.m_hat[2]`"),
        "{error}"
    );
    let error = bench.refuses("set m[1]=0");
    assert!(
        error.contains("the lane `gd` has no `m`; lanes that have it: adam")
            && error.contains("write `set adam.m[1]=...`"),
        "{error}"
    );
    assert!(bench.says("set adam.m[1]=0").starts_with("m[1]: "));
    assert!(
        bench
            .refuses("explain adm.m")
            .contains("did you mean `adam`?")
    );
    assert!(
        bench
            .refuses("explain w[3]")
            .contains("`w` is a vector of 2; indices run from 1 to 2")
    );
    assert!(bench.refuses("explain w[1").contains("never closed"));
    assert_eq!(bench.at(), (5, 0));
    // In the middle of an iteration the others stand on the boundary before it.
    bench.answer("line");
    assert!(
        bench
            .says("explain adam.m[1]")
            .starts_with("adam.m[1] was set")
    );
    assert_eq!(bench.at(), (5, 1));
    let mut bench = Bench::open("--rule adagrad_full");
    bench.answer("step 2");
    assert!(bench.says("explain S[1, 2]").starts_with("S[1, 2] = "));
    assert!(bench.says("explain S[1,2]").starts_with("S[1, 2] = "));
    assert!(bench.says("set S[1, 2] = 3").starts_with("S[1, 2]: "));
    assert!(
        bench
            .says("explain S[1,2]")
            .starts_with("S[1, 2] was set here: S[1, 2] = 3\n")
    );
    assert!(bench.says("info edits").contains("S[1, 2] = 3"));
}

#[test]
fn matrices_are_written_out_where_they_are_small() {
    let rotated = "--rotate 30 --start 0,0";
    let mut bench = Bench::open(&format!("--rule adagrad_full {rotated}"));
    bench.answer("step 2");
    bench.answer("set S=1");
    bench.answer("set S[2, 2]=3");
    bench.answer("set delta=0.5");
    bench.answer("step");
    let text = bench.says("explain S[1,2]");
    let start = "S[1, 2] = S[1, 2] + outer(g, g)[1, 2] = 1 + ";
    assert!(
        text.starts_with(start) && !text[start.len()..].contains('['),
        "{text}"
    );
    let text = bench.says("explain S[2,2]");
    assert!(text.contains("outer(g, g)[2, 2] = 3 + "), "{text}");
    let text = bench.says("explain P[2, 1]");
    assert!(
        text.starts_with("P[2, 1] = inv_sqrt(S + delta*eye(n))[2, 1] = inv_sqrt([[")
            && text.contains("]] + 0.5*eye(2))[2, 1] = "),
        "{text}"
    );
    let text = bench.says("explain w[2]");
    assert!(
        text.starts_with("w[2] = w[2] - eta*(P @ g)[2] = ") && text.contains("]] @ ["),
        "{text}"
    );
    let mut bench = Bench::open("--rule newton");
    bench.answer("step");
    assert_eq!(
        bench.says("explain d[2]"),
        "d[2] = solve(H + damping*eye(n), g)[2] = \
         solve([[1, 0], [0, 100]] + 0*eye(2), [-0.8, -60])[2] = -0.6"
    );
    assert_eq!(
        bench.says("explain H[2, 1]"),
        "H[2, 1] = hess(w)[2, 1] = hess([0, 0])[2, 1] = 0"
    );
    let mut bench = Bench::open("--rule polyak");
    bench.answer("step");
    let text = bench.says("explain high");
    assert!(text.ends_with("max(abs(1), abs(100))) = 100"), "{text}");
    let mut bench = Bench::open("--rule adam_eigen");
    bench.answer("step");
    let text = bench.says("explain m_hat[1]");
    assert!(
        text.starts_with("m_hat[1] = (transpose(U) @ m)[1]/(1 - beta1^t) = (transpose([[")
            && text.contains("])[1]/(1 - 0.9^1) = "),
        "{text}"
    );
}

#[test]
fn larger_matrices_keep_their_names() {
    let mut bench = Bench::open("--rule adagrad_full --eigenvalues 1,2,3,4");
    bench.answer("step 2");
    assert!(bench.says("explain P[1, 4]").starts_with(
        "P[1, 4] = inv_sqrt(S + delta*eye(n))[1, 4] = inv_sqrt(S + 1e-8*eye(4))[1, 4] = "
    ));
    let text = bench.says("explain w[3]");
    // The product is known, though it is too long to be written out.
    let product = (bench.number("w[3]") - bench.number("prev(w)[3]")) / -0.5;
    let number = eigenstep::format::short(product);
    assert!(
        text.contains(" - eta*(P @ g)[3] = ") && text.contains(&format!(" - 0.5*({number}) = ")),
        "{text} {number}"
    );
    assert!(
        bench
            .says("explain S[4, 2]")
            .starts_with("S[4, 2] = S[4, 2] + outer(g, g)[4, 2] = ")
    );
    assert!(bench.says("explain S").ends_with("... and 8 more elements"));
}
