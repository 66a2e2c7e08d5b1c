//! Which names an axis may have: the aliases, and the dotted paths of what a prediction depends on.

use std::fmt::Write as _;

use super::super::runtime;
use super::super::{AxisPaths, AxisTarget};
use super::hardware::HARDWARE;
use super::models::MODEL;
use super::workload::LOAD_MODES;
use super::{DOCUMENT, Field, Shape, check};
use crate::diag::suggest;

/// Axis names as the table knows them.
#[derive(Debug, Clone, Copy, Default)]
pub struct Paths;

/// Short names and the paths they stand for.
const ALIASES: [(&str, &str); 14] = [
    ("model", "an alias of `models`"),
    ("hardware", "an alias of `hardware`"),
    ("precision", "precision"),
    ("concurrency", "workload.*.load.concurrency"),
    ("request_rate", "workload.*.load.request_rate"),
    ("batch_size", "workload.*.load.batch_size"),
    ("isl", "workload.llm.isl"),
    ("osl", "workload.llm.osl"),
    ("tp", "deployment.tp"),
    ("pp", "deployment.pp"),
    ("dp", "deployment.dp"),
    ("ep", "deployment.ep"),
    ("region", "energy.region"),
    ("purchase", "pricing.purchase"),
];

/// Top-level keys that axes may reach into.
const ROOTS: [&str; 5] = ["precision", "runtime", "deployment", "workload", "vars"];

impl AxisPaths for Paths {
    fn resolve(&self, axis: &str) -> Result<AxisTarget, Option<String>> {
        target(axis).ok_or_else(|| nearest(axis))
    }

    fn load_modes(&self) -> &[&str] {
        LOAD_MODES
    }
}

fn owned(parts: &[&str]) -> Vec<String> {
    parts.iter().map(|&part| part.to_owned()).collect()
}

fn target(axis: &str) -> Option<AxisTarget> {
    match axis {
        "model" => return Some(AxisTarget::Model),
        "hardware" => return Some(AxisTarget::Hardware),
        "concurrency" | "request_rate" | "batch_size" => {
            return Some(AxisTarget::LoadMode(axis.to_owned()));
        }
        "isl" | "osl" => return Some(AxisTarget::Path(owned(&["workload", "llm", axis]))),
        "tp" | "pp" | "dp" | "ep" => return Some(AxisTarget::Path(owned(&["deployment", axis]))),
        "region" | "energy.region" => return Some(AxisTarget::Path(owned(&["energy", "region"]))),
        "purchase" | "pricing.purchase" => {
            return Some(AxisTarget::Path(owned(&["pricing", "purchase"])));
        }
        _ => {}
    }
    let parts: Vec<&str> = axis.split('.').collect();
    let (first, rest) = parts.split_first()?;
    match *first {
        "model" if !rest.is_empty() && leads(&MODEL, rest) => {
            Some(AxisTarget::ModelField(owned(rest)))
        }
        "hardware" if !rest.is_empty() && leads(&HARDWARE, rest) => {
            Some(AxisTarget::HardwareField(owned(rest)))
        }
        "energy" if rest.first() == Some(&"thermal") && known(&parts) => {
            Some(AxisTarget::Path(owned(&parts)))
        }
        "workload" if known(&parts) => match rest {
            [_, "load", mode] if LOAD_MODES.contains(mode) => {
                Some(AxisTarget::LoadMode((*mode).to_owned()))
            }
            _ => Some(AxisTarget::Path(owned(&parts))),
        },
        root if ROOTS.contains(&root) && known(&parts) && (root != "vars" || rest.len() == 1) => {
            Some(AxisTarget::Path(owned(&parts)))
        }
        _ => None,
    }
}

/// True when the path leads somewhere from the top of the document.
fn known(parts: &[&str]) -> bool {
    let Some((first, rest)) = parts.split_first() else {
        return false;
    };
    DOCUMENT
        .fields
        .iter()
        .find(|field| field.key == *first)
        .is_some_and(|field| leads(field.shape, rest))
}

fn leads(shape: &'static Shape, rest: &[&str]) -> bool {
    let Some((first, deeper)) = rest.split_first() else {
        return true;
    };
    match shape {
        Shape::Named(_, inner) => leads(inner, rest),
        Shape::Either(shapes) => shapes.iter().any(|shape| leads(shape, rest)),
        Shape::Names(value) => leads(value, deeper),
        Shape::Runtime => {
            deeper.is_empty() && (matches!(*first, "name" | "version") || runtime::any_has(first))
        }
        Shape::Map(_) | Shape::Tagged(_) => fields(shape)
            .find(|field| field.key == *first)
            .is_some_and(|field| leads(field.shape, deeper)),
        Shape::Any => true,
        Shape::List(_)
        | Shape::Text
        | Shape::Path
        | Shape::Date
        | Shape::Bool
        | Shape::Count(_)
        | Shape::Number
        | Shape::Share
        | Shape::Quantity(_)
        | Shape::Choice(_)
        | Shape::Scalar => false,
    }
}

/// True when entries of `models` (`model`) or `hardware` have a field of that name.
pub fn is_field(axis: &str, name: &str) -> bool {
    let shape = if axis == "model" { &MODEL } else { &HARDWARE };
    fields(shape).any(|field| field.key == name)
}

