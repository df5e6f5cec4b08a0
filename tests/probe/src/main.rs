//! The probe as the only service of its program.

use svc_rt::{Service, service};

#[service]
fn main(svc: Service) -> svc_probe::Ended {
    svc_probe::run(&svc)
}
