//! Host memory beside the cache of an engine, and the link between them.

use super::explain::{ExplainInput, ExplainLine};
use super::offload::host_link;
use super::room::Room;
use super::server::Server;
use super::spread::{Lane, Spread};
use super::terms::Terms;
use crate::record::{NotModelled, TermName};
use crate::scenario::{Holds, HostMemory, Kept, KvOffload, System};
use crate::units::{Bytes, si};

/// What a server may keep in host memory.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct HostCache {
    given: KvOffload,
    /// Devices that hold the cache of an engine together.
    devices: f64,
    /// Bytes a second of one direction, as stated.
    link: f64,
    /// Seconds for a byte of a device.
    byte: Spread,
}

/// Host memory of one engine.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HostRoom {
    /// Bytes for each device, beside what is on the device too.
    pub bytes: Bytes,
    /// Seconds for a byte of a device, one way.
    pub byte_seconds: f64,
    /// Whether it holds prompts that the device evicted.
    pub holds: Holds,
    /// What it keeps of interrupted requests.
    pub kept: Kept,
}

impl HostCache {
    /// Host memory of a system; `None` where it keeps no caches there.
    ///
    /// # Errors
    ///
    /// [`NotModelled::MissingFact`] for a link that nobody states.
    pub fn new(system: &System, terms: &Terms<'_>) -> Result<Option<Self>, NotModelled> {
        let Some(given) = system.kv_offload else {
            return Ok(None);
        };
        let link = host_link(system).ok_or_else(|| NotModelled::MissingFact {
            entry: system.hardware_alias.clone(),
            fact: "link between host and accelerator (`host.link`)",
        })?;
        let share = terms.get(TermName::LinkBandwidth)?;
        let parallel = system.deployment.parallel;
        Ok(Some(Self {
            given,
            devices: f64::from(parallel.tp) * f64::from(parallel.pp),
            link,
            byte: share.map(|share| 1.0 / (share * link)),
        }))
    }
}

impl Server {
    /// Host memory of one engine with so much room, with the terms of one lane; `None` where no caches are kept there.
    ///
    /// `t = n / (share · L)` for `n` bytes of one device.
    ///
    /// | Symbol | Meaning |
    /// |---|---|
    /// | `share` | term `link_bandwidth` |
    /// | `L` | one direction of the stated link to the host, else of the device's PCI Express; where the rate of host memory is stated, at most a device's part of it |
    ///
    /// Copies of what is on the device take as much of host memory as the device has for caches.
    pub fn host_room(&self, room: &Room<'_>, lane: Lane) -> Option<HostRoom> {
        let host = self.host_cache?;
        let cache = room.cache.map_or(0.0, Bytes::get);
        let batches = f64::from(room.engines) / self.groups;
        let size = match host.given.memory {
            HostMemory::OfEngine(bytes) => bytes.get() / host.devices / batches,
            HostMemory::OfDevice(bytes) => bytes.get() / batches,
            HostMemory::TimesCache(times) => times * cache,
        };
        let copied = match host.given.holds {
            Holds::Copies => cache,
            Holds::Evicted | Holds::Nothing => 0.0,
        };
        Some(HostRoom {
            bytes: Bytes::new((size - copied).max(0.0)),
            byte_seconds: host.byte.lane(lane),
            holds: host.given.holds,
            kept: host.given.kept,
        })
    }

    /// How a cache comes back from host memory.
    pub(super) fn host_line(&self, tokens: f64) -> Option<ExplainLine> {
        let host = self.host_cache?;
        let (kv, kept) = self.memory.kv();
        let bytes = kv.bytes(tokens).get() * kept;
        Some(ExplainLine {
            name: "a prompt read from host memory".to_owned(),
            value: host.byte.value() * bytes,
            unit: "s",
            formula: "n / (share · L)".to_owned(),
            inputs: vec![
                ExplainInput::new("prompt tokens", tokens.to_string(), "the load"),
                ExplainInput::new("n", si(bytes, "B", 4), "what a device keeps of them"),
                ExplainInput::new(
                    "L",
                    si(host.link, "B/s", 4),
                    "link to the host, or its memory's rate",
                ),
                self.term_input("share of L", TermName::LinkBandwidth),
            ],
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{h100, llama_8b, pack, system, workload};
    use super::*;
    use crate::scenario::{Host, LoadMode};
    use crate::units::BytesPerSec;

    fn of(memory: HostMemory, holds: Holds, host: Host) -> HostRoom {
        let mut one = system(llama_8b(), h100(), 2);
        one.kv_offload = Some(KvOffload {
            memory,
            holds,
            kept: Kept::All,
        });
        one.hardware.host = Some(host);
        let server = Server::new(&one, &pack()).expect("all facts are there");
        let load = workload(1000, 100, LoadMode::Concurrency(8));
        let room = server.room(&load, 8.0).expect("it fits");
        server.host_room(&room, Lane::Value).expect("it has some")
    }

    fn pcie() -> Host {
        Host {
            link: Some(BytesPerSec::new(60e9)),
            ..Host::default()
        }
    }

    #[test]
    fn an_engine_shares_its_memory_among_its_devices() {
        let room = of(
            HostMemory::OfEngine(Bytes::new(64e9)),
            Holds::Evicted,
            pcie(),
        );
        assert_eq!(room.bytes, Bytes::new(32e9));
        let gib = of(
            HostMemory::OfDevice(Bytes::new(32e9)),
            Holds::Evicted,
            pcie(),
        );
        assert_eq!(gib, room);
    }

    #[test]
    fn copies_leave_what_the_cache_of_the_device_does_not_take() {
        let twice = of(HostMemory::TimesCache(2.0), Holds::Copies, pcie());
        let once = of(HostMemory::TimesCache(1.0), Holds::Evicted, pcie());
        assert!((twice.bytes.get() / once.bytes.get() - 1.0).abs() < 1e-9);
        let none = of(HostMemory::TimesCache(1.0), Holds::Copies, pcie());
        assert_eq!(none.bytes, Bytes::ZERO);
    }

    #[test]
    fn the_rate_of_host_memory_bounds_all_devices_together() {
        let memory = HostMemory::OfDevice(Bytes::new(1e9));
        let fast = of(memory, Holds::Evicted, pcie());
        let slow = Host {
            memory_bandwidth: Some(BytesPerSec::new(60e9)),
            ..pcie()
        };
        let slow = of(memory, Holds::Evicted, slow);
        assert!((slow.byte_seconds / fast.byte_seconds - 2.0).abs() < 1e-9);
    }

    #[test]
    fn a_link_that_nobody_states_is_named() {
        let mut one = system(llama_8b(), h100(), 1);
        one.kv_offload = Some(KvOffload {
            memory: HostMemory::TimesCache(2.0),
            holds: Holds::Evicted,
            kept: Kept::All,
        });
        let error = Server::new(&one, &pack()).expect_err("there is no link");
        assert!(error.to_string().contains("host.link"), "{error}");
    }
}
