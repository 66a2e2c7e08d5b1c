//! From a document to a scenario and its plan.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::context::{Context, Shared};
use super::lookups::Facts;
use super::parts::{self, Parts};
use super::read::Reader;
use super::schema::{self, Paths};
use super::whole::{self, Fields};
use super::{
    Axis, AxisValue, Document, Entry, Expansion, ExpressionScope, Node, Options, Plan, Scenario,
    Value, Variant, evaluate, expand, hardware, models, read_document, runtime, speculation,
    system, what_if,
};
use crate::catalog::Catalog;
use crate::diag::{Code, Diagnostic, Diagnostics, Warned};
use crate::source::{Sources, World};
use crate::units::parse_any;

/// A scenario with its plan.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// What does not vary between points.
    pub scenario: Scenario,
    /// The points.
    pub plan: Plan,
    /// The folder that holds `scenarios/`, `golden/`, `reports/` and `templates/`.
    pub root: PathBuf,
}

/// Reads a scenario from its file to its plan.
///
/// # Errors
///
/// Everything that is wrong with it, sorted by place.
pub fn load(
    world: &dyn World,
    catalog: &Catalog,
    sources: &mut Sources,
    path: &Path,
    options: &Options,
) -> Result<Warned<Loaded>, Diagnostics> {
    let document = match read_document(world, sources, path, options) {
        Ok(document) => document,
        Err(wrong) => return Err(wrong.sorted(sources)),
    };
    let mut context = Context {
        catalog,
        world,
        sources,
        document: &document,
        allow_outside: options.allow_outside,
        reader: Reader::default(),
        assumptions: BTreeSet::new(),
        files: BTreeMap::new(),
        shared: Shared::default(),
    };
    let loaded = resolve(&mut context);
    let diagnostics = std::mem::take(&mut context.reader.diagnostics).sorted(context.sources);
    match loaded {
        Some(value) if !diagnostics.has_errors() => Ok(Warned { value, diagnostics }),
        Some(_) | None => Err(diagnostics),
    }
}

fn resolve(context: &mut Context<'_>) -> Option<Loaded> {
    let document = context.document;
    schema::check(&document.root, &mut context.reader);
    aliases_are_no_fields(context);
    let expansion = match expand(document, &Paths) {
        Ok(expansion) => {
            context
                .reader
                .diagnostics
                .extend(expansion.warnings.clone());
            Some(expansion)
        }
        Err(problems) => {
            context.reader.diagnostics.extend(problems);
            None
        }
    };
    let facts = every_entry(context);
    let asked = asked(&document.root);
    let parts = expansion.as_ref().and_then(|expansion| {
        if entries_are_chosen(context, expansion) {
            parts::resolve(context, expansion, &facts, asked)
        } else {
            None
        }
    });
    let axes = axis_names(document, expansion.as_ref());
    let created = expansion
        .as_ref()
        .map_or_else(Vec::new, Expansion::created_fields);
    let all: Vec<&str> = axes.iter().map(String::as_str).chain(created).collect();
    let words = expansion.as_ref().map_or_else(Vec::new, axes_of_words);
    let fields = Fields {
        axes: &axes,
        words: &words,
        all: &all,
    };
    let scenario = whole::read(context, asked, &fields, (expansion.as_ref(), &facts));
    if let Some(expansion) = &expansion {
        expressions_of_run(context, expansion, &facts);
    }
    let variants = variants(context, parts.as_ref());
    let scenario = scenario?;
    let mut parts = parts?;
    let mut terms = std::mem::take(&mut parts.terms);
    if terms.len() < 2 {
        terms.clear();
    }
    let plan = plan(context, expansion?, parts, &scenario);
    let scenario = Scenario {
        assumptions: context.assumptions.iter().cloned().collect(),
        terms,
        what_if: variants,
        ..scenario
    };
    let root = document.folder.clone();
    Some(Loaded {
        scenario,
        plan,
        root,
    })
}

/// The variants of `what_if`, under the software of the first point.
fn variants(context: &mut Context<'_>, parts: Option<&Parts>) -> Vec<Variant> {
    let written = whole::section(context, "what_if");
    let first = parts.and_then(|parts| parts.systems.first());
    let software = first.map(|part| &part.value.runtime);
    what_if::read(context, written.as_ref(), software)
}

/// What the workload of the document asks of a system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked {
    /// A model that generates text.
    Text,
    /// A training job.
    Training,
    /// Anything else.
    Other,
}

fn asked(root: &Node) -> Asked {
    match root.get("workload") {
        Some(workload) if workload.get("llm").is_some() => Asked::Text,
        Some(workload) if workload.get("training").is_some() => Asked::Training,
        Some(_) | None => Asked::Other,
    }
}

/// `hardware.count` as an axis must not be the hardware named `count`.
fn aliases_are_no_fields(context: &mut Context<'_>) {
    for (section, prefix) in [("models", "model"), ("hardware", "hardware")] {
        for entry in context
            .document
            .root
            .get(section)
            .map_or(&[][..], Node::entries)
        {
            if schema::is_field(prefix, &entry.key) {
                let message = format!(
                    "`{}` is a field of `{section}`, so an alias may not be named so",
                    entry.key
                );
                context
                    .reader
                    .bad_value(entry.key_span, message, "choose another name");
            }
        }
    }
}

