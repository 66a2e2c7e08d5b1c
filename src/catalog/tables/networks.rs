//! `networks.csv` and `vision.csv`: networks known by their totals.

use super::super::cells::Cells;
use super::super::table::Kind;
use super::super::{Model, ModelKind, Network};

/// Named networks with a family and a licence.
pub(in super::super) const NETWORKS: Kind<Model> = Kind {
    name: "networks",
    columns: &[
        "id",
        "family",
        "task",
        "hf_id",
        "license",
        "input",
        "params_m",
        "gmacs",
        "mactivations",
        "source",
        "as_of",
        "confidence",
        "notes",
    ],
    read: network,
    id: |model| model.id.clone(),
    unique: |model| model.id.clone(),
};

/// Zoo networks, one row for each input size and task.
pub(in super::super) const VISION: Kind<Model> = Kind {
    name: "vision",
    columns: &[
        "id",
        "task",
        "input",
        "params_m",
        "gmacs",
        "mactivations",
        "source",
        "as_of",
        "confidence",
        "notes",
    ],
    read: network,
    id: |model| model.id.clone(),
    unique: id_input_and_task,
};

fn id_input_and_task(model: &Model) -> String {
    match &model.kind {
        ModelKind::Network(network) => {
            format!("{} {} {}", model.id, network.input_size, network.task)
        }
        ModelKind::Transformer(_) => model.id.clone(),
    }
}

fn network(cells: &mut Cells) -> Option<Model> {
    let id = cells.id("id");
    let family = cells.text("family").to_owned();
    let task = cells.text("task").to_owned();
    let hf_id = cells.text("hf_id");
    let license = cells.text("license").to_owned();
    let input_size = cells.text("input").to_owned();
    let mut scaled = |column: &str, unit: f64, most: f64| {
        cells.number(column, 0.0..=most).map(|count| count * unit)
    };
    let network = Network {
        task,
        params: scaled("params_m", 1e6, 100_000.0),
        macs: scaled("gmacs", 1e9, 1e7),
        activations: scaled("mactivations", 1e6, 1e6),
        input_size,
    };
    let provenance = cells.provenance();
    Some(Model {
        id: id?,
        family,
        hf_id: (!hf_id.is_empty()).then(|| hf_id.to_owned()),
        license,
        kind: ModelKind::Network(network),
        provenance,
    })
}
