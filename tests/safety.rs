//! What somebody else's files, odd bytes and full disks may do to the user's own files: nothing.

use std::{
    fs,
    path::Path,
    process::{Command, Output, Stdio},
};
use tempfile::{TempDir, tempdir};

/// Runs the program in `folder`, with an empty standard input.
fn eigenstep(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_eigenstep"))
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::null())
        .env("HOME", folder)
        .env_remove("XDG_STATE_HOME")
        .env_remove("XDG_CONFIG_HOME")
        .output()
        .unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// A folder with `files`, each a name and a text.
fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempdir().unwrap();
    for (name, text) in files {
        fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

mod foreign {
    //! Files that somebody else has written.

    use super::*;

    const LESSON: &str = "commands = [\"display loss # $(touch pwned)\", \"save .bashrc\"]\n";
    const WALK: &str = "5n\nsave lesson.rule\n";
    const KEYS: &str = "key : s a v e space m i n e enter\n";

    #[test]
    fn what_a_file_brings_along_writes_no_file() {
        for (file, text, arguments) in [
            (
                "lesson.toml",
                LESSON,
                &["exec", "lesson.toml", "-e", "list"][..],
            ),
            ("lesson.toml", LESSON, &["exec", "lesson.toml"]),
            ("lesson.toml", LESSON, &["--plain", "lesson.toml"]),
            ("lesson.toml", LESSON, &["snapshot", "lesson.toml"]),
            (
                "lesson.toml",
                LESSON,
                &["record", "--from-session", "lesson.toml"],
            ),
            ("lesson.walk", WALK, &["check", "lesson.walk"]),
            ("lesson.walk", WALK, &["record", "lesson.walk"]),
            ("keys.walk", KEYS, &["check", "keys.walk"]),
        ] {
            let folder = folder(&[(file, text)]);
            let output = eigenstep(folder.path(), arguments);
            assert_eq!(output.status.code(), Some(2), "{arguments:?}");
            let told = stderr(&output);
            assert!(told.contains("writes a file"), "{told}");
            assert!(told.contains(file), "{told}");
            let left: Vec<_> = fs::read_dir(folder.path()).unwrap().collect();
            assert_eq!(left.len(), 1, "{arguments:?}: {left:?}");
        }
    }

    #[test]
    fn a_resumed_session_writes_no_file() {
        let journal =
            "# eigenstep journal 1\nrule = \"gd\"\n# eigenstep commands\ngoto 3\nsave .bashrc\n";
        for (name, text) in [("last.toml", LESSON), ("last-1.journal", journal)] {
            let folder = folder(&[]);
            let state = folder.path().join(".local/state/eigenstep");
            fs::create_dir_all(&state).unwrap();
            fs::write(state.join(name), text).unwrap();
            let output = eigenstep(folder.path(), &["--plain", "--resume"]);
            assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
            assert!(stderr(&output).contains(name), "{}", stderr(&output));
            assert!(!folder.path().join(".bashrc").exists());
            assert!(state.join(name).exists(), "the session is not lost");
        }
    }

    #[test]
    fn files_that_are_trusted_write() {
        for arguments in [
            &["exec", "lesson.toml", "--allow-writes"][..],
            &["--plain", "lesson.toml", "--allow-writes"],
        ] {
            let folder = folder(&[("lesson.toml", LESSON)]);
            let output = eigenstep(folder.path(), arguments);
            assert!(output.status.success(), "{}", stderr(&output));
            assert!(folder.path().join(".bashrc").exists(), "{arguments:?}");
        }
        let folder = folder(&[("keys.walk", KEYS)]);
        let output = eigenstep(folder.path(), &["check", "keys.walk", "--allow-writes"]);
        assert!(output.status.success(), "{}", stderr(&output));
        assert!(folder.path().join("mine").exists());
    }

    #[test]
    fn the_user_may_save_after_a_file_was_opened() {
        let folder = folder(&[("mine.toml", "commands = [\"goto 3\"]\n")]);
        let output = eigenstep(
            folder.path(),
            &["exec", "mine.toml", "-e", "save other.toml"],
        );
        assert!(output.status.success(), "{}", stderr(&output));
        assert!(folder.path().join("other.toml").exists());
    }
}

mod bytes {
    //! Bytes that are no text.

    use super::*;

    #[test]
    fn a_row_with_odd_bytes_is_an_error_at_its_place() {
        let cases: [(&[u8], &str); 8] = [
            (b"t,w[1]\n0,\xff1\n", "run.csv:2:3"),
            (b"t,w[1]\n\xff,1,\xfe\xfex,1\n", "run.csv:2:1"),
            ("t,w[1]\n0,\"1\"\u{e9}\n".as_bytes(), "run.csv:2:6"),
            (b"t,w[1]\n0,\"\xe9\n", "run.csv:2:3"),
            (b"{\"t\":0,\"w\":[\xff\xfe]}\n", "run.csv:1:13"),
            (
                "{\"t\":0,\"w\":[1]} \u{e9}\u{301}\n".as_bytes(),
                "run.csv:1:17",
            ),
            (b"{\"\xff\":\xe2\x82 1}\n", "run.csv:1:6"),
            ("{\"\u{65e5}\u{672c}\":?}\n".as_bytes(), "run.csv:1:7"),
        ];
        for (bytes, place) in cases {
            let folder = folder(&[]);
            fs::write(folder.path().join("run.csv"), bytes).unwrap();
            for arguments in [
                &["diff", "run.csv", "--against", "gd"][..],
                &["open", "run.csv"],
            ] {
                let output = eigenstep(folder.path(), arguments);
                let told = stderr(&output);
                assert_eq!(output.status.code(), Some(2), "{told}");
                assert!(told.contains(place), "{place}: {told}");
            }
        }
    }

    /// Every byte of a row in turn becomes every byte that may upset a reader.
    #[test]
    fn no_byte_anywhere_ends_the_program_otherwise() {
        use eigenstep::runs::{self, ReadOptions};
        let rows: [&[u8]; 2] = [
            "t,w[1],\"\u{e9}\"\n0,\"1\",2\n1,2,\u{e9}\n".as_bytes(),
            "{\"t\":0,\"w\":[1,2],\"\u{e9}\":\"\u{65e5}\"}\n".as_bytes(),
        ];
        let folder = folder(&[]);
        let file = folder.path().join("run");
        for row in rows {
            for at in 0..row.len() {
                for byte in [
                    0, b'"', b',', b'\\', b'\n', b'{', 0x80, 0xbf, 0xc3, 0xe2, 0xf0, 0xff,
                ] {
                    let mut bytes = row.to_vec();
                    bytes[at] = byte;
                    fs::write(&file, &bytes).unwrap();
                    if let Err(error) = runs::open(file.to_str().unwrap(), &ReadOptions::default())
                    {
                        assert!(error.to_string().starts_with("error"), "{error}");
                    }
                }
            }
        }
    }
}

mod files {
    //! The user's own files.

    use super::*;
    use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};

    #[test]
    fn nothing_is_written_over_a_file_unasked() {
        for (arguments, insisting) in [
            (
                &["exec", "-e", "save x"][..],
                &["exec", "-e", "save! x"][..],
            ),
            (
                &["record", "adam", "--size", "40x10", "-o", "x"],
                &[
                    "record",
                    "too-far",
                    "--size",
                    "40x10",
                    "-o",
                    "x",
                    "--overwrite",
                ],
            ),
            (
                &["plot", "--figure", "loss", "-o", "x"],
                &["plot", "--figure", "loss", "-o", "x", "--overwrite"],
            ),
            (
                &["snapshot", "-o", "x"],
                &["snapshot", "-o", "x", "--overwrite"],
            ),
            (
                &[
                    "sweep",
                    "--over",
                    "eta=0.1..0.2:2",
                    "--steps",
                    "3",
                    "-o",
                    "x",
                ],
                &[
                    "sweep",
                    "--over",
                    "eta=0.1..0.2:2",
                    "--steps",
                    "3",
                    "-o",
                    "x",
                    "--overwrite",
                ],
            ),
        ] {
            let folder = folder(&[("x", "mine")]);
            let x = folder.path().join("x");
            let output = eigenstep(folder.path(), arguments);
            assert_eq!(output.status.code(), Some(2), "{arguments:?}");
            let told = stderr(&output);
            assert!(
                told.contains("cannot write `x`: the file already exists"),
                "{told}"
            );
            assert!(told.contains("replaces it"), "{told}");
            assert_eq!(fs::read_to_string(&x).unwrap(), "mine");
            let output = eigenstep(folder.path(), insisting);
            assert!(
                output.status.success(),
                "{insisting:?}: {}",
                stderr(&output)
            );
            assert_ne!(fs::read_to_string(&x).unwrap(), "mine");
            assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        }
    }

    #[test]
    fn what_a_command_has_written_it_may_write_again() {
        let folder = folder(&[]);
        let output = eigenstep(
            folder.path(),
            &["exec", "-e", "save x", "-e", "step", "-e", "save ./x"],
        );
        assert!(output.status.success(), "{}", stderr(&output));
        let text = fs::read_to_string(folder.path().join("x")).unwrap();
        assert!(text.contains("goto 1"), "{text}");
    }

    /// A limit on the size of files stands for a full disk: the write in the middle of the file fails.
    #[test]
    fn a_file_that_cannot_be_written_whole_stays_as_it_was() {
        let old = "# mine\n".repeat(400);
        for command in [
            "exec -e 'break loss < 1e-9 # LONG' -e 'save! x'",
            "--plain -e < script",
            "record too-far -o x --overwrite",
            "plot -o x --overwrite",
            "snapshot -o x --overwrite --format svg",
            "sweep --over eta=0.1..0.2:40 --steps 3 --format csv -o x --overwrite",
        ] {
            let long = "x".repeat(1500);
            let command = command
                .replace("LONG", &long)
                .replace("--plain -e", "--plain");
            let script = format!("break loss < 1 # {long}\nsave! x\nquit\n");
            let folder = folder(&[("x", &old), ("script", &script)]);
            let home = tempfile::tempdir().unwrap();
            let program = env!("CARGO_BIN_EXE_eigenstep");
            let output = Command::new("sh")
                .args(["-c", &format!("ulimit -f 1; '{program}' {command}")])
                .current_dir(folder.path())
                .env("HOME", home.path())
                .output()
                .unwrap();
            let told = stderr(&output) + &String::from_utf8_lossy(&output.stdout);
            assert!(
                told.contains("File too large"),
                "{command}: {}",
                &told[told.len().saturating_sub(500)..]
            );
            assert!(matches!(output.status.code(), Some(0 | 2)), "{output:?}");
            assert_eq!(fs::read_to_string(folder.path().join("x")).unwrap(), old);
            assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2, "{command}");
        }
    }

    #[test]
    fn links_are_followed_and_modes_are_kept() {
        let folder = folder(&[("real", "mine")]);
        let path = |name: &str| folder.path().join(name);
        fs::set_permissions(path("real"), fs::Permissions::from_mode(0o640)).unwrap();
        symlink("real", path("link")).unwrap();
        symlink("new", path("dangling")).unwrap();
        let save = |name: &str| {
            let output = eigenstep(folder.path(), &["exec", "-e", &format!("save! {name}")]);
            assert!(output.status.success(), "{}", stderr(&output));
        };
        save("link");
        assert!(
            fs::read_to_string(path("real"))
                .unwrap()
                .contains("commands")
        );
        assert!(path("link").is_symlink());
        assert_eq!(path("real").metadata().unwrap().mode() & 0o777, 0o640);
        save("dangling");
        assert!(path("dangling").is_symlink() && path("new").is_file());
    }

    #[test]
    fn names_mean_what_they_mean_to_a_shell() {
        let folder = folder(&[]);
        let say = |command: &str| {
            let output = eigenstep(folder.path(), &["exec", "-e", command]);
            assert!(output.status.success(), "{}", stderr(&output));
            String::from_utf8(output.stdout).unwrap()
        };
        let home = folder.path().display();
        assert!(say("save ~/deep.toml").contains(&format!("eigenstep {home}/deep.toml")));
        assert!(folder.path().join("deep.toml").exists());
        assert!(say("save a b.toml").ends_with("eigenstep 'a b.toml'\n"));
        assert!(say("save -x").ends_with("eigenstep ./-x\n"));
    }

    #[test]
    fn what_is_no_file_is_left_alone() {
        let folder = folder(&[]);
        for name in ["/dev/tty", "/dev/null", "."] {
            let output = eigenstep(folder.path(), &["exec", "-e", &format!("save! {name}")]);
            assert_eq!(output.status.code(), Some(2));
            assert!(
                stderr(&output).contains("it is not a regular file"),
                "{name}"
            );
        }
        // A front end may write to a device.
        let output = eigenstep(folder.path(), &["snapshot", "-o", "/dev/stdout"]);
        assert!(
            output.stdout.starts_with(b"eigenstep  adam on valley"),
            "{output:?}"
        );
        let output = eigenstep(folder.path(), &["snapshot", "-o", "/dev/full"]);
        assert_eq!(output.status.code(), Some(2));
        assert!(stderr(&output).contains("No space left"));
        assert!(Path::new("/dev/full").exists());
    }
}

