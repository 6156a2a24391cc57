//! What expressions may read, and what they complain about.

use super::bench::Bench;

#[test]
fn every_quantity_has_a_value() {
    let mut bench = Bench::open("--rule adam --set eta=eta_opt");
    bench.answer("step 3");
    assert_eq!(bench.number("t"), 3.0);
    assert_eq!(bench.says("print lambda"), "lambda = [1, 100]");
    assert_eq!(bench.number("kappa"), 100.0);
    assert_eq!(bench.number("eta_max"), 0.02);
    assert_eq!(bench.number("eta_opt"), 2.0 / 101.0);
    assert_eq!(bench.number("alpha[1] - (x - 0.8)"), 0.0);
    assert_eq!(bench.number("norm(step - (w - prev(w)))"), 0.0);
    assert_eq!(bench.number("grad[2] - 100*alpha[2]"), 0.0);
    assert_eq!(
        bench.says("print loss < 1 and t == 3"),
        "loss < 1 and t == 3 = false"
    );
    assert_eq!(bench.says("print w > 0"), "w > 0 = [true, true]");
    assert_eq!(bench.number("n"), 2.0);
}

#[test]
fn without_a_minimum_alpha_has_no_meaning() {
    let mut bench = Bench::open("--rule gd --loss x+y --start 1,1");
    let error = bench.refuses("print alpha");
    assert!(
        error.contains("`alpha` is undefined here: no minimum is known"),
        "{error}"
    );
}

#[test]
fn errors_point_into_the_command_line() {
    let mut bench = Bench::open("--rule adam");
    for (command, message, column) in [
        ("print beta3", "unknown name `beta3`", 7),
        ("break los < 1", "did you mean `loss`?", 7),
        ("until w", "a condition must be a single truth value", 7),
        ("until w > 0", "combine its elements", 7),
        ("break loss", "compare it", 7),
        ("print w + lambda[3]", "index 3 is out of range", 18),
        ("print norm(w", "never closed", 11),
        ("print 2 loss", "", 9),
        ("watch", "`watch` needs EXPR", 1),
        ("break line 9", "the rule has lines 1 to 6", 12),
        ("break line 2 when t > 3", "expected `if`", 14),
        (
            "break line 2 if t",
            "a condition must be a single truth value",
            17,
        ),
        (
            "until settled(loss < 1, t)",
            "settled takes a whole number",
            25,
        ),
        (
            "until settled(loss < 1, 0)",
            "a whole one from 1 to 1e9",
            25,
        ),
        (
            "until settled(loss < 1, 5e9)",
            "a whole one from 1 to 1e9",
            25,
        ),
        ("print first(settled(loss < 1, 2))", "cannot be nested", 13),
        ("print grad(2*w)", "", 7),
        ("explain beta1", "is a setting: no line assigns it", 9),
        ("explain q", "the rule has no variable `q`", 9),
        ("frobnicate", "unknown command `frobnicate`", 1),
        ("s", "", 0),
        ("l x", "`list` takes no arguments", 3),
        ("di 3", "`di` may be display, disable", 1),
        ("stepp", "did you mean `step`?", 1),
        ("eta", "`print eta` shows", 1),
        ("w[1] + 1", "`print w[1] + 1` shows", 1),
        ("eta=0.1", "`set eta=0.1` changes", 1),
        ("eta 0.1", "`set eta=0.1` changes", 1),
        ("hook keras", "a command of the shell", 1),
        ("watch m if t > 3", "`watch where(t > 3, m, 0*m)`", 9),
        ("break when loss < 1", "`break loss < 1 and t > 3`", 12),
        ("break w[1] crosses 0", "`watch sign(loss - 1)`", 12),
        ("break loss is 1", "`t == 3`", 12),
        ("print loss t", "to multiply, write `*`", 12),
        ("break t > 3 ignore many", "`many` is not a count", 20),
        ("  print  nope", "unknown name `nope`", 10),
        ("goto x", "`x` is not a count", 6),
        ("goto", "goto which iteration?", 1),
        ("info everything", "there is no info topic `everything`", 6),
        ("help me", "there is no help on `me`", 6),
        ("delete 1", "there is no stop, display or plot 1", 8),
        ("fork a b", "nothing may follow here", 8),
    ] {
        if column == 0 {
            bench.answer(command);
            continue;
        }
        let error = bench.refuses(command);
        assert!(error.contains(message), "{command}: {error}");
        let place = format!("<test>:1:{column}");
        assert!(
            error.contains(&format!("{place}\n")),
            "{command} at {place}: {error}"
        );
        assert!(
            error.contains('^') || command.is_empty(),
            "{command}: {error}"
        );
    }
}

#[test]
fn commands_may_be_shortened() {
    let mut bench = Bench::open("--rule adam");
    for command in ["c", "cont", "con", "continue"] {
        bench.all("goto 0\nbreak t == 3");
        assert_eq!(bench.why(command).0, 3, "{command}");
        bench.answer("del all");
    }
    bench.all("unt t == 9");
    assert_eq!(bench.at(), (9, 0));
    assert!(bench.refuses("st x").contains("`x` is not a count"));
}

