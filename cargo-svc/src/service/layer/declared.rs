//! Checks folders, files, credentials, sockets, events and hardening.

use super::{Checker, Fault, Kind, Slot, Typed, Values, line, text};
use crate::diagnostics::Declared;
use crate::directives::Section;
use crate::manifest::keys::nearest;
use crate::manifest::list;
use crate::manifest::raw::{self, Spanned};
use crate::manifest::switch::Switch;
use crate::service::declared::{
    Credential, Directories, Directory, Event, File, Hardening, Listen, Mode, Profile, Socket,
};
use crate::service::systemd::RawUnit;
use crate::service::text::Part;

impl Checker<'_> {
    pub(super) fn events(
        &mut self,
        typed: Typed<'_, Vec<Spanned<raw::Event>>>,
    ) -> Slot<Values<Event>> {
        self.elements("events", typed, |_, typed| event(typed.get_ref()))
    }

    pub(super) fn directories(&mut self, typed: Typed<'_, raw::Directories>) -> Slot<Directories> {
        let mut checked = Directories::default();
        if let Some(Switch::On(typed)) = typed.map(Spanned::get_ref) {
            checked = Directories {
                state: self.directory("state", typed.state.as_ref()),
                cache: self.directory("cache", typed.cache.as_ref()),
                logs: self.directory("logs", typed.logs.as_ref()),
                config: self.directory("config", typed.config.as_ref()),
                runtime: self.directory("runtime", typed.runtime.as_ref()),
            };
        }
        self.slot("directories", typed, |_| Ok(checked))
    }

    fn directory(
        &mut self,
        name: &str,
        typed: Option<&Spanned<Switch<raw::Directory>>>,
    ) -> Option<Declared<Directory>> {
        let typed = typed?;
        let Switch::On(directory) = typed.get_ref() else {
            return None;
        };
        let key = format!("directories.{name}");
        let checked = match (&directory.path, &directory.alone) {
            (Some(path), _) => self.check(&key, path, |path| folder(path)).map(Some),
            (None, Some(path)) => match folder(path) {
                Ok(path) => Some(Some(path)),
                Err(fault) => {
                    self.refuse(&key, typed.span(), fault);
                    None
                }
            },
            (None, None) => Some(None),
        };
        let mode = self.mode(&key, directory.mode.as_ref());
        Some(Declared::at(
            Directory {
                path: checked?,
                mode: mode.ok()?,
            },
            self.place(&key, typed.span()),
        ))
    }

    /// The permissions, if some are written.
    fn mode(&mut self, key: &str, typed: Option<&Spanned<String>>) -> Result<Option<Mode>, Fault> {
        typed
            .map(|typed| Ok(self.declared(key, typed, |typed| mode(typed))?.value))
            .transpose()
    }

    pub(super) fn files(
        &mut self,
        typed: Typed<'_, Vec<Spanned<raw::File>>>,
    ) -> Slot<Values<File>> {
        self.elements("files", typed, |check, typed| {
            let raw = typed.get_ref();
            let Some(to) = &raw.to else {
                return Err(Fault::lack("`to` is missing").help(
                    "it says where the file goes, for example `to = \"{config-dir}/beacon.toml\"`",
                ));
            };
            let required = raw.required.unwrap_or_default();
            if raw.source.is_none() && !required {
                return Err(Fault::lack("`source` is missing")
                    .help("only a `required` file may come from the operator alone"));
            }
            // All that is wrong with one of them is said, not the first alone.
            let source = raw
                .source
                .as_ref()
                .map(|source| check.declared("files", source, |path| relative(path)))
                .transpose();
            let to = check.declared("files", to, |to| destination(to));
            let mode = check.mode("files", raw.mode.as_ref());
            Ok(File {
                source: source?,
                to: to?,
                config: raw.config.unwrap_or_default(),
                required,
                mode: mode?,
            })
        })
    }

    pub(super) fn credentials(
        &mut self,
        typed: Typed<'_, Vec<Spanned<raw::Credential>>>,
    ) -> Slot<Values<Credential>> {
        let slot = self.elements("credentials", typed, |check, typed| {
            let raw = typed.get_ref();
            let name = raw
                .name
                .as_ref()
                .ok_or_else(|| Fault::lack("`name` is missing"))?;
            Ok(Credential {
                name: check
                    .declared("credentials", name, |name| identifier(name))?
                    .value,
                required: raw.required.unwrap_or_default(),
            })
        });
        self.refuse_twins("credentials", slot.as_ref(), |one| &one.name);
        slot
    }

    pub(super) fn sockets(
        &mut self,
        typed: Typed<'_, Vec<Spanned<raw::Socket>>>,
    ) -> Slot<Values<Socket>> {
        let slot = self.elements("sockets", typed, |check, typed| {
            let raw = typed.get_ref();
            let name = raw.name.as_ref().ok_or_else(|| {
                Fault::lack("`name` is missing")
                    .help("the program asks for the socket by it: `svc.tcp(\"http\")`")
            })?;
            let says = |unit: &raw::Section| {
                let keys = unit.own.keys.iter().map(|(key, _)| key.get_ref());
                let whole = unit.own.whole.iter().map(Spanned::get_ref);
                keys.chain(whole)
                    .any(|key| key.trim_start().starts_with("Listen"))
            };
            let listen = match &raw.listen {
                Some(listen) => check.listens(listen),
                None if raw.systemd.as_ref().is_some_and(says) => Ok(Vec::new()),
                None => {
                    return Err(Fault::lack("`listen` is missing")
                        .help("for example: `listen = \"tcp://[::]:8080\"`"));
                }
            };
            let name = check.declared("sockets", name, |name| identifier(name));
            let mode = check.mode("sockets", raw.mode.as_ref());
            Ok(Socket {
                listen: listen?,
                name: name?.value,
                mode: mode?,
                systemd: match &raw.systemd {
                    None => RawUnit::default(),
                    Some(section) => check.raw_unit("sockets.systemd", Section::Socket, section),
                },
            })
        });
        self.refuse_twins("sockets", slot.as_ref(), |one| &one.name);
        slot
    }

    fn listens(&mut self, typed: &Spanned<raw::OneOrMany>) -> Result<Values<Listen>, Fault> {
        if let Some(one) = &typed.get_ref().one {
            return match listen(one) {
                Ok(value) => Ok(vec![Declared::at(
                    value,
                    self.place("sockets", typed.span()),
                )]),
                Err(fault) => {
                    self.refuse("sockets", typed.span(), fault);
                    Err(Fault::Said)
                }
            };
        }
        let many = &typed.get_ref().many;
        if many.is_empty() {
            self.refuse(
                "sockets",
                typed.span(),
                Fault::lack("a socket has at least one address"),
            );
            return Err(Fault::Said);
        }
        let checked: Vec<_> = many
            .iter()
            .filter_map(|one| self.declared("sockets", one, |one| listen(one)).ok())
            .collect();
        if checked.len() == many.len() {
            Ok(checked)
        } else {
            Err(Fault::Said)
        }
    }

    pub(super) fn hardening(&mut self, typed: Typed<'_, raw::Hardening>) -> Slot<Hardening> {
        let mut without = Vec::new();
        if let Some(Switch::On(raw)) = typed.map(Spanned::get_ref) {
            for name in &raw.without {
                without.extend(
                    self.declared("hardening.without", name, |name| Ok(line(name)?))
                        .ok(),
                );
            }
        }
        let elsewhere = self.kind == Kind::Portable || !self.prefix.ends_with(".systemd");
        self.slot("hardening", typed, |raw| {
            if elsewhere && raw.is_table {
                return Err(Fault::new("a table names directives of systemd")
                    .help("write it as `hardening` in the `systemd` table"));
            }
            let profile = match raw.profile {
                Some(raw::Profile::Strict) => Profile::Strict,
                None | Some(raw::Profile::Standard) => Profile::Standard,
                Some(raw::Profile::Off) => Profile::Off,
            };
            Ok(Hardening { profile, without })
        })
    }

    /// Elements that share what must be their own.
    fn refuse_twins<T>(
        &mut self,
        key: &str,
        slot: Option<&Declared<Option<Values<T>>>>,
        name: impl Fn(&T) -> &String,
    ) {
        let values = slot.iter().flat_map(|slot| slot.value.iter().flatten());
        let mut known: Vec<&String> = Vec::new();
        for value in values {
            let name = name(&value.value);
            if known.iter().any(|other| other.eq_ignore_ascii_case(name)) {
                let span = value.place().map_or(0..0, |place| place.span.clone());
                let label = format!("there is another `{name}` in `{key}`");
                self.refuse(key, span, Fault::new(label));
            }
            known.push(name);
        }
    }
}

