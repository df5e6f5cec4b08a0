use svc_rt::service;

#[service]
struct Beacon;

fn main() {
    let _ = Beacon;
}
