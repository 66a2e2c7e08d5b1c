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
use super::effect_scope::{EffectScope, without_year};
use super::effect_support::EffectSupport;
use crate::stats::math;

/// Shifts of all terms, by [`TermName::index`].
pub type Shifts = [f64; TermName::ALL.len()];

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
        let mut add = |shifts: &Shifts, share: f64| {
            for (sum, shift) in sum.iter_mut().zip(shifts) {
                *sum += share * shift;
            }
        };
        for scope in EffectScope::ALL {
            match scope.key(place).and_then(|key| self.by_scope.get(&key)) {
                Some(shifts) => add(shifts, 1.0),
                None if scope == EffectScope::DeviceBackend => {
                    let backends = self.backends(place);
                    let share = 1.0 / backends.len().max(1) as f64;
                    for shifts in backends {
                        add(shifts, share);
                    }
                }
                None => {}
            }
        }
        sum
    }

    /// Shifts of the backend of a place in other years, else of all backends that were measured on its device: where nobody says which
    /// computes, each is as likely.
    fn backends(&self, place: TermPlace<'_>) -> Vec<&Shifts> {
        let key = |version: &str| EffectScope::DeviceBackend.key(TermPlace { version, ..place });
        let backend = key(without_year(place.version)).unwrap_or_default();
        let same = self.starting_with(&backend);
        let same = same.filter(|(key, _)| without_year(key) == backend);
        let same: Vec<&Shifts> = same.map(|(_, shifts)| shifts).collect();
        if !same.is_empty() {
            return same;
        }
        let device = key("-").unwrap_or_default();
        let all = self.starting_with(device.trim_end_matches('-'));
        all.map(|(_, shifts)| shifts).collect()
    }

    /// Scopes whose keys start with the same words; none that start with nothing.
    fn starting_with(&self, start: &str) -> impl Iterator<Item = (&String, &Shifts)> {
        let from = self.by_scope.range(start.to_owned()..);
        from.take_while(move |(key, _)| !start.is_empty() && key.starts_with(start))
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
    fn a_backend_that_nobody_names_is_the_mean_of_those_measured() {
        let found = effects(&[
            ("device=h100 program=llama.cpp backend=hip-2025", 1.0),
            ("device=h100 program=llama.cpp backend=hip-fa-2025", 9.0),
            ("device=h100 program=llama.cpp backend=vulkan-fa", 2.0),
            ("device=h1000 program=llama.cpp backend=hip", 70.0),
        ]);
        let at = |version| {
            let place = TermPlace {
                runtime: "llama.cpp",
                program: "llama.cpp",
                version,
                ..PLACE
            };
            found.at(place)[0]
        };
        assert!((at("hip-2026") - 1.0).abs() < 1e-12, "of another year");
        assert!((at("vulkan-fa") - 2.0).abs() < 1e-12);
        assert!((at("") - 4.0).abs() < 1e-12);
        assert!((at("b6900") - 4.0).abs() < 1e-12);
        assert_eq!(found.at(PLACE)[0], 0.0);
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
