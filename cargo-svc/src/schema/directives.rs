//! The directives that raw tables take, from the table of them: an editor completes their names, booleans and words, and shows
//! what each takes. Text is not looked into: that is `cargo svc check`'s.

use serde_json::{Map, Value, json};

use crate::directives::{self, Directive, Kind, Section};

/// The name of a section's definition.
pub(super) fn name(section: Section) -> String {
    format!("lines.{}", section.word().to_lowercase())
}

/// What the lines of a section are, beside what all lines are.
pub(super) fn lines(section: Section) -> Value {
    let known = directives::all()
        .iter()
        .filter(|directive| directive.section == section && directive.until.is_none());
    let properties: Map<_, _> = known
        .map(|directive| (directive.name.to_owned(), line(directive)))
        .collect();
    json!({ "properties": properties })
}

fn line(directive: &Directive) -> Value {
    let mut schema = match simple(directive) {
        Some(forms) => {
            let mut all = forms.clone();
            all.push(json!({ "type": "array", "items": { "anyOf": forms } }));
            json!({ "anyOf": all })
        }
        None => json!({}),
    };
    schema["description"] = format!("Expected: {}.", directive.accepts()).into();
    schema
}

/// The forms of a value that is not mere text.
fn simple(directive: &Directive) -> Option<Vec<Value>> {
    let words: Vec<_> = directive.values.iter().map(|value| value.word).collect();
    let mut forms = match directive.kind {
        Kind::Boolean => vec![
            json!({ "type": "boolean" }),
            json!({ "type": "integer", "minimum": 0, "maximum": 1 }),
        ],
        Kind::Integer => {
            let mut number = json!({ "type": "integer" });
            if let Some((low, high)) = directive.range {
                number["minimum"] = low.into();
                number["maximum"] = high.into();
            }
            vec![number]
        }
        _ if !words.is_empty() => vec![json!({ "type": ["boolean", "number"] })],
        _ => return None,
    };
    if !words.is_empty() {
        forms.insert(0, json!({ "enum": words }));
    }
    forms.push(json!({ "type": "string" }));
    Some(forms)
}
