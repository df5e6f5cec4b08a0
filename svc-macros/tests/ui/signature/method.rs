use svc_rt::{Service, service};

struct Beacon;

impl Beacon {
    #[service]
    fn serve(&self, svc: Service) {
        drop(svc);
    }
}

fn main() {
    let _ = Beacon;
}
