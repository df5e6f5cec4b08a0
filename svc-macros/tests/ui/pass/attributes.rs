//! Attributes and doc comments stay where they belong.
#![deny(missing_docs, warnings)]
#![forbid(unsafe_code)]

use svc_rt::{Service, service};

/// Documented.
///
/// `missing_docs` would refuse it otherwise.
#[service]
#[doc(alias = "run")]
#[must_use]
#[inline]
#[allow(clippy::needless_pass_by_value, unused_variables)]
#[cfg_attr(all(), expect(unused_mut))]
pub fn serve(svc: Service, #[allow(unused_variables)] port: u16) {
    let mut unused = 1;
    svc.stop();
}

#[cfg(any())]
#[service]
fn above(svc: DoesNotExist) {}

#[service]
#[cfg(any())]
fn below(svc: DoesNotExist::Service) {}

#[service]
#[deprecated(note = "use `serve`")]
fn old(svc: Service) {
    svc.stop();
}

fn main() {
    #[allow(deprecated)]
    let _unused = old as fn() -> std::process::ExitCode;
    assert_eq!(serve(80), std::process::ExitCode::SUCCESS);
}
