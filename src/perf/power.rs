//! Electrical power from what the device is busy with.

use super::columns::Level;
use super::spread::Spread;
use super::step_time::StepTime;
use super::terms::Terms;
use crate::catalog::DeviceClass;
use crate::record::{PowerParts, TermName};
use crate::scenario::System;
use crate::units::Watts;

/// Power of one accelerator between rest and its limit, and of its part of the host.
#[derive(Debug, Clone, PartialEq)]
pub struct PowerModel {
    range: Option<(Spread, f64)>,
    shares: Option<Shares>,
    host: Option<Spread>,
    processor: Option<Spread>,
    hosts: f64,
    place: Place,
    accelerators: f64,
}

/// Shares of the range from rest to the limit that are drawn by what the device does.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Shares {
    compute: Spread,
    memory: Spread,
    waiting: Spread,
}

impl Shares {
    /// `None` where the pack lacks one of them.
    fn of(terms: &Terms<'_>) -> Option<Self> {
        Some(Self {
            compute: rising(terms.find(TermName::PowerComputeBound)?),
            memory: rising(terms.find(TermName::PowerMemoryBound)?),
            waiting: rising(terms.find(TermName::PowerWaiting)?),
        })
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// A card or module beside a host.
    Accelerator,
    /// The device is the whole board.
    Board,
}

/// Shares of wall time in which parts of the device are at work. Arithmetic and memory traffic go on at the same time; both and
/// the waiting are at most one each, the rest is rest.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Activity {
    /// Arithmetic.
    pub compute: f64,
    /// Memory traffic.
    pub memory: f64,
    /// Waiting for links, launches or the host.
    pub waiting: f64,
    /// Of the waiting, that for operators which the host's processor computes.
    pub processor: f64,
}

impl Activity {
    /// The activity of steps that fill shares of wall time.
    pub fn of(steps: &[(StepTime, f64)]) -> Self {
        let mut activity = Self::default();
        for (step, share) in steps {
            let total = step.total().value();
            if total > 0.0 {
                let processor = step.processor.value();
                let waiting =
                    step.link.value() + step.launch.value() + step.host.value() + processor;
                let compute = step.compute.value() + step.hidden_compute.value();
                let memory = step.memory.value() + step.hidden_memory.value();
                activity.compute += share * compute / total;
                activity.memory += share * memory / total;
                activity.waiting += share * waiting / total;
                activity.processor += share * processor / total;
            }
        }
        activity
    }
}

impl PowerModel {
    /// The power of a system's devices; not known for a device without TDP, and under a pack without terms of power.
    pub(super) fn new(system: &System, terms: &Terms<'_>) -> Self {
        let device = &system.hardware.device;
        let limit = match (device.tdp, system.hardware.power_limit) {
            (Some(tdp), Some(limit)) => Some(tdp.min(limit)),
            (tdp, limit) => tdp.or(limit).or(device.mcu.active_power),
        };
        let range = limit.and_then(|limit| {
            let beyond = match system.hardware.power_limit {
                Some(_) => 1.0,
                None => terms
                    .find(TermName::PowerTop)
                    .map_or(1.0, |top| top.value()),
            };
            let top = limit.get() * beyond;
            let stated = device.idle_power.or(device.mcu.sleep_power);
            let idle = match stated {
                Some(idle) => Spread::exact(idle.get()),
                None => {
                    rising(terms.find(TermName::PowerIdle)?) * device.tdp.map_or(top, Watts::get)
                }
            };
            Some((idle.map(|idle| idle.min(top)), top))
        });
        let place = match device.class {
            DeviceClass::EdgeSoc | DeviceClass::AppleSoc | DeviceClass::Mcu => Place::Board,
            DeviceClass::DatacenterGpu
            | DeviceClass::WorkstationGpu
            | DeviceClass::ConsumerGpu
            | DeviceClass::Cpu
            | DeviceClass::Npu
            | DeviceClass::Asic
            | DeviceClass::Tpu => Place::Accelerator,
        };
        let host = match place {
            Place::Accelerator => terms.find(TermName::HostPower),
            Place::Board => None,
        };
        let deployment = &system.deployment;
        let ranks = deployment.accelerators() as u32;
        let node = system.hardware.count.max(1);
        let hosts = match deployment.prefill {
            Some(_) => deployment.nodes(u64::from(node)) as f64,
            None => f64::from(ranks.div_ceil(node)),
        };
        let shares = Shares::of(terms);
        Self {
            range,
            shares,
            host,
            processor: shares.and_then(|shares| processor(system, shares, terms)),
            hosts,
            place,
            accelerators: f64::from(ranks),
        }
    }

