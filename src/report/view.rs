//! What templates see: one document for HTML, PDF and text.
//!
//! All numbers are formatted text with a unit, beside the raw value where something sorts by it; a template contains no
//! arithmetic.

use serde::Serialize;

/// The document.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct View {
    /// Shape of this document; templates of users may check it.
    pub schema: &'static str,
    /// `report.title`, or the name.
    pub title: String,
    /// Name of the scenario.
    pub name: String,
    /// The question in one sentence.
    pub question: String,
    /// The workload in words.
    pub workload: String,
    /// The answer.
    pub answer: AnswerView,
    /// The numbers beside the answer.
    pub tiles: Vec<Tile>,
    /// Options side by side, at most eight and the baseline.
    pub decision: Table,
    /// Options side by side, as many as a document has room for.
    pub options: Table,
    /// The best of them, for a page of paper.
    pub brief: Table,
    /// Regions, ways to pay and variants of the model side by side, for the recommended options.
    pub comparisons: Vec<Table>,
    /// Drawn charts in order.
    pub charts: Vec<ChartView>,
    /// Charts that are not drawn, and why.
    pub not_shown: Vec<Omitted>,
    /// Verdicts by option and load, one table for each objective.
    pub verdicts: Vec<Table>,
    /// Every question with its answers.
    pub answers: Table,
    /// Loads that searches tried; no rows where nothing was searched.
    pub searches: Table,
    /// Predicted against measured, where one point has both.
    pub accuracy: Option<Table>,
    /// The golden comparison, where one was made.
    pub golden: Option<GoldenView>,
    /// Findings of the run.
    pub findings: Table,
    /// Defaults, overrides and catalogue entries.
    pub assumptions: Table,
    /// Measured rows nearest to the recommended options and the baseline; no rows where the pack does not say what it was fitted on.
    pub evidence: Table,
    /// The same for further points that answers, options and frontiers name.
    pub further_evidence: Table,
    /// The first of the assumptions, for a page of paper.
    pub brief_assumptions: Table,
    /// Executors that did not run.
    pub skipped: Table,
    /// Notes of points, counted.
    pub notes: Table,
    /// All points.
    pub points: PointsView,
    /// Metrics with their formulas.
    pub glossary: Table,
    /// Versions, hashes, seed, dates.
    pub provenance: Vec<Fact>,
    /// Date of the newest data behind the results, `2026-11-01`, to the month or year where no more is known; there is no clock.
    pub date: String,
    /// How sure the numbers are, in sentences.
    pub sureness: Vec<String>,
    /// What would change the answer, in sentences; none where results do not say.
    pub changes: Vec<String>,
    /// What could go wrong with the decision, in sentences.
    pub risks: Vec<String>,
    /// How the numbers were made, in sentences.
    pub method: Vec<String>,
}

/// The answer to the headline question.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AnswerView {
    /// The answer in one sentence.
    pub sentence: String,
    /// `pass`, `unsure`, `fail`: the worst of the groups shown; empty without an answer.
    pub verdict: &'static str,
    /// Where the numbers come from: "prediction only, no measurement of this scenario".
    pub standing: String,
    /// Up to three groups.
    pub groups: Vec<AnswerGroup>,
    /// Groups beyond those.
    pub more: usize,
}

/// The answer for one group.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AnswerGroup {
    /// The group, `llama8b`; empty where the question is asked once.
    pub group: String,
    /// The chosen option, `h100x1 fp8`; "no option" where none passes.
    pub option: String,
    /// The load it is chosen at, `concurrency 64`.
    pub load: String,
    /// What decided, `Cost per Mtok output`.
    pub column: String,
    /// Its number with unit.
    pub value: String,
    /// Its interval in the same unit.
    pub interval: String,
    /// `pass`, `unsure`, `fail`.
    pub verdict: &'static str,
    /// `meets chat`.
    pub verdict_text: String,
    /// Fleet for the stated demand.
    pub size: String,
    /// Key of the point.
    pub key: Option<String>,
    /// Id of the point on the page.
    pub anchor: Option<String>,
}

/// One number of the banner, for up to three groups.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Tile {
    /// `cost`, `latency`, `throughput`, `energy`.
    pub id: &'static str,
    /// What it is.
    pub label: String,
    /// One line for each group.
    pub lines: Vec<TileLine>,
    /// A remark below.
    pub note: String,
    /// The formula.
    pub help: String,
}

/// One group's number of a tile.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TileLine {
    /// The group; empty where there is one.
    pub group: String,
    /// The number without unit.
    pub value: String,
    /// The unit.
    pub unit: String,
    /// The interval, without unit; empty where there is none.
    pub interval: String,
}

