//! The tables shipped in the binary.

use std::borrow::Cow;

use super::table::{Syntax, Text};

/// The month the collection was checked; no row is of a later month.
pub(super) const AS_OF: &str = "2026-11";

macro_rules! embedded {
    ($($name:literal,)+) => {
        /// Every table with its text, sorted by name.
        pub(super) const TABLES: &[(&str, &str)] = &[
            $(($name, include_str!(concat!("../../datasets/catalog/", $name, ".csv"))),)+
        ];
    };
}

embedded! {
    "aliases",
    "electricity",
    "embodied_carbon",
    "grid_carbon",
    "hardware",
    "instances",
    "links",
    "networks",
    "power_modes",
    "prices",
    "pue",
    "regions",
    "sources",
    "transformers",
    "vision",
}

/// The embedded text of a table.
pub(super) fn text(name: &str, content: &'static str) -> Text {
    Text {
        path: format!("datasets/catalog/{name}.csv").into(),
        source: None,
        content: Cow::Borrowed(content),
        syntax: Syntax::Csv,
    }
}
