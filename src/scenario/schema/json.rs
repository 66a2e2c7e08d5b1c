//! The table as JSON Schema, draft 2020-12, for editors.

use std::collections::BTreeMap;

use serde_json::{Map as Json, Value, json};

use super::super::{read, runtime};
use super::{DOCUMENT, Field, Map, Shape, Tagged};

/// Matches a scalar that the environment or an expression fills in.
const FILLED_IN: &str = r"\$[({]";

/// The JSON Schema of scenarios, indented, with sorted keys and a newline at its end.
///
/// # Panics
///
/// Never: a schema is JSON.
pub fn json_schema() -> String {
    let mut definitions = BTreeMap::new();
    let mut schema = map(&DOCUMENT, &mut definitions);
    let object = schema.as_object_mut().expect("a map is an object");
    object.insert(
        "$schema".into(),
        json!("https://json-schema.org/draft/2020-12/schema"),
    );
    object.insert("title".into(), json!("phantom scenario, phantom/v1"));
    object.insert("$defs".into(), json!(definitions));
    let mut text = serde_json::to_string_pretty(&sorted(&schema)).expect("a schema is JSON");
    text.push('\n');
    text
}

/// The same with sorted keys, whatever order the maps of JSON keep in this build.
fn sorted(value: &Value) -> Value {
    match value {
        Value::Object(map) => {
            let entries: BTreeMap<&String, Value> = map
                .iter()
                .map(|(key, value)| (key, sorted(value)))
                .collect();
            entries
                .into_iter()
                .map(|(key, value)| (key.clone(), value))
                .collect()
        }
        Value::Array(items) => items.iter().map(sorted).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.clone(),
    }
}

type Definitions = BTreeMap<&'static str, Value>;

fn of(shape: &'static Shape, definitions: &mut Definitions) -> Value {
    match shape {
        Shape::Map(fields) => map(fields, definitions),
        Shape::Names(value) => {
            json!({"type": "object", "additionalProperties": of(value, definitions)})
        }
        Shape::List(item) => json!({"type": "array", "items": of(item, definitions)}),
        Shape::Tagged(cases) => tagged(cases, definitions),
        Shape::Runtime => software(),
        Shape::Text | Shape::Path => json!({"type": "string"}),
        Shape::Date => {
            scalar(&json!({"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}))
        }
        Shape::Bool => scalar(&json!({"type": "boolean"})),
        Shape::Count(least) => {
            let suffixed = json!({"type": "string", "pattern": "^[0-9.]+ ?[kMGT]?(tok)?$"});
            json!({"anyOf": [{"type": "integer", "minimum": least}, suffixed, filled_in()]})
        }
        Shape::Number => scalar(&json!({"type": "number", "minimum": 0})),
        Shape::Share => json!({"anyOf": [
            {"type": "number", "minimum": 0, "maximum": 1},
            {"type": "string", "pattern": "^[0-9.]+ ?(%|/ ?[0-9.]+)?$"},
            filled_in(),
        ]}),
        Shape::Quantity(dimension) => {
            let (meaning, example) = read::described(*dimension);
            json!({"type": ["string", "number"], "description": meaning, "examples": [example]})
        }
        Shape::Choice(words) => scalar(&choice(words)),
        Shape::Scalar => json!({"type": ["string", "number", "boolean"]}),
        Shape::Any => json!(true),
        Shape::Either(shapes) => {
            let all: Vec<Value> = shapes.iter().map(|shape| of(shape, definitions)).collect();
            json!({"anyOf": all})
        }
        Shape::Named(name, inner) => {
            if !definitions.contains_key(name) {
                definitions.insert(name, Value::Null);
                let definition = of(inner, definitions);
                definitions.insert(name, definition);
            }
            json!({"$ref": format!("#/$defs/{name}")})
        }
    }
}

/// YAML reads some words as numbers or booleans; an editor sees those.
fn choice(words: &[&str]) -> Value {
    let values: Vec<Value> = words
        .iter()
        .map(|word| {
            read::whole(word)
                .map(Value::from)
                .or_else(|| read::boolean(word).map(Value::from))
                .unwrap_or_else(|| json!(word))
        })
        .collect();
    json!({"enum": values})
}

fn filled_in() -> Value {
    json!({"type": "string", "pattern": FILLED_IN})
}

fn scalar(schema: &Value) -> Value {
    json!({"anyOf": [schema, filled_in()]})
}

fn property(field: &'static Field, definitions: &mut Definitions) -> Value {
    let mut schema = of(field.shape, definitions);
    let Some(object) = schema.as_object_mut() else {
        return json!({"description": described(field)});
    };
    object.insert("description".into(), described(field).into());
    schema
}

fn described(field: &Field) -> String {
    field.default.map_or_else(
        || field.doc.to_owned(),
        |default| format!("{} Default: {default}.", field.doc),
    )
}

fn map(shape: &'static Map, definitions: &mut Definitions) -> Value {
    let mut schema = closed(shape.fields.iter(), definitions);
    if !shape.forms.is_empty() {
        let forms: Vec<Value> = shape
            .forms
            .iter()
            .map(|form| json!({"required": [form]}))
            .collect();
        schema.insert("oneOf".into(), forms.into());
    }
    schema.into()
}

fn closed(
    fields: impl Iterator<Item = &'static Field>,
    definitions: &mut Definitions,
) -> Json<String, Value> {
    let mut properties = Json::new();
    let mut required = Vec::new();
    for field in fields {
        properties.insert(field.key.into(), property(field, definitions));
        if field.required {
            required.push(Value::from(field.key));
        }
    }
    let mut schema = Json::new();
    schema.insert("type".into(), "object".into());
    schema.insert("properties".into(), properties.into());
    schema.insert("additionalProperties".into(), false.into());
    if !required.is_empty() {
        schema.insert("required".into(), required.into());
    }
    schema
}

fn tagged(shape: &'static Tagged, definitions: &mut Definitions) -> Value {
    let cases: Vec<Value> = shape
        .cases
        .iter()
        .map(|case| {
            let mut schema = closed(case.fields.iter().chain(shape.common), definitions);
            let tag = json!({"enum": case.names, "description": shape.doc});
            schema["properties"][shape.tag] = tag;
            let required = schema.entry("required").or_insert_with(|| json!([]));
            required
                .as_array_mut()
                .expect("required is a list")
                .push(json!(shape.tag));
            schema.into()
        })
        .collect();
    json!({"oneOf": cases})
}

fn software() -> Value {
    let cases: Vec<Value> = runtime::all()
        .map(|(name, options)| {
            let mut properties = Json::new();
            properties.insert("name".into(), json!({"const": name}));
            properties.insert("version".into(), json!({"type": "string"}));
            for option in options {
                properties.insert(
                    option.name.into(),
                    json!({"description": option.description()}),
                );
            }
            json!({"properties": properties, "additionalProperties": false})
        })
        .collect();
    json!({"type": "object", "anyOf": cases})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_definition_is_filled() {
        let schema: Value = serde_json::from_str(&json_schema()).expect("valid JSON");
        let definitions = schema["$defs"].as_object().expect("definitions");
        assert!(definitions.values().all(|definition| !definition.is_null()));
        assert_eq!(schema["properties"]["name"]["type"], "string");
    }

    #[test]
    fn the_shipped_schema_is_up_to_date() {
        assert!(
            include_str!("../../../scenarios/phantom-v1.schema.json") == json_schema(),
            "write the output of `phantom schema` to scenarios/phantom-v1.schema.json"
        );
    }
}
