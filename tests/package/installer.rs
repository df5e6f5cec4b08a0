//! The package for Windows Installer and the sources for WiX, as the tools of msitools read and build them.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use crate::project::{Project, Ran};
use crate::windows::{TARGET, project};

/// What both systems have.
const ANYWHERE: &str = "display-name = \"Beacon [1] (é)\"\nargs = [\"--listen\", \"[::1]:8080\"]\nafter = [\"network\"]\n\
                        environment = { A = \"{install-dir}/x [y]\" }\n\
                        directories = { state = true, config = true, logs = \"beacon/a & b\" }\n\
                        credentials = [{ name = \"token\", required = true }]\n\
                        files = [\n\
                        { source = \"beacon.toml\", to = \"{config-dir}/sub/beacon.toml\", config = true, mode = \"0600\" },\n\
                        { source = \"page & a.html\", to = \"{install-dir}/pages/a.html\" },\n\
                        ]\n";

/// The package with folders and files, which wixl can build a part of.
pub(crate) fn full() -> Project {
    with_files(&format!(
        "{ANYWHERE}windows = {{ install-dir = \"Example/Beacon\" }}\n"
    ))
}

fn with_files(settings: &str) -> Project {
    let project = project("StartServiceCtrlDispatcherW", settings);
    project.write("beacon.toml", "a = 1\n");
    project.write("page & a.html", "<p>\n");
    project
}

/// What a tool says; these are of the Debian packages msitools, wixl and libxml2-utils.
pub(crate) fn tool(name: &str, args: &[&str], folder: &Path) -> String {
    let output = Command::new(name).args(args).current_dir(folder).output();
    let output = output.unwrap_or_else(|error| panic!("{name} (see tests/run unit): {error}"));
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{name} {args:?}: {errors}");
    String::from_utf8(output.stdout).unwrap()
}

/// The program that the package holds.
pub(crate) fn packed(project: &Project, msi: &Path) -> Vec<u8> {
    let to = project.root.join("extracted");
    fs::create_dir(&to).unwrap();
    let (to, msi) = (to.to_str().unwrap(), msi.to_str().unwrap());
    tool("msiextract", &["-C", to, msi], Path::new("/"));
    let listed = tool("find", &[to, "-name", "beacon.exe"], Path::new("/"));
    fs::read(listed.trim()).unwrap()
}

/// A table's types, and its rows by their keys.
pub(crate) fn table(msi: &Path, name: &str) -> (String, BTreeMap<String, Vec<String>>) {
    let text = tool(
        "msiinfo",
        &["export", msi.to_str().unwrap(), name],
        Path::new("/"),
    );
    let mut lines = text.lines().map(|line| line.trim_end_matches('\r'));
    let (_, types, _) = (lines.next(), lines.next().unwrap(), lines.next());
    let rows = lines.filter(|line| !line.is_empty()).map(|line| {
        let cells: Vec<String> = line.split('\t').map(str::to_owned).collect();
        (cells[0].clone(), cells)
    });
    (types.to_owned(), rows.collect())
}

fn packaged(project: &Project) -> std::path::PathBuf {
    project.run(&["--no-build", "--target", TARGET, "--format", "msi"]);
    project
        .root
        .join(format!("target/svc/{TARGET}/beacon-0.1.0-{TARGET}.msi"))
}

#[test]
fn other_readers_find_the_tables_and_the_program() {
    let project = full();
    let msi = packaged(&project);
    let (_, services) = table(&msi, "ServiceInstall");
    let row = &services["Service.beacon"];
    assert_eq!(row[1], "beacon");
    assert_eq!(row[2], r"Beacon [\[]1[\]] (é)");
    assert_eq!(row[10], r"--listen [\[]::1[\]]:8080");
    assert_eq!(row[7], "Tcpip[~][~]");
    let summary = tool(
        "msiinfo",
        &["suminfo", msi.to_str().unwrap()],
        Path::new("/"),
    );
    for line in [
        "Template: x64;1033",
        "Version: 500 (1f4)",
        "Source: 2 (2)",
        "Security: 2 (2)",
    ] {
        assert!(summary.contains(line), "{summary}");
    }
    let program = fs::read(
        project
            .root
            .join(format!("target/{TARGET}/release/beacon.exe")),
    );
    assert!(packed(&project, &msi) == program.unwrap());
}

