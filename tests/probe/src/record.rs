//! What the process received, as one line of JSON in which every string is hexadecimal bytes: nothing is lost, whatever it
//! holds, and a log keeps it as it is.

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs, process};

/// What the line on standard output begins with.
const MARK: &str = "svc-probe record: ";

/// Writes the record to standard output and, where that is allowed, into the folder.
pub(crate) fn write(folder: Option<&Path>) {
    let record = record();
    println!("{MARK}{record}");
    let Some(folder) = folder else { return };
    // Renamed into place, so that a reader sees all of it or none.
    let (new, done) = (folder.join("record.new"), folder.join("record.json"));
    if let Err(error) = fs::write(&new, &record).and_then(|()| fs::rename(&new, &done)) {
        eprintln!("svc-probe: no record in {}: {error}", folder.display());
    }
}

fn record() -> String {
    let args: Vec<String> = env::args_os().map(|arg| hex(&arg)).collect();
    let vars: Vec<String> = env::vars_os()
        .map(|(name, value)| format!("[{},{}]", hex(&name), hex(&value)))
        .collect();
    let cwd = env::current_dir().map_or_else(|_| hex(OsStr::new("")), |cwd| hex(cwd.as_os_str()));
    format!(
        "{{\"args\":[{}],\"env\":[{}],\"cwd\":{cwd},\"pid\":{}}}",
        args.join(","),
        vars.join(","),
        process::id(),
    )
}

/// The platform's own bytes: as they are on Unix, WTF-8 on Windows.
fn hex(text: &OsStr) -> String {
    let mut out = String::from("\"");
    for byte in text.as_encoded_bytes() {
        let _ = write!(out, "{byte:02x}");
    }
    out.push('"');
    out
}
