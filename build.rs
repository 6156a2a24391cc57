//! Embeds every file below `src/rules`, so that a new rule is one file and nothing else.

use std::{
    env,
    fmt::Write,
    fs,
    io::Result,
    path::{Path, PathBuf},
};

fn main() -> Result<()> {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR").unwrap_or_default()).join("src/rules");
    println!("cargo::rerun-if-changed=src/rules");
    let mut files = Vec::new();
    collect(&root, &mut files)?;
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
        Path::new(&env::var("OUT_DIR").unwrap_or_default()).join("rules.rs"),
        table,
    )
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            println!("cargo::rerun-if-changed={}", path.display());
            collect(&path, files)?;
        } else if path
            .extension()
            .is_some_and(|extension| extension == "rule")
        {
            files.push(path);
        }
    }
    Ok(())
}
