//! What a service brings to the machine besides itself: folders, files, secrets, sockets, accounts and rules.

use super::*;
use crate::service::declared::{Credential, Directory, File, Mode};
use crate::service::{Account as Declared, Directories};

const DATA: &str = r"C:\ProgramData";
const SID: &str = "S-1-5-80-";

#[expect(
    clippy::unnecessary_wraps,
    reason = "what it makes is a field of `Directories`"
)]
pub(super) fn folder(
    path: Option<&str>,
    mode: Option<u16>,
) -> Option<crate::diagnostics::Declared<Directory>> {
    Some(declared(
        "directories",
        Directory {
            path: path.map(text),
            mode: mode.map(Mode),
        },
    ))
}

pub(super) fn with_folders() -> Service {
    let mut service = beacon("beacon");
    service.windows.directories = Directories {
        state: folder(None, None),
        config: folder(None, None),
        runtime: folder(None, None),
        ..Directories::default()
    };
    service
}

pub(super) fn to(folder: Folder, below: &str) -> Text {
    Text {
        parts: vec![Part::Folder(folder), Part::Literal(below.into())],
    }
}

pub(super) fn file(service: &mut Service, source: Option<&str>, to: Text, config: bool) {
    service.windows.files.push(declared(
        "files",
        File {
            source: source.map(|source| declared("files", source.to_owned())),
            to: declared("files", to),
            config,
            required: source.is_none(),
            mode: None,
        },
    ));
}

pub(super) fn variables(plan: &WindowsPlan) -> Vec<String> {
    plan.services[0]
        .environment
        .iter()
        .filter(|(name, _)| !name.starts_with("SVC_") || name == "SVC_SOCKETS")
        .map(|(name, value)| format!("{name}={}", value.resolved(r"C:\b", DATA)))
        .collect()
}

#[test]
fn each_folder_has_its_place_and_its_access_list() {
    let plan = planned(vec![with_folders()]);
    let folders: Vec<(String, Purpose)> = plan
        .folders
        .iter()
        .map(|folder| (folder.path.resolved("", DATA), folder.purpose))
        .collect();
    assert_eq!(
        folders,
        [
            (r"C:\ProgramData\beacon".to_owned(), Purpose::Parent),
            (
                r"C:\ProgramData\beacon\state".to_owned(),
                Purpose::Declared(Folder::State)
            ),
            (
                r"C:\ProgramData\beacon\config".to_owned(),
                Purpose::Declared(Folder::Config)
            ),
            (
                r"C:\ProgramData\beacon\run".to_owned(),
                Purpose::Declared(Folder::Runtime)
            ),
        ]
    );
    let sid = Sid::of_service("beacon");
    let access = |index: usize| plan.folders[index].access.sddl();
    let head = "O:BAG:BAD:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)";
    assert_eq!(access(0), format!("{head}(A;;0x1200a9;;;{sid})"));
    assert_eq!(access(1), format!("{head}(A;OICI;0x1301bf;;;{sid})"));
    // What configures it, it only reads.
    assert_eq!(access(2), format!("{head}(A;OICI;0x1200a9;;;{sid})"));
    assert!(sid.as_str().starts_with(SID));
    assert_eq!(
        variables(&plan),
        [
            r"CONFIGURATION_DIRECTORY=C:\ProgramData\beacon\config",
            r"RUNTIME_DIRECTORY=C:\ProgramData\beacon\run",
            r"STATE_DIRECTORY=C:\ProgramData\beacon\state",
        ]
    );
}

#[test]
fn placeholders_stand_for_the_folders() {
    let mut service = with_folders();
    service
        .windows
        .args
        .push(declared("args", to(Folder::Config, "/beacon.toml")));
    service.windows.working_dir = Some(declared("working-dir", to(Folder::State, "/x")));
    let plan = planned(vec![service]);
    let service = &plan.services[0];
    assert_eq!(
        service.registration.image_path.resolved(r"C:\b", r"D:\p d"),
        r#""C:\b\beacon.exe" "D:\p d\beacon\config/beacon.toml""#
    );
    let working = service
        .environment
        .iter()
        .find(|(name, _)| name == "SVC_WORKING_DIRECTORY");
    assert_eq!(
        working.unwrap().1.resolved("", DATA),
        r"C:\ProgramData\beacon\state/x"
    );
}

