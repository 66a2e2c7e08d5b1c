//! Watch mode as a user and a browser meet it: a page that follows the files, problems over it, and an end without traces.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::time::Duration;

use serde_json::Value;

use crate::sandbox::Sandbox;

/// A line that takes longer is not coming.
const PATIENCE: Duration = Duration::from_mins(1);

/// `phantom watch` of a scenario, ended when dropped.
struct Watching<'a> {
    sandbox: &'a Sandbox,
    child: Child,
    lines: Receiver<Value>,
    port: u16,
}

impl<'a> Watching<'a> {
    fn start(sandbox: &'a Sandbox, more: &[&str]) -> Self {
        let mut child = Command::new(assert_cmd::cargo::cargo_bin("phantom"))
            .args([
                "watch",
                "scenarios/hello.yaml",
                "--port",
                "0",
                "--format",
                "jsonl",
            ])
            .args(more)
            .current_dir(sandbox.path(""))
            .env("PHANTOM_CACHE_DIR", sandbox.path("cache"))
            .env_remove("CI")
            .env_remove("PHANTOM_GOLDEN")
            .env_remove("GITHUB_STEP_SUMMARY")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the command starts");
        let lines = lines(child.stdout.take().expect("a pipe"));
        let first = lines.recv_timeout(PATIENCE).expect("a first line");
        let address = first["address"].as_str().expect("an address").to_owned();
        let port = address
            .trim_end_matches('/')
            .rsplit(':')
            .next()
            .expect("a port");
        Self {
            sandbox,
            child,
            lines,
            port: port.parse().expect("a number"),
        }
    }

    /// The next line of that kind.
    fn next(&self, event: &str) -> Value {
        loop {
            let line = self.lines.recv_timeout(PATIENCE);
            let line = line.unwrap_or_else(|_| panic!("no `{event}` comes"));
            if line["event"] == event {
                return line;
            }
        }
    }

    /// Writes a file, and waits for what comes of it.
    fn write(&self, path: &str, text: &str, event: &str) -> Value {
        fs::write(self.sandbox.path(path), text).expect("written");
        self.next(event)
    }

    fn connect(&self, request: &str) -> TcpStream {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).expect("a server");
        stream.set_read_timeout(Some(PATIENCE)).expect("set");
        let head = format!(
            "{request} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\n\r\n",
            self.port
        );
        stream.write_all(head.as_bytes()).expect("sent");
        stream
    }

    fn page(&self) -> String {
        let mut text = String::new();
        let mut stream = self.connect("GET /");
        stream.read_to_string(&mut text).expect("a page");
        text
    }

    /// States as a browser hears them.
    fn events(&self) -> impl Iterator<Item = Value> + use<> {
        let lines = BufReader::new(self.connect("GET /__events")).lines();
        lines.map_while(Result::ok).filter_map(|line| {
            let data = line.strip_prefix("data: ")?;
            Some(serde_json::from_str(data).expect("JSON"))
        })
    }

    fn signal(&self, name: &str) {
        let sent = Command::new("kill")
            .args([name, &self.child.id().to_string()])
            .status();
        assert!(sent.expect("kill runs").success());
    }

    fn code(mut self) -> Option<i32> {
        self.child.wait().expect("it ends").code()
    }
}

impl Drop for Watching<'_> {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn lines(stdout: ChildStdout) -> Receiver<Value> {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        for line in BufReader::new(stdout).lines().map_while(Result::ok) {
            let line = serde_json::from_str(&line).unwrap_or_else(|_| panic!("no JSON: {line}"));
            if sender.send(line).is_err() {
                return;
            }
        }
    });
    receiver
}

fn hello(isl: u32) -> String {
    format!(
        "schema: phantom/v1\nname: hello\nmodels: {{m: {{catalog: llama-3.1-8b}}}}\nhardware: {{g: {{catalog: h100-sxm5-80gb}}}}\n\
         workload: {{llm: {{isl: {isl}, osl: 256, load: {{concurrency: 1}}}}}}\nreport: {{title: 'Prompts of {isl}'}}\n"
    )
}

