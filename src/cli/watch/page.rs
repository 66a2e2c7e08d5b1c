//! The served page: the report as it is written, with the script that follows the server.

/// The script that reloads the page and shows what is wrong; the report on disk does not hold it.
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

/// A report with a style at the end of its head and the script at the end of its body; its own last script runs after the
/// first frame, as the page reads without it.
pub fn live(report: Option<&[u8]>, version: u64) -> Vec<u8> {
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
    let script = format!(
        "<script id=\"phantom-live\">{}</script>\n",
        LIVE.replace("__VERSION__", &version.to_string())
    );
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

/// One server-sent event: the number of the page, and what is wrong since, if anything.
pub fn event(version: u64, problem: Option<&str>) -> String {
    let data = serde_json::json!({ "version": version, "problem": problem });
    format!("event: state\ndata: {data}\n\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_script_and_the_style_stand_at_the_ends_and_nothing_else_changes() {
        let report = b"<html><body><p>\"</body>\" is a tag</p></body></html>";
        let served = String::from_utf8(live(Some(report), 7)).expect("text");
        let (before, after) = served
            .split_once("<script id=\"phantom-live\">")
            .expect("the script");
        assert_eq!(before, "<html><body><p>\"</body>\" is a tag</p>");
        assert!(after.ends_with("</script>\n</body></html>"));
        assert!(after.contains("const version = 7;"), "{after}");
        let bare = String::from_utf8(live(Some(b"<p>x"), 1)).expect("text");
        assert!(bare.starts_with("<p>x<script"));
        assert!(live(None, 0).starts_with(b"<!doctype html>"));
        let styled = live(Some(b"<HEAD><title>x</title></HEAD><p></p>"), 1);
        let styled = String::from_utf8(styled).expect("text");
        assert!(styled.starts_with("<HEAD><title>x</title><style id=\"phantom-later\">"));
        assert!(styled.contains("</style>\n</HEAD><p></p><script"));
        let own = live(
            Some(b"<head></head><p></p><script>own()</script></body>"),
            1,
        );
        let own = String::from_utf8(own).expect("text");
        let later = "</head><p></p><script type=\"text/phantom-later\">own()</script><script id";
        assert!(own.contains(later), "{own}");
    }

    #[test]
    fn the_script_cannot_end_itself_early() {
        assert!(!LIVE.contains("</script"));
        assert_eq!(LIVE.matches("__VERSION__").count(), 1);
    }

    #[test]
    fn an_event_is_one_line_of_data_whatever_the_problem_says() {
        let text = event(3, Some("error: a\n\nevent: x\r\n"));
        assert_eq!(text.matches('\n').count(), 3, "{text}");
        assert!(text.starts_with("event: state\ndata: {"));
    }
}
