//! What a unit needs as a whole: systemd takes each of its lines, and refuses to load it all the same. Seen on 252, 257 and 262.

use std::borrow::Cow;

use crate::diagnostics::{Declared, Diagnostic, Level, Place};
use crate::directives::{self, NEWEST, Section};
use crate::escape::unit::lay_out;
use crate::plan::systemd::Placement;
use crate::plan::systemd::check::Check;
use crate::plan::systemd::unit::{UnitFile, UnitKind};
use crate::service::Service;
use crate::service::declared::Socket;
use crate::service::systemd::{Lines, RawUnit};
use crate::unit_file::command_line;

/// The first systemd that starts a oneshot again for its exit status.
const FORCES_ONESHOT: u32 = 256;

/// The directives that say when a timer elapses, in one list.
const TIMES: [&str; 6] = [
    "OnActiveSec",
    "OnBootSec",
    "OnStartupSec",
    "OnUnitActiveSec",
    "OnUnitInactiveSec",
    "OnCalendar",
];

/// Those that say what a path unit watches.
const WATCHED: [&str; 5] = [
    "PathExists",
    "PathExistsGlob",
    "PathChanged",
    "PathModified",
    "DirectoryNotEmpty",
];

/// Those that say what a socket unit listens on. What comes in through the last four is nothing that is accepted.
const LISTENS: [&str; 8] = [
    "ListenStream",
    "ListenSequentialPacket",
    "ListenNetlink",
    "ListenUSBFunction",
    "ListenDatagram",
    "ListenFIFO",
    "ListenSpecial",
    "ListenMessageQueue",
];

/// Checks the finished units of a service: its own first, then those that start it.
pub(super) fn check(service: &Service, units: &[UnitFile], check: &mut Check) {
    let mut sockets = service.systemd.sockets.iter();
    for unit in units {
        let mut whole = Whole {
            service,
            lines: Assigned(unit),
            check,
        };
        match unit.kind {
            UnitKind::Service => whole.service(),
            UnitKind::Socket => {
                if let Some(socket) = sockets.next() {
                    whole.socket(&socket.value, socket.place());
                }
            }
            UnitKind::Timer => whole.elapses(service.own_systemd.timer.as_ref()),
            UnitKind::Path => whole.watches(service.own_systemd.path.as_ref()),
        }
    }
}

/// The lines of a unit as systemd adds them up.
struct Assigned<'a>(&'a UnitFile);

impl<'a> Assigned<'a> {
    /// What is assigned to directives of one list: an empty assignment takes back all before it.
    fn all(&self, section: Section, keys: &[&str]) -> Vec<Cow<'a, str>> {
        let mut values = Vec::new();
        for (of, line) in self.0.directives() {
            if of != section || !keys.contains(&&*line.key) {
                continue;
            }
            let value = lay_out(&line.value, Placement::WIDEST.prefix());
            if value.is_empty() {
                values.clear();
            } else {
                values.push(value);
            }
        }
        values
    }

    fn last(&self, section: Section, key: &str) -> Option<Cow<'a, str>> {
        self.all(section, &[key]).pop()
    }

    fn is_on(&self, section: Section, key: &str) -> bool {
        let value = self.last(section, key);
        value.is_some_and(|value| directives::yes_or_no(&value) == Some(true))
    }
}

/// One unit of a service.
struct Whole<'a, 'b, 'c> {
    service: &'a Service,
    lines: Assigned<'a>,
    check: &'b mut Check<'c>,
}

