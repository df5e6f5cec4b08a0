//! `whoami.exe /groups /fo csv /nh`, of which Wine knows nothing: two groups as Windows prints them, an account's and the label that
//! says how much a process may do. `WHOAMI_SHIM_LABEL` is the label's SID; else it is an administrator's.

/// "High", which an administrator's processes carry.
const HIGH: &str = "S-1-16-12288";

fn main() {
    let words: Vec<String> = std::env::args_os()
        .skip(1)
        .map(|word| word.to_string_lossy().into_owned())
        .collect();
    if words != ["/groups", "/fo", "csv", "/nh"] {
        eprintln!("whoami: not understood: {words:?}");
        std::process::exit(1);
    }
    let label = std::env::var("WHOAMI_SHIM_LABEL").unwrap_or_else(|_| HIGH.to_owned());
    print!(
        "\"Everyone\",\"Well-known group\",\"S-1-1-0\",\"Mandatory group, Enabled by default, Enabled group\"\r\n\
         \"Mandatory Label\\Some Mandatory Level\",\"Label\",\"{label}\",\"\"\r\n"
    );
}