#[test]
fn an_edit_reaches_the_browser_and_the_files() {
    let sandbox = Sandbox::new().with("scenarios/hello.yaml", hello(1024));
    let watching = Watching::start(&sandbox, &[]);
    let first = watching.next("report");
    assert_eq!(
        (&first["version"], &first["points"]),
        (&1.into(), &1.into())
    );
    assert!(watching.page().contains("<title>Prompts of 1024</title>"));
    let mut events = watching.events();
    assert_eq!(events.next().expect("a state")["version"], 1);
    let second = watching.write("scenarios/hello.yaml", &hello(2048), "report");
    assert_eq!(second["changed"][0], "scenarios/hello.yaml");
    assert_eq!(events.next().expect("a state")["version"], 2);
    let page = watching.page();
    assert!(
        page.contains("<title>Prompts of 2048</title>"),
        "the page holds the new number"
    );
    assert!(page.contains("<script id=\"phantom-live\">"));
    watching.next("written");
    let written = sandbox.read("reports/hello/report.html");
    assert!(
        written.contains("<title>Prompts of 2048"),
        "the last report is written"
    );
    assert!(
        !written.contains("phantom-live"),
        "the script is not in the file"
    );
}

#[test]
fn an_open_page_is_sent_the_pieces_that_changed() {
    let sandbox = Sandbox::new().with("scenarios/hello.yaml", hello(1024));
    let watching = Watching::start(&sandbox, &[]);
    watching.next("report");
    let page = watching.page();
    // The live script stands last.
    let number = page.rsplit("const number = ").next();
    let number = number.and_then(|rest| rest.split(';').next()?.parse::<u64>().ok());
    let lines = BufReader::new(watching.connect("GET /__events?shows=1")).lines();
    let mut events = lines.map_while(Result::ok).filter_map(|line| {
        let data = line.strip_prefix("data: ")?;
        Some(serde_json::from_str::<Value>(data).expect("JSON"))
    });
    assert_eq!(events.next().expect("a state")["pieces"], Value::Null);
    let titled = hello(1024).replace("Prompts of", "Lengths of");
    watching.write("scenarios/hello.yaml", &titled, "report");
    let state = events.next().expect("a state");
    assert_eq!(state["version"], 2);
    let pieces = &state["pieces"];
    assert_eq!(pieces["number"].as_u64(), number, "{pieces}");
    let newer = pieces["newer"].as_array().expect("a list");
    let texts: Vec<&str> = newer.iter().filter_map(|one| one[1].as_str()).collect();
    assert!(
        texts.contains(&"<title>Lengths of 1024</title>"),
        "{texts:?}"
    );
    assert!(
        newer.len() < 8,
        "what did not change is not sent: {texts:?}"
    );
}

#[test]
fn a_broken_scenario_shows_its_problem_over_the_last_report() {
    let sandbox = Sandbox::new().with("scenarios/hello.yaml", hello(1024));
    let watching = Watching::start(&sandbox, &[]);
    watching.next("report");
    let mut events = watching.events();
    events.next().expect("a state");
    let broken = hello(1024).replace("h100-sxm5-80gb", "h10");
    let problem = watching.write("scenarios/hello.yaml", &broken, "problem");
    let words = problem["text"].as_str().expect("text");
    assert!(
        words.contains("error[unknown-hardware]") && words.contains("scenarios/hello.yaml:4"),
        "{words}"
    );
    let state = events.next().expect("a state");
    assert_eq!(
        (&state["version"], &state["problem"]),
        (&1.into(), &problem["text"])
    );
    assert!(
        watching.page().contains("Prompts of 1024"),
        "the last report stands"
    );
    watching.write("scenarios/hello.yaml", &hello(1024), "report");
    let state = events.next().expect("a state");
    assert_eq!(
        (&state["version"], &state["problem"]),
        (&1.into(), &Value::Null),
        "the same report is not loaded again"
    );
}

