//! The text of a fitted pack.

use serde::Serialize;
use serde_json::{Value, json};

use super::runs::FittedRuns;
use crate::calibrate::FamilyAccount;
use crate::record::{
    Basis, Calibration, Evidence, NetworkModels, OperatorModels, PREDICTOR_VERSION, PackInput,
    Split, Term, TermValue, Widths,
};

/// Everything a pack says beside its terms.
pub(super) struct Parts<'a> {
    pub name: &'a str,
    pub models: &'a OperatorModels,
    pub networks: Option<&'a NetworkModels>,
    pub accounts: &'a [FamilyAccount],
    pub inputs: &'a [PackInput],
    pub split: &'a Split,
    pub runs: Option<&'a FittedRuns>,
    pub evidence: &'a Evidence,
    /// What the same fit says without held-out groups, as packs write it.
    pub blind: Option<Value>,
    /// The pack whose terms it has.
    pub pack: &'a Calibration,
}

/// The pack as JSON, keys sorted, one group a line. Its basis is `fitted` where terms are shifted; models of operators time
/// stand-alone kernel calls alone.
///
/// # Panics
///
/// Never: what is written are maps of texts and finite numbers.
pub(super) fn text(parts: &Parts<'_>) -> String {
    let terms = terms(parts.pack);
    let fitted = parts.runs.is_some() || parts.pack.basis == Basis::Fitted;
    let effects = parts
        .runs
        .map_or(&*parts.pack.effects, |runs| &runs.effects);
    let widths = match parts.runs {
        Some(runs) => runs.widths.as_ref(),
        None => parts.pack.widths.as_deref(),
    };
    let mut document = json!({
        "accuracy": parts.accounts,
        "basis": if fitted { "fitted" } else { "datasheet" },
        "effects": effects.to_json(),
        "widths": widths.map(Widths::to_json),
        "inputs": parts.inputs,
        "level": parts.pack.level,
        "name": parts.name,
        "operators": parts.models.to_json(),
        "predictor_version": PREDICTOR_VERSION,
        "schema": "phantom.calibration/v1",
        "split": parts.split,
        "terms": terms,
    });
    if !parts.evidence.groups.is_empty() {
        document["evidence"] = parts.evidence.to_json();
    }
    if let Some(blind) = &parts.blind {
        document["blind"] = blind.clone();
    }
    if let Some(networks) = parts.networks {
        document["networks"] = networks.to_json();
    }
    pretty(&document)
}

fn terms(pack: &Calibration) -> Vec<Value> {
    let term = |term: &Term| {
        let TermValue {
            value,
            lower,
            upper,
        } = term.value;
        let mut written = json!({"name": term.name.name(), "value": value, "lower": lower, "upper": upper, "source": term.source});
        let parts = [
            ("hardware", &term.scope.hardware),
            ("runtime", &term.scope.runtime),
            ("precision", &term.scope.precision),
        ];
        for (name, part) in parts {
            if let Some(part) = part {
                written["scope"][name] = json!(part);
            }
        }
        written
    };
    pack.terms.values().flatten().map(term).collect()
}

fn pretty(document: &Value) -> String {
    let mut bytes = Vec::new();
    let formatter = serde_json::ser::PrettyFormatter::with_indent(b"");
    let mut serializer = serde_json::Serializer::with_formatter(&mut bytes, formatter);
    document
        .serialize(&mut serializer)
        .expect("maps of texts and finite numbers are JSON");
    bytes.push(b'\n');
    String::from_utf8(bytes).expect("JSON is UTF-8")
}
