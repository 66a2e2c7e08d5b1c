//! The text of a fitted pack.

use serde::Serialize;
use serde_json::{Value, json};

use crate::calibrate::FamilyAccount;
use crate::record::{
    Calibration, NetworkModels, OperatorModels, PREDICTOR_VERSION, PackInput, Split,
};

/// Everything a pack says beside its terms.
pub(super) struct Parts<'a> {
    pub name: &'a str,
    pub models: &'a OperatorModels,
    pub networks: Option<&'a NetworkModels>,
    pub accounts: &'a [FamilyAccount],
    pub inputs: &'a [PackInput],
    pub split: &'a Split,
}

/// The pack as JSON, keys sorted, one group a line. The basis and level are those of its terms, which are cited: models time
/// stand-alone kernel calls alone.
///
/// # Panics
///
/// Never: what is written are maps of texts and finite numbers.
pub(super) fn text(parts: &Parts<'_>) -> String {
    let terms = Calibration::datasheet_terms();
    let mut document = json!({
        "accuracy": parts.accounts,
        "basis": "datasheet",
        "inputs": parts.inputs,
        "level": super::run::LEVEL,
        "name": parts.name,
        "operators": parts.models.to_json(),
        "predictor_version": PREDICTOR_VERSION,
        "schema": "phantom.calibration/v1",
        "split": parts.split,
        "terms": terms,
    });
    if let Some(networks) = parts.networks {
        document["networks"] = networks.to_json();
    }
    pretty(&document)
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
