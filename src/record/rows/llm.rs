//! A line of the LLM family, its text read field by field.

use super::devices::StatedDevices;
use super::load::{Counts, LoadRule};
use super::notes::Notes;
use super::precision::Stated;
use super::suite::Suite;
use super::{Line, Measured, Skip, Table, count, mean_count, measured, positive};
use crate::record::{Column, Metric};
use crate::units::Watts;

/// What decides whether rows of doubtful quality are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Include {
    /// Rows nobody can trace.
    pub unverified: bool,
    /// Rows marked as outliers.
    pub flagged: bool,
    /// Rows that the source computed from others.
    pub derived: bool,
    /// Rates of requests that a run was given.
    pub given_rates: GivenRates,
}

/// What is done with the rate of requests that a run was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum GivenRates {
    /// Comparing it would compare an input with itself.
    #[default]
    LeftOut,
    /// It says that the server kept up.
    KeptUp,
}

/// One row of the LLM family.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LlmRow<'a> {
    /// Name of the device.
    pub hardware: &'a str,
    /// Name of the model.
    pub model: &'a str,
    /// Software.
    pub framework: &'a str,
    /// Its version.
    pub version: &'a str,
    /// Number formats.
    pub precision: Stated<'a>,
    /// Devices and how they are divided.
    pub devices: StatedDevices,
    /// Power limit of one device.
    pub power_limit: Option<Watts>,
    /// Whose rules it was measured by.
    pub suite: Suite,
    /// How the load was made.
    pub load: LoadRule,
    /// Counts of the load.
    pub counts: Counts,
    /// The number.
    pub measured: Measured,
    /// Notes.
    pub notes: Notes<'a>,
    /// When it was measured, as the source has it: `2025-08` or `2025-08-31`; empty where it is not stated.
    pub date: &'a str,
    /// Whether the rate that the run was given may be its number.
    pub given_rates: GivenRates,
}

/// Reads a line of the LLM family.
///
/// # Errors
///
/// The first reason why the row cannot be compared: lines that cannot be read, doubtful quality, number and unit, load,
/// then single fields.
pub fn llm_row<'a>(table: &Table, line: &'a Line, include: Include) -> Result<LlmRow<'a>, Skip> {
    if line.fields.is_none() {
        return Err(Skip::BadValue);
    }
    let text = |column: &str| table.field(line, column);
    let notes = Notes(text("notes"));
    quality(text("quality"), notes, include)?;
    let mut measured = measured(text("metric"), text("value"), text("unit"))?;
    if measured.column == Column::of(Metric::DecodeThroughput) && notes.is_of_whole_runs() {
        measured.column = Column::of(Metric::OutputThroughput);
    }
    let load = LoadRule::of(text("scenario"))?;
    let suite = Suite::of(text("scenario"), notes);
    speculation(notes, suite)?;
    let required = |column| match text(column) {
        "" => Err(Skip::MissingField(column)),
        text => Ok(text),
    };
    let devices = devices(text, notes)?;
    Ok(LlmRow {
        hardware: required("hardware")?,
        model: required("model")?,
        framework: text("framework"),
        version: text("framework_version"),
        precision: Stated {
            weights: text("weight_precision"),
            activations: text("activation_precision"),
            kv: text("kv_precision"),
            scheme: match (text("weight_precision"), text("quant_scheme")) {
                (_, "gguf-MXFP4") if notes.is_wide_beside_experts() => "gguf-MXFP4-F16",
                ("", "") => notes.checkpoints(),
                (_, scheme) => scheme,
            },
        },
        devices,
        power_limit: positive(text("power_w_limit"))?.map(Watts::new),
        suite,
        load,
        counts: Counts {
            batch: mean_count(text("batch_size"))?,
            concurrency: mean_count(text("concurrency"))?,
            input: mean_count(text("input_tokens"))?,
            output: mean_count(text("output_tokens"))?,
            context: mean_count(text("context_tokens"))?,
            requests: notes.requests(),
        },
        measured,
        notes,
        date: text("date"),
        given_rates: include.given_rates,
    })
}

fn devices<'a>(text: impl Fn(&str) -> &'a str, notes: Notes<'_>) -> Result<StatedDevices, Skip> {
    Ok(StatedDevices {
        count: match count(text("device_count"))? {
            None => return Err(Skip::MissingField("device_count")),
            Some(0) => return Err(Skip::BadValue),
            Some(count) => count,
        },
        tp: count(text("tp"))?,
        pp: count(text("pp"))?,
        ep: count(text("ep"))?,
        dp: count(text("dp"))?,
        nodes: notes.nodes(),
    })
}

