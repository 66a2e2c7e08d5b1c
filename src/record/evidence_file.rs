//! The file form of what a pack was fitted on, the field `evidence` of a pack.
//!
//! Names are written once, the most frequent first; a group is positions of names and counts, in the digits of
//! [`super::operator_text`].

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use serde::{Deserialize, Serialize};

use super::evidence::{Evidence, EvidenceGroup, EvidenceKind};
use super::metric::Column;
use super::operator_text::{Digits, push_count};
use super::section::Section;
use super::sizes::{EvidenceAxis, Ranges};

/// Evidence as a pack holds it, unfolded when it is first asked for.
#[derive(Debug, Clone)]
pub struct LazyEvidence {
    file: Section,
    evidence: OnceLock<Result<Arc<Evidence>, String>>,
}

impl PartialEq for LazyEvidence {
    fn eq(&self, other: &Self) -> bool {
        self.file == other.file
    }
}

impl LazyEvidence {
    /// Keeps a section without unfolding it.
    pub(super) const fn new(file: Section) -> Self {
        Self {
            file,
            evidence: OnceLock::new(),
        }
    }

    /// Evidence as a pack would hold it.
    pub(super) fn of(evidence: &Evidence) -> Self {
        Self::new(Section::of(&evidence.to_json()))
    }

