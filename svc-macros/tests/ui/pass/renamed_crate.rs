mod reexports {
    pub use svc_rt as runtime;
}

use reexports::runtime::Service;

#[reexports::runtime::service(crate = crate::reexports::runtime, name = "renamed", keep_env)]
fn main(svc: Service) {
    svc.stop();
}
