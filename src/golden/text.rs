//! Changes as a terminal shows them.

use std::fmt::Write;

use similar::{ChangeTag, TextDiff};

use super::change::direction;
use crate::record::{GoldenChange, GoldenOutcome};
use crate::units::percent;

/// The changes of a comparison, at most `limit` of them, then a count: the accepted value after `-`, the new one after
/// `+`, with the change, its direction and the tolerance.
pub fn changed_lines(outcome: &GoldenOutcome, limit: usize) -> String {
    let mut out = String::new();
    for change in outcome.changes.iter().take(limit) {
        out.push_str(&change_lines(change));
    }
    let more = outcome.changes.len().saturating_sub(limit);
    if more > 0 {
        writeln!(out, "  … {more} more").expect("a string takes any text");
    }
    out
}

/// One change: where, the accepted value after `-`, the new one after `+` with the change, its direction and the tolerance.
pub fn change_lines(change: &GoldenChange) -> String {
    let old = change.old.as_deref().unwrap_or("absent");
    let new = change.new.as_deref().unwrap_or("absent");
    let by = change.change.map_or_else(String::new, |share| {
        let word =
            direction(&change.column, share).map_or_else(String::new, |word| format!(" {word}"));
        format!("  {}{word}", signed(share))
    });
    format!(
        "  {}  {}\n- {old}\n+ {new}{by}  (tolerance {})\n",
        change.key, change.column, change.tolerance
    )
}

/// A share with its sign, `+3.1 %`.
pub(super) fn signed(share: f64) -> String {
    let sign = if share < 0.0 { "−" } else { "+" };
    format!("{sign}{}", percent(share.abs(), 2))
}

/// Lines of an accepted and a pending golden file that differ, `-` before accepted ones and `+` before new ones.
pub fn file_lines(accepted: &str, new: &str) -> String {
    let mut out = String::new();
    for change in TextDiff::from_lines(accepted, new).iter_all_changes() {
        let sign = match change.tag() {
            ChangeTag::Delete => '-',
            ChangeTag::Insert => '+',
            ChangeTag::Equal => continue,
        };
        out.push(sign);
        out.push_str(change.value());
        if !change.value().ends_with('\n') {
            out.push('\n');
        }
    }
    out
}

/// How a new text differs from an accepted one: a unified difference with two lines around each change, at most `limit` lines,
/// then a count.
pub fn unified(name: &str, (accepted, new): (&str, &str), limit: usize) -> String {
    let diff = TextDiff::from_lines(accepted, new);
    let lines = diff
        .unified_diff()
        .context_radius(2)
        .header(&format!("accepted/{name}"), &format!("new/{name}"))
        .to_string();
    let mut out = String::new();
    for line in lines.lines().take(limit) {
        writeln!(out, "{line}").expect("a string takes any text");
    }
    let more = lines.lines().count().saturating_sub(limit);
    if more > 0 {
        writeln!(out, "… {more} more lines of {name}").expect("a string takes any text");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_shows_both_values_its_direction_and_the_tolerance() {
        let change = |key: &str| GoldenChange {
            key: key.to_owned(),
            column: "mean_ttft".to_owned(),
            old: Some("0.1".to_owned()),
            new: Some("0.12".to_owned()),
            change: Some(0.2),
            tolerance: "0.50 %".to_owned(),
        };
        let outcome = GoldenOutcome {
            file: String::new(),
            state: "differs",
            compared: 2,
            differing: 2,
            changes: vec![change("users=1"), change("users=2")],
        };
        assert_eq!(
            changed_lines(&outcome, 1),
            "  users=1  mean_ttft\n- 0.1\n+ 0.12  +20 % worse  (tolerance 0.50 %)\n  … 1 more\n"
        );
    }

    #[test]
    fn a_unified_difference_names_both_sides_and_is_cut_with_a_count() {
        let old = "a\nb\nc\nd\ne\nf\n";
        let new = old.replace("d\n", "x\ny\n");
        let expected = "\
--- accepted/report.html.txt
+++ new/report.html.txt
@@ -2,5 +2,6 @@
 b
 c
-d
+x
+y
 e
 f
";
        let whole = unified("report.html.txt", (old, &new), 40);
        assert_eq!(whole, expected);
        let cut = unified("report.html.txt", (old, &new), 4);
        assert!(
            cut.ends_with(" b\n… 6 more lines of report.html.txt\n"),
            "{cut}"
        );
        assert_eq!(unified("same", (old, old), 4), "");
    }

    #[test]
    fn only_lines_that_differ_are_shown() {
        assert_eq!(file_lines("a\nb\nc\n", "a\nx\nc\n"), "-b\n+x\n");
    }
}
