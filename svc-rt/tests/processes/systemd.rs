//! The notify protocol, as a manager hears it.

use super::bed::{Manager, foreground, managed, program, spawn};

super::cases!(
    an_ordinary_life,
    the_interrupt_stops_too,
    words_stay_on_one_line,
    a_hangup_during_the_start_is_harmless,
    a_hangup_while_running_is_harmless,
    grants_are_told_and_told_again,
    a_grant_may_be_longer_than_71_minutes,
    an_orderly_end_before_ready_is_no_failure,
    an_early_error_never_says_ready,
    a_stop_from_inside_is_announced,
    a_vanished_manager_is_harmless,
    a_manager_that_does_not_listen_is_harmless,
    an_address_that_cannot_be_used_is_said,
    a_process_that_systemd_started_knows_it,
    a_plain_main_is_ready_at_once,
    descriptors_are_kept_and_forgotten,
    a_manager_on_an_unreachable_machine_is_harmless,
);

fn an_ordinary_life() {
    let mut managers = vec![Manager::new()];
    #[cfg(target_os = "linux")]
    managers.push(Manager::hidden());
    for manager in managers {
        let mut service = managed(&manager, "ordinary");
        assert_eq!(manager.hear(), "READY=1");
        assert_eq!(service.line(), "ready probe Systemd 0");
        service.signal("TERM");
        assert_eq!(manager.hear(), "STOPPING=1");
        let end = service.end();
        assert_eq!(
            (end.code, end.output.as_str()),
            (Some(0), "stop Terminate\n"),
            "{end:?}"
        );
        assert_eq!(end.errors, "");
        assert_eq!(manager.rest(), [""; 0]);
    }
}

fn the_interrupt_stops_too() {
    let manager = Manager::new();
    let service = managed(&manager, "ordinary");
    assert_eq!(manager.hear(), "READY=1");
    service.signal("INT");
    let end = service.end();
    assert_eq!(end.code, Some(0), "{end:?}");
    assert!(end.output.ends_with("stop Interrupt\n"), "{end:?}");
}

fn words_stay_on_one_line() {
    let manager = Manager::new();
    let service = managed(&manager, "words");
    assert_eq!(manager.hear(), "STATUS=one READY=1 two");
    assert_eq!(manager.hear(), "STATUS=");
    assert_eq!(manager.hear(), "READY=1");
    service.signal("TERM");
    assert_eq!(manager.hear(), "STOPPING=1");
    assert_eq!(manager.hear(), "STATUS=closing");
    // A ninth more than the program was granted.
    assert_eq!(extension(&manager.hear()), 10_000_000);
    assert_eq!(service.end().code, Some(0));
}

/// The microseconds of an extension.
fn extension(message: &str) -> u64 {
    let time = message.strip_prefix("EXTEND_TIMEOUT_USEC=").expect(message);
    time.parse().expect(message)
}

fn a_hangup_during_the_start_is_harmless() {
    let manager = Manager::new();
    let mut service = managed(&manager, "slow start");
    assert_eq!(manager.hear(), "STATUS=waiting for a line");
    assert!(extension(&manager.hear()) > 60_000_000);
    service.signal("HUP");
    service.send_line();
    // The words about the start are taken back, and only now is it ready.
    assert_eq!(manager.hear(), "STATUS=");
    assert_eq!(manager.hear(), "READY=1");
    service.signal("TERM");
    assert_eq!(service.end().code, Some(0));
}

fn a_hangup_while_running_is_harmless() {
    let manager = Manager::new();
    let service = managed(&manager, "ordinary");
    assert_eq!(manager.hear(), "READY=1");
    service.signal("HUP");
    service.signal("TERM");
    assert_eq!(manager.hear(), "STOPPING=1");
    assert_eq!(service.end().code, Some(0));
}

fn grants_are_told_and_told_again() {
    let manager = Manager::new();
    let mut service = managed(&manager, "granted start");
    assert_eq!(manager.hear(), "STATUS=counting");
    let first = extension(&manager.hear());
    assert_eq!(first, 4_444_444);
    // Half of it is over, so no more than half is left.
    assert!(extension(&manager.hear()) <= first / 2);
    service.send_line();
    assert_eq!(service.end().code, Some(0));
}

/// 32 bits would not hold its microseconds.
fn a_grant_may_be_longer_than_71_minutes() {
    let manager = Manager::new();
    let mut service = managed(&manager, "granted two hours");
    assert_eq!(manager.hear(), "STATUS=copying");
    assert_eq!(extension(&manager.hear()), 8_000_000_000);
    service.send_line();
    assert_eq!(service.end().code, Some(0));
}

fn an_orderly_end_before_ready_is_no_failure() {
    let manager = Manager::new();
    let end = managed(&manager, "nothing to do").end();
    assert_eq!(end.code, Some(0), "{end:?}");
    // Without READY, systemd would call the exit a failure of the protocol.
    assert_eq!(manager.rest(), ["STOPPING=1", "READY=1"]);
}

