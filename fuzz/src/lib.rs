//! Everything that reads what somebody else wrote, as functions of bytes: none may panic, hang or fill the memory.
//!
//! One table, two uses: `fuzz_target.rs` hands libFuzzer's inputs to a row, and `tests/fuzz.rs` replays those kept in
//! `corpus/`. A target may assert more than that nothing panics; its doc says what.

mod files;
mod input;
mod language;
mod sessions;
mod terminal;

/// A function of bytes from outside.
pub struct Target {
    /// The name: of the program, and of the folder in `corpus/`.
    pub name: &'static str,
    /// Takes one input; panics where it finds a fault.
    pub run: fn(&[u8]),
}

/// Every target.
pub const TARGETS: [Target; 16] = [
    target("expressions", language::expressions),
    target("rules", language::rules),
    target("walks", files::walks),
    target("scenario", files::scenario),
    target("journal", files::journal),
    target("config", files::config),
    target("runs", files::runs),
    target("binary", files::binary),
    target("data", files::data),
    target("parts", files::parts),
    target("sessions", sessions::sessions),
    target("commands", sessions::commands),
    target("arguments", sessions::arguments),
    target("protocol", sessions::protocol),
    target("keys", terminal::keys),
    target("screen", terminal::screen),
];

const fn target(name: &'static str, run: fn(&[u8])) -> Target {
    Target { name, run }
}

/// Hands `bytes` to the target called `name`.
///
/// # Panics
/// There is no such target, or it has found a fault.
pub fn run(name: &str, bytes: &[u8]) {
    let target = TARGETS.iter().find(|target| target.name == name);
    (target.expect("a target of the table").run)(bytes);
}
