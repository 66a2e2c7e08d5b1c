//! Counts, operations, caches and file sizes against published numbers (`tests/published`).

use std::collections::BTreeSet;

use phantom::catalog::{Catalog, Format, ModelKind, Precision, Transformer};
use phantom::ops::{
    Division, Parallel, Params, Step, forward_flops, kv_shape, params, weight_bytes,
};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Counts {
    tolerance: f64,
    catalog: Vec<Total>,
    exceptions: Vec<Exception>,
    cited: Vec<Cited>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Total {
    model: String,
    total: f64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Exception {
    model: String,
    total: f64,
    tolerance: f64,
    reason: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Cited {
    model: String,
    part: Part,
    value: f64,
    tolerance: f64,
    source: String,
}

#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "snake_case")]
enum Part {
    Total,
    Active,
    Embedding,
    NonEmbedding,
    ActiveWithoutEmbedding,
}

impl Part {
    fn of(self, counted: &Params) -> f64 {
        match self {
            Self::Total => counted.total,
            Self::Active => counted.active,
            Self::Embedding => counted.embedding,
            Self::NonEmbedding => counted.total - counted.embedding - counted.head,
            Self::ActiveWithoutEmbedding => counted.active - counted.embedding,
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Cache {
    model: String,
    tokens: f64,
    bytes: f64,
    tolerance: f64,
    source: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Operations {
    model: String,
    tokens: f64,
    passes: f64,
    flops: f64,
    tolerance: f64,
    source: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    model: String,
    format: String,
    bits: Option<f64>,
    bytes: Option<f64>,
    tolerance: f64,
    source: String,
}

fn transformer(name: &str) -> &'static Transformer {
    let model = Catalog::embedded()
        .model(name)
        .unwrap_or_else(|| panic!("`{name}` is not in the catalogue"));
    match &model.kind {
        ModelKind::Transformer(transformer) => transformer,
        ModelKind::Network(_) => panic!("`{name}` is no transformer"),
    }
}

/// Collects what is out of tolerance, so that one run shows all of it.
#[derive(Default)]
struct Check {
    compared: usize,
    wrong: Vec<String>,
}

impl Check {
    fn compare(&mut self, what: &str, counted: f64, (published, tolerance): (f64, f64)) {
        self.compared += 1;
        let off = counted / published - 1.0;
        if off.abs() > tolerance {
            self.wrong.push(format!(
                "{what}: {counted:.6e} here, {published:.6e} published, {:+.3} %",
                100.0 * off
            ));
        }
    }

    fn finish(&self, at_least: usize) {
        assert!(self.wrong.is_empty(), "{}", self.wrong.join("\n"));
        assert!(self.compared >= at_least, "only {} compared", self.compared);
    }
}

fn counts() -> Counts {
    serde_yaml::from_str(include_str!("../published/params.yaml")).expect("the list is well formed")
}

#[test]
fn parameter_totals_of_the_catalogue_agree_within_half_a_percent() {
    let counts = counts();
    let mut check = Check::default();
    for row in &counts.catalog {
        let model = transformer(&row.model);
        let counted = params(model).total;
        check.compare(&row.model, counted, (row.total, counts.tolerance));
        let published = model
            .published
            .total_params
            .expect("the list follows the catalogue");
        check.compare(&row.model, published, (row.total, 1e-6));
    }
    check.finish(2 * 200);
}

#[test]
fn parameter_totals_that_count_something_else_have_a_reason_and_a_bound() {
    let mut check = Check::default();
    for row in counts().exceptions {
        assert!(row.reason.len() > 20, "{} needs a reason", row.model);
        let counted = params(transformer(&row.model)).total;
        check.compare(&row.model, counted, (row.total, row.tolerance));
        assert!(
            (counted / row.total - 1.0).abs() > 0.005,
            "{} is no exception any more",
            row.model
        );
    }
    check.finish(1);
}

#[test]
fn parameter_parts_agree_with_papers_and_model_cards() {
    let mut check = Check::default();
    let mut models = BTreeSet::new();
    for row in counts().cited {
        let counted = row.part.of(&params(transformer(&row.model)));
        let what = format!("{} ({})", row.model, row.source);
        check.compare(&what, counted, (row.value, row.tolerance));
        models.insert(row.model);
    }
    assert!(models.len() >= 60, "only {} models", models.len());
    check.finish(70);
}

#[test]
fn caches_agree_with_published_figures() {
    let rows: Vec<Cache> = serde_yaml::from_str(include_str!("../published/kv.yaml"))
        .expect("the list is well formed");
    let mut check = Check::default();
    for row in rows {
        let shape = kv_shape(
            transformer(&row.model),
            Format::Bf16,
            Parallel::ONE,
            Division::Even,
        )
        .expect("one device always fits");
        let what = format!("{} ({})", row.model, row.source);
        let bytes = shape.bytes(row.tokens).get();
        check.compare(&what, bytes, (row.bytes, row.tolerance));
    }
    check.finish(12);
}

#[test]
fn operations_agree_with_published_figures() {
    let rows: Vec<Operations> = serde_yaml::from_str(include_str!("../published/flops.yaml"))
        .expect("the list is well formed");
    let mut check = Check::default();
    for row in rows {
        let step = Step {
            logits: row.tokens,
            ..Step::prefill(1.0, row.tokens, 0.0)
        };
        let work = row.passes * forward_flops(transformer(&row.model), &step).get();
        let what = format!("{} ({})", row.model, row.source);
        check.compare(&what, work, (row.flops, row.tolerance));
    }
    check.finish(8);
}

#[test]
fn weight_files_have_their_published_sizes() {
    let rows: Vec<File> = serde_yaml::from_str(include_str!("../published/files.yaml"))
        .expect("the list is well formed");
    let mut check = Check::default();
    for row in rows {
        let model = transformer(&row.model);
        let weights = Format::from_name(&row.format).expect("the list names formats");
        let uniform = Precision::uniform(Format::Bf16);
        let bytes = weight_bytes(model, Precision { weights, ..uniform }).get();
        let what = format!("{} {} ({})", row.model, row.format, row.source);
        let total = params(model).total;
        let published = row
            .bytes
            .or(row.bits.map(|bits| bits * total / 8.0))
            .expect("a row has bits or bytes");
        check.compare(&what, bytes, (published, row.tolerance));
    }
    check.finish(60);
}
