//! The figures that cargo-svc keeps to.
//!
//! `cargo run --manifest-path tests/bench/Cargo.toml` builds cargo-svc and a small daemon, measures, and prints each figure's
//! median beside its limit. It asserts nothing: a shared machine is no judge of time. Runs to be compared alternate, so that
//! a machine that slows down slows both. Unix only, since it speaks systemd's protocol.
//!
//! Arguments choose figures: `generate`, `many`, `package`, `installer`, `build`, `size`, `ready`, `stop`, `idle`, `memory`.
//!
//! Needs `cargo deb` for one figure, and wixl for two: `cargo install cargo-deb`, `apt-get install wixl`; without them those lines
//! say so.

mod idle;
mod installer;
mod measure;
mod samples;

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;
use std::{env, fs, thread};

use measure::{Used, alternate, median, milliseconds, ready_time, used};
use samples::Samples;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> Result<()> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let repository = here.join("../..").canonicalize()?;
    let work = here.join("target/figures");
    fs::create_dir_all(&work)?;
    let samples = Samples::write(&repository, &work.canonicalize()?)?;
    let chosen: Vec<String> = env::args().skip(1).collect();
    let wanted = |figure: &str| chosen.is_empty() || chosen.iter().any(|name| name == figure);
    println!(
        "{:<58} {:>12} {:>12} {:>14}",
        "figure (medians)", "compared to", "measured", "limit"
    );
    if wanted("generate") || wanted("many") || wanted("package") || wanted("installer") {
        let svc = build_cargo_svc(&repository)?;
        if wanted("generate") {
            generate(&svc, &samples)?;
        }
        if wanted("many") {
            many(&svc, &work)?;
        }
        if wanted("package") {
            package(&svc, &samples)?;
        }
        if wanted("installer") {
            installer::figures(&svc, &work, &svc.with_file_name("deps"))?;
        }
    }
    if wanted("build") {
        build_of_the_runtime(&samples)?;
    }
    if wanted("size") {
        size(&samples)?;
    }
    if wanted("ready") {
        ready(&samples)?;
    }
    if ["stop", "idle", "memory"]
        .iter()
        .any(|figure| wanted(figure))
    {
        idle::figures(&samples, wanted)?;
    }
    Ok(())
}

fn line(figure: &str, compared: &str, measured: &str, limit: &str) {
    println!("{figure:<58} {compared:>12} {measured:>12} {limit:>14}");
}

