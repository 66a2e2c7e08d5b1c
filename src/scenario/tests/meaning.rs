//! What reads well and makes no sense.

use super::world::{and, good, loaded_from, said, said_in, shown, with};
use crate::scenario::{Draft, ExecutorKind, Goal, LoadMode, Workload, not_modelled};
use crate::source::Memory;

#[test]
fn parallel_sizes() {
    let four = "hardware: {g: {catalog: h100-sxm5-80gb, count: 4}}";
    let size = |text: &str| with(&[("hardware", four), ("rest", text)]);
    insta::assert_snapshot!(said(&[
        ("too many", size("deployment: {tp: 8}")),
        ("a rest", size("deployment: {tp: auto, pp: 3}")),
        (
            "heads",
            with(&[(
                "hardware",
                "hardware: {g: {catalog: h100-sxm5-80gb, count: 3}}"
            )])
        ),
        (
            "layers",
            with(&[
                (
                    "hardware",
                    "hardware: {g: {catalog: h100-sxm5-80gb, count: 5}}"
                ),
                ("rest", "deployment: {pp: 5}")
            ])
        ),
        (
            "so large that a product overflows",
            size("deployment: {tp: 4000000000, pp: 4000000000, cp: 4000000000}")
        ),
    ]));
}

#[test]
fn searches() {
    let asked = |question: &str| {
        let slos = "slos: {chat: {aggregate: [p95_ttft <= 500ms]}}";
        and(&format!("{slos}\nsolve: [{{{question}}}]"))
    };
    let chat = "subject_to: [chat]";
    let rate = "maximize: request_rate";
    insta::assert_snapshot!(said(&[
        (
            "a load without unit",
            asked(&format!(
                "{rate}, search: {{from: 1, to: 64 req/s}}, {chat}"
            ))
        ),
        (
            "half a request",
            asked(&format!(
                "maximize: concurrency, search: {{from: 0.5, to: 64}}, {chat}"
            ))
        ),
        (
            "downwards, too finely",
            asked(&format!(
                "{rate}, search: {{from: 8 req/s, to: 2 req/s, tolerance: 0.01%}}, {chat}"
            ))
        ),
        (
            "of what is no load",
            asked(&format!(
                "maximize: output_throughput, search: {{from: 1 req/s, to: 2 req/s}}, {chat}"
            ))
        ),
        (
            "for the lowest, without an objective",
            asked("minimize: request_rate, search: {from: 1 req/s, to: 2 req/s}")
        ),
        (
            "without an end",
            asked(&format!("{rate}, search: {{from: 1 req/s}}, {chat}"))
        ),
    ]));
}

#[test]
fn engines_for_prompts() {
    let eight = "hardware: {g: {catalog: h100-sxm5-80gb, count: 8}}";
    let size = |text: &str| with(&[("hardware", eight), ("rest", text)]);
    insta::assert_snapshot!(said(&[
        ("one phase alone", size("deployment: {prefill: {tp: 2}}")),
        (
            "sizes of no phase",
            size("deployment: {tp: 2, replicas: 3, prefill: {tp: 2}, decode: {tp: 2}}")
        ),
        (
            "a phase that does not fit",
            size("deployment: {prefill: {tp: 3}, decode: {tp: 16}}")
        ),
        (
            "no network between nodes",
            size("deployment: {prefill: {}, decode: {}}")
        ),
        (
            "an unknown size",
            size("deployment: {prefill: {zero: 1}, decode: {}}")
        ),
    ]));
    let text = "deployment: {prefill: {replicas: 2, tp: 2}, decode: {tp: 4}}";
    let deployment = good(&size(text)).plan.point(0).system.deployment;
    assert_eq!((deployment.accelerators(), deployment.nodes(8)), (8, 1));
    let wide = "deployment: {prefill: {replicas: 3, tp: 4}, decode: {tp: 8}}";
    let network =
        "hardware: {g: {catalog: h100-sxm5-80gb, count: 8, interconnect: {inter: 50GB/s}}}";
    let wide = good(&with(&[("hardware", network), ("rest", wide)]));
    assert_eq!(wide.plan.point(0).system.deployment.nodes(8), 3);
}

