//! Charts: from options and their points to SVG.
//!
//! One picture serves the page and the PDF. A chart's title states what it finds, both axes have units, every number
//! drawn stands in the chart's table, and the order and colour of series depend on names alone. What lacks data is not
//! drawn and listed with the reason.

mod axis;
mod bars;
mod batch_sweep;
mod battery;
mod cost;
mod draw;
mod energy;
mod fleet;
mod frontier;
mod heatmap;
mod heatmap_grid;
mod latency;
mod latency_panel;
mod measured;
mod memory;
mod offload;
mod palette;
mod pareto;
mod pareto_axis;
mod place;
mod roofline;
mod scale;
mod surface;
mod svg;
mod sweep;
mod tornado;

#[cfg(feature = "pdf")]
pub use draw::chart_name;
pub use draw::charts;
pub use frontier::on_frontiers;
pub use palette::Palette;

use draw::{Canvas, WIDTH};
