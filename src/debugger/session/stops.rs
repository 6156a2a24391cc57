//! Making and changing stops and displays.

use super::Session;
use crate::{
    debugger::{
        answer::{DisplayValue, Ignored, PlotReport, StopReport, StopSelection},
        command::{
            BreakAt, Breakpoint, Command, IgnoreHits, Located, Phrase, PlotCommand, PlotCurve,
            StopIds, StopOptions, Watchpoint,
        },
        control::Control,
        stop::{Counts, RisingEdge, Stop, StopKind, ValueChange},
        watch::{ExpectedType, Watch},
    },
    error::{Error, ErrorCode, Result, Source, Span},
    lang::graph::Extent,
    rule::{PlotSpec, curve_expression},
};

/// Refuses an expression that reads nothing of a run: nothing that it waits for, as "changes", can come.
fn refuse_constant(watch: &Watch, phrase: &Phrase, awaited: &str) -> Result<()> {
    if !watch.lanes().is_empty() {
        return Ok(());
    }
    let message = format!("this reads nothing of the run: it never {awaited}");
    Err(phrase
        .error(message)
        .help("`info variables` and `help expressions` name what can be read"))
}

impl Session {
    /// Stops runs where `condition` becomes true: was false one iteration before.
    ///
    /// # Errors
    /// It is no condition on these lanes.
    pub fn break_when(
        &mut self,
        condition: impl Into<Phrase>,
        options: StopOptions,
    ) -> Result<StopReport> {
        let condition = condition.into();
        if let Ok(number) = condition.text().parse::<u64>() {
            let error = condition.error(format!("{number} is a number, not a condition"));
            return Err(error.help(format!(
                "`break line {number}` stops before line {number}, `break t == {number}` at that iteration"
            )));
        }
        let watch = self.compile(&condition, ExpectedType::Condition)?;
        refuse_constant(&watch, &condition, "becomes true")?;
        let at = BreakAt::Condition(condition);
        let command = Command::Break(Breakpoint { at, options });
        Ok(self.add_stop(StopKind::Break(RisingEdge::new(watch)), options, command))
    }

    /// Stops runs before line `line` (from 1) of the rule in focus, where `condition` holds if there is one.
    ///
    /// # Errors
    /// The rule has no such line; the condition is none on these lanes.
    pub fn break_line(
        &mut self,
        line: impl Into<Located<u64>>,
        condition: Option<Phrase>,
        options: StopOptions,
    ) -> Result<StopReport> {
        let line = line.into();
        let compile = |condition| self.compile(condition, ExpectedType::Condition);
        let watch = condition.as_ref().map(compile).transpose()?;
        let lines = self.lanes.focused().compiled().lines.len();
        let number = usize::try_from(line.value).unwrap_or(usize::MAX);
        if number == 0 || number > lines {
            return Err(line.error(match lines {
                0 => "a recorded run has no lines".to_owned(),
                _ => format!("the rule has lines 1 to {lines}"),
            }));
        }
        let kind = StopKind::Line {
            lane: self.lanes.focus,
            line: number,
            condition: watch,
        };
        let at = BreakAt::Line { line, condition };
        let command = Command::Break(Breakpoint { at, options });
        Ok(self.add_stop(kind, options, command))
    }

    /// Stops runs where the value of an expression changes.
    ///
    /// # Errors
    /// It is no expression on these lanes.
    pub fn watch_value(
        &mut self,
        value: impl Into<Phrase>,
        options: StopOptions,
    ) -> Result<StopReport> {
        let value = value.into();
        let watch = self.compile(&value, ExpectedType::Any)?;
        refuse_constant(&watch, &value, "changes")?;
        let command = Command::Watch(Watchpoint { value, options });
        Ok(self.add_stop(StopKind::Watch(ValueChange::new(watch)), options, command))
    }

