use svc_rt::{Service, service};

#[service(name = beacon)]
fn main(svc: Service) {
    drop(svc);
}
