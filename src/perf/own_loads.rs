//! Loads at which a model itself was measured where it is asked about.

use std::collections::BTreeMap;

use super::region::NOTED;
use crate::record::{
    Calibration, Column, EffectSupport, EvidenceAxis, Metric, Ranges, Sizes, Stat, TermPlace,
    beyond,
};

/// What columns have in common, so that rows of one say how well the others are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    /// How long steps take: time per token, whole requests and rates.
    Steps,
    /// How long prompts take.
    FirstToken,
    /// Power, and the energy that follows from it.
    Power,
    /// A percentile above the median is known by its own rows alone.
    Tail(Column),
}

impl Kind {
    /// `None` for what no run measures: memory, shares, money.
    fn of(column: Column) -> Option<Self> {
        if !matches!(column.stat, None | Some(Stat::Mean | Stat::P50)) {
            return Some(Self::Tail(column));
        }
        let kinds: [(Self, &[Metric]); 3] = [
            (
                Self::Steps,
                &[
                    Metric::Tpot,
                    Metric::Itl,
                    Metric::Ntpot,
                    Metric::Interactivity,
                    Metric::E2el,
                    Metric::E2elInclQueue,
                    Metric::DecodeThroughput,
                    Metric::OutputThroughput,
                    Metric::OutputThroughputPerAccelerator,
                    Metric::InputThroughput,
                    Metric::TotalTokenThroughput,
                    Metric::RequestThroughput,
                ],
            ),
            (
                Self::FirstToken,
                &[
                    Metric::Ttft,
                    Metric::TtftInclQueue,
                    Metric::PrefillThroughput,
                ],
            ),
            (
                Self::Power,
                &[
                    Metric::Power,
                    Metric::EnergyPerOutputToken,
                    Metric::EnergyPerRequest,
                ],
            ),
        ];
        let found = kinds
            .into_iter()
            .find(|(_, metrics)| metrics.contains(&column.metric));
        found.map(|(kind, _)| kind)
    }
}

/// Fewer rows of a source do not say how well other loads are known.
const FEWEST_ROWS: u32 = 5;

/// Sizes that rows of the same model, device, software and number format span, each source by itself. A source that measured a column at
/// all counts for it with all its loads.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct OwnLoads {
    spans: BTreeMap<Kind, Vec<Ranges>>,
}

impl OwnLoads {
    /// Those behind a place; none where the fit has not seen its model, or the pack does not say what it was fitted on.
    pub fn new(place: TermPlace<'_>, pack: &Calibration) -> Self {
        let evidence = pack.evidence.as_ref();
        let evidence = evidence.and_then(|evidence| evidence.read().ok());
        let Some(evidence) = evidence.filter(|_| pack.effects.knows_group(place)) else {
            return Self::default();
        };
        let mut spans = BTreeMap::<Kind, Vec<Ranges>>::new();
        let groups = evidence.supporting(place, EffectSupport::Group);
        for group in groups.filter(|group| group.rows >= FEWEST_ROWS) {
            for kind in group.columns.iter().filter_map(|column| Kind::of(*column)) {
                let of_kind = spans.entry(kind).or_default();
                if !of_kind.contains(&group.ranges) {
                    of_kind.push(group.ranges);
                }
            }
        }
        Self { spans }
    }

    /// True where a source measured the like of a column at loads around these sizes. A size that only one of the two states is
    /// not around it, and neither is a load that does not say how many requests are in flight: no span holds a rate.
    pub fn hold(&self, column: Column, sizes: &Sizes) -> bool {
        if sizes[EvidenceAxis::Sequences as usize].is_none() {
            return false;
        }
        let spans = Kind::of(column).and_then(|kind| self.spans.get(&kind));
        spans.is_some_and(|spans| spans.iter().any(|span| is_around(span, sizes)))
    }
}

fn is_around(span: &Ranges, sizes: &Sizes) -> bool {
    EvidenceAxis::ALL.into_iter().all(|axis| {
        let stated = span[axis as usize].is_some() == sizes[axis as usize].is_some();
        stated && beyond(span, sizes, axis).is_none_or(|beyond| beyond.distance() <= NOTED)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn loads(columns: &[Column]) -> OwnLoads {
        let range = |least: f64, most: f64| Some([least, most]);
        let span = [
            range(1.0, 64.0),
            range(1024.0, 1024.0),
            range(128.0, 1024.0),
            range(1.0, 1.0),
            None,
        ];
        let kinds = columns.iter().filter_map(|column| Kind::of(*column));
        OwnLoads {
            spans: kinds.map(|kind| (kind, vec![span])).collect(),
        }
    }

    const SIZES: Sizes = [Some(16.0), Some(1000.0), Some(512.0), Some(1.0), None];

    #[test]
    fn rows_of_time_per_token_say_how_fast_steps_are_and_nothing_of_first_tokens() {
        let loads = loads(&[Column::of(Metric::Tpot)]);
        assert!(loads.hold(Column::of(Metric::OutputThroughput), &SIZES));
        assert!(loads.hold(Column::stat(Stat::P50, Metric::E2el), &SIZES));
        assert!(!loads.hold(Column::of(Metric::Ttft), &SIZES));
        assert!(!loads.hold(Column::stat(Stat::P99, Metric::Tpot), &SIZES));
        assert!(!loads.hold(Column::of(Metric::MemoryKv), &SIZES));
    }

    #[test]
    fn a_rate_is_not_around_a_rate() {
        let column = Column::of(Metric::Tpot);
        let mut loads = loads(&[column]);
        let spans = loads.spans.values_mut().flatten();
        spans.for_each(|span| span[EvidenceAxis::Sequences as usize] = None);
        let mut sizes = SIZES;
        sizes[EvidenceAxis::Sequences as usize] = None;
        assert!(!loads.hold(column, &sizes));
    }

    #[test]
    fn a_load_beside_the_measured_ones_is_not_around_them() {
        let column = Column::of(Metric::Tpot);
        let loads = loads(&[column]);
        let moved = |axis: EvidenceAxis, size: Option<f64>| {
            let mut sizes = SIZES;
            sizes[axis as usize] = size;
            loads.hold(column, &sizes)
        };
        assert!(moved(EvidenceAxis::Sequences, Some(64.0)));
        assert!(!moved(EvidenceAxis::Sequences, Some(128.0)));
        assert!(!moved(EvidenceAxis::Sequences, None));
        assert!(!moved(EvidenceAxis::Input, Some(4096.0)));
        assert!(!moved(EvidenceAxis::Accelerators, Some(2.0)));
        assert!(!moved(EvidenceAxis::Parameters, Some(8000.0)));
    }
}
