//! beds
