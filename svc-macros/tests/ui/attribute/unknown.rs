use svc_rt::{Service, service};

#[service(nmae = "beacon")]
fn main(svc: Service) {
    drop(svc);
}
