//! Which records of a collection may be passed on, and which of them are enough.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::sources::{SourceList, is_allowed};
use crate::record::rows::{Line, Table};

/// Which records are wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// Licences that allow passing them on.
    pub licences: Vec<String>,
    /// So many rows of each file are enough; `None`: all are kept.
    pub rows_per_file: Option<usize>,
}

/// Why a record is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum LeftOut {
    /// No file of sources knows its source.
    UnknownSource,
    /// Its source has another licence, or none.
    Licence,
    /// Nobody can trace it.
    Unverified,
    /// Its line cannot be read.
    Unreadable,
    /// Its file has enough rows of other runs.
    Enough,
}

impl fmt::Display for LeftOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::UnknownSource => "unknown source",
            Self::Licence => "licence not allowed",
            Self::Unverified => "unverified",
            Self::Unreadable => "unreadable line",
            Self::Enough => "enough rows of its file",
        })
    }
}

/// Lines of a table that are kept, and counts of the others.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selected {
    /// Positions of lines, rising.
    pub lines: Vec<usize>,
    /// Lines left out by source and reason.
    pub left_out: BTreeMap<(String, LeftOut), usize>,
}

/// Chooses among lines of a table of runs.
///
/// Runs are kept whole. Where a file has more rows than wanted, its (source, hardware, model, framework) groups take turns,
/// so that few runs still cover all of it; the order of groups and of the runs in each is that of a hash of their text,
/// which knows nothing of the values.
pub fn select(table: &Table, lines: &[usize], sources: &[SourceList], choice: &Choice) -> Selected {
    let mut found = Selected::default();
    let mut fit = Vec::new();
    for place in lines {
        let line = &table.lines[*place];
        match unfit(table, line, sources, choice) {
            Some(reason) => found.leave_out(table.field(line, "source_id"), reason),
            None => fit.push(*place),
        }
    }
    found.lines = match choice.rows_per_file {
        Some(most) => covering(table, &fit, most),
        None => fit.clone(),
    };
    found.lines.sort_unstable();
    let kept: BTreeSet<usize> = found.lines.iter().copied().collect();
    for place in fit.into_iter().filter(|place| !kept.contains(place)) {
        let source = table.field(&table.lines[place], "source_id");
        found.leave_out(source, LeftOut::Enough);
    }
    found
}

impl Selected {
    fn leave_out(&mut self, source: &str, reason: LeftOut) {
        *self
            .left_out
            .entry((source.to_owned(), reason))
            .or_default() += 1;
    }
}

fn unfit(table: &Table, line: &Line, sources: &[SourceList], choice: &Choice) -> Option<LeftOut> {
    if line.fields.is_none() {
        return Some(LeftOut::Unreadable);
    }
    let source = table.field(line, "source_id");
    let mut entries = sources
        .iter()
        .flat_map(SourceList::entries)
        .filter(|entry| entry.id == source)
        .peekable();
    if source.is_empty() || entries.peek().is_none() {
        Some(LeftOut::UnknownSource)
    } else if !entries.all(|entry| is_allowed(&entry.licence, &choice.licences)) {
        Some(LeftOut::Licence)
    } else if !matches!(
        table.field(line, "quality"),
        "audited" | "vendor" | "community"
    ) {
        Some(LeftOut::Unverified)
    } else {
        None
    }
}

/// Lines of whole runs until there are enough.
fn covering(table: &Table, places: &[usize], most: usize) -> Vec<usize> {
    const GROUP: [&str; 4] = ["source_id", "hardware", "model", "framework"];
    let mut groups: BTreeMap<Hashed, BTreeMap<Hashed, Vec<usize>>> = BTreeMap::new();
    for place in places {
        let line = &table.lines[*place];
        let group = GROUP.map(|column| table.field(line, column));
        groups
            .entry(hashed(group))
            .or_default()
            .entry(hashed(table.run(line)))
            .or_default()
            .push(*place);
    }
    let mut turns: Vec<(usize, &Hashed, &Vec<usize>)> = groups
        .iter()
        .flat_map(|(group, runs)| {
            let runs = runs.values().enumerate();
            runs.map(move |(turn, places)| (turn, group, places))
        })
        .collect();
    turns.sort_by_key(|(turn, group, _)| (*turn, *group));
    let mut kept = Vec::new();
    for (_, _, run) in turns {
        if kept.len() >= most {
            break;
        }
        kept.extend(run.iter().copied());
    }
    kept
}

