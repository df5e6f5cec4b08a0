//! How systemd shows on D-Bus what it read (org.freedesktop.systemd1(5)).

use cargo_svc::directives::{Section, find};
use cargo_svc::service::TimeSpan;
use cargo_svc::unit_file::words::{has_specifier, literal_text};
use cargo_svc::unit_file::{Assigned, Command, Effective, Rights, Value};
use serde_json::{Value as Json, json};

/// What systemd shows if it read what cargo-svc read, and what it shows; both in an order that can be compared. None if
/// cargo-svc has no value to compare with, or one that only the machine knows.
pub(crate) fn property(name: &str, unit: &Effective, theirs: &Json) -> Option<(Json, Json)> {
    let service = |key| unit.values(Section::Service, key);
    let same = |want: Option<Json>| Some((want?, theirs.clone()));
    let list = |section, key| -> Option<Json> {
        unit.values(section, key).into_iter().map(plain).collect()
    };
    match name {
        "ExecStartPreEx" | "ExecStartEx" | "ExecStopPostEx" => {
            commands(&service(name.strip_suffix("Ex")?), theirs)
        }
        "Environment"
        | "PassEnvironment"
        | "UnsetEnvironment"
        | "ReadWritePaths"
        | "ReadOnlyPaths"
        | "ExecSearchPath"
        | "SupplementaryGroups" => same(list(Section::Service, name)),
        "StateDirectory" | "RuntimeDirectory" => {
            // Links are shown elsewhere. systemd 252 sorts them, and shows each once.
            let mut folders: Vec<Json> = service(name)
                .into_iter()
                .map(|value| field(value, 0))
                .collect::<Option<_>>()?;
            let mut theirs = theirs.as_array()?.clone();
            sort(&mut folders);
            folders.dedup();
            sort(&mut theirs);
            Some((json!(folders), json!(theirs)))
        }
        // The path has no property.
        "StandardOutput" => {
            let text = text(*service(name).first()?)?;
            let word = text.split(':').next().unwrap_or_default();
            same(Some(json!(word)))
        }
        "Documentation" => same(list(Section::Unit, name)),
        "Wants" | "Conflicts" => includes(&list(Section::Unit, name)?, theirs),
        "EnvironmentFiles" => {
            let files = service("EnvironmentFile").into_iter().map(|value| {
                let path = text(value)?;
                let rest = path.strip_prefix('-');
                Some(json!([rest.unwrap_or(&path), rest.is_some()]))
            });
            same(files.collect())
        }
        "WorkingDirectory" => {
            let path = text(*service(name).first()?)?;
            let shown = match path.strip_prefix('-') {
                Some(rest) => format!("!{rest}"),
                None => path,
            };
            same(Some(json!(shown)))
        }
        "BindPaths" | "BindReadOnlyPaths" => same(service(name).into_iter().map(bind).collect()),
        "TemporaryFileSystem" => {
            // Specifiers mean nothing in the options.
            let mounts = service(name).into_iter().map(|value| match value {
                Value::Fields(fields) => {
                    let options = fields.get(1).map_or("", String::as_str);
                    Some(json!([literal_text(&fields[0])?, options]))
                }
                _ => None,
            });
            same(mounts.collect())
        }
        "LoadCredential" | "DeviceAllow" => {
            let pairs: Option<Vec<Json>> = service(name)
                .into_iter()
                .map(|value| {
                    Some(json!([
                        field(value, 0)?,
                        field(value, 1).unwrap_or(json!(""))
                    ]))
                })
                .collect();
            let (mut want, mut theirs) = (pairs?, theirs.as_array()?.clone());
            // Those have no order of their own.
            sort(&mut want);
            sort(&mut theirs);
            Some((json!(want), json!(theirs)))
        }
        "Conditions" | "Asserts" => conditions(unit, name.strip_suffix('s')?, theirs),
        "RestrictAddressFamilies" => families(&service(name), theirs),
        "Listen" => same(addresses(unit)),
        "Paths" => pairs(unit, Section::Path, theirs),
        "TimersMonotonic" | "TimersCalendar" => timers(unit, name == "TimersCalendar", theirs),
        "LimitNOFILESoft" => same(limit(*service("LimitNOFILE").first()?, true)),
        "LimitNOFILE" | "LimitCPU" | "LimitRTTIME" | "LimitMEMLOCK" => {
            same(limit(*service(name).first()?, false))
        }
        "Delegate" => {
            let delegated = service(name).pop()?;
            same(Some(json!(*delegated != Value::Bool(false))))
        }
        _ => same(scalar(unit, name)),
    }
}

