//! What `cargo svc package` makes for Windows, installed on a host with a real service control manager by install.cmd.

use std::collections::BTreeMap;
use std::io::Cursor;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use svc_e2e::bed::scm::{self, Host, Key, RUNNING, SPECIFIC, STOPPED};
use svc_e2e::fixture::{self, Package, literal, literals, text};
use svc_e2e::record::Record;
use svc_e2e::suite::{Outcome, Test, main as run_suite};
use svc_e2e::{programs, wait};

const NAME: &str = fixture::NAME;
/// The probe's own folder. Everybody may write there, since the service's account is nobody else's.
const FOLDER: &str = r"C:\svc-e2e-probe";
const PROGRAMS: &str = r"C:\Program Files\svc-probe";
const ENTRY: &str = r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall\svc-probe";
const SOURCE: &str = r"HKLM\System\CurrentControlSet\Services\EventLog\Application\svc-probe";

fn main() -> ExitCode {
    run_suite(
        "scm",
        scm::needs,
        vec![
            Test::new(
                "package::install_registers_and_runs",
                install_registers_and_runs,
            ),
            Test::new(
                "package::what_wine_forgets_was_asked_for",
                what_wine_forgets_was_asked_for,
            )
            .not_here(Host::is_windows().then_some("on Windows the manager itself is asked")),
            Test::new("package::stop_ends_with_0", stop_ends_with_0),
            Test::new(
                "package::an_error_is_1066_with_its_code",
                an_error_is_1066_with_its_code,
            ),
            Test::new("package::it_runs_after_a_reboot", it_runs_after_a_reboot)
                .not_here(Host::no_reboot()),
            Test::new(
                "package::installing_again_keeps_one_service",
                installing_again_keeps_one_service,
            ),
            Test::new(
                "package::a_newer_version_replaces",
                a_newer_version_replaces,
            ),
            Test::new(
                "package::an_operators_start_type_is_kept",
                an_operators_start_type_is_kept,
            ),
            Test::new(
                "package::a_stopped_service_stays_stopped",
                a_stopped_service_stays_stopped,
            ),
            Test::new(
                "package::uninstall_leaves_nothing",
                uninstall_leaves_nothing,
            ),
            Test::new("package::odd_folders_work", odd_folders_work),
            Test::new(
                "package::values_arrive_byte_for_byte",
                values_arrive_byte_for_byte,
            ),
            Test::new(
                "package::what_cmd_cannot_read_is_refused",
                what_cmd_cannot_read_is_refused,
            )
            .not_here(Host::is_windows().then_some("the cmd of Windows reads UTF-8")),
        ],
    )
}

/// A host on which the test installs, cleaned up on drop where it is the machine itself.
struct Bed {
    host: Host,
}

impl Drop for Bed {
    fn drop(&mut self) {
        if Host::is_windows() {
            let uninstall = format!("{PROGRAMS}\\uninstall.cmd");
            if self.host.local(&uninstall).exists() {
                let _ = self.host.run(&uninstall, &["/quiet", "/purge"]);
            }
            let _ = std::fs::remove_dir_all(self.host.local(FOLDER));
        }
    }
}

/// Settings that make the probe use its folder, and these.
fn settings(more: &str) -> String {
    let folder = text(&format!("--probe-dir={FOLDER}"));
    format!("args = [{folder}]\nstop-timeout = \"20s\"\n{more}")
}

fn package(version: &str, settings: &str) -> Result<Package> {
    let (target, program) = if Host::is_windows() {
        ("x86_64-pc-windows-msvc", &programs::windows()?.probe)
    } else {
        (programs::WINDOWS, &programs::windows()?.probe)
    };
    fixture::package(target, program, version, settings)
}

impl Bed {
    fn new() -> Result<Self> {
        let host = Host::start()?;
        std::fs::create_dir_all(host.local(FOLDER))?;
        host.ok("icacls.exe", &[FOLDER, "/grant", "*S-1-1-0:(OI)(CI)F"])?;
        Ok(Self { host })
    }

    /// A host on which version 1.0.0 runs.
    fn installed() -> Result<Self> {
        let bed = Self::new()?;
        bed.install(&package("1.0.0", &settings(""))?)?;
        bed.host.wait_for(NAME, RUNNING)?;
        Ok(bed)
    }

    /// Unpacks into `folder` and runs install.cmd there.
    fn install_in(&self, package: &Package, folder: &str) -> Result<scm::Ran> {
        let to = self.host.local(folder);
        zip::ZipArchive::new(Cursor::new(&package.archive))?.extract(&to)?;
        let folder = format!("{folder}\\{}", package.name);
        // Started in its own folder, as from the Explorer: Wine's cmd cannot tell a script with a percent sign in its path
        // where it lies.
        let ran = self
            .host
            .run_in(&folder, &format!("{folder}\\install.cmd"), &[])?;
        std::fs::remove_dir_all(&to)?;
        Ok(ran)
    }

