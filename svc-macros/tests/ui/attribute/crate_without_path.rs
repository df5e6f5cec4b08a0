use svc_rt::{Service, service};

#[service(crate = "svc_rt")]
fn main(svc: Service) {
    drop(svc);
}
