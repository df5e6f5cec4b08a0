//! Specifiers and variables are not expanded here: only the machine that runs the unit can. But a word without any is
//! literal text, in which `%%` and `$$` stand for one character.

/// Whether `%` means a specifier somewhere in the word (systemd.unit(5), "Specifiers").
///
/// `%%` is none, and neither is a `%` before anything but an ASCII letter or digit: it stands for itself. systemd refuses a
/// letter that it has no specifier for.
pub fn has_specifier(word: &str) -> bool {
    let mut chars = word.chars();
    while let Some(c) = chars.next() {
        if c == '%' && chars.next().is_some_and(|c| c.is_ascii_alphanumeric()) {
            return true;
        }
    }
    false
}

/// Whether `$` means a variable somewhere in an argument of a command line (systemd.service(5), "Command lines").
///
/// `$NAME` is one if it is the whole word, and then whatever stands behind the `$`; `${NAME}` is one everywhere. A `$` before
/// anything else, inside a word, is itself.
pub fn has_variable(argument: &str) -> bool {
    let mut chars = argument.chars().peekable();
    if argument.starts_with('$') && !argument.starts_with("$$") {
        return true;
    }
    while let Some(c) = chars.next() {
        if c == '$' && chars.next_if_eq(&'$').is_none() && chars.peek() == Some(&'{') {
            return true;
        }
    }
    false
}

/// The text that a word without specifiers stands for.
pub fn literal_text(word: &str) -> Option<String> {
    (!has_specifier(word)).then(|| word.replace("%%", "%"))
}

/// The text that an argument of a command line stands for, if it has neither specifiers nor variables.
///
/// ```
/// use cargo_svc::unit_file::words::literal_argument;
/// assert_eq!(literal_argument("100%% of $$HOME").as_deref(), Some("100% of $HOME"));
/// assert_eq!(literal_argument("%h/beacon"), None);
/// assert_eq!(literal_argument("${HOME}/beacon"), None);
/// ```
pub fn literal_argument(argument: &str) -> Option<String> {
    let text = literal_text(argument)?;
    (!has_variable(&text)).then(|| text.replace("$$", "$"))
}
