//! Tests of a service, without a service manager: a fake one that a unit test plays.
//!
//! The service's function runs on a thread of its own, against the same state machine as under systemd and the SCM. The test asks
//! it for what a manager may ask for, turns the clock, and sees what was reported. Nothing waits for time to pass: the service's
//! clock stands still until [`Running::advance`] turns it.
//!
//! It is there with the feature `testing`, which belongs into `[dev-dependencies]`, where it adds nothing to the program:
//!
//! ```toml
//! [dev-dependencies]
//! svc-rt = { version = "0.1", features = ["testing"] }
//! ```
//!
//! ```
//! use std::time::Duration;
//! use svc_rt::testing::{End, FakeManager, Report, State};
//! use svc_rt::{Event, Service};
//!
//! /// What `#[service] fn main(svc: Service) -> Result<(), String>` calls.
//! fn beacon(svc: Service) -> Result<(), String> {
//!     svc.ready();
//!     loop {
//!         match svc.wait_event() {
//!             Event::Reload(reload) => reload.finish(Err::<(), _>("no such file")),
//!             Event::Stop(_) => return Ok(()),
//!             _ => {}
//!         }
//!     }
//! }
//!
//! let service = FakeManager::new("beacon")
//!     .events(["reload"])
//!     .watchdog(Duration::from_secs(30))
//!     .start(beacon);
//! service.wait_for(State::Running);
//! service.reload();
//! service.wait_for_report(|report| *report == Report::Log("the reload failed: no such file".into()));
//!
//! // An hour goes by, and it is alive all the time.
//! service.advance(Duration::from_secs(3600));
//! assert!(!service.reports().contains(&Report::Missed));
//!
//! service.stop();
//! assert_eq!(service.end(), End::Exited(0));
//! ```

mod fake;
mod report;
mod running;

pub use fake::{FakeManager, Returned};
pub use report::{End, Report, State};
pub use running::Running;

#[cfg(test)]
mod tests;
