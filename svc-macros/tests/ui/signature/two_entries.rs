use svc_rt::{Service, service};

#[service]
#[tokio::main]
async fn main(svc: Service) {
    drop(svc);
}
