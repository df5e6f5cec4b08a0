use svc_rt::{Service, service};

#[service]
fn main(svc: Service)
where
    Service: Clone,
{
    drop(svc);
}
