//! Reads `report.outputs`.

use super::read::{Reader, not_one_of};
use super::{Node, Output, OutputKind, PdfStandard};

const KINDS: [(&str, OutputKind); 8] = [
    ("html", OutputKind::Html),
    ("pdf", OutputKind::Pdf),
    ("json", OutputKind::Json),
    ("csv", OutputKind::Csv),
    ("parquet", OutputKind::Parquet),
    ("markdown", OutputKind::Markdown),
    ("junit", OutputKind::Junit),
    ("sarif", OutputKind::Sarif),
];

/// What is written where the scenario does not say.
pub(super) fn five_files() -> Vec<Output> {
    [
        (OutputKind::Html, "report.html"),
        (OutputKind::Pdf, "report.pdf"),
        (OutputKind::Json, "results.json"),
        (OutputKind::Csv, "results.csv"),
        (OutputKind::Parquet, "results.parquet"),
    ]
    .map(|(kind, file)| Output {
        kind,
        file: file.to_owned(),
        template: None,
        standards: Vec::new(),
    })
    .into()
}

pub(super) fn outputs(reader: &mut Reader, list: &Node) -> Vec<Output> {
    let mut outputs: Vec<Output> = Vec::new();
    for item in list.items() {
        let found = KINDS
            .into_iter()
            .find_map(|(key, kind)| Some((item.get(key)?, kind)));
        let Some((node, kind)) = found else {
            continue;
        };
        let template = reader.field(item, "template", Reader::text);
        let standards = standards(reader, item.get("standard"), kind);
        let Some(file) = reader.text(node) else {
            continue;
        };
        if file.contains(['/', '\\']) || file.is_empty() || file == ".." {
            reader.bad_value(
                node.span,
                format!("`{file}` is not a file name"),
                "a name inside the output folder",
            );
        } else if outputs.iter().any(|other| other.file == file) {
            reader.bad_value(
                node.span,
                format!("two outputs are written to `{file}`"),
                "a second one",
            );
        } else {
            outputs.push(Output {
                kind,
                file,
                template,
                standards,
            });
        }
    }
    outputs
}

/// The standards that a document is held to: one name, or a list of names.
fn standards(reader: &mut Reader, node: Option<&Node>, kind: OutputKind) -> Vec<PdfStandard> {
    let Some(node) = node else {
        return Vec::new();
    };
    if kind != OutputKind::Pdf {
        reader.bad_value(
            node.span,
            "a standard of PDF stands beside another kind of output",
            "only a `pdf` keeps one",
        );
        return Vec::new();
    }
    let names = match node.items() {
        [] => std::slice::from_ref(node),
        items => items,
    };
    let mut standards = Vec::new();
    for name in names {
        let Some(found) = standard(reader, name) else {
            continue;
        };
        if let Some(why) = PdfStandard::clash(&standards, found) {
            reader.bad_value(
                name.span,
                format!("no PDF can keep `{}` beside the others", found.name()),
                why,
            );
        } else {
            standards.push(found);
        }
    }
    standards
}

fn standard(reader: &mut Reader, node: &Node) -> Option<PdfStandard> {
    let text = reader.text(node)?;
    let found = PdfStandard::from_name(&text);
    if found.is_none() {
        match PdfStandard::out_of_reach(&text) {
            Some(why) => {
                reader.bad_value(node.span, format!("no report can keep `{text}`"), why);
            }
            None => reader.push(not_one_of(
                &text,
                node.span,
                PdfStandard::ALL.iter().map(|standard| standard.name()),
            )),
        }
    }
    found
}
