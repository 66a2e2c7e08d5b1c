//! A small results document for tests of formats.

use std::collections::BTreeMap;

use super::{
    Answer, AnswerSize, Basis, BreakEven, Column, EffectSupport, Estimate, EvidenceGroup,
    EvidenceKind, Finding, FindingClass, Flip, GoldenChange, GoldenOutcome, Inputs, IntervalKind,
    MemoryParts, Metric, Near, NearestMiss, PointEvidence, PointResult, PointSystem, PowerParts,
    Presentation, Results, Rival, Roofline, RooflinePhase, SearchEnd, SearchStep, Searched,
    Sensitivity, SensitivityMethod, SkippedExecutor, Source, Stat, Swing, SwingEnd, ValueEntry,
    Verdict, VerdictEntry,
};
use crate::diag::{Code, Severity};
use crate::scenario::{Assumption, AxisValue, InputFile};
use crate::source::Place;

/// A simulated estimate of nothing.
pub(crate) fn estimate() -> Estimate {
    Estimate {
        values: Vec::new(),
        level: 0.95,
        basis: Basis::Datasheet,
        method: "simulate",
        bound_prefill: None,
        bound_decode: None,
        memory: MemoryParts::default(),
        power: PowerParts::default(),
        accelerators: 1,
        latencies: Vec::new(),
        attained: Vec::new(),
        notes: Vec::new(),
    }
}

/// A predicted number without an interval.
pub(crate) fn entry(value: f64, unit: &str) -> ValueEntry {
    ValueEntry {
        value,
        unit: unit.to_owned(),
        interval: None,
        n: None,
        source: Source::Predicted,
        executor: "predict",
        basis: Basis::Fitted,
        method: "analytic",
        interval_kind: IntervalKind::None,
        scope: None,
        purchase: None,
    }
}

/// The point of a concurrency, with that output throughput.
pub(crate) fn point(concurrency: u64, throughput: f64) -> PointResult {
    let mut with_interval = entry(throughput, "tok/s");
    with_interval.interval = Some((throughput * 0.9, throughput * 1.1, 0.95));
    with_interval.interval_kind = IntervalKind::CalibratedResidual;
    let mut cost = entry(7.25, "USD");
    cost.purchase = Some("on_demand");
    let mut spot = entry(2.5, "USD");
    spot.purchase = Some("spot");
    let mut power = entry(700.0, "W");
    power.scope = Some("accelerator+host".to_owned());
    let column = Column::of;
    PointResult {
        key: format!("hardware=h100,concurrency={concurrency}"),
        id: "9f3c0a1b2c3d".to_owned(),
        axes: vec![
            ("hardware".to_owned(), AxisValue::Text("h100".to_owned())),
            ("concurrency".to_owned(), AxisValue::Int(concurrency as i64)),
            ("share".to_owned(), AxisValue::Float(1.0)),
            ("streaming".to_owned(), AxisValue::Bool(true)),
        ],
        system: PointSystem {
            hardware: "h100".to_owned(),
            load: Some(concurrency as f64),
            ..PointSystem::default()
        },
        metrics: BTreeMap::from([
            (column(Metric::OutputThroughput), vec![with_interval]),
            (column(Metric::CostPerHour), vec![cost, spot]),
            (column(Metric::Power), vec![power]),
            (column(Metric::MemoryFits), vec![entry(1.0, "bool")]),
            (
                Column::stat(Stat::P99, Metric::Ttft),
                vec![entry(0.412, "s")],
            ),
        ]),
        verdicts: BTreeMap::from([(
            "chat".to_owned(),
            vec![VerdictEntry {
                source: Source::Predicted,
                verdict: Verdict::Pass,
                limiting: Some("tpot".to_owned()),
                margin: Some(0.18),
                by_value_alone: true,
            }],
        )]),
        bound: BTreeMap::from([("decode", "memory-bandwidth")]),
        notes: vec![Code::PriceMissing],
        evidence: Some(PointEvidence {
            support: EffectSupport::Pair,
            nearest: vec![Near {
                group: 0,
                distance: 0.5,
            }],
            beyond: vec!["64 prompt tokens, below 128 fitted".to_owned()],
        }),
    }
}

