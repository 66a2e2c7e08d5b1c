//! Reads `hardware.<alias>` of one point.

use std::fmt::Write as _;
use std::sync::Arc;

use super::context::Context;
use super::host;
use super::{Hardware, Interconnect, Link, Node};
use crate::catalog::{Catalog, Device, DeviceClass, Mcu, Peaks, PowerMode, Provenance};
use crate::diag::{Code, Diagnostic};
use crate::units::{Bytes, BytesPerSec, Dimension, FlopsPerSec, Hertz, Watts, si};

/// Identity of this machine, which nobody described yet.
pub(super) const LOCAL: &str = "probe:local";

/// The hardware of a point; `None` where its source is wrong.
pub(super) fn read(context: &mut Context<'_>, alias: &str, node: &Node) -> Option<Hardware> {
    let (mut device, mut identity) = source(context, alias, node)?;
    let power_mode = node
        .get("power_mode")
        .and_then(|mode| apply_mode(context, alias, mode, &mut device));
    if let Some(overrides) = node.get("overrides") {
        apply_overrides(context, alias, overrides, (&mut device, &mut identity));
    }
    let modelled = format!("{identity}|{}", power_mode.as_deref().unwrap_or(""));
    let device = context
        .shared
        .devices
        .entry(modelled)
        .or_insert_with(|| Arc::new(device))
        .clone();
    let reader = &mut context.reader;
    let count = reader.field(node, "count", |reader, node| reader.count32(node, 1));
    let nodes = reader.field(node, "nodes", |reader, node| reader.count32(node, 1));
    let power_limit = reader.field(node, "power_limit", |reader, node| {
        reader.positive(node, Dimension::Power).map(Watts::new)
    });
    let interconnect = links(context, alias, node.get("interconnect"));
    let host = node
        .get("host")
        .map(|node| host::read(context, alias, node));
    let hardware = Hardware {
        device,
        identity,
        count: count.unwrap_or(1),
        nodes: nodes.unwrap_or(1),
        interconnect,
        host,
        power_limit,
        power_mode,
    };
    assume_what_is_not_said(context, alias, &hardware);
    Some(hardware)
}

/// The device as its source states it, and its identity.
fn source(context: &mut Context<'_>, alias: &str, node: &Node) -> Option<(Device, String)> {
    if let Some(name) = node.get("catalog") {
        let device = catalog_device(context, &format!("hardware.{alias}"), name)?;
        let identity = format!("catalog:{}", device.id);
        return Some(((*device).clone(), identity));
    }
    if let Some(file) = node.get("file") {
        return from_file(context, alias, file);
    }
    node.get("probe")
        .map(|_| (unknown_device(), LOCAL.to_owned()))
}

/// A device of the catalogue, kept as a used fact.
pub(super) fn catalog_device(
    context: &mut Context<'_>,
    path: &str,
    name: &Node,
) -> Option<Arc<Device>> {
    let text = context.reader.text(name)?;
    let Some(device) = context.catalog.device(&text) else {
        let near = context.catalog.suggest_device(&text);
        context.reader.push(unknown(
            Code::UnknownHardware,
            "hardware",
            &text,
            name,
            near,
        ));
        return None;
    };
    let device = device.clone();
    context.used(
        path,
        format!("{} ({})", device.name, device.id),
        &device.provenance,
    );
    Some(device)
}

/// "Nothing has that name", with the nearest one.
pub(super) fn unknown(
    code: Code,
    what: &str,
    text: &str,
    node: &Node,
    near: Option<String>,
) -> Diagnostic {
    let label = near.map_or_else(
        || "not in the catalogue".to_owned(),
        |near| format!("not in the catalogue; did you mean `{near}`?"),
    );
    Diagnostic::error(code, format!("no {what} is named `{text}`"), node.span).label(label)
}

fn from_file(context: &mut Context<'_>, alias: &str, node: &Node) -> Option<(Device, String)> {
    let (path, file) = context.file(node)?;
    let Ok(text) = String::from_utf8(file.bytes.to_vec()) else {
        let message = format!("{} is not UTF-8 text", file.listed.path);
        context
            .reader
            .push(Diagnostic::error(Code::NotText, message, node.span).label("named here"));
        return None;
    };
    let known = context
        .sources
        .iter()
        .find(|(_, known, _)| *known == path)
        .map(|(id, _, _)| id);
    let source = known.unwrap_or_else(|| context.sources.add(path, text));
    match Catalog::device_file(source, context.sources) {
        Ok(device) => {
            let path = format!("hardware.{alias}");
            context.used(
                path,
                format!("{} ({})", device.name, file.listed.path),
                &device.provenance,
            );
            Some((device, format!("file:{}", file.listed.blake3)))
        }
        Err(wrong) => {
            context.reader.diagnostics.extend(wrong);
            None
        }
    }
}

