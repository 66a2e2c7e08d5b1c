//! `mlperf_log_summary.txt`: what the load generator of `MLPerf` Inference says of a run.

use std::collections::BTreeMap;

use super::ImportError;

/// Longer summaries are none.
const MOST_BYTES: usize = 1 << 20;

/// The lines `label : value` of a summary, labels in lower case with single spaces; of equal labels the first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Summary {
    entries: BTreeMap<String, (u64, String)>,
}

impl Summary {
    pub fn read(bytes: &[u8]) -> Result<Self, ImportError> {
        let broken = |what: &str| ImportError::NotATable(what.to_owned());
        if bytes.len() > MOST_BYTES {
            return Err(broken("a summary is shorter than a mebibyte"));
        }
        let text = std::str::from_utf8(bytes).map_err(|_| broken("it is not UTF-8"))?;
        let mut entries = BTreeMap::new();
        for (line, number) in text.lines().zip(1..) {
            if let Some((label, value)) = line.rsplit_once(':') {
                let words: Vec<&str> = label.split_whitespace().collect();
                let label = words.join(" ").to_ascii_lowercase();
                entries
                    .entry(label)
                    .or_insert((number, value.trim().to_owned()));
            }
        }
        if entries.contains_key("result is") && entries.contains_key("scenario") {
            Ok(Self { entries })
        } else {
            Err(broken("it is no summary of a run"))
        }
    }

    pub fn is_valid(&self) -> bool {
        self.text("result is") == "VALID"
    }

    pub fn scenario(&self) -> &str {
        self.text("scenario")
    }

    fn text(&self, label: &str) -> &str {
        self.entries.get(label).map_or("", |(_, value)| value)
    }

    /// The number of the first label there is; none where no label is, or where the number is zero, as for a part of the
    /// load that a benchmark lacks.
    pub fn number(&self, labels: &[&'static str]) -> Result<Option<f64>, ImportError> {
        let found = labels
            .iter()
            .find_map(|label| Some((*label, self.entries.get(*label)?)));
        let Some((label, (line, text))) = found else {
            return Ok(None);
        };
        match text.parse::<f64>() {
            Ok(value) if value.is_finite() && value >= 0.0 => {
                Ok(Some(value).filter(|value| *value > 0.0))
            }
            Ok(_) | Err(_) => Err(ImportError::BadCell {
                place: format!("line {line}"),
                column: label,
                text: text.chars().take(40).collect(),
                expected: "a number",
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_read_whatever_their_spaces() {
        let text = "SUT name : x\nScenario : Server\nResult is : VALID\nMean latency (ns)     : 12.5\nMin latency (ns) : soon\n";
        let summary = Summary::read(text.as_bytes()).expect("a summary");
        assert!(summary.is_valid());
        assert_eq!(summary.scenario(), "Server");
        let mean = summary.number(&["none", "mean latency (ns)"]);
        assert!(mean.is_ok_and(|mean| mean.is_some_and(|mean| mean > 12.0)));
        assert_eq!(summary.number(&["none"]), Ok(None));
        let error = summary.number(&["min latency (ns)"]).expect_err("a word");
        assert!(error.to_string().starts_with("line 5"), "{error}");
    }

    #[test]
    fn other_texts_are_no_summaries() {
        for bytes in [
            b"".as_slice(),
            b"text",
            b"\xff",
            &vec![b'a'; MOST_BYTES + 1],
        ] {
            assert!(Summary::read(bytes).is_err());
        }
    }
}
