use svc_rt::{Service, service};

#[service(name = "com1")]
fn main(svc: Service) {
    drop(svc);
}
