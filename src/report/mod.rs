//! Reports: from results to one view, and from the view to HTML, PDF, Markdown and text.
//!
//! [`view`] is a function of the results document alone: no clock, host or random id, so equal results give equal bytes
//! and a report can be rendered again from `results.json`. Numbers become text here, with at most three significant
//! digits and their unit; templates contain no arithmetic. Nothing is predicted here.
//!
//! Start reading at [`View`], then at `build`; `choice` finds the options that a reader can choose between.

mod annotations;
mod answer;
mod budgets;
mod build;
mod carried;
mod changes;
mod chart;
mod choice;
mod choice_names;
mod decision;
mod evidence;
#[cfg(test)]
mod fixture;
mod fleet;
mod html;
mod junit;
mod keys;
mod knee;
mod label;
mod lists;
mod markdown;
mod number;
#[cfg(test)]
mod page_tests;
mod page_text;
mod payments;
#[cfg(feature = "pdf")]
mod pdf;
#[cfg(feature = "pdf")]
mod pdf_folder;
mod points;
mod provenance;
mod questions;
mod regions;
mod rests;
mod sarif;
mod summary;
mod tiles;
mod trust;
mod view;
mod what_if;

pub use annotations::{annotations, annotations_of};
pub use build::{view, view_without_id};
pub use choice::shortlisted;
pub use html::{HTML_TEMPLATE, RenderError, Template, html};
pub use junit::junit;
pub use markdown::{capped, markdown};
pub use number::rounded;
pub use page_text::page_text;
#[cfg(feature = "pdf")]
pub use pdf::{PdfForm, PdfTemplate, pdf};
pub use sarif::sarif;
pub use summary::{searches, summary};
pub use view::{
    AnswerGroup, AnswerView, Cell, ChartView, Fact, GoldenView, Head, Omitted, PointsView, Row,
    Table, Tile, TileLine, View,
};
