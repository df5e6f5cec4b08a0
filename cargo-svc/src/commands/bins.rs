//! `--bin`: the services that a program runs.

use std::collections::BTreeSet;

use crate::build::System;
use crate::diagnostics::Diagnostic;
use crate::manifest::{guess, list};
use crate::service::{Package, Service};

/// The services whose program is one of `bins` on one of these systems, in packages of their own; all of them if none was named.
///
/// # Errors
/// One of the names is no service's program.
pub(super) fn pick(
    packages: &[Package],
    bins: &[String],
    systems: &[System],
) -> Result<Vec<Package>, Box<Diagnostic>> {
    if bins.is_empty() {
        return Ok(packages.to_vec());
    }
    let known: BTreeSet<String> = packages
        .iter()
        .flat_map(|package| &package.services)
        .flat_map(|service| programs(service, systems))
        .collect();
    if let Some(bin) = bins.iter().find(|bin| !known.contains(*bin)) {
        let names: Vec<_> = packages
            .iter()
            .map(|package| package.name.clone())
            .collect();
        let known: Vec<_> = known.into_iter().collect();
        return Err(Box::new(
            Diagnostic::error(format!("no service of {} runs `{bin}`", list(&names)))
                .help(guess(bin, &known)),
        ));
    }
    let picked = packages.iter().filter_map(|package| {
        let mut package = package.clone();
        package
            .services
            .retain(|service| programs(service, systems).any(|program| bins.contains(&program)));
        (!package.services.is_empty()).then_some(package)
    });
    Ok(picked.collect())
}

/// The binaries that a service runs on these systems.
fn programs(service: &Service, systems: &[System]) -> impl Iterator<Item = String> {
    systems
        .iter()
        .map(|system| service.on(*system).bin.value.clone())
}
