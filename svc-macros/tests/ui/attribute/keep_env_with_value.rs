use svc_rt::{Service, service};

#[service(keep_env = true)]
fn main(svc: Service) {
    drop(svc);
}
