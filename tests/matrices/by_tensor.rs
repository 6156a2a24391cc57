//! Matrices by tensor: what rules for each tensor compute with the last two axes of each, and lines that are repeated.

use super::{close, loss};
use eigenstep::{
    analysis::{Boundary, Jacobian},
    debugger::Machine,
    error::Source,
    loss::Loss,
    rule::{Compiled, Rule, Tensor},
};
use nalgebra::DMatrix;
use proptest::prelude::*;
use std::sync::Arc;

/// A wide tensor, a tall one, a vector, two matrices in one tensor.
const SHAPES: [&[usize]; 4] = [&[2, 3], &[3, 2], &[4], &[2, 2, 3]];

fn tensors(shapes: &[&[usize]]) -> Vec<Tensor> {
    let mut end = 0;
    let tensor = |shape: &&[usize]| {
        let start = end;
        end += shape.iter().product::<usize>();
        Tensor {
            name: format!("t{start}"),
            shape: shape.to_vec(),
            range: start..end,
            is_norm: false,
        }
    };
    shapes.iter().map(tensor).collect()
}

fn compiled(lines: &str, shapes: &[&[usize]]) -> Result<Arc<Compiled>, String> {
    let lines = lines.replace(';', "\n ");
    let text = format!("rule mine \"a rule\"\nstep for each tensor\n  {lines}\n");
    let tensors = tensors(shapes);
    let n = tensors.iter().map(|it| it.range.len()).sum();
    let rule = Rule::parse(&Source::new("my.rule", text)).map_err(|it| it.to_string())?;
    let compiled = Arc::new(rule).over(&tensors).compile(n);
    compiled.map(Arc::new).map_err(|it| it.to_string())
}

/// What `name` is after one iteration from `start`.
fn value(lines: &str, name: &str, start: &[f64]) -> Vec<f64> {
    let compiled = compiled(lines, &SHAPES).unwrap_or_else(|error| panic!("{error}"));
    let mut machine = Machine::new(Arc::clone(&compiled), &loss(start.len()), None, &[], start);
    machine.iterate();
    machine.value(compiled.variable(name).unwrap()).to_vec()
}

/// The matrices that the tensors consist of.
fn matrices(numbers: &[f64]) -> Vec<DMatrix<f64>> {
    let mut rest = numbers;
    let mut take = |rows: usize, columns: usize| {
        let (own, after) = rest.split_at(rows * columns);
        rest = after;
        DMatrix::from_row_slice(rows, columns, own)
    };
    vec![take(2, 3), take(3, 2), take(1, 4), take(2, 3), take(2, 3)]
}

fn flat(matrices: impl IntoIterator<Item = DMatrix<f64>>) -> Vec<f64> {
    let rows = |it: DMatrix<f64>| it.transpose().as_slice().to_vec();
    matrices.into_iter().flat_map(rows).collect()
}

proptest! {
    #[test]
    fn products_are_those_of_each_tensor(start in prop::collection::vec(-2.0..2.0_f64, 28)) {
        let of = |expr: &str| value(&format!("a = {expr}; w = w"), "a", &start);
        let own = matrices(&start);
        let each = |f: fn(DMatrix<f64>) -> DMatrix<f64>| flat(own.iter().cloned().map(f));
        close(&of("transpose(w)"), &each(|it| it.transpose()));
        close(&of("w @ transpose(w)"), &each(|it| &it * it.transpose()));
        close(&of("transpose(w) @ w @ transpose(w)"), &each(|it| it.transpose() * &it * it.transpose()));
        close(&of("(w @ transpose(w)) @ w"), &each(|it| &it * it.transpose() * &it));
        close(&of("transpose(transpose(w))"), &start);
        close(&of("eye(rows(w)) @ w @ eye(columns(w))"), &start);
        let short = "where(rows(w) > columns(w), transpose(w), w)";
        let wide = |it: DMatrix<f64>| if it.nrows() > it.ncols() { it.transpose() } else { it };
        close(&of(short), &flat(own.iter().cloned().map(wide)));
        let lines = format!("X = {short}; B = X @ transpose(X) @ X; a = where(rows(w) > columns(w), transpose(B), B); w = w");
        close(&value(&lines, "a", &start), &each(|it| &it * it.transpose() * &it));
        let scaled = |it: DMatrix<f64>| { let gram = &it * it.transpose(); &gram / (1.0 + gram.norm()) };
        // The last tensor is one for `norm`, of two matrices.
        let gram = of("w @ transpose(w)/(1 + norm(w @ transpose(w)))");
        let first = flat(own[..3].iter().cloned().map(scaled));
        close(&gram[..first.len()], &first);
    }
}