mod text {
    //! Text in many encodings, and text that a terminal would obey.

    use super::*;

    fn utf16(text: &str) -> Vec<u8> {
        let units = text.encode_utf16().flat_map(u16::to_le_bytes);
        [0xff, 0xfe].into_iter().chain(units).collect()
    }

    #[test]
    fn a_mark_or_foreign_line_ends_make_no_difference() {
        let rule = eigenstep::rule::load("gd")
            .unwrap()
            .source
            .text
            .replace("rule gd", "rule mine");
        let crlf = rule.replace('\n', "\r\n");
        for bytes in [
            format!("\u{feff}{rule}").into_bytes(),
            crlf.clone().into_bytes(),
            format!("\u{feff}{crlf}").into_bytes(),
            utf16(&rule),
            utf16(&crlf),
        ] {
            let folder = folder(&[]);
            fs::write(folder.path().join("mine.rule"), bytes).unwrap();
            let output = eigenstep(
                folder.path(),
                &[
                    "exec",
                    "--rule",
                    "mine.rule",
                    "--set",
                    "eta=0.1",
                    "-e",
                    "step",
                    "-e",
                    "print t",
                ],
            );
            assert!(output.status.success(), "{}", stderr(&output));
        }
        for (name, text) in [
            (
                "run.jsonl",
                "\u{feff}{\"t\":0,\"w\":[1,0.5]}\n{\"t\":1,\"w\":[0.5,0.25]}\n",
            ),
            (
                "run.csv",
                "\u{feff}\"t\",\"w[1]\",\"w[2]\"\r\n0,1,0.5\r\n1,0.5,0.25\r\n",
            ),
        ] {
            let folder = folder(&[(name, text)]);
            let output = eigenstep(
                folder.path(),
                &["diff", name, "--against", "gd", "--loss", "x^2+10*y^2"],
            );
            assert!(
                matches!(output.status.code(), Some(0 | 1)),
                "{}",
                stderr(&output)
            );
            let path = folder.path().join(name);
            fs::write(&path, utf16(text)).unwrap();
            let output = eigenstep(folder.path(), &["diff", name, "--against", "gd"]);
            assert_eq!(output.status.code(), Some(2));
            assert!(stderr(&output).contains("is UTF-16"), "{}", stderr(&output));
        }
    }

