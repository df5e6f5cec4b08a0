//! Sockets on Windows, where svc-rt binds them.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, Ipv6Addr, Shutdown, TcpStream};
use std::process::ExitCode;

use anyhow::{Context, Result, ensure};
use svc_e2e::bed::scm::{self, Host, SPECIFIC, STOPPED};
use svc_e2e::fixture::{self, Fixture, text};
use svc_e2e::installed::windows::{Bed, FOLDER, target};
use svc_e2e::programs;
use svc_e2e::registered::Registered;
use svc_e2e::suite::{Outcome, Test, main as run_suite};

const NAME: &str = "svc-e2e-mirror";

fn main() -> ExitCode {
    run_suite(
        "scm",
        scm::needs,
        vec![
            Test::new(
                "sockets::one_is_bound_where_the_installation_says_for_both_families",
                one_is_bound_where_the_installation_says_for_both_families,
            ),
            Test::new(
                "sockets::an_address_in_use_fails_the_start",
                an_address_in_use_fails_the_start,
            ),
            Test::new(
                "sockets::what_the_scripts_install_is_listened_on",
                what_the_scripts_install_is_listened_on,
            ),
            Test::new(
                "sockets::an_installation_without_one_says_so",
                an_installation_without_one_says_so,
            ),
        ],
    )
}

/// The mirror with this in `SVC_SOCKETS`, not started.
fn mirror(sockets: &str) -> Result<Registered> {
    let program = &programs::windows()?.mirror;
    let mut mirror = Registered::new(NAME, program, "demand", "")?;
    mirror.set_env("SVC_SOCKETS", sockets)?;
    Ok(mirror)
}

/// The port at which it says that it listens.
fn port(mirror: &Registered) -> Result<u16> {
    let said = mirror.wait_until_said("echoes at ", 1)?;
    let port = said.rsplit(':').next().context("an address")?;
    port.parse().with_context(|| said.clone())
}

fn is_echoed(mut connection: TcpStream) -> Result<()> {
    connection.write_all(b"hello")?;
    connection.shutdown(Shutdown::Write)?;
    let mut text = String::new();
    connection.read_to_string(&mut text)?;
    ensure!(text == "hello", "{text:?}");
    Ok(())
}

fn one_is_bound_where_the_installation_says_for_both_families() -> Outcome {
    let mirror = mirror("echo=tcp://[::]:0")?;
    mirror.start()?;
    mirror.wait_for(scm::RUNNING)?;
    let port = port(&mirror)?;
    is_echoed(TcpStream::connect((Ipv4Addr::LOCALHOST, port)).context("over IPv4")?)?;
    is_echoed(TcpStream::connect((Ipv6Addr::LOCALHOST, port)).context("over IPv6")?)?;
    mirror.stop_in_order()
}

fn an_address_in_use_fails_the_start() -> Outcome {
    let taken = std::net::TcpListener::bind("127.0.0.1:0")?;
    let mirror = mirror(&format!("echo=tcp://{}", taken.local_addr()?))?;
    mirror.start()?;
    let state = mirror.wait_for(STOPPED)?;
    ensure!((state.win32, state.specific) == (SPECIFIC, 1), "{state:?}");
    let said = mirror.said()?;
    ensure!(said == ["starting"], "{said:?}");
    Ok(())
}

fn an_installation_without_one_says_so() -> Outcome {
    let mirror = mirror("other=tcp://[::]:0")?;
    mirror.start()?;
    mirror.wait_for(scm::RUNNING)?;
    mirror.wait_until_said(
        "the installation does not say where the socket `echo` listens",
        1,
    )?;
    mirror.stop_in_order()
}

fn what_the_scripts_install_is_listened_on() -> Outcome {
    const MIRROR: &str = "svc-mirror";
    // Free a moment ago, which is the most that anybody knows.
    let port = std::net::TcpListener::bind("127.0.0.1:0")?
        .local_addr()?
        .port();
    let tables = fixture::one(&format!(
        "name = \"{MIRROR}\"\nbin = \"{MIRROR}\"\nsystemd = false\nargs = [{}]\n\
         events = [\"reload\", \"pause\", \"session\", \"power\", 200, 201]\n\
         sockets = [{{ name = \"echo\", listen = \"tcp://[::]:{port}\" }}]\nstart = \"manual\"\n",
        text(&format!("--probe-dir={FOLDER}"))
    ));
    let programs = [(MIRROR, programs::windows()?.mirror.as_path())];
    let fixture = Fixture::new("1.0.0", &programs, &tables)?;
    let mut bed = Bed::new()?;
    bed.install(&fixture.package_as(target(), &programs, &["zip"])?)?;
    let key = bed.host.service_key(MIRROR)?.context("no service")?;
    let variables = key.list("Environment").context("no environment")?;
    let sockets = variables
        .iter()
        .find_map(|line| line.strip_prefix("SVC_SOCKETS="));
    let sockets = sockets.with_context(|| format!("{variables:?}"))?;
    ensure!(sockets == format!("echo=tcp://[::]:{port}"), "{sockets}");
    // Wine's manager hands none of the service's own variables over: there the installed value goes the way that it takes.
    if !Host::is_windows() {
        let key = r"HKLM\System\CurrentControlSet\Control\Session Manager\Environment";
        let add = ["add", key, "/v", "SVC_SOCKETS", "/d", sockets, "/f"];
        bed.host.ok("reg.exe", &add)?;
        bed.host.reboot()?;
    }
    bed.host.ok("sc.exe", &["start", MIRROR])?;
    bed.host.wait_for(MIRROR, scm::RUNNING)?;
    is_echoed(TcpStream::connect((Ipv4Addr::LOCALHOST, port)).context("over IPv4")?)?;
    is_echoed(TcpStream::connect((Ipv6Addr::LOCALHOST, port)).context("over IPv6")?)?;
    bed.host.ok("sc.exe", &["stop", MIRROR])?;
    let state = bed.host.wait_for(MIRROR, STOPPED)?;
    ensure!((state.win32, state.specific) == (0, 0), "{state:?}");
    Ok(())
}
