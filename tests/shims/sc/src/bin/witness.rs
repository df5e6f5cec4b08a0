//! Stands in for programs of Windows that do nothing in Wine: it writes down how it was called, as one JSON line of the program's name
//! and its words in the file that `TOOL_SHIM_LOG` names, and succeeds; where `TOOL_SHIM_FAILS` is in the words, it fails.

fn main() {
    let mut words: Vec<String> = std::env::args_os()
        .map(|word| word.to_string_lossy().into_owned())
        .collect();
    if let Some(program) = words.first_mut() {
        let name = program.rsplit(['\\', '/']).next().unwrap_or_default();
        *program = name.to_ascii_lowercase().replace(".exe", "");
    }
    if let Err(error) = record(&words) {
        // An unrecorded call would make a test look at the wrong thing.
        eprintln!("witness: cannot write the log that TOOL_SHIM_LOG names: {error}");
        std::process::exit(1);
    }
    let fails = std::env::var("TOOL_SHIM_FAILS").unwrap_or_default();
    if !fails.is_empty() && words.iter().any(|word| word.contains(&fails)) {
        eprintln!("witness: {words:?} fails, as it was asked to");
        std::process::exit(1);
    }
}

fn record(words: &[String]) -> std::io::Result<()> {
    use std::io::Write;
    let Some(path) = std::env::var_os("TOOL_SHIM_LOG") else {
        return Ok(());
    };
    let mut file = std::fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(path)?;
    writeln!(file, "{}", sc_shim::json::strings(words))
}
