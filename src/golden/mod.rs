//! Accepted results: the file format, the comparison with tolerances, acceptance, and the difference of any two.
//!
//! A [`Golden`] holds what predictions said when somebody accepted them, rounded to six significant digits, one point on
//! a line. [`compare`] holds new results against it: any drift beyond its tolerance is a finding, better or worse, because
//! an improvement that nobody intended is a defect too. [`diff`] joins any two documents without judging.
//!
//! Everything here takes and returns values; files are read and written by the command line. Compared are numbers, verdicts,
//! bounds and answers; of output files that a scenario names the hashes, and how their texts differ ([`unified`]).

mod accept;
mod change;
mod compare;
mod diff;
mod diff_text;
mod document;
mod exact;
mod glob;
mod keys;
mod of_results;
mod place;
mod read;
mod review;
mod side;
mod text;
mod tolerance;
mod write;

pub use accept::{Refused, accept, accept_selected, orphans, pending};
pub use compare::{Comparison, Strictness, compare};
pub use diff::{DiffColumn, DiffOptions, DiffRow, DiffTable, Significance, diff};
pub use diff_text::diff_text;
pub use document::{Golden, GoldenPoint, GoldenValue, MadeBy, SCHEMA};
pub use of_results::{Taken, from_results};
pub use place::place;
pub use read::{GoldenError, read};
pub use review::{Answer, ReviewItem, Reviewed, review_items, reviewed};
pub use side::Side;
pub use text::{change_lines, changed_lines, file_lines, unified};
pub use write::write;