fn an_early_error_never_says_ready() {
    let manager = Manager::new();
    let end = managed(&manager, "early error").end();
    assert_eq!(end.code, Some(1), "{end:?}");
    assert_eq!(manager.rest(), ["STATUS=\"no such port\"", "STOPPING=1"]);
}

fn a_stop_from_inside_is_announced() {
    let manager = Manager::new();
    let end = managed(&manager, "stop from inside").end();
    assert_eq!(
        (end.code, end.output.as_str()),
        (Some(0), "Stop(Internal)\n"),
        "{end:?}"
    );
    assert_eq!(manager.rest(), ["READY=1", "STOPPING=1"]);
}

fn a_vanished_manager_is_harmless() {
    let address = Manager::new().address.clone();
    let mut service = spawn(program(&[]).arg("ordinary").env("NOTIFY_SOCKET", address));
    assert_eq!(service.line(), "ready probe Systemd 0");
    service.signal("TERM");
    assert_eq!(service.end().code, Some(0));
}

fn a_manager_that_does_not_listen_is_harmless() {
    let manager = Manager::new();
    let crowd = std::os::unix::net::UnixDatagram::unbound().unwrap();
    crowd.set_nonblocking(true).unwrap();
    while crowd.send_to(b"STATUS=crowd", &manager.address).is_ok() {}
    let end = managed(&manager, "early error").end();
    assert_eq!(end.code, Some(1), "{end:?}");
    assert!(
        manager
            .rest()
            .iter()
            .all(|message| message == "STATUS=crowd")
    );
}

fn an_address_that_cannot_be_used_is_said() {
    let mut service = spawn(
        program(&[])
            .arg("ordinary")
            .env("NOTIFY_SOCKET", "nonsense"),
    );
    assert_eq!(service.line(), "ready probe Systemd 0");
    service.signal("TERM");
    let end = service.end();
    assert_eq!(end.code, Some(0), "{end:?}");
    assert!(
        end.errors
            .contains("NOTIFY_SOCKET \"nonsense\" cannot be used"),
        "{end:?}"
    );
}

fn a_process_that_systemd_started_knows_it() {
    // The shell becomes the program, so its process id stays.
    let script = ["sh", "-c", "SYSTEMD_EXEC_PID=$$ exec \"$0\" \"$@\""];
    let mut service = spawn(program(&script).arg("ordinary"));
    assert_eq!(service.line(), "ready probe Systemd 0");
    service.signal("HUP");
    service.signal("TERM");
    assert_eq!(service.end().code, Some(0));
    // Inherited from somebody else's service, it says nothing about this process.
    let mut service = spawn(program(&[]).arg("ordinary").env("SYSTEMD_EXEC_PID", "1"));
    assert_eq!(service.line(), "ready probe Foreground 0");
    service.signal("TERM");
    assert_eq!(service.end().code, Some(0));
}

fn a_plain_main_is_ready_at_once() {
    let manager = Manager::new();
    let service = managed(&manager, "plain");
    assert_eq!(manager.hear(), "READY=1");
    service.signal("TERM");
    assert_eq!(manager.hear(), "STOPPING=1");
    let end = service.end();
    assert_eq!(end.code, Some(0), "{end:?}");

    let mut service = foreground("plain");
    assert_eq!(service.line(), "running");
    service.signal("INT");
    assert_eq!(service.end().code, Some(0));
}

fn descriptors_are_kept_and_forgotten() {
    let manager = Manager::new();
    let service = managed(&manager, "keeping");
    assert_eq!(manager.hear(), "READY=1");
    // Receiving a message closes the descriptor that came with it, which is what ends a barrier.
    assert_eq!(manager.hear(), "FDSTORE=1\nFDNAME=a file");
    assert_eq!(manager.hear(), "BARRIER=1");
    assert_eq!(manager.hear(), "FDSTOREREMOVE=1\nFDNAME=a file");
    let end = service.end();
    assert_eq!(
        (end.code, end.output.as_str()),
        (Some(0), "true\ntrue\n0\n"),
        "{end:?}"
    );

    let end = foreground("keeping").end();
    assert_eq!(end.code, Some(1), "{end:?}");
    assert!(
        end.errors
            .contains("nobody keeps descriptors for this process"),
        "{end:?}"
    );
}

/// No machine has this number.
fn a_manager_on_an_unreachable_machine_is_harmless() {
    for address in ["vsock-stream:77:9", "vsock-dgram:77:9", "vsock:77:9"] {
        let mut service = spawn(program(&[]).arg("ordinary").env("NOTIFY_SOCKET", address));
        assert_eq!(service.line(), "ready probe Systemd 0");
        service.signal("TERM");
        assert_eq!(service.end().code, Some(0));
    }
}