/// A property that has one value, under the name that its directive has.
fn scalar(unit: &Effective, name: &str) -> Option<Json> {
    let key = match name.strip_suffix("USec") {
        Some(time) => format!("{time}Sec"),
        None => name.to_owned(),
    };
    let known = |section: &Section| find(*section, &key).is_some();
    let value = unit.value(Section::ALL.into_iter().find(known)?, &key)?;
    match value {
        Value::Time(TimeSpan::Infinite) => Some(json!(u64::MAX)),
        Value::Time(time) => time.as_micros().map(|micros| json!(micros)),
        Value::Bool(yes) => Some(json!(yes)),
        Value::Number(number) => Some(json!(number)),
        Value::Size(size) => Some(json!(size)),
        Value::Mode(mode) => Some(json!(mode)),
        Value::Text(text) if text == "infinity" && name.ends_with("Max") => Some(json!(u64::MAX)),
        // A share of what the machine has.
        Value::Text(text) if text.ends_with('%') => None,
        other => plain(other),
    }
}

/// The text of a value without specifiers.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::Text(text) | Value::Path(text) | Value::Word(text) => literal_text(text),
        Value::Variable { name, value } => literal_text(&format!("{name}={value}")),
        _ => None,
    }
}

fn plain(value: &Value) -> Option<Json> {
    text(value).map(Json::String)
}

fn field(value: &Value, index: usize) -> Option<Json> {
    match value {
        Value::Fields(fields) => literal_text(fields.get(index)?).map(Json::String),
        _ => None,
    }
}

fn sort(values: &mut [Json]) {
    values.sort_by_key(ToString::to_string);
}

/// Sets to which systemd adds something itself: what is wanted, and which of it is there.
fn includes(want: &Json, theirs: &Json) -> Option<(Json, Json)> {
    let (all, mut want) = (theirs.as_array()?, want.as_array()?.clone());
    sort(&mut want);
    let there: Vec<_> = want
        .iter()
        .filter(|one| all.contains(one))
        .cloned()
        .collect();
    Some((json!(want), json!(there)))
}

/// Each command as its program, its arguments and its prefixes.
fn commands(values: &[&Value], theirs: &Json) -> Option<(Json, Json)> {
    let mut want = Vec::new();
    for value in values {
        let Value::Command(command) = value else {
            return None;
        };
        want.push(shown_command(command)?);
    }
    let theirs = theirs.as_array()?.iter().enumerate().map(|(at, one)| {
        let mut flags = one[2].as_array().cloned().unwrap_or_default();
        sort(&mut flags);
        let mut argv = one[1].as_array().cloned().unwrap_or_default();
        // The program as it was written.
        if values.get(at).is_some_and(
            |value| matches!(value, Value::Command(command) if command.argv0.is_none()),
        ) {
            argv.remove(0);
        }
        json!([one[0], argv, flags])
    });
    Some((json!(want), theirs.collect()))
}

fn shown_command(command: &Command) -> Option<Json> {
    let words = command.argv0.iter().chain(&command.args);
    let argv: Vec<String> = words
        .map(|word| literal_text(word))
        .collect::<Option<_>>()?;
    let mut flags = Vec::new();
    if command.prefix.ignore_failure {
        flags.push(json!("ignore-failure"));
    }
    if command.prefix.no_variables {
        flags.push(json!("no-env-expand"));
    }
    match command.prefix.rights {
        Rights::Unit => {}
        Rights::Full => flags.push(json!("privileged")),
        Rights::SameUser => flags.push(json!("no-setuid")),
        Rights::Ambient => flags.push(json!("ambient")),
    }
    sort(&mut flags);
    Some(json!([literal_text(&command.program)?, argv, flags]))
}

fn bind(value: &Value) -> Option<Json> {
    let source = field(value, 0)?;
    let source = source.as_str()?;
    let rest = source.strip_prefix('-');
    let recursive = field(value, 2)? == "rbind";
    // MS_REC of mount(2).
    let flags = if recursive { 16384 } else { 0 };
    Some(json!([
        rest.unwrap_or(source),
        field(value, 1)?,
        rest.is_some(),
        flags
    ]))
}

