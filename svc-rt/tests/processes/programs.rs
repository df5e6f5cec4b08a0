//! The services that the suite runs. They are written as `#[service]` would expand them.

use std::io::{BufRead, Write};
use std::process::ExitCode;
use std::time::Duration;

use svc_rt::__private::{self as rt, Declaration, Shape};
use svc_rt::{Event, Service};

const DECLARATION: Declaration = Declaration {
    name: "probe",
    events: &[],
    sockets: &[],
    note: b"note",
    keep_env: false,
};
static ORDINARY: Declaration = DECLARATION;
static LISTENING: Declaration = Declaration {
    sockets: &[rt::Socket {
        name: "http",
        listen: &["tcp://127.0.0.1:0"],
    }],
    ..DECLARATION
};
static RELOADING: Declaration = Declaration {
    events: &["reload"],
    ..DECLARATION
};
static KEEPING: Declaration = Declaration {
    keep_env: true,
    ..DECLARATION
};

/// `#[service] fn main(svc: Service) -> R`.
macro_rules! service {
    ($body:expr) => {
        rt::run(&ORDINARY, Shape::Main, |svc| rt::outcome!(body($body)(svc)))
    };
}

/// Fixes the type of a closure's argument.
fn body<R>(body: impl FnOnce(Service) -> R) -> impl FnOnce(Service) -> R {
    body
}

/// A line on standard output, at once: that is what the suite waits for.
pub(crate) fn say(line: impl std::fmt::Display) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}

/// Waits until the suite sends a line.
fn wait_for_line() {
    let _ = std::io::stdin().lock().read_line(&mut String::new());
}

pub(crate) fn hang() -> ! {
    loop {
        std::thread::park();
    }
}

/// Says which variables are there.
fn variables() {
    for (name, _) in std::env::vars_os() {
        say(name.to_string_lossy());
    }
}

pub(crate) fn run(name: &str) -> ExitCode {
    orderly(name)
        .or_else(|| reloading(name))
        .or_else(|| listening(name))
        .or_else(|| beating(name))
        .or_else(|| logging(name))
        .or_else(|| failing(name))
        .or_else(|| looking_around(name))
        .or_else(|| super::tasks::run(name))
        .unwrap_or_else(|| {
            eprintln!("there is no service {name:?}");
            ExitCode::from(99)
        })
}

/// Services that end in order.
fn orderly(name: &str) -> Option<ExitCode> {
    Some(match name {
        "ordinary" => service!(|svc| {
            svc.ready();
            say(format!(
                "ready {} {:?} {}",
                svc.name(),
                svc.host(),
                svc.start_args().len()
            ));
            let Event::Stop(reason) = svc.wait_event() else {
                return;
            };
            say(format!("stop {reason:?}"));
        }),
        "slow start" => service!(|svc| {
            svc.starting("waiting for a line", Duration::from_secs(60));
            wait_for_line();
            svc.ready();
            svc.wait_event();
        }),
        "granted start" => service!(|svc| {
            svc.starting("counting", Duration::from_secs(4));
            wait_for_line();
        }),
        "granted two hours" => service!(|svc| {
            svc.starting("copying", Duration::from_secs(7200));
            wait_for_line();
        }),
        "words" => service!(|svc| {
            svc.status("one\nREADY=1\ntwo");
            svc.status("");
            svc.ready();
            svc.wait_event();
            svc.stopping("closing", Duration::from_secs(9));
        }),
        // For a process whose time of day jumps.
        "ticking" => service!(|svc| {
            let now = || std::time::SystemTime::now();
            let year = Duration::from_secs(300 * 86_400);
            let (one, other) = (now(), now());
            let gap = one
                .duration_since(other)
                .or_else(|_| other.duration_since(one));
            say(format!("it jumps {}", gap.is_ok_and(|gap| gap > year)));
            svc.ready();
            let wait = Duration::from_millis(400);
            let mut was_early = false;
            for _ in 0..5 {
                let begin = std::time::Instant::now();
                if svc.wait_event_timeout(wait).is_some() {
                    return;
                }
                was_early |= begin.elapsed() < wait;
            }
            say(if was_early {
                "a tick was early"
            } else {
                "no tick was early"
            });
            svc.wait_event();
        }),
        "nothing to do" => service!(|_svc| ()),
        #[cfg(unix)]
        "keeping" => service!(|svc| {
            svc.ready();
            let null = std::fs::File::open("/dev/null")?;
            svc.keep("a file", &null)?;
            say(svc.wait_until_heard(Duration::from_secs(60)));
            svc.forget("a file")?;
            say(svc.keep("a:b", &null).is_err());
            say(svc.kept("a file").len());
            Ok::<(), Box<dyn std::error::Error>>(())
        }),
        "stop from inside" => service!(|svc| {
            svc.ready();
            let inside = svc.clone();
            let inside = std::thread::spawn(move || inside.stop());
            say(format!("{:?}", svc.wait_event()));
            let _ = inside.join();
        }),
        "plain" => rt::run_plain(&ORDINARY, |_| {
            say("running");
            hang();
        }),
        _ => return None,
    })
}

