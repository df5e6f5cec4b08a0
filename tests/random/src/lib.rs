//! Random declarations: right ones, with what a program must receive because of them, and wrong ones, with the key that an
//! error must name.
//!
//! `SVC_RANDOM_SEED` and `SVC_RANDOM_COUNT` make the tests look elsewhere, and for as long as one likes.

mod declaration;
mod files;
mod keys;
mod mutation;
mod windows;
mod windows_keys;
mod windows_mutation;
mod wrong;

use std::env;

pub use declaration::{Declaration, Kind, PREFIX};
pub use fastrand::Rng;
pub use files::DeclaredFile;
pub use mutation::{Mutated, mutate};
pub use windows::{INSTALL_DIR, Reach, Role, WindowsPackage, WindowsService, maybe_long};
pub use windows_mutation::mutate_windows;

/// A generator of its own for each test, so that each can be run alone.
///
/// # Errors
/// `SVC_RANDOM_SEED` is no number.
pub fn rng() -> Result<Rng, String> {
    Ok(Rng::with_seed(number("SVC_RANDOM_SEED", 7)? as u64))
}

/// How many declarations a test makes.
///
/// # Errors
/// `SVC_RANDOM_COUNT` is no number.
pub fn count(default: usize) -> Result<usize, String> {
    number("SVC_RANDOM_COUNT", default)
}

fn number(variable: &str, default: usize) -> Result<usize, String> {
    match env::var(variable) {
        Ok(text) => text
            .parse()
            .map_err(|error| format!("{variable}={text}: {error}")),
        Err(_) => Ok(default),
    }
}

/// A TOML string.
pub fn text(value: &str) -> String {
    // TOML's basic strings and JSON's share their escapes, but that TOML wants one more.
    serde_json::Value::from(value)
        .to_string()
        .replace('\u{7f}', "\\u007f")
}

/// One of them.
fn one<T: Copy>(rng: &mut Rng, of: &[T]) -> T {
    of[rng.usize(0..of.len())]
}
