//! One run of a network on a device, as fitted models see it.

use std::sync::Arc;

use crate::catalog::Device;

macro_rules! scenarios {
    ($($variant:ident $name:literal $meaning:literal,)+) => {
        /// How the load of a network was made; names are those of measurement rows.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum NetworkScenario {
            $(#[doc = $meaning] $variant,)+
        }

        impl NetworkScenario {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The name in rows.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }
        }
    };
}

scenarios! {
    SingleStream "singlestream" "one sample at a time",
    LivePreprocessing "singlestream-live-preproc" "one sample at a time, with preprocessing",
    MultiStream "multistream" "queries of several samples, one at a time",
    Throughput "throughput" "batches of a stated size, one after the other",
    AutoThroughput "throughput-auto" "batches and streams that the software chooses",
    Batch "batch" "one batch of a stated size",
    Offline "offline" "all samples at once, batches of an unknown size",
    Server "server" "samples at random times, under a bound on latency",
    RealTime "real-time" "requests of a stated size, several in flight",
    Generation "batch-generation" "whole images or videos",
    DenoiseStep "denoise-step" "one step of a diffusion model",
    Transcription "transcribe-file" "a whole audio file",
}

impl NetworkScenario {
    /// The scenario of a name in rows.
    pub fn from_name(name: &str) -> Option<Self> {
        let rows = Self::ALL.iter().copied();
        rows.filter(|scenario| *scenario != Self::AutoThroughput)
            .find(|scenario| scenario.name() == name)
    }

    /// A throughput without a stated batch is one that the software chose.
    pub fn with_batch(self, batch: Option<f64>) -> Self {
        if self == Self::Throughput && batch.is_none() {
            Self::AutoThroughput
        } else {
            self
        }
    }

    /// Whether samples run in batches whose size nobody states, however many are in flight.
    pub const fn hides_batch(self) -> bool {
        match self {
            Self::AutoThroughput | Self::Offline | Self::Server => true,
            Self::SingleStream
            | Self::LivePreprocessing
            | Self::MultiStream
            | Self::Throughput
            | Self::Batch
            | Self::RealTime
            | Self::Generation
            | Self::DenoiseStep
            | Self::Transcription => false,
        }
    }
}

/// What part of a device computes; devices of one kind behave alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Engine {
    /// A GPU of a data centre.
    DatacenterGpu,
    /// A GPU of a workstation, in packs that were written before 27 November 2026: its cards carry the chips of personal computers and count as those.
    WorkstationGpu,
    /// A GPU of a personal computer.
    ConsumerGpu,
    /// A GPU beside the cores of a desktop processor.
    IntegratedGpu,
    /// The GPU of a Jetson.
    JetsonGpu,
    /// The GPU of a phone or a small board.
    MobileGpu,
    /// Apple silicon.
    Apple,
    /// Cores of a processor.
    Cpu,
    /// Cores of a phone or a small board.
    MobileCpu,
    /// A matrix unit of a phone.
    MobileNpu,
    /// A matrix unit of its own.
    Npu,
    /// A microcontroller.
    Mcu,
    /// An accelerator card that is no GPU.
    Asic,
    /// A TPU.
    Tpu,
}

impl Engine {
    /// All of them.
    pub const ALL: [Self; 14] = [
        Self::DatacenterGpu,
        Self::WorkstationGpu,
        Self::ConsumerGpu,
        Self::IntegratedGpu,
        Self::JetsonGpu,
        Self::MobileGpu,
        Self::Apple,
        Self::Cpu,
        Self::MobileCpu,
        Self::MobileNpu,
        Self::Npu,
        Self::Mcu,
        Self::Asic,
        Self::Tpu,
    ];

    /// The name in packs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::DatacenterGpu => "datacenter-gpu",
            Self::WorkstationGpu => "workstation-gpu",
            Self::ConsumerGpu => "consumer-gpu",
            Self::IntegratedGpu => "integrated-gpu",
            Self::JetsonGpu => "jetson-gpu",
            Self::MobileGpu => "mobile-gpu",
            Self::Apple => "apple",
            Self::Cpu => "cpu",
            Self::MobileCpu => "mobile-cpu",
            Self::MobileNpu => "mobile-npu",
            Self::Npu => "npu",
            Self::Mcu => "mcu",
            Self::Asic => "asic",
            Self::Tpu => "tpu",
        }
    }

    /// The engine of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|engine| engine.name() == name)
    }

    /// Whether threads are those of its cores.
    pub fn is_cores(self) -> bool {
        matches!(self, Self::Cpu | Self::MobileCpu)
    }
}

