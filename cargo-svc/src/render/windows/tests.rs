use super::*;
use crate::diagnostics::Report;
use crate::plan::systemd::sample::{declared, package, service, text as literal};
use crate::render::{Artifact, gathered};
use crate::service::declared::{Credential, Directory, File, Listen, Mode, Socket};
use crate::service::systemd::RawUnit;
use crate::service::windows::Firewall;
use crate::service::{Account, Directories, EnvName, Folder, Part, Service, Start, Text};

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

/// A service that declares everything that a package can bring.
pub(crate) fn full(name: &str) -> Service {
    let mut service = service(name);
    service.windows.working_dir = None;
    let keys = &mut service.windows;
    let folder = |path: Option<&str>, mode| {
        let path = path.map(literal);
        Some(declared("directories", Directory { path, mode }))
    };
    keys.directories = Directories {
        state: folder(None, None),
        cache: folder(Some("it's/shared & co"), None),
        logs: folder(None, Some(Mode(0o755))),
        config: folder(None, None),
        runtime: folder(None, None),
    };
    let file = |source: &str, folder, below: &str, config, mode| {
        let to = Text {
            parts: vec![Part::Folder(folder), Part::Literal(below.into())],
        };
        declared(
            "files",
            File {
                source: Some(declared("files", source.to_owned())),
                to: declared("files", to),
                config,
                required: config,
                mode,
            },
        )
    };
    keys.files = vec![
        file("a.toml", Folder::Config, "/b's/a.toml", true, None),
        file(
            "d/e & f",
            Folder::Install,
            "/d/e & f",
            false,
            Some(Mode(0o600)),
        ),
        file("g", Folder::Config, "/g", false, None),
        file("h", Folder::Install, "/h", true, None),
    ];
    keys.credentials = vec![declared(
        "credentials",
        Credential {
            name: "token".into(),
            required: true,
        },
    )];
    keys.sockets = vec![declared(
        "sockets",
        Socket {
            name: "http".into(),
            listen: vec![declared(
                "sockets",
                Listen::Tcp("[::]:8080".parse().unwrap()),
            )],
            mode: None,
            systemd: RawUnit::default(),
        },
    )];
    keys.account = Some(declared("account", Account::Named(r".\it's me".into())));
    let own = &mut service.own_windows;
    own.firewall = Some(declared("firewall", Firewall::Sockets));
    own.install_dir = Some(declared("install-dir", r"It's\here".into()));
    service
}

pub(crate) fn rendered(services: Vec<Service>) -> Vec<Artifact> {
    let mut report = Report::default();
    let plan = crate::plan::windows::plan(&package(services), &mut report);
    assert_eq!(report.diagnostics(), []);
    gathered(|files| scripts(&plan.unwrap(), files))
}

#[test]
fn scripts_end_their_lines_as_windows_does() {
    for artifact in rendered(vec![awkward()])
        .into_iter()
        .chain(rendered(vec![full("beacon")]))
    {
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

#[test]
fn every_jump_of_a_batch_file_has_its_label() {
    let mut second = awkward();
    second.windows.name = declared(
        "name",
        crate::service::ServiceName::parse("second").unwrap(),
    );
    second.windows.display_name = None;
    for artifact in rendered(vec![awkward(), second])
        .into_iter()
        .chain(rendered(vec![full("beacon"), full("second")]))
    {
        if !matches!(artifact.kind, Kind::InstallCmd | Kind::UninstallCmd) {
            continue;
        }
        let text = String::from_utf8(artifact.contents).unwrap();
        let labels: Vec<&str> = text
            .lines()
            .filter_map(|line| line.strip_prefix(':'))
            .collect();
        for jump in ["call :", "goto :"] {
            for target in text.split(jump).skip(1) {
                let target = target.split_whitespace().next().unwrap_or_default();
                // `names_%1` is one label for each service.
                let known = match target.strip_suffix("%1") {
                    Some(stem) => ["1", "2"]
                        .iter()
                        .all(|n| labels.contains(&format!("{stem}{n}").as_str())),
                    None => labels.contains(&target),
                };
                assert!(known, "{}: {jump}{target}", artifact.path);
            }
        }
        for (index, label) in labels.iter().enumerate() {
            assert!(
                !labels[..index].contains(label),
                "{}: two :{label}",
                artifact.path
            );
        }
    }
}

#[test]
fn a_dry_run_says_of_each_service_whether_it_is_started() {
    let mut manual = service("second");
    manual.windows.start = Some(declared("start", Start::Manual));
    let mut both = vec![service("beacon"), manual];
    for service in &mut both {
        service.windows.working_dir = None;
    }
    let artifacts = rendered(both);
    let script = artifacts
        .into_iter()
        .find(|artifact| artifact.kind == Kind::InstallCmd);
    let text = String::from_utf8(script.unwrap().contents).unwrap();
    for line in [
        "if not defined EXISTS_1 echo   the service beacon is made and started",
        "if not defined EXISTS_2 echo   the service second is made",
    ] {
        assert!(text.lines().any(|found| found == line), "{line}: {text}");
    }
}

#[test]
fn services_of_the_old_version_go_after_everything_that_can_fail() {
    let artifacts = rendered(vec![awkward()]);
    let order = |kind, last_writing: &str, removing: &str| {
        let artifact = artifacts.iter().find(|artifact| artifact.kind == kind);
        let text = String::from_utf8(artifact.unwrap().contents.clone()).unwrap();
        let place = |line: &str| text.lines().position(|found| found.trim() == line);
        assert!(
            place(last_writing).is_some() && place(last_writing) < place(removing),
            "{text}"
        );
    };
    order(
        Kind::InstallCmd,
        "call :write_entry",
        "for %%S in (%OLD_SERVICES%) do call :remove_service %%S",
    );
    order(
        Kind::InstallPs1,
        "Write-Entry",
        "foreach ($Name in $OldServices) { Remove-OneService $Name }",
    );
}
