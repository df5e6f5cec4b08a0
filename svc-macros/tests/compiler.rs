//! What the compiler makes of an expansion: its own messages, each once and in place, and the manifest's part in it.
//!
//! Only the place and the beginning of a message are compared, since the words are the compiler's and change with it.

mod fixture;

use fixture::Package;
use std::process::Output;

/// An error of the compiler: its line and column, and the first line of its text.
#[derive(Debug, PartialEq)]
struct Message {
    line: u64,
    column: u64,
    text: String,
}

/// Compiles the package and answers with the errors; none if it compiles.
fn errors(package: &Package) -> Vec<Message> {
    told(&package.cargo(&["check", "--message-format=json"]))
}

fn told(output: &Output) -> Vec<Message> {
    let stdout = std::str::from_utf8(&output.stdout).expect("cargo writes UTF-8");
    let errors: Vec<Message> = stdout.lines().filter_map(message).collect();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.success(), errors.is_empty(), "{stderr}");
    errors
}

fn message(line: &str) -> Option<Message> {
    let json: serde_json::Value = serde_json::from_str(line).expect("cargo writes JSON");
    let message = json.get("message")?;
    if message["level"] != "error" {
        return None;
    }
    // "aborting due to 1 previous error" has no place.
    let spans = message["spans"].as_array()?;
    let place = spans.iter().find(|span| span["is_primary"] == true)?;
    // What a macro wrote is shown where it was called.
    let mut place = place;
    while let Some(expansion) = place["expansion"].as_object() {
        if place["file_name"]
            .as_str()
            .is_some_and(|file| file.starts_with("src"))
        {
            break;
        }
        place = &expansion["span"];
    }
    Some(Message {
        line: place["line_start"].as_u64()?,
        column: place["column_start"].as_u64()?,
        text: message["message"].as_str()?.to_owned(),
    })
}

/// Compares errors with `(line, column, part of the text)`.
#[track_caller]
fn expect(errors: &[Message], expected: &[(u64, u64, &str)]) {
    let matches = |(error, expected): (&Message, &(u64, u64, &str))| {
        (error.line, error.column) == (expected.0, expected.1) && error.text.contains(expected.2)
    };
    assert!(
        errors.len() == expected.len() && errors.iter().zip(expected).all(matches),
        "{errors:#?}\nexpected: {expected:#?}"
    );
}

#[track_caller]
fn source(name: &str, main: &str, expected: &[(u64, u64, &str)]) {
    expect(&errors(&Package::new(name, 2024, "", main)), expected);
}

const USE: &str = "use svc_rt::{Service, service};\n\n";

#[test]
fn a_syntax_error_in_the_body_is_told_once() {
    let main = format!(
        "{USE}#[service]\nfn main(svc: Service) {{\n    let port = ;\n    drop(svc);\n}}\n"
    );
    source("body-syntax", &main, &[(5, 16, "expected expression")]);
}

#[test]
fn a_type_error_in_the_body_is_told_in_place() {
    let main = format!(
        "{USE}#[service]\nfn main(svc: Service) {{\n    let port: u16 = \"http\";\n    drop((svc, port));\n}}\n"
    );
    source("body-type", &main, &[(5, 21, "mismatched types")]);
}

#[test]
fn the_body_is_compiled_beside_a_wrong_attribute() {
    let main = format!(
        "{USE}#[service(nmae = \"x\")]\nfn main(svc: Service) {{\n    let port: u16 = \"http\";\n    drop((svc, port));\n}}\n"
    );
    source(
        "body-both",
        &main,
        &[(3, 11, "did you mean `name`"), (5, 21, "mismatched types")],
    );
}

#[test]
fn a_wrong_return_type_is_told_in_the_signature() {
    let main =
        format!("{USE}#[service]\nfn main(svc: Service) -> u16 {{\n    drop(svc);\n    7\n}}\n");
    source(
        "return-type",
        &main,
        &[(4, 26, "`u16: Termination` is not satisfied")],
    );
}

#[test]
fn another_type_called_service_is_told_in_the_signature() {
    let main =
        "struct Service;\n\n#[svc_rt::service]\nfn main(svc: Service) {\n    drop(svc);\n}\n";
    source("another-service", main, &[(4, 14, "mismatched types")]);
}

#[test]
fn what_cannot_go_to_another_thread_is_told() {
    let main = format!(
        "{USE}fn main() {{\n    serve(std::rc::Rc::new(1));\n}}\n\n#[service]\nfn serve(svc: Service, shared: std::rc::Rc<u8>) {{\n    drop((svc, shared));\n}}\n"
    );
    source(
        "not-send",
        &main,
        &[(7, 1, "cannot be sent between threads safely")],
    );
}

#[test]
fn a_path_to_nowhere_is_told_once() {
    let main = format!(
        "{USE}#[service(crate = elsewhere::svc_rt)]\nfn main(svc: Service) {{\n    drop(svc);\n}}\n"
    );
    source("crate-nowhere", &main, &[(3, 19, "elsewhere")]);
}

#[test]
fn a_missing_tokio_is_told_at_the_word() {
    let main =
        format!("{USE}#[service(tokio)]\nasync fn main(svc: Service) {{\n    drop(svc);\n}}\n");
    source("no-tokio", &main, &[(3, 11, "tokio")]);
}

