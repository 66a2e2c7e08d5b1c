//! A line of the vision and edge family, its text read field by field.

use super::llm::quality;
use super::{Include, Line, Measured, Notes, Skip, Table, count, positive};
use crate::catalog::normal_name;
use crate::record::{Column, Metric, NetworkScenario, Stat};

/// One row of the vision and edge family.
#[derive(Debug, Clone, PartialEq)]
pub struct NetworkRow<'a> {
    /// Name of the device.
    pub hardware: &'a str,
    /// What else is stated of the device: its unit, its cores, or the part of it that ran.
    pub detail: &'a str,
    /// Name of the network.
    pub model: &'a str,
    /// Parameters, where stated.
    pub params: Option<f64>,
    /// Multiply-adds of one sample, where stated.
    pub macs: Option<f64>,
    /// Elements of activations of one sample, where stated.
    pub activations: Option<f64>,
    /// Size of the input, as stated.
    pub input: &'a str,
    /// What the network does, as stated.
    pub task: &'a str,
    /// Software, as stated.
    pub framework: &'a str,
    /// Its version.
    pub version: &'a str,
    /// Number format, in lower case.
    pub precision: String,
    /// Layout of tensors.
    pub layout: &'a str,
    /// How the network was compiled.
    pub compile: &'a str,
    /// Remarks, parted by semicolons.
    pub notes: &'a str,
    /// Devices of the system.
    pub devices: u32,
    /// Samples together; `None` is not stated.
    pub batch: Option<f64>,
    /// Threads of a processor; `None` is not stated.
    pub threads: Option<f64>,
    /// How the load was made.
    pub scenario: NetworkScenario,
    /// Steps of a diffusion model that the number holds, where known.
    pub steps: Option<f64>,
    /// Whether power is that of cards alone, as the column `power_scope` states (`accelerator`, or `wall` and `board`); where it does not, submitters
    /// to MLPerf measure whole systems at the plug, and others read the cards.
    pub cards_alone: bool,
    /// Power limit that was set on each device, watts; `None` is not stated.
    pub power_limit: Option<f64>,
    /// The number.
    pub measured: Measured,
}

/// Reads a line of the vision and edge family.
///
/// # Errors
///
/// The first reason why the row cannot be compared: lines that cannot be read, doubtful quality, number and unit, load, then
/// single fields.
pub fn network_row<'a>(
    table: &Table,
    line: &'a Line,
    include: Include,
) -> Result<NetworkRow<'a>, Skip> {
    if line.fields.is_none() {
        return Err(Skip::BadValue);
    }
    let text = |column: &str| table.field(line, column);
    quality(text("quality"), Notes(text("notes")), include)?;
    let measured = network_measured(text("metric"), text("value"), text("unit"))?;
    let scenario = NetworkScenario::from_name(text("scenario")).ok_or(Skip::UnsupportedScenario)?;
    let required = |column| match text(column) {
        "" => Err(Skip::MissingField(column)),
        text => Ok(text),
    };
    let scaled =
        |column, unit: f64| positive(text(column)).map(|number| number.map(|number| number * unit));
    let devices = match count(text("device_count"))? {
        None => return Err(Skip::MissingField("device_count")),
        Some(0) => return Err(Skip::BadValue),
        Some(count) => count,
    };
    let batch = positive(text("batch_size"))?;
    Ok(NetworkRow {
        hardware: required("hardware")?,
        detail: text("hardware_detail"),
        model: required("model")?,
        params: scaled("model_params_m", 1e6)?,
        macs: scaled("gmacs", 1e9)?,
        activations: scaled("mactivations", 1e6)?,
        input: text("input_size"),
        task: text("task"),
        framework: text("framework"),
        version: text("framework_version"),
        precision: normal_name(text("precision")),
        layout: text("layout"),
        compile: text("compile_mode"),
        notes: text("notes"),
        devices,
        batch,
        threads: positive(text("threads"))?,
        scenario: scenario.with_batch(batch),
        steps: steps(scenario, text("notes"), text("source_id")),
        cards_alone: match text("power_scope") {
            "accelerator" => true,
            "wall" | "board" => false,
            _ => !text("source_id").starts_with("mlperf"),
        },
        power_limit: positive(text("power_w_limit"))?,
        measured,
    })
}

/// Steps of a run, should it be one of a diffusion model: one, those that the notes state (`20 steps`), or those of MLPerf's rules (20 of Euler's
/// method, mlcommons/inference `text_to_image`).
fn steps(scenario: NetworkScenario, notes: &str, source: &str) -> Option<f64> {
    if scenario == NetworkScenario::DenoiseStep {
        return Some(1.0);
    }
    let items = notes.split(';').map(str::trim);
    let mut stated = items.filter_map(|item| item.strip_suffix(" steps")?.parse().ok());
    stated
        .next()
        .filter(|steps: &f64| (1.0..=1000.0).contains(steps))
        .or_else(|| source.starts_with("mlperf").then_some(20.0))
}

