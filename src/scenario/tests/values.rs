//! Quantities, shares, dates and choices.

use super::world::{and, said, with};

#[test]
fn units() {
    insta::assert_snapshot!(said(&[
        (
            "missing",
            with(&[(
                "hardware",
                "hardware: {g: {catalog: h100-sxm5-80gb, power_limit: 500}}"
            )])
        ),
        (
            "of another kind",
            with(&[(
                "hardware",
                "hardware: {g: {catalog: h100-sxm5-80gb, power_limit: 500 GB}}"
            )])
        ),
        (
            "of a rate",
            with(&[(
                "workload",
                "workload: {llm: {isl: 1, osl: 1, load: {request_rate: 4}}}"
            )])
        ),
        (
            "of a limit",
            and(
                "slos: {a: {per_request: {ttft: 500}, aggregate: [p99_ttft <= 2, battery_life >= 10W]}}"
            )
        ),
        ("of a temperature", and("energy: {thermal: {ambient: 35}}")),
    ]));
}

#[test]
fn numbers_out_of_range() {
    insta::assert_snapshot!(said(&[
        ("a share above one", and("pricing: {utilization: 120%}")),
        ("a share of nothing", and("pricing: {utilization: 0}")),
        (
            "no concurrency",
            with(&[(
                "workload",
                "workload: {llm: {isl: 1, osl: 1, load: {concurrency: 0}}}"
            )])
        ),
        ("a PUE below one", and("energy: {pue: 0.9}")),
        ("certainty", and("statistics: {confidence: 100%}")),
        (
            "a percentile without column",
            and("statistics: {percentiles: [50, 97]}")
        ),
        (
            "more than a day",
            and(
                "pricing: {as_of: 2026-08-01, rates: {g: {owned: {capex: 3 USD, life: 3y, duty: 30h/day}}}}"
            )
        ),
        (
            "a mean outside its limits",
            with(&[(
                "workload",
                "workload: {llm: {isl: {dist: normal, mean: 10, cv: 1, min: 20}, osl: 1, load: {offline: true}}}"
            )])
        ),
        (
            "limits the wrong way round",
            with(&[(
                "workload",
                "workload: {llm: {isl: {dist: uniform, min: 20, max: 10}, osl: 1, load: {offline: true}}}"
            )])
        ),
        (
            "no spread",
            with(&[(
                "workload",
                "workload: {llm: {isl: {dist: lognormal, mean: 20}, osl: 1, load: {offline: true}}}"
            )])
        ),
        (
            "weights that do not pair",
            with(&[(
                "workload",
                "workload: {llm: {isl: {dist: empirical, values: [1, 2], weights: [1]}, osl: 1, load: {offline: true}}}"
            )])
        ),
    ]));
}

#[test]
fn words_that_are_not_allowed() {
    insta::assert_snapshot!(said(&[
        (
            "a schema of the future",
            with(&[("schema", "schema: phantom/v2")])
        ),
        ("a name for files", with(&[("name", "name: My Scenario")])),
        ("a severity", and("slos: {a: {severity: fatal}}")),
        ("a precision", and("precision: fp12")),
        ("a part of a precision", and("precision: {weights: int9}")),
        ("gguf without a file", and("precision: gguf")),
        ("a date", and("pricing: {as_of: 2026-02-30}")),
        ("a currency", and("pricing: {currency: dollars}")),
        ("a scope", and("energy: {scope: [accelerator, moon]}")),
        (
            "a task",
            with(&[(
                "workload",
                "workload: {vision: {task: clasification, input: {shape: [3, 2, 2]}, load: {offline: true}}}"
            )])
        ),
        (
            "a file name",
            and("report: {outputs: [{html: ../x.html}, {json: a.json}, {csv: a.json}]}")
        ),
        (
            "an arrival without a rate",
            with(&[(
                "workload",
                "workload: {llm: {isl: 1, osl: 1, load: {concurrency: 4, arrival: constant}}}"
            )])
        ),
        (
            "a power mode",
            with(&[(
                "hardware",
                "hardware: {g: {catalog: jetson-orin-nano-8gb, power_mode: 40W}}"
            )])
        ),
        (
            "a link",
            with(&[(
                "hardware",
                "hardware: {g: {catalog: h100-sxm5-80gb, count: 2, interconnect: {intra: nvlink44}}}"
            )])
        ),
    ]));
}

#[test]
fn standards_that_no_document_keeps() {
    insta::assert_snapshot!(said(&[
        (
            "a standard",
            and("report: {outputs: [{pdf: a.pdf, standard: pdf/a-2c}]}")
        ),
        (
            "a standard that no report keeps",
            and("report: {outputs: [{pdf: a.pdf, standard: [pdf/ua-1, pdf/a-1b]}]}")
        ),
        (
            "standards that no document keeps together",
            and(
                "report: {outputs: [{pdf: a.pdf, standard: [pdf/ua-1, pdf/a-4]}, {pdf: b.pdf, standard: [pdf/a-2b, pdf/a-3b]}]}"
            )
        ),
        (
            "a standard of another kind of output",
            and("report: {outputs: [{html: a.html, standard: pdf/a-2b}]}")
        ),
    ]));
}

#[test]
fn money() {
    insta::assert_snapshot!(said(&[
        (
            "of another currency",
            and("pricing: {as_of: 2026-08-01, rates: {g: {on_demand: 2 EUR/h, source: quote}}}")
        ),
        (
            "of another currency in a limit",
            and("slos: {a: {aggregate: [cost_total <= 5 EUR]}}")
        ),
        (
            "of the catalogue in euros",
            and(
                "pricing: {currency: EUR, as_of: 2026-08-01, rates: {g: {catalog: gcp/us-central1/a3-highgpu-1g}}}"
            )
        ),
        ("of energy", and("energy: {price: 0.2 GBP/kWh}")),
        (
            "without a source",
            and("pricing: {as_of: 2026-08-01, rates: {g: {on_demand: 2 USD/h}}}")
        ),
        (
            "without a price",
            and("pricing: {as_of: 2026-08-01, rates: {g: {source: quote}}}")
        ),
    ]));
}
