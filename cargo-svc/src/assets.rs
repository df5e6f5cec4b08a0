//! The licence and the icon of a package, which only Windows Installer takes: read, looked at, and brought into the form that it
//! wants, so that the plan's installer has them before anything is rendered.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::diagnostics::{Declared, Diagnostic, Report};
use crate::escape::rtf::{self, Broken};
use crate::manifest::shown;
use crate::plan::windows::WindowsPlan;
use crate::plan::windows::installer::{self, Icon, Installer, Lacks, Licence};
use crate::render::MARK;
use crate::service::Package;

/// Most bytes of either file: far more than anybody reads, and less than what a database keeps in memory.
const MOST: u64 = 1 << 20;

/// What [`installer::installer`] gives, with the package's licence and icon. `None` only if errors were reported.
pub(crate) fn installer(
    plan: &WindowsPlan,
    package: &Package,
    report: &mut Report,
) -> Option<Result<Installer, Lacks>> {
    let mut planned = installer::installer(plan, package, report);
    let settings = &package.settings;
    // Looked at in any case, so that all errors are said at once.
    let licence = take(
        "license",
        settings.license.as_ref(),
        package,
        report,
        licence,
    );
    let icon = icon(package, report);
    let (licence, icon) = (licence?, icon?);
    if let Some(Ok(installer)) = &mut planned {
        installer.licence = licence;
        installer.icon = icon.map(|(source, bytes)| Icon {
            source,
            committed: settings.output_dir.value.clone(),
            bytes,
        });
    }
    planned
}

/// The package's icon, and its source. `None` only if an error was reported.
#[expect(clippy::option_option, reason = "nothing declared is no error")]
pub(crate) fn icon(package: &Package, report: &mut Report) -> Option<Option<(String, Vec<u8>)>> {
    take(
        "icon",
        package.settings.icon.as_ref(),
        package,
        report,
        checked_icon,
    )
}

