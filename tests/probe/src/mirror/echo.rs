//! Sends back what connections send, and the client that sees whether it does.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::Path;
use std::process::ExitCode;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use svc_rt::Service;

/// How long nobody came before the stop is looked at again.
const PAUSE: Duration = Duration::from_millis(2);

/// Serves until the stop, and then finishes what it accepted. What it did not accept waits for the next process, if the
/// socket is systemd's.
pub(crate) fn serve(
    svc: &Service,
    listener: TcpListener,
) -> io::Result<JoinHandle<io::Result<()>>> {
    listener.set_nonblocking(true)?;
    let stop = svc.stop_token();
    Ok(thread::spawn(move || {
        let mut workers: Vec<JoinHandle<()>> = Vec::new();
        while !stop.is_stopped() {
            match listener.accept() {
                Ok((connection, _)) => workers.push(thread::spawn(move || echo(connection))),
                Err(error) if error.kind() == ErrorKind::WouldBlock => thread::sleep(PAUSE),
                // A client that went away before it was accepted.
                Err(error) if error.kind() == ErrorKind::ConnectionAborted => {}
                Err(error) => return Err(error),
            }
            workers.retain(|worker| !worker.is_finished());
        }
        for worker in workers {
            let _ = worker.join();
        }
        Ok(())
    }))
}

/// What the client sees of a broken connection is what counts.
fn echo(mut connection: TcpStream) {
    let mut text = String::new();
    let _ = connection
        .set_nonblocking(false)
        .and_then(|()| connection.read_to_string(&mut text))
        .and_then(|_| connection.write_all(text.as_bytes()));
}

/// Connects again and again, from several threads, until the file is there. Says how often it was answered, and how else a
/// connection ended.
pub(crate) fn talk(address: &str, over: &Path) -> ExitCode {
    let talkers: Vec<_> = (0..4)
        .map(|talker| {
            let (address, over) = (address.to_owned(), over.to_owned());
            thread::spawn(move || {
                let mut answered = 0_u32;
                while !over.exists() {
                    match once(&address, &format!("{talker} {answered}")) {
                        Ok(()) => answered += 1,
                        Err(error) => {
                            println!("svc-mirror talk failed: {error}");
                            return None;
                        }
                    }
                }
                Some(answered)
            })
        })
        .collect();
    let answered: Option<Vec<u32>> = talkers
        .into_iter()
        .map(|talker| talker.join().ok().flatten())
        .collect();
    match answered {
        Some(counts) => {
            println!("svc-mirror talk answered: {}", counts.iter().sum::<u32>());
            ExitCode::SUCCESS
        }
        None => ExitCode::FAILURE,
    }
}

fn once(address: &str, text: &str) -> io::Result<()> {
    let mut connection = TcpStream::connect(address)?;
    connection.write_all(text.as_bytes())?;
    connection.shutdown(Shutdown::Write)?;
    let mut answer = String::new();
    connection.read_to_string(&mut answer)?;
    if answer == text {
        Ok(())
    } else {
        Err(io::Error::other(format!("sent {text:?}, got {answer:?}")))
    }
}
