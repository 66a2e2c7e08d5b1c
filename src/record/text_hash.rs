//! The hash of a text, found when it is first asked for.

use std::fmt;
use std::sync::OnceLock;

/// The blake3 of the text of a pack. Hashing an embedded one takes nearly half as long as reading it, and most runs of the command
/// that read it never ask.
#[derive(Clone)]
pub struct TextHash {
    text: &'static [u8],
    hex: OnceLock<String>,
}

impl TextHash {
    /// That of an embedded text.
    pub(super) const fn embedded(text: &'static [u8]) -> Self {
        Self {
            text,
            hex: OnceLock::new(),
        }
    }

    /// That of a text that was read.
    pub(super) fn of(bytes: &[u8]) -> Self {
        Self {
            text: &[],
            hex: OnceLock::from(blake3::hash(bytes).to_hex().to_string()),
        }
    }

    /// The hash in hexadecimal digits.
    pub fn hex(&self) -> &str {
        let hash = || blake3::hash(self.text).to_hex().to_string();
        self.hex.get_or_init(hash)
    }
}

impl fmt::Debug for TextHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.hex())
    }
}

impl PartialEq for TextHash {
    fn eq(&self, other: &Self) -> bool {
        self.hex() == other.hex()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_has_one_hash_whenever_it_is_found() {
        let now = TextHash::of(b"pack");
        assert_eq!(now, TextHash::embedded(b"pack"));
        assert_eq!(now.hex().len(), 64);
        assert_ne!(now, TextHash::embedded(b"packs"));
    }
}
