//! Reports of a session: its tables, loss, rule and options as data.

use super::{
    answer::{
        Answer, EditReport, EditTable, LaneEnd, LaneReport, LaneTable, ListedLine, Listing,
        LossReport, MinimumOrigin, MinimumReport, NoiseReport, OptionsReport, PlotReport,
        RuleReport, SettingOrigin, SettingReport, SettingTable, StopReport, StopTable, StopType,
        VariableReport, VariableTable,
    },
    change::Change,
    control::Control,
    lane::Lane,
    lanes::NamedLane,
    session::Session,
    stop::{Stop, StopKind},
    watch::Watch,
};
use crate::{
    analysis::{self, minimum::Kernel, theory},
    error::{Result, Source},
    lang::graph::Extent,
    rule::{StateRole, VariableKind},
    value::Real,
};
use std::collections::HashSet;

impl Session {
    /// Executes a command line to its end: [`Session::execute`] without a control.
    ///
    /// # Errors
    /// The flaw in the line, with its place in it; nothing has changed then.
    pub fn ask(&mut self, command: &str) -> Result<Answer> {
        self.execute(&Source::new("<command>", command), &mut Control::default())
    }

    /// The ends of the lanes whose runs are over where they are.
    #[must_use]
    pub fn lane_ends(&self) -> Vec<LaneEnd> {
        let halted = self.lanes.entries().iter().filter(|it| it.is_halted());
        halted.filter_map(LaneEnd::of).collect()
    }

    /// The lines of the rule in focus, with the values that they assigned.
    #[must_use]
    pub fn listing(&self) -> Listing {
        let lane = &self.lanes.focused().lane;
        let (position, machine) = (lane.position(), lane.machine());
        let compiled = machine.compiled();
        let off = self.first_deviation();
        let statements = compiled.rule.step.iter().enumerate();
        let lines = statements.map(|(at, statement)| {
            let variable = &compiled.variables[compiled.lines[at].variable];
            let known =
                position.t > 0 || at < position.line || variable.kind != VariableKind::Temporary;
            ListedLine {
                number: at + 1,
                text: compiled.rule.source.slice(statement.span).to_owned(),
                next: at == position.line,
                off: off.filter(|it| it.line == at + 1).map(|it| it.relative),
                name: variable.name.clone(),
                values: known.then(|| variable.value(machine.value(variable))),
            }
        });
        Listing(lines.collect())
    }

    /// All stops, and all displays with their values here.
    pub fn stop_table(&mut self, control: &mut Control) -> StopTable {
        let stops = self.stops.iter().map(|stop| self.stop_report(stop));
        StopTable {
            stops: stops.collect(),
            lanes: self.lanes.entries().len(),
            plots: (self.plots.iter())
                .map(|(id, plot)| PlotReport::of(*id, plot))
                .collect(),
            displays: self.display_values(control),
        }
    }

    /// A stop of the session.
    #[must_use]
    pub fn stop_report(&self, stop: &Stop) -> StopReport {
        let (home, line) = match stop.kind {
            StopKind::Line { lane, line, .. } => (Some(lane), Some(line)),
            _ => (stop.watch().and_then(Watch::home), None),
        };
        let entry = home.and_then(|home| self.lanes.entries().get(home));
        StopReport {
            id: stop.id,
            kind: match stop.kind {
                StopKind::Break(_) => StopType::Break,
                StopKind::Line { .. } => StopType::Line,
                StopKind::Watch(_) => StopType::Watch,
                StopKind::Trace(_) => StopType::Trace,
            },
            expression: stop.watch().map(|watch| watch.text().to_owned()),
            line,
            lane: entry.map(|entry| entry.name.clone()),
            in_focus: line.is_none() || home == Some(self.lanes.focus()),
            enabled: stop.enabled,
            once: stop.once,
            ignore: stop.ignore,
            hits: stop.hits,
        }
    }

    /// The lanes side by side.
    #[must_use]
    pub fn lane_table(&self) -> LaneTable {
        let entries = self.lanes.entries().iter().enumerate();
        let lanes = entries.map(|(at, entry)| {
            let machine = entry.lane.machine();
            let convergence = entry.lane.timeline().convergence();
            let halt = entry.halt.as_ref().filter(|_| entry.is_halted());
            LaneReport {
                name: entry.name.clone(),
                rule: machine.compiled().rule.name.clone(),
                focus: at == self.lanes.focus(),
                t: entry.lane.position().t,
                loss: Real(machine.loss()),
                gradient_norm: Real(machine.gradient_norm()),
                tolerance: Real(convergence.tolerance.above),
                floor: Real(convergence.tolerance.floor),
                touched: convergence.touched,
                since: convergence.since,
                gradient_evaluations: entry.gradient_evaluations(),
                end: halt.map(|halt| halt.why.clone()),
            }
        });
        LaneTable(lanes.collect())
    }

    /// The settings of the rule in focus.
    #[must_use]
    pub fn setting_table(&self) -> SettingTable {
        let lane = &self.lanes.focused().lane;
        let machine = lane.machine();
        let params = machine.compiled().rule.params.iter().enumerate();
        let settings = params.map(|(at, param)| SettingReport {
            name: param.name.clone(),
            value: Real(machine.setting(at)),
            default: Real(param.default),
            domain: param.domain.clone(),
            origin: origin(lane, at, param.default),
            doc: param.doc.clone(),
        });
        let rule = &machine.compiled().rule;
        let schedules = rule.known_at_load().map(|schedule| {
            let variable = machine.compiled().variable(&schedule.name);
            let value = variable.map(|it| machine.value(it)[0]);
            SettingReport {
                name: schedule.name.clone(),
                value: Real(value.filter(|it| !it.is_nan()).unwrap_or(schedule.first)),
                default: Real(schedule.first),
                domain: schedule.domain.clone(),
                origin: SettingOrigin::Schedule {
                    expression: rule.schedule(&schedule.name).unwrap_or_default().to_owned(),
                },
                doc: schedule.doc.clone(),
            }
        });
        let recorded = rule.recorded.iter().map(|param| {
            let variable = machine.compiled().variable(&param.name);
            let values = distinct(variable.map_or(&[], |it| machine.value(it)));
            SettingReport {
                name: param.name.clone(),
                value: values.first().copied().unwrap_or(Real(f64::NAN)),
                default: Real(param.default),
                domain: param.domain.clone(),
                origin: SettingOrigin::Rows { values },
                doc: param.doc.clone(),
            }
        });
        SettingTable(recorded.chain(settings).chain(schedules).collect())
    }

