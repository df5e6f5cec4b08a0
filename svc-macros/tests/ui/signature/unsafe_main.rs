use svc_rt::{Service, service};

#[service]
unsafe fn main(svc: Service) {
    drop(svc);
}
