//! What a running service shares between its threads: the machine, the waiters and the way to the manager.
//!
//! Three rules keep this small. The state lock is held for a step of the machine and nothing else. Actions for the
//! manager go through one queue and are carried out under the sink's lock, so they are serialised and stay in order
//! whoever fed the input. And waking an async task runs code of the user's executor, so it never happens on the thread
//! that carries the service manager's controls.

#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::ffi::OsString;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::task::Waker;
use std::time::{Duration, Instant};

use crate::event::StopReason;
use crate::host::{Nudge, Sink};
use crate::lifecycle::{Action, Config, Exit, Input, Machine, Moment};
use crate::service::Host;

/// What a service is told about itself.
pub(crate) struct Identity {
    pub(crate) name: String,
    pub(crate) start_args: Vec<OsString>,
    pub(crate) host: Host,
}

pub(crate) struct Core {
    pub(crate) identity: Identity,
    origin: Instant,
    shared: Mutex<Shared>,
    stopped: Condvar,
    sink: Mutex<Box<dyn Sink>>,
    manager: Box<dyn Nudge>,
}

struct Shared {
    machine: Machine,
    queue: VecDeque<Action>,
    wakers: Vec<(u64, Waker)>,
    next_waker: u64,
    /// When the manager thread is to feed a tick.
    timer: Option<Moment>,
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
    ) -> Self {
        let origin = Instant::now();
        let (machine, actions) = Machine::new(config, Moment(Duration::ZERO));
        let core = Self {
            identity,
            origin,
            shared: Mutex::new(Shared {
                machine,
                queue: VecDeque::new(),
                wakers: Vec::new(),
                next_waker: 0,
                timer: None,
            }),
            stopped: Condvar::new(),
            sink: Mutex::new(sink),
            manager,
        };
        core.sort(&mut lock(&core.shared), actions);
        core
    }

    fn now(&self) -> Moment {
        Moment(self.origin.elapsed())
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

    fn feed_as(&self, input: &Input, caller: Caller) {
        let mut shared = lock(&self.shared);
        let actions = shared.machine.step(input, self.now());
        let (woken, rearmed) = self.sort(&mut shared, actions);
        let wakers = match caller {
            Caller::Thread if woken => std::mem::take(&mut shared.wakers),
            _ => Vec::new(),
        };
        drop(shared);
        wake(wakers);
        if woken || rearmed {
            self.manager.nudge();
        }
        self.flush(caller);
    }

    /// Keeps what is ours and queues the rest for the sink. Tells whether a stop was latched, and a timer moved.
    fn sort(&self, shared: &mut Shared, actions: Vec<Action>) -> (bool, bool) {
        let (mut woken, mut rearmed) = (false, false);
        for action in actions {
            match action {
                Action::Wake => {
                    self.stopped.notify_all();
                    woken = true;
                }
                Action::Arm(at) => {
                    shared.timer = at;
                    rearmed = true;
                }
                other => shared.queue.push_back(other),
            }
        }
        (woken, rearmed)
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

    /// One turn of the manager thread: wakes tasks that a control could not wake, and feeds a tick if it is time.
    /// Returns how long there is nothing to do, `None` for until nudged.
    pub(crate) fn turn(&self) -> Option<Duration> {
        let mut shared = lock(&self.shared);
        let wakers = if shared.machine.stop_reason().is_some() {
            std::mem::take(&mut shared.wakers)
        } else {
            Vec::new()
        };
        let due = shared.timer.is_some_and(|at| at <= self.now());
        drop(shared);
        wake(wakers);
        if due {
            self.feed(&Input::Tick);
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

    /// Blocks until a stop is latched.
    pub(crate) fn wait_for_stop(&self) -> StopReason {
        let mut shared = lock(&self.shared);
        loop {
            if let Some(reason) = shared.machine.stop_reason() {
                return reason;
            }
            shared = self
                .stopped
                .wait(shared)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Blocks until a stop is latched or the time is over.
    pub(crate) fn wait_for_stop_timeout(&self, time: Duration) -> Option<StopReason> {
        // A time too long for the clock is as good as for ever.
        let Some(end) = Instant::now().checked_add(time) else {
            return Some(self.wait_for_stop());
        };
        let mut shared = lock(&self.shared);
        loop {
            if let Some(reason) = shared.machine.stop_reason() {
                return Some(reason);
            }
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return None;
            }
            (shared, _) = self
                .stopped
                .wait_timeout(shared, left)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// The reason, or a promise to wake `waker`. `slot` is the waiter's own place among the wakers.
    pub(crate) fn poll_stop(&self, slot: &mut Option<u64>, waker: &Waker) -> Option<StopReason> {
        // Cloning and dropping a waker is the executor's code: neither happens under the lock.
        let waker = waker.clone();
        let mut shared = lock(&self.shared);
        if let Some(reason) = shared.machine.stop_reason() {
            return Some(reason);
        }
        let id = slot.unwrap_or_else(|| {
            shared.next_waker += 1;
            shared.next_waker
        });
        *slot = Some(id);
        let old = shared.wakers.iter().position(|(other, _)| *other == id);
        let old = old.map(|index| shared.wakers.swap_remove(index));
        shared.wakers.push((id, waker));
        drop(shared);
        drop(old);
        None
    }

    /// Takes a waiter's place back.
    pub(crate) fn forget_waker(&self, slot: u64) {
        let mut shared = lock(&self.shared);
        let old = shared
            .wakers
            .iter()
            .position(|(id, _)| *id == slot)
            .map(|index| shared.wakers.swap_remove(index));
        drop(shared);
        drop(old);
    }
}

/// An executor that panics in a wake-up must not end the thread that bounds the stop.
fn wake(wakers: Vec<(u64, Waker)>) {
    for (_, waker) in wakers {
        let _ = catch_unwind(AssertUnwindSafe(|| waker.wake()));
    }
}
