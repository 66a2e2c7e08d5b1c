//! What the points of a document carry, learned in one walk over all values.

use crate::record::{Basis, Column, IntervalKind, PointResult, Results, Source};

/// Columns of a document, sorted, and whether something was measured.
#[derive(Debug, Default)]
pub struct Carried<'a> {
    columns: Vec<(Column, Typical<'a>)>,
    /// Some value is not predicted but measured or imported.
    pub measured: bool,
    /// Predicted values.
    pub predicted: usize,
    /// Those of them with an interval.
    pub ranged: usize,
    /// Values that rest on an assumption alone.
    pub assumed: usize,
    /// Some interval holds the ends of efficiency terms alone.
    pub by_terms: bool,
}

/// What the predicted values of a column are like.
#[derive(Debug, Clone, Copy, Default)]
pub struct Typical<'a> {
    /// Base unit; empty where nothing is predicted.
    pub unit: &'a str,
    /// The smallest positive value; `None` where there is none.
    pub smallest: Option<f64>,
    /// Some of them rest on more than stated facts.
    pub more_than_stated: bool,
}

impl<'a> Carried<'a> {
    /// Walks over all points.
    pub fn by(results: &'a Results) -> Self {
        let mut carried = Self::default();
        for point in &results.points {
            carried.add(point);
        }
        carried
    }

    fn add(&mut self, point: &'a PointResult) {
        // Points mostly carry the same columns, in the same order.
        let mut next = 0;
        for (column, entries) in &point.metrics {
            while self
                .columns
                .get(next)
                .is_some_and(|(known, _)| known < column)
            {
                next += 1;
            }
            if self
                .columns
                .get(next)
                .is_none_or(|(known, _)| known != column)
            {
                self.columns.insert(next, (*column, Typical::default()));
            }
            for entry in entries {
                let is_predicted = entry.source == Source::Predicted;
                self.measured |= !is_predicted;
                self.predicted += usize::from(is_predicted);
                self.ranged += usize::from(is_predicted && entry.interval.is_some());
                self.assumed += usize::from(entry.basis == Basis::Assumed);
                self.by_terms |= entry.interval_kind == IntervalKind::TermBounds;
            }
            let mut predicted = entries
                .iter()
                .filter(|entry| entry.source == Source::Predicted);
            let Some(entry) = predicted.next() else {
                continue;
            };
            let typical = &mut self.columns[next].1;
            typical.more_than_stated |= entry.basis != Basis::Datasheet;
            if typical.unit.is_empty() {
                typical.unit = &entry.unit;
            }
            if entry.value > 0.0 && typical.smallest.is_none_or(|least| entry.value < least) {
                typical.smallest = Some(entry.value);
            }
        }
    }

    /// The columns in their order.
    pub fn columns(&self) -> impl Iterator<Item = Column> + '_ {
        self.columns.iter().map(|(column, _)| *column)
    }

    /// Columns whose predicted values rest on stated facts alone.
    pub fn stated(&self) -> impl Iterator<Item = Column> + '_ {
        let predicted = |typical: &Typical| !typical.unit.is_empty();
        let columns = self.columns.iter();
        columns
            .filter(move |(_, typical)| predicted(typical) && !typical.more_than_stated)
            .map(|(column, _)| *column)
    }

    /// What the predicted values of a column are like.
    pub fn typical(&self, column: Column) -> Typical<'a> {
        let found = self
            .columns
            .binary_search_by_key(&column, |(known, _)| *known);
        found.map_or_else(|_| Typical::default(), |at| self.columns[at].1)
    }
}

/// Predicted values of the columns, those of one column together, in the order of the columns and the points.
pub fn values(results: &Results, columns: &[Column]) -> Vec<Vec<Option<f64>>> {
    let mut sorted: Vec<(Column, usize)> = columns.iter().copied().zip(0..).collect();
    sorted.sort_unstable();
    let mut values = vec![vec![None; results.points.len()]; columns.len()];
    for (at, point) in results.points.iter().enumerate() {
        let mut wanted = sorted.iter().peekable();
        for (column, entries) in &point.metrics {
            while wanted.next_if(|(known, _)| known < column).is_some() {}
            let Some((_, place)) = wanted.next_if(|(known, _)| known == column) else {
                continue;
            };
            let mut entries = entries.iter();
            let predicted = entries.find(|entry| entry.source == Source::Predicted);
            values[*place][at] = predicted.map(|entry| entry.value);
        }
    }
    values
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture;

    #[test]
    fn one_walk_learns_what_asking_for_each_column_does() {
        let results = fixture::results();
        let carried = Carried::by(&results);
        let mut columns: Vec<Column> = carried.columns().collect();
        assert!(columns.is_sorted() && columns.len() > 4);
        columns.reverse();
        for (column, values) in columns.iter().zip(values(&results, &columns)) {
            let asked = results.points.iter().map(|point| point.predicted(*column));
            let asked: Vec<Option<f64>> = asked.map(|entry| Some(entry?.value)).collect();
            assert_eq!(values, asked, "{column}");
            let positive = values.into_iter().flatten().filter(|value| *value > 0.0);
            let least = positive.reduce(f64::min);
            assert_eq!(carried.typical(*column).smallest, least, "{column}");
        }
    }
}
