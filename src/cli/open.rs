//! `eigenstep open`: a run recorded elsewhere in the debugger, alone or beside rules that run.

use super::{
    debug::{self, ScreenArgs},
    diff::ReadingArgs,
    flags::{FlagArgs, RulesAndLoss},
    outcome::{ExitStatus, Failure},
    part_settings,
    recording_note::RecordingNote,
    saved::JournalBase,
    waiting,
};
use crate::{
    debugger::{
        Control, Lane, Session,
        command::{PlotCommand, StopOptions},
        lanes::free_name,
    },
    diff::{ConfiguredRule, InferredRule, header_remarks, infer, led_lane},
    error::{Error, ErrorCode, Result},
    lang::{identifier::identifier, number::is_nonfinite},
    rule::Tensor,
    runs::{self, FieldMeaning, RecordedLane, RuleTensors, Run, RunPart},
    scenario::Scenario,
    tui::panes::Pane,
};
use clap::Args;
use std::{
    io::Write,
    path::Path,
    sync::{Arc, Mutex},
    thread,
    time::Duration,
};

/// The time after which a file without rows is looked at again.
const LOOK: Duration = Duration::from_millis(100);

/// Open a run recorded elsewhere in the debugger: step, watch, break and plot what was recorded
#[derive(Debug, Args)]
#[command(
    after_help = "The lines of the rule run on what was recorded: that of the header, with its settings, or --rule NAME.\n`save` does not write a session on a recorded run; `eigenstep --resume` goes on with one that did not end in peace.\nWith --loss, level lines and alpha are shown too, and rules may run beside it:\neigenstep open run.jsonl --loss rosenbrock --rule torch/adam --set lr=0.02"
)]
pub(super) struct OpenRunArgs {
    /// The run: a file of JSON lines, CSV or the binary format, or - for stdin
    #[arg(value_name = "RUN")]
    run: String,
    #[command(flatten)]
    flags: FlagArgs<RulesAndLoss>,
    #[command(flatten)]
    reading: ReadingArgs,
    /// Go on with a file that is still written: rows show as they come, for whoever stands at the end
    #[arg(long, conflicts_with = "plain")]
    follow: bool,
    /// A plain line-by-line prompt for screen readers, logs and dumb terminals
    #[arg(long)]
    plain: bool,
    #[command(flatten)]
    looks: ScreenArgs,
}

/// A run in the debugger, with what is beside it.
#[derive(Clone)]
pub(super) struct RunOpening {
    /// The file, or `-`.
    run: String,
    /// The rules and the loss beside it.
    scenario: Scenario,
    reading: ReadingArgs,
    /// True if what is worth a plot or a stop gets one: in a session that is resumed, commands do that.
    is_new: bool,
    /// True if it is still written.
    is_followed: bool,
    /// True where a screen is shown, so that nothing may be told beside it.
    is_quiet: bool,
}

impl OpenRunArgs {
    fn opening(&self) -> Result<RunOpening> {
        let mut scenario = Scenario::default();
        self.flags.apply(&mut scenario)?;
        Ok(RunOpening {
            reading: self.reading.clone(),
            is_followed: self.follow,
            ..RunOpening::new(self.run.clone(), scenario)
        })
    }
}

impl RunOpening {
    /// A run that is there as a whole, beside what `scenario` has.
    pub fn new(run: String, scenario: Scenario) -> Self {
        Self {
            run,
            scenario,
            reading: ReadingArgs::default(),
            is_new: true,
            is_followed: false,
            is_quiet: false,
        }
    }

    /// The same for a screen that shows the run already, and may open it again; none for what can be read only once.
    pub fn reopening(&self) -> Option<Self> {
        (self.is_followed && self.run != "-").then(|| Self {
            is_new: false,
            is_quiet: true,
            ..self.clone()
        })
    }

    /// The run of a session that is resumed, beside what `scenario` has.
    ///
    /// # Errors
    /// It is gone, or another.
    pub fn again(note: &RecordingNote, scenario: &Scenario) -> Result<Self> {
        note.check()?;
        Ok(Self {
            reading: note.reading.clone(),
            is_new: false,
            is_followed: note.follow,
            ..Self::new(note.path(), scenario.clone())
        })
    }