/// Reads metric, value and unit of this family; a statistic that the source does not state is its mean.
///
/// # Errors
///
/// [`Skip::UnknownMetric`], [`Skip::UnitMismatch`], [`Skip::BadValue`], and a missing value.
fn network_measured(metric: &str, value: &str, unit: &str) -> Result<Measured, Skip> {
    const LATENCY: [(&str, Stat); 4] = [
        ("latency_ms_mean", Stat::Mean),
        ("latency_ms_p50", Stat::P50),
        ("latency_ms_p90", Stat::P90),
        ("latency_ms_p99", Stat::P99),
    ];
    let latency = LATENCY.into_iter().find(|(name, _)| *name == metric);
    let (column, expected, scale) = match (metric, latency) {
        (_, Some((_, stat))) => (Column::stat(stat, Metric::Latency), "ms", 1e-3),
        ("samples_per_s", None) => (Column::of(Metric::SamplesPerSecond), "samples/s", 1.0),
        ("power_w_avg", None) => (Column::of(Metric::Power), "W", 1.0),
        ("energy_j_per_sample", None) => (Column::of(Metric::EnergyPerSample), "J/sample", 1.0),
        ("energy_uj_per_inference", None) => {
            (Column::of(Metric::EnergyPerSample), "uJ/inference", 1e-6)
        }
        ("peak_memory_mb", None) => (Column::of(Metric::MemoryTotal), "MB", 1e6),
        (_, None) => return Err(Skip::UnknownMetric),
    };
    if unit != expected {
        return Err(Skip::UnitMismatch);
    }
    let value = positive(value)?.ok_or(Skip::MissingField("value"))?;
    Ok(Measured {
        column,
        value: value * scale,
    })
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub const HEADER: &str = "id,source_id,hardware,hardware_detail,device_count,model,model_params_m,gmacs,mactivations,input_size,task,framework,framework_version,precision,layout,compile_mode,batch_size,threads,scenario,metric,value,unit,power_w_limit,date,quality,notes\n";
    pub const ROW: &str = "t-1,timm-x,rtx-4090,,1,resnet50,25.56,4.11,11.11,3x224x224,image-classification,pytorch-timm,2.4,amp-fp16,nchw,eager,256,,throughput,samples_per_s,3000,samples/s,,2024,community,";

    pub fn table(rows: &[&str]) -> Table {
        let text = format!("{HEADER}{}\n", rows.join("\n"));
        Table::read(text.as_bytes()).expect("a table of the vision family")
    }

    fn read(row: &str) -> Result<(), Skip> {
        let table = table(&[row]);
        network_row(&table, &table.lines[0], Include::default()).map(|_| ())
    }

    #[test]
    fn a_complete_row_is_read() {
        let table = table(&[ROW]);
        let row = network_row(&table, &table.lines[0], Include::default()).expect("complete");
        assert_eq!(row.batch, Some(256.0));
        assert!(
            row.macs
                .is_some_and(|macs| (macs / 4.11e9 - 1.0).abs() < 1e-12)
        );
        assert_eq!(row.scenario, NetworkScenario::Throughput);
    }

    #[test]
    fn every_fault_has_its_reason() {
        for (from, to, skip) in [
            ("throughput", "production", Skip::UnsupportedScenario),
            ("samples_per_s", "accuracy", Skip::UnknownMetric),
            ("samples/s,", "ms,", Skip::UnitMismatch),
            (",3000,", ",-3000,", Skip::BadValue),
            (",3000,", ",NaN,", Skip::BadValue),
            (",3000,", ",0,", Skip::BadValue),
            (",3000,", ",,", Skip::MissingField("value")),
            (",256,", ",0,", Skip::BadValue),
            (",4.11,", ",inf,", Skip::BadValue),
            (",,1,resnet50", ",,0,resnet50", Skip::BadValue),
            (
                ",,1,resnet50",
                ",,,resnet50",
                Skip::MissingField("device_count"),
            ),
            (",resnet50,", ",,", Skip::MissingField("model")),
            ("community", "unverified", Skip::Unverified),
            (",community,", ",community", Skip::BadValue),
        ] {
            assert_eq!(read(&ROW.replace(from, to)), Err(skip), "{to}");
        }
    }

    #[test]
    fn an_unstated_batch_makes_a_throughput_an_automatic_one() {
        let table = table(&[&ROW.replace(",256,", ",,")]);
        let row = network_row(&table, &table.lines[0], Include::default()).expect("complete");
        assert_eq!(row.scenario, NetworkScenario::AutoThroughput);
    }

    #[test]
    fn energy_is_read_in_joules() {
        let read = network_measured("energy_uj_per_inference", "250", "uJ/inference");
        let read = read.expect("an energy");
        assert_eq!(read.column, Column::of(Metric::EnergyPerSample));
        assert!((read.value - 250e-6).abs() < 1e-15);
    }
}
