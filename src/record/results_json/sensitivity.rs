//! What would change the answers: written and read.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::ReadError;
use super::point::axes;
use super::read::{axes as read_axes, known};
use crate::record::json::{Object, list};
use crate::record::{BreakEven, Flip, Rival, Sensitivity, SensitivityMethod, Swing, SwingEnd};

/// The sensitivity of one answer.
pub(super) fn write(out: &mut String, one: &Sensitivity) {
    let mut object = Object::open(out);
    list(object.key("break_evens"), &one.break_evens, break_even);
    object.text("column", &one.column);
    axes(object.key("group"), &one.group);
    object.text("key", &one.key);
    object.text("method", one.method.name());
    object.text("question", &one.question);
    list(object.key("rivals"), &one.rivals, |out, rival| {
        let mut object = Object::open(out);
        object.text("key", &rival.key);
        object.number("value", rival.value);
        object.close();
    });
    list(object.key("swings"), &one.swings, swing);
    object.text("unit", &one.unit);
    object.number("value", one.value);
    object.close();
}

fn swing(out: &mut String, swing: &Swing) {
    let mut object = Object::open(out);
    object.text("about", &swing.about);
    object.number("base", swing.base);
    let [low, high] = &swing.ends;
    end(object.key("high"), high);
    object.text("input", &swing.input);
    end(object.key("low"), low);
    object.text("unit", &swing.unit);
    object.close();
}

fn end(out: &mut String, end: &SwingEnd) {
    let mut object = Object::open(out);
    object.number("at", end.at);
    flip(&mut object, end.flip.as_ref());
    object.optional_number("value", end.value);
    object.close();
}

/// The objective that is missed, the point that wins; neither where nothing changes.
fn flip(object: &mut Object<'_>, flip: Option<&Flip>) {
    match flip {
        None => {}
        Some(Flip::Objective(name)) => object.text("misses", name),
        Some(Flip::Rival(key)) => object.text("rival", key),
    }
}

fn break_even(out: &mut String, found: &BreakEven) {
    let mut object = Object::open(out);
    object.text("about", &found.about);
    object.number("at", found.at);
    object.number("base", found.base);
    object.text("input", &found.input);
    flip(&mut object, Some(&found.flip));
    object.text("unit", &found.unit);
    object.close();
}

#[derive(Deserialize)]
pub(super) struct Raw {
    break_evens: Vec<RawBreakEven>,
    column: String,
    group: BTreeMap<String, Value>,
    key: String,
    method: String,
    question: String,
    rivals: Vec<RawRival>,
    swings: Vec<RawSwing>,
    unit: String,
    value: f64,
}

#[derive(Deserialize)]
struct RawRival {
    key: String,
    value: f64,
}

#[derive(Deserialize)]
struct RawSwing {
    about: String,
    base: f64,
    high: RawEnd,
    input: String,
    low: RawEnd,
    unit: String,
}

#[derive(Deserialize)]
struct RawEnd {
    at: f64,
    misses: Option<String>,
    rival: Option<String>,
    value: Option<f64>,
}

#[derive(Deserialize)]
struct RawBreakEven {
    about: String,
    at: f64,
    base: f64,
    input: String,
    misses: Option<String>,
    rival: Option<String>,
    unit: String,
}

/// The sensitivity of one answer; axes in the order of the document.
pub(super) fn read(raw: Raw, order: &[String]) -> Result<Sensitivity, ReadError> {
    let method = known("method", &raw.method, SensitivityMethod::from_name)?;
    Ok(Sensitivity {
        question: raw.question,
        group: read_axes(raw.group, order)?,
        key: raw.key,
        column: raw.column,
        unit: raw.unit,
        value: raw.value,
        rivals: raw
            .rivals
            .into_iter()
            .map(|RawRival { key, value }| Rival { key, value })
            .collect(),
        method,
        swings: raw.swings.into_iter().map(read_swing).collect(),
        break_evens: raw
            .break_evens
            .into_iter()
            .map(read_break_even)
            .collect::<Result<_, _>>()?,
    })
}

fn read_flip(misses: Option<String>, rival: Option<String>) -> Option<Flip> {
    misses
        .map(Flip::Objective)
        .or_else(|| rival.map(Flip::Rival))
}

fn read_swing(raw: RawSwing) -> Swing {
    let end = |end: RawEnd| SwingEnd {
        at: end.at,
        value: end.value,
        flip: read_flip(end.misses, end.rival),
    };
    Swing {
        input: raw.input,
        about: raw.about,
        unit: raw.unit,
        base: raw.base,
        ends: [end(raw.low), end(raw.high)],
    }
}

fn read_break_even(raw: RawBreakEven) -> Result<BreakEven, ReadError> {
    let flip = read_flip(raw.misses, raw.rival);
    Ok(BreakEven {
        flip: flip.ok_or_else(|| ReadError::Name {
            what: "way in which an answer changes",
            name: raw.input.clone(),
        })?,
        input: raw.input,
        about: raw.about,
        unit: raw.unit,
        base: raw.base,
        at: raw.at,
    })
}

#[cfg(test)]
mod tests {
    use super::super::{read, write};
    use crate::record::sample;

    #[test]
    fn what_is_written_is_read_back() {
        let results = sample::results(2);
        let text = String::from_utf8(write(&results)).expect("JSON is text");
        let again = read(&text).expect("our own document is read");
        assert!(!results.sensitivity.is_empty());
        assert_eq!(again.sensitivity, results.sensitivity);
    }

    #[test]
    fn a_document_without_it_is_read_too() {
        let mut results = sample::results(2);
        results.sensitivity.clear();
        let text = String::from_utf8(write(&results)).expect("JSON is text");
        assert!(!text.contains("\"sensitivity\""));
        let again = read(&text).expect("our own document is read");
        assert!(again.sensitivity.is_empty());
    }
}
