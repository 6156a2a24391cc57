//! The program of every target: libFuzzer around the row of the table that the program is named after.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| eigenstep_fuzz::run(env!("CARGO_BIN_NAME"), bytes));