#[test]
fn the_manifest_s_mistakes_are_told_with_their_places() {
    let main = format!("{USE}#[service]\nfn main(svc: Service) {{\n    drop(svc);\n}}\n");
    let tables = "\n[package.metadata.service]\nevents = [\"relaod\"]\nsockets = [{ listen = \"tcp://[::]:80\" }]\n";
    let package = Package::new("manifest-mistakes", 2024, tables, &main);
    let errors = errors(&package);
    let place = |line, column| format!("Cargo.toml:{line}:{column}");
    expect(
        &errors,
        &[
            (3, 1, "there is no event `relaod`; did you mean `reload`?"),
            (3, 1, "a socket is a table with a `name` and a `listen`"),
        ],
    );
    assert!(
        errors[0].text.ends_with(&place(12, 11)),
        "{}",
        errors[0].text
    );
    assert!(
        errors[1].text.ends_with(&place(13, 12)),
        "{}",
        errors[1].text
    );
}

#[test]
fn nothing_is_declared_twice() {
    let main = format!(
        "{USE}#[service(events = [\"reload\"], sockets = [\"http\"])]\nfn main(svc: Service) {{\n    drop(svc);\n}}\n"
    );
    let tables = "\n[package.metadata.service]\nevents = [\"reload\"]\n";
    let errors = errors(&Package::new("declared-twice", 2024, tables, &main));
    expect(
        &errors,
        &[(
            3,
            11,
            "Cargo.toml states the `events` of this service already",
        )],
    );
}

#[test]
fn a_package_name_that_is_no_service_name_asks_for_one() {
    let main = format!("{USE}#[service]\nfn main(svc: Service) {{\n    drop(svc);\n}}\n");
    let package = Package::new("com1", 2024, "", &main);
    expect(
        &errors(&package),
        &[(
            3,
            1,
            "Windows reserves it for a device; write #[service(name = \"…\")]",
        )],
    );
}

#[test]
fn a_changed_manifest_is_read_again() {
    let main = format!("{USE}#[service]\nfn main(svc: Service) {{\n    drop(svc);\n}}\n");
    let package = Package::new("changed-manifest", 2024, "", &main);
    expect(&errors(&package), &[]);
    let right = std::fs::read_to_string(package.folder.join("Cargo.toml")).expect("a manifest");
    package.write(
        "Cargo.toml",
        &format!("{right}\n[package.metadata.service]\nevents = [\"relaod\"]\n"),
    );
    expect(&errors(&package), &[(3, 1, "relaod")]);
    package.write(
        "Cargo.toml",
        &format!("{right}\n[package.metadata.service]\nevents = [\"reload\"]\n"),
    );
    expect(&errors(&package), &[]);
}

#[test]
fn several_services_are_told_apart_by_their_binaries() {
    let main = format!("{USE}#[service]\nfn main(svc: Service) {{\n    drop(svc);\n}}\n");
    let tables = "\n[[package.metadata.service]]\nname = \"one\"\nbin = \"several\"\n\n\
                  [[package.metadata.service]]\nname = \"two\"\nbin = \"second\"\n";
    let package = Package::new("several", 2024, tables, &main);
    package.write("src/bin/second.rs", &main);
    expect(&errors(&package), &[]);
    package.write("src/bin/third.rs", &main);
    expect(
        &errors(&package),
        &[(3, 1, "no service here has `bin = \"third\"`")],
    );
    std::fs::remove_file(package.folder.join("src/bin/third.rs")).expect("the file is there");
    // A library belongs to no binary, so it has to say.
    let library = "#[svc_rt::service]\npub fn serve(svc: svc_rt::Service) {\n    drop(svc);\n}\n";
    package.write("src/lib.rs", library);
    expect(
        &errors(&package),
        &[(1, 1, "which of `one` and `two` is it?")],
    );
    package.write(
        "src/lib.rs",
        &library.replace("service]", "service(name = \"two\")]"),
    );
    expect(&errors(&package), &[]);
    std::fs::remove_file(package.folder.join("src/lib.rs")).expect("the file is there");
}

#[test]
fn edition_2021_takes_it_without_a_warning_and_without_unsafe() {
    let main = format!(
        "//! Documented.\n#![forbid(unsafe_code)]\n#![deny(warnings, missing_docs, unused, rust_2018_idioms, rust_2024_compatibility)]\n\n\
         {USE}#[service]\nfn main(svc: Service) -> Result<(), std::io::Error> {{\n    drop(svc);\n    Ok(())\n}}\n"
    );
    let package = Package::new("edition-2021", 2021, "", &main);
    expect(&errors(&package), &[]);
}

/// Other build tools than cargo compile a crate without its manifest. Here a wrapper hides it from the compiler.
#[cfg(unix)]
#[test]
fn without_a_manifest_the_attribute_has_to_state_the_name() {
    use std::os::unix::fs::PermissionsExt as _;

    let main = |arguments| {
        format!("{USE}#[service{arguments}]\nfn main(svc: Service) {{\n    drop(svc);\n}}\n")
    };
    let package = Package::new("no-manifest", 2024, "", &main(""));
    package.write(
        "hide",
        "#!/bin/sh\nexec env -u CARGO_MANIFEST_PATH -u CARGO_MANIFEST_DIR \"$@\"\n",
    );
    let wrapper = package.folder.join("hide");
    std::fs::set_permissions(&wrapper, std::fs::Permissions::from_mode(0o755)).expect("it is ours");
    let setting = format!("build.rustc-workspace-wrapper='{}'", wrapper.display());
    let errors = || told(&package.cargo(&["check", "--message-format=json", "--config", &setting]));
    expect(&errors(), &[(3, 1, "write #[service(name = \"…\")]")]);
    package.write(
        "src/main.rs",
        &main("(name = \"beacon\", events = [\"reload\"])"),
    );
    expect(&errors(), &[]);
}
