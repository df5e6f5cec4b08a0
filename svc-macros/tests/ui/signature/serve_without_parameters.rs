use svc_rt::service;

#[service(tokio)]
async fn serve() {}

fn main() {
    drop(serve());
}
