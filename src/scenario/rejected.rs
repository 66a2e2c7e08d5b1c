//! What the text stages say about texts that are wrong: code, message, place, label, help.

use super::sample::complaints;
use crate::source::Memory;

fn world(text: impl Into<Vec<u8>>) -> Memory {
    Memory::default().with("scenarios/x.yaml", text)
}

/// The complaints about several texts, one after the other.
fn about(cases: &[(&str, &[u8])]) -> String {
    let sections = cases.iter().map(|(name, text)| {
        let found = complaints(&world(*text), &[]);
        assert!(!found.is_empty(), "nothing is said about: {name}");
        format!("== {name}\n{found}")
    });
    sections.collect::<Vec<_>>().join("\n")
}

/// A document around one part.
fn with(part: &str) -> Vec<u8> {
    format!(
        "models: {{a: {{catalog: x}}, b: {{catalog: y}}}}\nhardware: {{g: {{catalog: z}}}}\nprecision: bf16\nvars: {{n: 8, text: hello, list: [1]}}\nworkload: {{llm: {{isl: 1024, load: {{concurrency: 16}}}}}}\n{part}"
    )
    .into_bytes()
}

#[test]
fn bytes_that_are_no_text() {
    insta::assert_snapshot!(about(&[
        ("bad UTF-8", b"name: caf\xE9\nmodels: {}\n"),
        ("UTF-16", b"\xFF\xFEn\0a\0m\0e\0"),
        ("binary", b"\x7FELF\x02\x01\x01\0\0\0"),
        ("a bell", b"name: a\nlabel: x\x07y\n"),
        ("an empty file", b""),
        ("only a comment", b"# nothing yet\n"),
    ]));
}

#[test]
fn texts_that_are_no_yaml() {
    insta::assert_snapshot!(about(&[
        ("a tab", b"models:\n\ta: 1\n"),
        (
            "an unclosed brace",
            b"models: {a: {catalog: x}\nhardware: 1\n"
        ),
        ("an unclosed quote", b"name: \"hello\nmodels: 1\n"),
        ("two colons", b"name: a: b\n"),
        ("an at sign", b"name: @home\n"),
        ("a bad escape", b"path: \"C:\\dir\"\n"),
        ("a stray item", b"name: x\n- item\n"),
        (
            "a lost indent",
            b"workload:\n  llm:\n    isl: 1\n   osl: 2\n"
        ),
        ("a missing comma", b"a: [1 2, {b: c d: e}]\n"),
    ]));
}

#[test]
fn yaml_that_is_not_supported() {
    insta::assert_snapshot!(about(&[
        ("an anchor and an alias", b"a: &x {b: 1}\nc: *x\n"),
        ("an unknown alias", b"c: *x\n"),
        ("an alias as a key", b"a: &x 1\n*x : 2\n"),
        ("a merge key", b"a: {b: 1}\nc:\n  <<: {d: 2}\n"),
        ("a tag", b"a: !!str 8\nb: !custom {}\n"),
        ("two documents", b"a: 1\n---\nb: 2\n"),
        ("a map as a key", b"{a: 1}: 2\n"),
        ("no key", b"? \n: 1\n"),
        ("a key twice", b"name: x\nmodels: {a: 1, a: 2}\nname: y\n"),
        ("a list", b"- a\n- b\n"),
        ("text", b"hello\n"),
    ]));
}

#[test]
fn texts_that_are_too_large() {
    let deep = format!("a: {}{}", "[".repeat(80), "]".repeat(80)).into_bytes();
    let long = format!("a: [{}]", "1,".repeat(1_000_001)).into_bytes();
    let big = vec![b'#'; (4 << 20) + 1];
    insta::assert_snapshot!(about(&[
        ("deep", &deep),
        ("many values", &long),
        ("many bytes", &big)
    ]));
}

#[test]
fn files_that_extend_badly() {
    let world = world("extends: [missing.yaml, ../../other.yaml, loop.yaml, 3, [a]]\n")
        .with("scenarios/loop.yaml", "extends: [back.yaml]\n")
        .with(
            "scenarios/back.yaml",
            "extends:\n  - loop.yaml\n  - x.yaml\nname: a: b\n",
        );
    insta::assert_snapshot!(complaints(&world, &[]));
}

#[test]
fn a_cycle_shows_its_files() {
    let world = world("extends: [loop.yaml]\n")
        .with("scenarios/loop.yaml", "extends: [back.yaml]\n")
        .with("scenarios/back.yaml", "name: y\nextends: [x.yaml]\n");
    insta::assert_snapshot!(complaints(&world, &[]));
    insta::assert_snapshot!(complaints(&self::world("extends: base.yaml\n"), &[]));
    insta::assert_snapshot!(complaints(
        &self::world("extends: [b.yaml]\n").with("scenarios/b.yaml", "- a\n"),
        &[]
    ));
}

#[test]
fn overrides_that_lead_nowhere() {
    let text = world("name: x\nrun: [{predict: {}}, {native: {}}]\nprecision: bf16\n");
    let set = [
        "name",
        "=3",
        "a..b=3",
        "name=",
        "name=# nothing",
        "run.2.when=never",
        "run.first=1",
        "precision.weights=fp8",
        "name=[1",
        "name=\u{7}",
        "name=&a b",
    ];
    insta::assert_snapshot!(complaints(&text, &set));
}

