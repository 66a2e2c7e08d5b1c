//! What of a load lies outside of what the pack was fitted on, and how much less its numbers are then known.

use std::collections::BTreeMap;

use super::lengths::LengthGrid;
use super::own_loads::OwnLoads;
use super::server::Server;
use super::terms::place;
use crate::catalog::{Model, ModelKind};
use crate::diag::Code;
use crate::ops::params;
use crate::record::{
    Beyond, Calibration, Column, Estimate, EvidenceAxis, Metric, Ranges, Sizes, beyond, joined,
};
use crate::scenario::{LlmWorkload, LoadMode, System};
use crate::stats::math;

/// How much the half-width of a logarithm grows for each `e`-fold outside of what was fitted, at the level of the pack, in quadrature:
/// `h' = sqrt(h² + (κ d)²)`.
///
/// Found by fits that had seen small sizes alone, with `datasets/calibration/tools/growth_beyond.py`: for each row beyond the largest
/// size its pair of device and software was fitted on, the `κ` that puts it inside of its interval, and of those the quantile that
/// holds nine of ten, a group of device, model and software counting as the square root of its rows. The largest of the sizes with
/// ten groups or more is taken:
///
/// | Fitted on up to | TTFT | E2E | TPOT | output rate | prefill rate | decode rate | power |
/// |---|---|---|---|---|---|---|---|
/// | 16 sequences at once | 0.38 | 0.32 | 0.00 | 0.13 | | | 0.33 |
/// | 512 prompt tokens | 0.00 | 0.45 | 0.00 | 0.00 | 0.38 | | 0.71 |
/// | 256 output tokens | 0.19 | 0.22 | 0.12 | 0.14 | | 0.27 | 0.52 |
/// | 2 accelerators | 0.40 | 0.00 | 0.00 | 0.10 | 0.40 | 0.28 | 0.69 |
/// | 15 billion parameters | 0.00 | 0.14 | 0.00 | 0.18 | 0.24 | 0.05 | 0.00 |
///
/// # Assumptions
///
/// Sizes below what was fitted count like sizes beyond it, and several sizes outside add up in squares; neither was tested.
const GROWTH: [(&[Metric], f64); 5] = [
    (
        &[Metric::Ttft, Metric::TtftInclQueue, Metric::QueueTime],
        0.40,
    ),
    (&[Metric::E2el, Metric::E2elInclQueue], 0.45),
    (&[Metric::PrefillThroughput], 0.40),
    (&[Metric::Power], 0.71),
    (
        &[
            Metric::Tpot,
            Metric::Itl,
            Metric::Ntpot,
            Metric::Interactivity,
        ],
        0.12,
    ),
];

/// The growth of rates, and of whatever else follows from steps.
const OF_RATES: f64 = 0.28;

/// A size that is this close to what was fitted, on the logarithmic scale, is not noted: a tenth more or less.
pub(super) const NOTED: f64 = 0.1;

/// Sizes that the rows behind a place span.
#[derive(Debug, Clone, PartialEq)]
pub struct Region {
    /// Of all rows.
    everything: Ranges,
    /// Of the rows that measured a column.
    columns: BTreeMap<Column, Ranges>,
    /// Of the rows of the model itself.
    own_loads: OwnLoads,
    /// Accelerators of a replica and parameters of the model.
    own: Sizes,
    /// Copies that share the load.
    replicas: f64,
}

impl Region {
    /// Of the place of a system; `None` where the pack does not say what it was fitted on, or no row supports the place.
    pub fn new(system: &System, pack: &Calibration) -> Option<Self> {
        let evidence = pack.evidence.as_ref()?.read().ok()?;
        let at = place(&system.hardware.device, system);
        let support = pack.effects.support(at);
        let mut everything: Option<Ranges> = None;
        let mut columns = BTreeMap::<Column, Ranges>::new();
        for group in evidence.supporting(at, support) {
            let all = everything.get_or_insert(group.ranges);
            *all = joined(all, &group.ranges);
            for column in &group.columns {
                let of_column = columns.entry(*column).or_insert(group.ranges);
                *of_column = joined(of_column, &group.ranges);
            }
        }
        Some(Self {
            everything: everything?,
            columns,
            own_loads: OwnLoads::new(at, pack),
            own: system_sizes(system),
            replicas: f64::from(system.deployment.replicas.max(1)),
        })
    }

