//! Keys and kinds of values.

use super::world::{and, said, with};

#[test]
fn keys_that_do_not_exist() {
    insta::assert_snapshot!(said(&[
        ("at the top", and("prizing: {currency: USD}")),
        (
            "deep inside",
            and("energy: {battery: {capacity: 5Wh, agein: 80%}}")
        ),
        ("in a list", and("solve: [{maximise: concurrency}]")),
        (
            "of another distribution",
            with(&[(
                "workload",
                "workload: {llm: {isl: {dist: fixed, mean: 3, value: 4}, osl: 1, load: {offline: true}}}"
            )])
        ),
        (
            "of another operator",
            with(&[(
                "workload",
                "workload: {kernel: {op: gemm, m: 1, n: 2, k: 3, heads: 4}}"
            )])
        ),
        (
            "of hardware",
            with(&[(
                "hardware",
                "hardware: {g: {catalog: h100-sxm5-80gb, overrides: {memory_bandwith: 3TB/s}}}"
            )])
        ),
        (
            "everywhere at once",
            and(
                "labels: {a: b}\nreport: {tilte: x}\nstatistics: {sead: 1}\nrun: [{predict: {methd: auto}}]"
            )
        ),
    ]));
}

#[test]
fn keys_that_are_missing() {
    insta::assert_snapshot!(said(&[
        (
            "the schema and the name",
            with(&[("schema", ""), ("name", "")])
        ),
        ("the models", with(&[("models", "")])),
        (
            "the source of a model",
            with(&[("models", "models: {m: {max_context: 8k}}")])
        ),
        (
            "the load",
            with(&[("workload", "workload: {llm: {isl: 1, osl: 1}}")])
        ),
        (
            "the mode of a load",
            with(&[(
                "workload",
                "workload: {llm: {isl: 1, osl: 1, load: {requests: 5}}}"
            )])
        ),
        (
            "the distribution",
            with(&[(
                "workload",
                "workload: {llm: {isl: {mean: 5}, osl: 1, load: {offline: true}}}"
            )])
        ),
        ("a goal", and("solve: [{per: []}]")),
        ("an entry", with(&[("models", "models: {}")])),
    ]));
}

#[test]
fn two_forms_at_once() {
    insta::assert_snapshot!(said(&[
        (
            "two sources",
            with(&[(
                "models",
                "models: {m: {catalog: llama-3.1-8b, arch: {layers: 2}}}"
            )])
        ),
        (
            "two loads",
            with(&[(
                "workload",
                "workload: {llm: {isl: 1, osl: 1, load: {concurrency: 4, batch_size: 2}}}"
            )])
        ),
        (
            "two executors",
            and("run: [{predict: {}, native: {device: cpu}}]")
        ),
        (
            "a price and a price",
            and(
                "pricing: {as_of: 2026-08-01, rates: {g: {catalog: gcp/us-central1/a3-highgpu-1g, spot: 3 USD/h}}}"
            )
        ),
        (
            "two workloads",
            with(&[(
                "workload",
                "workload: {llm: {isl: 1, osl: 1, load: {offline: true}}, kernel: {op: gemm, m: 1, n: 1, k: 1}}"
            )])
        ),
    ]));
}

#[test]
fn values_of_another_kind() {
    insta::assert_snapshot!(said(&[
        ("a number as text", with(&[("name", "name: 0.11")])),
        (
            "a version without quotes",
            and("runtime: {name: vllm, version: 0.11}")
        ),
        ("yes is text", and("deployment: {dp_attention: yes}")),
        (
            "text as a count",
            with(&[(
                "workload",
                "workload: {llm: {isl: many, osl: 1e3, load: {concurrency: 1.5}}}"
            )])
        ),
        ("a list as a map", and("slos: [a]")),
        ("a map as a list", and("run: {predict: {}}")),
        (
            "a scalar as a map",
            with(&[("hardware", "hardware: {g: h100}")])
        ),
        ("nothing", and("pricing:\n  as_of:\n")),
        ("a quoted number", and("statistics: {seed: \"7\"}")),
    ]));
}
