//! Answers the test suites' questions about a Windows machine, exactly, as one JSON value on standard output.
//!
//! - `winq reg KEY`: the key below `HKLM\` or `HKCU\` with all keys under it; names and data in hexadecimal bytes.
//! - `winq state NAME`: what the service control manager reports, or `{"error":CODE}`.
//! - `winq config NAME`: the settings read back, or `{"error":CODE}`.
//! - `winq flood NAME CODE COUNT`: sends a control so many times, as fast as it goes; how many of them were taken.
//! - `winq alive PID`: `true` while the process runs, else `false`.
//! - `winq run FILE PROGRAM ARG…`: runs a program or a batch file with exactly these arguments and writes its exit code
//!   into FILE, in decimal: Wine hands only eight bits of it to a Unix parent.
//! - `winq leash FILE PROGRAM ARG…`: the same, and what was run ends with winq, also if that is killed.
//! - `winq press TEXT`: waits until some window has a button with this text that can be pressed, and presses it.
//! - `winq look NAME`: opens a service, says so, and keeps it open until standard input ends.
//! - `winq hold`: waits until standard input ends, so that the machine under test stays up.

#[cfg(windows)]
fn main() {
    let args: Vec<std::ffi::OsString> = std::env::args_os().skip(1).collect();
    std::process::exit(windows::run(&args));
}

#[cfg(not(windows))]
fn main() {
    eprintln!("winq: this program asks a Windows machine only");
    std::process::exit(2);
}

#[cfg(windows)]
mod windows {
    use std::ffi::{OsStr, OsString};

    use sc_shim::registry::Key;
    use sc_shim::scm::{self, Error, manager};
    use sc_shim::wide;
    use sc_shim::{json, leash, press};
    use windows_sys::Win32::Foundation::ERROR_FILE_NOT_FOUND;
    use windows_sys::Win32::System::Services::{
        SERVICE_QUERY_CONFIG, SERVICE_QUERY_STATUS, SERVICE_USER_DEFINED_CONTROL,
    };

    pub(super) fn run(args: &[OsString]) -> i32 {
        let words: Vec<_> = args.iter().map(|a| a.to_string_lossy()).collect();
        let words: Vec<&str> = words.iter().map(AsRef::as_ref).collect();
        match words.as_slice() {
            ["reg", key] => registry(key),
            ["state", name] => answer(state(name)),
            ["config", name] => answer(config(name)),
            ["flood", name, code, count] => answer(flood(name, code, count)),
            ["alive", pid] => {
                println!("{}", pid.parse().is_ok_and(scm::alive));
                0
            }
            ["run", _, _, ..] => child(&args[1], &args[2], &args[3..]),
            ["leash", _, _, ..] => match leash::tie() {
                Ok(()) => child(&args[1], &args[2], &args[3..]),
                Err(code) => {
                    eprintln!("winq: cannot make a job: error {code}");
                    1
                }
            },
            ["press", text] => match press::press(text) {
                Ok(()) => {
                    println!("true");
                    0
                }
                Err(seen) => {
                    eprintln!("winq: nothing to press says {text:?}, but these do: {seen:?}");
                    1
                }
            },
            ["look", name] => {
                let looked_at =
                    manager(false).and_then(|scm| scm.service(name, SERVICE_QUERY_STATUS));
                let looks = looked_at.map(|service| {
                    println!("looking");
                    let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
                    drop(service);
                    "true".to_owned()
                });
                answer(looks)
            }
            ["hold"] => {
                println!("holding");
                let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
                0
            }
            other => {
                eprintln!("winq: not understood: {other:?}");
                2
            }
        }
    }

    fn answer(result: Result<String, Error>) -> i32 {
        match result {
            Ok(text) => println!("{text}"),
            Err(error) => {
                println!(
                    "{{\"error\":{},\"call\":{}}}",
                    error.code,
                    json::string(error.call)
                );
            }
        }
        0
    }

    fn registry(path: &str) -> i32 {
        match dump(path) {
            Ok(text) => {
                println!("{text}");
                0
            }
            Err(code) => {
                eprintln!("winq: cannot read {path}: error {code}");
                1
            }
        }
    }

    /// UTF-16 units of a name, as hexadecimal bytes.
    fn name(text: &OsStr) -> String {
        let mut units = wide::from_os(text);
        units.pop();
        format!("\"{}\"", json::hex(&wide::bytes(&units)))
    }

    fn dump(path: &str) -> Result<String, u32> {
        let key = match Key::open(path, false) {
            Ok(key) => key,
            Err(ERROR_FILE_NOT_FOUND) => return Ok("null".to_owned()),
            Err(code) => return Err(code),
        };
        let values: Vec<String> = key
            .values()?
            .iter()
            .map(|v| {
                let (name, data) = (name(&v.name), json::hex(&v.data));
                format!(
                    "{{\"name\":{name},\"type\":{},\"data\":\"{data}\"}}",
                    v.kind
                )
            })
            .collect();
        let mut keys = Vec::new();
        for child in key.keys()? {
            let inner = dump(&format!("{path}\\{}", child.to_string_lossy()))?;
            keys.push(format!("{{\"name\":{},\"key\":{inner}}}", name(&child)));
        }
        Ok(format!(
            "{{\"values\":[{}],\"keys\":[{}]}}",
            values.join(","),
            keys.join(",")
        ))
    }

    fn state(service: &str) -> Result<String, Error> {
        let s = manager(false)?
            .service(service, SERVICE_QUERY_STATUS)?
            .status()?;
        Ok(format!(
            "{{\"state\":{},\"win32\":{},\"specific\":{},\"pid\":{},\"type\":{},\"accepted\":{},\
             \"checkpoint\":{},\"hint\":{}}}",
            s.dwCurrentState,
            s.dwWin32ExitCode,
            s.dwServiceSpecificExitCode,
            s.dwProcessId,
            s.dwServiceType,
            s.dwControlsAccepted,
            s.dwCheckPoint,
            s.dwWaitHint,
        ))
    }

    /// How many were taken; what else is answered counts as refused.
    fn flood(service: &str, code: &str, count: &str) -> Result<String, Error> {
        let rights = SERVICE_QUERY_STATUS | SERVICE_USER_DEFINED_CONTROL;
        let service = manager(false)?.service(service, rights)?;
        let (Ok(code), Ok(count)) = (code.parse(), count.parse::<u32>()) else {
            return Ok("\"two numbers were expected\"".to_owned());
        };
        let taken = (0..count).filter(|_| service.control(code).is_ok());
        Ok(taken.count().to_string())
    }

    fn config(service: &str) -> Result<String, Error> {
        let c: scm::Config = manager(false)?
            .service(service, SERVICE_QUERY_CONFIG)?
            .config()?;
        let dependencies: Vec<String> = c.dependencies.iter().map(|d| name(d)).collect();
        Ok(format!(
            "{{\"type\":{},\"start\":{},\"errorControl\":{},\"image\":{},\"display\":{},\"account\":{},\
             \"dependencies\":[{}]}}",
            c.kind,
            c.start,
            c.error,
            name(&c.image),
            name(&c.display),
            name(&c.account),
            dependencies.join(","),
        ))
    }

    /// The standard library quotes for batch files and for programs, each by its own rules.
    fn child(code: &OsStr, program: &OsStr, args: &[OsString]) -> i32 {
        let done = std::process::Command::new(program)
            .args(args)
            .status()
            .and_then(|status| std::fs::write(code, status.code().unwrap_or(-1).to_string()));
        match done {
            Ok(()) => 0,
            Err(error) => {
                eprintln!("winq: cannot run {}: {error}", program.display());
                1
            }
        }
    }
}
