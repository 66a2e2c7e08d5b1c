//! The `phantom` command; everything is in [`phantom::cli`].

fn main() -> std::process::ExitCode {
    phantom::cli::main()
}
