use std::future::Future;
use std::pin::pin;
use std::process::ExitCode;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use svc_rt::{Service, service};

mod executor {
    use super::*;

    struct Thread(std::thread::Thread);

    impl Wake for Thread {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }

    pub fn block_on<F: Future>(future: F) -> F::Output {
        let mut future = pin!(future);
        let waker = Waker::from(Arc::new(Thread(std::thread::current())));
        loop {
            match future.as_mut().poll(&mut Context::from_waker(&waker)) {
                Poll::Ready(value) => return value,
                Poll::Pending => std::thread::park(),
            }
        }
    }
}

#[service(block_on = crate::executor::block_on)]
async fn serve(svc: Service, name: &str) -> Result<(), String> {
    svc.ready();
    svc.stop();
    svc.stop_token().await;
    Err(name.to_owned())
}

fn main() {
    assert_eq!(serve("borrowed"), ExitCode::FAILURE);
}