#[test]
fn what_a_scenario_leans_on_is_followed_too() {
    let base = "hardware: {g: {catalog: h100-sxm5-80gb}}\n";
    let scenario = hello(1024).replace(base, "extends: [base.yaml]\n");
    let sandbox = Sandbox::new()
        .with("scenarios/hello.yaml", &scenario)
        .with("scenarios/base.yaml", base);
    let watching = Watching::start(&sandbox, &[]);
    watching.next("report");
    let by_base = watching.write(
        "scenarios/base.yaml",
        &base.replace("h100-sxm5-80gb", "h200-sxm-141gb"),
        "report",
    );
    assert_eq!(by_base["changed"][0], "scenarios/base.yaml");
    // A template that was not there is found when it comes.
    fs::create_dir(sandbox.path("templates")).expect("made");
    let template = "<html><body>own template of {{ view.title }}</body></html>";
    watching.write("templates/report.html.j2", template, "report");
    assert!(watching.page().contains("own template of Prompts of 1024"));
    let broken = watching.write("templates/report.html.j2", "{{ view.title", "problem");
    assert!(
        broken["text"]
            .as_str()
            .is_some_and(|text| text.contains("report.html.j2:1")),
        "{broken}"
    );
    fs::remove_file(sandbox.path("templates/report.html.j2")).expect("removed");
    watching.next("report");
    assert!(
        watching.page().contains("Options side by side"),
        "the built-in template is back"
    );
}

#[test]
fn editors_that_rename_and_files_that_go_and_come_are_followed() {
    let sandbox = Sandbox::new().with("scenarios/hello.yaml", hello(1024));
    let watching = Watching::start(&sandbox, &[]);
    watching.next("report");
    for isl in [2048, 3072] {
        fs::write(sandbox.path("scenarios/.hello.yaml.swp"), hello(isl)).expect("written");
        let scenario = sandbox.path("scenarios/hello.yaml");
        fs::rename(sandbox.path("scenarios/.hello.yaml.swp"), scenario).expect("renamed");
        watching.next("report");
        assert!(watching.page().contains(&format!("Prompts of {isl}")));
    }
    fs::remove_file(sandbox.path("scenarios/hello.yaml")).expect("removed");
    let gone = watching.next("problem");
    assert!(
        gone["text"]
            .as_str()
            .is_some_and(|text| text.contains("no such file")),
        "{gone}"
    );
    watching.write("scenarios/hello.yaml", &hello(512), "report");
    assert!(watching.page().contains("Prompts of 512"));
    // An editor that empties a file and fills it a moment later shows no problem.
    fs::write(sandbox.path("scenarios/hello.yaml"), "").expect("emptied");
    std::thread::sleep(Duration::from_millis(30));
    fs::write(sandbox.path("scenarios/hello.yaml"), hello(640)).expect("filled");
    let next = loop {
        let line = watching.lines.recv_timeout(PATIENCE).expect("a line");
        if line["event"] != "written" {
            break line;
        }
    };
    assert_eq!(next["event"], "report", "{next}");
}

#[test]
fn a_difference_from_the_golden_is_said_and_waits_without_another_evaluation() {
    let sandbox = Sandbox::new().with("scenarios/hello.yaml", hello(1024));
    assert_eq!(
        sandbox.code(&["run", "scenarios/hello.yaml", "--accept"]),
        0
    );
    let watching = Watching::start(&sandbox, &[]);
    assert_eq!(watching.next("report")["golden"]["differing"], 0);
    let changed = watching.write("scenarios/hello.yaml", &hello(2048), "report");
    assert_eq!(changed["golden"]["differing"], 1);
    watching.next("written");
    let nothing = watching.lines.recv_timeout(Duration::from_millis(900));
    assert!(nothing.is_err(), "our own files wake nobody: {nothing:?}");
    assert!(sandbox.path("golden/hello.golden.json.new").exists());
}

