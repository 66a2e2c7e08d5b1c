//! The served page: the report as it is written, with the script that follows the server.

use super::pieces::Pieces;

/// The script that keeps the page up to date and shows what is wrong; the report on disk does not hold it.
const LIVE: &str = include_str!("../../../templates/live.js");

/// What is served before there is a first report.
const EMPTY: &str = "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
    <meta name=\"color-scheme\" content=\"light dark\"><title>phantom watch</title></head>\
    <body><p style=\"font: 1rem system-ui; margin: 3rem\">There is no report yet.</p></body></html>\n";

/// What is below the fold is laid out when it comes into view: a long table is most of the work of a page.
const LATER: &str = "<style id=\"phantom-later\">@media screen { main > section:nth-of-type(n + 4) \
    { content-visibility: auto; contain-intrinsic-size: auto 40rem; } }</style>\n";

/// A script that the live script runs after the first frame.
const AFTERWARDS: &str = "<script type=\"text/phantom-later\">";

/// A version of a report with a style at the end of its head and the script at the end of its body; its own last script runs
/// after the first frame, as the page reads without it.
pub fn live(report: Option<&[u8]>, version: u64, pieces: usize) -> Vec<u8> {
    const OWN: &[u8] = b"<script>";
    let report = report.unwrap_or(EMPTY.as_bytes());
    let places = |tag: &'static [u8]| {
        let windows = report.windows(tag.len());
        windows.map(move |bytes| bytes.eq_ignore_ascii_case(tag))
    };
    let body = places(b"</body>").rposition(|found| found);
    let body = body.unwrap_or(report.len());
    let head = places(b"</head>").position(|found| found);
    let head = head.filter(|head| *head < body);
    let constants = [
        ("__RUN__", u64::from(std::process::id())),
        ("__VERSION__", version),
        ("__PIECES__", pieces as u64),
    ];
    let script = constants
        .iter()
        .fold(LIVE.to_owned(), |script, (name, value)| {
            script.replace(name, &value.to_string())
        });
    let script = format!("<script id=\"phantom-live\">{script}</script>\n");
    let style = head.map_or("", |_| LATER);
    let head = head.unwrap_or(0);
    let own = places(OWN).take(body).rposition(|found| found);
    let own = own.filter(|own| *own >= head);
    let (rest, afterwards) = own.map_or((head, ""), |own| (own + OWN.len(), AFTERWARDS));
    [
        &report[..head],
        style.as_bytes(),
        &report[head..own.unwrap_or(head)],
        afterwards.as_bytes(),
        &report[rest..body],
        script.as_bytes(),
        &report[body..],
    ]
    .concat()
}

/// One server-sent event: this process, the number of the page, what is wrong since, if anything, and for a browser that shows
/// an older version the pieces that it lacks; where there are none it loads the page again.
pub fn event(version: u64, problem: Option<&str>, shown: Option<(&Pieces, u64)>) -> String {
    let mut data = serde_json::json!({
        "problem": problem, "run": std::process::id(), "version": version,
    });
    let newer = shown.and_then(|(pieces, old)| Some((pieces.len(), pieces.since(old)?)));
    if let Some((number, newer)) = newer {
        data["pieces"] = serde_json::json!({ "number": number, "newer": newer });
    }
    format!("event: state\ndata: {data}\n\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_script_and_the_style_stand_at_the_ends_and_nothing_else_changes() {
        let report = b"<html><body><p>\"</body>\" is a tag</p></body></html>";
        let served = String::from_utf8(live(Some(report), 7, 3)).expect("text");
        let (before, after) = served
            .split_once("<script id=\"phantom-live\">")
            .expect("the script");
        assert_eq!(before, "<html><body><p>\"</body>\" is a tag</p>");
        assert!(after.ends_with("</script>\n</body></html>"));
        assert!(after.contains("let version = 7;"), "{after}");
        assert!(after.contains("const number = 3;"), "{after}");
        let bare = String::from_utf8(live(Some(b"<p>x"), 1, 0)).expect("text");
        assert!(bare.starts_with("<p>x<script"));
        assert!(live(None, 0, 0).starts_with(b"<!doctype html>"));
        let styled = live(Some(b"<HEAD><title>x</title></HEAD><p></p>"), 1, 1);
        let styled = String::from_utf8(styled).expect("text");
        assert!(styled.starts_with("<HEAD><title>x</title><style id=\"phantom-later\">"));
        assert!(styled.contains("</style>\n</HEAD><p></p><script"));
        let own = live(
            Some(b"<head></head><p></p><script>own()</script></body>"),
            1,
            0,
        );
        let own = String::from_utf8(own).expect("text");
        let later = "</head><p></p><script type=\"text/phantom-later\">own()</script><script id";
        assert!(own.contains(later), "{own}");
    }

    #[test]
    fn the_script_cannot_end_itself_early() {
        assert!(!LIVE.contains("</script"));
        for constant in ["__RUN__", "__VERSION__", "__PIECES__"] {
            assert_eq!(LIVE.matches(constant).count(), 1);
        }
    }

    #[test]
    fn an_event_is_one_line_of_data_whatever_the_problem_says() {
        let text = event(3, Some("error: a\n\nevent: x\r\n"), None);
        assert_eq!(text.matches('\n').count(), 3, "{text}");
        assert!(text.starts_with("event: state\ndata: {"));
    }

    #[test]
    fn an_event_carries_pieces_for_a_browser_that_can_use_them() {
        let first = Pieces::of(b"<section>1</section>", 1, &Pieces::default());
        let second = Pieces::of(b"<section>\n2</section>", 2, &first);
        let text = event(2, None, Some((&second, 1)));
        assert_eq!(text.matches('\n').count(), 3, "{text}");
        let newer = r#""pieces":{"newer":[[0,"<section>\n2</section>"]],"number":1}"#;
        assert!(text.contains(newer), "{text}");
        let old = event(2, None, Some((&second, 0)));
        assert!(!old.contains("pieces"), "{old}");
    }
}
