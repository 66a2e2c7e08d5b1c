//! What effects a model of networks has: groups of runs, from wide to narrow, each with a constant and slopes.
//!
//! A run belongs to one group of every effect. The logarithm of its time is a sum over effects, so that a network seen elsewhere
//! brings its own cost to a device, and a device its own habits to a network. Spreads say how far groups of an effect differ
//! before anything was measured of them: a group with few rows stays near the wider ones.

use super::NetworkFeature as F;
use crate::record::NetworkCall;

/// What names a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are those of the fields of a call")]
pub enum Part {
    Device,
    Engine,
    Vendor,
    Architecture,
    Software,
    Mode,
    Version,
    Machine,
    Precision,
    Task,
    Family,
    Network,
    Input,
    Scenario,
    Stat,
}

impl Part {
    fn of(self, call: &NetworkCall) -> &str {
        match self {
            Self::Device => &call.device.id,
            Self::Engine => call.engine.name(),
            Self::Vendor => &call.device.vendor,
            Self::Architecture => &call.device.architecture,
            Self::Software => &call.names.software,
            Self::Mode => &call.names.mode,
            Self::Version => &call.names.version,
            Self::Machine => &call.names.machine,
            Self::Precision => &call.names.precision,
            Self::Task => call.names.task.name(),
            Self::Family => &call.names.family,
            Self::Network => &call.names.network,
            Self::Input => &call.names.input,
            Self::Scenario => call.load.scenario.name(),
            Self::Stat => call.stat.name(),
        }
    }
}

/// An effect.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Effect {
    /// Its name in packs.
    pub name: &'static str,
    /// What names its groups.
    pub parts: &'static [Part],
    /// Its features.
    pub features: &'static [F],
    /// Variance of the constant over groups.
    pub spread: f64,
    /// Variance of slopes over groups.
    pub slopes: f64,
}

/// The variance of what unknown multiply-adds do.
const UNKNOWN: f64 = 0.5;

impl Effect {
    /// The name of a run's group. Runs on no machine with a name of its own are one group of an effect of machines, without a name.
    pub fn key(&self, call: &NetworkCall) -> String {
        if self.parts.contains(&Part::Machine) && call.names.machine.is_empty() {
            return "|".repeat(self.parts.len() - 1);
        }
        let parts = self
            .parts
            .iter()
            .map(|part| part.of(call).replace(['|', '\n'], "/"));
        let parts: Vec<String> = parts.collect();
        parts.join("|")
    }

    /// The variance of a feature's coefficient over groups, before measurements.
    pub fn variance(&self, feature: F) -> f64 {
        match feature {
            F::One => self.spread,
            F::NoMacs => UNKNOWN,
            // Time that does not shrink is felt by small runs alone.
            F::Floor1 | F::Floor2 | F::Floor3 => 1.5 * self.slopes,
            F::Traffic
            | F::HeavyTraffic
            | F::Weights
            | F::Macs
            | F::Params
            | F::Activations
            | F::Pixels
            | F::PixelsAlone
            | F::Batch
            | F::Peak
            | F::Bandwidth
            | F::Cores
            | F::Clock
            | F::Year
            | F::NoPeak
            | F::NoBandwidth
            | F::NoActivations
            | F::NoParams
            | F::IdleCores
            | F::MostlyIdleCores
            | F::ExtraThreads
            | F::NoThreads
            | F::HiddenBatch
            | F::Devices
            | F::DevicesTogether
            | F::DevicesBeside
            | F::Power
            | F::NoPower => self.slopes,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::network_testing::call;
    use super::*;

    #[test]
    fn runs_on_no_machine_are_one_group() {
        let effect = Effect {
            name: "machine",
            parts: &[Part::Device, Part::Machine],
            features: &[F::One],
            spread: 1.0,
            slopes: 1.0,
        };
        let mut run = call();
        assert_eq!(effect.key(&run), "|");
        run.names.machine = "a|b\nc".to_owned();
        assert_eq!(effect.key(&run), "rtx-4090-24gb|a/b/c");
    }
}