    /// Does something, and says `what` where that takes long and nothing is on the screen yet.
    fn telling<T>(&self, what: String, work: impl FnOnce() -> T) -> T {
        if self.is_quiet {
            work()
        } else {
            waiting::doing(what, work)
        }
    }

    /// Reads the run; where it is followed, the rows that it has so far.
    fn read(&self) -> Result<Run> {
        let (path, options) = (&self.run, self.reading.options());
        if !self.is_followed {
            return runs::open(path, &options);
        }
        self.telling(format!("waiting for two rows of `{path}`"), || {
            // Whoever starts it before the run does waits for the file, too.
            while path != "-" && !Path::new(path).exists() {
                thread::sleep(LOOK);
            }
            runs::open_growing(path, &options, &mut || {
                thread::sleep(LOOK);
                true
            })
        })
    }

    /// The run in a session.
    ///
    /// # Errors
    /// A run that cannot be read, or that what is beside it does not go with.
    pub fn session(self) -> Result<OpenedRun> {
        let mut scenario = self.scenario.clone();
        let has_loss = scenario.describes_loss();
        let mut run = self.read()?;
        let (first, last) = (run.first, run.last);
        if has_loss {
            run.need_parameters()?;
        }
        let by_tensors = if has_loss {
            Vec::new()
        } else {
            run.rules_for(&scenario.rules)?
        };
        if has_loss || !states_rule(&mut run) {
            refuse_settings(&scenario)?;
        }
        refuse_rules(&scenario, !has_loss && by_tensors.is_empty())?;
        if !scenario.rules.is_empty() {
            run.need_parameters()?;
        }
        let is_log = !run.has_parameters();
        let (plotted, nonfinite) = if self.is_new {
            (plotted_of_log(&run), nonfinite(&mut run)?)
        } else {
            Default::default()
        };
        let timing = self.reading.timing();
        let Offer {
            followed,
            mut notes,
            mut why,
        } = match (has_loss, scenario.rules.is_empty()) {
            (true, _) => Offer::default(),
            // Whoever sets something asks for the rule, which is then no offer any more.
            (false, true) if !scenario.settings.is_empty() => {
                Offer::of(followed(&mut run, &scenario, &[])?)
            }
            (false, true) => offered(&mut run, &scenario, &|run| {
                let what = format!("looking for the rule of `{}`", run.name);
                self.telling(what, || infer(run, timing, &mut Control::default()))
            }),
            (false, false) => Offer::of(followed(&mut run, &scenario, &by_tensors)?),
        };
        notes.extend(partial_note(&run));
        let tensors = marked_tensors(&mut run);
        if has_loss {
            scenario.start = Some(run.start()?);
        }
        let mut noise = None;
        let mut lanes = Vec::new();
        let known = if !has_loss {
            None
        } else if scenario.rules.is_empty() {
            Some(scenario.landscape()?)
        } else {
            let setup = scenario.open()?;
            noise = setup.noise;
            lanes = setup.lanes;
            Some(setup.landscape)
        };
        if let Some(note) = run.skipped_note()
            && !self.is_quiet
        {
            let _ = writeln!(std::io::stderr().lock(), "{note}");
        }
        let run = Arc::new(Mutex::new(run));
        let RecordedLane {
            mut lane,
            landscape,
            names,
        } = runs::shared_lane(&run, known.as_ref())?;
        // Rules beside it begin at t = 0, and it with them.
        if lanes.is_empty() {
            lane = lane.from_row(first);
        }
        lanes.insert(0, ("recorded".to_owned(), lane));
        let mut owners = vec![None; tensors.len()];
        for it in followed.iter().rev() {
            notes.extend(it.note.clone());
            match led_lane(&run, &it.rule, it.part.as_ref(), timing, &landscape) {
                Ok(led) => it.add(led, &mut lanes, &mut owners),
                Err(error) if !scenario.rules.is_empty() => return Err(error),
                Err(error) => why = Some(without(&error)),
            }
        }
        let session = Session::new(landscape, noise, lanes, scenario.origin_text())?;
        let mut session = session.with_tensors(&tensors).with_owners(owners);
        session.allow_runs_of(session.options().max_run.max(last));
        for field in plotted {
            if let Some(name) = &names[field] {
                session.plot(&PlotCommand::parse(&name.clone().into())?)?;
            }
        }
        let failing = nonfinite
            .iter()
            .filter_map(|field| names[*field].as_deref());
        stop_at_failure(&mut session, failing)?;
        Ok(OpenedRun {
            session,
            panes: panes(is_log, tensors.len()),
            notes,
            why,
        })
    }
}

