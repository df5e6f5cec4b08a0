//! A package with several services, on a host with a real service control manager.

use std::process::ExitCode;
use std::time::{Duration, SystemTime};

use anyhow::{Context, Result, ensure};
use svc_e2e::bed::scm::{self, ABSENT, Host, RUNNING, STOPPED};
use svc_e2e::fixture::{self, Package};
use svc_e2e::installed::several::{ADMIN, CACHE, MAIN, SLOW, STORE, first, programs, second};
use svc_e2e::installed::windows::{Bed, ENTRY, FOLDER, target};
use svc_e2e::suite::{Outcome, Test, main as run_suite};

fn main() -> ExitCode {
    run_suite(
        "scm",
        scm::needs,
        vec![
            Test::new("services::all_are_installed", all_are_installed),
            Test::new(
                "services::the_needed_one_starts_first",
                the_needed_one_starts_first,
            ),
            Test::new("services::they_run_after_a_reboot", they_run_after_a_reboot)
                .not_here(Host::no_reboot()),
            Test::new(
                "services::an_override_is_for_its_system_alone",
                an_override_is_for_its_system_alone,
            ),
            Test::new(
                "services::one_goes_and_another_comes",
                one_goes_and_another_comes,
            ),
            Test::new(
                "services::a_failed_exchange_is_undone",
                a_failed_exchange_is_undone,
            ),
            Test::new(
                "services::states_are_kept_each_by_itself",
                states_are_kept_each_by_itself,
            ),
            Test::new(
                "services::uninstall_leaves_nothing",
                uninstall_leaves_nothing,
            ),
        ],
    )
}

fn package(version: &str, services: &str) -> Result<Package> {
    let built = svc_e2e::programs::windows()?;
    fixture::package(
        target(),
        &programs(&built.probe, &built.many),
        version,
        services,
    )
}

fn version_1() -> Result<Package> {
    package("1.0.0", &first(FOLDER))
}

fn version_2() -> Result<Package> {
    package("2.0.0", &second(FOLDER))
}

/// A host with a folder for each service.
fn bed() -> Result<Bed> {
    let bed = Bed::new()?;
    for name in [STORE, CACHE, MAIN, ADMIN] {
        std::fs::create_dir(bed.host.local(FOLDER).join(name))?;
    }
    Ok(bed)
}

/// A host with version 1.
fn installed() -> Result<Bed> {
    let bed = bed()?;
    bed.install(&version_1()?)?;
    Ok(bed)
}

fn is(bed: &Bed, name: &str, wanted: u32) -> Result<()> {
    let found = bed.host.state(name)?;
    let state = found.map(|state| state.state);
    ensure!(state == Ok(wanted), "{name} is {found:?}");
    Ok(())
}

fn pid(bed: &Bed, name: &str) -> Result<u32> {
    let state = bed
        .host
        .state(name)?
        .ok()
        .with_context(|| format!("no service {name}"))?;
    Ok(state.pid)
}

/// When a service began, which is when it wrote its record.
fn begun(bed: &Bed, name: &str) -> Result<SystemTime> {
    let record = bed.host.local(FOLDER).join(name).join("record.json");
    let data = record
        .metadata()
        .with_context(|| format!("the record of {name}"))?;
    Ok(data.modified()?)
}

/// The other one began after the needed one was ready, which takes that one some time.
fn in_order(bed: &Bed, needed: &str) -> Result<()> {
    let (first, then) = (begun(bed, needed)?, begun(bed, MAIN)?);
    let between = then
        .duration_since(first)
        .with_context(|| format!("{MAIN} began before {needed}"))?;
    // The clock of the files may count in larger steps than the clock of the wait.
    ensure!(
        between + Duration::from_millis(50) >= Duration::from_millis(SLOW),
        "{MAIN} began {between:?} after {needed}"
    );
    Ok(())
}

fn depends_on(bed: &Bed, name: &str) -> Result<Vec<String>> {
    let key = bed
        .host
        .service_key(name)?
        .with_context(|| format!("no key of {name}"))?;
    Ok(key.list("DependOnService").unwrap_or_default())
}

fn recorded(bed: &Bed) -> Result<String> {
    let entry = bed
        .host
        .registry(ENTRY)?
        .context("no entry in Add/Remove Programs")?;
    entry
        .text("SvcServices")
        .context("no services in the entry")
}

fn all_are_installed() -> Outcome {
    let bed = installed()?;
    for (name, start, state) in [(STORE, 2, RUNNING), (MAIN, 2, RUNNING), (ADMIN, 3, STOPPED)] {
        is(&bed, name, state)?;
        let config = bed.host.config(name)?.ok().context("no service")?;
        ensure!(config.start == start, "{config:?}");
        ensure!(
            config
                .account
                .eq_ignore_ascii_case(&format!("NT SERVICE\\{name}")),
            "{config:?}"
        );
        ensure!(bed.source(name)?.is_some(), "{name} has no event source");
    }
    ensure!(
        depends_on(&bed, MAIN)? == [STORE],
        "{:?}",
        depends_on(&bed, MAIN)?
    );
    ensure!(
        depends_on(&bed, STORE)?.is_empty(),
        "{:?}",
        depends_on(&bed, STORE)?
    );
    // In the order of their starts.
    let order = recorded(&bed)?;
    let place = |name: &str| order.split('/').position(|service| service == name);
    ensure!(
        place(STORE).is_some() && place(STORE) < place(MAIN),
        "{order}"
    );
    let started = bed.host.sc(&["start", ADMIN])?;
    ensure!(started.code == 0, "{started:?}");
    bed.host.wait_for(ADMIN, RUNNING)?;
    Ok(())
}

