//! Timing.

use std::io;
use std::os::unix::net::UnixDatagram;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::Result;

/// Runs each task once to warm up, then all of them in turn, and gives back the times of each.
pub(crate) fn alternate<const N: usize>(
    runs: usize,
    mut tasks: [&mut dyn FnMut() -> Result<()>; N],
) -> Result<[Vec<Duration>; N]> {
    let mut times = [const { Vec::new() }; N];
    if runs > 1 {
        for task in &mut tasks {
            task()?;
        }
    }
    for _ in 0..runs {
        for (task, times) in tasks.iter_mut().zip(&mut times) {
            let start = Instant::now();
            task()?;
            times.push(start.elapsed());
        }
    }
    Ok(times)
}

/// What a process and its children took.
pub(crate) struct Used {
    pub(crate) wall: Duration,
    /// In user space and in the kernel.
    pub(crate) cpu: Duration,
    /// The most memory of one of them, in KiB.
    pub(crate) peak: u64,
}

/// Runs a command under GNU time, which asks the kernel.
pub(crate) fn used(command: &mut Command) -> Result<Used> {
    let mut timed = Command::new("time");
    timed
        .args(["--format", "%e %U %S %M"])
        .arg(command.get_program())
        .args(command.get_args())
        .stdin(Stdio::null())
        .stdout(Stdio::null());
    if let Some(folder) = command.get_current_dir() {
        timed.current_dir(folder);
    }
    let start = Instant::now();
    let output = timed
        .output()
        .map_err(|error| format!("GNU time (Debian: the package `time`): {error}"))?;
    let wall = start.elapsed();
    let stderr = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        return Err(format!("{command:?}: {}\n{stderr}", output.status).into());
    }
    let last = stderr.lines().last().unwrap_or_default();
    let [_, user, system, peak] = last.split(' ').collect::<Vec<_>>()[..] else {
        return Err(format!("GNU time said `{last}`").into());
    };
    Ok(Used {
        wall,
        cpu: Duration::try_from_secs_f64(user.parse::<f64>()? + system.parse::<f64>()?)?,
        peak: peak.parse()?,
    })
}

/// The middle one of the times.
pub(crate) fn median(times: &[Duration]) -> Duration {
    let mut times = times.to_vec();
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

/// With one decimal.
pub(crate) fn milliseconds(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1000.0)
}

/// How long a program takes from its start to `READY=1`, as a service manager sees it. The program is ended then.
pub(crate) fn ready_time(program: &Path) -> Result<Duration> {
    let path = std::env::temp_dir().join(format!("svc-bench-{}.sock", std::process::id()));
    let socket = UnixDatagram::bind(&path)?;
    socket.set_read_timeout(Some(Duration::from_secs(10)))?;
    let start = Instant::now();
    let mut child = Command::new(program)
        .env("NOTIFY_SOCKET", &path)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    let heard = wait_for_ready(&socket);
    let time = start.elapsed();
    child.kill()?;
    child.wait()?;
    std::fs::remove_file(&path)?;
    heard?;
    Ok(time)
}

pub(crate) fn wait_for_ready(socket: &UnixDatagram) -> io::Result<()> {
    let mut buffer = [0; 4096];
    loop {
        let length = socket.recv(&mut buffer)?;
        if buffer[..length]
            .split(|byte| *byte == b'\n')
            .any(|line| line == b"READY=1")
        {
            return Ok(());
        }
    }
}