impl Whole<'_, '_, '_> {
    /// What a newer systemd than is known may take is a warning.
    fn refuse(&mut self, mut found: Diagnostic) {
        if self.service.own_systemd.min_version.value > NEWEST {
            found.level = Level::Warning;
            self.check.note(found);
        } else {
            self.check.refuse(found);
        }
    }

    fn service(&mut self) {
        let own = &self.service.own_systemd;
        let kind = self.lines.last(Section::Service, "Type");
        let kind = kind.as_deref();
        let raw = |keys: &[&str]| typed([&own.service], keys);
        let kind_place = raw(&["Type"]).or_else(|| place_of(own.kind.as_ref()));
        if kind == Some("dbus") && self.lines.last(Section::Service, "BusName").is_none() {
            self.refuse(
                Diagnostic::error("systemd takes no `Type=dbus` without `BusName=`")
                    .at(kind_place.as_ref())
                    .label("it would not know which name says that the service is up")
                    .help("write `service = { BusName = \"org.example.Beacon\" }` under `systemd`, or another type")
                    .rests_on(&["type", "service"]),
            );
        }
        self.commands(kind);
        if kind == Some("oneshot") {
            self.oneshot(kind_place.as_ref());
        }
        if self.lines.last(Section::Service, "PAMName").is_some()
            && let Some(mode) = self.lines.last(Section::Service, "KillMode")
            && !matches!(&*mode, "control-group" | "mixed")
        {
            self.refuse(
                Diagnostic::error(format!(
                    "systemd takes no `KillMode={mode}` with `PAMName=`"
                ))
                .at(raw(&["KillMode", "PAMName"]).as_ref())
                .label("the session of PAM ends with all its processes")
                .help("write `KillMode = \"control-group\"` or `\"mixed\"`")
                .rests_on(&["service"]),
            );
        }
    }

    /// Whether there is a command to start, and not one too many.
    fn commands(&mut self, kind: Option<&str>) {
        let own = &self.service.own_systemd;
        let place = typed([&own.service], &["ExecStart"]);
        let starts = self.lines.all(Section::Service, &["ExecStart"]);
        // One that no raw line wrote is one command.
        let commands = match place {
            Some(_) => starts
                .iter()
                .map(|line| command_line(line).commands.len())
                .sum(),
            None => starts.len(),
        };
        if commands > 1 && kind != Some("oneshot") {
            let kind = kind.unwrap_or("simple");
            self.refuse(
                Diagnostic::error(format!("systemd takes one `ExecStart=` for `Type={kind}`"))
                    .at(place.as_ref())
                    .label("only a `oneshot` runs several commands")
                    .help("write what comes before the program as `ExecStartPre`, or `type = \"oneshot\"`")
                    .rests_on(&["type", "service"]),
            );
        }
        let acts = self.lines.last(Section::Unit, "SuccessAction");
        let acts = acts.is_some_and(|action| action != "none");
        let stays = self.lines.is_on(Section::Service, "RemainAfterExit")
            && self.lines.last(Section::Service, "ExecStop").is_some();
        let may_lack = matches!(kind, None | Some("oneshot")) && (acts || stays);
        if starts.is_empty() && !may_lack {
            self.refuse(
                Diagnostic::error("systemd takes no service without `ExecStart=`")
                    .at(place.as_ref())
                    .label("nothing is left that it could start")
                    .help(
                        "leave `ExecStart` out of the table, and the program of `bin` is started; only a `oneshot` that has \
                         `RemainAfterExit` and `ExecStop`, or a `SuccessAction`, needs none",
                    )
                    .rests_on(&["type", "service"]),
            );
        }
    }

    /// What has done its work is not started again for having done it.
    fn oneshot(&mut self, kind: Option<&Place>) {
        let own = &self.service.own_systemd;
        let restart = self.service.systemd.restart.as_ref();
        let raw = |key: &str| typed([&own.service], &[key]);
        if let Some(policy) = self.lines.last(Section::Service, "Restart")
            && matches!(&*policy, "always" | "on-success")
        {
            let place = raw("Restart").or_else(|| place_of(restart));
            self.refuse(
                Diagnostic::error(format!(
                    "systemd takes no `Restart={policy}` for `Type=oneshot`"
                ))
                .at(place.as_ref().or(kind))
                .label("what has done its work cannot be restarted for having done it")
                .help("write `restart = \"on-failure\"`, or a `timer`")
                .rests_on(&["type", "restart", "service"]),
            );
        }
        let old = own.min_version.value < FORCES_ONESHOT;
        let forced = self.lines.last(Section::Service, "RestartForceExitStatus");
        let group = self.lines.last(Section::Service, "ExitType");
        let newer = format!("leave the line out, or write `min-version = {FORCES_ONESHOT}`");
        for (key, is_wrong, help) in [
            ("RestartForceExitStatus", old && forced.is_some(), &*newer),
            (
                "ExitType",
                group.as_deref() == Some("cgroup"),
                "leave the line out, or write another type",
            ),
        ] {
            if is_wrong {
                self.refuse(
                    Diagnostic::error(format!("systemd takes no `{key}=` for `Type=oneshot`"))
                        .at(raw(key).as_ref().or(kind))
                        .label("a oneshot is over when its command is")
                        .help(help)
                        .rests_on(&["type", "service", "min-version"]),
                );
            }
        }
    }

    fn socket(&mut self, socket: &Socket, place: Option<&Place>) {
        let own = &self.service.own_systemd;
        let tables = [&socket.systemd.own, &own.socket.own];
        if self.lines.all(Section::Socket, &LISTENS).is_empty() {
            self.refuse(
                Diagnostic::error("systemd takes no socket without an address")
                    .at(typed(tables, &LISTENS).as_ref().or(place))
                    .label("nothing is left that it could listen on")
                    .help("leave the line out, and the addresses of `listen` are written; or let it say one")
                    .rests_on(&["sockets", "socket"]),
            );
            return;
        }
        if !self.lines.is_on(Section::Socket, "Accept") {
            return;
        }
        let accept = typed(tables, &["Accept"]);
        if !self.lines.all(Section::Socket, &LISTENS[4..]).is_empty() {
            self.refuse(
                Diagnostic::error("systemd takes `Accept=yes` for connections alone")
                    .at(accept.as_ref())
                    .label("datagrams and files bring none")
                    .help("leave `Accept` out, or write a stream's address: `tcp://` or `unix:`")
                    .rests_on(&["sockets", "socket"]),
            );
        }
        if self.lines.last(Section::Socket, "Service").is_some() {
            let name = &self.service.systemd.name.value;
            self.refuse(
                Diagnostic::error("systemd takes no `Service=` with `Accept=yes`")
                    .at(typed(tables, &["Service"]).or(accept).as_ref())
                    .label(format!("each connection gets an instance of `{name}@.service`, which has the socket's name"))
                    .help(format!("write `Service = []` and `name = \"{name}\"` beside it, and `template = true` under `systemd`"))
                    .rests_on(&["sockets", "socket"]),
            );
        }
    }

    fn elapses(&mut self, table: Option<&RawUnit>) {
        let switches = ["OnClockChange", "OnTimezoneChange"];
        let on = switches
            .iter()
            .any(|key| self.lines.is_on(Section::Timer, key));
        if !on && self.lines.all(Section::Timer, &TIMES).is_empty() {
            self.refuse(
                Diagnostic::error(
                    "`timer` does not say when: systemd takes no timer that never elapses",
                )
                .at(place(table, &TIMES).as_ref())
                .label(format!("expected one of {}", TIMES.join(", ")))
                .help("for example: `OnCalendar = \"daily\"`, `OnUnitActiveSec = \"15min\"`")
                .rests_on(&["timer"]),
            );
        }
    }

    fn watches(&mut self, table: Option<&RawUnit>) {
        if self.lines.all(Section::Path, &WATCHED).is_empty() {
            self.refuse(
                Diagnostic::error(
                    "`path` does not say which: systemd takes no path unit that watches nothing",
                )
                .at(place(table, &WATCHED).as_ref())
                .label(format!("expected one of {}", WATCHED.join(", ")))
                .help("for example: `PathExistsGlob = \"/var/spool/beacon/*\"`")
                .rests_on(&["path"]),
            );
        }
    }
}

fn place_of<T>(key: Option<&Declared<T>>) -> Option<Place> {
    key.and_then(Declared::place).cloned()
}

/// Where one of the directives is typed, the last first. What is found there is about its table: it follows from a line of it that
/// was refused.
fn typed<'a>(tables: impl IntoIterator<Item = &'a Lines>, keys: &[&str]) -> Option<Place> {
    let lines = tables.into_iter().flat_map(|lines| lines.0.iter().rev());
    let mut lines = lines.filter(|line| keys.contains(&line.key.value.as_str()));
    let mut place = lines.find_map(|line| line.key.place())?.clone();
    if let Some((table, _)) = place.key.rsplit_once('.') {
        place.key = table.to_owned();
    }
    Some(place)
}

/// The same in a table of a unit, or the table itself.
fn place(table: Option<&RawUnit>, keys: &[&str]) -> Option<Place> {
    let table = table?;
    typed([&table.own], keys).or_else(|| table.place.clone())
}
