//! Reading single fields.

use super::Skip;

/// Smaller numbers above zero are no measurements: of milliseconds, a femtosecond; of joules, what switches a thousand
/// transistors. Published ones start at a millionth.
const SMALLEST: f64 = 1e-12;

/// Larger numbers are neither measurements nor sizes; products of several stay finite below it.
const LARGEST: f64 = 1e15;

/// A number that is zero or of a size that something measured can have, [`SMALLEST`] to [`LARGEST`]; `None` where the field is empty.
///
/// # Errors
///
/// [`Skip::BadValue`] for any other text.
pub fn number(text: &str) -> Result<Option<f64>, Skip> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    match text.parse::<f64>() {
        Ok(value) if value == 0.0 || (SMALLEST..=LARGEST).contains(&value) => Ok(Some(value)),
        Ok(_) | Err(_) => Err(Skip::BadValue),
    }
}

/// A number above zero; `None` where the field is empty.
///
/// # Errors
///
/// [`Skip::BadValue`] for any other text.
pub fn positive(text: &str) -> Result<Option<f64>, Skip> {
    match number(text)? {
        Some(value) if value <= 0.0 => Err(Skip::BadValue),
        value => Ok(value),
    }
}

/// A count: a number without a fraction that 32 bits hold; `None` where the field is empty.
///
/// # Errors
///
/// [`Skip::BadValue`] for any other text.
pub fn count(text: &str) -> Result<Option<u32>, Skip> {
    match number(text)? {
        None => Ok(None),
        Some(value) if value.fract() == 0.0 && value <= f64::from(u32::MAX) => {
            Ok(Some(value as u32))
        }
        Some(_) => Err(Skip::BadValue),
    }
}

/// A size of an operator: a number without a fraction; `None` where the field is empty.
///
/// # Errors
///
/// [`Skip::BadValue`] for any other text.
pub fn whole(text: &str) -> Result<Option<f64>, Skip> {
    match number(text)? {
        Some(value) if value.fract() != 0.0 => Err(Skip::BadValue),
        value => Ok(value),
    }
}

/// A number of tokens or sequences that may be a mean, rounded to the nearest count; `None` where the field is empty.
///
/// # Errors
///
/// [`Skip::BadValue`] for a text that is no number, and for counts that no run has.
pub fn mean_count(text: &str) -> Result<Option<u64>, Skip> {
    /// More tokens or sequences than any run has.
    const LIMIT: f64 = 1e9;
    match number(text)? {
        None => Ok(None),
        Some(value) if value <= LIMIT => Ok(Some(value.round() as u64)),
        Some(_) => Err(Skip::BadValue),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_field_is_unknown_and_never_zero() {
        assert_eq!(number(" "), Ok(None));
        assert_eq!(number("0"), Ok(Some(0.0)));
    }

    #[test]
    fn what_is_no_number_is_a_bad_value() {
        for text in ["NaN", "inf", "-1", "1,5", "0x10", "12 ms", "1e400"] {
            assert_eq!(number(text), Err(Skip::BadValue), "{text}");
        }
        for text in ["1e-320", "4.9e-324", "1e-13", "1e16", "1e300"] {
            assert_eq!(number(text), Err(Skip::BadValue), "{text}");
        }
        assert_eq!(number("1e-12"), Ok(Some(1e-12)));
        assert_eq!(number("1e15"), Ok(Some(1e15)));
        assert_eq!(whole("29.78"), Err(Skip::BadValue));
        assert_eq!(whole("4096.0"), Ok(Some(4096.0)));
        assert_eq!(positive("0"), Err(Skip::BadValue));
        assert_eq!(count("1.5"), Err(Skip::BadValue));
        assert_eq!(count("4294967296"), Err(Skip::BadValue));
        assert_eq!(mean_count("1e12"), Err(Skip::BadValue));
    }

    #[test]
    fn a_mean_of_tokens_is_rounded() {
        assert_eq!(mean_count("294.45"), Ok(Some(294)));
    }
}
