//! The text of the note that a service's binary carries, for `cargo svc` to compare with the manifest.
//!
//! One line of JSON: `{"name":"beacon","events":["reload"],"sockets":["http"],"runtime":"0.1.0"}`. svc-rt puts the header of
//! an ELF note in front of it, in the target's byte order.

use std::fmt::Write;

/// The note's text, filled up with spaces to whole words: the next note in the section then begins where readers of ELF
/// expect it.
pub(crate) fn text(name: &str, events: &[String], sockets: &[&str]) -> String {
    // svc-macros and svc-rt require each other's very version, so this is also the runtime's.
    let mut text = format!(
        "{{\"name\":{},\"events\":{},\"sockets\":{},\"runtime\":{}}}",
        string(name),
        list(events),
        list(sockets),
        string(env!("CARGO_PKG_VERSION")),
    );
    while text.len() % 4 != 0 {
        text.push(' ');
    }
    text
}

fn list(elements: &[impl AsRef<str>]) -> String {
    let elements: Vec<String> = elements
        .iter()
        .map(|element| string(element.as_ref()))
        .collect();
    format!("[{}]", elements.join(","))
}

fn string(text: &str) -> String {
    let mut quoted = String::from('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            '\0'..'\x20' | '\x7f'.. => {
                let mut units = [0; 2];
                for unit in character.encode_utf16(&mut units) {
                    write!(quoted, "\\u{unit:04x}").expect("a string takes all");
                }
            }
            plain => quoted.push(plain),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_is_one_line_of_json_in_whole_words() {
        let note = text("beacon", &["reload".into(), "128".into()], &["http"]);
        let version = env!("CARGO_PKG_VERSION");
        let expected = format!(
            r#"{{"name":"beacon","events":["reload","128"],"sockets":["http"],"runtime":"{version}"}}"#
        );
        assert_eq!(note.trim_end(), expected);
        assert_eq!(note.len() % 4, 0);
    }

    #[test]
    fn what_json_reserves_is_escaped() {
        assert_eq!(
            string("a\"b\\c\n\u{e9}\u{1f980}"),
            r#""a\"b\\c\u000a\u00e9\ud83e\udd80""#
        );
    }
}
