//! `eigenstep completions SHELL`: a script that lets a shell complete command lines of this program.
//!
//! The script asks the program itself, with [`ASKED`] in the environment: rules, losses, tours and the settings of the rule
//! that the line names are those of this version and of the files at hand.

use super::{
    command_line::CommandLine,
    outcome::{ExitStatus, Failure},
    saved,
};
use crate::{format::short, loss, record::tours, rule, runs};
use clap::{Args, CommandFactory, ValueEnum};
use clap_complete::{
    engine::{ArgValueCompleter, CompletionCandidate, PathCompleter, ValueCompleter},
    env::Shells,
};
use std::{
    env,
    ffi::{OsStr, OsString},
    io::{self, Write},
};

/// Precisions that have a name; a number of digits is one too.
const PRECISIONS: [(&str, &str); 4] = [
    ("bf16", "8 significant bits"),
    ("f32", "24 significant bits"),
    ("f64", "53 significant bits"),
    ("71", "71 decimal digits, the most there are"),
];

/// The variable by which a script asks, with its shell as the value.
const ASKED: &str = "EIGENSTEP_COMPLETE";

/// The end of the script for zsh: as a file in `$fpath` it is read when words are asked for the first time, and has to answer.
const AUTOLOADED: &str = "
if [ \"$funcstack[1]\" = _eigenstep ]; then
    _clap_dynamic_completer_eigenstep \"$@\"
fi
";

/// Print a script that completes command lines: flags, rules, losses, tours, settings
#[derive(Debug, Args)]
#[command(after_help = "\
bash  source <(eigenstep completions bash)     in ~/.bashrc
zsh   source <(eigenstep completions zsh)      in ~/.zshrc, below compinit
fish  eigenstep completions fish | source      in ~/.config/fish/config.fish
PowerShell
      eigenstep completions powershell | Out-String | Invoke-Expression      in $PROFILE")]
pub(super) struct CompletionsArgs {
    /// The shell that reads it
    #[arg(value_enum)]
    shell: Shell,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Shell {
    Bash,
    Zsh,
    Fish,
    #[value(name = "powershell")]
    Pwsh,
}

impl Shell {
    /// The name by which clap knows it.
    fn name(self) -> &'static str {
        match self {
            Self::Bash => "bash",
            Self::Zsh => "zsh",
            Self::Fish => "fish",
            Self::Pwsh => "powershell",
        }
    }
}

/// Prints the script.
pub(super) fn run(args: &CompletionsArgs, out: &mut impl Write) -> Result<ExitStatus, Failure> {
    let shells = Shells::builtins();
    if let Some(shell) = shells.completer(args.shell.name()) {
        let name = "eigenstep";
        shell.write_registration(ASKED, name, name, name, out)?;
    }
    if args.shell == Shell::Zsh {
        out.write_all(AUTOLOADED.as_bytes())?;
    }
    Ok(ExitStatus::Done)
}

/// Answers a script, if one asks: true if there is nothing else to do.
pub(super) fn answer(arguments: &[OsString], out: &mut impl Write) -> io::Result<bool> {
    let Some(shell) = env::var_os(ASKED).filter(|shell| !shell.is_empty()) else {
        return Ok(false);
    };
    let shells = Shells::builtins();
    let Some(shell) = shell.to_str().and_then(|name| shells.completer(name)) else {
        return Ok(false);
    };
    // What is to be completed stands behind `--`.
    let mut words = arguments.iter().skip_while(|word| *word != "--").skip(1);
    let line: Vec<OsString> = words.by_ref().cloned().collect();
    let mut command = command(&line);
    command.build();
    let folder = env::current_dir().ok();
    shell.write_complete(&mut command, line, folder.as_deref(), out)?;
    Ok(true)
}

/// The command line with what completes its values.
fn command(line: &[OsString]) -> clap::Command {
    let line: Vec<String> = line
        .iter()
        .map(|word| word.to_string_lossy().into_owned())
        .collect();
    let with_values = |command: clap::Command| {
        let name = command.get_name().to_owned();
        command.mut_args(|arg| match values(&name, arg.get_id().as_str(), &line) {
            Some(completer) => arg.add(completer),
            None => arg,
        })
    };
    with_values(CommandLine::command()).mut_subcommands(with_values)
}

/// The values of the argument `id` of a front end.
fn values(front_end: &str, id: &str, line: &[String]) -> Option<ArgValueCompleter> {
    let of = |names: Vec<&'static str>| {
        move |begun: &str| {
            let fitting = names.iter().filter(|name| name.starts_with(begun));
            fitting.map(|it| (*it).to_owned()).collect()
        }
    };
    let rules = || named(rule::names_from, &["rule"]);
    let losses = || named(of(loss::names()), &["loss"]);
    let walks = || {
        let names = tours::titles().into_iter().map(|(_, name, _)| name);
        named(of(names.collect()), &["walk"])
    };
    Some(match (front_end, id) {
        (_, "rule" | "against") | ("rules", "name" | "compare") => rules(),
        (_, "loss") | ("losses", "name") => losses(),
        ("tour", "name") | ("check", "walks") | ("record", "walk") => walks(),
        (_, "set") => settings(line),
        (_, "precision") => described(PRECISIONS.to_vec()),
        (_, "resume") => ArgValueCompleter::new(|current: &OsStr| {
            let begun = current.to_string_lossy().into_owned();
            beginning(saved::described(), &begun)
        }),
        ("man", "command") => {
            let program = CommandLine::command();
            let names = program.get_subcommands().map(|it| {
                let about = it.get_about().map(ToString::to_string);
                (it.get_name().to_owned(), about.unwrap_or_default())
            });
            described(names.collect())
        }
        ("snapshot", "file") => named(
            of(Vec::new()),
            &["toml", "jsonl", "eig", "csv", "json", "gz"],
        ),
        (_, "file") => named(of(Vec::new()), &["toml"]),
        ("diff", "run" | "other") | ("open", "run") => named(of(Vec::new()), &runs::ENDINGS),
        _ => return None,
    })
}

