//! Reading and writing quantities as the scenario language does: a number, one optional space, a unit.

use super::table::{Unit, currency_units, units};

/// What kind of quantity a field expects; it decides which units may stand there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dimension {
    /// `ns us ms s m h d y`
    Time,
    /// `B kB MB GB TB KiB MiB GiB TiB`
    Bytes,
    /// bytes per second; links also `Gbit/s`, `Tbit/s`
    ByteRate,
    /// `FLOPS`, `OPS` with `G T P E`
    Compute,
    /// memory transfers, `MT/s`
    Transfers,
    /// `Hz kHz MHz GHz`
    Frequency,
    /// `mW W kW MW`
    Power,
    /// `J kJ Wh kWh`
    Energy,
    /// a plain number or a `k M G T` suffix; tokens may say `tok`
    Count,
    /// a share: `60%`, `0.6`, `3/5`
    Share,
    /// requests per second, `req/s`
    RequestRate,
    /// hours per day, `h/day`, as a share of time
    Duty,
    /// an amount in a currency
    Money,
    /// a currency per hour, `USD/h`, in currency per second
    MoneyRate,
    /// a currency per energy, `USD/kWh`, in currency per joule
    MoneyPerEnergy,
    /// a currency per million tokens, `USD/Mtok`, in currency per token
    MoneyPerToken,
    /// `gCO2e kgCO2e`
    Carbon,
    /// `gCO2e/kWh`, in grams per joule
    CarbonPerEnergy,
    /// `35C`, degrees Celsius
    Temperature,
}

/// A quantity as read: the number in base units, and the currency where money is involved.
#[derive(Debug, Clone, PartialEq)]
pub struct Parsed {
    /// The number in base units of the dimension.
    pub value: f64,
    /// ISO currency code of monetary dimensions.
    pub currency: Option<String>,
}

/// Why a text is not a quantity of the expected dimension.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum QuantityError {
    /// The number cannot be read.
    #[error("`{0}` is not a number")]
    NotANumber(String),
    /// A bare number stands where a unit is needed.
    #[error("a unit is missing")]
    MissingUnit,
    /// The unit belongs to another dimension or is unknown.
    #[error("`{0}` is not a unit that may stand here")]
    WrongUnit(String),
    /// The number is negative or not finite.
    #[error("{0} is out of range")]
    OutOfRange(String),
}

/// Reads a quantity of `dimension`.
///
/// ```
/// use phantom::units::{Dimension, QuantityError, parse_quantity};
///
/// let memory = parse_quantity("80 GB", Dimension::Bytes)?;
/// assert_eq!(memory.value, 80e9);
/// assert_eq!(parse_quantity("12ms", Dimension::Time)?.value, 0.012);
/// assert_eq!(parse_quantity("3/5", Dimension::Share)?.value, 0.6);
/// assert_eq!(parse_quantity("80", Dimension::Bytes), Err(QuantityError::MissingUnit));
/// # Ok::<(), QuantityError>(())
/// ```
///
/// # Errors
///
/// [`QuantityError`] when the number cannot be read or is out of range, or the unit is missing or of another dimension.
pub fn parse_quantity(text: &str, dimension: Dimension) -> Result<Parsed, QuantityError> {
    if dimension == Dimension::Share
        && let Some((part, whole)) = text.split_once('/')
    {
        return fraction(text, part.trim_end(), whole.trim_start());
    }
    let (number, rest) = split_number(text)?;
    if dimension == Dimension::Count && number.exponent != 0 {
        return Err(QuantityError::NotANumber(text.to_owned()));
    }
    let unit = rest.strip_prefix(' ').unwrap_or(rest);
    let (unit, currency) = find_unit(unit, dimension)?;
    let value = number
        .scaled(unit)
        .ok_or_else(|| QuantityError::OutOfRange(text.to_owned()))?;
    if value < 0.0 && dimension != Dimension::Temperature {
        return Err(QuantityError::OutOfRange(text.to_owned()));
    }
    // Adding zero makes a negative zero positive.
    Ok(Parsed {
        value: value + 0.0,
        currency,
    })
}

/// Reads a quantity of whatever dimension its unit belongs to; a bare number is a count.
///
/// ```
/// use phantom::units::{Dimension, parse_any};
///
/// assert_eq!(parse_any("5600MT/s").map(|(dimension, _)| dimension), Some(Dimension::Transfers));
/// assert_eq!(parse_any("llama8b"), None);
/// ```
pub fn parse_any(text: &str) -> Option<(Dimension, Parsed)> {
    if !text.starts_with(|first: char| first.is_ascii_digit() || matches!(first, '-' | '+' | '.')) {
        return None;
    }
    Dimension::ALL
        .into_iter()
        .find_map(|dimension| Some((dimension, parse_quantity(text, dimension).ok()?)))
}

