//! As an associated function, and inside a function.

use std::process::ExitCode;
use svc_rt::{Service, service};

struct Beacon;

impl Beacon {
    #[service]
    fn serve(svc: Service) {
        svc.stop();
    }
}

fn main() {
    #[service(events = ["reload", 200], sockets = ["http=tcp://[::]:8080", "admin"])]
    fn nested(svc: Service) -> ExitCode {
        #![allow(unused_variables)]
        let unused = 1;
        svc.stop();
        ExitCode::SUCCESS
    }
    assert_eq!(nested(), ExitCode::SUCCESS);
    let _ = Beacon::serve;
}
