//! Losses on data: derivatives, solutions, batches, and tables that are refused.

use eigenstep::{
    analysis::{Origin, Reference},
    debugger::Machine,
    error::Source,
    loss::{
        DataTable, Design, Evaluator, Linear, Logistic, Loss, Mlp, Model, ModelConfig, Noise,
        Stochastic, landscape,
    },
    rule,
    scenario::Scenario,
};
use std::{collections::BTreeSet, path::Path, sync::Arc};

fn design(target: &str) -> Design {
    Design::new(&DataTable::seedlings().unwrap(), target, true).unwrap()
}

fn losses() -> Vec<(&'static str, Box<dyn Loss>)> {
    vec![
        ("linear", Box::new(Linear::new(design("height_cm"), 0.1))),
        ("logistic", Box::new(Logistic::new(design("survived"), 0.1))),
        ("network", Box::new(Mlp::new(design("survived"), &[3], 0.1))),
        (
            "deep network",
            Box::new(Mlp::new(design("height_cm"), &[4, 2], 0.01)),
        ),
        (
            "network without hidden layers",
            Box::new(Mlp::new(design("survived"), &[], 0.1)),
        ),
    ]
}

/// Numbers between -1 and 1, the same in each run.
fn numbers(n: usize, step: f64) -> Vec<f64> {
    (1..=u32::try_from(n).unwrap())
        .map(|k| 2.0 * (f64::from(k) * step).fract() - 1.0)
        .collect()
}

fn shifted(w: &[f64], d: &[f64], by: f64) -> Vec<f64> {
    w.iter().zip(d).map(|(w, d)| w + by * d).collect()
}

/// The derivative of `f` along `d` at `w`, by differences of sixth order.
fn difference(w: &[f64], d: &[f64], mut f: impl FnMut(&[f64]) -> Vec<f64>) -> Vec<f64> {
    let h = 0.02;
    let mut total = vec![0.0; f(w).len()];
    for (steps, weight) in [(1.0, 0.75), (2.0, -0.15), (3.0, 1.0 / 60.0)] {
        let (ahead, behind) = (f(&shifted(w, d, steps * h)), f(&shifted(w, d, -steps * h)));
        for ((total, ahead), behind) in total.iter_mut().zip(ahead).zip(behind) {
            *total += weight * (ahead - behind) / h;
        }
    }
    total
}

fn gradient(evaluator: &mut dyn Evaluator, w: &[f64]) -> Vec<f64> {
    let mut gradient = vec![0.0; w.len()];
    evaluator.value_and_gradient(w, &mut gradient);
    gradient
}

fn assert_close(ours: &[f64], theirs: &[f64], tolerance: f64, what: &str) {
    let size = theirs.iter().fold(1.0_f64, |size, it| size.max(it.abs()));
    for (a, b) in ours.iter().zip(theirs) {
        assert!(
            (a - b).abs() <= tolerance * size,
            "{what}: {ours:?} and {theirs:?}"
        );
    }
}

#[test]
fn derivatives_follow_from_each_other() {
    for (name, loss) in losses() {
        let n = loss.dimension();
        let mut evaluator = loss.evaluator();
        let (w, d, e) = (numbers(n, 0.618), numbers(n, 0.414), numbers(n, 0.732));
        let d: Vec<f64> = d.iter().map(|d| d * 0.1).collect();
        let mut found = vec![0.0; n];
        let value = evaluator.value_and_gradient(&w, &mut found);
        assert!(
            (value - evaluator.value(&w)).abs() < 1e-12 * value,
            "{name}"
        );
        let slope: f64 = found.iter().zip(&d).map(|(g, d)| g * d).sum();
        let along = difference(&w, &d, |w| vec![evaluator.value(w)]);
        assert_close(&[slope], &along, 1e-9, name);
        evaluator.hessian_product(&w, &d, &mut found);
        let along = difference(&w, &d, |w| gradient(evaluator.as_mut(), w));
        assert_close(&found, &along, 1e-8, name);
        let dense = evaluator.hessian(&w);
        for (row, product) in found.iter().enumerate() {
            let sum: f64 = (0..n).map(|column| dense[(row, column)] * d[column]).sum();
            assert!((sum - product).abs() < 1e-10, "{name}: {sum} and {product}");
            assert_eq!(dense[(row, 0)], dense[(0, row)]);
        }
        evaluator.third_product(&w, &e, &d, &mut found);
        let along = difference(&w, &d, |w| {
            let mut product = vec![0.0; n];
            evaluator.hessian_product(w, &e, &mut product);
            product
        });
        assert_close(&found, &along, 1e-8, name);
    }
}

