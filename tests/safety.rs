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
