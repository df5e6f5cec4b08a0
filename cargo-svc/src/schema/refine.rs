//! What a value must be like beyond its type: what the service stage checks, as far as a schema can say it.
//!
//! Each pattern is at least as wide as the check: the tests compare them.

use serde_json::{Value, json};

use super::{Layer, directives};
use crate::directives::Section;
use crate::manifest::keys::{Scope, takes_value};
use crate::service::systemd::MIN_VERSION;
use crate::service::text::INSTANCE;
use crate::service::{AFTER_WORDS, Event, Folder, PRIVILEGES, ServiceName, TimeSpan};

/// A step of a path that is neither empty, `.` nor `..`.
const STEP: &str = r"(?:[^/.\\]|\.[^/.\\]|\.\.[^/\\])[^/\\]*";

/// The name of a socket or a credential.
const IDENTIFIER: &str = "^[A-Za-z0-9_.-]{1,64}$";

/// Permissions in octal digits.
const MODE: &str = "^[0-7]{3,4}$";

/// The name of a unit with its suffix.
const UNIT: &str = r"^[A-Za-z0-9:_.\\@%-]+\.(?:automount|device|mount|path|scope|service|slice|socket|swap|target|timer)$";

/// The name of a user or a group.
const USER: &str = "^[A-Za-z_][A-Za-z0-9_-]{0,30}$";

/// A portable key, in one of the tables that take it.
pub(super) fn portable(key: &str, layer: Layer, mut schema: Value) -> Value {
    drop_form(&mut schema, |form| form["const"] == false);
    let value = &mut schema;
    match key {
        "name" => pattern(value, &service_name()),
        "bin" | "display-name" | "description" | "working-dir" => {
            text(value)["minLength"] = 1.into();
            if key == "working-dir" {
                pattern(value, &with_placeholders());
            }
        }
        "documentation" => pattern(items(value), r"^(?:https?://|file:|info:|man:)[^ ]+$"),
        "args" => pattern(items(value), &with_placeholders()),
        "environment" => {
            value["propertyNames"] = json!({ "pattern": "^[A-Za-z_][A-Za-z0-9_]*$" });
            let variable = &mut value["additionalProperties"];
            pattern(variable, &with_placeholders());
            if layer == Layer::Service {
                drop_form(variable, |form| form["const"] == false);
            }
        }
        "after" => {
            *items(value) = json!({
                "anyOf": [{ "enum": AFTER_WORDS }, { "type": "string", "pattern": service_name() }],
            });
            if layer == Layer::Systemd {
                let unit = json!({ "type": "string", "pattern": UNIT });
                if let Some(forms) = items(value)["anyOf"].as_array_mut() {
                    forms.push(unit);
                }
            }
        }
        "requires" => pattern(items(value), &service_name()),
        "account" => account(value, layer),
        "hardening" if layer != Layer::Systemd => {
            drop_form(value, |form| form["type"] == "object");
        }
        "restart" => duration(&mut form(value, "object")["properties"]["delay"], 0),
        "start-timeout" | "stop-timeout" | "watchdog" => duration(value, 1),
        "events" => {
            let names = Event::NAMED.map(|(name, _)| name);
            *items(value) = json!({
                "anyOf": [{ "enum": names }, { "type": "integer", "minimum": 128, "maximum": 255 }],
            });
        }
        "directories" => {
            for (_, folder) in value["properties"].as_object_mut().into_iter().flatten() {
                // `true` and `false` are both right: the forms have no keyword in common, and become one that is offered once.
                let mut table = form(folder, "object").take();
                table["description"] = folder["description"].take();
                table["type"] = json!(["boolean", "string", "object"]);
                table["pattern"] = relative().into();
                pattern(&mut table["properties"]["path"], &relative());
                pattern(&mut table["properties"]["mode"], MODE);
                *folder = table;
            }
        }
        "files" => files(items(value)),
        "credentials" => {
            let table = items(value);
            table["required"] = json!(["name"]);
            pattern(&mut table["properties"]["name"], IDENTIFIER);
        }
        "sockets" => sockets(items(value)),
        "log" => {
            let file = form(&mut value["properties"]["file"], "object");
            let keep = &mut file["properties"]["keep"];
            keep["minimum"] = 1.into();
            keep["maximum"] = u32::MAX.into();
        }
        _ => {}
    }
    schema
}

