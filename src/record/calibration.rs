//! A calibration pack: named, bounded efficiency terms with their sources.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Basis;
use super::blind::LazyBlind;
use super::effects::Effects;
use super::evidence_file::LazyEvidence;
use super::network_file::LazyNetworks;
use super::operator_file::LazyOperators;
use super::split::{PackInput, Split};
use super::text_hash::TextHash;
use super::widths::Widths;

/// Raised by every change that may move a prediction; a pack for another version is refused.
pub const PREDICTOR_VERSION: u32 = 8;

macro_rules! terms {
    ($($variant:ident $name:literal $range:ident $meaning:literal,)+) => {
        /// The names of the terms that equations read. An unknown one in a pack is an error.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum TermName {
            $(#[doc = $meaning] $variant,)+
        }

        impl TermName {
            /// All terms.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The name as packs write it.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// What values it may have.
            pub const fn range(self) -> TermRange {
                match self { $(Self::$variant => TermRange::$range,)+ }
            }

            /// What it is, in words.
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$variant => $meaning,)+ }
            }
        }
    };
}

terms! {
    GemmCompute "gemm_compute" Efficiency "share of the dense peak that a large matrix product reaches",
    AttentionCompute "attention_compute" Efficiency "share of the dense peak that attention over a prompt reaches",
    MoeCompute "moe_compute" Efficiency "share of the dense peak that grouped expert products reach",
    WeightBandwidth "weight_bandwidth" Efficiency "share of the memory rate that streaming weights reaches",
    ExpertBandwidth "expert_bandwidth" Efficiency "share of the memory rate that streaming the weights of experts reaches; that of other weights where a pack states none",
    KvBandwidth "kv_bandwidth" Efficiency "share of the memory rate that reading cached keys and values reaches",
    ElementwiseBandwidth "elementwise_bandwidth" Efficiency "share of the memory rate that element-wise operators reach",
    LinkBandwidth "link_bandwidth" Efficiency "share of the link rate that large collectives reach",
    CollectiveBase "collective_base" Amount "time of a collective before its first byte moves, seconds",
    LinkLatency "link_latency" Amount "time of one hop between devices of a node, seconds",
    NetworkLatency "network_latency" Amount "time of one hop between nodes, seconds",
    KernelLaunch "kernel_launch" Amount "time between two kernels, seconds",
    StepOverhead "step_overhead" Amount "host time of one scheduler step that the device waits for, seconds",
    SequenceOverhead "sequence_overhead" Amount "host time of one sequence of a step that the device waits for, seconds; none where a pack states none",
    RequestOverhead "request_overhead" Amount "host time of one request before the scheduler sees it, seconds",
    CommunicationOverlap "communication_overlap" Share "share of communication hidden behind computation",
    PowerIdle "power_idle" Share "share of TDP drawn at rest, where the catalogue states no idle power",
    PowerWaiting "power_waiting" Share "share of the range from idle to TDP drawn while waiting for links, launches or the host",
    PowerMemoryBound "power_memory_bound" Share "share of the range from idle to TDP drawn when memory is the bound",
    PowerComputeBound "power_compute_bound" Share "share of the range from idle to TDP drawn when arithmetic is the bound",
    PowerTop "power_top" Amount "power drawn at the limit over TDP, where no other limit is set; 1 where a pack states none",
    ContextMemory "context_memory" Amount "memory of context, libraries and captured graphs on one device, bytes",
    HostPower "host_power" Amount "power of the host's part for one accelerator, watts",
}

impl TermName {
    /// Its position in [`Self::ALL`].
    pub const fn index(self) -> usize {
        self as usize
    }

    /// True for what makes steps longer or shorter, in proportion where it is an efficiency or an amount.
    pub const fn is_of_time(self) -> bool {
        match self {
            Self::GemmCompute
            | Self::AttentionCompute
            | Self::MoeCompute
            | Self::WeightBandwidth
            | Self::ExpertBandwidth
            | Self::KvBandwidth
            | Self::ElementwiseBandwidth
            | Self::LinkBandwidth
            | Self::CollectiveBase
            | Self::LinkLatency
            | Self::NetworkLatency
            | Self::KernelLaunch
            | Self::StepOverhead
            | Self::SequenceOverhead
            | Self::RequestOverhead => true,
            Self::CommunicationOverlap
            | Self::PowerIdle
            | Self::PowerWaiting
            | Self::PowerMemoryBound
            | Self::PowerComputeBound
            | Self::PowerTop
            | Self::ContextMemory
            | Self::HostPower => false,
        }
    }

    /// The term of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|term| term.name() == name)
    }
}

/// What values a term may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TermRange {
    /// Above 0, at most 1: a peak is never beaten.
    Efficiency,
    /// From 0 to 1.
    Share,
    /// Not negative.
    Amount,
}

impl TermRange {
    /// True when a term may have that value.
    pub fn allows(self, value: f64) -> bool {
        match self {
            Self::Efficiency => value > 0.0 && value <= 1.0,
            Self::Share => (0.0..=1.0).contains(&value),
            Self::Amount => value >= 0.0 && value.is_finite(),
        }
    }
}

/// Where a term holds; `None` is everywhere. The narrowest matching scope wins.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct TermScope {
    /// Device id, or device class.
    pub hardware: Option<String>,
    /// Runtime name.
    pub runtime: Option<String>,
    /// Arithmetic or format.
    pub precision: Option<String>,
}

