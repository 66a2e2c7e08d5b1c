//! Shifts and widths as packs write them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::text::{Lines, Text};

use super::calibration::TermName;
use super::effect_support::EffectSupport;
use super::effects::{Effects, Shifts};
use super::metric::Column;
use super::widths::{Widths, WidthsOf};

/// `{"terms": ["gemm_compute", …], "scopes": {"device=h100-sxm5-80gb": "210 -34 …", …}}`: a line of thousandths for each scope, a
/// number for each term. A scope that was seen and shifts nothing is written empty.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EffectsFile<'a> {
    terms: Vec<String>,
    #[serde(borrow)]
    scopes: Lines<'a>,
    /// Of the twin of a pack: lines of the scopes that the pack has, in their order, [`ABSENT`] where the twin has none. `scopes` then
    /// holds others alone.
    #[serde(borrow, default, skip_serializing_if = "Vec::is_empty")]
    of_pack: Vec<Text<'a>>,
}

/// The line of a scope that a twin has not seen.
const ABSENT: &str = "-";

impl EffectsFile<'_> {
    /// The same without names of scopes that the pack has too.
    pub fn beside(mut self, pack: &Effects) -> Self {
        let mut lines: BTreeMap<Text<'_>, Text<'_>> = self.scopes.0.into_iter().collect();
        let of_pack = pack.by_scope().keys().map(|scope| {
            let line = lines.remove(scope.as_str());
            line.unwrap_or_else(|| ABSENT.into())
        });
        self.of_pack = of_pack.collect();
        self.scopes = Lines(lines.into_iter().collect());
        self
    }

    /// What [`Self::beside`] was made from.
    ///
    /// # Errors
    ///
    /// Other numbers of scopes, in words.
    pub fn apart(mut self, pack: &Effects) -> Result<Self, String> {
        let lines = std::mem::take(&mut self.of_pack);
        if !lines.is_empty() && lines.len() != pack.by_scope().len() {
            return Err(format!(
                "the twin has {} lines for {} scopes of the pack",
                lines.len(),
                pack.by_scope().len()
            ));
        }
        let seen = pack.by_scope().keys().zip(lines);
        let seen = seen.filter(|(_, line)| line.0 != ABSENT);
        let seen = seen.map(|(scope, line)| (scope.clone().into(), line));
        self.scopes.0.extend(seen);
        Ok(self)
    }
}

/// Shifts are written in thousandths; smaller ones than this many are left out.
const SMALLEST: f64 = 2.0;

/// Widths by the names of support levels and columns, everywhere and by software.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WidthsFile {
    everywhere: WidthsOfFile,
    programs: BTreeMap<String, WidthsOfFile>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WidthsOfFile {
    pace: BTreeMap<String, f64>,
    scale: BTreeMap<String, BTreeMap<String, f64>>,
}

/// The shifts of a file.
///
/// # Errors
///
/// What is unknown or not finite, in words.
pub(super) fn effects(file: EffectsFile<'_>) -> Result<Effects, String> {
    let term = |name: &String| {
        TermName::from_name(name).ok_or_else(|| format!("no term is named `{name}`"))
    };
    let terms: Vec<TermName> = file.terms.iter().map(term).collect::<Result<_, _>>()?;
    let by_scope = file.scopes.0.into_iter().map(|(scope, line)| {
        let shifts = shifts(&scope.0, &line.0, &terms)?;
        Ok((scope.0.into_owned(), shifts))
    });
    let by_scope: BTreeMap<String, Shifts> = by_scope.collect::<Result<_, String>>()?;
    Ok(Effects::new(by_scope))
}

/// The shifts of a line; packs have thousands, so nothing is kept on the way.
fn shifts(scope: &str, line: &str, terms: &[TermName]) -> Result<Shifts, String> {
    let miscounted = || {
        let (found, wanted) = (unfolded(line).len(), terms.len());
        format!("scope `{scope}`: {found} shifts for {wanted} terms")
    };
    let mut shifts: Shifts = [0.0; TermName::ALL.len()];
    let mut left = terms.iter();
    for word in line.split_ascii_whitespace() {
        if let Some(zeros) = zeros(word) {
            left.nth(zeros - 1).ok_or_else(miscounted)?;
            continue;
        }
        let term = left.next().ok_or_else(miscounted)?;
        let thousandths: i32 = word.parse().map_err(|_| {
            let name = term.name();
            format!("scope `{scope}`: the shift `{word}` of `{name}` is no whole number")
        })?;
        shifts[term.index()] = f64::from(thousandths) / 1e3;
    }
    if line.trim().is_empty() || left.next().is_none() {
        Ok(shifts)
    } else {
        Err(miscounted())
    }
}