#[test]
fn guessing_ahead() {
    let models = "models: {m: {catalog: llama-3.1-8b}, s: {catalog: llama-3.2-1b}, q: {catalog: qwen2.5-3b}}";
    let guess = |text: &str| {
        with(&[
            ("models", models),
            (
                "rest",
                &format!("matrix: {{axes: {{model: [m]}}}}\ndeployment: {{speculative: {text}}}"),
            ),
        ])
    };
    insta::assert_snapshot!(said(&[
        ("no chance", guess("{method: ngram, tokens: 3}")),
        (
            "no model",
            guess("{method: draft, tokens: 3, acceptance: 70%}")
        ),
        (
            "a model that is not there",
            guess("{method: draft, model: t, tokens: 3, acceptance: 70%}")
        ),
        (
            "another vocabulary",
            guess("{method: draft, model: q, tokens: 3, acceptance: 70%}")
        ),
        (
            "too few chances",
            guess("{method: ngram, tokens: 3, acceptance: [70%, 60%]}")
        ),
        (
            "more than certain",
            guess("{method: ngram, tokens: 1, acceptance: 170%}")
        ),
        (
            "layers nobody states",
            guess("{method: mtp, tokens: 1, acceptance: 70%}")
        ),
        (
            "another method",
            guess("{method: eagle, tokens: 1, acceptance: 70%}")
        ),
    ]));
}

#[test]
fn who_guesses() {
    let own = |tokens: u32| {
        let text = format!(
            "deployment: {{speculative: {{method: mtp, tokens: {tokens}, acceptance: 80%}}}}"
        );
        with(&[
            ("models", "models: {m: {catalog: deepseek-r1}}"),
            ("rest", &text),
        ])
    };
    let system = good(&own(3)).plan.point(0).system;
    let given = system.speculation.as_ref().expect("it guesses");
    assert_eq!((given.draft == Draft::Layers, given.tokens), (true, 3));
    let two = "models: {m: {catalog: llama-3.1-8b}, s: {catalog: llama-3.2-1b}}";
    let text =
        "deployment: {speculative: {method: draft, model: s, tokens: 2, acceptance: [80%, 50%]}}";
    let system = good(&with(&[("models", two), ("rest", text)]))
        .plan
        .point(0)
        .system;
    let given = system.speculation.as_ref().expect("it guesses");
    assert_eq!(system.model_alias, "m", "the draft serves no point");
    assert!((given.tokens_per_step() - 2.2).abs() < 1e-12);
}

#[test]
fn adapters_and_shares() {
    let eight = "hardware: {g: {catalog: h100-sxm5-80gb, count: 8}}";
    let of = |text: &str| with(&[("hardware", eight), ("rest", text)]);
    insta::assert_snapshot!(said(&[
        ("no rank", of("deployment: {lora: {adapters: 3}}")),
        (
            "no such targets",
            of("deployment: {lora: {adapters: 3, rank: 8, targets: embedding}}")
        ),
        ("nothing of a device", of("deployment: {share: {time: 0%}}")),
        (
            "more than a device",
            of("deployment: {share: {memory: 120%}}")
        ),
    ]));
    let text = "deployment: {lora: {adapters: 3, rank: 8, max_loras: 5}, share: {memory: 25%}}";
    let system = good(&and(text)).plan.point(0).system;
    let adapters = system.adapters.expect("it has adapters");
    assert_eq!(adapters.max_loras, 3, "no more than there are");
    assert_eq!((system.share.memory, system.share.time), (0.25, 1.0));
    let apart = "deployment: {prefill: {tp: 4}, decode: {tp: 4}, lora: {adapters: 3, rank: 8}, \
                 speculative: {method: ngram, tokens: 1, acceptance: 1}}";
    let system = good(&of(apart)).plan.point(0).system;
    assert!(system.adapters.is_some() && system.speculation.is_some());
}

#[test]
fn prices_and_dates() {
    let rate = "rates: {g: {catalog: gcp/us-central1/a3-highgpu-1g}}";
    insta::assert_snapshot!(said(&[
        ("no date", and(&format!("pricing: {{{rate}}}"))),
        (
            "an old price",
            and(&format!("pricing: {{as_of: 2027-03-01, {rate}}}"))
        ),
        (
            "no rate for one of two",
            with(&[
                (
                    "hardware",
                    "hardware: {g: {catalog: h100-sxm5-80gb}, h: {catalog: l4-24gb}}"
                ),
                (
                    "rest",
                    &format!(
                        "matrix: {{axes: {{hardware: [g, h]}}}}\npricing: {{as_of: 2026-08-01, {rate}}}"
                    )
                ),
            ])
        ),
        (
            "a purchase twice",
            and(&format!(
                "pricing: {{as_of: 2026-08-01, purchase: [spot, spot], {rate}}}"
            ))
        ),
    ]));
}

