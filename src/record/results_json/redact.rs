//! A document without the texts that its author wants to keep to himself.

use glob::Pattern;
use serde_json::{Map, Value};

use super::{ReadError, read, write};
use crate::record::Results;
use crate::record::json::from_text;

/// What stands where a text stood.
pub const REDACTED: &str = "redacted";

/// Why a document cannot be redacted as asked.
#[derive(Debug, thiserror::Error)]
pub enum RedactError {
    /// Numbers cannot be hidden one by one: reports would compute with what stands in their place.
    #[error("`{glob}` names `{path}`, which is no text")]
    NotText {
        /// The glob.
        glob: String,
        /// What it names.
        path: String,
    },
    /// A text that other files hold too: rows of tables and goldens join on it.
    #[error(
        "the name of a scenario, its axes and its points stand in other files too and cannot be redacted"
    )]
    Elsewhere,
    /// A word that tells readers what a value is.
    #[error("without that text the document cannot be read")]
    Needed(#[source] ReadError),
}

/// The document with every text replaced by `redacted` that a glob names.
///
/// A glob is matched against the dotted path of a value: `inputs.scenario.path`, `findings.0.place.file`; positions in lists
/// count from 0, and `*` stands for any part of a path, dots too. A glob that names a map or a list redacts all texts in it.
/// Two values have a second name: the target of an `openai` executor is its `base_url`, and the value of an assumption
/// goes by the assumption's own `path`.
///
/// # Errors
///
/// [`RedactError`] where a number is named, or a text that readers or other files need.
///
/// # Panics
///
/// Never: our own document is JSON.
pub fn redact(results: Results, globs: &[String]) -> Result<Results, RedactError> {
    if globs.is_empty() {
        return Ok(results);
    }
    let patterns = globs.iter().filter_map(|glob| Pattern::new(glob).ok());
    let patterns: Vec<Pattern> = patterns.collect();
    let text = String::from_utf8(write(&results)).expect("JSON is text");
    let mut document: Value = from_text(&text).expect("our own document is JSON");
    hide(&mut document, &[], (&patterns, None))?;
    let redacted = read(&document.to_string()).map_err(RedactError::Needed)?;
    let same = redacted.inputs.scenario_name == results.inputs.scenario_name
        && redacted.axes == results.axes
        && redacted.points == results.points;
    if same {
        Ok(redacted)
    } else {
        Err(RedactError::Elsewhere)
    }
}

/// Hides what lies at `names` and is named by a glob, or lies inside what a glob names.
fn hide<'p>(
    node: &mut Value,
    names: &[String],
    (globs, outer): (&'p [Pattern], Option<&'p Pattern>),
) -> Result<(), RedactError> {
    let named = |glob: &&Pattern| names.iter().any(|name| glob.matches(name));
    let by = outer.or_else(|| globs.iter().find(named));
    match (node, by) {
        (Value::Object(map), by) => {
            let names: Vec<Vec<String>> = map
                .keys()
                .map(|key| of_member(map, names.first(), key))
                .collect();
            for (member, names) in map.values_mut().zip(&names) {
                hide(member, names, (globs, by))?;
            }
        }
        (Value::Array(items), by) => {
            for (place, item) in items.iter_mut().enumerate() {
                hide(
                    item,
                    &[joined(names.first(), &place.to_string())],
                    (globs, by),
                )?;
            }
        }
        (Value::String(text), Some(_)) => REDACTED.clone_into(text),
        (Value::Number(_) | Value::Bool(_), Some(glob)) => {
            return Err(RedactError::NotText {
                glob: glob.to_string(),
                path: names.first().cloned().unwrap_or_default(),
            });
        }
        (Value::Null | Value::String(_) | Value::Number(_) | Value::Bool(_), _) => {}
    }
    Ok(())
}

/// The path of a member, and its second name where it has one.
fn of_member(map: &Map<String, Value>, path: Option<&String>, key: &str) -> Vec<String> {
    let inside = |list: &str| path.is_some_and(|path| path.starts_with(list));
    let text = |key: &str| map.get(key).and_then(Value::as_str);
    let second = match key {
        "target" if inside("skipped.") && text("executor") == Some("openai") => {
            Some(joined(path, "base_url"))
        }
        "value" if inside("assumptions.") => text("path").map(str::to_owned),
        _ => None,
    };
    [joined(path, key)].into_iter().chain(second).collect()
}

fn joined(path: Option<&String>, key: &str) -> String {
    path.map_or_else(|| key.to_owned(), |path| format!("{path}.{key}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{Basis, SkippedExecutor, sample};
    use crate::scenario::Assumption;

    fn redacted(globs: &[&str]) -> Result<Results, RedactError> {
        let mut results = sample::results(2);
        results.skipped = ["openai", "spawn"]
            .map(|executor| SkippedExecutor {
                executor: executor.to_owned(),
                points: 2,
                code: "not-in-this-version",
                target: format!("target of {executor}"),
            })
            .into();
        results.assumptions = vec![Assumption {
            path: "hardware.h100.host.cpu".to_owned(),
            value: "an internal name".to_owned(),
            basis: Basis::Assumed,
            source: "default".to_owned(),
            as_of: None,
        }];
        let globs: Vec<String> = globs.iter().map(|glob| (*glob).to_owned()).collect();
        redact(results, &globs)
    }

    #[test]
    fn named_texts_are_replaced_and_nothing_else() {
        let plain = redacted(&[]).expect("nothing to hide");
        let found = redacted(&["inputs.scenario.path", "*.base_url"]).expect("texts");
        assert_eq!(found.inputs.scenario_path, REDACTED);
        assert_eq!(found.skipped[0].target, REDACTED);
        assert_eq!(found.skipped[1].target, "target of spawn");
        let mut same = found.clone();
        same.inputs
            .scenario_path
            .clone_from(&plain.inputs.scenario_path);
        same.skipped.clone_from(&plain.skipped);
        assert_eq!(write(&same), write(&plain));
    }

    #[test]
    fn a_map_is_hidden_with_all_its_texts() {
        let found = redacted(&["inputs.catalog"]).expect("texts");
        assert_eq!(found.inputs.catalog_as_of, REDACTED);
        assert_eq!(found.inputs.catalog_blake3, REDACTED);
        assert_ne!(found.inputs.calibration_blake3, REDACTED);
    }

    #[test]
    fn an_assumption_goes_by_its_own_path() {
        let found = redacted(&["hardware.*.host.*"]).expect("a text");
        assert_eq!(found.assumptions[0].value, REDACTED);
        assert_eq!(found.assumptions[0].path, "hardware.h100.host.cpu");
    }

    #[test]
    fn what_cannot_be_hidden_is_refused() {
        let number = redacted(&["inputs.seed"]).expect_err("a number");
        assert!(matches!(number, RedactError::NotText { .. }), "{number}");
        for elsewhere in ["points.*.key", "inputs.scenario.name", "axes.*"] {
            let error = redacted(&[elsewhere]).expect_err("other files hold it");
            assert!(
                matches!(error, RedactError::Elsewhere),
                "{elsewhere}: {error}"
            );
        }
        let word = redacted(&["skipped.*.code"]).expect_err("a word");
        assert!(matches!(word, RedactError::Needed(_)), "{word}");
    }

    #[test]
    fn a_glob_that_names_nothing_changes_nothing() {
        let found = redacted(&["runs.*.host"]).expect("nothing to hide");
        assert_eq!(write(&found), write(&redacted(&[]).expect("nothing")));
    }
}
