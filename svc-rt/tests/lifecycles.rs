//! A thousand lives of a service in one process: nothing is left of them, no byte, no thread, no descriptor.

use std::alloc::System;
use std::time::Duration;

use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};
use svc_rt::testing::{End, FakeManager, State};
use svc_rt::{Event, Service};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

const LIVES: usize = 1_000;

/// What a first life leaves for all later ones: the standard library's own, made once.
const WARM_UP: usize = 20;

#[allow(clippy::needless_pass_by_value)] // As `#[service]` wants it.
fn service(svc: Service) -> Result<(), Box<dyn std::error::Error>> {
    svc.starting("opening", Duration::from_secs(10));
    let listener = svc.tcp("http")?;
    let (heart, task) = (svc.heart("the worker"), svc.task("the worker"));
    let worker = svc.clone();
    let worker = std::thread::spawn(move || {
        let _ = (&heart, &task, listener);
        heart.beat();
        heart.rest();
        worker.stop_token().wait();
    });
    svc.ready();
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    loop {
        match runtime.block_on(svc.event()) {
            Event::Stop(_) => break,
            Event::Reload(reload) => reload.finish(Err::<(), _>("no such file")),
            Event::Pause(pause) => drop(pause),
            _ => {}
        }
    }
    svc.stopping("closing", Duration::from_secs(10));
    worker.join().map_err(|_| "the worker panicked")?;
    Ok(())
}

fn live() {
    let service = FakeManager::new("probe")
        .events(["reload", "pause", "200"])
        .socket("http", "tcp://127.0.0.1:0")
        .watchdog(Duration::from_secs(30))
        .stop_timeout(Duration::from_secs(30))
        .start(service);
    service.wait_for(State::Running);
    service.reload();
    service.wait_for(State::Running);
    service.custom(200);
    service.pause();
    service.wait_for(State::Paused);
    service.resume();
    service.wait_for(State::Running);
    service.advance(Duration::from_secs(20));
    service.stop();
    assert_eq!(service.end(), End::Exited(0));
}

/// What this process holds.
#[derive(Debug, PartialEq, Eq)]
struct Held {
    bytes: usize,
    descriptors: usize,
    threads: usize,
}

fn held() -> Held {
    let now = ALLOCATOR.stats();
    let entries = |folder: &str| std::fs::read_dir(folder).map_or(0, Iterator::count);
    Held {
        bytes: now.bytes_allocated - now.bytes_deallocated,
        descriptors: entries("/proc/self/fd"),
        threads: entries("/proc/self/task"),
    }
}

fn main() {
    for _ in 0..WARM_UP {
        live();
    }
    let before = held();
    for _ in 0..LIVES {
        live();
    }
    let after = held();
    assert_eq!(before, after, "{LIVES} lives left something behind");
    println!("{LIVES} lives, and the process holds {after:?} as before");
}
