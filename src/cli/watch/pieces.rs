//! A page in pieces: what can be replaced while a browser shows it, and the frame around it.
//!
//! A piece is a `meta`, `title`, `header`, `section`, `footer` or a script of JSON that stands in no other piece; the live script finds
//! the same elements in the same order. Whether a template has any is its own affair: a page without pieces is all frame.

/// Elements that are pieces wherever they stand outside of another.
const NAMES: [&[u8]; 5] = [b"meta", b"title", b"header", b"section", b"footer"];

/// Elements whose content is text, whatever it looks like.
const RAW: [&[u8]; 4] = [b"script", b"style", b"title", b"textarea"];

/// Pieces of a page in their order, and when each last changed.
#[derive(Debug, Default)]
pub struct Pieces {
    all: Vec<Piece>,
    frame: Vec<u8>,
    /// The first version with this frame and so many pieces.
    framed: u64,
}

#[derive(Debug)]
struct Piece {
    text: String,
    /// The first version that holds it as it is.
    since: u64,
}

impl Pieces {
    /// The pieces of that version of a page, beside those of the version before it.
    pub fn of(page: &[u8], version: u64, before: &Self) -> Self {
        let (mut pieces, mut frame, mut end) = (Vec::new(), Vec::new(), 0);
        for (from, to) in spans(page) {
            frame.extend_from_slice(&page[end..from]);
            // The byte that no page holds marks the place.
            frame.push(0);
            pieces.push(String::from_utf8_lossy(&page[from..to]).into_owned());
            end = to;
        }
        frame.extend_from_slice(&page[end..]);
        let same = frame == before.frame && pieces.len() == before.all.len();
        let since = |(at, text): (usize, String)| {
            let old = before.all.get(at).filter(|old| same && old.text == text);
            Piece {
                since: old.map_or(version, |old| old.since),
                text,
            }
        };
        Self {
            all: pieces.into_iter().enumerate().map(since).collect(),
            frame,
            framed: if same { before.framed } else { version },
        }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// What a browser that shows an older version lacks, by position; `None` where that is more than pieces.
    pub fn since(&self, version: u64) -> Option<Vec<(usize, &str)>> {
        if version < self.framed || self.all.is_empty() {
            return None;
        }
        let newer = self.all.iter().enumerate();
        let newer = newer.filter(|(_, piece)| piece.since > version);
        Some(newer.map(|(at, piece)| (at, piece.text.as_str())).collect())
    }
}

/// Where the pieces of a page begin and end.
fn spans(page: &[u8]) -> Vec<(usize, usize)> {
    let mut spans = Vec::new();
    let mut tags = Tags { page, at: 0 };
    while let Some(tag) = tags.next() {
        if tag.closes || !is_piece(&tag) {
            continue;
        }
        let mut depth = u32::from(!tag.is_raw() && !tag.name.eq_ignore_ascii_case(b"meta"));
        let mut end = tag.end;
        while depth > 0 {
            let Some(inner) = tags.next() else {
                // An element that nobody closes is part of the frame.
                return spans;
            };
            if inner.name.eq_ignore_ascii_case(tag.name) {
                depth = if inner.closes { depth - 1 } else { depth + 1 };
            }
            end = inner.end;
        }
        spans.push((tag.start, end));
    }
    spans
}

fn is_piece(tag: &Tag<'_>) -> bool {
    let named = NAMES.iter().any(|name| tag.name.eq_ignore_ascii_case(name));
    let json = b"application/json";
    let holds_json = || tag.text.windows(json.len()).any(|bytes| bytes == json);
    named || tag.name.eq_ignore_ascii_case(b"script") && holds_json()
}

/// One tag; of an element whose content is text, the whole element.
struct Tag<'a> {
    name: &'a [u8],
    text: &'a [u8],
    closes: bool,
    start: usize,
    end: usize,
}

impl Tag<'_> {
    fn is_raw(&self) -> bool {
        RAW.iter().any(|name| self.name.eq_ignore_ascii_case(name))
    }
}

/// Tags of a page from a place on.
struct Tags<'a> {
    page: &'a [u8],
    at: usize,
}

impl<'a> Iterator for Tags<'a> {
    type Item = Tag<'a>;

    fn next(&mut self) -> Option<Tag<'a>> {
        loop {
            let start = self.at + find(&self.page[self.at..], b"<")?;
            let rest = &self.page[start..];
            if rest.starts_with(b"<!--") {
                self.at = start + 4 + find(&rest[4..], b"-->")? + 3;
                continue;
            }
            let closes = rest.get(1) == Some(&b'/');
            let from = if closes { 2 } else { 1 };
            let letters = rest[from..].iter();
            let size = letters.take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'-');
            let name = &rest[from..from + size.count()];
            if name.is_empty() {
                self.at = start + 1;
                continue;
            }
            let end = start + tag_end(rest)?;
            let mut tag = Tag {
                name,
                text: &self.page[start..end],
                closes,
                start,
                end,
            };
            if !closes && tag.is_raw() {
                tag.end += close_of(&self.page[end..], name)?;
            }
            self.at = tag.end;
            return Some(tag);
        }
    }
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    let first = *wanted.first()?;
    let mut from = 0;
    loop {
        let at = from + bytes[from..].iter().position(|byte| *byte == first)?;
        if bytes[at..].starts_with(wanted) {
            return Some(at);
        }
        from = at + 1;
    }
}