/// Services that read their configuration again.
fn reloading(name: &str) -> Option<ExitCode> {
    let body: fn(Service) = match name {
        "reloading" => |svc| {
            wait_for_line();
            svc.ready();
            loop {
                match svc.wait_event() {
                    Event::Stop(_) => break,
                    Event::Reload(reload) => {
                        say("reloading");
                        let mut line = String::new();
                        let _ = std::io::stdin().lock().read_line(&mut line);
                        match line.trim() {
                            "" => reload.finish(Ok::<_, String>(())),
                            problem => reload.finish(Err::<(), _>(problem)),
                        }
                    }
                    _ => {}
                }
            }
        },
        // Asked for a reload, it does something else until it is told to stop.
        "too busy to reload" => |svc| {
            svc.ready();
            svc.stop_token().wait();
        },
        _ => return None,
    };
    let body = move |svc: Service| rt::outcome!(body(svc));
    Some(rt::run(&RELOADING, Shape::Main, body))
}

/// A service that is reached at a socket: it says where, and says hello to whoever comes first.
fn listening(name: &str) -> Option<ExitCode> {
    let body = |svc: Service| {
        let listener = svc.tcp("http")?;
        svc.ready();
        say(format!("at {}", listener.local_addr()?));
        let (mut connection, _) = listener.accept()?;
        connection.write_all(b"hello")?;
        // What a child process gets of it.
        let seen = std::process::Command::new("sh")
            .args(["-c", "ls -l /proc/self/fd | grep -c socket: || true"])
            .stdin(std::process::Stdio::null())
            .output()?;
        say(String::from_utf8_lossy(&seen.stdout).trim());
        Ok::<(), Box<dyn std::error::Error>>(())
    };
    (name == "listening")
        .then(|| rt::run(&LISTENING, Shape::Main, move |svc| rt::outcome!(body(svc))))
}

/// Services with a watchdog.
fn beating(name: &str) -> Option<ExitCode> {
    Some(match name {
        "waiting" => service!(|svc| {
            svc.ready();
            svc.wait_event();
        }),
        "hanging at an event" => service!(|svc| -> () {
            let _ = svc.wait_event_timeout(Duration::ZERO);
            svc.ready();
            wait_for_line();
            hang()
        }),
        "hanging worker" => service!(|svc| {
            let heart = svc.heart("the worker");
            let worker = svc.clone();
            std::thread::spawn(move || {
                heart.beat();
                worker.ready();
                hang()
            });
            svc.wait_event();
        }),
        "panicking worker" => service!(|svc| {
            let heart = svc.heart("the worker");
            std::thread::spawn(move || {
                let _heart = heart;
                panic!("out of luck");
            });
            svc.ready();
            svc.wait_event();
        }),
        "resting worker" => service!(|svc| {
            let heart = svc.heart("the worker");
            heart.rest();
            svc.ready();
            svc.stop_token().wait();
            drop(heart);
        }),
        "heartless" => service!(|svc| {
            svc.ready();
            svc.stop_token().wait();
        }),
        "plain and heartless" => rt::run_plain(&ORDINARY, |_| hang()),
        _ => return None,
    })
}

