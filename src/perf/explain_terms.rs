//! Terms with the shifts that made them and the rows behind each shift.

use super::explain::{ExplainInput, ExplainLine};
use super::terms::{Terms, place};
use crate::record::{
    Calibration, EffectScope, Evidence, EvidenceGroup, EvidenceKind, TermName, TermPlace, TermRange,
};
use crate::scenario::System;
use crate::units::significant;

/// The terms of a system by name: what documents state, the shift of every scope that holds at the place, and how many rows were
/// fitted there.
///
/// Shifts add up on the link scale of the term: the logit of efficiencies and shares, the logarithm of amounts.
pub fn term_lines(pack: &Calibration, system: &System, names: &[TermName]) -> Vec<ExplainLine> {
    let device = &system.hardware.device;
    let terms = Terms::under(pack, device, system);
    let at = place(device, system);
    let evidence = pack.evidence.as_ref();
    let evidence = evidence.and_then(|evidence| evidence.read().ok());
    let lines = names.iter().filter_map(|name| {
        let cited = pack.term(*name, at)?;
        let term = terms.term(*name).ok()?;
        let mut inputs = vec![ExplainInput::new(
            "cited",
            cited.value.value.to_string(),
            cited.source.clone(),
        )];
        for scope in EffectScope::ALL {
            let Some(key) = scope.key(at) else { continue };
            let Some(shifts) = pack.effects.by_scope().get(&key) else {
                continue;
            };
            let shift = shifts[name.index()];
            if shift != 0.0 {
                let source = rows(evidence.map(AsRef::as_ref), scope, at);
                inputs.push(ExplainInput::new(&key, format!("{shift:+.3}"), source));
            }
        }
        inputs.push(ExplainInput::new(
            "interval",
            format!(
                "{} to {}",
                significant(term.value.lower, 3),
                significant(term.value.upper, 3)
            ),
            "at the pack's level",
        ));
        Some(ExplainLine {
            name: format!("term {}", name.name()),
            value: term.value.value,
            unit: "1",
            formula: match name.range() {
                TermRange::Efficiency | TermRange::Share => "logit(term) = logit(cited) + Σ shifts",
                TermRange::Amount => "ln(term) = ln(cited) + Σ shifts",
            }
            .to_owned(),
            inputs,
        })
    });
    lines.collect()
}

/// How many rows were fitted where a scope holds, in words.
fn rows(evidence: Option<&Evidence>, scope: EffectScope, at: TermPlace<'_>) -> String {
    let Some(evidence) = evidence else {
        return "fitted; the pack does not say on which rows".to_owned();
    };
    // Groups do not tell versions apart.
    let wide = match scope {
        EffectScope::ProgramVersion => EffectScope::Program,
        EffectScope::KindProgramVersion => EffectScope::KindProgram,
        EffectScope::DeviceBackend => EffectScope::DeviceProgram,
        EffectScope::All
        | EffectScope::Class
        | EffectScope::Architecture
        | EffectScope::Device
        | EffectScope::Runtime
        | EffectScope::Program
        | EffectScope::Format
        | EffectScope::ClassProgram
        | EffectScope::ArchitectureProgram
        | EffectScope::DeviceProgram
        | EffectScope::ProgramFormat
        | EffectScope::ArchitectureFormat
        | EffectScope::KindProgram
        | EffectScope::KindProgramFormat
        | EffectScope::KindDeviceProgram
        | EffectScope::ArchitectureProgramFormat
        | EffectScope::DeviceProgramFormat
        | EffectScope::Model
        | EffectScope::ModelProgram
        | EffectScope::DeviceModelProgram => scope,
    };
    let wanted = wide.key(at);
    let here = |group: &&EvidenceGroup| {
        group.kind == EvidenceKind::Run && wide.key(group.place()) == wanted
    };
    let groups: Vec<&EvidenceGroup> = evidence.groups.iter().filter(here).collect();
    let rows: u64 = groups.iter().map(|group| u64::from(group.rows)).sum();
    let mut models: Vec<&str> = groups.iter().map(|group| &*group.model).collect();
    models.sort_unstable();
    models.dedup();
    let versions = if wide == scope { "" } else { ", all versions" };
    format!(
        "fitted on {} of {}{versions}",
        counted(rows, "row"),
        counted(models.len() as u64, "model")
    )
}

fn counted(number: u64, what: &str) -> String {
    let several = if number == 1 { "" } else { "s" };
    format!("{} {what}{several}", crate::units::count(number))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{h100, llama_8b, system};
    use super::*;
    use crate::record::Calibration;

    #[test]
    fn cited_terms_and_shifts_make_the_term() {
        let pack = Calibration::fitted();
        let system = system(llama_8b(), h100(), 1);
        let names = [TermName::WeightBandwidth, TermName::StepOverhead];
        for (line, name) in term_lines(&pack, &system, &names).iter().zip(names) {
            let number = |text: &str| text.parse::<f64>().expect("a number");
            let cited = number(&line.inputs[0].value);
            let last = line.inputs.len() - 1;
            let shift: f64 = line.inputs[1..last]
                .iter()
                .map(|input| number(&input.value))
                .sum();
            let found = crate::record::shifted(name.range(), cited, shift);
            assert!((found / line.value - 1.0).abs() < 0.01, "{line:?}");
            assert!(last > 1, "runs moved it");
        }
    }
}
