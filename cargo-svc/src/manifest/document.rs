//! Tables as the text of a Cargo.toml, with comments where they belong.

use std::fmt::Write;

use crate::escape::toml::quoted;

/// Lines longer than this are broken where TOML lets them be.
const WIDTH: usize = 100;

/// A value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Toml {
    /// A string.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// `true` or `false`.
    Bool(bool),
    /// An array.
    Array(Vec<Self>),
    /// A table that is written in one line, or as dotted keys.
    Table(Vec<(String, Self)>),
}

impl Toml {
    /// A string.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// An array of strings.
    pub fn texts(texts: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self::Array(texts.into_iter().map(Self::text).collect())
    }
}

/// A line of a comment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    /// What stands after the `#`.
    pub text: String,
    /// Whether an empty line keeps it apart from the one before.
    pub apart: bool,
}

/// A key with its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// The comment above it.
    pub remarks: Vec<Remark>,
    /// The key.
    pub key: String,
    /// Its value.
    pub value: Toml,
}

/// A table with a header of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// Its path, for example `package.metadata.service`.
    pub path: String,
    /// Whether it is an element of an array of tables.
    pub element: bool,
    /// The comment above its header.
    pub remarks: Vec<Remark>,
    /// Its keys.
    pub items: Vec<Item>,
    /// The comment after its last key.
    pub rest: Vec<Remark>,
}

impl Table {
    /// A table without keys.
    pub fn new(path: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            element: false,
            remarks: Vec::new(),
            items: Vec::new(),
            rest: Vec::new(),
        }
    }
}

/// The text of some tables, an empty line between two of them.
pub fn write(tables: &[Table]) -> String {
    let mut text = String::new();
    for table in tables {
        if !text.is_empty() {
            text.push('\n');
        }
        comment(&table.remarks, &mut text);
        let _ = if table.element {
            writeln!(text, "[[{}]]", table.path)
        } else {
            writeln!(text, "[{}]", table.path)
        };
        for item in &table.items {
            comment(&item.remarks, &mut text);
            line(&bare_or_quoted(&item.key), &item.value, &mut text);
        }
        comment(&table.rest, &mut text);
    }
    text
}

fn comment(remarks: &[Remark], text: &mut String) {
    for (index, remark) in remarks.iter().enumerate() {
        if remark.apart && index > 0 {
            text.push('\n');
        }
        text.push('#');
        // TOML takes no control character but the tab in a comment.
        let shown = |c: char| {
            if c.is_control() && c != '\t' {
                '\u{fffd}'
            } else {
                c
            }
        };
        text.extend(remark.text.chars().map(shown));
        text.truncate(text.trim_end_matches([' ', '\t']).len());
        text.push('\n');
    }
}

fn line(key: &str, value: &Toml, text: &mut String) {
    let whole = inline(value);
    if key.chars().count() + 3 + whole.chars().count() <= WIDTH {
        let _ = writeln!(text, "{key} = {whole}");
        return;
    }
    match value {
        Toml::Array(values) if values.len() > 1 => {
            let _ = writeln!(text, "{key} = [");
            for value in values {
                let _ = writeln!(text, "    {},", inline(value));
            }
            text.push_str("]\n");
        }
        Toml::Table(keys) => {
            for (sub, value) in keys {
                line(&format!("{key}.{}", bare_or_quoted(sub)), value, text);
            }
        }
        _ => {
            let _ = writeln!(text, "{key} = {whole}");
        }
    }
}

fn inline(value: &Toml) -> String {
    match value {
        Toml::Text(text) => quoted(text),
        Toml::Integer(number) => number.to_string(),
        Toml::Bool(yes) => yes.to_string(),
        Toml::Array(values) => {
            let values: Vec<_> = values.iter().map(inline).collect();
            format!("[{}]", values.join(", "))
        }
        Toml::Table(keys) if keys.is_empty() => "{}".into(),
        Toml::Table(keys) => {
            let pair = |(key, value): &(String, Toml)| {
                format!("{} = {}", bare_or_quoted(key), inline(value))
            };
            let keys: Vec<_> = keys.iter().map(pair).collect();
            format!("{{ {} }}", keys.join(", "))
        }
    }
}

fn bare_or_quoted(key: &str) -> String {
    let bare = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    if !key.is_empty() && key.chars().all(bare) {
        key.to_owned()
    } else {
        quoted(key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn remark(text: &str, apart: bool) -> Remark {
        Remark {
            text: text.into(),
            apart,
        }
    }

    #[test]
    fn tables_are_laid_out_with_their_comments() {
        let long = "x".repeat(60);
        let table = Table {
            remarks: vec![remark(" head", false), remark(" apart", true)],
            items: vec![
                Item {
                    remarks: vec![remark(" why\u{1b}", false)],
                    key: "args".into(),
                    value: Toml::texts(["a", "\"\n"]),
                },
                Item {
                    remarks: Vec::new(),
                    key: "X-\u{e9}".into(),
                    value: Toml::Array(vec![Toml::Integer(-1), Toml::Bool(true)]),
                },
                Item {
                    remarks: Vec::new(),
                    key: "environment".into(),
                    value: Toml::Table(vec![
                        ("A".into(), Toml::text(&long)),
                        ("B.C".into(), Toml::text(&long)),
                    ]),
                },
                Item {
                    remarks: Vec::new(),
                    key: "many".into(),
                    value: Toml::texts([&long, &long]),
                },
            ],
            rest: vec![remark(" end", false)],
            ..Table::new("a.b")
        };
        let element = Table {
            element: true,
            ..Table::new("c")
        };
        let text = write(&[table, element]);
        let want = format!(
            "# head\n\n# apart\n[a.b]\n# why\u{fffd}\nargs = [\"a\", \"\\\"\\u000A\"]\n\"X-\u{e9}\" = [-1, true]\n\
             environment.A = \"{long}\"\nenvironment.\"B.C\" = \"{long}\"\nmany = [\n    \"{long}\",\n    \"{long}\",\n]\n# end\n\n[[c]]\n"
        );
        assert_eq!(text, want);
        let read: toml::Table = text.parse().expect("it is TOML");
        assert_eq!(
            read["a"]["b"]["environment"]["B.C"].as_str(),
            Some(long.as_str())
        );
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(comment in ".{0,20}", key in ".{0,10}", value in ".{0,120}") {
            let item = Item {
                remarks: vec![remark(&comment.replace('\n', ""), true)],
                key: key.clone(),
                value: Toml::Table(vec![(key.clone(), Toml::texts([&value, &value]))]),
            };
            let table = Table { items: vec![item], ..Table::new("a") };
            let read: toml::Table = write(&[table]).parse().expect("it is TOML");
            let inner = read["a"][key.as_str()][key.as_str()].as_array().expect("an array");
            prop_assert_eq!(inner[1].as_str(), Some(value.as_str()));
        }
    }
}
