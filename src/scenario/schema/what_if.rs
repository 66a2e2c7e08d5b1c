//! Keys of `what_if`.

use super::document::PRECISION;
use super::shape::{Field, Map, Shape};

const COUNT: Shape = Shape::Count(1);

/// A variant of the model that answers.
pub static VARIANT: Shape = Shape::Named(
    "variant",
    &Shape::Map(&Map::of(&[
        Field::required("name", &Shape::Text, "Its name in tables."),
        Field::optional("precision", &PRECISION, "Quantised: other number formats."),
        Field::optional(
            "prune",
            &Shape::Map(&Map::of(&[
                Field::optional("layers", &Shape::Share, "Share of the layers that is cut."),
                Field::optional(
                    "ffn",
                    &Shape::Share,
                    "Share of the inner width of feed-forward networks, experts included, that is cut.",
                ),
            ])),
            "Pruned by structure: whole layers, or whole columns.",
        ),
        Field::optional(
            "distill",
            &Shape::Map(&Map::of(&[
                Field::optional(
                    "model",
                    &Shape::Text,
                    "Alias of `models` that serves instead; without it the dimensions below replace those of the model.",
                ),
                Field::optional("layers", &COUNT, "Layers."),
                Field::optional("hidden", &COUNT, "Width of the residual stream."),
                Field::optional("heads", &COUNT, "Query heads."),
                Field::optional("kv_heads", &COUNT, "Key and value heads."),
                Field::optional("ffn", &COUNT, "Inner width of feed-forward networks."),
            ])),
            "Distilled: a smaller model.",
        ),
        Field::optional(
            "quality",
            &Shape::Map(&Map::of(&[
                Field::required("score", &Shape::Number, "The score."),
                Field::required("metric", &Shape::Text, "What was measured, `MMLU`."),
                Field::required("source", &Shape::Text, "Where it was measured or read."),
            ])),
            "A score that is known; quality is never predicted.",
        ),
    ])),
);
