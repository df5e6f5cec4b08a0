#[svc_rt::service(name = "beacon", events = ["reload"], sockets = ["http"])]
fn main() {}
