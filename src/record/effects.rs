//! Fitted shifts of efficiency terms, by where they hold.
//!
//! A cited term says what published documents span for a class of devices. What measurements of runs add is a sum of shifts on
//! the term's link scale, from wide scopes (all devices) to narrow ones (a device under a program with a number format):
//!
//! `g(term at a place) = g(cited term) + Σ shift(scope that holds at the place)`
//!
//! with `g` the logit of efficiencies and shares and the logarithm of amounts, so that no sum of shifts takes an efficiency to
//! its peak. A scope that was not fitted shifts nothing, so a new device is predicted by its architecture and class.

use std::collections::BTreeMap;

use super::calibration::{TermName, TermPlace, TermRange};
use super::effect_support::EffectSupport;
use crate::stats::math;

/// Shifts of all terms, by [`TermName::index`].
pub type Shifts = [f64; TermName::ALL.len()];

/// What of a place a shift depends on, from wide to narrow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EffectScope {
    /// Nothing.
    All,
    /// Class of the device.
    Class,
    /// Its architecture.
    Architecture,
    /// The device.
    Device,
    /// Runtime as modelled.
    Runtime,
    /// Software.
    Program,
    /// Software with its version.
    ProgramVersion,
    /// Number format of the weights.
    Format,
    /// Class and software.
    ClassProgram,
    /// Architecture and software.
    ArchitectureProgram,
    /// Device and software.
    DeviceProgram,
    /// Software and format.
    ProgramFormat,
    /// Architecture and format.
    ArchitectureFormat,
    /// Kind of model and software.
    KindProgram,
    /// Kind of model, software and version.
    KindProgramVersion,
    /// Kind of model, software and format.
    KindProgramFormat,
    /// Kind of model, device and software.
    KindDeviceProgram,
    /// Architecture, software and format.
    ArchitectureProgramFormat,
    /// Device, software and format.
    DeviceProgramFormat,
    /// Model.
    Model,
    /// Model and software.
    ModelProgram,
    /// Device, model and software.
    DeviceModelProgram,
}

impl EffectScope {
    /// All, from wide to narrow.
    pub const ALL: [Self; 22] = [
        Self::All,
        Self::Class,
        Self::Architecture,
        Self::Device,
        Self::Runtime,
        Self::Program,
        Self::ProgramVersion,
        Self::Format,
        Self::ClassProgram,
        Self::ArchitectureProgram,
        Self::DeviceProgram,
        Self::ProgramFormat,
        Self::ArchitectureFormat,
        Self::KindProgram,
        Self::KindProgramVersion,
        Self::KindProgramFormat,
        Self::KindDeviceProgram,
        Self::ArchitectureProgramFormat,
        Self::DeviceProgramFormat,
        Self::Model,
        Self::ModelProgram,
        Self::DeviceModelProgram,
    ];

    /// The scope at a place as packs write it, `device=h100-sxm5-80gb program=vllm`; `None` where the place does not say what
    /// the scope depends on.
    pub fn key(self, place: TermPlace<'_>) -> Option<String> {
        let class = ("class", place.class);
        let architecture = ("architecture", place.architecture);
        let device = ("device", place.device);
        let runtime = ("runtime", place.runtime);
        let program = ("program", place.program);
        let version = ("version", place.version);
        let format = ("format", place.precision);
        let model = ("model", place.model);
        let kind = ("kind", place.kind);
        match self {
            Self::All => Some("all".to_owned()),
            Self::Class => joined(&[class]),
            Self::Architecture => joined(&[architecture]),
            Self::Device => joined(&[device]),
            Self::Runtime => joined(&[runtime]),
            Self::Program => joined(&[program]),
            Self::ProgramVersion => joined(&[program, version]),
            Self::Format => joined(&[format]),
            Self::ClassProgram => joined(&[class, program]),
            Self::ArchitectureProgram => joined(&[architecture, program]),
            Self::DeviceProgram => joined(&[device, program]),
            Self::ProgramFormat => joined(&[program, format]),
            Self::ArchitectureFormat => joined(&[architecture, format]),
            Self::KindProgram => joined(&[kind, program]),
            Self::KindProgramVersion => joined(&[kind, program, version]),
            Self::KindProgramFormat => joined(&[kind, program, format]),
            Self::KindDeviceProgram => joined(&[kind, device, program]),
            Self::ArchitectureProgramFormat => joined(&[architecture, program, format]),
            Self::DeviceProgramFormat => joined(&[device, program, format]),
            Self::Model => joined(&[model]),
            Self::ModelProgram => joined(&[model, program]),
            Self::DeviceModelProgram => joined(&[device, model, program]),
        }
    }
}

