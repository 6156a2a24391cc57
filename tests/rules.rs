//! What holds for every rule that is shipped; a new file below `src/rules` is tested by being there.

use eigenstep::{
    debugger::{
        Control, Lane, Machine, Position, Session,
        watch::{ExpectedType, Watch},
    },
    error::{Source, Span},
    loss::{Landscape, Quadratic},
    rule::{self, Compiled, Domain, Rule, Tensor},
    value::Value,
};
use std::{collections::BTreeSet, sync::Arc};

/// A bowl with eigenvalues 1 and 4 along the axes.
fn bowl() -> Landscape {
    Landscape {
        name: "bowl".into(),
        loss: Arc::new(Quadratic::new(&[1.0, 4.0], &[0.3, -0.2], 0.0).unwrap()),
        start: vec![0.0, 0.0],
        window: None,
        bound: 10.0,
    }
}

fn shipped() -> Vec<(&'static str, Arc<Compiled>)> {
    let names = rule::names();
    assert!(names.len() >= 28, "{names:?}");
    names
        .into_iter()
        .map(|name| {
            let compiled = rule::load(name).and_then(|rule| rule.compile(2));
            (
                name,
                Arc::new(compiled.unwrap_or_else(|error| panic!("{error}"))),
            )
        })
        .collect()
}

fn defaults(compiled: &Compiled) -> Vec<f64> {
    compiled.settings.iter().map(|it| it.default).collect()
}

/// The defaults, then the defaults with each switch turned, one at a time.
fn switched(compiled: &Compiled) -> Vec<Vec<f64>> {
    let mut all = vec![defaults(compiled)];
    for (at, setting) in compiled.settings.iter().enumerate() {
        if let Domain::Choice(values) = &setting.domain {
            for value in values.iter().filter(|value| **value != setting.default) {
                let mut settings = defaults(compiled);
                settings[at] = *value;
                all.push(settings);
            }
        }
    }
    all
}

fn machine(compiled: &Arc<Compiled>, settings: &[f64]) -> Machine {
    let bowl = bowl();
    Machine::new(
        Arc::clone(compiled),
        &*bowl.loss,
        None,
        settings,
        &bowl.start,
    )
}

fn bits(values: &[f64]) -> Vec<u64> {
    values.iter().map(|value| value.to_bits()).collect()
}

#[test]
fn a_rule_is_called_as_its_file_is_and_says_what_it_is() {
    for (name, compiled) in shipped() {
        let rule = &compiled.rule;
        assert_eq!(rule.name, name);
        assert!(name.chars().all(|c| !c.is_ascii_uppercase()), "{name}");
        assert!(!rule.title.is_empty() && !rule.cites.is_empty(), "{name}");
        for line in rule.source.text.lines() {
            assert!(line.len() <= 110, "{name}: {line}");
        }
        for show in &rule.shows {
            assert!(!show.label.is_empty(), "{name}");
        }
    }
}

#[test]
fn lines_and_iterations_give_the_same_bits() {
    for (name, compiled) in shipped() {
        for settings in switched(&compiled) {
            let (mut whole, mut lines) =
                (machine(&compiled, &settings), machine(&compiled, &settings));
            for _ in 0..40 {
                whole.iterate();
                while !lines.line() {}
                assert_eq!(
                    bits(whole.variables()),
                    bits(lines.variables()),
                    "{name} {settings:?}"
                );
            }
        }
    }
}

#[test]
fn a_run_that_is_replayed_meets_the_same_bits() {
    for (name, compiled) in shipped() {
        let settings = defaults(&compiled);
        let mut lane = Lane::new(Arc::clone(&compiled), &bowl(), None, settings.clone());
        lane.seek(Position::at(700), |_| true);
        lane.seek(Position { t: 300, line: 1 }, |_| true);
        let mut straight = machine(&compiled, &settings);
        while straight.position().t < 300 {
            straight.iterate();
        }
        straight.line();
        assert_eq!(
            bits(lane.machine().variables()),
            bits(straight.variables()),
            "{name}"
        );
    }
}

