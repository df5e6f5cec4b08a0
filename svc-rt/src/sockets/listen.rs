//! Where a socket listens, in words: `tcp://[::]:8080`, `udp://127.0.0.1:53`, `unix:/run/x.sock`, `unixgram:@name`.

use std::fmt::{self, Display};
use std::net::SocketAddr;

/// A place to listen at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Listen {
    Tcp(SocketAddr),
    Udp(SocketAddr),
    /// A path, or `@` and an abstract name.
    #[cfg_attr(windows, allow(dead_code))]
    Unix(String),
    #[cfg_attr(windows, allow(dead_code))]
    UnixDatagram(String),
}

/// What a socket is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Tcp,
    Udp,
    #[cfg_attr(windows, allow(dead_code))]
    Unix,
    #[cfg_attr(windows, allow(dead_code))]
    UnixDatagram,
}

impl Kind {
    /// The method of `Service` that gives sockets of this kind.
    pub(crate) fn method(self) -> &'static str {
        match self {
            Self::Tcp => "tcp",
            Self::Udp => "udp",
            Self::Unix => "unix",
            Self::UnixDatagram => "unix_datagram",
        }
    }

    fn scheme(self) -> &'static str {
        match self {
            Self::Tcp => "tcp://",
            Self::Udp => "udp://",
            Self::Unix => "unix:",
            Self::UnixDatagram => "unixgram:",
        }
    }

    const ALL: [Self; 4] = [Self::Tcp, Self::Udp, Self::Unix, Self::UnixDatagram];
}

impl Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Tcp => "a TCP listener",
            Self::Udp => "a UDP socket",
            Self::Unix => "a Unix listener",
            Self::UnixDatagram => "a Unix datagram socket",
        })
    }
}

impl Listen {
    /// Reads one, or says what is wrong with it.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let found = Kind::ALL
            .into_iter()
            .find_map(|kind| Some((kind, text.strip_prefix(kind.scheme())?)));
        let Some((kind, rest)) = found else {
            return Err(format!(
                "`{text}` is no place to listen at: write `tcp://ADDRESS:PORT`, `udp://ADDRESS:PORT`, `unix:/PATH` or \
                 `unixgram:/PATH`"
            ));
        };
        match kind {
            Kind::Tcp => address(text, rest).map(Self::Tcp),
            Kind::Udp => address(text, rest).map(Self::Udp),
            Kind::Unix => place(text, rest).map(Self::Unix),
            Kind::UnixDatagram => place(text, rest).map(Self::UnixDatagram),
        }
    }

    pub(crate) fn kind(&self) -> Kind {
        match self {
            Self::Tcp(_) => Kind::Tcp,
            Self::Udp(_) => Kind::Udp,
            Self::Unix(_) => Kind::Unix,
            Self::UnixDatagram(_) => Kind::UnixDatagram,
        }
    }
}

impl Display for Listen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind().scheme())?;
        match self {
            Self::Tcp(address) | Self::Udp(address) => address.fmt(f),
            Self::Unix(place) | Self::UnixDatagram(place) => f.write_str(place),
        }
    }
}

fn address(text: &str, rest: &str) -> Result<SocketAddr, String> {
    rest.parse().map_err(|_| {
        format!(
            "`{text}` is no place to listen at: an IP address and a port belong after the slashes, as in `tcp://[::]:8080` or \
             `tcp://127.0.0.1:8080`"
        )
    })
}

fn place(text: &str, rest: &str) -> Result<String, String> {
    if rest.len() > 1 && rest.starts_with(['/', '@']) {
        return Ok(rest.to_owned());
    }
    Err(format!(
        "`{text}` is no place to listen at: a full path, or `@` and a name, belongs after the colon"
    ))
}

/// The pairs `name=listen` of `SVC_SOCKETS`, separated by white space; a name may stand there several times.
pub(crate) fn parse_pairs(text: &str) -> Result<Vec<(String, Listen)>, String> {
    let pair = |pair: &str| {
        let (name, listen) = pair
            .split_once('=')
            .filter(|(name, _)| !name.is_empty())
            .ok_or_else(|| {
                format!("`{pair}` is no pair: write `NAME=LISTEN`, as in `http=tcp://[::]:8080`")
            })?;
        Ok((name.to_owned(), Listen::parse(listen)?))
    };
    text.split_whitespace().map(pair).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_read_back_as_they_were_written() {
        for text in [
            "tcp://[::]:8080",
            "tcp://0.0.0.0:0",
            "tcp://[fe80::1%3]:80",
            "udp://127.0.0.1:53",
            "unix:/run/a b.sock",
            "unix:@beacon",
            "unixgram:/run/log",
        ] {
            let listen = Listen::parse(text).unwrap();
            assert_eq!(listen.to_string(), text);
        }
    }

    #[test]
    fn what_is_no_place_is_said() {
        for text in [
            "",
            "8080",
            "[::]:8080",
            "http://[::]:80",
            "tcp:[::]:80",
            "tcp://:80",
            "tcp://localhost:80",
            "tcp://[::]",
            "tcp://1.2.3.4:65536",
            "tcp:// [::]:80",
            "unix:",
            "unix:/",
            "unix:run/x",
            "unix:@",
            "TCP://[::]:80",
        ] {
            let message = Listen::parse(text).unwrap_err();
            assert!(
                message.starts_with(&format!("`{text}` is no place")),
                "{message}"
            );
        }
    }

    #[test]
    fn pairs() {
        let pairs =
            parse_pairs(" http=tcp://[::]:80  dns=udp://[::]:53\tdns=tcp://[::]:53\n").unwrap();
        let pairs: Vec<String> = pairs
            .iter()
            .map(|(name, listen)| format!("{name}={listen}"))
            .collect();
        assert_eq!(
            pairs,
            [
                "http=tcp://[::]:80",
                "dns=udp://[::]:53",
                "dns=tcp://[::]:53"
            ]
        );
        assert_eq!(parse_pairs(""), Ok(Vec::new()));
        for wrong in [
            "tcp://[::]:80",
            "=tcp://[::]:80",
            "a=b",
            "a=tcp://[::]:80;b=tcp://[::]:81",
        ] {
            assert!(parse_pairs(wrong).is_err(), "{wrong}");
        }
    }
}
