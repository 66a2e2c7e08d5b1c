//! What a pack was fitted on, by groups of rows, and which of them lie nearest to what is asked.
//!
//! A group is the rows of one source for one device, model, software and number format. Only rows that moved the fit are counted:
//! rows that weigh nothing, and held-out rows of operators, are no evidence. Start at [`Evidence::around`].

use std::sync::Arc;

use super::calibration::TermPlace;
use super::effect_support::EffectSupport;
use super::metric::Column;
use super::sizes::{EvidenceAxis, Ranges, Sizes, beyond, shown};
use crate::stats::math;

/// What a group of rows timed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EvidenceKind {
    /// A server that generates text.
    Run,
    /// A network.
    Network,
    /// Calls of one operator.
    Operator,
}

impl EvidenceKind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Run, Self::Network, Self::Operator];

    /// The name in documents.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Run => "run",
            Self::Network => "network",
            Self::Operator => "operator",
        }
    }

    /// What it is, in words.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Run => "runs of a server that generates text",
            Self::Network => "runs of networks",
            Self::Operator => "calls of one operator",
        }
    }
}

/// Rows of one source for one device, model, software and format.
#[derive(Debug, Clone, PartialEq)]
pub struct EvidenceGroup {
    /// What was timed.
    pub kind: EvidenceKind,
    /// Catalogue id of the device.
    pub device: Arc<str>,
    /// Its class, as packs write it.
    pub class: Arc<str>,
    /// Its architecture.
    pub architecture: Arc<str>,
    /// Catalogue id of the model; the operator, where one was timed; empty for networks, of which a group has many.
    pub model: Arc<str>,
    /// What models of its kind have in common, as packs write it; empty where nothing is.
    pub model_kind: Arc<str>,
    /// Runtime as modelled; empty where none is.
    pub runtime: Arc<str>,
    /// Software.
    pub program: Arc<str>,
    /// Number format.
    pub format: Arc<str>,
    /// Key into the files of sources.
    pub source: Arc<str>,
    /// Latest date that a row states, as it states it; empty where none does.
    pub date: Arc<str>,
    /// Id of the first row; empty where rows have none.
    pub example: Arc<str>,
    /// How many rows.
    pub rows: u32,
    /// Columns they measured.
    pub columns: Vec<Column>,
    /// Sizes they span.
    pub ranges: Ranges,
}

/// Everything a pack was fitted on.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Evidence {
    /// Groups, sorted by kind, device, model, software, format and source.
    pub groups: Vec<EvidenceGroup>,
}

/// A group near to what is asked.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Near {
    /// Its position in [`Evidence::groups`].
    pub group: usize,
    /// How far it is, [`Around::nearest`].
    pub distance: f64,
}

/// What a pack knows of a point.
#[derive(Debug, Clone, PartialEq)]
pub struct PointEvidence {
    /// How much of its place the fit has seen.
    pub support: EffectSupport,
    /// The nearest rows, nearest first; none under a pack that does not say what it was fitted on.
    pub nearest: Vec<Near>,
    /// What of it is outside of the rows that support its place, in words.
    pub beyond: Vec<String>,
}

/// Groups that can be nearest to a place, whatever the load; made once for a place and asked for each load.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Around {
    /// Distance of the place with the position of the group, rising.
    groups: Vec<(f64, usize)>,
}

/// How many groups are named.
pub const NEAREST: usize = 3;

impl Evidence {
    /// Groups that the row of an id stands for.
    pub fn of_row(&self, id: &str) -> impl Iterator<Item = &EvidenceGroup> {
        let groups = self.groups.iter();
        groups.filter(move |group| !id.is_empty() && *group.example == *id)
    }

    /// Groups of a kind that can be nearest to a place; `parameters` are those of its model, millions.
    pub fn around(
        &self,
        kind: EvidenceKind,
        place: TermPlace<'_>,
        parameters: Option<f64>,
    ) -> Around {
        let groups = self.groups.iter().enumerate();
        let mut far: Vec<(f64, usize)> = groups
            .filter(|(_, group)| group.kind == kind)
            .map(|(at, group)| (group.place_distance(place, parameters), at))
            .collect();
        far.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        if let Some(last) = far.get(NEAREST - 1).map(|(distance, _)| *distance) {
            // Sizes add less than one.
            far.retain(|(distance, _)| *distance < last + 1.0);
        }
        Around { groups: far }
    }

