//! The reload, as a manager and as a terminal ask for it.

use super::bed::{Manager, Running, foreground, managed};

super::cases!(
    a_reload_is_announced_with_its_time_and_answered,
    a_failed_reload_is_answered_and_said,
    a_reload_during_the_start_is_not_lost,
    a_reload_during_a_reload_is_another_one,
    a_stop_during_a_reload_ends_it,
    a_stop_is_answered_by_a_program_that_never_reloads,
    kill_reloads_in_the_foreground,
);

/// A service that runs.
fn ready(manager: &Manager) -> Running {
    let mut service = managed(manager, "reloading");
    service.send_line();
    assert_eq!(manager.hear(), "READY=1");
    service
}

/// The time in the announcement of a reload.
fn announced(manager: &Manager) -> u64 {
    let message = manager.hear();
    let time = message.strip_prefix("RELOADING=1\nMONOTONIC_USEC=");
    time.and_then(|time| time.parse().ok())
        .unwrap_or_else(|| panic!("no announcement of a reload: {message:?}"))
}

/// The monotonic clock in whole seconds, which is what the kernel prints first of its uptime where the machine was never
/// suspended; elsewhere it is later.
#[cfg(target_os = "linux")]
fn uptime() -> u64 {
    let text = std::fs::read_to_string("/proc/uptime").expect("the uptime");
    let seconds = text.split('.').next().and_then(|text| text.parse().ok());
    seconds.expect("a number")
}

fn end(service: Running) {
    service.signal("TERM");
    let end = service.end();
    assert_eq!(end.code, Some(0), "{end:?}");
}

fn a_reload_is_announced_with_its_time_and_answered() {
    let manager = Manager::new();
    let mut service = ready(&manager);
    let mut last = 0;
    for _ in 0..3 {
        service.signal("HUP");
        let time = announced(&manager);
        assert!(time > last, "{time} is no later than {last}");
        #[cfg(target_os = "linux")]
        assert!(time / 1_000_000 <= uptime() + 1, "{time} is in the future");
        last = time;
        assert_eq!(service.line(), "reloading");
        service.send_line();
        assert_eq!(manager.hear(), "READY=1");
    }
    end(service);
    assert_eq!(manager.rest(), ["STOPPING=1"]);
}

fn a_failed_reload_is_answered_and_said() {
    let manager = Manager::new();
    let mut service = ready(&manager);
    service.signal("HUP");
    announced(&manager);
    service.send("no such file\nREADY=0");
    assert_eq!(
        manager.hear(),
        "STATUS=the reload failed: no such file",
        "the words come first, so that they are there with the answer"
    );
    assert_eq!(manager.hear(), "READY=1");
    service.signal("HUP");
    announced(&manager);
    // The second line of what was sent above.
    assert_eq!(manager.hear(), "STATUS=the reload failed: READY=0");
    assert_eq!(manager.hear(), "READY=1");
    service.signal("HUP");
    announced(&manager);
    service.send_line();
    assert_eq!(manager.hear(), "STATUS=");
    assert_eq!(manager.hear(), "READY=1");
    service.signal("TERM");
    let end = service.end();
    assert_eq!(end.code, Some(0), "a failed reload ends nothing: {end:?}");
    assert_eq!(
        end.errors,
        "Error: the reload failed: no such file\nError: the reload failed: READY=0\n"
    );
}

fn a_reload_during_the_start_is_not_lost() {
    let manager = Manager::new();
    let mut service = managed(&manager, "reloading");
    // The handler is there before user code is; that the child waits for a line says that its code runs.
    wait_for_a_reader(&service);
    service.signal("HUP");
    service.send_line();
    assert_eq!(manager.hear(), "READY=1");
    announced(&manager);
    assert_eq!(service.line(), "reloading");
    service.send_line();
    assert_eq!(manager.hear(), "READY=1");
    end(service);
}

/// Waits until the child has installed its handler for SIGHUP, which the kernel tells.
#[cfg(target_os = "linux")]
fn wait_for_a_reader(service: &Running) {
    const SIGHUP_BIT: u64 = 1;
    loop {
        let status = std::fs::read_to_string(format!("/proc/{}/status", service.id()));
        let status = status.expect("the child is there");
        let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:"));
        let caught = u64::from_str_radix(caught.expect("a mask").trim(), 16).expect("a mask");
        if caught & SIGHUP_BIT != 0 {
            return;
        }
        std::thread::yield_now();
    }
}

/// Elsewhere a while has to do: if it is too short, the child dies of the signal and the test fails.
#[cfg(not(target_os = "linux"))]
fn wait_for_a_reader(_service: &Running) {
    std::thread::sleep(std::time::Duration::from_secs(2));
}

fn a_reload_during_a_reload_is_another_one() {
    let manager = Manager::new();
    let mut service = ready(&manager);
    service.signal("HUP");
    let first = announced(&manager);
    assert_eq!(service.line(), "reloading");
    for _ in 0..100 {
        service.signal("HUP");
    }
    service.send_line();
    assert_eq!(manager.hear(), "READY=1");
    assert!(announced(&manager) > first);
    assert_eq!(service.line(), "reloading");
    // A signal that came to the program this late, on a machine with much to do, begins yet another one.
    for _ in 0..100 {
        service.send_line();
    }
    assert_eq!(manager.hear(), "READY=1");
    end(service);
}

fn a_stop_during_a_reload_ends_it() {
    let manager = Manager::new();
    let mut service = ready(&manager);
    service.signal("HUP");
    announced(&manager);
    assert_eq!(service.line(), "reloading");
    service.signal("TERM");
    assert_eq!(manager.hear(), "STOPPING=1");
    service.send_line();
    let end = service.end();
    assert_eq!(end.code, Some(0), "{end:?}");
    assert_eq!(manager.rest(), [""; 0], "nothing is ready any more");
}

fn a_stop_is_answered_by_a_program_that_never_reloads() {
    let manager = Manager::new();
    let service = managed(&manager, "too busy to reload");
    assert_eq!(manager.hear(), "READY=1");
    for _ in 0..100 {
        service.signal("HUP");
    }
    announced(&manager);
    service.signal("TERM");
    assert_eq!(manager.hear(), "STOPPING=1");
    assert_eq!(service.end().code, Some(0));
}

fn kill_reloads_in_the_foreground() {
    let mut service = foreground("reloading");
    service.send_line();
    wait_for_a_reader(&service);
    service.signal("HUP");
    assert_eq!(service.line(), "reloading");
    service.send("no such file");
    service.signal("HUP");
    assert_eq!(service.line(), "reloading");
    service.send_line();
    service.signal("TERM");
    let end = service.end();
    assert_eq!(end.code, Some(0), "{end:?}");
    assert_eq!(end.errors, "Error: the reload failed: no such file\n");
}
