//! From results to the view.

use super::chart::charts;
use super::choice::Choices;
use super::decision::{KeyColumns, decision, tiles};
use super::view::View;
use super::{answer, lists, points, trust};
use crate::record::Results;

/// The view of a results document: what every rendering shows.
///
/// It is a function of the document alone, so equal results give equal views.
pub fn view(results: &Results) -> View {
    let choices = Choices::of(results);
    let keys = KeyColumns::of(&choices);
    let (charts, not_shown) = charts(&choices, &keys);
    let presentation = &results.presentation;
    let inputs = &results.inputs;
    let title = match presentation.title.as_str() {
        "" => inputs.scenario_name.clone(),
        title => title.to_owned(),
    };
    View {
        schema: "phantom.view/v1",
        question: inputs.description.clone().unwrap_or_else(|| title.clone()),
        title,
        name: inputs.scenario_name.clone(),
        workload: presentation.workload_text.clone(),
        answer: answer::answer(&choices),
        tiles: tiles(&choices, &keys),
        decision: decision(&choices, &keys),
        charts,
        not_shown,
        verdicts: lists::verdicts(&choices),
        answers: answer::answers(&choices),
        accuracy: trust::accuracy(results),
        golden: results.golden.as_ref().map(lists::golden),
        findings: lists::findings(results),
        assumptions: lists::assumptions(results),
        skipped: lists::skipped(results),
        notes: lists::notes(results),
        points: points::points(&choices),
        glossary: lists::glossary(results),
        provenance: lists::provenance(results),
        sureness: trust::sureness(&choices),
        risks: trust::risks(&choices),
        method: trust::method(&choices),
    }
}
