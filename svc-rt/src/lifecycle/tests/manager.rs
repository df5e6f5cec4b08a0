//! A manager that complains about whatever a manager would misunderstand.

use std::time::Duration;

use crate::lifecycle::types::{Controls, EXIT_TIMED_OUT};
use crate::lifecycle::{Action, Answered, Config, Exit, Input, Moment, Order, Report, State};

/// Looks at what comes out, as a manager would, and complains about whatever a manager would misunderstand.
#[allow(clippy::struct_excessive_bools)] // Each is one thing that it saw.
#[derive(Clone, PartialEq, Eq, Hash, Default)]
pub(super) struct Manager {
    pub(super) state: Option<State>,
    pub(super) checkpoint: u32,
    pub(super) exit: Option<Exit>,
    pub(super) woken: bool,
    pub(super) ended: bool,
    pub(super) failure_logged: bool,
    pub(super) timer: Option<Moment>,
    /// A reload was asked for and has not begun since.
    pub(super) reload_owed: bool,
    /// Paused, or to be.
    pub(super) pause_wanted: bool,
    /// A heart was missed, and nothing is well any more.
    pub(super) missed: bool,
    /// The order that the program is at.
    pub(super) order: Option<Order>,
}

impl Manager {
    pub(super) fn see(&mut self, actions: &[Action], input: Option<&Input>, now: Moment) {
        if let Some(Input::Order(order)) = input {
            self.asked(*order);
        }
        if let Some(Input::Answer(what, result)) = input {
            self.answered(*what, result.is_ok());
        }
        for action in actions {
            // What ends the process has nothing after it but the timer that is taken back.
            assert!(
                !self.ended || matches!(action, Action::Arm(None)),
                "{action:?} after the end"
            );
            match action {
                Action::Report(report) => self.reported(report, input),
                Action::Extend(time) => {
                    let settled = [State::Running, State::Paused, State::Stopped].map(Some);
                    assert!(!settled.contains(&self.state) && !time.is_zero());
                }
                Action::Log(_) => self.failure_logged = true,
                Action::Wake => {
                    assert!(!self.woken, "the waiters are woken once");
                    self.woken = true;
                }
                Action::Deliver(order) => self.delivered(*order),
                Action::Ping => assert!(self.is_live() && !self.missed),
                Action::Poke => assert!(self.is_live()),
                Action::Missed => {
                    assert!(self.is_live() && !self.missed && self.failure_logged);
                    self.missed = true;
                }
                Action::Abort => {
                    assert!(self.missed);
                    self.ended = true;
                }
                Action::Arm(at) => {
                    assert_ne!(*at, self.timer, "the timer is armed only when it moves");
                    // What is overdue waits for a tick; a tick leaves nothing that is.
                    let ticked = matches!(input, None | Some(Input::Tick(_)));
                    assert!(!ticked || at.is_none_or(|at| at > now), "{at:?} is past");
                    self.timer = *at;
                }
                Action::Exit(code) => {
                    assert_eq!(*code, EXIT_TIMED_OUT);
                    assert_eq!(self.state, Some(State::Stopped));
                    self.ended = true;
                }
                Action::Crash => {
                    assert_ne!(self.state, Some(State::Stopped), "a crash reports no end");
                    self.ended = true;
                }
                Action::Status(_) => {}
            }
        }
    }

    fn reported(&mut self, report: &Report, input: Option<&Input>) {
        let before = self.state.replace(report.state);
        assert_ne!(
            before,
            Some(State::Stopped),
            "STOPPED is sent once, and last"
        );
        match report.state {
            State::Starting | State::Pausing | State::Continuing | State::Stopping => {
                assert!(report.checkpoint > 0 && !report.wait_hint.is_zero());
                if before == Some(report.state) {
                    assert_eq!(report.checkpoint, self.checkpoint + 1);
                    let progress = matches!(
                        input,
                        Some(Input::Starting { .. } | Input::Stopping { .. } | Input::Extend(_))
                    );
                    assert!(progress, "{input:?} is no progress");
                }
            }
            State::Running | State::Reloading | State::Paused | State::Stopped => {
                assert_eq!((report.checkpoint, report.wait_hint), (0, Duration::ZERO));
            }
        }
        self.checkpoint = report.checkpoint;
        let accepts = match report.state {
            State::Running | State::Reloading | State::Paused => Controls::All,
            State::Pausing | State::Continuing => Controls::Stop,
            _ => Controls::None,
        };
        assert_eq!(report.accepts, accepts);
        assert_eq!(report.exit.is_some(), report.state == State::Stopped);
        let next: &[State] = match before {
            None => &[State::Starting],
            Some(State::Starting) => &[State::Starting, State::Running, State::Stopping],
            Some(State::Running) => &[State::Reloading, State::Pausing, State::Stopping],
            Some(State::Reloading) => &[State::Running, State::Stopping],
            Some(State::Pausing) => &[
                State::Pausing,
                State::Running,
                State::Paused,
                State::Stopping,
            ],
            Some(State::Paused) => &[State::Continuing, State::Stopping],
            Some(State::Continuing) => &[
                State::Continuing,
                State::Paused,
                State::Running,
                State::Stopping,
            ],
            Some(State::Stopping) => &[State::Stopping, State::Stopped],
            Some(State::Stopped) => &[],
        };
        assert!(
            next.contains(&report.state),
            "a manager never sees {before:?} become {:?}",
            report.state
        );
        self.exit = report.exit;
    }

    fn is_live(&self) -> bool {
        !matches!(
            self.state,
            Some(State::Starting | State::Stopping | State::Stopped)
        )
    }

    /// What is asked of a service that starts or stops is not about a pause.
    fn asked(&mut self, order: Order) {
        let live = self.is_live();
        match order {
            Order::Reload => self.reload_owed = true,
            Order::Pause if live => self.pause_wanted = true,
            Order::Continue if live => self.pause_wanted = false,
            _ => {}
        }
    }

    /// A failure takes back what was wanted, if it is about what the program was at.
    fn answered(&mut self, what: Answered, success: bool) {
        match (what, self.order) {
            (Answered::Reload, Some(Order::Reload)) => {}
            (Answered::Pause, Some(Order::Pause)) => self.pause_wanted &= success,
            (Answered::Continue, Some(Order::Continue)) => self.pause_wanted |= !success,
            _ => return,
        }
        self.order = None;
    }

    fn delivered(&mut self, order: Order) {
        assert!(!self.woken, "{order:?} after the stop");
        let state = match order {
            Order::Reload => State::Reloading,
            Order::Pause => State::Pausing,
            Order::Continue => State::Continuing,
            _ => return,
        };
        assert_eq!(self.state, Some(state), "{order:?} is reported first");
        assert_eq!(
            self.order, None,
            "{order:?} while the program is at another"
        );
        self.order = Some(order);
        if order == Order::Reload {
            assert!(self.reload_owed, "nobody asked for a reload");
            self.reload_owed = false;
        }
    }

    /// Nothing that was asked for is left undone where it could be done.
    pub(super) fn is_content(&self, config: Config) {
        if self.ended {
            return;
        }
        match self.state {
            Some(State::Running) => {
                assert!(!(self.reload_owed && config.declared.reload));
                assert!(!(self.pause_wanted && config.declared.pause));
            }
            Some(State::Paused) => assert!(self.pause_wanted),
            Some(State::Reloading | State::Pausing | State::Continuing) => {
                assert!(self.order.is_some(), "the program owes an answer");
            }
            _ => {}
        }
    }
}