/// What a term is wanted for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TermPlace<'a> {
    /// Device id.
    pub device: &'a str,
    /// Device class.
    pub class: &'a str,
    /// Device architecture.
    pub architecture: &'a str,
    /// Runtime name; empty for none.
    pub runtime: &'a str,
    /// Software, where it is known closer than its runtime; empty for none.
    pub program: &'a str,
    /// Its version; empty for unknown.
    pub version: &'a str,
    /// Arithmetic or format; empty for none.
    pub precision: &'a str,
    /// Model; empty for none.
    pub model: &'a str,
    /// What models of its kind have in common, such as `experts`; empty for none.
    pub kind: &'a str,
}

impl TermPlace<'_> {
    /// Nowhere in particular.
    pub const ANY: Self = Self {
        device: "",
        class: "",
        architecture: "",
        runtime: "",
        program: "",
        version: "",
        precision: "",
        model: "",
        kind: "",
    };
}

impl TermScope {
    /// How narrow the scope is where it holds at `place`: device before class before runtime before precision.
    fn rank_at(&self, place: TermPlace<'_>) -> Option<u8> {
        let hardware = match self.hardware.as_deref() {
            None => 0,
            Some(name) if name == place.device => 8,
            Some(name) if name == place.class => 4,
            Some(_) => return None,
        };
        let part = |asked: Option<&str>, there: &str, rank: u8| match asked {
            None => Some(0),
            Some(name) => (name == there).then_some(rank),
        };
        let runtime = part(self.runtime.as_deref(), place.runtime, 2)?;
        let precision = part(self.precision.as_deref(), place.precision, 1)?;
        Some(hardware + runtime + precision)
    }
}

/// A term with the interval it was given.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TermValue {
    /// Value.
    pub value: f64,
    /// Lower end at the pack's level.
    pub lower: f64,
    /// Upper end at the pack's level.
    pub upper: f64,
}

/// One term of a pack.
#[derive(Debug, Clone, PartialEq)]
pub struct Term {
    /// Which.
    pub name: TermName,
    /// Where it holds.
    pub scope: TermScope,
    /// Its value and interval.
    pub value: TermValue,
    /// The publication or the fit it comes from.
    pub source: String,
}

/// A pack.
#[derive(Debug, Clone, PartialEq)]
pub struct Calibration {
    /// Name.
    pub name: String,
    /// blake3 of its text.
    pub blake3: TextHash,
    /// What predictions made with it rest on: `Datasheet` for cited terms, `Fitted` for fitted ones.
    pub basis: Basis,
    /// Level of the terms' intervals; `None`: the terms have none, nor have predictions made with them.
    pub level: Option<f64>,
    /// Terms by name, in the order of the file.
    pub terms: BTreeMap<TermName, Vec<Term>>,
    /// Files it was fitted on; none for a pack that was not fitted.
    pub inputs: Vec<PackInput>,
    /// How the rows of those files were split; `None`: all of them were fitted.
    pub split: Option<Split>,
    /// Fitted shifts of terms.
    pub effects: Arc<Effects>,
    /// How wide intervals are where terms are shifted; `None`: as wide as the terms' own.
    pub widths: Option<Arc<Widths>>,
    /// Fitted models of operators; they time stand-alone kernel calls, for which the terms are used otherwise.
    pub operators: Option<Arc<LazyOperators>>,
    /// Fitted models of networks, read when they are first asked for.
    pub networks: Option<Arc<LazyNetworks>>,
    /// What it was fitted on, by groups of rows; `None` in packs that do not say.
    pub evidence: Option<Arc<LazyEvidence>>,
    /// The same fit without the groups that the split holds out; `None` where nothing was held out, or nobody says.
    pub blind: Option<Arc<LazyBlind>>,
}

impl Calibration {
    /// Names of the packs that are built in; any other name is that of a file.
    pub const BUILT_IN: [&str; 3] = ["default", "datasheet", "none"];

    /// The terms that documents state, with those that a fit to runs starts from: nothing measured and fitted.
    pub fn cited() -> Self {
        let mut pack = Self::embedded();
        for term in Self::starting_terms() {
            pack.terms.entry(term.name).or_default().push(term);
        }
        pack
    }

    /// The term with the narrowest scope that holds at `place`.
    pub fn term(&self, name: TermName, place: TermPlace<'_>) -> Option<&Term> {
        self.terms
            .get(&name)?
            .iter()
            .filter_map(|term| Some((term.scope.rank_at(place)?, term)))
            .max_by_key(|(rank, _)| *rank)
            .map(|(_, term)| term)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scope(hardware: Option<&str>, runtime: Option<&str>) -> TermScope {
        TermScope {
            hardware: hardware.map(str::to_owned),
            runtime: runtime.map(str::to_owned),
            precision: None,
        }
    }

    #[test]
    fn a_device_is_narrower_than_its_class_and_a_class_than_a_runtime() {
        let place = TermPlace {
            device: "h100",
            class: "datacenter-gpu",
            runtime: "vllm",
            ..TermPlace::ANY
        };
        let rank = |hardware, runtime| scope(hardware, runtime).rank_at(place);
        assert!(rank(Some("h100"), None) > rank(Some("datacenter-gpu"), Some("vllm")));
        assert!(rank(Some("datacenter-gpu"), None) > rank(None, Some("vllm")));
        assert_eq!(rank(Some("a100"), None), None);
    }

    #[test]
    fn every_term_name_reads_back() {
        for term in TermName::ALL.iter().copied() {
            assert_eq!(TermName::from_name(term.name()), Some(term));
        }
    }
}
