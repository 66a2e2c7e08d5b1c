//! Numbers as people read them: SI prefixes, significant digits, shares.

/// `value` with `digits` significant digits and no exponent, trailing zeros kept so that columns align in meaning.
///
/// ```
/// assert_eq!(phantom::units::significant(0.041_23, 3), "0.0412");
/// assert_eq!(phantom::units::significant(1234.6, 3), "1235");
/// ```
pub fn significant(value: f64, digits: usize) -> String {
    if value == 0.0 || !value.is_finite() {
        return format!("{value}");
    }
    let decimals = (digits as i32 - 1 - decade(value)).max(0) as usize;
    let text = format!("{value:.decimals$}");
    // Rounding may carry into the next decade (9.996 → 10.00): then one decimal is too many.
    let carried = text.parse::<f64>().map_or(0, decade) > decade(value);
    if carried && decimals > 0 {
        format!("{value:.*}", decimals - 1)
    } else {
        text
    }
}

/// The power of ten of the leading digit.
fn decade(value: f64) -> i32 {
    libm::floor(libm::log10(value.abs())) as i32
}

/// `value` of base unit `unit` with the SI prefix that leaves one to three digits before the point.
///
/// ```
/// assert_eq!(phantom::units::si(0.0112, "s", 3), "11.2 ms");
/// assert_eq!(phantom::units::si(3.35e12, "B/s", 3), "3.35 TB/s");
/// ```
pub fn si(value: f64, unit: &str, digits: usize) -> String {
    const PREFIXES: [(f64, &str); 9] = [
        (1e15, "P"),
        (1e12, "T"),
        (1e9, "G"),
        (1e6, "M"),
        (1e3, "k"),
        (1.0, ""),
        (1e-3, "m"),
        (1e-6, "µ"),
        (1e-9, "n"),
    ];
    if value == 0.0 {
        return format!("0 {unit}");
    }
    let rounded: f64 = significant(value, digits).parse().unwrap_or(value);
    let (scale, prefix) = PREFIXES
        .into_iter()
        .find(|(scale, _)| rounded.abs() >= *scale)
        .unwrap_or((1e-9, "n"));
    format!("{} {prefix}{unit}", significant(value / scale, digits))
}

/// A share as a percentage: `0.0412` is `4.1 %`.
pub fn percent(share: f64, digits: usize) -> String {
    format!("{} %", significant(share * 100.0, digits))
}

/// Columns that a text takes on a terminal: letters of East Asia take two, marks over a letter none (Unicode Standard Annex 11).
///
/// ```
/// assert_eq!(phantom::units::columns("温度 4"), 6);
/// ```
pub fn columns(text: &str) -> usize {
    unicode_width::UnicodeWidthStr::width(text)
}

/// An integer with thin groups of three: `1 000 000`.
pub fn count(value: u64) -> String {
    let digits = value.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(' ');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_carry_does_not_add_a_digit() {
        assert_eq!(significant(9.996, 3), "10.0");
        assert_eq!(si(0.999_96, "s", 3), "1.00 s");
        assert_eq!(count(1_000_000), "1 000 000");
    }
}