fn joined(parts: &[(&str, &str)]) -> Option<String> {
    let mut key = String::with_capacity(48);
    for (name, value) in parts {
        if value.is_empty() {
            return None;
        }
        if !key.is_empty() {
            key.push(' ');
        }
        key.push_str(name);
        key.push('=');
        key.push_str(value);
    }
    Some(key)
}

/// Shifts by scope.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Effects {
    by_scope: BTreeMap<String, Shifts>,
}

impl Effects {
    /// Shifts under the keys of their scopes.
    pub const fn new(by_scope: BTreeMap<String, Shifts>) -> Self {
        Self { by_scope }
    }

    /// All of them.
    pub const fn by_scope(&self) -> &BTreeMap<String, Shifts> {
        &self.by_scope
    }

    /// These shifts with others added.
    #[must_use]
    pub fn plus(&self, others: &Self) -> Self {
        let mut by_scope = self.by_scope.clone();
        for (scope, shifts) in &others.by_scope {
            let sum = by_scope
                .entry(scope.clone())
                .or_insert([0.0; TermName::ALL.len()]);
            for (sum, shift) in sum.iter_mut().zip(shifts) {
                *sum += shift;
            }
        }
        Self { by_scope }
    }

    /// The sum of the shifts that hold at a place.
    pub fn at(&self, place: TermPlace<'_>) -> Shifts {
        let mut sum = [0.0; TermName::ALL.len()];
        if self.by_scope.is_empty() {
            return sum;
        }
        for scope in EffectScope::ALL {
            let shifts = scope.key(place).and_then(|key| self.by_scope.get(&key));
            for (sum, shift) in sum.iter_mut().zip(shifts.into_iter().flatten()) {
                *sum += shift;
            }
        }
        sum
    }

    /// How much of a place the fit has seen.
    pub fn support(&self, place: TermPlace<'_>) -> EffectSupport {
        let knows = |scope: EffectScope| {
            let key = scope.key(place);
            key.is_some_and(|key| self.by_scope.contains_key(&key))
        };
        if knows(EffectScope::DeviceProgram) {
            EffectSupport::Pair
        } else if knows(EffectScope::Device) {
            EffectSupport::Device
        } else if knows(EffectScope::ArchitectureProgram) || knows(EffectScope::ClassProgram) {
            EffectSupport::Family
        } else {
            EffectSupport::Nothing
        }
    }

    /// True where the fit has seen the model on the device under the software and, where it is stated, its version, and the number
    /// format on the device under the software.
    pub fn knows_group(&self, place: TermPlace<'_>) -> bool {
        let knows = |scope: EffectScope| {
            let key = scope.key(place);
            key.is_some_and(|key| self.by_scope.contains_key(&key))
        };
        knows(EffectScope::DeviceModelProgram)
            && knows(EffectScope::DeviceProgramFormat)
            && (place.version.is_empty() || knows(EffectScope::ProgramVersion))
    }
}

/// A value moved on its link scale.
///
/// An amount of nothing stays nothing; a share is kept a ten-thousandth from nothing and an efficiency from its peak.
pub fn shifted(range: TermRange, value: f64, shift: f64) -> f64 {
    if shift == 0.0 {
        return value;
    }
    match range {
        TermRange::Amount => value * math::exp(shift),
        TermRange::Efficiency | TermRange::Share => {
            let inside = value.clamp(EDGE, 1.0 - EDGE);
            let odds = inside / (1.0 - inside) * math::exp(shift);
            (odds / (1.0 + odds)).clamp(EDGE, 1.0)
        }
    }
}

