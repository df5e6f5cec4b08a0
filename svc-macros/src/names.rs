//! Which names are right, and what was probably meant by one that is not.

/// The events that a service may ask for by name. Windows' own control codes stand beside them as numbers.
pub(crate) const EVENTS: [&str; 4] = ["reload", "pause", "session", "power"];

/// What is wrong with `name` as a service's name, if anything.
pub(crate) fn check_service(name: &str) -> Result<(), String> {
    let all_known = name
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-'));
    if !all_known || !name.starts_with(|first: char| first.is_ascii_alphanumeric()) {
        return Err(format!(
            "`{name}` is no name for a service: it begins with an ASCII letter or digit, and letters, digits, `_`, \
             `.` and `-` may follow"
        ));
    }
    if name.len() > 64 {
        return Err(format!(
            "`{name}` is too long: a service's name has at most 64 characters"
        ));
    }
    let stem = name.split('.').next().unwrap_or(name).to_ascii_uppercase();
    let numbered = |prefix| {
        stem.strip_prefix(prefix)
            .is_some_and(|rest| matches!(rest.as_bytes(), [b'1'..=b'9']))
    };
    if matches!(&*stem, "CON" | "PRN" | "AUX" | "NUL") || numbered("COM") || numbered("LPT") {
        return Err(format!(
            "`{name}` is no name for a service: Windows reserves it for a device"
        ));
    }
    Ok(())
}

/// What is wrong with `event`, if anything.
pub(crate) fn check_event(event: &str) -> Result<(), String> {
    if EVENTS.contains(&event) {
        Ok(())
    } else {
        Err(unknown("event", event, &EVENTS))
    }
}

/// The text of a custom control code of Windows: 128 to 255 (Microsoft, "`ControlService` function").
pub(crate) fn check_code(code: &str) -> Result<String, String> {
    match code.parse::<u8>() {
        Ok(code @ 128..) => Ok(code.to_string()),
        _ => Err(format!(
            "`{code}` is no custom control code: those are 128 to 255"
        )),
    }
}

/// What is wrong with `socket` as a socket's name, if anything: systemd hands the names over in a list with colons
/// (systemd.socket(5), `FileDescriptorName=`), and each is part of a unit's name.
pub(crate) fn check_socket(socket: &str) -> Result<(), String> {
    let known = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
    if socket.is_empty() || socket.len() > 64 || !socket.chars().all(known) {
        return Err(format!(
            "`{socket}` is no name for a socket: it has 1 to 64 ASCII letters, digits, `_`, `.` and `-`"
        ));
    }
    Ok(())
}

/// Says that there is no such thing, and what there is.
pub(crate) fn unknown(kind: &str, given: &str, known: &[&str]) -> String {
    let nearest = known
        .iter()
        .map(|name| (strsim::levenshtein(given, name), name))
        .min();
    match nearest {
        Some((distance, name)) if distance * 2 <= given.chars().count() => {
            format!("there is no {kind} `{given}`; did you mean `{name}`?")
        }
        _ => format!("there is no {kind} `{given}`, only {}", listed(known)),
    }
}

/// `a`, `b` and `c`.
pub(crate) fn listed(names: &[&str]) -> String {
    let mut text = String::new();
    for (index, name) in names.iter().enumerate() {
        let separator = match index {
            0 => "",
            _ if index + 1 == names.len() => " and ",
            _ => ", ",
        };
        text.push_str(separator);
        text.push('`');
        text.push_str(name);
        text.push('`');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn service_names_are_what_both_systems_take() {
        for name in [
            "beacon",
            "0",
            "a.b_c-d",
            &"x".repeat(64),
            "COM10",
            "console",
            "nullable",
        ] {
            assert_eq!(check_service(name), Ok(()), "{name}");
        }
        for name in [
            "",
            "-a",
            ".a",
            "_a",
            "a b",
            "ä",
            "a/b",
            &"x".repeat(65),
            "con",
            "NUL.x",
            "lpt9",
        ] {
            assert!(check_service(name).is_err(), "{name}");
        }
    }

    #[test]
    fn events_are_words_or_custom_codes() {
        assert_eq!(check_event("reload"), Ok(()));
        assert!(check_event("128").is_err());
        assert_eq!(check_code("128").as_deref(), Ok("128"));
        assert_eq!(check_code("255").as_deref(), Ok("255"));
        for code in ["127", "256", "-1", "0x80", "1e2", "99999999999999999999"] {
            assert!(check_code(code).is_err(), "{code}");
        }
        assert_eq!(
            check_event("relaod").unwrap_err(),
            "there is no event `relaod`; did you mean `reload`?"
        );
        assert_eq!(
            check_event("sighup").unwrap_err(),
            "there is no event `sighup`, only `reload`, `pause`, `session` and `power`"
        );
    }

    #[test]
    fn socket_names_carry_no_colon() {
        assert_eq!(check_socket("http-2.x"), Ok(()));
        for socket in ["", "a:b", "a b", "é"] {
            assert!(check_socket(socket).is_err(), "{socket}");
        }
    }
}