#[test]
fn points() {
    insta::assert_snapshot!(said(&[
        (
            "that repeat others",
            and("matrix: {axes: {isl: [1k, 1000], concurrency: [1, 2]}}")
        ),
        (
            "of two aliases of one thing",
            with(&[
                (
                    "hardware",
                    "hardware: {a: {catalog: h100-sxm5-80gb}, b: {catalog: h100_sxm5_80gb}}"
                ),
                ("rest", "matrix: {axes: {hardware: [a, b]}}"),
            ])
        ),
        (
            "too many",
            and("matrix: {axes: {isl: 1..1000, concurrency: 1..1000}}")
        ),
        (
            "a model that cannot write",
            with(&[("models", "models: {m: {catalog: resnet50-v1.5}}")])
        ),
        (
            "an axis value that does not read",
            and("matrix: {axes: {isl: [1, two]}}")
        ),
        (
            "an expression of a name that is not there",
            and(
                "vars: {a: 1}\nmatrix: {axes: {isl: [1, 2]}}\nsolve: [{maximize: power, size_for: {concurrency: $(vars.b)}}]"
            )
        ),
        (
            "an expression of a point where there is none",
            and("pricing: {utilization: $(point.isl)}")
        ),
    ]));
}

#[test]
fn files() {
    let config = |text: &str| with(&[("models", text)]);
    let world = || {
        Memory::default()
            .with("models/a/config.json", r#"{"model_type": "rwkv"}"#)
            .with("models/a.gguf", "GGML")
            .with("hardware.yaml", "id: mine\nname: Mine\nclass: toaster\n")
    };
    let cases = [
        (
            "a missing file",
            config("models: {m: {hf_config: ../models/b}}"),
        ),
        (
            "an unknown architecture",
            config("models: {m: {hf_config: ../models/a}}"),
        ),
        ("no GGUF", config("models: {m: {gguf: ../models/a.gguf}}")),
        (
            "outside the root",
            config("models: {m: {hf_config: ../../b/config.json}}"),
        ),
        (
            "numbers that are no model",
            config("models: {m: {arch: {layers: 2, heads: 4}}}"),
        ),
        (
            "a file of hardware",
            with(&[("hardware", "hardware: {g: {file: ../hardware.yaml}}")]),
        ),
        (
            "an import that must match",
            and("run: [{import: {vllm_bench: ../runs/*.json}}]"),
        ),
        (
            "a missing column",
            with(&[(
                "workload",
                "workload: {llm: {isl: {dist: empirical, file: ../hardware.yaml, column: isl}, osl: 1, load: {offline: true}}}",
            )]),
        ),
    ];
    let said: Vec<String> = cases
        .iter()
        .map(|(name, text)| format!("== {name}\n{}", said_in(world(), text)))
        .collect();
    insta::assert_snapshot!(said.join("\n"));
}

#[test]
fn what_is_not_modelled_is_said_once_and_planned() {
    let cases = [
        (
            "vision",
            with(&[
                ("models", "models: {m: {catalog: resnet50-v1.5}}"),
                (
                    "workload",
                    "workload: {vision: {task: classification, input: {shape: [3, 224, 224]}, load: {batch_size: 4}}}",
                ),
            ]),
        ),
        (
            "this machine",
            with(&[("hardware", "hardware: {g: {probe: local}}")]),
        ),
        (
            "a cache on the host",
            and("runtime: {name: llama.cpp, kv_offload: false}"),
        ),
    ];
    let said: Vec<String> = cases
        .iter()
        .map(|(name, text)| {
            let found = not_modelled(&good(text).plan).expect("not modelled");
            format!(
                "{name}: [{}] {} ({})",
                found.code,
                found.message,
                found.label.unwrap_or_default()
            )
        })
        .collect();
    insta::assert_snapshot!(said.join("\n"));
    for modelled in [
        and("runtime: {name: llama.cpp, n_gpu_layers: all}"),
        and("runtime: {name: llama.cpp, n_gpu_layers: 10}"),
        and("energy: {battery: {capacity: 50Wh}}"),
    ] {
        assert!(not_modelled(&good(&modelled).plan).is_none());
    }
}

#[test]
fn everything_wrong_is_said_at_once_and_sorted_by_place() {
    let text = "schema: phantom/v1\nname: x y\nmodels: {m: {catalog: lama-3.1-8b}}\nhardware: {g: {catalog: h10}}\n\
                workload: {llm: {isl: 1024, osl: many, load: {concurrency: 16}}}\nenergy: {region: mars}\n\
                matrix: {axes: {concurency: [1]}}\nsolve: [{minimize: cost}]\n";
    insta::assert_snapshot!(said_in(Memory::default(), text));
}

#[test]
fn without_a_question_the_cheapest_is_sought_where_there_are_prices() {
    let free = good(&and(
        "slos: {a: {aggregate: [mean_ttft <= 1s]}, b: {aggregate: [power <= 1kW], severity: warn}}",
    ));
    let question = &free.scenario.questions[0];
    assert_eq!(
        (question.objective.as_str(), question.goal),
        ("output_throughput_per_accelerator", Goal::Maximize)
    );
    assert_eq!(
        (
            question.subject_to.as_slice(),
            question.implied,
            question.headline
        ),
        (&["a".to_owned()][..], true, true)
    );
    let priced = good(&and(
        "pricing: {as_of: 2026-08-01, rates: {g: {on_demand: 2 USD/h, source: quote}}}",
    ));
    assert_eq!(
        priced.scenario.questions[0].objective,
        "cost_per_mtok_output"
    );
    assert_eq!(priced.scenario.report.outputs.len(), 5);
}

#[test]
fn a_document_is_held_to_one_standard_or_several() {
    use crate::scenario::PdfStandard;

    let loaded = good(&and(
        "report: {outputs: [{pdf: a.pdf, standard: pdf/a-2b}, {pdf: b.pdf, template: technical, standard: [pdf/a-3a, pdf/ua-1]}, {pdf: c.pdf}]}",
    ));
    let outputs = loaded.scenario.report.outputs.iter();
    let standards: Vec<&[PdfStandard]> = outputs.map(|one| one.standards.as_slice()).collect();
    assert_eq!(
        standards,
        [
            &[PdfStandard::A2b][..],
            &[PdfStandard::A3a, PdfStandard::Ua1],
            &[]
        ]
    );
}

#[test]
fn defaults_that_stand_for_facts_are_assumptions() {
    let loaded = good(&with(&[
        (
            "hardware",
            "hardware: {g: {catalog: h100-sxm5-80gb, count: 8, overrides: {tdp: 650W}}}",
        ),
        (
            "rest",
            "pricing: {as_of: 2026-08-01, rates: {g: {catalog: gcp/us-central1/a3-highgpu-8g}}}\nenergy: {region: gcp/us-central1}",
        ),
    ]));
    let listed: Vec<String> = loaded
        .scenario
        .assumptions
        .iter()
        .map(|fact| format!("{}: {} [{:?}]", fact.path, fact.value, fact.basis))
        .collect();
    insta::assert_snapshot!(listed.join("\n"));
    let point = loaded.plan.point(0);
    assert_eq!(point.system.deployment.parallel.tp, 8);
    assert_eq!(point.system.precision_name, "bf16");
}

#[test]
fn expressions_of_points_reach_systems_and_workloads() {
    let loaded = good(&and(
        "vars: {share: 0.5}\ndeployment: {replicas: $(max(1, point.concurrency // 8))}\nmatrix: {axes: {concurrency: [8, 32], vars.share: [0.5]}}",
    ));
    let replicas: Vec<u32> = loaded
        .plan
        .iter()
        .map(|point| point.system.deployment.replicas)
        .collect();
    assert_eq!(replicas, [1, 4]);
    let Workload::Llm(llm) = loaded.plan.point(1).workload else {
        panic!("text generation")
    };
    assert_eq!(llm.load.mode, LoadMode::Concurrency(32));
}

#[test]
fn a_pack_is_named_or_lies_beside_what_names_it() {
    let packs = |text: &str| -> Vec<Option<String>> {
        let world = Memory::default().with(
            "scenarios/base/packs.yaml",
            "run: [{predict: {calibration: own.json}}]\n",
        );
        let (loaded, sources) = loaded_from(world, text);
        let loaded = loaded.unwrap_or_else(|wrong| panic!("{}", shown(&wrong, &sources)));
        let run = loaded.value.scenario.run.into_iter();
        run.filter_map(|entry| match entry.kind {
            ExecutorKind::Predict { calibration, .. } => Some(calibration),
            ExecutorKind::Measured { .. } => None,
        })
        .collect()
    };
    let of = |rest: &str| packs(&and(rest));
    assert_eq!(of(""), [None]);
    for (written, read) in [
        ("default", "default"),
        ("datasheet", "datasheet"),
        ("none", "none"),
        ("own.json", "scenarios/own.json"),
        ("../own.json", "own.json"),
    ] {
        let run = format!("run: [{{predict: {{calibration: {written}}}}}]");
        assert_eq!(of(&run), [Some(read.to_owned())]);
    }
    let extended = of("extends: [base/packs.yaml]");
    assert_eq!(extended, [Some("scenarios/base/own.json".to_owned())]);
    let outside = said_in(
        Memory::default(),
        &and("run: [{predict: {calibration: ../../own.json}}]"),
    );
    assert!(outside.contains("outside-root"), "{outside}");
}