type Hashed = [u8; 32];

fn hashed<'a>(texts: impl IntoIterator<Item = &'a str>) -> Hashed {
    let mut hasher = blake3::Hasher::new();
    for text in texts {
        hasher.update(text.as_bytes()).update(b"\x1f");
    }
    *hasher.finalize().as_bytes()
}

/// Names of the sources that lines of a table name.
pub fn sources_of<'a>(table: &'a Table, lines: &[usize]) -> BTreeSet<&'a str> {
    lines
        .iter()
        .map(|place| table.field(&table.lines[*place], "source_id"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "id,source_id,hardware,hardware_detail,device_count,model,model_params_m,gmacs,mactivations,input_size,task,framework,framework_version,precision,layout,compile_mode,batch_size,threads,scenario,metric,value,unit,power_w_limit,date,quality,notes";

    fn row(source: &str, model: &str, batch: u32, quality: &str) -> String {
        format!(
            "{source}{model}{batch},{source},t4,,1,{model},,,,,,onnx,,fp16,,,{batch},,batch,samples_per_s,7,samples/s,,2024,{quality},"
        )
    }

    fn table(rows: &[String]) -> Table {
        Table::read(format!("{HEADER}\n{}\n", rows.join("\n")).as_bytes()).expect("a table")
    }

    fn sources() -> Vec<SourceList> {
        let text = "source_id,title,url,licence,date\na,A,u,MIT,2024\nb,B,u,none stated (code: MIT),2024\n";
        vec![SourceList::read(text.as_bytes()).expect("sources")]
    }

    fn choice(rows_per_file: Option<usize>) -> Choice {
        Choice {
            licences: vec!["MIT".to_owned()],
            rows_per_file,
        }
    }

    #[test]
    fn a_line_is_kept_or_left_out_for_a_reason() {
        let table = table(&[
            row("a", "x", 1, "vendor"),
            row("a", "x", 2, "unverified"),
            row("b", "x", 1, "vendor"),
            row("c", "x", 1, "vendor"),
            "ragged".to_owned(),
        ]);
        let found = select(&table, &[0, 1, 2, 3, 4], &sources(), &choice(None));
        assert_eq!(found.lines, [0]);
        let reasons: Vec<LeftOut> = found.left_out.keys().map(|(_, reason)| *reason).collect();
        assert_eq!(
            reasons,
            [
                LeftOut::Unreadable,
                LeftOut::Unverified,
                LeftOut::Licence,
                LeftOut::UnknownSource
            ]
        );
    }

    #[test]
    fn groups_take_turns_whatever_the_order_of_lines() {
        let mut rows: Vec<String> = (0..20)
            .map(|batch| row("a", "x", batch, "vendor"))
            .collect();
        rows.extend([row("a", "y", 1, "vendor"), row("a", "z", 1, "vendor")]);
        let kept = |rows: &[String]| {
            let table = table(rows);
            let all: Vec<usize> = (0..rows.len()).collect();
            let found = select(&table, &all, &sources(), &choice(Some(4)));
            let ids = found
                .lines
                .iter()
                .map(|place| table.field(&table.lines[*place], "id").to_owned());
            ids.collect::<BTreeSet<String>>()
        };
        let forward = kept(&rows);
        assert_eq!(forward.len(), 4);
        assert!(forward.contains("ay1") && forward.contains("az1"));
        rows.reverse();
        assert_eq!(kept(&rows), forward);
    }
}
