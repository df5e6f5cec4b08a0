//! Waiters of every kind, and the way to the manager with several callers at once.

mod events;
mod stop;

use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use super::{Clock, Core, Happening, Identity, MOST_ORDERS, Waits};
use crate::event::{Event, StopReason};
use crate::folders::Folders;
use crate::host::{Nudge, Sink};
use crate::lifecycle::{Action, Config, Declared, Input, Order, State};
use crate::service::{Host, Service};
use crate::sockets::Sockets;

/// Writes down what it is told.
#[derive(Clone, Default)]
struct Paper(Arc<Mutex<Vec<Action>>>);

impl Sink for Paper {
    fn carry_out(&mut self, action: &Action) {
        self.0.lock().unwrap().push(action.clone());
    }
}

impl Paper {
    fn states(&self) -> Vec<State> {
        let actions = self.0.lock().unwrap();
        let states = actions.iter().filter_map(|action| match action {
            Action::Report(report) => Some(report.state),
            _ => None,
        });
        states.collect()
    }
}

/// Counts its calls: as the manager thread's bell, and as an executor's waker.
#[derive(Clone, Default)]
struct Count(Arc<AtomicUsize>);

impl Count {
    fn get(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

impl Nudge for Count {
    fn nudge(&self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

struct Counting(Count);

impl Wake for Counting {
    fn wake(self: Arc<Self>) {
        self.0.nudge();
    }
}

fn waker() -> (Waker, Count) {
    let count = Count::default();
    (Waker::from(Arc::new(Counting(count.clone()))), count)
}

fn core_over(sink: impl Sink + 'static, bell: Count) -> Arc<Core> {
    let identity = Identity {
        name: "probe".to_owned(),
        start_args: Vec::new(),
        host: Host::Foreground,
        sockets: Sockets::new(&[], Host::Foreground, Vec::new(), None),
        folders: Folders::new("probe", Host::Foreground),
    };
    let config = Config {
        declared: Declared::new(&["reload", "pause", "200"]),
        ..Config::default()
    };
    let core = Arc::new(Core::new(
        identity,
        config,
        Box::new(sink),
        Box::new(bell),
        Clock::real(),
    ));
    core.begin();
    core
}

fn service() -> Service {
    Service::new(core_over(Paper::default(), Count::default()))
}

fn stop_of(event: &Event) -> StopReason {
    match event {
        Event::Stop(reason) => *reason,
        other => panic!("{other:?} is no stop"),
    }
}

fn poll<F: Future + Unpin>(future: &mut F, waker: &Waker) -> Poll<F::Output> {
    Pin::new(future).poll(&mut Context::from_waker(waker))
}
