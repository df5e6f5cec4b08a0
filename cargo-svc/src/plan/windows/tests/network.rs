//! Sockets, and what the firewall lets through to them.

use super::machine::variables;
use super::*;
use crate::service::declared::{Listen, Socket};
use crate::service::systemd::RawUnit;
use crate::service::windows::{Firewall, FirewallRule as Declaration, Network, Protocol};

fn socket(service: &mut Service, name: &str, listen: Vec<Listen>) {
    service.windows.sockets.push(declared(
        "sockets",
        Socket {
            name: name.into(),
            listen: listen
                .into_iter()
                .map(|one| declared("sockets", one))
                .collect(),
            mode: None,
            systemd: RawUnit::default(),
        },
    ));
}

#[test]
fn sockets_and_the_watchdog_are_the_runtimes() {
    let mut service = beacon("beacon");
    let any = "[::]:53".parse().unwrap();
    socket(
        &mut service,
        "dns",
        vec![Listen::Udp(any), Listen::Tcp(any)],
    );
    socket(
        &mut service,
        "admin",
        vec![Listen::Tcp("127.0.0.1:8080".parse().unwrap())],
    );
    service.windows.watchdog = Some(declared("watchdog", TimeSpan::from_secs(30)));
    let plan = planned(vec![service]);
    assert_eq!(
        variables(&plan),
        [
            "SVC_SOCKETS=dns=udp://[::]:53 dns=tcp://[::]:53 admin=tcp://127.0.0.1:8080",
            "WATCHDOG_USEC=30000000",
        ]
    );
    let (message, ..) = refused(|service| socket(service, "x", vec![Listen::Unix(text("/run/x"))]));
    assert_eq!(
        message,
        "`unix:` and `unixgram:` sockets are not for Windows"
    );
}

#[test]
fn rules_open_what_others_reach() {
    let mut service = beacon("beacon");
    let any = "[::]:53".parse().unwrap();
    socket(
        &mut service,
        "dns",
        vec![Listen::Udp(any), Listen::Tcp(any)],
    );
    socket(
        &mut service,
        "admin",
        vec![Listen::Tcp("[::1]:8080".parse().unwrap())],
    );
    service.own_windows.firewall = Some(declared("firewall", Firewall::Sockets));
    let plan = planned(vec![service]);
    let rules: Vec<(&str, String)> = plan.services[0]
        .firewall
        .iter()
        .map(|rule| (rule.name.as_str(), rule.profile_words()))
        .collect();
    let profiles = || "domain,private".to_owned();
    assert_eq!(
        rules,
        [("beacon UDP 53", profiles()), ("beacon TCP 53", profiles())]
    );
    let mut service = beacon("beacon");
    let rule = |network| {
        declared(
            "firewall",
            Declaration {
                protocol: Protocol::Tcp,
                port: 80,
                profiles: vec![network],
            },
        )
    };
    service.own_windows.firewall = Some(declared(
        "firewall",
        Firewall::Rules(vec![rule(Network::Public), rule(Network::Domain)]),
    ));
    let plan = planned(vec![service]);
    let [only] = plan.services[0].firewall.as_slice() else {
        panic!("one rule for one port");
    };
    assert_eq!(only.profile_words(), "public,domain");
    let (message, ..) = refused(|service| {
        service.own_windows.firewall = Some(declared("firewall", Firewall::Sockets));
    });
    assert_eq!(message, "`firewall = true` opens nothing");
}