    /// The variables of the rule in focus.
    #[must_use]
    pub fn variable_table(&self) -> VariableTable {
        let machine = self.lanes.focused().lane.machine();
        let begun = self.position().t > 0;
        let variables = machine.compiled().variables.iter().map(|variable| {
            let (role, known) = match variable.kind {
                VariableKind::Parameters => ("parameters", true),
                VariableKind::State(role) => (role.map_or("state", StateRole::name), true),
                VariableKind::Temporary => ("temporary", begun),
            };
            VariableReport {
                name: variable.name.clone(),
                role: role.to_owned(),
                shape: match variable.extent {
                    Extent::Scalar => Vec::new(),
                    Extent::Vector(len) | Extent::Matrices(.., len) => vec![len],
                    Extent::Matrix(rows, columns) => vec![rows, columns],
                },
                value: known.then(|| variable.value(machine.value(variable))),
            }
        });
        VariableTable(variables.collect())
    }

    /// The edits of the lane in focus.
    #[must_use]
    pub fn edit_table(&self) -> EditTable {
        let lane = &self.lanes.focused().lane;
        let edits = lane.edits().iter().map(|edit| {
            let (old, new) = edit.values(lane.compiled());
            EditReport {
                t: edit.position.t,
                line: edit.position.line,
                name: edit.name(lane.compiled(), self.lanes.tensors()),
                old,
                new,
            }
        });
        EditTable(edits.collect())
    }

    /// The loss, its minimum and its spectrum.
    #[must_use]
    pub fn loss_report(&self) -> LossReport {
        let reference = self.lanes.focused().reference();
        let spectrum = reference.spectrum.as_ref();
        let kappa = theory::kappa(reference);
        let (eta_max, eta_opt) = (theory::eta_max(reference), theory::eta_opt(reference));
        let reals = |values: &[f64]| values.iter().copied().map(Real).collect();
        LossReport {
            name: self.landscape.name.clone(),
            formula: self.landscape.loss.formula(),
            description: self.landscape.loss.description(),
            model: self.landscape.loss.model(),
            minimum: MinimumReport {
                origin: match reference.origin {
                    analysis::Origin::Known => MinimumOrigin::Known,
                    analysis::Origin::Polished => MinimumOrigin::Newton,
                    analysis::Origin::Here => MinimumOrigin::None,
                },
                w: reals(&reference.minimum),
                loss: Real(reference.value),
            },
            lambda: spectrum.map(|it| reals(&it.eigenvalues)),
            level: reference.kernel == Kernel::Level,
            kappa: kappa.ok().map(Real),
            no_kappa: kappa.err(),
            eta_max: eta_max.ok().map(Real),
            eta_opt: eta_opt.ok().map(Real),
            no_eta: eta_max.err().or(eta_opt.err()),
            noise: self.noise.map(|noise| NoiseReport {
                sigma: Real(noise.sigma),
                seed: noise.seed,
            }),
        }
    }

    /// The rule in focus.
    #[must_use]
    pub fn rule_report(&self) -> RuleReport {
        let rule = &self.lanes.focused().compiled().rule;
        RuleReport {
            name: rule.name.clone(),
            title: rule.title.clone(),
            cites: rule.cites.clone(),
            text: rule.source.text.clone(),
        }
    }

    /// The options.
    #[must_use]
    pub fn options_report(&self) -> OptionsReport {
        let bound = self.lanes.bound();
        OptionsReport {
            tolerance: Real(self.options.tolerance),
            max_run: self.options.max_run,
            bound: bound.is_finite().then_some(Real(bound)),
            front_end: (self.front_end_options().iter())
                .map(|it| (it.name.to_owned(), it.value.into()))
                .collect(),
        }
    }
}

impl LaneEnd {
    /// The end of a lane, if it has one.
    pub(super) fn of(entry: &NamedLane) -> Option<Self> {
        let halt = entry.halt.as_ref()?;
        Some(Self {
            lane: entry.name.clone(),
            t: halt.t,
            reason: halt.why.clone(),
        })
    }
}

/// The different numbers among `values`, in the order in which they come.
fn distinct(values: &[f64]) -> Vec<Real> {
    let mut known = HashSet::new();
    let mut found = values.to_vec();
    found.retain(|it| known.insert(it.to_bits()));
    found.into_iter().map(Real).collect()
}

/// The place that the value of setting `at` comes from where `lane` is.
fn origin(lane: &Lane, at: usize, default: f64) -> SettingOrigin {
    let here = lane.position();
    let mut edits = lane.edits().iter().rev();
    let edit = edits.find(|edit| {
        edit.position <= here
            && matches!(edit.change, Change::Setting { setting, .. } if setting == at)
    });
    match edit {
        Some(edit) => SettingOrigin::Edit { t: edit.position.t },
        None if lane.initial_settings().get(at) == Some(&default) => SettingOrigin::Default,
        None => SettingOrigin::Scenario,
    }
}
