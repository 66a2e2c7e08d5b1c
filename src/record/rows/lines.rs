//! Lines of a file, counted as editors count them.

/// Where records of a CSV file start. A reader of CSV knows offsets, but takes what ends a line, and empty lines, for the start of the next
/// record.
#[derive(Debug)]
pub(in crate::record) struct Lines<'a> {
    bytes: &'a [u8],
    at: usize,
    line: u64,
}

impl<'a> Lines<'a> {
    /// At the start of a file, line one.
    pub const fn of(bytes: &'a [u8]) -> Self {
        Self {
            bytes,
            at: 0,
            line: 1,
        }
    }

    /// The line of the first byte of a record that a reader starts to look for at an offset. Offsets are asked for in their order.
    pub fn start(&mut self, offset: u64) -> u64 {
        let from = self.place(offset);
        let ends = self.bytes[from..].iter();
        let ends = ends.take_while(|byte| matches!(byte, b'\r' | b'\n'));
        self.count(from + ends.count())
    }

    /// The line of the byte at an offset.
    pub fn line(&mut self, offset: u64) -> u64 {
        self.count(self.place(offset))
    }

    fn place(&self, offset: u64) -> usize {
        let place = usize::try_from(offset).unwrap_or(usize::MAX);
        place.clamp(self.at, self.bytes.len())
    }

    /// Lines end with `\n`, with `\r\n`, or with `\r` alone.
    fn count(&mut self, to: usize) -> u64 {
        let is_end = |place: &usize| match self.bytes[*place] {
            b'\n' => true,
            b'\r' => self.bytes.get(place + 1) != Some(&b'\n'),
            _ => false,
        };
        self.line += (self.at..to).filter(is_end).count() as u64;
        self.at = to;
        self.line
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The line of each record of a file.
    fn lines(text: &str) -> Vec<u64> {
        let mut reader = csv::ReaderBuilder::new()
            .flexible(true)
            .has_headers(false)
            .from_reader(text.as_bytes());
        let mut record = csv::ByteRecord::new();
        let mut lines = Lines::of(text.as_bytes());
        let mut found = Vec::new();
        while let Ok(true) = reader.read_byte_record(&mut record) {
            found.push(lines.start(record.position().map_or(0, csv::Position::byte)));
        }
        found
    }

    #[test]
    fn a_record_stands_where_its_first_byte_does() {
        for (text, expected) in [
            ("a,b\n1,2\n3,4\n", [1, 2, 3]),
            ("a,b\r\n1,2\r\n3,4\r\n", [1, 2, 3]),
            ("a,b\r1,2\r3,4", [1, 2, 3]),
            ("\n\na,b\n\n\n1,2\n\n3,4\n\n", [3, 6, 8]),
            ("\r\na,b\r\n\r\n1,2\r\n\r\n\r\n3,4\r\n", [2, 4, 7]),
            ("a,b\n\"1\n\n1\",2\n3,4\n", [1, 2, 5]),
            ("a,b\r\n\"1\r\n1\",2\r\n\r\n3,4", [1, 2, 5]),
            ("\u{feff}a,b\r\n1,2\n3,4\n", [1, 2, 3]),
        ] {
            assert_eq!(lines(text), expected, "{text:?}");
        }
        assert_eq!(lines(""), [0; 0]);
        assert_eq!(lines("\r\n\n"), [0; 0]);
    }

    #[test]
    fn an_end_is_counted_once_however_it_is_cut() {
        let mut lines = Lines::of(b"a\r\n\r\nb");
        assert_eq!([lines.line(2), lines.line(3), lines.start(3)], [1, 2, 3]);
        assert_eq!(lines.line(u64::MAX), 3);
    }
}
