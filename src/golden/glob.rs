//! Globs over names of columns and points.

use glob::{MatchOptions, Pattern};

/// True when `name` is meant by `pattern`; a pattern that cannot be read means only itself.
pub(super) fn matches(pattern: &str, name: &str) -> bool {
    const OPTIONS: MatchOptions = MatchOptions {
        case_sensitive: true,
        require_literal_separator: false,
        require_literal_leading_dot: false,
    };
    pattern == name
        || Pattern::new(pattern).is_ok_and(|pattern| pattern.matches_with(name, OPTIONS))
}