#[test]
fn services_that_share_a_folder_have_both_their_rights_there() {
    let (mut one, mut two) = (beacon("one"), beacon("two"));
    for service in [&mut one, &mut two] {
        service.windows.directories.state = folder(Some("acme/Shared"), None);
    }
    two.windows.directories.state = folder(Some("acme/shared"), Some(0o755));
    let plan = planned(vec![one, two]);
    let state = plan.folders.last().unwrap();
    assert_eq!(plan.folders.len(), 3);
    assert_eq!(
        state.path.resolved("", DATA),
        r"C:\ProgramData\acme\Shared\state"
    );
    let sddl = state.access.sddl();
    for sid in [Sid::of_service("one"), Sid::of_service("two")] {
        assert!(
            sddl.contains(&format!("(A;OICI;0x1301bf;;;{sid})")),
            "{sddl}"
        );
    }
    // The mode lets everybody read.
    assert!(sddl.contains("(A;OICI;0x1200a9;;;S-1-5-32-545)"), "{sddl}");
}

#[test]
fn folders_that_windows_cannot_make_or_that_all_may_write_are_refused() {
    for (path, reason) in [
        ("aux/x", "is the name of a DOS device"),
        ("a/b.", "ends in a dot"),
        ("a%b", "it holds '%'"),
    ] {
        let (message, ..) =
            refused(|service| service.windows.directories.state = folder(Some(path), None));
        assert!(message.contains(reason), "{message}");
    }
    let (message, ..) =
        refused(|service| service.windows.directories.state = folder(None, Some(0o777)));
    assert_eq!(
        message,
        "`directories` with the mode 0777 lets everybody write"
    );
}

#[test]
fn files_go_to_the_install_folder_and_to_what_configures_the_service() {
    let mut service = with_folders();
    file(
        &mut service,
        Some("conf/beacon.toml"),
        to(Folder::Config, "/sub/beacon.toml"),
        true,
    );
    file(
        &mut service,
        Some("page.html"),
        to(Folder::Install, "/page.html"),
        false,
    );
    file(&mut service, None, to(Folder::Config, "/license"), false);
    let plan = planned(vec![service]);
    let files: Vec<(&str, String, bool)> = plan
        .files
        .iter()
        .map(|file| {
            (
                file.source.as_str(),
                file.to.resolved(r"C:\b", DATA),
                file.config,
            )
        })
        .collect();
    assert_eq!(
        files,
        [
            (
                "conf/beacon.toml",
                r"C:\ProgramData\beacon\config\sub\beacon.toml".to_owned(),
                true
            ),
            ("page.html", r"C:\b\page.html".to_owned(), false),
        ]
    );
    let needs: Vec<String> = plan.services[0]
        .needs
        .iter()
        .map(|need| need.path.resolved("", DATA))
        .collect();
    assert_eq!(needs, [r"C:\ProgramData\beacon\config\license"]);
    let starts = plan
        .steps
        .iter()
        .any(|step| matches!(&step.action, Action::Start { needs, .. } if needs.len() == 1));
    assert!(starts, "{:#?}", plan.steps);
}

#[test]
fn a_mode_that_only_root_may_read_is_kept() {
    let mut service = with_folders();
    file(&mut service, Some("a"), to(Folder::Config, "/a"), false);
    service.windows.files[0].value.mode = Some(Mode(0o640));
    let plan = planned(vec![service]);
    assert_eq!(plan.files[0].sddl, Some(Access::PRIVATE_FILE));
}

