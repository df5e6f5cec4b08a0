//! Security identifiers that hold on every machine.

use std::fmt::{self, Write};

use sha1::{Digest, Sha1};

/// A SID in its string form, for example `S-1-5-18`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Sid(String);

impl Sid {
    /// The machine itself.
    pub const SYSTEM: &'static str = "S-1-5-18";
    /// The group of its administrators.
    pub const ADMINISTRATORS: &'static str = "S-1-5-32-544";
    /// The group of its users.
    pub const USERS: &'static str = "S-1-5-32-545";

    /// Who may own what an installer takes over: the machine, its administrators, and the service that installs Windows itself.
    pub const OWNERS: [&'static str; 3] = [
        Self::SYSTEM,
        Self::ADMINISTRATORS,
        "S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464",
    ];

    /// A SID that Windows documents ("Well-known SIDs").
    pub fn well_known(sid: &'static str) -> Self {
        Self(sid.to_owned())
    }

    /// The SID of a service: `S-1-5-80` and the five little-endian words of the SHA-1 of its upper-case UTF-16 name, the
    /// same on every machine. It is also the SID of its virtual account `NT SERVICE\name`.
    pub fn of_service(name: &str) -> Self {
        let upper: Vec<u8> = name
            .to_ascii_uppercase()
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        let digest = Sha1::digest(&upper);
        let mut sid = "S-1-5-80".to_owned();
        for word in digest.as_slice().as_chunks::<4>().0 {
            let _ = write!(sid, "-{}", u32::from_le_bytes(*word));
        }
        Self(sid)
    }

    /// The string form.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Sid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::Sid;

    #[test]
    fn the_sid_of_a_service_is_the_one_that_windows_shows() {
        // TrustedInstaller's is documented in every Windows.
        assert_eq!(
            Sid::of_service("TrustedInstaller").as_str(),
            "S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464"
        );
        assert_eq!(Sid::of_service("beacon"), Sid::of_service("BEACON"));
    }
}
