//! The command line of eigenstep.
fn main() {}
