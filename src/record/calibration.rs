//! A calibration pack: named, bounded efficiency terms with their sources.

use std::collections::BTreeMap;

/// The names of the terms that equations read. An unknown one in a pack is an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TermName {
    /// Share of the dense peak that a large matrix product reaches.
    GemmCompute,
    /// Share of the dense peak that attention over a prompt reaches.
    AttentionCompute,
    /// Share of the dense peak that grouped expert products reach.
    MoeCompute,
    /// Share of the memory rate that streaming weights reaches.
    WeightBandwidth,
    /// Share of the memory rate that reading cached keys and values reaches.
    KvBandwidth,
    /// Share of the memory rate that element-wise operators reach.
    ElementwiseBandwidth,
    /// Share of the link rate that large collectives reach.
    LinkBandwidth,
    /// Time of a small collective message between two devices, seconds.
    LinkLatency,
    /// Time between two kernels, seconds.
    KernelLaunch,
    /// Host time of one scheduler step, seconds.
    StepOverhead,
    /// Host time of one request, seconds.
    RequestOverhead,
    /// Share of communication hidden behind computation.
    CommunicationOverlap,
    /// Share of the range from idle to TDP that is drawn when memory is the bound.
    PowerMemoryBound,
    /// Share of the range from idle to TDP that is drawn when arithmetic is the bound.
    PowerComputeBound,
    /// Memory of context and libraries on one device, bytes.
    ContextMemory,
    /// Share of the cache lost to fragmentation.
    KvFragmentation,
    /// Power of a host node, watts.
    HostPower,
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

/// A term with the interval it was given.
#[derive(Debug, Clone, PartialEq)]
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
    /// blake3 of its text, hex.
    pub blake3: String,
    /// Level of the terms' intervals.
    pub level: f64,
    /// Terms by name, narrowest scope first.
    pub terms: BTreeMap<TermName, Vec<Term>>,
}