    /// Sizes of a workload that are outside of all rows; what lies within a tenth of them is not named.
    pub fn beyond(&self, workload: &LlmWorkload) -> Vec<Beyond> {
        let mut outside = Self::outside(&self.everything, &self.sizes(workload));
        outside.retain(|beyond| beyond.distance() > NOTED);
        outside
    }

    /// The sizes of a workload that rows span.
    pub fn sizes(&self, workload: &LlmWorkload) -> Sizes {
        asked(self.own, self.replicas, workload)
    }

    /// True where the like of a column was measured for the model itself at loads around these sizes.
    pub fn holds(&self, column: Column, sizes: &Sizes) -> bool {
        self.own_loads.hold(column, sizes)
    }

    fn outside(ranges: &Ranges, sizes: &Sizes) -> Vec<Beyond> {
        let axes = EvidenceAxis::ALL.iter();
        axes.filter_map(|axis| beyond(ranges, sizes, *axis))
            .collect()
    }

    /// How far sizes are outside of the rows that measured a column (of all rows, where none did): the root of the sum of squares
    /// over sizes.
    fn distance(&self, column: Column, sizes: &Sizes) -> f64 {
        let ranges = self.columns.get(&column).unwrap_or(&self.everything);
        let axes = EvidenceAxis::ALL.iter();
        let outside = axes.filter_map(|axis| beyond(ranges, sizes, *axis));
        let squares: f64 = outside
            .map(|beyond| beyond.distance() * beyond.distance())
            .sum();
        squares.sqrt()
    }
}

/// The sizes that the evidence of a pack counts, of a workload on a system: what each replica gets.
pub fn evidence_sizes(system: &System, workload: &LlmWorkload) -> Sizes {
    let replicas = f64::from(system.deployment.replicas.max(1));
    asked(system_sizes(system), replicas, workload)
}

fn system_sizes(system: &System) -> Sizes {
    let mut sizes: Sizes = [None; EvidenceAxis::ALL.len()];
    let parallel = system.deployment.parallel;
    let of_replica = u64::from(parallel.tp) * u64::from(parallel.pp) * u64::from(parallel.dp);
    sizes[EvidenceAxis::Accelerators as usize] = Some(of_replica as f64);
    sizes[EvidenceAxis::Parameters as usize] = parameters_m(&system.model.model);
    sizes
}

/// Parameters of a model in millions, where they are known.
pub fn parameters_m(model: &Model) -> Option<f64> {
    let count = match &model.kind {
        ModelKind::Transformer(transformer) => Some(params(transformer).total),
        ModelKind::Network(network) => network.params,
    };
    count.map(|count| (1e-6 * count).round())
}

fn asked(own: Sizes, replicas: f64, workload: &LlmWorkload) -> Sizes {
    let mut sizes = own;
    sizes[EvidenceAxis::Sequences as usize] = match &workload.load.mode {
        LoadMode::Concurrency(number)
        | LoadMode::BatchSize(number)
        | LoadMode::MultiStream(number) => Some((*number as f64 / replicas).max(1.0)),
        LoadMode::SingleStream => Some(1.0),
        LoadMode::Offline
        | LoadMode::RequestRate { .. }
        | LoadMode::Ramp { .. }
        | LoadMode::Trace(_) => None,
    };
    sizes[EvidenceAxis::Input as usize] = Some(LengthGrid::new(&workload.isl).mean);
    sizes[EvidenceAxis::Output as usize] = Some(LengthGrid::new(&workload.osl).mean);
    sizes
}

fn growth(column: Column) -> f64 {
    let own = GROWTH
        .iter()
        .find(|(metrics, _)| metrics.contains(&column.metric));
    own.map_or(OF_RATES, |(_, growth)| *growth)
}

/// Ends with the half-widths of their logarithms grown in quadrature; an end that coincides with the number stays.
fn grown(extra: f64, (value, lo, hi): (f64, f64, f64)) -> (f64, f64) {
    let moved = |end: f64, sign: f64| {
        if value > 0.0 && end > 0.0 && end.to_bits() != value.to_bits() {
            let half = math::ln(end / value);
            value * math::exp(sign * (half * half + extra * extra).sqrt())
        } else {
            end
        }
    };
    (moved(lo, -1.0), moved(hi, 1.0))
}

impl Server {
    /// Sizes of a workload that are outside of what the pack was fitted on where it knows this place; none where the pack does not say.
    pub fn beyond(&self, workload: &LlmWorkload) -> Vec<Beyond> {
        let region = self.region.as_ref();
        region.map_or_else(Vec::new, |region| region.beyond(workload))
    }