/// Reads every entry of `models` and `hardware` as written, used or not: unknown names are found in all of them, and
/// expressions may ask for their facts.
fn every_entry(context: &mut Context<'_>) -> Facts {
    let kept = context.assumptions.clone();
    let mut facts = Facts::default();
    let root = &context.document.root;
    let drafts = speculation::drafts(root);
    if let Some(node) = root.get("runtime").filter(|node| !has_expression(node))
        && !axis_names(context.document, None)
            .iter()
            .any(|axis| axis == "runtime.name")
    {
        runtime::read(node, &mut context.reader);
    }
    for entry in root.get("models").map_or(&[][..], Node::entries) {
        if !has_expression(&entry.node)
            && let Some(model) = models::read(context, &entry.key, &entry.node)
            && !drafts.contains(entry.key.as_str())
        {
            facts.models.insert(entry.key.clone(), model.choice.model);
        }
    }
    for entry in root.get("hardware").map_or(&[][..], Node::entries) {
        if !has_expression(&entry.node)
            && let Some(hardware) = hardware::read(context, &entry.key, &entry.node)
        {
            facts.devices.insert(entry.key.clone(), hardware.device);
        }
    }
    context.assumptions = kept;
    facts
}

fn has_expression(node: &Node) -> bool {
    match &node.value {
        Value::Map(entries) => entries.iter().any(|entry| has_expression(&entry.node)),
        Value::List(items) => items.iter().any(has_expression),
        Value::Scalar(_) => super::read::is_expression(node),
    }
}

/// True when every point says which model and hardware it uses; the first that does not is a finding.
fn entries_are_chosen(context: &mut Context<'_>, expansion: &Expansion) -> bool {
    let mut chosen = true;
    let drafts = speculation::drafts(&context.document.root);
    for (section, axis) in [("models", "model"), ("hardware", "hardware")] {
        let serves = |entry: &&Entry| section != "models" || !drafts.contains(entry.key.as_str());
        let several = context
            .document
            .root
            .get(section)
            .is_some_and(|node| node.entries().iter().filter(serves).count() > 1);
        let unsaid = several
            && expansion
                .iter()
                .any(|combination| combination.value(axis).is_none());
        if unsaid {
            chosen = false;
            system::ambiguous(context, section);
        }
    }
    chosen
}

/// Axes whose first value is neither a number nor a quantity.
fn axes_of_words(expansion: &Expansion) -> Vec<String> {
    let is_word = |axis: &&Axis| match AxisValue::of(&axis.value(0)) {
        AxisValue::Int(_) | AxisValue::Float(_) => false,
        AxisValue::Text(text) => parse_any(&text).is_none(),
        AxisValue::Bool(_) => true,
    };
    expansion
        .axes()
        .iter()
        .filter(is_word)
        .map(|axis| axis.name.clone())
        .collect()
}

/// The axes of a plan, or as written where the matrix cannot be expanded.
fn axis_names(document: &Document, expansion: Option<&Expansion>) -> Vec<String> {
    if let Some(expansion) = expansion {
        return expansion
            .axes()
            .iter()
            .map(|axis| axis.name.clone())
            .collect();
    }
    let matrix = document.root.get("matrix");
    let axes = matrix
        .and_then(|matrix| matrix.get("axes"))
        .map_or(&[][..], Node::entries);
    let zip = matrix
        .and_then(|matrix| matrix.get("zip"))
        .map_or(&[][..], Node::items);
    axes.iter()
        .chain(zip.iter().flat_map(Node::entries))
        .map(|entry| entry.key.clone())
        .collect()
}

/// Expressions of `run` are evaluated when a point is run; the first point shows whether they can be.
fn expressions_of_run(context: &mut Context<'_>, expansion: &Expansion, facts: &Facts) {
    let Some(node) = context.document.root.get("run") else {
        return;
    };
    let combination = expansion.combination(0);
    let names = facts.of(&combination);
    let scope = ExpressionScope {
        names: &names,
        paths: &Paths,
    };
    if let Err(problems) = evaluate(node, context.document, &combination, &scope) {
        context.reader.diagnostics.extend(problems);
    }
}

/// The plan, without points that repeat others.
fn plan(
    context: &mut Context<'_>,
    expansion: Expansion,
    parts: Parts,
    scenario: &Scenario,
) -> Plan {
    let chosen = parts::without_repeats(&parts, scenario.pricing.as_ref());
    let plan = Plan {
        expansion: Arc::new(expansion),
        systems: parts.systems.into(),
        workloads: parts.workloads.into(),
        parts: parts.of.into(),
        chosen: None,
    };
    let Some((kept, (first, again))) = chosen else {
        return plan;
    };
    let repeats = plan.len() - kept.len() as u64;
    let (first, again) = (
        plan.point(u64::from(first)).key,
        plan.point(u64::from(again)).key,
    );
    let place = context
        .document
        .root
        .get("matrix")
        .map(|matrix| matrix.span);
    context.reader.push(
        Diagnostic::warning(
            Code::DuplicatePoint,
            if repeats == 1 {
                "1 point has the inputs of another; they count once".to_owned()
            } else {
                format!("{repeats} points have the inputs of others; each counts once")
            },
            place,
        )
        .label(format!("`{again}` has the inputs of `{first}`")),
    );
    Plan {
        chosen: Some(kept.into()),
        ..plan
    }
}