/// A key that only systemd has.
pub(super) fn systemd(key: &str, mut schema: Value) -> Value {
    let value = &mut schema;
    match key {
        "min-version" => {
            value["minimum"] = MIN_VERSION.into();
            value["maximum"] = u32::MAX.into();
        }
        "wanted-by" | "wants" => pattern(items(value), UNIT),
        "capabilities" => pattern(items(value), "^[Cc][Aa][Pp]_[A-Za-z_]+$"),
        "writable" => pattern(items(value), &absolute()),
        "bin-dir" => pattern(value, &absolute()),
        "unit" => lines(value, Section::Unit),
        "service" => lines(value, Section::Service),
        "install" => lines(value, Section::Install),
        "socket" => unit(value, Section::Socket),
        "timer" => unit(value, Section::Timer),
        "path" => unit(value, Section::Path),
        _ => {}
    }
    schema
}

/// Whom a service runs as: each system has forms of its own.
fn account(value: &mut Value, layer: Layer) {
    if layer == Layer::Systemd {
        let table = form(value, "object");
        table["required"] = json!(["user"]);
        pattern(&mut table["properties"]["user"], USER);
        pattern(&mut table["properties"]["group"], USER);
        pattern(items(&mut table["properties"]["groups"]), USER);
    } else {
        drop_form(value, |form| form["type"] == "object");
    }
    if layer == Layer::Windows {
        return;
    }
    if let Some(words) = form(value, "string")["enum"].as_array_mut() {
        let takes = |word: &Value| {
            takes_value(
                Scope::Portable,
                "account",
                word.as_str().unwrap_or_default(),
            )
        };
        words.retain(takes);
    }
    drop_form(value, |form| form.get("pattern").is_some());
}

