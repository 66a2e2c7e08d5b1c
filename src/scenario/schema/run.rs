//! Keys of `run`, `golden` and `report`.

use super::objectives::FILTER;
use super::shape::{Field, Map, Shape};

/// Effort of measured runs.
pub static RIGOR: Shape = Shape::Choice(&["quick", "standard", "mlperf"]);

const N: Shape = Shape::Count(1);
const TEXT: Shape = Shape::Text;

/// Importers by name.
pub const IMPORTERS: &[&str] = &[
    "vllm_bench",
    "guidellm",
    "llama_bench",
    "aiperf",
    "phantom_results",
    "measurements",
];

/// One executor.
pub static EXECUTOR: Shape = Shape::Named(
    "executor",
    &Shape::Map(&Map::with_forms(
        &[
            Field::optional(
                "predict",
                &Shape::Map(&PREDICT),
                "An estimate with interval for every point.",
            ),
            Field::optional("native", &Shape::Map(&NATIVE), "Real runs in the process."),
            Field::optional(
                "openai",
                &Shape::Map(&OPENAI),
                "Load on an OpenAI-compatible server.",
            ),
            Field::optional(
                "spawn",
                &Shape::Map(&SPAWN),
                "Starts a server or tool, runs, stops.",
            ),
            Field::optional(
                "import",
                &Shape::Map(&IMPORT),
                "Reads result files of other tools.",
            ),
            Field::optional("points", &FILTER, "Which points."),
            Field::optional(
                "when",
                &Shape::Choice(&["always", "available", "never"]),
                "When it runs.",
            )
            .or("always for predict and import, else available"),
            Field::optional("repeats", &N, "Repeats.").or("by rigor"),
            Field::optional("rigor", &RIGOR, "Effort.").or("statistics.rigor"),
            Field::optional(
                "as",
                &Shape::Names(&Shape::Any),
                "What a file does not say: axis values, or `from_record`.",
            ),
        ],
        &["predict", "native", "openai", "spawn", "import"],
        "the executor",
    )),
);

static PREDICT: Map = Map::of(&[
    Field::optional(
        "method",
        &Shape::Choice(&["auto", "analytic", "simulate"]),
        "How.",
    )
    .or("auto"),
    Field::optional(
        "calibration",
        &TEXT,
        "A pack: `default`, `datasheet`, `none`, or a path, relative to the file that names it.",
    )
    .or("default"),
]);

static NATIVE: Map = Map::of(&[
    Field::optional("device", &Shape::Choice(&["cpu"]), "Which device.").or("cpu"),
    Field::optional(
        "threads",
        &Shape::Either(&[&Shape::Choice(&["physical", "logical"]), &N]),
        "Threads.",
    )
    .or("physical"),
]);

static OPENAI: Map = Map::of(&[
    Field::required("base_url", &TEXT, "Address of the server, with `/v1`."),
    Field::optional(
        "api_key_env",
        &TEXT,
        "Name of the variable that holds the key.",
    ),
    Field::optional("served_model", &TEXT, "Name of the model at the server."),
    Field::optional(
        "api",
        &Shape::Choice(&["completions", "chat"]),
        "Which interface.",
    )
    .or("completions"),
    Field::optional(
        "headers_env",
        &Shape::Names(&TEXT),
        "Headers, by the variables that hold them.",
    ),
]);

static SPAWN: Map = Map::of(&[
    Field::required(
        "command",
        &Shape::List(&Shape::Scalar),
        "Program and arguments.",
    ),
    Field::optional(
        "ready",
        &Shape::Map(&Map::with_forms(
            &[
                Field::optional("url", &TEXT, "An address that answers."),
                Field::optional("log", &TEXT, "Text that appears in its output."),
                Field::optional("port", &N, "A port that opens."),
            ],
            &["url", "log", "port"],
            "the sign of readiness",
        )),
        "When it is ready.",
    ),
    Field::required(
        "parse",
        &Shape::Choice(&["openai", "llama_bench", "json"]),
        "How results are read.",
    ),
    Field::optional("per", &Shape::List(&TEXT), "Axes whose change restarts it."),
    Field::optional(
        "power",
        &Shape::Choice(&["auto", "none"]),
        "Power readings.",
    )
    .or("none"),
    Field::optional(
        "stop_after",
        &Shape::Quantity(crate::units::Dimension::Time),
        "Time after which it is stopped.",
    ),
]);

