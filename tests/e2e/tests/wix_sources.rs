//! The sources for WiX, as its schemas and other tools take them: whole products, and fragments in products of one's own.
//!
//! WiX itself runs on Windows alone. Its schemas are not ours to ship: `SVC_WIX_SCHEMAS` names a folder with `wix3/all.xsd` and
//! `wix4/all.xsd`, which include the schemas of the toolset.

#[path = "wix/origin.rs"]
mod origin;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use svc_e2e::suite::{Outcome, Test, main as run_suite};
use svc_e2e::{checkout, command};

use origin::{Workspace, goldens, random};

const STEP: Duration = Duration::from_secs(1200);

const TARGET: &str = "x86_64-pc-windows-msvc";

/// A package for the installers of others.
const BEACON: &str = "[[package.metadata.service]]\nname = \"beacon\"\nbin = \"beacon\"\n\
    description = \"Answers [1] & (é)\"\nargs = [\"--listen\", \"[::1]:8080\", \"a \\\"b\\\" \\\\\"]\n\
    environment = { A = \"{install-dir}\\\\x\" }\nafter = [\"network\"]\n";

fn main() -> ExitCode {
    let schemas = schemas()
        .is_none()
        .then_some("SVC_WIX_SCHEMAS names no folder with WiX's schemas");
    let cargo_wix = cargo_wix().is_none().then_some("needs cargo-wix");
    run_suite(
        "wix",
        needs,
        vec![
            Test::new(
                "wix::random_sources_are_valid_by_the_schemas",
                random_sources_are_valid_by_the_schemas,
            )
            .not_here(schemas),
            Test::new(
                "wix::goldens_are_valid_by_the_schemas",
                goldens_are_valid_by_the_schemas,
            )
            .not_here(schemas),
            Test::new(
                "wix::products_of_ones_own_are_valid_by_the_schemas",
                products_of_ones_own_are_valid_by_the_schemas,
            )
            .not_here(schemas),
            Test::new(
                "wix::wixl_builds_random_products",
                wixl_builds_random_products,
            ),
            Test::new("wix::wixl_builds_goldens", wixl_builds_goldens),
            Test::new(
                "wix::a_product_of_ones_own_takes_the_fragment_in",
                a_product_of_ones_own_takes_the_fragment_in,
            ),
            Test::new(
                "wix::cargo_wix_takes_the_fragment_in",
                cargo_wix_takes_the_fragment_in,
            )
            .not_here(cargo_wix),
        ],
    )
}

fn needs() -> Result<(), String> {
    let absent: Vec<_> = ["wixl", "msiinfo", "msiextract", "xmllint"]
        .into_iter()
        .filter(|tool| !command::exists(tool))
        .collect();
    match absent.as_slice() {
        [] => Ok(()),
        absent => Err(format!("needs {}", absent.join(", "))),
    }
}

fn schemas() -> Option<PathBuf> {
    std::env::var_os("SVC_WIX_SCHEMAS").map(PathBuf::from)
}

/// The one that tests/run makes, or the machine's.
fn cargo_wix() -> Option<PathBuf> {
    let made = checkout::target().ok()?.join("tools/bin/cargo-wix");
    if made.is_file() {
        return Some(made);
    }
    command::exists("cargo-wix").then(|| PathBuf::from("cargo-wix"))
}

fn ran(command: &mut Command) -> Result<String> {
    command::run(command, b"", STEP)?
        .success()
        .with_context(|| format!("{command:?}"))
}

fn valid(generation: &str, files: &[PathBuf]) -> Outcome {
    let schema = schemas()
        .context("no schemas")?
        .join(format!("wix{generation}/all.xsd"));
    for some in files.chunks(500) {
        let mut lint = Command::new("xmllint");
        lint.arg("--noout").arg("--schema").arg(&schema).args(some);
        ran(&mut lint)?;
    }
    Ok(())
}

