//! A results document of the size and shape of the serving example, with made-up numbers, for tests of rendering.

use std::collections::BTreeMap;

use crate::diag::Code;
use crate::record::{
    Against, Answer, AnswerSize, ApiSummary, Basis, BreakEven, Column, EffectSupport, Flip,
    GoldenChange, GoldenOutcome, Inputs, IntervalKind, LimitSummary, Metric, Near, Owning, Payment,
    PointEvidence, PointResult, PointSystem, Presentation, PricingSummary, QuestionSummary,
    Results, Rival, Roofline, Sensitivity, SensitivityMethod, SkippedExecutor, SloSummary, Source,
    Spanned, Stat, Swing, SwingEnd, ValueEntry, Verdict, VerdictEntry, WayToPay,
};
use crate::scenario::{Assumption, AxisValue, InputFile};

/// One system of the fixture: aliases, accelerators, memory, price of an hour, and three made-up speeds.
struct Made {
    model: &'static str,
    hardware: &'static str,
    device: &'static str,
    precision: &'static str,
    tp: u32,
    memory: f64,
    weights: f64,
    per_hour: f64,
    tpot: f64,
    peak: f64,
}

const MADE: [Made; 6] = [
    made(
        ("llama8b", "l40s", "NVIDIA L40S", "bf16"),
        1,
        (48e9, 16.1e9),
        (1.86, 0.0231, 1150.0),
    ),
    made(
        ("llama8b", "l40s", "NVIDIA L40S", "fp8"),
        1,
        (48e9, 8.6e9),
        (1.86, 0.0142, 1900.0),
    ),
    made(
        ("llama8b", "h100x1", "NVIDIA H100 SXM5", "bf16"),
        1,
        (80e9, 16.1e9),
        (6.98, 0.0071, 4100.0),
    ),
    made(
        ("llama8b", "h100x1", "NVIDIA H100 SXM5", "fp8"),
        1,
        (80e9, 8.6e9),
        (6.98, 0.0046, 7300.0),
    ),
    made(
        ("llama70b", "h100x4", "NVIDIA H100 SXM5", "bf16"),
        4,
        (80e9, 35.3e9),
        (27.9, 0.0142, 2300.0),
    ),
    made(
        ("llama70b", "h100x4", "NVIDIA H100 SXM5", "fp8"),
        4,
        (80e9, 18.0e9),
        (27.9, 0.0092, 3900.0),
    ),
];

const fn made(
    (model, hardware, device, precision): (&'static str, &'static str, &'static str, &'static str),
    tp: u32,
    (memory, weights): (f64, f64),
    (per_hour, tpot, peak): (f64, f64, f64),
) -> Made {
    Made {
        model,
        hardware,
        device,
        precision,
        tp,
        memory,
        weights,
        per_hour,
        tpot,
        peak,
    }
}

/// The document: 55 points, two questions, a golden that differs, nothing measured.
pub fn results() -> Results {
    let mut points: Vec<PointResult> = Vec::new();
    for made in &MADE {
        points.extend((0..9).map(|exponent| point(made, f64::from(1 << exponent))));
    }
    points.push(point(&MADE[5], 512.0));
    let answers = vec![
        answer(
            &points,
            "llama8b",
            "model=llama8b,hardware=h100x1,precision=fp8,concurrency=128",
            (2, 2),
        ),
        answer(
            &points,
            "llama70b",
            "model=llama70b,hardware=h100x4,precision=fp8,concurrency=32",
            (5, 20),
        ),
    ];
    let rooflines = points.iter().map(roofline).collect();
    Results {
        complete: true,
        inputs: inputs(),
        presentation: presentation(),
        axes: ["model", "hardware", "precision", "concurrency"]
            .map(str::to_owned)
            .to_vec(),
        planned: points.len() as u64,
        points,
        answers,
        sensitivity: vec![sensitivity()],
        rooflines,
        payments: Vec::new(),
        what_if: Vec::new(),
        findings: Vec::new(),
        skipped: vec![SkippedExecutor {
            executor: "openai".to_owned(),
            points: 3,
            code: "server-unreachable",
            target: "http://127.0.0.1:8000/v1".to_owned(),
        }],
        golden: Some(golden()),
        evidence: vec![crate::record::sample::evidence()],
        assumptions: assumptions(),
    }
}

