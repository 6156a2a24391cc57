//! The third shape of the language: what matrices compute, how they are refused, their derivatives.

#[path = "matrices/by_tensor.rs"]
mod by_tensor;
#[path = "matrices/past.rs"]
mod past;

use eigenstep::{
    analysis::{Boundary, Jacobian},
    debugger::{Lane, Machine, Position},
    error::Source,
    loss::{Formula, Landscape, Loss, Quadratic},
    rule::{self, Compiled, Rule},
};
use std::sync::Arc;

/// A smooth loss whose Hessian changes from place to place.
const LOSS: &str =
    "0.5*x^2 + y^2 + 0.3*x*y + 0.1*x^3 + 0.05*y^4 + sum(i, 3, n, 2*w[i]^2 + x*y*w[i])";

fn loss(n: usize) -> Formula {
    Formula::new(&Source::new("<loss>", LOSS), n).unwrap()
}

fn compiled(states: &str, step: &str, n: usize) -> Result<Arc<Compiled>, String> {
    let lines = step.replace(';', "\n ");
    let text = format!("rule mine \"a rule\"\n{states}\nstep\n  {lines}\n");
    let rule = Rule::parse(&Source::new("my.rule", text)).map_err(|error| error.to_string())?;
    let compiled = Arc::new(rule)
        .compile(n)
        .map_err(|error| error.to_string())?;
    Ok(Arc::new(compiled))
}

/// What `name` is after one iteration from `start`.
fn value(step: &str, name: &str, start: &[f64]) -> Vec<f64> {
    let compiled = compiled("", step, start.len()).unwrap_or_else(|error| panic!("{error}"));
    let mut machine = Machine::new(Arc::clone(&compiled), &loss(start.len()), None, &[], start);
    machine.iterate();
    machine.value(compiled.variable(name).unwrap()).to_vec()
}

fn close(a: &[f64], b: &[f64]) {
    assert_eq!(a.len(), b.len());
    for (x, y) in a.iter().zip(b) {
        assert!((x - y).abs() <= 1e-12 * y.abs().max(1.0), "{a:?} and {b:?}");
    }
}

#[test]
fn products_and_entries_are_those_of_paper() {
    let v = |expr: &str| {
        value(
            &format!("A = outer(w, w) + diag(w)*2; a = {expr}; w = w"),
            "a",
            &[1.0, 3.0],
        )
    };
    // A = [[3, 3], [3, 15]]
    assert_eq!(v("A"), [3.0, 3.0, 3.0, 15.0]);
    assert_eq!(v("A @ w"), [12.0, 48.0]);
    assert_eq!(v("w @ A"), [12.0, 48.0]);
    assert_eq!(v("A @ A"), [18.0, 54.0, 54.0, 234.0]);
    assert_eq!(v("A[2, 1]"), [3.0]);
    assert_eq!(v("sum(i, 1, n, A[i, i])"), [18.0]);
    assert_eq!(v("sum(i, 1, n, sum(j, 1, i, A[i, j]))"), [21.0]);
    assert_eq!(v("diag(A)"), [3.0, 15.0]);
    assert_eq!(v("eye(2) + 1"), [2.0, 1.0, 1.0, 2.0]);
    assert_eq!(v("transpose(outer(w, w + 1))"), [2.0, 6.0, 4.0, 12.0]);
    close(&v("norm(A)^2"), &[252.0]);
    assert_eq!(v("where(A > 10, A, 0)"), [0.0, 0.0, 0.0, 15.0]);
    assert_eq!(v("2*A - A/1"), [3.0, 3.0, 3.0, 15.0]);
    assert_eq!(v("-A^2"), [-9.0, -9.0, -9.0, -225.0]);
    close(&v("solve(A, w)"), &[1.0 / 6.0, 1.0 / 6.0]);
    close(&v("A @ solve(A, eye(n))"), &[1.0, 0.0, 0.0, 1.0]);
    close(&v("hess(w)"), &[1.6, 0.3, 0.3, 7.4]);
    close(&v("hess(w) @ w - hvp(w, w)"), &[0.0, 0.0]);
    assert!(v("solve(outer(w, w), w)").iter().all(|it| it.is_nan()));
}

#[test]
fn eigenvectors_rebuild_their_matrix() {
    let start = [0.5, -0.7, 0.2];
    let v = |expr: &str| {
        let step = format!("H = hess(w); U = eigvecs(H); l = eigvals(H); a = {expr}; w = w");
        value(&step, "a", &start)
    };
    close(&v("U @ diag(l) @ transpose(U) - H"), &[0.0; 9]);
    close(&v("transpose(U) @ U - eye(n)"), &[0.0; 9]);
    let l = v("l");
    assert!(l.is_sorted());
    close(&v("inv_sqrt(H) @ H @ inv_sqrt(H) - eye(n)"), &[0.0; 9]);
    close(&v("inv_sqrt(H) - transpose(inv_sqrt(H))"), &[0.0; 9]);
    close(&v("inv_sqrt(0*H)"), &[0.0; 9]);
    assert!(v("eigvecs(H/0)").iter().all(|it| it.is_nan()));
}

