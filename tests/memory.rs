//! Memory: a long run stays small. Alone in its file, because it measures the whole process.
#![cfg(target_os = "linux")]

use eigenstep::{debugger::Position, scenario::Scenario};

/// Resident bytes of this process.
fn resident() -> u64 {
    let pages = std::fs::read_to_string("/proc/self/statm").unwrap();
    let pages: u64 = pages.split(' ').nth(1).unwrap().parse().unwrap();
    // Pages are at least this large; larger ones would make the test fail, not pass.
    pages * 4096
}

#[test]
fn a_million_iterations_stay_small() {
    let mut setup = Scenario::default()
        .open()
        .unwrap_or_else(|error| panic!("{error}"));
    let mut lane = setup.lanes.remove(0).1;
    for _ in 0..1000 {
        lane.iterate();
    }
    let before = resident();
    lane.seek(Position::at(1_000_000), |_| true);
    let grown = resident().saturating_sub(before);
    assert!(grown < 20 << 20, "{grown} bytes");
    let there = lane.machine().variables().to_vec();
    lane.seek(Position::at(123_456), |_| true);
    lane.seek(Position::at(1_000_000), |_| true);
    assert_eq!(lane.machine().variables(), there);
}