#[test]
fn conditions_hold_where_their_value_is_true() {
    // Comparisons with literals go a shorter way than other expressions; it has to lead to the same place.
    for condition in [
        "loss < 0.1",
        "0.1 > loss",
        "alpha[2] >= 0 and abs(alpha[1]) < 0.3",
        "abs(m[2]) <= 0.05 and t > 20 and loss != 0",
        "momentum.w[1] > gd.w[1]",
        "gd.g[2] == -60",
        "grad[2] > -1e-3",
        "eta < 0.01 and t == 7",
        "w[2] > 0.6 or t > 40",
        "kappa > 99 and x > 0.5",
        "lambda[2] == 100 and t >= 9",
        "prev(loss) < 1",
        "m_never < 1",
    ] {
        let flags = "--rule momentum --rule gd --set eta=0.175*eta_opt";
        let mut bench = Bench::open(flags);
        if bench.try_answer(&format!("print {condition}")).is_err() {
            bench.refuses(&format!("until {condition}"));
            continue;
        }
        let mut wanted = None;
        for t in 1..100 {
            bench.answer(&format!("goto {t}"));
            if bench
                .says(&format!("print {condition}"))
                .ends_with("= true")
            {
                wanted = Some(t);
                break;
            }
        }
        let mut bench = Bench::open(flags);
        bench.answer("set max-run = 99");
        assert_eq!(
            bench.why(&format!("until {condition}")).0,
            wanted.unwrap_or(99),
            "{condition}"
        );
        let mut bench = Bench::open(flags);
        bench.answer(&format!("print settled({condition}, 2)"));
        bench.answer("goto 99");
        let first = bench.says(&format!("print first({condition} and t > 0)"));
        let shown = wanted.map_or("NaN".to_owned(), |t| t.to_string());
        assert!(first.ends_with(&format!("= {shown}")), "{first}");
    }
}

#[test]
fn a_long_vector_is_cut_sorted_and_summed_up() {
    let mut bench = Bench::open("--rule adam --loss mlp");
    bench.answer("step 30");
    assert_eq!(bench.number("w[2..4][1] - w[2]"), 0.0);
    assert_eq!(bench.number("sum(w[1..n]) - sum(w)"), 0.0);
    assert_eq!(bench.number("max(w) - topk(w, 1)[1]"), 0.0);
    let place = bench.number("argmax(abs(grad))");
    assert_eq!(
        bench.number(&format!("abs(grad[{place}]) - norm_inf(grad)")),
        0.0
    );
    assert_eq!(bench.number("min(w) - quantile(w, 0)"), 0.0);
    assert_eq!(bench.number("topk(w, 2)[2] - quantile(w, 1 - 1/24)"), 0.0);
    // Of 25 numbers the median is the 13th.
    assert_eq!(bench.number("topk(w, 13)[13] - quantile(w, 0.5)"), 0.0);
    assert_eq!(bench.number("median(w) - quantile(w, 0.5)"), 0.0);
    assert_eq!(bench.number("max(eigvals(hess(w))) - sharpness"), 0.0);
    assert_eq!(
        bench.number("norm(grad(w) - grad) + abs(loss(w) - loss)"),
        0.0
    );
    for (expression, message) in [
        ("w[5..1]", "holds nothing"),
        ("w[1..26]", "index 26 is out of range"),
        ("loss[1..2]", "is a scalar"),
        ("sum(i, 1, n, w[1..i])", "cannot stand within"),
        ("topk(w, 26)", "k is a whole number from 1 to 25"),
        ("quantile(w, 2)", "q lies from 0"),
        ("argmax(loss)", "where a vector is needed"),
        ("hess(2*w)", "write `hess(w)`"),
        ("hvp(w, grad)", "write `hess(w) @ d`"),
        (
            "mean_over(w, 3)",
            "takes one number, but this is a vector of 25",
        ),
        ("std_over(loss, 0)", "a whole one from 1 to 1e5"),
    ] {
        let error = bench.refuses(&format!("print {expression}"));
        assert!(error.contains(message), "{expression}: {error}");
    }
}

#[test]
fn means_over_the_last_boundaries_follow_the_run_back_and_forth() {
    let mut bench = Bench::open("--rule gd --loss x^2 --start 1 --set eta=0.1");
    bench.answer("step 3");
    let losses: Vec<f64> = [0, 1, 2, 3].map(|t| 0.64_f64.powi(t)).to_vec();
    let close = |a: f64, b: f64| assert!((a - b).abs() < 1e-12, "{a} {b}");
    close(
        bench.number("mean_over(loss, 2)"),
        f64::midpoint(losses[2], losses[3]),
    );
    // As many as there are.
    close(
        bench.number("mean_over(loss, 100)"),
        losses.iter().sum::<f64>() / 4.0,
    );
    let half = (losses[2] - losses[3]) / 2.0;
    close(bench.number("std_over(loss, 2)"), half * 2.0_f64.sqrt());
    bench.answer("goto 1");
    close(
        bench.number("mean_over(loss, 2)"),
        f64::midpoint(losses[0], losses[1]),
    );
    bench.answer("goto 0");
    assert!(
        bench.number("std_over(loss, 2)").is_nan(),
        "one value has no spread"
    );
}