#[test]
fn the_index_lists_it_and_it_is_the_same_each_time() {
    let project = full();
    let msi = packaged(&project);
    let first = fs::read(&msi).unwrap();
    assert!(first == fs::read(packaged(&project)).unwrap());
    let index = project.read(&format!("target/svc/{TARGET}/artifacts.json"));
    assert!(index.contains("\"kind\": \"msi\""), "{index}");
}

#[test]
fn wixl_makes_the_same_services_of_the_source() {
    let project = full();
    let ours = packaged(&project);
    Ran::new(project.svc(&["generate"]).output().unwrap()).succeeded();
    let theirs = project.root.join("wixl.msi");
    let programs = format!("CargoTargetBinDir=target/{TARGET}/release");
    let mut args = vec![
        "--arch",
        "x64",
        "-D",
        "Wixl=1",
        "-D",
        "WixlOpenFolders=1",
        "-D",
        "Version=0.1.0",
        "-D",
        &programs,
    ];
    args.extend(["-o", theirs.to_str().unwrap(), "product.wxs"]);
    // wixl looks for files beside the source.
    fs::copy(
        project.root.join("packaging/wix/v3/product.wxs"),
        project.root.join("product.wxs"),
    )
    .unwrap();
    tool("wixl", &args, &project.root);
    // It would leave the folders open to everybody, and is not for that unless somebody says so.
    let mut careless = args.clone();
    careless.retain(|arg| *arg != "WixlOpenFolders=1");
    careless.remove(4);
    let refused = Command::new("wixl")
        .args(&careless)
        .current_dir(&project.root)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&refused.stderr);
    assert!(
        !refused.status.success() && said.contains("wixl knows no access lists"),
        "{careless:?}: {said}"
    );
    for name in ["ServiceInstall", "ServiceControl"] {
        let (types, mut rows) = table(&ours, name);
        let (other_types, other_rows) = table(&theirs, name);
        assert_eq!(types, other_types);
        for row in rows.values_mut().filter(|_| name == "ServiceInstall") {
            // wixl does not know Vital, which is a bit of this column.
            assert_eq!(row[5], "32769");
            row[5] = "1".to_owned();
        }
        assert_eq!(rows, other_rows);
    }
    for name in [
        "CustomAction",
        "CreateFolder",
        "Registry",
        "RegLocator",
        "Component",
        "Directory",
        "Property",
        "Upgrade",
    ] {
        assert_eq!(table(&ours, name).0, table(&theirs, name).0, "{name}");
    }
    // Folders and files go to the same places. That folders stay, wixl does not know.
    let components = |msi: &Path| -> BTreeMap<String, [String; 2]> {
        let rows = table(msi, "Component").1;
        rows.into_iter()
            .map(|(id, row)| (id, [row[1].clone(), row[2].clone()]))
            .collect()
    };
    assert_eq!(components(&ours), components(&theirs));
    let parents = |msi: &Path| -> BTreeMap<String, String> {
        let rows = table(msi, "Directory").1;
        rows.into_iter()
            .map(|(id, row)| (id, row[1].clone()))
            .collect()
    };
    assert_eq!(parents(&ours), parents(&theirs));
    // What takes actions back is left out for wixl; the rest is the same.
    let (_, ours) = table(&ours, "CustomAction");
    for (id, row) in table(&theirs, "CustomAction").1 {
        assert_eq!(ours[&id][3], row[3], "{id}");
    }
}

/// An icon of one black pixel.
const ICON: &[u8] = &[
    0, 0, 1, 0, 1, 0, 1, 1, 0, 0, 1, 0, 32, 0, 48, 0, 0, 0, 22, 0, 0, 0, 40, 0, 0, 0, 1, 0, 0, 0,
    2, 0, 0, 0, 1, 0, 32, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 255, 0, 0, 0, 0,
];