    /// Logs t and the value of an expression at every iteration of a run.
    ///
    /// # Errors
    /// It is no expression on these lanes.
    pub fn trace(&mut self, value: impl Into<Phrase>) -> Result<StopReport> {
        let value = value.into();
        let watch = self.compile(&value, ExpectedType::Any)?;
        let options = StopOptions::default();
        Ok(self.add_stop(StopKind::Trace(watch), options, Command::Trace(value)))
    }

    /// Shows the value of an expression at every stop.
    ///
    /// # Errors
    /// It is no expression on these lanes.
    pub fn display(
        &mut self,
        value: impl Into<Phrase>,
        control: &mut Control,
    ) -> Result<DisplayValue> {
        let phrase = value.into();
        let mut watch = self.compile(&phrase, ExpectedType::Any)?;
        let id = self.new_id();
        let value = self.display_value(id, &mut watch, control);
        self.displays.push((id, watch));
        self.changed(self.position(), Command::Display(phrase));
        Ok(value)
    }

    /// Draws the values of expressions over t, in front ends that draw; names are those of the lane in focus at any
    /// time.
    ///
    /// # Errors
    /// They are no curves on these lanes.
    pub fn plot(&mut self, command: &PlotCommand) -> Result<PlotReport> {
        for PlotCurve { value, .. } in command.curves.iter().chain(&command.against) {
            curve_expression(value.source(), value.span())?;
        }
        let source = Source::new("<plot>", command.text());
        let plot = PlotSpec::parse(&source, Span::new(0, source.text.len()), None)?;
        let names = self.lanes.names();
        let curves = plot.curves.iter().chain(&plot.against);
        for (curve, given) in curves.zip(command.curves.iter().chain(&command.against)) {
            let (source, span) = (given.value.source(), given.value.span());
            let watch = Watch::new(source, span, &names, ExpectedType::Any)?;
            if plot.band.is_some() {
                let element = matches!(watch.extent(), Extent::Vector(_)).then_some(1);
                let banded = Source::new("<plot>", plot.quantile(curve, element, 0.5));
                let whole = Span::new(0, banded.text.len());
                Watch::new(&banded, whole, &names, ExpectedType::Any)?;
            }
        }
        let id = self.new_id();
        let report = PlotReport::of(id, &plot);
        self.plots.push((id, plot));
        self.changed(self.position(), Command::Plot(command.clone()));
        Ok(report)
    }

    fn add_stop(&mut self, kind: StopKind, options: StopOptions, command: Command) -> StopReport {
        let stop = Stop {
            id: self.new_id(),
            kind,
            enabled: true,
            once: options.once,
            ignore: options.ignore,
            hits: 0,
            given: Counts {
                ignore: options.ignore,
                hits: 0,
            },
        };
        let report = self.stop_report(&stop);
        self.stops.push(stop);
        self.changed(self.position(), command);
        report
    }

    /// Deletes stops and displays.
    ///
    /// # Errors
    /// There is none of such a number; nothing is deleted then.
    pub fn delete(&mut self, ids: &StopIds) -> Result<StopSelection> {
        self.check_ids(ids)?;
        let selected = Self::selected(ids, self.numbers());
        self.stops.retain(|stop| !ids.holds(stop.id));
        self.displays.retain(|(id, _)| !ids.holds(*id));
        self.plots.retain(|(id, _)| !ids.holds(*id));
        self.changed(self.position(), Command::Delete(ids.clone()));
        Ok(selected)
    }

    /// Enables stops.
    ///
    /// # Errors
    /// There is none of such a number; nothing has changed then.
    pub fn enable(&mut self, ids: &StopIds) -> Result<StopSelection> {
        let selected = self.switch(ids, true)?;
        self.changed(self.position(), Command::Enable(ids.clone()));
        Ok(selected)
    }

    /// Disables stops without deleting them.
    ///
    /// # Errors
    /// There is none of such a number; nothing has changed then.
    pub fn disable(&mut self, ids: &StopIds) -> Result<StopSelection> {
        let selected = self.switch(ids, false)?;
        self.changed(self.position(), Command::Disable(ids.clone()));
        Ok(selected)
    }

