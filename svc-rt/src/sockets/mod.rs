//! The sockets that a service is reached at: handed over by systemd, or bound here.

mod bind;
mod listen;
mod service;

use std::ffi::OsString;
use std::io::ErrorKind;
use std::sync::{Mutex, PoisonError};

use socket2::{Domain, Socket, Type};

use crate::__private::Socket as Declared;
use crate::error::Error;
use crate::folders::Folders;
use crate::service::Host;
use crate::settings::SOCKETS;
use listen::{Kind, Listen, parse_pairs};

/// The sockets of a service that nobody took yet.
pub(crate) struct Sockets {
    declared: &'static [Declared],
    host: Host,
    /// `SVC_SOCKETS`.
    installed: Option<OsString>,
    left: Mutex<Left>,
}

#[derive(Default)]
struct Left {
    handed: Vec<(String, Socket)>,
    taken: Vec<(String, Kind)>,
}

impl Sockets {
    pub(crate) fn new(
        declared: &'static [Declared],
        host: Host,
        handed: Vec<(String, Socket)>,
        installed: Option<OsString>,
    ) -> Self {
        let left = Left {
            handed,
            taken: Vec::new(),
        };
        Self {
            declared,
            host,
            installed,
            left: Mutex::new(left),
        }
    }

    /// All sockets of that name and kind, at least one.
    fn take_all(&self, name: &str, kind: Kind, folders: &Folders) -> Result<Vec<Socket>, Error> {
        self.take(name, kind, folders, usize::MAX)
    }

    /// The only socket of that name and kind.
    fn take_one(&self, name: &str, kind: Kind, folders: &Folders) -> Result<Socket, Error> {
        let socket = self.take(name, kind, folders, 1)?.pop();
        socket.ok_or_else(|| self.absent(name, true))
    }

    /// An error leaves the sockets where they are.
    fn take(
        &self,
        name: &str,
        kind: Kind,
        folders: &Folders,
        most: usize,
    ) -> Result<Vec<Socket>, Error> {
        let mut left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        let is_it = |(taken, of): &(String, Kind)| taken == name && *of == kind;
        if left.taken.iter().any(is_it) {
            return Err(Error::new(
                ErrorKind::AlreadyExists,
                format!("the socket `{name}` was taken already: it is given once"),
            ));
        }
        let found = match left.find_handed(name, kind)? {
            Some(places) => Found::Handed(places),
            None => Found::ToBind(self.places(name, kind, folders)?),
        };
        if found.count() > most {
            let (count, method) = (found.count(), kind.method());
            return Err(Error::new(
                ErrorKind::InvalidInput,
                format!(
                    "there are {count} sockets `{name}`: take them with `svc.{method}_all(\"{name}\")`"
                ),
            ));
        }
        let sockets = match found {
            Found::Handed(places) => left.take_handed(places),
            Found::ToBind(places) => bind_all(name, &places)?,
        };
        for socket in &sockets {
            let blocking = socket.set_nonblocking(false);
            blocking.map_err(|error| {
                Error::of_system(&error, format_args!("the socket `{name}` cannot be used"))
            })?;
        }
        left.taken.push((name.to_owned(), kind));
        Ok(sockets)
    }

    /// All descriptors of that name that systemd handed over and nobody took, whatever they are.
    #[cfg(unix)]
    pub(crate) fn take_stored(&self, name: &str) -> Vec<std::os::fd::OwnedFd> {
        let mut left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        let all = std::mem::take(&mut left.handed);
        let (stored, others): (Vec<_>, Vec<_>) =
            all.into_iter().partition(|(known, _)| known == name);
        left.handed = others;
        stored
            .into_iter()
            .map(|(_, stored)| stored.into())
            .collect()
    }

    /// Where the sockets of that name and kind listen: what the installation says, or in the foreground the declaration.
    fn places(&self, name: &str, kind: Kind, folders: &Folders) -> Result<Vec<Listen>, Error> {
        let installed = self.installed()?.into_iter();
        let installed = installed.filter_map(|(known, listen)| (known == name).then_some(listen));
        let installed: Vec<Listen> = installed.collect();
        let declared = self.declared.iter().find(|socket| socket.name == name);
        let mut places = match declared {
            _ if !installed.is_empty() => installed,
            Some(socket) if self.host == Host::Foreground => parse_all(socket, folders)?,
            _ => return Err(self.absent(name, declared.is_some())),
        };
        let other = places.first().map(Listen::kind);
        places.retain(|place| place.kind() == kind);
        match other {
            Some(other) if places.is_empty() => Err(other_kind(name, kind, other)),
            None => Err(self.absent(name, true)),
            Some(_) => Ok(places),
        }
    }

    /// What the installation says.
    fn installed(&self) -> Result<Vec<(String, Listen)>, Error> {
        let Some(value) = &self.installed else {
            return Ok(Vec::new());
        };
        let pairs = value.to_str().ok_or_else(|| "it is no text".to_owned());
        pairs.and_then(parse_pairs).map_err(|message| {
            let message = format!("{SOCKETS} is {value:?}: {message}");
            Error::new(ErrorKind::InvalidInput, message)
        })
    }

