//! Small scenarios, points and estimates for tests of this module.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::catalog::{
    Arithmetic, Device, DeviceClass, Format, Mcu, Model, ModelKind, Network, Peaks, Precision,
    Provenance,
};
use crate::ops::Parallel;
use crate::record::{Basis, Column, Estimate, Estimated, MemoryParts, Metric, PowerParts};
use crate::scenario::{
    Aggregate, AxisValue, Comparison, Deployment, DeviceShare, Embodied, Energy, EnergyScope, Goal,
    GoldenRules, Hardware, Interconnect, Lengths, LlmWorkload, Load, LoadMode, ModelChoice,
    MustHold, OwnedRate, Pricing, Purchase, Question, Rate, RateSource, ReportOptions, Rigor,
    Router, RunPoint, Runtime, RuntimeName, Scenario, Slo, SloSeverity, Statistics, System,
    Workload,
};
use crate::source::{Sources, Span};
use crate::units::{Bytes, Money, Seconds, Watts};

pub(super) fn span() -> Span {
    Span {
        source: sources().1,
        start: 0,
        end: 1,
    }
}

pub(super) fn sources() -> (Sources, crate::source::SourceId) {
    let mut sources = Sources::default();
    let id = sources.add("s.yaml", "name: s\n");
    (sources, id)
}

pub(super) fn slo(name: &str) -> Slo {
    Slo {
        name: name.to_owned(),
        per_request: Vec::new(),
        attainment: 0.9,
        aggregate: Vec::new(),
        severity: SloSeverity::Error,
        must_hold: MustHold::Any,
        span: span(),
    }
}

pub(super) fn limit(metric: Metric, comparison: Comparison, limit: f64) -> Aggregate {
    Aggregate {
        column: Column::of(metric),
        comparison,
        limit,
        text: String::new(),
        span: span(),
    }
}

pub(super) fn question(goal: Goal, metric: Metric) -> Question {
    Question {
        name: "1".to_owned(),
        goal,
        objective: metric.name().to_owned(),
        column: Some(Column::of(metric)),
        subject_to: vec!["chat".to_owned()],
        per: Vec::new(),
        size_for: None,
        search: None,
        headline: true,
        implied: false,
    }
}

/// An estimate of so many output tokens a second ± 10 %, of two requests a second, at 400 W.
pub(super) fn estimate(output_throughput: f64) -> Estimate {
    let around = |metric, value: f64| Estimated {
        column: Column::of(metric),
        value,
        lo: value * 0.9,
        hi: value * 1.1,
    };
    Estimate {
        values: vec![
            around(Metric::Tpot, 1.0 / output_throughput),
            Estimated {
                column: Column::of(Metric::RequestThroughput),
                value: 2.0,
                lo: 2.0,
                hi: 2.0,
            },
            around(Metric::OutputThroughput, output_throughput),
            around(Metric::OutputThroughputPerAccelerator, output_throughput),
        ],
        level: 0.9,
        basis: Basis::Fitted,
        method: "analytic",
        bound_prefill: None,
        bound_decode: None,
        memory: MemoryParts {
            weights: Bytes::new(16e9),
            usable: Bytes::new(72e9),
            capacity: Bytes::new(80e9),
            ..MemoryParts::default()
        },
        power: PowerParts {
            accelerator: Some((400.0, 300.0, 500.0)),
            ..PowerParts::default()
        },
        accelerators: 1,
        latencies: Vec::new(),
        attained: Vec::new(),
        notes: Vec::new(),
    }
}

pub(super) fn point(index: u64, hardware: &str, concurrency: u64) -> RunPoint {
    RunPoint {
        index,
        key: format!("hardware={hardware},concurrency={concurrency}"),
        axes: vec![
            ("hardware".to_owned(), AxisValue::Text(hardware.to_owned())),
            ("concurrency".to_owned(), AxisValue::Int(concurrency as i64)),
        ],
        system: Arc::new(system(hardware)),
        workload: Workload::Llm(LlmWorkload {
            isl: Lengths::Fixed(128),
            osl: Lengths::Fixed(128),
            shared_prefix: None,
            sessions: None,
            streaming: true,
            ignore_eos: true,
            load: Load::of(LoadMode::Concurrency(concurrency)),
            duty: None,
        }),
        terms: 0,
    }
}

