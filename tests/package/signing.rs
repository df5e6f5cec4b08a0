//! `--sign`: what Windows asks a signature of is signed by the user's own command.

use std::fs;
use std::path::Path;

use crate::installer::{full, packed, tool};
use crate::windows::{TARGET, project};

/// A certificate of one's own, and its key, as files.
fn certificate(folder: &Path) {
    let subject = "/CN=The makers";
    let args = [
        "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "key.pem", "-out", "cert.pem",
    ];
    let more = [
        "-days",
        "30",
        "-subj",
        subject,
        "-addext",
        "extendedKeyUsage=codeSigning",
    ];
    tool("openssl", &[&args[..], &more[..]].concat(), folder);
}

#[test]
fn what_windows_asks_a_signature_of_is_signed_before_it_is_packed() {
    let project = full();
    certificate(&project.root);
    let path = |name: &str| project.root.join(name).to_str().unwrap().to_owned();
    let command = format!(
        "osslsigncode sign -certs \"{}\" -key \"{}\" -in {{file}} -out {{out}}",
        path("cert.pem"),
        path("key.pem")
    );
    project.run(&["--no-build", "--target", TARGET, "--sign", &command]);
    let made = project.root.join(format!("target/svc/{TARGET}"));
    let msi = made.join(format!("beacon-0.1.0-{TARGET}.msi"));
    let verify = |file: &Path| {
        let args = [
            "verify",
            "-CAfile",
            "cert.pem",
            "-in",
            file.to_str().unwrap(),
        ];
        let said = tool("osslsigncode", &args, &project.root);
        assert!(said.contains("Signature verification: ok"), "{said}");
    };
    let folder = made.join("beacon-0.1.0");
    let signed = ["bin/beacon.exe", "install.ps1", "uninstall.ps1"].map(|name| folder.join(name));
    for file in &signed {
        verify(file);
    }
    verify(&msi);
    // The program in the package is the signed one.
    assert!(packed(&project, &msi) == fs::read(&signed[0]).unwrap());
    // The hashes are those of what is there now.
    let list = fs::read_to_string(folder.join("PACKAGE")).unwrap();
    for (file, name) in signed
        .iter()
        .zip(["bin/beacon.exe", "install.ps1", "uninstall.ps1"])
    {
        let hash = crate::project::sha256(&fs::read(file).unwrap());
        assert!(
            list.lines()
                .any(|line| line.contains(&hash) && line.contains(name)),
            "{list}"
        );
    }
    let index = project.read(&format!("target/svc/{TARGET}/artifacts.json"));
    assert!(index.contains(&crate::project::sha256(&fs::read(&msi).unwrap())));
}

#[test]
fn a_signature_that_fails_leaves_nothing() {
    let project = project("StartServiceCtrlDispatcherW", "");
    project
        .refused(&[
            "--no-build",
            "--target",
            TARGET,
            "--sign",
            "cargo no-such-command",
        ])
        .says("could not sign beacon.exe: `cargo` ended with");
    assert!(!project.has(&format!("target/svc/{TARGET}/artifacts.json")));
    project
        .refused(&["--sign", "true"])
        .says("`--sign` signs programs, scripts and packages for Windows");
}