    #[test]
    fn nothing_from_a_file_reaches_a_terminal_as_a_command() {
        let evil = "\u{1b}]0;x\u{7}\u{202e}";
        let csv = format!("t,w[1],w[2],{evil}\n0,1,0.5,1\n1,0.5,0.25,2\n");
        let json = "{\"t\":0,\"w\":[1,0.5],\"\\u001b]0;x\\u0007\":1}\n{\"t\":1,\"w\":[0.5,0.2],\"\\u001b]0;x\\u0007\":1}\n";
        let rule = &eigenstep::rule::load("gd").unwrap().source.text;
        let rule = rule.replace("rule gd", &format!("rule mine \"{evil}\""));
        let data = format!("{evil},y\n1,2\n2,3\n4,4\n");
        let walk = format!("title \"{evil}\"\nmark \"{evil}\"\nstep\n");
        let folder = folder(&[
            ("run.csv", &csv),
            ("run.jsonl", json),
            ("mine.rule", &rule),
            ("data.csv", &data),
            ("my.walk", &walk),
        ]);
        for arguments in [
            &["diff", "run.csv", "--against", "gd"][..],
            &["diff", "run.jsonl", "--against", "gd"],
            &["exec", "--rule", "mine.rule", "-e", "info rule"],
            &[
                "exec",
                "--loss",
                "linear",
                "--data",
                "data.csv",
                "-e",
                "info loss",
            ],
            &[
                "exec",
                "--loss",
                "linear",
                "--data",
                "data.csv",
                "--target",
                "z",
                "-e",
                "info loss",
            ],
            &["diff", "no\u{1b}]0;x\u{7}", "--against", "gd"],
            &["check", "no\u{1b}]0;x\u{7}.walk"],
            &["check", "my.walk"],
            &["record", "my.walk", "--size", "40x10"],
        ] {
            let output = eigenstep(folder.path(), arguments);
            for text in [&output.stdout, &output.stderr] {
                let text = String::from_utf8_lossy(text);
                let titles = text.contains("]0;x") && text.contains("\\u001b]0;x");
                assert!(
                    !text.contains('\u{1b}') && !titles,
                    "{arguments:?}: {text:?}"
                );
                assert!(!text.contains('\u{202e}'), "{arguments:?}: {text:?}");
            }
        }
    }

