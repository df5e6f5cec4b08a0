//! What was typed: cargo metadata, and the tables of Cargo.toml with the place of every key.