/// The number of zeros that a word stands for; `None` of other words.
fn zeros(word: &str) -> Option<usize> {
    let count = word.strip_prefix('*')?.parse().ok();
    count.filter(|count| (1..=TermName::ALL.len()).contains(count))
}

/// Zeros in a row, from this many on, are written as `*` and their number.
const FEWEST_ZEROS: usize = 2;

/// Numbers with spaces between them, zeros in a row folded.
fn folded(numbers: &[String]) -> String {
    let words = numbers.chunk_by(|a, b| a == "0" && b == "0").map(|run| {
        if run[0] == "0" && run.len() >= FEWEST_ZEROS {
            format!("*{}", run.len())
        } else {
            run.join(" ")
        }
    });
    words.collect::<Vec<String>>().join(" ")
}

/// The numbers of a line; what is no count of zeros stays a word that is no number.
fn unfolded(line: &str) -> Vec<&str> {
    let mut numbers = Vec::new();
    for word in line.split_ascii_whitespace() {
        match zeros(word) {
            Some(count) => numbers.extend(std::iter::repeat_n("0", count)),
            None => numbers.push(word),
        }
    }
    numbers
}

/// The widths of a file.
///
/// # Errors
///
/// What is unknown or negative, in words.
pub(super) fn widths(file: &WidthsFile) -> Result<Widths, String> {
    let programs = file.programs.iter();
    Ok(Widths {
        everywhere: widths_of(&file.everywhere)?,
        programs: programs
            .map(|(program, of)| Ok((program.clone(), widths_of(of)?)))
            .collect::<Result<_, String>>()?,
    })
}

fn widths_of(file: &WidthsOfFile) -> Result<WidthsOf, String> {
    let level = |name: &String| {
        let found = EffectSupport::ALL.iter().find(|level| level.name() == name);
        found
            .copied()
            .ok_or_else(|| format!("no support is named `{name}`"))
    };
    let width = |number: &f64| {
        let sound = number.is_finite() && *number >= 0.0;
        sound
            .then_some(*number)
            .ok_or_else(|| format!("{number} is no width"))
    };
    let mut widths = WidthsOf::default();
    for (name, pace) in &file.pace {
        widths.pace.insert(level(name)?, width(pace)?);
    }
    for (column, by_level) in &file.scale {
        let column: Column = column
            .parse()
            .map_err(|_| format!("no column is named `{column}`"))?;
        for (name, scale) in by_level {
            let key = (column, level(name)?);
            widths.scale.insert(key, width(scale)?);
        }
    }
    Ok(widths)
}

impl Effects {
    /// As packs write them, shifts rounded to a thousandth; those of less than 0.002 are left out.
    pub fn to_json(&self) -> serde_json::Value {
        serde_json::json!(self.file())
    }

    pub(super) fn file(&self) -> EffectsFile<'_> {
        let thousandths = |shift: &f64| {
            let rounded = (shift * 1e3).round();
            if rounded.abs() >= SMALLEST {
                rounded
            } else {
                0.0
            }
        };
        let moved = |term: &TermName| {
            let mut shifts = self.by_scope().values();
            shifts.any(|shifts| thousandths(&shifts[term.index()]) != 0.0)
        };
        let terms: Vec<TermName> = TermName::ALL.iter().copied().filter(moved).collect();
        let line = |shifts: &Shifts| {
            let numbers = terms.iter().map(|term| thousandths(&shifts[term.index()]));
            let numbers: Vec<f64> = numbers.collect();
            if numbers.iter().all(|number| *number == 0.0) {
                return String::new();
            }
            let texts: Vec<String> = numbers.iter().map(|n| format!("{n:.0}")).collect();
            folded(&texts)
        };
        let scopes = self.by_scope().iter();
        EffectsFile {
            scopes: Lines(
                scopes
                    .map(|(scope, shifts)| (scope.as_str().into(), line(shifts).into()))
                    .collect(),
            ),
            terms: terms.iter().map(|term| term.name().to_owned()).collect(),
            of_pack: Vec::new(),
        }
    }
}

impl Widths {
    /// As packs write them.
    pub fn to_json(&self) -> serde_json::Value {
        let programs = self.programs.iter();
        let file = WidthsFile {
            everywhere: written(&self.everywhere),
            programs: programs
                .map(|(program, of)| (program.clone(), written(of)))
                .collect(),
        };
        serde_json::json!(file)
    }
}

