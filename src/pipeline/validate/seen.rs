//! Which compared rows a pack was fitted on, and which fit predicts them.

use super::row::{Compared, Names};
use crate::record::rows::{Family, Line, Table};
use crate::record::{Calibration, RowGroup, Sample};

/// Whether a pack has seen a row.
pub(super) fn sample(
    pack: &Calibration,
    table: &Table,
    line: &Line,
    compared: &Compared,
) -> Sample {
    if pack.inputs.is_empty() {
        return Sample::HeldOut;
    }
    let names = &compared.names;
    let shape: Vec<&str> = match table.family {
        Family::Kernel(family) => {
            let columns = family.layer().iter();
            columns.map(|column| table.field(line, column)).collect()
        }
        Family::Llm | Family::Vision => Vec::new(),
    };
    let group = match table.family {
        Family::Kernel(_) => RowGroup::Kernel {
            hardware: &names.hardware,
            op: &names.model,
            shape: &shape,
        },
        Family::Llm | Family::Vision => run(names),
    };
    pack.sample(table.field(line, "source_id"), &group)
}

/// Whether the twin without held-out groups predicts a row: the pack has seen its group, and the split holds it out.
pub(super) fn is_for_the_blind(pack: &Calibration, compared: &Compared, sample: Sample) -> bool {
    sample == Sample::HeldOut && pack.knows(&run(&compared.names))
}

fn run(names: &Names) -> RowGroup<'_> {
    RowGroup::Run {
        hardware: &names.hardware,
        model: &names.model,
        framework: &names.framework,
    }
}
