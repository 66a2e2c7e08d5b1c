//! The text of a page: what a reader without a script, a style or a picture is told.

/// Elements that begin a line of their own.
const LINES: [&str; 22] = [
    "address",
    "article",
    "caption",
    "dd",
    "details",
    "div",
    "dl",
    "dt",
    "figcaption",
    "figure",
    "footer",
    "h1",
    "h2",
    "h3",
    "header",
    "li",
    "p",
    "section",
    "summary",
    "table",
    "title",
    "tr",
];

/// Elements whose content is no text.
const SILENT: [&str; 4] = ["script", "style", "svg", "template"];

/// The text of a page, one line for each paragraph, item or row of a table; the cells of a row stand apart by a bar.
pub fn page_text(page: &str) -> String {
    let mut lines = Lines::default();
    let mut rest = page;
    while let Some(start) = rest.find('<') {
        lines.add(&rest[..start]);
        rest = &rest[start..];
        if let Some(comment) = rest.strip_prefix("<!--") {
            rest = comment.find("-->").map_or("", |end| &comment[end + 3..]);
            continue;
        }
        let name = rest[1..].trim_start_matches('/');
        let letters = |letter: char| !letter.is_ascii_alphanumeric();
        let name = name[..name.find(letters).unwrap_or(name.len())].to_ascii_lowercase();
        if name.is_empty() && !rest[1..].starts_with('!') {
            lines.add("<");
            rest = &rest[1..];
            continue;
        }
        if LINES.contains(&name.as_str()) {
            lines.end();
        }
        if name == "td" || name == "th" {
            lines.cell();
        } else if name == "small" || name == "span" {
            lines.gap();
        }
        let opens = !rest.starts_with("</");
        rest = rest.find('>').map_or("", |end| &rest[end + 1..]);
        if opens && SILENT.contains(&name.as_str()) {
            let close = format!("</{name}");
            rest = rest.find(&close).map_or("", |end| &rest[end..]);
        }
    }
    lines.add(rest);
    lines.end();
    lines.text
}

/// Lines as they are made.
#[derive(Default)]
struct Lines {
    text: String,
    line: String,
    is_cell: bool,
}

impl Lines {
    fn add(&mut self, markup: &str) {
        let gap = |text: &str| text.starts_with(|letter: char| letter.is_ascii_whitespace());
        for (at, word) in markup.split_ascii_whitespace().enumerate() {
            if self.is_cell && !self.line.is_empty() {
                self.line.truncate(self.line.trim_end().len());
                self.line.push_str(" | ");
            } else if at > 0 || gap(markup) {
                self.gap();
            }
            self.is_cell = false;
            self.line.push_str(&plain(word));
        }
        if markup.ends_with(|letter: char| letter.is_ascii_whitespace()) {
            self.gap();
        }
    }

    /// What follows stands apart.
    fn gap(&mut self) {
        if !self.line.is_empty() && !self.line.ends_with(' ') {
            self.line.push(' ');
        }
    }

    fn cell(&mut self) {
        self.is_cell = true;
    }

    fn end(&mut self) {
        let line = self.line.trim_end();
        if !line.is_empty() {
            self.text.push_str(line);
            self.text.push('\n');
        }
        self.line.clear();
        self.is_cell = false;
    }
}

/// Character references of our template and of HTML's five, as characters.
fn plain(word: &str) -> String {
    let named = [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#x27;", "'"),
        ("&#39;", "'"),
        ("&#x2f;", "/"),
        ("&nbsp;", "\u{a0}"),
        // The last: what it makes is no reference.
        ("&amp;", "&"),
    ];
    let replaced = |text: String, (name, letter): (&str, &str)| text.replace(name, letter);
    named.into_iter().fold(word.to_owned(), replaced)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{fixture, html, view};

    #[test]
    fn lines_are_paragraphs_items_and_rows() {
        let page = "<!doctype html><title>T</title><style>p {}</style><p>One <b>two</b>\n three</p><ul><li>a &lt; b</li><li>&amp;lt;</li></ul>\
            <svg><text>no</text></svg><!-- <p>no --><table><tr><th>x</th><td class='n'>1</td><td>2 <small>1–3</small></td></tr></table>\
            <script>no()</script>tail 1 < 2";
        let expected = "T\nOne two three\na < b\n&lt;\nx | 1 | 2 1–3\ntail 1 < 2\n";
        assert_eq!(page_text(page), expected);
    }

    #[test]
    fn the_text_of_a_report_holds_its_numbers_and_no_markup() {
        let view = view(&fixture::results());
        let page = html(&view, None).expect("the built-in template is right");
        let text = page_text(&String::from_utf8(page).expect("text"));
        for row in &view.decision.rows {
            let cells: Vec<&str> = row.cells.iter().map(|cell| cell.text.as_str()).collect();
            let holds = |line: &str| cells.iter().all(|cell| line.contains(cell));
            assert!(text.lines().any(holds), "{cells:?}: {text}");
        }
        assert!(!text.contains("addEventListener"), "{text}");
    }
}