#[test]
fn every_rule_descends_into_a_bowl_with_every_switch() {
    // One stands beside optimisers, for tensors that are frozen.
    let optimisers = shipped()
        .into_iter()
        .filter(|it| it.0 != "optax/set_to_zero");
    for (name, compiled) in optimisers {
        let climb = compiled
            .settings
            .iter()
            .position(|it| it.name == "maximize");
        for settings in switched(&compiled) {
            let mut machine = machine(&compiled, &settings);
            let goal = machine.loss() / 100.0;
            if climb.is_some_and(|at| settings[at] == 1.0) {
                let before = machine.loss();
                (0..3).for_each(|_| machine.iterate());
                assert!(machine.loss() > before, "{name} climbs");
                continue;
            }
            while machine.loss() > goal {
                machine.iterate();
                let t = machine.position().t;
                assert!(
                    machine.loss().is_finite() && t < 300_000,
                    "{name} {settings:?}: loss {} after {t}",
                    machine.loss()
                );
                for variable in &compiled.variables {
                    let value = machine.value(variable);
                    assert!(
                        value.iter().all(|it| it.is_finite()),
                        "{name} {settings:?}: {} is {value:?} after {t}",
                        variable.name
                    );
                }
            }
        }
    }
}

#[test]
fn rules_stand_side_by_side_with_what_differs_marked() {
    let load = |name: &str| rule::load(name).unwrap();
    let text = rule::compare(&[load("torch/adam"), load("optax/adam"), load("adam")], 120);
    let rows: Vec<(char, Vec<&str>)> = text
        .lines()
        .map(|line| {
            let (mark, rest) = line.split_at(2);
            let cells = rest.split('|').map(str::trim).collect();
            (mark.chars().next().unwrap(), cells)
        })
        .collect();
    let row = |cell: &str| rows.iter().find(|row| row.1.contains(&cell)).unwrap();
    assert_eq!(
        row("lr = 0.001"),
        &(
            ' ',
            vec!["lr = 0.001", "learning_rate = 0.001", "eta = 0.001"]
        )
    );
    assert_eq!(
        row("exp_avg_sq = 0 as scale").1[1..],
        ["nu = 0 as scale", "s = 0 as scale"]
    );
    assert_eq!(row("g = grad(w)"), &(' ', vec!["g = grad(w)"; 3]));
    assert_eq!(
        row("step = step + 1"),
        &('*', vec!["step = step + 1", "count = count + 1", ""])
    );
    assert_eq!(row("eps_root = 0"), &('*', vec!["", "eps_root = 0", ""]));
    assert!(text.lines().all(|line| line.len() <= 120), "{text}");

    let text = rule::compare(&[load("optax/adam"), load("adam")], 100);
    assert!(text.contains("  mu = b1*mu + (1 - b1)*g "), "{text}");
    assert!(text.contains("  nu_hat = nu/(1 - b2^count) "), "{text}");
    assert!(text.contains("* w = "), "{text}");
    assert_eq!(rule::compare(&[], 80), "");
}

#[test]
fn every_rule_draws_arrows_and_they_are_vectors() {
    for (name, compiled) in shipped() {
        let lane = Lane::new(Arc::clone(&compiled), &bowl(), None, defaults(&compiled));
        let lanes = vec![("lane".to_owned(), lane)];
        let mut session = Session::new(bowl(), None, lanes, String::new()).unwrap();
        session.seek(Position::at(5), &mut Control::default());
        let names = session.lanes().names();
        assert!(!compiled.rule.arrows.is_empty(), "{name}");
        for arrow in &compiled.rule.arrows {
            let source = &compiled.rule.source;
            let mut watch = Watch::of(source, arrow.expr.clone(), &names, ExpectedType::Any)
                .unwrap_or_else(|error| panic!("{name}: {error}"));
            assert!(!arrow.label.is_empty(), "{name}");
            let Some(Value::Vector(vector)) = session.value(&mut watch, &mut Control::default())
            else {
                panic!("{name}: {} is no vector", arrow.label);
            };
            assert_eq!(vector.len(), 2, "{name}: {}", arrow.label);
            assert!(
                vector.iter().all(|it| it.is_finite()),
                "{name}: {}",
                arrow.label
            );
        }
    }
}

