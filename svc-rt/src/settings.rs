//! The environment contract: what the installer tells the program.

use std::ffi::OsString;
#[cfg(windows)]
use std::path::PathBuf;
use std::time::Duration;

/// Every variable read here. They are for this process alone, so they are removed once read.
pub(crate) const VARIABLES: &[&str] = &[
    NOTIFY_SOCKET,
    LISTEN_PID,
    LISTEN_FDS,
    LISTEN_FDNAMES,
    // A newer companion of the process id (systemd 259), which nobody needs once the descriptors are taken.
    "LISTEN_PIDFDID",
    WATCHDOG_PID,
    WATCHDOG,
    LOG,
    STOP_TIMEOUT,
    START_TIMEOUT,
    RESTART,
    SOCKETS,
    WORKING_DIRECTORY,
];
const NOTIFY_SOCKET: &str = "NOTIFY_SOCKET";
const LISTEN_PID: &str = "LISTEN_PID";
const LISTEN_FDS: &str = "LISTEN_FDS";
const LISTEN_FDNAMES: &str = "LISTEN_FDNAMES";
pub(crate) const SOCKETS: &str = "SVC_SOCKETS";
pub(crate) const LOG: &str = "SVC_LOG";
const WATCHDOG: &str = "WATCHDOG_USEC";
const WATCHDOG_PID: &str = "WATCHDOG_PID";
const STOP_TIMEOUT: &str = "SVC_STOP_TIMEOUT_USEC";
const START_TIMEOUT: &str = "SVC_START_TIMEOUT_USEC";
const RESTART: &str = "SVC_RESTART";
const WORKING_DIRECTORY: &str = "SVC_WORKING_DIRECTORY";

/// systemd's own, which says whose environment this is; it is left in place.
#[cfg(unix)]
const EXEC_PID: &str = "SYSTEMD_EXEC_PID";

/// A bound as declared: absent, `infinity`, or a time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Bound {
    #[default]
    Unset,
    Infinite,
    Time(Duration),
}

impl Bound {
    /// The time, or nothing if there is no bound; `unset` is what holds if nothing was declared.
    pub(crate) fn or(self, unset: Option<Duration>) -> Option<Duration> {
        match self {
            Self::Unset => unset,
            Self::Infinite => None,
            Self::Time(time) => Some(time),
        }
    }
}

/// The settings that mean the same everywhere.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Settings {
    pub(crate) stop_timeout: Bound,
    /// How often the manager wants to hear that the service is alive.
    pub(crate) watchdog: Bound,
    /// What is logged where, for those who log.
    #[cfg(any(feature = "log", feature = "tracing"))]
    pub(crate) log: Option<OsString>,
    /// Sockets that nobody hands over. Read when a socket is taken: a program without any does not carry what reads it.
    pub(crate) sockets: Option<OsString>,
}

/// What systemd says about this process.
#[cfg(unix)]
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Systemd {
    pub(crate) notify_socket: Option<OsString>,
    /// systemd started this very process.
    pub(crate) is_manager: bool,
    /// The names of the descriptors that it handed over, from 3 on.
    pub(crate) descriptors: Vec<String>,
}

/// What systemd does itself and the SCM does not.
#[cfg(windows)]
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Scm {
    pub(crate) start_timeout: Bound,
    pub(crate) restart_always: bool,
    pub(crate) working_directory: Option<PathBuf>,
}

/// Reads variables through a function, and gathers what is malformed, in words. A wrong value is left out: the service
/// can then tell its manager about it, which it could not without the rest.
pub(crate) struct Reader<F> {
    variable: F,
    pub(crate) wrong: Vec<String>,
}

impl<F: Fn(&str) -> Option<OsString>> Reader<F> {
    pub(crate) fn new(variable: F) -> Self {
        Self {
            variable,
            wrong: Vec::new(),
        }
    }

    fn get(&self, name: &str) -> Option<OsString> {
        (self.variable)(name).filter(|value| !value.is_empty())
    }

    pub(crate) fn settings(&mut self) -> Settings {
        Settings {
            stop_timeout: self.bound(STOP_TIMEOUT),
            watchdog: self.watchdog(),
            #[cfg(any(feature = "log", feature = "tracing"))]
            log: self.get(LOG),
            sockets: self.get(SOCKETS),
        }
    }

