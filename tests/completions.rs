//! Command lines that a shell completes, and the manual page.

use std::{
    env, fs,
    path::Path,
    process::{Command, Output},
};

const EIGENSTEP: &str = env!("CARGO_BIN_EXE_eigenstep");

fn text(output: &Output) -> String {
    assert!(output.status.success(), "{output:?}");
    assert!(output.stderr.is_empty(), "{output:?}");
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// The words that bash would offer for the last of `words`, by the script that it is told to source.
fn offered(words: &[&str]) -> Vec<String> {
    let script = r#"
        source <(eigenstep completions bash)
        COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMP_TYPE=9
        _clap_complete_eigenstep eigenstep "${COMP_WORDS[-1]}" "${COMP_WORDS[-2]}"
        printf '%s\n' "${COMPREPLY[@]}"
    "#;
    let folder = Path::new(EIGENSTEP).parent().unwrap();
    let path = format!("{}:{}", folder.display(), env::var("PATH").unwrap());
    let mut bash = Command::new("bash");
    bash.args(["--norc", "-c", script, "bash"]).args(words);
    let empty = tempfile::tempdir().unwrap();
    let output = bash.env("PATH", path).current_dir(&empty).output().unwrap();
    text(&output)
        .lines()
        .map(|it| it.trim_end().to_owned())
        .collect()
}

#[test]
fn bash_offers_commands_flags_rules_losses_tours_and_settings() {
    let offers = |words: &[&str], expected: &[&str]| {
        let found = offered(words);
        for word in expected {
            assert!(found.iter().any(|it| it == word), "{words:?}: {found:?}");
        }
        found
    };
    offers(&["eigenstep", "tr"], &["trace"]);
    offers(&["eigenstep", "trace", "--st"], &["--steps", "--start"]);
    let rules = offers(&["eigenstep", "--rule", "ada"], &["adam", "adagrad"]);
    assert!(
        rules.iter().all(|rule| rule.starts_with("ada")),
        "{rules:?}"
    );
    offers(
        &["eigenstep", "diff", "run.csv", "--against", "torch/ad"],
        &["torch/adam"],
    );
    offers(&["eigenstep", "trace", "--loss", "rosen"], &["rosenbrock"]);
    offers(&["eigenstep", "tour", "too"], &["too-far"]);
    offers(&["eigenstep", "rules", "mom"], &["momentum"]);
    offers(&["eigenstep", "hook", "py"], &["pytorch"]);
    let settings = offers(
        &["eigenstep", "--rule", "momentum", "--set", ""],
        &["eta=", "beta="],
    );
    assert!(!settings.iter().any(|it| it == "beta1="), "{settings:?}");
    offers(&["eigenstep", "--set", "beta"], &["beta1=", "beta2="]);
    offers(&["eigenstep", "--precision", "b"], &["bf16"]);
    offers(&["eigenstep", "--resume", "l"], &["list"]);
    offers(&["eigenstep", "man", "tr"], &["trace"]);
}

#[test]
fn every_shell_has_a_script_that_asks_the_program() {
    for shell in ["bash", "zsh", "fish", "powershell"] {
        let output = Command::new(EIGENSTEP)
            .args(["completions", shell])
            .output()
            .unwrap();
        let script = text(&output);
        assert!(script.contains("EIGENSTEP_COMPLETE"), "{shell}");
        // As a file that zsh reads when words are asked for, it has to answer at once.
        let answers = script.contains("\n    _clap_dynamic_completer_eigenstep \"$@\"\n");
        assert_eq!(answers, shell == "zsh", "{script}");
        let asked = Command::new(EIGENSTEP)
            .args(["--", "eigenstep", "--rule", "torch/ad"])
            .env("EIGENSTEP_COMPLETE", shell)
            .env("_CLAP_COMPLETE_INDEX", "2")
            .output()
            .unwrap();
        assert!(text(&asked).contains("torch/adam"), "{shell}: {asked:?}");
    }
}

#[test]
fn each_command_has_a_page_of_the_manual() {
    let man = |arguments: &[&str]| {
        let output = Command::new(EIGENSTEP)
            .arg("man")
            .args(arguments)
            .output()
            .unwrap();
        text(&output)
    };
    let page = man(&[]);
    for part in [
        ".TH eigenstep 1",
        ".SH SYNOPSIS",
        "\\-\\-rule",
        "exec",
        "trace",
    ] {
        assert!(page.contains(part), "{part}");
    }
    let page = man(&["trace"]);
    assert!(
        page.contains(".TH eigenstep-trace 1") && page.contains("\\-\\-steps"),
        "{page}"
    );
    assert!(
        page.contains(concat!("trace ", env!("CARGO_PKG_VERSION"))),
        "{page}"
    );
    let wrong = Command::new(EIGENSTEP)
        .args(["man", "trce"])
        .output()
        .unwrap();
    assert_eq!(wrong.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&wrong.stderr).contains("did you mean `trace`?"));
}

/// The files of a package: the place below `package/data/share`, and the arguments that print them.
fn packaged() -> Vec<(String, Vec<String>)> {
    let of = |place: &str, arguments: &[&str]| {
        let arguments = arguments.iter().map(|it| (*it).to_owned()).collect();
        (place.to_owned(), arguments)
    };
    let mut files = vec![
        of(
            "bash-completion/completions/eigenstep",
            &["completions", "bash"],
        ),
        of("zsh/site-functions/_eigenstep", &["completions", "zsh"]),
        of(
            "fish/vendor_completions.d/eigenstep.fish",
            &["completions", "fish"],
        ),
        of("powershell/eigenstep.ps1", &["completions", "powershell"]),
        of("man/man1/eigenstep.1", &["man"]),
    ];
    let help = Command::new(EIGENSTEP).arg("--help").output().unwrap();
    let help = text(&help);
    let (_, commands) = help.split_once("Commands:\n").unwrap();
    let commands = commands.lines().take_while(|line| !line.is_empty());
    for line in commands {
        let name = line.split_whitespace().next().unwrap();
        if name != "help" {
            let place = format!("man/man1/eigenstep-{name}.1");
            files.push(of(&place, &["man", name]));
        }
    }
    files
}

#[test]
fn the_files_of_a_package_are_what_the_program_prints() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("package/data/share");
    let files = packaged();
    assert!(files.len() > 20, "{files:?}");
    for (place, arguments) in files {
        let output = Command::new(EIGENSTEP).args(arguments).output().unwrap();
        let now = text(&output);
        let path = folder.join(&place);
        if env::var_os("UPDATE_DOCS").is_some() {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, &now).unwrap();
        }
        let kept = fs::read_to_string(&path).unwrap_or_default();
        assert!(
            kept == now,
            "{place} is out of date; make it anew:\n  UPDATE_DOCS=1 cargo test --test completions"
        );
    }
}
