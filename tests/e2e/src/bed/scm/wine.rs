//! Wine as a host: a prefix of its own, a clone of one that is made once and kept under the target folder.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use super::{Event, Host, STEP, events, os};
use crate::checkout;
use crate::command::{self, exists};
use crate::once::{self, RunFolder};
use crate::programs;

/// Part of the cached prefix's name: another number where the recipe below changes.
const RECIPE: u32 = 1;

pub(super) const NO_REBOOT: Option<&str> = None;

/// Has Wine say how its Event Log is called, which keeps nothing.
const EVENT_LOG: &str = "-all,fixme+advapi,err+eventlog,warn+eventlog,trace+eventlog";

pub(super) fn needs() -> Result<(), String> {
    let absent: Vec<_> = ["wine", "wineserver", "wineboot"]
        .into_iter()
        .filter(|p| !exists(p))
        .collect();
    if !absent.is_empty() {
        return Err(format!("needs {}", absent.join(", ")));
    }
    programs::windows_needs()
}

pub(super) struct Inner {
    // Its standard input ends with this process, however that ends; Wine's server and all services follow.
    hold: Option<Child>,
    env: BTreeMap<String, String>,
    prefix: PathBuf,
    own: PathBuf,
    // What Wine itself says.
    said: PathBuf,
    // Last: the prefix goes after everything in it has ended.
    _folder: RunFolder,
}

impl Inner {
    pub(super) fn start() -> Result<Self> {
        let programs = programs::windows()?;
        let beds = checkout::beds()?;
        let template = once::folder(&beds, &format!("wine-{RECIPE}"), make)?;
        let folder = RunFolder::new(&beds)?;
        let (prefix, own) = (folder.path().join("prefix"), folder.path().join("own"));
        clone(&template.join("prefix"), &prefix)?;
        fs::create_dir(&own)?;
        let windows = prefix.join("drive_c/windows");
        put_before_msiexec(&windows)?;
        for (from, to) in [
            (&programs.prng, "system32/bcryptprimitives.dll"),
            (&programs.sc, "system32/sc.exe"),
            (&programs.witness, "system32/icacls.exe"),
            (&programs.witness, "system32/netsh.exe"),
            (&programs.witness, "system32/eventcreate.exe"),
            (
                &programs.witness,
                "system32/WindowsPowerShell/v1.0/powershell.exe",
            ),
            (&programs.certutil, "system32/certutil.exe"),
            (&programs.fc, "system32/fc.exe"),
            (&programs.findstr, "system32/findstr.exe"),
            (&programs.whoami, "system32/whoami.exe"),
            (&programs.winq, "winq.exe"),
            (&programs.msiexec, "system32/msiexec.exe"),
        ] {
            let to = windows.join(to);
            // The clone shares its files with the template: replace, never write into one.
            let _ = fs::remove_file(&to);
            fs::copy(from, &to).with_context(|| to.display().to_string())?;
        }
        let mut env = BTreeMap::new();
        for (variable, file) in [("SC_SHIM_LOG", "sc.log"), ("TOOL_SHIM_LOG", "tools.log")] {
            env.insert(
                variable.to_owned(),
                format!("Z:{}", own.join(file).display()).replace('/', "\\"),
            );
        }
        let mut host = Self {
            hold: None,
            env,
            prefix,
            own,
            said: folder.path().join("said"),
            _folder: folder,
        };
        host.hold()?;
        Ok(host)
    }

    /// Starts the server, and with it the manager and the services that start at boot.
    fn hold(&mut self) -> Result<()> {
        let said = fs::File::options()
            .create(true)
            .append(true)
            .open(&self.said)?;
        let mut child = self
            .wine(&["hold"])
            // All services get this and that file from here.
            .env("WINEDEBUG", EVENT_LOG)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(said)
            .spawn()
            .context("cannot run wine")?;
        let mut line = String::new();
        let stdout = child.stdout.take().context("a pipe")?;
        self.hold = Some(child);
        BufReader::new(stdout).read_line(&mut line)?;
        if line.trim() == "holding" {
            Ok(())
        } else {
            bail!("wine did not start: it said {line:?}")
        }
    }

    fn wine(&self, args: &[&str]) -> Command {
        let mut command = base("wine", &self.prefix);
        command
            .arg(r"C:\windows\winq.exe")
            .args(os(args))
            .envs(&self.env);
        command
    }

    pub(super) fn winq(&self, args: &[&str]) -> Command {
        self.wine(args)
    }

    pub(super) fn reboot(&mut self) -> Result<()> {
        self.end()?;
        self.hold()
    }

    fn end(&mut self) -> Result<()> {
        // All processes of the prefix end; the second call waits for the server itself.
        for option in ["-k", "-w"] {
            let mut server = base("wineserver", &self.prefix);
            command::run(server.arg(option), b"", STEP)?;
        }
        if let Some(mut hold) = self.hold.take() {
            drop(hold.stdin.take());
            if command::wait(&mut hold, Duration::from_secs(10))?.is_none() {
                hold.kill()?;
                hold.wait()?;
            }
        }
        Ok(())
    }

