//! Keys of `slos` and `solve`.

use super::shape::{Field, Map, Shape};

/// A filter over points: text, or a map of values and lists.
pub static FILTER: Shape = Shape::Named(
    "filter",
    &Shape::Either(&[&Shape::Text, &Shape::Names(&Shape::Any)]),
);

/// One named objective.
pub static SLO: Shape = Shape::Named(
    "slo",
    &Shape::Map(&Map::of(&[
        Field::optional(
            "per_request",
            &Shape::Names(&Shape::Any),
            "Limits each request must meet: `ttft tpot ntpot e2el latency`.",
        ),
        Field::optional(
            "attainment",
            &Shape::Share,
            "Share of requests that must meet all of them.",
        )
        .or("95%"),
        Field::optional(
            "aggregate",
            &Shape::List(&Shape::Text),
            "Limits on columns: `p99_ttft <= 2s`.",
        ),
        Field::optional(
            "severity",
            &Shape::Choice(&["error", "warn"]),
            "Whether a failure is a finding.",
        )
        .or("error"),
        Field::optional(
            "must_hold",
            &Shape::Either(&[&Shape::Choice(&["any", "all"]), &FILTER]),
            "Where it must hold: at `any` point, at `all`, or at every point of a filter.",
        )
        .or("any"),
    ])),
);

/// Loads that are tried beside those of the matrix.
static SEARCH: Shape = Shape::Map(&Map::of(&[
    Field::required(
        "from",
        &Shape::Scalar,
        "Lowest load tried: `0.5 req/s`, or requests in flight.",
    ),
    Field::required(
        "to",
        &Shape::Scalar,
        "Highest load tried: `64 req/s`, or requests in flight.",
    ),
    Field::optional(
        "tolerance",
        &Shape::Share,
        "How far apart the last passing and the first failing load may be.",
    )
    .or("2%"),
]));

/// One question.
pub static QUESTION: Shape = Shape::Named(
    "question",
    &Shape::Map(&Map::with_forms(
        &[
            Field::optional("maximize", &Shape::Text, "A column or a numeric axis."),
            Field::optional("minimize", &Shape::Text, "A column or a numeric axis."),
            Field::optional(
                "subject_to",
                &Shape::List(&Shape::Text),
                "Objectives a point must meet.",
            ),
            Field::optional(
                "per",
                &Shape::List(&Shape::Text),
                "One answer for each value of these axes.",
            ),
            Field::optional(
                "size_for",
                &Shape::Map(&Map::with_forms(
                    &[
                        Field::optional(
                            "concurrency",
                            &Shape::Number,
                            "Requests in flight at peak.",
                        ),
                        Field::optional(
                            "request_rate",
                            &Shape::Quantity(crate::units::Dimension::RequestRate),
                            "Requests per second at peak.",
                        ),
                    ],
                    &["concurrency", "request_rate"],
                    "the demand",
                )),
                "Replicas, accelerators and cost for a demand.",
            ),
            Field::optional(
                "search",
                &SEARCH,
                "Tries loads that are no points, for `maximize: request_rate` or `concurrency`.",
            ),
            Field::optional("name", &Shape::Text, "Name of the answer."),
            Field::optional("headline", &Shape::Bool, "Shown first.")
                .or("true for the first question"),
        ],
        &["maximize", "minimize"],
        "the goal of a question",
    )),
);