#[test]
fn shapes_of_products_are_known_by_their_sides() {
    let start: Vec<f64> = (1..=28).map(f64::from).collect();
    let of = |expr: &str| {
        value(
            &format!("A = w @ transpose(w); a = {expr}; w = w"),
            "a",
            &start,
        )
    };
    let [wide, tall, row] = [4, 9, 1].map(|len| len);
    assert_eq!(of("rows(A)")[wide..wide + tall], [3.0; 9]);
    assert_eq!(of("columns(A)")[..wide], [2.0; 4]);
    assert_eq!(of("ndim(A)")[wide + tall..wide + tall + row], [2.0]);
    assert_eq!(of("ndim(A)").last(), Some(&3.0));
    let mean = of("row_mean(A)");
    assert_eq!(mean[0], f64::midpoint(14.0, 32.0));
}

#[test]
fn matrices_by_tensor_carry_first_derivatives() {
    for expr in [
        "w @ transpose(w) @ w",
        "w/(1 + norm(w @ transpose(w)))",
        "solve(w @ transpose(w) + 0.5*eigvecs(w @ transpose(w)) @ transpose(eigvecs(w @ transpose(w))), w)",
    ] {
        let shapes: [&[usize]; 2] = [&[2, 3], &[3]];
        let compiled = compiled(&format!("w = {expr}"), &shapes);
        let compiled = compiled.unwrap_or_else(|error| panic!("{error}"));
        let start = [0.5, -0.7, 0.2, 0.3, 0.9, -0.4, 0.6, 0.1, -0.8];
        let loss = loss(9);
        let at = Boundary {
            t: 0,
            settings: &[],
            kept: &start,
        };
        let exact = Jacobian::new(Arc::clone(&compiled)).at(&mut *loss.evaluator(), at, 1.0);
        let after = |column: usize, by: f64| {
            let mut start = start;
            start[column] += by;
            let mut machine = Machine::new(Arc::clone(&compiled), &loss, None, &[], &start);
            machine.iterate();
            machine.w().to_vec()
        };
        for column in 0..9 {
            let (ahead, behind) = (after(column, 1e-5), after(column, -1e-5));
            for row in 0..9 {
                let slope = (ahead[row] - behind[row]) / 2e-5;
                let found = exact[(row, column)];
                assert!((found - slope).abs() < 1e-6, "{expr}: {found}, {slope}");
            }
        }
    }
}

#[test]
fn what_does_not_fit_in_a_tensor_is_refused_with_it() {
    for (expr, says) in [
        (
            "w @ w",
            "tensor 1 (2x3): shapes do not fit: a 2x3 matrix @ a 2x3 matrix",
        ),
        (
            "w + transpose(w)",
            "a vector of 28 and a matrix of columns by rows for each tensor",
        ),
        (
            "w @ transpose(w) + w",
            "a matrix of rows by rows for each tensor",
        ),
        (
            "eigvals(w)",
            "tensor 1 (2x3): `w` is a 2x3 matrix, where a square one is needed",
        ),
        (
            "eigvals(transpose(w) @ w) + 0*w",
            "a matrix of one by columns for each tensor",
        ),
        (
            "solve(w @ transpose(w), transpose(w))",
            "tensor 1 (2x3): shapes do not fit",
        ),
        ("where(w > 0, w, transpose(w))", "shapes do not fit"),
        (
            "where(rows(w) == 1, w @ transpose(w), w)",
            "shapes do not fit",
        ),
        ("2 @ w", "`@` multiplies matrices, but this is a scalar"),
        (
            "w @ transpose(w)",
            "`w` is a vector of 28, but this is a matrix of rows by rows",
        ),
    ] {
        let error = compiled(&format!("w = {expr}"), &SHAPES).map(|_| ());
        let error = error.expect_err(expr);
        assert!(error.contains(says), "{expr}: {error}");
    }
    for (expr, says) in [
        ("eye(rows(w, w))", "does not take 2 arguments"),
        (
            "eye(rows(3))",
            "`3` is a scalar, where a vector or matrix is needed",
        ),
        (
            "eye(rows(w))*w",
            "a matrix of rows by rows for each tensor and a vector of 28",
        ),
        ("eye(ndim(w))", "known when the text is loaded"),
    ] {
        let error = compiled(&format!("a = {expr}; w = w"), &SHAPES).map(|_| ());
        let error = error.expect_err(expr);
        assert!(error.contains(says), "{expr}: {error}");
    }
    let error = compiled("a = eye(columns(w)); w = w", &[&[5000]]).map(|_| ());
    assert!(
        error
            .unwrap_err()
            .contains("a 5000x5000 matrix of a tensor (1x5000)")
    );
    let error = compiled("w = transpose(w) @ w", &[&[5000]]).map(|_| ());
    let error = error.unwrap_err();
    assert!(
        error.contains("this would make a 5000x5000 matrix of tensor 1 (1x5000)"),
        "{error}"
    );
    let error = compiled("w = w*sum(eigvals(transpose(w) @ w))", &[&[201]]).map(|_| ());
    assert!(error.unwrap_err().contains("at most 200 rows"));
}

