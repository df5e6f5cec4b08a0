//! Text with placeholders: `{install-dir}` and its kin, resolved by each plan.

/// A folder that a placeholder names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Folder {
    /// `{install-dir}`: where the package's own files live.
    Install,
    /// `{state-dir}`.
    State,
    /// `{cache-dir}`.
    Cache,
    /// `{logs-dir}`.
    Logs,
    /// `{config-dir}`.
    Config,
    /// `{runtime-dir}`.
    Runtime,
}

impl Folder {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Install,
        Self::State,
        Self::Cache,
        Self::Logs,
        Self::Config,
        Self::Runtime,
    ];

    /// The placeholder's word, without its braces.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Install => "install-dir",
            Self::State => "state-dir",
            Self::Cache => "cache-dir",
            Self::Logs => "logs-dir",
            Self::Config => "config-dir",
            Self::Runtime => "runtime-dir",
        }
    }
}

/// A piece of a [`Text`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// Characters that mean themselves.
    Literal(String),
    /// The path of a folder on the target.
    Folder(Folder),
    /// `{instance}`: which one of a template's services it is.
    Instance,
}

/// The placeholder's word of [`Part::Instance`].
pub const INSTANCE: &str = "instance";

/// A value in which placeholders may stand. Braces are already undoubled.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Text {
    /// The pieces in order; two literals never follow each other.
    pub parts: Vec<Part>,
}

/// Why a text cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TextError {
    /// `{word}` names no folder.
    Unknown(String),
    /// A `{` without its `}`.
    Unclosed,
    /// A character that no target can carry; the reason names it.
    Character(String),
}

/// The reason why a value cannot hold what it holds: NUL ends strings, a line feed begins a new line of a unit or a script,
/// and other control characters do not survive every consumer.
///
/// # Errors
/// Names the first such character.
pub fn check_characters(value: &str) -> Result<(), String> {
    match value.chars().find(|c| c.is_control()) {
        None => Ok(()),
        Some('\0') => Err("NUL would end the value, no target can carry it".into()),
        Some('\n' | '\r') => {
            Err("a line break would begin a new line in the files that carry the value".into())
        }
        Some(c) => Err(format!(
            "the control character U+{:04X} does not survive in the files that carry the value",
            u32::from(c)
        )),
    }
}

impl Text {
    /// Reads a value: `{word}` is a [`Folder`], `{{` is a literal `{`, and a `}` outside a placeholder is itself.
    ///
    /// # Errors
    /// For an unknown or unclosed placeholder and for control characters.
    pub fn parse(value: &str) -> Result<Self, TextError> {
        check_characters(value).map_err(TextError::Character)?;
        let mut parts = Vec::new();
        let (mut literal, mut rest) = (String::new(), value);
        while let Some((before, after)) = rest.split_once('{') {
            literal.push_str(before);
            if let Some(after) = after.strip_prefix('{') {
                literal.push('{');
                rest = after;
                continue;
            }
            let (word, after) = after.split_once('}').ok_or(TextError::Unclosed)?;
            let part = match Folder::ALL.into_iter().find(|folder| folder.word() == word) {
                Some(folder) => Part::Folder(folder),
                None if word == INSTANCE => Part::Instance,
                None => return Err(TextError::Unknown(word.to_owned())),
            };
            if !literal.is_empty() {
                parts.push(Part::Literal(std::mem::take(&mut literal)));
            }
            parts.push(part);
            rest = after;
        }
        literal.push_str(rest);
        if !literal.is_empty() {
            parts.push(Part::Literal(literal));
        }
        Ok(Self { parts })
    }

    /// The folders that its placeholders name, in order.
    pub fn folders(&self) -> impl Iterator<Item = Folder> {
        self.parts.iter().filter_map(|part| match part {
            Part::Folder(folder) => Some(*folder),
            Part::Literal(_) | Part::Instance => None,
        })
    }

    /// Whether `{instance}` stands in it.
    pub fn has_instance(&self) -> bool {
        self.parts.contains(&Part::Instance)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn literal(text: &str) -> Part {
        Part::Literal(text.into())
    }

    #[test]
    fn reads_placeholders_and_braces() {
        let parts = |text| Text::parse(text).expect(text).parts;
        assert_eq!(parts(""), []);
        assert_eq!(parts("plain"), [literal("plain")]);
        assert_eq!(
            parts("a{state-dir}/b"),
            [literal("a"), Part::Folder(Folder::State), literal("/b")]
        );
        assert_eq!(
            parts("{{{install-dir}"),
            [literal("{"), Part::Folder(Folder::Install)]
        );
        assert_eq!(parts("{{\"a\":{{}}"), [literal("{\"a\":{}}")]);
    }

    #[test]
    fn refuses_what_is_no_placeholder() {
        let error = |text| Text::parse(text).expect_err(text);
        assert_eq!(error("{sate-dir}"), TextError::Unknown("sate-dir".into()));
        assert_eq!(error("{}"), TextError::Unknown(String::new()));
        assert_eq!(error("a{state-dir"), TextError::Unclosed);
        for bad in ["a\0b", "a\nb", "a\rb", "a\u{1b}b", "a\tb", "a\u{85}b"] {
            assert!(matches!(error(bad), TextError::Character(_)), "{bad:?}");
        }
    }

    proptest! {
        #[test]
        fn doubled_braces_read_back(text in "[^\\p{Cc}]{0,40}") {
            let parsed = Text::parse(&text.replace('{', "{{")).expect("braces are doubled");
            let read: String = parsed.parts.iter().map(|part| match part {
                Part::Literal(literal) => literal.as_str(),
                _ => "?",
            }).collect();
            prop_assert_eq!(read, text);
        }

        #[test]
        fn nothing_panics(text in ".{0,40}") {
            let _ = Text::parse(&text);
        }
    }
}
