//! Everything of the document but the points.

use super::point::axes;
use crate::record::json::{Object, lines, list, number, serde, string};
use crate::record::names::severity_name;
use crate::record::{
    Answer, EvidenceAxis, EvidenceGroup, Finding, GoldenChange, GoldenOutcome, Inputs, Results,
    Searched, SkippedExecutor,
};
use crate::scenario::{Assumption, InputFile};
use crate::source::Place;

/// Fields before `points`, without the closing brace.
pub(super) fn head(object: &mut Object<'_>, results: &Results) {
    lines(object.key("answers"), &results.answers, answer);
    lines(object.key("assumptions"), &results.assumptions, assumption);
    list(object.key("axes"), &results.axes, |out, axis| {
        string(out, axis);
    });
    object.flag("complete", results.complete);
    if !results.evidence.is_empty() {
        lines(object.key("evidence"), &results.evidence, evidence);
    }
    lines(object.key("findings"), &results.findings, finding);
    match &results.golden {
        Some(outcome) => golden(object.key("golden"), outcome),
        None => object.null("golden"),
    }
    inputs(object.key("inputs"), &results.inputs);
    if !results.payments.is_empty() {
        lines(object.key("payments"), &results.payments, |out, one| {
            serde(out, one);
        });
    }
    object.count("planned", results.planned);
}

/// A group of measured rows; an absent size is not stated.
fn evidence(out: &mut String, group: &EvidenceGroup) {
    let mut object = Object::open(out);
    let range = |object: &mut Object<'_>, axis: EvidenceAxis| {
        if let Some(range) = group.ranges[axis as usize] {
            list(object.key(axis.name()), range, number);
        }
    };
    range(&mut object, EvidenceAxis::Accelerators);
    object.text("architecture", &group.architecture);
    object.text("class", &group.class);
    list(object.key("columns"), &group.columns, |out, column| {
        string(out, &column.to_string());
    });
    object.text("date", &group.date);
    object.text("device", &group.device);
    object.text("example", &group.example);
    object.text("format", &group.format);
    range(&mut object, EvidenceAxis::Input);
    object.text("kind", group.kind.name());
    object.text("model", &group.model);
    object.text("model_kind", &group.model_kind);
    range(&mut object, EvidenceAxis::Output);
    range(&mut object, EvidenceAxis::Parameters);
    object.count("rows", group.rows);
    object.text("runtime", &group.runtime);
    range(&mut object, EvidenceAxis::Sequences);
    object.text("software", &group.program);
    object.text("source", &group.source);
    object.close();
}

fn answer(out: &mut String, answer: &Answer) {
    let mut object = Object::open(out);
    axes(object.key("group"), &answer.group);
    object.flag("headline", answer.headline);
    object.optional_text("key", answer.key.as_deref());
    match &answer.nearest_miss {
        None => object.null("nearest_miss"),
        Some(miss) => {
            let mut nested = Object::open(object.key("nearest_miss"));
            nested.text("key", &miss.key);
            nested.optional_number("margin", miss.margin);
            nested.text("slo", &miss.slo);
            nested.close();
        }
    }
    let mut nested = Object::open(object.key("objective"));
    nested.text("column", &answer.objective);
    nested.optional_number("hi", answer.value.and_then(|value| value.2));
    nested.optional_number("lo", answer.value.and_then(|value| value.1));
    nested.text("unit", &answer.unit);
    nested.optional_number("value", answer.value.map(|value| value.0));
    nested.close();
    object.text("question", &answer.question);
    object.optional_text("runner_up", answer.runner_up.as_deref());
    if let Some(found) = &answer.search {
        search(object.key("search"), found);
    }
    match &answer.size {
        None => object.null("size"),
        Some(size) => {
            let mut nested = Object::open(object.key("size"));
            nested.count("accelerators", size.accelerators);
            nested.optional_number("cost_per_month", size.cost_per_month);
            nested.count("replicas", size.replicas);
            nested.close();
        }
    }
    object.text("verdict", answer.verdict.map_or("none", |one| one.name()));
    object.close();
}

