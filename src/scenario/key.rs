//! Keys of points: readable, unique in a scenario.

use super::{AxisValue, Combination, Origin};

/// Axis values of a point in key order: the axes, then zip fields, then fields that only the entry of `include` names
/// which made the point.
pub(super) fn axes(combination: &Combination<'_>) -> Vec<(String, AxisValue)> {
    let extra = match combination.origin {
        Origin::Product => &[][..],
        Origin::Include => combination.extra.as_slice(),
    };
    combination
        .values
        .iter()
        .chain(extra)
        .map(|assignment| (assignment.name.to_owned(), AxisValue::of(&assignment.node)))
        .collect()
}

/// The key of a point with these axis values; `point` where there are none.
///
/// Values that hold a comma, an equals sign, a quote or a bar are quoted.
pub(super) fn key(axes: &[(String, AxisValue)]) -> String {
    if axes.is_empty() {
        return "point".to_owned();
    }
    let mut key = String::new();
    for (name, value) in axes {
        if !key.is_empty() {
            key.push(',');
        }
        key.push_str(name);
        key.push('=');
        let text = value.to_string();
        if text.is_empty() || text.contains([',', '=', '"', '|']) {
            key.push('"');
            key.push_str(&text.replace('\\', "\\\\").replace('"', "\\\""));
            key.push('"');
        } else {
            key.push_str(&text);
        }
    }
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_that_would_be_misread_are_quoted() {
        let axes = [
            ("model".to_owned(), AxisValue::Text("a".to_owned())),
            ("x".to_owned(), AxisValue::Text("[1, 2]".to_owned())),
            ("n".to_owned(), AxisValue::Int(4)),
        ];
        assert_eq!(key(&axes), r#"model=a,x="[1, 2]",n=4"#);
        assert_eq!(key(&[]), "point");
    }
}
