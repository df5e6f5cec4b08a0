//! The commands that talk to a running server.

use std::collections::BTreeMap;
use std::net::SocketAddr;

/// Sends one reading.
pub(crate) fn send(to: SocketAddr, name: &str, value: f64) -> Result<(), ureq::Error> {
    ureq::put(format!("http://{to}/readings/{name}")).send_json(value)?;
    Ok(())
}

/// Prints the latest readings, one a line.
pub(crate) fn latest(from: SocketAddr) -> Result<(), ureq::Error> {
    let readings: BTreeMap<String, f64> = ureq::get(format!("http://{from}/readings"))
        .call()?
        .body_mut()
        .read_json()?;
    for (name, value) in readings {
        println!("{name} {value}");
    }
    Ok(())
}