    /// Mean power under an activity.
    ///
    /// `P = idle + (limit − idle) · min(1, u_c p_c + u_m p_m + u_w p_w)`: each operation and each byte costs energy whatever
    /// binds (Choi et al., "A roofline model of energy", IPDPS 2013; Kandiah et al., "`AccelWattch`", MICRO 2021, find dynamic
    /// power proportional to component activity at a fixed clock), up to the power limit.
    ///
    /// | Symbol | Meaning |
    /// |---|---|
    /// | `u_c`, `u_m`, `u_w` | shares of wall time with arithmetic, with memory traffic, and waiting |
    /// | `p_c`, `p_m`, `p_w` | terms `power_compute_bound`, `power_memory_bound`, `power_waiting` |
    ///
    /// # Assumptions
    ///
    /// A lower power limit does not slow the device down; clocks are those of the datasheet.
    pub fn at(&self, activity: Activity, level: Level) -> PowerParts {
        let each = self.range.zip(self.shares).map(|((idle, limit), shares)| {
            let share = shares.compute * activity.compute
                + shares.memory * activity.memory
                + shares.waiting * activity.waiting;
            let watts = idle.zip(share, |idle, share| idle + (limit - idle) * share.min(1.0));
            level.at(watts).map(|watts| watts.min(limit))
        });
        let all = each.map(|each| triple(each * self.accelerators));
        let idle = self
            .range
            .map(|(idle, _)| triple(rising(idle) * self.accelerators));
        let host = self
            .host
            .and_then(|host| self.host_at(host, activity, level));
        match self.place {
            Place::Accelerator => PowerParts {
                accelerator: all,
                host,
                network: None,
                board: None,
                idle,
            },
            Place::Board => PowerParts {
                accelerator: all,
                host: None,
                network: None,
                board: all,
                idle,
            },
        }
    }
}

impl PowerModel {
    /// Ends of all accelerators' power, none below their rest or above their limit.
    pub fn between_rest_and_limit(&self, (value, lo, hi): (f64, f64, f64)) -> (f64, f64, f64) {
        let Some((idle, limit)) = self.range else {
            return (value, lo, hi);
        };
        let [rest, limit] = [idle.lo(), limit].map(|watts| watts * self.accelerators);
        (value, lo.max(rest.min(value)), hi.min(limit.max(value)))
    }

    /// The host's power: its part for each accelerator, and the processor where it computes operators; not known where that
    /// processor states no TDP.
    fn host_at(&self, host: Spread, activity: Activity, level: Level) -> Option<(f64, f64, f64)> {
        let beside = level.at(host) * self.accelerators;
        if activity.processor > 0.0 {
            let busy = self.processor? * (activity.processor * self.hosts);
            Some(triple(beside + level.at(busy)))
        } else {
            Some(triple(beside))
        }
    }
}

/// What a processor that computes operators draws above rest: `(TDP − idle) · p`, from memory-bound to compute-bound work.
fn processor(system: &System, shares: Shares, terms: &Terms<'_>) -> Option<Spread> {
    let cpu = system.hardware.host.as_ref()?.cpu.as_ref()?;
    let tdp = cpu.tdp?.get();
    let idle = match cpu.idle_power {
        Some(idle) => idle.get(),
        None => terms.find(TermName::PowerIdle)?.value() * tdp,
    };
    let share = Spread::new(
        shares.memory.value(),
        shares.memory.lo(),
        shares.compute.hi(),
    );
    Some(share * (tdp - idle).max(0.0))
}

/// Ends by size, whatever is faster: (value, low, high).
fn rising(term: Spread) -> Spread {
    Spread::new(term.value(), term.lo(), term.hi())
}

fn triple(spread: Spread) -> (f64, f64, f64) {
    (spread.value(), spread.lo(), spread.hi())
}

#[cfg(test)]
mod tests {
    use super::super::testing::{h100, llama_8b, pack, system};
    use super::*;

    #[test]
    fn power_lies_between_rest_and_the_limit() {
        let pack = pack();
        let system = system(llama_8b(), h100(), 1);
        let terms = Terms::new(&pack, &system.hardware.device);
        let model = PowerModel::new(&system, &terms);
        let power = |compute, memory| {
            let activity = Activity {
                compute,
                memory,
                waiting: 0.0,
                processor: 0.0,
            };
            model
                .at(activity, Level::new(None, 1.0))
                .accelerator
                .expect("TDP is stated")
        };
        assert!((power(0.0, 0.0).0 - 70.0).abs() < 1e-9);
        // 70 + 630 · 0.5
        assert!((power(0.0, 1.0).0 - 385.0).abs() < 1e-9);
        assert!(power(1.0, 0.0).2 <= 700.0);
        let (value, lo, hi) = model.between_rest_and_limit((400.0, 20.0, 9000.0));
        assert!(
            (value - 400.0).abs() < 1e-9 && (lo - 70.0).abs() < 1e-9 && (hi - 700.0).abs() < 1e-9
        );
    }
}
