//! Options over budget, in sentences: limits on money and carbon that the options of a report miss, or may miss.

use super::choice::{Choice, Choices};
use super::number::{Shown, percent};
use crate::record::{Column, LimitSummary, ValueEntry, Verdict};

/// Options that are named one by one; the rest is counted.
const LISTED: usize = 2;

/// One sentence for each option that misses or may miss a limit on money or carbon, as far as they can be listed.
pub fn budgets(choices: &Choices) -> Vec<String> {
    let slos = choices.results.presentation.slos.iter();
    let limits = slos.flat_map(|slo| slo.limits.iter().map(move |limit| (&slo.name, limit)));
    limits
        .filter(|(_, limit)| is_budget(limit))
        .flat_map(|(slo, limit)| of_limit(choices, slo, limit))
        .collect()
}

/// A limit on what is spent, in money or carbon.
fn is_budget(limit: &LimitSummary) -> bool {
    let spent = limit.name.starts_with("cost_") || limit.name.starts_with("carbon_");
    spent && limit.comparison == "<="
}

fn of_limit(choices: &Choices, slo: &str, limit: &LimitSummary) -> Vec<String> {
    let Ok(column) = limit.name.parse::<Column>() else {
        return Vec::new();
    };
    let mut over = Vec::new();
    for option in &choices.options {
        let Some(entry) = option.chosen.predicted(column) else {
            continue;
        };
        let (lo, hi) = entry
            .interval
            .map_or((entry.value, entry.value), |(lo, hi, _)| (lo, hi));
        if lo > limit.limit {
            over.push((Verdict::Fail, option, entry));
        } else if hi > limit.limit {
            over.push((Verdict::Inconclusive, option, entry));
        }
    }
    // What is recommended comes first.
    over.sort_by_key(|(_, option, _)| !option.recommended);
    let rest = over.len().saturating_sub(LISTED);
    let mut lines: Vec<String> = over
        .iter()
        .take(LISTED)
        .map(|(verdict, option, entry)| {
            sentence(
                choices,
                (*verdict, option),
                (column, entry),
                (slo, limit.limit),
            )
        })
        .collect();
    if rest > 0 {
        lines.push(format!(
            "{rest} more options are over the budget of {slo} or may be."
        ));
    }
    lines
}

fn sentence(
    choices: &Choices,
    (verdict, option): (Verdict, &Choice),
    (column, entry): (Column, &ValueEntry),
    (slo, limit): (&str, f64),
) -> String {
    let shown = Shown::of(column, &entry.unit, limit);
    let load = choices.load_text(option.chosen);
    let at = if load.is_empty() {
        String::new()
    } else {
        format!(" at {load}")
    };
    let who = format!("{}{at}", option.full_name());
    let what = super::label::lower_first(&super::label::column(column));
    match verdict {
        Verdict::Fail => {
            let over = if limit > 0.0 {
                format!("{} above", percent(entry.value / limit - 1.0))
            } else {
                "above".to_owned()
            };
            format!(
                "{who} is over budget ({slo}): {what} is {}, {over} {}.",
                shown.text(entry.value),
                shown.text(limit)
            )
        }
        Verdict::Inconclusive | Verdict::Pass => {
            let range = entry.interval.map_or_else(String::new, |(lo, hi, _)| {
                format!(" [{}]", shown.interval(lo, hi))
            });
            format!(
                "{who} cannot be told yet to be within budget ({slo}): {what} is {}{range}, and the range spans {}.",
                shown.text(entry.value),
                shown.text(limit)
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::SloSummary;
    use crate::report::fixture;

    /// The budgets of the fixture, whose options cost from 1.86 USD/h on.
    fn said(limit: f64) -> Vec<String> {
        let mut results = fixture::results();
        results.presentation.slos.push(SloSummary {
            name: "budget".to_owned(),
            text: String::new(),
            limits: vec![LimitSummary {
                name: "cost_per_mtok_output".to_owned(),
                attainment: None,
                comparison: "<=".to_owned(),
                limit,
                text: String::new(),
            }],
            severity: "error".to_owned(),
        });
        budgets(&Choices::of(&results))
    }

    #[test]
    fn an_option_over_budget_says_by_how_much_and_one_near_it_that_it_cannot_be_told() {
        assert!(said(1e9).is_empty());
        let all = said(1e-9);
        assert!(all[0].contains("is over budget (budget)"), "{all:?}");
        assert_eq!(all.len(), LISTED + 1, "the rest is counted");
        let results = fixture::results();
        let choices = Choices::of(&results);
        let option = choices.options.iter().find(|option| option.recommended);
        let column = "cost_per_mtok_output".parse().expect("a column");
        let entry = option.and_then(|option| option.chosen.predicted(column));
        let near = said(entry.expect("it is priced").value);
        assert!(
            near.iter().any(|line| line.contains("cannot be told yet")),
            "{near:?}"
        );
    }
}
