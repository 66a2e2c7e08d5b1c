//! Plain aligned tables.

use comfy_table::{ContentArrangement, Table, TableStyle};

/// An empty table with a header, without lines.
pub fn new(header: &[&str]) -> Table {
    let mut table = Table::new();
    table
        .load_style(TableStyle::new())
        .set_content_arrangement(ContentArrangement::Disabled)
        .set_header(header.to_vec());
    table
}