fn random_sources_are_valid_by_the_schemas() -> Outcome {
    let (workspace, made) = Workspace::random(1000)?;
    for generation in ["3", "4"] {
        let files = workspace.sources(generation);
        ensure!(files.len() == 2 * made.len(), "{} sources", files.len());
        valid(generation, &files)?;
    }
    Ok(())
}

fn goldens_are_valid_by_the_schemas() -> Outcome {
    let folder = checkout::scratch()?;
    for generation in ["3", "4"] {
        valid(generation, &goldens(generation, folder.path())?)?;
    }
    Ok(())
}

fn of_ones_own(generation: &str) -> PathBuf {
    checkout::root().join(format!("tests/wix/v{generation}.wxs"))
}

fn products_of_ones_own_are_valid_by_the_schemas() -> Outcome {
    for generation in ["3", "4"] {
        valid(generation, &[of_ones_own(generation)])?;
    }
    Ok(())
}

/// A folder with programs that are none.
fn programs(folder: &Path) -> Result<()> {
    fs::create_dir_all(folder)?;
    for name in ["beacon.exe", "other.exe"] {
        fs::write(folder.join(name), format!("{name} is no program"))?;
    }
    Ok(())
}

/// What has wixl build this source. It looks for files beside the source, and takes no whole path. The folders would be open to
/// everybody: what it builds is only looked at.
fn wixl(source: &Path, programs: &Path, to: &Path) -> Result<Command> {
    let root = to.parent().context("a folder")?;
    let folder = root.join("packaging/wix/v3");
    fs::create_dir_all(&folder)?;
    let copy = folder.join("source.wxs");
    fs::copy(source, &copy)?;
    let below = programs.strip_prefix(root)?;
    let mut wixl = Command::new("wixl");
    wixl.args(["--arch", "x64", "-D", "Version=1.2.3", "-D", "Wixl=1"]);
    wixl.args(["-D", "WixlOpenFolders=1", "-D", "CargoPackageDir=../../.."]);
    wixl.arg("-D")
        .arg(format!("CargoTargetBinDir=../../../{}", below.display()));
    wixl.arg("-o").arg(to).arg(copy).current_dir(folder);
    Ok(wixl)
}

/// The names of files that stand behind this in a source.
fn names<'t>(text: &'t str, behind: &'t str) -> impl Iterator<Item = &'t str> {
    let parts = text.split(behind).skip(1);
    parts.filter_map(|part| part.split('"').next())
}

fn built(source: &Path, programs: &Path, to: &Path) -> Outcome {
    ran(&mut wixl(source, programs, to)?).map(drop)
}

/// Makes the files of the package that a source names.
fn brought(text: &str, root: &Path) -> Outcome {
    let files = names(text, "$(var.CargoPackageDir)/");
    for name in files.chain(names(text, "SourceFile=\"../../../")) {
        let path = root.join(name.replace("&amp;", "&"));
        fs::create_dir_all(path.parent().context("a folder")?)?;
        fs::write(path, "no more than that")?;
    }
    Ok(())
}

/// wixl loses a dollar sign that stands alone, and takes a doubled one for a variable: a source that has one ends the build.
fn is_refused(source: &Path, programs: &Path, to: &Path) -> Outcome {
    let said = command::run(&mut wixl(source, programs, to)?, b"", STEP)?;
    let refused = said.code() != 0 && said.errors().contains("dollar signs");
    ensure!(refused, "{}", said.describe());
    Ok(())
}

/// The rows of a table.
fn table(msi: &Path, name: &str) -> Result<Vec<Vec<String>>> {
    let text = ran(Command::new("msiinfo").arg("export").arg(msi).arg(name))?;
    let lines = text.lines().skip(3).map(|line| line.trim_end_matches('\r'));
    let lines = lines.filter(|line| !line.is_empty());
    Ok(lines
        .map(|line| line.split('\t').map(str::to_owned).collect())
        .collect())
}

