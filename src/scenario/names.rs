//! Names of the language's closed lists, as scenarios and results write them.

use std::fmt;

use super::{AxisValue, Chart, EnergyScope, PdfStandard, Purchase, RuntimeName};

/// A closed list of names: `ALL`, `name` and `from_name` of an enum.
macro_rules! closed_list {
    ($type:ident { $($variant:ident $name:literal,)+ }) => {
        impl $type {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The name as documents write it.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// The one of that name.
            pub fn from_name(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.name() == name)
            }
        }
    };
}

pub(crate) use closed_list;

closed_list!(Chart {
    Pareto "pareto",
    ParetoLatency "pareto_latency",
    LatencyLoad "latency_load",
    Cost "cost",
    Memory "memory",
    Roofline "roofline",
    PredictedVsMeasured "predicted_vs_measured",
    Tornado "tornado",
    Energy "energy",
    FleetSize "fleet_size",
    BatchSweep "batch_sweep",
    Battery "battery",
    Offload "offload",
    Heatmap "heatmap",
    Surface "surface",
    StepBreakdown "step_breakdown",
    Scaling "scaling",
    CostDeadline "cost_deadline",
});

closed_list!(PdfStandard {
    Ua1 "pdf/ua-1",
    A2b "pdf/a-2b",
    A2u "pdf/a-2u",
    A2a "pdf/a-2a",
    A3b "pdf/a-3b",
    A3u "pdf/a-3u",
    A3a "pdf/a-3a",
    A4 "pdf/a-4",
});

closed_list!(Purchase {
    OnDemand "on_demand",
    Spot "spot",
    Reserved1y "reserved_1y",
    Reserved3y "reserved_3y",
    Owned "owned",
});

closed_list!(EnergyScope {
    Accelerator "accelerator",
    Host "host",
    Network "network",
    Board "board",
    Wall "wall",
});

closed_list!(RuntimeName {
    Generic "generic",
    Vllm "vllm",
    Sglang "sglang",
    TensorrtLlm "tensorrt-llm",
    LlamaCpp "llama.cpp",
    Onnxruntime "onnxruntime",
    Tensorrt "tensorrt",
    Pytorch "pytorch",
    Openvino "openvino",
    Ncnn "ncnn",
});

impl fmt::Display for AxisValue {
    /// As keys and tables print it; numbers in the shortest text that reads back.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool(value) => write!(f, "{value}"),
            Self::Int(value) => write!(f, "{value}"),
            Self::Float(value) => write!(f, "{value}"),
            Self::Text(value) => f.write_str(value),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_chart_reads_back() {
        for chart in Chart::ALL.iter().copied() {
            assert_eq!(Chart::from_name(chart.name()), Some(chart));
        }
    }
}
