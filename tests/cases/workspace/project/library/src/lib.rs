//! No service.
