use svc_rt::{Service, service};

#[service]
fn main<T>(svc: Service) {
    drop(svc);
}
