//! As much of HTTP/1.1 as the live page needs: a request head is read, a response is written, and the connection closes.

use std::io::{self, Read};

/// Bytes that a request line with its headers may take.
const HEAD: usize = 16 << 10;
/// Bytes that a body may take; the one that is read is a number.
const BODY: usize = 64;

/// The path of events with the version of the page that asks.
const SHOWS: &str = "/__events?shows=";

/// What a request asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// `GET /`: the page.
    Page,
    /// `HEAD /`: that there is a page.
    PageHead,
    /// `GET /__events?shows=N`: what happens, as server-sent events, to a page that shows that version.
    Events(Option<u64>),
    /// `POST /__painted`: the page of that number is on the screen.
    Painted(u64),
}

/// Why a request is not answered with what it asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// Not HTTP, too long, or too slow.
    Malformed,
    /// For another host or from another page: a name that somebody points at 127.0.0.1 must not read the report.
    Foreign,
    /// No such path; there is one page, and no file is served by its name.
    Unknown,
    /// The path exists, the method does not.
    Method,
}

impl Refusal {
    /// The status line's number and words.
    pub const fn status(self) -> &'static str {
        match self {
            Self::Malformed => "400 Bad Request",
            Self::Foreign => "403 Forbidden",
            Self::Unknown => "404 Not Found",
            Self::Method => "405 Method Not Allowed",
        }
    }
}

/// Reads a request.
///
/// # Errors
///
/// [`Refusal`] for everything that is not one of [`Asked`], sent to this port under a name of this machine by a page of this server.
pub fn read(stream: &mut dyn Read, port: u16) -> Result<Asked, Refusal> {
    let (head, rest) = head(stream).map_err(|_| Refusal::Malformed)?;
    let mut lines = head.split("\r\n");
    let line = lines.next().ok_or(Refusal::Malformed)?;
    let headers: Vec<(String, &str)> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim()))
        .collect();
    let mut words = line.split(' ');
    let (Some(method), Some(path), Some(version), None) =
        (words.next(), words.next(), words.next(), words.next())
    else {
        return Err(Refusal::Malformed);
    };
    if !version.starts_with("HTTP/1.") {
        return Err(Refusal::Malformed);
    }
    if !is_ours(&headers, port) {
        return Err(Refusal::Foreign);
    }
    match (method, path) {
        ("GET", "/") => Ok(Asked::Page),
        ("HEAD", "/") => Ok(Asked::PageHead),
        ("GET", "/__events") => Ok(Asked::Events(None)),
        ("GET", path) if path.starts_with(SHOWS) => {
            let version = path[SHOWS.len()..].parse();
            version
                .map(|version| Asked::Events(Some(version)))
                .map_err(|_| Refusal::Unknown)
        }
        ("POST", "/__painted") => number(stream, &headers, rest).map(Asked::Painted),
        (_, "/" | "/__events" | "/__painted") => Err(Refusal::Method),
        _ => Err(Refusal::Unknown),
    }
}

/// True where exactly one host is named, it is this one, and the page that asks, where it says so, is ours.
fn is_ours(headers: &[(String, &str)], port: u16) -> bool {
    let named = |wanted: &str| -> Vec<&str> {
        let found = headers.iter().filter(|(name, _)| name == wanted);
        found.map(|(_, value)| *value).collect()
    };
    let names = ["127.0.0.1", "localhost"];
    let hosts: Vec<String> = names.iter().map(|name| format!("{name}:{port}")).collect();
    let [host] = named("host")[..] else {
        return false;
    };
    let from_here = |origin: &str| {
        origin
            .strip_prefix("http://")
            .is_some_and(|origin| origin.eq_ignore_ascii_case(host))
    };
    hosts.iter().any(|ours| ours.eq_ignore_ascii_case(host))
        && named("origin").into_iter().all(from_here)
}

/// The request line and headers, and what came after them.
fn head(stream: &mut dyn Read) -> io::Result<(String, Vec<u8>)> {
    let mut bytes = Vec::new();
    let mut part = [0; 2048];
    loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            let rest = bytes.split_off(end + 4);
            bytes.truncate(end);
            let text = String::from_utf8(bytes);
            return text
                .map(|text| (text, rest))
                .map_err(|_| io::ErrorKind::InvalidData.into());
        }
        if bytes.len() > HEAD {
            return Err(io::ErrorKind::InvalidData.into());
        }
        match stream.read(&mut part)? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            size => bytes.extend_from_slice(&part[..size]),
        }
    }
}

