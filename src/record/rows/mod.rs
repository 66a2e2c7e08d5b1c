//! Measurement rows: published or own results in CSV form, read as the text they are and resolved to what phantom predicts.
//!
//! What becomes what: the bytes of a file become a [`Table`] whose [`Family`] its header names; a line of it becomes an
//! [`LlmRow`] ([`llm_row`]) or a [`KernelRow`] ([`kernel_row`]); with the catalogue an LLM row becomes a system with a
//! workload ([`llm_case`]), and a line of the vision
//! and edge family a [`NetworkRow`] and a call of a network ([`network_call`]). A row that cannot be used has a [`Skip`] reason; none is dropped silently, and an empty field
//! is unknown, never zero.
//!
//! Nothing here predicts anything. Start reading at [`Table`] and [`Skip`].

mod aiconfigurator;
mod blame;
mod devices;
mod family;
mod field;
mod gate;
mod gate_run;
mod gate_sweep;
mod inference_max;
mod kernel;
mod kernel_precision;
mod lines;
mod llm;
mod load;
mod measure;
mod mlperf;
mod network;
mod network_case;
mod network_machine;
mod network_names;
mod network_part;
mod network_remarks;
mod notes;
mod place;
mod precision;
mod resolve;
mod skip;
mod software;
mod started;
mod suite;
mod table;
mod words;
mod write;

pub use blame::blame;
pub use devices::StatedDevices;
pub use family::{Family, KernelFamily};
pub use field::{count, mean_count, number, positive, whole};
pub use gate::{Suspect, Suspicion, suspects};
pub use kernel::{KernelRow, kernel_row};
pub(in crate::record) use lines::Lines;
pub use llm::{GivenRates, Include, LlmRow, llm_row};
pub use load::{Counts, LoadRule};
pub use measure::{Measured, measured};
pub use network::{NetworkRow, network_row};
pub use network_case::network_call;
pub use network_names::{network_family, network_software, one_network};
pub use notes::{Notes, Speculation};
pub use place::operator_place;
pub use precision::Stated;
pub use resolve::{LlmCase, llm_case};
pub use skip::Skip;
pub(in crate::record) use software::stacks;
pub use suite::Suite;
pub use table::{Line, Table, TableError};
pub use words::scores_words;
pub use write::csv_text;