/// Words with a line on each.
fn described(words: Vec<(impl Into<String>, impl Into<String>)>) -> ArgValueCompleter {
    let words: Vec<(String, String)> = words
        .into_iter()
        .map(|(word, doc)| (word.into(), doc.into()))
        .collect();
    ArgValueCompleter::new(move |current: &OsStr| {
        beginning(words.clone(), &current.to_string_lossy())
    })
}

/// The words that begin with `begun`, with their lines.
fn beginning(words: Vec<(String, String)>, begun: &str) -> Vec<CompletionCandidate> {
    let fitting = words
        .into_iter()
        .filter(|(word, _)| word.starts_with(begun));
    fitting
        .map(|(word, doc)| CompletionCandidate::new(word).help(Some(doc.into())))
        .collect()
}

/// The names that `names_from` has for what is begun, and files with these endings.
fn named(
    names_from: impl Fn(&str) -> Vec<String> + Send + Sync + 'static,
    endings: &'static [&'static str],
) -> ArgValueCompleter {
    ArgValueCompleter::new(move |current: &OsStr| {
        let names = names_from(&current.to_string_lossy()).into_iter();
        let mut found: Vec<CompletionCandidate> = names.map(CompletionCandidate::new).collect();
        let files = PathCompleter::file().filter(move |path| {
            let ending = path.extension().and_then(OsStr::to_str);
            path.is_dir() || ending.is_some_and(|ending| endings.contains(&ending))
        });
        found.extend(files.complete(current));
        found
    })
}

/// The settings of the rules that the line names, as `NAME=`; read only when they are asked for.
fn settings(line: &[String]) -> ArgValueCompleter {
    let rules = rules_of(line);
    ArgValueCompleter::new(move |current: &OsStr| {
        let begun = current.to_string_lossy();
        let mut found = settings_of(&rules);
        found.retain(|(name, _)| name.starts_with(&*begun));
        let shown = found.iter().map(|(name, default)| {
            let help = format!("default {}", short(*default));
            CompletionCandidate::new(format!("{name}=")).help(Some(help.into()))
        });
        shown.collect()
    })
}

/// The settings of these rules and their defaults, each name once.
fn settings_of(rules: &[String]) -> Vec<(String, f64)> {
    let mut found: Vec<(String, f64)> = Vec::new();
    for name in rules {
        // A rule that cannot be read has none.
        let compiled = rule::load(name).and_then(|rule| rule.compile(2));
        for setting in compiled.iter().flat_map(|rule| &rule.settings) {
            if found.iter().all(|(known, _)| *known != setting.name) {
                found.push((setting.name.clone(), setting.default));
            }
        }
    }
    found
}

/// The rules that a line names; without one, that of a bare `eigenstep`.
fn rules_of(line: &[String]) -> Vec<String> {
    let mut rules = Vec::new();
    let mut words = line.iter();
    while let Some(word) = words.next() {
        match word.split_once('=') {
            Some(("--rule" | "--against", name)) => rules.push(name.to_owned()),
            None if word == "--rule" || word == "--against" => rules.extend(words.next().cloned()),
            _ => {}
        }
    }
    if rules.is_empty() {
        rules.push("adam".to_owned());
    }
    rules
}
