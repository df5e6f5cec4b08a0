//! What a declaration of nearly every portable key puts on a host with a service control manager, whichever installer brings it.

use std::fs;

use anyhow::{Context, Result, ensure};

use super::windows::{Bed, NAME, PROGRAMS};

/// The folder of the service's folders.
pub const DATA: &str = r"C:\ProgramData\svc-probe";
/// The file that operators edit.
pub const CONFIG: &str = r"C:\ProgramData\svc-probe\config\sub\probe.toml";

/// The keys, and more files besides, each an inline table with a comma behind it. A table may follow.
pub fn declared(more_files: &str) -> String {
    format!(
        r#"
watchdog = "1min"
directories = {{ state = true, config = true, runtime = true, logs = "svc-probe/more & less" }}
files = [
    {{ source = "probe.toml", to = "{{config-dir}}/sub/probe.toml", config = true }},
    {{ source = "fixed.txt", to = "{{config-dir}}/fixed.txt" }},
    {{ source = "pages/a b.html", to = "{{install-dir}}/pages/a b.html" }},
    {more_files}
]
credentials = [{{ name = "token" }}]
"#
    )
}

/// The files that they name, of which the one that operators edit says this.
pub fn files(config: &str) -> [(&str, &str); 3] {
    [
        ("probe.toml", config),
        ("fixed.txt", "fixed"),
        ("pages/a b.html", "<p>"),
    ]
}

/// A file of the host.
pub fn read(bed: &Bed, path: &str) -> Result<String> {
    let local = bed.host.local(path);
    fs::read_to_string(&local).with_context(|| local.display().to_string())
}

/// All folders and files are there, and the service is told of them.
pub fn is_there(bed: &Bed, config: &str) -> Result<()> {
    for folder in [
        "state",
        "config",
        "run",
        "credentials",
        "more & less",
        r"more & less\logs",
    ] {
        let folder = format!("{DATA}\\{folder}");
        ensure!(bed.host.local(&folder).is_dir(), "no {folder}");
    }
    for (path, wanted) in [
        (CONFIG.to_owned(), config),
        (format!("{DATA}\\config\\fixed.txt"), "fixed"),
        (format!("{PROGRAMS}\\pages\\a b.html"), "<p>"),
    ] {
        let text = read(bed, &path)?;
        ensure!(text == wanted, "{path}: {text}");
    }
    let key = bed.host.service_key(NAME)?.context("no service")?;
    let environment = key.list("Environment").context("no Environment value")?;
    for wanted in [
        format!("STATE_DIRECTORY={DATA}\\state"),
        format!("CONFIGURATION_DIRECTORY={DATA}\\config"),
        format!("RUNTIME_DIRECTORY={DATA}\\run"),
        format!("LOGS_DIRECTORY={DATA}\\more & less\\logs"),
        format!("CREDENTIALS_DIRECTORY={DATA}\\credentials"),
        format!("SVC_WORKING_DIRECTORY={DATA}\\state"),
        "WATCHDOG_USEC=60000000".to_owned(),
    ] {
        ensure!(
            environment.contains(&wanted),
            "no {wanted} in {environment:#?}"
        );
    }
    Ok(())
}