#[test]
fn the_factor_of_a_matrix_has_the_signs_of_lapack() {
    let start = [0.5, -0.7, 0.2];
    let v = |expr: &str| {
        let step = format!(
            "A = outer(w, w + 1) + diag(w^2 + 1); Q = qr(A); R = transpose(Q) @ A; a = {expr}; w = w"
        );
        value(&step, "a", &start)
    };
    close(&v("Q @ R - A"), &[0.0; 9]);
    close(&v("transpose(Q) @ Q - eye(n)"), &[0.0; 9]);
    close(
        &[v("R[2, 1]"), v("R[3, 1]"), v("R[3, 2]")].concat(),
        &[0.0; 3],
    );
    // numpy.linalg.qr(A)[0]
    let theirs = [
        -0.877_691_198_082_298_8,
        -0.450_925_379_222_927_5,
        -0.162_248_153_091_238_25,
        0.460_787_878_993_206_8,
        -0.887_092_693_753_841_7,
        -0.027_222_844_478_395_68,
        -0.131_653_679_712_344_85,
        -0.098_655_233_318_927_98,
        0.986_374_398_267_203_2,
    ];
    close(&v("Q"), &theirs);
    // Signs of columns make no other factor, but for the last one of a square matrix.
    close(&v("qr(A @ diag(sign(w))) - Q"), &[0.0; 9]);
    assert_eq!(v("qr(0*A)"), v("eye(n)"));
    assert!(v("qr(A/0)").iter().any(|it| it.is_nan()));
    close(
        &v("reshape(qr(reshape(A, 9, 1))*norm(A) + reshape(A, 9, 1), 9)"),
        &[0.0; 9],
    );
    assert_eq!(
        v("descending(diag(w))"),
        [1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 1.0, 0.0]
    );
    assert_eq!(v("descending(eye(n))"), v("eye(n)"));
}

#[test]
fn what_has_no_eigenbasis_or_no_root_is_nan() {
    let v = |expr: &str| {
        let step = format!("A = outer(w, w) + eye(n); B = outer(w, w + 1); a = {expr}; w = w");
        value(&step, "a", &[0.5, -0.7, 0.2])
    };
    for expr in [
        "eigvecs(B)",
        "eigvals(B)",
        "inv_sqrt(B)",
        "eigvals(A + 1e-6*B)",
        "inv_sqrt(-eye(2))",
        "inv_sqrt(diag(w))",
        "inv_sqrt(A - 1.001*eye(n))",
    ] {
        assert!(v(expr).iter().all(|it| it.is_nan()), "{expr}");
    }
    // Rounding is forgiven, and so is a direction without any size.
    for expr in [
        "eigvecs(A + 1e-10*B)",
        "eigvals(A + 1e-10*B)",
        "inv_sqrt(A - eye(n))",
        "inv_sqrt(outer(w, w) - 1e-12*eye(n))",
        "eigvals(-A)",
        "eigvecs(0*A)",
    ] {
        assert!(v(expr).iter().all(|it| it.is_finite()), "{expr}");
    }
}

#[test]
fn a_root_that_does_not_exist_stops_the_run_at_its_line() {
    let rule = "rule mine \"a rule\"\nstep\n  g = grad(w)\n  P = inv_sqrt(hess(w))\n  w = w - 0.1*(P @ g)\n";
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mine.rule");
    std::fs::write(&path, rule).unwrap();
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_eigenstep"))
        .args(["exec", "--rule", path.to_str().unwrap()])
        .args(["--loss", "x^2 - y^2", "--start", "1,1", "-e", "continue"])
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(text.contains("NaN") && text.contains("line 2"), "{text}");
}

