//! Which compared rows a pack was fitted on.

use super::row::Compared;
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
        Family::Llm | Family::Vision => RowGroup::Run {
            hardware: &names.hardware,
            model: &names.model,
            framework: &names.framework,
        },
    };
    pack.sample(table.field(line, "source_id"), &group)
}
