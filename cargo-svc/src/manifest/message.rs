//! serde's messages, taken apart so that diagnostics can say the same in the user's terms.

/// What serde reports.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Message {
    /// A key that a table does not take.
    UnknownKey {
        /// The key.
        name: String,
        /// The keys that it takes.
        right: Vec<String>,
    },
    /// A word that an enumeration does not have.
    UnknownValue {
        /// The word.
        name: String,
        /// Its words.
        right: Vec<String>,
    },
    /// A value of the wrong type.
    Type {
        /// What was expected.
        expected: String,
    },
    /// Anything else, as serde or a visitor says it.
    Other(String),
}

/// Reads a message of `serde::de::Error`'s provided constructors; every other text is itself.
pub(super) fn parse(text: &str) -> Message {
    if let Some((name, right)) = text.strip_prefix("unknown field `").and_then(words) {
        return Message::UnknownKey { name, right };
    }
    if let Some((name, right)) = text.strip_prefix("unknown variant `").and_then(words) {
        return Message::UnknownValue { name, right };
    }
    if let Some((_, expected)) = text
        .strip_prefix("invalid type: ")
        .and_then(|rest| rest.rsplit_once(", expected "))
    {
        return Message::Type {
            expected: toml_word(expected).to_owned(),
        };
    }
    // What toml says where an enumeration meets something else.
    if text == "wanted string or table" {
        return Message::Type {
            expected: "a string".into(),
        };
    }
    Message::Other(text.to_owned())
}

/// The word before the closing backtick, which may hold backticks itself, and the quoted words of the expectation.
fn words(rest: &str) -> Option<(String, Vec<String>)> {
    let (name, expected) = rest.rsplit_once("`, expected ")?;
    let right = expected.split('`').skip(1).step_by(2).map(str::to_owned);
    Some((name.to_owned(), right.collect()))
}

/// serde's word for a type in TOML's words.
fn toml_word(expected: &str) -> &str {
    match expected {
        "a sequence" => "an array",
        "a map" => "a table",
        "variant identifier" => "a string",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;
    use serde::de::value::{Error, MapDeserializer, StrDeserializer};
    use serde::de::{Error as _, IntoDeserializer, Unexpected};

    #[derive(Deserialize, Debug)]
    #[serde(rename_all = "kebab-case")]
    enum Word {
        One,
        TwoThree,
    }

    #[derive(Deserialize, Debug)]
    #[serde(deny_unknown_fields)]
    struct Table {
        #[serde(rename = "one")]
        _one: Option<String>,
    }

    #[test]
    fn reads_what_serde_says() {
        let words: StrDeserializer<'_, Error> = "a`, expected `b".into_deserializer();
        let error = Word::deserialize(words).expect_err("no such word");
        assert_eq!(
            parse(&error.to_string()),
            Message::UnknownValue {
                name: "a`, expected `b".into(),
                right: vec!["one".into(), "two-three".into()],
            }
        );
        let map = MapDeserializer::<_, Error>::new([("ome", "x")].into_iter());
        let error = Table::deserialize(map).expect_err("no such key");
        assert_eq!(
            parse(&error.to_string()),
            Message::UnknownKey {
                name: "ome".into(),
                right: vec!["one".into()],
            }
        );
        let error = Error::invalid_type(Unexpected::Str("x, expected y"), &"a sequence");
        assert_eq!(
            parse(&error.to_string()),
            Message::Type {
                expected: "an array".into(),
            }
        );
    }
}