/// Rows of one source for one place.
pub(crate) fn evidence() -> EvidenceGroup {
    let word = |text: &str| std::sync::Arc::<str>::from(text);
    EvidenceGroup {
        kind: EvidenceKind::Run,
        device: word("h100-sxm5-80gb"),
        class: word("datacenter-gpu"),
        architecture: word("Hopper"),
        model: word("llama-3.1-8b"),
        model_kind: word("dense"),
        runtime: word("vllm"),
        program: word("vllm"),
        format: word("fp8"),
        source: word("public-bench"),
        date: word("2025-03"),
        example: word("public-bench-1"),
        rows: 42,
        columns: vec![Column::of(Metric::Ttft)],
        ranges: [
            Some([1.0, 512.0]),
            Some([128.0, 4096.0]),
            None,
            Some([1.0, 1.0]),
            Some([8030.0, 8030.0]),
        ],
    }
}

/// A document of so many points.
pub(crate) fn results(points: u64) -> Results {
    Results {
        complete: true,
        inputs: inputs(),
        presentation: Presentation {
            title: "Chat".to_owned(),
            places: Vec::new(),
            confidence: 0.95,
            ..Presentation::default()
        },
        axes: ["hardware", "concurrency", "share", "streaming"]
            .map(str::to_owned)
            .to_vec(),
        evidence: vec![evidence()],
        points: (0..points)
            .map(|index| point(1 << index, 100.5 * (index + 1) as f64))
            .collect(),
        planned: points,
        answers: vec![answer()],
        sensitivity: vec![sensitivity()],
        rooflines: vec![roofline("hardware=h100,concurrency=1")],
        payments: Vec::new(),
        what_if: Vec::new(),
        findings: vec![finding()],
        skipped: vec![SkippedExecutor {
            executor: "openai".to_owned(),
            points: 3,
            code: "server-unreachable",
            target: "http://127.0.0.1:8000/v1".to_owned(),
        }],
        golden: Some(GoldenOutcome {
            file: "golden/chat.golden.json".to_owned(),
            state: "differs",
            compared: points,
            differing: 1,
            changes: vec![GoldenChange {
                key: "point".to_owned(),
                column: "mean_ttft".to_owned(),
                old: Some("0.0412".to_owned()),
                new: None,
                change: None,
                tolerance: "0.5 %".to_owned(),
            }],
        }),
        assumptions: vec![Assumption {
            path: "pricing.utilization".to_owned(),
            value: "100 %".to_owned(),
            basis: Basis::Assumed,
            source: "default".to_owned(),
            as_of: None,
        }],
    }
}

/// A prompt and a step of generation on a device of 1 PFLOP/s and 2 TB/s.
pub(crate) fn roofline(key: &str) -> Roofline {
    let phase =
        |phase: &str, (sequences, tokens): (f64, f64), work: f64, time: f64| RooflinePhase {
            phase: phase.to_owned(),
            sequences,
            tokens,
            work_flop: work,
            traffic_b: 1.7e10,
            time_s: time,
            lo_s: 0.9 * time,
            hi_s: 1.2 * time,
            bound: if phase == "prefill" {
                "compute"
            } else {
                "memory-bandwidth"
            }
            .to_owned(),
        };
    Roofline {
        key: key.to_owned(),
        arithmetic: "bf16".to_owned(),
        peak_flop_per_s: 1e15,
        bandwidth_b_per_s: 2e12,
        phases: vec![
            phase("prefill", (1.0, 1024.0), 1.6e13, 0.024),
            phase("decode", (16.0, 16.0), 2.6e11, 0.012),
        ],
    }
}