#[test]
fn a_network_without_hidden_layers_is_logistic_regression() {
    let (network, plain) = (
        Mlp::new(design("survived"), &[], 0.3),
        Logistic::new(design("survived"), 0.3),
    );
    let w = numbers(plain.dimension(), 0.618);
    let (a, b) = (
        gradient(network.evaluator().as_mut(), &w),
        gradient(plain.evaluator().as_mut(), &w),
    );
    assert_close(&a, &b, 1e-13, "gradients");
}

#[test]
fn losses_stay_finite_far_out() {
    for (name, loss) in losses() {
        let n = loss.dimension();
        let mut evaluator = loss.evaluator();
        let w: Vec<f64> = numbers(n, 0.618).iter().map(|w| 1e4 * w).collect();
        let mut found = vec![0.0; n];
        assert!(
            evaluator.value_and_gradient(&w, &mut found).is_finite(),
            "{name}"
        );
        evaluator.hessian_product(&w, &numbers(n, 0.3), &mut found);
        assert!(found.iter().all(|it| it.is_finite()), "{name}: {found:?}");
    }
}

#[test]
fn minima_of_fits_are_found() {
    let linear = Linear::new(design("height_cm"), 0.0);
    let minima = linear.minima();
    assert!(
        gradient(linear.evaluator().as_mut(), &minima[0])
            .iter()
            .all(|g| g.abs() < 1e-12)
    );
    let logistic = Logistic::new(design("survived"), 0.0);
    let reference = Reference::near(&logistic, &vec![0.0; logistic.dimension()]);
    assert_eq!(reference.origin.name(), "by Newton");
    assert!(
        gradient(logistic.evaluator().as_mut(), &reference.minimum)
            .iter()
            .all(|g| g.abs() < 1e-10)
    );
    assert!(reference.spectrum.unwrap().smallest() > 0.0);
    // The units of a network saturate, and its loss levels out; not where weights cost something.
    for (ridge, origin) in [(0.0, Origin::Here), (0.01, Origin::Polished)] {
        let network = Mlp::new(design("survived"), &[3], ridge);
        let start = numbers(network.dimension(), 0.3);
        assert_eq!(Reference::near(&network, &start).origin, origin);
    }
}

#[test]
fn batches_are_functions_of_seed_iteration_and_call() {
    let loss = Logistic::new(design("survived"), 0.0);
    let w = numbers(loss.dimension(), 0.618);
    let noise = |batch| Noise {
        batch,
        seed: 7,
        ..Noise::default()
    };
    let mut evaluator = loss.evaluator();
    let mut drawn = |sampler: &mut Stochastic, t, call| {
        let mut gradient = vec![0.0; w.len()];
        sampler.gradient(evaluator.as_mut(), &w, None, (t, call), &mut gradient);
        gradient
    };
    let (mut one, mut other) = (
        Stochastic::new(noise(16), &loss),
        Stochastic::new(noise(16), &loss),
    );
    let first = drawn(&mut one, 5, 0);
    assert_ne!(first, drawn(&mut one, 6, 0));
    assert_ne!(first, drawn(&mut one, 5, 1));
    assert_eq!(first, drawn(&mut one, 5, 0));
    assert_eq!(first, drawn(&mut other, 5, 0));
    let all = drawn(&mut Stochastic::new(noise(150), &loss), 1, 0);
    assert_eq!(all, drawn(&mut Stochastic::new(noise(0), &loss), 1, 0));
    // Batches are unbiased: their mean tends to the whole gradient.
    let mut mean = vec![0.0; w.len()];
    for t in 0..4000 {
        for (mean, g) in mean.iter_mut().zip(drawn(&mut one, t, 0)) {
            *mean += g / 4000.0;
        }
    }
    assert_close(&mean, &all, 0.01, "the mean of batches");
}

