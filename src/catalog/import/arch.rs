//! Inline numbers: the columns of the catalogue, with the defaults of today's decoders.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::ImportError;
use crate::catalog::cells::Cells;
use crate::catalog::check::transformer_problems;
use crate::catalog::table::{Problem, Row, Syntax, Text};
use crate::catalog::tables::{TRANSFORMERS, transformer};
use crate::catalog::{Model, ModelKind, Network, Provenance, Transformer};
use crate::diag::suggest;
use crate::units::{Dimension, parse_quantity};

const NETWORK_FIELDS: [&str; 5] = ["params", "macs", "activations", "input", "task"];

/// A model from numbers with the catalogue's names.
///
/// A transformer has `layers hidden heads vocab ffn` at least; `kv_heads` and `head_dim` follow from them, and the rest is
/// a decoder with rotary positions, `RMSNorm` and a gated feed-forward network unless stated. A network has `params` and
/// `macs` (multiply-adds of one sample), and may have `activations` and `input`. Counts may carry `k M G T`.
///
/// # Errors
///
/// All missing fields, or all values that make no sense.
///
/// ```
/// use phantom::catalog::{ModelKind, arch};
/// let fields = [("layers", "2"), ("hidden", "64"), ("heads", "4"), ("ffn", "256"), ("vocab", "32k")];
/// let fields = fields.map(|(name, value)| (name.to_owned(), value.to_owned()));
/// let model = arch(&fields.into())?;
/// let ModelKind::Transformer(decoder) = &model.kind else { panic!("it has heads") };
/// assert_eq!((decoder.layers, decoder.vocab), (2, 32_000));
/// assert_eq!((decoder.attention.kv_heads, decoder.attention.head_dim), (4, 16), "they follow from heads and hidden");
/// # Ok::<(), phantom::catalog::ImportError>(())
/// ```
pub fn arch(fields: &BTreeMap<String, String>) -> Result<Model, ImportError> {
    let kind = if fields.contains_key("params") || fields.contains_key("macs") {
        ModelKind::Network(network(fields)?)
    } else {
        ModelKind::Transformer(Box::new(transformer_of(fields.clone())?))
    };
    let model = Model {
        id: "arch".to_owned(),
        family: String::new(),
        hf_id: None,
        license: String::new(),
        kind,
        provenance: Provenance {
            source: "numbers of the scenario".to_owned(),
            ..Provenance::default()
        },
    };
    checked(model)
}

/// The model, unless its fields contradict each other.
pub(super) fn checked(model: Model) -> Result<Model, ImportError> {
    let problems = match &model.kind {
        ModelKind::Transformer(transformer) => transformer_problems(transformer),
        ModelKind::Network(_) => Vec::new(),
    };
    if problems.is_empty() {
        Ok(model)
    } else {
        Err(ImportError::Fields(
            problems.into_iter().map(str::to_owned).collect(),
        ))
    }
}

fn network(fields: &BTreeMap<String, String>) -> Result<Network, ImportError> {
    let mut problems = Vec::new();
    for name in fields.keys() {
        if !NETWORK_FIELDS.contains(&name.as_str()) {
            problems.push(unknown(name, &NETWORK_FIELDS));
        }
    }
    let missing: Vec<String> = ["params", "macs"]
        .into_iter()
        .filter(|name| !fields.contains_key(*name))
        .map(str::to_owned)
        .collect();
    if !missing.is_empty() {
        return Err(ImportError::Missing(missing));
    }
    let mut count = |name: &str| {
        let text = fields.get(name)?;
        let parsed = parse_quantity(text, Dimension::Count).map(|parsed| parsed.value);
        parsed
            .map_err(|error| problems.push(format!("`{name}`: {error}")))
            .ok()
    };
    let network = Network {
        task: fields.get("task").cloned().unwrap_or_default(),
        params: count("params"),
        macs: count("macs"),
        activations: count("activations"),
        input_size: fields.get("input").cloned().unwrap_or_default(),
    };
    if problems.is_empty() {
        Ok(network)
    } else {
        Err(ImportError::Fields(problems))
    }
}

fn unknown(name: &str, known: &[&str]) -> String {
    match suggest(name, known.iter().copied()) {
        Some(near) => format!("no field is named `{name}`; did you mean `{near}`?"),
        None => format!("no field is named `{name}`"),
    }
}

/// A transformer from the columns of the catalogue; absent ones get the defaults that [`arch`] documents.
pub(super) fn transformer_of(
    mut fields: BTreeMap<String, String>,
) -> Result<Transformer, ImportError> {
    let unknown: Vec<String> = fields
        .keys()
        .filter(|name| !TRANSFORMERS.columns.contains(&name.as_str()))
        .map(|name| unknown(name, TRANSFORMERS.columns))
        .collect();
    if !unknown.is_empty() {
        return Err(ImportError::Fields(unknown));
    }
    let missing: Vec<String> = ["layers", "hidden", "heads", "vocab"]
        .into_iter()
        .chain((!fields.contains_key("expert_ffn")).then_some("ffn"))
        .filter(|name| !fields.contains_key(*name))
        .map(str::to_owned)
        .collect();
    if !missing.is_empty() {
        return Err(ImportError::Missing(missing));
    }
    for value in fields.values_mut() {
        expand(value);
    }
    add_defaults(&mut fields);
    read(&fields)
}

