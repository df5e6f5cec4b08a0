//! Odd folders and values, through install.cmd and the manager to the program.

use std::process::ExitCode;

use anyhow::{Context, ensure};
use svc_e2e::bed::scm::{self, Host, RUNNING};
use svc_e2e::fixture::{literal, literals};
use svc_e2e::installed::windows::{Bed, FOLDER, NAME, files, package, settings};
use svc_e2e::suite::{Outcome, Test, main as run_suite};

/// Everything that an image path can carry: a second percent sign would be a variable to the manager.
const ARGUMENTS: [&str; 17] = [
    "plain",
    "",
    "two words",
    " leading and trailing ",
    "\"double\"",
    "'single'",
    "back\\slash",
    "ends in a backslash\\",
    "C:\\new folder\\",
    "\\\"",
    "a&b|c<d>e^f(g)",
    "!bang!",
    "100%",
    "{state-dir} {{}}",
    ";#,=",
    "ünïcödé 日本語 🦀",
    "-x=\"y z\"",
];

/// Everything that a variable can carry, which is more: nothing expands there.
const VARIABLES: [&str; 10] = [
    "plain",
    "two words",
    " leading and trailing ",
    "\"double\" 'single'",
    "C:\\ends in a backslash\\",
    "%PATH% 100%",
    "a&b|c<d>e^f(g)!h!",
    "a\\0b",
    "key=value;x",
    "ünïcödé 日本語 🦀",
];

fn main() -> ExitCode {
    run_suite(
        "scm",
        scm::needs,
        vec![
            Test::new("values::odd_folders_work", odd_folders_work),
            Test::new(
                "values::values_arrive_byte_for_byte",
                values_arrive_byte_for_byte,
            ),
            Test::new(
                "values::what_cmd_cannot_read_is_refused",
                what_cmd_cannot_read_is_refused,
            )
            .not_here(Host::is_windows().then_some("the cmd of Windows reads UTF-8")),
        ],
    )
}

fn odd_folders_work() -> Outcome {
    let bed = Bed::new()?;
    let package = package("1.0.0", &settings(""))?;
    for folder in [
        r"C:\svc-e2e ünpäcked (x) & [日本] ^!",
        r"C:\svc-e2e 100% %PATH%",
    ] {
        let ran = bed.install_in(&package, folder)?;
        ensure!(ran.code == 0, "in {folder}: {ran:?}");
        bed.host.wait_for(NAME, RUNNING)?;
    }
    bed.uninstall_all(&[])
}

fn values_arrive_byte_for_byte() -> Outcome {
    // Wine's cmd reads no UTF-8, and install.cmd then refuses a package that needs it: the next test.
    let sent = |value: &&str| Host::is_windows() || value.is_ascii();
    let variables: Vec<_> = VARIABLES
        .iter()
        .filter(|v| sent(v))
        .enumerate()
        .map(|(number, value)| format!("VALUE_{number} = {}", literal(value)))
        .collect();
    let mut arguments = vec![format!("--probe-dir={FOLDER}")];
    arguments.extend(ARGUMENTS.iter().filter(|v| sent(v)).map(|&v| v.to_owned()));
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    let (args, environment) = (literals(&arguments), variables.join(", "));
    let bed = Bed::new()?;
    bed.install(&package(
        "1.0.0",
        &format!("args = {args}\nenvironment = {{ {environment} }}"),
    )?)?;
    bed.host.wait_for(NAME, RUNNING)?;
    let record = bed.record()?;
    let received: Vec<_> = record.args[1..]
        .iter()
        .map(|a| String::from_utf8_lossy(a))
        .collect();
    ensure!(received == arguments, "arguments: {received:#?}");
    let key = bed.host.service_key(NAME)?.context("no service")?;
    let kept = key.list("Environment").context("no Environment value")?;
    for (number, value) in VARIABLES.iter().filter(|v| sent(v)).enumerate() {
        let wanted = format!("VALUE_{number}={value}");
        ensure!(kept.contains(&wanted), "{wanted:?} is not in {kept:#?}");
        // Wine's manager hands none of it over.
        if Host::is_windows() {
            let got = record
                .var(&format!("VALUE_{number}"))
                .map(String::from_utf8_lossy);
            ensure!(
                got.as_deref() == Some(*value),
                "variable {number}: {value:?} arrived as {got:?}"
            );
        }
    }
    Ok(())
}

fn what_cmd_cannot_read_is_refused() -> Outcome {
    let bed = Bed::new()?;
    let before = files(&bed.host.local(r"C:\Program Files"));
    let package = package("1.0.0", &settings("environment = { NAME = \"ünïcödé\" }"))?;
    let ran = bed.try_install(&package)?;
    ensure!(ran.code == 10 && ran.text.contains("UTF-8"), "{ran:?}");
    ensure!(bed.traces()? == [None, None, None], "{:#?}", bed.traces()?);
    ensure!(
        files(&bed.host.local(r"C:\Program Files")) == before,
        "it left files"
    );
    Ok(())
}
