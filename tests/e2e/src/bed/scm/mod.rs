//! A host with a service control manager: Wine on Linux, and on Windows the machine itself.
//!
//! What both offer is here; how a program gets to run there is in the two inner modules.

mod events;
#[cfg(windows)]
mod native;
mod registry;
#[cfg(not(windows))]
mod wine;

#[cfg(windows)]
use native as host;
#[cfg(not(windows))]
use wine as host;

pub use events::{Event, Severity};
pub use registry::{Key, Value};

use std::ffi::OsString;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;

use crate::command::{self, Output};
use crate::wait;

/// Longer than any start or stop here takes, on a loaded machine too.
const STEP: Duration = Duration::from_secs(120);

/// `SERVICE_STOPPED`.
pub const STOPPED: u32 = 1;
/// `SERVICE_START_PENDING`.
pub const START_PENDING: u32 = 2;
/// `SERVICE_STOP_PENDING`.
pub const STOP_PENDING: u32 = 3;
/// `SERVICE_RUNNING`.
pub const RUNNING: u32 = 4;
/// `SERVICE_PAUSED`.
pub const PAUSED: u32 = 7;
/// `ERROR_SERVICE_DOES_NOT_EXIST`.
pub const ABSENT: u32 = 1060;
/// `ERROR_SERVICE_SPECIFIC_ERROR`: the service's own code is in `specific`.
pub const SPECIFIC: u32 = 1066;

/// What the manager reports about a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub struct State {
    /// `dwCurrentState`.
    pub state: u32,
    /// `dwWin32ExitCode`.
    pub win32: u32,
    /// `dwServiceSpecificExitCode`.
    pub specific: u32,
    /// The process, 0 if there is none.
    pub pid: u32,
    /// `dwControlsAccepted`.
    pub accepted: u32,
    /// `dwCheckPoint`.
    pub checkpoint: u32,
    /// `dwWaitHint`, in milliseconds.
    pub hint: u32,
}

/// A service's settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// `SERVICE_AUTO_START` is 2, `SERVICE_DEMAND_START` 3, `SERVICE_DISABLED` 4.
    pub start: u32,
    /// The command line.
    pub image: String,
    /// The name shown.
    pub display: String,
    /// The account.
    pub account: String,
}

#[derive(Deserialize)]
struct RawConfig {
    start: u32,
    image: String,
    display: String,
    account: String,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Answer<T> {
    Error { error: u32 },
    Found(T),
}

/// What a program did.
#[derive(Debug, Clone)]
pub struct Ran {
    /// Its whole exit code.
    pub code: i32,
    /// Its standard output and standard error.
    pub text: String,
}

/// What this machine lacks for the bed; an error with the reason.
pub fn needs() -> Result<(), String> {
    host::needs()
}

/// A host that runs. Under Wine it is gone when dropped; on Windows it is the machine that the test cleans up after.
pub struct Host {
    inner: host::Inner,
}

impl Host {
    /// A new host under Wine; on Windows, this machine.
    pub fn start() -> Result<Self> {
        Ok(Self {
            inner: host::Inner::start()?,
        })
    }

    /// Why a test that reboots cannot run here.
    pub fn no_reboot() -> Option<&'static str> {
        host::NO_REBOOT
    }