/// `128k` as `128000`; anything else stays for the reader to judge.
fn expand(value: &mut String) {
    let is_suffixed = value.ends_with(|last: char| "kMGT".contains(last));
    if is_suffixed && let Ok(parsed) = parse_quantity(value, Dimension::Count) {
        *value = parsed.value.to_string();
    }
}

fn add_defaults(fields: &mut BTreeMap<String, String>) {
    let whole = |fields: &BTreeMap<String, String>, name: &str| {
        fields.get(name).and_then(|text| text.parse::<u32>().ok())
    };
    let mut defaults: Vec<(&str, String)> = [
        ("kind", "decoder"),
        ("mlp", "gated"),
        ("norm", "rmsnorm"),
        ("norms_per_layer", "2"),
        ("positional", "rope"),
        ("attention", "full"),
        ("ffn", "0"),
    ]
    .map(|(name, value)| (name, value.to_owned()))
    .into();
    if let Some(heads) = whole(fields, "heads").filter(|heads| *heads > 0) {
        defaults.push(("kv_heads", heads.to_string()));
        if let Some(hidden) = whole(fields, "hidden") {
            defaults.push(("head_dim", (hidden / heads).to_string()));
        }
    }
    if let Some(layers) = whole(fields, "layers").filter(|_| fields.contains_key("experts")) {
        let dense = whole(fields, "first_dense").unwrap_or(0);
        let step = whole(fields, "expert_layer_step").unwrap_or(1).max(1);
        let with_experts = layers.saturating_sub(dense) / step;
        defaults.push(("expert_layers", with_experts.to_string()));
    }
    for (name, value) in defaults {
        fields.entry(name.to_owned()).or_insert(value);
    }
}

fn read(fields: &BTreeMap<String, String>) -> Result<Transformer, ImportError> {
    let header: Vec<String> = fields.keys().cloned().collect();
    let row = Row {
        line: 1,
        bytes: (0, 0),
        cells: fields.values().collect::<Vec<_>>().into(),
    };
    let text = Text {
        path: "".into(),
        source: None,
        content: Cow::Borrowed(""),
        syntax: Syntax::Csv,
    };
    let mut problems: Vec<Problem> = Vec::new();
    let sources = BTreeMap::new();
    let mut cells = Cells::new(&header, &row, &text, &sources, &mut problems);
    let read = transformer(&mut cells);
    match read {
        Some(transformer) if problems.is_empty() => Ok(transformer),
        Some(_) | None => Err(ImportError::Fields(
            problems
                .into_iter()
                .map(|problem| problem.message)
                .collect(),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect()
    }

    #[test]
    fn missing_fields_are_named_together() {
        let error = arch(&fields(&[("layers", "2"), ("heads", "4")])).expect_err("too little");
        assert_eq!(error.to_string(), "missing: hidden, vocab, ffn");
        let error = arch(&fields(&[("params", "25.6M")])).expect_err("no work stated");
        assert_eq!(error.to_string(), "missing: macs");
    }

    #[test]
    fn a_misspelt_field_is_told_with_its_neighbour() {
        let error = arch(&fields(&[("layer", "2")])).expect_err("unknown");
        assert_eq!(
            error.to_string(),
            "no field is named `layer`; did you mean `layers`?"
        );
    }

    #[test]
    fn a_network_has_counts_with_suffixes() {
        let model = arch(&fields(&[
            ("params", "25.6M"),
            ("macs", "4.1G"),
            ("input", "3x224x224"),
        ]))
        .expect("complete");
        let ModelKind::Network(network) = model.kind else {
            panic!("it has no layers");
        };
        assert_eq!((network.params, network.macs), (Some(25.6e6), Some(4.1e9)));
    }

    #[test]
    fn experts_stand_in_all_layers_but_the_leading_dense_ones() {
        let model = arch(&fields(&[
            ("layers", "12"),
            ("hidden", "64"),
            ("heads", "4"),
            ("vocab", "1k"),
            ("experts", "8"),
            ("experts_per_token", "2"),
            ("expert_ffn", "32"),
            ("first_dense", "1"),
            ("ffn", "256"),
        ]))
        .expect("complete");
        let ModelKind::Transformer(transformer) = model.kind else {
            panic!("it has layers");
        };
        assert_eq!(transformer.experts.expect("experts").layers, 11);
        assert_eq!(transformer.attention.head_dim, 16);
    }
}
