//! Bytes, in parts of any size, become a trace.

use super::columns::Columns;
use super::gather::{Gather, Line, Zeros};
use super::json;
use super::replay::Trace;

/// Bytes of a line; a longer one is no line of a trace.
const LONGEST: usize = 1 << 22;

/// So much that is wrong is said; then reading stops.
const MOST_SAID: usize = 5;

/// First bytes of packed files.
const PACKED: [&[u8]; 4] = [b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"PK\x03\x04", b"PAR1"];

/// Something that is wrong with a trace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wrong {
    /// The line, from one; zero for the whole file.
    pub line: u64,
    /// What is wrong with it.
    pub what: String,
}

#[derive(Debug)]
enum Layout {
    Columns(Columns),
    Json,
}

/// Reads a trace as its bytes come.
#[derive(Debug, Default)]
pub(super) struct TraceReader {
    /// The beginning of a line whose end has not come.
    begun: Vec<u8>,
    line: u64,
    layout: Option<Layout>,
    gather: Gather,
    wrong: Vec<Wrong>,
    stopped: bool,
}

impl TraceReader {
    /// Takes the next bytes.
    pub fn feed(&mut self, mut part: &[u8]) {
        while let (false, Some(end)) = (self.stopped, part.iter().position(|byte| *byte == b'\n')) {
            let (line, rest) = part.split_at(end);
            part = &rest[1..];
            if self.begun.is_empty() {
                self.take(line);
            } else {
                let mut whole = std::mem::take(&mut self.begun);
                whole.extend_from_slice(line);
                self.take(&whole);
                whole.clear();
                self.begun = whole;
            }
        }
        if self.stopped {
            return;
        }
        self.begun.extend_from_slice(part);
        if self.begun.len() > LONGEST {
            self.line += 1;
            self.stop(format!("a line of more than {LONGEST} bytes"));
        }
    }

    /// The trace and what was changed in it, or what is wrong, in order.
    pub fn finish(mut self) -> Result<(Trace, Zeros), Vec<Wrong>> {
        if !self.stopped && !self.begun.is_empty() {
            let last = std::mem::take(&mut self.begun);
            self.take(&last);
        }
        if self.wrong.is_empty() && self.gather.len() == 0 {
            let what = if self.layout.is_some() {
                "there is no request after the first line"
            } else {
                self.line = 0;
                "the file is empty"
            };
            self.stop(what.to_owned());
        }
        if !self.wrong.is_empty() {
            return Err(self.wrong);
        }
        let zeros = self.gather.zeros;
        let trace = self.gather.finish().expect("a request was gathered");
        Ok((trace, zeros))
    }

    fn stop(&mut self, what: String) {
        self.wrong.push(Wrong {
            line: self.line,
            what,
        });
        self.stopped = true;
    }

    fn take(&mut self, bytes: &[u8]) {
        self.line += 1;
        if self.line == 1 && PACKED.iter().any(|magic| bytes.starts_with(magic)) {
            return self.stop("the file is packed; a trace is text".to_owned());
        }
        let text = std::str::from_utf8(bytes).ok();
        let Some(text) = text.filter(|text| !text.contains('\0')) else {
            return self.stop("bytes that are no text".to_owned());
        };
        let text = text.trim_start_matches('\u{feff}').trim();
        if text.is_empty() {
            return;
        }
        if self.layout.is_none() {
            match first(text) {
                Ok(layout) => self.layout = Some(layout),
                Err(what) => return self.stop(what),
            }
            if !text.starts_with('{') {
                return;
            }
        }
        let read = match &self.layout {
            Some(Layout::Columns(columns)) => columns.read(text),
            Some(Layout::Json) | None => json::read(text),
        };
        self.keep(read);
    }

    fn keep(&mut self, read: Result<Line<'_>, String>) {
        let number = self.line;
        let kept = read.and_then(|line| self.gather.add(&line, number));
        if let Err(what) = kept {
            self.wrong.push(Wrong { line: number, what });
            self.stopped = self.wrong.len() == MOST_SAID;
        }
    }
}

