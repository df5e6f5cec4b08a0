use std::time::Duration;
use svc_rt::{Service, service};

#[service(tokio)]
async fn main(svc: Service) -> Result<(), std::io::Error> {
    // A blocking task that would outlive everything does not hold the exit.
    tokio::task::spawn_blocking(|| std::thread::sleep(Duration::from_secs(3600)));
    tokio::time::sleep(Duration::from_millis(10)).await;
    svc.stop();
    Ok(())
}
