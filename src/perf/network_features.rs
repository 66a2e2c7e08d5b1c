//! What of a run of a network decides its time: numbers for straight lines in logarithms.
//!
//! The reference is the time that the multiply-adds of one sample take at the dense peak, `x = 2 F / P`. Everything else is a
//! factor on it, and each feature is the logarithm of a cause: time that does not shrink with the work (launches, the host), bytes
//! of activations and weights against arithmetic, sizes, and facts of the device.

use super::network_rates::{Width, fastest, stated_machine, states_format};
use crate::record::{Engine, NetworkCall, NetworkDefaults, NetworkScenario, NetworkStat};
use crate::stats::math::{exp, ln};

macro_rules! features {
    ($($variant:ident $meaning:literal,)+) => {
        /// A feature of a run.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum NetworkFeature {
            $(#[doc = $meaning] $variant,)+
        }

        /// Number of features.
        pub const NETWORK_FEATURES: usize = [$(NetworkFeature::$variant,)+].len();
    };
}

features! {
    One "one",
    Floor1 "how far a batch at the peak is below 20 µs",
    Floor2 "how far a batch at the peak is below 300 µs",
    Floor3 "how far a batch at the peak is below 5 ms",
    Traffic "activations' time at the memory rate against arithmetic",
    HeavyTraffic "the same, from ten times on",
    Weights "weights' time at the memory rate against arithmetic of a batch",
    Macs "logarithm of multiply-adds",
    Params "logarithm of parameters, beyond what multiply-adds suggest",
    Activations "logarithm of activations, beyond what multiply-adds suggest",
    Pixels "logarithm of the input's area",
    PixelsAlone "the same where multiply-adds are not known",
    Batch "logarithm of the batch",
    Peak "logarithm of the peak",
    Bandwidth "logarithm of the memory rate",
    Cores "logarithm of cores",
    Clock "logarithm of the clock",
    Year "year of release",
    NoPeak "the peak is not known",
    NoBandwidth "the memory rate is not known",
    NoMacs "multiply-adds are not known",
    NoActivations "activations are not known",
    NoParams "parameters are not known",
    IdleCores "logarithm of cores over threads",
    MostlyIdleCores "the same, from four times on",
    ExtraThreads "logarithm of threads over cores",
    NoThreads "threads of a processor are not stated",
    HiddenBatch "the batch is not known",
    Devices "logarithm of devices that share the samples",
    DevicesTogether "logarithm of devices that work on one sample together",
    DevicesBeside "logarithm of devices of a system that answers one query at a time",
    Power "logarithm of the design power, or of a microcontroller's active power",
    NoPower "that power is not known",
}

/// Features of a run with what they are made of.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NetworkShape {
    /// By [`NetworkFeature`].
    pub features: [f64; NETWORK_FEATURES],
    /// Logarithm of the time of one sample at the peak of the number format, seconds.
    pub reference: f64,
    /// The least time of one sample that the fastest dense peak of the device allows, seconds; zero where it is not known.
    pub bound: f64,
}

/// `ln(1 + e^x)`.
fn softplus(x: f64) -> f64 {
    if x > 30.0 { x } else { ln(1.0 + exp(x)) }
}

/// Logarithms of facts of a device.
struct Machine {
    peak: f64,
    bandwidth: f64,
    cores: f64,
    clock: f64,
    year: f64,
    no_peak: bool,
    no_bandwidth: bool,
}

fn machine(call: &NetworkCall, defaults: &NetworkDefaults) -> Machine {
    let stated = stated_machine(call);
    let usual = defaults.of(call.engine);
    let fact = |place: usize| stated[place].unwrap_or(usual[place]);
    Machine {
        peak: fact(0),
        bandwidth: fact(1),
        cores: fact(2),
        clock: fact(3),
        year: fact(4),
        no_peak: stated[0].is_none(),
        no_bandwidth: stated[1].is_none(),
    }
}

/// Logarithms of what a sample costs; of what a diffusion model makes in steps, one step.
struct Cost {
    macs: f64,
    params: f64,
    activations: f64,
}

fn cost(call: &NetworkCall, defaults: &NetworkDefaults) -> Cost {
    let facts = call.facts;
    let line = |[constant, slope]: [f64; 2], x: f64| constant + slope * x;
    let params = facts
        .params
        .map_or(defaults.params, |count| ln(count.max(1e3)));
    let macs = facts.macs.map_or_else(
        || line(defaults.macs_of_params, params),
        |macs| ln((macs / call.load.steps).max(1e5)),
    );
    let activations = facts.activations.map_or_else(
        || line(defaults.activations_of_macs, macs),
        |count| ln(count.max(1e4)),
    );
    Cost {
        macs,
        params,
        activations,
    }
}

/// Threads against the cores of a processor: the logarithms of idle cores and of threads beyond the cores.
fn threads(call: &NetworkCall, cores: f64) -> (f64, f64) {
    match call.load.threads {
        Some(threads) if call.engine.is_cores() => {
            let beyond = ln(threads) - cores;
            ((-beyond).max(0.0), beyond.max(0.0))
        }
        Some(_) | None => (0.0, 0.0),
    }
}

