//! Kernel rows as text of our schema.

use std::borrow::Cow;

use crate::record::rows::{Family, KernelFamily, csv_text};

/// One timed call, as fields of our schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KernelFields<'a> {
    /// The table it belongs to.
    pub family: KernelFamily,
    /// `op`, `kernel` and `dtype`.
    pub operator: [Cow<'a, str>; 3],
    /// The family's dimensions, in its order.
    pub sizes: Vec<Cow<'a, str>>,
    /// Time in µs.
    pub latency: String,
    /// Board power in W; empty: unknown.
    pub power: String,
}

/// What the rows of one file have in common.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KernelPlace {
    /// Name of the device.
    pub hardware: String,
    /// Software.
    pub backend: String,
    /// Its version.
    pub version: String,
    /// Key into the file of sources.
    pub source: String,
}

/// The header of a family's table.
pub fn kernel_header(family: KernelFamily) -> String {
    csv_text([Family::Kernel(family).columns()])
}

/// One line of that table, with its end.
pub fn kernel_line(place: &KernelPlace, fields: KernelFields<'_>) -> String {
    let before = [&place.hardware, &place.backend, &place.version];
    let mut cells: Vec<Cow<'_, str>> = before
        .into_iter()
        .map(|text| Cow::Borrowed(text.as_str()))
        .collect();
    cells.extend(fields.operator);
    cells.extend(fields.sizes);
    cells.push(Cow::Owned(fields.latency));
    cells.push(Cow::Owned(fields.power));
    cells.push(Cow::Borrowed(&place.source));
    csv_text([cells])
}

/// Microseconds with five significant digits: more than a timing is worth.
pub(super) fn microseconds(value: f64) -> String {
    let rounded: f64 = format!("{value:.4e}").parse().unwrap_or(value);
    rounded.to_string()
}

/// Watts to a tenth; empty where none were measured.
pub(super) fn watts(value: f64) -> String {
    if value > 0.0 {
        format!("{value:.1}")
            .trim_end_matches('0')
            .trim_end_matches('.')
            .to_owned()
    } else {
        String::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::rows::Table;

    #[test]
    fn a_line_is_of_its_family() {
        for family in KernelFamily::ALL {
            let sizes = family.dimensions().iter().map(|_| Cow::Borrowed("1"));
            let place = KernelPlace {
                hardware: "h100_sxm".to_owned(),
                backend: "vllm".to_owned(),
                version: "1".to_owned(),
                source: "made".to_owned(),
            };
            let fields = KernelFields {
                family,
                operator: ["op", "kernel, with a comma", "bfloat16"].map(Cow::Borrowed),
                sizes: sizes.collect(),
                latency: microseconds(14.126_400_649),
                power: watts(249.0),
            };
            let text = kernel_header(family) + &kernel_line(&place, fields);
            let table = Table::read(text.as_bytes()).expect("our schema");
            assert_eq!(table.family, Family::Kernel(family));
            let field = |column| table.field(&table.lines[0], column);
            assert_eq!(field("latency_us"), "14.126");
            assert_eq!(field("power_w"), "249");
            assert_eq!(field("kernel"), "kernel, with a comma");
        }
    }

    #[test]
    fn numbers_have_as_many_digits_as_they_are_worth() {
        assert_eq!(microseconds(327.925_324), "327.93");
        assert_eq!(microseconds(123_456.7), "123460");
        assert_eq!(watts(0.0), "");
        assert_eq!(watts(266.77), "266.8");
    }
}
