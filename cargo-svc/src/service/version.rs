//! A package's version as Windows Installer holds it.

use cargo_metadata::semver::Version;

use super::settings::installer_version;

/// The version of a package: its three numbers, and a pre-release that is a number as the fourth.
///
/// # Errors
/// Why Windows Installer cannot hold it.
pub fn product(version: &Version) -> Result<String, String> {
    let mut text = format!("{}.{}.{}", version.major, version.minor, version.patch);
    if !version.pre.is_empty() {
        // A number alone keeps its place; a word has none.
        if version.pre.parse::<u16>().is_err() {
            return Err(format!(
                "it has no place for `-{}`: a pre-release is one number up to 65535 there",
                version.pre
            ));
        }
        text = format!("{text}.{}", version.pre);
    }
    installer_version(&text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(version: &str) -> Result<String, String> {
        product(&version.parse().unwrap())
    }

    #[test]
    fn what_windows_installer_holds() {
        assert_eq!(of("1.2.3").unwrap(), "1.2.3");
        assert_eq!(of("255.255.65535").unwrap(), "255.255.65535");
        assert_eq!(of("1.2.0-4").unwrap(), "1.2.0.4");
        // Build metadata does not make a version another one.
        assert_eq!(of("1.2.3+abc").unwrap(), "1.2.3");
    }

    #[test]
    fn what_it_does_not() {
        for bad in ["256.0.0", "1.300.0", "1.2.65536"] {
            assert!(of(bad).unwrap_err().contains("up to 255, 255 and 65535"));
        }
        assert!(of("1.2.0-beta.1").unwrap_err().contains("`-beta.1`"));
        assert!(of("1.2.0-70000").unwrap_err().contains("up to 65535"));
    }
}