/// An H100 or a device of four tenths of its speed, with work of generation that follows the load.
fn roofline(point: &PointResult) -> Roofline {
    let mut roofline = crate::record::sample::roofline(&point.key);
    let load = point.system.load.unwrap_or(1.0);
    let faster = if point.system.hardware.starts_with("h100") {
        1.0
    } else {
        0.4
    };
    roofline.peak_flop_per_s *= faster;
    roofline.bandwidth_b_per_s *= faster;
    let decode = &mut roofline.phases[1];
    decode.sequences = load;
    decode.tokens = load;
    decode.work_flop = 1.6e10 * load;
    for phase in &mut roofline.phases {
        for time in [&mut phase.time_s, &mut phase.lo_s, &mut phase.hi_s] {
            *time /= faster;
        }
    }
    roofline
}

/// Three ways to pay for the first answer.
pub fn payment() -> Payment {
    let exact = |value: f64| Spanned {
        value,
        lo: None,
        hi: None,
    };
    let around = |value: f64| Spanned {
        value,
        lo: Some(value * 0.9),
        hi: Some(value * 1.1),
    };
    let way = |purchase: &str, per_hour: f64| WayToPay {
        purchase: purchase.to_owned(),
        availability: if purchase == "spot" { 0.98 } else { 1.0 },
        replicas: Some(exact(2.0)),
        cost_per_hour: exact(per_hour),
        cost_per_month: Some(exact(per_hour * 1460.0)),
        cost_per_unit: Some(around(per_hour / 10.0)),
        source: "made up".to_owned(),
        as_of: None,
    };
    let against = |purchase: &str, payback: Option<Spanned>, even: Option<Spanned>| Against {
        purchase: purchase.to_owned(),
        payback_months: payback,
        break_even_use: even,
        roi: around(0.5),
    };
    Payment {
        key: "model=llama8b,hardware=h100x1,precision=fp8,concurrency=128".to_owned(),
        currency: "USD".to_owned(),
        unit_column: Some("cost_per_mtok_output".to_owned()),
        ways: vec![way("on_demand", 7.2), way("spot", 3.1), way("owned", 1.9)],
        owning: Some(Owning {
            capex: 60_000.0,
            life_months: 48.0,
            used: 1.0,
            running_per_month: around(600.0),
            against: vec![
                against("on_demand", Some(around(9.5)), Some(around(0.21))),
                against("spot", None, None),
            ],
        }),
    }
}

fn sensitivity() -> Sensitivity {
    let rival = "model=llama8b,hardware=l40s,precision=fp8,concurrency=16".to_owned();
    let swing = |input: &str, unit: &str, base: f64, ends: [(f64, f64, Option<Flip>); 2]| Swing {
        input: input.to_owned(),
        about: format!("made-up {input}"),
        unit: unit.to_owned(),
        base,
        ends: ends.map(|(at, value, flip)| SwingEnd {
            at,
            value: Some(value),
            flip,
        }),
    };
    let wins = Some(Flip::Rival(rival.clone()));
    Sensitivity {
        question: "2".to_owned(),
        group: vec![("model".to_owned(), AxisValue::Text("llama8b".to_owned()))],
        key: "model=llama8b,hardware=h100x1,precision=fp8,concurrency=128".to_owned(),
        column: "cost_per_mtok_output".to_owned(),
        unit: "USD".to_owned(),
        value: 0.58,
        rivals: vec![Rival {
            key: rival.clone(),
            value: 0.71,
        }],
        method: SensitivityMethod::Relative,
        swings: vec![
            swing(
                "pricing.rates.h100x1",
                "USD/h",
                6.98,
                [(2.8, 0.23, None), (8.9, 0.74, wins.clone())],
            ),
            swing(
                "term.weight_bandwidth",
                "1",
                0.78,
                [
                    (0.55, 0.69, Some(Flip::Objective("chat".to_owned()))),
                    (0.9, 0.53, None),
                ],
            ),
            swing(
                "term.step_overhead",
                "s",
                0.0012,
                [(0.0007, 0.56, None), (0.0021, 0.61, None)],
            ),
        ],
        break_evens: vec![BreakEven {
            input: "pricing.rates.h100x1".to_owned(),
            about: "price of a node of h100x1".to_owned(),
            unit: "USD/h".to_owned(),
            base: 6.98,
            at: 8.54,
            flip: Flip::Rival(rival),
        }],
    }
}

/// The document with so many points, by turns of the six systems.
pub fn many(n: usize) -> Results {
    let mut results = results();
    results.points = (0..n)
        .map(|index| point(&MADE[index % 6], 1.0 + (index / 6) as f64 * 0.25))
        .collect();
    results.planned = n as u64;
    results
}

