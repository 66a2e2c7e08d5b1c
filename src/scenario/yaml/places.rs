//! Character positions, as the parser counts them, become byte positions.

/// Every how many characters a byte position is remembered.
const STRIDE: usize = 64;

/// Byte positions of the characters of a text.
pub(super) struct Places<'t> {
    text: &'t str,
    /// Byte position of every [`STRIDE`]th character; empty for ASCII, where both positions are equal.
    marks: Vec<u32>,
}

impl<'t> Places<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        let marks = if text.is_ascii() {
            Vec::new()
        } else {
            text.char_indices()
                .step_by(STRIDE)
                .map(|(byte, _)| byte as u32)
                .collect()
        };
        Self { text, marks }
    }

    /// The byte at which character `index` starts, at most the length of the text.
    pub(super) fn byte(&self, index: usize) -> usize {
        if self.marks.is_empty() {
            return index.min(self.text.len());
        }
        let Some(&mark) = self.marks.get(index / STRIDE) else {
            return self.text.len();
        };
        let rest = &self.text[mark as usize..];
        rest.char_indices()
            .nth(index % STRIDE)
            .map_or(self.text.len(), |(byte, _)| mark as usize + byte)
    }
}

/// Bytes up to and with the quote that closes the one at the start.
pub(super) fn quoted_length(text: &str) -> usize {
    let bytes = text.as_bytes();
    let Some(quote) = bytes.first() else {
        return 0;
    };
    let mut position = 1;
    while let Some(byte) = bytes.get(position) {
        let doubled = *quote == b'\'' && bytes.get(position + 1) == Some(quote);
        let escape = *quote == b'"' && *byte == b'\\';
        if escape || (byte == quote && doubled) {
            position += 1;
        } else if byte == quote {
            return position + 1;
        }
        position += 1;
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_agree_with_char_indices() {
        let text = "é: h10 # ☃\n".repeat(40);
        let places = Places::new(&text);
        for (index, (byte, _)) in text.char_indices().enumerate() {
            assert_eq!(places.byte(index), byte);
        }
        assert_eq!(places.byte(10_000), text.len());
        assert_eq!(Places::new("abc").byte(9), 3);
    }
}