#[test]
fn what_a_rule_shows_is_a_finite_number() {
    for (name, compiled) in shipped() {
        let lane = Lane::new(Arc::clone(&compiled), &bowl(), None, defaults(&compiled));
        let lanes = vec![("lane".to_owned(), lane)];
        let mut session = Session::new(bowl(), None, lanes, String::new()).unwrap();
        session.seek(Position::at(5), &mut Control::default());
        let names = session.lanes().names();
        for show in &compiled.rule.shows {
            let source = &compiled.rule.source;
            let mut watch = Watch::of(source, show.expr.clone(), &names, ExpectedType::Any)
                .unwrap_or_else(|error| panic!("{name}: {error}"));
            let value = session.value(&mut watch, &mut Control::default()).unwrap();
            let numbers = match &value {
                Value::Scalar(number) => std::slice::from_ref(number),
                Value::Vector(numbers) => numbers,
                Value::Truth(_) => &[],
                other => panic!("{name} shows {other:?}"),
            };
            assert!(
                numbers.iter().all(|it| it.is_finite()),
                "{name} shows {}: {value:?}",
                show.label
            );
        }
    }
}

/// The defaults with each switch turned, and all that a rule keeps or adds beside its gradient switched on.
fn loaded(compiled: &Compiled) -> Vec<Vec<f64>> {
    let mut all = switched(compiled);
    for settings in &mut all {
        for (value, setting) in settings.iter_mut().zip(&compiled.settings) {
            match setting.name.as_str() {
                "momentum" => *value = 0.8,
                "dampening" => *value = 0.3,
                "weight_decay" | "damping" => *value = 0.1,
                _ => {}
            }
        }
    }
    all.extend(switched(compiled));
    all
}

#[test]
fn a_step_length_is_how_far_w_went() {
    let mut told = BTreeSet::new();
    for (name, compiled) in shipped() {
        let shows = compiled.rule.shows.iter();
        let Some(show) = shows.clone().find(|it| it.label == "step length") else {
            continue;
        };
        told.insert(name);
        for settings in loaded(&compiled) {
            let lane = Lane::new(Arc::clone(&compiled), &bowl(), None, settings.clone());
            let lanes = vec![("lane".to_owned(), lane)];
            let mut session = Session::new(bowl(), None, lanes, String::new()).unwrap();
            let names = session.lanes().names();
            let norm = Source::new("<watch>", "norm(step)");
            let whole = Span::new(0, norm.text.len());
            let mut moved = Watch::new(&norm, whole, &names, ExpectedType::Any).unwrap();
            let source = &compiled.rule.source;
            let mut shown =
                Watch::of(source, show.expr.clone(), &names, ExpectedType::Any).unwrap();
            for t in 1..=6 {
                session.seek(Position::at(t), &mut Control::default());
                let mut value = |watch| session.value(watch, &mut Control::default());
                let values = (value(&mut moved), value(&mut shown));
                let (Some(Value::Scalar(moved)), Some(Value::Scalar(shown))) = values else {
                    panic!("{name}");
                };
                assert!(
                    (moved - shown).abs() <= 1e-13 + 1e-10 * moved,
                    "{name} {settings:?} at t = {t}: moved by {moved}, shows {shown}"
                );
            }
        }
    }
    assert!(told.len() >= 5, "{told:?}");
}

