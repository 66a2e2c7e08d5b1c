//! `aliases.csv`, `sources.csv`, `links.csv`, `power_modes.csv`.

use super::super::Provenance;
use super::super::cells::Cells;
use super::super::table::Kind;
use crate::units::{BytesPerSec, Watts};

/// What an alias names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in super::super) enum AliasKind {
    Hardware,
    Model,
}

/// Another name of an entry.
#[derive(Debug, Clone, PartialEq)]
pub(in super::super) struct Alias {
    pub kind: AliasKind,
    pub name: String,
    pub id: String,
    /// How many of the entry one of this name is: two GPUs on a card that records count.
    pub devices: u32,
    pub notes: String,
}

/// A document that several rows cite.
#[derive(Debug, Clone, PartialEq)]
pub(in super::super) struct SourceText {
    pub key: String,
    pub text: String,
}

/// A link between devices or nodes that scenarios name.
#[derive(Debug, Clone, PartialEq)]
pub struct NamedLink {
    /// Name, `nvlink4`, `ib-ndr-400`.
    pub id: String,
    /// `intra` inside a node, `inter` between nodes, `host` between device and host.
    pub scope: String,
    /// What one figure stands for: all links of one `device`, or one `port`.
    pub per: String,
    /// Bandwidth of one direction, as the specification states it.
    pub bandwidth_per_direction: BytesPerSec,
    /// Where the figure comes from.
    pub provenance: Provenance,
}

/// A power mode of a device.
#[derive(Debug, Clone, PartialEq)]
pub struct PowerMode {
    /// The device.
    pub device: String,
    /// Name, lower case: `15w`, `maxn`.
    pub mode: String,
    /// Power budget of the module.
    pub power: Watts,
    /// Clock of the accelerator in this mode for its clock in the catalogue, where the datasheet states it.
    pub clock_factor: Option<f64>,
    /// Memory rate in this mode for the catalogue's, where the datasheet states it.
    pub bandwidth_factor: Option<f64>,
    /// Where the figures come from.
    pub provenance: Provenance,
}

pub(in super::super) const ALIASES: Kind<Alias> = Kind {
    name: "aliases",
    columns: &["kind", "alias", "id", "devices", "notes"],
    read: |cells: &mut Cells| {
        const KINDS: [(&str, AliasKind); 2] = [
            ("hardware", AliasKind::Hardware),
            ("model", AliasKind::Model),
        ];
        let kind = cells.required_word("kind", &KINDS);
        let name = cells.id("alias");
        let id = cells.id("id");
        let devices = cells.integer("devices", 1..=64).unwrap_or(1);
        let notes = cells.text("notes").to_owned();
        Some(Alias {
            kind: kind?,
            name: name?,
            id: id?,
            devices,
            notes,
        })
    },
    id: |alias| alias_id(alias.kind, &alias.name),
    unique: |alias| alias_id(alias.kind, &alias.name),
};

/// The name an alias is looked up by: the two kinds share one table.
pub(in super::super) fn alias_id(kind: AliasKind, alias: &str) -> String {
    match kind {
        AliasKind::Hardware => format!("hardware {alias}"),
        AliasKind::Model => format!("model {alias}"),
    }
}

pub(in super::super) const SOURCES: Kind<SourceText> = Kind {
    name: "sources",
    columns: &["key", "text", "notes"],
    read: |cells: &mut Cells| {
        let key = cells.required("key").map(str::to_owned);
        let text = cells.required("text").map(str::to_owned);
        let notes = cells.text("notes");
        let text = match notes {
            "" => text?,
            notes => format!("{} ({notes})", text?),
        };
        Some(SourceText { key: key?, text })
    },
    id: |source| source.key.clone(),
    unique: |source| source.key.clone(),
};

pub(in super::super) const LINKS: Kind<NamedLink> = Kind {
    name: "links",
    columns: &[
        "id",
        "scope",
        "per",
        "gb_s_per_direction",
        "source",
        "as_of",
        "confidence",
        "notes",
    ],
    read: |cells: &mut Cells| {
        const SCOPES: [(&str, &str); 3] =
            [("intra", "intra"), ("inter", "inter"), ("host", "host")];
        const PER: [(&str, &str); 2] = [("device", "device"), ("port", "port")];
        let id = cells.id("id");
        let scope = cells.required_word("scope", &SCOPES);
        let per = cells.required_word("per", &PER);
        cells.required("gb_s_per_direction");
        let giga = cells.number("gb_s_per_direction", 0.01..=5000.0);
        let provenance = cells.provenance();
        Some(NamedLink {
            id: id?,
            scope: scope?.to_owned(),
            per: per?.to_owned(),
            bandwidth_per_direction: BytesPerSec::new(giga? * 1e9),
            provenance,
        })
    },
    id: |link| link.id.clone(),
    unique: |link| link.id.clone(),
};

pub(in super::super) const POWER_MODES: Kind<PowerMode> = Kind {
    name: "power_modes",
    columns: &[
        "device",
        "mode",
        "power_w",
        "clock_factor",
        "bandwidth_factor",
        "source",
        "as_of",
        "confidence",
        "notes",
    ],
    read: |cells: &mut Cells| {
        let device = cells.id("device");
        let mode = cells.id("mode");
        cells.required("power_w");
        let power = cells.number("power_w", 0.1..=2000.0).map(Watts::new);
        let clock_factor = cells.number("clock_factor", 0.01..=2.0);
        let bandwidth_factor = cells.number("bandwidth_factor", 0.01..=2.0);
        let provenance = cells.provenance();
        Some(PowerMode {
            device: device?,
            mode: mode?,
            power: power?,
            clock_factor,
            bandwidth_factor,
            provenance,
        })
    },
    id: |mode| format!("{} {}", mode.device, mode.mode),
    unique: |mode| format!("{} {}", mode.device, mode.mode),
};
