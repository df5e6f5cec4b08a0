//! Async services under a manager.

use super::bed::{Manager, managed, program, spawn};

super::cases!(
    events_arrive_on_every_executor,
    a_task_that_blocks_does_not_hold_the_exit,
);

fn events_arrive_on_every_executor() {
    for executor in [
        "tokio",
        "tokio with one thread",
        "smol",
        "a thread that parks",
    ] {
        let manager = Manager::new();
        let mut service = managed(&manager, executor);
        assert_eq!(manager.hear(), "READY=1", "{executor}");
        for _ in 0..3 {
            service.signal("HUP");
            assert!(manager.hear().starts_with("RELOADING=1\n"), "{executor}");
            assert_eq!(manager.hear(), "READY=1", "{executor}");
            assert_eq!(service.line(), "reload", "{executor}");
        }
        service.signal("TERM");
        assert_eq!(manager.hear(), "STOPPING=1", "{executor}");
        let end = service.end();
        assert_eq!(
            (end.code, end.output.as_str()),
            (Some(0), "stop Terminate\n"),
            "{executor}: {end:?}"
        );
    }
}

/// The stop has its time, and a task that never ends gets a part of it: the exit is in order, not at the bound (code 124).
fn a_task_that_blocks_does_not_hold_the_exit() {
    for executor in ["tokio", "one thread", "smol"] {
        let manager = Manager::new();
        let mut command = program(&[]);
        command
            .arg(format!("{executor} and a task that blocks"))
            .env("NOTIFY_SOCKET", &manager.address);
        let service = spawn(command.env("SVC_STOP_TIMEOUT_USEC", "4000000"));
        assert_eq!(manager.hear(), "READY=1", "{executor}");
        service.signal("TERM");
        let end = service.end();
        assert_eq!((end.code, end.errors.as_str()), (Some(0), ""), "{executor}");
    }
}
