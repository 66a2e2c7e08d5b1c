//! What the same fit says without the groups that it held out.
//!
//! A pack is fitted to everything. How far it may be off is told by its twin: fitted in the same way to all groups but those that
//! the pack's split holds out. `validate` predicts held-out groups by the twin and all others by the pack.

use std::sync::{Arc, OnceLock};

use serde::Deserialize;
use serde_json::value::RawValue;

use super::calibration::{Calibration, TermPlace};
use super::effect_file::{self, EffectsFile, WidthsFile};
use super::effect_scope::EffectScope;
use super::effects::Effects;
use super::evidence::{Evidence, EvidenceGroup, EvidenceKind};
use super::evidence_file::LazyEvidence;
use super::network_file::LazyNetworks;
use super::network_models::NetworkModels;
use super::section::Section;
use super::split::{RowGroup, Sample};
use super::widths::Widths;

/// The parts of a pack that are fitted to runs and to networks, without held-out groups.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Blind {
    /// Shifts of terms.
    pub effects: Arc<Effects>,
    /// How wide intervals are.
    pub widths: Option<Arc<Widths>>,
    /// Models of networks.
    pub networks: Option<Arc<LazyNetworks>>,
}

/// The twin of a pack, read when it is first asked for.
#[derive(Debug, Clone)]
pub struct LazyBlind {
    /// With the shifts of the pack, whose scopes it does not name again.
    file: Option<(Section, Arc<Effects>)>,
    read: OnceLock<Result<Blind, String>>,
}

impl Default for LazyBlind {
    fn default() -> Self {
        Self {
            file: None,
            read: OnceLock::from(Ok(Blind::default())),
        }
    }
}

impl PartialEq for LazyBlind {
    fn eq(&self, other: &Self) -> bool {
        self.read() == other.read()
    }
}

impl LazyBlind {
    /// Keeps a section without reading it.
    pub(super) const fn new(file: Section, pack: Arc<Effects>) -> Self {
        Self {
            file: Some((file, pack)),
            read: OnceLock::new(),
        }
    }

    /// The parts, networks left folded.
    ///
    /// # Errors
    ///
    /// What is wrong with shifts or widths, in words.
    pub fn read(&self) -> Result<&Blind, &str> {
        let read = || match &self.file {
            Some((file, pack)) => file.read::<BlindFile<'_>>("blind")?.unfolded(pack),
            None => Ok(Blind::default()),
        };
        self.read.get_or_init(read).as_ref().map_err(String::as_str)
    }
}

/// The field `blind` of a pack.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BlindFile<'a> {
    #[serde(borrow, default)]
    effects: EffectsFile<'a>,
    widths: Option<WidthsFile>,
    #[serde(borrow)]
    networks: Option<&'a RawValue>,
}

impl BlindFile<'_> {
    fn unfolded(self, pack: &Effects) -> Result<Blind, String> {
        let widths = self.widths.as_ref().map(effect_file::widths);
        let effects = self.effects.apart(pack)?;
        Ok(Blind {
            effects: Arc::new(effect_file::effects(effects)?),
            widths: widths.transpose()?.map(Arc::new),
            networks: self
                .networks
                .map(|text| Arc::new(LazyNetworks::new(Section::copied(text)))),
        })
    }
}

impl Blind {
    /// As packs write them, beside the shifts `pack` of the pack.
    pub fn to_json(
        (effects, pack): (&Effects, &Effects),
        widths: Option<&Widths>,
        networks: Option<&NetworkModels>,
    ) -> serde_json::Value {
        serde_json::json!({
            "effects": effects.file().beside(pack),
            "widths": widths.map(Widths::to_json),
            "networks": networks.map(NetworkModels::to_json),
        })
    }
}

/// The scope of shifts that the rows of a group of evidence have for themselves.
fn scope(group: &EvidenceGroup) -> String {
    let place = TermPlace {
        device: &group.device,
        model: &group.model,
        program: &group.program,
        ..TermPlace::ANY
    };
    let key = EffectScope::DeviceModelProgram.key(place);
    key.unwrap_or_default()
}

