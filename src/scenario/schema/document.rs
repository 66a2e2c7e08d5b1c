//! The top level of the document, and the sections that fit no other file.

use super::hardware::HARDWARE;
use super::models::MODEL;
use super::money::{ENERGY, PRICING};
use super::objectives::{QUESTION, SLO};
use super::run::{EXECUTOR, GOLDEN, REPORT, RIGOR};
use super::shape::{Case, Field, Map, Shape, Tagged};
use super::what_if::VARIANT;
use super::workload::WORKLOAD;
use crate::catalog::Precision;
use crate::units::Dimension;

/// A scenario.
pub static DOCUMENT: Map = Map::of(&[
    Field::required(
        "schema",
        &Shape::Choice(&["phantom/v1"]),
        "Version of the language.",
    ),
    Field::required(
        "name",
        &Shape::Text,
        "Names all outputs: lower-case letters, digits, dots, dashes and underscores.",
    ),
    Field::optional("description", &Shape::Text, "The question in one sentence."),
    Field::optional(
        "labels",
        &Shape::Names(&Shape::Text),
        "Text carried into results.",
    ),
    Field::optional(
        "extends",
        &Shape::Either(&[&Shape::Path, &Shape::List(&Shape::Path)]),
        "Documents this one builds on; the later one wins, this one last.",
    ),
    Field::optional(
        "vars",
        &Shape::Names(&Shape::Scalar),
        "Values that expressions name as `vars.…`.",
    ),
    Field::required("models", &Shape::Names(&MODEL), "Models by alias."),
    Field::required("hardware", &Shape::Names(&HARDWARE), "Hardware by alias."),
    Field::optional("precision", &PRECISION, "Number formats.").or("the model's native type"),
    Field::optional(
        "runtime",
        &Shape::Runtime,
        "The serving software as modelled.",
    )
    .or("{name: generic}"),
    Field::optional(
        "deployment",
        &Shape::Map(&DEPLOYMENT),
        "Parallelism and replicas.",
    )
    .or("{tp: auto}"),
    Field::required("workload", &WORKLOAD, "What is asked of the system."),
    Field::optional("matrix", &Shape::Map(&MATRIX), "Axes and points.").or("one point"),
    Field::optional("slos", &Shape::Names(&SLO), "Named limits."),
    Field::optional(
        "solve",
        &Shape::List(&QUESTION),
        "Questions asked of the points.",
    )
    .or("the cheapest (else the fastest) point within all objectives"),
    Field::optional("pricing", &PRICING, "Prices.").or("no cost"),
    Field::optional("energy", &ENERGY, "Energy, carbon, battery and heat.")
        .or("{scope: [accelerator]}"),
    Field::optional(
        "what_if",
        &Shape::List(&VARIANT),
        "Variants of the model, held against the points that answer.",
    ),
    Field::optional("run", &Shape::List(&EXECUTOR), "Executors in order.").or("[{predict: {}}]"),
    Field::optional(
        "statistics",
        &Shape::Map(&STATISTICS),
        "How results are judged.",
    ),
    Field::optional("golden", &GOLDEN, "Rules of the golden comparison."),
    Field::optional("report", &REPORT, "Title, charts and outputs."),
]);

/// Number formats by name, and that of a model's own file.
pub static PRECISION_NAMES: [&str; Precision::NAMES.len() + 1] = {
    let mut names = ["gguf"; Precision::NAMES.len() + 1];
    let (known, _) = names.split_at_mut(Precision::NAMES.len());
    known.copy_from_slice(&Precision::NAMES);
    names
};

/// Number formats, by name or by part.
pub static PRECISION: Shape = Shape::Named(
    "precision",
    &Shape::Either(&[
        &Shape::Choice(&PRECISION_NAMES),
        &Shape::Map(&Map::of(&[
            Field::optional("weights", &Shape::Text, "Format of stored weights."),
            Field::optional(
                "activations",
                &Shape::Text,
                "Format of activations between operators.",
            ),
            Field::optional(
                "kv_cache",
                &Shape::Text,
                "Format of cached keys and values.",
            ),
            Field::optional("compute", &Shape::Text, "Arithmetic of matrix products."),
        ])),
    ]),
);

const AUTO: Shape = Shape::Choice(&["auto"]);
static COUNT: Shape = Shape::Count(1);
static AUTO_OR_COUNT: Shape = Shape::Either(&[&AUTO, &Shape::Count(1)]);

const TP: Field = Field::optional(
    "tp",
    &AUTO_OR_COUNT,
    "Tensor parallelism; `auto`: the accelerators of a replica.",
)
.or("auto");
const PP: Field = Field::optional("pp", &COUNT, "Pipeline stages.").or("1");
const DP: Field = Field::optional(
    "dp",
    &AUTO_OR_COUNT,
    "Data-parallel copies inside a replica; `auto` in training.",
)
.or("1");
const EP: Field = Field::optional("ep", &COUNT, "Expert parallelism.").or("1");
const CP: Field = Field::optional("cp", &COUNT, "Context parallelism.").or("1");
const DP_ATTENTION: Field = Field::optional(
    "dp_attention",
    &Shape::Bool,
    "Attention is data parallel while experts are expert parallel.",
)
.or("false");
const REPLICAS: Field = Field::optional(
    "replicas",
    &COUNT,
    "Independent copies behind one load balancer.",
)
.or("1");

