//! A run under the debugger: its rows as a lane that can be walked both ways, but not changed.

use super::{Field, FieldMeaning, RecordedSettings, Run, SETTINGS};
use crate::{
    columns::{Traced, name_of},
    debugger::{Lane, Machine, NewRows, Recording},
    error::{Result, Source},
    lang::{identifier::identifier, number::ABSENT},
    loss::{Evaluator, Extents, Landscape, Loss},
    rule::{Rule, is_reserved},
    text::counted,
};
use std::{
    collections::HashSet,
    sync::{Arc, Mutex, PoisonError},
};

/// Fields of another length than `w` and than 1 are taken apart up to here, and left out beyond.
const MOST_PARTS: usize = 16;

/// A run that several lanes read, one at a time.
pub type SharedRun = Arc<Mutex<Run>>;

/// Makes a lane of `run`, on `landscape` where the loss is known.
///
/// # Errors
/// A file that cannot be read again.
pub fn lane(run: Run, landscape: Option<&Landscape>) -> Result<(Lane, Landscape)> {
    let recorded = shared_lane(&Arc::new(Mutex::new(run)), landscape)?;
    Ok((recorded.lane, recorded.landscape))
}

/// A run as a lane.
pub struct RecordedLane {
    /// The lane.
    pub lane: Lane,
    /// What is known of the loss.
    pub landscape: Landscape,
    /// The name of each field in the lane, where it has one there.
    pub names: Vec<Option<String>>,
}

/// Makes a lane of `run`, which others read too.
///
/// # Errors
/// A file that cannot be read again.
pub fn shared_lane(shared: &SharedRun, landscape: Option<&Landscape>) -> Result<RecordedLane> {
    let mut guard = shared.lock().unwrap_or_else(PoisonError::into_inner);
    let run = &mut *guard;
    let recorded = run.settings()?;
    let Declared {
        text,
        places,
        names,
    } = declare(run, &recorded);
    let n = run.dimension();
    // A rule has to move w; what was recorded moves by itself.
    let mut rule = Rule::parse(&Source::new(run.name.as_str(), format!("{text}  w = w\n")))?;
    rule.step.clear();
    rule.source = Source::new(run.name.as_str(), text);
    let compiled = Arc::new(Arc::new(rule).compile(n)?);
    let own = match landscape {
        Some(landscape) => landscape.clone(),
        None => unknown(run)?,
    };
    let gradient = run.gradient_beside_loss();
    let is_norm =
        |it: &Field| it.len == 1 && it.name.rsplit(['.', '/', '_']).take(2).eq(["norm", "grad"]);
    let logged_norm = run.fields.iter().position(is_norm);
    let rows = RecordedRows {
        logged_norm: logged_norm.filter(|_| gradient.is_none()),
        norm: ABSENT,
        places,
        loss: run.meaning(FieldMeaning::Loss),
        gradient: gradient.filter(|field| run.fields[*field].len == n),
        run: Arc::clone(shared),
        values: Vec::new(),
    };
    drop(guard);
    let machine = Machine::recorded(compiled, Box::new(rows), &*own.loss, landscape.is_some());
    let lane = Lane::recorded(machine, Arc::clone(&own.loss));
    Ok(RecordedLane {
        lane,
        landscape: own,
        names,
    })
}

/// A field, or one number of it, and how many numbers of the variables it fills; or the setting of a group.
#[derive(Debug, Clone, Copy, PartialEq)]
struct FieldSlice {
    field: usize,
    part: Option<usize>,
    len: usize,
    setting: Option<usize>,
}

impl FieldSlice {
    /// All `len` numbers of `field`.
    fn whole(field: usize, len: usize) -> Self {
        Self {
            field,
            part: None,
            len,
            setting: None,
        }
    }
}

/// The fields of a run as states of a rule without lines.
struct Declared {
    text: String,
    /// The places that fill the states, in their order.
    places: Vec<FieldSlice>,
    /// The name of each field, where it is one state.
    names: Vec<Option<String>>,
}

