use svc_rt::{Service, service};

#[service]
fn main(_: Service);