/// A key that only Windows has.
pub(super) fn windows(key: &str, mut schema: Value) -> Value {
    let value = &mut schema;
    match key {
        "depends" => pattern(items(value), r#"^\+?[^/\\"]+$"#),
        "privileges" => {
            let names = PRIVILEGES.map(any_case);
            pattern(
                &mut form(value, "array")["items"],
                &format!("^(?:{})$", names.join("|")),
            );
        }
        "failure-actions" => {
            value["required"] = json!(["actions"]);
            duration(&mut value["properties"]["reset"], 0);
            let actions = &mut value["properties"]["actions"];
            actions["minItems"] = 1.into();
            let action = items(actions);
            action["required"] = json!(["action"]);
            duration(&mut action["properties"]["delay"], 0);
        }
        "preshutdown-timeout" => duration(value, 1),
        "event-log" => pattern(value, &with_placeholders()),
        "firewall" => {
            let rules = form(value, "array");
            rules["minItems"] = 1.into();
            let rule = items(rules);
            rule["required"] = json!(["port"]);
            rule["properties"]["port"]["minimum"] = 1.into();
            rule["properties"]["port"]["maximum"] = u16::MAX.into();
            rule["properties"]["profiles"]["minItems"] = 1.into();
        }
        "install-dir" => pattern(value, r#"^[^<>"|?*%^]+$"#),
        _ => {}
    }
    schema
}

/// The lines of a section.
fn lines(table: &mut Value, section: Section) {
    let definition = format!("#/definitions/{}", directives::name(section));
    table["allOf"] = json!([{ "$ref": definition }]);
}

/// The lines of a unit that starts the service: its own section's, and tables for the other two.
fn unit(table: &mut Value, section: Section) {
    lines(table, section);
    lines(&mut table["properties"]["unit"], Section::Unit);
    lines(&mut table["properties"]["install"], Section::Install);
}

/// A key of the package as a whole.
pub(super) fn package(key: &str, mut schema: Value) -> Value {
    let value = &mut schema;
    match key {
        "upgrade-code" => {
            let digits = |count: u8| format!("[0-9A-Fa-f]{{{count}}}");
            let groups = [8, 4, 4, 4, 12].map(digits).join("-");
            pattern(value, &format!(r"^\{{?{groups}\}}?$"));
        }
        "version" => pattern(
            value,
            r"^[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,5}(?:\.[0-9]{1,5})?$",
        ),
        "license" => pattern(value, &relative()),
        "icon" => {
            pattern(value, &relative());
            value["allOf"] = json!([{ "pattern": ending("ico") }]);
        }
        "output-dir" => pattern(value, &format!("^{STEP}(?:/{STEP})*/*$")),
        _ => value["minLength"] = 1.into(),
    }
    schema
}

fn files(table: &mut Value) {
    table["required"] = json!(["to"]);
    table["anyOf"] = json!([
        { "required": ["source"] },
        { "required": ["required"], "properties": { "required": { "const": true } } },
    ]);
    let keys = &mut table["properties"];
    pattern(&mut keys["source"], &relative());
    pattern(&mut keys["mode"], MODE);
    let folders = Folder::ALL.map(Folder::word).join("|");
    pattern(
        &mut keys["to"],
        &format!(r"^\{{(?:{folders})\}}(?:/{STEP})+$"),
    );
}

fn sockets(table: &mut Value) {
    table["required"] = json!(["name"]);
    // What it listens on can stand in the lines of its unit instead.
    table["anyOf"] = json!([{ "required": ["listen"] }, { "required": ["systemd"] }]);
    let keys = &mut table["properties"];
    pattern(&mut keys["name"], IDENTIFIER);
    pattern(&mut keys["mode"], MODE);
    unit(&mut keys["systemd"], Section::Socket);
    let ip = r"(?:[0-9.]+|\[[0-9A-Fa-f:.]+(?:%[0-9]+)?\])";
    let listen = format!(r"^(?:(?:tcp|udp)://{ip}:[0-9]+|unix(?:gram)?:[/@{{].+)$");
    pattern(text(&mut keys["listen"]), &listen);
    let many = form(&mut keys["listen"], "array");
    many["minItems"] = 1.into();
    pattern(&mut many["items"], &listen);
}

fn service_name() -> String {
    format!("^[A-Za-z0-9][A-Za-z0-9_.-]{{0,{}}}$", ServiceName::MAX - 1)
}

/// A text whose braces are placeholders, or doubled.
fn with_placeholders() -> String {
    let mut words = Folder::ALL.map(Folder::word).to_vec();
    words.push(INSTANCE);
    let words = words.join("|");
    format!(r"^(?:[^{{\x00-\x1f\x7f-\x9f]|\{{\{{|\{{(?:{words})\}})*$")
}

/// A path with forward slashes that stays where it begins.
fn relative() -> String {
    format!("^{STEP}(?:/{STEP})*$")
}

/// A file's name with an extension, in whatever case.
fn ending(extension: &str) -> String {
    format!(r"[^/]\.{}$", any_case(extension))
}

/// A word of ASCII letters in whatever case.
fn any_case(word: &str) -> String {
    let mut pattern = String::new();
    for c in word.chars() {
        pattern.extend(['[', c.to_ascii_uppercase(), c.to_ascii_lowercase(), ']']);
    }
    pattern
}

/// A path from the root without `.` and `..` steps.
fn absolute() -> String {
    let step = STEP.replace(r"\\", "");
    format!("^/(?:(?:{step})?/)*(?:{step})?$")
}

/// Text in systemd's grammar, or whole seconds.
fn duration(schema: &mut Value, minimum: u8) {
    // The longest word first: `m` begins `min`.
    let mut units: Vec<_> = TimeSpan::units().collect();
    units.sort_by_key(|unit| std::cmp::Reverse(unit.len()));
    let units = units.join("|");
    let space = r"[ \t\n\r]*";
    let number = r"(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)";
    pattern(
        text(schema),
        &format!("^{space}(?:infinity|(?:{number}{space}(?:{units}){space})+)$"),
    );
    form(schema, "integer")["minimum"] = minimum.into();
}

/// The elements of an array.
fn items(schema: &mut Value) -> &mut Value {
    &mut schema["items"]
}

/// The form of a value that is text.
fn text(schema: &mut Value) -> &mut Value {
    form(schema, "string")
}

/// The form of a value that has this type; the value itself if it has one form.
fn form<'a>(schema: &'a mut Value, kind: &str) -> &'a mut Value {
    let forms = schema["anyOf"].as_array();
    let index = forms.and_then(|forms| forms.iter().position(|form| form["type"] == kind));
    match index {
        Some(index) => &mut schema["anyOf"][index],
        None => schema,
    }
}

fn pattern(schema: &mut Value, pattern: &str) {
    text(schema)["pattern"] = pattern.into();
}

/// Takes a form of a value out. What is left alone stands for itself, with the description that all of them had.
fn drop_form(schema: &mut Value, is_it: impl Fn(&Value) -> bool) {
    let Some(forms) = schema["anyOf"].as_array_mut() else {
        return;
    };
    forms.retain(|form| !is_it(form));
    let [only] = forms.as_mut_slice() else {
        return;
    };
    let mut only = only.take();
    if let Some(description) = schema.get("description") {
        only["description"] = description.clone();
    }
    *schema = only;
}