#[test]
fn torch_makes_the_buffer_when_momentum_first_uses_it() {
    let compiled = Arc::new(rule::load("torch/sgd").unwrap().compile(2).unwrap());
    let mut machine = machine(&compiled, &[0.05, 0.0, 0.3, 0.0, 0.1]);
    let at = |name: &str| {
        compiled
            .settings
            .iter()
            .position(|it| it.name == name)
            .unwrap()
    };
    let landscape = bowl();
    let mut evaluator = landscape.loss.evaluator();
    let (mut w, mut buffer) = (landscape.start.clone(), None::<Vec<f64>>);
    for t in 1..=40 {
        let (momentum, nesterov) = match t {
            5..=11 => (0.9, false),
            17..=20 => (0.5, true),
            30.. => (0.8, false),
            _ => (0.0, false),
        };
        machine.set(at("momentum"), momentum);
        machine.set(at("nesterov"), f64::from(u8::from(nesterov)));
        machine.iterate();
        // torch.optim.sgd._single_tensor_sgd
        let mut gradient = vec![0.0; 2];
        evaluator.value_and_gradient(&w, &mut gradient);
        let mut along: Vec<f64> = gradient.iter().zip(&w).map(|(g, w)| g + 0.1 * w).collect();
        if momentum != 0.0 {
            let kept = match &buffer {
                None => along.clone(),
                Some(buffer) => {
                    let pairs = buffer.iter().zip(&along);
                    pairs.map(|(b, d)| momentum * b + (1.0 - 0.3) * d).collect()
                }
            };
            along = if nesterov {
                let pairs = along.iter().zip(&kept);
                pairs.map(|(d, b)| d + momentum * b).collect()
            } else {
                kept.clone()
            };
            buffer = Some(kept);
        }
        for (w, d) in w.iter_mut().zip(&along) {
            *w -= 0.05 * d;
        }
        let ours = machine.value(compiled.variable("momentum_buffer").unwrap());
        let theirs = buffer.clone().unwrap_or(vec![0.0; 2]);
        for (ours, theirs) in machine.w().iter().chain(ours).zip(w.iter().chain(&theirs)) {
            assert!(
                (ours - theirs).abs() < 1e-13,
                "at t = {t}: {ours} and {theirs}"
            );
        }
    }
}

#[test]
fn a_rule_of_16_000_lines_compiles() {
    let states: Vec<String> = (0..8000)
        .map(|at| format!("state s{at} = 0*w \"a state\""))
        .collect();
    let lines: Vec<String> = (0..8000_usize)
        .map(|at| format!("  s{at} = 0.5*s{at} + 0.5*s{}", at.saturating_sub(1)))
        .collect();
    let head = "rule long \"Long\"\n\nparam eta = 0.01 in (0, inf) \"step size\"\n\n";
    let (states, lines) = (states.join("\n"), lines.join("\n"));
    let text = format!("{head}{states}\n\nstep\n  g = grad(w)\n{lines}\n  w = w - eta*g*s7999\n");
    let rule = Rule::parse(&Source::new("long.rule", text)).unwrap();
    let compiled = Arc::new(rule).compile(2).unwrap();
    assert_eq!(compiled.lines.len(), 8002);
    assert_eq!(compiled.lines[8001].source_line, 16_008);
}

/// A rule whose step is as long as the tensor that it moves.
const BY_TENSOR: &str = r#"rule layerwise "each tensor by its own length"
param eta = 0.1 in (0, inf) "step size"
state v = 0 as scale "mean square of the gradient"
step for each tensor
  g     = grad(w)
  v     = 0.9*v + 0.1*mean(g^2)
  trust = norm(w)/max(norm(g), norm_inf(g) + min(abs(g)))
  rows  = row_mean(g) - column_mean(g)
  w     = w - eta*trust*(g + 0.01*rows)/sqrt(v + any(g > 1e300)*1 + dot(w, w))
"#;

