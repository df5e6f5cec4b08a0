//! `certutil.exe -hashfile FILE SHA256`, which Wine lacks, with the documented output.

use sc_shim::json;
use sha2::{Digest, Sha256};

fn main() {
    let words: Vec<String> = std::env::args_os()
        .skip(1)
        .map(|word| word.to_string_lossy().into_owned())
        .collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let ["-hashfile", file, "SHA256"] = words.as_slice() else {
        print!("CertUtil: not understood: {words:?}\r\n");
        std::process::exit(1);
    };
    match std::fs::read(file) {
        Ok(bytes) => {
            let hash = json::hex(&Sha256::digest(bytes));
            print!("SHA256 hash of {file}:\r\n{hash}\r\n");
            print!("CertUtil: -hashfile command completed successfully.\r\n");
        }
        Err(error) => {
            print!("CertUtil: -hashfile command FAILED: {error}\r\n");
            std::process::exit(2);
        }
    }
}