    fn install(&self, package: &Package) -> Outcome {
        let ran = self.install_in(package, r"C:\svc-e2e-unpacked")?;
        ensure!(ran.code == 0, "install.cmd: {ran:?}");
        Ok(())
    }

    fn uninstall(&self, args: &[&str]) -> Outcome {
        let ran = self.host.run(&format!("{PROGRAMS}\\uninstall.cmd"), args)?;
        ensure!(ran.code == 0, "uninstall.cmd: {ran:?}");
        self.host.wait_for_absence(NAME)?;
        // The script removes itself a moment after it has ended.
        let folder = self.host.local(PROGRAMS);
        let probe = || Ok((!folder.exists()).then_some(()));
        wait::until(
            "the program folder to go",
            Duration::from_secs(60),
            probe,
            || format!("{:?}", files(&folder)),
        )
    }

    fn record(&self) -> Result<Record> {
        let path = self.host.local(FOLDER).join("record.json");
        Record::parse(&std::fs::read_to_string(path).context("the probe's record")?)
    }

    /// All that an installation may leave in the registry.
    fn traces(&self) -> Result<[Option<Key>; 3]> {
        Ok([
            self.host.service_key(NAME)?,
            self.host.registry(ENTRY)?,
            self.host.registry(SOURCE)?,
        ])
    }
}

/// The files and folders below a folder.
fn files(folder: &Path) -> BTreeMap<String, u64> {
    let mut found = BTreeMap::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let Ok(data) = entry.path().symlink_metadata() else {
            continue;
        };
        let size = if data.is_file() { data.len() } else { 0 };
        found.insert(entry.path().display().to_string(), size);
        if data.is_dir() {
            found.extend(files(&entry.path()));
        }
    }
    found
}

fn install_registers_and_runs() -> Outcome {
    let bed = Bed::installed()?;
    let config = bed.host.config(NAME)?.ok().context("no service")?;
    ensure!(config.start == 2, "{config:?}");
    ensure!(
        config.account.eq_ignore_ascii_case("NT SERVICE\\svc-probe"),
        "{config:?}"
    );
    // Quoted, or a program in C:\Program.exe would be run instead.
    let program = config
        .image
        .strip_prefix('"')
        .and_then(|i| i.split_once('"'));
    let (program, arguments) = program.context(config.image.clone())?;
    ensure!(
        program.starts_with(PROGRAMS) && program.ends_with("svc-probe.exe"),
        "{config:?}"
    );
    ensure!(bed.host.local(program).is_file(), "{config:?}");
    ensure!(arguments.contains(FOLDER), "{config:?}");
    let [_, entry, source] = bed.traces()?;
    let entry = entry.context("no entry in Add/Remove Programs")?;
    ensure!(
        entry.text("DisplayVersion").as_deref() == Some("1.0.0"),
        "{entry:?}"
    );
    let source = source.context("no event source")?;
    let messages = source.text("EventMessageFile").unwrap_or_default();
    ensure!(
        messages.to_lowercase().ends_with("eventcreate.exe"),
        "{source:?}"
    );
    ensure!(source.number("TypesSupported") == Some(7), "{source:?}");
    Ok(())
}

fn what_wine_forgets_was_asked_for() -> Outcome {
    let bed = Bed::installed()?;
    let key = bed.host.service_key(NAME)?.context("no service")?;
    // Either through sc.exe, whose stand-in keeps these, or straight in the registry.
    ensure!(
        key.number("FailureActionsOnNonCrashFailures") == Some(1),
        "{key:?}"
    );
    ensure!(
        key.number("ServiceSidType").is_some_and(|kind| kind != 0),
        "{key:?}"
    );
    let actions = key
        .values
        .get("FailureActions")
        .context("no failure actions")?;
    let numbers: Vec<u32> = actions
        .data
        .chunks_exact(4)
        .map(|b| u32::from_le_bytes([b[0], b[1], b[2], b[3]]))
        .collect();
    // Five fields, then kind and delay of each action: 1 is a restart, and the delay is in milliseconds.
    ensure!(
        numbers.len() >= 7 && numbers[5] == 1 && numbers[6] == 5000,
        "{numbers:?}"
    );
    Ok(())
}

fn stop_ends_with_0() -> Outcome {
    let bed = Bed::installed()?;
    let stopped = bed.host.sc(&["stop", NAME])?;
    ensure!(stopped.code == 0, "{stopped:?}");
    let state = bed.host.wait_for(NAME, STOPPED)?;
    ensure!((state.win32, state.specific) == (0, 0), "{state:?}");
    Ok(())
}

