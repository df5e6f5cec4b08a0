use svc_rt::service;

#[service]
pub fn serve(port: u16) {
    let _ = port;
}

fn main() {
    serve(80);
}
