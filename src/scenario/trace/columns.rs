//! Lines of comma-separated values, by the columns that the first line names.

use super::gather::Line;
use super::times;
use crate::diag::suggest;

/// phantom's own columns.
const OWN: [&str; 5] = ["arrival_s", "isl", "osl", "session", "priority"];
/// Those of the Azure LLM inference trace.
const AZURE: [&str; 3] = ["TIMESTAMP", "ContextTokens", "GeneratedTokens"];

/// How times are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Clock {
    Seconds,
    Dates,
}

/// Where the columns stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Columns {
    clock: Clock,
    names: [&'static str; 3],
    /// Time, prompt and output.
    places: [usize; 3],
    session: Option<usize>,
    priority: Option<usize>,
    count: usize,
}

impl Columns {
    /// The columns of a first line, or what is wrong with it.
    pub fn of(header: &str) -> Result<Self, String> {
        let names: Vec<&str> = header.split(',').map(plain).collect();
        if names.contains(&AZURE[0]) {
            return Self::placed(&names, Clock::Dates, AZURE);
        }
        if !OWN[..3].iter().any(|own| names.contains(own)) {
            let start: String = header.chars().take(60).collect();
            return Err(format!(
                "`{start}` is the first line of no layout that is known"
            ));
        }
        if let Some(odd) = names.iter().find(|name| !OWN.contains(name)) {
            let near = suggest(odd, OWN.iter().copied())
                .map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
            return Err(format!("no column of a trace is named `{odd}`{near}"));
        }
        Self::placed(&names, Clock::Seconds, [OWN[0], OWN[1], OWN[2]])
    }

    fn placed(header: &[&str], clock: Clock, names: [&'static str; 3]) -> Result<Self, String> {
        let place = |wanted: &str| header.iter().position(|name| *name == wanted);
        let mut places = [0; 3];
        for (place_of, name) in places.iter_mut().zip(names) {
            *place_of = place(name).ok_or_else(|| format!("the column `{name}` is missing"))?;
        }
        Ok(Self {
            clock,
            names,
            places,
            session: place(OWN[3]),
            priority: place(OWN[4]),
            count: header.len(),
        })
    }

    /// One line, or what is wrong with it.
    pub fn read<'a>(&self, line: &'a str) -> Result<Line<'a>, String> {
        let mut found = ["", "", "", "", ""];
        let mut count = 0;
        for (place, field) in line.split(',').enumerate() {
            let wanted = [
                Some(self.places[0]),
                Some(self.places[1]),
                Some(self.places[2]),
                self.session,
                self.priority,
            ];
            if let Some(slot) = wanted.iter().position(|wanted| *wanted == Some(place)) {
                found[slot] = plain(field);
            }
            count += 1;
        }
        if count != self.count {
            return Err(format!(
                "{count} values, and the first line names {} columns",
                self.count
            ));
        }
        let [at, prompt, output, session, priority] = found;
        let time = match self.clock {
            Clock::Seconds => times::decimal(at),
            Clock::Dates => times::timestamp(at),
        };
        Ok(Line {
            at: time.ok_or_else(|| wrong(at, self.names[0], "time"))?,
            prompt: tokens(prompt, self.names[1])?,
            output: tokens(output, self.names[2])?,
            session: (!session.is_empty()).then_some(session),
            priority: match (self.priority, priority) {
                (Some(_), text) => {
                    let number = text.parse::<u32>().ok();
                    Some(number.ok_or_else(|| wrong(text, OWN[4], "priority"))?)
                }
                (None, _) => None,
            },
            blocks: Vec::new(),
        })
    }
}

fn plain(field: &str) -> &str {
    field.trim().trim_matches('"')
}

fn tokens(text: &str, column: &str) -> Result<u64, String> {
    let whole = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let number = whole.then(|| text.parse().ok()).flatten();
    number.ok_or_else(|| wrong(text, column, "number of tokens"))
}

fn wrong(text: &str, column: &str, expected: &str) -> String {
    let start: String = text.chars().take(40).collect();
    format!("`{start}` in `{column}` is no {expected}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_may_stand_in_any_order() {
        let columns = Columns::of("osl,session,arrival_s,isl").expect("its own layout");
        let line = columns.read("5,a,1.5,\"70\"").expect("a request");
        assert_eq!(
            (line.at, line.prompt, line.output, line.session),
            (1_500_000_000, 70, 5, Some("a"))
        );
    }

    #[test]
    fn a_column_too_many_or_too_few_is_said() {
        assert!(Columns::of("arrival_s,isl").is_err());
        assert!(Columns::of("arrival_s,isl,osl,sesion").is_err());
        assert!(Columns::of("TIMESTAMP,ContextTokens").is_err());
        let columns = Columns::of("arrival_s,isl,osl").expect("its own layout");
        for line in ["1,2", "1,2,3,4", "1,,3", "1,-2,3", "1,2.5,3", "NaN,2,3"] {
            assert!(columns.read(line).is_err(), "{line}");
        }
    }
}
