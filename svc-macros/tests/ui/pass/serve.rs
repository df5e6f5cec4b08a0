//! A function with everything that a signature can have.
#![deny(warnings)]

use std::fmt::Display;
use std::process::ExitCode;
use svc_rt::{Service, service};

struct Config {
    port: u16,
}

mod server {
    use super::{Config, Display, Service, service};

    /// Serves.
    #[service]
    pub(crate) fn serve<'a, T: Display + Send, const N: usize>(
        svc: Service,
        Config { port }: Config,
        mut names: Vec<&'a str>,
        numbers: [u8; N],
        _: (),
        pick: impl Fn(u16) -> u16 + Send,
        service: &'a T,
    ) -> Result<(), String>
    where
        T: 'a + Sync,
    {
        names.push("last");
        assert_eq!((port, names.len(), numbers.len(), pick(1)), (80, 3, 2, 2));
        assert_eq!(service.to_string(), "7");
        svc.stop();
        Ok(())
    }
}

fn main() {
    let borrowed = String::from("first");
    let names = vec![&*borrowed, "second"];
    let ended = server::serve::<u8, 2>(Config { port: 80 }, names, [1, 2], (), |n| n + 1, &7);
    assert_eq!(ended, ExitCode::SUCCESS);
}
