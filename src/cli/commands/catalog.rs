//! `phantom catalog`.

use super::scenarios;
use crate::catalog::{Catalog, Confidence, Described, Listing};
use crate::cli::Exit;
use crate::cli::args::{Catalog as Arguments, CatalogKind, Format};
use crate::cli::context::Context;

/// Lists, shows or verifies the catalogue.
pub fn catalog(context: &Context, arguments: &Arguments) -> Exit {
    let catalog = match scenarios::catalog(context) {
        Ok(catalog) => catalog,
        Err(exit) => return exit,
    };
    match arguments {
        Arguments::List { kind, pattern } => list(context, &catalog, *kind, pattern.as_deref()),
        Arguments::Show { name } => show(context, &catalog, name),
        Arguments::Verify => verify(context, &catalog),
    }
}

fn list(context: &Context, catalog: &Catalog, kind: CatalogKind, pattern: Option<&str>) -> Exit {
    let listing = match kind {
        CatalogKind::Models => Listing::Models,
        CatalogKind::Hardware => Listing::Hardware,
        CatalogKind::Prices => Listing::Prices,
        CatalogKind::Grids => Listing::Grids,
    };
    let listed = catalog.list(listing);
    let wanted = |row: &Vec<String>| {
        pattern.is_none_or(|pattern| row.first().is_some_and(|id| id.contains(pattern)))
    };
    let rows: Vec<Vec<String>> = listed.rows.into_iter().filter(wanted).collect();
    if rows.is_empty() {
        context.complain("no entry matches");
        return Exit::NothingSelected;
    }
    match context.format {
        Format::Json | Format::Jsonl => {
            for row in rows {
                let fields = listed
                    .header
                    .iter()
                    .map(|name| (*name).to_owned())
                    .zip(row.into_iter().map(Into::into));
                let object: serde_json::Map<String, serde_json::Value> = fields.collect();
                context.print(&format!("{}\n", serde_json::Value::Object(object)));
            }
        }
        Format::Human | Format::Markdown | Format::Github => {
            let mut table = super::table::new(listed.header);
            for row in rows {
                table.add_row(row);
            }
            context.print(&format!("{table}\n"));
        }
    }
    Exit::Done
}

fn show(context: &Context, catalog: &Catalog, name: &str) -> Exit {
    let Some(described) = catalog.describe(name) else {
        let near = catalog
            .suggest_device(name)
            .or_else(|| catalog.suggest_model(name));
        let hint = near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
        context.complain(&format!(
            "error: the catalogue has no hardware and no model named `{name}`{hint}"
        ));
        return Exit::BadInput;
    };
    context.print(&text(&described));
    Exit::Done
}

fn text(described: &Described) -> String {
    let mut text = format!("{} ({})\n", described.id, described.kind);
    for fact in &described.facts {
        text.push_str(&format!("  {:28} {}\n", fact.label, fact.value));
    }
    if !described.aliases.is_empty() {
        text.push_str(&format!(
            "  {:28} {}\n",
            "also named",
            described.aliases.join(", ")
        ));
    }
    let provenance = &described.provenance;
    text.push_str(&format!(
        "  {:28} {}\n  {:28} {}\n",
        "source", provenance.source, "as of", provenance.as_of
    ));
    if let Some(confidence) = provenance.confidence {
        text.push_str(&format!(
            "  {:28} {}\n",
            "confidence",
            confidence_name(confidence)
        ));
    }
    if !provenance.notes.is_empty() {
        text.push_str(&format!("  {:28} {}\n", "notes", provenance.notes));
    }
    text
}

const fn confidence_name(confidence: Confidence) -> &'static str {
    match confidence {
        Confidence::Low => "low",
        Confidence::Medium => "medium",
        Confidence::High => "high",
    }
}

/// An overlay with problems does not load, so what is left to check are the built-in tables.
fn verify(context: &Context, catalog: &Catalog) -> Exit {
    let problems = catalog.problems();
    for problem in &problems {
        context.complain(&format!(
            "{}:{}: {}",
            problem.path, problem.line, problem.message
        ));
    }
    for (table, entries) in catalog.sizes() {
        context.print(&format!("{table:20} {entries} entries\n"));
    }
    if problems.is_empty() {
        Exit::Done
    } else {
        Exit::BadInput
    }
}
