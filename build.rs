//! Embeds every file below `src/rules`, `src/wrappers`, `src/losses` and `src/walks`: a new rule, wrapper, loss or tour is
//! one file and nothing else.

use std::{
    env,
    fmt::Write,
    fs,
    io::Result,
    path::{Path, PathBuf},
};

fn main() -> Result<()> {
    embed("rules", "rule")?;
    embed("wrappers", "wrapper")?;
    embed("losses", "loss")?;
    embed("walks", "walk")
}

/// Writes a table of name and text of all files below `src/FOLDER` that end in `.EXTENSION`.
fn embed(folder: &str, extension: &str) -> Result<()> {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR").unwrap_or_default())
        .join("src")
        .join(folder);
    println!("cargo::rerun-if-changed=src/{folder}");
    let mut files = Vec::new();
    collect(&root, extension, &mut files)?;
    files.sort();
    let mut table = String::from("&[\n");
    for file in &files {
        let name = file.strip_prefix(&root).unwrap_or(file).with_extension("");
        let name = name.to_string_lossy().replace('\\', "/");
        println!("cargo::rerun-if-changed={}", file.display());
        let _ = writeln!(
            table,
            "    ({name:?}, include_str!({:?})),",
            file.display().to_string()
        );
    }
    table += "]\n";
    fs::write(
        Path::new(&env::var("OUT_DIR").unwrap_or_default()).join(format!("{folder}.rs")),
        table,
    )
}

fn collect(folder: &Path, extension: &str, files: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            println!("cargo::rerun-if-changed={}", path.display());
            collect(&path, extension, files)?;
        } else if path.extension().is_some_and(|it| it == extension) {
            files.push(path);
        }
    }
    Ok(())
}
