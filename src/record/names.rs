//! Names of the closed lists of the results document, as it writes them.

use super::{
    Basis, Bound, FindingClass, IntervalKind, SearchEnd, SensitivityMethod, Source, Verdict,
};
use crate::diag::Severity;
use crate::scenario::closed_list;

closed_list!(Basis {
    Datasheet "datasheet",
    Fitted "fitted",
    Measured "measured",
    Assumed "assumed",
    Mixed "mixed",
});

closed_list!(Source {
    Predicted "predicted",
    Measured "measured",
    Imported "imported",
});

closed_list!(IntervalKind {
    CalibratedResidual "calibrated-residual",
    TermBounds "term-bounds",
    StudentT "student-t",
    EffectiveN "effective-n",
    OrderStatistic "order-statistic",
    Wilson "wilson",
    Carried "carried",
    None "none",
});

closed_list!(Verdict {
    Pass "pass",
    Inconclusive "inconclusive",
    Fail "fail",
});

closed_list!(SearchEnd {
    Crossed "crossed",
    FailsAtFrom "fails-at-from",
    PassesAtTo "passes-at-to",
    GaveUp "gave-up",
});

closed_list!(SensitivityMethod {
    Exact "exact",
    Relative "relative",
});

closed_list!(FindingClass {
    Golden "golden",
    Slo "slo",
    Regression "regression",
    Validity "validity",
    Inconclusive "inconclusive",
    Skip "skip",
    Accuracy "accuracy",
});

closed_list!(Bound {
    Compute "compute",
    MemoryBandwidth "memory-bandwidth",
    MemoryCapacity "memory-capacity",
    Link "link",
    Launch "launch",
    Host "host",
});

/// Texts that the document holds as constants, so that a read document equals the written one.
const CONSTANTS: [&str; 30] = [
    "predict",
    "native",
    "openai",
    "spawn",
    "import",
    "analytic",
    "simulate",
    "client",
    "iterations",
    "tool",
    "derived",
    "on_demand",
    "spot",
    "reserved_1y",
    "reserved_3y",
    "owned",
    "prefill",
    "decode",
    "match",
    "differs",
    "accepted",
    "none",
    "server-unreachable",
    "program-missing",
    "no-file-matches",
    "no-graph",
    "hardware-mismatch",
    "not-selected",
    "not-in-this-version",
    "not-modelled-yet",
];

/// The constant of that text.
pub(super) fn constant(text: &str) -> Option<&'static str> {
    let bound = || Bound::from_name(text).map(Bound::name);
    let listed = || CONSTANTS.iter().copied().find(|one| *one == text);
    listed().or_else(bound)
}

/// The name of a severity as results write it.
pub(super) const fn severity_name(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}

/// The severity of that name.
pub(super) fn severity(name: &str) -> Option<Severity> {
    [Severity::Error, Severity::Warning, Severity::Note]
        .into_iter()
        .find(|severity| severity_name(*severity) == name)
}
