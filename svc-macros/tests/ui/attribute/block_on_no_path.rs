use svc_rt::{Service, service};

#[service(block_on = "smol")]
async fn main(svc: Service) {
    drop(svc);
}
