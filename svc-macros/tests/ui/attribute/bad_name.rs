use svc_rt::{Service, service};

#[service(name = "the beacon")]
fn main(svc: Service) {
    drop(svc);
}
