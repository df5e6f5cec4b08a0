//! A failure looks like one.

use super::bed::{Manager, foreground, managed, program, spawn};

super::cases!(
    an_error_ends_with_one_and_its_words,
    a_panic_ends_with_101_and_its_words,
    a_code_is_kept,
    a_failed_worker_ends_the_service,
    a_stuck_stop_ends_and_names_the_phase,
    a_stop_that_nobody_hears_ends,
    a_second_signal_ends_at_once,
    the_end_of_a_plain_main_counts,
    a_second_service_in_one_process_is_refused,
    wrong_settings_fail_the_start,
);

fn an_error_ends_with_one_and_its_words() {
    let manager = Manager::new();
    let end = managed(&manager, "error").end();
    assert_eq!(end.code, Some(1));
    assert_eq!(end.errors, "Error: \"no such\\nport\"\n");
    assert_eq!(
        manager.rest(),
        ["READY=1", "STATUS=\"no such\\nport\"", "STOPPING=1"]
    );
    // In a terminal it looks the same.
    let end = foreground("error").end();
    assert_eq!(
        (end.code, end.errors.as_str()),
        (Some(1), "Error: \"no such\\nport\"\n")
    );
}

fn a_panic_ends_with_101_and_its_words() {
    let manager = Manager::new();
    let end = managed(&manager, "panic").end();
    assert_eq!(end.code, Some(101));
    assert!(end.errors.contains("panicked at"), "{end:?}");
    assert!(
        end.errors.ends_with("Error: panicked: out of luck\n"),
        "{end:?}"
    );
    assert_eq!(manager.rest(), ["READY=1", "STATUS=panicked: out of luck"]);
}

fn a_code_is_kept() {
    let end = foreground("code").end();
    assert_eq!((end.code, end.errors.as_str()), (Some(42), ""));
}

fn a_failed_worker_ends_the_service() {
    let manager = Manager::new();
    let end = managed(&manager, "failing worker").end();
    assert_eq!((end.code, end.output.as_str()), (Some(1), "Stop(Failed)\n"));
    assert_eq!(end.errors, "Error: the disk is gone\n");
    assert_eq!(
        manager.rest(),
        ["READY=1", "STATUS=the disk is gone", "STOPPING=1"]
    );
}

fn a_stuck_stop_ends_and_names_the_phase() {
    let manager = Manager::new();
    let mut command = program(&[]);
    command
        .arg("stuck stop")
        .env("NOTIFY_SOCKET", &manager.address);
    let end = spawn(command.env("SVC_STOP_TIMEOUT_USEC", "1000")).end();
    assert_eq!(end.code, Some(124), "{end:?}");
    let message = "the stop is stuck: no progress within 50 ms; it was at \"closing the store\"; still at work: \
                   \"sending\", \"the worker\"";
    assert_eq!(end.errors, format!("Error: {message}\n"));
    let mut messages = manager.rest();
    assert_eq!(messages.pop(), Some(format!("STATUS={message}")));
    assert_eq!(
        messages[..3],
        ["READY=1", "STOPPING=1", "STATUS=closing the store"]
    );
}

fn a_stop_that_nobody_hears_ends() {
    let manager = Manager::new();
    let mut command = program(&[]);
    command.arg("deaf").env("NOTIFY_SOCKET", &manager.address);
    let service = spawn(command.env("SVC_STOP_TIMEOUT_USEC", "20000"));
    hear_ready(&manager);
    service.signal("TERM");
    let end = service.end();
    assert_eq!(end.code, Some(124), "{end:?}");
    assert_eq!(
        end.errors,
        "Error: the stop is stuck: no progress within 20 ms; it was at \"serving 3 clients\"\n"
    );
}

fn hear_ready(manager: &Manager) {
    while manager.hear() != "READY=1" {}
}

fn a_second_signal_ends_at_once() {
    for (first, second, number) in [("TERM", "TERM", 15), ("INT", "INT", 2), ("TERM", "INT", 2)] {
        let manager = Manager::new();
        let service = managed(&manager, "deaf");
        hear_ready(&manager);
        service.signal(first);
        assert_eq!(manager.hear(), "STOPPING=1");
        service.signal(second);
        let end = service.end();
        assert_eq!((end.code, end.signal), (None, Some(number)), "{end:?}");
    }
}

fn the_end_of_a_plain_main_counts() {
    let end = foreground("plain end").end();
    assert_eq!(
        (end.code, end.errors.as_str()),
        (Some(1), "Error: \"done for\"\n")
    );
}

fn a_second_service_in_one_process_is_refused() {
    let end = foreground("twice").end();
    assert_eq!(end.code, Some(1), "{end:?}");
    assert!(!end.output.contains("a second service"), "{end:?}");
    assert!(end.errors.contains("only once"), "{end:?}");
}

fn wrong_settings_fail_the_start() {
    for wrong in ["0", "-5", "10s", "1.5", "99999999999999999999999"] {
        let manager = Manager::new();
        let mut command = program(&[]);
        command
            .arg("ordinary")
            .env("NOTIFY_SOCKET", &manager.address);
        let end = spawn(command.env("SVC_STOP_TIMEOUT_USEC", wrong)).end();
        assert_eq!((end.code, end.output.as_str()), (Some(1), ""), "{end:?}");
        let message = format!("Error: SVC_STOP_TIMEOUT_USEC is \"{wrong}\"");
        assert!(end.errors.starts_with(&message), "{end:?}");
        assert!(!manager.rest().contains(&"READY=1".to_owned()));
    }
    let mut service = spawn(
        program(&[])
            .arg("ordinary")
            .env("SVC_STOP_TIMEOUT_USEC", "infinity"),
    );
    assert!(service.line().starts_with("ready"));
    service.signal("TERM");
    assert_eq!(service.end().code, Some(0));
}
