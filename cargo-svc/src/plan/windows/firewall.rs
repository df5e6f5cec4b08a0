//! What others may connect to.

use super::Value;
use super::check::Check;
use crate::diagnostics::{Declared, Diagnostic};
use crate::service::Portable;
use crate::service::declared::Listen;
use crate::service::windows::{self, Network, Protocol, Windows};

/// A rule of the firewall that lets others in to the service.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct FirewallRule {
    /// Its name, which holds the service's, the protocol and the port: `beacon TCP 8080`.
    pub name: String,
    /// The service.
    pub service: String,
    /// The file name of its program.
    pub program: String,
    /// What is spoken.
    pub protocol: Protocol,
    /// The port.
    pub port: u16,
    /// The kinds of networks from which others may connect; never empty.
    pub profiles: Vec<Network>,
}

impl FirewallRule {
    /// The protocol as netsh.exe and people write it.
    pub const fn protocol_word(&self) -> &'static str {
        match self.protocol {
            Protocol::Tcp => "TCP",
            Protocol::Udp => "UDP",
        }
    }

    /// To whom it opens what, as netsh.exe takes it.
    pub fn scope(&self) -> [String; 4] {
        [
            format!("service={}", self.service),
            format!("protocol={}", self.protocol_word()),
            format!("localport={}", self.port),
            format!("profile={}", self.profile_words()),
        ]
    }

    /// The words by which netsh.exe adds it.
    pub fn words(&self) -> Vec<Value> {
        let mut program = Value::literal("program=");
        program.append(&Value::install_dir().join(&self.program));
        let name = format!("name={}", self.name);
        let first = ["advfirewall", "firewall", "add", "rule", &name];
        let mut words: Vec<Value> = first.into_iter().map(Value::literal).collect();
        words.extend(["dir=in", "action=allow"].map(Value::literal));
        words.push(program);
        words.extend(self.scope().iter().map(|word| Value::literal(word)));
        words
    }

    /// The kinds of networks as netsh.exe writes them.
    pub fn profile_words(&self) -> String {
        let words: Vec<&str> = self
            .profiles
            .iter()
            .map(|profile| match profile {
                Network::Domain => "domain",
                Network::Private => "private",
                Network::Public => "public",
            })
            .collect();
        words.join(",")
    }
}

/// The rules of a service.
pub(super) fn plan(
    name: &str,
    program: &str,
    keys: &Portable,
    own: &Windows,
    check: &mut Check,
) -> Vec<FirewallRule> {
    let Some(declared) = &own.firewall else {
        return Vec::new();
    };
    let mut rules: Vec<FirewallRule> = Vec::new();
    let mut add = |protocol, port, profiles: &[Network]| {
        let mut rule = FirewallRule {
            name: String::new(),
            service: name.to_owned(),
            program: program.to_owned(),
            protocol,
            port,
            profiles: profiles.to_vec(),
        };
        rule.name = format!("{name} {} {port}", rule.protocol_word());
        match rules.iter_mut().find(|known| known.name == rule.name) {
            Some(known) => {
                let more = rule
                    .profiles
                    .into_iter()
                    .filter(|profile| !known.profiles.contains(profile))
                    .collect::<Vec<_>>();
                known.profiles.extend(more);
            }
            None => rules.push(rule),
        }
    };
    match &declared.value {
        windows::Firewall::Rules(declared) => {
            for rule in declared.iter().map(|rule| &rule.value) {
                add(rule.protocol, rule.port, &rule.profiles);
            }
        }
        windows::Firewall::Sockets => {
            for (protocol, address) in keys.sockets.iter().flat_map(|socket| {
                socket
                    .value
                    .listen
                    .iter()
                    .filter_map(|listen| match listen.value {
                        Listen::Tcp(address) => Some((Protocol::Tcp, address)),
                        Listen::Udp(address) => Some((Protocol::Udp, address)),
                        Listen::Unix(_) | Listen::UnixDatagram(_) => None,
                    })
            }) {
                // Nobody but the machine itself reaches these.
                if !address.ip().is_loopback() && address.port() != 0 {
                    add(protocol, address.port(), &windows::FirewallRule::PROFILES);
                }
            }
            refuse_nothing(declared, rules.is_empty(), check);
        }
    }
    rules
}

fn refuse_nothing<T>(declared: &Declared<T>, nothing: bool, check: &mut Check) {
    if nothing {
        check.refuse(
            Diagnostic::error("`firewall = true` opens nothing")
                .at(declared.place())
                .label("no declared socket has a fixed port that others reach")
                .help("write the ports: `firewall = [{ port = 8080 }]`")
                .rests_on(&["sockets"]),
        );
    }
}
