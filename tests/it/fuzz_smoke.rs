//! Mutated scenarios: whatever the text, the text stages answer with a document or with diagnostics.
//!
//! The cases are the same on every run. `PHANTOM_FUZZ_SECONDS=300` goes on with further ones for that long; `fuzz/` holds
//! the same stages as targets of `cargo fuzz`.
#![expect(
    clippy::disallowed_methods,
    reason = "a test may ask how long to run and look at the clock"
)]

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::{Duration, Instant};

use phantom::catalog::Catalog;
use phantom::scenario::{
    AxisPaths, AxisTarget, Dependencies, ExprValue, ExpressionScope, Filter, Names, Options, Trace,
    apply, expand, load, read_document, staged_yaml,
};
use phantom::source::{Memory, Sources};
use phantom::stats::{Stream, stream};

/// No text of this size takes longer, in any build.
const PATIENCE: Duration = Duration::from_secs(10);

const SEEDS: [&str; 4] = [
    "schema: phantom/v1\nname: hello\nmodels: {m: {catalog: llama-3.1-8b}}\nhardware: {g: {catalog: h100-sxm5-80gb}}\nworkload: {llm: {isl: 1024, osl: 256, load: {concurrency: 16}}}\n",
    "extends: [base.yaml, sub/more.yaml]\nvars: {n: 8, m: $(vars.n * 2 + log2(1024)), t: 500 ms, s: 60%}\nmodels: {a: {catalog: x}, b: {catalog: y}}\nhardware:\n  g: {catalog: z, count: 4}\nruntime: {name: vllm, threads: $(if(point.tp > 1, point.concurrency, 1)), mode: \"${MODE:-15W}\"}\nworkload:\n  llm: {isl: 1024, load: {request_rate: 5 req/s, arrival: poisson}}\nmatrix:\n  max_points: 1000\n  axes:\n    model: [a, b]\n    concurrency: 1..256*2\n    runtime.x: {from: 1, to: 8, points: 4, scale: log}\n    isl: 250..1000+250 ms\n  zip:\n    - {tp: [1, 2], precision: [bf16, fp8]}\n  exclude:\n    - {model: b, tp: 2}\n  include:\n    - {model: a, runtime.y: $(point.isl)}\n    - {model: b, tp: 4, concurrency: 512}\n",
    "# comment\r\nname: 'it''s'\r\nlabels:\r\n  a: |\r\n    block $( text\r\n  b: >-\r\n    folded\r\n  c: \"\\u00e9 \\\"x\\\"\"\r\n  é: ${HOME:?needed} $$ $(1 / 0)\r\nlist:\r\n- - 1\r\n  - {x: [1, 2, {y: ~}], z: null}\r\n-\r\n  k: v # end\r\n",
    "a: [$(min(1, 2)), ${A}, {b: $(max(point.tp, vars.n) // 0)}]\nvars: {n: $(vars.o), o: $(vars.n)}\nmatrix: {axes: {tp: 1..10000000000, vars.n: 0.1..5+0.1}}\n",
];

const PIECES: [&str; 48] = [
    "$(",
    ")",
    "${",
    "}",
    "$$",
    "{",
    "[",
    "]",
    ",",
    ": ",
    ":",
    "\n",
    "\r\n",
    "\n  ",
    "\t",
    "- ",
    "? ",
    "# ",
    "'",
    "\"",
    "|",
    ">",
    "&a ",
    "*a",
    "!!str ",
    "<<: ",
    "---\n",
    "...\n",
    "..",
    "1..9*2",
    "+",
    "**",
    "//",
    "9999999999999999999",
    "-0.5",
    "1e400",
    "null",
    "true",
    "vars.",
    "point.",
    "include:",
    "exclude:",
    "axes:",
    "é",
    "\u{feff}",
    "\u{e000}",
    "\0",
    "%",
];

struct Paths;

