//! The `phantom` command; everything is in [`phantom::cli`].

/// Points are made on all cores and looked at on one: an allocator that frees on any thread what another made costs a third less of a sweep.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    phantom::cli::main()
}