fn event(typed: &raw::Event) -> Result<Event, Fault> {
    match typed {
        raw::Event::Name(name) => {
            let names = Event::NAMED.map(|(name, _)| name);
            let found = Event::NAMED.iter().find(|(known, _)| known == name);
            found.map(|(_, event)| *event).ok_or_else(|| {
                let words: Vec<_> = names.iter().map(|&name| name.to_owned()).collect();
                Fault::new(match nearest(name, names) {
                    Some(near) => format!("there is no event `{name}`; did you mean `{near}`?"),
                    None => format!("there is no event `{name}`; expected {}", list(&words)),
                })
            })
        }
        raw::Event::Code(code) => match u8::try_from(*code) {
            Ok(code @ 128..) => Ok(Event::Custom(code)),
            _ => Err(Fault::new(
                "a custom control code is a number from 128 to 255",
            )),
        },
    }
}

/// Permissions as chmod(1) writes them: three or four octal digits.
fn mode(typed: &str) -> Result<Mode, Fault> {
    let digits = matches!(typed.len(), 3 | 4) && typed.chars().all(|c| ('0'..='7').contains(&c));
    match u16::from_str_radix(typed, 8) {
        Ok(bits) if digits => Ok(Mode(bits)),
        _ => Err(Fault::new("a mode has three or four octal digits").help("for example: \"0750\"")),
    }
}

