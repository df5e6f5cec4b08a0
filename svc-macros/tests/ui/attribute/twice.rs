use svc_rt::{Service, service};

#[service(name = "a", name = "b")]
fn main(svc: Service) {
    drop(svc);
}