    /// The groups.
    ///
    /// # Errors
    ///
    /// What is wrong with the section, in words.
    pub fn read(&self) -> Result<&Arc<Evidence>, &str> {
        let read = || {
            let file: EvidenceFile = self.file.read("evidence")?;
            let groups = file.read();
            groups
                .map(Arc::new)
                .ok_or_else(|| "the groups of evidence cannot be read".to_owned())
        };
        let evidence = self.evidence.get_or_init(read).as_ref();
        evidence.map_err(String::as_str)
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct EvidenceFile {
    /// Names, one a line.
    words: String,
    /// Ids of the groups' first rows, one a line; what of an id is that of the line before is written as its length and a colon.
    examples: String,
    /// Positions and counts.
    groups: String,
}

/// Names of a group, in the order of the file.
const fn names(group: &EvidenceGroup) -> [&Arc<str>; 10] {
    [
        &group.device,
        &group.class,
        &group.architecture,
        &group.model,
        &group.model_kind,
        &group.runtime,
        &group.program,
        &group.format,
        &group.source,
        &group.date,
    ]
}

/// Positions of names, most frequent first, then by name.
fn words(evidence: &Evidence) -> Vec<String> {
    let mut counts = BTreeMap::<String, usize>::new();
    for group in &evidence.groups {
        for name in names(group) {
            *counts.entry(name.to_string()).or_default() += 1;
        }
        for column in &group.columns {
            *counts.entry(column.to_string()).or_default() += 1;
        }
    }
    let mut list: Vec<(String, usize)> = counts.into_iter().collect();
    list.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
    list.into_iter().map(|(word, _)| word).collect()
}

/// A size as a whole number that a pack can hold.
fn whole(size: f64) -> u32 {
    size.clamp(0.0, f64::from(MOST)) as u32
}

/// The largest count that the digits hold.
const MOST: u32 = (1 << 30) - 1;

fn write_ranges(text: &mut String, ranges: &Ranges) {
    for range in ranges {
        match *range {
            None => push_count(text, 0),
            Some([least, most]) => {
                let (least, most) = (whole(least.floor()), whole(most.ceil()));
                push_count(text, if least == most { 1 } else { 2 });
                push_count(text, least);
                if least != most {
                    push_count(text, most);
                }
            }
        }
    }
}

fn read_ranges(digits: &mut Digits<'_>) -> Option<Ranges> {
    let mut ranges: Ranges = [None; EvidenceAxis::ALL.len()];
    for range in &mut ranges {
        let ends = digits.count()?;
        if ends == 0 {
            continue;
        }
        let least = f64::from(digits.count()?);
        let most = if ends == 1 {
            least
        } else {
            f64::from(digits.count()?)
        };
        (ends <= 2 && least <= most).then_some(())?;
        *range = Some([least, most]);
    }
    Some(ranges)
}

/// The length that two texts have in common at their start, whole characters.
fn shared(one: &str, other: &str) -> usize {
    let pairs = one.char_indices().zip(other.chars());
    let same = pairs.take_while(|((_, a), b)| a == b);
    same.last().map_or(0, |((at, a), _)| at + a.len_utf8())
}

impl Evidence {
    /// The evidence as the value of a pack's field `evidence`; sizes are whole numbers, ends rounded outwards.
    ///
    /// # Panics
    ///
    /// Never: texts are JSON.
    pub fn to_json(&self) -> serde_json::Value {
        let words = words(self);
        let places: BTreeMap<&str, u32> = words.iter().map(String::as_str).zip(0..).collect();
        let mut file = EvidenceFile {
            words: words.join("\n"),
            examples: String::new(),
            groups: String::new(),
        };
        let mut last = "";
        for (at, group) in self.groups.iter().enumerate() {
            let text = &mut file.groups;
            push_count(text, group.kind as u32);
            for name in names(group) {
                push_count(text, places[&**name]);
            }
            push_count(text, group.rows.min(MOST));
            push_count(text, group.columns.len() as u32);
            for column in &group.columns {
                push_count(text, places[column.to_string().as_str()]);
            }
            write_ranges(text, &group.ranges);
            let shared = shared(last, &group.example);
            if at > 0 {
                file.examples.push('\n');
            }
            let example = &group.example[shared..];
            file.examples.push_str(&format!("{shared}:{example}"));
            last = &group.example;
        }
        serde_json::to_value(file).expect("texts are JSON")
    }
}

impl EvidenceFile {
    fn read(&self) -> Option<Evidence> {
        let words: Vec<Arc<str>> = self.words.split('\n').map(Arc::from).collect();
        let columns: Vec<Option<Column>> = words.iter().map(|word| word.parse().ok()).collect();
        let mut examples = self.examples.split('\n');
        let mut last = String::new();
        let mut digits = Digits::new(&self.groups);
        let mut groups = Vec::new();
        while !digits.at_end() {
            let kind = *EvidenceKind::ALL.get(digits.count()? as usize)?;
            let mut word = || words.get(digits.count()? as usize).cloned();
            let [device, class, architecture, model, model_kind] =
                [word()?, word()?, word()?, word()?, word()?];
            let [runtime, program, format, source, date] =
                [word()?, word()?, word()?, word()?, word()?];
            let rows = digits.count()?;
            let count = digits.count()?;
            let column = |digits: &mut Digits<'_>| *columns.get(digits.count()? as usize)?;
            let taught: Option<Vec<Column>> = (0..count).map(|_| column(&mut digits)).collect();
            let (shared, rest) = examples.next()?.split_once(':')?;
            let kept = last.get(..shared.parse().ok()?)?;
            last = format!("{kept}{rest}");
            groups.push(EvidenceGroup {
                kind,
                device,
                class,
                architecture,
                model,
                model_kind,
                runtime,
                program,
                format,
                source,
                date,
                example: Arc::from(last.as_str()),
                rows,
                columns: taught?,
                ranges: read_ranges(&mut digits)?,
            });
        }
        Some(Evidence { groups })
    }
}

#[cfg(test)]
mod tests {
    use super::super::evidence::tests::group;
    use super::*;

    fn evidence() -> Evidence {
        let mut other = group("mi300x", "qwen", 64.0);
        other.example = Arc::from("s-27");
        other.date = Arc::from("");
        Evidence {
            groups: vec![group("h100", "llama", 512.0), other],
        }
    }

    fn lazy(value: &serde_json::Value) -> LazyEvidence {
        LazyEvidence::new(Section::of(value))
    }

    #[test]
    fn evidence_reads_back() {
        let lazy = lazy(&evidence().to_json());
        assert_eq!(**lazy.read().expect("what was written"), evidence());
        let none = Evidence::default();
        let lazy = super::tests::lazy(&none.to_json());
        assert_eq!(**lazy.read().expect("nothing"), none);
    }

    #[test]
    fn what_does_not_belong_together_is_refused() {
        for (path, value) in [
            ("/groups", "~"),
            ("/groups", "B"),
            ("/words", ""),
            ("/examples", ""),
            ("/examples", "0:a\n9:b"),
        ] {
            let mut changed = evidence().to_json();
            *changed.pointer_mut(path).expect("a field") = serde_json::json!(value);
            assert!(lazy(&changed).read().is_err(), "{path} {value}");
        }
    }
}
