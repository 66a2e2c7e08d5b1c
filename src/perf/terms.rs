//! The pack's terms for one device and runtime, slow and fast ends told apart.

use super::spread::Spread;
use crate::catalog::{AttentionKind, Device, DeviceClass, ModelKind};
use crate::record::{
    Calibration, NotModelled, Shifts, Term, TermName, TermPlace, TermRange, TermValue, shifted,
};
use crate::scenario::{RuntimeName, System};
use crate::stats::math;

/// Reads terms of a pack for one device and runtime.
#[derive(Debug, Clone, Copy)]
pub struct Terms<'a> {
    pack: &'a Calibration,
    place: TermPlace<'a>,
    shifts: Shifts,
    /// Half-width of the logarithm of what takes time; `None`: the terms' own intervals.
    pace: Option<f64>,
}

impl<'a> Terms<'a> {
    /// The terms that hold for a device alone, as for a kernel outside of any runtime: as cited, since shifts were fitted on runs.
    pub fn new(pack: &'a Calibration, device: &'a Device) -> Self {
        Self {
            pack,
            place: TermPlace {
                device: &device.id,
                class: class_name(device.class),
                architecture: &device.architecture,
                ..TermPlace::ANY
            },
            shifts: [0.0; TermName::ALL.len()],
            pace: None,
        }
    }

    /// The terms that hold for a device under the software and the number formats of a system.
    pub fn under(pack: &'a Calibration, device: &'a Device, system: &'a System) -> Self {
        let place = place(device, system);
        let pace = pack.widths.as_ref();
        Self {
            pack,
            place,
            shifts: pack.effects.at(place),
            pace: pace.map(|widths| widths.pace(place.program, pack.effects.support(place))),
        }
    }

    /// The software; empty outside of any.
    pub const fn program(&self) -> &'a str {
        self.place.program
    }

    /// The edition of the software; empty where it is not stated.
    pub const fn version(&self) -> &'a str {
        self.place.version
    }

    /// A term with its ends: a larger efficiency is faster, a larger amount of time slower.
    ///
    /// # Errors
    ///
    /// [`NotModelled::MissingFact`] naming the pack and the term.
    pub fn get(&self, name: TermName) -> Result<Spread, NotModelled> {
        let term = self.moved(name, self.cited(name)?.value);
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

    /// The term itself, with its source: as cited, moved by what was fitted for this place.
    ///
    /// # Errors
    ///
    /// [`NotModelled::MissingFact`] naming the pack and the term.
    pub fn term(&self, name: TermName) -> Result<Term, NotModelled> {
        let cited = self.cited(name)?;
        let value = self.moved(name, cited.value);
        let source = if self.shifts[name.index()] == 0.0 {
            cited.source.clone()
        } else {
            format!(
                "fitted on runs from {}; {}",
                cited.value.value, cited.source
            )
        };
        Ok(Term {
            name,
            value,
            source,
            scope: cited.scope.clone(),
        })
    }

    /// The term as cited; that of other weights stands in for the weights of experts.
    fn cited(&self, name: TermName) -> Result<&'a Term, NotModelled> {
        let cited = self.pack.term(name, self.place).or_else(|| {
            let of_experts = name == TermName::ExpertBandwidth;
            let stands_in = of_experts.then_some(TermName::WeightBandwidth)?;
            self.pack.term(stands_in, self.place)
        });
        cited.ok_or_else(|| NotModelled::MissingFact {
            entry: self.pack.name.clone(),
            fact: name.name(),
        })
    }

    fn moved(&self, name: TermName, cited: TermValue) -> TermValue {
        let range = name.range();
        let shift = self.shifts[name.index()];
        let value = shifted(range, cited.value, shift);
        match (self.pace, name.is_of_time()) {
            (Some(pace), true) => {
                let (mut less, mut more) = (value * math::exp(-pace), value * math::exp(pace));
                if shift == 0.0 {
                    // What no run said anything of is known no better than documents say.
                    (less, more) = (less.min(cited.lower), more.max(cited.upper));
                }
                TermValue {
                    value,
                    lower: less,
                    upper: match range {
                        TermRange::Efficiency | TermRange::Share => more.min(1.0).max(value),
                        TermRange::Amount => more,
                    },
                }
            }
            (Some(_) | None, _) => TermValue {
                value,
                lower: shifted(range, cited.lower, shift),
                upper: shifted(range, cited.upper, shift),
            },
        }
    }
}

/// What of a version tells releases apart: `0.11` of `0.11.2rc1`, the first word of what is no number.
pub fn edition(version: &str) -> &str {
    let word = version.split_whitespace().next().unwrap_or_default();
    if !word.starts_with(|first: char| first.is_ascii_digit()) {
        return word;
    }
    let second = word.find('.').map_or(word.len(), |dot| {
        let after = &word[dot + 1..];
        let digits = after
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(after.len());
        dot + 1 + digits
    });
    &word[..second]
}

/// Where a device works under the software and the number formats of a system.
pub fn place<'a>(device: &'a Device, system: &'a System) -> TermPlace<'a> {
    let runtime = runtime_name(system.runtime.name);
    let program = system.runtime.program.as_str();
    TermPlace {
        device: &device.id,
        class: class_name(device.class),
        architecture: &device.architecture,
        runtime,
        program: if program.is_empty() { runtime } else { program },
        version: system.runtime.version.as_deref().map_or("", edition),
        precision: system.precision.weights.name(),
        model: &system.model.model.id,
        kind: kind(&system.model.model.kind),
    }
}

/// What models of a kind have in common, for packs: how their layers mix tokens and whether they route.
const fn kind(model: &ModelKind) -> &'static str {
    match model {
        ModelKind::Network(_) => "network",
        ModelKind::Transformer(model) => {
            match (&model.recurrent, &model.experts, &model.attention.kind) {
                (Some(_), _, _) => "recurrent",
                (None, Some(_), AttentionKind::Latent { .. }) => "latent-experts",
                (None, Some(_), AttentionKind::Full | AttentionKind::Sliding { .. }) => "experts",
                (None, None, _) => "dense",
            }
        }
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
