//! Numbers as short text: a fitted pack holds some hundred thousand, and is read at start.
//!
//! Digits are those of base 64 (RFC 4648, section 4). A number is three digits, the first the highest, of `8192 v + 131072`
//! rounded: from −16 to 16 in steps of 1/8192. A size is two digits of `128 v`: logarithms from 0 to 32 in steps of 1/128.
//! A count is written five bits to a digit, the lowest first; a digit of 32 and more says that others follow.

const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

const STEP: f64 = 8192.0;
const ZERO: f64 = 131_072.0;
const SIZE_STEP: f64 = 128.0;

/// The value of each byte as a digit; [`NO_DIGIT`] for bytes that are none.
const VALUES: [u8; 256] = values();
const NO_DIGIT: u8 = 64;

const fn values() -> [u8; 256] {
    let mut values = [NO_DIGIT; 256];
    let mut value = 0;
    while value < 64 {
        values[DIGITS[value] as usize] = value as u8;
        value += 1;
    }
    values
}

/// Digits being read; every reader returns `None` at the end of the text and at what is no digit.
pub(super) struct Digits<'a>(&'a [u8]);

impl<'a> Digits<'a> {
    pub const fn new(text: &'a str) -> Self {
        Self(text.as_bytes())
    }

    pub const fn at_end(&self) -> bool {
        self.0.is_empty()
    }

    /// The next digits, the first the highest.
    fn code<const N: usize>(&mut self) -> Option<u32> {
        let (digits, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        let values = digits.map(|digit| VALUES[usize::from(digit)]);
        if values.contains(&NO_DIGIT) {
            return None;
        }
        let code = values.iter();
        Some(code.fold(0, |code, value| (code << 6) | u32::from(*value)))
    }

    fn digit(&mut self) -> Option<u32> {
        self.code::<1>()
    }

    pub fn number(&mut self) -> Option<f64> {
        Some((f64::from(self.code::<3>()?) - ZERO) / STEP)
    }

    pub fn size(&mut self) -> Option<f64> {
        Some(f64::from(self.code::<2>()?) / SIZE_STEP)
    }

    pub fn count(&mut self) -> Option<u32> {
        let mut count = 0;
        for place in 0..6 {
            let digit = self.digit()?;
            count |= (digit & 31) << (5 * place);
            if digit < 32 {
                return Some(count);
            }
        }
        None
    }
}

fn push_digit(text: &mut String, digit: u32) {
    text.push(char::from(DIGITS[(digit & 63) as usize]));
}

/// Appends a number; those outside −16 to 16 are written as the end they are beyond.
pub(super) fn push_number(text: &mut String, number: f64) {
    let code = (number * STEP + ZERO).round().clamp(0.0, 262_143.0) as u32;
    for shift in [12, 6, 0] {
        push_digit(text, code >> shift);
    }
}

/// Appends the logarithm of a size.
pub(super) fn push_size(text: &mut String, size: f64) {
    let code = (size * SIZE_STEP).round().clamp(0.0, 4095.0) as u32;
    push_digit(text, code >> 6);
    push_digit(text, code);
}

/// Appends a count below 2³⁰.
pub(super) fn push_count(text: &mut String, mut count: u32) {
    while count >= 32 {
        push_digit(text, (count & 31) | 32);
        count >>= 5;
    }
    push_digit(text, count);
}

/// The logarithm of a size as it will be read again.
pub fn kept_size(size: f64) -> f64 {
    (size * SIZE_STEP).round().clamp(0.0, 4095.0) / SIZE_STEP
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_sizes_and_counts_read_back() {
        let mut text = String::new();
        for number in [-16.0, -0.123, 0.0, 3.25, 15.999] {
            push_number(&mut text, number);
        }
        push_size(&mut text, 9.704);
        for count in [0, 31, 32, 1023, 1_000_000] {
            push_count(&mut text, count);
        }
        let mut digits = Digits::new(&text);
        for number in [-16.0, -0.123, 0.0, 3.25, 15.999] {
            let found = digits.number().expect("a number");
            assert!((found - number).abs() <= 0.5 / STEP, "{found} {number}");
        }
        assert_eq!(digits.size(), Some(kept_size(9.704)));
        for count in [0, 31, 32, 1023, 1_000_000] {
            assert_eq!(digits.count(), Some(count));
        }
        assert!(digits.at_end());
        assert_eq!(digits.number(), None);
        assert_eq!(Digits::new("A!").size(), None);
    }
}