/// A body that is a number.
fn number(
    stream: &mut dyn Read,
    headers: &[(String, &str)],
    mut body: Vec<u8>,
) -> Result<u64, Refusal> {
    let length = headers.iter().find(|(name, _)| name == "content-length");
    let length: usize = length
        .and_then(|(_, value)| value.parse().ok())
        .filter(|length| *length <= BODY)
        .ok_or(Refusal::Malformed)?;
    let mut part = [0; BODY];
    while body.len() < length {
        match stream.read(&mut part) {
            Ok(0) | Err(_) => return Err(Refusal::Malformed),
            Ok(size) => body.extend_from_slice(&part[..size]),
        }
    }
    let text = std::str::from_utf8(&body[..length]).ok();
    text.and_then(|text| text.trim().parse().ok())
        .ok_or(Refusal::Malformed)
}

/// The headers of a response with a body of that many bytes.
pub fn response(status: &str, kind: &str, length: usize) -> String {
    format!(
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n{SAFE}Connection: close\r\n\r\n"
    )
}

/// The headers of the stream of events, which has no end.
pub fn events() -> String {
    format!(
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\n{SAFE}Connection: close\r\n\r\n"
    )
}

/// A page of this server loads nothing from elsewhere, is framed by nobody and is never kept.
const SAFE: &str = "Cache-Control: no-store\r\n\
    Content-Security-Policy: default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; \
    img-src data:; font-src data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'\r\n\
    X-Content-Type-Options: nosniff\r\n\
    Referrer-Policy: no-referrer\r\n\
    Cross-Origin-Resource-Policy: same-origin\r\n";

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn ask(text: &str) -> Result<Asked, Refusal> {
        read(&mut text.as_bytes(), 3000)
    }

    #[test]
    fn the_page_the_events_and_the_painted_number_are_all_there_is() {
        let get = |path: &str| format!("GET {path} HTTP/1.1\r\nHost: localhost:3000\r\n\r\n");
        assert_eq!(ask(&get("/")), Ok(Asked::Page));
        assert_eq!(ask(&get("/__events")), Ok(Asked::Events(None)));
        assert_eq!(ask(&get("/__events?shows=7")), Ok(Asked::Events(Some(7))));
        assert_eq!(ask(&get("/__events?shows=-7")), Err(Refusal::Unknown));
        for path in ["/report.html", "/..", "//", "/?x", "/%2e%2e/etc/passwd"] {
            assert_eq!(ask(&get(path)), Err(Refusal::Unknown), "{path}");
        }
        assert_eq!(ask(&get("/__painted")), Err(Refusal::Method));
        let post =
            "POST /__painted HTTP/1.1\r\nHost: 127.0.0.1:3000\r\nContent-Length: 2\r\n\r\n12";
        assert_eq!(ask(post), Ok(Asked::Painted(12)));
        assert_eq!(
            ask(&post.replace("2\r\n\r\n12", "9\r\n\r\n12")),
            Err(Refusal::Malformed)
        );
        assert_eq!(
            ask(&post.replace("th: 2", "th: 99999")),
            Err(Refusal::Malformed)
        );
    }

    #[test]
    fn another_host_or_page_is_refused() {
        let head = |lines: &str| format!("GET / HTTP/1.1\r\n{lines}\r\n\r\n");
        for lines in [
            "Host: evil.example:3000",
            "Host: localhost:3001",
            "Host: localhost",
            "Accept: */*",
            "Host: localhost:3000\r\nHost: evil.example",
            "Host: localhost:3000\r\nOrigin: http://evil.example",
            "Host: localhost:3000\r\nOrigin: null",
            "Host: localhost:3000\r\nOrigin: http://localhost:3001",
        ] {
            assert_eq!(ask(&head(lines)), Err(Refusal::Foreign), "{lines}");
        }
        assert_eq!(ask(&head("host: LOCALHOST:3000")), Ok(Asked::Page));
        let own = "Host: 127.0.0.1:3000\r\nOrigin: http://127.0.0.1:3000";
        assert_eq!(ask(&head(own)), Ok(Asked::Page));
    }

    #[test]
    fn what_is_no_request_is_malformed() {
        let long = format!(
            "GET / HTTP/1.1\r\nHost: localhost:3000\r\nX: {}\r\n\r\n",
            "x".repeat(HEAD + 2048)
        );
        for text in [
            "",
            "\r\n\r\n",
            "GET /\r\n\r\n",
            "GET / SPDY/3\r\nHost: localhost:3000\r\n\r\n",
            "GET / HTTP/1.1\r\n",
            &long,
        ] {
            assert_eq!(ask(text), Err(Refusal::Malformed));
        }
    }

    proptest! {
        #[test]
        fn reading_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..400), port in any::<u16>()) {
            let _ = read(&mut bytes.as_slice(), port);
            let tailed = [b"POST /__painted HTTP/1.1\r\nHost: localhost:3000\r\nContent-Length: 5\r\n\r\n".as_slice(), &bytes].concat();
            let _ = read(&mut tailed.as_slice(), 3000);
        }
    }
}
