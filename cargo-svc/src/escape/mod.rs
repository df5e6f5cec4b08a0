//! Quoting: the only place that knows how a consumer reads a value back.
//!
//! Each template extension has an escaper here (askama.toml), so that a value in a template is escaped by default; a value
//! that must be laid out as words of a command line has a type of its own.

pub(crate) mod argv;
pub(crate) mod cmd;
pub(crate) mod conf;
pub(crate) mod msi;
pub(crate) mod part;
pub(crate) mod powershell;
pub(crate) mod rtf;
pub(crate) mod sh;
pub(crate) mod toml;
pub(crate) mod unit;
pub(crate) mod wxs;

/// How many bytes come before the first special one; `None` if there is none. `is_special` has no branches, so that a compiler
/// asks it about many bytes at once.
fn plain_bytes(bytes: &[u8], is_special: impl Fn(u8) -> bool) -> Option<usize> {
    // Most of a text means itself.
    let (blocks, _) = bytes.as_chunks::<16>();
    let is_plain = |block: &&[u8; 16]| block.map(&is_special) == [false; 16];
    let plain = 16 * blocks.iter().take_while(is_plain).count();
    let rest = &bytes[plain..];
    Some(plain + rest.iter().position(|byte| is_special(*byte))?)
}

#[cfg(test)]
mod tests {
    use super::plain_bytes;

    #[test]
    fn the_first_special_byte_is_found_wherever_it_stands() {
        let is_special = |byte| matches!(byte, b'<' | b'>');
        for length in 0..50 {
            let mut text = vec![b'a'; length];
            assert_eq!(plain_bytes(&text, is_special), None);
            for at in (0..length).rev() {
                text[at] = if at % 2 == 0 { b'<' } else { b'>' };
                assert_eq!(plain_bytes(&text, is_special), Some(at), "{length}");
            }
        }
    }
}
