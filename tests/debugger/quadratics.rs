//! Quadratics of any size: by a law, turned, or from a file.

use super::bench::{Bench, scenario};

#[test]
fn a_random_rotation_keeps_the_eigenvalues_and_what_descent_makes_of_them() {
    let law = "--eigenvalues 1..100:log:6 --minimum 1,1,1,1,1,1 --rule gd --set eta=eta_opt";
    let mut plain = Bench::open(law);
    let (t, ..) = plain.why("continue");
    for seed in 1..=3 {
        let flags = format!("{law} --rotation-seed {seed} --rotate-start 1");
        let mut turned = Bench::open(&flags);
        for at in 1..=6 {
            let name = format!("lambda[{at}]");
            let (a, b) = (plain.number(&name), turned.number(&name));
            assert!((a / b - 1.0).abs() < 1e-12, "{seed}: {a} and {b}");
        }
        assert!((turned.number("kappa") / 100.0 - 1.0).abs() < 1e-10);
        assert_eq!(
            turned.why("continue").0,
            t,
            "gradient descent knows no axes"
        );
        let told = turned.says("info claims");
        assert!(told.contains("predicted exactly: yes"), "{told}");
    }
    // A law has both its ends, and steps that are even in the logarithm.
    let mut bench = Bench::open("--rule gd --eigenvalues 1..100:log:3");
    assert!((bench.number("lambda[2]") - 10.0).abs() < 1e-12);
    let mut bench = Bench::open("--rule gd --eigenvalues 1..4:4,9");
    assert_eq!(bench.says("print lambda"), "lambda = [1, 2, 3, 4, 9]");
}

#[test]
fn turned_with_its_start_only_the_axes_of_a_rule_make_a_difference() {
    let turned = "--eigenvalues 1,100 --rotate 30 --rotate-start 1";
    for (rule, t) in [
        ("--rule gd --set eta=eta_opt", 419),
        ("--rule adam_eigen --set eta=eta_opt", 116),
        ("--rule adam --set eta=eta_opt", 1155),
    ] {
        let mut bench = Bench::open(&format!("{rule} {turned}"));
        assert!((bench.number("w[1]") - 0.407_179_676_97).abs() < 1e-10);
        assert!((bench.number("w[2]") + 0.319_615_242_27).abs() < 1e-10);
        assert_eq!(bench.why("continue").0, t, "{rule}");
    }
    // Spelled out, it starts where it starts, and is not turned again.
    let spelled = scenario(&format!("--rule gd {turned}"))
        .open()
        .unwrap()
        .scenario;
    let again = Bench::of(&spelled);
    let start = again.session.landscape().start.clone();
    assert!((start[0] - 0.407_179_676_97).abs() < 1e-10, "{start:?}");
}

#[test]
fn a_hessian_is_read_from_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let good = write("h.txt", "# of three\n4 1 0\n1, 3, 1\n0 1 2\n\n");
    let mut bench = Bench::open(&format!("--rule gd --matrix {good} --set eta=eta_opt"));
    // The roots of l^3 - 9 l^2 + 24 l - 18.
    for (at, root) in [1.267_949_192_431_122_7, 3.0, 4.732_050_807_568_877]
        .iter()
        .enumerate()
    {
        let found = bench.number(&format!("lambda[{}]", at + 1));
        assert!((found - root).abs() < 1e-12, "{found}");
    }
    assert_eq!(
        bench.says("print hess(w)"),
        "hess(w) = [[4, 1, 0], [1, 3, 1], [0, 1, 2]]"
    );
    for rule in ["conjugate_gradient", "bfgs"] {
        let mut bench = Bench::open(&format!("--rule {rule} --matrix {good}"));
        bench.answer("step 2");
        assert!(
            bench.number("loss") > 1e-8,
            "{rule} ends in three steps, not in two"
        );
        bench.answer("step 1");
        assert!(bench.number("loss") < 1e-25, "{rule}");
    }
    for (text, words) in [
        (
            "1 2\n3 4\n",
            "symmetric, and elements [1, 2] and [2, 1] differ",
        ),
        ("1 2 3\n4 5 6\n", "a Hessian is square"),
        ("1 2\n3\n", "this row has 1 numbers, the first one 2"),
        ("1 x\n3 1\n", "`x` is not a number"),
        ("# nothing\n", "no number in this matrix"),
        ("0 0\n0 0\n", "the loss is flat"),
    ] {
        let bad = write("bad.txt", text);
        let error = scenario(&format!("--rule gd --matrix {bad}")).session();
        let error = error.map(|_| ()).unwrap_err().to_string();
        assert!(error.contains(words), "{text}: {error}");
    }
    for (flags, words) in [
        (
            format!("--matrix {good} --eigenvalues 1,2,3"),
            "the whole Hessian",
        ),
        ("--rotate 30 --rotation-seed 2".to_owned(), "rotated twice"),
        (
            "--eigenvalues 1,2,3 --rotate 30".to_owned(),
            "use --rotation-seed",
        ),
    ] {
        let error = scenario(&format!("--rule gd {flags}")).session();
        let error = error.map(|_| ()).unwrap_err().to_string();
        assert!(error.contains(words), "{flags}: {error}");
    }
}

#[test]
fn a_law_says_where_it_ends_and_how_many_numbers_it_has() {
    for law in [
        "1..100",
        "1..100:log",
        "0..1:log:4",
        "1..2:1",
        "1..2:x",
        "..2:3",
        "1..:3",
    ] {
        let mut scenario = eigenstep::scenario::Scenario::default();
        assert!(scenario.apply("eigenvalues", law).is_err(), "{law}");
    }
}

#[test]
fn a_quadratic_is_called_by_its_name_or_by_its_eigenvalues() {
    let mut named = Bench::open("--loss quadratic --eigenvalues 3,47");
    let mut unnamed = Bench::open("--eigenvalues 3,47");
    for it in [&mut named, &mut unnamed] {
        it.answer("step 3");
    }
    for value in ["lambda[1] - 3", "lambda[2] - 47"] {
        assert_eq!(named.number(value), 0.0);
    }
    assert_eq!(named.number("loss"), unnamed.number("loss"));
}