    /// Those of `all` that `ids` name.
    fn selected(ids: &StopIds, all: impl IntoIterator<Item = u64>) -> StopSelection {
        StopSelection {
            ids: all.into_iter().filter(|id| ids.holds(*id)).collect(),
        }
    }

    fn switch(&mut self, ids: &StopIds, enabled: bool) -> Result<StopSelection> {
        self.check_ids(ids)?;
        if let StopIds::Those(ids) = ids {
            for id in ids {
                if self.is_display(id.value) || self.is_plot(id.value) {
                    let error = id.error("displays and plots cannot be enabled or disabled");
                    return Err(error.help(format!("`delete {}` removes it", id.value)));
                }
            }
        }
        for stop in &mut self.stops {
            if ids.holds(stop.id) {
                stop.enabled = enabled;
            }
        }
        Ok(Self::selected(ids, self.stops.iter().map(|it| it.id)))
    }

    /// Ignores the next hits of a stop.
    ///
    /// # Errors
    /// There is none of that number, or it is a display.
    pub fn ignore(&mut self, ignored: &IgnoreHits) -> Result<Ignored> {
        let id = ignored.id.value;
        let shown = [(self.is_display(id), "display"), (self.is_plot(id), "plot")];
        if let Some((_, kind)) = shown.into_iter().find(|(is, _)| *is) {
            let error = ignored
                .id
                .error(format!("{id} is a {kind}, which has no hits"));
            return Err(error.help("`info stops` lists stops, displays and plots"));
        }
        let Some(stop) = self.stops.iter_mut().find(|stop| stop.id == id) else {
            return Err(self.no_stop(&ignored.id));
        };
        stop.ignore = ignored.count;
        stop.hits = ignored.hits.unwrap_or(stop.hits);
        stop.given = Counts {
            ignore: ignored.count,
            hits: ignored.hits.unwrap_or(stop.given.hits),
        };
        self.changed(self.position(), Command::Ignore(ignored.clone()));
        Ok(Ignored {
            id,
            hits: ignored.count,
        })
    }

    fn is_display(&self, id: u64) -> bool {
        self.displays.iter().any(|(display, _)| *display == id)
    }

    fn is_plot(&self, id: u64) -> bool {
        self.plots.iter().any(|(plot, _)| *plot == id)
    }

    fn check_ids(&self, ids: &StopIds) -> Result<()> {
        let StopIds::Those(ids) = ids else {
            return Ok(());
        };
        if ids.is_empty() {
            let error = Error::plain(ErrorCode::Usage, "which stops?");
            return Err(error.help("their numbers, or `all`; `info stops` lists them"));
        }
        let known = |id: u64| {
            let is_stop = self.stops.iter().any(|stop| stop.id == id);
            is_stop || self.is_display(id) || self.is_plot(id)
        };
        match ids.iter().find(|id| !known(id.value)) {
            Some(id) => Err(self.no_stop(id)),
            None => Ok(()),
        }
    }

    /// The numbers of all stops, displays and plots, in ascending order.
    fn numbers(&self) -> Vec<u64> {
        let mut all: Vec<u64> = (self.stops.iter().map(|stop| stop.id))
            .chain(self.displays.iter().map(|(id, _)| *id))
            .chain(self.plots.iter().map(|(id, _)| *id))
            .collect();
        all.sort_unstable();
        all
    }

    /// The error for a number that no stop, display or plot has.
    fn no_stop(&self, id: &Located<u64>) -> Error {
        let all: Vec<String> = self.numbers().iter().map(u64::to_string).collect();
        let error = id.error(format!("there is no stop, display or plot {}", id.value));
        let error = error.coded(ErrorCode::UnknownStop);
        if all.is_empty() {
            return error.help("there are none yet; make one with break, watch, trace or display");
        }
        error.help(format!("there are {}", all.join(", ")))
    }
}
