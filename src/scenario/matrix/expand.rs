//! From the key `matrix` to an expansion, within the limit of points.

use super::axes::Product;
use super::entries::{Context, Include, Pattern, exclude, include};
use super::expansion::Expansion;
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::scenario::{AxisPaths, Document, Node};
use crate::source::Span;

/// `matrix.max_points` where the document does not say.
pub const DEFAULT_MAX_POINTS: u64 = 100_000;

/// The largest `matrix.max_points`.
const MOST_POINTS: u64 = 10_000_000;

/// Combinations that are looked at one by one to see which of them `exclude` leaves.
const MAX_LOOKED_AT: u128 = 20_000_000;

/// Expands the matrix of a document; without one there is one point.
///
/// # Errors
///
/// Every problem of the matrix at once; `too-many-points` shows the size of every axis and is found without expanding.
pub fn expand(document: &Document, paths: &dyn AxisPaths) -> Result<Expansion, Diagnostics> {
    let mut context = Context::new(document, paths);
    let absent = Node::empty_map(document.root.span);
    let matrix = document
        .root
        .get("matrix")
        .filter(|node| !node.is_null())
        .unwrap_or(&absent);
    context.map(Some(matrix), "matrix itself");
    let product = Product::read(matrix, &mut context);
    let limit = max_points(matrix, &mut context);
    let place = matrix.get("axes").unwrap_or(matrix).span;
    if product.len() > u128::from(limit) {
        let has_exclude = matrix
            .get("exclude")
            .is_some_and(|node| !node.items().is_empty());
        if !has_exclude || product.len() > MAX_LOOKED_AT {
            context
                .problems
                .push(too_many(product.len(), limit, &product, place));
            return Err(context.problems);
        }
    }
    let excludes: Vec<Pattern> = context
        .list(matrix.get("exclude"), "exclude")
        .iter()
        .filter_map(|entry| exclude(entry, &product, &mut context))
        .collect();
    let includes: Vec<Include> = context
        .list(matrix.get("include"), "include")
        .iter()
        .map(|entry| include(entry, &product, &mut context))
        .collect();
    if context.problems.is_empty() {
        let expansion = put_together(product, &excludes, includes, context.warnings);
        within(expansion, limit, place)
    } else {
        Err(context.problems)
    }
}

fn put_together(
    product: Product,
    excludes: &[Pattern],
    includes: Vec<Include>,
    warnings: Diagnostics,
) -> Expansion {
    // Without axes and zip groups, entries of `include` are the points; without those either, there is one point.
    let alone = product.factors.is_empty() && !includes.is_empty();
    let combinations = if alone { 0 } else { product.len() as u64 };
    let left = (!excludes.is_empty()).then(|| not_excluded(&product, combinations, excludes));
    let fits = |include: &Include| match &left {
        _ if alone => false,
        Some(left) => left.iter().any(|position| {
            include
                .pattern
                .matches(&product.levels(u64::from(*position)))
        }),
        None => include.pattern.possible(),
    };
    let created = includes
        .iter()
        .enumerate()
        .filter(|(_, include)| !fits(include))
        .map(|(index, _)| index)
        .collect();
    Expansion {
        product,
        combinations,
        left,
        includes,
        created,
        warnings,
    }
}

fn not_excluded(product: &Product, combinations: u64, excludes: &[Pattern]) -> Vec<u32> {
    let mut levels = vec![0; product.factors.len()];
    let mut left = Vec::new();
    for position in 0..combinations {
        if !excludes.iter().any(|pattern| pattern.matches(&levels)) {
            left.push(u32::try_from(position).expect("few enough combinations are looked at"));
        }
        // The next combination, the last factor first.
        for (level, factor) in levels.iter_mut().zip(&product.factors).rev() {
            *level += 1;
            if *level < factor.len {
                break;
            }
            *level = 0;
        }
    }
    left
}

fn within(expansion: Expansion, limit: u64, place: Span) -> Result<Expansion, Diagnostics> {
    if expansion.is_empty() {
        let problem = Diagnostic::error(Code::NoPoints, "the matrix has no point left", place)
            .label("every combination is excluded")
            .help("remove an entry of `exclude`, or add a point with `include`");
        return Err(problem.into());
    }
    if expansion.len() > limit {
        let points = u128::from(expansion.len());
        return Err(too_many(points, limit, &expansion.product, place).into());
    }
    Ok(expansion)
}

fn too_many(points: u128, limit: u64, product: &Product, place: Span) -> Diagnostic {
    let sizes: Vec<String> = product
        .factors
        .iter()
        .map(|factor| format!("{} {}", factor.name, factor.len))
        .collect();
    let count = if points == u128::MAX {
        "far too many".to_owned()
    } else {
        points.to_string()
    };
    let message = format!("the matrix has {count} points, more than the {limit} allowed");
    Diagnostic::error(Code::TooManyPoints, message, place)
        .label(sizes.join(" × "))
        .help("shorten an axis, use `zip` or `exclude`, or raise `matrix.max_points`")
}

