//! What the attribute accepts, and what it says of everything else.
//!
//! After a deliberate change of a message: `TRYBUILD=overwrite cargo test -p svc-macros --test ui`, and read the diff.

#[test]
fn messages() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("tests/ui/signature/*.rs");
    cases.compile_fail("tests/ui/attribute/*.rs");
}

#[test]
fn forms() {
    trybuild::TestCases::new().pass("tests/ui/pass/*.rs");
}
