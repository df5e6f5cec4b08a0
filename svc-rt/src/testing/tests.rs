//! The fake manager itself, and what it shows of the machine and the core together.

use std::time::Duration;

use super::*;
use crate::event::{Event, PowerChange, SessionKind, StopReason};
use crate::service::Service;

const SECOND: Duration = Duration::from_secs(1);

fn fake() -> FakeManager {
    FakeManager::new("probe")
}

/// Waits for events until the stop.
#[allow(clippy::needless_pass_by_value)] // As `#[service]` wants it.
fn patient(svc: Service) {
    svc.ready();
    while !matches!(svc.wait_event(), Event::Stop(_)) {}
}

fn count(reports: &[Report], wanted: &Report) -> usize {
    reports.iter().filter(|report| *report == wanted).count()
}

#[test]
fn a_whole_life() {
    let service = fake().start(patient);
    service.wait_for(State::Running);
    service.stop();
    let states = [State::Starting, State::Running, State::Stopping].map(Report::State);
    service.wait_for_report(|report| *report == Report::State(State::Stopped));
    assert_eq!(service.reports()[..3], states);
    assert_eq!(service.end(), End::Exited(0));
}

#[test]
fn a_state_is_found_though_it_is_over() {
    let service = fake().events(["reload"]).start(patient);
    service.wait_for(State::Running);
    service.wait_for(State::Running);
    service.reload();
    service.wait_for(State::Running);
    // The reload was come through on the way, and this is the second `Running`.
    assert_eq!(count(&service.reports(), &Report::State(State::Running)), 2);
    service.take_reports();
    service.wait_for(State::Running);
    service.stop();
    service.wait_for_report(|report| *report == Report::State(State::Stopped));
    service.wait_for(State::Stopping);
    service.wait_for(State::Stopped);
    assert_eq!(service.end(), End::Exited(0));
}

#[test]
fn every_end_is_told_apart() {
    assert_eq!(fake().start(|_| ()).end(), End::Exited(0));
    assert_eq!(fake().start(|_| Err::<(), _>(7)).end(), End::Exited(1));
    assert_eq!(
        fake().start(|_| std::process::ExitCode::from(9)).end(),
        End::Exited(9)
    );
    let panics = |_: Service| std::panic::resume_unwind(Box::new("out of luck"));
    assert_eq!(fake().start::<()>(panics).end(), End::Panicked);
    let fails = |svc: Service| svc.fail("the disk is gone");
    assert_eq!(fake().start(fails).end(), End::Exited(1));
}

#[test]
fn what_happens_arrives() {
    let service = fake()
        .events(["session", "power", "200"])
        .start(|svc| -> Result<(), String> {
            svc.ready();
            loop {
                match svc.wait_event() {
                    Event::Stop(reason) => return Err(format!("{reason:?}")),
                    event => svc.status(format!("{event:?}")),
                }
            }
        });
    service.session(SessionKind::Lock, 3);
    service.power(PowerChange::Suspend);
    service.custom(200);
    service.custom(201);
    service.wait_for_report(|report| *report == Report::Status("Custom(200)".into()));
    service.stop_because(StopReason::Shutdown);
    let log = service.wait_for_report(|report| matches!(report, Report::Log(_)));
    assert_eq!(log, Report::Log("\"Shutdown\"".into()));
    let words = service.reports();
    let expected = [
        "Session(SessionChange { kind: Lock, id: 3 })",
        "Power(Suspend)",
        "Custom(200)",
    ];
    for text in expected {
        assert_eq!(count(&words, &Report::Status(text.into())), 1, "{text}");
    }
    assert_eq!(count(&words, &Report::Status("Custom(201)".into())), 0);
    assert_eq!(service.end(), End::Exited(1));
}

#[test]
fn a_living_service_gives_a_sign_twice_in_each_period() {
    let service = fake().watchdog(30 * SECOND).start(patient);
    service.wait_for(State::Running);
    service.advance(3600 * SECOND);
    assert_eq!(count(&service.reports(), &Report::Alive), 240);
    service.stop();
    assert_eq!(service.end(), End::Exited(0));
}

