//! Who may do what in a folder or with a file.

use std::fmt::Write;

use super::Sid;

/// A protected access list: nothing is inherited, the machine and its administrators may do everything, and the
/// administrators own the thing.
#[derive(Debug, Clone, PartialEq, Eq, Default, Hash)]
pub struct Access {
    /// What others may do.
    pub grants: Vec<Grant>,
}

/// What an account may do.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Grant {
    /// Whose.
    pub sid: Sid,
    /// What.
    pub rights: Rights,
    /// Whether it holds for what is in the folder, too.
    pub inherited: bool,
}

/// Rights on files and folders.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Rights {
    /// Reading, running and listing.
    Read,
    /// The same, writing, making and removing, but not the access list.
    Modify,
}

impl Rights {
    /// The access mask, as Windows' own tools write it.
    pub const fn mask(self) -> &'static str {
        match self {
            Self::Read => "0x1200a9",
            Self::Modify => "0x1301bf",
        }
    }

    /// icacls.exe's word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Read => "RX",
            Self::Modify => "M",
        }
    }
}

impl Access {
    /// Lets an account do this with the folder and all that is in it.
    pub fn grant(&mut self, sid: Sid, rights: Rights) {
        self.add(Grant {
            sid,
            rights,
            inherited: true,
        });
    }

    /// Lets an account pass through the folder.
    pub fn pass(&mut self, sid: Sid) {
        self.add(Grant {
            sid,
            rights: Rights::Read,
            inherited: false,
        });
    }

    /// Lets those of another list do what they may do there.
    pub fn extend(&mut self, other: &Self) {
        for grant in &other.grants {
            self.add(grant.clone());
        }
    }

    fn add(&mut self, grant: Grant) {
        if !self.grants.contains(&grant) {
            self.grants.push(grant);
        }
    }

    /// A folder's security descriptor (Microsoft, "Security Descriptor String Format").
    pub fn sddl(&self) -> String {
        let mut sddl = "O:BAG:BAD:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)".to_owned();
        for grant in &self.grants {
            let flags = if grant.inherited { "OICI" } else { "" };
            let _ = write!(sddl, "(A;{flags};{};;;{})", grant.rights.mask(), grant.sid);
        }
        sddl
    }

    /// The security descriptor of a file that the machine and its administrators alone may read.
    pub const PRIVATE_FILE: &str = "O:BAG:BAD:P(A;;FA;;;SY)(A;;FA;;;BA)";
}
