//! The sections of a point's document.

use super::scope::{ExpressionScope, PointScope};
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::scenario::environment::part_span;
use crate::scenario::{Combination, Document, Node, Value};

/// The whole document of a point.
///
/// # Errors
///
/// Every value that cannot be set and every expression that cannot be evaluated.
pub fn apply(
    document: &Document,
    combination: &Combination<'_>,
    scope: &ExpressionScope<'_>,
) -> Result<Node, Diagnostics> {
    let mut problems = Diagnostics::default();
    let mut root = Node::empty_map(document.root.span);
    let mut add = |key: &str, key_span| match apply_section(document, combination, key, scope) {
        Ok(Some(node)) => root.set(key, key_span, node),
        Ok(None) => {}
        Err(found) => problems.extend(found),
    };
    for entry in document.root.entries() {
        add(&entry.key, entry.key_span);
    }
    for assignment in combination.assignments() {
        let key = assignment.target.section();
        if document.root.get(key).is_none() {
            add(key, assignment.node.span);
        }
    }
    if problems.is_empty() {
        Ok(root)
    } else {
        Err(problems)
    }
}

/// One top-level key of a point's document; `None` when neither the document nor the combination has it.
///
/// # Errors
///
/// As [`apply`].
pub fn apply_section(
    document: &Document,
    combination: &Combination<'_>,
    key: &str,
    scope: &ExpressionScope<'_>,
) -> Result<Option<Node>, Diagnostics> {
    let point = PointScope::new(document, combination, *scope);
    let base = document.root.get(key);
    let mut assignments = combination
        .assignments()
        .filter(|assignment| assignment.target.section() == key)
        .peekable();
    let mut section = match (base, assignments.peek()) {
        (Some(node), _) => node.clone(),
        (None, Some(first)) => Node::empty_map(first.node.span),
        (None, None) => return Ok(None),
    };
    let mut problems = Diagnostics::default();
    let places = point.places();
    for assignment in assignments {
        if let Err(problem) = places.assign(&mut section, assignment, scope.paths.load_modes()) {
            problems.push(problem);
        }
    }
    walk(&mut section, &point, &mut problems);
    if problems.is_empty() {
        Ok(Some(section))
    } else {
        Err(problems)
    }
}

/// Evaluates the expressions of any part of the document for a point.
///
/// # Errors
///
/// Every expression that cannot be evaluated.
pub fn evaluate(
    node: &Node,
    document: &Document,
    combination: &Combination<'_>,
    scope: &ExpressionScope<'_>,
) -> Result<Node, Diagnostics> {
    let point = PointScope::new(document, combination, *scope);
    let mut evaluated = node.clone();
    let mut problems = Diagnostics::default();
    walk(&mut evaluated, &point, &mut problems);
    if problems.is_empty() {
        Ok(evaluated)
    } else {
        Err(problems)
    }
}

