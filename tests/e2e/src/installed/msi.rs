//! On a host with a service control manager, by msiexec.exe.

use anyhow::{Result, ensure};

use super::windows::{Bed, NAME};
use crate::bed::scm::{Host, Key, Ran};
use crate::fixture::Package;

/// Where the packages for Windows Installer lie while they are installed.
const MSI: &str = r"C:\svc-e2e-package.msi";
/// What Windows Installer says of its last run.
pub const MSI_LOG: &str = r"C:\svc-e2e-msi.log";

/// Runs msiexec.exe quietly on a package, however it ends.
pub fn msiexec(host: &Host, verb: &str, package: &Package, properties: &[&str]) -> Result<Ran> {
    let mut args = vec!["/qn"];
    args.extend(properties);
    msiexec_shown(host, verb, package, &args)
}

/// Runs msiexec.exe on a package with all that it shows, however it ends.
pub fn msiexec_shown(host: &Host, verb: &str, package: &Package, more: &[&str]) -> Result<Ran> {
    std::fs::write(host.local(MSI), &package.msi)?;
    let mut args = vec![verb, MSI, "/l*v", MSI_LOG];
    args.extend(more);
    host.run("msiexec.exe", &args)
}

/// Installs, upgrades or repairs.
pub fn install(bed: &Bed, package: &Package, properties: &[&str]) -> Result<()> {
    let ran = msiexec(&bed.host, "/i", package, properties)?;
    ensure!(ran.code == 0, "msiexec /i: {ran:?}");
    Ok(())
}

/// Uninstalls.
pub fn uninstall(bed: &Bed, package: &Package, properties: &[&str]) -> Result<()> {
    let ran = msiexec(&bed.host, "/x", package, properties)?;
    ensure!(ran.code == 0, "msiexec /x: {ran:?}");
    bed.host.wait_for_absence(NAME)
}

/// The entries of the product in Add/Remove Programs.
pub fn entries(bed: &Bed) -> Result<Vec<Key>> {
    entries_of(bed, NAME)
}

/// The entries of a product by this name.
pub fn entries_of(bed: &Bed, name: &str) -> Result<Vec<Key>> {
    let found = products(&bed.host, name)?.into_iter();
    Ok(found.map(|(_, entry)| entry).collect())
}

/// Removes whatever is installed of it, with all that it brought.
pub fn remove_all(host: &Host) -> Result<()> {
    remove_all_of(host, NAME)
}

/// The same of a product by this name.
pub fn remove_all_of(host: &Host, name: &str) -> Result<()> {
    for (product, _) in products(host, name)? {
        let args = ["/x", product.as_str(), "/qn", "PURGE=1"];
        let ran = host.run("msiexec.exe", &args)?;
        ensure!(ran.code == 0, "msiexec /x {product}: {ran:?}");
    }
    Ok(())
}

/// The product's code, and its entry, for each version that is installed.
fn products(host: &Host, name: &str) -> Result<Vec<(String, Key)>> {
    let below = r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall";
    let listed = host.ok("reg.exe", &["query", below])?;
    let mut found = Vec::new();
    for line in listed.lines().map(str::trim) {
        let short = line.replacen("HKEY_LOCAL_MACHINE", "HKLM", 1);
        if line.ends_with('}')
            && let Some(key) = host.registry(&short)?
            && key.text("DisplayName").as_deref() == Some(name)
        {
            let product = line.rsplit('\\').next().unwrap_or_default();
            found.push((product.to_owned(), key));
        }
    }
    Ok(found)
}
