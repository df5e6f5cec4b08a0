//! Async services, on several executors.

use std::future::Future;
use std::pin::pin;
use std::process::ExitCode;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};

use svc_rt::{Event, Service, service};

use super::programs::{hang, say};

pub(crate) fn run(name: &str) -> Option<ExitCode> {
    Some(match name {
        "tokio" => on_tokio(),
        "tokio with one thread" => on_one_thread(),
        "smol" => on_smol(),
        "a thread that parks" => on_a_parked_thread(),
        "tokio and a task that blocks" => blocked_on_tokio(),
        "one thread and a task that blocks" => blocked_on_one_thread(),
        "smol and a task that blocks" => blocked_on_smol(),
        _ => return None,
    })
}

/// Says what it hears.
async fn hear(svc: Service) -> Result<(), String> {
    svc.ready();
    loop {
        match svc.event().await {
            Event::Reload(reload) => {
                say("reload");
                reload.finish(Ok::<_, String>(()));
            }
            Event::Stop(reason) => {
                say(format!("stop {reason:?}"));
                return Ok(());
            }
            _ => {}
        }
    }
}

#[service(tokio, name = "probe", events = ["reload"])]
async fn on_tokio(svc: Service) -> Result<(), String> {
    hear(svc).await
}

#[service(tokio(current_thread), name = "probe", events = ["reload"])]
async fn on_one_thread(svc: Service) -> Result<(), String> {
    hear(svc).await
}

#[service(block_on = smol::block_on, name = "probe", events = ["reload"])]
async fn on_smol(svc: Service) -> Result<(), String> {
    hear(svc).await
}

#[service(block_on = park_until_done, name = "probe", events = ["reload"])]
async fn on_a_parked_thread(svc: Service) -> Result<(), String> {
    hear(svc).await
}

#[service(tokio, name = "probe")]
async fn blocked_on_tokio(svc: Service) {
    tokio::task::spawn_blocking(|| hang());
    svc.ready();
    svc.stop_token().await;
}

#[service(tokio(current_thread), name = "probe")]
async fn blocked_on_one_thread(svc: Service) {
    tokio::task::spawn_blocking(|| hang());
    svc.ready();
    svc.stop_token().await;
}

#[service(block_on = smol::block_on, name = "probe")]
async fn blocked_on_smol(svc: Service) {
    smol::unblock(|| hang()).detach();
    svc.ready();
    svc.stop_token().await;
}

struct Parked(std::thread::Thread);

impl Wake for Parked {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// The smallest executor that there is.
fn park_until_done<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let waker = Waker::from(Arc::new(Parked(std::thread::current())));
    loop {
        match future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(value) => return value,
            Poll::Pending => std::thread::park(),
        }
    }
}
