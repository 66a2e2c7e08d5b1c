//! Reads `hardware.<alias>.host`.

use super::context::Context;
use super::hardware::{catalog_device, one_link};
use super::{Host, Node, Storage};
use crate::units::{Bytes, BytesPerSec, Dimension};

/// Width of a memory channel; DDR4 and DDR5 move 64 bits a transfer on a DIMM (JEDEC JESD79-4, JESD79-5).
const CHANNEL_BYTES: f64 = 8.0;

/// The host of a point.
pub(super) fn read(context: &mut Context<'_>, alias: &str, node: &Node) -> Host {
    let cpu_node = node.get("cpu");
    let cpu = cpu_node
        .and_then(|cpu| cpu.get("catalog"))
        .and_then(|name| catalog_device(context, &format!("hardware.{alias}.host.cpu"), name));
    let reader = &mut context.reader;
    let threads = cpu_node
        .and_then(|cpu| reader.field(cpu, "threads", |reader, node| reader.count32(node, 1)));
    let memory = node.get("memory");
    let memory_size = memory.and_then(|memory| {
        reader
            .field(memory, "size", |reader, node| {
                reader.positive(node, Dimension::Bytes)
            })
            .map(Bytes::new)
    });
    let memory_bandwidth = memory.and_then(|memory| {
        let speed = reader.field(memory, "speed", |reader, node| {
            reader.positive(node, Dimension::Transfers)
        });
        let channels = reader.field(memory, "channels", |reader, node| reader.count32(node, 1));
        Some(BytesPerSec::new(
            speed? * f64::from(channels?) * CHANNEL_BYTES,
        ))
    });
    let link = node.get("link").and_then(|node| link(context, alias, node));
    let reader = &mut context.reader;
    let storage = node.get("storage").and_then(|storage| {
        let kind = reader.field(storage, "kind", |reader, node| {
            reader.choice(node, &[("nvme", "nvme"), ("sata", "sata"), ("hdd", "hdd")])
        })?;
        Some(Storage {
            kind: kind.to_owned(),
            read: reader
                .field(storage, "read", |reader, node| {
                    reader.positive(node, Dimension::ByteRate)
                })
                .map(BytesPerSec::new),
            size: reader
                .field(storage, "size", |reader, node| {
                    reader.positive(node, Dimension::Bytes)
                })
                .map(Bytes::new),
        })
    });
    Host {
        cpu,
        threads,
        memory_size,
        memory_bandwidth,
        link,
        storage,
    }
}

/// The link to the accelerator: a name, a rate, or PCI Express.
fn link(context: &mut Context<'_>, alias: &str, node: &Node) -> Option<BytesPerSec> {
    if node.scalar().is_some() {
        let named = one_link(context, format!("hardware.{alias}.host.link"), node);
        return named.map(|link| link.bandwidth);
    }
    let reader = &mut context.reader;
    let lane = reader.field(node, "pcie", |reader, node| reader.choice(node, &PCIE_LANE));
    let lanes = reader
        .field(node, "lanes", |reader, node| reader.count32(node, 1))
        .unwrap_or(16);
    Some(BytesPerSec::new(lane? * f64::from(lanes)))
}

/// Bytes a second of one PCI Express lane, one direction, after line coding: 2.5 and 5 GT/s with 8b/10b, 8 to 32 GT/s
/// with 128b/130b, 64 GT/s with 242/256 flits (PCI-SIG, PCI Express Base Specification 6.0, section 1).
const PCIE_LANE: [(&str, f64); 6] = [
    ("gen1", 2.5e9 / 8.0 * 0.8),
    ("gen2", 5e9 / 8.0 * 0.8),
    ("gen3", 8e9 / 8.0 * 128.0 / 130.0),
    ("gen4", 16e9 / 8.0 * 128.0 / 130.0),
    ("gen5", 32e9 / 8.0 * 128.0 / 130.0),
    ("gen6", 64e9 / 8.0 * 242.0 / 256.0),
];