#[test]
fn dropped_elements_are_zero_as_often_as_asked() {
    let loss = landscape("valley", None).unwrap().loss;
    let noise = Noise {
        dropout: 0.25,
        seed: 1,
        ..Noise::default()
    };
    let mut sampler = Stochastic::new(noise, &*loss);
    let mut evaluator = loss.evaluator();
    let mut zeros = 0;
    for t in 0..2000 {
        let mut gradient = [0.0; 2];
        sampler.gradient(evaluator.as_mut(), &[0.0, 0.0], None, (t, 0), &mut gradient);
        let patterns: BTreeSet<u64> = [-0.8_f64, -60.0, 0.0].map(f64::to_bits).into();
        assert!(
            gradient.iter().all(|g| patterns.contains(&g.to_bits())),
            "{gradient:?}"
        );
        zeros += gradient.iter().filter(|g| **g == 0.0).count();
    }
    assert!((900..1100).contains(&zeros), "{zeros} of 4000");
}

#[test]
fn a_run_on_batches_is_replayed_bit_for_bit() {
    let landscape = landscape("logistic", None).unwrap();
    let compiled = Arc::new(
        rule::load("adam")
            .unwrap()
            .compile(landscape.start.len())
            .unwrap(),
    );
    let noise = Noise {
        batch: 10,
        sigma: 0.01,
        dropout: 0.1,
        seed: 3,
    };
    let settings = [0.05, 0.9, 0.999, 1e-8];
    let run = |count| {
        let mut machine = Machine::new(
            Arc::clone(&compiled),
            &*landscape.loss,
            Some(noise),
            &settings,
            &landscape.start,
        );
        let begin = machine.loss();
        (0..count).for_each(|_| machine.iterate());
        assert!(machine.loss() < 0.9 * begin);
        machine.variables().to_vec()
    };
    assert_eq!(run(100), run(100));
    assert_ne!(run(100), run(101));
}