#[test]
fn files_that_get_in_the_way_are_refused() {
    let (message, ..) = refused(|service| {
        file(
            service,
            Some("a"),
            to(Folder::Install, "/Beacon.EXE"),
            false,
        );
    });
    assert_eq!(
        message,
        "`files` cannot go to `Beacon.EXE` in the install folder"
    );
    let (message, ..) = refused(|service| {
        file(
            service,
            Some("a"),
            to(Folder::Install, "/receipt.txt.new"),
            false,
        );
    });
    assert!(message.contains("`receipt.txt.new`"), "{message}");
    let (message, ..) = refused(|service| {
        file(service, Some("a"), to(Folder::Install, "/x"), false);
        file(service, Some("b"), to(Folder::Install, "/X"), false);
    });
    assert_eq!(message, "two files go to `X`");
    let (message, ..) =
        refused(|service| file(service, Some("a"), to(Folder::Install, "/con.txt"), false));
    assert!(message.contains("DOS device"), "{message}");
    let (message, ..) = refused(|service| {
        service.windows.directories.state = folder(None, None);
        file(service, Some("a"), to(Folder::State, "/x"), false);
    });
    assert_eq!(message, "nothing can be installed to `{state-dir}`");
}

#[test]
fn secrets_have_a_folder_that_the_service_reads() {
    let mut service = beacon("beacon");
    for (name, required) in [("token", true), ("key", false)] {
        service.windows.credentials.push(declared(
            "credentials",
            Credential {
                name: name.into(),
                required,
            },
        ));
    }
    let plan = planned(vec![service]);
    assert_eq!(
        variables(&plan),
        [r"CREDENTIALS_DIRECTORY=C:\ProgramData\beacon\credentials"]
    );
    assert_eq!(plan.folders[1].purpose, Purpose::Credentials);
    let [need] = plan.services[0].needs.as_slice() else {
        panic!("{:#?}", plan.services[0].needs);
    };
    assert_eq!(need.credential.as_deref(), Some("token"));
    assert_eq!(
        need.path.resolved("", DATA),
        r"C:\ProgramData\beacon\credentials\token"
    );
    let (message, ..) = refused(|service| {
        service.windows.credentials.push(declared(
            "credentials",
            Credential {
                name: "nul".into(),
                required: false,
            },
        ));
    });
    assert!(message.contains("DOS device"), "{message}");
}

#[test]
fn a_named_account_needs_the_right_and_mostly_a_password() {
    for (name, password) in [
        (r".\beacon", true),
        ("beacon@example.org", true),
        (r"EXAMPLE\beacon$", false),
    ] {
        let mut service = beacon("beacon");
        service.windows.account = Some(declared("account", Declared::Named(name.into())));
        let plan = planned(vec![service]);
        let account = &plan.services[0].account;
        assert_eq!(account.name("beacon"), name);
        assert_eq!(account.needs_password(), password);
        let right = plan
            .steps
            .iter()
            .position(|step| matches!(step.action, Action::LogonRight { .. }));
        let set = plan
            .steps
            .iter()
            .position(|step| matches!(step.action, Action::Account { .. }));
        assert!(right.is_some() && right < set);
    }
}

#[test]
fn an_account_of_others_needs_the_services_sid_for_its_folders() {
    let (message, ..) = refused(|service| {
        service.windows.account = Some(declared("account", Declared::LocalService));
        service.windows.directories.state = folder(None, None);
        service.own_windows.sid_type = Some(declared("sid-type", SidType::None));
    });
    assert_eq!(
        message,
        "`sid-type = \"none\"` would shut the service out of its own folders"
    );
}

#[test]
fn a_package_goes_to_one_folder() {
    let (mut one, mut two) = (beacon("one"), beacon("two"));
    let place = |path: &str| Some(declared("install-dir", path.to_owned()));
    one.own_windows.install_dir = place(r"Example\Beacon");
    let plan = planned(vec![one.clone(), two.clone()]);
    assert_eq!(
        plan.install_dir,
        InstallDir::BelowPrograms(r"Example\Beacon".into())
    );
    two.own_windows.install_dir = place(r"D:\Beacon");
    let alone = planned(vec![two.clone()]);
    assert_eq!(alone.install_dir, InstallDir::Fixed(r"D:\Beacon".into()));
    let mut report = Report::default();
    assert!(plan_of(vec![one, two], &mut report).is_none());
    assert_eq!(
        report.diagnostics()[0].message,
        "the services of a package have one `install-dir`"
    );
}

fn plan_of(services: Vec<Service>, report: &mut Report) -> Option<WindowsPlan> {
    plan(&package(services), report)
}