/// A sweep of layers on the accelerator by speed of host memory, with the hours of a charge: twelve points of one system.
pub fn plane() -> Results {
    let mut results = results();
    results.axes = ["runtime.n_gpu_layers", "hardware.host.memory.speed"]
        .map(str::to_owned)
        .to_vec();
    results.answers.clear();
    results.presentation.load_axis = None;
    results.presentation.questions[0].per.clear();
    results.points = (0..12_u32)
        .map(|index| {
            let mut point = point(&MADE[0], 1.0 + f64::from(index));
            let (layers, speed) = (index / 3 * 20, ["4800MT/s", "5600MT/s", "6400MT/s"]);
            let speed = speed[index as usize % 3].to_owned();
            point.key = format!("runtime.n_gpu_layers={layers},hardware.host.memory.speed={speed}");
            point.id = blake3::hash(point.key.as_bytes()).to_hex()[..12].to_owned();
            point.axes = vec![
                (results.axes[0].clone(), AxisValue::Int(i64::from(layers))),
                (results.axes[1].clone(), AxisValue::Text(speed)),
            ];
            point.system.load = Some(1.0);
            for (metric, value) in [
                (Metric::BatteryLife, 36_000.0 - 600.0 * f64::from(index)),
                (
                    Metric::RequestsPerCharge,
                    400.0 - 400.0 / 60.0 * f64::from(index),
                ),
            ] {
                let column = Column::of(metric);
                point
                    .metrics
                    .insert(column, vec![entry(column, value, 0.2)]);
            }
            point
        })
        .collect();
    results.planned = results.points.len() as u64;
    results
}

fn inputs() -> Inputs {
    Inputs {
        phantom_version: "0.1.0".to_owned(),
        predictor_version: 1,
        seed: 20_261_101,
        currency: Some("USD".to_owned()),
        scenario_name: "llm-serving".to_owned(),
        scenario_path: "scenarios/llm-serving.yaml".to_owned(),
        scenario_blake3: "5f0c".repeat(16),
        description: Some(
            "Which GPU and precision serves our chat traffic cheapest inside the latency objectives?".to_owned(),
        ),
        labels: BTreeMap::from([("team".to_owned(), "<script>alert('chat')</script>".to_owned())]),
        files: vec![InputFile { path: "scenarios/base.yaml".to_owned(), blake3: "77ab".repeat(16) }],
        catalog_blake3: "c0de".repeat(16),
        catalog_as_of: "2026-11-01".to_owned(),
        catalog_overlay: None,
        calibration_name: "default".to_owned(),
        calibration_blake3: "cafe".repeat(16),
    }
}

#[expect(clippy::too_many_lines, reason = "one literal of a whole document")]
fn presentation() -> Presentation {
    let limit = |name: &str, attainment: Option<f64>, limit: f64, text: &str| LimitSummary {
        name: name.to_owned(),
        attainment,
        comparison: "<=".to_owned(),
        limit,
        text: text.to_owned(),
    };
    let limits = vec![
        limit(
            "ttft",
            Some(0.95),
            0.5,
            "ttft ≤ 500 ms for 95 % of requests",
        ),
        limit(
            "tpot",
            Some(0.95),
            0.05,
            "tpot ≤ 50.0 ms for 95 % of requests",
        ),
        limit("p99_ttft", None, 2.0, "p99_ttft ≤ 2s"),
    ];
    Presentation {
        title: "Chat serving - hardware choice".to_owned(),
        workload: "llm".to_owned(),
        workload_text: "1024 (mean, lognormal) prompt tokens, 256 (mean, lognormal) output tokens, 256 prompt tokens shared"
            .to_owned(),
        load_axis: Some("concurrency".to_owned()),
        load_unit: "requests in flight".to_owned(),
        baseline: BTreeMap::from([
            ("hardware".to_owned(), "h100x1".to_owned()),
            ("precision".to_owned(), "bf16".to_owned()),
        ]),
        charts: None,
        slos: vec![SloSummary {
            name: "chat".to_owned(),
            text: limits.iter().map(|limit| limit.text.as_str()).collect::<Vec<_>>().join(", "),
            limits,
            severity: "error".to_owned(),
        }],
        questions: vec![QuestionSummary {
            name: "2".to_owned(),
            goal: "minimize".to_owned(),
            objective: "cost_per_mtok_output".to_owned(),
            subject_to: vec!["chat".to_owned()],
            per: vec!["model".to_owned()],
            demand: Some("160 requests in flight".to_owned()),
            demand_concurrency: Some(160.0),
            demand_request_rate: None,
            headline: true,
        }],
        pricing: Some(PricingSummary {
            currency: "USD".to_owned(),
            as_of: Some("2026-11-01".to_owned()),
            purchase: ["on_demand", "reserved_1y", "spot"].map(str::to_owned).to_vec(),
            utilization: 0.6,
            compare_api: vec![ApiSummary {
                name: "hosted-8b".to_owned(),
                input_per_mtok: 0.1,
                output_per_mtok: 0.2,
                source: "price page 2026-11-01".to_owned(),
            }],
        }),
        energy_scope: "accelerator + host".to_owned(),
        pue: Some(1.25),
        grid: Some("gcp/us-central1".to_owned()),
        places: Vec::new(),
        confidence: 0.95,
    }
}

