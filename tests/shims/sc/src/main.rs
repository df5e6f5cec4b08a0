//! `sc.exe` for the Wine test bed: the documented command line and output over the real service API.
//!
//! Wine's own lacks `config`, `qc`, `sidtype`, `privs`, `failureflag`, `preshutdown` and the queries. A verb or an option that
//! is not known here fails loudly. Every call is recorded as one JSON line in the file that `SC_SHIM_LOG` names, so that a
//! test can check the call that was made where Wine's manager keeps nothing.

#[cfg(windows)]
mod options;
#[cfg(windows)]
mod print;
#[cfg(windows)]
mod verbs;

#[cfg(windows)]
fn main() {
    let args: Vec<String> = std::env::args_os()
        .skip(1)
        .map(|a| a.to_string_lossy().into_owned())
        .collect();
    if let Err(error) = record(&args) {
        // An unrecorded call would make a test look at the wrong thing.
        eprintln!("sc-shim: cannot write the log that SC_SHIM_LOG names: {error}");
        std::process::exit(1);
    }
    let code = verbs::run(&args);
    std::process::exit(i32::try_from(code).unwrap_or(i32::MAX));
}

#[cfg(windows)]
fn record(args: &[String]) -> std::io::Result<()> {
    use std::io::Write;
    let Some(path) = std::env::var_os("SC_SHIM_LOG") else {
        return Ok(());
    };
    let mut file = std::fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(path)?;
    writeln!(file, "{}", sc_shim::json::strings(args))
}

#[cfg(not(windows))]
fn main() {
    eprintln!("sc-shim: this program speaks to the Windows service control manager only");
    std::process::exit(2);
}