/// The shift that takes a value to another; `None` where no shift does: from or to an amount of nothing, or where both are one.
///
/// Values are held as [`shifted`] holds them, so that shares and efficiencies end a ten-thousandth from nothing and all.
pub fn shift_between(range: TermRange, from: f64, to: f64) -> Option<f64> {
    let link = |value: f64| match range {
        TermRange::Amount => math::ln(value),
        TermRange::Efficiency | TermRange::Share => {
            let inside = value.clamp(EDGE, 1.0 - EDGE);
            math::ln(inside / (1.0 - inside))
        }
    };
    let shift = link(to) - link(from);
    (shift.is_finite() && shift != 0.0).then_some(shift)
}

/// Shares nearer to nothing or all than this are not told apart from it.
const EDGE: f64 = 1e-4;

#[cfg(test)]
mod tests {
    use super::*;

    const PLACE: TermPlace<'static> = TermPlace {
        device: "h100",
        class: "datacenter-gpu",
        architecture: "Hopper",
        runtime: "vllm",
        program: "vllm",
        version: "",
        precision: "fp8",
        model: "",
        kind: "",
    };

    fn effects(scopes: &[(&str, f64)]) -> Effects {
        let of = |shift: f64| [shift; TermName::ALL.len()];
        let by_scope = scopes
            .iter()
            .map(|(key, shift)| ((*key).to_owned(), of(*shift)));
        Effects::new(by_scope.collect())
    }

    #[test]
    fn shifts_of_all_scopes_that_hold_add_up() {
        let found = effects(&[
            ("all", 1.0),
            ("device=h100 program=vllm", 0.25),
            ("device=a100", 7.0),
            ("program=vllm version=", 7.0),
        ]);
        assert!((found.at(PLACE)[0] - 1.25).abs() < 1e-12);
    }

    #[test]
    fn no_shift_takes_an_efficiency_past_its_peak() {
        for value in [1e-5, 0.3, 0.999, 1.0] {
            for shift in [-40.0, -1.0, 1.0, 40.0] {
                let found = shifted(TermRange::Efficiency, value, shift);
                assert!(
                    TermRange::Efficiency.allows(found),
                    "{value} {shift} {found}"
                );
            }
        }
        assert!((shifted(TermRange::Amount, 2.0, math::ln(3.0)) - 6.0).abs() < 1e-12);
    }

    #[test]
    fn a_shift_between_two_values_leads_from_one_to_the_other() {
        for (range, from, to) in [
            (TermRange::Efficiency, 0.7, 0.9),
            (TermRange::Share, 0.5, 0.1),
            (TermRange::Amount, 3e-6, 8e-6),
        ] {
            let shift = shift_between(range, from, to).expect("the values differ");
            assert!((shifted(range, from, shift) - to).abs() < 1e-12 * to.max(1.0));
        }
        assert_eq!(shift_between(TermRange::Amount, 0.0, 1.0), None);
        assert_eq!(shift_between(TermRange::Share, 0.5, 0.5), None);
    }

    #[test]
    fn support_falls_from_the_pair_to_nothing() {
        let pair = effects(&[("device=h100 program=vllm", 0.0)]);
        assert_eq!(pair.support(PLACE), EffectSupport::Pair);
        assert_eq!(
            effects(&[("device=h100", 0.0)]).support(PLACE),
            EffectSupport::Device
        );
        let family = effects(&[("class=datacenter-gpu program=vllm", 0.0)]);
        assert_eq!(family.support(PLACE), EffectSupport::Family);
        assert_eq!(Effects::default().support(PLACE), EffectSupport::Nothing);
    }

    #[test]
    fn a_group_is_known_with_its_format_and_its_stated_version() {
        let model = ("device=h100 model=m program=vllm", 0.0);
        let format = ("device=h100 program=vllm format=fp8", 0.0);
        let place = TermPlace {
            model: "m",
            ..PLACE
        };
        assert!(effects(&[model, format]).knows_group(place));
        assert!(!effects(&[model]).knows_group(place));
        assert!(!effects(&[format]).knows_group(place));
        let newer = TermPlace {
            version: "2",
            ..place
        };
        assert!(!effects(&[model, format]).knows_group(newer));
        let version = ("program=vllm version=2", 0.0);
        assert!(effects(&[model, format, version]).knows_group(newer));
    }
}