/// This machine before anything describes it: every fact is unknown.
fn unknown_device() -> Device {
    Device {
        id: "local".to_owned(),
        vendor: String::new(),
        name: "this machine".to_owned(),
        class: DeviceClass::Cpu,
        architecture: String::new(),
        year: None,
        memory: None,
        memory_type: String::new(),
        memory_bandwidth: None,
        peaks: Peaks::default(),
        cores: None,
        boost_clock: None,
        base_clock: None,
        l2: None,
        l3: None,
        l1_per_core: None,
        tdp: None,
        idle_power: None,
        fabric: None,
        pcie: None,
        mcu: Mcu::default(),
        launch_price_usd: None,
        provenance: Provenance::default(),
    }
}

/// Puts a power mode into effect; returns its name.
fn apply_mode(
    context: &mut Context<'_>,
    alias: &str,
    node: &Node,
    device: &mut Device,
) -> Option<String> {
    let text = context.reader.text(node)?;
    let Some(mode) = context.catalog.power_mode(&device.id, &text).cloned() else {
        let known = context.catalog.power_mode_names(&device.id);
        let help = if known.is_empty() {
            "the catalogue knows no power modes of it".to_owned()
        } else {
            format!("it has {}", known.join(", "))
        };
        let message = format!("{} has no power mode `{text}`", device.name);
        context.reader.push(
            Diagnostic::error(Code::BadValue, message, node.span)
                .label("not a mode of it")
                .help(help),
        );
        return None;
    };
    let path = format!("hardware.{alias}.power_mode");
    context.used(
        path.clone(),
        format!("{} at {} W", mode.mode, mode.power.get()),
        &mode.provenance,
    );
    if mode.clock_factor.is_none() || mode.bandwidth_factor.is_none() {
        context.assume(
            path,
            "clocks that the mode's source does not state are those of the datasheet",
            "default",
        );
    }
    limit_to(device, &mode);
    Some(mode.mode.clone())
}

fn limit_to(device: &mut Device, mode: &PowerMode) {
    device.tdp = Some(mode.power);
    if let Some(factor) = mode.bandwidth_factor {
        device.memory_bandwidth = device.memory_bandwidth.map(|rate| rate * factor);
    }
    let Some(factor) = mode.clock_factor else {
        return;
    };
    device.boost_clock = device.boost_clock.map(|clock| clock * factor);
    let peaks = &mut device.peaks;
    for peak in [
        &mut peaks.fp64,
        &mut peaks.fp32,
        &mut peaks.tf32,
        &mut peaks.bf16,
        &mut peaks.fp16,
        &mut peaks.fp16_acc16,
        &mut peaks.fp8,
        &mut peaks.fp4,
        &mut peaks.int8,
        &mut peaks.int4,
    ] {
        *peak = peak.map(|rate| rate * factor);
    }
}

/// Replaces facts of the device; each is an assumption and part of its identity.
fn apply_overrides(
    context: &mut Context<'_>,
    alias: &str,
    node: &Node,
    (device, identity): (&mut Device, &mut String),
) {
    let mut changes = Vec::new();
    for entry in node.entries() {
        if let Some((value, shown)) = override_one(context, &entry.key, &entry.node, device) {
            changes.push((entry.key.as_str(), value));
            context.assume(
                format!("hardware.{alias}.overrides.{}", entry.key),
                shown,
                "the scenario",
            );
        }
    }
    changes.sort_by_key(|(key, _)| *key);
    for (key, value) in changes {
        let _ = write!(identity, ";{key}={value}");
    }
}

