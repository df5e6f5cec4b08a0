use svc_rt::{Service, service};

#[service("beacon")]
fn main(svc: Service) {
    drop(svc);
}
