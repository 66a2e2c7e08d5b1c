//! What options are called: the axes that tell them apart, and their values alone.

use std::collections::BTreeMap;

use super::label;
use crate::record::{PointResult, Results};

/// The values alone of the axes that a name is made of; the name where it is made of none.
pub(super) fn brief(name: &str, point: &PointResult) -> String {
    let values = point.axes.iter().filter_map(|(axis, value)| {
        let value = value.to_string();
        name.contains(&label::axis_value(axis, &value))
            .then_some(value)
    });
    let values: Vec<String> = values.collect();
    if values.is_empty() {
        name.to_owned()
    } else {
        values.join(" ")
    }
}

/// Varying axes without those that another tells: where a number format always comes with the same cache format, its name says both.
pub(super) fn telling_axes(results: &Results) -> Vec<&str> {
    let varying = varying_axes(results);
    let tells = |teller: &str, axis: &str| {
        let mut pairs: BTreeMap<String, String> = BTreeMap::new();
        results.points.iter().all(|point| {
            let of = |name: &str| {
                let mut axes = point.axes.iter();
                axes.find(|(own, _)| own == name)
                    .map_or_else(String::new, |(_, value)| value.to_string())
            };
            let value = of(axis);
            *pairs.entry(of(teller)).or_insert_with(|| value.clone()) == value
        })
    };
    let told = |axis: &str| {
        !label::speaks(axis)
            && varying
                .iter()
                .any(|teller| label::speaks(teller) && tells(teller, axis))
    };
    varying.iter().copied().filter(|axis| !told(axis)).collect()
}

/// Axes other than the load that take more than one value.
fn varying_axes(results: &Results) -> Vec<&str> {
    let load = results.presentation.load_axis.as_deref();
    results
        .axes
        .iter()
        .map(String::as_str)
        .filter(|axis| Some(*axis) != load)
        .filter(|axis| {
            let mut values = results.points.iter().filter_map(|point| {
                point
                    .axes
                    .iter()
                    .find(|(name, _)| name == axis)
                    .map(|(_, value)| value)
            });
            let first = values.next();
            values.any(|value| Some(value) != first)
        })
        .collect()
}
