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

/// Names in backquotes of the last column of the table of charts in the README of templates.
fn tests_of_charts() -> Vec<(String, Vec<String>)> {
    let text = fs::read_to_string(repository().join("templates/README.md")).expect("it ships");
    let table = text
        .split("| Id | Shows | Held by the test |")
        .nth(1)
        .expect("there is a table of charts");
    let rows = table
        .lines()
        .skip(2)
        .take_while(|line| line.starts_with('|'));
    rows.map(|row| {
        let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
        let tests = cells[2].split('`').skip(1).step_by(2).map(str::to_owned);
        (cells[0].trim_matches('`').to_owned(), tests.collect())
    })
    .collect()
}

#[test]
fn every_chart_is_in_the_readme_of_templates_with_a_test_that_there_is() {
    let rows = tests_of_charts();
    let ids: Vec<&str> = rows.iter().map(|(id, _)| id.as_str()).collect();
    let mut known: Vec<&str> = phantom::scenario::Chart::ALL
        .iter()
        .map(|chart| chart.name())
        .collect();
    known.sort_unstable();
    let mut sorted = ids.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, known);
    let mut sources = String::new();
    for folder in ["src/report", "src/report/chart"] {
        let files = fs::read_dir(repository().join(folder)).expect("the sources are there");
        for file in files.flatten().filter(|file| file.path().is_file()) {
            sources += &fs::read_to_string(file.path()).expect("readable");
        }
    }
    for (id, tests) in rows {
        assert!(!tests.is_empty(), "{id} names no test");
        for test in tests {
            assert!(sources.contains(&format!("fn {test}()")), "{id}: {test}");
        }
    }
}
