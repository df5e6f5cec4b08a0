//! What is different between a committed file and what it should be.

use similar::TextDiff;

/// A unified diff. Either side may be absent.
pub fn unified(path: &str, committed: Option<&[u8]>, wanted: Option<&[u8]>) -> String {
    let side =
        |bytes: Option<&[u8]>| String::from_utf8_lossy(bytes.unwrap_or_default()).into_owned();
    let name = |bytes: Option<&[u8]>| if bytes.is_some() { path } else { "/dev/null" };
    let (old, new) = (side(committed), side(wanted));
    TextDiff::from_lines(&old, &new)
        .unified_diff()
        .header(name(committed), name(wanted))
        .to_string()
}

/// Whether two files differ by their line ends only, which a diff does not show.
pub fn only_line_ends(one: &[u8], other: &[u8]) -> bool {
    let plain = |bytes: &[u8]| -> Vec<u8> {
        bytes
            .iter()
            .copied()
            .filter(|&byte| byte != b'\r')
            .collect()
    };
    one != other && plain(one) == plain(other)
}