/// The cargo that runs this, so that no proxy in front of it is measured.
fn cargo() -> Command {
    Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

fn succeed(command: &mut Command) -> Result<()> {
    let output = command.stdin(Stdio::null()).output()?;
    if output.status.success() {
        return Ok(());
    }
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    Err(format!("{command:?}: {}\n{stderr}", output.status).into())
}

fn build_cargo_svc(repository: &Path) -> Result<PathBuf> {
    let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/cargo-svc");
    succeed(
        cargo()
            .args([
                "build",
                "--release",
                "--package",
                "cargo-svc",
                "--target-dir",
            ])
            .arg(&target)
            .current_dir(repository),
    )?;
    Ok(target.join("release/cargo-svc"))
}

fn generate(svc: &Path, samples: &Samples) -> Result<()> {
    let [metadata, generate] = alternate(
        40,
        [
            &mut || {
                let mut command = cargo();
                command.args(["metadata", "--no-deps", "--format-version", "1"]);
                command.current_dir(&samples.service);
                succeed(&mut command)
            },
            &mut || {
                succeed(
                    Command::new(svc)
                        .args(["svc", "generate"])
                        .current_dir(&samples.service),
                )
            },
        ],
    )?;
    let limit = median(&metadata) + Duration::from_millis(10);
    line(
        "cargo metadata --no-deps / cargo-svc svc generate",
        &milliseconds(median(&metadata)),
        &milliseconds(median(&generate)),
        &milliseconds(limit),
    );
    Ok(())
}

/// A workspace of a thousand services. The first run, which writes all files, is told apart from those that find
/// all of them as they should be.
fn many(svc: &Path, work: &Path) -> Result<()> {
    let workspace = samples::many(&work.join("many"))?;
    let metadata = || {
        let mut command = cargo();
        command.args(["metadata", "--no-deps", "--format-version", "1"]);
        command
    };
    let generate = || {
        let mut command = Command::new(svc);
        command.args(["svc", "generate", "--workspace", "--quiet"]);
        command
    };
    // It makes the lock file, too.
    used(metadata().current_dir(&workspace))?;
    let first = used(generate().current_dir(&workspace))?;
    // Without a target folder every run reads every file.
    let mut read = Vec::new();
    for _ in 0..5 {
        read.push(used(generate().current_dir(&workspace))?);
    }
    // With one, as a workspace has it that somebody works in, this is left out for files that were seen before: but not at once.
    fs::create_dir(workspace.join("target"))?;
    thread::sleep(Duration::from_secs(4));
    used(generate().current_dir(&workspace))?;
    let (mut asked, mut generated) = (Vec::new(), Vec::new());
    for _ in 0..15 {
        asked.push(used(metadata().current_dir(&workspace))?);
        generated.push(used(generate().current_dir(&workspace))?);
    }
    let wall = |runs: &[Used]| median(&runs.iter().map(|run| run.wall).collect::<Vec<_>>());
    let cpu = |runs: &[Used]| median(&runs.iter().map(|run| run.cpu).collect::<Vec<_>>());
    let figure = "1000 packages: cargo metadata --no-deps / generate";
    for (what, of) in [
        ("time", &wall as &dyn Fn(&[Used]) -> Duration),
        ("CPU time", &cpu),
    ] {
        line(
            &format!("{figure}: {what}"),
            &milliseconds(of(&asked)),
            &milliseconds(of(&generated)),
            &milliseconds(of(&asked) * 2),
        );
    }
    for (what, time) in [
        (
            "generate with no target folder, which reads all",
            wall(&read),
        ),
        ("first generate, which writes all files", first.wall),
    ] {
        line(
            &format!("1000 packages: {what}"),
            "",
            &milliseconds(time),
            "",
        );
    }
    let runs = generated.iter().chain(&read).chain([&first]);
    let peak = runs.map(|run| run.peak).max();
    line(
        "1000 packages: peak memory of generate",
        "",
        &format!("{} MiB", peak.unwrap_or_default() / 1024),
        "200 MiB",
    );
    Ok(())
}

fn package(svc: &Path, samples: &Samples) -> Result<()> {
    const FIGURE: &str = "cargo deb --no-build / cargo-svc svc package --no-build";
    succeed(
        cargo()
            .args(["build", "--release"])
            .current_dir(&samples.service),
    )?;
    let mut package = || {
        let mut command = Command::new(svc);
        command
            .args(["svc", "package", "--no-build"])
            .current_dir(&samples.service);
        succeed(&mut command)
    };
    let mut deb = || {
        let mut command = cargo();
        command
            .args(["deb", "--no-build"])
            .current_dir(&samples.service);
        succeed(&mut command)
    };
    if let Err(error) = deb() {
        let [package] = alternate(15, [&mut package])?;
        line(FIGURE, "not run", &milliseconds(median(&package)), "half");
        println!(
            "    {}",
            error.to_string().lines().last().unwrap_or_default()
        );
        return Ok(());
    }
    let [deb, package] = alternate(15, [&mut deb, &mut package])?;
    line(
        FIGURE,
        &milliseconds(median(&deb)),
        &milliseconds(median(&package)),
        &milliseconds(median(&deb) / 2),
    );
    Ok(())
}

fn build_of_the_runtime(samples: &Samples) -> Result<()> {
    let tree = cargo()
        .args([
            "tree",
            "--package",
            "svc-rt",
            "--edges",
            "normal,build",
            "--prefix",
            "none",
            "--no-dedupe",
        ])
        .current_dir(&samples.service)
        .output()?;
    let tree = String::from_utf8(tree.stdout)?;
    let mut crates: Vec<&str> = tree
        .lines()
        .filter_map(|line| line.split(' ').next())
        .collect();
    crates.sort_unstable();
    crates.dedup();
    line(
        "svc-rt with svc-macros: crates",
        "",
        &crates.len().to_string(),
        "14",
    );

    let target = samples.service.join("target/cold");
    let mut build = || {
        let mut command = cargo();
        command.args([
            "build",
            "--package",
            "svc-rt",
            "--jobs",
            "2",
            "--target-dir",
        ]);
        succeed(command.arg(&target).current_dir(&samples.service))
    };
    let mut times = Vec::new();
    for _ in 0..5 {
        if target.exists() {
            fs::remove_dir_all(&target)?;
        }
        let [time] = alternate(1, [&mut build])?;
        times.extend(time);
    }
    line(
        "svc-rt with svc-macros: cold debug build",
        "",
        &milliseconds(median(&times)),
        "4500.0 ms",
    );
    Ok(())
}

fn size(samples: &Samples) -> Result<()> {
    for sample in [&samples.service, &samples.bare] {
        succeed(cargo().args(["build", "--release"]).current_dir(sample))?;
    }
    let bytes = |sample: &Path| {
        Ok::<_, Box<dyn Error>>(fs::metadata(sample.join("target/release/beacon"))?.len())
    };
    let (bare, service) = (bytes(&samples.bare)?, bytes(&samples.service)?);
    let kib = |bytes: u64| format!("{}.{} KiB", bytes / 1024, bytes % 1024 * 10 / 1024);
    line(
        "stripped release binary: bare / grown by",
        &kib(bare),
        &kib(service.saturating_sub(bare)),
        "120.0 KiB",
    );
    Ok(())
}

fn ready(samples: &Samples) -> Result<()> {
    for sample in [&samples.service, &samples.bare] {
        succeed(cargo().args(["build", "--release"]).current_dir(sample))?;
    }
    let program = |sample: &Path| sample.join("target/release/beacon");
    let (mut bare, mut service) = (Vec::new(), Vec::new());
    for _ in 0..200 {
        bare.push(ready_time(&program(&samples.bare))?);
        service.push(ready_time(&program(&samples.service))?);
    }
    line(
        "exec to READY=1: bare / with a service",
        &milliseconds(median(&bare)),
        &milliseconds(median(&service)),
        &milliseconds(median(&bare) + Duration::from_millis(2)),
    );
    Ok(())
}