fn wixl_builds_random_products() -> Outcome {
    let mut made = random(60)?;
    // Nearly all of them have dollar signs, which wixl refuses, or letters that it does not know: most go on without.
    let simple = |text: &str| text.replace('$', "S").replace(|c| c > '\u{ff}', "\u{e9}");
    for package in made.iter_mut().skip(5) {
        package.toml = simple(&package.toml);
        for service in &mut package.services {
            service.description = simple(&service.description);
        }
    }
    let (workspace, made) = Workspace::of(made)?;
    let folder = checkout::scratch()?;
    let bin = folder.path().join("bin");
    programs(&bin)?;
    let msi = folder.path().join("made.msi");
    let mut count = 0;
    for (name, package) in workspace.names.iter().zip(&made) {
        let source = workspace.path(name, "packaging/wix/v3/product.wxs");
        // One in some hundred is left to the scripts, as `generate` says: its folders do not fit into a command line.
        if !source.exists() {
            continue;
        }
        if package.toml.contains('$') {
            is_refused(&source, &bin, &msi).with_context(|| package.toml.clone())?;
            continue;
        }
        // wixl crashes over texts that code page 1252 lacks, and knows no other one.
        if fs::read_to_string(&source)?.contains("Codepage=\"65001\"") {
            continue;
        }
        count += 1;
        brought(&fs::read_to_string(&source)?, folder.path())?;
        built(&source, &bin, &msi).with_context(|| package.toml.clone())?;
        let rows = table(&msi, "ServiceInstall")?;
        let mut found: Vec<_> = rows.iter().map(|row| row[1].as_str()).collect();
        let mut wanted: Vec<_> = package
            .services
            .iter()
            .map(|service| service.name.as_str())
            .collect();
        found.sort_unstable();
        wanted.sort_unstable();
        ensure!(found == wanted, "{found:?} instead of {wanted:?}");
        for service in &package.services {
            let row = rows
                .iter()
                .find(|row| row[1] == service.name)
                .context("a row")?;
            // The characters that mean something to Windows Installer are tested where it reads them.
            let plain = |text: &str| text.chars().all(|c| c.is_ascii_alphanumeric() || c == ' ');
            if plain(&service.description) && service.description.len() < 200 {
                ensure!(row[12] == service.description, "{row:?}");
            }
        }
    }
    ensure!(2 * count > made.len(), "{count} of {}", made.len());
    Ok(())
}

fn wixl_builds_goldens() -> Outcome {
    let folder = checkout::scratch()?;
    let msi = folder.path().join("made.msi");
    let (mut count, goldens) = (0, goldens("3", folder.path())?);
    for source in goldens.iter().filter(|path| path.ends_with("product.wxs")) {
        let text = fs::read_to_string(source)?;
        let bin = folder.path().join(format!("bin-{count}"));
        let programs = names(&text, "$(var.CargoTargetBinDir)/").map(|name| bin.join(name));
        for path in programs {
            fs::create_dir_all(path.parent().context("a folder")?)?;
            fs::write(path, "no more than that")?;
        }
        brought(&text, folder.path())?;
        count += 1;
        let outcome = if text.contains("<?error wixl loses") {
            is_refused(source, &bin, &msi)
        } else {
            built(source, &bin, &msi)
        };
        outcome.with_context(|| source.display().to_string())?;
    }
    ensure!(count > 4, "{count} products");
    Ok(())
}