#[test]
fn rules_with_matrices_work_where_axes_do_not_help() {
    let quintet = "sum(i, 1, n, i^2*(w[i] - 1)^2)/2 + sum(i, 2, n, (w[i] - w[i-1])^2)";
    let quintet = Formula::new(&Source::new("<loss>", quintet), 5).unwrap();
    let quintet: Arc<dyn Loss> = Arc::new(quintet);
    let turned: Arc<dyn Loss> = Arc::new(Quadratic::new(&[1.0, 100.0], &[0.8, 0.6], 33.0).unwrap());
    for (loss, name) in [(&quintet, "five"), (&turned, "turned")] {
        for (rule, goal) in [
            ("adagrad_full", 1e-3),
            ("adam_eigen", 1e-3),
            ("newton", 1e-20),
            ("polyak", 1e-6),
        ] {
            let compiled = Arc::new(rule::load(rule).unwrap().compile(loss.dimension()).unwrap());
            let settings = compiled.settings.iter();
            let settings: Vec<f64> = settings
                .map(|it| {
                    if rule == "adam_eigen" && it.name == "eta" {
                        0.01
                    } else {
                        it.default
                    }
                })
                .collect();
            let start = vec![0.0; loss.dimension()];
            let mut machine = Machine::new(compiled, &**loss, None, &settings, &start);
            for _ in 0..1000 {
                machine.iterate();
                assert!(
                    machine.variables().iter().all(|it| it.is_finite()),
                    "{rule} on {name}"
                );
            }
            assert!(
                machine.loss() < goal,
                "{rule} on {name}: {}",
                machine.loss()
            );
        }
    }
}

#[test]
fn a_state_that_is_given_a_matrix_is_one() {
    let state = "state S = 0 \"a sum\"\nstate T = eye(n) \"begins as one\"";
    let compiled = compiled(state, "S = S + outer(w, w); T = 0.5*T; w = w", 3).unwrap();
    for name in ["S", "T"] {
        assert_eq!(
            compiled.variable(name).unwrap().extent.to_string(),
            "a 3x3 matrix"
        );
    }
    let mut machine = Machine::new(Arc::clone(&compiled), &loss(3), None, &[], &[1.0, 2.0, 3.0]);
    machine.iterate();
    machine.iterate();
    let value = |name: &str| machine.value(compiled.variable(name).unwrap());
    assert_eq!(value("S"), [2.0, 4.0, 6.0, 4.0, 8.0, 12.0, 6.0, 12.0, 18.0]);
    assert_eq!(value("T")[..4], [0.25, 0.0, 0.0, 0.0]);
}

#[test]
fn what_does_not_fit_is_refused_with_its_shapes() {
    for (line, says) in [
        ("A*w", "shapes do not fit: a 2x2 matrix and a vector of 2"),
        ("A*w", "`A @ b`"),
        ("w @ w", "dot(u, v)"),
        ("2 @ A", "a scalar and a 2x2 matrix"),
        ("A[1]", "`A` is a 2x2 matrix"),
        ("A[1, 3]", "out of range: the matrix has 2 columns\n"),
        (
            "A[3, 1]",
            "index 3 is out of range: the matrix has 2 rows\n",
        ),
        ("eye(1)[2, 1]", "out of range: the matrix has 1 row\n"),
        ("eye(1)[1, 2]", "out of range: the matrix has 1 column\n"),
        ("A[0, 1]", "indices start at 1"),
        ("w[1, 2]", "write `w[i]`"),
        ("eta[1, 2]", "unknown name"),
        ("t[1, 2]", "is a scalar and has no rows and columns"),
        (
            "transpose(w)",
            "`w` is a vector of 2, where a matrix is needed",
        ),
        (
            "outer(w, A)",
            "`A` is a 2x2 matrix, where a vector is needed",
        ),
        ("solve(w, w)", "where a matrix is needed"),
        (
            "qr(reshape(w, 1, 2))",
            "no 2 columns of 1 numbers are orthonormal",
        ),
        ("qr(w)", "where a matrix is needed"),
        (
            "descending(reshape(w, 1, 2))",
            "where a square one is needed",
        ),
        ("solve(A, t)", "where a vector or matrix is needed"),
        ("solve(A, eye(3))", "a 2x2 matrix and a 3x3 matrix"),
        ("eye(3) @ A", "a 3x3 matrix @ a 2x2 matrix"),
        ("eye(t)", "known when the text is loaded"),
        ("eye(0)", "not a number of rows"),
        ("eye(201)", "at most 200 rows"),
        ("eye(1e30)", "at most 200 rows"),
        ("hess(A)", "has to be a vector of 2"),
        ("A'", "transpose(A)"),
        ("sum(i, 1, n, A)", "but this is a 2x2 matrix"),
        (
            "eigvals(outer(w, eye(3) @ (outer(w, w) @ w)))",
            "shapes do not fit",
        ),
    ] {
        let error = compiled("", &format!("A = outer(w, w); a = {line}; w = w"), 2);
        let error = error.map(|_| ()).expect_err(line);
        assert!(error.contains(says), "{line}: {error}");
    }
    let error = compiled("", "w = outer(w, w)", 2).map(|_| ()).unwrap_err();
    assert!(
        error.contains("`w` is a vector of 2, but this is a 2x2 matrix"),
        "{error}"
    );
    let error = compiled("", "w = w - solve(hess(w), w)", 201)
        .map(|_| ())
        .unwrap_err();
    assert!(error.contains("a matrix of 201 rows"), "{error}");
    let error = Formula::new(&Source::new("<loss>", "dot(w, eye(n) @ w)"), 2).unwrap_err();
    assert!(
        error.to_string().contains("cannot be made with matrices"),
        "{error}"
    );
}