fn known() -> PointEvidence {
    let near = Near {
        group: 0,
        distance: 1.0,
    };
    PointEvidence {
        support: EffectSupport::Pair,
        nearest: vec![near],
        beyond: Vec::new(),
    }
}

fn point(made: &Made, load: f64) -> PointResult {
    let key = format!(
        "model={},hardware={},precision={},concurrency={load}",
        made.model, made.hardware, made.precision
    );
    let axes = [
        ("model", made.model),
        ("hardware", made.hardware),
        ("precision", made.precision),
    ];
    let mut axes: Vec<(String, AxisValue)> = axes
        .iter()
        .map(|(axis, value)| ((*axis).to_owned(), AxisValue::Text((*value).to_owned())))
        .collect();
    axes.push(("concurrency".to_owned(), AxisValue::Int(load as i64)));
    let metrics = metrics(made, load);
    let ttft = metrics[&Column::stat(Stat::P95, Metric::Ttft)][0].value;
    let verdict = match ttft {
        low if low < 0.45 => Verdict::Pass,
        middle if middle < 0.55 => Verdict::Inconclusive,
        _ => Verdict::Fail,
    };
    let entry = VerdictEntry {
        source: Source::Predicted,
        verdict,
        limiting: Some("ttft".to_owned()),
        margin: Some((0.5 - ttft) / 0.5),
        by_value_alone: false,
    };
    PointResult {
        id: blake3::hash(key.as_bytes()).to_hex()[..12].to_owned(),
        key,
        axes,
        system: PointSystem {
            model: made.model.to_owned(),
            hardware: made.hardware.to_owned(),
            device: made.device.to_owned(),
            vendor: "NVIDIA".to_owned(),
            precision: made.precision.to_owned(),
            tp: made.tp,
            accelerators: made.tp,
            load: Some(load),
            memory_capacity_b: Some(made.memory),
            memory_usable_b: Some(made.memory * 0.92),
        },
        metrics,
        verdicts: BTreeMap::from([("chat".to_owned(), vec![entry])]),
        bound: BTreeMap::from([("prefill", "compute"), ("decode", "memory-bandwidth")]),
        notes: if load > 256.0 {
            vec![Code::Extrapolated]
        } else {
            Vec::new()
        },
        evidence: Some(known()),
    }
}

#[expect(clippy::too_many_lines, reason = "one line for each column")]
fn metrics(made: &Made, load: f64) -> BTreeMap<Column, Vec<ValueEntry>> {
    let half = made.peak * made.tpot;
    let output = made.peak * load / (load + half);
    let tpot = load / output * 0.92;
    let ttft = 0.02 + 160.0 * load / made.peak * 0.055 * f64::from(made.tp).sqrt();
    let kv = load * 1300.0 * 131_072.0 / f64::from(made.tp);
    let power = 300.0 + 400.0 * load / (load + half);
    let second = made.per_hour / 3600.0;
    let mut metrics = BTreeMap::new();
    let mut add = |column: Column, value: f64, spread: f64| {
        metrics.insert(column, vec![entry(column, value, spread)]);
    };
    for (stat, factor) in [
        (Stat::Mean, 1.0),
        (Stat::P50, 0.93),
        (Stat::P90, 1.5),
        (Stat::P95, 1.8),
        (Stat::P99, 2.7),
    ] {
        add(Column::stat(stat, Metric::Ttft), ttft * factor, 0.12);
        add(
            Column::stat(stat, Metric::Tpot),
            tpot * (1.0 + (factor - 1.0) * 0.15),
            0.07,
        );
    }
    add(Column::of(Metric::Interactivity), 1.0 / tpot, 0.07);
    add(Column::of(Metric::E2el), ttft + 255.0 * tpot, 0.08);
    add(Column::of(Metric::OutputThroughput), output, 0.08);
    add(Column::of(Metric::InputThroughput), output * 4.0, 0.08);
    add(
        Column::of(Metric::OutputThroughputPerAccelerator),
        output / f64::from(made.tp),
        0.08,
    );
    add(Column::of(Metric::MemoryWeights), made.weights, 0.0);
    add(Column::of(Metric::MemoryKv), kv, 0.0);
    add(Column::of(Metric::MemoryActivations), 1.1e9, 0.0);
    add(Column::of(Metric::MemoryOverhead), 1.6e9, 0.0);
    add(
        Column::of(Metric::MemoryTotal),
        made.weights + kv + 2.7e9,
        0.0,
    );
    add(
        Column::of(Metric::EnergyPerOutputToken),
        power * f64::from(made.tp) / output,
        0.15,
    );
    add(
        Column::of(Metric::CarbonPerMtok),
        power * f64::from(made.tp) / output * 130.0,
        0.15,
    );
    add(Column::of(Metric::CostPerHour), made.per_hour, 0.0);
    let column = Column::of(Metric::CostPerMtokOutput);
    let cost = second / 0.6 / output * 1e6;
    let purchases = [("on_demand", 1.0), ("reserved_1y", 0.69), ("spot", 0.4)];
    let entries = purchases.map(|(purchase, share)| ValueEntry {
        purchase: Some(purchase),
        ..entry(column, cost * share, 0.08)
    });
    metrics.insert(column, entries.to_vec());
    metrics
}

