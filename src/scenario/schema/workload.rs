//! Keys of `workload`.

use super::kernel::KERNEL;
use super::shape::{Case, Field, Map, Shape, Tagged};
use crate::units::Dimension;

const N: Shape = Shape::Count(1);
const N0: Shape = Shape::Count(0);
const TIME: Shape = Shape::Quantity(Dimension::Time);
const RATE: Shape = Shape::Quantity(Dimension::RequestRate);
const TOKENS: Shape = Shape::Quantity(Dimension::Count);

/// What is asked of a system.
pub static WORKLOAD: Shape = Shape::Map(&Map::with_forms(
    &[
        Field::optional("llm", &Shape::Map(&LLM), "Text generation."),
        Field::optional("embedding", &Shape::Map(&EMBEDDING), "Embeddings of texts."),
        Field::optional("vision", &Shape::Map(&VISION), "Images."),
        Field::optional(
            "training",
            &Shape::Map(&TRAINING),
            "Training of a transformer.",
        ),
        Field::optional("kernel", &Shape::Tagged(&KERNEL), "One operator."),
    ],
    &["llm", "embedding", "vision", "training", "kernel"],
    "the workload",
));

/// The shape of a kind of workload.
///
/// # Panics
///
/// When no workload is named so.
pub fn kind(name: &str) -> &'static Shape {
    let Shape::Map(kinds) = &WORKLOAD else {
        unreachable!("the workload is a map of its kinds")
    };
    let field = kinds.fields.iter().find(|field| field.key == name);
    field.expect("workloads are named by the table").shape
}

/// A number of tokens, fixed or drawn.
pub static LENGTH: Shape = Shape::Named(
    "length",
    &Shape::Either(&[&Shape::Count(1), &Shape::Tagged(&DISTRIBUTION)]),
);

const MEAN: Field = Field::required("mean", &Shape::Number, "Mean of the lengths themselves.");
const CV: Field = Field::optional(
    "cv",
    &Shape::Number,
    "Standard deviation divided by the mean.",
);
const STD: Field = Field::optional("std", &Shape::Number, "Standard deviation.");
const MIN: Field = Field::optional("min", &N, "Smallest length; smaller ones are drawn again.");
const MAX: Field = Field::optional("max", &N, "Largest length; larger ones are drawn again.");

static DISTRIBUTION: Tagged = Tagged {
    tag: "dist",
    doc: "Kind of distribution.",
    common: &[],
    cases: CASES,
};

static WEIGHTED: Tagged = Tagged {
    tag: "dist",
    doc: "Kind of distribution.",
    common: &[Field::required(
        "weight",
        &Shape::Number,
        "Weight of this part.",
    )],
    cases: CASES,
};

static CASES: &[Case] = &[
    Case {
        names: &["fixed"],
        fields: &[Field::required("value", &N, "The length.")],
    },
    Case {
        names: &["normal", "lognormal"],
        fields: &[MEAN, CV, STD, MIN, MAX],
    },
    Case {
        names: &["uniform"],
        fields: &[
            Field::required("min", &N, "Smallest length, included."),
            Field::required("max", &N, "Largest length, included."),
        ],
    },
    Case {
        names: &["empirical"],
        fields: &[
            Field::optional("file", &Shape::Path, "A CSV file."),
            Field::optional("column", &Shape::Text, "Its column."),
            Field::optional("values", &Shape::List(&N), "Lengths."),
            Field::optional(
                "weights",
                &Shape::List(&Shape::Number),
                "Weights of the values.",
            )
            .or("equal"),
        ],
    },
    Case {
        names: &["mixture"],
        fields: &[Field::required(
            "of",
            &Shape::List(&Shape::Named("weighted_length", &Shape::Tagged(&WEIGHTED))),
            "Parts with weights.",
        )],
    },
];