/// The fields that a map may have in any of its cases.
fn fields(shape: &'static Shape) -> Box<dyn Iterator<Item = &'static Field>> {
    match shape {
        Shape::Map(map) => Box::new(map.fields.iter()),
        Shape::Tagged(tagged) => Box::new(
            tagged
                .cases
                .iter()
                .flat_map(|case| case.fields.iter())
                .chain(tagged.common),
        ),
        Shape::Named(_, inner) => fields(inner),
        Shape::Either(shapes) => Box::new(shapes.iter().flat_map(|shape| fields(shape))),
        Shape::Names(_)
        | Shape::List(_)
        | Shape::Runtime
        | Shape::Text
        | Shape::Path
        | Shape::Date
        | Shape::Bool
        | Shape::Count(_)
        | Shape::Number
        | Shape::Share
        | Shape::Quantity(_)
        | Shape::Choice(_)
        | Shape::Scalar
        | Shape::Any => Box::new(std::iter::empty()),
    }
}

fn nearest(axis: &str) -> Option<String> {
    let entries = entries();
    let known = ALIASES
        .iter()
        .map(|(alias, _)| *alias)
        .chain(entries.iter().map(|entry| entry.path.as_str()));
    suggest(axis, known).map(str::to_owned)
}

/// One line of the list of axis names.
struct Entry {
    path: String,
    values: String,
    doc: String,
}

/// Every path that an axis may name, in the order of the table.
fn entries() -> Vec<Entry> {
    let mut list = Vec::new();
    for root in ROOTS {
        let field = DOCUMENT
            .fields
            .iter()
            .find(|field| field.key == root)
            .expect("roots are in the table");
        collect(field, root, &mut list);
    }
    for (name, shape) in [("model", &MODEL), ("hardware", &HARDWARE)] {
        for field in fields(shape) {
            collect(field, &format!("{name}.{}", field.key), &mut list);
        }
    }
    for (path, values, doc) in [
        (
            "energy.region",
            "a region of the catalogue",
            "Where it stands: grid carbon, PUE and price of electricity.",
        ),
        (
            "pricing.purchase",
            "a purchase option",
            "How it is paid for.",
        ),
    ] {
        list.push(Entry {
            path: path.to_owned(),
            values: values.to_owned(),
            doc: doc.to_owned(),
        });
    }
    for (key, shape) in [
        ("ambient", "a temperature"),
        ("sustained", "`true` or `false`"),
    ] {
        list.push(Entry {
            path: format!("energy.thermal.{key}"),
            values: shape.to_owned(),
            doc: "Heat.".to_owned(),
        });
    }
    list
}

fn collect(field: &'static Field, path: &str, list: &mut Vec<Entry>) {
    if matches!(field.shape, Shape::Runtime) {
        return runtime_entries(list);
    }
    let deeper: Vec<_> = fields(field.shape).collect();
    if deeper.is_empty() || takes_scalar(field.shape) {
        let path = if matches!(field.shape, Shape::Names(_)) {
            format!("{path}.<name>")
        } else {
            path.to_owned()
        };
        list.push(Entry {
            path,
            values: check::named(field.shape),
            doc: field.doc.to_owned(),
        });
    }
    for inner in deeper {
        let path = format!("{path}.{}", inner.key);
        if !list.iter().any(|entry| entry.path == path) {
            collect(inner, &path, list);
        }
    }
}

fn runtime_entries(list: &mut Vec<Entry>) {
    for (key, doc) in [("name", "Which software."), ("version", "Its version.")] {
        list.push(Entry {
            path: format!("runtime.{key}"),
            values: "text".to_owned(),
            doc: doc.to_owned(),
        });
    }
    for (option, of) in runtime::all_options() {
        list.push(Entry {
            path: format!("runtime.{option}"),
            values: "an option".to_owned(),
            doc: format!("Of {}.", of.join(", ")),
        });
    }
}

/// True when a single value may stand where a map may stand too.
fn takes_scalar(shape: &Shape) -> bool {
    match shape {
        Shape::Named(_, inner) => takes_scalar(inner),
        Shape::Either(shapes) => shapes.iter().any(|shape| takes_scalar(shape)),
        Shape::Map(_) | Shape::Names(_) | Shape::List(_) | Shape::Tagged(_) | Shape::Runtime => {
            false
        }
        Shape::Text
        | Shape::Path
        | Shape::Date
        | Shape::Bool
        | Shape::Count(_)
        | Shape::Number
        | Shape::Share
        | Shape::Quantity(_)
        | Shape::Choice(_)
        | Shape::Scalar
        | Shape::Any => true,
    }
}

/// The names an axis may have, one a line: aliases first, then paths with what may stand there and what it means.
pub fn axis_list() -> String {
    let mut text = String::new();
    for (alias, path) in ALIASES {
        let _ = writeln!(text, "{alias:<44} {path}");
    }
    for entry in entries() {
        let _ = writeln!(text, "{:<44} {}; {}", entry.path, entry.values, entry.doc);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn aliases_and_paths_lead_to_the_same_target() {
        assert_eq!(target("tp"), target("deployment.tp"));
        assert_eq!(
            target("concurrency"),
            target("workload.llm.load.concurrency")
        );
        assert_eq!(target("isl"), target("workload.llm.isl"));
    }

    #[test]
    fn fields_of_the_own_entry_are_axes() {
        assert_eq!(
            target("hardware.host.memory.speed"),
            Some(AxisTarget::HardwareField(owned(&[
                "host", "memory", "speed"
            ])))
        );
        assert!(target("runtime.n_gpu_layers").is_some());
        assert!(target("energy.thermal.ambient").is_some());
    }

    #[test]
    fn what_no_prediction_depends_on_is_no_axis() {
        for axis in [
            "pricing.utilization",
            "slos.chat",
            "energy.pue",
            "run",
            "name",
            "vars",
            "hardware.hst",
        ] {
            assert_eq!(target(axis), None, "{axis}");
        }
        assert_eq!(nearest("concurency").as_deref(), Some("concurrency"));
    }

    #[test]
    fn the_axis_list_is_stable() {
        insta::assert_snapshot!(axis_list());
    }
}