fn entry(column: Column, value: f64, spread: f64) -> ValueEntry {
    ValueEntry {
        value,
        unit: match column.metric.unit() {
            "currency" => "USD".to_owned(),
            other => other.to_owned(),
        },
        interval: (spread > 0.0).then_some((
            value * (1.0 - spread),
            value * (1.0 + spread * 1.2),
            0.95,
        )),
        n: None,
        source: Source::Predicted,
        executor: "predict",
        basis: Basis::Fitted,
        method: "analytic",
        interval_kind: IntervalKind::CalibratedResidual,
        scope: None,
        purchase: None,
    }
}

fn answer(
    points: &[PointResult],
    model: &str,
    key: &str,
    (replicas, accelerators): (u64, u64),
) -> Answer {
    let point = points
        .iter()
        .find(|point| point.key == key)
        .expect("the fixture has that point");
    let column = Column::of(Metric::CostPerMtokOutput);
    let entry = point.predicted(column).expect("the fixture is priced");
    let hour = point
        .predicted(Column::of(Metric::CostPerHour))
        .expect("the fixture is priced");
    Answer {
        question: "2".to_owned(),
        group: vec![("model".to_owned(), AxisValue::Text(model.to_owned()))],
        headline: true,
        key: Some(key.to_owned()),
        objective: column.to_string(),
        value: Some((
            entry.value,
            entry.interval.map(|(lo, ..)| lo),
            entry.interval.map(|(_, hi, _)| hi),
        )),
        unit: "USD".to_owned(),
        verdict: point.verdicts["chat"].first().map(|entry| entry.verdict),
        runner_up: None,
        size: Some(AnswerSize {
            replicas,
            accelerators,
            cost_per_month: Some(hour.value * 730.0 * replicas as f64),
        }),
        nearest_miss: None,
        search: None,
    }
}

fn golden() -> GoldenOutcome {
    GoldenOutcome {
        file: "golden/llm-serving.golden.json".to_owned(),
        state: "differs",
        compared: 55,
        differing: 1,
        changes: vec![GoldenChange {
            key: "model=llama8b,hardware=l40s,precision=fp8,concurrency=32".to_owned(),
            column: "p99_ttft".to_owned(),
            old: Some("0.401 s".to_owned()),
            new: Some("0.414 s".to_owned()),
            change: Some(0.031),
            tolerance: "2 %".to_owned(),
        }],
    }
}

fn assumptions() -> Vec<Assumption> {
    let assumption =
        |path: &str, value: &str, basis: Basis, source: &str, as_of: Option<&str>| Assumption {
            path: path.to_owned(),
            value: value.to_owned(),
            basis,
            source: source.to_owned(),
            as_of: as_of.map(str::to_owned),
        };
    vec![
        assumption(
            "hardware.h100x1",
            "NVIDIA H100 SXM5 80 GB",
            Basis::Datasheet,
            "datasheet",
            Some("2024-03"),
        ),
        assumption(
            "pricing.rates.l40s",
            "1.86 USD/h",
            Basis::Datasheet,
            "quote 2026-10-14",
            Some("2026-10-14"),
        ),
        assumption(
            "energy.psu_efficiency",
            "94 %",
            Basis::Assumed,
            "default",
            None,
        ),
    ]
}
