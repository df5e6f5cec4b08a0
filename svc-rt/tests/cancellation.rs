//! Futures that are dropped before they are ready lose nothing, on every executor.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use svc_rt::testing::{End, FakeManager, Report, State};
use svc_rt::{Event, Service};

const ORDERS: usize = 2_000;

/// Polls so many times and then gives up, as the branch of a `select!` does that another one wins.
async fn glance<F: Future + Unpin>(mut future: F, times: usize) -> Option<F::Output> {
    let mut left = times;
    poll_fn(move |context| {
        if let Poll::Ready(value) = Pin::new(&mut future).poll(context) {
            return Poll::Ready(Some(value));
        }
        left = left.saturating_sub(1);
        if left == 0 {
            return Poll::Ready(None);
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await
}

/// Counts orders, with an impatience that changes all the time; now and then it waits for as long as it takes.
async fn count(svc: Service) -> Result<(), String> {
    svc.ready();
    let mut stop = svc.stop_token();
    let mut heard = 0;
    for turn in 1_usize.. {
        let event = if turn % 7 == 0 {
            Some(svc.event().await)
        } else {
            glance(svc.event(), turn % 3 + 1).await
        };
        match event {
            Some(Event::Custom(200)) => heard += 1,
            Some(Event::Stop(_)) => break,
            _ => {}
        }
        // A look at the token, and the next one at the same token.
        if glance(&mut stop, 1).await.is_some() && heard == ORDERS {
            break;
        }
    }
    // The stop is latched, for new waiters and old ones.
    stop.await;
    svc.stop_token().await;
    match svc.event().await {
        Event::Stop(_) if heard == ORDERS => Ok(()),
        event => Err(format!("heard {heard}, then {event:?}")),
    }
}

/// Sends the orders while `run` counts them.
fn nothing_is_lost(run: impl FnOnce(Service) -> Result<(), String> + Send + 'static) {
    let service = FakeManager::new("probe").events(["200"]).start(run);
    service.wait_for(State::Running);
    for order in 0..ORDERS {
        service.custom(200);
        if order % 100 == 0 {
            std::thread::sleep(Duration::from_millis(1));
        }
    }
    // A stop voids what was not taken yet: first everything is to be.
    service.wait_until_idle();
    service.stop();
    let reports = service.reports();
    let end = service.end();
    let logs: Vec<&Report> = reports
        .iter()
        .filter(|r| matches!(r, Report::Log(_)))
        .collect();
    assert_eq!(end, End::Exited(0), "{logs:?}");
}

#[test]
fn on_tokio() {
    nothing_is_lost(|svc| {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .build();
        let runtime = runtime.map_err(|error| error.to_string())?;
        runtime.block_on(async {
            tokio::spawn(count(svc))
                .await
                .map_err(|error| error.to_string())?
        })
    });
}

#[test]
fn on_tokio_with_one_thread() {
    nothing_is_lost(|svc| {
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        runtime
            .map_err(|error| error.to_string())?
            .block_on(count(svc))
    });
}

#[test]
fn on_smol() {
    nothing_is_lost(|svc| smol::block_on(async { smol::spawn(count(svc)).await }));
}

struct Parked(std::thread::Thread);

impl Wake for Parked {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

#[test]
fn on_a_thread_that_parks() {
    nothing_is_lost(|svc| {
        let mut future = pin!(count(svc));
        let waker = Waker::from(Arc::new(Parked(std::thread::current())));
        loop {
            match future.as_mut().poll(&mut Context::from_waker(&waker)) {
                Poll::Ready(value) => return value,
                Poll::Pending => std::thread::park(),
            }
        }
    });
}
