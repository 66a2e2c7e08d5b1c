//! From a document to a scenario and its plan.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;
use std::sync::Arc;

use super::context::{Context, Shared};
use super::deployment::Purpose;
use super::lookups::Facts;
use super::objectives::Known;
use super::plan::{Memo, Part};
use super::read::Reader;
use super::schema::{self, Paths};
use super::system::{self, Given};
use super::{
    Combination, Dependencies, Document, Expansion, ExpressionScope, Node, Options, Plan, Pricing,
    Rate, Scenario, System, Value, Workload, apply_section, energy, evaluate, executors, expand,
    hardware, identity, models, objectives, pricing, read_document, settings, workload,
};
use crate::catalog::Catalog;
use crate::diag::{Code, Diagnostic, Diagnostics, Warned};
use crate::source::{Sources, World};

/// A scenario with its plan.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// What does not vary between points.
    pub scenario: Scenario,
    /// The points.
    pub plan: Plan,
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
            parts(context, expansion, &facts, asked)
        } else {
            None
        }
    });
    let axes = axis_names(document, expansion.as_ref());
    let fields = expansion
        .as_ref()
        .map_or_else(Vec::new, Expansion::created_fields);
    let scenario = scenario(context, asked, (axes, &fields));
    if let Some(expansion) = &expansion {
        expressions_of_run(context, expansion, &facts);
    }
    let scenario = scenario?;
    let plan = plan(context, expansion?, parts?, &scenario);
    let scenario = Scenario {
        assumptions: context.assumptions.iter().cloned().collect(),
        ..scenario
    };
    Some(Loaded { scenario, plan })
}

