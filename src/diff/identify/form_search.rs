//! The search for the simplest form of the line of `w`.

use super::{
    step_form::{Divisor, DivisorShape, EpsScaling, StepDirection, UpdateForm},
    update::{UpdateLaw, UpdateQuestion},
};
use crate::debugger::Control;

impl UpdateQuestion<'_> {
    /// The simplest form that leads through most of the run, those of `first` tried before all others, and
    /// how many were tried.
    pub fn search(
        &self,
        first: &[UpdateForm],
        momenta: &[usize],
        scales: &[usize],
        control: &mut Control,
    ) -> (Option<UpdateLaw>, usize) {
        let rows = self.rows();
        if rows.len() < 3 {
            return (None, 0);
        }
        let mut best: Option<UpdateLaw> = None;
        let mut tried = 0;
        let all = first.iter().cloned().chain(self.forms(momenta, scales));
        for form in all {
            if tried >= first.len() && best.as_ref().is_some_and(|it| it.share > 0.6) {
                break;
            }
            if !control.goes_on() {
                return (None, tried);
            }
            tried += 1;
            let Some(law) = self.law(&form, &rows) else {
                continue;
            };
            if law.share > 0.97 {
                return (Some(law), tried);
            }
            if law.share > best.as_ref().map_or(0.3, |it| it.share + 0.15) {
                best = Some(law);
            }
        }
        (best, tried)
    }

    /// All divisors, the likelier first.
    pub fn divisors(&self, scales: &[usize]) -> Vec<Divisor> {
        let mut all = Vec::new();
        for &eps in &self.eps {
            for &scale in scales {
                for shape in [
                    DivisorShape::Root,
                    DivisorShape::Inside,
                    DivisorShape::Plain,
                ] {
                    // Powers that fall slowly are hardly told from a constant, which is likelier.
                    let scaled = |spread| self.betas.iter().map(move |beta| (spread, *beta));
                    let spreads = scaled(EpsScaling::Corrected)
                        .chain([(EpsScaling::Constant, 0.0)])
                        .chain(scaled(EpsScaling::Powered));
                    for (spread, beta) in spreads {
                        let is_odd = spread == EpsScaling::Powered
                            && (shape != DivisorShape::Root || eps == 0.0);
                        if !is_odd
                            && (shape != DivisorShape::Plain || spread == EpsScaling::Constant)
                        {
                            all.push(Divisor {
                                scale,
                                shape,
                                spread,
                                eps,
                                beta,
                            });
                        }
                    }
                }
            }
        }
        all
    }

    fn forms(&self, momenta: &[usize], scales: &[usize]) -> Vec<UpdateForm> {
        use StepDirection::{
            After, Before, Gradient, One, Parameter, Product, Sign, SignGradient, SignMixed, Toward,
        };
        let buffers = 0..self.observed.buffers.len();
        let mut bare: Vec<Vec<StepDirection>> = vec![vec![Gradient], vec![SignGradient]];
        bare.extend(momenta.iter().map(|k| vec![After(*k)]));
        bare.extend(momenta.iter().map(|k| vec![Sign(*k)]));
        for &k in momenta {
            bare.extend(self.mixes.iter().map(|mix| vec![SignMixed(k, *mix)]));
        }
        bare.extend(momenta.iter().map(|k| vec![After(*k), Gradient]));
        bare.extend(momenta.iter().map(|k| vec![After(*k), Before(*k)]));
        bare.extend(buffers.clone().map(|k| vec![Toward(k)]));
        bare.extend(buffers.clone().map(|k| vec![Toward(k), Gradient]));
        for &k in momenta {
            bare.extend(
                buffers
                    .clone()
                    .filter(|l| *l != k)
                    .map(|l| vec![Product(k, l)]),
            );
        }
        let mut divided: Vec<Vec<StepDirection>> =
            momenta.iter().map(|k| vec![After(*k)]).collect();
        divided.push(vec![Gradient]);
        divided.extend(momenta.iter().map(|k| vec![After(*k), Gradient]));
        for (at, &k) in momenta.iter().enumerate() {
            divided.extend(momenta[at + 1..].iter().map(|l| vec![After(k), After(*l)]));
            divided.extend(
                momenta[at + 1..]
                    .iter()
                    .map(|l| vec![After(k), After(*l), Gradient]),
            );
        }
        divided.extend(momenta.iter().map(|k| vec![Before(*k)]));
        let extras: [&[StepDirection]; 4] = [&[], &[Parameter], &[One], &[Parameter, One]];
        let divisors = self.divisors(scales);
        let mut all = Vec::new();
        for extra in extras {
            for set in &bare {
                all.push(UpdateForm {
                    divided: set.clone(),
                    divisor: None,
                    plain: extra.to_vec(),
                });
            }
            for divisor in &divisors {
                for set in &divided {
                    all.push(UpdateForm {
                        divided: set.clone(),
                        divisor: Some(*divisor),
                        plain: extra.to_vec(),
                    });
                }
            }
        }
        all.retain(|form| form.len() <= 4);
        all
    }
}