fn search(out: &mut String, search: &Searched) {
    let mut object = Object::open(out);
    object.text("base", &search.base);
    object.text("end", search.end.name());
    object.number("from", search.from);
    object.flag("monotone", search.monotone);
    list(object.key("steps"), &search.steps, |out, step| {
        let mut object = Object::open(out);
        object.optional_number("hi", step.value.and_then(|value| value.2));
        object.optional_text("limiting", step.limiting.as_deref());
        object.optional_number("lo", step.value.and_then(|value| value.1));
        object.number("load", step.load);
        object.optional_number("margin", step.margin);
        object.flag("meets", step.meets);
        object.text("unit", &step.unit);
        object.optional_number("value", step.value.map(|value| value.0));
        object.text("verdict", step.verdict.name());
        object.close();
    });
    object.number("to", search.to);
    object.number("tolerance", search.tolerance);
    object.close();
}

fn assumption(out: &mut String, assumption: &Assumption) {
    let mut object = Object::open(out);
    object.optional_text("as_of", assumption.as_of.as_deref());
    object.text("basis", assumption.basis.name());
    object.text("path", &assumption.path);
    object.text("source", &assumption.source);
    object.text("value", &assumption.value);
    object.close();
}

fn finding(out: &mut String, finding: &Finding) {
    let mut object = Object::open(out);
    object.text("class", finding.class.name());
    object.text("code", finding.code.name());
    object.optional_text("column", finding.column.as_deref());
    object.optional_text("key", finding.key.as_deref());
    object.text("message", &finding.message);
    object.optional_number("new", finding.new);
    object.optional_number("old", finding.old);
    match &finding.place {
        Some(one) => place(object.key("place"), one),
        None => object.null("place"),
    }
    object.text("severity", severity_name(finding.severity));
    object.close();
}

fn place(out: &mut String, place: &Place) {
    let mut object = Object::open(out);
    object.count("column", place.column as u64);
    object.count("end_column", place.end_column as u64);
    object.count("end_line", place.end_line as u64);
    object.text("file", &place.file);
    object.count("line", place.line as u64);
    object.close();
}

fn golden(out: &mut String, outcome: &GoldenOutcome) {
    let mut object = Object::open(out);
    lines(object.key("changes"), &outcome.changes, change);
    object.count("compared", outcome.compared);
    object.count("differing", outcome.differing);
    object.text("file", &outcome.file);
    object.text("state", outcome.state);
    object.close();
}

fn change(out: &mut String, change: &GoldenChange) {
    let mut object = Object::open(out);
    object.optional_number("change", change.change);
    object.text("column", &change.column);
    object.text("key", &change.key);
    object.optional_text("new", change.new.as_deref());
    object.optional_text("old", change.old.as_deref());
    object.text("tolerance", &change.tolerance);
    object.close();
}

fn inputs(out: &mut String, inputs: &Inputs) {
    let mut object = Object::open(out);
    let mut nested = Object::open(object.key("calibration"));
    nested.text("blake3", &inputs.calibration_blake3);
    nested.text("name", &inputs.calibration_name);
    nested.close();
    let mut nested = Object::open(object.key("catalog"));
    nested.text("as_of", &inputs.catalog_as_of);
    nested.text("blake3", &inputs.catalog_blake3);
    nested.optional_text("overlay", inputs.catalog_overlay.as_deref());
    nested.close();
    object.optional_text("currency", inputs.currency.as_deref());
    list(object.key("files"), &inputs.files, file);
    let mut nested = Object::open(object.key("labels"));
    for (name, text) in &inputs.labels {
        nested.text(name, text);
    }
    nested.close();
    object.text("phantom_version", &inputs.phantom_version);
    object.count("predictor_version", inputs.predictor_version);
    let mut nested = Object::open(object.key("scenario"));
    nested.text("blake3", &inputs.scenario_blake3);
    nested.optional_text("description", inputs.description.as_deref());
    nested.text("name", &inputs.scenario_name);
    nested.text("path", &inputs.scenario_path);
    nested.close();
    object.count("seed", inputs.seed);
    object.close();
}

fn file(out: &mut String, file: &InputFile) {
    let mut object = Object::open(out);
    object.text("blake3", &file.blake3);
    object.text("path", &file.path);
    object.close();
}

pub(super) fn skipped(out: &mut String, skipped: &SkippedExecutor) {
    let mut object = Object::open(out);
    object.text("code", skipped.code);
    object.text("executor", &skipped.executor);
    object.count("points", skipped.points);
    object.text("target", &skipped.target);
    object.close();
}
