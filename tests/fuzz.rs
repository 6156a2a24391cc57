//! The inputs kept below `fuzz/corpus`, replayed: those that once found a fault, and a few of every kind.

#[path = "../fuzz/src/lib.rs"]
mod fuzz;

use std::{fs, path::PathBuf};

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fuzz")
}

#[test]
fn no_input_that_was_kept_finds_a_fault() {
    for target in &fuzz::TARGETS {
        let inputs = fs::read_dir(folder().join("corpus").join(target.name)).unwrap();
        let mut inputs: Vec<PathBuf> = inputs.map(|entry| entry.unwrap().path()).collect();
        inputs.sort();
        assert!(inputs.len() > 2, "{} has a corpus", target.name);
        for input in inputs {
            println!("{}", input.display());
            fuzz::run(target.name, &fs::read(input).unwrap());
        }
    }
}

#[test]
fn every_target_is_a_program() {
    let manifest = fs::read_to_string(folder().join("Cargo.toml")).unwrap();
    let bins: Vec<&str> = manifest
        .split("[[bin]]\nname = \"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .collect();
    let names: Vec<&str> = fuzz::TARGETS.iter().map(|target| target.name).collect();
    assert_eq!(bins, names);
}