fn override_one(
    context: &mut Context<'_>,
    key: &str,
    node: &Node,
    device: &mut Device,
) -> Option<(f64, String)> {
    let peaks = &mut device.peaks;
    let peak = match key {
        "fp64" => Some(&mut peaks.fp64),
        "fp32" => Some(&mut peaks.fp32),
        "tf32" => Some(&mut peaks.tf32),
        "bf16" => Some(&mut peaks.bf16),
        "fp16" => Some(&mut peaks.fp16),
        "fp16_acc16" => Some(&mut peaks.fp16_acc16),
        "fp8" => Some(&mut peaks.fp8),
        "fp4" => Some(&mut peaks.fp4),
        "int8" => Some(&mut peaks.int8),
        "int4" => Some(&mut peaks.int4),
        _ => None,
    };
    let reader = &mut context.reader;
    if let Some(peak) = peak {
        let value = reader.positive(node, Dimension::Compute)?;
        *peak = Some(FlopsPerSec::new(value));
        return Some((value, si(value, "FLOP/s", 4)));
    }
    if key == "cores" {
        let cores = reader.count32(node, 1)?;
        device.cores = Some(cores);
        return Some((f64::from(cores), cores.to_string()));
    }
    let mut amount = |dimension| context.reader.positive(node, dimension);
    let (value, unit) = match key {
        "memory" | "l2" | "l1_per_core" => (amount(Dimension::Bytes)?, "B"),
        "memory_bandwidth" => (amount(Dimension::ByteRate)?, "B/s"),
        "boost_clock" | "base_clock" => (amount(Dimension::Frequency)?, "Hz"),
        "tdp" | "idle_power" => (amount(Dimension::Power)?, "W"),
        _ => return None,
    };
    match key {
        "memory" => device.memory = Some(Bytes::new(value)),
        "l2" => device.l2 = Some(Bytes::new(value)),
        "l1_per_core" => device.l1_per_core = Some(Bytes::new(value)),
        "memory_bandwidth" => device.memory_bandwidth = Some(BytesPerSec::new(value)),
        "boost_clock" => device.boost_clock = Some(Hertz::new(value)),
        "base_clock" => device.base_clock = Some(Hertz::new(value)),
        "tdp" => device.tdp = Some(Watts::new(value)),
        _ => device.idle_power = Some(Watts::new(value)),
    }
    Some((value, si(value, unit, 4)))
}

fn links(context: &mut Context<'_>, alias: &str, node: Option<&Node>) -> Interconnect {
    let Some(node) = node else {
        return Interconnect {
            rails: 1,
            ..Interconnect::default()
        };
    };
    let path = |end: &str| format!("hardware.{alias}.interconnect.{end}");
    let intra = node
        .get("intra")
        .and_then(|link| one_link(context, path("intra"), link));
    let inter = node
        .get("inter")
        .and_then(|link| one_link(context, path("inter"), link));
    let rails = context
        .reader
        .field(node, "rails", |reader, node| reader.count32(node, 1));
    Interconnect {
        intra,
        inter,
        rails: rails.unwrap_or(1),
    }
}

/// A link by name, or a bandwidth of one direction.
pub(super) fn one_link(context: &mut Context<'_>, path: String, node: &Node) -> Option<Link> {
    let text = node.scalar()?.text.clone();
    if let Some(link) = context.catalog.link(&text).cloned() {
        let rate = link.bandwidth_per_direction;
        context.used(
            path,
            format!("{}: {} one way", link.id, si(rate.get(), "B/s", 3)),
            &link.provenance,
        );
        return Some(Link {
            name: link.id.clone(),
            bandwidth: rate,
        });
    }
    if text.starts_with(|first: char| first.is_ascii_digit()) {
        let rate = context.reader.positive(node, Dimension::ByteRate)?;
        return Some(Link {
            name: text,
            bandwidth: BytesPerSec::new(rate),
        });
    }
    let near = context.catalog.suggest_link(&text);
    let unknown = unknown(Code::BadValue, "link", &text, node, near);
    context
        .reader
        .push(unknown.help("name a link of the catalogue, or give the bandwidth of one direction"));
    None
}

fn assume_what_is_not_said(context: &mut Context<'_>, alias: &str, hardware: &Hardware) {
    let path = format!("hardware.{alias}");
    if hardware.identity == LOCAL {
        return;
    }
    if hardware.count > 1 && hardware.interconnect.intra.is_none() {
        let value = hardware.device.fabric.map_or_else(
            || "the link inside a node is PCIe as the device states it".to_owned(),
            |fabric| {
                format!(
                    "{} one way, from the device",
                    si(fabric.bandwidth_per_direction.get(), "B/s", 3)
                )
            },
        );
        context.assume(format!("{path}.interconnect.intra"), value, "default");
    }
    if hardware.host.is_none() {
        context.assume(
            format!("{path}.host"),
            "unknown; it never limits",
            "default",
        );
    }
}