/// The layout that a first line shows.
fn first(text: &str) -> Result<Layout, String> {
    if text.starts_with('{') {
        Ok(Layout::Json)
    } else {
        Columns::of(text).map(Layout::Columns)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Shared, TracePrefix};
    use super::*;

    fn read(text: &[u8], part: usize) -> Result<(Trace, Zeros), Vec<Wrong>> {
        let mut reader = TraceReader::default();
        for part in text.chunks(part) {
            reader.feed(part);
        }
        reader.finish()
    }

    const OWN: &str = "arrival_s,isl,osl,session,priority\n2,100,10,a,0\n2.5,300,20,,1\r\n\n4,150,5,a,2\n5,50,5,a,0";

    #[test]
    fn parts_of_any_size_make_the_same_trace() {
        let whole = read(OWN.as_bytes(), 1 << 20).expect("a trace");
        for part in 1..20 {
            assert_eq!(read(OWN.as_bytes(), part).as_ref(), Ok(&whole), "{part}");
        }
        let (trace, zeros) = whole;
        assert_eq!((trace.len(), zeros), (4, Zeros::default()));
        assert_eq!(trace.request(2).at, 2_000_000_000);
        assert_eq!((trace.priority(1), trace.priority(2)), (1, 2));
        let session = |tokens| TracePrefix::Session(Shared { name: 0, tokens });
        assert_eq!(trace.prefix(0), session(0));
        assert_eq!(trace.prefix(1), TracePrefix::Own);
        assert_eq!(trace.prefix(2), session(109), "the last output is not kept");
        assert_eq!(trace.prefix(3), session(50), "no more than its prompt");
    }

    #[test]
    fn all_three_layouts_are_known_by_their_first_line() {
        let azure = "TIMESTAMP,ContextTokens,GeneratedTokens\n2023-11-16 18:15:46.6805900,374,44\n2023-11-16 18:15:50.9951690,396,109\n";
        let (trace, _) = read(azure.as_bytes(), 7).expect("a trace");
        assert_eq!(trace.request(1).at, 4_314_579_000);
        let mooncake = "{\"timestamp\": 0, \"input_length\": 1000, \"output_length\": 5, \"hash_ids\": [0, 7]}\n{\"timestamp\": 27, \"input_length\": 700, \"output_length\": 5, \"hash_ids\": [0, 9], \"more\": 1}\n";
        let (trace, _) = read(mooncake.as_bytes(), 7).expect("a trace");
        assert_eq!(trace.request(1).at, 27_000_000);
        let TracePrefix::Stretches(parts) = trace.prefix(1) else {
            panic!("hash ids are stretches");
        };
        assert_eq!(
            parts.iter().map(|part| part.tokens).collect::<Vec<_>>(),
            [512, 188]
        );
    }

    #[test]
    fn lengths_of_zero_count_as_one_token() {
        let text = b"arrival_s,isl,osl\n0,5,5\n1,5,0\n2,0,0\n";
        let (trace, zeros) = read(text, 99).expect("a trace");
        assert_eq!((trace.request(1).output, trace.request(2).prompt), (1, 1));
        assert_eq!((zeros.prompts, zeros.outputs, zeros.first), (1, 2, 3));
    }

    #[test]
    fn only_so_much_is_said() {
        let text = format!("arrival_s,isl,osl\n{}", "x,y,z\n".repeat(1000));
        let wrong = read(text.as_bytes(), 64).expect_err("nothing can be read");
        assert_eq!(wrong.len(), MOST_SAID);
        assert_eq!((wrong[0].line, wrong[4].line), (2, 6));
    }

    proptest::proptest! {
        #[test]
        fn whatever_the_bytes_there_is_an_answer(bytes: Vec<u8>, part in 1_usize..50) {
            let _ = read(&bytes, part);
            let mut text = b"arrival_s,isl,osl\n".to_vec();
            text.extend(&bytes);
            let _ = read(&text, part);
        }
    }
}