/// Writes `value` base units of `dimension` so that [`parse_quantity`] reads it back.
///
/// Units that are not the base unit (`USD/h`, `gCO2e/kWh`, `h/day`) read back to 15 significant digits.
///
/// ```
/// use phantom::units::{Dimension, quantity_text};
///
/// assert_eq!(quantity_text(0.25, Dimension::Time, None), "0.25 s");
/// assert_eq!(quantity_text(0.001, Dimension::MoneyRate, Some("USD")), "3.6 USD/h");
/// ```
pub fn quantity_text(value: f64, dimension: Dimension, currency: Option<&str>) -> String {
    let unit = dimension.written();
    let converted = value * unit.over / unit.times;
    let number = if unit.exponent == 0 && converted.to_bits() == value.to_bits() {
        value
    } else {
        fifteen_digits(format!("{converted:e}").as_str(), -unit.exponent)
    };
    let name = unit.name;
    match (currency, name.is_empty()) {
        (Some(currency), _) => format!("{number} {currency}{name}"),
        (None, true) => format!("{number}"),
        (None, false) => format!("{number} {name}"),
    }
}

/// A number in exponent form, shifted by a power of ten and rounded to 15 significant digits.
fn fifteen_digits(text: &str, shift: i32) -> f64 {
    let (mantissa, exponent) = text.split_once('e').unwrap_or((text, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let shifted: f64 = format!("{mantissa}e{}", exponent + shift)
        .parse()
        .unwrap_or(f64::NAN);
    format!("{shifted:.14e}").parse().unwrap_or(shifted)
}

fn fraction(text: &str, part: &str, whole: &str) -> Result<Parsed, QuantityError> {
    let number = |text: &str| match split_number(text)? {
        (number, "") => number
            .scaled(&Unit::ONE)
            .ok_or_else(|| QuantityError::OutOfRange(text.to_owned())),
        (_, rest) => Err(QuantityError::WrongUnit(rest.trim().to_owned())),
    };
    let value = number(part)? / number(whole)?;
    if value.is_finite() && value >= 0.0 {
        Ok(Parsed {
            value: value + 0.0,
            currency: None,
        })
    } else {
        Err(QuantityError::OutOfRange(text.to_owned()))
    }
}

/// A decimal number as written.
struct Number<'t> {
    /// Sign, digits and point.
    mantissa: &'t str,
    exponent: i32,
}

impl Number<'_> {
    /// The number in base units, correctly rounded where the unit is a power of ten; `None` when it is too large.
    fn scaled(&self, unit: &Unit) -> Option<f64> {
        let exponent = self.exponent.checked_add(unit.exponent)?;
        let value: f64 = format!("{}e{exponent}", self.mantissa).parse().ok()?;
        let value = value * unit.times / unit.over;
        value.is_finite().then_some(value)
    }
}

/// The number at the start of a text and what follows it.
fn split_number(text: &str) -> Result<(Number<'_>, &str), QuantityError> {
    let bytes = text.as_bytes();
    let digits = |from: usize| {
        bytes[from..]
            .iter()
            .take_while(|byte| byte.is_ascii_digit())
            .count()
    };
    let sign = usize::from(matches!(bytes.first(), Some(b'-' | b'+')));
    let whole = digits(sign);
    let mut end = sign + whole;
    let mut decimals = 0;
    if bytes.get(end) == Some(&b'.') {
        decimals = digits(end + 1);
        end += 1 + decimals;
    }
    if whole + decimals == 0 {
        return Err(QuantityError::NotANumber(text.to_owned()));
    }
    let mantissa = &text[..end];
    let mut exponent = 0;
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(end + 1), Some(b'-' | b'+')));
        let length = if end + 1 + sign <= bytes.len() {
            digits(end + 1 + sign)
        } else {
            0
        };
        if length > 0 {
            let stop = end + 1 + sign + length;
            exponent = text[end + 1..stop]
                .parse()
                .map_err(|_| QuantityError::OutOfRange(text.to_owned()))?;
            end = stop;
        }
    }
    Ok((Number { mantissa, exponent }, &text[end..]))
}

