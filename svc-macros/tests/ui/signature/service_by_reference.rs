use svc_rt::{Service, service};

#[service]
fn main(svc: &Service) {
    let _ = svc;
}