fn declare(run: &Run, recorded: &RecordedSettings) -> Declared {
    let n = run.dimension();
    let rows = counted(run.rows, "row");
    let mut text = format!("rule recorded \"a run of {rows}\"\n\n");
    let mut places = vec![FieldSlice::whole(0, n)];
    let mut fields = vec![None; run.fields.len()];
    fields[0] = Some("w".to_owned());
    let mut names: HashSet<String> = HashSet::new();
    let mut state = |name: String, initial: &str, what: &str, place: FieldSlice| {
        let mut name = identifier(&name);
        while names.contains(&name) || is_reserved(&name) {
            name.push('_');
        }
        text += &["state ", &name, " = ", initial, " \"", what, "\"\n"].concat();
        names.insert(name.clone());
        places.push(place);
        name
    };
    for (field, it) in run.fields.iter().enumerate().skip(1) {
        let Field { name, len, .. } = it;
        let is_read_elsewhere = it.meaning == FieldMeaning::Loss
            || (run.is_trace() && name == name_of(Traced::Gradient));
        let is_setting = !recorded.all().is_empty() && name.starts_with(SETTINGS);
        if is_read_elsewhere {
            let is_loss = it.meaning == FieldMeaning::Loss;
            let quantity = if is_loss {
                Traced::Loss
            } else {
                Traced::Gradient
            };
            fields[field] = Some(name_of(quantity).to_owned());
        }
        if is_read_elsewhere || it.meaning == FieldMeaning::BegunWith || is_setting || *len == 0 {
            continue;
        }
        let len = *len;
        if len == n && run.has_parameters() {
            // A run of one parameter has vectors of one element.
            let whole = FieldSlice::whole(field, len);
            fields[field] = Some(state(name.clone(), "0*w", "recorded", whole));
        } else if len == 1 {
            let whole = FieldSlice::whole(field, len);
            fields[field] = Some(state(name.clone(), "0", "recorded", whole));
        } else if len <= MOST_PARTS {
            for part in 0..len {
                let place = FieldSlice {
                    field,
                    part: Some(part),
                    len: 1,
                    setting: None,
                };
                state(format!("{name}_{}", part + 1), "0", "recorded", place);
            }
        }
    }
    for (at, setting) in recorded.all().iter().enumerate() {
        let groups = setting.at(0).len();
        let of_groups = setting.differs_between_groups() && groups <= MOST_PARTS;
        if !of_groups && !setting.changes() {
            continue;
        }
        for group in 0..if of_groups { groups } else { 1 } {
            let place = FieldSlice {
                field: 0,
                part: Some(group),
                len: 1,
                setting: Some(at),
            };
            let name = if of_groups {
                format!("{}_{}", setting.name, group + 1)
            } else {
                setting.name.clone()
            };
            state(name, "0", "recorded", place);
        }
    }
    text += "\nstep\n";
    Declared {
        text,
        places,
        names: fields,
    }
}

/// The rows of a run as the debugger reads them.
#[derive(Clone)]
struct RecordedRows {
    /// Read by whoever looks at the run, one at a time.
    run: SharedRun,
    places: Vec<FieldSlice>,
    loss: Option<usize>,
    gradient: Option<usize>,
    /// The field that has the gradient's norm, where the gradient was not recorded.
    logged_norm: Option<usize>,
    /// That norm in the row read last.
    norm: f64,
    values: Vec<f64>,
}

impl Recording for RecordedRows {
    fn last(&self) -> u64 {
        self.run.lock().unwrap_or_else(PoisonError::into_inner).last
    }

    fn grow(&mut self) -> Result<NewRows> {
        self.run
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .grow()
    }

    fn next(&mut self, t: u64) -> Option<u64> {
        let mut run = self.run.lock().unwrap_or_else(PoisonError::into_inner);
        let next = |run: &mut Run| -> Result<Option<u64>> {
            let row = run.row_at(t)?.map_or(0, |row| row + 1);
            (row < run.rows).then(|| run.t(row)).transpose()
        };
        // Rows that cannot be read are met where they should be.
        next(&mut run).unwrap_or(Some(t + 1))
    }

    fn until(&mut self, t: u64) -> Option<u64> {
        let mut run = self.run.lock().unwrap_or_else(PoisonError::into_inner);
        // Rows that cannot be read are met where they should be.
        run.until(t).unwrap_or(Some(t))
    }

    fn has_loss(&self) -> bool {
        self.loss.is_some()
    }

    fn has_parameters(&self) -> bool {
        let run = self.run.lock().unwrap_or_else(PoisonError::into_inner);
        run.has_parameters()
    }

