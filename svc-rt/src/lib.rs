//! The run-time half of a service.
