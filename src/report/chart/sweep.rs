//! Axes of a sweep as charts read them: which vary, in what order, and as numbers where they are numbers.

use std::collections::BTreeSet;

use crate::record::PointResult;

/// The text of an axis value at a point.
pub fn value(point: &PointResult, axis: &str) -> Option<String> {
    let found = point.axes.iter().find(|(name, _)| name == axis);
    found.map(|(_, value)| value.to_string())
}

/// Distinct values over points: by number where all are numbers of one unit, else by name.
pub fn values<'a>(points: impl Iterator<Item = &'a PointResult>, axis: &str) -> Vec<String> {
    let texts: BTreeSet<String> = points.filter_map(|point| value(point, axis)).collect();
    let texts: Vec<String> = texts.into_iter().collect();
    let Some(numbers) = numbers(&texts) else {
        return texts;
    };
    let mut both: Vec<(f64, String)> = numbers.into_iter().zip(texts).collect();
    both.sort_by(|a, b| a.0.total_cmp(&b.0));
    both.into_iter().map(|(_, text)| text).collect()
}

/// The values as numbers, `4800MT/s` as 4800, where all are numbers with the same unit or none.
pub fn numbers(texts: &[String]) -> Option<Vec<f64>> {
    let parts: Vec<(f64, &str)> = texts
        .iter()
        .map(|text| split(text))
        .collect::<Option<Vec<_>>>()?;
    let unit = parts.first()?.1;
    parts
        .iter()
        .all(|(_, own)| *own == unit)
        .then(|| parts.iter().map(|(number, _)| *number).collect())
}

fn split(text: &str) -> Option<(f64, &str)> {
    let end = text
        .find(|letter: char| !letter.is_ascii_digit() && letter != '.')
        .unwrap_or(text.len());
    Some((text[..end].parse().ok()?, text[end..].trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_share_a_unit_and_names_are_none() {
        let texts = |list: &[&str]| {
            list.iter()
                .map(|text| (*text).to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(
            numbers(&texts(&["4800MT/s", "5600MT/s"])),
            Some(vec![4800.0, 5600.0])
        );
        assert_eq!(numbers(&texts(&["8", "all"])), None);
        assert_eq!(numbers(&texts(&["8 GB", "8 GiB"])), None);
        assert_eq!(numbers(&texts(&["bf16"])), None);
    }
}
