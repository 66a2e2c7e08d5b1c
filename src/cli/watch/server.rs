//! The live page on 127.0.0.1.
//!
//! One path holds the page, one the stream of events; no file is served by its name. A connection that asks slowly, for
//! another host, or for anything else is refused and closed.

use std::io::{self, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use super::Wake;
use super::http::{self, Asked};
use super::page;
use super::pieces::Pieces;

/// Ports tried where none is asked for.
const PORTS: std::ops::RangeInclusive<u16> = 3000..=3005;
/// Connections at one time; each open page holds one.
const CONNECTIONS: usize = 64;
/// A request that takes longer is dropped.
const PATIENCE: Duration = Duration::from_secs(5);
/// A stream without news says that it is there this often, so that one nobody reads is found.
const ALIVE: Duration = Duration::from_secs(15);

/// What is shown.
#[derive(Debug, Default)]
struct Shown {
    version: u64,
    report: Option<Vec<u8>>,
    pieces: Pieces,
    problem: Option<String>,
    /// Counts every change of the above.
    state: u64,
    ended: bool,
}

#[derive(Default)]
struct Shared {
    shown: Mutex<Shown>,
    news: Condvar,
    connections: AtomicUsize,
    /// Streams of events that somebody reads: open pages.
    readers: AtomicUsize,
}

/// The server; it ends with the process.
pub struct Server {
    port: u16,
    shared: Arc<Shared>,
}

/// Why there is no server.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// The port that was asked for, or all that are tried, are taken.
    #[error("no page can be served at {what}; `--port 0` takes a free port")]
    Taken {
        /// Which.
        what: String,
        /// The system's own words.
        #[source]
        source: io::Error,
    },
}

impl Server {
    /// Starts to serve on a port, or on the first free one of those tried.
    ///
    /// # Errors
    ///
    /// [`ServerError::Taken`] where no port can be had.
    pub fn start(port: Option<u16>, wakes: Sender<Wake>) -> Result<Self, ServerError> {
        let listener = listen(port)?;
        let taken = |source| ServerError::Taken {
            what: "127.0.0.1".to_owned(),
            source,
        };
        let port = listener.local_addr().map_err(taken)?.port();
        let shared = Arc::new(Shared::default());
        let served = Arc::clone(&shared);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                accept(stream, port, &served, &wakes);
            }
        });
        Ok(Self { port, shared })
    }

    /// Where the page is.
    pub fn address(&self) -> String {
        format!("http://127.0.0.1:{}/", self.port)
    }

    /// Shows a report, free of problems, and returns its number; a report that equals the last one is no other report.
    pub fn show(&self, report: Vec<u8>) -> u64 {
        self.change(|shown| {
            shown.problem = None;
            if shown.report.as_ref() != Some(&report) {
                shown.version += 1;
                shown.pieces = Pieces::of(&report, shown.version, &shown.pieces);
                shown.report = Some(report);
            }
        })
    }

    /// Shows what is wrong over the last report.
    pub fn complain(&self, problem: String) {
        self.change(|shown| shown.problem = Some(problem));
    }

    /// True where a browser shows the page.
    pub fn is_read(&self) -> bool {
        self.shared.readers.load(Ordering::Relaxed) > 0
    }

    /// Ends the streams, so that browsers know.
    pub fn end(&self) {
        self.change(|shown| shown.ended = true);
    }

    fn change(&self, how: impl FnOnce(&mut Shown)) -> u64 {
        let Ok(mut shown) = self.shared.shown.lock() else {
            return 0;
        };
        how(&mut shown);
        shown.state += 1;
        self.shared.news.notify_all();
        shown.version
    }
}

fn listen(port: Option<u16>) -> Result<TcpListener, ServerError> {
    let bind = |port: u16| TcpListener::bind((Ipv4Addr::LOCALHOST, port));
    if let Some(port) = port {
        return bind(port).map_err(|source| ServerError::Taken {
            what: format!("127.0.0.1:{port}"),
            source,
        });
    }
    let mut last = io::Error::from(io::ErrorKind::AddrInUse);
    for port in PORTS {
        match bind(port) {
            Ok(listener) => return Ok(listener),
            Err(error) => last = error,
        }
    }
    Err(ServerError::Taken {
        what: format!("127.0.0.1:{} to {}", PORTS.start(), PORTS.end()),
        source: last,
    })
}

