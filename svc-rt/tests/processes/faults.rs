//! What goes wrong around a service, and must not go wrong in it.

use super::bed::{Manager, managed, program, spawn};

super::cases!(
    a_closed_standard_error_is_harmless,
    a_full_standard_error_is_harmless,
    a_stop_during_the_start_ends_in_order,
    a_flood_of_hangups_loses_no_stop,
    a_clock_that_jumps_changes_nothing,
);

/// The same ends, with nowhere to say why.
fn ends_without_words(redirection: &str) {
    let script = format!("exec \"$0\" \"$@\" {redirection}");
    let ends = [
        ("error", 1),
        ("early error", 1),
        ("panic", 101),
        ("code", 42),
    ];
    for (name, code) in ends {
        let manager = Manager::new();
        let mut command = program(&["sh", "-c", &script]);
        let end = spawn(command.arg(name).env("NOTIFY_SOCKET", &manager.address)).end();
        assert_eq!(
            (end.code, end.errors.as_str()),
            (Some(code), ""),
            "{name}: {end:?}"
        );
    }
    let manager = Manager::new();
    let mut command = program(&["sh", "-c", &script]);
    command
        .arg("ordinary")
        .env("NOTIFY_SOCKET", &manager.address);
    let service = spawn(&mut command);
    assert_eq!(manager.hear(), "READY=1");
    service.signal("TERM");
    assert_eq!(manager.hear(), "STOPPING=1");
    assert_eq!(service.end().code, Some(0));
}

fn a_closed_standard_error_is_harmless() {
    ends_without_words("2>&-");
}

fn a_full_standard_error_is_harmless() {
    if cfg!(target_os = "linux") {
        ends_without_words("2>/dev/full");
    }
}

fn a_stop_during_the_start_ends_in_order() {
    let manager = Manager::new();
    let mut service = managed(&manager, "slow start");
    assert_eq!(manager.hear(), "STATUS=waiting for a line");
    service.signal("TERM");
    while manager.hear() != "STOPPING=1" {}
    // It was at something, and now it is done.
    service.send_line();
    let end = service.end();
    assert_eq!((end.code, end.errors.as_str()), (Some(0), ""), "{end:?}");
    // READY comes with the end alone, which systemd would take for a failure without it.
    assert_eq!(manager.rest().last().map(String::as_str), Some("READY=1"));
}

fn a_flood_of_hangups_loses_no_stop() {
    const FLOOD: usize = 10_000;
    let manager = Manager::new();
    let service = managed(&manager, "waiting");
    assert_eq!(manager.hear(), "READY=1");
    let script = format!(
        "n=0; while [ $n -lt {FLOOD} ]; do kill -HUP $0; n=$((n + 1)); done; kill -TERM $0"
    );
    let sent = std::process::Command::new("sh")
        .args(["-c", &script, &service.id().to_string()])
        .status();
    assert!(sent.expect("the shell runs").success());
    assert_eq!(manager.hear(), "STOPPING=1");
    assert_eq!(service.end().code, Some(0));
}

/// The time of day goes a year forth and back whenever somebody asks for it.
#[cfg(target_os = "linux")]
fn a_clock_that_jumps_changes_nothing() {
    const JUMPING: &str = r"
        #include <dlfcn.h>
        #include <sys/syscall.h>
        #include <sys/time.h>
        #include <time.h>
        #include <unistd.h>
        static unsigned turns;
        static long jump(void) { return (__sync_fetch_and_add(&turns, 1) % 2 ? 1 : -1) * 365L * 86400; }
        int clock_gettime(clockid_t id, struct timespec *now) {
            long failed = syscall(SYS_clock_gettime, id, now);
            if (!failed && id == CLOCK_REALTIME) now->tv_sec += jump();
            return failed;
        }
        time_t time(time_t *out) {
            struct timespec now;
            clock_gettime(CLOCK_REALTIME, &now);
            if (out) *out = now.tv_sec;
            return now.tv_sec;
        }
    ";
    let folder = std::env::temp_dir().join(format!("svc-rt-clock-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let (source, library) = (folder.join("clock.c"), folder.join("clock.so"));
    std::fs::write(&source, JUMPING).expect("the source");
    // The compiler that links Rust programs, too.
    let compiled = std::process::Command::new("cc")
        .args(["-shared", "-fPIC", "-o"])
        .args([&library, &source])
        .status();
    assert!(compiled.expect("cc runs").success());
    let manager = Manager::new();
    let mut command = program(&[]);
    command
        .arg("ticking")
        .env("NOTIFY_SOCKET", &manager.address)
        .env("WATCHDOG_USEC", "250000")
        .env("LD_PRELOAD", &library);
    let mut service = spawn(&mut command);
    assert_eq!(service.line(), "it jumps true");
    assert_eq!(manager.hear(), "READY=1");
    // Waits last as long as they should, and the watchdog hears of a service that lives.
    let mut heard = Vec::new();
    while heard.len() < 6 {
        heard.push(manager.hear());
    }
    assert!(
        heard.iter().all(|message| message == "WATCHDOG=1"),
        "{heard:?}"
    );
    assert_eq!(service.line(), "no tick was early");
    service.signal("TERM");
    let end = service.end();
    assert_eq!((end.code, end.errors.as_str()), (Some(0), ""), "{end:?}");
    let _ = std::fs::remove_dir_all(&folder);
}

#[cfg(not(target_os = "linux"))]
fn a_clock_that_jumps_changes_nothing() {}