/// A sentence on the tensors that were not recorded whole, if any.
fn partial_note(run: &Run) -> Option<String> {
    let partial = run.partial_tensors()?;
    Some(format!(
        "some elements of {partial} were recorded: they are counted, and norms are of these alone"
    ))
}

/// The tensors of a run, with a mark where it has their norms alone.
fn marked_tensors(run: &mut Run) -> Vec<Tensor> {
    let is_norm = run.has_norms();
    let tensors = run.tensors.iter().cloned();
    tensors.map(|tensor| Tensor { is_norm, ..tensor }).collect()
}

/// The panes to begin with on a run of so many tensors, or on a log without parameters.
fn panes(is_log: bool, tensors: usize) -> &'static [Pane] {
    if is_log {
        // There is no place and no curvature to show.
        &[Pane::Source, Pane::Plot, Pane::Loss]
    } else if tensors > 1 {
        // Of more parameters than two, two are no picture.
        &[Pane::Tensors, Pane::Source, Pane::Plot, Pane::Loss]
    } else {
        &[]
    }
}

/// A recorded run in a session.
pub(super) struct OpenedRun {
    /// The session.
    pub session: Session,
    /// The panes to begin with where they are not those of the user.
    pub panes: &'static [Pane],
    /// What is to be known of the rules that run on it.
    pub notes: Vec<String>,
    /// The reason why not all rules that the header names run on it, if there is one.
    pub why: Option<String>,
}

/// A rule whose lines run on what was recorded.
struct Followed {
    rule: ConfiguredRule,
    /// What the run is to it, where others step some tensors.
    part: Option<RunPart>,
    /// The tensors that it steps, where that is not all.
    tensors: Vec<usize>,
    /// What is to be known of it.
    note: Option<String>,
}

impl Followed {
    /// Puts its lane, `led`, before the others, and its name at the tensors that it steps.
    fn add(&self, led: Lane, lanes: &mut Vec<(String, Lane)>, owners: &mut [Option<String>]) {
        let name = identifier(&self.rule.compiled.rule.name);
        let is_taken = |name: &str| lanes.iter().any(|it| it.0 == name);
        let name = free_name(&name, is_taken);
        for tensor in &self.tensors {
            owners[*tensor] = Some(name.clone());
        }
        lanes.insert(0, (name, led));
    }
}

/// True if the header of `run` names a rule for the elements that rows have.
fn states_rule(run: &mut Run) -> bool {
    !run.has_norms() && ConfiguredRule::of_hook(run).is_ok_and(|it| it.is_some())
}

/// An error for settings of no rule.
fn refuse_settings(scenario: &Scenario) -> Result<()> {
    if scenario.rules.is_empty() && !scenario.settings.is_empty() {
        return Err(Error::plain(
            ErrorCode::Conflict,
            "`--set` belongs to a rule beside the run",
        )
        .help("name it: --rule torch/adam"));
    }
    Ok(())
}

/// An error for several rules where each is for all tensors, and the loss is not known.
fn refuse_rules(scenario: &Scenario, is_single: bool) -> Result<()> {
    if scenario.rules.len() > 1 && is_single {
        return Err(Error::plain(
            ErrorCode::Conflict,
            "several rules beside the recorded run need the loss of that run",
        )
        .help("add --loss NAME, or --eigenvalues, or --data; or name one rule, or one for some tensors and one for the rest: --rule 'torch/muon on *.weight' --rule torch/adamw"));
    }
    Ok(())
}

/// The rules that run on a recording without being asked for.
#[derive(Default)]
struct Offer {
    followed: Vec<Followed>,
    notes: Vec<String>,
    /// What keeps a rule from that.
    why: Option<String>,
}

impl Offer {
    fn of(followed: Vec<Followed>) -> Self {
        Self {
            followed,
            ..Self::default()
        }
    }

    fn without(error: &Error) -> Self {
        Self {
            why: Some(without(error)),
            ..Self::default()
        }
    }
}

