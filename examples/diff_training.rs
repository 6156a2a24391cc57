//! Writes rows from a training loop, and finds out which rule the loop really follows.
//!
//!     cargo run --example diff_training

use eigenstep::{
    Control,
    diff::{ConfiguredRule, Mode, Question, Tolerance, examine},
    runs,
};
use std::{error::Error, fs::File, io::Write, path::Path};

/// Adam as somebody wrote it, who forgot to correct the bias of `v`; a row for each step.
fn train(path: &Path) -> std::io::Result<()> {
    let (lr, beta1, beta2, eps) = (0.01, 0.9, 0.999, 1e-8);
    let mut out = File::create(path)?;
    let (mut w, mut m, mut v) = ([0.5, -1.5], [0.0; 2], [0.0; 2]);
    for t in 0..50 {
        let g = [w[0] - 0.8, 10.0 * (w[1] - 0.6)];
        // A row has the parameters of the iteration and the gradient there.
        writeln!(out, "{}", serde_json::json!({"t": t, "w": w, "g": g}))?;
        for i in 0..2 {
            m[i] = beta1 * m[i] + (1.0 - beta1) * g[i];
            v[i] = beta2 * v[i] + (1.0 - beta2) * g[i] * g[i];
            let m_hat = m[i] / (1.0 - libm::pow(beta1, f64::from(t + 1)));
            w[i] -= lr * m_hat / (v[i].sqrt() + eps);
        }
    }
    Ok(())
}

/// Prints the report on the run.
pub fn main() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("run.jsonl");
    train(&path)?;
    let mut run = runs::open(&path.display().to_string(), &runs::ReadOptions::default())?;
    let settings = ["lr=0.01".to_owned()];
    let subject = ConfiguredRule::new("torch/adam", &settings, None, &[0.5, -1.5])?;
    let question = Question {
        mode: Mode::Replay,
        tolerance: Tolerance {
            relative: 1e-9,
            absolute: 0.0,
        },
        by_format: true,
        map: Vec::new(),
        convention: None,
        diagnose: true,
    };
    let report = examine(&mut run, &subject, &question, &mut Control::default())?;
    println!("{report}");
    if report.same {
        return Err("the mistake was not found".into());
    }
    Ok(())
}