fn max_points(matrix: &Node, context: &mut Context<'_>) -> u64 {
    let Some(node) = matrix.get("max_points") else {
        return DEFAULT_MAX_POINTS;
    };
    let count = node.scalar().and_then(crate::scenario::Scalar::as_int);
    match count.and_then(|count| u64::try_from(count).ok()) {
        Some(count) if count > 0 => count,
        Some(_) | None => {
            let message = format!("`matrix.max_points` is a count from 1 to {MOST_POINTS}");
            let problem = Diagnostic::error(Code::BadValue, message, node.span);
            context.problems.push(problem);
            DEFAULT_MAX_POINTS
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::*;
    use crate::scenario::sample::{Paths, document};
    use crate::scenario::{AxisValue, Combination, Origin};

    const BASE: &str = "models: {a: {catalog: x}, b: {catalog: y}}\nhardware: {g: {catalog: z}, h: {catalog: z}}\nworkload: {llm: {isl: 1024, load: {concurrency: 16}}}\n";

    fn expanded(matrix: &str) -> Expansion {
        let document = document(&format!("{BASE}matrix:\n{matrix}"));
        expand(&document, &Paths).expect("the matrix is good")
    }

    fn shown(combination: &Combination<'_>) -> String {
        let mut text = String::new();
        for assignment in combination.assignments() {
            let AxisValue::Text(value) = AxisValue::of(&assignment.node) else {
                write!(text, "{}={} ", assignment.name, assignment.node.flow())
                    .expect("text can be written");
                continue;
            };
            write!(text, "{}={value} ", assignment.name).expect("text can be written");
        }
        if combination.origin == Origin::Include {
            text.push_str("(new)");
        }
        text.trim().to_owned()
    }

    fn points(matrix: &str) -> Vec<String> {
        expanded(matrix)
            .iter()
            .map(|combination| shown(&combination))
            .collect()
    }

    #[test]
    fn the_first_axis_varies_slowest_and_zip_comes_last() {
        assert_eq!(
            points(
                "  axes: {model: [a, b], tp: 1..2}\n  zip: [{isl: [8, 9], precision: [bf16, fp8]}]\n"
            )[..5],
            [
                "model=a tp=1 isl=8 precision=bf16",
                "model=a tp=1 isl=9 precision=fp8",
                "model=a tp=2 isl=8 precision=bf16",
                "model=a tp=2 isl=9 precision=fp8",
                "model=b tp=1 isl=8 precision=bf16",
            ]
        );
    }

    #[test]
    fn the_examples_have_the_points_they_say() {
        let serving = "  axes: {model: [a, b], hardware: [g, h], precision: [bf16, fp8], concurrency: 1..256*2}\n  exclude: [{model: b, hardware: g}, {model: a, hardware: h}]\n  include: [{model: b, hardware: h, precision: fp8, concurrency: 512}]\n";
        assert_eq!(expanded(serving).len(), 2 * 2 * 2 * 9 - 36 + 1);
        let offload = "  axes: {model: [a, b], runtime.n_gpu_layers: 0..80+8, hardware.host.memory.speed: [4800MT/s, 5600MT/s, 6400MT/s]}\n  exclude: [{model: b}]\n  include:\n    - {model: b, precision: mxfp4, runtime.n_gpu_layers: all, hardware.host.memory.speed: 5600 MT/s}\n    - {model: b, precision: mxfp4, runtime.n_gpu_layers: all, runtime.n_cpu_moe: 28}\n";
        assert_eq!(expanded(offload).len(), 66 - 33 + 2);
    }

    #[test]
    fn include_extends_what_it_does_not_contradict() {
        assert_eq!(
            points(
                "  axes: {model: [a, b], tp: [1, 2]}\n  include:\n    - {model: b, isl: 7, runtime.x: old}\n    - {runtime.x: new}\n    - {tp: 3, isl: 9}\n    - {model: b, tp: 1}\n"
            ),
            [
                "model=a tp=1 runtime.x=new",
                "model=a tp=2 runtime.x=new",
                "model=b tp=1 isl=7 runtime.x=new",
                "model=b tp=2 isl=7 runtime.x=new",
                "tp=3 isl=9 (new)",
            ]
        );
    }

    #[test]
    fn an_excluded_combination_comes_back_as_a_point_of_its_own() {
        assert_eq!(
            points(
                "  axes: {model: [a, b], tp: [1, 2]}\n  exclude: [{model: b}]\n  include: [{model: b, tp: 2, isl: 5}]\n"
            ),
            ["model=a tp=1", "model=a tp=2", "model=b tp=2 isl=5 (new)"]
        );
    }

    #[test]
    fn another_load_mode_contradicts_the_axis() {
        assert_eq!(
            points("  axes: {concurrency: [1, 2]}\n  include: [{request_rate: 5 req/s}]\n"),
            [
                "concurrency=1",
                "concurrency=2",
                "request_rate=5 req/s (new)"
            ]
        );
    }

    #[test]
    fn a_path_and_its_alias_are_one_axis() {
        assert_eq!(
            points(
                "  axes: {isl: [8, 4k]}\n  exclude: [{workload.llm.isl: 4000}]\n  include: [{workload.llm.isl: 8, tp: 2}]\n"
            ),
            ["isl=8 tp=2"]
        );
    }

    #[test]
    fn without_axes_each_include_is_a_point() {
        assert_eq!(
            points("  include: [{tp: 1}, {tp: 2}]\n"),
            ["tp=1 (new)", "tp=2 (new)"]
        );
        assert_eq!(points("  max_points: 5\n"), [""]);
    }

    #[test]
    fn a_million_points_need_no_room() {
        let expansion =
            expanded("  max_points: 1000000\n  axes: {concurrency: 1..1000, isl: 1..1000}\n");
        assert_eq!(expansion.len(), 1_000_000);
        assert_eq!(
            shown(&expansion.combination(123_456)),
            "concurrency=124 isl=457"
        );
    }

    #[test]
    fn an_exclude_that_fits_nothing_is_a_warning() {
        let expansion = expanded("  axes: {tp: [1, 2]}\n  exclude: [{tp: 3}]\n");
        assert_eq!((expansion.len(), expansion.warnings.len()), (2, 1));
    }
}
