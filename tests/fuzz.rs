//! The inputs kept below `fuzz/corpus`, replayed: those that once found a fault, and a few of every kind.

#[path = "../fuzz/src/lib.rs"]
mod fuzz;

use eigenstep::tui::{
    key::{Input, KeyCode, KeyEvent, KeyModifiers},
    terminal::Decoder,
};
use std::{env, fs, path::PathBuf, time::Duration};

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

/// Random bytes, of which every third is one that begins, ends or cuts a sequence.
struct RandomBytes(u64);

impl RandomBytes {
    /// The next number of the xorshift generator.
    fn number(&mut self) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap()
    }

    fn byte(&mut self) -> u8 {
        const TELLING: &[u8] = b"\x1b\x1b\x1b[[O]P_^X?;<~ctRuMm\\\x07\x18\x1a\x030129200~";
        match self.number() % 3 {
            0 => TELLING[self.number() % TELLING.len()],
            _ => u8::try_from(self.number() % 256).unwrap(),
        }
    }

    /// A piece as a terminal would send it at once: short, and never Ctrl-C alone.
    fn piece(&mut self) -> Vec<u8> {
        let length = 1 + self.number() % 24;
        let piece: Vec<u8> = (0..length).map(|_| self.byte()).collect();
        if piece == [3] { vec![b'a'] } else { piece }
    }
}

#[test]
fn a_million_random_bytes_lose_no_key_and_ctrl_c_always_works() {
    let key = |code, modifiers| Input::Key(KeyEvent::new(code, modifiers));
    let control_c = key(KeyCode::Char('c'), KeyModifiers::CONTROL);
    let n = || key(KeyCode::Char('n'), KeyModifiers::NONE);
    let mut random = RandomBytes(0x9e37_79b9_7f4a_7c15);
    let mut decoder = Decoder::new(Duration::from_millis(50));
    let count = env::var("EIGENSTEP_RANDOM_BYTES").map_or(1_000_000, |it| it.parse().unwrap());
    let mut sent = 0;
    while sent < count {
        let piece = random.piece();
        sent += piece.len();
        let inputs = decoder.feed(&piece);
        // Esc and what follows it may both be keys, one of them from the piece before.
        assert!(inputs.len() <= piece.len() + 3, "{piece:?}: {inputs:?}");
        match random.number() % 8 {
            0 => drop(decoder.expire()),
            1 => {
                let inputs = decoder.feed(&[3]);
                assert_eq!(inputs.last(), Some(&control_c), "after {piece:?}");
                assert_eq!(decoder.feed(b"n"), [n()], "after Ctrl-C");
            }
            2 => {
                while decoder.patience().is_some() {
                    decoder.expire();
                }
                assert_eq!(decoder.feed(b"n"), [n()], "after {piece:?} and a pause");
            }
            _ => {}
        }
    }
}
