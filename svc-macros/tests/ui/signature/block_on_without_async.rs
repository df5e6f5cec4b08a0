use svc_rt::{Service, service};

#[service(block_on = smol::block_on)]
fn main(svc: Service) {
    drop(svc);
}
