//! A golden as text: one point, answer or unit on a line, keys sorted.

use std::collections::BTreeMap;

use super::document::{Golden, GoldenPoint, GoldenValue, SCHEMA};
use crate::record::json::{Object, string};

/// The text of the file.
pub fn write(golden: &Golden) -> String {
    let mut out = String::new();
    let mut object = Object::open_lines(&mut out);
    map(object.key("answers"), &golden.answers, |out, key| {
        string(out, key);
    });
    if !golden.files.is_empty() {
        map(object.key("files"), &golden.files, |out, hash| {
            string(out, hash);
        });
    }
    let mut made_by = Object::open(object.key("made_by"));
    made_by.text("calibration", &golden.made_by.calibration);
    made_by.text("catalog", &golden.made_by.catalog);
    made_by.text("phantom_version", &golden.made_by.phantom_version);
    made_by.count("predictor_version", golden.made_by.predictor_version);
    made_by.close();
    map(object.key("points"), &golden.points, point);
    let mut scenario = Object::open(object.key("scenario"));
    scenario.text("blake3", &golden.scenario_blake3);
    scenario.text("name", &golden.scenario);
    scenario.close();
    object.text("schema", SCHEMA);
    map(object.key("units"), &golden.units, |out, unit| {
        string(out, unit);
    });
    object.close();
    out.push('\n');
    out
}

/// A map with one entry on a line.
fn map<V>(out: &mut String, entries: &BTreeMap<String, V>, write: impl Fn(&mut String, &V)) {
    let mut object = Object::open_lines(out);
    for (key, value) in entries {
        write(object.key(key), value);
    }
    object.close();
}

fn point(out: &mut String, point: &GoldenPoint) {
    let mut keys: BTreeMap<&str, Option<&GoldenValue>> = point
        .values
        .iter()
        .map(|(name, value)| (name.as_str(), Some(value)))
        .collect();
    keys.insert("id", None);
    let mut object = Object::open(out);
    for (key, value) in keys {
        match value {
            None => object.text(key, &point.id),
            Some(GoldenValue::Number(number)) => object.number(key, *number),
            Some(GoldenValue::Flag(flag)) => object.flag(key, *flag),
            Some(GoldenValue::Text(text)) => object.text(key, text),
        }
    }
    object.close();
}
