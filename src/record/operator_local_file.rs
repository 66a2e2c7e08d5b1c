//! The file form of what near shapes have in common.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::operator_models::{Alike, Local};
use super::operator_text::{Digits, push_count, push_number};

/// A [`Local`] as a file holds it; texts are those of [`super::operator_text`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileLocal {
    /// Length of the likeness of shapes.
    length: f64,
    /// What a shape is more alike to itself.
    sameness: f64,
    /// Whether likeness falls at once.
    #[serde(default, skip_serializing_if = "is_false")]
    rough: bool,
    /// Likeness across layers, of that within one.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    across: f64,
    /// Noise of shapes.
    noise: f64,
    /// Steps in shapes and weights, by group.
    groups: BTreeMap<String, String>,
}

impl FileLocal {
    pub fn write(local: &Local) -> Self {
        let groups = local.groups.iter();
        Self {
            length: local.alike.length,
            sameness: local.alike.sameness,
            rough: local.alike.rough,
            across: local.alike.across,
            noise: local.noise,
            groups: groups
                .map(|(key, points)| (key.clone(), steps(points)))
                .collect(),
        }
    }

    /// `None` when numbers are no likeness, or a text names a shape beyond the `shapes` of its family.
    pub fn read(&self, shapes: usize) -> Option<Local> {
        let positive = |number: f64| number > 0.0 && number.is_finite();
        let sound = positive(self.length)
            && positive(self.noise)
            && (0.0..=50.0).contains(&self.sameness)
            && (0.0..=1.0).contains(&self.across);
        sound.then_some(())?;
        let groups = self.groups.iter();
        let groups: Option<BTreeMap<_, _>> = groups
            .map(|(key, text)| Some((key.clone(), points(text, shapes)?)))
            .collect();
        Some(Local {
            alike: Alike {
                length: self.length,
                sameness: self.sameness,
                rough: self.rough,
                across: self.across,
            },
            noise: self.noise,
            groups: groups?,
        })
    }
}

const fn one() -> f64 {
    1.0
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
fn is_one(number: &f64) -> bool {
    (*number - 1.0).abs() < 1e-12
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
const fn is_false(flag: &bool) -> bool {
    !*flag
}

fn points(text: &str, shapes: usize) -> Option<Vec<(u32, f64)>> {
    let mut digits = Digits::new(text);
    let mut points = Vec::with_capacity(text.len() / 4);
    let mut place = 0_u32;
    while !digits.at_end() {
        place = place.checked_add(digits.count()?)?;
        ((place as usize) < shapes).then_some(())?;
        points.push((place, digits.number()?));
    }
    Some(points)
}

fn steps(points: &[(u32, f64)]) -> String {
    let mut text = String::new();
    let mut before = 0;
    for (place, weight) in points {
        push_count(&mut text, place - before);
        push_number(&mut text, *weight);
        before = *place;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn local() -> Local {
        Local {
            alike: Alike {
                rough: true,
                across: 0.3,
                ..Alike::smooth(2.0, 0.5)
            },
            noise: 0.3,
            groups: BTreeMap::from([("a".to_owned(), vec![(0, 0.5), (1, -0.5), (1, 0.25)])]),
        }
    }

    #[test]
    fn what_was_written_reads_back() {
        assert_eq!(FileLocal::write(&local()).read(2), Some(local()));
    }

    #[test]
    fn what_is_no_likeness_is_refused() {
        let written = FileLocal::write(&local());
        assert_eq!(written.read(1), None, "a shape too many");
        let no_text = BTreeMap::from([("a".to_owned(), "~".to_owned())]);
        for broken in [
            FileLocal {
                length: 0.0,
                ..written.clone()
            },
            FileLocal {
                noise: -1.0,
                ..written.clone()
            },
            FileLocal {
                sameness: -1.0,
                ..written.clone()
            },
            FileLocal {
                across: 1.5,
                ..written.clone()
            },
            FileLocal {
                groups: no_text,
                ..written.clone()
            },
        ] {
            assert_eq!(broken.read(2), None, "{broken:?}");
        }
    }
}
