//! What a running service shares between its threads: the machine, the waiters and the way to the manager.
//!
//! Three rules keep this small. The state lock is held for a step of the machine and nothing else. Actions for the
//! manager go through one queue and are carried out under the sink's lock, so they are serialised and stay in order
//! whoever fed the input. And waking an async task runs code of the user's executor, so it never happens on the thread
//! that carries the service manager's controls.

mod clock;
mod hearts;
#[cfg(test)]
mod tests;
#[cfg(any(test, feature = "testing"))]
mod turning;
mod waiting;

use std::collections::VecDeque;
use std::ffi::OsString;
#[cfg(unix)]
use std::io;
#[cfg(unix)]
use std::os::fd::BorrowedFd;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

pub(crate) use clock::Clock;
pub(crate) use hearts::Cell;
pub(crate) use waiting::{Happening, Waits};
use waiting::{Wakers, wake};

use crate::event::StopReason;
use crate::folders::Folders;
use crate::host::{Nudge, Sink};
use crate::lifecycle::{Action, Config, Exit, Input, Machine, Moment, Order};
use crate::service::Host;
use crate::sockets::Sockets;

/// What a service is told about itself.
pub(crate) struct Identity {
    pub(crate) name: String,
    pub(crate) start_args: Vec<OsString>,
    pub(crate) host: Host,
    pub(crate) sockets: Sockets,
    pub(crate) folders: Folders,
}

pub(crate) struct Core {
    pub(crate) identity: Identity,
    /// Every heart is to beat within this time.
    pub(crate) watchdog: Option<Duration>,
    clock: Clock,
    shared: Mutex<Shared>,
    /// Something happened that a thread may wait for.
    changed: Condvar,
    sink: Mutex<Box<dyn Sink>>,
    manager: Box<dyn Nudge>,
    /// The heart of whoever waits for events, once somebody did.
    waiter: OnceLock<Arc<Cell>>,
}

struct Shared {
    machine: Machine,
    /// What is to be carried out.
    queue: VecDeque<Action>,
    /// What the program was asked and has not taken yet.
    orders: VecDeque<Order>,
    wakers: Wakers,
    /// What is at work.
    cells: Vec<Arc<Cell>>,
    /// When the manager thread is to feed a tick.
    timer: Option<Moment>,
    /// Which threads wait.
    #[cfg(any(test, feature = "testing"))]
    sleepers: turning::Sleepers,
}

/// Who feeds an input.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Caller {
    /// A thread that may wait for the sink and may run the user's wakers.
    Thread,
    /// The thread that carries the manager's controls: it does neither.
    #[cfg_attr(not(windows), allow(dead_code))]
    Controls,
}

/// More orders than this do not wait: a program that takes none would otherwise grow for as long as somebody sends them.
const MOST_ORDERS: usize = 10_000;

/// Too many orders wait to be taken.
#[derive(Debug)]
pub(crate) struct Crowded;