impl AxisPaths for Paths {
    fn resolve(&self, axis: &str) -> Result<AxisTarget, Option<String>> {
        let path = |text: &str| text.split('.').map(str::to_owned).collect();
        match axis.split_once('.') {
            None if axis == "model" => Ok(AxisTarget::Model),
            None if axis == "hardware" => Ok(AxisTarget::Hardware),
            None if axis == "concurrency" || axis == "request_rate" => {
                Ok(AxisTarget::LoadMode(axis.to_owned()))
            }
            None if axis == "isl" => Ok(AxisTarget::Path(path("workload.*.isl"))),
            None if axis == "tp" => Ok(AxisTarget::Path(path("deployment.tp"))),
            None if axis == "precision" => Ok(AxisTarget::Path(path("precision"))),
            Some(("hardware", rest)) => Ok(AxisTarget::HardwareField(path(rest))),
            Some(("model", rest)) => Ok(AxisTarget::ModelField(path(rest))),
            Some(("runtime" | "vars" | "workload", _)) => Ok(AxisTarget::Path(path(axis))),
            Some(_) | None => Err(Some("tp".to_owned())),
        }
    }

    fn load_modes(&self) -> &[&str] {
        &["concurrency", "request_rate"]
    }
}

impl Names for Paths {
    fn lookup(&self, path: &str) -> Option<ExprValue> {
        (path == "model.id").then(|| ExprValue::from("m"))
    }
}

/// Everything that reads a scenario's text.
fn stages(text: &[u8]) {
    let world = Memory::default()
        .with("scenarios/x.yaml", text)
        .with("scenarios/base.yaml", "runtime: {threads: 1, old: null}\n")
        .with(
            "scenarios/sub/more.yaml",
            "extends: [../base.yaml]\nvars: {k: 1}\n",
        );
    let mut sources = Sources::default();
    let shown = String::from_utf8_lossy(text);
    let set = shown
        .lines()
        .take(1)
        .map(|line| format!("deployment.tp={line}"))
        .collect();
    let options = Options {
        set,
        ..Options::default()
    };
    let document = match read_document(
        &world,
        &mut sources,
        Path::new("scenarios/x.yaml"),
        &options,
    ) {
        Ok(document) => document,
        Err(problems) => {
            assert!(problems.has_errors(), "a refusal says why");
            for problem in problems.sorted(&sources).iter() {
                problem.span.map(|span| sources.place(span));
            }
            return;
        }
    };
    let _ = staged_yaml(&document, &sources);
    let dependencies = Dependencies::of(&document, &Paths);
    let scope = ExpressionScope {
        names: &Paths,
        paths: &Paths,
    };
    let Ok(expansion) = expand(&document, &Paths) else {
        return;
    };
    for index in [0, expansion.len() / 2, expansion.len() - 1] {
        let combination = expansion.combination(index);
        dependencies.memo_key("runtime", &combination);
        let _ = apply(&document, &combination, &scope);
    }
    let _ = Filter::parse(&shown);
}

/// A seed with a few changes.
fn mutated(seeds: &[&str], random: &mut Stream) -> Vec<u8> {
    let pick =
        |random: &mut Stream, below: usize| (random.next_u64() % below.max(1) as u64) as usize;
    let mut text = seeds[pick(random, seeds.len())].as_bytes().to_vec();
    for _ in 0..=pick(random, 6) {
        let at = pick(random, text.len() + 1);
        let end = (at + pick(random, 40)).min(text.len());
        match pick(random, 6) {
            0 if at < text.len() => text[at] = random.next_u64() as u8,
            1 => drop(text.drain(at..end)),
            2 => {
                let piece = text[at..end].to_vec();
                let to = pick(random, text.len() + 1);
                text.splice(to..to, piece);
            }
            3 => {
                let other = seeds[pick(random, seeds.len())].as_bytes();
                let from = pick(random, other.len());
                text.splice(at..at, other[from..].iter().copied().take(60));
            }
            4 => {
                let piece = PIECES[pick(random, PIECES.len())].repeat(1 + pick(random, 80));
                text.splice(at..at, piece.bytes());
            }
            _ => drop(text.splice(at..at, PIECES[pick(random, PIECES.len())].bytes())),
        }
    }
    text
}

