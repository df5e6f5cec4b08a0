//! The `#[service]` attribute. Use it through `svc-rt`.
