use svc_rt::{Service, service};

#[service]
#[test]
fn serve(svc: Service) {
    drop(svc);
}

fn main() {}