#[test]
fn one_that_does_not_come_back_is_missed_after_the_period() {
    let (release, gate) = std::sync::mpsc::channel::<()>();
    let service = fake()
        .watchdog(30 * SECOND)
        .events(["200"])
        .start(move |svc| {
            svc.ready();
            while !matches!(svc.wait_event(), Event::Stop(_)) {
                svc.status("hanging");
                let _ = gate.recv();
            }
        });
    service.wait_for(State::Running);
    service.advance(100 * SECOND);
    service.custom(200);
    service.wait_for_report(|report| *report == Report::Status("hanging".into()));
    service.advance(30 * SECOND);
    assert_eq!(count(&service.reports(), &Report::Missed), 0);
    service.advance(SECOND);
    assert_eq!(count(&service.reports(), &Report::Missed), 1);
    service.advance(15 * SECOND);
    drop(release);
    assert_eq!(service.end(), End::Aborted);
}

#[test]
fn a_task_that_awaits_events_is_a_heart_too() {
    let (release, gate) = std::sync::mpsc::channel::<()>();
    let service = fake()
        .watchdog(30 * SECOND)
        .events(["200"])
        .start(move |svc| {
            svc.ready();
            let runtime = tokio::runtime::Builder::new_current_thread()
                .build()
                .unwrap();
            runtime.block_on(async {
                loop {
                    match svc.event().await {
                        Event::Stop(_) => return,
                        // The executor hangs, which no other task could help.
                        _ => drop(gate.recv()),
                    }
                }
            });
        });
    service.wait_for(State::Running);
    service.advance(3600 * SECOND);
    assert_eq!(count(&service.reports(), &Report::Missed), 0);
    service.custom(200);
    service.advance(61 * SECOND);
    assert_eq!(count(&service.reports(), &Report::Missed), 1);
    drop(release);
}

#[test]
fn without_a_heart_the_start_fails() {
    let service = fake().watchdog(30 * SECOND).start(|svc| {
        svc.ready();
        svc.stop_token().wait();
    });
    service.wait_for(State::Starting);
    service.advance(31 * SECOND);
    let log = service.wait_for_report(|report| matches!(report, Report::Log(_)));
    assert!(format!("{log:?}").contains("nothing that beats"), "{log:?}");
    assert_eq!(service.end(), End::Exited(1));
}

#[test]
fn a_stuck_start_and_a_stuck_stop_end() {
    let hang = || loop {
        std::thread::park();
    };
    let service = fake().start_timeout(90 * SECOND).start(move |svc| -> () {
        svc.starting("reading the index", 100 * SECOND);
        hang();
    });
    service.wait_for_report(|report| {
        *report == Report::Extended(Duration::from_nanos(111_111_111_111))
    });
    service.advance(99 * SECOND);
    assert_eq!(count(&service.reports(), &Report::State(State::Stopped)), 0);
    service.advance(SECOND);
    assert_eq!(service.end(), End::Stuck(124));

    let service = fake().stop_timeout(30 * SECOND).start(move |svc| -> () {
        svc.ready();
        let _work = svc.task("sending");
        svc.wait_event();
        hang();
    });
    service.wait_for(State::Running);
    service.stop();
    service.advance(30 * SECOND);
    let log = service.wait_for_report(|report| matches!(report, Report::Log(_)));
    assert!(format!("{log:?}").contains("sending"), "{log:?}");
    assert_eq!(service.end(), End::Stuck(124));
}

#[test]
fn who_waits_for_a_time_wakes_at_each() {
    let service = fake().start(|svc| {
        svc.ready();
        let mut ticks = 0;
        while svc.wait_event_timeout(10 * SECOND).is_none() {
            ticks += 1;
            svc.status(format!("tick {ticks}"));
        }
    });
    service.wait_for(State::Running);
    service.advance(60 * SECOND);
    service.wait_for_report(|report| *report == Report::Status("tick 6".into()));
    assert_eq!(
        count(&service.reports(), &Report::Status("tick 7".into())),
        0
    );
    service.stop();
    assert_eq!(service.end(), End::Exited(0));
}

#[test]
fn folders_and_sockets_come_from_the_test() {
    let folder = std::env::temp_dir().join(format!("svc-rt-testing-{}", std::process::id()));
    let service = fake()
        .variable("STATE_DIRECTORY", &folder)
        .socket("http", "tcp://127.0.0.1:0")
        .start(|svc| -> Result<(), crate::Error> {
            svc.status(svc.dirs().state()?.display().to_string());
            svc.tcp("http")?;
            svc.dirs().cache().map(|_| ())
        });
    service.wait_for_report(|report| *report == Report::Status(folder.display().to_string()));
    let end = service.end();
    let _ = std::fs::remove_dir(&folder);
    // No variable of the process's own gives it a home.
    assert!(end == End::Exited(1) || crate::host::is_root(), "{end:?}");
}
