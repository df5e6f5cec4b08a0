//! What belongs to the package as a whole.

use super::PackageSettings;
use super::layer::line;
use crate::diagnostics::{Declared, Diagnostic, Place, Report};
use crate::manifest::{Manifest, raw};

/// Where files are committed below a package, unless it says so otherwise.
pub const OUTPUT_DIR: &str = "packaging";

/// `[package.metadata.service-package]`.
pub(super) fn resolve(manifest: &Manifest, report: &mut Report) -> PackageSettings {
    let table = &manifest.settings;
    let mut key = |name: &str,
                   typed: &Option<raw::Spanned<String>>,
                   check: fn(&str) -> Result<String, String>| {
        let typed = typed.as_ref()?;
        let place = Place {
            source: manifest.source.clone(),
            key: format!("package.metadata.service-package.{name}"),
            span: typed.span(),
        };
        match check(typed.get_ref()) {
            Ok(value) => Some(Declared::at(value, place)),
            Err(reason) => {
                report.add(
                    Diagnostic::error(format!("invalid value for `{name}`"))
                        .at(Some(&place))
                        .label(reason),
                );
                None
            }
        }
    };
    PackageSettings {
        manufacturer: key("manufacturer", &table.manufacturer, line),
        upgrade_code: key("upgrade-code", &table.upgrade_code, guid),
        version: key("version", &table.version, installer_version),
        license: key("license", &table.license, |path| file(path, None)),
        icon: key("icon", &table.icon, |path| file(path, Some(".ico"))),
        output_dir: key("output-dir", &table.output_dir, output_dir)
            .unwrap_or_else(|| Declared::default_of(OUTPUT_DIR.into())),
    }
}

/// A GUID as Windows Installer takes it: upper case, in its five groups.
fn guid(value: &str) -> Result<String, String> {
    let bare = value
        .strip_prefix('{')
        .and_then(|value| value.strip_suffix('}'))
        .unwrap_or(value);
    let groups: Vec<_> = bare.split('-').map(str::len).collect();
    let digits = bare.chars().all(|c| c == '-' || c.is_ascii_hexdigit());
    if groups != [8, 4, 4, 4, 12] || !digits {
        return Err(
            "a GUID has 32 hexadecimal digits in groups of 8, 4, 4, 4 and 12; `cargo svc init` makes one".into(),
        );
    }
    Ok(bare.to_ascii_uppercase())
}

/// A version that Windows Installer can hold (Microsoft, `ProductVersion`).
pub(super) fn installer_version(value: &str) -> Result<String, String> {
    let numbers: Vec<Option<u16>> = value
        .split('.')
        .map(|part| {
            let digits = part.chars().all(|c| c.is_ascii_digit());
            let plain = digits && (part == "0" || !part.starts_with('0'));
            plain.then(|| part.parse().ok()).flatten()
        })
        .collect();
    let right = match numbers.as_slice() {
        [Some(major), Some(minor), Some(_)] | [Some(major), Some(minor), Some(_), Some(_)] => {
            *major <= 255 && *minor <= 255
        }
        _ => false,
    };
    if right {
        return Ok(value.to_owned());
    }
    Err("Windows Installer takes three or four numbers: up to 255, 255 and 65535, and a fourth that it does not compare".into())
}

/// A file of the package, with forward slashes, whose name may have to end in something.
fn file(value: &str, end: Option<&str>) -> Result<String, String> {
    line(value)?;
    let outside =
        value.starts_with('/') || value.split('/').any(|step| matches!(step, "" | "." | ".."));
    if outside || value.contains(['\\', ':']) {
        return Err(
            "write the file's path below the package's folder, with forward slashes".into(),
        );
    }
    let name = value
        .rsplit('/')
        .next()
        .unwrap_or(value)
        .to_ascii_lowercase();
    if let Some(end) = end.filter(|end| !name.ends_with(end) || name == *end) {
        return Err(format!("a file whose name ends in `{end}` was expected"));
    }
    Ok(value.to_owned())
}

/// A folder below the package's root, with forward slashes, so that every host writes the same place.
fn output_dir(value: &str) -> Result<String, String> {
    line(value)?;
    if value.contains(['\\', ':']) {
        return Err("write the folder with forward slashes, relative to the package".into());
    }
    let folder = value.trim_end_matches('/');
    let steps = folder.split('/');
    if value.starts_with('/') || steps.clone().any(|step| matches!(step, "" | "." | "..")) {
        return Err(
            "the folder lies below the package's own, so that it can be committed with it".into(),
        );
    }
    for step in steps {
        if step.ends_with(['.', ' ']) || step.contains(['<', '>', '"', '|', '?', '*']) {
            return Err("Windows hosts cannot make a folder of this name".into());
        }
    }
    Ok(folder.to_owned())
}