fn written(widths: &WidthsOf) -> WidthsOfFile {
    let rounded = |number: f64| (number * 1e4).round() / 1e4;
    let mut scale = BTreeMap::<String, BTreeMap<String, f64>>::new();
    for ((column, support), factor) in &widths.scale {
        let of_column = scale.entry(column.to_string()).or_default();
        of_column.insert(support.name().to_owned(), rounded(*factor));
    }
    let pace = widths.pace.iter();
    WidthsOfFile {
        pace: pace
            .map(|(support, pace)| (support.name().to_owned(), rounded(*pace)))
            .collect(),
        scale,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Metric;

    fn lines(scopes: &[(&'static str, &'static str)]) -> Lines<'static> {
        let texts =
            |(scope, line): &(&'static str, &'static str)| (Text::from(*scope), Text::from(*line));
        Lines(scopes.iter().map(texts).collect())
    }

    #[test]
    fn what_is_written_reads_back() {
        let mut shifts = [0.0; TermName::ALL.len()];
        shifts[TermName::KvBandwidth.index()] = -0.25;
        let by_scope = [
            ("all".to_owned(), shifts),
            ("device=x".to_owned(), [0.0; TermName::ALL.len()]),
        ];
        let written = Effects::new(by_scope.into_iter().collect());
        let text = written.to_json().to_string();
        let file: EffectsFile<'_> = serde_json::from_str(&text).expect("a map");
        assert_eq!(effects(file), Ok(written));

        let column = Column::of(Metric::Ttft);
        let of = WidthsOf {
            pace: [(EffectSupport::Pair, 0.5)].into(),
            scale: [((column, EffectSupport::Family), 1.25)].into(),
        };
        let widths_written = Widths {
            everywhere: of.clone(),
            programs: [("vllm".to_owned(), of)].into(),
        };
        let file: WidthsFile = serde_json::from_value(widths_written.to_json()).expect("a map");
        assert_eq!(widths(&file), Ok(widths_written));
    }

    #[test]
    fn a_twin_names_no_scope_of_its_pack() {
        let file = |scopes: &[(&'static str, &'static str)]| EffectsFile {
            terms: vec!["kv_bandwidth".to_owned()],
            scopes: lines(scopes),
            of_pack: Vec::new(),
        };
        let known =
            |scopes: &[(&'static str, &'static str)]| effects(file(scopes)).expect("shifts");
        let pack = known(&[("all", "1"), ("device=x", "2"), ("model=m", "")]);
        let twin = file(&[("all", "3"), ("device=y", "4"), ("model=m", "")]);
        let beside = twin.clone().beside(&pack);
        assert_eq!(beside.of_pack, ["3", ABSENT, ""].map(Text::from));
        assert_eq!(beside.scopes, lines(&[("device=y", "4")]));
        let apart = beside.clone().apart(&pack);
        assert_eq!(apart.and_then(effects), effects(twin.clone()));
        assert!(beside.apart(&known(&[("all", "1")])).is_err());
        assert_eq!(
            twin.clone().apart(&pack),
            Ok(twin),
            "as older packs have it"
        );
    }

    #[test]
    fn zeros_in_a_row_are_folded() {
        let words = |line: &str| line.split(' ').map(str::to_owned).collect::<Vec<_>>();
        let line = "5 0 0 0 -2 0 7 0 0";
        assert_eq!(folded(&words(line)), "5 *3 -2 0 7 *2");
        assert_eq!(unfolded("5 *3 -2 0 7 *2"), words(line));
        assert_eq!(unfolded("1 *99999999999"), ["1", "*99999999999"]);
    }

    #[test]
    fn what_is_unknown_is_named() {
        let file = |term: &str, line: &'static str| EffectsFile {
            terms: vec![term.to_owned()],
            scopes: lines(&[("all", line)]),
            of_pack: Vec::new(),
        };
        let wrong = |term, line| effects(file(term, line)).expect_err("wrong");
        assert!(wrong("speed", "1").contains("speed"));
        assert!(wrong("gemm_compute", "0.5").contains("0.5"));
        assert!(wrong("gemm_compute", "1 2").contains("2 shifts for 1 terms"));
        let seen = effects(file("gemm_compute", "")).expect("a scope that shifts nothing");
        assert_eq!(seen.by_scope()["all"], [0.0; TermName::ALL.len()]);
        let file = r#"{"everywhere": {"pace": {"everything": 1.0}, "scale": {}}, "programs": {}}"#;
        let file: WidthsFile = serde_json::from_str(file).expect("a map");
        assert!(widths(&file).is_err_and(|what| what.contains("everything")));
        let file = r#"{"everywhere": {"pace": {"pair": -1.0}, "scale": {}}, "programs": {}}"#;
        let file: WidthsFile = serde_json::from_str(file).expect("a map");
        assert!(widths(&file).is_err());
    }
}
