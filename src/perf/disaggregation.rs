//! Engines that process prompts for engines that generate, and the way of a cache from one to the other.
//!
//! `DistServe` (Zhong et al., OSDI 2024, arXiv 2401.09670) and Splitwise (Patel et al., ISCA 2024, arXiv 2311.18677) describe the
//! arrangement; vLLM (`docs/features/disagg_prefill.md`, `docs/features/nixl_connector_usage.md`), SGLang and NVIDIA Dynamo
//! (`docs/backends/sglang/sglang-disaggregation.md`) run it.

use super::collective::{Exchange, Topology, Wires};
use super::explain::{ExplainInput, ExplainLine};
use super::server::Server;
use super::spread::{Lane, Spread};
use super::terms::Terms;
use crate::ops::{CollectiveKind, GroupKind, KvShape, Message};
use crate::record::{Calibration, NotModelled, TermName};
use crate::scenario::{Deployment, Pool, System};
use crate::units::{Bytes, si};

/// The engines that process prompts, and the link that caches are sent over.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Disaggregated {
    /// The engines that process prompts.
    pub prefill: Server,
    way: Way,
}

/// How a cache gets from an engine to another.
#[derive(Debug, Clone, PartialEq)]
struct Way {
    exchange: Exchange,
    /// What a device of the receiving engine keeps.
    kv: KvShape,
    /// Bytes through the busiest device's link for each byte that a receiving device gets.
    crowding: f64,
    /// Where both ends lie, and the term of the time that a first byte takes there.
    link: (&'static str, TermName),
}

impl Disaggregated {
    /// Compiles the engines that process prompts; `None` where no engine does that alone.
    ///
    /// # Errors
    ///
    /// Those of [`Server::new`], and [`NotModelled::MissingFact`] for a link that nobody states.
    pub fn new(system: &System, pack: &Calibration) -> Result<Option<Self>, NotModelled> {
        let deployment = system.deployment;
        let Some(prefill) = deployment.prefill else {
            return Ok(None);
        };
        let alone = System {
            deployment: Deployment {
                parallel: prefill.parallel,
                dp_attention: prefill.dp_attention,
                replicas: prefill.replicas,
                prefill: None,
                ..deployment
            },
            ..system.clone()
        };
        Ok(Some(Self {
            way: Way::new(system, prefill, pack)?,
            prefill: Server::new(&alone, pack)?,
        }))
    }
}

impl Way {
    fn new(system: &System, prefill: Pool, pack: &Calibration) -> Result<Self, NotModelled> {
        let device = &system.hardware.device;
        let terms = Terms::under(pack, device, system);
        let wires = Wires::new(Topology::new(&system.hardware), device, &terms)?;
        let node = system.hardware.count.max(1);
        let near = system.deployment.in_one_node(u64::from(node));
        let message = Message {
            collective: CollectiveKind::SendRecv,
            bytes: Bytes::ZERO,
            group: 2,
            dimension: GroupKind::Pipeline,
        };
        // Two devices side by side, or one on each of two nodes.
        let stride = if near { 1 } else { node };
        Ok(Self {
            exchange: Exchange::new(message, stride, &wires)?,
            kv: super::server::cache_of(system)?,
            crowding: (ranks(system.deployment.decode()) / ranks(prefill)).max(1.0),
            link: if near {
                ("the link inside a node", TermName::LinkLatency)
            } else {
                ("the network between nodes", TermName::NetworkLatency)
            },
        })
    }

    fn bytes(&self, tokens: f64) -> f64 {
        self.kv.bytes(tokens).get() * self.crowding
    }
}

/// Devices that hold the cache of one sequence together.
fn ranks(pool: Pool) -> f64 {
    f64::from(pool.parallel.tp) * f64::from(pool.parallel.pp)
}

impl Server {
    /// The engines that process prompts for this one; `None` where it does that itself.
    pub fn prefill(&self) -> Option<&Self> {
        self.disaggregated.as_deref().map(|apart| &apart.prefill)
    }

    /// Seconds in which the cache of so many tokens gets from an engine that processes prompts to one that generates; zero where
    /// no cache is sent.
    ///
    /// `t = base + α + n · max(1, r_g / r_p) / (share · L)`: a message between two devices as in any exchange of a group, with
    /// the same terms.
    ///
    /// | Symbol | Meaning |
    /// |---|---|
    /// | `base`, `α`, `share` | terms `collective_base`, `link_latency` or `network_latency`, `link_bandwidth` |
    /// | `n` | bytes that one device of the receiving engine keeps of these tokens |
    /// | `r_g`, `r_p` | devices of an engine that generates, and of one that processes prompts |
    /// | `L` | one direction of a device's link inside a node, or its share of the node's network links |
    ///
    /// # Assumptions
    ///
    /// All devices of both engines send and receive at the same time; the cache is sent whole once the prompt is processed, not
    /// layer by layer.
    pub fn transfer(&self, tokens: f64, lane: Lane) -> f64 {
        match &self.disaggregated {
            Some(apart) if tokens > 0.0 => {
                let bytes = apart.way.bytes(tokens);
                apart.way.exchange.time(bytes).lane(lane)
            }
            Some(_) | None => 0.0,
        }
    }

    /// How the cache of a prompt gets to the engine that generates.
    pub(super) fn transfer_line(&self, tokens: f64) -> Option<ExplainLine> {
        let way = &self.disaggregated.as_deref()?.way;
        let bytes = way.bytes(tokens);
        let time: Spread = way.exchange.time(bytes);
        Some(ExplainLine {
            name: "transfer of a cache".to_owned(),
            value: time.value(),
            unit: "s",
            formula: "base + α + n / (share · L)".to_owned(),
            inputs: vec![
                ExplainInput::new("prompt tokens", tokens.to_string(), "the load"),
                ExplainInput::new("n", si(bytes, "B", 4), "what a device keeps of them"),
                ExplainInput::new("over", way.link.0.to_owned(), "where the phases lie"),
                self.term_input("share of L", TermName::LinkBandwidth),
                self.term_input("base", TermName::CollectiveBase),
                self.term_input("α", way.link.1),
            ],
        })
    }
}
