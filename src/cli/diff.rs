//! `eigenstep diff`: where a run leaves a rule, or another run, and why.

use super::{
    flags::{FlagArgs, SettingsAndLoss},
    interrupt,
    outcome::{ExitStatus, Failure},
    part_settings, waiting,
};
use crate::{
    debugger::Control,
    diff::{
        self, Against, ConfiguredRule, DiffLine, GradientTiming, Mode, Question, Report,
        ReportMode, Tolerance, compare_runs, examine, named_otherwise, stated_otherwise,
    },
    error::{Error, ErrorCode, Result},
    rule,
    runs::{self, ReadOptions, RuleTensors, Run},
    scenario::{FlagGroup, Target},
    text::Visible,
};
use clap::{Args, ValueEnum};
use serde::{Deserialize, Serialize};
use std::io::{self, Write};

/// Compare a run recorded elsewhere with a rule or another run; exit code 0: same, 1: different, 2: bad input, 130: interrupted
#[derive(Debug, Args)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a flag of the command line"
)]
#[command(
    after_help = "Rows are JSON lines, CSV or the binary format of the hooks, plain or gzip: t, w, and any of g, loss and buffers by their names.\nWithout --against, a trace of this program is compared with the rule that its header names."
)]
pub(super) struct DiffArgs {
    /// The run: a file of JSON lines, CSV or the binary format, or - for stdin
    #[arg(value_name = "RUN", required_unless_present = "schema")]
    run: Option<String>,
    /// Another run to compare it with
    #[arg(value_name = "OTHER", conflicts_with_all = ["against", "loss", "set", "replay"])]
    other: Option<String>,
    /// The rule to compare with, by name or file; several, each `RULE on TENSOR,TENSOR*` but for that of the rest
    #[arg(long, value_name = "NAME|FILE.rule")]
    against: Vec<String>,
    #[command(flatten)]
    flags: FlagArgs<SettingsAndLoss>,
    #[command(flatten)]
    reading: ReadingArgs,
    /// Apply the rule once from each recorded row: tells a wrong rule from accumulated rounding
    #[arg(long)]
    replay: bool,
    /// Relative tolerance [default: 1e-9, more for coarser numbers]
    #[arg(long, value_name = "X")]
    rtol: Option<f64>,
    /// Absolute tolerance
    #[arg(long, value_name = "X", default_value_t = 0.0)]
    atol: f64,
    /// The variable (or the other run's field) that a field of the run stands for; may be repeated
    #[arg(long, value_name = "FIELD=NAME")]
    map: Vec<String>,
    /// Write the report as JSON
    #[arg(long)]
    json: bool,
    /// Print the JSON schema of what --json writes, and exit
    #[arg(long, conflicts_with_all = ["run", "json", "quiet"])]
    schema: bool,
    /// Write nothing; the exit code is the answer
    #[arg(long, conflicts_with = "json")]
    quiet: bool,
    /// Do not look for the cause of a difference
    #[arg(long)]
    no_diagnosis: bool,
}

/// Flags for the reading of rows.
#[derive(Debug, Clone, Default, Args, Serialize, Deserialize)]
#[serde(default)]
#[command(next_help_heading = "Input rows")]
pub(super) struct ReadingArgs {
    /// The lane whose rows are read, where rows name their lanes
    #[arg(long, value_name = "NAME")]
    lane: Option<String>,
    /// Skip rows that cannot be read, and count them
    #[arg(long)]
    lenient: bool,
    /// The iteration of the first row, overriding what it says
    #[arg(long, value_name = "T")]
    first: Option<u64>,
    /// The iteration that used the gradient of a row: the one that led to it, or the next
    #[arg(long, value_enum, value_name = "WHEN")]
    gradient: Option<GradientTime>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum GradientTime {
    /// Logged after the update
    Used,
    /// The gradient at the row's w
    Ahead,
}

impl ReadingArgs {
    /// The options for reading rows.
    pub fn options(&self) -> ReadOptions {
        ReadOptions {
            lane: self.lane.clone(),
            lenient: self.lenient,
            first: self.first,
            ..ReadOptions::default()
        }
    }

