//! Import, then generate.

mod groups;
mod orders;
mod properties;
mod refused;
mod units;

use super::*;

/// What is made of some files; or all that was said.
fn try_import(files: &[(&str, &str)], options: &Options) -> Result<Imported, Vec<String>> {
    let mut report = Report::default();
    let inputs = files.iter().map(|(name, text)| {
        Input::new(name.as_ref(), text.as_bytes().to_vec()).expect("a unit's name")
    });
    let found = import(inputs.collect(), options, None, &mut report);
    let said = report.diagnostics().iter();
    found.ok_or_else(|| {
        said.map(|found| format!("{}: {}", found.message, found.label))
            .collect()
    })
}

/// The same of what is right.
fn imported(files: &[(&str, &str)]) -> Imported {
    try_import(files, &Options::default()).unwrap_or_else(|said| panic!("{said:#?}"))
}

/// The service's table as TOML.
fn table(found: &Imported) -> toml::Table {
    let mut root: toml::Table = found.text.parse().expect("it is TOML");
    let package = root["package"].as_table_mut().expect("a table");
    let metadata = package["metadata"].as_table_mut().expect("a table");
    match metadata.remove("service") {
        Some(toml::Value::Table(table)) => table,
        other => panic!("{other:?}"),
    }
}

/// A value of a table, as TOML writes it.
fn at(table: &toml::Table, path: &str) -> String {
    let mut steps = path.split('.');
    let first = steps.next().and_then(|step| table.get(step));
    let value = steps.fold(first, |value, step| value.and_then(|value| value.get(step)));
    value.map_or_else(String::new, shown)
}

fn shown(value: &toml::Value) -> String {
    match value {
        toml::Value::String(text) => format!("\"{}\"", text.replace('\t', "\\t")),
        toml::Value::Integer(number) => number.to_string(),
        toml::Value::Boolean(yes) => yes.to_string(),
        toml::Value::Array(values) => {
            let values: Vec<_> = values.iter().map(shown).collect();
            format!("[{}]", values.join(", "))
        }
        other => format!("{other:?}"),
    }
}
