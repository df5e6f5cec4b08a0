//! The probe as several services of one program: `--probe-as=NAME` says which one runs.

use std::process::ExitCode;

use svc_rt::{Service, service};

#[service(name = "svc-probe-store")]
fn store(svc: Service) -> svc_probe::Ended {
    svc_probe::run(&svc)
}

#[service(name = "svc-probe-admin")]
fn admin(svc: Service) -> svc_probe::Ended {
    svc_probe::run(&svc)
}

#[service(name = "svc-probe-cache")]
fn cache(svc: Service) -> svc_probe::Ended {
    svc_probe::run(&svc)
}

// As long as a name may be; where only letters, digits, `_` and `.` may stand, the two are one.
#[service(name = "svc_probe_with_the_longest_name_that_a_service_may_have_64_chars")]
fn plain(svc: Service) -> svc_probe::Ended {
    svc_probe::run(&svc)
}

#[service(name = "svc-probe-with-the-longest-name-that-a-service-may-have-64-chars")]
fn dashed(svc: Service) -> svc_probe::Ended {
    svc_probe::run(&svc)
}

fn main() -> ExitCode {
    match svc_probe::option("--probe-as=", "PROBE_AS").as_deref() {
        Some("store") => store(),
        Some("admin") => admin(),
        Some("cache") => cache(),
        Some("plain") => plain(),
        Some("dashed") => dashed(),
        other => {
            eprintln!(
                "svc-probe-many: --probe-as is store, admin, cache, plain or dashed, not {other:?}"
            );
            ExitCode::from(2)
        }
    }
}
