//! The service that the test beds run.
//!
//! On each start it writes what it received, byte for byte, to standard output and, where it may, to `record.json` in its
//! folder. The folder is named by `--probe-dir=…` or `PROBE_DIR`. A word, given by `--probe-do=…`, by `PROBE_DO` or in the
//! file `do` of the folder, picks what it does; a line `PID WORD` in the file `trigger` of the folder makes the process
//! PID do it while it runs.

mod record;
mod word;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use svc_rt::{Event, Service};

use word::{Stage, Word};

/// How often the folder is looked at, and so the time that a test waits at least.
const TICK: Duration = Duration::from_millis(50);

/// How the service ends.
pub type Ended = Result<(), Box<dyn std::error::Error>>;

/// Runs the service to its end.
///
/// # Errors
/// A word that nobody knows, and what the probe was told to return.
pub fn run(svc: &Service) -> Ended {
    let folder = option("--probe-dir=", "PROBE_DIR").map(PathBuf::from);
    record::write(folder.as_deref());

    let text = option("--probe-do=", "PROBE_DO")
        .or_else(|| fs::read_to_string(folder.as_ref()?.join("do")).ok());
    let word = text.map(|text| text.trim().parse::<Word>()).transpose()?;
    if let Some(word) = word.filter(|w| w.stage() == Stage::Start) {
        act(svc, word)?;
        if word == Word::Leave {
            return Ok(());
        }
    }
    // With a watchdog, who has no heart is not ready.
    let heart = (word != Some(Word::Heartless)).then(|| svc.heart("the probe"));
    svc.ready();
    println!("svc-probe ready");

    let stop = svc.stop_token();
    let reason = loop {
        if let Some(heart) = &heart {
            heart.beat();
        }
        if stop.wait_timeout(TICK) {
            let Event::Stop(reason) = svc.wait_event() else {
                continue;
            };
            break reason;
        }
        match folder.as_deref().and_then(triggered) {
            Some(Ok(Word::Exit)) => return Ok(()),
            Some(word) => act(svc, word?)?,
            None => {}
        }
    };
    drop(heart);
    println!("svc-probe stopping: {reason:?}");
    if let Some(word) = word.filter(|w| w.stage() == Stage::Stop) {
        act(svc, word)?;
    }
    Ok(())
}

/// What the word says; it returns only where the program goes on.
fn act(svc: &Service, word: Word) -> Ended {
    match word {
        Word::Err => return Err("the probe was told to return an error".into()),
        Word::Panic => panic!("the probe was told to panic"),
        Word::Fail => svc.fail("the probe was told to call fail"),
        Word::Code(code) => std::process::exit(code),
        Word::Slow(time) => {
            println!("svc-probe starting slowly");
            std::thread::sleep(time);
        }
        Word::Hang => {
            println!("svc-probe hanging");
            loop {
                std::thread::park();
            }
        }
        Word::SlowStop(time) => {
            svc.stopping("flushing the probe slowly", time * 2);
            std::thread::sleep(time);
        }
        Word::HangStop => {
            svc.status("flushing the probe");
            loop {
                std::thread::park();
            }
        }
        Word::Exit | Word::Leave | Word::Heartless => {}
    }
    Ok(())
}

/// The word for this process in the trigger file. Another process's word stays there for that one: the folder may be
/// read-only to the probe, so nobody takes it away, and the next start has another number.
fn triggered(folder: &Path) -> Option<Result<Word, word::Unknown>> {
    let text = fs::read_to_string(folder.join("trigger")).ok()?;
    let (pid, word) = text.trim().split_once(' ')?;
    (pid.parse() == Ok(std::process::id())).then(|| word.parse())
}

/// The value of an argument that begins with `flag`, or else of a variable.
#[must_use]
pub fn option(flag: &str, variable: &str) -> Option<String> {
    std::env::args_os()
        .skip(1)
        .find_map(|arg| arg.to_str()?.strip_prefix(flag).map(str::to_owned))
        .or_else(|| std::env::var(variable).ok())
}