/// The place after the `>` of a tag, which may stand in quotes before.
fn tag_end(tag: &[u8]) -> Option<usize> {
    let mut quote = None;
    for (at, byte) in tag.iter().enumerate() {
        match (quote, byte) {
            (None, b'"' | b'\'') => quote = Some(*byte),
            (None, b'>') => return Some(at + 1),
            (Some(open), byte) if open == *byte => quote = None,
            (None | Some(_), _) => {}
        }
    }
    None
}

/// The place after the closing tag of an element whose content is text.
fn close_of(bytes: &[u8], name: &[u8]) -> Option<usize> {
    let mut from = 0;
    loop {
        let at = from + find(&bytes[from..], b"</")?;
        let rest = &bytes[at + 2..];
        if rest.len() >= name.len() && rest[..name.len()].eq_ignore_ascii_case(name) {
            return Some(at + tag_end(&bytes[at..])?);
        }
        from = at + 2;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn texts(page: &str) -> Vec<&str> {
        let spans = spans(page.as_bytes());
        spans.iter().map(|(from, to)| &page[*from..*to]).collect()
    }

    #[test]
    fn pieces_are_the_outermost_of_their_kind() {
        let page = "<!doctype html><meta name=x content='>'><title>a > b</title><style>section > p {}</style><HEADER class='>'>x</HEADER>\
            <main><!-- <section> --><section id=a><section>in</section><svg><title>t</title></svg></section>\n\
            <SECTION>\"</SECTION></main><script>'<section></section>'</script>\
            <script type=\"application/json\">{\"<section>\": 1}</script><p>a < b</p>";
        let expected = [
            "<meta name=x content='>'>",
            "<title>a > b</title>",
            "<HEADER class='>'>x</HEADER>",
            "<section id=a><section>in</section><svg><title>t</title></svg></section>",
            "<SECTION>\"</SECTION>",
            "<script type=\"application/json\">{\"<section>\": 1}</script>",
        ];
        assert_eq!(texts(page), expected);
        assert_eq!(texts("<section>open <section></section>"), [""; 0]);
        assert_eq!(texts("<p>all frame"), [""; 0]);
    }

    fn page(a: &str, b: &str) -> Vec<u8> {
        format!("<main><section>{a}</section> <section>{b}</section></main>").into_bytes()
    }

    #[test]
    fn a_browser_is_told_what_changed_since_the_version_it_shows() {
        let first = Pieces::of(&page("a", "b"), 1, &Pieces::default());
        assert_eq!(first.since(1), Some(vec![]));
        assert_eq!(first.since(0), None, "an older frame");
        let second = Pieces::of(&page("A", "b"), 2, &first);
        assert_eq!(second.since(1), Some(vec![(0, "<section>A</section>")]));
        let third = Pieces::of(&page("A", "B"), 3, &second);
        assert_eq!(third.since(2), Some(vec![(1, "<section>B</section>")]));
        assert_eq!(third.since(1).map(|newer| newer.len()), Some(2));
        assert_eq!(third.len(), 2);
    }

    #[test]
    fn another_frame_or_number_of_pieces_is_another_page() {
        let first = Pieces::of(&page("a", "b"), 1, &Pieces::default());
        let framed = Pieces::of(&[&page("a", "b")[..], b"<hr>"].concat(), 2, &first);
        assert_eq!(framed.since(1), None);
        let more = Pieces::of(&page("a", "b</section> <section>c"), 2, &first);
        assert_eq!((more.len(), more.since(1)), (3, None));
        let none = Pieces::of(b"<p>one</p>", 2, &Pieces::of(b"<p>one</p>", 1, &first));
        assert_eq!(none.since(2), None, "without pieces nothing is replaced");
    }

    proptest! {
        #[test]
        fn pieces_lie_in_their_order_inside_any_page(parts in proptest::collection::vec("<section|</section>|<title>|</title|<script|</script>|<!--|-->|[a-z<>\"'/! ]{0,6}", 0..40)) {
            let page = parts.concat();
            let mut last = 0;
            for (from, to) in spans(page.as_bytes()) {
                prop_assert!(last <= from && from < to && to <= page.len());
                last = to;
            }
            let pieces = Pieces::of(page.as_bytes(), 1, &Pieces::default());
            prop_assert!(pieces.frame.len() <= page.len() + pieces.len());
        }
    }
}
