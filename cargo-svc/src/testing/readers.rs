//! What consumers on Windows make of a text, each written from the published description and not from our escapers.

/// An independent reading: the state machine of the Microsoft page, written from its text.
pub(crate) fn split(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut rest = line.chars().peekable();
    loop {
        while rest.next_if(|c| *c == ' ' || *c == '\t').is_some() {}
        if rest.peek().is_none() {
            return words;
        }
        let (mut current, mut inside) = (String::new(), false);
        while let Some(&c) = rest.peek() {
            if !inside && (c == ' ' || c == '\t') {
                break;
            }
            let mut run = 0;
            while rest.next_if_eq(&'\\').is_some() {
                run += 1;
            }
            if rest.peek() == Some(&'"') {
                rest.next();
                current.push_str(&"\\".repeat(run / 2));
                if run % 2 == 1 {
                    current.push('"');
                } else {
                    inside = !inside;
                }
            } else {
                current.push_str(&"\\".repeat(run));
                if run == 0 {
                    current.push(c);
                    rest.next();
                }
            }
        }
        words.push(current);
    }
}

/// An independent reading, from the text of the Microsoft page: properties by this function, `[\x]` as x, braces as
/// they stand if they surround no property (no text of ours has any unescaped).
pub(crate) fn formatted(text: &str, property: &dyn Fn(&str) -> String) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(start) = rest.find('[') {
        assert!(!rest[..start].contains([']', '{', '}']), "{text}");
        out.push_str(&rest[..start]);
        let inner = &rest[start + 1..];
        if let Some(escaped) = inner.strip_prefix('\\') {
            let c = escaped.chars().next().unwrap();
            assert_eq!(escaped[c.len_utf8()..].chars().next(), Some(']'), "{text}");
            out.push(c);
            rest = &escaped[c.len_utf8() + 1..];
        } else {
            let end = inner.find(']').unwrap();
            out.push_str(&match &inner[..end] {
                "~" => "\0".to_owned(),
                name => property(name),
            });
            rest = &inner[end + 1..];
        }
    }
    out.push_str(rest);
    out
}

/// How PowerShell reads a text in single quotes: a quote of any kind ends it, unless another one follows, which is then part
/// of it. `None` if the script does not end with the text.
pub(crate) fn powershell(script: &str) -> Option<String> {
    let mut chars = script.strip_prefix('\'')?.chars().peekable();
    let mut text = String::new();
    while let Some(c) = chars.next() {
        if !is_single_quote(c) {
            text.push(c);
            continue;
        }
        match chars.peek() {
            Some(&next) if is_single_quote(next) => {
                text.push(next);
                chars.next();
            }
            None => return Some(text),
            Some(_) => return None,
        }
    }
    None
}

/// Microsoft, "`about_Quoting_Rules`": the plain one and the four typographic ones.
fn is_single_quote(c: char) -> bool {
    "'\u{2018}\u{2019}\u{201A}\u{201B}".contains(c)
}

/// What cmd.exe makes of the words of one line inside a FOR, written from Microsoft's help texts and the phases that are
/// documented for its parser: percent signs, then quotes and carets, then the FOR variable. `None` if a character of the
/// line would have meant something to it.
pub(crate) fn cmd(line: &str, letter: char, [folder, data]: [&str; 2]) -> Option<String> {
    let second = char::from_u32(u32::from(letter) + 1)?;
    let mut once = String::new();
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        if c == '%' && chars.next() != Some('%') {
            return None;
        }
        once.push(c);
    }
    let (mut tokens, mut inside) = (String::new(), false);
    let mut chars = once.chars();
    while let Some(c) = chars.next() {
        match c {
            '^' if !inside => tokens.push(chars.next()?),
            '"' => {
                inside = !inside;
                tokens.push(c);
            }
            '&' | '|' | '<' | '>' | '(' | ')' if !inside => return None,
            _ => tokens.push(c),
        }
    }
    if inside {
        return None;
    }
    let (first, other) = (format!("%~{letter}"), format!("%~{second}"));
    let rest = tokens.replace(&first, "").replace(&other, "");
    if rest.contains(&format!("%{letter}")) || rest.contains(&format!("%{second}")) {
        return None;
    }
    Some(tokens.replace(&first, folder).replace(&other, data))
}
