//! What can be told without systemd. That the figures are its own is shown where it runs, by the end-to-end suites.

use super::table::{CHECKS, Judge};
use super::*;

type Lines = Vec<(&'static str, &'static str)>;

/// The lines of a section.
fn lines(text: &'static str) -> Lines {
    text.lines()
        .map(|line| line.trim().split_once('=').unwrap())
        .collect()
}

fn of(lines: &Lines) -> Exposure {
    assess(&Unit::new(lines))
}

/// What a finding costs; nothing if there is none.
fn cost(exposure: &Exposure, directive: &str) -> u32 {
    let mut findings = exposure.findings.iter();
    findings
        .find(|finding| finding.directive == directive)
        .map_or(0, |finding| finding.costs)
}

const HARDENED: &str = "DynamicUser=yes
    CapabilityBoundingSet=
    LockPersonality=yes
    MemoryDenyWriteExecute=yes
    NoNewPrivileges=yes
    PrivateDevices=yes
    PrivateMounts=yes
    PrivateTmp=yes
    PrivateUsers=yes
    ProcSubset=pid
    ProtectClock=yes
    ProtectControlGroups=yes
    ProtectHome=yes
    ProtectHostname=yes
    ProtectKernelLogs=yes
    ProtectKernelModules=yes
    ProtectKernelTunables=yes
    ProtectProc=invisible
    ProtectSystem=strict
    RemoveIPC=yes
    RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6
    RestrictNamespaces=yes
    RestrictRealtime=yes
    RestrictSUIDSGID=yes
    SystemCallArchitectures=native
    SystemCallFilter=@system-service
    SystemCallFilter=~@privileged @resources
    UMask=0077";

/// Units that between them have every finding, in each of its forms.
const UNITS: &[&str] = &[
    "",
    HARDENED,
    "User=root\nDynamicUser=yes",
    "User=nobody\nSupplementaryGroups=adm\nUMask=0026\nDelegate=\nNotifyAccess=all\nKeyringMode=shared",
    "User=beacon\nUMask=0002\nProtectHome=read-only\nProtectSystem=full\nProtectProc=noaccess",
    "DynamicUser=yes\nUMask=0037\nAmbientCapabilities=CAP_NET_BIND_SERVICE",
    "CapabilityBoundingSet=~CAP_SYS_ADMIN\nRestrictNamespaces=~user\nDeviceAllow=/dev/null rw\nUMask=7",
    "RestrictAddressFamilies=~AF_PACKET\nSystemCallFilter=~@clock\nSystemCallArchitectures=x86",
    "SystemCallFilter=~read\nRestrictAddressFamilies=none",
    "RestrictAddressFamilies=AF_UNIX AF_VSOCK\nSystemCallFilter=@system-service @mount\nDevicePolicy=strict",
    "IPAddressDeny=any\nIPAddressAllow=localhost\nPrivateDevices=yes\nDeviceAllow=/dev/null rw",
    "IPAddressDeny=any\nIPAddressAllow=10.0.0.0/8\nPrivateDevices=yes\nProtectClock=yes",
];

#[test]
fn a_bare_unit_is_nearly_as_exposed_as_can_be() {
    let bare = of(&Lines::new());
    assert_eq!((bare.tenths, bare.to_string().as_str()), (96, "9.6"));
    assert_eq!(of(&lines(HARDENED)).to_string(), "1.1");
}

#[test]
fn the_costs_add_up_to_the_exposure_and_the_highest_comes_first() {
    for text in UNITS {
        let exposure = of(&lines(text));
        let costs: Vec<u32> = exposure.findings.iter().map(|f| f.costs).collect();
        assert!(costs.is_sorted_by(|a, b| a >= b), "{text}");
        // Each cost is rounded up by itself.
        let (sum, tenths) = (costs.iter().sum::<u32>(), exposure.tenths);
        let lowest = sum.saturating_sub(u32::try_from(costs.len()).unwrap());
        assert!(
            lowest <= tenths * 100 && (tenths - 1) * 100 < sum,
            "{tenths} tenths, {sum} thousandths: {text}"
        );
    }
}

