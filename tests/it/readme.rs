//! Every command that the README shows is run.

use std::fs;

use crate::sandbox::{Sandbox, repository};

/// The command lines in the README's console blocks.
fn commands() -> Vec<String> {
    let text = fs::read_to_string(repository().join("README.md")).expect("there is a README");
    let mut commands = Vec::new();
    let mut inside = false;
    for line in text.lines() {
        if line.starts_with("```") {
            inside = line == "```console";
        } else if inside && let Some(command) = line.strip_prefix("$ ") {
            commands.push(
                command
                    .split(" # ")
                    .next()
                    .expect("split yields one part")
                    .trim()
                    .to_owned(),
            );
        }
    }
    commands
}

/// A copy of what the commands read, so that they may write.
fn project() -> Sandbox {
    let mut sandbox = Sandbox::new();
    for folder in ["scenarios", "golden", "tests/data/measurements"] {
        for entry in fs::read_dir(repository().join(folder))
            .expect("the folder ships")
            .flatten()
        {
            if entry.path().is_file() {
                let name = format!("{folder}/{}", entry.file_name().to_string_lossy());
                sandbox = sandbox.with(&name, fs::read(entry.path()).expect("readable"));
            }
        }
    }
    sandbox
}

#[test]
fn every_command_of_the_readme_works() {
    let commands = commands();
    assert!(
        commands.iter().any(|command| command == "make test"),
        "the README says how to run the tests"
    );
    let sandbox = project();
    for command in commands {
        if command == "make test" || command.starts_with("git ") || command.starts_with("cd ") {
            continue; // `make test` runs this very test; cloning needs the network
        }
        let arguments = command
            .strip_prefix("cargo run --release -- ")
            .or_else(|| command.strip_prefix("phantom "))
            .unwrap_or_else(|| panic!("`{command}` is a command this test knows how to run"));
        let arguments: Vec<&str> = arguments.split_whitespace().collect();
        let output = sandbox
            .command()
            .args(&arguments)
            .output()
            .expect("the command starts");
        let words = String::from_utf8_lossy(&output.stderr);
        assert_eq!(
            output.status.code(),
            Some(0),
            "`{command}` ends well, but: {words}"
        );
    }
}
