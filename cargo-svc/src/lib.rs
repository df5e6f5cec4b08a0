//! The library behind `cargo svc`.
