//! Only its name counts here.
