//! Who opens what, and what is said where nobody does.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream, UdpSocket};

use super::*;

fn declared(sockets: &'static [Declared], host: Host) -> Sockets {
    Sockets::new(sockets, host, Vec::new(), None)
}

const HTTP: &[Declared] = &[Declared {
    name: "http",
    listen: &["tcp://127.0.0.1:0"],
}];

const NOWHERE: &[Declared] = &[Declared {
    name: "http",
    listen: &[],
}];

const WRONG: &[Declared] = &[Declared {
    name: "http",
    listen: &["8080"],
}];

fn message(result: Result<Socket, Error>, kind: ErrorKind) -> String {
    let error = result.expect_err("an error");
    assert_eq!(error.kind(), kind, "{error}");
    error.to_string()
}

fn folders() -> Folders {
    Folders::new("probe", Host::Foreground)
}

#[test]
fn in_the_foreground_the_declaration_says_where() {
    let sockets = declared(HTTP, Host::Foreground);
    let listener = TcpListener::from(sockets.take_one("http", Kind::Tcp, &folders()).unwrap());
    let mut client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    client.write_all(b"x").unwrap();
    let (mut server, _) = listener.accept().unwrap();
    server.read_exact(&mut [0]).unwrap();
    assert_eq!(
        message(
            sockets.take_one("http", Kind::Tcp, &folders()),
            ErrorKind::AlreadyExists
        ),
        "the socket `http` was taken already: it is given once"
    );
}

#[test]
fn a_manager_is_to_hand_over_what_is_declared() {
    for (host, part) in [
        (Host::Systemd, "`FileDescriptorName=http`"),
        (Host::Scm, "SVC_SOCKETS is to have `http=LISTEN`"),
    ] {
        let sockets = declared(HTTP, host);
        let said = message(
            sockets.take_one("http", Kind::Tcp, &folders()),
            ErrorKind::NotFound,
        );
        assert!(said.contains(part), "{said}");
    }
}

#[test]
fn what_is_not_declared_is_named() {
    let sockets = declared(HTTP, Host::Foreground);
    assert_eq!(
        message(
            sockets.take_one("htp", Kind::Tcp, &folders()),
            ErrorKind::NotFound
        ),
        "no socket is called `htp`: the declaration of the service has `http`"
    );
    let sockets = declared(&[], Host::Systemd);
    assert_eq!(
        message(
            sockets.take_one("http", Kind::Tcp, &folders()),
            ErrorKind::NotFound
        ),
        "no socket is called `http`: the declaration of the service has none"
    );
    let said = message(
        declared(NOWHERE, Host::Foreground).take_one("http", Kind::Tcp, &folders()),
        ErrorKind::NotFound,
    );
    assert!(said.contains("does not say where"), "{said}");
}

#[test]
fn the_installation_has_the_last_word() {
    let installed = Some("http=udp://127.0.0.1:0".into());
    for host in [Host::Foreground, Host::Systemd, Host::Scm] {
        let sockets = Sockets::new(HTTP, host, Vec::new(), installed.clone());
        assert_eq!(
            message(
                sockets.take_one("http", Kind::Tcp, &folders()),
                ErrorKind::InvalidInput
            ),
            "the socket `http` is a UDP socket, not a TCP listener: take it with `svc.udp(\"http\")`"
        );
        sockets.take_one("http", Kind::Udp, &folders()).unwrap();
    }
}

#[test]
fn several_are_taken_together() {
    const DNS: &[Declared] = &[Declared {
        name: "dns",
        listen: &[
            "tcp://127.0.0.1:0",
            "udp://127.0.0.1:0",
            "tcp://127.0.0.1:0",
        ],
    }];
    let sockets = declared(DNS, Host::Foreground);
    assert_eq!(
        message(
            sockets.take_one("dns", Kind::Tcp, &folders()),
            ErrorKind::InvalidInput
        ),
        "there are 2 sockets `dns`: take them with `svc.tcp_all(\"dns\")`"
    );
    assert_eq!(
        sockets
            .take_all("dns", Kind::Tcp, &folders())
            .unwrap()
            .len(),
        2
    );
    // Each kind for itself.
    sockets.take_one("dns", Kind::Udp, &folders()).unwrap();
}

