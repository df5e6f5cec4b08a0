use svc_rt::{Service, service};

#[service(sockets = ["a:b", 1, "http", "http"])]
fn main(svc: Service) {
    drop(svc);
}