    /// The iteration that used the gradient of a row, where it is said.
    pub fn timing(&self) -> Option<GradientTiming> {
        self.gradient.map(|when| match when {
            GradientTime::Used => GradientTiming::Used,
            GradientTime::Ahead => GradientTiming::Ahead,
        })
    }
}

impl DiffArgs {
    fn map(&self) -> Result<Vec<(String, String)>> {
        let pair = |text: &String| {
            let (field, name) = text.split_once('=').ok_or_else(|| {
                let message = format!("`--map {text}` maps nothing");
                Error::plain(ErrorCode::Usage, message).help("like --map v=exp_avg_sq")
            })?;
            Ok((field.trim().to_owned(), name.trim().to_owned()))
        };
        self.map.iter().map(pair).collect()
    }

    fn tolerance(&self) -> Result<Tolerance> {
        let [relative, absolute] = [self.rtol.unwrap_or(1e-9), self.atol];
        if relative >= 0.0 && absolute >= 0.0 {
            return Ok(Tolerance { relative, absolute });
        }
        Err(Error::plain(
            ErrorCode::InvalidValue,
            "--rtol and --atol have to be 0 or more",
        )
        .help("like --rtol 1e-9"))
    }

    fn subject(
        &self,
        run: &mut Run,
        rule: Option<&str>,
        settings: &[String],
    ) -> Result<ConfiguredRule> {
        let Some(rule) = rule else {
            if let Some(own) = ConfiguredRule::noted_with(run, None, settings)? {
                return Ok(own);
            }
            // The rule of a trace has the settings that it names.
            if let Some(setting) = settings.first() {
                let message = format!(
                    "`--set {setting}` sets nothing: settings are those that the run states"
                );
                return Err(Error::plain(ErrorCode::Conflict, message)
                    .help("name the rule that has them, too: --against NAME"));
            }
            return ConfiguredRule::of_trace(run, self.reading.lane.as_deref());
        };
        let loss = self.flags.loss()?;
        let noted = if self.against.is_empty() {
            ConfiguredRule::noted_with(run, Some(rule), settings)?
        } else {
            // What the header says of another rule is no matter, nor is it where settings are given with a rule.
            let noted = ConfiguredRule::noted_for(run, rule).unwrap_or_default();
            noted.filter(|_| settings.is_empty())
        };
        if let Some(own) = noted.filter(|_| loss.is_none()) {
            return Ok(own);
        }
        let start = run.start()?;
        ConfiguredRule::new(rule, settings, loss, &start)?.over(&run.tensors)
    }

    /// What `--set` says of the rule of `of`, one of `all`.
    fn settings_of(&self, of: &RuleTensors, all: &[RuleTensors]) -> Result<Vec<String>> {
        let mut found = Vec::new();
        for text in self.flags.of(FlagGroup::Rule) {
            let (name, value) = text.split_once('=').unwrap_or((text, ""));
            let target = Target::parse(name);
            if part_settings::is_of(&target, of, all)? {
                found.push(format!("{}={value}", target.name));
            }
        }
        Ok(found)
    }

    /// The rules, each with its tensors, where there are several.
    fn rules(&self, run: &Run) -> Result<Vec<RuleTensors>> {
        if self.against.is_empty() {
            return run.stated_rules();
        }
        let named = run.rules_for(&self.against)?;
        if let ([], [_, second, ..]) = (&named[..], &self.against[..]) {
            let message = format!("`--against {second}` names a second rule for all tensors");
            return Err(Error::plain(ErrorCode::Conflict, message).help(
                "say which tensors follow the first: --against 'torch/muon on *.weight' --against torch/adamw",
            ));
        }
        Ok(named)
    }

    fn report(&self) -> Result<Report> {
        let run = self.run.as_deref().unwrap_or_default();
        let mut run = runs::open(run, &self.reading.options())?;
        run.need_parameters()?;
        let what = format!("comparing {} rows of `{}`", run.rows, run.name);
        waiting::doing(what, || match &self.other {
            Some(other) => self.against_run(&mut run, other),
            None => self.against_rules(&mut run),
        })
    }

