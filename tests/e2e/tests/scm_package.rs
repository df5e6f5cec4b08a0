//! What `cargo svc package` makes for Windows, installed on a host with a real service control manager by install.cmd, run, and
//! taken away.

use std::process::ExitCode;

use anyhow::{Context, ensure};
use svc_e2e::bed::scm::{self, Host, RUNNING, SPECIFIC, STOPPED};
use svc_e2e::installed::windows::{
    Bed, ENTRY, FOLDER, ICON, NAME, PROGRAMS, dressed, package, settings,
};
use svc_e2e::suite::{Outcome, Test, main as run_suite};

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
                "package::uninstall_leaves_nothing",
                uninstall_leaves_nothing,
            ),
            Test::new(
                "package::the_icon_is_the_packages",
                the_icon_is_the_packages,
            ),
            Test::new("package::purge_takes_everything", purge_takes_everything),
        ],
    )
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

fn uninstall_leaves_nothing() -> Outcome {
    let bed = Bed::new()?;
    let before = bed.disk();
    bed.install(&package("1.0.0", &settings(""))?)?;
    bed.install(&package("1.1.0", &settings(""))?)?;
    bed.host.wait_for(NAME, RUNNING)?;
    bed.uninstall_all(&[])?;
    ensure!(bed.traces()? == [None, None, None], "{:#?}", bed.traces()?);
    bed.same_disk(&before)
}

/// Files that nobody but the service or an administrator put into the install folder.
const OTHERS: [&str; 5] = [
    "notes.txt",
    ";begins like a comment.txt",
    "100% & more (1)^!.txt",
    r"data\deep\a file",
    "Notiz ä.txt",
];

fn purge_takes_everything() -> Outcome {
    let bed = Bed::new()?;
    let before = bed.disk();
    bed.install(&package("1.0.0", &settings(""))?)?;
    let folder = bed.host.local(PROGRAMS);
    for name in OTHERS {
        let path = folder.join(name.replace('\\', std::path::MAIN_SEPARATOR_STR));
        std::fs::create_dir_all(path.parent().context("a folder")?)?;
        std::fs::write(path, "data")?;
    }
    let parameters = format!(r"HKLM\SYSTEM\CurrentControlSet\Services\{NAME}\Parameters");
    bed.host.ok(
        "reg.exe",
        &[
            "add",
            &parameters,
            "/v",
            "Environment",
            "/t",
            "REG_MULTI_SZ",
            "/d",
            "MINE=1",
            "/f",
        ],
    )?;
    bed.uninstall_all(&["/purge"])?;
    ensure!(bed.traces()? == [None, None, None], "{:#?}", bed.traces()?);
    bed.same_disk(&before)
}

fn the_icon_is_the_packages() -> Outcome {
    let bed = Bed::new()?;
    let shown = || -> anyhow::Result<String> {
        let entry = bed.host.registry(ENTRY)?.context("no entry")?;
        entry.text("DisplayIcon").context("no icon")
    };
    bed.install(&dressed()?)?;
    bed.host.wait_for(NAME, RUNNING)?;
    let icon = format!("{PROGRAMS}\\product.ico");
    ensure!(shown()? == icon, "{}", shown()?);
    ensure!(
        std::fs::read(bed.host.local(&icon))? == ICON,
        "another icon"
    );
    // A version without one shows the program's, and leaves none behind.
    bed.install(&package("1.1.0", &settings(""))?)?;
    ensure!(shown()?.ends_with("svc-probe.exe"), "{}", shown()?);
    ensure!(
        !bed.host.local(&icon).exists(),
        "the old icon is still there"
    );
    bed.uninstall_all(&[])
}
