//! "Did you mean": the known name nearest to one that was typed slightly wrong.

/// Bytes of a name that could be meant for another; comparing longer text would take time for nothing.
const LONGEST: usize = 100;

/// The known name nearest to `name`; `None` when nothing is near enough to be meant.
///
/// Case, `-`, `_`, `.` and spaces do not count. A name is near when at most a third of its letters must change
/// (Damerau–Levenshtein, as optimal string alignment), or when one of the two begins with the other.
///
/// ```
/// assert_eq!(phantom::diag::suggest("concurency", ["precision", "concurrency"]), Some("concurrency"));
/// assert_eq!(phantom::diag::suggest("h10", ["l4", "h100-sxm5-80gb"]), Some("h100-sxm5-80gb"));
/// assert_eq!(phantom::diag::suggest("zebra", ["precision", "concurrency"]), None);
/// ```
pub fn suggest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let plain = folded(name);
    if plain.is_empty() || plain.len() > LONGEST {
        return None;
    }
    known
        .into_iter()
        .filter_map(|candidate| Some((distance(&plain, &folded(candidate))?, candidate)))
        .min()
        .map(|(_, candidate)| candidate)
}

/// The name without what people leave out or mix up.
fn folded(name: &str) -> String {
    name.chars()
        .filter(|letter| !matches!(letter, '-' | '_' | '.' | ' '))
        .flat_map(char::to_lowercase)
        .collect()
}

/// How far two folded names are apart, in edits times two plus one for a mere beginning; `None` when too far.
fn distance(name: &str, candidate: &str) -> Option<usize> {
    let edits = strsim::osa_distance(name, candidate);
    let allowed = name.chars().count().max(candidate.chars().count()) / 3;
    if edits <= allowed.max(1) && edits < name.chars().count() {
        return Some(edits * 2);
    }
    let begins = name.len() >= 2 && candidate.starts_with(name)
        || candidate.len() >= 3 && name.starts_with(candidate);
    begins.then(|| candidate.len().abs_diff(name.len()) * 2 + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_and_separators_do_not_count() {
        assert_eq!(
            suggest("P99-TTFT", ["p90_ttft", "p99_ttft"]),
            Some("p99_ttft")
        );
    }

    #[test]
    fn the_nearest_wins_and_ties_go_to_the_first_by_name() {
        assert_eq!(suggest("tpo", ["ttft", "tpot"]), Some("tpot"));
        assert_eq!(suggest("ab", ["ac", "aa"]), Some("aa"));
    }
}