    #[test]
    fn endless_files_are_refused() {
        let folder = folder(&[]);
        std::os::unix::fs::symlink("/dev/zero", folder.path().join("z.rule")).unwrap();
        std::os::unix::fs::symlink("/dev/zero", folder.path().join("z.toml")).unwrap();
        std::os::unix::fs::symlink("/dev/zero", folder.path().join("z.walk")).unwrap();
        for arguments in [
            &["trace", "--rule", "z.rule", "--steps", "1"][..],
            &["exec", "z.toml", "-e", "step"],
            &["check", "z.walk"],
            &[
                "exec",
                "--loss",
                "linear",
                "--data",
                "/dev/zero",
                "-e",
                "step",
            ],
            &["--plain", "--config", "/dev/zero"],
            &["open", "/dev/zero"],
            &["diff", "/dev/urandom", "--against", "gd"],
        ] {
            let output = eigenstep(folder.path(), arguments);
            assert_eq!(output.status.code(), Some(2), "{arguments:?}");
            assert!(
                stderr(&output).contains("it is a device"),
                "{}",
                stderr(&output)
            );
        }
        let large = fs::File::create(folder.path().join("large.rule")).unwrap();
        large.set_len(17 << 20).unwrap();
        let output = eigenstep(
            folder.path(),
            &["trace", "--rule", "large.rule", "--steps", "1"],
        );
        assert_eq!(output.status.code(), Some(2));
        assert!(
            stderr(&output).contains("larger than 16 MiB"),
            "{}",
            stderr(&output)
        );
        let row = fs::File::create(folder.path().join("row.jsonl")).unwrap();
        row.set_len(80 << 20).unwrap();
        let output = eigenstep(folder.path(), &["diff", "row.jsonl", "--against", "gd"]);
        assert_eq!(output.status.code(), Some(2));
        assert!(
            stderr(&output).contains("longer than 64 MiB"),
            "{}",
            stderr(&output)
        );
    }
}

