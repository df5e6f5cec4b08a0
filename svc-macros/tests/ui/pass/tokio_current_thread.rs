use std::process::ExitCode;
use std::rc::Rc;
use svc_rt::{Service, service};

#[service(tokio(current_thread))]
async fn serve(svc: Service, name: &str) -> ExitCode {
    // Not Send: the future stays on the thread that made it.
    let shared = Rc::new(name.to_owned());
    tokio::task::yield_now().await;
    assert_eq!(*shared, "borrowed");
    svc.stop();
    ExitCode::from(7)
}

fn main() {
    let name = String::from("borrowed");
    assert_eq!(serve(&name), ExitCode::from(7));
}
