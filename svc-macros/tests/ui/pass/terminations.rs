//! Whatever can end a program can end a service.
#![deny(warnings)]

use std::convert::Infallible;
use std::process::{ExitCode, Termination};
use svc_rt::{Service, service};

struct Code(u8);

impl Termination for Code {
    fn report(self) -> ExitCode {
        ExitCode::from(self.0)
    }
}

#[service(name = "own")]
fn own(_: Service) -> Code {
    Code(3)
}

#[service(name = "opaque")]
fn opaque(_: Service) -> impl Termination {
    ExitCode::from(4)
}

#[service(name = "nested")]
fn nested(_: Service) -> Result<ExitCode, Box<dyn std::error::Error>> {
    Ok(ExitCode::from(5))
}

#[service(name = "failed")]
fn failed(_: Service) -> Result<Infallible, &'static str> {
    Err("as intended")
}

#[service(name = "never")]
#[allow(dead_code)]
fn never(_: Service) -> ! {
    std::process::exit(0)
}

fn main() {
    let which = std::env::args().nth(1);
    let (code, expected) = match which.as_deref() {
        Some("opaque") => (opaque(), 4),
        Some("nested") => (nested(), 5),
        Some("failed") => (failed(), 1),
        _ => (own(), 3),
    };
    assert_eq!(code, ExitCode::from(expected));
}
