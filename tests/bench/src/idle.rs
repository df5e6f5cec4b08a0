//! What a service costs that has nothing to do, and how long its end takes.

use std::fs;
use std::os::unix::net::UnixDatagram;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::measure::{median, milliseconds, wait_for_ready};
use crate::samples::Samples;
use crate::{Result, cargo, line, succeed};

/// How long an idle service is watched.
const IDLE: Duration = Duration::from_secs(10);

pub(crate) fn figures(samples: &Samples, wanted: impl Fn(&str) -> bool) -> Result<()> {
    for sample in [&samples.service, &samples.bare] {
        succeed(cargo().args(["build", "--release"]).current_dir(sample))?;
    }
    let program = |sample: &Path| sample.join("target/release/beacon");
    let (bare, service) = (program(&samples.bare), program(&samples.service));
    if wanted("stop") {
        // The bare program has no handler: SIGTERM is its end.
        let (mut without, mut with) = (Vec::new(), Vec::new());
        for _ in 0..100 {
            without.push(Running::start(&bare)?.stop()?);
            with.push(Running::start(&service)?.stop()?);
        }
        line(
            "SIGTERM to exit, idle: bare / with a service",
            &milliseconds(median(&without)),
            &milliseconds(median(&with)),
            &milliseconds(median(&without) + Duration::from_millis(5)),
        );
    }
    if wanted("idle") {
        let running = Running::start(&service)?;
        // What begins at the start may still be going on.
        std::thread::sleep(Duration::from_secs(1));
        let before = running.switches()?;
        std::thread::sleep(IDLE);
        let switches = running.switches()? - before;
        line(
            &format!("wake-ups of an idle service in {} s", IDLE.as_secs()),
            "",
            &switches.to_string(),
            "0",
        );
    }
    if wanted("memory") {
        let measure = |program: &Path| -> Result<(u64, u64)> {
            let running = Running::start(program)?;
            std::thread::sleep(Duration::from_millis(200));
            Ok((running.kib("Rss:")?, running.kib("Private_Dirty:")?))
        };
        let (bare, service) = (measure(&bare)?, measure(&service)?);
        for (name, bare, service) in [
            (
                "resident memory: bare / more with a service",
                bare.0,
                service.0,
            ),
            (
                "of it written to: bare / more with a service",
                bare.1,
                service.1,
            ),
        ] {
            let more = service.saturating_sub(bare);
            line(
                name,
                &format!("{bare} KiB"),
                &format!("{more} KiB"),
                "300 KiB",
            );
        }
    }
    Ok(())
}

/// A program that said that it is ready.
struct Running(Child);

impl Running {
    fn start(program: &Path) -> Result<Self> {
        let path = std::env::temp_dir().join(format!("svc-bench-{}.sock", std::process::id()));
        let socket = UnixDatagram::bind(&path)?;
        socket.set_read_timeout(Some(Duration::from_secs(10)))?;
        let child = Command::new(program)
            .env("NOTIFY_SOCKET", &path)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        let running = Self(child);
        let heard = wait_for_ready(&socket);
        fs::remove_file(&path)?;
        heard?;
        Ok(running)
    }

    /// Sends SIGTERM by the shell's own kill, and waits for the end.
    fn stop(mut self) -> Result<Duration> {
        let mut shell = Command::new("sh")
            .args(["-c", "read line; kill -TERM $0"])
            .arg(self.0.id().to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        // The shell is there and waits: it takes no part in what is measured.
        std::thread::sleep(Duration::from_millis(5));
        let begin = Instant::now();
        drop(shell.stdin.take());
        self.0.wait()?;
        let time = begin.elapsed();
        shell.wait()?;
        Ok(time)
    }

    /// How often its threads gave up the processor to wait, and were woken again.
    fn switches(&self) -> Result<u64> {
        let mut all = 0;
        for thread in fs::read_dir(format!("/proc/{}/task", self.0.id()))? {
            let status = fs::read_to_string(thread?.path().join("status"))?;
            let lines = status.lines();
            let counts = lines.filter_map(|line| line.strip_prefix("voluntary_ctxt_switches:"));
            all += counts
                .filter_map(|count| count.trim().parse::<u64>().ok())
                .sum::<u64>();
        }
        Ok(all)
    }

    /// A line of the sum of its mappings.
    fn kib(&self, key: &str) -> Result<u64> {
        let rollup = fs::read_to_string(format!("/proc/{}/smaps_rollup", self.0.id()))?;
        let found = rollup.lines().find_map(|line| line.strip_prefix(key));
        let number = found.and_then(|rest| rest.trim().trim_end_matches(" kB").parse().ok());
        number.ok_or_else(|| format!("no {key} in {rollup}").into())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
