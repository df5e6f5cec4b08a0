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

fn main() -> ExitCode {
    match svc_probe::option("--probe-as=", "PROBE_AS").as_deref() {
        Some("store") => store(),
        Some("admin") => admin(),
        Some("cache") => cache(),
        other => {
            eprintln!("svc-probe-many: --probe-as is store, admin or cache, not {other:?}");
            ExitCode::from(2)
        }
    }
}