    /// "`sd_watchdog_enabled(3)`": with another process's id beside it, it is meant for that one.
    fn watchdog(&mut self) -> Bound {
        if self.get(WATCHDOG_PID).is_some() && !self.is_own_process(WATCHDOG_PID) {
            return Bound::Unset;
        }
        self.bound(WATCHDOG)
    }

    #[cfg(unix)]
    pub(crate) fn systemd(&mut self) -> Systemd {
        let notify_socket = self.get(NOTIFY_SOCKET);
        Systemd {
            is_manager: notify_socket.is_some() || self.is_own_process(EXEC_PID),
            notify_socket,
            descriptors: self.descriptors(),
        }
    }

    /// Whether the variable holds the id of this process.
    fn is_own_process(&self, name: &str) -> bool {
        let own = std::process::id().to_string();
        self.get(name).is_some_and(|pid| pid.to_str() == Some(&own))
    }

    /// "`sd_listen_fds(3)`". Without the id of this process the variables are somebody else's, inherited.
    #[cfg(unix)]
    fn descriptors(&mut self) -> Vec<String> {
        if !self.is_own_process(LISTEN_PID) {
            return Vec::new();
        }
        let Some(value) = self.get(LISTEN_FDS) else {
            return Vec::new();
        };
        // The descriptors before the first are standard input, output and error.
        let most = usize::try_from(i32::MAX - 3).unwrap_or(usize::MAX);
        let count = value.to_str().and_then(|text| text.parse().ok());
        let Some(count) = count.filter(|count| *count <= most) else {
            self.wrong.push(format!(
                "{LISTEN_FDS} is {value:?}; it takes the number of descriptors"
            ));
            return Vec::new();
        };
        let Some(names) = self.get(LISTEN_FDNAMES) else {
            return vec!["unknown".to_owned(); count];
        };
        let names = names.to_string_lossy();
        let names: Vec<String> = names.split(':').map(str::to_owned).collect();
        if names.len() != count {
            self.wrong.push(format!(
                "{LISTEN_FDNAMES} has {} names for the {count} descriptors of {LISTEN_FDS}",
                names.len()
            ));
            return Vec::new();
        }
        names
    }

    #[cfg(windows)]
    pub(crate) fn scm(&mut self) -> Scm {
        Scm {
            start_timeout: self.bound(START_TIMEOUT),
            restart_always: self.restart(),
            working_directory: self.working_directory(),
        }
    }

    fn bound(&mut self, name: &str) -> Bound {
        let Some(value) = self.get(name) else {
            return Bound::Unset;
        };
        if value == "infinity" {
            return Bound::Infinite;
        }
        match value.to_str().and_then(|text| text.parse::<u64>().ok()) {
            Some(time) if time > 0 => Bound::Time(Duration::from_micros(time)),
            _ => {
                self.wrong.push(format!(
                    "{name} is {value:?}; it takes a positive whole number of microseconds, or \"infinity\""
                ));
                Bound::Unset
            }
        }
    }

    #[cfg(windows)]
    fn restart(&mut self) -> bool {
        let Some(value) = self.get(RESTART) else {
            return false;
        };
        match value.to_str() {
            Some("no" | "on-failure") => false,
            Some("always") => true,
            _ => {
                self.wrong.push(format!(
                    "{RESTART} is {value:?}; it takes \"no\", \"on-failure\" or \"always\""
                ));
                false
            }
        }
    }

