use super::*;
use crate::diagnostics::Report;
use crate::plan::systemd::sample::{declared, package, service, text as literal};
use crate::service::{EnvName, Folder, Part, Service, Text};

/// A service whose values need every rule of the escapers.
pub(crate) fn awkward() -> Service {
    let mut service = service("beacon");
    let keys = &mut service.windows;
    keys.working_dir = Some(declared(
        "working-dir",
        Text {
            parts: vec![Part::Folder(Folder::Install)],
        },
    ));
    keys.display_name = Some(declared("display-name", "Beacon & \"Co\" (50%)".into()));
    for arg in [
        "--fmt",
        "a \"b & c\" | <d> ^e^ (f) !g! 100%",
        r"C:\x y\",
        "é☃😀",
        "",
        "'q' ’",
    ] {
        keys.args.push(declared("args", literal(arg)));
    }
    for (name, value) in [
        ("A", "50% & 60% \"x\" \\"),
        ("RUST_LOG", "info"),
        ("PIPE", "a;b"),
    ] {
        keys.environment.insert(
            EnvName::parse(name).unwrap(),
            declared("environment", literal(value)),
        );
    }
    service
}

pub(crate) fn rendered(services: Vec<Service>) -> Vec<Artifact> {
    let mut report = Report::default();
    let plan = crate::plan::windows::plan(&package(services), &mut report);
    assert_eq!(report.diagnostics(), []);
    scripts(&plan.unwrap())
}

#[test]
fn scripts_end_their_lines_as_windows_does() {
    for artifact in rendered(vec![awkward()]) {
        let text = String::from_utf8(artifact.contents).unwrap();
        assert!(text.ends_with("\r\n"), "{}", artifact.path);
        assert_eq!(
            text.matches('\n').count(),
            text.matches("\r\n").count(),
            "{}",
            artifact.path
        );
        assert!(
            text.lines().all(|line| line.len() < 8191),
            "{}",
            artifact.path
        );
    }
}
