//! The presentation of a scenario: limits, questions and prices put into words.

use super::presentation::{
    ApiSummary, LimitSummary, PlaceSummary, PointSystem, Presentation, PricingSummary,
    QuestionSummary, SloSummary,
};
use crate::scenario::{
    Aggregate, Comparison, Energy, Goal, Lengths, Load, LoadMode, PerRequest, Pricing, Question,
    Replayed, RunPoint, Scenario, SizeFor, Slo, SloSeverity, Workload,
};
use crate::units::{Bytes, count, percent, si, significant};

impl Presentation {
    /// The presentation of a scenario; `points` are those of its plan.
    pub fn of(scenario: &Scenario, points: &[RunPoint]) -> Self {
        let workload = points.first().map(|point| &point.workload);
        let report = &scenario.report;
        Self {
            title: report.title.clone(),
            workload: workload.map_or("llm", kind).to_owned(),
            workload_text: workload.map(words).unwrap_or_default(),
            load_axis: workload.and_then(|workload| load_axis(&scenario.axes, workload)),
            load_unit: workload.map_or("", load_unit).to_owned(),
            baseline: report
                .baseline
                .iter()
                .map(|(axis, value)| (axis.clone(), value.to_string()))
                .collect(),
            charts: report
                .charts
                .as_ref()
                .map(|charts| charts.iter().map(|chart| chart.name().to_owned()).collect()),
            slos: scenario.slos.iter().map(slo).collect(),
            questions: scenario.questions.iter().map(question).collect(),
            pricing: scenario.pricing.as_ref().map(pricing),
            energy_scope: scopes(scenario),
            pue: common(scenario, |energy| energy.pue),
            grid: common(scenario, |energy| match &energy.carbon {
                Some((_, source)) => Some(source.clone()),
                None => energy.region.clone(),
            }),
            places: places(scenario),
            confidence: scenario.statistics.confidence,
        }
    }
}

/// What is stated of the place of every point alike.
fn common<T: PartialEq>(scenario: &Scenario, of: impl Fn(&Energy) -> Option<T>) -> Option<T> {
    let stated = of(&scenario.energy)?;
    let mut varied = scenario.terms.iter().map(|terms| of(&terms.energy));
    varied
        .all(|other| other.as_ref() == Some(&stated))
        .then_some(stated)
}

/// The regions that points stand in, each once, where there are several.
fn places(scenario: &Scenario) -> Vec<PlaceSummary> {
    const JOULES_PER_KWH: f64 = 3.6e6;
    let mut places: Vec<PlaceSummary> = Vec::new();
    for energy in scenario.terms.iter().map(|terms| &terms.energy) {
        let Some(region) = &energy.region else {
            continue;
        };
        if places.iter().all(|known| known.region != *region) {
            let carbon = energy.carbon.as_ref();
            places.push(PlaceSummary {
                region: region.clone(),
                grams_per_kwh: carbon.map(|(grams, _)| grams * JOULES_PER_KWH),
                source: carbon.map(|(_, source)| source.clone()),
                pue: energy.pue,
                price_per_kwh: energy.price.map(|price| price.get() * JOULES_PER_KWH),
            });
        }
    }
    if places.len() < 2 {
        places.clear();
    }
    places
}

impl PointSystem {
    /// What a point runs on; `usable` is the memory of one accelerator that may be used, where known.
    pub fn of(point: &RunPoint, usable: Option<Bytes>) -> Self {
        let system = &point.system;
        let parallel = system.deployment.parallel;
        let device = &system.hardware.device;
        Self {
            model: system.model_alias.clone(),
            hardware: system.hardware_alias.clone(),
            device: device.name.clone(),
            vendor: device.vendor.clone(),
            precision: system.precision_name.clone(),
            tp: parallel.tp,
            accelerators: system.deployment.accelerators() as u32,
            load: load_value(&point.workload),
            memory_capacity_b: device.memory.map(Bytes::get),
            memory_usable_b: usable.map(Bytes::get),
        }
    }
}

fn kind(workload: &Workload) -> &'static str {
    match workload {
        Workload::Llm(_) => "llm",
        Workload::Unmodelled(other) => other.kind,
    }
}

fn words(workload: &Workload) -> String {
    match workload {
        Workload::Llm(llm) => {
            let prefix = llm.shared_prefix.map_or_else(String::new, |shared| {
                format!(", {} prompt tokens shared", count(shared.tokens))
            });
            if let LoadMode::Trace(replayed) = &llm.load.mode {
                return format!("{}{prefix}", self::replayed(replayed));
            }
            let sessions = llm.sessions.as_ref().map_or_else(String::new, |sessions| {
                format!(" a turn, {} turns a session", length(&sessions.turns))
            });
            format!(
                "{} prompt tokens, {} output tokens{sessions}{prefix}",
                length(&llm.isl),
                length(&llm.osl)
            )
        }
        Workload::Unmodelled(other) => other.kind.to_owned(),
    }
}

/// A trace in words: its file without the hash, how many requests, over what time.
fn replayed(replayed: &Replayed) -> String {
    let file = replayed
        .file
        .rsplit_once('@')
        .map_or(replayed.file.as_str(), |(path, _)| path);
    let requests = count(replayed.trace.len() as u64);
    let seconds = replayed.trace.seconds() / replayed.speed;
    format!(
        "{requests} requests of {file} in {} s",
        significant(seconds, 3)
    )
}