    #[cfg(windows)]
    fn working_directory(&mut self) -> Option<PathBuf> {
        let path = PathBuf::from(self.get(WORKING_DIRECTORY)?);
        if path.is_absolute() {
            return Some(path);
        }
        self.wrong.push(format!(
            "{WORKING_DIRECTORY} is {}; it takes a full path",
            path.display()
        ));
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is read out of these variables, and how many complaints there were.
    fn read(variables: &[(&str, &str)]) -> Reader<impl Fn(&str) -> Option<OsString>> {
        Reader::new(move |name: &str| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| OsString::from(value))
        })
    }

    fn stop_timeout(value: &str) -> (Bound, usize) {
        let variables = [(STOP_TIMEOUT, value)];
        let mut reader = read(&variables);
        (reader.settings().stop_timeout, reader.wrong.len())
    }

    #[test]
    fn bounds() {
        assert_eq!(stop_timeout(""), (Bound::Unset, 0));
        assert_eq!(stop_timeout("infinity"), (Bound::Infinite, 0));
        assert_eq!(
            stop_timeout("1500000"),
            (Bound::Time(Duration::from_millis(1500)), 0)
        );
        for wrong in [
            "0",
            "-1",
            "1s",
            " 5",
            "1e6",
            "Infinity",
            "18446744073709551616",
        ] {
            assert_eq!(stop_timeout(wrong), (Bound::Unset, 1), "{wrong}");
        }
        let default = Some(Duration::from_secs(30));
        assert_eq!(Bound::Unset.or(default), default);
        assert_eq!(Bound::Infinite.or(default), None);
        assert_eq!(
            Bound::Time(Duration::from_secs(1)).or(default),
            Some(Duration::from_secs(1))
        );
    }

    #[test]
    fn the_watchdog() {
        let own = std::process::id().to_string();
        let period = |variables: &[(&str, &str)]| {
            let mut reader = read(variables);
            (reader.settings().watchdog, reader.wrong.len())
        };
        let second = Bound::Time(Duration::from_secs(1));
        assert_eq!(period(&[(WATCHDOG, "1000000")]), (second, 0));
        assert_eq!(
            period(&[(WATCHDOG, "1000000"), (WATCHDOG_PID, &own)]),
            (second, 0)
        );
        assert_eq!(
            period(&[(WATCHDOG, "x"), (WATCHDOG_PID, "1")]),
            (Bound::Unset, 0)
        );
        assert_eq!(period(&[(WATCHDOG, "0")]), (Bound::Unset, 1));
    }

    #[cfg(unix)]
    #[test]
    fn the_manager() {
        let own = std::process::id().to_string();
        assert!(!read(&[]).systemd().is_manager);
        assert!(!read(&[(NOTIFY_SOCKET, "")]).systemd().is_manager);
        assert!(!read(&[(EXEC_PID, "1")]).systemd().is_manager);
        assert!(read(&[(EXEC_PID, &own)]).systemd().is_manager);
        let systemd = read(&[(NOTIFY_SOCKET, "@x")]).systemd();
        assert_eq!(
            (systemd.is_manager, systemd.notify_socket),
            (true, Some("@x".into()))
        );
    }

    #[cfg(unix)]
    #[test]
    fn descriptors() {
        let own = std::process::id().to_string();
        let names = |variables: &[(&str, &str)]| {
            let mut reader = read(variables);
            (reader.systemd().descriptors, reader.wrong.len())
        };
        let with = |count, list| {
            names(&[
                (LISTEN_PID, &own),
                (LISTEN_FDS, count),
                (LISTEN_FDNAMES, list),
            ])
        };
        assert_eq!(
            with("2", "http:a b"),
            (vec!["http".into(), "a b".into()], 0)
        );
        assert_eq!(with("2", ""), (vec!["unknown".into(), "unknown".into()], 0));
        assert_eq!(with("0", ""), (Vec::new(), 0));
        assert_eq!(with("2", "http"), (Vec::new(), 1));
        assert_eq!(with("1", "http:admin"), (Vec::new(), 1));
        assert_eq!(with("-1", "http"), (Vec::new(), 1));
        assert_eq!(with("4294967296", "http"), (Vec::new(), 1));
        // Another process's.
        assert_eq!(
            names(&[(LISTEN_PID, "1"), (LISTEN_FDS, "x")]),
            (Vec::new(), 0)
        );
        assert_eq!(names(&[(LISTEN_FDS, "1")]), (Vec::new(), 0));
        assert_eq!(names(&[(LISTEN_PID, &own)]), (Vec::new(), 0));
    }

    #[cfg(windows)]
    #[test]
    fn what_the_scm_leaves_to_the_service() {
        let complete = [
            (START_TIMEOUT, "90000000"),
            (RESTART, "always"),
            (WORKING_DIRECTORY, r"C:\ProgramData\beacon\state"),
        ];
        let mut reader = read(&complete);
        let scm = reader.scm();
        assert_eq!(scm.start_timeout, Bound::Time(Duration::from_secs(90)));
        assert!(scm.restart_always && reader.wrong.is_empty());
        assert_eq!(
            scm.working_directory,
            Some(r"C:\ProgramData\beacon\state".into())
        );
        let wrong = [
            (START_TIMEOUT, "soon"),
            (RESTART, "Always"),
            (WORKING_DIRECTORY, "state"),
        ];
        let mut reader = read(&wrong);
        assert_eq!(reader.scm(), Scm::default());
        assert_eq!(reader.wrong.len(), 3);
    }
}
