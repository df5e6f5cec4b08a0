//! Random declarations, installed by install.cmd and by Windows Installer: what the programs receive and the registry holds is what
//! was declared, byte for byte. Each package after the first one is an upgrade, which goes another way.
//!
//! `SVC_RANDOM_SEED` and `SVC_RANDOM_COUNT` make it look elsewhere, and for as long as one likes.

use std::fs;
use std::process::ExitCode;

use anyhow::{Context, Error, Result, ensure};
use svc_e2e::bed::scm::{self, Host, RUNNING};
use svc_e2e::fixture::{Fixture, NAME, Package};
use svc_e2e::installed::several::{ADMIN, CACHE, STORE, programs};
use svc_e2e::installed::windows::{Bed, FOLDER, PROGRAMS, target};
use svc_e2e::record::Record;
use svc_e2e::suite::{Outcome, Test, main as run_suite};
use svc_random::{INSTALL_DIR, Reach, Rng, Role, WindowsPackage, WindowsService};

/// The probe's own service, and those of its other program, which is told which one it is.
const SERVICES: [&str; 4] = [NAME, STORE, ADMIN, CACHE];

fn main() -> ExitCode {
    run_suite(
        "scm",
        scm::needs,
        vec![
            Test::new(
                "declarations::random_ones_arrive_by_the_scripts",
                random_ones_arrive_by_the_scripts,
            ),
            Test::new(
                "declarations::random_ones_arrive_by_windows_installer",
                random_ones_arrive_by_windows_installer,
            ),
        ],
    )
}

/// A package of all services, and what is made of it in this version.
fn made(rng: &mut Rng, number: usize, formats: &[&str]) -> Result<(WindowsPackage, Package)> {
    let args = SERVICES.map(|name| {
        let folder = format!("--probe-dir={FOLDER}\\{name}");
        match name.strip_prefix("svc-probe-") {
            Some(which) => vec![format!("--probe-as={which}"), folder],
            None => vec![folder],
        }
    });
    let args = args
        .each_ref()
        .map(|words| words.iter().map(String::as_str).collect::<Vec<_>>());
    let roles = [0, 1, 2, 3].map(|number| Role {
        name: SERVICES[number],
        bin: if number == 0 { NAME } else { "svc-probe-many" },
        args: &args[number],
    });
    let declared = WindowsPackage::of(rng, &roles, Reach::Run);
    let built = svc_e2e::programs::windows()?;
    let programs = programs(&built.probe, &built.many);
    let fixture = Fixture::new(&format!("1.{number}.0"), &programs, &declared.toml)?;
    let package = fixture.package_as(target(), &programs, formats)?;
    Ok((declared, package))
}

fn bed() -> Result<Bed> {
    let bed = Bed::new()?;
    for name in SERVICES {
        fs::create_dir(bed.host.local(FOLDER).join(name))?;
    }
    Ok(bed)
}

/// Installs random packages one over the other, and looks at each.
fn all(formats: &[&str], install: fn(&Bed, &Package) -> Outcome) -> Outcome {
    let mut rng = svc_random::rng().map_err(Error::msg)?;
    let count = svc_random::count(3).map_err(Error::msg)?;
    let bed = bed()?;
    for number in 0..count {
        let (declared, package) = made(&mut rng, number, formats)?;
        let looked_at = || {
            for service in SERVICES {
                let _ = fs::remove_file(record_path(&bed, service));
            }
            install(&bed, &package)?;
            for service in &declared.services {
                arrived(&bed, service).with_context(|| service.name.clone())?;
            }
            Ok::<_, Error>(())
        };
        looked_at().with_context(|| format!("package {number}: {}", declared.toml))?;
    }
    Ok(())
}

fn record_path(bed: &Bed, service: &str) -> std::path::PathBuf {
    bed.host.local(FOLDER).join(service).join("record.json")
}

fn arrived(bed: &Bed, declared: &WindowsService) -> Outcome {
    let in_place = |text: &str| text.replace(INSTALL_DIR, PROGRAMS);
    let name = declared.name.as_str();
    bed.host.wait_for(name, RUNNING)?;
    let record = fs::read_to_string(record_path(bed, name)).context("the probe's record")?;
    let record = Record::parse(&record)?;
    let received: Vec<_> = record
        .args
        .iter()
        .map(|arg| String::from_utf8_lossy(arg))
        .collect();
    let args: Vec<_> = declared.args.iter().map(|arg| in_place(arg)).collect();
    // Wine's Windows Installer registers the program without quotes, so that its path is several words there.
    let more = received.len().saturating_sub(args.len());
    ensure!(
        received[more..] == args,
        "arguments: {received:#?} instead of {args:#?}"
    );
    ensure!(
        more >= 1 && (more == 1 || !Host::is_windows()),
        "{received:#?}"
    );
    let key = bed.host.service_key(name)?.context("no service")?;
    let value = key.values.get("Environment").context("no environment")?;
    let units = value.data.chunks_exact(2);
    let units: Vec<_> = units
        .map(|pair| u16::from_le_bytes([pair[0], pair[1]]))
        .collect();
    let kept = String::from_utf16(&units)?;
    for (variable, value) in &declared.environment {
        let wanted = in_place(&format!("{variable}={value}"));
        ensure!(
            kept.split('\0').any(|line| line == wanted),
            "no {wanted:?} in {kept:?}"
        );
        // Wine's manager hands none of it over.
        if Host::is_windows() {
            let got = record.var(variable).map(String::from_utf8_lossy);
            ensure!(
                got.as_deref() == Some(&in_place(value)),
                "{variable}: {got:?}"
            );
        }
    }
    let description = key.text("Description");
    ensure!(
        description.as_ref() == Some(&declared.description),
        "{description:?}"
    );
    let config = bed.host.config(name)?.ok().context("no service")?;
    ensure!(
        config.display == declared.display_name,
        "{:?}",
        config.display
    );
    ensure!(
        config.start == declared.start,
        "start type {}",
        config.start
    );
    let dependencies = key.list("DependOnService").unwrap_or_default();
    ensure!(dependencies == declared.dependencies, "{dependencies:?}");
    Ok(())
}

fn random_ones_arrive_by_the_scripts() -> Outcome {
    all(&["zip"], |bed, package| bed.install(package).map(drop))
}

fn random_ones_arrive_by_windows_installer() -> Outcome {
    all(&[], |bed, package| {
        let path = r"C:\svc-e2e-package.msi";
        fs::write(bed.host.local(path), &package.msi)?;
        bed.host.ok("msiexec.exe", &["/i", path, "/qn"]).map(drop)
    })
}