    /// Groups of servers that support a place known so well: those of its model and format on its device under its software, of its
    /// device under its software, of its device, or of its architecture or class under its software; none for a place like none that was fitted.
    pub fn supporting(
        &self,
        place: TermPlace<'_>,
        support: EffectSupport,
    ) -> impl Iterator<Item = &EvidenceGroup> {
        let runs = self.groups.iter();
        let runs = runs.filter(|group| group.kind == EvidenceKind::Run);
        runs.filter(move |group| {
            let device = *group.device == *place.device;
            let program = *group.program == *place.program;
            match support {
                EffectSupport::Group => {
                    let model = *group.model == *place.model;
                    device && program && model && *group.format == *place.precision
                }
                EffectSupport::Pair => device && program,
                EffectSupport::Device => device,
                EffectSupport::Family => {
                    let kin =
                        *group.architecture == *place.architecture || *group.class == *place.class;
                    kin && program
                }
                EffectSupport::Nothing => false,
            }
        })
    }
}

impl Around {
    /// The nearest groups, at most [`NEAREST`], nearest first.
    ///
    /// `d = d_device + d_software + d_model + d_format + s`. It orders rows by likeness; no width follows from it.
    ///
    /// | Part | Value |
    /// |---|---|
    /// | `d_device` | 0 the same, 1 of its architecture, 2 of its class, 3 another |
    /// | `d_software` | 0 the same, 1 modelled as the same runtime, 2 another |
    /// | `d_model` | 0 the same, else `1 + min(1, abs(ln(P / P')) / ln 10)` with parameters `P` and `P'`, 2 where one is not known |
    /// | `d_format` | 0 the same, 1 another |
    /// | `s` | `x / (1 + x)` with `x` the sum over sequences, prompt and output tokens and accelerators of `abs(ln(asked / end))` where the asked size is beyond an end of what the rows span; less than any part of the place |
    pub fn nearest(&self, evidence: &Evidence, sizes: &Sizes) -> Vec<Near> {
        let mut found: Vec<Near> = Vec::with_capacity(self.groups.len());
        for (distance, group) in &self.groups {
            let ranges = &evidence.groups[*group].ranges;
            let of_load = &EvidenceAxis::ALL[..4];
            let x: f64 = of_load
                .iter()
                .map(|axis| beyond(ranges, sizes, *axis).map_or(0.0, |beyond| beyond.distance()))
                .sum();
            found.push(Near {
                group: *group,
                // A thousandth is as close as a document says it.
                distance: ((distance + x / (1.0 + x)) * 1e3).round() / 1e3,
            });
        }
        found.sort_by(|a, b| {
            a.distance
                .total_cmp(&b.distance)
                .then(a.group.cmp(&b.group))
        });
        found.truncate(NEAREST);
        found
    }
}

