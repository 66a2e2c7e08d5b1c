//! The `phantom` command; everything is in [`phantom::cli`].

fn main() {}