/// The project with all that Windows Installer can be told.
fn dressed() -> Project {
    let account = r#""EXAMPLE\\o'neill""#;
    let windows = format!(
        "windows = {{ install-dir = \"Example/Beacon\", firewall = [{{ port = 80 }}], account = {account} }}\n"
    );
    let project = with_files(&format!(
        "{ANYWHERE}{windows}[package.metadata.service-package]\nlicense = \"LICENSE\"\nicon = \"art/a & b.ico\"\n"
    ));
    project.write("LICENSE", "All rights [reserved] – to {nobody}.\n");
    project.write("art/a & b.ico", ICON);
    project
}

#[test]
fn licence_and_icon_are_in_the_package() {
    let project = dressed();
    let msi = packaged(&project);
    let path = msi.to_str().unwrap();
    let streams = tool("msiinfo", &["streams", path], &project.root);
    assert!(streams.contains("Icon.Product.ico"), "{streams}");
    let icon = Command::new("msiinfo")
        .args(["extract", path, "Icon.Product.ico"])
        .output();
    assert!(icon.unwrap().stdout == ICON);
    assert_eq!(
        table(&msi, "Property").1["ARPPRODUCTICON"][1],
        "Product.ico"
    );
    let controls = tool("msiinfo", &["export", path, "Control"], &project.root);
    let shown = r"All rights \'5breserved\'5d \u8211? to \{nobody\}.";
    assert!(controls.contains(shown), "{controls}");
    // wixl knows no dialogs; it has the icon, from where the source says that it is.
    Ran::new(project.svc(&["generate"]).output().unwrap()).succeeded();
    let theirs = project.root.join("wixl.msi");
    let programs = format!("CargoTargetBinDir=../../../target/{TARGET}/release");
    let out = theirs.to_str().unwrap();
    let args = [
        "--arch",
        "x64",
        "-D",
        "Wixl=1",
        "-D",
        "Version=0.1.0",
        "-D",
        &programs,
        "-D",
        "CargoPackageDir=../../..",
        "-D",
        "WixlOpenFolders=1",
        "-o",
        out,
        "packaging/wix/v3/product.wxs",
    ];
    tool("wixl", &args, &project.root);
    assert_eq!(table(&msi, "Icon"), table(&theirs, "Icon"));
    assert_eq!(
        table(&msi, "Property").1["ARPPRODUCTICON"],
        table(&theirs, "Property").1["ARPPRODUCTICON"]
    );
    // The licence of the sources is the one that the package holds.
    let rtf = project.read("packaging/wix/license.rtf");
    assert!(rtf.contains(shown), "{rtf}");
}

#[test]
fn another_licence_is_another_product() {
    let project = dressed();
    let product = |msi: &Path| table(msi, "Property").1["ProductCode"][1].clone();
    let before = product(&packaged(&project));
    project.write("LICENSE", "No rights.\n");
    let after = product(&packaged(&project));
    assert_ne!(before, after);
    project.write("LICENSE", "All rights [reserved] – to {nobody}.\n");
    assert_eq!(product(&packaged(&project)), before);
}

#[test]
fn sources_are_well_formed() {
    let project = dressed();
    Ran::new(project.svc(&["generate"]).output().unwrap()).succeeded();
    for generation in ["v3", "v4"] {
        for file in ["beacon.wxs", "product.wxs"] {
            let path = format!("packaging/wix/{generation}/{file}");
            tool("xmllint", &["--noout", &path], &project.root);
        }
    }
}

