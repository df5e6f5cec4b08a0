//! A service that says what it is told: each event is a line on standard output and in the file `said` of its folder, which
//! `--probe-dir=…` or `PROBE_DIR` names.
//!
//! What it answers to a reload, a pause or the end of one stands in the file `answer` of the folder: `fail WORDS`, or
//! `slow MILLISECONDS`, `hang`, or nothing. The control code 201 has it hang. Where it is given the socket `echo`, it sends back what
//! each connection sends; `svc-mirror talk ADDRESS FILE` is the client that sees whether it does. Where the folder holds a file
//! `keep`, what that holds is kept by systemd for the next process, which says it. Where it holds a file `look`, it says where its folders are, leaves a file `was-here` in each that it may write to, and says its credential `token`.
//! It logs one record of each kind, through both facades.

mod echo;

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use svc_rt::{Dir, Event, Service, service};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match &*arguments {
        [talk, address, over] if talk == "talk" => echo::talk(address, Path::new(over)),
        _ => mirror(),
    }
}

#[service(
    name = "svc-mirror",
    events = ["reload", "pause", "session", "power", 200, 201],
    sockets = ["echo=tcp://[::]:8390"]
)]
fn mirror(svc: Service) -> Result<(), Box<dyn std::error::Error>> {
    let mirror = Mirror(folder());
    svc_rt::log::init()?;
    log::warn!("the log facade warns\nof two lines");
    log::debug!("the log facade mutters");
    tracing::info!(answer = 42, "tracing tells");
    tracing::debug!("tracing mutters");
    mirror.say("starting");
    if mirror.file("look").is_some_and(|look| look.exists()) {
        mirror.look(&svc);
    }
    #[cfg(unix)]
    mirror.remember(&svc)?;
    let worker = match svc.tcp("echo") {
        Ok(listener) => {
            mirror.say(format!("echoes at {}", listener.local_addr()?));
            Some(echo::serve(&svc, listener)?)
        }
        // Nobody gives it one: most tests are not about sockets.
        Err(error) if error.kind() == ErrorKind::NotFound => {
            println!("svc-mirror has no socket: {error}");
            mirror.note(error);
            None
        }
        Err(error) => return Err(error.into()),
    };
    mirror.answer_slowly("start");
    svc.ready();
    mirror.say("ready");
    loop {
        match svc.wait_event() {
            Event::Stop(reason) => {
                mirror.say(format!("stop {reason:?}"));
                if let Some(worker) = worker {
                    svc.stopping("finishing connections", Duration::from_secs(20));
                    worker.join().map_err(|_| "the echo panicked")??;
                }
                return Ok(());
            }
            Event::Reload(reload) => {
                mirror.say("reload");
                reload.finish(mirror.answer());
            }
            Event::Pause(pause) => {
                mirror.say("pause");
                pause.finish(mirror.answer());
            }
            Event::Continue(end) => {
                mirror.say("continue");
                end.finish(mirror.answer());
            }
            Event::Custom(201) => {
                mirror.say("hanging");
                hang();
            }
            told => mirror.say(format!("{told:?}")),
        }
    }
}

fn hang() -> ! {
    loop {
        std::thread::park();
    }
}

struct Mirror(Option<PathBuf>);

impl Mirror {
    fn say(&self, line: impl std::fmt::Display) {
        println!("svc-mirror {line}");
        self.note(line);
    }

    /// Writes a line into the file alone.
    fn note(&self, line: impl std::fmt::Display) {
        let Some(path) = self.file("said") else {
            return;
        };
        let said = OpenOptions::new()
            .append(true)
            .create(true)
            .open(&path)
            .and_then(|mut file| file.write_all(format!("{line}\n").as_bytes()));
        if let Err(error) = said {
            eprintln!("svc-mirror: cannot write {}: {error}", path.display());
        }
    }

    /// Says what an earlier process had kept, and has what the file `keep` holds kept for the next one.
    #[cfg(unix)]
    fn remember(&self, svc: &Service) -> Result<(), Box<dyn std::error::Error>> {
        use std::io::{Read, Seek};
        for descriptor in svc.kept("memory") {
            let mut file = fs::File::from(descriptor);
            let mut text = String::new();
            file.rewind()?;
            file.read_to_string(&mut text)?;
            self.say(format!("remembered {}", text.trim()));
        }
        let text = self.read("keep");
        if let Some(path) = self.file("memory").filter(|_| !text.is_empty()) {
            let mut file = OpenOptions::new()
                .read(true)
                .write(true)
                .create(true)
                .truncate(true)
                .open(&path)?;
            file.write_all(text.as_bytes())?;
            // Only the descriptor is left of it.
            fs::remove_file(&path)?;
            svc.forget("memory")?;
            svc.keep("memory", &file)?;
            let heard = svc.wait_until_heard(Duration::from_secs(20));
            self.say(format!("kept, heard {heard}"));
        }
        Ok(())
    }

    fn look(&self, svc: &Service) {
        for dir in [Dir::State, Dir::Cache, Dir::Logs, Dir::Config, Dir::Runtime] {
            match svc.dirs().all(dir) {
                Ok(folders) => {
                    for folder in folders {
                        let held = fs::read_dir(&folder).map_or(0, Iterator::count);
                        let left = fs::write(folder.join("was-here"), "").is_ok();
                        let path = folder.display();
                        self.say(format!("{dir:?} {path} held {held} left {left}"));
                    }
                }
                Err(error) => self.say(format!("{dir:?} {error}")),
            }
        }
        let token = svc.credential("token");
        self.say(match token {
            Ok(token) => format!("token {}", String::from_utf8_lossy(&token).trim_end()),
            Err(error) => format!("token {error}"),
        });
        let here = std::env::current_dir().unwrap_or_default();
        self.say(format!("working in {}", here.display()));
        let word = std::env::var("MIRROR_WORD").unwrap_or_default();
        self.say(format!("word {word}"));
        let left = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
        let left: Vec<String> = left
            .filter(|name| name.starts_with("SVC_") || name.starts_with("WATCHDOG_"))
            .collect();
        self.say(format!("left of the manager's {left:?}"));
    }

    fn answer(&self) -> Result<(), String> {
        let text = self.read("answer");
        if let Some(words) = text.trim().strip_prefix("fail ") {
            return Err(words.to_owned());
        }
        if text.trim() == "hang" {
            self.say("hanging");
            hang();
        }
        self.answer_slowly("answer");
        Ok(())
    }

    /// Takes as long as the file says.
    fn answer_slowly(&self, file: &str) {
        let text = self.read(file);
        let time = text.trim().strip_prefix("slow ");
        if let Some(time) = time.and_then(|time| time.parse().ok()) {
            std::thread::sleep(Duration::from_millis(time));
        }
    }

    fn read(&self, file: &str) -> String {
        let path = self.file(file);
        path.and_then(|path| fs::read_to_string(path).ok())
            .unwrap_or_default()
    }

    fn file(&self, name: &str) -> Option<PathBuf> {
        self.0.as_deref().map(|folder: &Path| folder.join(name))
    }
}

fn folder() -> Option<PathBuf> {
    let argument = std::env::args()
        .skip(1)
        .find_map(|argument| argument.strip_prefix("--probe-dir=").map(PathBuf::from));
    argument.or_else(|| std::env::var_os("PROBE_DIR").map(PathBuf::from))
}
