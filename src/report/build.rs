//! From results to the view.

use super::chart::{charts, on_frontiers};
use super::choice::Choices;
use super::decision::{ALL_OPTIONS, FEW_OPTIONS, MOST_OPTIONS, decision};
use super::keys::KeyColumns;
use super::payments::payments;
use super::regions::regions;
use super::tiles::tiles;
use super::view::View;
use super::what_if::what_if;
use super::{answer, changes, evidence, knee, lists, points, provenance, questions, trust};
use crate::record::Results;
use crate::record::results_json::results_id;

/// The view of a results document: what every rendering shows.
///
/// It is a function of the document alone, so equal results give equal views.
pub fn view(results: &Results) -> View {
    build(results, Some(&results_id(results)))
}

/// The view without the id of the document, for renderings that do not show it: hashing a large document takes longer than
/// everything else they need.
pub fn view_without_id(results: &Results) -> View {
    build(results, None)
}

fn build(results: &Results, id: Option<&str>) -> View {
    let choices = Choices::of(results);
    let keys = KeyColumns::of(&choices);
    let (charts, not_shown) = charts(&choices, &keys);
    let frontiers = on_frontiers(&choices, &charts);
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
        decision: decision(&choices, &keys, MOST_OPTIONS),
        options: decision(&choices, &keys, ALL_OPTIONS),
        brief: decision(&choices, &keys, FEW_OPTIONS),
        comparisons: regions(&choices)
            .into_iter()
            .chain(payments(&choices))
            .chain(what_if(&choices, &keys))
            .collect(),
        charts,
        not_shown,
        verdicts: lists::verdicts(&choices),
        answers: questions::questions(&choices),
        searches: knee::steps(&choices),
        accuracy: trust::accuracy(&choices),
        golden: results.golden.as_ref().map(lists::golden),
        findings: lists::findings(results),
        assumptions: lists::assumptions(results),
        evidence: evidence::evidence(&choices),
        further_evidence: evidence::further(&choices, &frontiers),
        brief_assumptions: lists::brief_assumptions(results),
        skipped: lists::skipped(results),
        notes: lists::notes(results),
        points: points::points(&choices),
        glossary: provenance::glossary(&choices),
        provenance: provenance::provenance(results, id),
        date: provenance::date(results),
        sureness: trust::sureness(&choices),
        changes: changes::changes(&choices),
        risks: trust::risks(&choices),
        method: trust::method(&choices),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture;

    #[test]
    fn the_view_of_a_serving_scenario() {
        let mut view = view(&fixture::results());
        // Drawings have tests of their own, and the data of all points is long.
        view.charts.iter_mut().for_each(|chart| chart.svg.clear());
        view.points.table.rows.truncate(2);
        view.options.rows.truncate(1);
        view.points.json.clear();
        insta::assert_yaml_snapshot!(view);
    }

    #[test]
    fn the_id_of_the_document_is_shown_unless_it_is_left_out() {
        let results = fixture::results();
        let id: String = results_id(&results).chars().take(12).collect();
        let (whole, mut without) = (view(&results), view_without_id(&results));
        let place = whole.provenance.iter().position(|fact| fact.value == id);
        let place = place.expect("a view shows the id");
        without
            .provenance
            .insert(place, whole.provenance[place].clone());
        assert_eq!(without.provenance, whole.provenance);
        assert_eq!(without.answer, whole.answer);
    }

    #[test]
    fn drawings_are_well_formed_and_stable() {
        let charts = view(&fixture::results()).charts;
        let ids: Vec<&str> = charts.iter().map(|chart| chart.id).collect();
        assert_eq!(
            ids,
            [
                "pareto",
                "latency_load",
                "cost",
                "memory",
                "energy",
                "roofline",
                "tornado",
                "fleet_size",
                "heatmap"
            ]
        );
        assert_eq!(charts, view(&fixture::results()).charts);
        for chart in charts {
            well_formed(&chart.svg);
            assert!(
                chart.svg.contains("<title") && chart.svg.contains("<desc"),
                "{}",
                chart.id
            );
            assert!(
                !chart.svg.contains("NaN") && !chart.svg.contains("inf\""),
                "{}",
                chart.id
            );
            assert!(!chart.table.rows.is_empty(), "{} has no table", chart.id);
        }
    }

    #[test]
    fn results_without_prices_limits_or_answers_still_make_a_view() {
        let mut results = fixture::results();
        results.presentation.pricing = None;
        results.presentation.slos.clear();
        results.presentation.questions.clear();
        results.answers.clear();
        for point in &mut results.points {
            point.verdicts.clear();
            point
                .metrics
                .retain(|column, _| !column.metric.name().starts_with("cost"));
        }
        let view = view(&results);
        assert!(
            view.not_shown
                .iter()
                .any(|omitted| omitted.id == "cost" && omitted.why == "no price given")
        );
        assert!(view.decision.rows.len() == 6);
        results.points.clear();
        results.sensitivity.clear();
        assert!(super::view(&results).charts.is_empty());
    }

    /// Every tag is closed in order and every text escaped: what an XML parser asks of what we write.
    fn well_formed(svg: &str) {
        let mut open: Vec<&str> = Vec::new();
        let mut rest = svg;
        while let Some(start) = rest.find('<') {
            assert!(
                !rest[..start].contains('>'),
                "a bare > in {}",
                &rest[..start]
            );
            let end = start + rest[start..].find('>').expect("a tag ends");
            let tag = &rest[start + 1..end];
            let name = tag
                .trim_start_matches('/')
                .split([' ', '/'])
                .next()
                .unwrap_or_default();
            assert_eq!(tag.matches('"').count() % 2, 0, "{tag}");
            if tag.starts_with('/') {
                assert_eq!(open.pop(), Some(name));
            } else if !tag.ends_with('/') {
                open.push(name);
            }
            rest = &rest[end + 1..];
        }
        assert!(open.is_empty(), "{open:?} left open");
    }
}