impl Calibration {
    /// The pack as it would be without the groups that its split holds out; `None` where it does not say.
    #[must_use]
    pub fn without_held_out(&self) -> Option<Self> {
        let Blind {
            effects,
            widths,
            networks,
        } = self.blind.as_deref()?.read().ok()?.clone();
        let evidence = self.evidence.as_ref().and_then(|all| all.read().ok());
        let evidence = evidence.map(|all| {
            let seen = |group: &&EvidenceGroup| match group.kind {
                EvidenceKind::Run => effects.by_scope().contains_key(&scope(group)),
                EvidenceKind::Network | EvidenceKind::Operator => true,
            };
            let groups = all.groups.iter().filter(seen).cloned().collect();
            Arc::new(LazyEvidence::of(&Evidence { groups }))
        });
        Some(Self {
            effects,
            widths,
            networks,
            evidence,
            blind: None,
            ..self.clone()
        })
    }

    /// Whether shifts or models of networks were fitted to rows of a group of runs.
    pub fn knows(&self, group: &RowGroup<'_>) -> bool {
        let shifts = |key: &String| self.effects.by_scope().contains_key(key);
        let networks = || self.networks.as_ref()?.models().ok();
        group.scopes().iter().any(shifts) || networks().is_some_and(|known| known.seen.has(group))
    }

    /// Whether what predicts a group of rows from a source has seen it: the pack, or of groups that the split holds out its twin. A
    /// pack without a twin has seen what it knows.
    pub fn sample(&self, source: &str, group: &RowGroup<'_>) -> Sample {
        let of_source = |input: &&super::PackInput| input.sources.iter().any(|used| used == source);
        let mut inputs = self.inputs.iter().filter(of_source).peekable();
        let is_input = inputs.peek().is_some();
        if inputs.any(|input| input.whole) {
            return Sample::InSample;
        }
        let is_seen = match group {
            RowGroup::Run { .. } => self.knows(group),
            RowGroup::Kernel { .. } => is_input,
        };
        if !is_seen {
            return Sample::HeldOut;
        }
        if self.blind.is_none() && matches!(group, RowGroup::Run { .. }) {
            return Sample::InSample;
        }
        let split = self.split.as_ref();
        split.map_or(Sample::InSample, |split| split.sample(group))
    }
}

#[cfg(test)]
mod tests {
    use super::super::split::Split;
    use super::*;
    use crate::record::TermName;

    const UNSTATED: RowGroup<'static> = RowGroup::Run {
        hardware: "l40s-48gb",
        model: "llama-2-70b",
        framework: "unstated",
    };

    fn fitted(program: &str) -> Arc<Effects> {
        let key = format!("device=l40s-48gb model=llama-2-70b program={program}");
        let shifts = [0.0; TermName::ALL.len()];
        Arc::new(Effects::new([(key, shifts)].into()))
    }

    #[test]
    fn software_that_rows_do_not_state_is_known_by_what_stands_for_it() {
        let mut pack = Calibration::embedded();
        assert!(!pack.knows(&UNSTATED));
        for program in ["mlperf/", "generic"] {
            pack.effects = fitted(program);
            assert!(pack.knows(&UNSTATED), "{program}");
        }
    }

    #[test]
    fn what_a_pack_without_a_twin_knows_it_has_seen() {
        let mut pack = Calibration::embedded();
        pack.split = Some(Split::new(1, 0.9999));
        assert_eq!(pack.sample("s", &UNSTATED), Sample::HeldOut);
        pack.effects = fitted("generic");
        assert_eq!(pack.sample("s", &UNSTATED), Sample::InSample);
        pack.blind = Some(Arc::default());
        assert_eq!(pack.sample("s", &UNSTATED), Sample::HeldOut);
    }
}
