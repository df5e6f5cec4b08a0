//! Runs a child under a manager of our own: a notify socket, signals, and its output.

use std::ffi::OsString;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::net::UnixDatagram;
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::time::Duration;

/// When a child that says nothing is taken for hung. No result depends on it.
const HUNG: Duration = Duration::from_secs(60);

/// A notify socket.
pub(crate) struct Manager {
    socket: UnixDatagram,
    pub(crate) address: OsString,
    folder: Option<std::path::PathBuf>,
}

fn unique() -> String {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    format!(
        "svc-rt-{}-{}",
        std::process::id(),
        NEXT.fetch_add(1, Ordering::Relaxed)
    )
}

impl Manager {
    /// One at a path, with a space in it.
    pub(crate) fn new() -> Self {
        let folder = std::env::temp_dir().join(unique());
        std::fs::create_dir(&folder).expect("a folder for the socket");
        let path = folder.join("notify here");
        let socket = UnixDatagram::bind(&path).expect("the notify socket");
        Self::over(socket, path.into_os_string(), Some(folder))
    }

    /// One with an abstract name.
    #[cfg(target_os = "linux")]
    pub(crate) fn hidden() -> Self {
        use std::os::linux::net::SocketAddrExt;
        let name = unique();
        let address = std::os::unix::net::SocketAddr::from_abstract_name(&name).expect("a name");
        let socket = UnixDatagram::bind_addr(&address).expect("the notify socket");
        Self::over(socket, OsString::from(format!("@{name}")), None)
    }

    fn over(socket: UnixDatagram, address: OsString, folder: Option<std::path::PathBuf>) -> Self {
        socket.set_read_timeout(Some(HUNG)).expect("a time-out");
        Self {
            socket,
            address,
            folder,
        }
    }

    /// The next message.
    pub(crate) fn hear(&self) -> String {
        let mut buffer = [0; 8192];
        let length = loop {
            match self.socket.recv(&mut buffer) {
                // With a time-out it is not begun again when a signal comes, such as that of a child's end (signal(7)).
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                heard => break heard.expect("the service says something"),
            }
        };
        String::from_utf8(buffer[..length].to_vec()).expect("UTF-8")
    }

    /// What was said and not yet heard, of a child that has ended.
    pub(crate) fn rest(&self) -> Vec<String> {
        self.socket.set_nonblocking(true).expect("non-blocking");
        let mut messages = Vec::new();
        let mut buffer = [0; 8192];
        while let Ok(length) = self.socket.recv(&mut buffer) {
            messages.push(String::from_utf8_lossy(&buffer[..length]).into_owned());
        }
        messages
    }
}

impl Drop for Manager {
    fn drop(&mut self) {
        if let Some(folder) = &self.folder {
            let _ = std::fs::remove_dir_all(folder);
        }
    }
}

/// A service that runs. Dropping it kills the child.
pub(crate) struct Running {
    /// Until it is gone the child is watched.
    _watch: Sender<()>,
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

/// How a child ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) signal: Option<i32>,
    /// What was said on standard output and not yet heard.
    pub(crate) output: String,
    pub(crate) errors: String,
}

/// The suite itself, with nothing of a manager's in its environment.
pub(crate) fn program(arguments: &[&str]) -> Command {
    let mut command = match arguments {
        [] => Command::new(std::env::current_exe().expect("the suite's own path")),
        [first, rest @ ..] => {
            let mut command = Command::new(first);
            command
                .args(rest)
                .arg(std::env::current_exe().expect("the suite's own path"));
            command
        }
    };
    for name in [
        "NOTIFY_SOCKET",
        "SVC_STOP_TIMEOUT_USEC",
        "SVC_SOCKETS",
        "LISTEN_PID",
        "LISTEN_FDS",
        "LISTEN_FDNAMES",
        "SVC_LOG",
        "JOURNAL_STREAM",
        "WATCHDOG_USEC",
        "WATCHDOG_PID",
        "SYSTEMD_EXEC_PID",
        "RUST_BACKTRACE",
    ] {
        command.env_remove(name);
    }
    command.arg("child");
    command
}

pub(crate) fn spawn(command: &mut Command) -> Running {
    spawn_with(command, Stdio::piped())
}

/// The same, with something else as its standard input.
pub(crate) fn spawn_with(command: &mut Command, input: Stdio) -> Running {
    let mut child = command
        .stdin(input)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the child starts");
    let input = child.stdin.take();
    let output = BufReader::new(child.stdout.take().expect("piped"));
    Running {
        _watch: watch(child.id()),
        child,
        input,
        output,
    }
}

/// Kills a child that hangs, so that whoever waits for what it says, or for its end, sees an end that is none of those expected.
fn watch(child: u32) -> Sender<()> {
    let (watched, ended) = channel();
    std::thread::spawn(move || {
        if ended.recv_timeout(HUNG) == Err(RecvTimeoutError::Timeout) {
            let _ = Command::new("kill")
                .args(["-KILL", &child.to_string()])
                .status();
        }
    });
    watched
}

/// Runs the service of that name with nobody to report to.
pub(crate) fn foreground(name: &str) -> Running {
    spawn(program(&[]).arg(name))
}

/// Runs the service of that name under a manager.
pub(crate) fn managed(manager: &Manager, name: &str) -> Running {
    spawn(
        program(&[])
            .arg(name)
            .env("NOTIFY_SOCKET", &manager.address),
    )
}

impl Running {
    pub(crate) fn signal(&self, signal: &str) {
        let status = Command::new("kill")
            .args([format!("-{signal}"), self.child.id().to_string()])
            .status()
            .expect("kill runs");
        assert!(status.success(), "the child is there to be signalled");
    }

    /// The child's process.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// The next line on standard output.
    pub(crate) fn line(&mut self) -> String {
        let mut line = String::new();
        self.output
            .read_line(&mut line)
            .expect("the child's output");
        line.trim_end().to_owned()
    }

    pub(crate) fn send_line(&mut self) {
        self.send("");
    }

    /// Sends a line.
    pub(crate) fn send(&mut self, line: &str) {
        let input = self.input.as_mut().expect("piped");
        writeln!(input, "{line}").expect("the child's input");
    }

    /// Waits for the end.
    pub(crate) fn end(mut self) -> Ended {
        let mut output = String::new();
        self.output
            .read_to_string(&mut output)
            .expect("the child's output");
        let mut errors = String::new();
        let mut pipe = self.child.stderr.take().expect("piped");
        pipe.read_to_string(&mut errors)
            .expect("the child's errors");
        let status = self.child.wait().expect("the child's end");
        Ended {
            code: status.code(),
            signal: status.signal(),
            output,
            errors,
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
