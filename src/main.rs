//! The `phantom` command; everything is in [`phantom::cli`].

/// Points are made on all cores and looked at on one: with an allocator that frees on any thread what another made, a sweep of 24 000 points
/// took 0.7 times as long.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    phantom::cli::main()
}
