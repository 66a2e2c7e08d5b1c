//! Reads `deployment.lora`.

use super::read::Reader;
use super::{Adapters, Node};
use crate::ops::AdapterTargets;

/// What adapters may stand beside, by name.
const TARGETS: [(&str, AdapterTargets); 3] = [
    ("attention", AdapterTargets::Attention),
    ("mlp", AdapterTargets::Mlp),
    ("all", AdapterTargets::All),
];

/// The adapters of a point; `None` where they cannot be read.
pub(super) fn read(reader: &mut Reader, node: &Node) -> Option<Adapters> {
    let mut field = |key: &str| reader.field(node, key, |reader, node| reader.count32(node, 1));
    let (adapters, rank, most) = (field("adapters"), field("rank"), field("max_loras"));
    let targets = reader.field(node, "targets", |reader, node| {
        reader.choice(node, &TARGETS)
    });
    let adapters = adapters?;
    Some(Adapters {
        adapters,
        rank: rank?,
        max_loras: most.unwrap_or(1).min(adapters),
        targets: targets.unwrap_or(AdapterTargets::All),
    })
}

/// The name of targets.
pub(super) fn name(targets: AdapterTargets) -> &'static str {
    let found = TARGETS.iter().find(|(_, known)| *known == targets);
    found.map_or("", |(name, _)| name)
}