/// The package has what the fragment says, in the folder and the feature of the product around it.
fn holds_the_fragment(msi: &Path, folder: &Path) -> Outcome {
    let rows = table(msi, "ServiceInstall")?;
    let [row] = rows.as_slice() else {
        anyhow::bail!("{rows:?}")
    };
    ensure!(
        row[1] == "beacon" && row[12] == r"Answers [\[]1[\]] & (é)",
        "{row:?}"
    );
    ensure!(
        row[10] == r#"--listen [\[]::1[\]]:8080 "a \"b\" \\""#,
        "{row:?}"
    );
    let component = &row[11];
    let features = table(msi, "FeatureComponents")?;
    ensure!(
        features
            .iter()
            .any(|row| row[0] == "Services" && row[1] == *component),
        "{features:?}"
    );
    let folders = table(msi, "Directory")?;
    ensure!(
        folders
            .iter()
            .any(|row| row[0] == "INSTALLDIR" && row[1] == "ProgramFiles64Folder"),
        "{folders:?}"
    );
    // What changes services in an upgrade came with it, in its place.
    let sequence = table(msi, "InstallExecuteSequence")?;
    for action in ["Change.beacon", "Keep.beacon", "InstallServices"] {
        ensure!(sequence.iter().any(|row| row[0] == action), "no {action}");
    }
    let product = table(msi, "Property")?;
    let is = |name: &str, value: &str| product.iter().any(|row| row[0] == name && row[1] == value);
    ensure!(
        is("ProductName", "A suite") && is("Manufacturer", "Somebody"),
        "{product:?}"
    );
    let to = folder.join("extracted");
    fs::create_dir(&to)?;
    ran(Command::new("msiextract").arg("-C").arg(&to).arg(msi))?;
    let found = ran(Command::new("find").arg(&to).args(["-name", "beacon.exe"]))?;
    ensure!(fs::read_to_string(found.trim())? == "beacon.exe is no program");
    Ok(())
}

fn a_product_of_ones_own_takes_the_fragment_in() -> Outcome {
    let workspace = Workspace::new(&[("beacon".to_owned(), BEACON)])?;
    let folder = checkout::scratch()?;
    let bin = folder.path().join("bin");
    programs(&bin)?;
    let msi = folder.path().join("made.msi");
    let fragment = workspace.path("beacon", "packaging/wix/v3/beacon.wxs");
    let whole = folder.path().join("whole.wxs");
    let mut link = Command::new(checkout::root().join("tests/wix/link"));
    let linked = ran(link.arg(of_ones_own("3")).arg(fragment))?;
    fs::write(&whole, linked)?;
    built(&whole, &bin, &msi)?;
    holds_the_fragment(&msi, folder.path())
}

/// cargo-wix itself, with programs in the places of WiX's that keep their command lines and have wixl do the work.
fn cargo_wix_takes_the_fragment_in() -> Outcome {
    let workspace = Workspace::new(&[("beacon".to_owned(), BEACON)])?;
    let folder = checkout::scratch()?;
    let tools = folder.path().join("wix tools");
    fs::create_dir(&tools)?;
    for (tool, name) in [
        ("candle", "candle.exe"),
        ("light", "light.exe"),
        ("link", "link"),
    ] {
        fs::copy(
            checkout::root().join("tests/wix").join(tool),
            tools.join(name),
        )?;
    }
    programs(
        &workspace
            .folder
            .path()
            .join(format!("target/{TARGET}/release")),
    )?;
    let wix = workspace.path("beacon", "wix");
    fs::create_dir(&wix)?;
    fs::copy(of_ones_own("3"), wix.join("main.wxs"))?;
    let mut cargo_wix = Command::new(cargo_wix().context("no cargo-wix")?);
    cargo_wix.args([
        "wix",
        "--no-build",
        "--nocapture",
        "--target",
        TARGET,
        "--package",
        "beacon",
        "--include",
    ]);
    cargo_wix.arg(workspace.path("beacon", "packaging/wix/v3/beacon.wxs"));
    cargo_wix.arg("--bin-path").arg(&tools);
    for variable in ["CARGO_TARGET_DIR", "CARGO_BUILD_TARGET"] {
        cargo_wix.env_remove(variable);
    }
    ran(cargo_wix.current_dir(workspace.path("beacon", "")))?;
    let told = fs::read_to_string(tools.join("candle.args"))?;
    let programs = workspace
        .folder
        .path()
        .join(format!("target/{TARGET}/release"));
    let bin = format!("-dCargoTargetBinDir={}", programs.display());
    ensure!(told.lines().any(|word| word == bin), "no {bin} in {told}");
    let made = workspace
        .folder
        .path()
        .join("target/wix/beacon-1.0.0-x86_64.msi");
    holds_the_fragment(&made, folder.path())
}
