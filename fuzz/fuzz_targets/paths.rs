//! Axis names and values of points, as far as the targets need them.

use phantom::scenario::{AxisPaths, AxisTarget, ExprValue, Names};

/// Every dotted path is a field.
pub struct Paths;

impl AxisPaths for Paths {
    fn resolve(&self, axis: &str) -> Result<AxisTarget, Option<String>> {
        let path = |text: &str| text.split('.').map(str::to_owned).collect();
        match axis.split_once('.') {
            None if axis == "model" => Ok(AxisTarget::Model),
            None if axis == "hardware" => Ok(AxisTarget::Hardware),
            None if axis == "concurrency" => Ok(AxisTarget::LoadMode(axis.to_owned())),
            None => Ok(AxisTarget::Path(vec!["workload".to_owned(), "*".to_owned(), axis.to_owned()])),
            Some(("hardware", rest)) => Ok(AxisTarget::HardwareField(path(rest))),
            Some(("model", rest)) => Ok(AxisTarget::ModelField(path(rest))),
            Some(_) => Ok(AxisTarget::Path(path(axis))),
        }
    }

    fn load_modes(&self) -> &[&str] {
        &["concurrency", "request_rate"]
    }
}

impl Names for Paths {
    fn lookup(&self, path: &str) -> Option<ExprValue> {
        (path == "model.id").then(|| ExprValue::from("m"))
    }
}