static LLM: Map = Map::of(&[
    Field::optional(
        "isl",
        &LENGTH,
        "Prompt tokens; of a session, those that each turn adds. Needed unless the load is a trace, which has its own.",
    ),
    Field::optional(
        "osl",
        &LENGTH,
        "Generated tokens. Needed unless the load is a trace, which has its own.",
    ),
    Field::optional(
        "shared_prefix",
        &Shape::Map(&Map::of(&[
            Field::required("tokens", &N0, "Tokens in common."),
            Field::optional("groups", &N, "Different prefixes.").or("1"),
        ])),
        "Prompt tokens that groups of requests share.",
    ),
    Field::optional(
        "sessions",
        &Shape::Map(&Map::of(&[
            Field::required("turns", &LENGTH, "Requests of a session."),
            Field::optional(
                "pause",
                &TIME,
                "Mean of the exponential pause between the end of a turn and the next.",
            )
            .or("0 s"),
        ])),
        "Conversations: a turn's prompt is the last prompt, its output, and a new `isl`. `concurrency` counts sessions in flight, `request_rate` sessions that start.",
    ),
    Field::optional("streaming", &Shape::Bool, "Tokens are sent one by one.").or("true"),
    Field::optional("ignore_eos", &Shape::Bool, "Generation goes on to `osl`.").or("false"),
    Field::required("load", &LOAD, "How requests arrive."),
    Field::optional(
        "duty",
        &Shape::Map(&Map::of(&[
            Field::required("requests_per_hour", &Shape::Number, "Requests in an hour."),
            Field::optional(
                "between_requests",
                &Shape::Choice(&["idle", "suspend"]),
                "What the device does between requests.",
            )
            .or("idle"),
            Field::optional("day", &TIME, "Hours of use in a day."),
        ])),
        "How often a device is used in a day.",
    ),
]);

static EMBEDDING: Map = Map::of(&[
    Field::required("tokens", &LENGTH, "Tokens of a text."),
    Field::required("load", &LOAD, "How requests arrive."),
]);

static VISION: Map = Map::of(&[
    Field::required(
        "task",
        &Shape::Choice(&["classification", "detection", "segmentation"]),
        "What the network does.",
    ),
    Field::required(
        "input",
        &Shape::Map(&Map::of(&[
            Field::required("shape", &Shape::List(&N), "Channels, height, width."),
            Field::optional(
                "dtype",
                &Shape::Choice(&["uint8", "int8", "fp16", "bf16", "fp32"]),
                "Type of an element.",
            )
            .or("fp32"),
        ])),
        "One sample.",
    ),
    Field::optional(
        "preprocess",
        &Shape::Map(&Map::of(&[
            Field::optional(
                "decode",
                &Shape::Choice(&["none", "jpeg", "png"]),
                "Decoding.",
            )
            .or("none"),
            Field::optional("resize", &N, "Side after resizing, in pixels."),
            Field::optional("crop", &N, "Side after cropping, in pixels."),
            Field::optional(
                "device",
                &Shape::Choice(&["cpu", "accelerator"]),
                "Where it runs.",
            )
            .or("cpu"),
            Field::optional("workers", &N, "Processes or threads.").or("1"),
        ])),
        "What happens before the network.",
    ),
    Field::required("load", &LOAD, "How samples arrive."),
]);

static TRAINING: Map = Map::of(&[
    Field::required(
        "mode",
        &Shape::Choice(&["pretrain", "sft", "lora"]),
        "Kind of training.",
    ),
    Field::required("tokens", &TOKENS, "Tokens of the whole job."),
    Field::required("seq_len", &N, "Tokens of a sequence."),
    Field::required("global_batch", &TOKENS, "Tokens of an optimiser step."),
    Field::optional(
        "optimizer",
        &Shape::Map(&Map::of(&[
            Field::required(
                "name",
                &Shape::Choice(&["adamw", "adam", "sgd", "adafactor", "lion", "muon"]),
                "Which.",
            ),
            Field::optional(
                "states",
                &Shape::Choice(&["fp32", "bf16", "fp16", "int8"]),
                "Type of its states.",
            )
            .or("fp32"),
        ])),
        "Optimiser.",
    )
    .or("{name: adamw, states: fp32}"),
    Field::optional(
        "recompute",
        &Shape::Choice(&["none", "selective", "full"]),
        "Activations computed again.",
    )
    .or("none"),
    Field::optional(
        "checkpoint",
        &Shape::Map(&Map::of(&[
            Field::required("every", &TIME, "Time between checkpoints."),
            Field::required(
                "to",
                &Shape::Map(&Map::of(&[Field::required(
                    "bandwidth",
                    &Shape::Quantity(Dimension::ByteRate),
                    "Rate of the storage.",
                )])),
                "Where it is written.",
            ),
            Field::optional("async", &Shape::Bool, "Training goes on meanwhile.").or("false"),
        ])),
        "Checkpoints.",
    ),
    Field::optional(
        "failures",
        &Shape::Map(&Map::of(&[
            Field::required(
                "mtbf_per_node",
                &TIME,
                "Mean time between failures of a node.",
            ),
            Field::required("restart", &TIME, "Time to start again."),
        ])),
        "Failures.",
    ),
]);

