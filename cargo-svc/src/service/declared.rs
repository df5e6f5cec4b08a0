//! What a service declares besides its program: folders, files, credentials, sockets, events, hardening.

use super::text::{Folder, Text};
use crate::diagnostics::Declared;

/// The folders that a service declares.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Directories {
    /// `state`
    pub state: Option<Declared<Directory>>,
    /// `cache`
    pub cache: Option<Declared<Directory>>,
    /// `logs`
    pub logs: Option<Declared<Directory>>,
    /// `config`
    pub config: Option<Declared<Directory>>,
    /// `runtime`
    pub runtime: Option<Declared<Directory>>,
}

impl Directories {
    /// The folder of a placeholder, if it is declared.
    pub const fn get(&self, folder: Folder) -> Option<&Declared<Directory>> {
        match folder {
            Folder::Install => None,
            Folder::State => self.state.as_ref(),
            Folder::Cache => self.cache.as_ref(),
            Folder::Logs => self.logs.as_ref(),
            Folder::Config => self.config.as_ref(),
            Folder::Runtime => self.runtime.as_ref(),
        }
    }

    /// The declared folders with their kinds.
    pub fn iter(&self) -> impl Iterator<Item = (Folder, &Declared<Directory>)> {
        Folder::ALL
            .into_iter()
            .filter_map(|folder| Some((folder, self.get(folder)?)))
    }
}

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Directory {
    /// Its path below the target's folder of its kind, with forward slashes; none: the service's name.
    pub path: Option<Text>,
    /// Who may use it.
    pub mode: Option<Mode>,
}

/// Permissions in POSIX's twelve bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Mode(pub u16);

impl std::fmt::Display for Mode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:04o}", self.0)
    }
}

/// A file that is installed with the program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Where it stands in the package, with forward slashes; none: only an operator has it.
    pub source: Option<Declared<String>>,
    /// Where it goes: a placeholder and a path below it.
    pub to: Declared<Text>,
    /// Whether an operator may edit it: then an upgrade leaves it alone, and only a purge removes it.
    pub config: bool,
    /// Whether the service cannot run without it.
    pub required: bool,
    /// Its permissions.
    pub mode: Option<Mode>,
}

/// A secret that the operator puts on the machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credential {
    /// Its name, which is a file's name on both systems.
    pub name: String,
    /// Whether the service cannot run without it.
    pub required: bool,
}

/// A listening socket, or several under one name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Socket {
    /// Its name, by which the program asks for it.
    pub name: String,
    /// Its addresses; none where its unit says what it listens on.
    pub listen: Vec<Declared<Listen>>,
    /// Who may connect, for sockets in the file system.
    pub mode: Option<Mode>,
    /// Lines of its unit.
    pub systemd: super::systemd::RawUnit,
}

/// An address to listen on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Listen {
    /// `tcp://`
    Tcp(std::net::SocketAddr),
    /// `udp://`
    Udp(std::net::SocketAddr),
    /// `unix:`, a stream socket: a path, or with a leading `@` an abstract name.
    Unix(Text),
    /// `unixgram:`, a datagram socket, likewise.
    UnixDatagram(Text),
}

/// What a service is told about besides a stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Event {
    /// Read the configuration again.
    Reload,
    /// Pause and go on.
    Pause,
    /// A user's session begins, ends, is locked …
    Session,
    /// The machine sleeps, wakes up, runs on its battery …
    Power,
    /// A control code of the program's own.
    Custom(u8),
}

impl Event {
    /// Those with a name.
    pub const NAMED: [(&'static str, Self); 4] = [
        ("reload", Self::Reload),
        ("pause", Self::Pause),
        ("session", Self::Session),
        ("power", Self::Power),
    ];
}

/// As the metadata writes it, and the note in the program.
impl std::fmt::Display for Event {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (self, Self::NAMED.iter().find(|(_, event)| event == self)) {
            (_, Some((name, _))) => f.write_str(name),
            (Self::Custom(code), None) => write!(f, "{code}"),
            (_, None) => Ok(()),
        }
    }
}

/// How far a service is shut in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hardening {
    /// Which profile.
    pub profile: Profile,
    /// Directives of systemd that the profile shall not write.
    pub without: Vec<Declared<String>>,
}

/// A measured set of restrictions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Profile {
    /// All that a network service can do without.
    Strict,
    /// What breaks next to no program.
    Standard,
    /// None.
    Off,
}

impl Profile {
    /// The word that stands for it in the manifest.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Strict => "strict",
            Self::Standard => "standard",
            Self::Off => "off",
        }
    }
}