#[test]
fn advice_that_is_taken_lowers_the_cost() {
    let mut seen = std::collections::BTreeSet::new();
    for text in UNITS {
        let before = of(&lines(text));
        for finding in &before.findings {
            seen.insert(finding.directive);
            if finding.advice.is_empty() {
                continue;
            }
            let mut better = lines(text);
            better.extend(
                finding
                    .advice
                    .iter()
                    .map(|line| line.split_once('=').unwrap()),
            );
            let after = of(&better);
            let (directive, advice) = (finding.directive, finding.advice);
            assert!(
                cost(&after, directive) < finding.costs && after.tenths <= before.tenths,
                "{directive}: {advice:?} is no help to\n{text}"
            );
        }
    }
    let all = CHECKS.iter().map(|check| check.directive).collect();
    assert_eq!(seen, all);
}

#[test]
fn later_lines_win_and_empty_ones_reset() {
    let cost = |text, directive| cost(&of(&lines(text)), directive);
    assert_eq!(cost("PrivateTmp=no\nPrivateTmp=yes", "PrivateTmp="), 0);
    assert_ne!(cost("PrivateTmp=yes\nPrivateTmp=no", "PrivateTmp="), 0);

    let swap = "SystemCallFilter=~@swap";
    assert_eq!(cost("SystemCallFilter=@system-service", swap), 0);
    assert_ne!(
        cost("SystemCallFilter=@system-service\nSystemCallFilter=", swap),
        0
    );

    let unix = "RestrictAddressFamilies=~AF_UNIX";
    let inet = "RestrictAddressFamilies=~AF_(INET|INET6)";
    let local = "RestrictAddressFamilies=AF_UNIX\nRestrictAddressFamilies=~AF_UNIX";
    assert_eq!((cost(local, unix), cost(local, inet)), (0, 0));
    let again = "RestrictAddressFamilies=AF_UNIX\nRestrictAddressFamilies=\nRestrictAddressFamilies=~AF_UNIX";
    assert_eq!(cost(again, unix), 0);
    assert_ne!(cost(again, inet), 0);

    let admin = "CapabilityBoundingSet=~CAP_SYS_ADMIN";
    assert_eq!(cost("CapabilityBoundingSet=", admin), 0);
    assert_ne!(
        cost("CapabilityBoundingSet=\nCapabilityBoundingSet=~", admin),
        0
    );
}

#[test]
fn one_line_may_close_more_than_it_says() {
    let dynamic = of(&lines("DynamicUser=yes"));
    for implied in [
        "PrivateTmp=",
        "ProtectSystem=",
        "NoNewPrivileges=",
        "RestrictSUIDSGID=",
        "RemoveIPC=",
    ] {
        assert_eq!(cost(&dynamic, implied), 0, "{implied}");
    }
    let devices = of(&lines("PrivateDevices=yes"));
    assert_eq!(cost(&devices, "DeviceAllow="), 0);
    assert_eq!(cost(&devices, "CapabilityBoundingSet=~CAP_MKNOD"), 0);

    // The clock's device comes back with ProtectClock=, and nothing is to be done about it.
    let clock = of(&lines("PrivateDevices=yes\nProtectClock=yes"));
    let mut findings = clock.findings.iter();
    let device = findings.find(|f| f.directive == "DeviceAllow=").unwrap();
    assert!(device.advice.is_empty(), "{device:?}");
}

#[test]
fn what_does_not_apply_is_left_out() {
    let bare = Unit::new(&[]);
    let finds = |unit: &Unit, directive| cost(&assess(unit), directive) != 0;
    assert!(!finds(&bare, "RemoveIPC="), "root has no objects to leave");
    assert!(finds(&Unit::new(&[("User", "beacon")]), "RemoveIPC="));

    let early = Unit {
        default_dependencies: false,
        ..bare
    };
    assert!(finds(&bare, "ProtectHome=") && !finds(&early, "ProtectHome="));
    let of_a_user = Unit {
        user_manager: true,
        ..bare
    };
    assert!(!finds(&bare, "KeyringMode=") && finds(&of_a_user, "KeyringMode="));
}

#[test]
fn the_table_is_whole() {
    for check in CHECKS {
        let name = check.directive;
        assert!(check.weight > 0 && check.range > 0, "{name}");
        assert!(!check.description.is_empty(), "{name}");
        match check.judge {
            Judge::Level { unset, levels } => {
                assert!(levels.iter().any(|level| level.word == unset), "{name}");
                assert!(
                    levels.iter().any(|level| level.badness == check.range),
                    "{name}"
                );
            }
            Judge::Capabilities => assert_ne!(values::capabilities(check.listed()), 0, "{name}"),
            Judge::Namespace => assert!(values::namespaces(check.listed()).is_some(), "{name}"),
            Judge::Families | Judge::Calls => assert!(!check.listed().is_empty(), "{name}"),
            _ => {}
        }
    }
}