fn rule(lines: &str) -> Result<Rule, String> {
    let head = "rule mine \"a rule\"\nparam k = 3 in [0, inf) \"how often\"\nparam lr = 0.1*t in [0, inf) \"rate\"\n";
    let text = format!("{head}step\n{lines}\n");
    Rule::parse(&Source::new("my.rule", text)).map_err(|error| error.to_string())
}

#[test]
fn lines_are_repeated_as_often_as_a_number_or_a_setting_says() {
    let targets = |rule: &Rule| {
        let lines = rule.step.iter().map(|it| it.target.clone());
        lines.collect::<Vec<_>>().join(" ")
    };
    let twice = rule("  a = w\n  repeat 2\n    a = 2*a\n    b = a\n  w = a").unwrap();
    assert_eq!(targets(&twice), "lr a a b a b w");
    assert_eq!(twice.step[2].line, twice.step[4].line);
    let counted =
        rule("  a = w\n  repeat k\n    a = 2*a\n    repeat 2\n      a = a + 1\n  w = a").unwrap();
    assert_eq!(targets(&counted), "lr k a a a a a a a a a a w");
    assert_eq!(counted.schedule("k"), Some("3"));
    // Another number is another rule.
    let once = counted.with_value("k", "1").unwrap();
    assert_eq!(targets(&once), "lr k a a a a w");
    let none = counted.with_value("k", "0").unwrap();
    assert_eq!(targets(&none), "lr k a w");
    let error = counted.with_value("k", "2.5").unwrap_err().to_string();
    assert!(
        error.contains("`k` cannot be 2.5") && error.contains("it lies in {0, 1, ...}"),
        "{error}"
    );
    let error = counted.with_value("k", "t").unwrap_err().to_string();
    assert!(
        error.contains("`k` follows `t`, and how often lines run cannot"),
        "{error}"
    );
    // A name like any other where it is assigned.
    assert_eq!(
        targets(&rule("  repeat = w\n  w = repeat").unwrap()),
        "lr repeat w"
    );
    for (lines, says) in [
        (
            "  repeat 2\n  w = w",
            "there are no lines below it that belong to it",
        ),
        (
            "  w = w\n  repeat 2",
            "there are no lines below it that belong to it",
        ),
        ("  repeat\n    w = w", "expected"),
        (
            "  repeat 101\n    w = w",
            "lines cannot be repeated 101 times",
        ),
        (
            "  repeat -1\n    w = w",
            "lines cannot be repeated -1 times",
        ),
        ("  repeat j\n    w = w", "cannot depend on `j`"),
        ("  repeat lr\n    w = w", "`lr` follows `t`"),
        (
            "  repeat 99\n    repeat 99\n      w = w",
            "more than 2000 lines",
        ),
    ] {
        let error = rule(lines).map(|_| ()).expect_err(lines);
        assert!(error.contains(says), "{lines}: {error}");
    }
}