/// Answers on a thread of its own, where there are not too many already.
fn accept(mut stream: TcpStream, port: u16, shared: &Arc<Shared>, wakes: &Sender<Wake>) {
    let (shared, wakes) = (Arc::clone(shared), wakes.clone());
    if shared.connections.fetch_add(1, Ordering::Relaxed) >= CONNECTIONS {
        shared.connections.fetch_sub(1, Ordering::Relaxed);
        let head = http::response("503 Service Unavailable", "text/plain", 0);
        let _ = stream.write_all(head.as_bytes());
        return;
    }
    std::thread::spawn(move || {
        // A browser that went away is no concern of ours.
        let _ = answer(&mut stream, port, &shared, &wakes);
        let _ = stream.shutdown(Shutdown::Both);
        shared.connections.fetch_sub(1, Ordering::Relaxed);
    });
}

fn answer(
    stream: &mut TcpStream,
    port: u16,
    shared: &Shared,
    wakes: &Sender<Wake>,
) -> io::Result<()> {
    const HTML: &str = "text/html; charset=utf-8";
    const TEXT: &str = "text/plain; charset=utf-8";
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    stream.set_nodelay(true)?;
    match http::read(stream, port) {
        Ok(Asked::Page) => {
            let page = current(shared);
            stream.write_all(http::response("200 OK", HTML, page.len()).as_bytes())?;
            stream.write_all(&page)
        }
        Ok(Asked::PageHead) => {
            let page = current(shared);
            stream.write_all(http::response("200 OK", HTML, page.len()).as_bytes())
        }
        Ok(Asked::Events(shows)) => {
            shared.readers.fetch_add(1, Ordering::Relaxed);
            let told = tell(stream, shared, shows);
            shared.readers.fetch_sub(1, Ordering::Relaxed);
            told
        }
        Ok(Asked::Painted(version)) => {
            let _ = wakes.send(Wake::Painted(version));
            stream.write_all(http::response("204 No Content", TEXT, 0).as_bytes())
        }
        Err(refusal) => {
            let words = refusal.status();
            stream.write_all(http::response(words, TEXT, words.len()).as_bytes())?;
            stream.write_all(words.as_bytes())
        }
    }
}

fn current(shared: &Shared) -> Vec<u8> {
    shared.shown.lock().map_or_else(
        |_| page::live(None, 0, 0),
        |shown| page::live(shown.report.as_deref(), shown.version, shown.pieces.len()),
    )
}