/// A service that logs, in both ways and at all levels.
#[cfg(all(feature = "log", feature = "log-file", feature = "tracing"))]
fn logging(name: &str) -> Option<ExitCode> {
    let body = |svc: Service| {
        svc_rt::log::init()?;
        say(svc_rt::log::init().is_err());
        svc.ready();
        log::error!("the disk is full");
        log::warn!("the disk is nearly full");
        log::info!("the disk is fine");
        log::debug!("the disk is a disk");
        tracing::error!(port = 8080, "out of luck");
        tracing::info!(port = 8080, "listening");
        tracing::debug!("turning");
        Ok::<(), svc_rt::Error>(())
    };
    (name == "logging").then(|| rt::run(&ORDINARY, Shape::Main, move |svc| rt::outcome!(body(svc))))
}

#[cfg(not(all(feature = "log", feature = "log-file", feature = "tracing")))]
fn logging(_name: &str) -> Option<ExitCode> {
    None
}

/// Services that fail or hang.
fn failing(name: &str) -> Option<ExitCode> {
    Some(match name {
        "error" => service!(|svc| {
            svc.ready();
            Err::<(), _>("no such\nport".to_owned())
        }),
        "early error" => service!(|_svc| Err::<(), _>("no such port".to_owned())),
        "panic" => service!(|svc| -> () {
            svc.ready();
            panic!("out of {}", "luck");
        }),
        "code" => service!(|svc| {
            svc.ready();
            ExitCode::from(42)
        }),
        "failing worker" => service!(|svc| {
            svc.ready();
            let worker = svc.clone();
            let worker = std::thread::spawn(move || worker.fail("the disk is gone"));
            let event = svc.wait_event();
            let _ = worker.join();
            say(format!("{event:?}"));
        }),
        "stuck stop" => service!(|svc| -> () {
            let _work = (svc.task("sending"), svc.heart("the worker"));
            svc.ready();
            svc.stopping("closing the store", Duration::from_millis(50));
            hang();
        }),
        "deaf" => service!(|svc| -> () {
            svc.status("serving 3 clients");
            svc.ready();
            hang();
        }),
        "plain end" => rt::run_plain(&ORDINARY, |_| rt::outcome!(Err::<(), _>("done for"))),
        "twice" => {
            let first = service!(|svc| svc.ready());
            let second = service!(|_svc| say("a second service"));
            say(format!("{first:?} {second:?}"));
            second
        }
        "hung start" => service!(|svc| -> () {
            svc.starting("reading the index", Duration::from_millis(50));
            hang();
        }),
        _ => return None,
    })
}

/// Services that say what they find around them.
fn looking_around(name: &str) -> Option<ExitCode> {
    Some(match name {
        "environment" => service!(|_svc| variables()),
        "kept environment" => rt::run(&KEEPING, Shape::Main, |_svc| rt::outcome!(variables())),
        "environment of a function" => {
            rt::run(&ORDINARY, Shape::Serve, |_svc| rt::outcome!(variables()))
        }
        "environment beside a thread" => {
            std::thread::spawn(|| hang());
            rt::run(&ORDINARY, Shape::Serve, |_svc| rt::outcome!(variables()))
        }
        // For a try by hand under the SCM: the first start argument names the file.
        "surroundings" => service!(|svc| {
            svc.ready();
            let words = format!(
                "{}\n{:?}\n{}\n{}\n",
                svc.name(),
                svc.start_args(),
                std::env::current_dir()?.display(),
                std::env::vars_os().any(|(name, _)| name.to_string_lossy().starts_with("SVC_")),
            );
            if let Some(path) = svc.start_args().first() {
                std::fs::write(path, words)?;
            }
            Ok::<(), std::io::Error>(())
        }),
        _ => return None,
    })
}