#[test]
fn tables_are_refused_with_their_place() {
    for (text, says) in [
        ("", "is empty"),
        ("a,b\n", "no row below its first line"),
        ("a\n1\n", "at least two columns"),
        ("1,2\n3,4\n", "has to name the columns"),
        ("a,,c\n1,2,3\n", "this column has no name"),
        ("a,b,a\n1,2,3\n", "two columns are called `a`"),
        ("a,b\n1,2\n3\n", "this row has 1 fields"),
        ("a,b\n1,2\n3,4,5\n", "my.csv:3:1"),
        ("a,b\n1,2\n3,x4\n", "my.csv:3:3"),
        ("a,b\n1,2\n3,x4\n", "`x4` in column `b` is not a number"),
        ("a,b\n1,\n", "the value of `b` is missing"),
        ("a,b\n1,NaN\n", "not a finite number"),
        ("a,b\n1,inf\n", "not a finite number"),
        ("a,b\n1,1e999\n", "not a finite number"),
        ("a;b\n1;2,5\n", "`2,5` in column `b`"),
        ("a,b\n1,2\n3,\"4\n5,6\n", "my.csv:3:3"),
        ("a,b\n1,2\n3,\"4\n5,6\n", "never closed"),
        ("a,\"b\n1,2\n", "my.csv:1:3"),
        ("a,b\n1,\"2\"\"\n", "my.csv:2:3"),
        ("\u{feff}\"a,b\n1,2\n", "never closed"),
        ("a,b\n1,2\"\"\n", "`2\"\"` in column `b` is not a number"),
    ] {
        let error = DataTable::parse(&Source::new("my.csv", text))
            .unwrap_err()
            .to_string();
        assert!(error.contains(says), "{text:?}: {error}");
    }
    let table = DataTable::parse(&Source::new(
        "my.csv",
        "\u{feff}a, b ,c\r\n 1,2 ,0\r\n\r\n3,2,1\r\n",
    ))
    .unwrap();
    assert_eq!(table.columns(), ["a", "b", "c"]);
    assert_eq!((table.rows(), table.row(1)), (2, &[3.0, 2.0, 1.0][..]));
    let quoted = "\"a\";\"b \"\"x\"\"\"\n\"1\";2\n3;\"4\"\n";
    let quoted = DataTable::parse(&Source::new("my.csv", quoted)).unwrap();
    assert_eq!(quoted.columns(), ["a", "b \"x\""]);
    assert_eq!((quoted.rows(), quoted.row(1)), (2, &[3.0, 4.0][..]));
    let error = |design: Result<Design, eigenstep::error::Error>| design.unwrap_err().to_string();
    assert!(error(Design::new(&table, "d", true)).contains("has no column `d`"));
    assert!(error(Design::new(&table, "a", true)).contains("`b` has the same value in every row"));
    assert!(Design::new(&table, "a", false).is_ok());
    for (b, says) in [
        (["1e308", "-1e308"], Some("`b` are too large")),
        (["1.5e308", "1.6e308"], Some("`b` are too large")),
        (["1e-200", "2e-200"], Some("`b` are too small")),
        (["1e-200", "1e-200"], Some("`b` has the same value")),
        (["1e150", "-1e150"], None),
    ] {
        let text = format!("a,b\n1,{}\n2,{}\n", b[0], b[1]);
        let extreme = DataTable::parse(&Source::new("my.csv", text)).unwrap();
        match (says, Design::new(&extreme, "a", true)) {
            (Some(says), Err(error)) => assert!(error.to_string().contains(says), "{error}"),
            (None, Ok(design)) => assert_eq!(design.x, [1.0, 1.0, 1.0, -1.0]),
            (_, other) => panic!("{b:?}: {other:?}"),
        }
    }
    let design = Design::new(&table, "a", false).unwrap();
    let refusal = design.expect_binary(&table).unwrap_err().to_string();
    assert!(
        refusal.contains("`3` in column `a` is neither 0 nor 1") && refusal.contains("my.csv:4:1"),
        "{refusal}"
    );
}

#[test]
fn fits_are_refused_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mine.csv");
    std::fs::write(&path, "a,b,c\n1,2,0\n2,5,1\n4,4,1\n").unwrap();
    let how = ModelConfig {
        data: Some(path.clone()),
        ..ModelConfig::default()
    };
    let error = |model: Model, how: &ModelConfig| {
        model.landscape("fit", how, None).unwrap_err().to_string()
    };
    assert!(error(Model::Linear, &how).contains("--target COLUMN: a, b, c"));
    let with = |target: &str| ModelConfig {
        target: Some(target.into()),
        ..how.clone()
    };
    assert_eq!(
        Model::Logistic
            .landscape("fit", &with("c"), None)
            .unwrap()
            .start,
        [0.0; 3]
    );
    assert!(error(Model::Logistic, &with("b")).contains("neither 0 nor 1"));
    assert!(
        error(
            Model::Linear,
            &ModelConfig {
                ridge: -1.0,
                ..with("b")
            }
        )
        .contains("is not a ridge")
    );
    assert!(
        error(
            Model::Mlp,
            &ModelConfig {
                hidden: vec![0],
                ..with("b")
            }
        )
        .contains("1 to 64 units")
    );
    let missing = ModelConfig {
        data: Some(folder.path().join("none.csv")),
        ..how.clone()
    };
    assert!(error(Model::Linear, &missing).contains("cannot read"));
    let start = Model::Linear.landscape("fit", &with("b"), Some(&[0.0]));
    assert!(
        start
            .unwrap_err()
            .to_string()
            .contains("has 3 parameters, but the start has 1")
    );
}