fn sensitivity() -> Sensitivity {
    let rival = || Flip::Rival("hardware=h100,concurrency=2".to_owned());
    Sensitivity {
        question: "1".to_owned(),
        group: vec![("hardware".to_owned(), AxisValue::Text("h100".to_owned()))],
        key: "hardware=h100,concurrency=1".to_owned(),
        column: "cost_per_mtok_output".to_owned(),
        unit: "USD".to_owned(),
        value: 0.21,
        rivals: vec![Rival {
            key: "hardware=h100,concurrency=2".to_owned(),
            value: 0.25,
        }],
        method: SensitivityMethod::Relative,
        swings: vec![Swing {
            input: "pricing.rates.h100".to_owned(),
            about: "price of a node of h100".to_owned(),
            unit: "USD/h".to_owned(),
            base: 7.25,
            ends: [
                SwingEnd {
                    at: 2.5,
                    value: Some(0.07),
                    flip: None,
                },
                SwingEnd {
                    at: 9.5,
                    value: None,
                    flip: Some(rival()),
                },
            ],
        }],
        break_evens: vec![BreakEven {
            input: "load.concurrency".to_owned(),
            about: "requests in flight".to_owned(),
            unit: "1".to_owned(),
            base: 1.0,
            at: 3.0,
            flip: Flip::Objective("chat".to_owned()),
        }],
    }
}

fn inputs() -> Inputs {
    Inputs {
        phantom_version: "0.1.0".to_owned(),
        predictor_version: 1,
        seed: u64::MAX,
        currency: Some("USD".to_owned()),
        scenario_name: "chat".to_owned(),
        scenario_path: "scenarios/chat.yaml".to_owned(),
        scenario_blake3: "00".to_owned(),
        description: Some("Which card?".to_owned()),
        labels: BTreeMap::from([("team".to_owned(), "search".to_owned())]),
        files: vec![InputFile {
            path: "lengths.csv".to_owned(),
            blake3: "11".to_owned(),
        }],
        catalog_blake3: "22".to_owned(),
        catalog_as_of: "2026-11-01".to_owned(),
        catalog_overlay: None,
        calibration_name: "default".to_owned(),
        calibration_blake3: "33".to_owned(),
    }
}

fn answer() -> Answer {
    Answer {
        question: "1".to_owned(),
        group: vec![("hardware".to_owned(), AxisValue::Text("h100".to_owned()))],
        headline: true,
        key: Some("hardware=h100,concurrency=1".to_owned()),
        objective: "cost_per_mtok_output".to_owned(),
        value: Some((0.21, Some(0.18), None)),
        unit: "USD".to_owned(),
        verdict: Some(Verdict::Pass),
        runner_up: None,
        size: Some(AnswerSize {
            replicas: 3,
            accelerators: 24,
            cost_per_month: Some(15_877.5),
        }),
        nearest_miss: Some(NearestMiss {
            key: "hardware=h100,concurrency=2".to_owned(),
            slo: "chat".to_owned(),
            margin: Some(-0.1),
        }),
        search: Some(Searched {
            base: "hardware=h100,concurrency=1".to_owned(),
            from: 0.5,
            to: 64.0,
            tolerance: 0.02,
            end: SearchEnd::Crossed,
            monotone: true,
            steps: vec![SearchStep {
                load: 4.0,
                meets: true,
                verdict: Verdict::Inconclusive,
                limiting: Some("p95_ttft".to_owned()),
                margin: Some(0.1),
                value: Some((0.45, None, Some(0.55))),
                unit: "s".to_owned(),
            }],
        }),
    }
}

fn finding() -> Finding {
    Finding {
        class: FindingClass::Slo,
        code: Code::SloFailed,
        severity: Severity::Error,
        key: None,
        column: Some("p99_ttft".to_owned()),
        message: "no point meets `chat`".to_owned(),
        place: Some(Place {
            file: "scenarios/chat.yaml".to_owned(),
            line: 3,
            column: 5,
            end_line: 3,
            end_column: 9,
        }),
        old: Some(0.5),
        new: Some(0.612),
    }
}