    fn gradient_norm(&self) -> Option<f64> {
        self.logged_norm.map(|_| self.norm)
    }

    fn twin(&self) -> Box<dyn Recording> {
        Box::new(self.clone())
    }

    fn read(&mut self, t: u64, variables: &mut [f64], gradient: &mut [f64]) -> Result<f64> {
        let mut run = self.run.lock().unwrap_or_else(PoisonError::into_inner);
        let row = run
            .row_at(t)?
            .filter(|_| run.until(t).is_ok_and(|it| it == Some(t)));
        let Some(row) = row else {
            variables.fill(ABSENT);
            gradient.fill(ABSENT);
            self.norm = ABSENT;
            return Ok(ABSENT);
        };
        let recorded = run.settings()?;
        let mut fetch = |field: usize, values: &mut Vec<f64>| run.read(row, field, values);
        let mut at = 0;
        for place in &self.places {
            let to = &mut variables[at..at + place.len];
            at += place.len;
            if let Some(setting) = place.setting {
                let values = recorded.all()[setting].at(t);
                to[0] = values[place.part.unwrap_or(0)];
                continue;
            }
            let known = fetch(place.field, &mut self.values)?;
            let from = place.part.unwrap_or(0);
            match self.values.get(from..from + place.len).filter(|_| known) {
                Some(values) => to.copy_from_slice(values),
                None => to.fill(ABSENT),
            }
        }
        match self.gradient {
            Some(field) if fetch(field, &mut self.values)? => {
                gradient.copy_from_slice(&self.values);
            }
            _ => gradient.fill(ABSENT),
        }
        self.norm = match self.logged_norm {
            Some(field) if fetch(field, &mut self.values)? => self.values[0],
            _ => ABSENT,
        };
        Ok(match self.loss {
            Some(field) if fetch(field, &mut self.values)? => {
                self.values.first().copied().unwrap_or(ABSENT)
            }
            _ => ABSENT,
        })
    }
}

/// A landscape of which nothing is known but where the run has been.
fn unknown(run: &mut Run) -> Result<Landscape> {
    const LOOKED_AT: usize = 2000;
    let n = run.dimension();
    let mut w = Vec::new();
    let mut start = vec![f64::NAN; n];
    let mut extents = [(f64::INFINITY, f64::NEG_INFINITY); 2];
    for at in 0..run.rows.min(LOOKED_AT) {
        if run.read(at * run.rows / run.rows.min(LOOKED_AT), 0, &mut w)? {
            for ((low, high), value) in extents.iter_mut().zip(&w).filter(|it| it.1.is_finite()) {
                (*low, *high) = (low.min(*value), high.max(*value));
            }
            if at == 0 {
                start.clone_from(&w);
            }
        }
    }
    let [x, y] = extents.map(|(low, high)| {
        let room = ((high - low) * 0.1).max(1e-6 * high.abs()).max(1e-9);
        (low - room, high + room)
    });
    let window = (n == 2 && x.0.is_finite() && y.0.is_finite()).then_some(Extents { x, y });
    Ok(Landscape {
        name: "unknown loss".to_owned(),
        loss: Arc::new(UnknownLoss { n }),
        start,
        window,
        bound: f64::INFINITY,
    })
}

/// A loss that is not known anywhere.
#[derive(Debug, Clone, Copy)]
struct UnknownLoss {
    n: usize,
}

impl Loss for UnknownLoss {
    fn dimension(&self) -> usize {
        self.n
    }

    fn evaluator(&self) -> Box<dyn Evaluator> {
        Box::new(*self)
    }

    fn minima(&self) -> Vec<Vec<f64>> {
        Vec::new()
    }

    fn is_quadratic(&self) -> bool {
        false
    }

    fn is_known(&self) -> bool {
        false
    }
}

impl Evaluator for UnknownLoss {
    fn value(&mut self, _: &[f64]) -> f64 {
        f64::NAN
    }

    fn value_and_gradient(&mut self, _: &[f64], gradient: &mut [f64]) -> f64 {
        gradient.fill(f64::NAN);
        f64::NAN
    }

    fn hessian_product(&mut self, _: &[f64], _: &[f64], product: &mut [f64]) {
        product.fill(f64::NAN);
    }

    fn third_product(&mut self, _: &[f64], _: &[f64], _: &[f64], product: &mut [f64]) {
        product.fill(f64::NAN);
    }
}
