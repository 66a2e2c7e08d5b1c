//! Names of models, hardware, options, metrics, objectives, charts.

use super::world::{and, said, with};

#[test]
fn of_the_catalogue() {
    insta::assert_snapshot!(said(&[
        (
            "a model",
            with(&[("models", "models: {m: {catalog: lama-3.1-8b}}")])
        ),
        (
            "hardware",
            with(&[("hardware", "hardware: {g: {catalog: h10}}")])
        ),
        (
            "hardware that is unlike anything",
            with(&[("hardware", "hardware: {g: {catalog: abacus}}")])
        ),
        (
            "an entry that no point uses",
            with(&[
                (
                    "hardware",
                    "hardware: {g: {catalog: h100-sxm5-80gb}, old: {catalog: h200-sxm5-142gb}}"
                ),
                ("rest", "matrix: {axes: {hardware: [g]}}"),
            ])
        ),
        (
            "a host's processor",
            with(&[(
                "hardware",
                "hardware: {g: {catalog: h100-sxm5-80gb, host: {cpu: {catalog: ryzen-9-7950}}}}"
            )])
        ),
        (
            "an instance",
            and(
                "pricing: {as_of: 2026-08-01, rates: {g: {catalog: gcp/us-central1/a3-highgpu-1x}}}"
            )
        ),
        ("a region", and("energy: {region: gcp/us-centrall1}")),
        (
            "a rate for no hardware",
            and("pricing: {as_of: 2026-08-01, rates: {h: {on_demand: 2 USD/h, source: quote}}}")
        ),
    ]));
}

#[test]
fn of_metrics_and_objectives() {
    insta::assert_snapshot!(said(&[
        ("a column", and("slos: {a: {aggregate: [p99_tfft <= 2s]}}")),
        (
            "a statistic of one number",
            and("slos: {a: {aggregate: [p99_power <= 2W]}}")
        ),
        (
            "a metric of one request",
            and("slos: {a: {per_request: {tttf: 2s, power: 3s}}}")
        ),
        (
            "no operator",
            and("slos: {a: {aggregate: [p99_ttft < 2s]}}")
        ),
        ("a goal", and("solve: [{maximize: concurrencyy}]")),
        (
            "a goal that is a word",
            and("solve: [{maximize: precision}]\nmatrix: {axes: {precision: [fp8]}}"),
        ),
        (
            "an objective",
            and(
                "slos: {chat: {aggregate: [p99_ttft <= 2s]}}\nsolve: [{minimize: cost_total, subject_to: [chatt]}]"
            )
        ),
        (
            "an axis to answer by",
            and("solve: [{minimize: cost_total, per: [hardware]}]")
        ),
        (
            "a question twice",
            and("solve: [{minimize: cost_total, name: a}, {minimize: power, name: a}]")
        ),
        (
            "a tolerance",
            and("golden: {tolerance: {p99_ttfft: exact, default: {rel: 1%}}}")
        ),
        (
            "a tolerance without unit",
            and("golden: {tolerance: {p99_ttft: {abs: 1}, cost_*: {abs: 1 USD}}}")
        ),
    ]));
}

#[test]
fn of_options() {
    insta::assert_snapshot!(said(&[
        ("misspelt", and("runtime: {name: vllm, max_num_seq: 4}")),
        (
            "of another program",
            and("runtime: {name: sglang, max_num_seqs: 4}")
        ),
        (
            "with a wrong value",
            and(
                "runtime: {name: llama.cpp, cache_type_k: fp16, n_gpu_layers: most, n_cpu_moe: few}"
            )
        ),
        (
            "not modelled",
            and("runtime: {name: vllm, enforce_eager: true}")
        ),
        ("of no program", and("runtime: {name: vlm}")),
        (
            "two cache formats",
            and(
                "precision: {weights: fp8, kv_cache: bf16}\nruntime: {name: vllm, kv_cache_dtype: fp8}"
            )
        ),
    ]));
}

#[test]
fn of_axes_and_charts() {
    insta::assert_snapshot!(said(&[
        ("an axis", and("matrix: {axes: {concurency: [1, 2]}}")),
        (
            "a price as an axis",
            and("matrix: {axes: {pricing.utilization: [50%, 60%]}}")
        ),
        (
            "an alias of an axis",
            and("matrix: {axes: {hardware: [g, h]}}")
        ),
        (
            "an alias named like a field",
            with(&[("hardware", "hardware: {count: {catalog: h100-sxm5-80gb}}")])
        ),
        ("a chart", and("report: {charts: [paretto]}")),
        (
            "a baseline",
            and("report: {baseline: {hardware: g}}\nmatrix: {axes: {precision: [fp8]}}")
        ),
        (
            "points of an executor",
            and("run: [{predict: {}, points: {hardwar: g}}]\nmatrix: {axes: {hardware: [g]}}")
        ),
        (
            "where an objective holds",
            and(
                "slos: {a: {aggregate: [p99_ttft <= 2s], must_hold: concurency<=3}}\nmatrix: {axes: {concurrency: [1, 2]}}"
            )
        ),
        (
            "what a file states",
            and("run: [{import: {vllm_bench: a.json}, as: {modell: m}, when: available}]")
        ),
        (
            "what restarts a server",
            and("run: [{spawn: {command: [a], parse: json, per: [hardware]}}]")
        ),
    ]));
}

#[test]
fn that_several_entries_could_mean() {
    insta::assert_snapshot!(said(&[
        (
            "models",
            with(&[(
                "models",
                "models: {a: {catalog: llama-3.1-8b}, b: {catalog: llama-3.1-70b}}"
            )])
        ),
        (
            "hardware",
            with(&[(
                "hardware",
                "hardware: {a: {catalog: l4-24gb}, b: {catalog: t4-16gb}, c: {catalog: l40s-48gb}}"
            )])
        ),
        (
            "a point that does not say",
            with(&[
                (
                    "hardware",
                    "hardware: {a: {catalog: l4-24gb}, b: {catalog: t4-16gb}}"
                ),
                (
                    "rest",
                    "matrix: {axes: {concurrency: [1]}, exclude: [{concurrency: 1}], include: [{hardware: a, precision: bf16}, {precision: fp16}]}"
                ),
            ])
        ),
    ]));
}