    /// Why a test that wants a failed service to be started again cannot run here.
    pub fn no_recovery() -> Option<&'static str> {
        (!Self::is_windows()).then_some("Wine's manager runs no recovery action")
    }

    /// Whether this is a Windows machine, whose manager keeps and hands over all that Wine's forgets.
    pub fn is_windows() -> bool {
        cfg!(windows)
    }

    /// Ends all services and starts the manager again, as a reboot does.
    pub fn reboot(&mut self) -> Result<()> {
        self.inner.reboot()
    }

    /// Adds a variable to the environment of everything that [`Host::run`] runs.
    pub fn set_env(&mut self, name: &str, value: &str) {
        self.inner.set_env(name, value);
    }

    /// Where a Windows path of the host is for this process.
    pub fn local(&self, windows: &str) -> PathBuf {
        self.inner.local(windows)
    }

    /// The Windows path of a file of this machine.
    pub fn windows(&self, local: &Path) -> Result<String> {
        self.inner.windows(local)
    }

    /// A folder for the test's own files, to be removed with the host.
    pub fn folder(&self) -> &Path {
        self.inner.folder()
    }

    /// Runs a program or a batch file with exactly these arguments, in the test's own folder.
    pub fn run(&self, program: &str, args: &[&str]) -> Result<Ran> {
        self.start_in(self.folder(), program, args)
    }

    /// Runs a program or a batch file in this folder.
    pub fn run_in(&self, folder: &str, program: &str, args: &[&str]) -> Result<Ran> {
        self.start_in(&self.local(folder), program, args)
    }

    fn start_in(&self, folder: &Path, program: &str, args: &[&str]) -> Result<Ran> {
        let code = tempfile::NamedTempFile::new_in(self.folder())?.into_temp_path();
        let code_name = self.windows(&code)?;
        let mut all = vec!["run", &code_name, program];
        all.extend(args);
        let output = self.winq_in(folder, &all)?;
        let number = std::fs::read_to_string(&code).unwrap_or_default();
        let Ok(code) = number.trim().parse() else {
            bail!("{program} {args:?} did not run: {}", output.describe());
        };
        Ok(Ran {
            code,
            text: format!("{}{}", output.text(), output.errors()),
        })
    }

    /// Starts a program or a batch file in this folder. All of it ends when the returned process is killed.
    pub fn leash(&self, folder: &str, program: &str) -> Result<Child> {
        let code = self.windows(&self.folder().join("leash"))?;
        let mut winq = self.inner.winq(&["leash", &code, program]);
        let null = Stdio::null;
        winq.stdin(null()).stdout(null()).stderr(null());
        Ok(winq.current_dir(self.local(folder)).spawn()?)
    }

    /// Keeps a service open, as a console does that shows it.
    pub fn look_at(&self, service: &str) -> Result<Looker> {
        let mut winq = self.inner.winq(&["look", service]);
        winq.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut looker = Looker(winq.stderr(Stdio::null()).spawn()?);
        let mut line = String::new();
        let said = looker.0.stdout.take().context("a pipe")?;
        BufReader::new(said).read_line(&mut line)?;
        ensure!(line.trim() == "looking", "winq said {line:?}");
        Ok(looker)
    }

    /// Runs a program or a batch file that must end with 0.
    pub fn ok(&self, program: &str, args: &[&str]) -> Result<String> {
        let ran = self.run(program, args)?;
        if ran.code != 0 {
            bail!("{program} {args:?} ended with {}: {}", ran.code, ran.text);
        }
        Ok(ran.text)
    }

    /// Puts variables into the value `Environment` of a key of the registry.
    pub fn set_environment(&self, key: &str, variables: &[String]) -> Result<()> {
        let list = variables.join(r"\0");
        let what = ["/v", "Environment", "/t", "REG_MULTI_SZ", "/d", &list, "/f"];
        self.ok("reg.exe", &[&["add", key], &what[..]].concat())?;
        Ok(())
    }

    /// Presses the buttons with these texts, each once it is there and can be pressed.
    pub fn press(&self, texts: &[&str]) -> Result<()> {
        for text in texts {
            self.winq(&["press", text])?.success()?;
        }
        Ok(())
    }

    /// Runs sc.exe; under Wine the test bed's own.
    pub fn sc(&self, args: &[&str]) -> Result<Ran> {
        self.run("sc.exe", args)
    }

    /// The command lines that sc.exe was given since the host was started. On Windows nothing records them.
    pub fn sc_calls(&self) -> Result<Vec<Vec<String>>> {
        self.calls("sc.log")
    }

    /// The command lines of icacls.exe and netsh.exe, each with the program's name before its words, likewise.
    pub fn tool_calls(&self) -> Result<Vec<Vec<String>>> {
        self.calls("tools.log")
    }

    fn calls(&self, log: &str) -> Result<Vec<Vec<String>>> {
        let Ok(log) = std::fs::read_to_string(self.folder().join(log)) else {
            return Ok(Vec::new());
        };
        log.lines()
            .map(|line| serde_json::from_str(line).context("a recorded call"))
            .collect()
    }

    /// What the manager reports, or its error.
    pub fn state(&self, service: &str) -> Result<Result<State, u32>> {
        self.ask(&["state", service])
    }

    /// Sends a service a control of its own so many times, as fast as it goes. How many were taken, or the manager's error.
    pub fn flood(&self, service: &str, code: &str, times: u32) -> Result<Result<u32, u32>> {
        self.ask(&["flood", service, code, &times.to_string()])
    }

    /// A service's settings, or the manager's error.
    pub fn config(&self, service: &str) -> Result<Result<Config, u32>> {
        let raw: Result<RawConfig, u32> = self.ask(&["config", service])?;
        Ok(match raw {
            Err(code) => Err(code),
            Ok(raw) => Ok(Config {
                start: raw.start,
                image: registry::text(&raw.image)?,
                display: registry::text(&raw.display)?,
                account: registry::text(&raw.account)?,
            }),
        })
    }

    fn winq(&self, args: &[&str]) -> Result<Output> {
        self.winq_in(self.folder(), args)
    }

    fn winq_in(&self, folder: &Path, args: &[&str]) -> Result<Output> {
        command::run(self.inner.winq(args).current_dir(folder), b"", STEP)
    }

    fn ask<T: for<'a> Deserialize<'a>>(&self, args: &[&str]) -> Result<Result<T, u32>> {
        let text = self.winq(args)?.success()?;
        match serde_json::from_str(&text).with_context(|| format!("winq {args:?}: {text}"))? {
            Answer::Found(answer) => Ok(Ok(answer)),
            Answer::Error { error } => Ok(Err(error)),
        }
    }

    /// A registry key with all keys below it; `None` if it is absent. `path` begins with `HKLM\` or `HKCU\`.
    pub fn registry(&self, path: &str) -> Result<Option<Key>> {
        let text = self.winq(&["reg", path])?.success()?;
        Key::parse(&text).with_context(|| format!("the key {path}"))
    }

    /// The key of a service.
    pub fn service_key(&self, service: &str) -> Result<Option<Key>> {
        self.registry(&format!(
            "HKLM\\System\\CurrentControlSet\\Services\\{service}"
        ))
    }

    /// What this source has put into the Event Log since the host was started. Wine keeps nothing: there it is how the log was called.
    pub fn events(&self, source: &str) -> Result<Vec<Event>> {
        self.inner.events(self, source)
    }

    /// Waits until there is a record of this source whose text holds this.
    pub fn wait_for_event(&self, source: &str, part: &str) -> Result<Event> {
        let probe = || {
            let events = self.events(source)?;
            Ok(events.into_iter().find(|event| event.text.contains(part)))
        };
        wait::until(&format!("{part:?} in the log"), STEP, probe, || {
            format!("{:?}", self.events(source))
        })
    }

    /// Waits until the service is in this state.
    pub fn wait_for(&self, service: &str, state: u32) -> Result<State> {
        let probe = || Ok(self.state(service)?.ok().filter(|s| s.state == state));
        wait::until(&format!("{service} in state {state}"), STEP, probe, || {
            format!("it is {:?}", self.state(service))
        })
    }

    /// Waits until no process has this number.
    pub fn wait_for_end(&self, pid: u32) -> Result<()> {
        let pid = pid.to_string();
        let probe = || {
            let said = self.winq(&["alive", &pid])?.success()?;
            Ok((said.trim() == "false").then_some(()))
        };
        wait::until(
            &format!("the process {pid} to end"),
            STEP,
            probe,
            String::new,
        )
    }

    /// Waits until there is no such service.
    pub fn wait_for_absence(&self, service: &str) -> Result<()> {
        let probe = || Ok((self.state(service)? == Err(ABSENT)).then_some(()));
        wait::until(&format!("{service} to be gone"), STEP, probe, || {
            format!("it is {:?}", self.state(service))
        })
    }
}

/// Keeps a service open until it is dropped.
pub struct Looker(Child);

impl Drop for Looker {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        let _ = self.0.wait();
    }
}

/// Arguments as a child process takes them.
fn os(args: &[&str]) -> Vec<OsString> {
    args.iter().map(OsString::from).collect()
}