#[test]
fn what_did_not_change_is_not_simulated_again() {
    let many = hello(1024).replace("concurrency: 1", "concurrency: 4")
        + "matrix: {axes: {isl: [512, 1024, 2048]}}\n";
    let sandbox = Sandbox::new().with("scenarios/hello.yaml", &many);
    let watching = Watching::start(&sandbox, &["--no-cache"]);
    assert_eq!(watching.next("report")["recomputed"], 3);
    let more = many.replace("2048]", "2048, 4096]");
    let report = watching.write("scenarios/hello.yaml", &more, "report");
    assert_eq!(
        (&report["points"], &report["recomputed"]),
        (&4.into(), &1.into())
    );
    let titled = more.replace("Prompts of", "Lengths up to");
    assert_eq!(
        watching.write("scenarios/hello.yaml", &titled, "report")["recomputed"],
        0
    );
}

#[test]
fn a_signal_ends_the_watch_and_frees_the_port() {
    let sandbox = Sandbox::new().with("scenarios/hello.yaml", hello(1024));
    for (signal, code) in [("-INT", 0), ("-TERM", 143)] {
        let watching = Watching::start(&sandbox, &[]);
        watching.next("report");
        let (mut events, port) = (watching.events(), watching.port);
        events.next().expect("a state");
        watching.signal(signal);
        assert_eq!(watching.code(), Some(code), "{signal}");
        assert!(events.next().is_none(), "the stream ends");
        assert!(TcpStream::connect(("127.0.0.1", port)).is_err());
    }
}

/// Keys are read from a terminal, which is left as it was found.
#[test]
#[expect(clippy::print_stderr, reason = "a test that is skipped says so")]
fn keys_work_and_the_terminal_is_left_as_it_was() {
    let sandbox = Sandbox::new().with("scenarios/hello.yaml", hello(1024));
    let phantom = assert_cmd::cargo::cargo_bin("phantom");
    // `script` gives the command a terminal of its own; the modes are printed before and after.
    let inner = format!(
        "stty -a; '{}' watch scenarios/hello.yaml --port 0; echo code $?; stty -a",
        phantom.display()
    );
    let child = Command::new("script")
        .args(["-qec", &inner, "/dev/null"])
        .current_dir(sandbox.path(""))
        .env("PHANTOM_CACHE_DIR", sandbox.path("cache"))
        .env_remove("CI")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn();
    let Ok(mut child) = child else {
        eprintln!("skipped: there is no `script` here");
        return;
    };
    let mut keys = child.stdin.take().expect("a pipe");
    let mut screen = child.stdout.take().expect("a pipe");
    let mut shown = String::new();
    let mut until = |words: &str| {
        let mut part = [0; 4096];
        while !shown.contains(words) {
            let size = screen.read(&mut part).unwrap_or(0);
            assert!(size > 0, "`{words}` does not come: {shown}");
            shown.push_str(&String::from_utf8_lossy(&part[..size]));
        }
        std::mem::take(&mut shown)
    };
    let before = until("recomputed in");
    assert!(before.contains("a accept golden"), "{before}");
    keys.write_all(b"a").expect("sent");
    until("1 points agree with golden/hello.golden.json");
    keys.write_all(b"q").expect("sent");
    let mut after = until("code 0");
    screen.read_to_string(&mut after).expect("text");
    let modes = |text: &str| -> Vec<String> {
        let words = text.split(|c: char| c.is_whitespace() || c == ';');
        let wanted =
            |word: &&str| ["icanon", "-icanon", "echo", "-echo", "isig", "-isig"].contains(word);
        words.filter(wanted).map(str::to_owned).collect()
    };
    assert_eq!(modes(&before), modes(&after), "{after}");
    assert_eq!(modes(&after).len(), 3);
    assert!(sandbox.path("golden/hello.golden.json").exists());
    assert!(child.wait().expect("it ends").success());
}
