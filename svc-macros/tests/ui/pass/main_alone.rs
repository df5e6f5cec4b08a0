#[svc_rt::service]
fn main() {}
