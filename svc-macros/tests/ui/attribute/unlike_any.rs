use svc_rt::{Service, service};

#[service(watchdog = "30s")]
fn main(svc: Service) {
    drop(svc);
}