/// The rules of the header whose lines run on what was recorded, or the one that is inferred from the rows where it names none.
/// They are an offer: what keeps one from that is told, and the run is there without it.
fn offered(
    run: &mut Run,
    scenario: &Scenario,
    infer: &dyn Fn(&mut Run) -> Result<InferredRule>,
) -> Offer {
    if run.has_norms() {
        return Offer {
            why: Some(format!(
                "shown without its rule: `{}` has norms of tensors, not their elements; the name of a tensor is its norm",
                run.name
            )),
            ..Offer::default()
        };
    }
    let rules = match run.stated_rules() {
        Ok(rules) => rules,
        Err(error) => return Offer::without(&error),
    };
    if let [] | [_] = rules[..] {
        return match followed(run, scenario, &rules) {
            Ok(found) if found.is_empty() => inferred(run, infer),
            Ok(found) => Offer::of(found),
            Err(error) => Offer::without(&error),
        };
    }
    let mut offer = Offer::default();
    for of in &rules {
        match of_part(run, scenario, of) {
            Ok(it) => offer.followed.extend(it),
            Err(error) => offer.why = offer.why.or(Some(without(&error))),
        }
    }
    offer
}

/// The rule that is inferred from the rows of `run`, whose header names none.
fn inferred(run: &mut Run, infer: &dyn Fn(&mut Run) -> Result<InferredRule>) -> Offer {
    if !run.has_parameters() || run.is_trace() || run.has_norms() {
        return Offer::default();
    }
    let found = infer(run).and_then(|it| {
        let (title, rows) = (it.title(), it.rows);
        let name = identifier(&it.rule.compiled.rule.name);
        let part = if rows < run.rows { "the first" } else { "all" };
        let note = format!("inferred from {part} {rows} rows (drop {name} refuses it): {title}");
        Ok((ready(run, it.rule)?, note))
    });
    match found {
        Ok((rule, note)) => Offer::of(vec![Followed {
            rule,
            part: None,
            tensors: Vec::new(),
            note: Some(note),
        }]),
        Err(error) => Offer {
            notes: vec![format!(
                "no rule inferred (--rule names one): {}",
                error.message()
            )],
            ..Offer::default()
        },
    }
}

/// A sentence on a run that is shown without the rule of its header, for this reason.
fn without(error: &Error) -> String {
    format!(
        "shown without its rule (name one by --rule): {}",
        error.message()
    )
}

/// The rules whose lines run on what was recorded, each for some tensors or one for all.
fn followed(run: &mut Run, scenario: &Scenario, rules: &[RuleTensors]) -> Result<Vec<Followed>> {
    if let [] | [_] = rules {
        let mut scenario = scenario.clone();
        if let ([only], false) = (rules, scenario.rules.is_empty()) {
            scenario.rules = vec![only.rule.clone()];
        }
        let stated = stated(run, &scenario)?;
        let all = stated.map(|(rule, note)| Followed {
            rule,
            part: None,
            tensors: Vec::new(),
            note,
        });
        return Ok(all.into_iter().collect());
    }
    let mut found = Vec::new();
    for of in rules {
        let mut own = scenario.clone();
        if of.is_named {
            own.rules = vec![of.rule.clone()];
            own.settings.clear();
            for (target, text) in &scenario.settings {
                if part_settings::is_of(target, of, rules)? {
                    own.settings.insert(target.clone(), text.clone());
                }
            }
        }
        found.extend(of_part(run, &own, of)?);
    }
    Ok(found)
}

/// The rule of `of`, which steps some tensors of `run`.
fn of_part(run: &mut Run, scenario: &Scenario, of: &RuleTensors) -> Result<Option<Followed>> {
    let mut part = run.part_in_place(of);
    run.swap(&mut part);
    let rule = stated(run, scenario);
    run.swap(&mut part);
    let rule = rule.map_err(|error| error.context(&of.rule))?;
    Ok(rule.map(|(rule, note)| Followed {
        rule,
        part: Some(part),
        tensors: of.tensors.clone(),
        note: note.map(|it| format!("{}: {it}", of.rule)),
    }))
}

