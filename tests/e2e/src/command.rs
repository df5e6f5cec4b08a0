//! Runs a program with a time limit and keeps all that it said.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// What a program did.
#[derive(Debug, Clone)]
pub struct Output {
    /// How it ended.
    pub status: ExitStatus,
    /// Its standard output.
    pub stdout: Vec<u8>,
    /// Its standard error.
    pub stderr: Vec<u8>,
}

impl Output {
    /// The exit code; -1 after a signal.
    pub fn code(&self) -> i32 {
        self.status.code().unwrap_or(-1)
    }

    /// Standard output as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.stdout).into_owned()
    }

    /// Standard error as text.
    pub fn errors(&self) -> String {
        String::from_utf8_lossy(&self.stderr).into_owned()
    }

    /// Both streams and the status, for a message.
    pub fn describe(&self) -> String {
        format!(
            "{}\n--- stdout\n{}--- stderr\n{}",
            self.status,
            self.text(),
            self.errors()
        )
    }

    /// Standard output as text, or an error with everything if the program failed.
    pub fn success(self) -> Result<String> {
        if self.status.success() {
            Ok(self.text())
        } else {
            bail!("{}", self.describe())
        }
    }
}

/// Runs `command` with `input` on its standard input. A program that does not end within `limit` is killed, which is an error.
///
/// Its output goes to files rather than pipes: a daemon that it leaves behind may hold them open for as long as it likes.
pub fn run(command: &mut Command, input: &[u8], limit: Duration) -> Result<Output> {
    let name = command.get_program().to_owned();
    let (mut out, mut err) = (tempfile::tempfile()?, tempfile::tempfile()?);
    let mut feed = tempfile::tempfile()?;
    feed.write_all(input)?;
    feed.seek(SeekFrom::Start(0))?;
    let mut child = command
        .stdin(feed)
        .stdout(out.try_clone()?)
        .stderr(err.try_clone()?)
        .spawn()
        .with_context(|| format!("cannot run {}", name.display()))?;
    let status = wait(&mut child, limit)?;
    let (stdout, stderr) = (read(&mut out)?, read(&mut err)?);
    let Some(status) = status else {
        child.kill()?;
        let status = child.wait()?;
        let said = Output {
            status,
            stdout,
            stderr,
        }
        .describe();
        bail!("{command:?} did not end within {limit:?}: {said}")
    };
    Ok(Output {
        status,
        stdout,
        stderr,
    })
}

/// Waits for a child for at most `limit`; `None` if it still runs then.
pub fn wait(child: &mut Child, limit: Duration) -> Result<Option<ExitStatus>> {
    let begin = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if begin.elapsed() > limit {
            return Ok(None);
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn read(file: &mut File) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.seek(SeekFrom::Start(0))?;
    file.read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Whether a program of this name is on the search path.
pub fn exists(program: &str) -> bool {
    let Some(path) = std::env::var_os("PATH") else {
        return false;
    };
    std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
}

/// A command that reads nothing and says nothing on the terminal of the suite.
pub fn quiet(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command
}
