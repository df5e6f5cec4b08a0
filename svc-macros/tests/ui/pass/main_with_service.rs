use svc_rt::{Service, service};

#[service]
fn main(svc: Service) -> Result<(), Box<dyn std::error::Error>> {
    svc.stop();
    Ok(())
}
