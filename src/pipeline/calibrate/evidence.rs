//! Rows that moved a fit become groups of evidence.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::record::{
    Calibration, Column, Evidence, EvidenceAxis, EvidenceGroup, EvidenceKind, Ranges, Sizes,
    TermPlace, joined,
};

/// What names a group: kind, device, model, software, format, source.
type Key = (EvidenceKind, [Arc<str>; 5]);

/// A row that moved a fit.
pub(super) struct EvidenceRow<'a> {
    pub kind: EvidenceKind,
    pub place: TermPlace<'a>,
    pub source: &'a str,
    /// Its id and its date, as it states them; empty where it does not.
    pub stated: [&'a str; 2],
    pub column: Option<Column>,
    pub sizes: Sizes,
}

/// Groups as rows are added to them.
#[derive(Debug, Default, Clone)]
pub(super) struct EvidenceGroups {
    groups: BTreeMap<Key, EvidenceGroup>,
}

impl EvidenceGroups {
    /// Those of a pack.
    pub fn of(pack: &Calibration) -> Self {
        let mut gathered = Self::default();
        if let Some(Ok(evidence)) = pack.evidence.as_ref().map(|evidence| evidence.read()) {
            for group in &evidence.groups {
                gathered.join(group.clone());
            }
        }
        gathered
    }

    /// Adds a row.
    pub fn add(&mut self, row: &EvidenceRow<'_>) {
        let word = |text: &str| Arc::<str>::from(text.replace('\n', " "));
        let ranges: Ranges = row.sizes.map(|size| size.map(|size| [size, size]));
        let [id, date] = row.stated;
        self.join(EvidenceGroup {
            kind: row.kind,
            device: word(row.place.device),
            class: word(row.place.class),
            architecture: word(row.place.architecture),
            model: word(row.place.model),
            model_kind: word(row.place.kind),
            runtime: word(row.place.runtime),
            program: word(row.place.program),
            format: word(row.place.precision),
            source: word(row.source),
            date: word(date),
            example: word(id),
            rows: 1,
            columns: row.column.into_iter().collect(),
            ranges,
        });
    }

    /// Adds the groups of another fit.
    pub fn extend(&mut self, others: Self) {
        for group in others.groups.into_values() {
            self.join(group);
        }
    }

    /// Without groups of fewer rows: what they span is no place that was measured.
    pub fn of_at_least(mut self, rows: usize) -> Self {
        self.groups.retain(|_, group| group.rows as usize >= rows);
        self
    }

    fn join(&mut self, other: EvidenceGroup) {
        let names = [
            &other.device,
            &other.model,
            &other.program,
            &other.format,
            &other.source,
        ];
        let key = (other.kind, names.map(Arc::clone));
        let Some(group) = self.groups.get_mut(&key) else {
            self.groups.insert(key, other);
            return;
        };
        group.rows = group.rows.saturating_add(other.rows);
        group.ranges = joined(&group.ranges, &other.ranges);
        if other.date > group.date {
            group.date = other.date;
        }
        for column in other.columns {
            if let Err(place) = group.columns.binary_search(&column) {
                group.columns.insert(place, column);
            }
        }
    }

    /// All groups in order, sizes as packs keep them.
    pub fn finish(self) -> Evidence {
        let mut groups: Vec<EvidenceGroup> = self.groups.into_values().collect();
        for range in groups.iter_mut().flat_map(|group| &mut group.ranges) {
            *range = range.map(|[least, most]| [least.floor(), most.ceil()]);
        }
        Evidence { groups }
    }
}

/// Sizes of which only sequences, accelerators and parameters (millions) can be known.
pub(super) fn sizes(
    sequences: Option<f64>,
    accelerators: Option<f64>,
    parameters: Option<f64>,
) -> Sizes {
    let mut sizes: Sizes = [None; EvidenceAxis::ALL.len()];
    sizes[EvidenceAxis::Sequences as usize] = sequences;
    sizes[EvidenceAxis::Accelerators as usize] = accelerators;
    sizes[EvidenceAxis::Parameters as usize] = parameters;
    sizes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Metric;

    #[test]
    fn rows_of_a_source_for_one_place_are_one_group() {
        let mut gathered = EvidenceGroups::default();
        let place = TermPlace {
            device: "h100",
            program: "vllm",
            ..TermPlace::ANY
        };
        for (id, date, sequences, metric) in [
            ("a-1", "2024-05", 4.0, Metric::Ttft),
            ("a-2", "2025", 64.0, Metric::Tpot),
            ("a-3", "", 1.0, Metric::Ttft),
        ] {
            gathered.add(&EvidenceRow {
                kind: EvidenceKind::Run,
                place,
                source: "a",
                stated: [id, date],
                column: Some(Column::of(metric)),
                sizes: sizes(Some(sequences), None, None),
            });
        }
        let mut twice = gathered.clone();
        twice.extend(gathered.clone());
        let found = gathered.finish();
        let [group] = &found.groups[..] else {
            panic!("{found:?}");
        };
        assert_eq!(
            (group.rows, &*group.example, &*group.date),
            (3, "a-1", "2025")
        );
        assert_eq!(group.ranges[0], Some([1.0, 64.0]));
        assert_eq!(group.columns.len(), 2);
        assert_eq!(twice.finish().groups[0].rows, 6);
    }
}
