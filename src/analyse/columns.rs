//! The columns of one point while they are filled.

use std::collections::BTreeMap;

use super::ranged::Ranged;
use crate::record::{Basis, Column, Estimate, IntervalKind, Metric, Source, ValueEntry};

/// The predicted numbers of one point.
pub(super) struct Columns<'a> {
    estimate: &'a Estimate,
    money: MoneyNames<'a>,
    metrics: BTreeMap<Column, Vec<ValueEntry>>,
}

/// How money is named at the point.
#[derive(Default, Clone, Copy)]
pub(super) struct MoneyNames<'a> {
    pub(super) currency: &'a str,
    /// The purchase that limits and questions read.
    pub(super) reference: Option<&'static str>,
}

/// How a derived number is labelled beyond its value.
#[derive(Default)]
pub(super) struct Label {
    pub(super) scope: Option<String>,
    pub(super) purchase: Option<&'static str>,
}

impl<'a> Columns<'a> {
    /// The estimate's own columns.
    pub(super) fn new(estimate: &'a Estimate, money: MoneyNames<'a>) -> Self {
        let mut columns = Self {
            estimate,
            money,
            metrics: BTreeMap::new(),
        };
        let kind = match estimate.basis {
            Basis::Datasheet | Basis::Assumed => IntervalKind::TermBounds,
            Basis::Fitted | Basis::Measured | Basis::Mixed => IntervalKind::CalibratedResidual,
        };
        for estimated in &estimate.values {
            let entry = columns.entry(estimated.column, estimated.into(), kind);
            columns.insert(estimated.column, entry);
        }
        columns
    }

    /// The number of a column, reference purchase; also one that is too large to be written.
    pub(super) fn get(&self, metric: Metric) -> Option<Ranged> {
        self.column(Column::of(metric))
    }

    /// [`Columns::get`] for a statistic.
    pub(super) fn column(&self, column: Column) -> Option<Ranged> {
        if let Some(estimated) = self.estimate.get(column) {
            return Some(estimated.into());
        }
        let is_reference = |entry: &&ValueEntry| {
            entry.purchase.is_none() || entry.purchase == self.money.reference
        };
        let entry = self.metrics.get(&column)?.iter().find(is_reference)?;
        let (lo, hi) = entry
            .interval
            .map_or((entry.value, entry.value), |(lo, hi, _)| (lo, hi));
        Some(Ranged {
            value: entry.value,
            lo,
            hi,
        })
    }

    /// The rate of a throughput column, where it is above zero and can divide.
    pub(super) fn rate(&self, metric: Metric) -> Option<Ranged> {
        self.get(metric).filter(|rate| rate.lo > 0.0)
    }

    /// Adds a number that follows from others; a number that is not finite is left out.
    pub(super) fn derive(&mut self, metric: Metric, number: Ranged, label: Label) {
        let column = Column::of(metric);
        let mut entry = self.entry(column, number, IntervalKind::Carried);
        entry.method = "derived";
        entry.scope = label.scope;
        entry.purchase = label.purchase;
        self.insert(column, entry);
    }

    pub(super) fn into_metrics(self) -> BTreeMap<Column, Vec<ValueEntry>> {
        self.metrics
    }

    fn entry(&self, column: Column, number: Ranged, kind: IntervalKind) -> ValueEntry {
        let exact = number.is_exact();
        ValueEntry {
            value: number.value,
            unit: match column.metric.unit() {
                "currency" => self.money.currency.to_owned(),
                unit => unit.to_owned(),
            },
            interval: (!exact).then_some((number.lo, number.hi, self.estimate.level)),
            n: None,
            source: Source::Predicted,
            executor: "predict",
            basis: self.basis(column.metric),
            method: self.estimate.method,
            interval_kind: if exact { IntervalKind::None } else { kind },
            scope: None,
            purchase: None,
        }
    }

    /// Weights and the verdict on them are datasheet facts whatever the other terms are.
    fn basis(&self, metric: Metric) -> Basis {
        if metric == Metric::MemoryWeights {
            Basis::Datasheet
        } else {
            self.estimate.basis
        }
    }

    fn insert(&mut self, column: Column, entry: ValueEntry) {
        let interval = entry.interval.unwrap_or_default();
        if entry.value.is_finite() && interval.0.is_finite() && interval.1.is_finite() {
            self.metrics.entry(column).or_default().push(entry);
        }
    }
}
