//! One point as JSON.

use std::fmt::Write;

use crate::record::json::{Object, list, number, serde, string};
use crate::record::{PointEvidence, PointResult, ValueEntry, VerdictEntry, WhatIf};
use crate::scenario::AxisValue;

pub(super) fn point(out: &mut String, point: &PointResult) {
    let mut object = Object::open(out);
    axes(object.key("axes"), &point.axes);
    let mut bound = Object::open(object.key("bound"));
    for (phase, what) in &point.bound {
        bound.text(phase, what);
    }
    bound.close();
    if let Some(known) = &point.evidence {
        evidence(object.key("evidence"), known);
    }
    object.text("id", &point.id);
    object.text("key", &point.key);
    metrics(object.key("metrics"), point);
    list(object.key("notes"), &point.notes, |out, note| {
        string(out, note.name());
    });
    serde(object.key("system"), &point.system);
    let mut verdicts = Object::open(object.key("verdicts"));
    for (slo, entries) in &point.verdicts {
        list(verdicts.key(slo), entries, verdict);
    }
    verdicts.close();
    object.close();
}

/// Variants of the model of a point.
pub(super) fn what_if(out: &mut String, one: &WhatIf) {
    let mut object = Object::open(out);
    object.text("base", &one.base);
    list(object.key("variants"), &one.variants, |out, variant| {
        let mut object = Object::open(out);
        object.text("about", &variant.about);
        object.text("name", &variant.name);
        match &variant.point {
            Some(numbers) => point(object.key("point"), numbers),
            None => object.null("point"),
        }
        match &variant.quality {
            Some(quality) => serde(object.key("quality"), quality),
            None => object.null("quality"),
        }
        object.optional_text("refused", variant.refused.as_deref());
        object.close();
    });
    object.close();
}

fn evidence(out: &mut String, known: &PointEvidence) {
    let mut object = Object::open(out);
    list(object.key("beyond"), &known.beyond, |out, beyond| {
        string(out, beyond);
    });
    list(object.key("nearest"), &known.nearest, |out, near| {
        list(out, [near.group as f64, near.distance], number);
    });
    object.text("support", known.support.name());
    object.close();
}

/// Axis values by name.
pub(super) fn axes(out: &mut String, axes: &[(String, AxisValue)]) {
    let mut sorted: Vec<_> = axes.iter().collect();
    sorted.sort_by(|a, b| a.0.cmp(&b.0));
    let mut object = Object::open(out);
    for (name, value) in sorted {
        axis_value(object.key(name), value);
    }
    object.close();
}

fn axis_value(out: &mut String, value: &AxisValue) {
    match value {
        AxisValue::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        AxisValue::Int(value) => out.push_str(&value.to_string()),
        // A number that is no count keeps its point, so that it reads back as one.
        AxisValue::Float(value) if value.fract() == 0.0 => {
            write!(out, "{value:?}").expect("a string takes any text");
        }
        AxisValue::Float(value) => number(out, *value),
        AxisValue::Text(text) => string(out, text),
    }
}

fn metrics(out: &mut String, point: &PointResult) {
    let mut sorted: Vec<_> = point
        .metrics
        .iter()
        .map(|(column, entries)| (column.to_string(), entries))
        .collect();
    sorted.sort_by(|a, b| a.0.cmp(&b.0));
    let mut object = Object::open(out);
    for (column, entries) in sorted {
        list(object.key(&column), entries, entry);
    }
    object.close();
}

fn entry(out: &mut String, entry: &ValueEntry) {
    let mut object = Object::open(out);
    object.text("basis", entry.basis.name());
    object.text("executor", entry.executor);
    object.optional_number("hi", entry.interval.map(|interval| interval.1));
    object.text("interval", entry.interval_kind.name());
    object.optional_number("level", entry.interval.map(|interval| interval.2));
    object.optional_number("lo", entry.interval.map(|interval| interval.0));
    object.text("method", entry.method);
    object.optional_count("n", entry.n);
    if let Some(purchase) = entry.purchase {
        object.text("purchase", purchase);
    }
    if let Some(scope) = &entry.scope {
        object.text("scope", scope);
    }
    object.text("source", entry.source.name());
    object.text("unit", &entry.unit);
    object.number("value", entry.value);
    object.close();
}

fn verdict(out: &mut String, entry: &VerdictEntry) {
    let mut object = Object::open(out);
    if entry.by_value_alone {
        object.flag("by_value_alone", true);
    }
    object.optional_text("limiting", entry.limiting.as_deref());
    object.optional_number("margin", entry.margin);
    object.text("source", entry.source.name());
    object.text("verdict", entry.verdict.name());
    object.close();
}