#[test]
fn versions_that_windows_installer_cannot_hold_are_refused() {
    let project = project("StartServiceCtrlDispatcherW", "");
    let manifest = project
        .read("Cargo.toml")
        .replace("\"0.1.0\"", "\"1.0.0-rc.1\"");
    project.write("Cargo.toml", manifest.clone());
    let all = ["--no-build", "--target", TARGET];
    let ran = project.refused(&all);
    ran.says("cannot hold the version 1.0.0-rc.1");
    ran.says("`version = \"1.2.3.4\"` in `[package.metadata.service-package]`");
    // Another one can be named for it, or the installer left out.
    project.run(&["--no-build", "--target", TARGET, "--format", "zip"]);
    let named = format!("{manifest}\n[package.metadata.service-package]\nversion = \"1.0.0.1\"\n");
    project.write("Cargo.toml", named);
    project.run(&all);
    let msi = project.root.join(format!(
        "target/svc/{TARGET}/beacon-1.0.0-rc.1-{TARGET}.msi"
    ));
    assert_eq!(table(&msi, "Property").1["ProductVersion"][1], "1.0.0.1");
}

#[test]
fn other_processors_have_no_installer() {
    let project = project("StartServiceCtrlDispatcherW", "");
    let target = "i686-pc-windows-msvc";
    project
        .refused(&["--no-build", "--target", target, "--format", "msi"])
        .says("no `msi` can be made for i686-pc-windows-msvc");
}

#[test]
fn what_windows_installer_cannot_carry_out_is_left_to_the_scripts_and_said() {
    let project = project("StartServiceCtrlDispatcherW", "");
    let manifest = project.read("Cargo.toml");
    let service = |name: &str| {
        format!(
            "[[package.metadata.service]]\nname = \"{name}\"\nbin = \"beacon\"\nwindows.account = '.\\{name}'\n"
        )
    };
    // Windows Installer is told one password.
    let two = service("web") + &service("store");
    project.write(
        "Cargo.toml",
        manifest.replace("[package.metadata.service]\n", &two),
    );
    let ran = project.run(&["--no-build", "--target", TARGET]);
    let said = "package `beacon` gets no `msi`: Windows Installer cannot carry out `account`";
    assert!(ran.stderr.contains(said), "{}", ran.stderr);
    let folder = project.root.join(format!("target/svc/{TARGET}"));
    assert!(folder.join(format!("beacon-0.1.0-{TARGET}.zip")).exists());
    assert!(!folder.join(format!("beacon-0.1.0-{TARGET}.msi")).exists());

    let asked = project.refused(&["--no-build", "--target", TARGET, "--format", "msi"]);
    let said =
        "no `msi` can be made of package `beacon`: Windows Installer cannot carry out `account`";
    assert!(asked.stderr.contains(said), "{}", asked.stderr);

    let printed = Ran::new(project.svc(&["print", "wix-v3"]).output().unwrap()).refused();
    printed.says("has no sources for WiX: Windows Installer cannot carry out `account`");
}

#[test]
fn what_stands_behind_the_folder_leaves_only_the_installer_out() {
    let settings = "environment = { A = \"{install-dir}\", B = \"{install-dir}D\" }\n";
    let project = project("StartServiceCtrlDispatcherW", settings);
    let line = project.read("Cargo.toml");
    let line = line
        .lines()
        .position(|line| line.contains("{install-dir}D"));
    let place = format!("Cargo.toml:{}:", line.unwrap() + 1);
    let says = |said: &str| {
        for part in [
            "'D' right behind `{install-dir}` in `environment` of `beacon`",
            &place,
        ] {
            assert!(said.contains(part), "{part} in {said}");
        }
    };
    says(&project.run(&["--no-build", "--target", TARGET]).stderr);
    let folder = format!("target/svc/{TARGET}");
    assert!(project.has(&format!("{folder}/beacon-0.1.0-{TARGET}.zip")));
    assert!(!project.has(&format!("{folder}/beacon-0.1.0-{TARGET}.msi")));
    let generated = Ran::new(project.svc(&["generate"]).output().unwrap()).succeeded();
    says(&generated.stderr);
    assert!(project.has("packaging/windows/install.ps1"));
    assert!(!project.has("packaging/wix/v3/product.wxs"));
    says(
        &project
            .refused(&["--no-build", "--target", TARGET, "--format", "msi"])
            .stderr,
    );
}