#[test]
fn matrix_operations_carry_first_derivatives() {
    let start = [0.5, -0.7, 0.2];
    for expr in [
        "solve(hess(w) + outer(w, w), w)",
        "solve(hess(w), outer(w, w)) @ w",
        "eigvals(hess(w))",
        "eigvecs(hess(w)) @ w",
        "eigvecs(hess(w))[2, 3]*w",
        "qr(hess(w) + outer(w, w^2)) @ w",
        "qr(reshape(w, n, 1)) @ (transpose(qr(reshape(w, n, 1))) @ w^2)",
        "descending(hess(w)) @ w",
        "inv_sqrt(hess(w)) @ w",
        "inv_sqrt(outer(w, w) + eye(n)) @ w",
        "transpose(diag(w) + outer(w, w^2)) @ w",
        "hess(w) @ w",
        "diag(hess(w) @ outer(w, sin(w)))",
    ] {
        let compiled =
            compiled("", &format!("w = {expr}"), 3).unwrap_or_else(|error| panic!("{error}"));
        let loss = loss(3);
        let at = Boundary {
            t: 0,
            settings: &[],
            kept: &start,
        };
        let exact = Jacobian::new(Arc::clone(&compiled)).at(&mut *loss.evaluator(), at, 1.0);
        let after = |start: &[f64]| {
            let mut machine = Machine::new(Arc::clone(&compiled), &loss, None, &[], start);
            machine.iterate();
            machine.w().to_vec()
        };
        for column in 0..3 {
            let moved = |by: f64| {
                let mut start = start;
                start[column] += by;
                after(&start)
            };
            let (ahead, behind) = (moved(1e-5), moved(-1e-5));
            for row in 0..3 {
                let slope = (ahead[row] - behind[row]) / 2e-5;
                let found = exact[(row, column)];
                assert!(
                    (found - slope).abs() < 1e-7 * slope.abs().max(1.0),
                    "{expr}: {found} against {slope}"
                );
            }
        }
    }
}

/// The losses of a shipped rule on the valley, turned with its start about the minimum.
fn losses(name: &str, settings: &[f64], degrees: f64, count: u64) -> Vec<f64> {
    let (s, c) = degrees.to_radians().sin_cos();
    let (x, y) = (-0.8, -0.6);
    let landscape = Landscape {
        name: "valley".into(),
        loss: Arc::new(Quadratic::new(&[1.0, 100.0], &[0.8, 0.6], degrees).unwrap()),
        start: vec![0.8 + c * x - s * y, 0.6 + s * x + c * y],
        window: None,
        bound: 5.0,
    };
    let compiled = rule::load(name).unwrap().compile(2).unwrap();
    let mut lane = Lane::new(Arc::new(compiled), &landscape, None, settings.to_vec());
    (0..=count)
        .map(|t| {
            lane.seek(Position::at(t), |_| true);
            lane.machine().loss()
        })
        .collect()
}

#[test]
fn newton_ends_a_quadratic_at_once() {
    assert!(losses("newton", &[1.0, 0.0], 30.0, 1)[1] < 1e-28);
}

#[test]
fn adam_in_the_eigenbasis_does_not_see_a_turn() {
    let settings = [0.0198, 0.9, 0.999, 1e-8];
    let plain = losses("adam", &settings, 0.0, 100);
    let turned = losses("adam_eigen", &settings, 30.0, 100);
    for (a, b) in plain.iter().zip(&turned) {
        assert!((a - b).abs() < 1e-9, "{a} and {b}");
    }
    let lost = losses("adam", &settings, 30.0, 100);
    assert!(lost[60] > 5.0 * plain[60], "{} and {}", lost[60], plain[60]);
}

#[test]
fn full_adagrad_does_not_see_a_turn() {
    let (a, b) = (
        losses("adagrad_full", &[0.5, 1e-8], 0.0, 50),
        losses("adagrad_full", &[0.5, 1e-8], 40.0, 50),
    );
    for (a, b) in a.iter().zip(&b) {
        assert!((a - b).abs() < 1e-6 * a.abs().max(1.0), "{a} and {b}");
    }
}

#[test]
fn polyak_is_at_its_optimum() {
    let losses = losses("polyak", &[0.0, 0.0], 0.0, 70);
    let settled = losses.iter().position(|loss| *loss <= 1e-6);
    assert_eq!(settled, Some(66));
}
