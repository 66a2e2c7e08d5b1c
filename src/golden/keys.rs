//! Keys of points: axes and values, and what becomes of them when an axis is renamed or moved.

use std::collections::{BTreeMap, BTreeSet};

/// The `axis=value` parts of a key; commas and equal signs in quotes belong to a value.
pub(super) fn parts(key: &str) -> Vec<(&str, &str)> {
    let mut parts = Vec::new();
    let mut rest = key;
    while !rest.is_empty() {
        let mut is_quoted = false;
        let end = rest.find(|letter| {
            is_quoted ^= letter == '"';
            letter == ',' && !is_quoted
        });
        let (part, after) = match end {
            Some(end) => (&rest[..end], &rest[end + 1..]),
            None => (rest, ""),
        };
        if let Some(pair) = part.split_once('=') {
            parts.push(pair);
        }
        rest = after;
    }
    parts
}

/// What happened to the axes of all points at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Renaming {
    /// Axis names of accepted keys, in their order.
    pub(super) old: Vec<String>,
    /// Axis names of new keys, in their order.
    pub(super) new: Vec<String>,
}

impl Renaming {
    /// A renamed or moved axis that explains why no accepted key is a new one: after it, keys agree.
    pub(super) fn between(old: &BTreeSet<&str>, new: &BTreeSet<&str>) -> Option<Self> {
        if old.intersection(new).next().is_some() {
            return None;
        }
        let names = |keys: &BTreeSet<&str>| -> Option<Vec<String>> {
            let first = parts(keys.first()?);
            Some(first.iter().map(|(axis, _)| (*axis).to_owned()).collect())
        };
        let renaming = Self {
            old: names(old)?,
            new: names(new)?,
        };
        let kept = renaming
            .new
            .iter()
            .filter(|axis| renaming.old.contains(axis));
        let all_but_one =
            renaming.old.len() == renaming.new.len() && kept.count() + 1 >= renaming.new.len();
        let meets = |key: &&str| {
            renaming
                .apply(key)
                .is_some_and(|key| new.contains(key.as_str()))
        };
        (all_but_one && old.iter().any(meets)).then_some(renaming)
    }

    /// The new key of an accepted one.
    pub(super) fn apply(&self, key: &str) -> Option<String> {
        let values: BTreeMap<_, _> = parts(key).into_iter().collect();
        let gone = self.old.iter().find(|axis| !self.new.contains(axis));
        let parts: Option<Vec<_>> = self
            .new
            .iter()
            .map(|axis| {
                let value = values
                    .get(axis.as_str())
                    .or_else(|| values.get(gone?.as_str()))?;
                Some(format!("{axis}={value}"))
            })
            .collect();
        parts.map(|parts| parts.join(","))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoted_values_may_hold_commas() {
        assert_eq!(
            parts("a=1,b=\"x,y=z\",c=2"),
            [("a", "1"), ("b", "\"x,y=z\""), ("c", "2")]
        );
        assert_eq!(parts("point"), []);
    }

    #[test]
    fn a_renamed_or_moved_axis_is_recognised() {
        let old = BTreeSet::from(["gpu=h100,users=1", "gpu=h100,users=2"]);
        let renamed = BTreeSet::from(["hardware=h100,users=1", "hardware=h100,users=2"]);
        let moved = BTreeSet::from(["users=1,gpu=h100", "users=2,gpu=h100"]);
        for new in [renamed, moved] {
            let renaming = Renaming::between(&old, &new).expect("a renaming");
            assert!(old.iter().all(|key| {
                renaming
                    .apply(key)
                    .is_some_and(|key| new.contains(key.as_str()))
            }));
        }
        let other = BTreeSet::from(["model=x,load=1"]);
        assert_eq!(Renaming::between(&old, &other), None);
        assert_eq!(Renaming::between(&old, &old), None);
    }
}
