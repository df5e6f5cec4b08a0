//! What a service takes from its package, and how the services of one refer to each other.

use super::*;

#[test]
fn several_services_need_name_and_bin_and_refer_to_each_other() {
    let tables = r#"
        [[bin]]
        name = "one"
        [[bin]]
        name = "two"
        [[package.metadata.service]]
        name = "first"
        bin = "one"
        [package.metadata.service.windows]
        name = "First-W"
        [[package.metadata.service]]
        name = "second"
        bin = "two"
        requires = ["first"]
        after = ["first", "network", "first"]
    "#;
    let package = package(tables);
    let second = &package.services[1];
    assert_eq!(second.systemd.requires[0].value.as_str(), "first");
    assert_eq!(second.windows.requires[0].value.as_str(), "First-W");
    assert_eq!(second.systemd.after.len(), 2);
    let missing = errors(
        &tables
            .replace("name = \"first\"", "")
            .replace("bin = \"two\"", ""),
    );
    assert_eq!(missing.len(), 2, "{missing:#?}");
    assert!(
        missing[0].contains("[0]: `name` is missing"),
        "{missing:#?}"
    );
    assert!(missing[1].contains("[1]: `bin` is missing"), "{missing:#?}");
    let twin = one_error(
        &tables
            .replace("name = \"first\"", "name = \"SECOND\"")
            .replace("\"first\"", "\"SECOND\"")
            .replace("name = \"First-W\"", ""),
    );
    assert!(twin.contains("two services are called"), "{twin}");
    let unknown = one_error(&tables.replace("requires = [\"first\"]", "requires = [\"frist\"]"));
    assert!(
        unknown.contains("requires: no service `frist` in this package: did you mean `first`?"),
        "{unknown}"
    );
    let itself = one_error(&tables.replace("requires = [\"first\"]", "requires = [\"second\"]"));
    assert!(itself.contains("`second` refers to itself"), "{itself}");
    let cycle = one_error(&tables.replace("bin = \"one\"", "bin = \"one\"\nafter = [\"second\"]"));
    assert!(
        cycle.contains("services wait for each other: first → second → first"),
        "{cycle}"
    );
}

#[test]
fn the_binary_is_found_or_asked_for() {
    let two = "[[bin]]\nname = \"one\"\n[[bin]]\nname = \"two\"\n[package.metadata.service]\n";
    let error = one_error(two);
    assert!(error.contains("several binaries"), "{error}");
    let error = one_error(&format!("{two}bin = \"tow\""));
    assert!(
        error.contains("has no binary `tow`: did you mean `two`?"),
        "{error}"
    );
    assert_eq!(
        package(&format!("{two}bin = \"two\"")).services[0]
            .windows
            .bin
            .value,
        "two"
    );
    let run = package(&format!("default-run = \"two\"\n{two}"));
    assert_eq!(run.services[0].systemd.bin.value, "two");
    let per_target = package(&format!("{two}bin = \"one\"\nwindows.bin = \"two\""));
    assert_eq!(per_target.services[0].systemd.bin.value, "one");
    assert_eq!(per_target.services[0].windows.bin.value, "two");
}

#[test]
fn the_runtime_is_found_under_any_name() {
    for (dependency, expected) in [
        ("svc-rt = \"0.1\"", true),
        (
            "service = { package = \"svc-rt\", version = \"0.1\" }",
            true,
        ),
        ("svc-rt = { package = \"other\", version = \"1\" }", false),
    ] {
        let package = package(&format!(
            "[dependencies]\n{dependency}\n[package.metadata.service]"
        ));
        assert_eq!(
            !package.services[0].uses_runtime.is_empty(),
            expected,
            "{dependency}"
        );
    }
}

#[test]
fn texts_come_from_the_package_on_one_line() {
    let head = "[package]\nname = \"beacon\"\ndescription = \"\"\"\n  Two\n  lines. \"\"\"\nhomepage = \"https://example.org/\"\n\
        documentation = \"https://example.org/\"\n[package.metadata.service]\n";
    let package = resolve(head).expect("the text is right");
    let target = &package.services[0].systemd;
    let description = target.description.as_ref().expect("the package has one");
    assert_eq!(description.value, "Two lines.");
    assert_eq!(
        description.place().expect("it stands there").key,
        "package.description"
    );
    assert_eq!(target.documentation.len(), 1);
    let errors = resolve(&head.replace("https://example.org/\"\n[", "example.org\"\n["))
        .expect_err("no URL");
    assert!(
        errors[0].contains("cannot be the service's `documentation`"),
        "{errors:#?}"
    );
}

#[test]
fn windows_has_no_synchronised_clock() {
    let error = one_error("[package.metadata.service]\nafter = [\"network\", \"time-sync\"]\n");
    assert!(
        error.contains("after: `after = [\"time-sync\"]` cannot be carried out on Windows"),
        "{error}"
    );
}

#[test]
fn a_service_may_not_be_called_like_what_a_machine_provides() {
    let tables = "[[package.metadata.service]]\nname = \"network\"\nbin = \"beacon\"\n\
        [[package.metadata.service]]\nname = \"x\"\nbin = \"beacon\"\nafter = [\"network\"]\n";
    let error = one_error(tables);
    assert!(error.contains("`network` could mean two things"), "{error}");
    package(&tables.replace("after", "requires"));
}

#[test]
fn a_cycle_is_shown_where_it_begins() {
    let service = |name: &str, keys: &str| {
        format!("[[package.metadata.service]]\nname = \"{name}\"\nbin = \"beacon\"\n{keys}\n")
    };
    let tables = [
        service("alone", ""),
        service("one", "after = [\"alone\", \"two\"]"),
        service("two", "requires = [\"three\"]"),
        service("three", "after = [\"two\"]"),
    ];
    let error = one_error(&tables.concat());
    assert!(
        error.starts_with("package.metadata.service[2].requires:"),
        "{error}"
    );
    assert!(error.contains("two → three → two"), "{error}");
}
