//! A service that a test registers itself, with the service control manager's own means.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, ensure};

use crate::bed::scm::{Host, RUNNING, STOPPED, State};
use crate::wait;

/// A registered service, removed again on drop where the host is the machine itself.
pub struct Registered {
    /// Where it is registered.
    pub host: Host,
    /// The service's name.
    pub name: &'static str,
    /// The Windows path of its program.
    pub program: String,
}

impl Registered {
    /// Registers a program that takes `--probe-dir=…`, with these further arguments, on a new host.
    pub fn new(name: &'static str, program: &Path, start: &str, args: &str) -> Result<Self> {
        let host = Host::start()?;
        let copy = host.folder().join(format!("{name}.exe"));
        std::fs::copy(program, &copy).with_context(|| program.display().to_string())?;
        let program = host.windows(&copy)?;
        let folder = host.windows(host.folder())?;
        let image = format!("\"{program}\" \"--probe-dir={folder}\" {args}");
        let image = image.trim_end();
        let created = host.sc(&["create", name, "binPath=", image, "start=", start])?;
        ensure!(created.code == 0, "sc create: {created:?}");
        Ok(Self {
            host,
            name,
            program,
        })
    }

    /// The same, started on demand and running.
    pub fn running(name: &'static str, program: &Path, args: &str) -> Result<Self> {
        let service = Self::new(name, program, "demand", args)?;
        service.start()?;
        service.wait_for(RUNNING)?;
        Ok(service)
    }

    /// Starts it, and does not wait.
    pub fn start(&self) -> Result<()> {
        let started = self.host.sc(&["start", self.name])?;
        ensure!(started.code == 0, "sc start: {started:?}");
        Ok(())
    }

    /// Asks it to stop, and does not wait.
    pub fn stop(&self) -> Result<()> {
        let stopped = self.host.sc(&["stop", self.name])?;
        ensure!(stopped.code == 0, "sc stop: {stopped:?}");
        Ok(())
    }

    /// Stops it, and looks whether that was in order.
    pub fn stop_in_order(&self) -> Result<()> {
        self.stop()?;
        let state = self.wait_for(STOPPED)?;
        ensure!((state.win32, state.specific) == (0, 0), "{state:?}");
        Ok(())
    }

    /// Sends a control, and gives what it was answered with.
    pub fn control(&self, code: &str) -> Result<i32> {
        Ok(self.host.sc(&["control", self.name, code])?.code)
    }

    /// Sends a control that is to be taken.
    pub fn order(&self, code: &str) -> Result<()> {
        let answer = self.control(code)?;
        ensure!(answer == 0, "the control {code} was answered with {answer}");
        Ok(())
    }

    /// Waits for a state.
    pub fn wait_for(&self, state: u32) -> Result<State> {
        self.host.wait_for(self.name, state)
    }

    /// Has the manager start it again whenever it fails, as what `cargo svc` installs does.
    pub fn recover(&self) -> Result<()> {
        let name = self.name;
        for setting in [
            &[
                "failure",
                name,
                "reset=",
                "86400",
                "actions=",
                "restart/500",
            ][..],
            &["failureflag", name, "1"],
        ] {
            let set = self.host.sc(setting)?;
            ensure!(set.code == 0, "sc {setting:?}: {set:?}");
        }
        Ok(())
    }

    /// Waits until another process than this one runs.
    pub fn wait_for_another(&self, pid: u32) -> Result<State> {
        let probe = || {
            let state = self.host.state(self.name)?.ok();
            Ok(state.filter(|state| state.state == RUNNING && state.pid != pid))
        };
        wait::until(
            "another process of the service",
            Duration::from_secs(60),
            probe,
            || format!("{:?}", self.host.state(self.name)),
        )
    }

    /// Writes a file of its folder.
    pub fn put(&self, file: &str, content: &str) -> Result<()> {
        Ok(std::fs::write(self.host.folder().join(file), content)?)
    }

    /// The lines that it wrote into the file `said` of its folder.
    pub fn said(&self) -> Result<Vec<String>> {
        let text = std::fs::read_to_string(self.host.folder().join("said"));
        let text = text.context("what the service said")?;
        Ok(text.lines().map(str::to_owned).collect())
    }

    /// Waits until it has said a line that begins like this so many times, and gives the last one.
    pub fn wait_until_said(&self, line: &str, times: usize) -> Result<String> {
        let probe = || {
            let said = self.said()?;
            let mut all = said.into_iter().filter(|said| said.starts_with(line));
            Ok(all.nth(times.saturating_sub(1)))
        };
        wait::until(
            &format!("{line:?}, {times} times"),
            Duration::from_secs(60),
            probe,
            || format!("{:?}", self.said()),
        )
    }

    /// Puts variables where an operator puts them: `Parameters\\Environment`.
    pub fn set_parameters(&self, variables: &[String]) -> Result<()> {
        let key = format!("{SERVICES}\\{}\\Parameters", self.name);
        self.host.set_environment(&key, variables)
    }

    /// Puts a variable into the service's environment. Wine's manager hands over none of the service's own, so there it
    /// goes into the system's, which reaches services after a reboot.
    pub fn set_env(&mut self, name: &str, value: &str) -> Result<()> {
        if Host::is_windows() {
            let key = format!("{}\\{}", SERVICES, self.name);
            let pair = format!("{name}={value}");
            let add = [
                "add",
                &key,
                "/v",
                "Environment",
                "/t",
                "REG_MULTI_SZ",
                "/d",
                &pair,
                "/f",
            ];
            self.host.ok("reg.exe", &add)?;
        } else {
            let key = r"HKLM\System\CurrentControlSet\Control\Session Manager\Environment";
            self.host
                .ok("reg.exe", &["add", key, "/v", name, "/d", value, "/f"])?;
            self.host.reboot()?;
        }
        Ok(())
    }
}

/// Where the manager keeps its services.
const SERVICES: &str = r"HKLM\System\CurrentControlSet\Services";

impl Drop for Registered {
    fn drop(&mut self) {
        if Host::is_windows() {
            let _ = self.host.sc(&["stop", self.name]);
            let _ = self.wait_for(STOPPED);
            let _ = self.host.sc(&["delete", self.name]);
            let _ = self.host.wait_for_absence(self.name);
        }
    }
}
