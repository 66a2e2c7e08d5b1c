//! Lines of fields as CSV text.

/// The text of a table, quoted where needed, one line for each row, `\n` at every end.
///
/// # Panics
///
/// Never: writing to memory does not fail.
pub fn csv_text<'a>(rows: impl IntoIterator<Item = Vec<std::borrow::Cow<'a, str>>>) -> String {
    let mut writer = csv::WriterBuilder::new()
        .flexible(true)
        .from_writer(Vec::new());
    for row in rows {
        writer
            .write_record(row.iter().map(AsRef::as_ref))
            .map_err(|error| error.to_string())
            .expect("writing to memory does not fail");
    }
    let bytes = writer.into_inner().map_err(|error| error.to_string());
    let bytes = bytes.expect("writing to memory does not fail");
    String::from_utf8(bytes).expect("text in, text out")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_with_commas_are_quoted() {
        let text = csv_text([vec!["a".into(), "b, c".into()]]);
        assert_eq!(text, "a,\"b, c\"\n");
    }
}
