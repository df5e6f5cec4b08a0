//! A `macro_rules!` wraps what it substitutes in groups that nobody sees.
#![deny(warnings)]

use svc_rt::Service;

macro_rules! make {
    ($visibility:vis $name:ident, $kind:ty, $more:ident: $other:ty, $text:literal, $body:block) => {
        #[svc_rt::service(name = $text)]
        $visibility fn $name(_: $kind, $more: $other) -> Result<(), String> $body
    };
}

make!(pub(crate) serve, svc_rt::Service, value: &(dyn Fn() -> u8 + Sync), "made", {
    if value() == 1 { Ok(()) } else { Err(String::from("another value")) }
});

fn main() {
    let _: fn(Service) = drop;
    assert_eq!(serve(&|| 1), std::process::ExitCode::SUCCESS);
}
