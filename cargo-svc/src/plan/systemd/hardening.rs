//! The hardening profiles: which directives each writes, and whom they do not fit.
//!
//! The budgets, measured with `systemd-analyze security --offline=true` of version 252: `strict` at most 1.2, `standard` at
//! most 2.0 for a service with an account of its own.

use super::exposure;
use super::unit::{Directive, Piece, Placed, Section, SectionName, UnitFile, Value};
use crate::diagnostics::{Declared, Diagnostic};
use crate::manifest::keys::nearest;
use crate::service::systemd::Scope;
use crate::service::{Account, Part, Profile, Service, Text};

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
    let at_home = any_path(service, section, is_at_home);
    let in_tmp = any_path(service, section, is_in_tmp);
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

/// Whether something of what is declared is at such a path: the program, where it works, what it may write, its files. Raw lines
/// are not looked at: whoever writes those writes the profile's, too.
fn any_path(service: &Service, section: &Section, is: impl Fn(&str) -> bool) -> bool {
    let is_placed =
        |placed: &Placed| matches!(placed.pieces.first(), Some(Piece::Literal(path)) if is(path));
    let of_section = |line: &Directive| match (&*line.key, &line.value) {
        ("ExecStart", Value::Command { program, .. }) => is_placed(program),
        ("WorkingDirectory", Value::Path(path)) => is_placed(path),
        ("ReadWritePaths", Value::Words(paths)) => paths.iter().any(is_placed),
        _ => false,
    };
    section.directives.iter().any(of_section)
        || service
            .systemd
            .files
            .iter()
            .any(|file| literal(&file.value.to).is_some_and(&is))
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

fn literal(text: &Declared<Text>) -> Option<&str> {
    match text.value.parts.first() {
        Some(Part::Literal(path)) => Some(path),
        _ => None,
    }
}

/// Refuses what an account of the service's own could never reach: its /tmp and /var/tmp are private, which nothing undoes
/// (systemd.exec(5), `DynamicUser=`).
pub(super) fn refuse_foreign_tmp(service: &Service, check: &mut Check) {
    let own = &service.own_systemd;
    let account = service.systemd.account.as_ref();
    if own.scope.value == Scope::User
        || account.is_none_or(|account| account.value != Account::Dynamic)
    {
        return;
    }
    let writable = own.writable.iter();
    let writable = writable.map(|path| ("writable", path.place(), Some(&*path.value)));
    let bin_dir = own.bin_dir.iter();
    let bin_dir = bin_dir.map(|path| ("bin-dir", path.place(), Some(&*path.value)));
    let working_dir = service.systemd.working_dir.iter();
    let working_dir = working_dir.map(|path| ("working-dir", path.place(), literal(path)));
    let files = service.systemd.files.iter().map(|file| &file.value.to);
    let files = files.map(|to| ("files", to.place(), literal(to)));
    for (key, place, path) in writable.chain(bin_dir).chain(working_dir).chain(files) {
        let Some(path) = path.filter(|path| is_in_tmp(path)) else {
            continue;
        };
        check.refuse(
            Diagnostic::error(format!("`{key}` names `{path}`, which the service cannot see under systemd"))
                .at(place)
                .label("with an account of its own it has a /tmp and a /var/tmp of its own, too")
                .help("use `cache`, `state` or `runtime` of `directories`, or write `account = { user = \"…\" }`")
                .rests_on(&["account"]),
        );
    }
}