#[test]
fn an_error_says_where_and_takes_nothing() {
    let other = TcpListener::bind("127.0.0.1:0").unwrap();
    let place = Listen::Tcp(other.local_addr().unwrap());
    let sockets = Sockets::new(
        &[],
        Host::Scm,
        Vec::new(),
        Some(format!("http={place}").into()),
    );
    let said = message(
        sockets.take_one("http", Kind::Tcp, &folders()),
        ErrorKind::AddrInUse,
    );
    let expected = format!("cannot listen on {place} for the socket `http`: ");
    assert!(said.starts_with(&expected), "{said}");
    drop(other);
    sockets.take_one("http", Kind::Tcp, &folders()).unwrap();

    let sockets = Sockets::new(HTTP, Host::Foreground, Vec::new(), Some("http".into()));
    assert_eq!(
        message(
            sockets.take_one("http", Kind::Tcp, &folders()),
            ErrorKind::InvalidInput
        ),
        "SVC_SOCKETS is \"http\": `http` is no pair: write `NAME=LISTEN`, as in `http=tcp://[::]:8080`"
    );
    let sockets = declared(WRONG, Host::Foreground);
    let said = message(
        sockets.take_one("http", Kind::Tcp, &folders()),
        ErrorKind::InvalidInput,
    );
    assert!(
        said.starts_with("the socket `http`: `8080` is no place"),
        "{said}"
    );
}

#[test]
fn all_addresses_are_those_of_both_families() {
    let bind = |text| bind::bind(&Listen::parse(text).unwrap()).unwrap();
    let listener = TcpListener::from(bind("tcp://[::]:0"));
    let port = listener.local_addr().unwrap().port();
    TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap();
    listener.accept().unwrap();

    let socket = UdpSocket::from(bind("udp://[::]:0"));
    let port = socket.local_addr().unwrap().port();
    let client = UdpSocket::bind("127.0.0.1:0").unwrap();
    client.send_to(b"x", (Ipv4Addr::LOCALHOST, port)).unwrap();
    assert_eq!(socket.recv(&mut [0; 8]).unwrap(), 1);
}

#[cfg(windows)]
#[test]
fn nobody_takes_an_address_over() {
    use socket2::{Domain, Type};
    let listener = bind::bind(&Listen::parse("tcp://127.0.0.1:0").unwrap()).unwrap();
    let other = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    other.set_reuse_address(true).unwrap();
    assert!(other.bind(&listener.local_addr().unwrap()).is_err());
}

#[cfg(unix)]
mod unix {
    use std::os::unix::net::{UnixDatagram, UnixListener, UnixStream};
    use std::path::PathBuf;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    const CONTROL: &[Declared] = &[Declared {
        name: "control",
        listen: &["unix:{runtime-dir}/control"],
    }];

    /// A path for a socket, and nothing there.
    struct Place(PathBuf);

    impl Place {
        fn new() -> Self {
            static NEXT: AtomicUsize = AtomicUsize::new(0);
            let number = NEXT.fetch_add(1, Ordering::Relaxed);
            let name = format!("svc-rt-sockets-{}-{number}", std::process::id());
            let folder = std::env::temp_dir().join(name);
            std::fs::create_dir(&folder).unwrap();
            Self(folder.join("a socket"))
        }

        fn listen(&self, scheme: &str) -> Listen {
            Listen::parse(&format!("{scheme}:{}", self.0.display())).unwrap()
        }
    }

    impl Drop for Place {
        fn drop(&mut self) {
            let _ = std::fs::remove_dir_all(self.0.parent().unwrap());
        }
    }

