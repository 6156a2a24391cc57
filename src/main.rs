//! The command line of eigenstep.

fn main() -> std::process::ExitCode {
    eigenstep::cli::main()
}
