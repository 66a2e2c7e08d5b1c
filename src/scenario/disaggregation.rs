//! Reads a deployment whose prompts and generation have engines of their own.
//!
//! Both kinds are on the same hardware: each engine fits in what an alias of `hardware` describes, and there may be as many as
//! one likes. Where all of them together fit in one node (`hardware.count`), caches are sent over the link inside a node; else
//! the two phases lie on different nodes and caches cross the network, whose bandwidth must be stated.

use super::deployment::{Purpose, pool};
use super::read::Reader;
use super::{Deployment, Hardware, Node, Router};
use crate::catalog::Model;
use crate::diag::{Code, Diagnostic};

/// Keys of a deployment that each phase states for itself.
const SIZES: [&str; 9] = [
    "tp",
    "pp",
    "dp",
    "ep",
    "cp",
    "dp_attention",
    "replicas",
    "zero",
    "sequence_parallel",
];

/// True where a deployment names engines of one phase.
pub(super) fn is_meant(node: &Node) -> bool {
    node.get("prefill").is_some() || node.get("decode").is_some()
}

/// Both phases; `None` where one of them is missing or does not fit.
pub(super) fn read(
    reader: &mut Reader,
    node: &Node,
    purpose: Purpose,
    system: (&Model, &Hardware),
) -> Option<Deployment> {
    contradictions(reader, node, purpose);
    let mut phase = |key: &str, other: &str| {
        let Some(inside) = node.get(key) else {
            reader.push(
                Diagnostic::error(
                    Code::MissingKey,
                    format!("`{other}` has engines of its own and `{key}` has none"),
                    node.span,
                )
                .label(format!("`{key}` is missing"))
                .help(format!("add `{key}: {{replicas: 1}}`")),
            );
            return None;
        };
        pool(reader, Some(inside), purpose, system, inside.span)
    };
    let (prefill, decode) = (phase("prefill", "decode"), phase("decode", "prefill"));
    let (prefill, decode) = (prefill?, decode?);
    let deployment = Deployment {
        parallel: decode.parallel,
        dp_attention: decode.dp_attention,
        replicas: decode.replicas,
        router: Router::default(),
        zero: 0,
        sequence_parallel: false,
        prefill: Some(prefill),
    };
    has_a_link(reader, node, &deployment, system.1)?;
    Some(deployment)
}

/// Keeps "this does not go together with engines for prompts".
pub(super) fn apart_from(reader: &mut Reader, key: &str, node: &Node) {
    reader.push(
        Diagnostic::error(
            Code::NotModelledYet,
            format!("`{key}` where prompts have engines of their own"),
            node.span,
        )
        .label("not modelled yet")
        .help(format!("one of `{key}` and `prefill` with `decode`")),
    );
}

fn contradictions(reader: &mut Reader, node: &Node, purpose: Purpose) {
    for key in SIZES {
        if let Some(entry) = node.entries().iter().find(|entry| entry.key == key) {
            reader.push(
                Diagnostic::error(
                    Code::TwoForms,
                    format!("`{key}` stands beside engines of one phase"),
                    entry.key_span,
                )
                .label("of which engines?")
                .help(format!("write `{key}` inside `prefill` and `decode`")),
            );
        }
    }
    if purpose == Purpose::Training {
        reader.bad_value(
            node.span,
            "a training job has no engines for prompts and for generation",
            "only for serving",
        );
    }
}

/// Phases on different nodes need a network between them.
fn has_a_link(
    reader: &mut Reader,
    node: &Node,
    deployment: &Deployment,
    hardware: &Hardware,
) -> Option<()> {
    let count = hardware.count.max(1);
    if deployment.in_one_node(u64::from(count)) || hardware.interconnect.inter.is_some() {
        return Some(());
    }
    let message = format!(
        "{} accelerators do not fit in a node of {count}, and the network that caches would cross is not stated",
        deployment.accelerators()
    );
    reader.push(
        Diagnostic::error(Code::MissingKey, message, node.span)
            .label("prompts and generation lie on different nodes")
            .help("state `interconnect: {inter: …}` of the hardware, or a larger `count`"),
    );
    None
}
