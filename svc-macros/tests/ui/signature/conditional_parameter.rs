use svc_rt::{Service, service};

#[service]
fn serve(svc: Service, #[cfg(unix)] port: u16) {
    drop((svc, port));
}

fn main() {}
