//! Runs that are kept: listed, drawn, and read by other programs.

use std::process::Command;

use crate::sandbox::Sandbox;

fn hello(isl: u32) -> String {
    format!(
        "schema: phantom/v1\nname: hello\nmodels: {{m: {{catalog: llama-3.1-8b}}}}\nhardware: {{g: {{catalog: h100-sxm5-80gb}}}}\n\
         workload: {{llm: {{isl: {isl}, osl: 256, load: {{concurrency: 1}}}}}}\n\
         run: [{{predict: {{method: analytic, calibration: none}}}}]\nreport: {{outputs: [{{json: results.json}}]}}\n"
    )
}

/// A project in which the prompts became longer at the fourth of six runs, a day apart.
fn kept() -> Sandbox {
    let mut sandbox = Sandbox::new();
    for (day, isl) in [1024, 1024, 1024, 4096, 4096, 4096].into_iter().enumerate() {
        sandbox = sandbox.with("scenarios/hello.yaml", hello(isl));
        let output = sandbox
            .command()
            .args(["run", "scenarios/hello.yaml"])
            .env(
                "SOURCE_DATE_EPOCH",
                (1_795_000_000 + 86_400 * day).to_string(),
            )
            .env("GITHUB_SHA", format!("{day:040x}"))
            .output()
            .expect("the command starts");
        assert!(output.status.success());
    }
    sandbox
}

#[test]
fn runs_are_listed_with_what_changed() {
    let sandbox = kept();
    let transcripts = [
        sandbox.transcript(&["history"]),
        sandbox.transcript(&["history", "hello", "--last", "4"]),
        sandbox.transcript(&["history", "other"]),
    ];
    for words in ["scenario, results", "nothing", "2026-11-"] {
        assert!(transcripts[1].contains(words), "{}", transcripts[1]);
    }
    assert!(
        transcripts[0].contains("hello") && transcripts[0].contains('6'),
        "{}",
        transcripts[0]
    );
    assert!(transcripts[2].contains("exit 4"), "{}", transcripts[2]);
    let selected = ["run", "scenarios/hello.yaml", "--no-history"];
    assert_eq!(sandbox.code(&selected), 0);
    let lines = sandbox.transcript(&["history", "hello", "--format", "jsonl"]);
    assert_eq!(lines.matches("\"run\":").count(), 6, "{lines}");
    assert!(
        lines.contains("\"commit\":\"0000000000000000000000000000000000000005\""),
        "{lines}"
    );
}

#[test]
fn a_trend_marks_the_run_at_which_a_number_changed() {
    let sandbox = kept();
    let trend = sandbox.transcript(&["history", "hello", "--metric", "mean_ttft"]);
    assert!(trend.contains("▁▁▁|███"), "{trend}");
    assert_eq!(trend.matches('▲').count(), 1, "{trend}");
    let json = sandbox.transcript(&[
        "history",
        "hello",
        "--metric",
        "mean_ttft",
        "--format",
        "jsonl",
    ]);
    assert_eq!(json.matches("\"value\":").count(), 6, "{json}");
    let nothing = sandbox.transcript(&["history", "hello", "--metric", "no_such_column"]);
    assert!(nothing.contains("exit 4"), "{nothing}");
    let damaged = sandbox.with("reports/_history/hello/broken.parquet", "PAR1 and no more");
    let warned = damaged.transcript(&["history", "hello"]);
    assert!(
        warned.contains("exit 0") && warned.contains("broken.parquet"),
        "{warned}"
    );
}

/// `PHANTOM_PYTHON` names an interpreter that has DuckDB; without one the test is skipped, unless that variable is set.
#[test]
#[expect(clippy::print_stderr, reason = "a test that is skipped says so")]
fn duckdb_reads_the_history() {
    let asked = std::env::var("PHANTOM_PYTHON").ok();
    let python = asked.clone().unwrap_or_else(|| "python3".to_owned());
    let has = Command::new(&python).args(["-c", "import duckdb"]).output();
    if !has.is_ok_and(|output| output.status.success()) {
        assert!(asked.is_none(), "{python} has no DuckDB");
        eprintln!(
            "skipped: {python} has no DuckDB; `pip install duckdb` and PHANTOM_PYTHON run this test"
        );
        return;
    }
    let sandbox = kept();
    let query = "import duckdb\n\
        rows = duckdb.sql(\"\"\"\n\
            select count(distinct run), min(started::timestamp)::varchar, count(distinct results_id),\n\
                   max(value) filter (where isl_was = 4) > min(value) filter (where isl_was = 1)\n\
            from (select *, case when started < '2026-11-21' then 1 else 4 end as isl_was\n\
                  from read_parquet('reports/_history/*/*.parquet', union_by_name = true)\n\
                  where \"column\" = 'mean_ttft' and source = 'predicted')\n\
        \"\"\").fetchall()\n\
        print(rows[0])\n";
    let output = Command::new(&python)
        .args(["-c", query])
        .current_dir(sandbox.path(""))
        .output()
        .expect("python starts");
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(
        printed.trim(),
        "(6, '2026-11-18 11:06:40', 2, True)",
        "{errors}"
    );
}