mod endings {
    //! Ways out.

    use super::*;

    #[test]
    fn nothing_that_cannot_be_written_passes_for_written() {
        for arguments in ["--help", "--version", "exec --help", "rules", "help"] {
            let script = format!(
                "'{}' {arguments} > /dev/full",
                env!("CARGO_BIN_EXE_eigenstep")
            );
            let output = Command::new("sh").args(["-c", &script]).output().unwrap();
            assert_eq!(output.status.code(), Some(2), "{arguments}: {output:?}");
        }
    }

    #[test]
    fn a_hang_up_that_is_ignored_stays_ignored_without_a_screen() {
        let folder = folder(&[]);
        let script = format!(
            "trap '' HUP; (echo step; sleep 1; echo print t; echo quit) | '{}' --plain & \
             sleep 0.5; kill -HUP $!; wait $!",
            env!("CARGO_BIN_EXE_eigenstep")
        );
        let output = Command::new("sh")
            .args(["-c", &script])
            .env("HOME", folder.path())
            .output()
            .unwrap();
        let told = String::from_utf8_lossy(&output.stdout);
        assert!(told.contains("\nt = 1"), "{told} {output:?}");
        assert!(output.status.success(), "{output:?}");
    }
}

mod resuming {
    //! Sessions that lost their terminals.

    use super::*;