pub(super) fn system(hardware: &str) -> System {
    System {
        model_alias: "m".to_owned(),
        model: ModelChoice {
            model: Arc::new(Model {
                id: "m".to_owned(),
                family: "m".to_owned(),
                hf_id: None,
                license: String::new(),
                kind: ModelKind::Network(Network::default()),
                provenance: Provenance::default(),
            }),
            identity: "catalog:m".to_owned(),
            weights_bytes: None,
            max_context: None,
        },
        hardware_alias: hardware.to_owned(),
        hardware: Hardware {
            device: Arc::new(device()),
            identity: "catalog:d".to_owned(),
            count: 8,
            nodes: 1,
            interconnect: Interconnect::default(),
            host: None,
            power_limit: None,
            power_mode: None,
        },
        precision: Precision {
            weights: Format::Bf16,
            activations: Format::Bf16,
            kv_cache: Format::Bf16,
            compute: Arithmetic::Bf16,
        },
        precision_name: "bf16".to_owned(),
        runtime: Runtime {
            name: RuntimeName::Generic,
            program: String::new(),
            version: None,
            options: BTreeMap::new(),
        },
        deployment: Deployment {
            parallel: Parallel::ONE,
            dp_attention: false,
            replicas: 1,
            router: Router::LeastLoaded,
            zero: 0,
            sequence_parallel: false,
            prefill: None,
        },
        thermal: None,
        speculation: None,
        kv_offload: None,
        adapters: None,
        share: DeviceShare::WHOLE,
    }
}

fn device() -> Device {
    Device {
        id: "d".to_owned(),
        vendor: String::new(),
        name: "D".to_owned(),
        class: DeviceClass::DatacenterGpu,
        architecture: String::new(),
        year: None,
        memory: None,
        memory_type: String::new(),
        memory_bandwidth: None,
        peaks: Peaks::default(),
        cores: None,
        boost_clock: None,
        base_clock: None,
        l2: None,
        l3: None,
        l1_per_core: None,
        tdp: None,
        idle_power: Some(Watts::new(5.0)),
        fabric: None,
        pcie: None,
        mcu: Mcu::default(),
        launch_price_usd: None,
        provenance: Provenance::default(),
    }
}

/// Hardware `rented` costs 7.2 USD/h on demand, `owned` 7 200 USD for a thousand hours.
pub(super) fn pricing() -> Pricing {
    let rented = RateSource {
        per_second: Money::new(0.002),
        source: "quote".to_owned(),
        as_of: Some("2026-06-01".to_owned()),
    };
    let owned = OwnedRate {
        capex: Money::new(7200.0),
        resale: Money::ZERO,
        upkeep: Money::ZERO,
        life: Seconds::new(7.2e6),
        duty: 0.5,
    };
    Pricing {
        currency: "USD".to_owned(),
        as_of: Some("2026-11-01".to_owned()),
        purchase: vec![Purchase::OnDemand, Purchase::Spot],
        utilization: 0.5,
        spot: None,
        rates: BTreeMap::from([
            (
                "rented".to_owned(),
                Rate {
                    prices: BTreeMap::from([(Purchase::OnDemand, rented)]),
                    owned: None,
                },
            ),
            (
                "owned".to_owned(),
                Rate {
                    prices: BTreeMap::new(),
                    owned: Some(owned),
                },
            ),
        ]),
        compare_api: Vec::new(),
    }
}

pub(super) fn scenario() -> Scenario {
    Scenario {
        name: "s".to_owned(),
        path: "s.yaml".to_owned(),
        description: None,
        labels: BTreeMap::new(),
        axes: vec!["hardware".to_owned(), "concurrency".to_owned()],
        slos: vec![slo("chat")],
        questions: vec![question(Goal::Maximize, Metric::OutputThroughput)],
        pricing: Some(pricing()),
        energy: Energy {
            scope: vec![EnergyScope::Accelerator],
            region: None,
            price: Some(Money::new(0.1 / 3.6e6)),
            pue: Some(1.25),
            psu_efficiency: None,
            carbon: Some((0.0001, "stated".to_owned())),
            embodied: Embodied::None,
            battery: None,
        },
        terms: Vec::new(),
        what_if: Vec::new(),
        run: Vec::new(),
        statistics: Statistics {
            confidence: 0.95,
            seed: 1,
            rigor: Rigor::Standard,
            percentiles: vec![50.0, 99.0],
            max_error_rate: 0.01,
        },
        golden: GoldenRules::sample(),
        report: ReportOptions {
            title: "s".to_owned(),
            baseline: Vec::new(),
            charts: None,
            redact: Vec::new(),
            outputs: Vec::new(),
        },
        assumptions: Vec::new(),
        files: Vec::new(),
    }
}