    /// What is added in quadrature to the half-width of a column's logarithm, at the pack's level; zero inside of what was fitted.
    pub fn outside_width(&self, column: Column, workload: &LlmWorkload) -> f64 {
        let region = self.region.as_ref();
        region.map_or(0.0, |region| {
            growth(column) * region.distance(column, &region.sizes(workload))
        })
    }

    /// An estimate with wider intervals where its workload is outside of what the pack was fitted on at this place, and the note
    /// `extrapolated`.
    ///
    /// `h' = sqrt(h² + (κ d)²)`, with `h` the half-width of the logarithm, `κ` the growth of the metric and `d` how far the sizes are
    /// outside.
    #[must_use]
    pub(super) fn extrapolated(&self, workload: &LlmWorkload, mut estimate: Estimate) -> Estimate {
        let Some(region) = &self.region else {
            return estimate;
        };
        let ratio = self.level_ratio(estimate.level);
        let sizes = region.sizes(workload);
        let extra = |column: Column| ratio * growth(column) * region.distance(column, &sizes);
        for number in &mut estimate.values {
            let ends = (number.value, number.lo, number.hi);
            (number.lo, number.hi) = grown(extra(number.column), ends);
        }
        for model in &mut estimate.latencies {
            let extra = extra(Column::of(model.metric));
            for (_, value, lo, hi) in &mut model.quantiles {
                (*lo, *hi) = grown(extra, (*value, *lo, *hi));
            }
        }
        let of_power = extra(Column::of(Metric::Power));
        for power in [&mut estimate.power.accelerator, &mut estimate.power.board] {
            *power = power.map(|ends| {
                let (lo, hi) = grown(of_power, ends);
                (ends.0, lo, hi)
            });
        }
        if !self.beyond(workload).is_empty() {
            estimate.notes.push(Code::Extrapolated);
            estimate.notes.sort_unstable();
            estimate.notes.dedup();
        }
        estimate
    }
}

#[cfg(test)]
mod tests {
    use super::super::EstimateOptions;
    use super::super::testing::{h100, llama_8b, system, workload};
    use super::*;
    use crate::record::{EffectScope, EffectSupport, Evidence, EvidenceGroup, EvidenceKind};

    /// The fitted pack, saying that it was fitted on this machine under this software with 1 to 64 sequences at once.
    fn pack(system: &System) -> Calibration {
        let at = place(&system.hardware.device, system);
        let names = [at.device, at.class, at.architecture, at.model, at.runtime];
        let words = [&names[..], &[at.precision, "s", "", "mean_ttft"]].concat();
        let group = serde_json::json!({
            "words": words.join("\n"),
            "examples": "0:s-1",
            // A run, its names, seven rows, one column; 1 to 64 sequences; nothing else is stated.
            "groups": "AABCDHEEFGHHBICBgCAAAA",
        });
        let mut text: serde_json::Value = serde_json::from_slice(PACK).expect("JSON");
        text["evidence"] = group;
        let pack = Calibration::read(text.to_string().as_bytes()).expect("a pack");
        assert!(pack.evidence.is_some());
        pack
    }

    const PACK: &[u8] = include_bytes!("../../datasets/calibration/default.json");

    fn estimate(concurrency: u64) -> (Estimate, Server) {
        let system = system(llama_8b(), h100(), 1);
        let server = Server::new(&system, &pack(&system)).expect("all facts are there");
        let load = workload(1024, 256, LoadMode::Concurrency(concurrency));
        let options = EstimateOptions::new(0.9, &[50.0]);
        let found = server.estimate(&load, &options).expect("modelled");
        (server.as_known(&load, found), server)
    }

    fn width(estimate: &Estimate, metric: Metric) -> f64 {
        let found = estimate.get(Column::of(metric)).expect("it is there");
        math::ln(found.hi / found.value)
    }

