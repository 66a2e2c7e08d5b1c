//! `run --only`: which kinds of executor take part.

use crate::cli::Exit;
use crate::cli::choices::Only;
use crate::cli::context::Context;
use crate::record::Results;

/// The code of an executor that the user left out.
const NOT_SELECTED: &str = "not-selected";

/// Refuses a selection without predictions, as this version has no other executor.
///
/// # Errors
///
/// [`Exit::NothingSelected`] after it was said.
pub fn check(context: &Context, only: &[Only]) -> Result<(), Exit> {
    if takes(only, Only::Predict) {
        return Ok(());
    }
    context.complain(
        "nothing is selected: this version predicts and measures nothing, and `--only` leaves `predict` out",
    );
    Err(Exit::NothingSelected)
}

/// True when executors of a kind take part; without a selection all do.
fn takes(only: &[Only], kind: Only) -> bool {
    only.is_empty() || only.contains(&kind)
}

/// True when an executor of that name takes part.
pub fn takes_executor(only: &[Only], name: &str) -> bool {
    let kind = if name == "import" {
        Only::Import
    } else {
        Only::Measure
    };
    takes(only, kind)
}

/// Executors that the user left out were not selected, whatever else would have kept them from running.
pub fn mark(only: &[Only], results: &mut Results) {
    for skipped in &mut results.skipped {
        if !takes_executor(only, &skipped.executor) {
            skipped.code = NOT_SELECTED;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_selection_every_kind_takes_part() {
        for name in ["native", "openai", "spawn", "import"] {
            assert!(takes_executor(&[], name));
            assert!(!takes_executor(&[Only::Predict], name));
        }
        assert!(takes_executor(&[Only::Import], "import"));
        assert!(!takes_executor(&[Only::Import], "spawn"));
        assert!(takes_executor(&[Only::Measure], "spawn"));
    }
}
