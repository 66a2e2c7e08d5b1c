//! A file of sources: what stands behind the rows of a collection, and under which licence.

use std::borrow::Cow;
use std::collections::BTreeSet;

use crate::record::rows::csv_text;

/// Columns that every file of sources has.
const COLUMNS: [&str; 5] = ["source_id", "title", "url", "licence", "date"];

/// One source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceEntry {
    /// Key that rows name.
    pub id: String,
    /// Its licence, as the collector wrote it.
    pub licence: String,
    fields: csv::StringRecord,
}

/// A file of sources, in its order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceList {
    header: csv::StringRecord,
    entries: Vec<SourceEntry>,
}

impl SourceList {
    /// Reads the bytes of a file; `None` where its header is not that of sources.
    ///
    /// Lines of another length than the header, and lines that are not text, are no entries: rows that name them have no
    /// source and are left out.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let mut reader = csv::ReaderBuilder::new()
            .flexible(true)
            .has_headers(false)
            .from_reader(bytes);
        let mut records = reader.byte_records();
        let header = csv::StringRecord::from_byte_record(records.next()?.ok()?).ok()?;
        let place = |name: &str| header.iter().position(|column| column.trim() == name);
        if !COLUMNS.iter().all(|name| place(name).is_some()) {
            return None;
        }
        let (id, licence) = (place("source_id")?, place("licence")?);
        let entries = records
            .filter_map(Result::ok)
            .filter(|record| record.len() == header.len())
            .filter_map(|record| csv::StringRecord::from_byte_record(record).ok())
            .map(|fields| SourceEntry {
                id: fields[id].trim().to_owned(),
                licence: fields[licence].trim().to_owned(),
                fields,
            })
            .collect();
        Some(Self { header, entries })
    }

    /// The sources.
    pub fn entries(&self) -> &[SourceEntry] {
        &self.entries
    }

    /// The text of the same file with the named sources alone; `None` where it has none of them.
    pub fn text_of(&self, ids: &BTreeSet<&str>) -> Option<String> {
        let kept: Vec<&SourceEntry> = self
            .entries
            .iter()
            .filter(|entry| ids.contains(entry.id.as_str()))
            .collect();
        if kept.is_empty() {
            return None;
        }
        let cells = |record: &csv::StringRecord| -> Vec<Cow<'static, str>> {
            record
                .iter()
                .map(|field| Cow::Owned(field.to_owned()))
                .collect()
        };
        let lines = kept.into_iter().map(|entry| cells(&entry.fields));
        Some(csv_text([cells(&self.header)].into_iter().chain(lines)))
    }
}

/// True where a licence is one of those allowed: the same name, with or without a remark in brackets behind it.
///
/// `Apache-2.0 (LICENSE in the repository)` is `Apache-2.0`; `Apache-2.0 / per folder` is not, as it leaves open which
/// terms hold for the rows.
pub fn is_allowed(licence: &str, allowed: &[String]) -> bool {
    let name = licence.split(" (").next().unwrap_or_default().trim();
    allowed
        .iter()
        .any(|allowed| !name.is_empty() && name.eq_ignore_ascii_case(allowed.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "source_id,title,url,licence,date,caveats\na,A,https://a,MIT,2025,\nb,\"B, b\",https://b,see repo,2024,\nshort\n";

    #[test]
    fn entries_are_those_of_full_lines() {
        let list = SourceList::read(TEXT.as_bytes()).expect("sources");
        let ids: Vec<&str> = list
            .entries()
            .iter()
            .map(|entry| entry.id.as_str())
            .collect();
        assert_eq!(ids, ["a", "b"]);
        assert_eq!(
            list.text_of(&BTreeSet::from(["b"])).as_deref(),
            Some("source_id,title,url,licence,date,caveats\nb,\"B, b\",https://b,see repo,2024,\n")
        );
        assert_eq!(list.text_of(&BTreeSet::from(["c"])), None);
    }

    #[test]
    fn other_files_are_no_sources() {
        assert_eq!(SourceList::read(b""), None);
        assert_eq!(SourceList::read(b"source_id,title\n"), None);
        assert_eq!(SourceList::read(&[0xff, 0xfe, b'\n']), None);
    }

    #[test]
    fn a_licence_is_allowed_by_its_whole_name() {
        let allowed = ["Apache-2.0".to_owned(), "MIT".to_owned()];
        for licence in ["Apache-2.0", "apache-2.0 (LICENSE in repo)", "MIT"] {
            assert!(is_allowed(licence, &allowed), "{licence}");
        }
        for licence in [
            "",
            "none stated (benchmark repo: Apache-2.0)",
            "Apache-2.0 / per folder",
            "MIT-0",
        ] {
            assert!(!is_allowed(licence, &allowed), "{licence}");
        }
    }
}