fn an_error_is_1066_with_its_code() -> Outcome {
    let bed = Bed::installed()?;
    let pid = bed.record()?.pid;
    std::fs::write(
        bed.host.local(FOLDER).join("trigger"),
        format!("{pid} err\n"),
    )?;
    let state = bed.host.wait_for(NAME, STOPPED)?;
    ensure!((state.win32, state.specific) == (SPECIFIC, 1), "{state:?}");
    Ok(())
}

fn it_runs_after_a_reboot() -> Outcome {
    let mut bed = Bed::installed()?;
    std::fs::remove_file(bed.host.local(FOLDER).join("record.json"))?;
    bed.host.reboot()?;
    bed.host.wait_for(NAME, RUNNING)?;
    bed.record()?;
    Ok(())
}

fn installing_again_keeps_one_service() -> Outcome {
    let bed = Bed::installed()?;
    let (before, disk) = (bed.traces()?, files(&bed.host.local(PROGRAMS)));
    bed.install(&package("1.0.0", &settings(""))?)?;
    bed.host.wait_for(NAME, RUNNING)?;
    let (after, disk_after) = (bed.traces()?, files(&bed.host.local(PROGRAMS)));
    ensure!(before == after, "before: {before:#?}\nafter: {after:#?}");
    ensure!(
        disk == disk_after,
        "before: {disk:#?}\nafter: {disk_after:#?}"
    );
    Ok(())
}

fn a_newer_version_replaces() -> Outcome {
    let bed = Bed::installed()?;
    let old = bed.record()?.pid;
    let newer = settings("").replace("]\n", ", \"new in 1.1\"]\n");
    bed.install(&package("1.1.0", &newer)?)?;
    bed.host.wait_for(NAME, RUNNING)?;
    let record = bed.record()?;
    ensure!(record.pid != old, "the old process {old} runs");
    ensure!(
        record.args.last().map(Vec::as_slice) == Some(b"new in 1.1"),
        "{record:?}"
    );
    let entry = bed.host.registry(ENTRY)?.context("no entry")?;
    ensure!(
        entry.text("DisplayVersion").as_deref() == Some("1.1.0"),
        "{entry:?}"
    );
    Ok(())
}

fn an_operators_start_type_is_kept() -> Outcome {
    let bed = Bed::installed()?;
    let changed = bed.host.sc(&["config", NAME, "start=", "demand"])?;
    ensure!(changed.code == 0, "{changed:?}");
    bed.install(&package("1.1.0", &settings(""))?)?;
    let config = bed.host.config(NAME)?.ok().context("no service")?;
    ensure!(config.start == 3, "{config:?}");
    bed.host.wait_for(NAME, RUNNING)?;
    Ok(())
}

fn a_stopped_service_stays_stopped() -> Outcome {
    let bed = Bed::installed()?;
    bed.host.sc(&["stop", NAME])?;
    bed.host.wait_for(NAME, STOPPED)?;
    bed.install(&package("1.1.0", &settings(""))?)?;
    let state = bed.host.state(NAME)?.ok().context("no service")?;
    ensure!(state.state == STOPPED, "{state:?}");
    Ok(())
}

fn uninstall_leaves_nothing() -> Outcome {
    let bed = Bed::new()?;
    // On Windows itself others write to the disk meanwhile: there the folders that are ours must do.
    let disk = || {
        if Host::is_windows() {
            BTreeMap::new()
        } else {
            files(&bed.host.local("C:\\"))
        }
    };
    let before = disk();
    bed.install(&package("1.0.0", &settings(""))?)?;
    bed.install(&package("1.1.0", &settings(""))?)?;
    bed.host.wait_for(NAME, RUNNING)?;
    bed.uninstall(&[])?;
    ensure!(bed.traces()? == [None, None, None], "{:#?}", bed.traces()?);
    std::fs::remove_file(bed.host.local(FOLDER).join("record.json"))?;
    let after = disk();
    // Wine's cmd leaves a file in the folder for temporary ones for each command whose output it reads.
    let left: Vec<_> = after
        .iter()
        .filter(|(path, _)| !before.contains_key(*path) && !path.contains("/Temp/CMD"))
        .collect();
    let gone: Vec<_> = before
        .iter()
        .filter(|(path, _)| !after.contains_key(*path))
        .collect();
    ensure!(
        left.is_empty() && gone.is_empty(),
        "left: {left:#?}\ngone: {gone:#?}"
    );
    Ok(())
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
    bed.uninstall(&[])
}

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
    let ran = bed.install_in(&package, r"C:\svc-e2e-unpacked")?;
    ensure!(ran.code == 10 && ran.text.contains("UTF-8"), "{ran:?}");
    ensure!(bed.traces()? == [None, None, None], "{:#?}", bed.traces()?);
    ensure!(
        files(&bed.host.local(r"C:\Program Files")) == before,
        "it left files"
    );
    Ok(())
}
