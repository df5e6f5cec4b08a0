//! `findstr.exe /c:TEXT…`, which Wine has no more than the name of: prints the lines of its standard input in which one of the texts
//! stands, with the documented exit codes.

use std::io::{self, BufRead, Write};

fn main() {
    let words: Vec<String> = std::env::args_os()
        .skip(1)
        .map(|word| word.to_string_lossy().into_owned())
        .collect();
    let texts: Option<Vec<&str>> = words.iter().map(|word| word.strip_prefix("/c:")).collect();
    let Some(texts) = texts.filter(|texts| !texts.is_empty()) else {
        eprintln!("FINDSTR: not understood: {words:?}");
        std::process::exit(2);
    };
    match filter(&texts) {
        Ok(found) => std::process::exit(i32::from(!found)),
        Err(error) => {
            eprintln!("FINDSTR: {error}");
            std::process::exit(2);
        }
    }
}

/// Whether there is such a line.
fn filter(texts: &[&str]) -> io::Result<bool> {
    let (mut found, mut out) = (false, io::stdout().lock());
    for line in io::stdin().lock().lines() {
        let line = line?;
        if texts.iter().any(|text| line.contains(text)) {
            found = true;
            write!(out, "{line}\r\n")?;
        }
    }
    Ok(found)
}
