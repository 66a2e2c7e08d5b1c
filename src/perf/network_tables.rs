//! The effects of each head, and how far their groups differ.
//!
//! Spreads were chosen once, in a prototype, on groups and on devices left out of the rows that `default` fits (seed 1, a fifth held
//! out), effect by effect; effects that did not help there are not here. Packs hold coefficients by their position: a new feature of an effect
//! stands last, so that it does nothing in packs of before.

use super::network_effects::Effect;
use super::network_effects::Part;
use super::network_features::NetworkFeature;

/// `"name" [parts] spread slopes: features;` for each effect.
macro_rules! effects {
    ($($name:literal [$($part:ident)*] $spread:literal $slopes:literal: $($feature:ident)+;)+) => {
        &[$(Effect {
            name: $name,
            parts: &[$(Part::$part),*],
            features: &[$(NetworkFeature::$feature),+],
            spread: $spread,
            slopes: $slopes,
        },)+]
    };
}

/// Effects on the time of a sample.
pub(super) const TIME_EFFECTS: &[Effect] = effects! {
    "all" [] 1.0 0.1:
        One Floor1 Floor2 Floor3 Traffic HeavyTraffic Weights Macs Params Activations Pixels PixelsAlone NoMacs
        NoActivations NoParams HiddenBatch Devices DevicesBeside Batch Peak Bandwidth Cores Clock Year NoPeak
        NoBandwidth IdleCores MostlyIdleCores ExtraThreads NoThreads DevicesTogether;
    "engine" [Engine] 0.5 0.05:
        One Floor1 Floor2 Floor3 Traffic HeavyTraffic Weights Macs Params Activations Pixels PixelsAlone HiddenBatch Devices
        DevicesBeside Batch Peak Bandwidth Cores Clock Year NoPeak NoBandwidth IdleCores MostlyIdleCores
        ExtraThreads NoThreads DevicesTogether;
    "vendor-engine" [Vendor Engine] 0.3 0.12:
        One Floor2 Floor3 Traffic Weights Macs Params;
    "software" [Software] 0.12 0.013:
        One Floor1 Floor2 Floor3 Traffic Weights Macs Params Activations Pixels Batch;
    "software-engine" [Software Engine] 1.2 0.03:
        One Floor1 Floor2 Floor3 Traffic Weights Macs Params Activations Pixels Batch Peak Cores Year;
    "software-version" [Software Version] 0.02 0.01:
        One;
    "software-mode" [Software Mode] 0.8 0.02:
        One Floor1 Floor2 Floor3 Traffic Weights Macs Params Activations;
    "software-mode-precision" [Software Mode Precision] 0.025 0.01:
        One Floor2 Floor3 Traffic Macs Params;
    "precision" [Precision] 0.2 0.01:
        One;
    "precision-engine" [Precision Engine] 0.8 0.005:
        One Macs Traffic Floor2;
    "device-engine" [Device Engine] 0.045 0.01:
        One;
    "device-software-mode-precision" [Device Software Mode Precision] 0.01 0.0013:
        Floor2 Floor3 Traffic Macs Params Activations;
    "device-software-mode-precision-version" [Device Software Mode Precision Version] 0.12 0.01:
        One;
    "machine-software-mode-precision-version" [Device Software Mode Precision Version Machine] 0.04 0.01:
        One;
    "device-software-threads" [Device Software] 0.01 0.01:
        IdleCores MostlyIdleCores ExtraThreads;
    "task-engine" [Task Engine] 0.01 0.01:
        Macs Floor2 IdleCores;
    "task-software" [Task Software] 0.1 0.01:
        One Macs Floor2;
    "family" [Family] 0.1 0.04:
        One Macs Floor2 Traffic IdleCores;
    "family-engine" [Family Engine] 0.12 0.012:
        One Macs;
    "family-software" [Family Software] 0.12 0.01:
        One;
    "family-software-mode-precision" [Family Software Mode Precision] 0.04 0.001:
        One;
    "family-device" [Family Device] 0.01 0.001:
        One;
    "family-device-software-mode-precision-version" [Family Device Software Mode Precision Version] 0.008 0.0002:
        One;
    "network" [Network] 0.013 0.0013:
        One Floor2 NoMacs IdleCores;
    "network-input" [Network Input] 0.01 0.002:
        Floor2;
    "network-input-software" [Network Input Software] 0.01 0.001:
        One;
    "network-input-software-mode-precision" [Network Input Software Mode Precision] 0.005 0.0005:
        One;
    "scenario" [Scenario] 0.5 0.2:
        One Macs;
    "scenario-stat" [Scenario Stat] 0.2 0.02:
        One;
    "scenario-engine" [Scenario Engine] 0.8 0.08:
        One Macs Peak Traffic;
    "scenario-software" [Scenario Software] 0.01 0.08:
        Macs;
    "scenario-device" [Scenario Device] 0.013 0.005:
        One;
    "scenario-network" [Scenario Network] 0.05 0.005:
        One;
    "scenario-task" [Scenario Task] 0.4 0.01:
        One;
    "scenario-stat-software" [Scenario Stat Software] 0.02 0.002:
        One;
    "scenario-stat-device" [Scenario Stat Device] 0.04 0.001:
        One;
};

/// Effects on a latency under a bound.
pub(super) const BOUNDED_EFFECTS: &[Effect] = effects! {
    "all" [] 1.0 0.1:
        One Macs Peak Devices;
    "engine" [Engine] 0.2 0.02:
        One Macs;
    "software" [Software] 0.1 0.01:
        One;
    "device" [Device] 0.1 0.01:
        One;
    "task" [Task] 0.5 0.05:
        One;
    "family" [Family] 0.5 0.05:
        One;
    "network" [Network] 0.5 0.05:
        One;
    "network-precision" [Network Precision] 0.05 0.01:
        One;
    "network-device" [Network Device] 0.05 0.01:
        One;
    "network-engine" [Network Engine] 0.05 0.01:
        One;
};

/// Effects on power.
pub(super) const POWER_EFFECTS: &[Effect] = effects! {
    "all" [] 1.0 1.0:
        One Devices Power NoPower Peak Floor1 Floor2 Floor3 Traffic Macs HiddenBatch Year Cores;
    "engine" [Engine] 0.5 0.1:
        One Devices Power Peak Floor2 Traffic Macs Year Cores;
    "architecture" [Architecture] 0.1 0.01:
        One;
    "software" [Software] 0.05 0.005:
        One Devices Macs;
    "device" [Device] 0.3 0.03:
        One Floor2 Macs Traffic;
    "device-software" [Device Software] 0.05 0.005:
        One Macs;
    "scenario" [Scenario] 0.1 0.01:
        One Devices;
    "scenario-engine" [Scenario Engine] 0.1 0.01:
        One;
    "scenario-device" [Scenario Device] 0.03 0.01:
        One;
    "task" [Task] 0.03 0.01:
        One;
    "family" [Family] 0.02 0.01:
        One;
    "network" [Network] 0.02 0.01:
        One;
    "network-device" [Network Device] 0.01 0.01:
        One;
    "network-input" [Network Input] 0.005 0.01:
        One;
    "precision" [Precision] 0.02 0.01:
        One;
    "precision-device" [Precision Device] 0.02 0.01:
        One;
};