/// What a file becomes, or why it cannot: a label, and what to do.
type Made<T> = Result<T, (String, &'static str)>;

/// Reads a declared file. `None` only if an error was reported.
#[expect(clippy::option_option, reason = "nothing declared is no error")]
fn take<T>(
    key: &str,
    declared: Option<&Declared<String>>,
    package: &Package,
    report: &mut Report,
    convert: fn(&str, Vec<u8>) -> Made<T>,
) -> Option<Option<T>> {
    let Some(declared) = declared else {
        return Some(None);
    };
    let made = read(key, &package.root, declared).and_then(|bytes| {
        convert(&declared.value, bytes)
            .map_err(|(label, help)| Box::new(cannot(key, declared).label(label).help(help)))
    });
    match made {
        Ok(made) => Some(Some(made)),
        Err(error) => {
            report.add(*error);
            None
        }
    }
}

fn cannot(key: &str, declared: &Declared<String>) -> Diagnostic {
    Diagnostic::error(format!("`{key}` cannot take `{}`", declared.value)).at(declared.place())
}

fn read(key: &str, root: &Path, declared: &Declared<String>) -> Result<Vec<u8>, Box<Diagnostic>> {
    let path = locate(key, root, declared)?;
    let failed = |error: std::io::Error| {
        let label = format!("{}: {error}", shown(&path).display());
        Box::new(cannot(key, declared).label(label))
    };
    let size = path.metadata().map_err(failed)?.len();
    if size > MOST {
        let label = format!("it has {size} bytes, and at most {MOST} are taken");
        return Err(Box::new(cannot(key, declared).label(label)));
    }
    std::fs::read(&path).map_err(failed)
}

/// Where a file of the package is: below the package's folder, links followed.
///
/// # Errors
/// It is not there, not below the folder, or no file.
pub(crate) fn locate(
    key: &str,
    root: &Path,
    source: &Declared<String>,
) -> Result<PathBuf, Box<Diagnostic>> {
    let path = root.join(&source.value);
    let refused = |label: String, help: &str| Box::new(cannot(key, source).label(label).help(help));
    let failed = |error: std::io::Error| {
        let why = match error.kind() {
            ErrorKind::NotFound => "it is not there".to_owned(),
            _ => error.to_string(),
        };
        refused(
            format!("{}: {why}", shown(&path).display()),
            "name a file of the package, by its path below the folder of Cargo.toml",
        )
    };
    let real = path.canonicalize().map_err(failed)?;
    let folder = root.canonicalize().map_err(failed)?;
    if !real.starts_with(&folder) {
        return Err(refused(
            format!(
                "it leads to {}, outside of the package",
                shown(&real).display()
            ),
            "put the file itself into the package's folder",
        ));
    }
    if !real.is_file() {
        return Err(refused(
            format!("{} is not a file", shown(&path).display()),
            "name each file of a folder by itself",
        ));
    }
    Ok(path)
}

/// RTF as it is, or plain text made RTF.
fn licence(name: &str, bytes: Vec<u8>) -> Made<Licence> {
    let named_rtf = name.to_ascii_lowercase().ends_with(".rtf");
    if rtf::is_rtf(&bytes) {
        return match rtf::adapted(&bytes, MARK) {
            Ok(rtf) => Ok(Licence { rtf }),
            Err(broken) => Err((
                match broken {
                    Broken::Braces => "it ends before its last brace is closed",
                    Broken::Behind => "something stands behind its last brace",
                    Broken::Raw => {
                        "it holds raw bytes (`\\bin`), which Windows Installer cannot hold"
                    }
                    Broken::Control => "it holds a character that no RTF has",
                }
                .to_owned(),
                "save it anew as RTF without pictures, or name a text file in UTF-8",
            )),
        };
    }
    if named_rtf {
        return Err((
            "it does not begin as RTF does, with `{\\rtf`".to_owned(),
            "save it as RTF, or name a text file in UTF-8",
        ));
    }
    let text = String::from_utf8(bytes).map_err(|error| {
        let good = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = 1 + memchr::memchr_iter(b'\n', good).count();
        (
            format!("it is neither RTF nor text in UTF-8: see its line {line}"),
            "save it as UTF-8",
        )
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    if text.trim().is_empty() {
        return Err((
            "it is empty".to_owned(),
            "leave `license` out, or write one",
        ));
    }
    match rtf::plain(text, MARK) {
        Ok(rtf) => Ok(Licence { rtf }),
        Err(rtf::Control(c, line)) => Err((
            format!("its line {line} holds the control character {c:?}"),
            "take it out",
        )),
    }
}

/// An icon as Windows reads it: a head, a list, and pictures behind it (Microsoft, "Icons": `ICONDIR`).
fn checked_icon(name: &str, bytes: Vec<u8>) -> Made<(String, Vec<u8>)> {
    match bad_icon(&bytes) {
        None => Ok((name.to_owned(), bytes)),
        Some(why) => Err((
            format!("it is no icon: {why}"),
            "save it as ICO, with pictures of 16, 32, 48 and 256 pixels",
        )),
    }
}

fn bad_icon(bytes: &[u8]) -> Option<String> {
    let half = |at: usize| -> Option<u16> {
        Some(u16::from_le_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
    };
    let word = |at: usize| -> Option<usize> {
        let word = u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?);
        usize::try_from(word).ok()
    };
    if half(0) != Some(0) || half(2) != Some(1) {
        return Some("it does not begin as one does".to_owned());
    }
    let count = usize::from(half(4).unwrap_or(0));
    if count == 0 {
        return Some("there are no pictures in it".to_owned());
    }
    let list_end = 6 + 16 * count;
    for number in 0..count {
        let entry = 6 + 16 * number;
        let (Some(size), Some(start)) = (word(entry + 8), word(entry + 12)) else {
            return Some("its list of pictures is cut short".to_owned());
        };
        let picture = bytes.get(start..start.saturating_add(size));
        let Some(picture) = picture.filter(|_| start >= list_end) else {
            return Some(format!("picture {} lies outside of the file", number + 1));
        };
        // A PNG, or a bitmap without its file's head.
        if !picture.starts_with(b"\x89PNG\r\n\x1a\n") && !picture.starts_with(&40_u32.to_le_bytes())
        {
            return Some(format!(
                "picture {} is neither a PNG nor a bitmap",
                number + 1
            ));
        }
    }
    None
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// The smallest icon that there is: one black pixel.
    pub(crate) fn pixel() -> Vec<u8> {
        let mut picture = 40_u32.to_le_bytes().to_vec();
        picture.extend(1_i32.to_le_bytes());
        // The colours and the mask, one above the other.
        picture.extend(2_i32.to_le_bytes());
        picture.extend([1, 0, 32, 0]);
        picture.extend([0; 24]);
        picture.extend([0, 0, 0, 255, 0, 0, 0, 0]);
        let mut icon = vec![0, 0, 1, 0, 1, 0, 1, 1, 0, 0, 1, 0, 32, 0];
        icon.extend(u32::try_from(picture.len()).unwrap().to_le_bytes());
        icon.extend(22_u32.to_le_bytes());
        icon.extend(picture);
        icon
    }

    #[test]
    fn an_icon_is_looked_at_whole() {
        let good = pixel();
        assert_eq!(bad_icon(&good), None);
        let with = |at: usize, byte: u8| {
            let mut bytes = good.clone();
            bytes[at] = byte;
            bad_icon(&bytes).unwrap()
        };
        assert_eq!(with(2, 2), "it does not begin as one does");
        assert_eq!(with(4, 0), "there are no pictures in it");
        // Where the list would be.
        assert_eq!(with(4, 200), "picture 1 lies outside of the file");
        assert_eq!(with(18, 6), "picture 1 lies outside of the file");
        assert_eq!(with(22, 12), "picture 1 is neither a PNG nor a bitmap");
        assert_eq!(
            bad_icon(&good[..20]).unwrap(),
            "its list of pictures is cut short"
        );
        for end in 0..good.len() {
            assert!(bad_icon(&good[..end]).is_some(), "{end}");
        }
    }

    #[test]
    fn a_licence_is_rtf_or_text() {
        let rtf = |name: &str, bytes: &[u8]| licence(name, bytes.to_vec());
        let plain = rtf("LICENSE", "\u{feff}Größe".as_bytes()).unwrap();
        assert!(plain.rtf.contains("Gr\\u246?\\u223?e"), "{}", plain.rtf);
        // What is RTF is taken for it, whatever its name.
        assert!(
            rtf("LICENSE", b"{\\rtf1 x}")
                .unwrap()
                .rtf
                .ends_with(" x}\r\n")
        );
        for (name, bytes, why) in [
            (
                "x.rtf",
                &b"text"[..],
                "it does not begin as RTF does, with `{\\rtf`",
            ),
            (
                "x.rtf",
                b"{\\rtf1 x",
                "it ends before its last brace is closed",
            ),
            (
                "x",
                b"a\nGr\xf6\xdfe",
                "it is neither RTF nor text in UTF-8: see its line 2",
            ),
            ("x", b" \n", "it is empty"),
            (
                "x",
                b"a\n\x07",
                "its line 2 holds the control character '\\u{7}'",
            ),
        ] {
            assert_eq!(rtf(name, bytes).unwrap_err().0, why);
        }
    }
}
