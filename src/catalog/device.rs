//! One accelerator, processor or microcontroller, as its datasheet states it.

use crate::units::{Bytes, BytesPerSec, FlopsPerSec, Hertz, Watts};

/// What arithmetic a peak rate is stated for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the names are those of the number types")]
pub enum Arithmetic {
    Fp64,
    Fp32,
    Tf32,
    Bf16,
    Fp16,
    Fp8,
    Fp4,
    Int8,
    Int4,
}

/// The kind of device; it chooses defaults of a family, never a result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the names are those of the classes")]
pub enum DeviceClass {
    DatacenterGpu,
    WorkstationGpu,
    ConsumerGpu,
    AppleSoc,
    Cpu,
    EdgeSoc,
    Mcu,
    Npu,
    Asic,
    Tpu,
}

impl DeviceClass {
    /// Every class with its name in tables.
    pub const ALL: [(&'static str, Self); 10] = [
        ("datacenter-gpu", Self::DatacenterGpu),
        ("workstation-gpu", Self::WorkstationGpu),
        ("consumer-gpu", Self::ConsumerGpu),
        ("apple-soc", Self::AppleSoc),
        ("cpu", Self::Cpu),
        ("edge-soc", Self::EdgeSoc),
        ("mcu", Self::Mcu),
        ("npu", Self::Npu),
        ("asic", Self::Asic),
        ("tpu", Self::Tpu),
    ];

    /// The name in tables.
    pub const fn name(self) -> &'static str {
        match self {
            Self::DatacenterGpu => "datacenter-gpu",
            Self::WorkstationGpu => "workstation-gpu",
            Self::ConsumerGpu => "consumer-gpu",
            Self::AppleSoc => "apple-soc",
            Self::Cpu => "cpu",
            Self::EdgeSoc => "edge-soc",
            Self::Mcu => "mcu",
            Self::Npu => "npu",
            Self::Asic => "asic",
            Self::Tpu => "tpu",
        }
    }
}

/// How far a fact can be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Confidence {
    /// A single informal source.
    Low,
    /// A public document quoted from memory, or a stated derivation.
    Medium,
    /// A stored public copy agrees, or the vendor's page was read.
    High,
}

/// Where the facts of an entry come from.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Provenance {
    /// The document, table or repository.
    pub source: String,
    /// When it was read or made, `YYYY`, `YYYY-MM` or `YYYY-MM-DD`.
    pub as_of: String,
    /// How far it can be trusted; `None` when the table does not say.
    pub confidence: Option<Confidence>,
    /// Conditions and derivations.
    pub notes: String,
}

/// Dense peak rates of one device; `None` is not stated, which is not the same as not supported.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
#[expect(missing_docs, reason = "one field for each arithmetic")]
pub struct Peaks {
    pub fp64: Option<FlopsPerSec>,
    pub fp32: Option<FlopsPerSec>,
    pub tf32: Option<FlopsPerSec>,
    pub bf16: Option<FlopsPerSec>,
    pub fp16: Option<FlopsPerSec>,
    /// fp16 with fp16 accumulation, where that is faster (GeForce).
    pub fp16_acc16: Option<FlopsPerSec>,
    pub fp8: Option<FlopsPerSec>,
    pub fp4: Option<FlopsPerSec>,
    pub int8: Option<FlopsPerSec>,
    pub int4: Option<FlopsPerSec>,
}

impl Peaks {
    /// The dense peak stated for an arithmetic.
    pub const fn stated(&self, arithmetic: Arithmetic) -> Option<FlopsPerSec> {
        match arithmetic {
            Arithmetic::Fp64 => self.fp64,
            Arithmetic::Fp32 => self.fp32,
            Arithmetic::Tf32 => self.tf32,
            Arithmetic::Bf16 => self.bf16,
            Arithmetic::Fp16 => self.fp16,
            Arithmetic::Fp8 => self.fp8,
            Arithmetic::Fp4 => self.fp4,
            Arithmetic::Int8 => self.int8,
            Arithmetic::Int4 => self.int4,
        }
    }
}

