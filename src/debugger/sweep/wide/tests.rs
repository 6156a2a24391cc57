//! Runs side by side have the bits that each of them has alone.

use super::*;
use crate::{
    debugger::machine::Machine,
    loss::{self, Landscape, Quadratic},
    rule,
};
use std::array::from_fn;

fn landscapes() -> Vec<Landscape> {
    let formula = "abs(x)+max(y,2*x)^2+where(x < y, 1, y)*z^2";
    let named: [(&str, Option<&[f64]>); 3] = [
        ("valley", None),
        ("rosenbrock", None),
        (formula, Some(&[0.4, -1.5, 0.3])),
    ];
    let mut all: Vec<Landscape> = named
        .into_iter()
        .map(|(name, start)| loss::landscape(name, start))
        .map(|it| it.unwrap_or_else(|error| panic!("{error}")))
        .collect();
    let turned = Quadratic::new(&[1.0, 9.0], &[0.3, -0.2], 30.0);
    let long = Quadratic::new(&[1.0; 11], &[0.5; 11], 0.0);
    for loss in [turned, long] {
        let loss = loss.unwrap_or_else(|error| panic!("{error}"));
        let start = vec![-0.7; loss::Loss::dimension(&loss)];
        all.push(Landscape {
            loss: Arc::new(loss),
            start,
            ..all[0].clone()
        });
    }
    all
}

#[test]
fn each_lane_is_the_run_alone() {
    const STEPS: u64 = 90;
    let mut compared = [0; 2];
    for name in rule::names() {
        for landscape in landscapes() {
            let rule = rule::load(name).unwrap_or_else(|error| panic!("{error}"));
            let n = landscape.start.len();
            let Ok(compiled) = rule.compile(n) else {
                continue;
            };
            let compiled = Arc::new(compiled);
            let Some(mut runs) = WideRuns::new(&compiled, landscape.loss.evaluator()) else {
                continue;
            };
            // The first setting is the step size; another one changes, too, but for lanes that share it.
            let settings: [Vec<f64>; LANES] = from_fn(|lane| {
                let mut values: Vec<f64> = compiled.settings.iter().map(|it| it.default).collect();
                let factors = [0.1, 0.5, 1.0, 2.0, 10.0, 100.0, 1e4, 1e300];
                if let Some(first) = values.first_mut() {
                    *first *= factors[lane];
                }
                if let Some(second) = values.get_mut(1) {
                    *second *= 1.0 - 0.01 * f64::from(u8::try_from(lane / 2).unwrap_or(0));
                }
                values
            });
            assert!(runs.gather(STEPS, &settings, &landscape.start, 1e6, &mut |_| true));
            let mut losses = Vec::new();
            let mut machine = Machine::new(
                Arc::clone(&compiled),
                &*landscape.loss,
                None,
                &settings[0],
                &landscape.start,
            );
            for (lane, settings) in settings.iter().enumerate() {
                let end = runs.run(lane, &mut losses);
                machine.restart(settings, &landscape.start);
                let size = landscape
                    .start
                    .iter()
                    .fold(1.0, |most: f64, w| most.max(w.abs()));
                let mut alone = Vec::new();
                let mut is_in = true;
                for t in 0..=STEPS {
                    if t > 0 {
                        // By lines, which never run as one does here.
                        while !machine.line() {}
                    }
                    is_in = machine.is_finite_and_in_bounds(1e6 * size);
                    if !is_in {
                        break;
                    }
                    alone.push(machine.loss());
                }
                let bits = |values: &[f64]| -> Vec<u64> {
                    let values = values
                        .iter()
                        .map(|it| if it.is_nan() { f64::NAN } else { *it });
                    values.map(f64::to_bits).collect()
                };
                assert_eq!(
                    bits(&losses),
                    bits(&alone),
                    "{name}, {}, lane {lane}",
                    landscape.name
                );
                let here = is_in.then(|| bits(machine.variables()));
                assert_eq!(
                    end.map(|it| bits(&it)),
                    here,
                    "{name}, {}, lane {lane}",
                    landscape.name
                );
                compared[usize::from(is_in)] += 1;
            }
        }
    }
    assert!(compared[0] > 100 && compared[1] > 1000, "{compared:?}");
}
