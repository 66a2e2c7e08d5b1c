//! Fitted models of networks: what a pack's section `networks` holds. `perf` evaluates them, `calibrate` makes them.

use std::collections::{BTreeMap, BTreeSet};

use super::network_call::{Engine, NetworkCall};
use super::network_neighbours::NetworkNeighbours;
use super::split::RowGroup;

/// Facts of a device that features use where the catalogue states none: logarithms of peak, memory rate, cores and clock, and the
/// year of release.
pub const MACHINE_FACTS: usize = 5;

/// What stands for facts that are not stated: medians of the devices and straight lines through the networks that were fitted.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct NetworkDefaults {
    /// By engine.
    pub engines: BTreeMap<Engine, [f64; MACHINE_FACTS]>,
    /// Of all engines.
    pub anywhere: [f64; MACHINE_FACTS],
    /// Logarithm of parameters.
    pub params: f64,
    /// Constant and slope of the logarithm of multiply-adds over that of parameters.
    pub macs_of_params: [f64; 2],
    /// Constant and slope of the logarithm of activations over that of multiply-adds.
    pub activations_of_macs: [f64; 2],
}

impl NetworkDefaults {
    /// The usual facts of an engine.
    pub fn of(&self, engine: Engine) -> [f64; MACHINE_FACTS] {
        self.engines.get(&engine).copied().unwrap_or(self.anywhere)
    }

    /// The logarithm of activations that networks of so many multiply-adds usually have.
    pub fn usual_activations(&self, macs: f64) -> f64 {
        let [constant, slope] = self.activations_of_macs;
        constant + slope * macs
    }
}

/// Coefficients of the groups of one effect.
pub type EffectGroups = BTreeMap<String, Vec<f64>>;

/// The model of one quantity.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct NetworkHead {
    /// Coefficients by effect and group.
    pub effects: BTreeMap<String, EffectGroups>,
    /// Half-widths of the interval of the logarithm at the pack's level, by [`NetworkSupport`] and what is like the run.
    pub radii: BTreeMap<String, f64>,
    /// Least and largest sum of coefficients that was measured, by engine; of all under the empty name.
    pub range: BTreeMap<String, [f64; 2]>,
}

/// How far outside everything measured of an engine a sum may be: the logarithm of two.
const OUTSIDE: f64 = std::f64::consts::LN_2;

impl NetworkHead {
    /// A sum, but at most twice or half of everything that was measured of the engine: far outside, straight lines are no longer
    /// trusted.
    pub fn within(&self, engine: Engine, sum: f64) -> f64 {
        let range = self.range.get(engine.name()).or_else(|| self.range.get(""));
        range.map_or(sum, |[least, most]| {
            sum.clamp(least - OUTSIDE, most + OUTSIDE)
        })
    }

    /// The half-width for a run: that of its software on its engine, else of its engine, else of all; each apart for networks
    /// whose multiply-adds are not known.
    pub fn radius(&self, support: NetworkSupport, call: &NetworkCall) -> Option<f64> {
        let keys = radius_keys(support, call);
        keys.iter().find_map(|key| self.radii.get(key).copied())
    }
}

/// Names of sets of runs whose errors make an interval, narrow to wide.
pub fn radius_keys(support: NetworkSupport, call: &NetworkCall) -> [String; 5] {
    let (level, engine) = (support.name(), call.engine.name());
    let software = &call.names.software;
    let known = if call.facts.macs.is_some() {
        "known"
    } else {
        "unknown"
    };
    [
        format!("{level}|{engine}|{software}|{known}"),
        format!("{level}|{engine}|{software}"),
        format!("{level}|{engine}|{known}"),
        format!("{level}|{engine}"),
        level.to_owned(),
    ]
}

/// What a model has seen of a run's kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NetworkSupport {
    /// The network on the device in that software.
    Group,
    /// The device and the network, not together.
    Both,
    /// The device, not the network.
    Device,
    /// The network, not the device.
    Network,
    /// Neither.
    Nothing,
}

impl NetworkSupport {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Group,
        Self::Both,
        Self::Device,
        Self::Network,
        Self::Nothing,
    ];

    /// The name in packs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Group => "group",
            Self::Both => "both",
            Self::Device => "device",
            Self::Network => "network",
            Self::Nothing => "nothing",
        }
    }
}

/// Device, network and software.
pub type GroupName = (String, String, String);

/// What was fitted.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct NetworksSeen {
    /// Fitted groups with the mean of `ln(measured / predicted)` of their times, by fits that had not seen them; `None` where no time was
    /// measured.
    pub groups: BTreeMap<GroupName, Option<f64>>,
    /// Devices.
    pub devices: BTreeSet<String>,
    /// Networks.
    pub networks: BTreeSet<String>,
}

impl NetworksSeen {
    /// Notes a fitted run.
    pub fn add(&mut self, call: &NetworkCall) {
        let names = &call.names;
        let (device, network) = (call.device.id.clone(), names.network.clone());
        self.devices.insert(device.clone());
        self.networks.insert(network.clone());
        let group = (device, network, names.software.clone());
        self.groups.entry(group).or_default();
    }

    /// Whether rows of a group were fitted.
    pub fn has(&self, group: &RowGroup<'_>) -> bool {
        match group {
            RowGroup::Run {
                hardware,
                model,
                framework,
            } => {
                let [device, network, software] = [hardware, model, framework];
                let group = [device, network, software].map(|name| (*name).to_owned());
                self.groups.contains_key(&group.into())
            }
            RowGroup::Kernel { .. } => false,
        }
    }

    /// What was seen of a run's kind.
    pub fn support(&self, call: &NetworkCall) -> NetworkSupport {
        let names = &call.names;
        let device = self.devices.contains(&call.device.id);
        let network = self.networks.contains(&names.network);
        match (device, network) {
            (true, true) => {
                let (device, network) = (call.device.id.clone(), names.network.clone());
                let group = (device, network, names.software.clone());
                if self.groups.contains_key(&group) {
                    NetworkSupport::Group
                } else {
                    NetworkSupport::Both
                }
            }
            (true, false) => NetworkSupport::Device,
            (false, true) => NetworkSupport::Network,
            (false, false) => NetworkSupport::Nothing,
        }
    }
}

/// Power of accelerators alone, of their limit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NetworkDraw {
    /// Drawn whatever they do.
    pub waiting: f64,
    /// Drawn more while arithmetic runs at the peak of the number format; most devices meet their limit long before.
    pub busy: f64,
    /// Half-width of the logarithm.
    pub radius: f64,
}

/// The section `networks` of a pack.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct NetworkModels {
    /// What stands for facts that are not stated.
    pub defaults: NetworkDefaults,
    /// Time of one sample on one device.
    pub time: NetworkHead,
    /// Latency under a bound, of the scenario `server`.
    pub bounded: NetworkHead,
    /// Power of the whole system, as its source measured it.
    pub power: NetworkHead,
    /// Power of accelerators alone; `None` where too little was measured.
    pub draw: Option<NetworkDraw>,
    /// What was fitted.
    pub seen: NetworksSeen,
    /// What errors of groups say of others, from [`Self::seen`].
    pub neighbours: NetworkNeighbours,
}
