//! The library behind `cargo svc`.
//!
//! Data flows one way: [`manifest`] (what was typed) → [`service`] (validated, defaults applied) → [`plan`] (per target) →
//! [`render`] (artifacts in memory) → [`output`] (write, check or print). Only `output` writes files, only `manifest` knows
//! TOML, only `escape` knows quoting.

pub mod agree;
mod assets;
pub mod binary;
pub mod build;
pub mod cli;
pub mod commands;
pub mod diagnostics;
pub mod directives;
mod escape;
pub mod exposure;
pub mod import;
pub mod manifest;
pub mod output;
pub mod package;
pub mod plan;
pub mod render;
pub mod schema;
pub mod service;
pub mod unit_file;

#[cfg(any(test, fuzzing))]
pub mod testing;
