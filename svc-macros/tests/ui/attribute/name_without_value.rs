use svc_rt::{Service, service};

#[service(name)]
fn main(svc: Service) {
    drop(svc);
}