/// What features are made of.
struct Causes<'a> {
    call: &'a NetworkCall,
    defaults: &'a NetworkDefaults,
    machine: Machine,
    cost: Cost,
    /// Logarithms of idle cores and of threads beyond the cores.
    threads: (f64, f64),
    /// Logarithm of the time of one sample, or of one step of it, at the peak.
    reference: f64,
}

const fn flag(is: bool) -> f64 {
    if is { 1.0 } else { 0.0 }
}

impl Causes<'_> {
    /// How long a batch takes for other reasons than arithmetic. Without a known batch nothing is known of them.
    fn of_time(&self) -> [(NetworkFeature, f64); 6] {
        use NetworkFeature as F;
        let bytes = ln(Width::of(&self.call.names.precision).bytes());
        let whole = self.reference + ln(self.call.batch());
        let traffic =
            self.cost.activations + bytes + ln(2.0) - self.machine.bandwidth - self.reference;
        let weights = self.cost.params + bytes - self.machine.bandwidth - whole;
        let seen = |number: f64| if hides_batch(self.call) { 0.0 } else { number };
        [
            (F::Floor1, seen(softplus(ln(2e-5) - whole))),
            (F::Floor2, seen(softplus(ln(3e-4) - whole))),
            (F::Floor3, seen(softplus(ln(5e-3) - whole))),
            (F::Traffic, softplus(traffic)),
            (F::HeavyTraffic, softplus(traffic - ln(10.0))),
            (F::Weights, seen(softplus(weights))),
        ]
    }

    /// Sizes of the network and of its input. Numbers from which sizes are counted are round ones near the middle of what exists: they
    /// move constants alone.
    fn of_network(&self) -> [(NetworkFeature, f64); 8] {
        use NetworkFeature as F;
        let (cost, facts) = (&self.cost, self.call.facts);
        let pixels = facts
            .pixels
            .map_or(0.0, |pixels| ln(pixels / 50_176.0) / 2.0);
        let macs = (cost.macs - ln(1e9)) / 2.0;
        let usual = self.defaults.usual_activations(cost.macs);
        [
            (F::Macs, macs),
            (F::Params, cost.params - ln(1e7) - macs),
            (F::Activations, cost.activations - usual),
            (F::Pixels, pixels),
            (F::PixelsAlone, pixels * flag(facts.macs.is_none())),
            (F::NoMacs, flag(facts.macs.is_none())),
            (F::NoActivations, flag(facts.activations.is_none())),
            (F::NoParams, flag(facts.params.is_none())),
        ]
    }

    /// Facts of the device.
    fn of_machine(&self) -> [(NetworkFeature, f64); 9] {
        use NetworkFeature as F;
        let (machine, device) = (&self.machine, &self.call.device);
        let power = device.tdp.or(device.mcu.active_power);
        [
            (F::Peak, (machine.peak - ln(1e13)) / 2.0),
            (F::Bandwidth, (machine.bandwidth - ln(1e11)) / 2.0),
            (F::Cores, (machine.cores - ln(5.0)) / 1.5),
            (F::Clock, machine.clock - ln(2e9)),
            (F::Year, (machine.year - 2020.0) / 4.0),
            (F::NoPeak, flag(machine.no_peak)),
            (F::NoBandwidth, flag(machine.no_bandwidth)),
            (F::Power, power.map_or(0.0, |power| ln(power.get() / 100.0))),
            (F::NoPower, flag(power.is_none())),
        ]
    }

    /// The load.
    fn of_load(&self) -> [(NetworkFeature, f64); 10] {
        use NetworkFeature as F;
        let (call, (idle, beyond)) = (self.call, self.threads);
        let devices = ln(f64::from(call.load.devices.max(1)));
        let shares = call.stat == NetworkStat::Rate;
        let beside = !shares && shared(call) <= 0.0;
        let mostly = if idle > 0.0 {
            softplus(idle - ln(4.0))
        } else {
            0.0
        };
        let hidden = hides_batch(call);
        let batch = if hidden { 0.0 } else { ln(call.batch()) };
        let unstated = call.engine.is_cores() && call.load.threads.is_none();
        [
            (F::One, 1.0),
            (F::Batch, batch / 3.0),
            (F::HiddenBatch, flag(hidden)),
            (F::IdleCores, idle / 1.5),
            (F::MostlyIdleCores, mostly),
            (F::ExtraThreads, beyond),
            (F::NoThreads, flag(unstated)),
            (F::Devices, if shares { devices } else { 0.0 }),
            (F::DevicesTogether, shared(call)),
            (F::DevicesBeside, if beside { devices } else { 0.0 }),
        ]
    }
}

/// Whether nobody knows how many samples run together.
fn hides_batch(call: &NetworkCall) -> bool {
    call.load.scenario.hides_batch() || call.load.batch.is_none()
}

