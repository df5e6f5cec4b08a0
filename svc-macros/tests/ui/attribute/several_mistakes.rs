use svc_rt::{Service, service};

// Everything is told at once, and the caller below adds nothing to it.
#[service(nmae = "beacon", events = ["relaod"], keep_env(true), sockets = "http")]
async fn serve(svc: Service, port: u16) {
    drop((svc, port));
}

fn main() -> std::process::ExitCode {
    serve(80)
}
