//! The loss, the rule and the options, as text.

use crate::{
    debugger::answer::{LossReport, MinimumOrigin, OptionsReport, RuleReport},
    format::{exact, short},
    value::{Real, Value},
};
use std::fmt;

fn vector(values: &[Real]) -> Value {
    Value::Vector(values.iter().map(|value| value.0).collect())
}

impl fmt::Display for LossReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.name, self.formula)?;
        let place = vector(&self.minimum.w);
        let loss = short(self.minimum.loss.0);
        match self.minimum.origin {
            MinimumOrigin::Known => write!(f, "\nminimum (known): {place}, loss {loss} there")?,
            MinimumOrigin::Newton => {
                write!(f, "\nminimum (by Newton): {place}, loss {loss} there")?;
            }
            MinimumOrigin::None => {
                write!(f, "\nno minimum found; the Hessian is evaluated at {place}")?;
            }
        }
        if let Some(lambda) = &self.lambda {
            write!(f, "\nlambda = {}, ", vector(lambda))?;
            self.conditioning(f)?;
        }
        match &self.noise {
            Some(noise) => write!(
                f,
                "\ngradient noise: sigma {}, seed {}",
                exact(noise.sigma.0),
                noise.seed
            ),
            None => Ok(()),
        }
    }
}

impl LossReport {
    /// Writes the condition number and the step sizes of gradient descent, or the reason for which there are
    /// none.
    fn conditioning(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.kappa, self.no_kappa) {
            (Some(kappa), _) => write!(f, "kappa = {}", short(kappa.0))?,
            (None, Some(why)) => write!(f, "no kappa: {why}")?,
            (None, None) => {}
        }
        match (self.eta_max, self.eta_opt, self.no_eta) {
            (Some(max), Some(opt), _) => {
                if self.level {
                    f.write_str(" (over the nonzero lambda: the loss is flat where lambda is 0)")?;
                }
                let (max, opt) = (short(max.0), short(opt.0));
                write!(f, "\ngradient descent: eta_max = {max}, eta_opt = {opt}")
            }
            (_, _, Some(why)) => write!(f, "\ngradient descent: no eta_max, no eta_opt: {why}"),
            _ => Ok(()),
        }
    }
}

impl fmt::Display for RuleReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}: {}", self.name, self.title)?;
        for cite in &self.cites {
            writeln!(f, "  {cite}")?;
        }
        write!(f, "\n{}", self.text.trim_end())
    }
}

impl fmt::Display for OptionsReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bound = self.bound.map_or("off".to_owned(), |it| exact(it.0));
        let switches = self.switches.iter().map(|(name, on)| {
            let state = if *on { "on" } else { "off" };
            format!("{name} = {state}\n")
        });
        let switches: String = switches.collect();
        write!(
            f,
            "tolerance = {}\nmax-run = {}\nbound = {bound}\n{switches}speed = {}",
            exact(self.tolerance.0),
            self.max_run,
            exact(self.speed.0)
        )
    }
}
