//! What the profile and the `windows` table have the service control manager keep.

use super::*;

fn hardened(profile: Profile) -> Service {
    let mut service = beacon("beacon");
    service.windows.hardening = Some(declared(
        "hardening",
        Hardening {
            profile,
            without: Vec::new(),
        },
    ));
    service
}

fn token(service: Service) -> Token {
    planned(vec![service]).services.remove(0).token
}

#[test]
fn a_profile_decides_what_the_process_may_do() {
    let privileges = || Some(vec!["SeChangeNotifyPrivilege".to_owned()]);
    let strict = token(hardened(Profile::Strict));
    assert_eq!(
        (strict.sid_type, strict.privileges),
        (SidType::Restricted, privileges())
    );
    let standard = token(hardened(Profile::Standard));
    assert_eq!(
        (standard.sid_type, standard.privileges),
        (SidType::Unrestricted, privileges())
    );
    assert_eq!(token(hardened(Profile::Off)).privileges, None);
    let mut system = hardened(Profile::Standard);
    system.windows.account = Some(declared("account", crate::service::Account::System));
    assert_eq!(token(system).privileges, None);
}

#[test]
fn the_windows_table_counts_before_the_profile() {
    let mut service = hardened(Profile::Strict);
    service.own_windows.sid_type = Some(declared("sid-type", SidType::None));
    let names = vec![declared("privileges", "SeTcbPrivilege".to_owned())];
    service.own_windows.privileges = Some(declared("privileges", Some(names)));
    let found = token(service);
    assert_eq!(found.sid_type, SidType::None);
    assert_eq!(found.privileges, Some(vec!["SeTcbPrivilege".to_owned()]));
    let mut service = hardened(Profile::Strict);
    service.own_windows.privileges = Some(declared("privileges", None));
    assert_eq!(token(service).privileges, None);
}

#[test]
fn the_windows_table_says_what_the_manager_keeps() {
    let mut service = beacon("beacon");
    service.windows.account = Some(declared("account", crate::service::Account::NetworkService));
    let own = &mut service.own_windows;
    own.delayed_start = Some(declared("delayed-start", true));
    own.depends = vec![
        declared("depends", "+Network".to_owned()),
        declared("depends", "Dnscache".to_owned()),
    ];
    let minute = TimeSpan::from_secs(60);
    own.preshutdown_timeout = Some(declared("preshutdown-timeout", minute));
    own.failure_actions = Some(declared(
        "failure-actions",
        FailureActions {
            reset: TimeSpan::from_secs(3600),
            actions: vec![
                (FailureWord::Restart, TimeSpan::from_secs(1)),
                (FailureWord::Reboot, minute),
            ],
            on_error: false,
        },
    ));
    own.event_log = Some(declared("event-log", None));
    let plan = planned(vec![service]);
    let sources = |step: &&Step| matches!(step.action, Action::EventSource { .. });
    assert_eq!(plan.steps.iter().filter(sources).count(), 0);
    let service = &plan.services[0];
    assert_eq!(
        service.account.name("beacon"),
        r"NT AUTHORITY\NetworkService"
    );
    assert_eq!(service.start.word(), "delayed-auto");
    assert_eq!(service.registration.dependencies, ["+Network", "Dnscache"]);
    assert_eq!(service.preshutdown, Some(60_000));
    let recovery = service.recovery.clone().unwrap();
    assert_eq!(recovery.words(), "restart/1000/reboot/60000");
    assert_eq!(
        recovery.registry_hex(),
        "100E00000000000000000000020000001400000001000000E80300000200000060EA0000"
    );
    assert!(!recovery.on_error);
}

#[test]
fn what_does_not_go_together_is_refused() {
    let (message, ..) = refused(|service| {
        service.own_windows.delayed_start = Some(declared("delayed-start", true));
        service.windows.start = Some(declared("start", crate::service::Start::Manual));
    });
    assert_eq!(
        message,
        "`delayed-start` is for services that start with the machine"
    );
    let (message, ..) = refused(|service| {
        service.own_windows.depends = vec![declared("depends", "BEACON".to_owned())];
    });
    assert_eq!(message, "`depends` names the service itself");
    let (message, ..) = refused(|service| {
        service.own_windows.event_log = Some(declared("event-log", Some(text("beacon.dll"))));
    });
    assert_eq!(message, "`event-log` is not the whole path of a file");
}
