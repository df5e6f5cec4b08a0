//! A small synchronous service, with nothing but the standard library and svc-rt.

use std::net::{TcpStream, ToSocketAddrs};
use std::time::Duration;

use svc_rt::{Service, service};

/// How long one service may take to answer before it counts as down.
const PATIENCE: Duration = Duration::from_secs(2);

#[service]
fn main(svc: Service) -> Result<(), String> {
    let options = Options::parse(std::env::args().skip(1))?;
    watch(&svc, options)
}

/// Watches until the service manager says stop.
fn watch(svc: &Service, options: Options) -> Result<(), String> {
    let mut posts: Vec<Post> = options.addresses.into_iter().map(Post::new).collect();
    let stop = svc.stop_token();
    svc.ready();
    loop {
        for post in &mut posts {
            post.look();
            if stop.is_stopped() {
                return Ok(());
            }
        }
        let up = posts.iter().filter(|post| post.up == Some(true)).count();
        svc.status(format!("{up} of {} up", posts.len()));
        if stop.wait_timeout(options.every) {
            return Ok(());
        }
    }
}

/// What the command line says.
struct Options {
    every: Duration,
    addresses: Vec<String>,
}

impl Options {
    fn parse(mut args: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut options = Self {
            every: Duration::from_secs(30),
            addresses: Vec::new(),
        };
        while let Some(arg) = args.next() {
            if arg == "--every" {
                let seconds = args
                    .next()
                    .and_then(|text| text.parse().ok())
                    .filter(|seconds| *seconds > 0);
                options.every = Duration::from_secs(
                    seconds.ok_or("--every takes a whole number of seconds above 0")?,
                );
            } else {
                options.addresses.push(arg);
            }
        }
        if options.addresses.is_empty() {
            return Err("nothing to watch: name at least one HOST:PORT".into());
        }
        Ok(options)
    }
}

/// A service that is watched.
struct Post {
    address: String,
    up: Option<bool>,
}

impl Post {
    const fn new(address: String) -> Self {
        Self { address, up: None }
    }

    /// Looks once, and says so if something changed.
    fn look(&mut self) {
        let up = self.address.to_socket_addrs().is_ok_and(|mut found| {
            found.any(|address| TcpStream::connect_timeout(&address, PATIENCE).is_ok())
        });
        if self.up != Some(up) {
            println!("{} is {}", self.address, if up { "up" } else { "down" });
            self.up = Some(up);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use svc_rt::testing::{End, FakeManager, Report, State};

    use super::*;

    #[test]
    fn it_looks_at_each_service_again_and_again() {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let options = Options {
            every: Duration::from_secs(30),
            addresses: vec![listener.local_addr().expect("its address").to_string()],
        };
        let service = FakeManager::new("watchpost").start(move |svc| watch(&svc, options));
        service.wait_for(State::Running);
        let told = |words: &str| Report::Status(words.to_owned());
        service.wait_for_report(|report| *report == told("1 of 1 up"));
        drop(listener);
        service.take_reports();
        service.advance(Duration::from_secs(30));
        service.wait_for_report(|report| *report == told("0 of 1 up"));
        service.stop();
        assert_eq!(service.end(), End::Exited(0));
    }
}