/// Features of a run.
pub fn network_shape(call: &NetworkCall, defaults: &NetworkDefaults) -> NetworkShape {
    let (machine, cost) = (machine(call, defaults), cost(call, defaults));
    let threads = threads(call, machine.cores);
    let reference = ln(2.0) + cost.macs - (machine.peak - threads.0) - shared(call);
    let causes = Causes {
        call,
        defaults,
        machine,
        cost,
        threads,
        reference,
    };
    let mut features = [0.0; NETWORK_FEATURES];
    let all = causes.of_time().into_iter().chain(causes.of_network());
    for (feature, value) in all.chain(causes.of_machine()).chain(causes.of_load()) {
        features[feature as usize] = value;
    }
    NetworkShape {
        features,
        reference: reference + ln(call.load.steps),
        bound: bound(call),
    }
}

/// The logarithm of the devices that work on one sample together.
fn shared(call: &NetworkCall) -> f64 {
    match call.load.scenario {
        NetworkScenario::Generation | NetworkScenario::DenoiseStep => {
            ln(f64::from(call.load.devices.max(1)))
        }
        NetworkScenario::SingleStream
        | NetworkScenario::LivePreprocessing
        | NetworkScenario::MultiStream
        | NetworkScenario::Throughput
        | NetworkScenario::AutoThroughput
        | NetworkScenario::Batch
        | NetworkScenario::Offline
        | NetworkScenario::Server
        | NetworkScenario::RealTime
        | NetworkScenario::Transcription => 0.0,
    }
}

/// Arithmetic at the fastest dense peak, per sample; sparse peaks and fast convolution algorithms are left out.
fn bound(call: &NetworkCall) -> f64 {
    match (call.facts.macs, fastest(&call.device)) {
        (Some(macs), Some(peak))
            if call.macs_are_exact && call.engine != Engine::MobileGpu && states_format(call) =>
        {
            2.0 * macs / peak / exp(shared(call))
        }
        _ => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::super::network_testing::call;
    use super::*;

    fn shape(call: &NetworkCall) -> NetworkShape {
        let defaults = NetworkDefaults {
            anywhere: [ln(1e12), ln(1e10), 1.0, ln(1e9), 2020.0],
            params: ln(1e7),
            macs_of_params: [0.0, 1.3],
            activations_of_macs: [0.0, 0.75],
            ..NetworkDefaults::default()
        };
        network_shape(call, &defaults)
    }

    #[test]
    fn the_reference_is_arithmetic_at_the_peak() {
        let found = shape(&call());
        assert!((exp(found.reference) / (2.0 * 4.11e9 / 165.2e12) - 1.0).abs() < 1e-9);
        assert!(found.bound > 0.0 && found.bound <= exp(found.reference));
    }

    #[test]
    fn every_feature_of_a_run_without_facts_is_finite() {
        let mut bare = call();
        bare.facts = crate::record::NetworkFacts::default();
        bare.load.batch = None;
        let found = shape(&bare);
        assert!(found.features.iter().all(|feature| feature.is_finite()));
        assert!(found.reference.is_finite() && found.bound == 0.0);
        assert_eq!(found.features[NetworkFeature::HiddenBatch as usize], 1.0);
    }

    #[test]
    fn steps_follow_each_other() {
        let mut step = call();
        step.load.scenario = NetworkScenario::DenoiseStep;
        let mut image = step.clone();
        image.load.steps = 20.0;
        image.facts.macs = step.facts.macs.map(|macs| 20.0 * macs);
        let (step, image) = (shape(&step), shape(&image));
        let same = step.features.iter().zip(&image.features);
        assert!(
            same.into_iter()
                .all(|(one, other)| (one - other).abs() < 1e-9)
        );
        assert!((image.reference - step.reference - ln(20.0)).abs() < 1e-9);
    }

    #[test]
    fn devices_that_share_a_sample_share_its_arithmetic() {
        let mut one = call();
        one.load.scenario = NetworkScenario::Generation;
        let mut eight = one.clone();
        eight.load.devices = 8;
        let (one, eight) = (shape(&one), shape(&eight));
        assert!((one.reference - eight.reference - ln(8.0)).abs() < 1e-9);
        assert!((eight.features[NetworkFeature::DevicesTogether as usize] - ln(8.0)).abs() < 1e-9);
        assert_eq!(one.features[NetworkFeature::DevicesTogether as usize], 0.0);
    }

    #[test]
    fn cores_are_held_to_peaks_of_their_format_alone() {
        let mut run = call();
        let mut device = (*run.device).clone();
        (device.peaks.int8, device.peaks.fp8) = (None, None);
        run.device = std::sync::Arc::new(device);
        run.names.precision = "int8".to_owned();
        assert!(shape(&run).bound > 0.0, "a card");
        run.engine = Engine::Cpu;
        assert_eq!(shape(&run).bound, 0.0);
        run.names.precision = "fp32".to_owned();
        assert!(shape(&run).bound > 0.0);
    }

    #[test]
    fn more_work_never_shortens_the_reference() {
        let at = |macs: f64| {
            let mut call = call();
            call.facts.macs = Some(macs);
            shape(&call)
        };
        for (less, more) in [(1e6, 1e7), (1e9, 1.1e9), (1e12, 1e13)] {
            assert!(at(less).reference <= at(more).reference);
            assert!(at(less).bound <= at(more).bound);
        }
    }
}