pub(super) fn quality(quality: &str, notes: Notes<'_>, include: Include) -> Result<(), Skip> {
    match quality {
        "audited" | "vendor" | "community" => {}
        "unverified" if include.unverified => {}
        "unverified" => return Err(Skip::Unverified),
        "" => return Err(Skip::MissingField("quality")),
        _ => return Err(Skip::BadValue),
    }
    if notes.is_outlier() && !include.flagged {
        return Err(Skip::FlaggedOutlier);
    }
    if notes.is_derived() && !include.derived {
        return Err(Skip::Derived);
    }
    Ok(())
}

/// Only of `InferenceMAX` is it known how many tokens are guessed.
fn speculation(notes: Notes<'_>, suite: Suite) -> Result<(), Skip> {
    use super::notes::Speculation;
    match notes.speculation() {
        Speculation::Off => Ok(()),
        Speculation::Layers if suite == Suite::InferenceMax => Ok(()),
        Speculation::Layers | Speculation::On => Err(Skip::SpeculativeDecoding),
        Speculation::Unknown => Err(Skip::MissingField("speculative_decoding")),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub const HEADER: &str = "id,source_id,hardware,hardware_detail,device_count,model,model_params_b,framework,framework_version,weight_precision,activation_precision,kv_precision,quant_scheme,tp,pp,ep,dp,batch_size,concurrency,input_tokens,output_tokens,context_tokens,scenario,metric,value,unit,power_w_limit,date,quality,notes\n";
    pub const STATIC: &str = "a-1,a,h100-sxm-80gb,,1,llama-3.1-8b,8.03,vllm,0.6,bf16,,,,1,,,,8,,1024,256,,static-batch,e2e_latency_ms,2500,ms,,2024,vendor,src=x#1";

    pub fn table(rows: &[&str]) -> Table {
        let text = format!("{HEADER}{}\n", rows.join("\n"));
        Table::read(text.as_bytes()).expect("a table of the LLM family")
    }

    fn read(row: &str, include: Include) -> Result<(), Skip> {
        let table = table(&[row]);
        llm_row(&table, &table.lines[0], include).map(|_| ())
    }

    #[test]
    fn a_complete_row_is_read() {
        let table = table(&[STATIC]);
        let row = llm_row(&table, &table.lines[0], Include::default()).expect("complete");
        assert_eq!(row.counts.batch, Some(8));
        assert_eq!(row.devices.count, 1);
        assert!((row.measured.value - 2.5).abs() < 1e-12);
    }

    #[test]
    fn doubtful_rows_are_skipped_unless_included() {
        let none = Include::default();
        let all = Include {
            unverified: true,
            flagged: true,
            derived: true,
            given_rates: GivenRates::LeftOut,
        };
        for (from, to, skip) in [
            ("vendor", "unverified", Skip::Unverified),
            (
                "src=x#1",
                "src=x#1; outlier-in-source (why)",
                Skip::FlaggedOutlier,
            ),
            ("src=x#1", "derived by the source: x", Skip::Derived),
        ] {
            let row = STATIC.replace(from, to);
            assert_eq!(read(&row, none), Err(skip));
            assert_eq!(read(&row, all), Ok(()));
        }
    }

    #[test]
    fn every_fault_has_its_reason() {
        let none = Include::default();
        for (from, to, skip) in [
            ("static-batch", "production-x", Skip::UnsupportedScenario),
            ("e2e_latency_ms", "accuracy", Skip::UnknownMetric),
            (",ms,", ",s,", Skip::UnitMismatch),
            ("2500", "-2500", Skip::BadValue),
            ("2500", "NaN", Skip::BadValue),
            (",,1,llama", ",,0,llama", Skip::BadValue),
            (",,1,llama", ",,,llama", Skip::MissingField("device_count")),
            ("llama-3.1-8b", "", Skip::MissingField("model")),
            (
                "src=x#1",
                "SPECULATIVE DECODING: MTP on",
                Skip::SpeculativeDecoding,
            ),
            (",src=x#1", "", Skip::BadValue),
        ] {
            assert_eq!(read(&STATIC.replace(from, to), none), Err(skip), "{to}");
        }
    }
}