fn walk(node: &mut Node, point: &PointScope<'_>, problems: &mut Diagnostics) {
    match &mut node.value {
        Value::Map(entries) => {
            for entry in entries {
                walk(&mut entry.node, point, problems);
            }
        }
        Value::List(items) => {
            for item in items {
                walk(item, point, problems);
            }
        }
        Value::Scalar(scalar) if scalar.literal || !scalar.text.contains("$(") => {}
        Value::Scalar(scalar) => match point.evaluate(scalar) {
            Ok(value) => *scalar = value,
            Err(error) => {
                let (start, end) = error.place;
                let place = part_span(scalar, node.span, start, end - start);
                let problem = Diagnostic::error(Code::BadExpression, error.message, place);
                problems.push(match error.help {
                    Some(help) => problem.help(help),
                    None => problem,
                });
            }
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::sample::{Catalogue, Paths, SCOPE, document, point};
    use crate::scenario::{Dependencies, expand, sections_using};

    const BASE: &str = "models: {a: {catalog: x}, b: {catalog: y, revision: main}}\nhardware: {g: {catalog: z}, h: {catalog: z, count: 4}}\nworkload: {llm: {isl: 1024, load: {request_rate: 5 req/s, arrival: poisson, requests: 10}}}\nvars: {n: 8, m: $(vars.n * 2)}\nruntime: {name: vllm, threads: $(point.concurrency)}\n";

    fn applied(rest: &str, index: u64) -> Node {
        let document = document(&format!("{BASE}{rest}"));
        let expansion = expand(&document, &Paths).expect("the matrix is good");
        apply(&document, &expansion.combination(index), &SCOPE).expect("the point is good")
    }

    fn at(node: &Node, path: &str) -> String {
        node.at(path.split('.'))
            .map_or_else(|| "absent".to_owned(), Node::flow)
    }

    #[test]
    fn a_selection_keeps_one_entry_and_fields_go_to_it() {
        let node = applied(
            "matrix: {axes: {model: [a, b], hardware: [h], hardware.nodes: [2], concurrency: [4]}}\n",
            1,
        );
        assert_eq!(at(&node, "models"), "{b: {catalog: y, revision: main}}");
        assert_eq!(
            at(&node, "hardware"),
            "{h: {catalog: z, count: 4, nodes: 2}}"
        );
    }

    #[test]
    fn one_load_mode_replaces_the_other_with_its_options() {
        let node = applied("matrix: {axes: {concurrency: [4]}}\n", 0);
        assert_eq!(
            at(&node, "workload.llm.load"),
            "{requests: 10, concurrency: 4}"
        );
        assert_eq!(at(&node, "runtime.threads"), "4");
        let node = applied(
            "matrix: {axes: {request_rate: [9 req/s]}, include: [{runtime.threads: 1}]}\n",
            0,
        );
        assert_eq!(
            at(&node, "workload.llm.load"),
            "{request_rate: 9 req/s, arrival: poisson, requests: 10}"
        );
    }

    #[test]
    fn missing_sections_are_made() {
        let node = applied(
            "matrix: {axes: {concurrency: [1], deployment.tp: [2], precision: [fp8]}}\n",
            0,
        );
        assert_eq!(
            (at(&node, "deployment"), at(&node, "precision")),
            ("{tp: 2}".into(), "fp8".into())
        );
    }

    #[test]
    fn names_give_the_values_of_the_point() {
        let text = "models: {m: {catalog: x, revision: r1}}\nhardware: {g: {count: 4}}\nprecision: q4_k_m\nvars: {n: 8, m: $(vars.n * 2), share: 60%, size: 80 GB, v: '$(1)'}\nruntime: {version: \"0.10\", mode: 15W}\nworkload: {llm: {isl: 1024, osl: {dist: fixed}}}\nrun:\n  - args: [$(model.id)-$(point.precision).gguf, $(point.isl), $(runtime.version), $(runtime.mode)x, $(hardware.count * vars.m)]\n    all: [$(vars.share), $(vars.size / 2), $(point.model), $(model.revision), \"$(vars.n)\", $(vars.n > 7), $(vars.v)]\n";
        let node = point(text);
        assert_eq!(
            at(&node, "run.0.args"),
            "[llama-3.1-8b-q4_k_m.gguf, 1024, \"0.10\", 15Wx, 64]"
        );
        assert_eq!(
            at(&node, "run.0.all"),
            "[60%, 40000000000 B, 'm', r1, 8, true, '$(1)']"
        );
    }

    #[test]
    fn expressions_that_multiply_are_stopped() {
        let level = |level: usize| {
            let next = format!("$(vars.v{})", level + 1);
            format!("  v{level}: {}\n", next.repeat(9))
        };
        let vars = (0..15).map(level).collect::<Vec<_>>().concat();
        let document = document(&format!("vars:\n{vars}  v15: x\na: $(vars.v0)\n"));
        let problems = apply(&document, &Combination::empty(), &SCOPE).expect_err("too much work");
        assert!(
            problems
                .iter()
                .all(|problem| problem.code == Code::BadExpression)
        );
    }

    #[test]
    fn a_section_depends_on_what_its_expressions_name() {
        let text = format!(
            "{BASE}matrix: {{axes: {{model: [a, b], concurrency: [1, 2], isl: [8, 9], vars.n: [1, 2]}}}}\nslos: {{x: $(vars.m)}}\n"
        );
        let document = document(&text);
        let expansion = expand(&document, &Paths).expect("the matrix is good");
        let dependencies = Dependencies::of(&document, &Paths);
        let last = expansion.combination(expansion.len() - 1);
        assert_eq!(dependencies.memo_key("models", &last), [("model", 1)]);
        assert_eq!(dependencies.memo_key("deployment", &last), []);
        assert_eq!(dependencies.memo_key("slos", &last), [("vars.n", 1)]);
        let keys = ["model", "concurrency", "isl"].map(|name| (name, 1));
        assert_eq!(dependencies.memo_key("runtime", &last), keys);
        assert_eq!(
            sections_using(&document)["vars"]
                .iter()
                .next()
                .map(String::as_str),
            Some("vars.n")
        );
    }

    #[test]
    fn every_section_with_an_equal_key_is_equal() {
        let text = format!(
            "{BASE}matrix: {{axes: {{model: [a, b], concurrency: [1, 2], isl: [8, 9], vars.n: [1, 2]}}, include: [{{model: a, runtime.x: $(point.isl)}}]}}\nslos: {{x: $(vars.m + point.isl)}}\n"
        );
        let document = document(&text);
        let expansion = expand(&document, &Paths).expect("the matrix is good");
        let dependencies = Dependencies::of(&document, &Paths);
        let mut seen: std::collections::BTreeMap<_, Node> = std::collections::BTreeMap::new();
        for combination in expansion.iter() {
            for section in ["models", "hardware", "workload", "vars", "runtime", "slos"] {
                let key: Vec<(String, u64)> = dependencies
                    .memo_key(section, &combination)
                    .into_iter()
                    .map(|(name, level)| (name.to_owned(), level))
                    .collect();
                let scope = ExpressionScope {
                    names: &Catalogue,
                    paths: &Paths,
                };
                let node = apply_section(&document, &combination, section, &scope);
                let node = node.expect("good").expect("present");
                let first = seen.entry((section, key)).or_insert_with(|| node.clone());
                assert_eq!(*first, node);
            }
        }
        assert!(seen.len() < 6 * expansion.len() as usize);
    }
}