    /// Why there is no such socket.
    fn absent(&self, name: &str, is_declared: bool) -> Error {
        let message = if !is_declared {
            let known: Vec<String> = self
                .declared
                .iter()
                .map(|socket| format!("`{}`", socket.name))
                .collect();
            format!(
                "no socket is called `{name}`: the declaration of the service has {}",
                if known.is_empty() {
                    "none".to_owned()
                } else {
                    known.join(", ")
                }
            )
        } else if self.host == Host::Systemd {
            format!(
                "systemd handed over no socket `{name}`: start its .socket unit before the service, with \
                 `FileDescriptorName={name}` in it"
            )
        } else if self.host == Host::Scm {
            format!(
                "the installation does not say where the socket `{name}` listens: SVC_SOCKETS is to have `{name}=LISTEN`"
            )
        } else {
            format!(
                "the declaration does not say where the socket `{name}` listens: write `listen = \"tcp://[::]:8080\"` \
                 there, or set SVC_SOCKETS to `{name}=tcp://[::]:8080`"
            )
        };
        Error::new(ErrorKind::NotFound, message)
    }
}

/// Sockets that are there for the taking.
enum Found {
    /// Their places among what systemd handed over.
    Handed(Vec<usize>),
    ToBind(Vec<Listen>),
}

impl Found {
    fn count(&self) -> usize {
        match self {
            Self::Handed(places) => places.len(),
            Self::ToBind(places) => places.len(),
        }
    }
}

impl Left {
    /// Finds what systemd handed over by this name, if it did.
    fn find_handed(&self, name: &str, kind: Kind) -> Result<Option<Vec<usize>>, Error> {
        let (mut fitting, mut other) = (Vec::new(), None);
        let named = self.handed.iter().enumerate();
        for (place, (_, socket)) in named.filter(|(_, (known, _))| known == name) {
            match kind_of(socket) {
                Ok(found) if found == kind => fitting.push(place),
                found => other = Some(found),
            }
        }
        match other {
            _ if !fitting.is_empty() => Ok(Some(fitting)),
            Some(Ok(found)) => Err(other_kind(name, kind, found)),
            Some(Err(found)) => Err(Error::new(
                ErrorKind::InvalidInput,
                format!("the descriptor `{name}` that systemd handed over is {found}, not {kind}"),
            )),
            None => Ok(None),
        }
    }

    fn take_handed(&mut self, places: Vec<usize>) -> Vec<Socket> {
        // From the back, so that the places of the others stay, and then in systemd's order again.
        let taken = places.into_iter().rev();
        let mut sockets: Vec<Socket> = taken.map(|place| self.handed.remove(place).1).collect();
        sockets.reverse();
        sockets
    }
}

/// What the declaration says, which may begin with one of the service's folders.
fn parse_all(socket: &Declared, folders: &Folders) -> Result<Vec<Listen>, Error> {
    let parse = |text: &&str| {
        let wrong = |error: Error| {
            Error::new(
                error.kind(),
                format!("the socket `{}`: {error}", socket.name),
            )
        };
        let text = folders.fill_in(text).map_err(wrong)?;
        Listen::parse(&text).map_err(|message| wrong(Error::new(ErrorKind::InvalidInput, message)))
    };
    socket.listen.iter().map(parse).collect()
}

fn bind_all(name: &str, places: &[Listen]) -> Result<Vec<Socket>, Error> {
    let bind = |place: &Listen| {
        let what = format_args!("cannot listen on {place} for the socket `{name}`");
        bind::bind(place).map_err(|error| Error::of_system(&error, what))
    };
    places.iter().map(bind).collect()
}

fn other_kind(name: &str, wanted: Kind, found: Kind) -> Error {
    Error::new(
        ErrorKind::InvalidInput,
        format!(
            "the socket `{name}` is {found}, not {wanted}: take it with `svc.{}(\"{name}\")`",
            found.method()
        ),
    )
}

/// What a socket is for, or what else it is.
fn kind_of(socket: &Socket) -> Result<Kind, String> {
    let (kind, address) = match (socket.r#type(), socket.local_addr()) {
        (Ok(kind), Ok(address)) => (kind, address),
        (Err(error), _) | (_, Err(error)) => return Err(format!("no socket ({error})")),
    };
    let domain = address.domain();
    let is_ip = domain == Domain::IPV4 || domain == Domain::IPV6;
    let is_unix = domain == Domain::UNIX;
    match kind {
        Type::STREAM if !is_listener(socket) => {
            Err("a connection (`Accept=yes` is not for svc-rt)".to_owned())
        }
        Type::STREAM if is_ip => Ok(Kind::Tcp),
        Type::STREAM if is_unix => Ok(Kind::Unix),
        Type::DGRAM if is_ip => Ok(Kind::Udp),
        Type::DGRAM if is_unix => Ok(Kind::UnixDatagram),
        _ => Err("a socket of another family or type".to_owned()),
    }
}

#[cfg(any(target_os = "linux", target_os = "android", target_os = "freebsd"))]
fn is_listener(socket: &Socket) -> bool {
    socket.is_listener().unwrap_or(true)
}

/// Not every system tells; then accepting will.
#[cfg(not(any(target_os = "linux", target_os = "android", target_os = "freebsd")))]
fn is_listener(_socket: &Socket) -> bool {
    true
}

#[cfg(test)]
mod tests;
