use svc_rt::{Service, service};

#[service(block_on)]
async fn main(svc: Service) {
    drop(svc);
}