/// What a network is for, coarsely.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the names are those of the tasks")]
pub enum NetworkTask {
    Classification,
    Detection,
    Segmentation,
    Language,
    Diffusion,
    Speech,
    Recommendation,
    Other,
    Unstated,
}

impl NetworkTask {
    /// The name in packs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Classification => "classification",
            Self::Detection => "detection",
            Self::Segmentation => "segmentation",
            Self::Language => "language",
            Self::Diffusion => "diffusion",
            Self::Speech => "speech",
            Self::Recommendation => "recommendation",
            Self::Other => "other",
            Self::Unstated => "unstated",
        }
    }
}

/// What is known of a network's cost for one sample; `None` is unknown, never zero.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct NetworkFacts {
    /// Parameters.
    pub params: Option<f64>,
    /// Multiply-adds.
    pub macs: Option<f64>,
    /// Elements of activations.
    pub activations: Option<f64>,
    /// Pixels of the input.
    pub pixels: Option<f64>,
}

/// The load of a run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NetworkLoad {
    /// How it was made.
    pub scenario: NetworkScenario,
    /// Samples together; `None` is not stated.
    pub batch: Option<f64>,
    /// Devices of the system.
    pub devices: u32,
    /// Threads of a processor; `None` is not stated.
    pub threads: Option<f64>,
    /// Steps of a diffusion model, one after the other; one for all others.
    pub steps: f64,
    /// Power limit that was set on each device, watts; `None` is that of its datasheet.
    pub power_limit: Option<f64>,
}

/// What of a run was measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the names are those of the statistics")]
pub enum NetworkStat {
    /// Samples in a second.
    Rate,
    Mean,
    P50,
    P90,
    P99,
}

impl NetworkStat {
    /// The name in packs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rate => "rate",
            Self::Mean => "mean",
            Self::P50 => "p50",
            Self::P90 => "p90",
            Self::P99 => "p99",
        }
    }
}

/// Names that effects hang on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NetworkNames {
    /// The network, one name for all collections.
    pub network: String,
    /// Its family.
    pub family: String,
    /// Its input, as stated.
    pub input: String,
    /// What it is for.
    pub task: NetworkTask,
    /// Software without its version.
    pub software: String,
    /// How it was compiled, the layout of tensors, and what part of the device ran it.
    pub mode: String,
    /// Software with its version.
    pub version: String,
    /// The board or system of a chip or a processor, where it has a name of its own.
    pub machine: String,
    /// Number format.
    pub precision: String,
}

/// One run of a network on a device.
#[derive(Debug, Clone, PartialEq)]
pub struct NetworkCall {
    /// The device.
    pub device: Arc<Device>,
    /// The part of it that computes.
    pub engine: Engine,
    /// Names.
    pub names: NetworkNames,
    /// The network's cost.
    pub facts: NetworkFacts,
    /// Whether `macs` are those of this very run, not of the longest input it may have.
    pub macs_are_exact: bool,
    /// The load.
    pub load: NetworkLoad,
    /// What was measured of it.
    pub stat: NetworkStat,
    /// Whether power is that of the accelerators alone, not that of the whole system.
    pub cards_alone: bool,
}

impl NetworkCall {
    /// Samples together, one where nobody says.
    pub fn batch(&self) -> f64 {
        self.load.batch.unwrap_or(1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scenarios_and_engines_read_back() {
        for scenario in NetworkScenario::ALL.iter().copied() {
            let found = NetworkScenario::from_name(scenario.name());
            let is_row = scenario != NetworkScenario::AutoThroughput;
            assert_eq!(found, is_row.then_some(scenario));
        }
        for engine in Engine::ALL {
            assert_eq!(Engine::from_name(engine.name()), Some(engine));
        }
    }
}