/// Tells the state at once and after every change, until the reader, who shows that version, is gone or the server ends.
fn tell(stream: &mut TcpStream, shared: &Shared, mut shows: Option<u64>) -> io::Result<()> {
    stream.write_all(http::events().as_bytes())?;
    let mut told = None;
    let lost = || io::Error::from(io::ErrorKind::Other);
    loop {
        let text = {
            let shown = shared.shown.lock().map_err(|_| lost())?;
            let old = |shown: &mut Shown| told == Some(shown.state) && !shown.ended;
            let waited = shared.news.wait_timeout_while(shown, ALIVE, old);
            let (shown, _) = waited.map_err(|_| lost())?;
            if shown.ended {
                return Ok(());
            }
            if told == Some(shown.state) {
                ": still here\n\n".to_owned()
            } else {
                told = Some(shown.state);
                // A page that shows another version than it is told replaces pieces, or loads anew.
                let before = shows.replace(shown.version);
                let older = before.filter(|before| *before != shown.version);
                let pieces = older.map(|older| (&shown.pieces, older));
                page::event(shown.version, shown.problem.as_deref(), pieces)
            }
        };
        stream.write_all(text.as_bytes())?;
    }
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead, BufReader, Read};
    use std::sync::mpsc;

    use super::*;

    fn ask(server: &Server, request: &str) -> String {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, server.port)).expect("a server");
        let request = request.replace("PORT", &server.port.to_string());
        stream.write_all(request.as_bytes()).expect("sent");
        let mut text = String::new();
        stream.read_to_string(&mut text).expect("an answer");
        text
    }

    #[test]
    fn the_page_is_served_to_this_machine_and_nothing_else_is() {
        let (sender, wakes) = mpsc::channel();
        let server = Server::start(Some(0), sender).expect("a free port");
        let get = "GET / HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\n\r\n";
        assert!(ask(&server, get).contains("There is no report yet."));
        let version = server.show(b"<html><body>first</body></html>".to_vec());
        let page = ask(&server, get);
        assert!(page.starts_with("HTTP/1.1 200 OK\r\n"), "{page}");
        assert!(page.contains("frame-ancestors 'none'") && page.contains("first<script"));
        let foreign = get.replace("127.0.0.1:PORT", "evil.example");
        assert!(ask(&server, &foreign).starts_with("HTTP/1.1 403 "));
        let file = get.replace("GET /", "GET /reports/x/report.html");
        assert!(ask(&server, &file).starts_with("HTTP/1.1 404 "));
        let painted =
            "POST /__painted HTTP/1.1\r\nHost: localhost:PORT\r\nContent-Length: 1\r\n\r\n1";
        assert!(ask(&server, painted).starts_with("HTTP/1.1 204 "));
        assert_eq!(wakes.recv().expect("a wake"), Wake::Painted(version));
    }

    #[test]
    fn events_tell_of_reports_and_problems_and_end_with_the_server() {
        let server = Server::start(Some(0), mpsc::channel().0).expect("a free port");
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, server.port)).expect("a server");
        let head = format!(
            "GET /__events HTTP/1.1\r\nHost: localhost:{}\r\n\r\n",
            server.port
        );
        stream.write_all(head.as_bytes()).expect("sent");
        let mut lines = BufReader::new(stream).lines();
        let mut data = || {
            let line = lines
                .by_ref()
                .flatten()
                .find(|line| line.starts_with("data: "));
            line.unwrap_or_default()
        };
        let run = std::process::id();
        let state = |rest: &str| {
            format!(
                "data: {{{}}}",
                rest.replace("RUN", &format!("\"run\":{run}"))
            )
        };
        assert_eq!(data(), state(r#""problem":null,RUN,"version":0"#));
        server.show(b"x".to_vec());
        assert_eq!(data(), state(r#""problem":null,RUN,"version":1"#));
        server.complain("wrong".to_owned());
        assert_eq!(data(), state(r#""problem":"wrong",RUN,"version":1"#));
        server.show(b"x".to_vec());
        assert_eq!(data(), state(r#""problem":null,RUN,"version":1"#));
        server.end();
        assert_eq!(data(), "", "the stream ends");
    }

    #[test]
    fn a_page_that_is_open_is_sent_what_changed() {
        let server = Server::start(Some(0), mpsc::channel().0).expect("a free port");
        server.show(b"<p>x</p><section>1</section><section>2</section>".to_vec());
        assert!(!server.is_read());
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, server.port)).expect("a server");
        let head = format!(
            "GET /__events?shows=1 HTTP/1.1\r\nHost: localhost:{}\r\n\r\n",
            server.port
        );
        stream.write_all(head.as_bytes()).expect("sent");
        let lines = BufReader::new(stream).lines().map_while(Result::ok);
        let mut data = lines.filter_map(|line| Some(line.strip_prefix("data: ")?.to_owned()));
        let mut next = || -> serde_json::Value {
            serde_json::from_str(&data.next().expect("an event")).expect("JSON")
        };
        assert_eq!(next()["version"], 1);
        assert!(server.is_read());
        server.show(b"<p>x</p><section>1</section><section>II</section>".to_vec());
        let newer = serde_json::json!([[1, "<section>II</section>"]]);
        assert_eq!(next()["pieces"]["newer"], newer);
        server.show(b"<p>y</p><section>1</section><section>II</section>".to_vec());
        let framed = next();
        assert_eq!(
            (&framed["version"], &framed["pieces"]),
            (&3.into(), &serde_json::Value::Null),
            "another frame is loaded anew"
        );
    }

    #[test]
    fn a_taken_port_is_an_error_that_says_what_to_do() {
        let server = Server::start(Some(0), mpsc::channel().0).expect("a free port");
        let again = Server::start(Some(server.port), mpsc::channel().0);
        let words = again
            .err()
            .map(|error| error.to_string())
            .unwrap_or_default();
        assert!(words.contains("`--port 0` takes a free port"), "{words}");
    }
}
