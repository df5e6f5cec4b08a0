use svc_rt::{Service, service};

#[service]
const fn constant(svc: Service) {
    std::mem::forget(svc);
}

#[service]
unsafe fn dangerous(svc: Service) {
    drop(svc);
}

#[service]
extern "C" fn foreign(svc: Service) {
    drop(svc);
}

fn main() {}
