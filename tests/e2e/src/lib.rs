//! Test beds with a real service manager, and what the suites on them share.
//!
//! A bed is a machine of its own that a test may install into, reboot and break: [`bed::systemd::Machine`] boots a container
//! with a real systemd, [`bed::scm::Host`] is a host with a service control manager (Wine, or the Windows machine that
//! the suite runs on). A bed is gone when its value is dropped, also after a panic or a kill of the test process.

pub mod bed;
pub mod checkout;
pub mod command;
pub mod fixture;
pub mod installed;
pub mod once;
pub mod programs;
pub mod record;
pub mod registered;
pub mod suite;
pub mod vocabulary;
pub mod wait;