fn the_needed_one_starts_first() -> Outcome {
    let bed = installed()?;
    in_order(&bed, STORE)
}

fn they_run_after_a_reboot() -> Outcome {
    let mut bed = installed()?;
    for name in [STORE, MAIN] {
        std::fs::remove_file(bed.host.local(FOLDER).join(name).join("record.json"))?;
    }
    bed.host.reboot()?;
    for name in [STORE, MAIN] {
        bed.host.wait_for(name, RUNNING)?;
    }
    // Wine's manager starts them in this order and does not wait for the first one to be ready.
    ensure!(
        begun(&bed, STORE)? <= begun(&bed, MAIN)?,
        "{MAIN} began before {STORE}"
    );
    is(&bed, ADMIN, STOPPED)
}

fn an_override_is_for_its_system_alone() -> Outcome {
    let bed = installed()?;
    let key = bed.host.service_key(ADMIN)?.context("no service")?;
    ensure!(
        key.text("Description").as_deref() == Some("Waits to be asked"),
        "{key:?}"
    );
    let environment = key.list("Environment").context("no Environment")?;
    ensure!(
        environment.contains(&"WHERE=under Windows".to_owned()),
        "{environment:?}"
    );
    let config = bed.host.config(ADMIN)?.ok().context("no service")?;
    ensure!(config.display == "Waits under Windows", "{config:?}");
    let config = bed.host.config(STORE)?.ok().context("no service")?;
    ensure!(config.display == STORE, "{config:?}");
    Ok(())
}

fn one_goes_and_another_comes() -> Outcome {
    let bed = installed()?;
    let (store, main) = (pid(&bed, STORE)?, pid(&bed, MAIN)?);
    bed.install(&version_2()?)?;
    bed.host.wait_for_absence(STORE)?;
    bed.host.wait_for_end(store)?;
    bed.host.wait_for_end(main)?;
    ensure!(
        bed.source(STORE)?.is_none(),
        "the event source of {STORE} is left"
    );
    for name in [CACHE, MAIN] {
        is(&bed, name, RUNNING)?;
    }
    in_order(&bed, CACHE)?;
    is(&bed, ADMIN, STOPPED)?;
    ensure!(
        depends_on(&bed, MAIN)? == [CACHE],
        "{:?}",
        depends_on(&bed, MAIN)?
    );
    let services = recorded(&bed)?;
    ensure!(
        services.contains(CACHE) && !services.contains(STORE),
        "{services}"
    );
    Ok(())
}

fn a_failed_exchange_is_undone() -> Outcome {
    let bed = installed()?;
    let keys = || -> Result<Vec<_>> {
        [STORE, MAIN, ADMIN]
            .iter()
            .map(|name| bed.host.service_key(name))
            .collect()
    };
    let (before, entry) = (keys()?, bed.host.registry(ENTRY)?);
    let disk = bed.disk();
    let services = second(FOLDER).replace(&format!("slow:{SLOW}"), "err");
    let failed = bed.try_install(&package("2.0.0", &services)?)?;
    ensure!(failed.code == 8, "{failed:?}");
    for name in [STORE, MAIN] {
        is(&bed, name, RUNNING)?;
    }
    ensure!(
        bed.host.state(CACHE)? == Err(ABSENT),
        "{:?}",
        bed.host.state(CACHE)?
    );
    ensure!(
        bed.source(CACHE)?.is_none(),
        "the event source of {CACHE} is left"
    );
    let after = keys()?;
    ensure!(before == after, "before: {before:#?}\nafter: {after:#?}");
    ensure!(
        entry == bed.host.registry(ENTRY)?,
        "{:#?}",
        bed.host.registry(ENTRY)?
    );
    bed.same_disk(&disk)
}

fn states_are_kept_each_by_itself() -> Outcome {
    let bed = installed()?;
    // The one that starts by hand runs, and the one that starts at boot does not any more.
    bed.host.sc(&["start", ADMIN])?;
    bed.host.wait_for(ADMIN, RUNNING)?;
    bed.host.sc(&["stop", MAIN])?;
    bed.host.wait_for(MAIN, STOPPED)?;
    bed.host.sc(&["config", MAIN, "start=", "demand"])?;
    let admin = pid(&bed, ADMIN)?;
    bed.install(&package("1.1.0", &first(FOLDER))?)?;
    for (name, start, state) in [(STORE, 2, RUNNING), (MAIN, 3, STOPPED), (ADMIN, 3, RUNNING)] {
        is(&bed, name, state)?;
        let config = bed.host.config(name)?.ok().context("no service")?;
        ensure!(config.start == start, "{config:?}");
    }
    ensure!(
        pid(&bed, ADMIN)? != admin,
        "the old process of {ADMIN} runs"
    );
    Ok(())
}

fn uninstall_leaves_nothing() -> Outcome {
    let bed = bed()?;
    let before = bed.disk();
    bed.install(&version_1()?)?;
    bed.install(&version_2()?)?;
    bed.uninstall_all(&[])?;
    for name in [STORE, CACHE, MAIN, ADMIN] {
        ensure!(
            bed.host.state(name)? == Err(ABSENT),
            "{name} is {:?}",
            bed.host.state(name)?
        );
        ensure!(
            bed.host.service_key(name)?.is_none(),
            "the key of {name} is left"
        );
        ensure!(
            bed.source(name)?.is_none(),
            "the event source of {name} is left"
        );
    }
    ensure!(bed.host.registry(ENTRY)?.is_none(), "the entry is left");
    bed.same_disk(&before)
}
