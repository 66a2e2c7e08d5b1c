//! Compared rows become groups with statistics.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::account::{Group, ReadFile, Tables, Tabulation};
use super::bands::{KeyValue, Told};
use super::row::{Compared, Names, Outcome, RowOutcome};
use crate::analyse::{Pair, Rescaling, accuracy};
use crate::record::Sample;
use crate::record::rows::Family;
use crate::scenario::AxisValue;

/// The usual tables.
const USUAL: [&[&str]; 4] = [
    &["metric"],
    &["metric", "hardware"],
    &["metric", "model"],
    &["metric", "framework"],
];

/// The keys that tell most groups apart.
const FINEST: [&str; 4] = ["metric", "hardware", "model", "framework"];

/// A compared row with its place.
struct Member<'a> {
    row: &'a RowOutcome,
    compared: &'a Compared,
    cluster: usize,
}

/// What tables are made of.
#[derive(Clone, Copy)]
pub(super) struct Outcomes<'a> {
    pub rows: &'a [RowOutcome],
    pub files: &'a [ReadFile],
    /// Level of the predictions' intervals.
    pub level: Option<f64>,
}

/// Tabulates the compared rows of a sample by the usual keys, then by those asked for.
pub(super) fn tables(outcomes: Outcomes<'_>, sample: Sample, by: &[String]) -> Tables {
    let Outcomes { rows, files, level } = outcomes;
    // Both samples are told alike.
    let everything = members(rows, &[Sample::HeldOut, Sample::InSample]);
    let asked: Vec<(&str, Told)> = by
        .iter()
        .map(|key| {
            let values = everything.iter();
            (
                key.as_str(),
                Told::of(values.map(|member| value(member, files, key))),
            )
        })
        .collect();
    let members = members(rows, &[sample]);
    let rescaling = level.map(Rescaling::from_level);
    let tabulate = |keys: &[(&str, Told)]| tabulate(&members, files, keys, rescaling.as_ref());
    let as_stated = |keys: &[&'static str]| -> Vec<(&str, Told)> {
        keys.iter().map(|key| (*key, Told::AsStated)).collect()
    };
    let asked = (!asked.is_empty()).then(|| tabulate(&asked));
    let pairs: Vec<(Pair, usize)> = members.iter().map(Member::pair).collect();
    Tables {
        overall: accuracy(&pairs, rescaling.as_ref()),
        usual: USUAL.map(|keys| tabulate(&as_stated(keys))).into(),
        asked,
        finest: tabulate(&as_stated(&FINEST)),
    }
}

impl Member<'_> {
    fn pair(&self) -> (Pair, usize) {
        (self.compared.pair, self.cluster)
    }
}

fn members<'a>(rows: &'a [RowOutcome], samples: &[Sample]) -> Vec<Member<'a>> {
    let mut clusters: BTreeMap<&Names, usize> = BTreeMap::new();
    let mut members = Vec::new();
    for row in rows.iter().filter(|row| samples.contains(&row.sample)) {
        if let Outcome::Compared(compared) = &row.outcome {
            let next = clusters.len();
            let cluster = *clusters.entry(&compared.names).or_insert(next);
            members.push(Member {
                row,
                compared,
                cluster,
            });
        }
    }
    members
}

fn tabulate(
    members: &[Member<'_>],
    files: &[ReadFile],
    keys: &[(&str, Told)],
    rescaling: Option<&Rescaling>,
) -> Tabulation {
    let mut grouped: BTreeMap<Vec<KeyValue>, Vec<(Pair, usize)>> = BTreeMap::new();
    for member in members {
        let keys = keys.iter();
        let values = keys
            .map(|(key, told)| told.value(&value(member, files, key)))
            .collect();
        grouped.entry(values).or_default().push(member.pair());
    }
    let groups = grouped.into_iter().filter_map(|(values, pairs)| {
        let accuracy = accuracy(&pairs, rescaling)?;
        let values = values.iter().map(KeyValue::text).collect();
        Some(Group { values, accuracy })
    });
    Tabulation {
        keys: keys.iter().map(|(key, _)| (*key).to_owned()).collect(),
        groups: groups.collect(),
    }
}

/// The value of a key: resolved names, the column of phantom, the family, or any column of the row as text.
fn value<'a>(member: &'a Member<'_>, files: &'a [ReadFile], key: &str) -> Cow<'a, str> {
    let names = &member.compared.names;
    match key {
        "metric" => Cow::Owned(member.compared.column.to_string()),
        "hardware" => Cow::Borrowed(&*names.hardware),
        "model" => Cow::Borrowed(&*names.model),
        "framework" | "runtime" => Cow::Borrowed(&*names.framework),
        "family" => Cow::Borrowed(files[member.row.file].table.family.name()),
        other => {
            let table = &files[member.row.file].table;
            Cow::Borrowed(table.field(&table.lines[member.row.line], other))
        }
    }
}

/// What a filter sees of a row before it is resolved: its columns, and the family.
pub(super) fn seen_by_filter(
    family: Family,
    header: &[String],
    fields: &[&str],
) -> Vec<(String, AxisValue)> {
    let columns = header.iter().zip(fields).map(|(name, field)| {
        let value = match field.parse::<f64>() {
            Ok(number) if number.is_finite() => AxisValue::Float(number),
            Ok(_) | Err(_) => AxisValue::Text((*field).to_owned()),
        };
        (name.clone(), value)
    });
    let family = (
        "family".to_owned(),
        AxisValue::Text(family.name().to_owned()),
    );
    columns.chain([family]).collect()
}