fn conditions(unit: &Effective, kind: &str, theirs: &Json) -> Option<(Json, Json)> {
    let mut want = Vec::new();
    for one in unit.assigned() {
        if let Value::Condition {
            trigger,
            negate,
            text,
        } = &one.value
            && one.key.starts_with(kind)
        {
            want.push(json!([one.key, trigger, negate, literal_text(text)?]));
        }
    }
    let mut theirs: Vec<Json> = theirs
        .as_array()?
        .iter()
        .map(|one| json!([one[0], one[1], one[2], one[3]]))
        .collect();
    // Both are shown as conditions, last to first.
    for one in &mut want {
        let name = one[0].as_str()?.replace("Assert", "Condition");
        one[0] = json!(name);
    }
    for one in &mut theirs {
        let name = one[0].as_str()?.replace("Assert", "Condition");
        one[0] = json!(name);
    }
    sort(&mut want);
    sort(&mut theirs);
    // Twice the same condition is one.
    theirs.dedup();
    Some((json!(want), json!(theirs)))
}

/// Plays the steps, as systemd does.
fn families(values: &[&Value], theirs: &Json) -> Option<(Json, Json)> {
    let (mut allows, mut set): (Option<bool>, Vec<String>) = (None, Vec::new());
    for value in values {
        let Value::Operation { remove, word } = value else {
            return None;
        };
        if word == "none" {
            (allows, set) = (Some(true), Vec::new());
            continue;
        }
        let list = *allows.get_or_insert(!remove);
        set.retain(|one| one != word);
        if list != *remove && !word.is_empty() {
            set.push(word.clone());
        }
    }
    set.sort();
    let mut names = theirs[1].as_array()?.clone();
    sort(&mut names);
    Some((
        json!([allows.unwrap_or(false), set]),
        json!([theirs[0], names]),
    ))
}

fn limit(value: &Value, want_soft: bool) -> Option<Json> {
    match value {
        Value::Limit { soft, hard } => {
            let limit = if want_soft { soft } else { hard };
            Some(json!(limit.unwrap_or(u64::MAX)))
        }
        _ => None,
    }
}

fn addresses(unit: &Effective) -> Option<Json> {
    let of = |one: &Assigned| one.section == Section::Socket && one.key.starts_with("Listen");
    unit.assigned()
        .iter()
        .filter(|one| of(one))
        .map(|one| Some(json!([one.key.strip_prefix("Listen")?, text(&one.value)?])))
        .collect()
}

fn pairs(unit: &Effective, section: Section, theirs: &Json) -> Option<(Json, Json)> {
    let mut want = Vec::new();
    for one in unit.assigned() {
        if one.section == section && matches!(one.value, Value::Path(_)) {
            want.push(json!([one.key, text(&one.value)?]));
        }
    }
    let mut theirs = theirs.as_array()?.clone();
    sort(&mut want);
    sort(&mut theirs);
    Some((json!(want), json!(theirs)))
}

fn timers(unit: &Effective, calendar: bool, theirs: &Json) -> Option<(Json, Json)> {
    let mut want = Vec::new();
    for one in unit.assigned() {
        match &one.value {
            Value::Time(time) if !calendar && one.key.starts_with("On") => {
                want.push(json!([one.key.replace("Sec", "USec"), time.as_micros()?]));
            }
            Value::Text(text) if calendar && one.key == "OnCalendar" && !has_specifier(text) => {
                want.push(json!(["OnCalendar", text]));
            }
            _ => {}
        }
    }
    let theirs = theirs.as_array()?.iter().map(|one| json!([one[0], one[1]]));
    let mut theirs: Vec<Json> = theirs.collect();
    sort(&mut want);
    sort(&mut theirs);
    Some((json!(want), json!(theirs)))
}

/// The links that `systemctl enable` makes for a unit.
pub(crate) fn links(unit: &Effective, file: &str) -> Vec<String> {
    let words = |key| {
        unit.values(Section::Install, key)
            .into_iter()
            .filter_map(text)
    };
    let mut links = Vec::new();
    links.extend(words("WantedBy").map(|by| format!("./{by}.wants/{file}")));
    links.extend(words("RequiredBy").map(|by| format!("./{by}.requires/{file}")));
    links.extend(words("Alias").map(|alias| format!("./{alias}")));
    links
}
