use svc_rt::{Service, service};

#[service(tokio, block_on = smol::block_on)]
async fn main(svc: Service) {
    drop(svc);
}