fn length(lengths: &Lengths) -> String {
    match lengths {
        Lengths::Fixed(tokens) => count(*tokens),
        Lengths::Normal { mean, .. } => format!("{} (mean, normal)", significant(*mean, 3)),
        Lengths::Lognormal { mean, .. } => format!("{} (mean, lognormal)", significant(*mean, 3)),
        Lengths::Uniform { min, max } => format!("{} to {}", count(*min), count(*max)),
        Lengths::Empirical(values) => format!("{} observed lengths of", values.len()),
        Lengths::Mixture(parts) => format!("a mixture of {} distributions of", parts.len()),
    }
}

fn mode(load: &Load) -> (&'static str, &'static str, Option<f64>) {
    match &load.mode {
        LoadMode::Concurrency(n) => ("concurrency", "requests in flight", Some(*n as f64)),
        LoadMode::RequestRate { rate, .. } => ("request_rate", "requests per second", Some(*rate)),
        LoadMode::BatchSize(n) => ("batch_size", "requests per batch", Some(*n as f64)),
        LoadMode::SingleStream => ("single_stream", "requests in flight", Some(1.0)),
        LoadMode::MultiStream(n) => ("multi_stream", "samples per query", Some(*n as f64)),
        LoadMode::Offline => ("offline", "all requests at once", None),
        LoadMode::Ramp { .. } => ("ramp", "requests of the ramp", None),
        LoadMode::Trace(_) => ("trace", "requests of the trace", None),
    }
}

fn load_axis(axes: &[String], workload: &Workload) -> Option<String> {
    let Workload::Llm(llm) = workload else {
        return None;
    };
    let (name, ..) = mode(&llm.load);
    axes.iter()
        .find(|axis| axis.rsplit('.').next() == Some(name))
        .cloned()
}

fn load_unit(workload: &Workload) -> &'static str {
    match workload {
        Workload::Llm(llm) => mode(&llm.load).1,
        Workload::Unmodelled(_) => "",
    }
}

fn load_value(workload: &Workload) -> Option<f64> {
    match workload {
        Workload::Llm(llm) => mode(&llm.load).2,
        Workload::Unmodelled(_) => None,
    }
}

fn slo(slo: &Slo) -> SloSummary {
    let mut limits: Vec<LimitSummary> = slo
        .per_request
        .iter()
        .map(|limit| per_request(limit, slo.attainment))
        .collect();
    limits.extend(slo.aggregate.iter().map(aggregate));
    let texts: Vec<&str> = limits.iter().map(|limit| limit.text.as_str()).collect();
    SloSummary {
        name: slo.name.clone(),
        text: texts.join(", "),
        limits,
        severity: match slo.severity {
            SloSeverity::Error => "error",
            SloSeverity::Warn => "warn",
        }
        .to_owned(),
    }
}

fn per_request(limit: &PerRequest, attainment: f64) -> LimitSummary {
    let name = limit.metric.name();
    LimitSummary {
        name: name.to_owned(),
        attainment: Some(attainment),
        comparison: "<=".to_owned(),
        limit: limit.limit,
        text: format!(
            "{name} ≤ {} for {} of requests",
            si(limit.limit, limit.metric.unit(), 3),
            percent(attainment, 3)
        ),
    }
}

fn aggregate(limit: &Aggregate) -> LimitSummary {
    let (written, shown) = match limit.comparison {
        Comparison::AtMost => ("<=", "≤"),
        Comparison::AtLeast => (">=", "≥"),
        Comparison::Equal => ("==", "="),
    };
    LimitSummary {
        name: limit.column.to_string(),
        attainment: None,
        comparison: written.to_owned(),
        limit: limit.limit,
        text: limit.text.replace(written, shown),
    }
}

fn question(question: &Question) -> QuestionSummary {
    QuestionSummary {
        name: question.name.clone(),
        goal: match question.goal {
            Goal::Maximize => "maximize",
            Goal::Minimize => "minimize",
        }
        .to_owned(),
        objective: question.objective.clone(),
        subject_to: question.subject_to.clone(),
        per: question.per.clone(),
        demand: question.size_for.map(|demand| match demand {
            SizeFor::Concurrency(n) => match significant(n, 3).as_str() {
                "1" => "1 request in flight".to_owned(),
                several => format!("{several} requests in flight"),
            },
            SizeFor::RequestRate(rate) => match significant(rate, 3).as_str() {
                "1" => "1 request per second".to_owned(),
                several => format!("{several} requests per second"),
            },
        }),
        demand_concurrency: match question.size_for {
            Some(SizeFor::Concurrency(n)) => Some(n),
            Some(SizeFor::RequestRate(_)) | None => None,
        },
        demand_request_rate: match question.size_for {
            Some(SizeFor::RequestRate(rate)) => Some(rate),
            Some(SizeFor::Concurrency(_)) | None => None,
        },
        headline: question.headline,
    }
}

fn pricing(pricing: &Pricing) -> PricingSummary {
    PricingSummary {
        currency: pricing.currency.clone(),
        as_of: pricing.as_of.clone(),
        purchase: pricing
            .purchase
            .iter()
            .map(|purchase| purchase.name().to_owned())
            .collect(),
        utilization: pricing.utilization,
        compare_api: pricing
            .compare_api
            .iter()
            .map(|api| ApiSummary {
                name: api.name.clone(),
                input_per_mtok: api.input.get() * 1e6,
                output_per_mtok: api.output.get() * 1e6,
                source: api.source.clone(),
            })
            .collect(),
    }
}

fn scopes(scenario: &Scenario) -> String {
    let names: Vec<&str> = scenario
        .energy
        .scope
        .iter()
        .map(|scope| scope.name())
        .collect();
    names.join(" + ")
}
