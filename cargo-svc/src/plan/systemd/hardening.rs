//! The hardening profiles: which directives each writes, and whom they do not fit.
//!
//! The budgets, measured with `systemd-analyze security --offline=true` of version 252: `strict` at most 1.2, `standard` at
//! most 2.0 for a service with an account of its own.

use super::Placement;
use super::exposure;
use super::unit::{Directive, Placed, Section, SectionName, UnitFile, Value};
use crate::diagnostics::{Declared, Diagnostic, Place};
use crate::manifest::keys::nearest;
use crate::service::systemd::Scope;
use crate::service::{Account, Profile, Service};

use super::build::accounts::runs_as_root;
use super::check::Check;

/// A line of the profiles.
#[derive(Debug)]
pub struct Measure {
    /// The directive.
    pub key: &'static str,
    /// Its value under `strict`, if that has it.
    pub strict: Option<&'static str>,
    /// Its value under `standard`, if that has it.
    pub standard: Option<&'static str>,
    /// What a service must not be for it.
    pub unfit: &'static [Unfit],
}

/// What a directive does not fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unfit {
    /// A service that administers the machine: it would lose what it runs as root for.
    Root,
    /// A service of a user's manager, which has not the right to set it up (seen on 252: the start ends with 218).
    User,
    /// A service with capabilities: they would be void.
    Capabilities,
    /// A service of which something lies below /home, /root or /run/user: it would not see it.
    AtHome,
    /// Any other.
    NotAtHome,
    /// A service of which something lies in /tmp or /var/tmp: it would see others of its own.
    InTmp,
}

use Unfit::{AtHome, Capabilities, InTmp, NotAtHome, Root, User};

const fn both(key: &'static str, value: &'static str, unfit: &'static [Unfit]) -> Measure {
    Measure {
        key,
        strict: Some(value),
        standard: Some(value),
        unfit,
    }
}

/// All of them, in the order in which they are written. Values are systemd's own words: nothing in them needs an escape.
pub const MEASURES: &[Measure] = &[
    both("CapabilityBoundingSet", "", &[Root, User, Capabilities]),
    both("LockPersonality", "yes", &[]),
    // Programs that compile at run time cannot live with it.
    Measure {
        key: "MemoryDenyWriteExecute",
        strict: Some("yes"),
        standard: None,
        unfit: &[],
    },
    both("NoNewPrivileges", "yes", &[]),
    both("PrivateDevices", "yes", &[User]),
    both("PrivateMounts", "yes", &[User]),
    both("PrivateTmp", "yes", &[User, InTmp]),
    both("PrivateUsers", "yes", &[Root, User, Capabilities]),
    // Hides /proc/meminfo and its kin, which allocators and run times read.
    Measure {
        key: "ProcSubset",
        strict: Some("pid"),
        standard: None,
        unfit: &[User],
    },
    both("ProtectClock", "yes", &[User]),
    both("ProtectControlGroups", "yes", &[User]),
    both("ProtectHome", "yes", &[User, AtHome]),
    // What the service may write of it is open for it all the same.
    both("ProtectHome", "read-only", &[User, NotAtHome]),
    both("ProtectHostname", "yes", &[User]),
    both("ProtectKernelLogs", "yes", &[User]),
    both("ProtectKernelModules", "yes", &[User]),
    both("ProtectKernelTunables", "yes", &[User]),
    both("ProtectProc", "invisible", &[User]),
    both("ProtectSystem", "strict", &[User]),
    both("RemoveIPC", "yes", &[Root, User]),
    // getifaddrs(3) and name resolution ask over netlink.
    Measure {
        key: "RestrictAddressFamilies",
        strict: Some("AF_UNIX AF_INET AF_INET6"),
        standard: Some("AF_UNIX AF_INET AF_INET6 AF_NETLINK"),
        unfit: &[],
    },
    both("RestrictNamespaces", "yes", &[]),
    both("RestrictRealtime", "yes", &[]),
    both("RestrictSUIDSGID", "yes", &[]),
    both("SystemCallArchitectures", "native", &[]),
    // A refused call is an error that the program can report, not its death.
    both("SystemCallErrorNumber", "EPERM", &[]),
    both("SystemCallFilter", "@system-service", &[]),
    // Thread pools that set priorities or affinities call @resources.
    Measure {
        key: "SystemCallFilter",
        strict: Some("~@privileged @resources"),
        standard: Some("~@privileged"),
        unfit: &[Root],
    },
    both("UMask", "0077", &[]),
];

/// Writes the lines of a service's profile.
pub(super) fn write(service: &Service, section: &mut Section, check: &mut Check) {
    let Some(hardening) = &service.systemd.hardening else {
        return;
    };
    for name in &hardening.value.without {
        if MEASURES.iter().any(|measure| measure.key == name.value) {
            continue;
        }
        let found =
            Diagnostic::error(format!("no profile writes `{}`", name.value)).at(name.place());
        let keys = MEASURES.iter().map(|measure| measure.key);
        check.refuse(match nearest(&name.value, keys) {
            Some(near) => found.label(format!("did you mean `{near}`?")),
            None => found
                .label("`without` names directives that the profile would write")
                .help("a directive of your own goes into `[package.metadata.service.systemd.service]`"),
        });
    }
    let lines: Vec<_> = measures(service, section, hardening.value.profile).collect();
    for (key, value) in lines {
        let mut without = hardening.value.without.iter();
        if !without.any(|name| name.value == key) {
            section.directives.push(Directive {
                key: key.into(),
                value: Value::Raw(value.into()),
                profile: Some(hardening.value.profile),
                remark: None,
            });
        }
    }
}

