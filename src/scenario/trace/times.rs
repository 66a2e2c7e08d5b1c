//! Times of traces as whole nanoseconds.

use crate::scenario::date::day_number;

const SECOND: u64 = 1_000_000_000;

/// Longest time from an origin, seconds: 300 years fit into 64 bits of nanoseconds.
const MOST_SECONDS: f64 = 9.4e9;

/// A number of seconds, at least zero and finite.
pub(super) fn seconds(number: f64) -> Option<u64> {
    let fits = (0.0..=MOST_SECONDS).contains(&number);
    fits.then_some((number * 1e9 + 0.5) as u64)
}

/// The text of a number of seconds.
pub(super) fn decimal(text: &str) -> Option<u64> {
    seconds(text.parse().ok()?)
}

/// `2023-11-16 18:15:46.6805900`, with an optional `T`, `Z` or offset, as nanoseconds since 1970.
pub(super) fn timestamp(text: &str) -> Option<u64> {
    let day = u64::try_from(day_number(text.get(..10)?)?).ok()?;
    let rest = text.get(10..)?.strip_prefix([' ', 'T'])?;
    let (clock, offset) = match rest.find(['Z', '+', '-']) {
        Some(place) => (&rest[..place], offset(&rest[place..])?),
        None => (rest, 0),
    };
    let (whole, fraction) = clock.split_once('.').unwrap_or((clock, ""));
    let mut parts = whole.split(':').map(two);
    let (hour, minute, second) = (parts.next()??, parts.next()??, parts.next()??);
    if parts.next().is_some() || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let at = (((day * 24 + hour) * 60 + minute) * 60 + second).checked_add_signed(-offset)?;
    at.checked_mul(SECOND)?.checked_add(nanoseconds(fraction)?)
}

/// Two digits.
fn two(text: &str) -> Option<u64> {
    let digits = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

/// Digits behind the point; those beyond the ninth are cut.
fn nanoseconds(fraction: &str) -> Option<u64> {
    if !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let digits = fraction.bytes().chain(std::iter::repeat(b'0')).take(9);
    Some(digits.fold(0, |sum, digit| sum * 10 + u64::from(digit - b'0')))
}

/// Seconds east of Greenwich.
fn offset(text: &str) -> Option<i64> {
    if text == "Z" {
        return Some(0);
    }
    let sign = if text.starts_with('-') { -1 } else { 1 };
    let digits = text.get(1..)?;
    let (hours, minutes) = match digits.split_once(':') {
        Some((hours, minutes)) => (two(hours)?, two(minutes)?),
        None => (two(digits.get(..2)?)?, two(digits.get(2..)?).unwrap_or(0)),
    };
    i64::try_from(hours * 3600 + minutes * 60)
        .ok()
        .map(|seconds| sign * seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_years_of_the_azure_trace_are_read() {
        let at = |text| timestamp(text).expect("a time");
        let first = at("2023-11-16 18:15:46.6805900");
        assert_eq!(at("2023-11-16 18:15:50.9951690") - first, 4_314_579_000);
        assert_eq!(at("1970-01-01 00:00:01"), SECOND);
        assert_eq!(
            at("2024-05-10 02:00:00.009930+02:00"),
            at("2024-05-10T00:00:00.00993Z")
        );
    }

    #[test]
    fn what_is_no_time_is_none() {
        for text in [
            "",
            "2023-11-16",
            "2023-13-16 18:15:46",
            "2023-11-16 18:15",
            "2023-11-16 25:15:46",
            "2023-11-16 18:15:46.x",
            "1970-01-01 00:00:00+01:00",
        ] {
            assert_eq!(timestamp(text), None, "{text}");
        }
        for text in ["nan", "-1", "inf", "1e300", "x"] {
            assert_eq!(decimal(text), None, "{text}");
        }
    }
}