const GLOB: Shape = Shape::Either(&[&Shape::Path, &Shape::List(&Shape::Path)]);

static IMPORT: Map = Map::with_forms(
    &[
        Field::optional("vllm_bench", &GLOB, "`vllm bench serve --save-result`."),
        Field::optional("guidellm", &GLOB, "guidellm `benchmarks.json`."),
        Field::optional(
            "llama_bench",
            &GLOB,
            "`llama-bench -o json`, `jsonl` or `csv`.",
        ),
        Field::optional("aiperf", &GLOB, "AIPerf or genai-perf export."),
        Field::optional("phantom_results", &GLOB, "Results of another run."),
        Field::optional("measurements", &GLOB, "Measurement records."),
        Field::optional(
            "allow_incomplete",
            &Shape::Bool,
            "Takes a run that was cut short.",
        )
        .or("false"),
    ],
    IMPORTERS,
    "the format of imported files",
);

/// Rules of the golden comparison.
pub static GOLDEN: Shape = Shape::Map(&Map::of(&[
    Field::optional(
        "file",
        &TEXT,
        "Path of the golden file, relative to the root.",
    )
    .or("golden/<name>.golden.json"),
    Field::optional(
        "tolerance",
        &Shape::Names(&Shape::Either(&[
            &Shape::Choice(&["exact", "ignore"]),
            &Shape::Map(&Map::of(&[
                Field::optional("rel", &Shape::Share, "Relative.").or("0"),
                Field::optional(
                    "abs",
                    &Shape::Scalar,
                    "Absolute, in the unit of the column.",
                )
                .or("0"),
            ])),
        ])),
        "Column or glob, and how far it may drift.",
    )
    .or("{default: {rel: 0.5%}}"),
    Field::optional(
        "measured",
        &Shape::Map(&Map::of(&[
            Field::optional("alpha", &Shape::Share, "Significance level.").or("0.01"),
            Field::optional("min_effect", &Shape::Share, "Smallest change that counts.").or("5%"),
        ])),
        "Rules for measurements.",
    ),
    Field::optional(
        "on_new",
        &Shape::Choice(&["auto", "fail", "warn"]),
        "Points the golden lacks.",
    )
    .or("auto"),
    Field::optional(
        "on_missing",
        &Shape::Choice(&["fail", "warn"]),
        "Accepted points that are gone.",
    )
    .or("fail"),
    Field::optional(
        "files",
        &Shape::List(&TEXT),
        "Output files that are accepted too: a page and Markdown by their text and charts, others by their hash.",
    )
    .or("[]"),
]));

/// Kinds of output.
pub const OUTPUTS: &[&str] = &[
    "html", "pdf", "json", "csv", "parquet", "markdown", "junit", "sarif",
];

/// Title, charts and outputs.
pub static REPORT: Shape = Shape::Map(&Map::of(&[
    Field::optional("title", &TEXT, "Title.").or("the name"),
    Field::optional(
        "baseline",
        &Shape::Names(&Shape::Any),
        "The \"do nothing\" option: axis values.",
    ),
    Field::optional("charts", &Shape::List(&TEXT), "Charts by id.").or("by workload"),
    Field::optional(
        "redact",
        &Shape::List(&TEXT),
        "Globs over the results document.",
    ),
    Field::optional(
        "outputs",
        &Shape::List(&Shape::Map(&Map::with_forms(
            &[
                Field::optional("html", &TEXT, "File name."),
                Field::optional("pdf", &TEXT, "File name."),
                Field::optional("json", &TEXT, "File name."),
                Field::optional("csv", &TEXT, "File name."),
                Field::optional("parquet", &TEXT, "File name."),
                Field::optional("markdown", &TEXT, "File name."),
                Field::optional("junit", &TEXT, "File name."),
                Field::optional("sarif", &TEXT, "File name."),
                Field::optional("template", &TEXT, "Template, by name.")
                    .or("report, executive"),
                Field::optional(
                    "standard",
                    &Shape::Either(&[&TEXT, &Shape::List(&TEXT)]),
                    "Standards that a PDF is held to: pdf/ua-1, or pdf/a-2b, -2u, -2a, -3b, -3u, -3a, -4.",
                )
                .or("pdf/ua-1 where it can be kept"),
            ],
            OUTPUTS,
            "the kind of output",
        ))),
        "Files to write.",
    )
    .or("html, pdf, json, csv, parquet"),
]));
