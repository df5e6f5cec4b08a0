use svc_rt::{Service, service};

#[service]
fn main(svc: Service, port: u16) -> Result<(), std::io::Error> {
    drop((svc, port));
    Ok(())
}
