//! Published kernel timings become tables of our schema.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::account::Account;
use super::walk::{files_below, inside, shown};
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::record::import::{
    Frame, ImportError, KernelFields, KernelPlace, aiconfigurator_place, aiconfigurator_rows,
    kernel_line, vidur_place, vidur_rows,
};
use crate::record::rows::{KernelFamily, csv_text};
use crate::source::World;

/// Whose tables they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KernelSource {
    /// `ai-dynamo/aiconfigurator`.
    Aiconfigurator,
    /// `microsoft/vidur`.
    Vidur,
}

/// Which tables are read, and how much of them is enough.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KernelsRequest {
    /// Whose they are.
    pub from: KernelSource,
    /// A folder of the repository, or one file.
    pub folder: PathBuf,
    /// Rows of each operator and file that are enough, chosen by a hash of their text; `None`: all.
    pub at_most: Option<usize>,
}

/// Takes lines of the tables as they come.
pub type Lines<'a> = dyn FnMut(KernelFamily, &str) + 'a;

impl KernelSource {
    const fn endings(self) -> &'static [&'static str] {
        match self {
            Self::Aiconfigurator => &["parquet", "txt"],
            Self::Vidur => &["csv"],
        }
    }

    const fn repository(self) -> (&'static str, &'static str) {
        match self {
            Self::Aiconfigurator => ("https://github.com/ai-dynamo/aiconfigurator", "Apache-2.0"),
            Self::Vidur => ("https://github.com/microsoft/vidur", "MIT"),
        }
    }

    const fn caveats(self) -> &'static str {
        match self {
            Self::Aiconfigurator => {
                "CUDA-graph replay of the same tensors, so operands smaller than the last-level cache are read from it"
            }
            Self::Vidur => {
                "median of repeated calls, read with a resolution of 1 us; sizes are those of one rank; fp16"
            }
        }
    }

    fn place(self, path: &Path) -> Option<KernelPlace> {
        match self {
            Self::Aiconfigurator => aiconfigurator_place(path),
            Self::Vidur => vidur_place(path),
        }
    }

    fn rows(
        self,
        path: &Path,
        frame: &Frame,
        each: &mut dyn FnMut(KernelFields<'_>),
    ) -> Result<(), ImportError> {
        match self {
            Self::Aiconfigurator => aiconfigurator_rows(path, frame, each),
            Self::Vidur => vidur_rows(path, frame, each),
        }
    }
}

/// Converts every known table below a folder; lines are handed on file by file, so memory holds one of them.
///
/// Returns the text of a file of sources beside the account.
///
/// # Errors
///
/// A folder without a known table, and every file that cannot be read or converted, with the place; lines of other files
/// may have been handed on, and are to be dropped.
pub fn kernels(
    world: &dyn World,
    request: &KernelsRequest,
    lines: &mut Lines<'_>,
) -> Result<(String, Account), Diagnostics> {
    let mut problems = Diagnostics::default();
    let mut account = Account::default();
    let mut sources = vec![SOURCES.map(Cow::Borrowed).to_vec()];
    for path in files_below(world, &request.folder, request.from.endings()) {
        let Some(place) = request.from.place(&path) else {
            let name = path.file_stem().unwrap_or_default().to_string_lossy();
            let why = format!("no operator that is predicted: {name}");
            *account.skipped.entry(why).or_default() += 1;
            continue;
        };
        match file(world, request, (&path, &place), lines) {
            Ok((read, kept)) => {
                account.rows += kept;
                account.sources += 1;
                if kept < read {
                    let why = "enough rows of its file".to_owned();
                    *account.left_out.entry(why).or_default() += read - kept;
                }
                sources.push(source(request, &path, place, kept));
            }
            Err(reason) => {
                let message = format!("{}: {reason}", shown(&path));
                problems.push(Diagnostic::error(Code::UnreadableData, message, None));
            }
        }
    }
    if problems.has_errors() {
        return Err(problems);
    }
    if account.sources == 0 {
        let message = format!("{}: no table of that repository", shown(&request.folder));
        return Err(Diagnostic::error(Code::UnreadableData, message, None).into());
    }
    Ok((csv_text(sources), account))
}

const SOURCES: [&str; 8] = [
    "source_id",
    "title",
    "url",
    "licence",
    "date",
    "what_it_measures",
    "caveats",
    "rows_kept",
];

fn source(
    request: &KernelsRequest,
    path: &Path,
    place: KernelPlace,
    kept: usize,
) -> Vec<Cow<'static, str>> {
    let (repository, licence) = request.from.repository();
    let table = path.file_stem().unwrap_or_default().to_string_lossy();
    vec![
        place.source.into(),
        format!(
            "{table} on {} with {} {}",
            place.hardware, place.backend, place.version
        )
        .into(),
        format!("{repository} ({})", shown(&inside(&request.folder, path))).into(),
        licence.into(),
        "".into(),
        "time of one operator call".into(),
        request.from.caveats().into(),
        kept.to_string().into(),
    ]
}