/// Feeds mutated seeds to `stages`: so many cases, then on until the time that was asked for is over.
fn feed(purpose: &str, cases: u64, seeds: &[&str], stages: impl Fn(&[u8])) {
    let seconds = std::env::var("PHANTOM_FUZZ_SECONDS")
        .ok()
        .and_then(|text| text.parse().ok());
    let until = seconds.map(|seconds| Instant::now() + Duration::from_secs(seconds));
    let mut random = stream(20_261_120, purpose);
    let mut case = 0;
    while case < cases || until.is_some_and(|until| Instant::now() < until) {
        let text = mutated(seeds, &mut random);
        let shown = || String::from_utf8_lossy(&text).into_owned();
        let started = Instant::now();
        let outcome = catch_unwind(AssertUnwindSafe(|| stages(&text)));
        assert!(outcome.is_ok(), "case {case} broke: {:?}", shown());
        let took = started.elapsed();
        assert!(took < PATIENCE, "case {case} took {took:?}: {:?}", shown());
        case += 1;
    }
}

#[test]
fn no_mutated_text_breaks_the_text_stages() {
    feed("fuzz text", 8000, &SEEDS, stages);
}

const TRACES: [&str; 4] = [
    "arrival_s,isl,osl,session,priority\n0,411,272,a,1\n1.25,392,121,b,\n2.5,\"524\",0,a,3\n2.5,9,314,,0\n",
    "TIMESTAMP,ContextTokens,GeneratedTokens\r\n2023-11-16 18:17:03.9799600,4808,10\r\n2023-11-16 18:17:04.0319600,3180,8\r\n",
    "TIMESTAMP,ContextTokens,GeneratedTokens\n2024-05-10 00:00:00.009930+00:00,2162,5\n2024-05-10 00:00:00.017335+00:00,2399,6\n",
    "{\"timestamp\": 0, \"input_length\": 6755, \"output_length\": 500, \"hash_ids\": [0, 1, 2, 3]}\n{\"timestamp\": 27482, \"input_length\": 1100, \"output_length\": 17, \"hash_ids\": [0, 1, 9]}\n",
];

#[test]
fn no_mutated_trace_breaks_its_reader() {
    feed("fuzz traces", 4000, &TRACES, |text| {
        match Trace::read(text) {
            Ok(trace) => {
                assert!(!trace.is_empty() && trace.seconds() >= 0.0);
                let mut last = 0;
                for place in 0..trace.len() {
                    let request = trace.request(place);
                    assert!(
                        request.prompt > 0 && request.output > 0,
                        "nobody asks for nothing"
                    );
                    assert!(request.at >= last, "requests come in order");
                    last = request.at;
                    let _ = (trace.priority(place), trace.prefix(place));
                }
            }
            Err(problems) => assert!(!problems.is_empty(), "a refusal says why"),
        }
    });
}

#[test]
fn no_mutated_example_breaks_loading() {
    let examples = [
        include_str!("../../scenarios/hello.yaml"),
        include_str!("../../scenarios/llm-serving.yaml"),
        include_str!("../../scenarios/knee.yaml"),
        include_str!("../../scenarios/vision-batch.yaml"),
        include_str!("../../scenarios/edge-battery.yaml"),
        include_str!("../../scenarios/offload.yaml"),
        include_str!("../../scenarios/training-cost.yaml"),
        include_str!("../../scenarios/disaggregated.yaml"),
        include_str!("../../scenarios/host-memory.yaml"),
        include_str!("../../scenarios/speculative.yaml"),
        include_str!("../../scenarios/chat-trace.yaml"),
        include_str!("../../scenarios/chat-sessions.yaml"),
    ];
    feed("fuzz examples", 150, &examples, |text| {
        let world = Memory::default()
            .with("scenarios/x.yaml", text)
            .with("scenarios/chat-trace.csv", "arrival_s,isl,osl\n0,5,5\n");
        let mut sources = Sources::default();
        let path = Path::new("scenarios/x.yaml");
        let loaded = load(
            &world,
            Catalog::embedded(),
            &mut sources,
            path,
            &Options::default(),
        );
        if let Err(problems) = loaded {
            assert!(problems.has_errors(), "a refusal says why");
        }
    });
}
