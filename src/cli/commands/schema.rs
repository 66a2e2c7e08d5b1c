//! `phantom schema`.

use crate::cli::Exit;
use crate::cli::args::Schema;
use crate::cli::context::Context;
use crate::scenario;

/// Prints the JSON Schema of scenarios, or the axis names.
pub fn schema(context: &Context, arguments: &Schema) -> Exit {
    if arguments.axes {
        context.print(&scenario::axis_list());
    } else {
        context.print(&scenario::json_schema());
    }
    Exit::Done
}
