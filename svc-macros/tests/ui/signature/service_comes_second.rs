use svc_rt::{Service, service};

#[service]
fn serve(port: u16, svc: Service) {
    drop((port, svc));
}

fn main() {}
