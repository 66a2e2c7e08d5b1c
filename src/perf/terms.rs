//! The pack's terms for one device and runtime, slow and fast ends told apart.

use super::spread::Spread;
use crate::catalog::{Device, DeviceClass};
use crate::record::{Calibration, NotModelled, Term, TermName, TermPlace, TermRange};
use crate::scenario::RuntimeName;

/// Reads terms of a pack for one device and runtime.
#[derive(Debug, Clone, Copy)]
pub struct Terms<'a> {
    pack: &'a Calibration,
    place: TermPlace<'a>,
}

impl<'a> Terms<'a> {
    /// The terms that hold for a device under a runtime; `None` for a kernel without one.
    pub fn new(pack: &'a Calibration, device: &'a Device, runtime: Option<RuntimeName>) -> Self {
        let place = TermPlace {
            device: &device.id,
            class: class_name(device.class),
            runtime: runtime.map_or("", runtime_name),
            precision: "",
        };
        Self { pack, place }
    }

    /// A term with its ends: a larger efficiency is faster, a larger amount of time slower.
    ///
    /// # Errors
    ///
    /// [`NotModelled::MissingFact`] naming the pack and the term.
    pub fn get(&self, name: TermName) -> Result<Spread, NotModelled> {
        let term = self.term(name)?.value;
        Ok(match name.range() {
            TermRange::Efficiency | TermRange::Share => {
                Spread::new(term.value, term.lower, term.upper)
            }
            TermRange::Amount => Spread::new(term.value, term.upper, term.lower),
        })
    }

    /// A term with its ends, where the pack has it.
    pub fn find(&self, name: TermName) -> Option<Spread> {
        self.get(name).ok()
    }

    /// The term itself, with its source.
    ///
    /// # Errors
    ///
    /// [`NotModelled::MissingFact`] naming the pack and the term.
    pub fn term(&self, name: TermName) -> Result<&'a Term, NotModelled> {
        self.pack
            .term(name, self.place)
            .ok_or_else(|| NotModelled::MissingFact {
                entry: self.pack.name.clone(),
                fact: name.name(),
            })
    }
}

/// The name of a class as packs write it.
pub const fn class_name(class: DeviceClass) -> &'static str {
    match class {
        DeviceClass::DatacenterGpu => "datacenter-gpu",
        DeviceClass::WorkstationGpu => "workstation-gpu",
        DeviceClass::ConsumerGpu => "consumer-gpu",
        DeviceClass::AppleSoc => "apple-soc",
        DeviceClass::Cpu => "cpu",
        DeviceClass::EdgeSoc => "edge-soc",
        DeviceClass::Mcu => "mcu",
        DeviceClass::Npu => "npu",
        DeviceClass::Asic => "asic",
        DeviceClass::Tpu => "tpu",
    }
}

/// The name of a runtime as packs write it.
pub const fn runtime_name(runtime: RuntimeName) -> &'static str {
    match runtime {
        RuntimeName::Generic => "generic",
        RuntimeName::Vllm => "vllm",
        RuntimeName::Sglang => "sglang",
        RuntimeName::TensorrtLlm => "tensorrt-llm",
        RuntimeName::LlamaCpp => "llama.cpp",
        RuntimeName::Onnxruntime => "onnxruntime",
        RuntimeName::Tensorrt => "tensorrt",
        RuntimeName::Pytorch => "pytorch",
        RuntimeName::Openvino => "openvino",
        RuntimeName::Ncnn => "ncnn",
    }
}