fn find_unit(
    text: &str,
    dimension: Dimension,
) -> Result<(&'static Unit, Option<String>), QuantityError> {
    let wrong = || QuantityError::WrongUnit(text.to_owned());
    if let Some(known) = units(dimension) {
        return match known.iter().find(|unit| unit.name == text) {
            Some(unit) => Ok((unit, None)),
            None if text.is_empty() => Err(QuantityError::MissingUnit),
            None => Err(wrong()),
        };
    }
    if text.is_empty() {
        return Err(QuantityError::MissingUnit);
    }
    let code = text
        .get(..3)
        .filter(|code| code.bytes().all(|byte| byte.is_ascii_uppercase()))
        .ok_or_else(wrong)?;
    let per = &text[3..];
    let known = currency_units(dimension);
    let unit = known
        .iter()
        .find(|unit| unit.name == per)
        .ok_or_else(wrong)?;
    Ok((unit, Some(code.to_owned())))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn value(text: &str, dimension: Dimension) -> f64 {
        parse_quantity(text, dimension)
            .expect("the text is a quantity")
            .value
    }

    #[test]
    fn every_unit_of_the_language_reads() {
        let cases = [
            ("10m", Dimension::Time, 600.0),
            ("3y", Dimension::Time, 3.0 * 365.0 * 86_400.0),
            ("96GiB", Dimension::Bytes, 96.0 * 1_073_741_824.0),
            ("3.35 TB/s", Dimension::ByteRate, 3.35e12),
            ("400 Gbit/s", Dimension::ByteRate, 50e9),
            ("989 TFLOPS", Dimension::Compute, 989e12),
            ("5600MT/s", Dimension::Transfers, 5.6e9),
            ("50Wh", Dimension::Energy, 180_000.0),
            ("1.4T", Dimension::Count, 1.4e12),
            ("4Mtok", Dimension::Count, 4e6),
            ("60%", Dimension::Share, 0.6),
            ("4h/day", Dimension::Duty, 4.0 / 24.0),
            ("-20C", Dimension::Temperature, -20.0),
            ("36 gCO2e/kWh", Dimension::CarbonPerEnergy, 1e-5),
            ("0.3 ms", Dimension::Time, 0.000_3),
        ];
        for (text, dimension, expected) in cases {
            assert_eq!(
                value(text, dimension).to_bits(),
                f64::to_bits(expected),
                "{text}"
            );
        }
    }

    #[test]
    fn money_carries_its_currency() {
        let price = parse_quantity("1.86 USD/h", Dimension::MoneyRate).expect("a price");
        let hourly = 1.86_f64 / 3600.0;
        assert_eq!(
            (price.value.to_bits(), price.currency.as_deref()),
            (hourly.to_bits(), Some("USD"))
        );
        assert_eq!(
            value("0.10 USD/Mtok", Dimension::MoneyPerToken).to_bits(),
            1e-7_f64.to_bits()
        );
        assert_eq!(
            parse_quantity("5 usd", Dimension::Money),
            Err(QuantityError::WrongUnit("usd".into()))
        );
    }

    #[test]
    fn what_is_wrong_is_named() {
        use QuantityError::{MissingUnit, NotANumber, OutOfRange, WrongUnit};
        assert_eq!(parse_quantity("80", Dimension::Bytes), Err(MissingUnit));
        assert_eq!(
            parse_quantity("80 gb", Dimension::Bytes),
            Err(WrongUnit("gb".into()))
        );
        assert_eq!(
            parse_quantity("80  GB", Dimension::Bytes),
            Err(WrongUnit(" GB".into()))
        );
        assert_eq!(
            parse_quantity("1e3", Dimension::Count),
            Err(NotANumber("1e3".into()))
        );
        assert_eq!(
            parse_quantity("-1 s", Dimension::Time),
            Err(OutOfRange("-1 s".into()))
        );
        assert_eq!(
            parse_quantity("1e999 s", Dimension::Time),
            Err(OutOfRange("1e999 s".into()))
        );
        assert_eq!(
            parse_quantity("1/0", Dimension::Share),
            Err(OutOfRange("1/0".into()))
        );
        assert_eq!(
            parse_quantity("fast", Dimension::Time),
            Err(NotANumber("fast".into()))
        );
    }

    proptest! {
        #[test]
        fn units_round_trip(number in 0.0..1e18_f64, which in 0..Dimension::ALL.len()) {
            let dimension = Dimension::ALL[which];
            let currency = units(dimension).is_none().then_some("EUR");
            let text = quantity_text(number, dimension, currency);
            let read = parse_quantity(&text, dimension).expect("written quantities read");
            prop_assert!((read.value - number).abs() <= 1e-14 * number, "{text} is {}", read.value);
            prop_assert_eq!(read.currency.as_deref(), currency);
            let (found, _) = parse_any(&text).expect("a quantity of some dimension");
            prop_assert_eq!(quantity_text(number, found, currency), text);
        }

        #[test]
        fn reading_never_panics(text in "\\PC{0,20}", which in 0..Dimension::ALL.len()) {
            let _ = parse_quantity(&text, Dimension::ALL[which]);
            let _ = parse_any(&text);
        }
    }
}
