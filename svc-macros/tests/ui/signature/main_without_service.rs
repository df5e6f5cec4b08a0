use svc_rt::service;

#[service]
fn main(arguments: Vec<String>) {
    drop(arguments);
}
