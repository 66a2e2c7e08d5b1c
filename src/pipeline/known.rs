//! What a pack knows of the points of a run: how well it knows their places, the measured rows nearest to them, and what of them lies
//! outside.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::perf::{Region, evidence_sizes, parameters_m, place};
use crate::record::{
    Around, Calibration, Column, EffectSupport, Evidence, EvidenceGroup, EvidenceKind, Metric,
    PointEvidence, PointResult,
};
use crate::scenario::{LlmWorkload, RunPoint, System, Workload};

/// What a pack knows of the place of a system, whatever is asked of it.
pub struct Known {
    evidence: Option<Arc<Evidence>>,
    support: EffectSupport,
    around: Around,
    region: Option<Region>,
}

impl Known {
    /// `None` under a pack that was not fitted on runs.
    pub fn of(system: &System, pack: &Calibration) -> Option<Self> {
        if pack.effects.by_scope().is_empty() {
            return None;
        }
        let at = place(&system.hardware.device, system);
        let support = pack.effects.support(at);
        let evidence = pack.evidence.as_ref();
        let evidence = evidence.and_then(|evidence| evidence.read().ok().cloned());
        let parameters = parameters_m(&system.model.model);
        let around = evidence
            .as_ref()
            .map(|evidence| evidence.around(EvidenceKind::Run, at, parameters));
        Some(Self {
            support,
            around: around.unwrap_or_default(),
            region: Region::new(system, pack),
            evidence,
        })
    }

    /// What is known of a workload; positions of rows are those of the pack.
    pub fn at(&self, system: &System, workload: &LlmWorkload) -> PointEvidence {
        let sizes = evidence_sizes(system, workload);
        let nearest = self.evidence.as_ref();
        let beyond = self.region.as_ref().map(|region| region.beyond(workload));
        let is_measured = |region: &Region| region.holds(Column::of(Metric::Tpot), &sizes);
        PointEvidence {
            support: match &self.region {
                Some(region) if is_measured(region) => EffectSupport::Group,
                _ => self.support,
            },
            nearest: nearest
                .map_or_else(Vec::new, |evidence| self.around.nearest(evidence, &sizes)),
            beyond: beyond
                .unwrap_or_default()
                .iter()
                .map(crate::record::Beyond::text)
                .collect(),
        }
    }

    /// The groups of rows that [`Self::at`] names.
    pub fn groups(&self) -> &[EvidenceGroup] {
        self.evidence
            .as_ref()
            .map_or(&[], |evidence| &evidence.groups)
    }
}

/// Adds to results what the pack knows of their points, and returns the rows they name: each once, in the order of the pack.
pub(super) fn add_known(
    pack: &Calibration,
    points: impl Iterator<Item = RunPoint>,
    results: &mut [PointResult],
) -> Vec<EvidenceGroup> {
    // Systems are kept beside what is known of them, so that their addresses stay their own.
    let mut places = BTreeMap::<usize, (Arc<System>, Option<Known>)>::new();
    let mut named = BTreeSet::new();
    for (point, result) in points.zip(results.iter_mut()) {
        let Workload::Llm(workload) = &point.workload else {
            continue;
        };
        let (_, known) = places
            .entry(Arc::as_ptr(&point.system) as usize)
            .or_insert_with(|| (Arc::clone(&point.system), Known::of(&point.system, pack)));
        result.evidence = known
            .as_ref()
            .map(|known| known.at(&point.system, workload));
        let nearest = result.evidence.iter().flat_map(|known| &known.nearest);
        named.extend(nearest.map(|near| near.group));
    }
    let order: BTreeMap<usize, usize> = named.iter().copied().zip(0..).collect();
    for near in results
        .iter_mut()
        .filter_map(|result| result.evidence.as_mut())
        .flat_map(|known| &mut known.nearest)
    {
        near.group = order[&near.group];
    }
    let evidence = pack.evidence.as_ref();
    let groups = evidence.and_then(|evidence| evidence.read().ok());
    groups.map_or_else(Vec::new, |evidence| {
        let group = |place: &usize| evidence.groups[*place].clone();
        named.iter().map(group).collect()
    })
}
