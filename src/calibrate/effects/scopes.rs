//! Which terms are fitted to runs, and how far shifts may go.

use crate::record::{EffectScope, TermName, TermRange};

/// Terms that runs say something about.
pub const FITTED: [TermName; 19] = [
    TermName::GemmCompute,
    TermName::AttentionCompute,
    TermName::MoeCompute,
    TermName::WeightBandwidth,
    TermName::ExpertBandwidth,
    TermName::KvBandwidth,
    TermName::ElementwiseBandwidth,
    TermName::LinkBandwidth,
    TermName::CollectiveBase,
    TermName::CommunicationOverlap,
    TermName::KernelLaunch,
    TermName::StepOverhead,
    TermName::SequenceOverhead,
    TermName::RequestOverhead,
    TermName::PowerIdle,
    TermName::PowerWaiting,
    TermName::PowerMemoryBound,
    TermName::PowerComputeBound,
    TermName::PowerTop,
];

/// Standard deviation of a shift that is expected before any run is seen, on the link scale of its term.
///
/// Wide scopes may move far, narrow ones less, since they add to the wide ones; but whether a backend has kernels for a device decides
/// factors of ten. Amounts of time span more than shares of a peak. What
/// a device draws while it computes or reads is the device's, whatever software asks for it: shifts of power by software, version,
/// format or model have a quarter of the reach.
pub const fn prior(scope: EffectScope, term: TermName) -> f64 {
    if is_of_power(term) && !is_of_devices(scope) {
        0.25 * reach(scope, term)
    } else {
        reach(scope, term)
    }
}

const fn is_of_power(term: TermName) -> bool {
    matches!(
        term,
        TermName::PowerIdle
            | TermName::PowerWaiting
            | TermName::PowerMemoryBound
            | TermName::PowerComputeBound
            | TermName::PowerTop
    )
}

const fn is_of_devices(scope: EffectScope) -> bool {
    matches!(
        scope,
        EffectScope::All | EffectScope::Class | EffectScope::Architecture | EffectScope::Device
    )
}

const fn reach(scope: EffectScope, term: TermName) -> f64 {
    let reach = match term.range() {
        TermRange::Efficiency | TermRange::Share => 1.0,
        TermRange::Amount => 2.0,
    };
    reach
        * match scope {
            EffectScope::All | EffectScope::DeviceBackend => 1.0,
            EffectScope::Class => 0.6,
            EffectScope::Runtime | EffectScope::Program | EffectScope::ProgramVersion => 0.5,
            EffectScope::Architecture | EffectScope::Device | EffectScope::Format => 0.4,
            EffectScope::ClassProgram
            | EffectScope::ArchitectureProgram
            | EffectScope::DeviceProgram
            | EffectScope::KindProgram => 0.35,
            EffectScope::ProgramFormat
            | EffectScope::ArchitectureFormat
            | EffectScope::KindProgramVersion
            | EffectScope::KindProgramFormat => 0.3,
            EffectScope::ArchitectureProgramFormat
            | EffectScope::DeviceProgramFormat
            | EffectScope::KindDeviceProgram => 0.25,
            EffectScope::Model | EffectScope::ModelProgram | EffectScope::DeviceModelProgram => {
                0.15
            }
        }
}
