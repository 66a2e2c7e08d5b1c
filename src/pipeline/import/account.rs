//! What an import did.

use std::collections::BTreeMap;
use std::path::PathBuf;

/// A file to be written, below the folder of the output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// Its place.
    pub path: PathBuf,
    /// What is in it.
    pub text: String,
}

/// What an import did.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct Account {
    /// Rows written.
    pub rows: usize,
    /// Sources they come from.
    pub sources: usize,
    /// Rows left out, by what and why.
    pub left_out: BTreeMap<String, usize>,
    /// Files left out, by why.
    pub skipped: BTreeMap<String, usize>,
}

impl Account {
    /// Counts a file that was left out.
    pub(super) fn skip(&mut self, why: String) {
        *self.skipped.entry(why).or_default() += 1;
    }

    /// For programs: one line of JSON.
    ///
    /// # Panics
    ///
    /// Never: plain data has a JSON form.
    pub fn json(&self) -> String {
        let text = serde_json::to_string(self).expect("plain data has a JSON form");
        format!("{text}\n")
    }

    /// For people: rows and sources, then what was left out, most first.
    pub fn text(&self) -> String {
        let mut text = format!(
            "{} of {}\n",
            counted(self.rows, "row"),
            counted(self.sources, "source")
        );
        for (what, noun) in [(&self.left_out, "row"), (&self.skipped, "file")] {
            let mut reasons: Vec<(&String, &usize)> = what.iter().collect();
            reasons.sort_by(|a, b| b.1.cmp(a.1).then(a.0.cmp(b.0)));
            for (why, count) in reasons {
                text.push_str(&format!("left out: {}, {why}\n", counted(*count, noun)));
            }
        }
        text
    }
}

fn counted(count: usize, noun: &str) -> String {
    let end = if count == 1 { "" } else { "s" };
    format!("{count} {noun}{end}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_out_is_counted_most_first() {
        let account = Account {
            rows: 3,
            sources: 1,
            left_out: BTreeMap::from([("a".to_owned(), 1), ("b".to_owned(), 2)]),
            skipped: BTreeMap::from([("no recipe".to_owned(), 4)]),
        };
        assert_eq!(
            account.text(),
            "3 rows of 1 source\nleft out: 2 rows, b\nleft out: 1 row, a\nleft out: 4 files, no recipe\n"
        );
    }
}
