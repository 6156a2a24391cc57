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
        let folder = folder(&[]);
        let state = folder.path().join(".local/state/eigenstep");
        fs::create_dir_all(&state).unwrap();
        fs::write(state.join("last.toml"), LESSON).unwrap();
        let output = eigenstep(folder.path(), &["--plain", "--resume"]);
        assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
        assert!(!folder.path().join(".bashrc").exists());
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
        use eigenstep::runs::{self, Options};
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
                    if let Err(error) = runs::open(file.to_str().unwrap(), &Options::default()) {
                        assert!(error.to_string().starts_with("error"), "{error}");
                    }
                }
            }
        }
    }
}
