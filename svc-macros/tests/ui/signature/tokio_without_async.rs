use svc_rt::{Service, service};

#[service(tokio)]
fn main(svc: Service) {
    drop(svc);
}
