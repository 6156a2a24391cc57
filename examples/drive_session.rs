//! Drives a session: finds the step size at which momentum stops ringing across the valley's walls.
//!
//!     cargo run --example drive_session

use eigenstep::{Answer, Result, Scenario, debugger::answer::StopReason};

/// The first t at which the loss is down to 1e-6; none where the run diverges.
fn arrival(eta: f64) -> Result<Option<u64>> {
    let eta = format!("eta={eta}");
    let mut session = Scenario::from_flags(&[("rule", "momentum"), ("set", &eta)])?.session()?;
    let Answer::Stopped(stopped) = session.ask("continue")? else {
        return Ok(None);
    };
    Ok(matches!(stopped.why, StopReason::Tolerance { .. }).then_some(stopped.t))
}

/// Prints the arrival for a few step sizes, and the modes of the best one.
pub fn main() -> Result<()> {
    let mut best: Option<(u64, f64)> = None;
    for eta in [0.001, 0.003, 0.01, 0.03, 0.1] {
        match arrival(eta)? {
            Some(t) => {
                println!("eta {eta}: t = {t}");
                if best.is_none_or(|(least, _)| t < least) {
                    best = Some((t, eta));
                }
            }
            None => println!("eta {eta}: diverges"),
        }
    }
    let Some((_, eta)) = best else { return Ok(()) };
    let eta = format!("eta={eta}");
    let mut session = Scenario::from_flags(&[("rule", "momentum"), ("set", &eta)])?.session()?;
    let Answer::Prediction(prediction) = session.ask("info prediction")? else {
        return Ok(());
    };
    println!("with {eta}:");
    for direction in &prediction.directions {
        let (lambda, regime) = (direction.lambda.0, direction.regime);
        println!("  along lambda = {lambda}: {regime}");
    }
    Ok(())
}
