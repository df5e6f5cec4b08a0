//! Stands before Wine's msiexec.exe. Windows Installer tells an older version that it is an upgrade that removes it, by the
//! property `UPGRADINGPRODUCTCODE`; Wine's does not. Everything else goes on as it came.

use std::process::{Command, ExitCode};

/// Wine's own, under another name.
const REAL: &str = r"C:\windows\msiexec-real.exe";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let mut command = Command::new(REAL);
    command.args(&args);
    // The words that Wine's `RemoveExistingProducts` runs, and nobody else.
    if let [quiet, install, product, remove] = args.as_slice()
        && quiet == "/qn"
        && install == "/i"
        && product.starts_with('{')
        && remove.starts_with("REMOVE=")
    {
        command.arg(format!("UPGRADINGPRODUCTCODE={product}"));
    }
    match command.status() {
        Ok(status) => status
            .code()
            .and_then(|code| u8::try_from(code).ok())
            .map_or_else(
                // Longer codes than a byte: the tests look at them.
                || std::process::exit(status.code().unwrap_or(1)),
                ExitCode::from,
            ),
        Err(error) => {
            eprintln!("msiexec: cannot run {REAL}: {error}");
            ExitCode::FAILURE
        }
    }
}