/// A panic of somebody else's code while a lock was held must not take the service's stop away.
fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Core {
    /// Starts the life: the manager hears of it through `sink` before this returns.
    pub(crate) fn new(
        identity: Identity,
        config: Config,
        sink: Box<dyn Sink>,
        manager: Box<dyn Nudge>,
        clock: Clock,
    ) -> Self {
        let (machine, actions) = Machine::new(config, clock.now());
        let core = Self {
            identity,
            watchdog: config.watchdog,
            clock,
            shared: Mutex::new(Shared {
                machine,
                queue: VecDeque::new(),
                orders: VecDeque::new(),
                wakers: Wakers::default(),
                cells: Vec::new(),
                timer: None,
                #[cfg(any(test, feature = "testing"))]
                sleepers: turning::Sleepers::default(),
            }),
            changed: Condvar::new(),
            sink: Mutex::new(sink),
            manager,
            waiter: OnceLock::new(),
        };
        core.sort(&mut lock(&core.shared), actions);
        core
    }

    fn now(&self) -> Moment {
        self.clock.now()
    }

    /// Feeds an input and returns when the manager has been told.
    pub(crate) fn feed(&self, input: &Input) {
        self.feed_as(input, Caller::Thread);
    }

    /// Feeds an input from the thread that carries the manager's controls: waits for nobody, runs nobody's code.
    #[cfg_attr(not(windows), allow(dead_code))]
    pub(crate) fn feed_control(&self, input: &Input) {
        self.feed_as(input, Caller::Controls);
    }

    /// Gives an order from that same thread, unless too many wait to be taken already.
    #[cfg_attr(not(windows), allow(dead_code))]
    pub(crate) fn order_control(&self, order: Order) -> Result<(), Crowded> {
        if lock(&self.shared).orders.len() >= MOST_ORDERS {
            return Err(Crowded);
        }
        self.feed_control(&Input::Order(order));
        Ok(())
    }

    fn feed_as(&self, input: &Input, caller: Caller) {
        let mut shared = lock(&self.shared);
        let actions = shared.machine.step(input, self.now());
        let concerns_manager = self.sort(&mut shared, actions);
        let wakers = match caller {
            Caller::Thread => shared.wakers.take_called(),
            Caller::Controls => Vec::new(),
        };
        let left = shared.wakers.are_called();
        drop(shared);
        wake(wakers);
        if concerns_manager || left {
            self.manager.nudge();
        }
        self.flush(caller);
    }

    /// Keeps what is ours and queues the rest for the sink. Tells whether the manager thread has to look: a stop was
    /// latched, or a timer moved.
    fn sort(&self, shared: &mut Shared, actions: Vec<Action>) -> bool {
        let mut concerns_manager = false;
        for action in actions {
            match action {
                Action::Wake => {
                    shared.orders.clear();
                    concerns_manager = true;
                    shared.wakers.call(Waits::ForStop);
                    shared.wakers.call(Waits::ForEvent);
                    self.changed.notify_all();
                }
                Action::Deliver(order) => {
                    shared.orders.push_back(order);
                    shared.wakers.call(Waits::ForEvent);
                    self.changed.notify_all();
                }
                Action::Poke => {
                    #[cfg(any(test, feature = "testing"))]
                    shared.sleepers.poke(self.now());
                    shared.wakers.call(Waits::ForEvent);
                    self.changed.notify_all();
                }
                Action::Arm(at) => {
                    shared.timer = at;
                    concerns_manager = true;
                }
                other => shared.queue.push_back(other),
            }
        }
        concerns_manager
    }

    /// Carries out what is queued. Whoever holds the sink looks at the queue once more after letting go of it, so an
    /// action queued by a caller that would not wait is never left behind.
    fn flush(&self, caller: Caller) {
        loop {
            let mut sink = match caller {
                Caller::Thread => lock(&self.sink),
                Caller::Controls => match self.sink.try_lock() {
                    Ok(sink) => sink,
                    Err(_) => return,
                },
            };
            loop {
                let next = lock(&self.shared).queue.pop_front();
                let Some(action) = next else { break };
                sink.carry_out(&action);
            }
            drop(sink);
            if lock(&self.shared).queue.is_empty() {
                return;
            }
        }
    }

    /// Carries out what the first steps queued, once the sink can.
    pub(crate) fn begin(&self) {
        self.flush(Caller::Thread);
    }

    /// Sends the manager a message with a descriptor, after everything that was reported before. `None`: there is no manager
    /// that takes one.
    #[cfg(unix)]
    pub(crate) fn send_descriptor(
        &self,
        message: &str,
        descriptor: BorrowedFd<'_>,
    ) -> Option<io::Result<()>> {
        self.flush(Caller::Thread);
        let sink = lock(&self.sink);
        let socket = sink.notify_socket()?;
        Some(socket.send_with(message.as_bytes(), descriptor, Duration::from_secs(5)))
    }

    /// The same without one.
    #[cfg(unix)]
    pub(crate) fn send(&self, message: &str) -> Option<io::Result<()>> {
        self.flush(Caller::Thread);
        let sink = lock(&self.sink);
        let socket = sink.notify_socket()?;
        Some(socket.send(message.as_bytes(), Duration::from_secs(5)))
    }

    /// One turn of the manager thread: wakes tasks that a control could not wake, and feeds a tick if it is time.
    /// Returns how long there is nothing to do, `None` for until nudged.
    pub(crate) fn turn(&self) -> Option<Duration> {
        let mut shared = lock(&self.shared);
        let wakers = shared.wakers.take_called();
        let due = shared.timer.is_some_and(|at| at <= self.now());
        let parts = if due { shared.parts() } else { Vec::new() };
        drop(shared);
        wake(wakers);
        if due {
            self.feed(&Input::Tick(parts));
        }
        let shared = lock(&self.shared);
        shared.timer.map(|at| at.since(self.now()))
    }

    pub(crate) fn stop_reason(&self) -> Option<StopReason> {
        lock(&self.shared).machine.stop_reason()
    }

    /// How the service ended, once it has.
    pub(crate) fn exit(&self) -> Option<Exit> {
        lock(&self.shared).machine.exit()
    }

    /// The time left for the stop, and the bound on it: each `None` where nothing bounds it.
    pub(crate) fn stop_budget(&self) -> (Option<Duration>, Option<Duration>) {
        let shared = lock(&self.shared);
        (
            shared.machine.time_left(self.now()),
            shared.machine.stop_timeout(),
        )
    }
}