/// What the workload of the document asks of a system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asked {
    Text,
    Training,
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
    for entry in root.get("models").map_or(&[][..], Node::entries) {
        if !has_expression(&entry.node) {
            if let Some(model) = models::read(context, &entry.key, &entry.node) {
                facts.models.insert(entry.key.clone(), model.choice.model);
            }
        }
    }
    for entry in root.get("hardware").map_or(&[][..], Node::entries) {
        if !has_expression(&entry.node) {
            if let Some(hardware) = hardware::read(context, &entry.key, &entry.node) {
                facts.devices.insert(entry.key.clone(), hardware.device);
            }
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
    for (section, axis) in [("models", "model"), ("hardware", "hardware")] {
        let several = context
            .document
            .root
            .get(section)
            .is_some_and(|node| node.entries().len() > 1);
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

/// The different systems and workloads of a plan, and which of them each combination has.
struct Parts {
    systems: Vec<Part<Arc<System>>>,
    workloads: Vec<Part<Workload>>,
    of: Vec<(u32, u32)>,
}

/// Resolves every different system and workload once; `None` where one of them is wrong.
fn parts(
    context: &mut Context<'_>,
    expansion: &Expansion,
    facts: &Facts,
    asked: Asked,
) -> Option<Parts> {
    let depends = Dependencies::of(context.document, &Paths);
    let given = Given {
        facts,
        purpose: if asked == Asked::Training {
            Purpose::Training
        } else {
            Purpose::Serving
        },
        generates: asked == Asked::Text,
    };
    let (mut systems, mut workloads) = (Vec::new(), Vec::new());
    let (mut system_memo, mut workload_memo) = (Memo::default(), Memo::default());
    let mut of = Vec::new();
    for combination in expansion.iter() {
        let key = system::SECTIONS
            .iter()
            .flat_map(|section| depends.memo_key(section, &combination));
        let system = system_memo.number(key).unwrap_or_else(|new| {
            systems.push(system::resolve(context, &combination, &given));
            new
        });
        let key = depends.memo_key("workload", &combination).into_iter();
        let workload = workload_memo.number(key).unwrap_or_else(|new| {
            workloads.push(one_workload(context, &combination, facts));
            new
        });
        of.push((system, workload));
    }
    let systems: Option<Vec<_>> = systems.into_iter().collect();
    let workloads: Option<Vec<_>> = workloads.into_iter().collect();
    let systems = systems?.into_iter().map(|resolved| Part {
        value: Arc::new(resolved.system),
        unmodelled: resolved.unmodelled,
    });
    Some(Parts {
        systems: systems.collect(),
        workloads: workloads?,
        of,
    })
}

fn one_workload(
    context: &mut Context<'_>,
    combination: &Combination<'_>,
    facts: &Facts,
) -> Option<Part<Workload>> {
    let names = facts.of(combination);
    let scope = ExpressionScope {
        names: &names,
        paths: &Paths,
    };
    match apply_section(context.document, combination, "workload", &scope) {
        Ok(node) => {
            let node = node?;
            schema::check_section("workload", &node, &mut context.reader);
            let value = workload::read(context, &node)?;
            let unmodelled = workload::unmodelled(&node);
            Some(Part { value, unmodelled })
        }
        Err(problems) => {
            context.reader.diagnostics.extend(problems);
            None
        }
    }
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

/// A section that no point changes, with its expressions evaluated.
fn section(context: &mut Context<'_>, key: &str) -> Option<Node> {
    let node = context
        .document
        .root
        .get(key)
        .filter(|node| !node.is_null())?;
    let empty = Combination::empty();
    let facts = Facts::default();
    let names = facts.of(&empty);
    let scope = ExpressionScope {
        names: &names,
        paths: &Paths,
    };
    match evaluate(node, context.document, &empty, &scope) {
        Ok(node) => Some(node),
        Err(problems) => {
            context.reader.diagnostics.extend(problems);
            None
        }
    }
}

fn scenario(
    context: &mut Context<'_>,
    asked: Asked,
    (axes, extra): (Vec<String>, &[&str]),
) -> Option<Scenario> {
    let root = &context.document.root;
    let name = name(&mut context.reader, root);
    let description = context.reader.field(root, "description", Reader::text);
    let labels = root.get("labels").map_or(&[][..], Node::entries).iter();
    let labels: BTreeMap<String, String> = labels
        .filter_map(|entry| Some((entry.key.clone(), context.reader.text(&entry.node)?)))
        .collect();
    let aliases: Vec<&str> = root
        .get("hardware")
        .map_or(&[][..], Node::entries)
        .iter()
        .map(|entry| entry.key.as_str())
        .collect();
    let prices = section(context, "pricing");
    let prices = pricing::read(context, prices.as_ref(), &aliases);
    let currency = prices
        .as_ref()
        .map_or("USD", |prices| prices.currency.as_str())
        .to_owned();
    let energy_node = section(context, "energy");
    let energy = energy::read(context, energy_node.as_ref(), &currency);
    let slo_node = section(context, "slos");
    let slos = objectives::slos(&mut context.reader, slo_node.as_ref(), &currency);
    let mut fields: Vec<&str> = axes
        .iter()
        .map(String::as_str)
        .chain(extra.iter().copied())
        .collect();
    fields.dedup();
    for slo in slo_node.iter().flat_map(Node::entries) {
        must_hold_is_a_filter(context, &slo.node, &fields);
    }
    let known = Known {
        slos: &slos,
        axes: &axes,
        priced: prices
            .as_ref()
            .is_some_and(|prices| !prices.rates.is_empty()),
        tokens: asked == Asked::Text,
        training: asked == Asked::Training,
    };
    let solve = section(context, "solve");
    let questions = objectives::questions(&mut context.reader, solve.as_ref(), &known);
    let names = executors::Fields {
        axes: &axes,
        all: &fields,
    };
    let run = executors::read(
        context,
        root.get("run").filter(|node| !node.is_null()),
        &names,
    );
    let statistics_node = section(context, "statistics");
    let golden_node = section(context, "golden");
    let report_node = section(context, "report");
    let reader = &mut context.reader;
    let name = name?;
    let statistics = settings::statistics(reader, statistics_node.as_ref());
    let golden = settings::golden(reader, golden_node.as_ref(), &name, &currency);
    let report = settings::report(reader, report_node.as_ref(), (&name, &axes));
    let files = context.document.files.iter().cloned();
    let files: BTreeSet<_> = files
        .chain(context.files.values().map(|file| file.listed.clone()))
        .collect();
    Some(Scenario {
        name,
        path: context.document.path.clone(),
        description,
        labels,
        axes,
        slos,
        questions,
        pricing: prices,
        energy,
        run,
        statistics,
        golden,
        report,
        assumptions: Vec::new(),
        files: files.into_iter().collect(),
    })
}

fn name(reader: &mut Reader, root: &Node) -> Option<String> {
    let node = root.get("name")?;
    let name = reader.text(node)?;
    let letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let good = name.bytes().next().is_some_and(letter)
        && name
            .bytes()
            .all(|byte| letter(byte) || matches!(byte, b'.' | b'_' | b'-'));
    if !good {
        reader.bad_value(
            node.span,
            format!("`{name}` cannot name files"),
            "lower-case letters and digits, then also `.`, `_` and `-`",
        );
        return None;
    }
    Some(name)
}

fn must_hold_is_a_filter(context: &mut Context<'_>, slo: &Node, fields: &[&str]) {
    if let Some(node) = slo.get("must_hold") {
        let word = node
            .scalar()
            .is_some_and(|scalar| matches!(scalar.text.as_str(), "any" | "all"));
        if !word {
            executors::filter(&mut context.reader, node, fields);
        }
    }
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
    let chosen = without_repeats(&parts, scenario.pricing.as_ref());
    let battery = scenario.energy.battery.and_then(|_| {
        let place = context.document.root.get("energy")?.get("battery")?.span;
        Some(
            Diagnostic::error(
                Code::NotModelledYet,
                "life on a battery is not predicted by this version",
                place,
            )
            .label("not modelled yet"),
        )
    });
    let plan = Plan {
        expansion: Arc::new(expansion),
        systems: parts.systems.into(),
        workloads: parts.workloads.into(),
        parts: parts.of.into(),
        chosen: None,
        unmodelled: battery,
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
            format!("{repeats} points have the inputs of others; each counts once"),
            place,
        )
        .label(format!("`{again}` has the inputs of `{first}`")),
    );
    Plan {
        chosen: Some(kept.into()),
        ..plan
    }
}

/// Combinations that differ from all before them, and the first pair that does not; `None` where all differ. Points on
/// hardware of another price are different points, although they are predicted alike.
fn without_repeats(parts: &Parts, prices: Option<&Pricing>) -> Option<(Vec<u32>, (u32, u32))> {
    let no_prices = BTreeMap::new();
    let rates = prices.map_or(&no_prices, |prices| &prices.rates);
    let mut priced: Vec<Option<&Rate>> = Vec::new();
    let mut classes = HashMap::new();
    let systems: Vec<(u32, usize)> = parts
        .systems
        .iter()
        .map(|part| {
            let rate = rates.get(&part.value.hardware_alias);
            let price = priced
                .iter()
                .position(|known| *known == rate)
                .unwrap_or_else(|| {
                    priced.push(rate);
                    priced.len() - 1
                });
            (class(&mut classes, identity::of_system(&part.value)), price)
        })
        .collect();
    let mut classes = HashMap::new();
    let workloads: Vec<u32> = parts
        .workloads
        .iter()
        .map(|part| class(&mut classes, identity::of_workload(&part.value)))
        .collect();
    let mut seen = HashMap::new();
    let (mut kept, mut pair) = (Vec::new(), None);
    for (index, (system, workload)) in parts.of.iter().enumerate() {
        let inputs = (systems[*system as usize], workloads[*workload as usize]);
        match seen.entry(inputs) {
            std::collections::hash_map::Entry::Occupied(first) => {
                pair = pair.or(Some((*first.get(), index as u32)));
            }
            std::collections::hash_map::Entry::Vacant(free) => {
                free.insert(index as u32);
                kept.push(index as u32);
            }
        }
    }
    pair.map(|pair| (kept, pair))
}

fn class(known: &mut HashMap<String, u32>, canonical: String) -> u32 {
    let next = known.len() as u32;
    *known.entry(canonical).or_insert(next)
}