/// Converts one file; returns the number of rows read and kept.
fn file(
    world: &dyn World,
    request: &KernelsRequest,
    (path, place): (&Path, &KernelPlace),
    lines: &mut Lines<'_>,
) -> Result<(usize, usize), String> {
    let frame = frame(world, path)?;
    let mut read = 0;
    let mut enough: BTreeMap<KernelFamily, Enough> = BTreeMap::new();
    let mut each = |fields: KernelFields<'_>| {
        read += 1;
        let family = fields.family;
        let line = kernel_line(place, fields);
        match request.at_most {
            None => lines(family, &line),
            Some(most) => enough.entry(family).or_default().offer(read, line, most),
        }
    };
    let done = request.from.rows(path, &frame, &mut each);
    done.map_err(|error| error.to_string())?;
    if request.at_most.is_none() {
        return Ok((read, read));
    }
    let mut kept = 0;
    for (family, enough) in enough {
        let mut chosen: Vec<(usize, String)> = enough.by_hash.into_values().collect();
        chosen.sort();
        kept += chosen.len();
        for (_, line) in chosen {
            lines(family, &line);
        }
    }
    Ok((read, kept))
}

fn frame(world: &dyn World, path: &Path) -> Result<Frame, String> {
    let bytes = world.read(path).map_err(|error| match error {
        crate::source::WorldError::Missing { .. } => "no such file".to_owned(),
        crate::source::WorldError::Unreadable { .. } => "cannot be read".to_owned(),
        crate::source::WorldError::TooLarge { size, limit, .. } => {
            format!("{size} bytes, more than the {limit} allowed")
        }
    })?;
    let is_parquet = path.extension().is_some_and(|ending| ending == "parquet");
    let frame = if is_parquet {
        #[cfg(feature = "parquet")]
        let frame = Frame::of_parquet(&bytes);
        #[cfg(not(feature = "parquet"))]
        let frame = Err(ImportError::NoParquet);
        frame
    } else {
        Frame::of_csv(&bytes)
    };
    frame.map_err(|error| error.to_string())
}

/// The lines of lowest hash, each once, with their places.
#[derive(Default)]
struct Enough {
    by_hash: BTreeMap<[u8; 32], (usize, String)>,
}

impl Enough {
    fn offer(&mut self, place: usize, line: String, most: usize) {
        let hash = *blake3::hash(line.as_bytes()).as_bytes();
        let is_low = self.by_hash.len() < most
            || self
                .by_hash
                .last_key_value()
                .is_some_and(|(highest, _)| hash < *highest);
        if is_low {
            self.by_hash.entry(hash).or_insert((place, line));
            if self.by_hash.len() > most {
                self.by_hash.pop_last();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Memory;

    const HEADER: &str = "kernel_source,gemm_dtype,m,n,k,latency\n";

    fn world(rows: usize) -> Memory {
        let rows: String = (1..=rows)
            .map(|m| format!("x,fp8,{m},64,64,0.0{m}\n"))
            .collect();
        Memory::default()
            .with("data/b9/vllm/1/gemm_perf.txt", format!("{HEADER}{rows}"))
            .with("data/b9/vllm/1/unheard_perf.txt", "a\n1\n")
            .with("data/b9/vllm/1/notes.md", "text")
    }

    fn run(
        world: &Memory,
        at_most: Option<usize>,
    ) -> Result<(Vec<String>, String, Account), Diagnostics> {
        let request = KernelsRequest {
            from: KernelSource::Aiconfigurator,
            folder: PathBuf::from("data"),
            at_most,
        };
        let mut lines = Vec::new();
        let (sources, account) = kernels(world, &request, &mut |_, line| {
            lines.push(line.to_owned());
        })?;
        Ok((lines, sources, account))
    }

    #[test]
    fn known_tables_are_converted_and_others_named() {
        let (lines, sources, account) = run(&world(30), None).expect("tables");
        assert_eq!((lines.len(), account.rows, account.sources), (30, 30, 1));
        assert!(sources.contains("Apache-2.0"), "{sources}");
        let skipped: Vec<&String> = account.skipped.keys().collect();
        assert_eq!(skipped, ["no operator that is predicted: unheard_perf"]);
    }

    #[test]
    fn enough_rows_are_a_part_of_all_in_their_order() {
        let (all, ..) = run(&world(30), None).expect("tables");
        let (some, _, account) = run(&world(30), Some(7)).expect("tables");
        assert_eq!(some.len(), 7);
        assert_eq!(account.left_out.values().sum::<usize>(), 23);
        let mut rest = all.iter();
        assert!(some.iter().all(|line| rest.any(|other| other == line)));
        let (other, ..) = run(&world(30), Some(8)).expect("tables");
        assert!(some.iter().all(|line| other.contains(line)));
    }

    #[test]
    fn every_broken_file_is_named_with_its_place() {
        let world = world(1)
            .with(
                "data/b9/sglang/1/gemm_perf.txt",
                format!("{HEADER}x,fp8,1,2,3,nan\n"),
            )
            .with(
                "data/b9/trtllm/1/gemm_perf.parquet",
                "version https://git-lfs.github.com/spec/v1\n",
            );
        let problems = run(&world, None).expect_err("two broken files");
        let said: Vec<String> = problems
            .iter()
            .map(|problem| problem.message.clone())
            .collect();
        assert_eq!(said.len(), 2);
        assert!(said[0].contains("sglang/1/gemm_perf.txt: line 2, column `latency`"));
        assert!(run(&Memory::default(), None).is_err());
    }
}