#[test]
fn a_scenario_on_data_reads_back_as_it_was() {
    let scenario = Scenario::from_flags(&[
        ("loss", "mlp"),
        ("target", "height_cm"),
        ("standardise", "1"),
        ("ridge", "0.01"),
        ("hidden", "4,2"),
        ("batch", "10"),
        ("grad-dropout", "0.1"),
        ("seed", "3"),
    ])
    .unwrap();
    let mut again = Scenario::default();
    for pair in scenario.to_flags().chunks(2) {
        again
            .apply(pair[0].trim_start_matches('-'), &pair[1])
            .unwrap();
    }
    assert_eq!(scenario, again);
    let text = Source::new("mine.toml", scenario.to_toml());
    assert_eq!(scenario, Scenario::from_toml(&text, Path::new("")).unwrap());
    let setup = scenario.open().unwrap();
    assert_eq!(setup.landscape.start.len(), 6 * 4 + 4 + 4 * 2 + 2 + 2 + 1);
    let noise = setup.noise.unwrap();
    assert_eq!((noise.batch, noise.dropout, noise.seed), (10, 0.1, 3));
    // Spelled out, it opens into the same.
    assert_eq!(
        setup.scenario.open().unwrap().landscape.start,
        setup.landscape.start
    );
}

#[test]
fn flags_about_data_are_refused_where_they_stand() {
    for (flags, says) in [
        (vec![("data", "x.csv")], "--data:1:1"),
        (vec![("batch", "3")], "`batch` belongs to a loss on data"),
        (
            vec![("loss", "logistic"), ("batch", "151")],
            "a batch of 151 rows cannot be drawn from a table of 150",
        ),
        (
            vec![("loss", "mlp"), ("batch", "500")],
            "give --batch 150 or less",
        ),
        (vec![("loss", "linear"), ("batch", "500")], "--batch:1:1"),
        (vec![("loss", "valley"), ("ridge", "1")], "--loss logistic"),
        (
            vec![("loss", "logistic"), ("data", "nope.csv")],
            "cannot read `nope.csv`",
        ),
        (
            vec![("loss", "logistic"), ("target", "foo")],
            "has no column `foo`",
        ),
        (
            vec![("loss", "logistic"), ("target", "water_ml")],
            "seedlings.csv:2:6",
        ),
        (
            vec![("loss", "linear"), ("hidden", "3")],
            "has no hidden layers",
        ),
        (vec![("loss", "mlp"), ("hidden", "0")], "--hidden:1:1"),
        (vec![("loss", "linear"), ("ridge", "-1")], "--ridge:1:1"),
        (
            vec![("loss", "linear"), ("start", "0,0")],
            "has 7 parameters, but the start has 2",
        ),
        (
            vec![("loss", "linear"), ("rotate", "3")],
            "belongs to a quadratic",
        ),
        (vec![("grad-dropout", "1")], "not a probability"),
    ] {
        let scenario = Scenario::from_flags(&flags).unwrap();
        let error = scenario.open().map(|_| ()).unwrap_err().to_string();
        assert!(error.contains(says), "{flags:?}: {error}");
    }
    for (flag, value) in [
        ("hidden", "3,x"),
        ("batch", "-1"),
        ("standardise", "2"),
        ("ridge", "much"),
    ] {
        assert!(Scenario::default().apply(flag, value).is_err(), "{flag}");
    }
}

#[test]
fn the_hessian_of_a_network_is_that_of_its_products_to_the_last_bit() {
    for (name, loss) in losses() {
        if !name.contains("network") {
            continue;
        }
        let n = loss.dimension();
        let w = numbers(n, 0.7);
        let mut evaluator = loss.evaluator();
        let dense = evaluator.hessian(&w);
        let mut columns = vec![vec![0.0; n]; n];
        for (at, column) in columns.iter_mut().enumerate() {
            let mut unit = vec![0.0; n];
            unit[at] = 1.0;
            evaluator.hessian_product(&w, &unit, column);
        }
        for i in 0..n {
            for j in 0..n {
                let mean = f64::midpoint(columns[i][j], columns[j][i]);
                assert_eq!(dense[(i, j)].to_bits(), mean.to_bits(), "{name} {i} {j}");
            }
        }
    }
}