/// The steps of a path that stays where it begins.
fn steps(path: &str) -> Result<(), Fault> {
    line(path)?;
    if path.contains('\\') {
        return Err(Fault::new("write the path with forward slashes"));
    }
    if path.starts_with('/') || path.split('/').any(|step| matches!(step, "" | "." | "..")) {
        return Err(Fault::new(
            "the path is relative, without empty, `.` or `..` steps",
        ));
    }
    Ok(())
}

/// A folder's path below the system's folder of its kind.
fn folder(path: &str) -> Result<crate::service::Text, Fault> {
    steps(path)?;
    // What else a folder's name cannot hold is one system's own, and its plan says it.
    if path.contains(':') {
        return Err(Fault::new(
            "':' cannot stand in a folder's name: systemd takes what follows it for a link, Windows for a stream",
        ));
    }
    let parsed = text(path)?;
    if parsed.folders().next().is_some() {
        return Err(Fault::new("a folder's path cannot hold another folder")
            .help("it lies below the system's folder of its kind, such as /var/lib"));
    }
    Ok(parsed)
}

/// A file of the package.
fn relative(path: &str) -> Result<String, Fault> {
    steps(path)?;
    Ok(path.to_owned())
}

/// A placeholder and a path below it.
fn destination(to: &str) -> Result<crate::service::Text, Fault> {
    let parsed = text(to)?;
    let begins = matches!(parsed.parts.first(), Some(Part::Folder(_)));
    let below = match parsed.parts.get(1) {
        Some(Part::Literal(below)) if parsed.parts.len() == 2 => below.strip_prefix('/'),
        _ => None,
    };
    match below {
        Some(below) if begins => steps(below).map(|()| parsed),
        _ => Err(
            Fault::new("a placeholder and a path below it were expected")
                .help("for example: `to = \"{config-dir}/beacon.toml\"`"),
        ),
    }
}

/// The name of a socket or a credential: a part of file names, unit names and lists with colons on both systems.
fn identifier(name: &str) -> Result<String, Fault> {
    let known = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
    if name.is_empty() || name.len() > 64 || !name.chars().all(known) {
        return Err(Fault::new(
            "a name here has 1 to 64 ASCII letters, digits, `_`, `.` and `-`",
        ));
    }
    if name.chars().all(|c| c == '.') {
        return Err(Fault::new("a name here is more than dots"));
    }
    Ok(name.to_owned())
}

fn listen(typed: &str) -> Result<Listen, Fault> {
    let unix = |path: &str| -> Result<crate::service::Text, Fault> {
        line(path)?;
        let parsed = text(path)?;
        let absolute = path.starts_with(['/', '@', '{']);
        if absolute && path.len() > 1 {
            return Ok(parsed);
        }
        Err(
            Fault::new("a socket's path is absolute, begins with a placeholder, or with `@`")
                .help("for example: \"unix:{runtime-dir}/beacon.sock\""),
        )
    };
    let address = |text: &str| {
        text.parse::<std::net::SocketAddr>().map_err(|_| {
            Fault::new(format!("`{text}` is no IP address with a port"))
                .help("for example: \"tcp://[::]:8080\" for all addresses, \"tcp://127.0.0.1:8080\" for this machine")
        })
    };
    match typed.split_once(':') {
        Some(("tcp", rest)) if rest.starts_with("//") => address(&rest[2..]).map(Listen::Tcp),
        Some(("udp", rest)) if rest.starts_with("//") => address(&rest[2..]).map(Listen::Udp),
        Some(("unix", path)) => unix(path).map(Listen::Unix),
        Some(("unixgram", path)) => unix(path).map(Listen::UnixDatagram),
        _ => Err(
            Fault::new("an address begins with `tcp://`, `udp://`, `unix:` or `unixgram:`")
                .help("for example: \"tcp://[::]:8080\""),
        ),
    }
}