    pub(super) fn events(&self, _: &Host, source: &str) -> Result<Vec<Event>> {
        // A program may print what is no UTF-8.
        events::of_wine(&String::from_utf8_lossy(&fs::read(&self.said)?), source)
    }

    pub(super) fn set_env(&mut self, name: &str, value: &str) {
        self.env.insert(name.to_owned(), value.to_owned());
    }

    pub(super) fn folder(&self) -> &Path {
        &self.own
    }

    pub(super) fn local(&self, windows: &str) -> PathBuf {
        let unix = windows.replace('\\', "/");
        match unix.split_once(':') {
            Some(("Z" | "z", path)) => PathBuf::from(path),
            Some((_, path)) => self
                .prefix
                .join("drive_c")
                .join(path.trim_start_matches('/')),
            None => PathBuf::from(unix),
        }
    }

    pub(super) fn windows(&self, local: &Path) -> Result<String> {
        let c = self.prefix.join("drive_c");
        let (drive, path) = match local.strip_prefix(&c) {
            Ok(path) => ("C:/", path),
            Err(_) => ("Z:", local),
        };
        let path = path.to_str().with_context(|| local.display().to_string())?;
        Ok(format!("{drive}{path}").replace('/', "\\"))
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        if let Err(error) = self.end() {
            eprintln!("svc-e2e: cannot end Wine: {error:#}");
        }
    }
}

/// A program of Wine in this prefix, with an environment of its own.
fn base(program: &str, prefix: &Path) -> Command {
    let mut command = if steady_addresses() {
        let mut command = Command::new("setarch");
        command.args(["-R", program]);
        command
    } else {
        Command::new(program)
    };
    command
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("WINEPREFIX", prefix)
        .env("WINEDEBUG", "-all")
        // The bed's own programs, not those that Wine has built in.
        .env(
            "WINEDLLOVERRIDES",
            "sc.exe,icacls.exe,netsh.exe,eventcreate.exe,powershell.exe,certutil.exe,fc.exe,findstr.exe,whoami.exe,msiexec.exe=n;winemenubuilder.exe,mscoree,mshtml=",
        )
        // File names beyond ASCII need a UTF-8 locale.
        .env("LC_ALL", "C.UTF-8")
        // Wine links the user's folders into the prefix; these belong to the prefix.
        .env("HOME", prefix.join("home"))
        .env("USER", "bed")
        .current_dir(prefix);
    command
}

/// Whether programs can be run without random addresses. Wine needs a page at a fixed one, and about one of its processes in
/// 4,500 ends at its start where the kernel's choice lies there ("failed to map the shared user data"). A container may forbid it.
fn steady_addresses() -> bool {
    static CAN: OnceLock<bool> = OnceLock::new();
    *CAN.get_or_init(|| {
        let mut probe = Command::new("setarch");
        probe.args(["-R", "true"]);
        probe
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| status.success())
    })
}

/// Keeps Wine's msiexec.exe under another name, where the one that stands before it looks for it.
fn put_before_msiexec(windows: &Path) -> Result<()> {
    const MARK: &[u8] = b"Wine builtin DLL";
    let path = windows.join("system32/msiexec.exe");
    let mut program = fs::read(&path).with_context(|| path.display().to_string())?;
    // Without this mark it is a program as any other, which may have any name.
    if let Some(at) = program.windows(MARK.len()).position(|part| part == MARK) {
        program[at..at + MARK.len()].fill(0);
    }
    fs::write(windows.join("msiexec-real.exe"), program)?;
    Ok(())
}

/// Makes the prefix that hosts are cloned from.
fn make(new: &Path) -> Result<()> {
    let prefix = new.join("prefix");
    fs::create_dir_all(prefix.join("home"))?;
    let limit = Duration::from_secs(300);
    command::run(base("wineboot", &prefix).arg("--init"), b"", limit)?
        .success()
        .context("wineboot")?;
    command::run(base("wineserver", &prefix).arg("-w"), b"", limit)?
        .success()
        .context("wineserver")?;
    Ok(())
}

/// Copies a prefix. What belongs to Wine itself is shared as hard links: 700 MB that no test writes to.
fn clone(from: &Path, to: &Path) -> Result<()> {
    clone_below(from, to, false)
}

/// `shared`: it is a folder of Wine itself. What lies above the prefix says nothing about that.
fn clone_below(from: &Path, to: &Path, shared: bool) -> Result<()> {
    fs::create_dir(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (old, new) = (entry.path(), to.join(entry.file_name()));
        let kind = entry.file_type()?;
        if kind.is_symlink() {
            symlink(fs::read_link(&old)?, &new)?;
        } else if kind.is_dir() {
            // The server keeps its socket in a folder of the prefix on some systems.
            if entry.file_name() != "wineserver" {
                clone_below(&old, &new, shared || entry.file_name() == "windows")?;
            }
        } else if kind.is_file() && (!shared || fs::hard_link(&old, &new).is_err()) {
            fs::copy(&old, &new).with_context(|| old.display().to_string())?;
        }
    }
    Ok(())
}