#[test]
fn a_rule_for_each_tensor_takes_each_for_itself() {
    let text = BY_TENSOR.replace("any(g > 1e300)*1", "where(any(g > 1e300), 1, 0)");
    let rule = Arc::new(Rule::parse(&Source::new("layerwise", text)).unwrap());
    let shapes = [vec![2, 3], vec![2], vec![1, 2, 2], vec![]];
    let mut tensors = Vec::new();
    for shape in shapes {
        let start = tensors.last().map_or(0, |it: &Tensor| it.range.end);
        tensors.push(Tensor {
            name: format!("t{start}"),
            range: start..start + shape.iter().product::<usize>(),
            shape,
            is_norm: false,
        });
    }
    let curvature: Vec<f64> = (1..=13).map(f64::from).collect();
    let minimum: Vec<f64> = curvature.iter().map(|it| it.sin()).collect();
    let run = |tensors: &[Tensor], places: std::ops::Range<usize>| {
        let loss = Quadratic::new(&curvature[places.clone()], &minimum[places.clone()], 0.0);
        let n = places.len();
        let compiled = Arc::new(rule.over(tensors).compile(n).unwrap());
        let start: Vec<f64> = places.map(|at| 1.0 + minimum[at] / 2.0).collect();
        let settings = defaults(&compiled);
        let mut machine = Machine::new(compiled, &loss.unwrap(), None, &settings, &start);
        for _ in 0..5 {
            machine.iterate();
        }
        machine.w().to_vec()
    };
    let together = run(&tensors, 0..13);
    for tensor in &tensors {
        let alone = Tensor {
            range: 0..tensor.range.len(),
            ..tensor.clone()
        };
        let alone = run(&[alone], tensor.range.clone());
        assert_eq!(bits(&together[tensor.range.clone()]), bits(&alone));
    }
    // A vector without tensors is one.
    assert_ne!(bits(&together), bits(&run(&[], 0..13)));
    assert!(rule.over(&tensors).compile(12).is_err());
}

#[test]
fn means_over_axes_stand_for_all_that_they_are_of() {
    let text = "rule m \"m\"\nstep for each tensor\n  r = row_mean(w)\n  c = column_mean(w)\n  k = rows(w)\n  \
                l = columns(w)\n  d = ndim(w)\n  w = w - 0*r\n";
    let rule = Arc::new(Rule::parse(&Source::new("m", text)).unwrap());
    let tensor = |name: &str, shape: &[usize], range| Tensor {
        name: name.into(),
        shape: shape.to_vec(),
        range,
        is_norm: false,
    };
    let tensors = [tensor("a", &[2, 3], 0..6), tensor("b", &[2], 6..8)];
    let compiled = Arc::new(rule.over(&tensors).compile(8).unwrap());
    let start = [1.0, 2.0, 6.0, 3.0, 4.0, 8.0, 1.0, 5.0];
    let loss = Quadratic::new(&[1.0; 8], &[0.0; 8], 0.0).unwrap();
    let mut machine = Machine::new(Arc::clone(&compiled), &loss, None, &[], &start);
    machine.iterate();
    let value = |name: &str| machine.value(compiled.variable(name).unwrap());
    assert_eq!(value("r"), [3.0, 3.0, 3.0, 5.0, 5.0, 5.0, 3.0, 3.0]);
    assert_eq!(value("c"), [2.0, 3.0, 7.0, 2.0, 3.0, 7.0, 1.0, 5.0]);
    assert_eq!(value("k"), [2.0, 2.0, 2.0, 2.0, 2.0, 2.0, 1.0, 1.0]);
    assert_eq!(value("l"), [3.0, 3.0, 3.0, 3.0, 3.0, 3.0, 2.0, 2.0]);
    assert_eq!(value("d"), [2.0, 2.0, 2.0, 2.0, 2.0, 2.0, 1.0, 1.0]);
    // A vector without shapes is one row.
    let compiled = Arc::new(rule.over(&[]).compile(8).unwrap());
    let mut machine = Machine::new(Arc::clone(&compiled), &loss, None, &[], &start);
    machine.iterate();
    let value = |name: &str| machine.value(compiled.variable(name).unwrap())[0];
    assert_eq!([value("k"), value("l"), value("d")], [1.0, 8.0, 1.0]);
}