#[test]
fn variables_that_are_not_set() {
    let text = world(
        "a: ${PHANTOM_UNSET}\nb: \"x ${OTHER:?say where the models are} y\"\nc: ${\nd: ${}\ne: ${1A}\nf: ${A-b}\ng: ${A:-${B}}\n",
    );
    insta::assert_snapshot!(complaints(&text, &[]));
}

#[test]
fn axes_that_are_no_axes() {
    insta::assert_snapshot!(about(&[
        (
            "an unknown name",
            &with("matrix: {axes: {concurency: 1..256*2, pricing.currency: [USD]}}")
        ),
        (
            "no list",
            &with("matrix:\n  axes:\n    precision: fp8\n    isl: {a: 1}\n    tp:\n")
        ),
        ("an empty list", &with("matrix: {axes: {precision: []}}")),
        (
            "bad ranges",
            &with(
                "matrix:\n  axes:\n    concurrency: 9..1\n    isl: 1..9+0\n    tp: 1..8*1\n    vars.n: {from: 1, to: 3}\n    vars.m: {from: 1 s, to: 3 ms, points: 3}\n"
            )
        ),
        (
            "unknown aliases",
            &with("matrix: {axes: {model: [a, bb], hardware: [h]}}")
        ),
        (
            "an expression",
            &with("matrix: {axes: {isl: [$(vars.n * 2)]}}")
        ),
        (
            "one field twice",
            &with(
                "matrix: {axes: {tp: [1], deployment.tp: [2], concurrency: [1], request_rate: [1 req/s]}}"
            )
        ),
        (
            "unequal zip",
            &with("matrix: {zip: [{tp: [1, 2], precision: [bf16, fp8, int8]}]}")
        ),
        (
            "no maps",
            &with("matrix: {axes: [a], zip: {a: [1]}, exclude: x, include: [1]}")
        ),
        ("a list as the matrix", &with("matrix: [1]")),
    ]));
}

#[test]
fn points_that_are_too_many_or_too_few() {
    insta::assert_snapshot!(about(&[
        (
            "a huge range",
            &with(
                "matrix: {axes: {concurrency: 1..10000000000, isl: 1..1000000000000, tp: [1, 2]}}"
            )
        ),
        (
            "beyond any number",
            &with(
                "matrix: {axes: {concurrency: 1..100000000000000000, isl: 1..100000000000000000, tp: 1..100000000000000000}}"
            )
        ),
        (
            "a lower limit",
            &with(
                "matrix: {max_points: 3, axes: {tp: [1, 2]}, zip: [{isl: [1, 2], precision: [bf16, fp8]}]}"
            )
        ),
        ("a bad limit", &with("matrix: {max_points: many}")),
        (
            "all excluded",
            &with("matrix: {axes: {tp: [1, 2]}, exclude: [{tp: 1}, {tp: 2}]}")
        ),
        (
            "after exclude",
            &with("matrix: {max_points: 3, axes: {tp: 1..8}, exclude: [{tp: 1}, {tp: 2}]}")
        ),
    ]));
}

#[test]
fn excludes_and_includes_that_name_nothing() {
    insta::assert_snapshot!(about(&[
        (
            "exclude an unknown field",
            &with("matrix: {axes: {tp: [1, 2]}, exclude: [{pt: 1}, {isl: 3}]}")
        ),
        (
            "exclude an unknown value",
            &with("matrix: {axes: {tp: [1, 2], model: [a]}, exclude: [{tp: 3}, {model: c}]}")
        ),
        (
            "include an unknown field",
            &with("matrix: {axes: {tp: [1, 2]}, include: [{tq: 1}, {pricing: x}, {model: c}]}")
        ),
    ]));
}

#[test]
fn expressions_that_cannot_be_evaluated() {
    let parts = [
        "$(1 / 0)",
        "$(vars.m)",
        "$(n)",
        "$(point.tpp)",
        "$(vars.list)",
        "$(1 +)",
        "$((1 + 2)",
        "$(1 2)",
        "$(1 < 2 < 3)",
        "$(80 GB + 3 s)",
        "$(80 GB * 3 GB)",
        "$(vars.text * 2)",
        "$(10 ** 400)",
        "$(log2(0))",
        "$(lg(2))",
        "$(min())",
        "$(if(1, 2, 3))",
        "$(not 3)",
        "$(1 = 1)",
        "$(a § b)",
        "$(\"x\" < \"y\")",
        "$(5 // 0 s)",
        "batch $(7 % 0) of $(8)",
        "$(hardware.memory)",
    ];
    let fields: Vec<String> = parts
        .iter()
        .enumerate()
        .map(|(index, part)| format!("  r{index}: {part}\n"))
        .collect();
    let deep = format!("  deep: $({}1{})\n", "(".repeat(70), ")".repeat(70));
    let long = format!("  long: $(1{})\n", " + 1".repeat(300));
    let text = with(&format!("runtime:\n{}{deep}{long}", fields.concat()));
    insta::assert_snapshot!(about(&[("expressions", &text)]));
}

#[test]
fn names_that_refer_to_themselves() {
    insta::assert_snapshot!(about(&[
        (
            "a cycle of vars",
            b"vars: {a: $(vars.b), b: $(vars.a + 1)}\n"
        ),
        (
            "an axis inside text",
            &with("matrix: {axes: {precision.weights: [fp8]}}")
        ),
        (
            "an axis inside a value",
            &with("matrix: {axes: {vars.n.deep: [1]}}")
        ),
    ]));
}
