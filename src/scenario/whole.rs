//! What does not vary between points: prices, energy, objectives, questions, executors, rules and reports.

use std::collections::{BTreeMap, BTreeSet};

use super::context::Context;
use super::lookups::Facts;
use super::objectives::Known;
use super::read::Reader;
use super::resolve::Asked;
use super::schema::Paths;
use super::{
    Combination, Energy, Expansion, ExpressionScope, InputFile, Node, Pricing, Question, Scenario,
    Slo, evaluate, executors, objectives, settings, terms,
};

/// The names of a matrix.
pub(super) struct Fields<'a> {
    /// Axes in key order.
    pub axes: &'a [String],
    /// Axes whose values are words.
    pub words: &'a [String],
    /// Axes, and fields that only points of `include` have.
    pub all: &'a [&'a str],
}

/// Everything but the points; its assumptions are still those of the context. Prices and place are those of the first point.
pub(super) fn read(
    context: &mut Context<'_>,
    asked: Asked,
    fields: &Fields<'_>,
    (expansion, facts): (Option<&Expansion>, &Facts),
) -> Option<Scenario> {
    let root = &context.document.root;
    let name = name(&mut context.reader, root);
    let description = context.reader.field(root, "description", Reader::text);
    let labels = labels(&mut context.reader, root);
    let (pricing, energy) = money(context, (expansion, facts));
    let currency = pricing
        .as_ref()
        .map_or("USD", |prices| prices.currency.as_str())
        .to_owned();
    let (slos, questions) = objectives(context, asked, (fields, pricing.as_ref(), &currency));
    let names = executors::Fields {
        axes: fields.axes,
        all: fields.all,
    };
    let run = executors::read(
        context,
        root.get("run").filter(|node| !node.is_null()),
        &names,
    );
    let [statistics, golden, report] =
        ["statistics", "golden", "report"].map(|key| section(context, key));
    let name = name?;
    let reader = &mut context.reader;
    Some(Scenario {
        statistics: settings::statistics(reader, statistics.as_ref()),
        golden: settings::golden(reader, golden.as_ref(), &name, &currency),
        report: settings::report(reader, report.as_ref(), (&name, fields.axes)),
        name,
        path: context.document.path.clone(),
        description,
        labels,
        axes: fields.axes.to_vec(),
        slos,
        questions,
        pricing,
        energy,
        terms: Vec::new(),
        what_if: Vec::new(),
        run,
        assumptions: Vec::new(),
        files: files(context),
    })
}

fn labels(reader: &mut Reader, root: &Node) -> BTreeMap<String, String> {
    let entries = root.get("labels").map_or(&[][..], Node::entries).iter();
    entries
        .filter_map(|entry| Some((entry.key.clone(), reader.text(&entry.node)?)))
        .collect()
}

fn money(
    context: &mut Context<'_>,
    (expansion, facts): (Option<&Expansion>, &Facts),
) -> (Option<Pricing>, Energy) {
    let first = expansion.map_or_else(Combination::empty, |expansion| expansion.combination(0));
    terms::read(context, &first, facts)
}

fn objectives(
    context: &mut Context<'_>,
    asked: Asked,
    (fields, pricing, currency): (&Fields<'_>, Option<&Pricing>, &str),
) -> (Vec<Slo>, Vec<Question>) {
    let node = section(context, "slos");
    let slos = objectives::slos(&mut context.reader, node.as_ref(), currency);
    for slo in node.as_ref().map_or(&[][..], Node::entries) {
        must_hold_is_a_filter(context, &slo.node, fields.all);
    }
    let known = Known {
        slos: &slos,
        axes: fields.axes,
        words: fields.words,
        priced: pricing.is_some_and(|prices| !prices.rates.is_empty()),
        tokens: asked == Asked::Text,
        training: asked == Asked::Training,
    };
    let node = section(context, "solve");
    let questions = objectives::questions(&mut context.reader, node.as_ref(), &known);
    (slos, questions)
}

fn files(context: &Context<'_>) -> Vec<InputFile> {
    let documents = context.document.files.iter().cloned();
    let others = context.files.values().map(|file| file.listed.clone());
    documents
        .chain(others)
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect()
}

/// A section that no point changes, with its expressions evaluated.
pub(super) fn section(context: &mut Context<'_>, key: &str) -> Option<Node> {
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