/// A table.
#[derive(Debug, Clone, PartialEq, Serialize, Default)]
pub struct Table {
    /// Stable id on the page.
    pub id: String,
    /// What it shows.
    pub caption: String,
    /// Columns.
    pub head: Vec<Head>,
    /// Rows.
    pub rows: Vec<Row>,
    /// A remark below; empty for none.
    pub note: String,
}

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Serialize, Default)]
pub struct Head {
    /// Its name.
    pub label: String,
    /// Unit of its numbers; empty where cells state theirs.
    pub unit: String,
    /// Numbers, set to the right.
    pub numeric: bool,
}

/// A row.
#[derive(Debug, Clone, PartialEq, Serialize, Default)]
pub struct Row {
    /// Stable id on the page; empty for none.
    pub id: String,
    /// `recommended`, `baseline`; empty for neither.
    pub mark: &'static str,
    /// What its numbers rest on, `calibrated on this device`; absent where a cell says so or nothing is predicted.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub rests: String,
    /// Cells.
    pub cells: Vec<Cell>,
}

/// A cell.
#[derive(Debug, Clone, PartialEq, Serialize, Default)]
pub struct Cell {
    /// What is printed.
    pub text: String,
    /// The number in base units, to sort by.
    pub raw: Option<f64>,
    /// The interval, printed smaller; empty for none.
    pub interval: String,
    /// `pass`, `unsure`, `fail`; empty for no verdict.
    pub verdict: &'static str,
}

/// A drawn chart.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ChartView {
    /// `pareto`, `latency_load`, …
    pub id: &'static str,
    /// Section it belongs to: `frontier`, `cost`, `energy`.
    pub section: &'static str,
    /// The finding, in one sentence.
    pub title: String,
    /// What is drawn, in a phrase.
    pub subtitle: String,
    /// The picture.
    pub svg: String,
    /// The picture in words, for those who do not see it.
    pub alt: String,
    /// Points drawn.
    pub n: usize,
    /// How to read it.
    pub note: String,
    /// The data behind it.
    pub table: Table,
}

/// A chart that is not drawn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Omitted {
    /// Its id.
    pub id: &'static str,
    /// What it would show.
    pub title: &'static str,
    /// Why it is not here.
    pub why: String,
}

/// The golden comparison.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct GoldenView {
    /// `match`, `differs`, `accepted`.
    pub state: &'static str,
    /// The outcome in a sentence.
    pub sentence: String,
    /// Changed values.
    pub changes: Table,
}

/// All points by column.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PointsView {
    /// How many points the plan has.
    pub planned: u64,
    /// How many are here.
    pub n: usize,
    /// Said above the table.
    pub note: String,
    /// Rows for readers without a script; empty when there are too many for a static table.
    pub table: Table,
    /// The data of the script as JSON, safe inside a `script` element; empty above 10 000 points.
    pub json: String,
}

/// A name and a value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fact {
    /// Name.
    pub label: String,
    /// Value.
    pub value: String,
}

impl Cell {
    /// Text alone.
    pub fn text(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            ..Self::default()
        }
    }

    /// What is not known or does not apply.
    pub fn none() -> Self {
        Self::text("–")
    }

    /// A number with its text.
    pub fn number(text: impl Into<String>, raw: f64) -> Self {
        Self {
            text: text.into(),
            raw: Some(raw),
            ..Self::default()
        }
    }
}

impl Head {
    /// A column of words.
    pub fn text(label: impl Into<String>) -> Self {
        Self {
            label: label.into(),
            ..Self::default()
        }
    }

    /// A column of numbers.
    pub fn number(label: impl Into<String>, unit: impl Into<String>) -> Self {
        Self {
            label: label.into(),
            unit: unit.into(),
            numeric: true,
        }
    }
}

impl Table {
    /// An empty table.
    pub fn new(id: impl Into<String>, caption: impl Into<String>, head: Vec<Head>) -> Self {
        Self {
            id: id.into(),
            caption: caption.into(),
            head,
            ..Self::default()
        }
    }

    /// Keeps the first `most` rows and says how many are not shown.
    pub fn cap(&mut self, most: usize) {
        let more = self.rows.len().saturating_sub(most);
        self.rows.truncate(most);
        if more > 0 {
            let count = crate::units::count(more as u64);
            if !self.note.is_empty() {
                self.note.push(' ');
            }
            self.note.push_str(&count);
            self.note.push_str(" further rows are in results.csv.");
        }
    }

    /// Adds a row.
    pub fn push(&mut self, cells: Vec<Cell>) {
        self.rows.push(Row {
            cells,
            ..Row::default()
        });
    }
}
