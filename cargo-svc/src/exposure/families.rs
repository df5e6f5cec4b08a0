//! `RestrictAddressFamilies=`: which kinds of sockets a service may open.

use std::collections::BTreeSet;

use super::values::{negated, words};

/// The address families that are judged together as exotic ones.
const EXOTIC_FAMILIES: &[&str] = &[
    "AF_ALG",
    "AF_APPLETALK",
    "AF_ASH",
    "AF_ATMPVC",
    "AF_ATMSVC",
    "AF_AX25",
    "AF_BLUETOOTH",
    "AF_BRIDGE",
    "AF_CAIF",
    "AF_CAN",
    "AF_DECnet",
    "AF_ECONET",
    "AF_IB",
    "AF_IEEE802154",
    "AF_IPX",
    "AF_IRDA",
    "AF_ISDN",
    "AF_IUCV",
    "AF_KCM",
    "AF_KEY",
    "AF_LLC",
    "AF_MCTP",
    "AF_MPLS",
    "AF_NETBEUI",
    "AF_NETROM",
    "AF_NFC",
    "AF_PHONET",
    "AF_PPPOX",
    "AF_QIPCRTR",
    "AF_RDS",
    "AF_ROSE",
    "AF_RXRPC",
    "AF_SECURITY",
    "AF_SMC",
    "AF_SNA",
    "AF_TIPC",
    "AF_VSOCK",
    "AF_WANPIPE",
    "AF_X25",
    "AF_XDP",
];

/// An address family by the one name that it goes by here.
pub(super) fn family(name: &str) -> Option<&'static str> {
    match name {
        "AF_INET" => Some("AF_INET"),
        "AF_INET6" => Some("AF_INET6"),
        "AF_UNIX" | "AF_LOCAL" | "AF_FILE" => Some("AF_UNIX"),
        "AF_NETLINK" | "AF_ROUTE" => Some("AF_NETLINK"),
        "AF_PACKET" => Some("AF_PACKET"),
        _ => EXOTIC_FAMILIES
            .iter()
            .find(|family| **family == name)
            .copied(),
    }
}

/// Whether a family is one of the exotic ones.
pub(super) fn is_exotic(family: &str) -> bool {
    EXOTIC_FAMILIES.contains(&family)
}

/// What the lines of `RestrictAddressFamilies=` make together.
#[derive(Debug, Default)]
pub(super) struct Families {
    listed: Option<BTreeSet<&'static str>>,
    /// Whether the list says what is allowed, rather than what is not.
    allow: bool,
}

impl Families {
    /// Takes one line in.
    pub(super) fn assign(&mut self, value: &str) {
        if value.is_empty() || value == "none" {
            self.listed = None;
            self.allow = !value.is_empty();
            return;
        }
        let (denies, list) = negated(value);
        if self.listed.is_none() {
            self.allow = !denies;
        }
        let allow = self.allow;
        let listed = self.listed.get_or_insert_default();
        for family in words(list).filter_map(family) {
            if denies == allow {
                listed.remove(family);
            } else {
                listed.insert(family);
            }
        }
    }

    /// Whether the list says what is allowed, if there is one.
    pub(super) fn is_allow_list(&self) -> Option<bool> {
        (self.allow || self.listed.is_some()).then_some(self.allow)
    }

    /// Whether a family of this kind may be used. Of several, one that the list forbids counts for all.
    pub(super) fn reaches(&self, kind: impl Fn(&str) -> bool) -> bool {
        let listed = self.listed.iter().flatten().any(|family| kind(family));
        listed == self.allow
    }
}