/// How requests arrive.
static LOAD: Shape = Shape::Named(
    "load",
    &Shape::Map(&Map::with_forms(
        &[
            Field::optional(
                "concurrency",
                &N,
                "Closed loop, so many requests in flight.",
            ),
            Field::optional(
                "request_rate",
                &Shape::Quantity(Dimension::RequestRate),
                "Open loop, `4 req/s`.",
            ),
            Field::optional(
                "batch_size",
                &N,
                "So many start together, the next batch when all have ended.",
            ),
            Field::optional(
                "single_stream",
                &Shape::Choice(&["true"]),
                "One at a time, MLPerf SingleStream.",
            ),
            Field::optional(
                "multi_stream",
                &N,
                "Queries of so many samples, MLPerf MultiStream.",
            ),
            Field::optional(
                "offline",
                &Shape::Choice(&["true"]),
                "All at once, MLPerf Offline.",
            ),
            Field::optional(
                "ramp",
                &Shape::Map(&Map::of(&[
                    Field::required("from", &RATE, "Rate at the start, `1 req/s`; may be zero."),
                    Field::required("to", &RATE, "Rate at the end."),
                    Field::required("over", &TIME, "How long it takes; then it ends."),
                ])),
                "Open loop whose rate changes evenly; measured whole.",
            ),
            Field::optional(
                "trace",
                &Shape::Either(&[
                    &Shape::Path,
                    &Shape::Map(&Map::of(&[
                        Field::required("file", &Shape::Path, "The trace."),
                        Field::optional(
                            "speed",
                            &Shape::Number,
                            "Arrival times are divided by it; 2 is twice the rate.",
                        )
                        .or("1"),
                    ])),
                ]),
                "Arrival times and lengths of a file: `arrival_s,isl,osl` with optional `session` and `priority`, the Azure LLM inference trace, or Mooncake's JSON lines. Measured whole.",
            ),
            Field::optional(
                "arrival",
                &Shape::Either(&[
                    &Shape::Choice(&["poisson", "constant"]),
                    &Shape::Map(&Map::of(&[Field::required(
                        "gamma",
                        &Shape::Map(&Map::of(&[Field::required(
                            "burstiness",
                            &Shape::Number,
                            "Shape of the gamma distribution; 1 is Poisson.",
                        )])),
                        "Gamma gaps.",
                    )])),
                ]),
                "Gaps between arrivals of an open loop.",
            )
            .or("poisson"),
            Field::optional(
                "max_in_flight",
                &N,
                "Cap of an open loop on the client's side.",
            ),
            Field::optional(
                "think_time",
                &TIME,
                "Mean of the exponential pause of a user of `concurrency` between the end of a request and the next.",
            )
            .or("0 s"),
            Field::optional("requests", &N, "At least so many requests."),
            Field::optional("duration", &TIME, "At least so long."),
            Field::optional("warmup", &TIME, "Excluded at the start."),
            Field::optional(
                "window",
                &Shape::Choice(&["steady", "whole"]),
                "What the numbers are about: the steady state, or all `requests` with the burst in which they begin.",
            )
            .or("steady"),
        ],
        LOAD_MODES,
        "the load",
    )),
);

/// Keys of which a load has exactly one.
pub const LOAD_MODES: &[&str] = &[
    "concurrency",
    "request_rate",
    "batch_size",
    "single_stream",
    "multi_stream",
    "offline",
    "ramp",
    "trace",
];
