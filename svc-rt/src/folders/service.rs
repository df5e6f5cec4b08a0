//! The folders and the credentials of a [`Service`].

use std::fmt;
use std::path::PathBuf;

use super::{Dir, Folders};
use crate::error::Error;
use crate::service::Service;

/// The service's folders: [`Service::dirs`].
///
/// A service gets those that it declares, `directories = { state = true }`, made and owned as they should be: by systemd
/// ("systemd.exec(5)", `StateDirectory=` and its kin), on Windows by the installer, below `%ProgramData%`. Their paths come in
/// `STATE_DIRECTORY`, `CACHE_DIRECTORY`, `LOGS_DIRECTORY`, `CONFIGURATION_DIRECTORY` and `RUNTIME_DIRECTORY`.
///
/// In the foreground these variables count too. Where one is not set, the folder is where a user's programs keep such things
/// ("XDG Base Directory Specification"; below `%LOCALAPPDATA%` on Windows), and root's are those of the system's services.
/// There it is made if need be, but for the configuration's.
///
/// An error says what to do: [`NotFound`](std::io::ErrorKind::NotFound) if the folder is not declared.
pub struct Dirs<'s>(&'s Folders);

impl Dirs<'_> {
    /// For what must outlive a restart.
    ///
    /// ```no_run
    /// # fn run(svc: svc_rt::Service) -> std::io::Result<()> {
    /// let store = std::fs::File::create(svc.dirs().state()?.join("readings"))?;
    /// # drop(store); Ok(()) }
    /// ```
    pub fn state(&self) -> Result<PathBuf, Error> {
        self.first(Dir::State)
    }

    /// For what can be made again.
    ///
    /// ```no_run
    /// # fn run(svc: svc_rt::Service) -> Result<(), svc_rt::Error> {
    /// let thumbnails = svc.dirs().cache()?.join("thumbnails");
    /// # drop(thumbnails); Ok(()) }
    /// ```
    pub fn cache(&self) -> Result<PathBuf, Error> {
        self.first(Dir::Cache)
    }

    /// For log files.
    ///
    /// ```no_run
    /// # fn run(svc: svc_rt::Service) -> Result<(), svc_rt::Error> {
    /// let access = svc.dirs().logs()?.join("access.log");
    /// # drop(access); Ok(()) }
    /// ```
    pub fn logs(&self) -> Result<PathBuf, Error> {
        self.first(Dir::Logs)
    }

    /// The configuration, which the service only reads.
    ///
    /// ```no_run
    /// # fn run(svc: svc_rt::Service) -> std::io::Result<()> {
    /// let config = std::fs::read_to_string(svc.dirs().config()?.join("beacon.toml"))?;
    /// # drop(config); Ok(()) }
    /// ```
    pub fn config(&self) -> Result<PathBuf, Error> {
        self.first(Dir::Config)
    }

    /// For what is gone after a stop: sockets, lock files.
    ///
    /// ```no_run
    /// # fn run(svc: svc_rt::Service) -> std::io::Result<()> {
    /// std::fs::write(svc.dirs().runtime()?.join("port"), "8080")?;
    /// # Ok(()) }
    /// ```
    pub fn runtime(&self) -> Result<PathBuf, Error> {
        self.first(Dir::Runtime)
    }

    /// All folders of a kind, at least one: systemd knows several (`StateDirectory=beacon beacon/spool`), and the methods above
    /// give the first.
    ///
    /// ```no_run
    /// # fn run(svc: svc_rt::Service) -> Result<(), svc_rt::Error> {
    /// let folders = svc.dirs().all(svc_rt::Dir::State)?;
    /// # drop(folders); Ok(()) }
    /// ```
    pub fn all(&self, dir: Dir) -> Result<Vec<PathBuf>, Error> {
        self.0.all(dir)
    }

    fn first(&self, dir: Dir) -> Result<PathBuf, Error> {
        self.0.first(dir)
    }
}

impl fmt::Debug for Dirs<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Dirs").finish_non_exhaustive()
    }
}

/// # Folders and credentials
impl Service {
    /// The service's folders.
    ///
    /// ```no_run
    /// # fn run(svc: svc_rt::Service) -> Result<(), svc_rt::Error> {
    /// let store = svc.dirs().state()?.join("readings.json");
    /// # drop(store); Ok(()) }
    /// ```
    pub fn dirs(&self) -> Dirs<'_> {
        Dirs(self.folders())
    }

    /// A secret that was handed to the service, byte for byte: a declared credential, `credentials = [{ name = "token" }]`.
    ///
    /// systemd gives it to this service alone ("systemd.exec(5)", `LoadCredential=`); on Windows it is a file that only the
    /// service and administrators read. In the foreground, where `CREDENTIALS_DIRECTORY` is not set, it is the file of that
    /// name in `credentials` beside the configuration.
    ///
    /// An editor may have left a line end behind the secret. One that is not there, or holds nothing, is an error of kind
    /// [`NotFound`](std::io::ErrorKind::NotFound), so that an optional one can be done without.
    ///
    /// ```no_run
    /// # fn run(svc: svc_rt::Service) -> Result<(), svc_rt::Error> {
    /// let token = svc.credential("token")?;
    /// let token = String::from_utf8_lossy(&token).trim_end().to_owned();
    /// # drop(token); Ok(()) }
    /// ```
    pub fn credential(&self, name: &str) -> Result<Vec<u8>, Error> {
        self.folders().read(name)
    }

    /// Where the credential is, for what wants a file. Whether it is there is not looked at.
    ///
    /// ```no_run
    /// # fn run(svc: svc_rt::Service) -> Result<(), svc_rt::Error> {
    /// let key = svc.credential_path("tls.key")?;
    /// # drop(key); Ok(()) }
    /// ```
    pub fn credential_path(&self, name: &str) -> Result<PathBuf, Error> {
        self.folders().credential(name)
    }
}