/// Says what each directive costs that a profile was told to leave out.
pub(super) fn tell_costs(service: &Service, unit: &UnitFile, check: &mut Check) {
    let Some(hardening) = &service.systemd.hardening else {
        return;
    };
    if hardening.value.without.is_empty() {
        return;
    }
    let now = exposure::of(unit, service.own_systemd.scope.value);
    for name in &hardening.value.without {
        let mut with = unit.clone();
        let section = with.section_mut(SectionName::Service);
        let lines = measures(service, section, hardening.value.profile);
        let lines: Vec<_> = lines.filter(|(key, _)| *key == name.value).collect();
        if lines.is_empty() {
            // What no profile writes was refused.
            if !MEASURES.iter().any(|measure| measure.key == name.value) {
                continue;
            }
            let profile = hardening.value.profile.word();
            check.note(
                Diagnostic::note(format!(
                    "`without` names `{}`, which the profile `{profile}` does not write into `{}`",
                    name.value, unit.file_name
                ))
                .at(name.place())
                .label("nothing is left out for it"),
            );
            continue;
        }
        for (key, value) in lines {
            section.push(key, Value::Raw(value.into()));
        }
        let before = exposure::of(&with, service.own_systemd.scope.value);
        // systemd shows tenths: two alike would read as if it cost nothing.
        let with = if before.tenths == now.tenths {
            "less than 0.1 lower".to_owned()
        } else {
            before.to_string()
        };
        check.note(
            Diagnostic::note(format!(
                "without `{}` the exposure of `{}` is {now}, with it {with}",
                name.value, unit.file_name
            ))
            .at(name.place())
            .label("left out of the profile"),
        );
    }
}

/// The lines of a profile that fit a service, whose other lines stand in `section`, each with its value.
fn measures(
    service: &Service,
    section: &Section,
    profile: Profile,
) -> impl Iterator<Item = (&'static str, &'static str)> + use<> {
    let own = &service.own_systemd;
    let user = own.scope.value == Scope::User;
    let root = runs_as_root(service);
    let capabilities = !own.capabilities.is_empty();
    let declared = declared(service, section);
    let at_home = declared.iter().any(|one| is_at_home(&one.path));
    let in_tmp = declared.iter().any(|one| is_in_tmp(&one.path));
    let is = move |unfit: &Unfit| match unfit {
        Root => root,
        User => user,
        Capabilities => capabilities,
        AtHome => at_home,
        NotAtHome => !at_home,
        InTmp => in_tmp,
    };
    MEASURES
        .iter()
        .filter(move |measure| !measure.unfit.iter().any(is))
        .filter_map(move |measure| {
            let value = match profile {
                Profile::Strict => measure.strict,
                Profile::Standard => measure.standard,
                Profile::Off => None,
            };
            Some((measure.key, value?))
        })
}

/// A path of the machine's that is declared.
struct Declaration<'a> {
    key: &'static str,
    place: Option<&'a Place>,
    path: String,
}

/// Where the program lies, where it works, and what it may write, as these lines say it. Raw lines are not looked at: whoever writes
/// those writes the profile's, too. Files go below folders that the profiles leave alone.
fn declared<'a>(service: &'a Service, section: &Section) -> Vec<Declaration<'a>> {
    let own = &service.own_systemd;
    let one = |key, place, placed: &Placed| Declaration {
        key,
        place,
        path: placed.with_prefix(Placement::WIDEST.prefix()),
    };
    let mut all = Vec::new();
    for line in &section.directives {
        match (&*line.key, &line.value) {
            ("ExecStart", Value::Command { program, .. }) => {
                let place = own.bin_dir.as_ref().and_then(Declared::place);
                all.push(one("bin-dir", place, program));
            }
            ("WorkingDirectory", Value::Path(path)) => {
                let place = service.systemd.working_dir.as_ref();
                all.push(one("working-dir", place.and_then(Declared::place), path));
            }
            ("ReadWritePaths", Value::Words(paths)) => {
                let typed = own.writable.iter().zip(paths);
                all.extend(typed.map(|(typed, path)| one("writable", typed.place(), path)));
            }
            _ => {}
        }
    }
    all
}

fn is_at_home(path: &str) -> bool {
    ["/home", "/root", "/run/user"].into_iter().any(|home| {
        path.strip_prefix(home)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    })
}

/// Whether a path is in one of these folders. The folders themselves are there for the service, as its own.
fn is_in_tmp(path: &str) -> bool {
    ["/tmp/", "/var/tmp/"]
        .into_iter()
        .any(|tmp| path.strip_prefix(tmp).is_some_and(|rest| !rest.is_empty()))
}

/// Refuses what an account of the service's own could never reach: its /tmp and /var/tmp are private, which nothing undoes
/// (systemd.exec(5), `DynamicUser=`).
pub(super) fn refuse_foreign_tmp(service: &Service, section: &Section, check: &mut Check) {
    let account = service.systemd.account.as_ref();
    let is_dynamic = account.is_some_and(|account| account.value == Account::Dynamic);
    if !is_dynamic || service.own_systemd.scope.value == Scope::User {
        return;
    }
    let declared = declared(service, section).into_iter();
    for Declaration { key, place, path } in declared.filter(|one| is_in_tmp(&one.path)) {
        check.refuse(
            Diagnostic::error(format!("`{key}` means `{path}`, which the service cannot see under systemd"))
                .at(place)
                .label("with an account of its own it has a /tmp and a /var/tmp of its own, too")
                .help("use `cache`, `state` or `runtime` of `directories`, or write `account = { user = \"…\" }` under `systemd`")
                .rests_on(&["account"]),
        );
    }
}