    /// A limit on the size of files stands for a disk that fills up in the middle of a line.
    #[test]
    fn what_fits_a_full_disk_is_resumed() {
        let folder = folder(&[]);
        fs::write(
            folder.path().join("start"),
            "echo $$ > pid; ulimit -f 1; exec \"$1\" --plain\n",
        )
        .unwrap();
        let script = format!(
            "(for i in $(seq 60); do echo \"break w[1] > $i\"; done; until grep -q kept complained; do sleep 0.1; done; kill -9 $(cat pid)) | sh start '{}' 2> complained >/dev/null; true",
            env!("CARGO_BIN_EXE_eigenstep")
        );
        let mut shell = Command::new("sh");
        shell.args(["-c", &script]).current_dir(folder.path());
        shell
            .env("HOME", folder.path())
            .env_remove("XDG_STATE_HOME");
        shell.output().unwrap();
        let complained = fs::read_to_string(folder.path().join("complained")).unwrap();
        assert_eq!(
            complained.matches("cannot be kept for --resume").count(),
            1,
            "{complained}"
        );
        let output = eigenstep(folder.path(), &["--plain", "--resume"]);
        assert!(output.status.success(), "{}", stderr(&output));
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(said.contains("its last line was cut short"), "{said}");
    }

    #[test]
    fn no_session_takes_the_place_of_another() {
        let folder = folder(&[]);
        for steps in [3, 5] {
            let script = format!(
                "(echo step {steps}; sleep 2) | '{}' --plain & sleep 0.7; kill -TERM $!; wait $!",
                env!("CARGO_BIN_EXE_eigenstep")
            );
            let mut shell = Command::new("sh");
            shell.args(["-c", &script]).env("HOME", folder.path());
            let output = shell.env_remove("XDG_STATE_HOME").output().unwrap();
            assert_eq!(output.status.code(), Some(143), "{output:?}");
        }
        let said = |arguments: &[&str]| {
            let output = eigenstep(folder.path(), arguments);
            assert!(output.status.success(), "{}", stderr(&output));
            String::from_utf8(output.stdout).unwrap()
        };
        assert_eq!(said(&["--resume", "list"]).lines().count(), 2);
        assert!(said(&["--plain", "--resume", "2"]).contains("t = 3,"));
        // It was left in peace: the other one is still there.
        assert_eq!(said(&["--resume", "list"]).lines().count(), 1);
        assert!(said(&["--plain", "--resume"]).contains("t = 5,"));
        assert!(said(&["--resume", "list"]).contains("no session"));
        let output = eigenstep(folder.path(), &["--plain", "--resume"]);
        assert_eq!(output.status.code(), Some(2));
    }
}

mod names {
    //! Names of files that are no text.

    use super::*;
    use std::{ffi::OsStr, os::unix::ffi::OsStrExt};

    #[test]
    fn a_name_that_is_not_utf8_is_refused_with_a_way_out() {
        let name = OsStr::from_bytes(b"mine\xff.rule");
        let folder = tempdir().unwrap();
        fs::write(folder.path().join(name), "").unwrap();
        for before in [
            &[][..],
            &["trace", "--rule"],
            &["diff"],
            &["record"],
            &["check"],
            &["exec"],
            &["open"],
            &["--config"],
            &["plot", "-o"],
        ] {
            let output = Command::new(env!("CARGO_BIN_EXE_eigenstep"))
                .args(before)
                .arg(name)
                .current_dir(folder.path())
                .output()
                .unwrap();
            assert_eq!(output.status.code(), Some(2), "{before:?}");
            let told = stderr(&output);
            assert!(
                told.contains("mine\u{fffd}.rule` is not UTF-8"),
                "{before:?}: {told}"
            );
            assert!(told.contains("ln -s"), "{before:?}: {told}");
        }
    }
}

#[test]
fn a_missing_folder_is_named_as_it_was_typed() {
    let folder = folder(&[]);
    let save = ["exec", "--rule", "gd", "-e", "save none/x.txt"];
    let still = ["snapshot", "--rule", "gd", "-o", "none/x.txt"];
    for arguments in [&save[..], &still[..]] {
        let output = eigenstep(folder.path(), arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        let told = stderr(&output);
        let names = "cannot write `none/x.txt`: there is no folder `none`";
        assert!(
            told.contains(names) && !told.contains(".eigenstep-"),
            "{told}"
        );
    }
}
