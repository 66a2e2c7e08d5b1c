//! The cells of one row.

use crate::record::{PointResult, ValueEntry};

/// A cell.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Cell<'a> {
    Text(Option<&'a str>),
    Number(Option<f64>),
}

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CellKind {
    Text,
    Number,
}

/// Names and kinds of the columns of a document with these axes.
pub(super) fn header(axes: &[String]) -> Vec<(String, CellKind)> {
    use CellKind::{Number, Text};
    const BEFORE: [&str; 3] = ["scenario", "key", "id"];
    const AFTER: [(&str, CellKind); 14] = [
        ("column", Text),
        ("value", Number),
        ("unit", Text),
        ("lo", Number),
        ("hi", Number),
        ("level", Number),
        ("n", Number),
        ("source", Text),
        ("executor", Text),
        ("basis", Text),
        ("method", Text),
        ("interval", Text),
        ("scope", Text),
        ("purchase", Text),
    ];
    let before = BEFORE.map(|name| (name.to_owned(), Text));
    let axes = axes.iter().map(|axis| (format!("axis.{axis}"), Text));
    let after = AFTER.map(|(name, kind)| (name.to_owned(), kind));
    before.into_iter().chain(axes).chain(after).collect()
}

/// What every row of a document starts with.
#[derive(Debug, Clone)]
pub(super) struct Frame {
    pub(super) scenario: String,
    pub(super) axes: Vec<String>,
}

impl Frame {
    /// Hands out the rows of a point.
    pub(super) fn rows<E>(
        &self,
        point: &PointResult,
        mut row: impl FnMut(&[Cell<'_>]) -> Result<(), E>,
    ) -> Result<(), E> {
        let axes: Vec<_> = self
            .axes
            .iter()
            .map(|axis| {
                let value = point.axes.iter().find(|(name, _)| name == axis);
                value.map(|(_, value)| value.to_string())
            })
            .collect();
        let mut columns: Vec<_> = point
            .metrics
            .iter()
            .map(|(column, entries)| (column.to_string(), entries))
            .collect();
        columns.sort_by(|a, b| a.0.cmp(&b.0));
        let mut cells = vec![
            Cell::Text(Some(&self.scenario)),
            Cell::Text(Some(&point.key)),
            Cell::Text(Some(&point.id)),
        ];
        cells.extend(axes.iter().map(|axis| Cell::Text(axis.as_deref())));
        let start = cells.len();
        for (column, entries) in &columns {
            for entry in *entries {
                cells.truncate(start);
                cells.push(Cell::Text(Some(column)));
                cells.extend(entry_cells(entry));
                row(&cells)?;
            }
        }
        Ok(())
    }
}

fn entry_cells(entry: &ValueEntry) -> [Cell<'_>; 13] {
    [
        Cell::Number(Some(entry.value)),
        Cell::Text(Some(&entry.unit)),
        Cell::Number(entry.interval.map(|interval| interval.0)),
        Cell::Number(entry.interval.map(|interval| interval.1)),
        Cell::Number(entry.interval.map(|interval| interval.2)),
        Cell::Number(entry.n.map(|n| n as f64)),
        Cell::Text(Some(entry.source.name())),
        Cell::Text(Some(entry.executor)),
        Cell::Text(Some(entry.basis.name())),
        Cell::Text(Some(entry.method)),
        Cell::Text(Some(entry.interval_kind.name())),
        Cell::Text(entry.scope.as_deref()),
        Cell::Text(entry.purchase),
    ]
}