impl EvidenceGroup {
    /// Where the rows were measured; versions are not told apart.
    pub fn place(&self) -> TermPlace<'_> {
        TermPlace {
            device: &self.device,
            class: &self.class,
            architecture: &self.architecture,
            runtime: &self.runtime,
            program: &self.program,
            version: "",
            precision: &self.format,
            model: &self.model,
            kind: &self.model_kind,
        }
    }

    /// What was measured, in words: `llama-3.1-8b fp8 on h100-sxm5-80gb under vllm`.
    pub fn text(&self) -> String {
        let what = match &*self.model {
            "" => "networks",
            model => model,
        };
        let parts = [
            ("", what),
            (" ", &self.format),
            (" on ", &self.device),
            (" under ", &self.program),
        ];
        let known = parts.iter().filter(|(_, part)| !part.is_empty());
        known
            .map(|(before, part)| format!("{before}{part}"))
            .collect()
    }

    /// The sizes that the rows span, in words: `1 to 512 sequences at once`; `None` where no row states the size.
    pub fn span(&self, axis: EvidenceAxis) -> Option<String> {
        let [least, most] = self.ranges[axis as usize]?;
        Some(if least < most {
            format!("{} to {}", shown(least), axis.words(most))
        } else {
            axis.words(most)
        })
    }

    fn place_distance(&self, place: TermPlace<'_>, parameters: Option<f64>) -> f64 {
        let known = |name: &str| !name.is_empty();
        let device = if *self.device == *place.device {
            0.0
        } else if known(place.architecture) && *self.architecture == *place.architecture {
            1.0
        } else if *self.class == *place.class {
            2.0
        } else {
            3.0
        };
        let software = if *self.program == *place.program {
            0.0
        } else if known(place.runtime) && *self.runtime == *place.runtime {
            1.0
        } else {
            2.0
        };
        let own = self.ranges[EvidenceAxis::Parameters as usize];
        let model = match (parameters, own) {
            _ if *self.model == *place.model => 0.0,
            (Some(asked), Some([own, _])) if asked > 0.0 && own > 0.0 => {
                1.0 + (math::ln(asked / own).abs() / math::ln(10.0)).min(1.0)
            }
            (_, _) => 2.0,
        };
        let format = f64::from(u8::from(*self.format != *place.precision));
        device + software + model + format
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::Metric;
    use super::*;

    pub fn group(device: &str, model: &str, most: f64) -> EvidenceGroup {
        let word = |text: &str| Arc::<str>::from(text);
        EvidenceGroup {
            kind: EvidenceKind::Run,
            device: word(device),
            class: word("datacenter-gpu"),
            architecture: word("Hopper"),
            model: word(model),
            model_kind: word("dense"),
            runtime: word("vllm"),
            program: word("vllm"),
            format: word("fp8"),
            source: word("s"),
            date: word("2025-03"),
            example: word("s-1"),
            rows: 7,
            columns: vec![Column::of(Metric::Tpot), Column::of(Metric::Ttft)],
            ranges: [
                Some([1.0, most]),
                Some([128.0, 2048.0]),
                None,
                Some([1.0, 8.0]),
                Some([8030.0, 8030.0]),
            ],
        }
    }

    const PLACE: TermPlace<'static> = TermPlace {
        device: "h100",
        class: "datacenter-gpu",
        architecture: "Hopper",
        runtime: "vllm",
        program: "vllm",
        version: "",
        precision: "fp8",
        model: "llama",
        kind: "dense",
    };

    #[test]
    fn the_same_place_is_nearer_than_any_load_elsewhere() {
        let evidence = Evidence {
            groups: vec![
                group("h200", "llama", 1024.0),
                group("h100", "llama", 8.0),
                group("h100", "qwen", 1024.0),
            ],
        };
        let around = evidence.around(EvidenceKind::Run, PLACE, Some(8030.0));
        let sizes = [Some(1024.0), Some(512.0), Some(64.0), Some(1.0), None];
        let found = around.nearest(&evidence, &sizes);
        let order: Vec<usize> = found.iter().map(|near| near.group).collect();
        assert_eq!(order, [1, 0, 2]);
        let x = math::ln(128.0);
        assert!((found[0].distance - x / (1.0 + x)).abs() < 1e-3);
        assert!((found[1].distance - 1.0).abs() < 1e-12);
    }

    #[test]
    fn models_of_like_size_are_nearer() {
        let evidence = Evidence {
            groups: vec![group("h100", "a", 8.0), group("h100", "b", 8.0)],
        };
        let far = |parameters| {
            let around = evidence.around(EvidenceKind::Run, PLACE, parameters);
            around.groups[0].0
        };
        assert!((far(Some(8030.0)) - 1.0).abs() < 1e-12);
        assert!((far(Some(80_300.0)) - 2.0).abs() < 1e-9);
        assert!((far(None) - 2.0).abs() < 1e-12);
    }

    #[test]
    fn support_decides_whose_ranges_count() {
        let evidence = Evidence {
            groups: vec![group("h100", "llama", 8.0), group("h200", "llama", 64.0)],
        };
        let count = |support| evidence.supporting(PLACE, support).count();
        let other = TermPlace {
            precision: "bf16",
            ..PLACE
        };
        let of_group = evidence.supporting(other, EffectSupport::Group).count();
        assert_eq!(of_group, 0, "another format is another group");
        assert_eq!(
            EffectSupport::ALL.map(count),
            [1, 1, 1, 2, 0],
            "group, pair, device, family, nothing"
        );
    }
}