/// The rule that the flags name, or the header of `run`, for that run, and what is to be known of it.
fn stated(run: &mut Run, scenario: &Scenario) -> Result<Option<(ConfiguredRule, Option<String>)>> {
    let given = scenario.settings.iter();
    let given = given.map(|(target, text)| format!("{}={text}", target.name));
    let given: Vec<String> = given.collect();
    let rule = match scenario.rules.first() {
        None => ConfiguredRule::noted_with(run, None, &given)?,
        Some(name) => {
            // What the header says of another rule is no matter, nor is it where settings are given with a rule.
            let of_header = ConfiguredRule::noted_for(run, name).unwrap_or_default();
            if let Some(own) = of_header.filter(|_| given.is_empty()) {
                Some(own)
            } else {
                let (compiled, settings) = scenario.rule_alone(run.dimension())?;
                Some(ConfiguredRule::without_loss(compiled, settings).over(&run.tensors)?)
            }
        }
    };
    let Some(rule) = rule else {
        return Ok(None);
    };
    let remarks = header_remarks(run, &rule)?.into_iter();
    let note = remarks
        .map(|it| it.to_string())
        .collect::<Vec<_>>()
        .join("; ");
    let note = Some(note).filter(|it| !it.is_empty());
    Ok(Some((ready(run, rule)?, note)))
}

/// `rule` as it goes with tensors of `run` that rest, and the fields of that as they go with it.
fn ready(run: &mut Run, rule: ConfiguredRule) -> Result<ConfiguredRule> {
    let rule = rule.of_resting_tensors(run)?.unwrap_or(rule);
    run.spread_for(&rule.compiled);
    Ok(rule)
}

/// Has `session` stop where one of these names of the recorded lane is not finite.
fn stop_at_failure<'a>(session: &mut Session, names: impl Iterator<Item = &'a str>) -> Result<()> {
    let lane = if session.lanes().entries().len() > 1 {
        "recorded."
    } else {
        ""
    };
    let counts: Vec<String> = names
        .map(|name| format!("count_nonfinite({lane}{name})"))
        .collect();
    if counts.is_empty() {
        return Ok(());
    }
    let condition = format!("{} > 0", counts.join(" + "));
    session.break_when(condition, StopOptions::default())?;
    Ok(())
}

/// Most metrics of a log that are drawn from the first.
const DRAWN: usize = 4;

/// The metrics of a log without parameters, by their fields, that are worth a curve: the loss has its own.
fn plotted_of_log(run: &Run) -> Vec<usize> {
    if run.has_parameters() {
        return Vec::new();
    }
    let is_metric = |field: &runs::Field| {
        let name = field.name.to_ascii_lowercase();
        let is_counter = [
            "epoch",
            "step",
            "time",
            "runtime",
            "per_second",
            "__min",
            "__max",
        ]
        .iter()
        .any(|it| name.ends_with(it));
        field.meaning == FieldMeaning::Other && field.len == 1 && !is_counter
    };
    let metrics = (1..run.fields.len()).filter(|at| is_metric(&run.fields[*at]));
    metrics.take(DRAWN).collect()
}

/// Numbers of a run that are looked at for ones that are not finite; of a larger run, the last row is.
const LOOKED_AT: usize = 10_000_000;

/// The parameters, gradient and loss of `run`, by their fields, where they begin finite and do not stay so.
fn nonfinite(run: &mut Run) -> Result<Vec<usize>> {
    let fields = [
        run.has_parameters().then_some(0),
        run.meaning(FieldMeaning::Gradient),
        run.meaning(FieldMeaning::Loss),
    ];
    let is_small = run.rows.saturating_mul(run.dimension()) <= LOOKED_AT;
    let from = if is_small { 0 } else { run.rows - 1 };
    let mut found = Vec::new();
    let mut values = Vec::new();
    for field in fields.into_iter().flatten() {
        let mut first = None;
        for row in from..run.rows {
            let is_known = run.read(row, field, &mut values)?;
            if is_known && values.iter().any(|it| is_nonfinite(*it)) {
                first = Some(row);
                break;
            }
        }
        // Of a run that is followed, nobody knows what comes.
        if first.map_or(run.is_followed(), |row| row > 0) {
            found.push(field);
        }
    }
    Ok(found)
}

/// Opens the debugger on the run.
pub(super) fn run(
    args: &OpenRunArgs,
    out: &mut impl Write,
) -> std::result::Result<ExitStatus, Failure> {
    let opening = args.opening()?;
    let again = opening.reopening();
    let opened = opening.session()?;
    let note = RecordingNote::of(&args.run, &args.reading, args.follow);
    let base = JournalBase::recording(note.and_then(|note| note.to_text()));
    let grows = args.follow.then_some((args.run.as_str(), again));
    debug::show(opened, base, &args.looks, args.plain, grows, out)
}
