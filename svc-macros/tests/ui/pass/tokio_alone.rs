#[svc_rt::service(tokio)]
async fn main() {
    tokio::task::yield_now().await;
}
