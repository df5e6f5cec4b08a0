//! What schemars makes of the raw types, in the form of TOML: without null, which TOML does not have.

use schemars::generate::SchemaSettings;
use schemars::transform::transform_subschemas;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Map, Value, json};

/// Writes every type out where it is used.
pub(super) fn generator() -> SchemaGenerator {
    let settings = SchemaSettings::draft07().with(|settings| {
        settings.inline_subschemas = true;
        settings.meta_schema = None;
    });
    SchemaGenerator::new(settings)
}

/// The schemas of a table's keys.
pub(super) fn properties<T: JsonSchema>(generator: &mut SchemaGenerator) -> Map<String, Value> {
    let mut schema = generator.subschema_for::<T>();
    clean(&mut schema);
    match schema.remove("properties") {
        Some(Value::Object(properties)) => properties,
        _ => Map::new(),
    }
}

/// Takes out what stands for Rust's types alone.
fn clean(schema: &mut Schema) {
    transform_subschemas(&mut clean, schema);
    let Some(object) = schema.as_object_mut() else {
        return;
    };
    for keyword in ["default", "format"] {
        object.remove(keyword);
    }
    without_null(object);
    words(object);
    flatten(object);
}

/// Words that are explained become a plain list with what taplo shows beside each: it would show the explanations of all of
/// them for the key.
fn words(object: &mut Map<String, Value>) {
    let Some(Value::Array(forms)) = object.get("oneOf") else {
        return;
    };
    let of = |keyword| forms.iter().map(move |form| form.get(keyword).cloned());
    let words: Option<Vec<_>> = of("const").collect();
    let explained: Option<Vec<_>> = of("description").collect();
    let (Some(words), Some(explained)) = (words, explained) else {
        return;
    };
    object.remove("oneOf");
    object.insert("type".into(), "string".into());
    object.insert("enum".into(), words.into());
    let docs = json!({ "docs": { "enumValues": explained } });
    object.insert("x-taplo".into(), docs);
}

/// One list of forms where a form is nothing but a list of them. What it means is said once, by the value that has the forms.
fn flatten(object: &mut Map<String, Value>) {
    let Some(Value::Array(forms)) = object.get_mut("anyOf") else {
        return;
    };
    *forms = std::mem::take(forms)
        .into_iter()
        .flat_map(|form| match form {
            Value::Object(mut inner) if inner.len() == 1 && inner.contains_key("anyOf") => {
                match inner.remove("anyOf") {
                    Some(Value::Array(forms)) => forms,
                    _ => Vec::new(),
                }
            }
            Value::Object(mut form) => {
                form.remove("description");
                vec![form.into()]
            }
            form => vec![form],
        })
        .collect();
}

/// Undoes what an `Option` adds.
fn without_null(object: &mut Map<String, Value>) {
    if let Some(Value::Array(kinds)) = object.get_mut("type") {
        kinds.retain(|kind| kind != "null");
        if let [only] = kinds.as_slice() {
            let only = only.clone();
            object.insert("type".into(), only);
        }
    }
    if let Some(Value::Array(words)) = object.get_mut("enum") {
        words.retain(|word| !word.is_null());
    }
    if let Some(Value::Array(forms)) = object.get_mut("anyOf") {
        forms.retain(|form| form["type"] != "null");
        if let [only] = forms.as_mut_slice() {
            // What is said here counts before what the one form says of itself.
            let only = only.take();
            object.remove("anyOf");
            for (keyword, value) in only.as_object().into_iter().flatten() {
                object.entry(keyword).or_insert_with(|| value.clone());
            }
        }
    }
}