    #[test]
    fn beyond_what_was_fitted_intervals_grow_and_say_so() {
        let (inside, server) = estimate(64);
        assert!(!inside.notes.contains(&Code::Extrapolated));
        let (outside, _) = estimate(256);
        assert!(outside.notes.contains(&Code::Extrapolated));
        let load = workload(1024, 256, LoadMode::Concurrency(256));
        let said: Vec<String> = server.beyond(&load).iter().map(Beyond::text).collect();
        assert_eq!(said, ["256 sequences at once, beyond 64 fitted"]);
        let extra = server.outside_width(Column::of(Metric::Ttft), &load);
        assert!((extra - 0.40 * math::ln(4.0)).abs() < 1e-9);
        assert!(width(&outside, Metric::Ttft) > extra);
        let exact = outside
            .get(Column::of(Metric::MemoryWeights))
            .expect("known");
        assert_eq!(exact.lo.to_bits(), exact.value.to_bits());
    }

    /// The fitted pack, having seen the model on the machine under the software with 1 to 64 requests of one pair of lengths in flight.
    fn pack_with_the_model(system: &System, knows: &[EffectScope]) -> Calibration {
        let at = place(&system.hardware.device, system);
        let exactly = |size: f64| Some([size, size]);
        let evidence = Evidence {
            groups: vec![EvidenceGroup {
                kind: EvidenceKind::Run,
                device: at.device.into(),
                class: at.class.into(),
                architecture: at.architecture.into(),
                model: at.model.into(),
                model_kind: at.kind.into(),
                runtime: at.runtime.into(),
                program: at.program.into(),
                format: at.precision.into(),
                source: "s".into(),
                date: "".into(),
                example: "s-1".into(),
                rows: 7,
                columns: vec![Column::of(Metric::Tpot)],
                ranges: [
                    Some([1.0, 64.0]),
                    exactly(1024.0),
                    exactly(256.0),
                    exactly(1.0),
                    parameters_m(&system.model.model).and_then(exactly),
                ],
            }],
        };
        let mut text: serde_json::Value = serde_json::from_slice(PACK).expect("JSON");
        text["evidence"] = evidence.to_json();
        // The twin's lines are those of the scopes that the pack has.
        text["blind"] = serde_json::Value::Null;
        for scope in knows {
            let key = scope.key(at).expect("the place states it");
            text["effects"]["scopes"][key] = serde_json::json!("");
        }
        Calibration::read(text.to_string().as_bytes()).expect("a pack")
    }

    #[test]
    fn a_model_measured_at_loads_around_the_asked_one_is_known_closer() {
        use EffectScope::{DeviceModelProgram, DeviceProgram, DeviceProgramFormat};
        let system = system(llama_8b(), h100(), 1);
        let found = |knows: &[EffectScope], concurrency: u64| {
            let pack = pack_with_the_model(&system, knows);
            let server = Server::new(&system, &pack).expect("all facts are there");
            let load = workload(1024, 256, LoadMode::Concurrency(concurrency));
            let options = EstimateOptions::new(0.9, &[50.0]);
            let estimate = server.estimate(&load, &options).expect("modelled");
            let support = |metric| server.support(Column::of(metric), &load);
            (
                [support(Metric::Tpot), support(Metric::Ttft)],
                width(&server.as_known(&load, estimate), Metric::Tpot),
            )
        };
        let of_pair = [DeviceProgram, DeviceProgramFormat];
        let of_group = [DeviceProgram, DeviceProgramFormat, DeviceModelProgram];
        let (pair, group) = (Some(EffectSupport::Pair), Some(EffectSupport::Group));
        let (known, narrow) = found(&of_group, 16);
        assert_eq!(known, [group, pair], "first tokens were not measured");
        let (known, wide) = found(&of_pair, 16);
        assert_eq!(known, [pair, pair]);
        assert!(narrow < 0.8 * wide, "{narrow} {wide}");
        assert_eq!(found(&of_group, 256).0, [pair, pair], "beyond its loads");
    }

    #[test]
    fn widths_grow_in_quadrature() {
        let (lo, hi) = grown(0.4, (1.0, math::exp(-0.3), math::exp(0.3)));
        assert!((hi - math::exp(0.5)).abs() < 1e-12 && (lo - math::exp(-0.5)).abs() < 1e-12);
        assert_eq!(grown(0.4, (1.0, 1.0, 1.0)), (1.0, 1.0));
    }

    #[test]
    fn without_evidence_nothing_is_outside() {
        let system = system(llama_8b(), h100(), 1);
        let pack = Calibration {
            evidence: None,
            ..Calibration::fitted()
        };
        let server = Server::new(&system, &pack).expect("all facts are there");
        let load = workload(1 << 20, 256, LoadMode::Concurrency(1 << 20));
        assert_eq!(server.beyond(&load), []);
    }
}
