use svc_rt::{Service, service};

#[service]
async fn main(svc: Service) {
    drop(svc);
}
