use svc_rt::{Service, service};

#[service(events = "reload")]
fn main(svc: Service) {
    drop(svc);
}