/// The kind of fabric between devices of one node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the names are those of the fabrics")]
pub enum FabricKind {
    Nvlink,
    Xgmi,
    Pcie,
    Other,
}

impl FabricKind {
    /// Every kind with its name in tables.
    pub const ALL: [(&'static str, Self); 4] = [
        ("nvlink", Self::Nvlink),
        ("xgmi", Self::Xgmi),
        ("pcie", Self::Pcie),
        ("other", Self::Other),
    ];

    /// The name in tables.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Nvlink => "nvlink",
            Self::Xgmi => "xgmi",
            Self::Pcie => "pcie",
            Self::Other => "other",
        }
    }
}

/// The link of one device to its neighbours.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fabric {
    /// Its kind.
    pub kind: FabricKind,
    /// Bandwidth of one device, one direction.
    pub bandwidth_per_direction: BytesPerSec,
}

/// The link of a device to its host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pcie {
    /// PCI Express generation.
    pub generation: u8,
    /// Lanes.
    pub lanes: u8,
}

impl Pcie {
    /// One direction: lanes times the rate of a lane after line coding (PCI-SIG base specifications 1.0 to 6.0: 0.25, 0.5, 0.985,
    /// 1.969, 3.938, 7.563 GB/s a lane); `None` of other generations.
    pub fn rate(self) -> Option<BytesPerSec> {
        let lane = match self.generation {
            1 => 0.25e9,
            2 => 0.5e9,
            3 => 0.985e9,
            4 => 1.969e9,
            5 => 3.938e9,
            6 => 7.563e9,
            _ => return None,
        };
        Some(BytesPerSec::new(lane * f64::from(self.lanes)))
    }
}

/// What only microcontrollers state.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Mcu {
    /// Static memory.
    pub sram: Option<Bytes>,
    /// Program memory.
    pub flash: Option<Bytes>,
    /// Power while running.
    pub active_power: Option<Watts>,
    /// Power while asleep.
    pub sleep_power: Option<Watts>,
    /// int8 multiply-adds of the whole chip per clock.
    pub int8_macs_per_cycle: Option<f64>,
}

/// One device.
#[derive(Debug, Clone, PartialEq)]
pub struct Device {
    /// Catalogue id, lower case.
    pub id: String,
    /// Maker.
    pub vendor: String,
    /// Marketing name.
    pub name: String,
    /// Kind.
    pub class: DeviceClass,
    /// Microarchitecture as the maker names it.
    pub architecture: String,
    /// Year of release.
    pub year: Option<u16>,
    /// Device memory; for a CPU the memory of its usual configuration, where stated.
    pub memory: Option<Bytes>,
    /// Kind of memory.
    pub memory_type: String,
    /// Peak memory rate.
    pub memory_bandwidth: Option<BytesPerSec>,
    /// Dense peaks.
    pub peaks: Peaks,
    /// Streaming multiprocessors, compute units or cores.
    pub cores: Option<u32>,
    /// Boost clock.
    pub boost_clock: Option<Hertz>,
    /// Base clock.
    pub base_clock: Option<Hertz>,
    /// Last-level cache on the accelerator.
    pub l2: Option<Bytes>,
    /// Cache beyond the second level: L3 of a processor, Infinity Cache of a Radeon or Instinct.
    pub l3: Option<Bytes>,
    /// First-level cache of one core.
    pub l1_per_core: Option<Bytes>,
    /// Thermal design (board) power.
    pub tdp: Option<Watts>,
    /// Power with nothing running.
    pub idle_power: Option<Watts>,
    /// Link to neighbours in the node.
    pub fabric: Option<Fabric>,
    /// Link to the host.
    pub pcie: Option<Pcie>,
    /// What only microcontrollers state.
    pub mcu: Mcu,
    /// Launch price in USD.
    pub launch_price_usd: Option<f64>,
    /// Where the facts come from.
    pub provenance: Provenance,
}
