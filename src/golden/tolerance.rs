//! When an accepted and a new value agree.

use super::document::GoldenValue;
use super::glob::matches;
use crate::record::json::number_text;
use crate::scenario::{GoldenRules, Tolerance};
use crate::units::percent;

/// The rule of columns that no rule names.
const DEFAULT: Tolerance = Tolerance::Within {
    rel: 0.005,
    abs: 0.0,
};
/// The name of the rule that a scenario gives instead.
const DEFAULT_NAME: &str = "default";

/// The rule of a column: its exact name, then the first glob that names it, then exactness of what is no number, then
/// `default`.
pub(super) fn rule(rules: &GoldenRules, column: &str, value: &GoldenValue) -> Tolerance {
    let find = |meant: &dyn Fn(&str) -> bool| {
        rules
            .tolerance
            .iter()
            .find(|(name, _)| meant(name))
            .map(|(_, tolerance)| *tolerance)
    };
    find(&|name| name == column)
        .or_else(|| find(&|name| name != DEFAULT_NAME && matches(name, column)))
        .unwrap_or_else(|| match value {
            GoldenValue::Number(_) => find(&|name| name == DEFAULT_NAME).unwrap_or(DEFAULT),
            GoldenValue::Flag(_) | GoldenValue::Text(_) => Tolerance::Exact,
        })
}

/// `|new − old| ≤ max(abs, rel · |old|)` for numbers; what is no number must be equal.
pub(super) fn agree(old: &GoldenValue, new: &GoldenValue, tolerance: Tolerance) -> bool {
    match (tolerance, old, new) {
        (Tolerance::Ignore, _, _) => true,
        (Tolerance::Within { rel, abs }, GoldenValue::Number(old), GoldenValue::Number(new)) => {
            (new - old).abs() <= abs.max(rel * old.abs())
        }
        (Tolerance::Within { .. } | Tolerance::Exact, old, new) => old == new,
    }
}

/// The rule as a person reads it.
pub(super) fn words(tolerance: Tolerance) -> String {
    match tolerance {
        Tolerance::Ignore => "ignored".to_owned(),
        Tolerance::Exact => "exact".to_owned(),
        Tolerance::Within { rel, abs } => match (rel > 0.0, abs > 0.0) {
            (_, false) => percent(rel, 2),
            (false, true) => number_text(abs),
            (true, true) => format!("{} or {}", percent(rel, 2), number_text(abs)),
        },
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    pub(super) fn rules(tolerance: &[(&str, Tolerance)]) -> GoldenRules {
        GoldenRules {
            tolerance: tolerance
                .iter()
                .map(|(name, tolerance)| ((*name).to_owned(), *tolerance))
                .collect(),
            ..GoldenRules::sample()
        }
    }

    const WIDE: Tolerance = Tolerance::Within { rel: 0.1, abs: 0.0 };

    #[test]
    fn an_exact_name_wins_over_a_glob_and_the_first_glob_over_default() {
        let rules = rules(&[
            ("default", WIDE),
            ("*_ttft", Tolerance::Ignore),
            ("p99_*", Tolerance::Exact),
            ("p99_ttft", Tolerance::Exact),
        ]);
        let number = GoldenValue::Number(1.0);
        assert_eq!(rule(&rules, "p99_ttft", &number), Tolerance::Exact);
        assert_eq!(rule(&rules, "p50_ttft", &number), Tolerance::Ignore);
        assert_eq!(rule(&rules, "p99_tpot", &number), Tolerance::Exact);
        assert_eq!(rule(&rules, "power", &number), WIDE);
        let verdict = GoldenValue::Text("pass".to_owned());
        assert_eq!(rule(&rules, "verdict.chat", &verdict), Tolerance::Exact);
    }

    #[test]
    fn without_rules_half_a_percent_is_tolerated() {
        let old = GoldenValue::Number(200.0);
        let tolerance = rule(&rules(&[]), "power", &old);
        assert!(agree(&old, &GoldenValue::Number(201.0), tolerance));
        assert!(!agree(&old, &GoldenValue::Number(201.1), tolerance));
        assert!(!agree(&old, &GoldenValue::Flag(true), tolerance));
        assert_eq!(words(tolerance), "0.50 %");
    }

    proptest! {
        #[test]
        fn better_and_worse_are_tolerated_alike(
            old in 1e-6f64..1e12, change in 0.0f64..0.5, rel in 0.0f64..0.5, abs in 0.0f64..10.0,
        ) {
            let tolerance = Tolerance::Within { rel, abs };
            let by = change * old;
            let agrees = |new: f64| agree(&GoldenValue::Number(old), &GoldenValue::Number(new), tolerance);
            // The two distances differ by a rounding error, so the very edge is left out.
            prop_assume!((by - abs.max(rel * old)).abs() > 1e-9 * old);
            prop_assert_eq!(agrees(old + by), agrees(old - by));
            prop_assert!(agrees(old));
        }

        #[test]
        fn a_wider_tolerance_never_disagrees_more(
            old in -1e6f64..1e6, new in -1e6f64..1e6, rel in 0.0f64..1.0, abs in 0.0f64..10.0, more in 0.0f64..10.0,
        ) {
            let (old, new) = (GoldenValue::Number(old), GoldenValue::Number(new));
            let narrow = Tolerance::Within { rel, abs };
            let wide = Tolerance::Within { rel: rel + more, abs: abs + more };
            prop_assert!(!agree(&old, &new, narrow) || agree(&old, &new, wide));
        }
    }
}
