use svc_rt::{Service, service};

#[service(events = ["relaod", "sighup", 7, "pause", "pause"])]
fn main(svc: Service) {
    drop(svc);
}
