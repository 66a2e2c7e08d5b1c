//! The document as bytes, whole or chunk by chunk.

use std::io;

use super::SCHEMA;
use super::document::{head, skipped};
use super::point::{point, what_if};
use super::sensitivity;
use crate::record::json::{Object, lines, serde};
use crate::record::{PointResult, Results};

/// Writes a document whose points come in chunks, in plan order.
///
/// `results.points` of the document it was begun with are not written; all that is written is what [`Self::points`] gets.
pub struct ResultsWriter<'a, W: io::Write> {
    out: W,
    results: &'a Results,
    hasher: blake3::Hasher,
    buffer: String,
    is_empty: bool,
}

impl<'a, W: io::Write> ResultsWriter<'a, W> {
    /// Writes everything that stands before the points.
    ///
    /// # Errors
    ///
    /// When `out` cannot be written.
    pub fn begin(out: W, results: &'a Results) -> io::Result<Self> {
        let mut writer = Self {
            out,
            results,
            hasher: blake3::Hasher::new(),
            buffer: String::new(),
            is_empty: true,
        };
        let mut object = Object::open_lines(&mut writer.buffer);
        head(&mut object, results);
        object.key("points").push('[');
        writer.flush()?;
        Ok(writer)
    }

    /// Writes further points.
    ///
    /// # Errors
    ///
    /// When the output cannot be written.
    pub fn points<'p>(
        &mut self,
        points: impl IntoIterator<Item = &'p PointResult>,
    ) -> io::Result<()> {
        for one in points {
            if !self.is_empty {
                self.buffer.push(',');
            }
            self.is_empty = false;
            self.buffer.push('\n');
            point(&mut self.buffer, one);
            self.flush()?;
        }
        Ok(())
    }

    /// Writes the rest and returns the output with the id of the document.
    ///
    /// # Errors
    ///
    /// When the output cannot be written.
    pub fn finish(mut self) -> io::Result<(W, String)> {
        self.buffer.push_str("],\n\"presentation\":");
        serde(&mut self.buffer, &self.results.presentation);
        self.flush()?;
        let mut tail = String::new();
        if !self.results.rooflines.is_empty() {
            tail.push_str(",\n\"rooflines\":");
            lines(&mut tail, &self.results.rooflines, serde);
        }
        tail.push_str(",\n\"runs\":[],\n\"schema\":\"");
        tail.push_str(SCHEMA);
        tail.push('"');
        if !self.results.sensitivity.is_empty() {
            tail.push_str(",\n\"sensitivity\":");
            lines(&mut tail, &self.results.sensitivity, sensitivity::write);
        }
        tail.push_str(",\n\"skipped\":");
        lines(&mut tail, &self.results.skipped, skipped);
        if !self.results.what_if.is_empty() {
            tail.push_str(",\n\"what_if\":");
            lines(&mut tail, &self.results.what_if, what_if);
        }
        tail.push_str("\n}\n");
        self.hasher.update(tail.as_bytes());
        let id = self.hasher.finalize().to_hex().to_string();
        write!(self.out, ",\n\"results_id\":\"{id}\"{tail}")?;
        Ok((self.out, id))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.hasher.update(self.buffer.as_bytes());
        self.out.write_all(self.buffer.as_bytes())?;
        self.buffer.clear();
        Ok(())
    }
}

impl<W: io::Write> std::fmt::Debug for ResultsWriter<'_, W> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ResultsWriter").finish_non_exhaustive()
    }
}

/// The document as bytes.
pub fn write(results: &Results) -> Vec<u8> {
    document(results, Vec::new()).0
}

/// The id of the document: blake3 of its bytes without the id, hex.
pub fn results_id(results: &Results) -> String {
    document(results, io::sink()).1
}

fn document<W: io::Write>(results: &Results, out: W) -> (W, String) {
    let written = ResultsWriter::begin(out, results).and_then(|mut writer| {
        writer.points(&results.points)?;
        writer.finish()
    });
    written.expect("memory takes any bytes")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::super::read;
    use super::*;
    use crate::record::sample;

    #[test]
    fn a_document_that_is_read_is_written_with_the_same_bytes() {
        let results = sample::results(3);
        let bytes = write(&results);
        let text = String::from_utf8(bytes.clone()).expect("JSON is text");
        let again = read(&text).expect("our own document");
        assert_eq!(write(&again), bytes);
        assert_eq!(again.points, results.points);
        assert_eq!(again.answers, results.answers);
        assert_eq!(again.findings, results.findings);
        assert_eq!(again.golden, results.golden);
    }

    #[test]
    fn the_id_is_the_hash_of_the_document_without_it() {
        let results = sample::results(2);
        let text = String::from_utf8(write(&results)).expect("JSON is text");
        let id = results_id(&results);
        let line = format!(",\n\"results_id\":\"{id}\"");
        assert!(text.contains(&line));
        let without = text.replace(&line, "");
        assert_eq!(blake3::hash(without.as_bytes()).to_hex().to_string(), id);
    }

    #[test]
    fn keys_are_sorted_at_every_depth() {
        let text = String::from_utf8(write(&sample::results(1))).expect("JSON is text");
        let value: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        let top: Vec<_> = text
            .lines()
            .filter(|line| line.starts_with('"'))
            .filter_map(|line| line.split('"').nth(1))
            .collect();
        assert!(top.is_sorted(), "{top:?}");
        assert_eq!(value["schema"], SCHEMA);
        assert_eq!(
            value["points"][0]["metrics"]["output_throughput"][0]["value"],
            100.5
        );
    }

    #[test]
    fn another_schema_is_named() {
        let error = read("{\"schema\": \"phantom.golden/v1\"}").expect_err("a golden");
        assert!(error.to_string().contains("phantom.golden/v1"), "{error}");
        assert!(read("[]").is_err());
    }

    proptest! {
        #[test]
        fn any_numbers_and_texts_survive(
            numbers in prop::collection::vec(any::<f64>().prop_filter("intervals are finite", |x| x.abs() < 1e308), 1..20),
            label in "\\PC{0,20}",
        ) {
            let mut results = sample::results(0);
            results.inputs.labels = BTreeMap::from([("label".to_owned(), label)]);
            results.points = numbers.iter().map(|number| sample::point(0, *number)).collect();
            let bytes = write(&results);
            let again = read(&String::from_utf8(bytes.clone()).expect("text")).expect("our own");
            prop_assert_eq!(write(&again), bytes);
            prop_assert_eq!(again.points, results.points);
        }

        #[test]
        fn the_split_into_chunks_does_not_show(count in 0u64..10, split in 0usize..10) {
            let results = sample::results(count);
            let (left, right) = results.points.split_at(split.min(results.points.len()));
            let mut writer = ResultsWriter::begin(Vec::new(), &results).expect("memory");
            writer.points(left).expect("memory");
            writer.points(right).expect("memory");
            prop_assert_eq!(writer.finish().expect("memory").0, write(&results));
        }
    }
}
