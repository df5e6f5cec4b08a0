//! The watchdog. Its period here is short, and nothing depends on how exactly it is kept: a test waits for what is said.

use super::bed::{Manager, Running, program, spawn};

super::cases!(
    a_service_that_waits_for_events_is_alive,
    a_service_that_does_not_come_back_is_not,
    a_worker_that_hangs_is_named,
    a_worker_that_panicked_is_missed,
    a_worker_with_nothing_to_do_is_not_missed,
    without_a_heart_the_start_fails,
    another_processs_watchdog_is_left_alone,
    in_the_foreground_there_is_none,
);

/// A quarter of a second.
const PERIOD: &str = "250000";

fn watched(manager: &Manager, name: &str) -> Running {
    spawn(
        program(&[])
            .arg(name)
            .env("NOTIFY_SOCKET", &manager.address)
            .env("WATCHDOG_USEC", PERIOD),
    )
}

/// Waits for life signs, so many.
fn hear_life(manager: &Manager, count: usize) {
    for _ in 0..count {
        assert_eq!(manager.hear(), "WATCHDOG=1");
    }
}

fn a_service_that_waits_for_events_is_alive() {
    let manager = Manager::new();
    let service = watched(&manager, "waiting");
    assert_eq!(manager.hear(), "READY=1");
    hear_life(&manager, 6);
    service.signal("TERM");
    let end = service.end();
    assert_eq!((end.code, end.errors.as_str()), (Some(0), ""), "{end:?}");
    let rest = manager.rest();
    assert_eq!(
        rest.last().map(String::as_str),
        Some("STOPPING=1"),
        "{rest:?}"
    );
}

/// The service says what it missed, asks the manager to act, and ends itself, as this one does nothing.
fn misses(manager: &Manager, service: Running, message: &str) {
    let mut said = manager.hear();
    while said == "READY=1" || said == "WATCHDOG=1" {
        said = manager.hear();
    }
    assert_eq!(said, format!("STATUS={message}"));
    assert_eq!(manager.hear(), "WATCHDOG=trigger");
    let end = service.end();
    assert_eq!((end.code, end.signal), (None, Some(6)), "{end:?}");
    assert!(
        end.errors.ends_with(&format!("Error: {message}\n")),
        "{end:?}"
    );
    assert_eq!(manager.rest(), [""; 0], "no life sign after a miss");
}

fn a_service_that_does_not_come_back_is_not() {
    let manager = Manager::new();
    let mut service = watched(&manager, "hanging at an event");
    assert_eq!(manager.hear(), "READY=1");
    service.send_line();
    misses(
        &manager,
        service,
        "the watchdog missed a heart: \"waiting for events\" has not beaten within 250 ms",
    );
}

fn a_worker_that_hangs_is_named() {
    let manager = Manager::new();
    let service = watched(&manager, "hanging worker");
    misses(
        &manager,
        service,
        "the watchdog missed a heart: \"the worker\" has not beaten within 250 ms",
    );
}

fn a_worker_that_panicked_is_missed() {
    let manager = Manager::new();
    let service = watched(&manager, "panicking worker");
    misses(
        &manager,
        service,
        "the watchdog missed a heart: \"the worker\" has not beaten within 250 ms",
    );
}

fn a_worker_with_nothing_to_do_is_not_missed() {
    let manager = Manager::new();
    let service = watched(&manager, "resting worker");
    assert_eq!(manager.hear(), "READY=1");
    hear_life(&manager, 4);
    service.signal("TERM");
    assert_eq!(service.end().code, Some(0));
}

fn without_a_heart_the_start_fails() {
    for name in ["heartless", "plain and heartless"] {
        let manager = Manager::new();
        let end = watched(&manager, name).end();
        assert_eq!(end.code, Some(1), "{end:?}");
        assert!(end.errors.contains("nothing that beats"), "{end:?}");
        let said = manager.rest();
        assert!(!said.contains(&"READY=1".to_owned()), "{said:?}");
        assert_eq!(
            said.last().map(String::as_str),
            Some("STOPPING=1"),
            "{said:?}"
        );
    }
}

fn another_processs_watchdog_is_left_alone() {
    let manager = Manager::new();
    let service = spawn(
        program(&[])
            .arg("heartless")
            .env("NOTIFY_SOCKET", &manager.address)
            .env("WATCHDOG_USEC", "1000")
            .env("WATCHDOG_PID", "1"),
    );
    assert_eq!(manager.hear(), "READY=1");
    service.signal("TERM");
    assert_eq!(service.end().code, Some(0));
    assert_eq!(manager.rest(), ["STOPPING=1"]);
}

fn in_the_foreground_there_is_none() {
    let mut service = spawn(program(&[]).arg("ordinary").env("WATCHDOG_USEC", "1000"));
    assert_eq!(service.line(), "ready probe Foreground 0");
    service.signal("TERM");
    assert_eq!(service.end().code, Some(0));
}