/// Engines of one phase.
static POOL: Shape = Shape::Named(
    "pool",
    &Shape::Map(&Map::of(&[TP, PP, DP, EP, CP, DP_ATTENTION, REPLICAS])),
);

/// Guessing tokens ahead.
static SPECULATIVE: Tagged = Tagged {
    tag: "method",
    doc: "Who guesses: a smaller model, a look-up of n-grams, or the model's own layers for several tokens.",
    common: &[
        Field::required("tokens", &COUNT, "Tokens guessed in a step."),
        Field::required(
            "acceptance",
            &Shape::Either(&[&Shape::Share, &Shape::List(&Shape::Share)]),
            "Chance of a guessed token where all before it were right: one for all positions, or one for each.",
        ),
    ],
    cases: &[
        Case {
            names: &["draft"],
            fields: &[Field::required(
                "model",
                &Shape::Text,
                "Alias of `models` that guesses; it then serves no point.",
            )],
        },
        Case {
            names: &["ngram", "mtp"],
            fields: &[],
        },
    ],
};

static DEPLOYMENT: Map = Map::of(&[
    TP,
    PP,
    DP,
    EP,
    CP,
    DP_ATTENTION,
    REPLICAS,
    Field::optional(
        "prefill",
        &POOL,
        "Engines that process prompts and send the cache on; with `decode`, instead of sizes of its own.",
    ),
    Field::optional(
        "decode",
        &POOL,
        "Engines that generate from caches sent to them; with `prefill`.",
    ),
    Field::optional(
        "speculative",
        &Shape::Tagged(&SPECULATIVE),
        "Guessing tokens ahead and checking them together.",
    ),
    Field::optional(
        "lora",
        &Shape::Map(&Map::of(&[
            Field::required(
                "adapters",
                &COUNT,
                "Different adapters; each request uses one, all equally often.",
            ),
            Field::required("rank", &COUNT, "Their rank."),
            Field::optional(
                "max_loras",
                &COUNT,
                "Most different ones in a step; as many are kept in device memory.",
            )
            .or("1"),
            Field::optional(
                "targets",
                &Shape::Choice(&["attention", "mlp", "all"]),
                "What they stand beside: projections of attention, of the dense network, or both.",
            )
            .or("all"),
        ])),
        "Low-rank adapters beside the model.",
    ),
    Field::optional(
        "kv_offload",
        &Shape::Map(&Map::of(&[
            Field::required(
                "memory",
                &Shape::Quantity(Dimension::Bytes),
                "Host memory of each engine, for all of its accelerators together.",
            ),
            Field::optional(
                "interrupted",
                &Shape::Choice(&["nothing", "prompt", "all"]),
                "What is kept there of an interrupted request and not processed again.",
            )
            .or("what the runtime keeps; of the generic server all"),
        ])),
        "Evicted prompts and interrupted requests in host memory.",
    ),
    Field::optional(
        "share",
        &Shape::Map(&Map::of(&[
            Field::optional("memory", &Shape::Share, "Of the memory of each device.").or("100%"),
            Field::optional("time", &Shape::Share, "Of the time of each device.").or("100%"),
        ])),
        "What the model has of devices that other models use too.",
    ),
    Field::optional(
        "router",
        &Shape::Choice(&["round_robin", "least_loaded", "prefix_aware"]),
        "How the load balancer chooses: in turn, the fewest requests, or most of the prompt in the cache.",
    )
    .or("least_loaded"),
    Field::optional(
        "zero",
        &Shape::Choice(&["0", "1", "2", "3"]),
        "ZeRO stage of training.",
    )
    .or("0"),
    Field::optional(
        "sequence_parallel",
        &Shape::Bool,
        "Sequence parallelism of training.",
    )
    .or("false"),
]);

static SETTINGS: Shape = Shape::Names(&Shape::Any);

static MATRIX: Map = Map::of(&[
    Field::optional(
        "axes",
        &SETTINGS,
        "Axes in order: an alias or a dotted path, and its values or a range.",
    ),
    Field::optional(
        "zip",
        &Shape::List(&SETTINGS),
        "Groups of fields that move together.",
    ),
    Field::optional(
        "exclude",
        &Shape::List(&SETTINGS),
        "Combinations to remove.",
    ),
    Field::optional(
        "include",
        &Shape::List(&SETTINGS),
        "Combinations to extend or to add.",
    ),
    Field::optional("max_points", &COUNT, "Most points a matrix may have.").or("100000"),
    Field::optional(
        "max_measured",
        &Shape::Count(0),
        "Most points that are run for real without `--yes-measure`.",
    )
    .or("64"),
]);

static STATISTICS: Map = Map::of(&[
    Field::optional("confidence", &Shape::Share, "Level of intervals.").or("95%"),
    Field::optional("seed", &Shape::Count(0), "Seed of every random stream.").or("1"),
    Field::optional("rigor", &RIGOR, "Effort of measured runs.").or("standard"),
    Field::optional(
        "percentiles",
        &Shape::List(&Shape::Number),
        "Percentiles that are reported.",
    )
    .or("[50, 90, 95, 99]"),
    Field::optional(
        "max_error_rate",
        &Shape::Share,
        "Largest share of failed requests.",
    )
    .or("1%"),
]);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_precision_of_the_catalogue_may_be_named() {
        let known: Vec<&str> = Precision::NAMES.into_iter().chain(["gguf"]).collect();
        assert_eq!(PRECISION_NAMES.as_slice(), known);
    }
}