    fn against_rules(&self, run: &mut Run) -> Result<Report> {
        let rules = self.rules(run)?;
        let named = |it: &RuleTensors| it.is_named.then(|| it.rule.clone());
        let mut parts = Vec::new();
        if let [] | [_] = rules[..] {
            let only = rules.first().and_then(named);
            let only = only.or_else(|| self.against.first().cloned());
            let settings = self.flags.of(FlagGroup::Rule);
            let settings: Vec<String> = settings.map(str::to_owned).collect();
            if run.tensors_by_type().len() < 2 {
                return self.against_rule(run, only.as_deref(), &settings);
            }
            self.by_type(run, only.as_deref(), &settings, &mut parts)?;
            return Ok(Report::of_parts(&run.name, parts));
        }
        for of in &rules {
            let settings = self.settings_of(of, &rules)?;
            let mut part = run.part(of);
            run.swap(&mut part);
            let found = self.by_type(run, named(of).as_deref(), &settings, &mut parts);
            run.swap(&mut part);
            found.map_err(|error| error.context(&of.rule))?;
        }
        Ok(Report::of_parts(&run.name, parts))
    }

    /// Appends what is found of the tensors with numbers of each type.
    fn by_type(
        &self,
        run: &mut Run,
        rule: Option<&str>,
        settings: &[String],
        parts: &mut Vec<Report>,
    ) -> Result<()> {
        for tensors in run.tensors_by_type() {
            let mut part = run.part_of(&tensors);
            run.swap(&mut part);
            let tensors = run.tensors.iter().map(|it| it.name.clone()).collect();
            let found = self.against_rule(run, rule, settings);
            run.swap(&mut part);
            parts.push(found?.on(tensors));
        }
        Ok(())
    }

    fn against_rule(
        &self,
        run: &mut Run,
        rule: Option<&str>,
        settings: &[String],
    ) -> Result<Report> {
        let subject = self.subject(run, rule, settings)?;
        let question = Question {
            mode: if self.replay {
                Mode::Replay
            } else {
                Mode::Free
            },
            tolerance: self.tolerance()?,
            by_format: self.rtol.is_none(),
            map: self.map()?,
            convention: self.reading.timing(),
            diagnose: !(self.quiet || self.no_diagnosis),
        };
        examine(run, &subject, &question, &mut Control::default())
    }

    fn against_run(&self, run: &mut Run, other: &str) -> Result<Report> {
        let options = ReadOptions {
            first: None,
            ..self.reading.options()
        };
        let mut other = runs::open(other, &options).map_err(|error| match rule::load(other) {
            Ok(_) => error.help(format!("a rule is given by --against {other}")),
            Err(_) => error,
        })?;
        other.need_parameters()?;
        let tolerance = self.tolerance()?;
        let (comparison, alone) = compare_runs(
            run,
            &mut other,
            &self.map()?,
            tolerance,
            &mut Control::default(),
        )?;
        let mut report = Report::new(
            &run.name,
            Against::Run {
                run: other.name.clone(),
            },
            ReportMode::Runs,
        );
        report.skipped = run.skipped + other.skipped;
        report.not_compared = alone;
        report.most = tolerance.share();
        report.take(comparison);
        report.remarks.extend(named_otherwise(run, &other));
        report.remarks.extend(stated_otherwise(run, &mut other)?);
        Ok(report.with_claims())
    }
}

/// Compares, and says what it found.
pub(super) fn run(
    args: &DiffArgs,
    out: &mut impl Write,
) -> std::result::Result<ExitStatus, Failure> {
    if args.schema {
        serde_json::to_writer_pretty(&mut *out, &diff::schema()).map_err(io::Error::from)?;
        writeln!(out)?;
        return Ok(ExitStatus::Done);
    }
    let interrupted = Error::plain(
        ErrorCode::Interrupted,
        "interrupted; nothing has been compared",
    );
    let mut told = Vec::new();
    if args.json {
        refuse(&interrupted, &mut told)?;
    }
    let report = match interrupt::ends_with(&interrupted, told, || args.report()) {
        Ok(report) => report,
        Err(error) => {
            // Whoever reads JSON finds what was wrong there, as well as on stderr.
            if args.json {
                refuse(&error, out)?;
            }
            return Err(error.into());
        }
    };
    let status = if report.same {
        ExitStatus::Done
    } else {
        ExitStatus::No
    };
    if args.json {
        write_line(&report.into(), out)?;
    } else if !args.quiet {
        write!(Visible::new(out), "{report}")?;
    }
    Ok(status)
}

/// Writes an error as JSON, with the fields of the header.
pub(super) fn refuse(error: &Error, out: &mut impl Write) -> io::Result<()> {
    write_line(&error.into(), out)
}

fn write_line(line: &DiffLine, out: &mut impl Write) -> io::Result<()> {
    serde_json::to_writer(&mut *out, line)?;
    writeln!(out)
}
