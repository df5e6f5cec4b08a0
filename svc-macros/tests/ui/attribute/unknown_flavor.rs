use svc_rt::{Service, service};

#[service(tokio(single))]
async fn main(svc: Service) {
    drop(svc);
}