    #[test]
    fn a_path_that_an_earlier_run_left_is_taken_over() {
        let place = Place::new();
        for _ in 0..2 {
            let listener = UnixListener::from(bind::bind(&place.listen("unix")).unwrap());
            UnixStream::connect(&place.0).unwrap();
            listener.accept().unwrap();
        }
        let place = Place::new();
        for _ in 0..2 {
            let socket = UnixDatagram::from(bind::bind(&place.listen("unixgram")).unwrap());
            let client = UnixDatagram::unbound().unwrap();
            client.send_to(b"x", &place.0).unwrap();
            assert_eq!(socket.recv(&mut [0; 8]).unwrap(), 1);
        }
    }

    #[test]
    fn a_path_that_is_in_use_is_left_alone() {
        let place = Place::new();
        let listener = UnixListener::bind(&place.0).unwrap();
        let refused = bind::bind(&place.listen("unix")).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::AddrInUse);
        UnixStream::connect(&place.0).unwrap();
        drop(listener);
        std::fs::remove_file(&place.0).unwrap();
        std::fs::write(&place.0, "precious").unwrap();
        assert!(bind::bind(&place.listen("unix")).is_err());
        assert_eq!(std::fs::read_to_string(&place.0).unwrap(), "precious");
    }

    #[test]
    fn a_path_may_begin_with_a_folder() {
        let place = Place::new();
        let folder = place.0.parent().unwrap().to_owned();
        let run = folder.clone().into_os_string();
        let folders = Folders::with("probe", Host::Foreground, move |name| {
            (name == "RUNTIME_DIRECTORY").then(|| run.clone())
        });
        let sockets = declared(CONTROL, Host::Foreground);
        let _listener = sockets.take_one("control", Kind::Unix, &folders).unwrap();
        UnixStream::connect(folder.join("control")).unwrap();
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn an_abstract_name() {
        use std::os::linux::net::SocketAddrExt;
        use std::os::unix::net::SocketAddr;
        let name = format!("svc-rt-{}", std::process::id());
        let listener = bind::bind(&Listen::parse(&format!("unix:@{name}")).unwrap()).unwrap();
        let address = SocketAddr::from_abstract_name(&name).unwrap();
        UnixStream::connect_addr(&address).unwrap();
        UnixListener::from(listener).accept().unwrap();
    }

    #[test]
    fn what_was_handed_over_keeps_its_order() {
        let handed: Vec<Socket> = (0..3)
            .map(|_| TcpListener::bind("127.0.0.1:0").unwrap().into())
            .collect();
        let ports: Vec<_> = handed.iter().map(port).collect();
        handed[0].set_nonblocking(true).unwrap();
        let mut named: Vec<_> = handed
            .into_iter()
            .map(|socket| ("http".to_owned(), socket))
            .collect();
        named.insert(
            1,
            (
                "http".to_owned(),
                UdpSocket::bind("127.0.0.1:0").unwrap().into(),
            ),
        );
        let (_connection, pair) = UnixStream::pair().unwrap();
        named.push(("talk".to_owned(), pair.into()));
        named.push((
            "file".to_owned(),
            std::fs::File::open("/dev/null")
                .map(std::os::fd::OwnedFd::from)
                .unwrap()
                .into(),
        ));
        let sockets = Sockets::new(HTTP, Host::Systemd, named, None);
        assert!(
            sockets.take_one("http", Kind::Tcp, &folders()).is_err(),
            "there are three"
        );
        let taken = sockets.take_all("http", Kind::Tcp, &folders()).unwrap();
        assert_eq!(taken.iter().map(port).collect::<Vec<_>>(), ports);
        assert!(
            !taken[0].nonblocking().unwrap(),
            "blocking, however it came"
        );
        sockets.take_one("http", Kind::Udp, &folders()).unwrap();
        let said = message(
            sockets.take_one("file", Kind::Tcp, &folders()),
            ErrorKind::InvalidInput,
        );
        assert!(said.contains("is no socket"), "{said}");
        let said = message(
            sockets.take_one("talk", Kind::Unix, &folders()),
            ErrorKind::InvalidInput,
        );
        #[cfg(target_os = "linux")]
        assert!(said.contains("is a connection"), "{said}");
        drop(said);
    }

    fn port(socket: &Socket) -> u16 {
        socket.local_addr().unwrap().as_socket().unwrap().port()
    }
}
