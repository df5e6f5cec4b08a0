//! Properties against a reader written from systemd's manual pages, which shares no code with the writer.

use proptest::prelude::*;

use super::{Chunk, Rule, lay_out, relocatable};
use crate::plan::systemd::{Piece, Placed, Value};
use crate::service::EnvName;

/// Splits a line into words (systemd.syntax(7), "Quoting"). A bare `;` is kept apart from a quoted or escaped one.
#[derive(Debug, PartialEq)]
enum Word {
    Text(String),
    EndOfCommand,
}

fn words(line: &str) -> Vec<Word> {
    let mut words = Vec::new();
    let mut rest = line.chars().peekable();
    loop {
        while rest.next_if(|c| " \t\n\r".contains(*c)).is_some() {}
        if rest.peek().is_none() {
            return words;
        }
        let left: String = rest.clone().collect();
        let alone = |text: &str| {
            left.strip_prefix(text)
                .is_some_and(|after| after.is_empty() || after.starts_with([' ', '\t']))
        };
        if alone(";") {
            words.push(Word::EndOfCommand);
            rest.next();
            continue;
        }
        if alone("\\;") {
            words.push(Word::Text(";".into()));
            rest.next();
            rest.next();
            continue;
        }
        let mut word = String::new();
        let mut quote = None;
        while let Some(c) = rest.peek().copied() {
            if quote.is_none() && " \t\n\r".contains(c) {
                break;
            }
            rest.next();
            match (c, quote) {
                ('\\', _) => word.push(match rest.next() {
                    Some('n') => '\n',
                    Some('t') => '\t',
                    Some('s') => ' ',
                    Some(c @ ('\\' | '"' | '\'')) => c,
                    other => panic!("systemd has no escape {other:?} in {line:?}"),
                }),
                ('"' | '\'', None) => quote = Some(c),
                (c, Some(open)) if c == open => quote = None,
                (c, _) => word.push(c),
            }
        }
        assert_eq!(quote, None, "unbalanced quotes in {line:?}");
        words.push(Word::Text(word));
    }
}

/// Expands specifiers; only `%%` may be left in what we write.
fn specifiers(text: &str) -> String {
    doubled(text, '%')
}

/// Expands variables (systemd.service(5), "Command lines"); only `$$` may be left.
fn variables(text: &str) -> String {
    doubled(text, '$')
}

fn doubled(text: &str, mark: char) -> String {
    let mut chars = text.chars();
    let mut plain = String::new();
    while let Some(c) = chars.next() {
        if c == mark {
            assert_eq!(chars.next(), Some(mark), "a lone {mark} in {text:?}");
        }
        plain.push(c);
    }
    plain
}

fn command(line: &str) -> (String, Vec<String>) {
    let mut texts = words(line).into_iter().map(|word| match word {
        Word::Text(text) => specifiers(&text),
        Word::EndOfCommand => panic!("the command ends early in {line:?}"),
    });
    let program = texts.next().unwrap();
    (program, texts.map(|text| variables(&text)).collect())
}

/// What every line must be: one line, and not joined to the next.
fn is_one_line(line: &str) -> bool {
    !line.contains(['\n', '\r', '\0'])
        && line.bytes().rev().take_while(|b| *b == b'\\').count() % 2 == 0
}

/// Text with plenty of what means something to systemd.
fn carried() -> impl Strategy<Value = String> {
    let special = prop::sample::select(vec![
        '%', '$', '"', '\'', '\\', ';', '#', ' ', '\t', '-', '@', ':', '+', '!', '=', '{', '}',
        '~', '*', 'n', 's', 'x', 'i', 'é', '\u{85}', '\u{a0}', '\u{2028}', '\u{feff}', '日',
    ]);
    let any = any::<char>().prop_filter("systemd cannot carry it", |c| !super::is_refused(*c));
    prop::collection::vec(prop_oneof![3 => special, 1 => any], 0..24)
        .prop_map(|chars| chars.into_iter().collect())
}

/// The same as a text in which the prefix may stand.
fn placed() -> impl Strategy<Value = Placed> {
    prop::collection::vec(
        prop_oneof![3 => carried().prop_map(Piece::Literal), 1 => Just(Piece::Prefix)],
        0..4,
    )
    .prop_map(|pieces| Placed { pieces })
}

/// What install.sh does with the pieces.
fn relocated(value: &Value, prefix: &str) -> String {
    relocatable(value)
        .into_iter()
        .map(|chunk| match chunk {
            Chunk::Text(text) => text,
            Chunk::Prefix(Rule::Argument) => prefix.replace('%', "%%").replace('$', "$$"),
            Chunk::Prefix(Rule::Item | Rule::Raw) => prefix.replace('%', "%%"),
        })
        .collect()
}

const PREFIX: &str = "/usr/local";
const OTHER: &str = "/opt/50% of $all & more; é";

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        rng_seed: prop::test_runner::RngSeed::Fixed(252),
        ..ProptestConfig::with_cases(512)
    })]

    #[test]
    fn commands_read_back(args in prop::collection::vec(placed(), 0..6)) {
        let value = Value::Command {
            program: Placed::below_prefix("/bin/beacon"),
            args: args.clone(),
        };
        for (line, prefix) in [(lay_out(&value, PREFIX), PREFIX), (relocated(&value, OTHER).into(), OTHER)] {
            prop_assert!(is_one_line(&line), "{line:?}");
            let (program, read) = command(&line);
            prop_assert_eq!(program, format!("{prefix}/bin/beacon"));
            let want: Vec<String> = args.iter().map(|arg| arg.with_prefix(prefix)).collect();
            prop_assert_eq!(read, want, "{}", line);
        }
    }

    #[test]
    fn assignments_read_back(text in placed()) {
        let value = Value::Assignment {
            name: EnvName::parse("NAME").unwrap(),
            value: text.clone(),
        };
        for (line, prefix) in [(lay_out(&value, PREFIX), PREFIX), (relocated(&value, OTHER).into(), OTHER)] {
            prop_assert!(is_one_line(&line), "{line:?}");
            let want = format!("NAME={}", text.with_prefix(prefix));
            let read = words(&line);
            prop_assert_eq!(read.len(), 1, "{}", line);
            let Word::Text(read) = &read[0] else { panic!("{line:?}") };
            prop_assert_eq!(specifiers(read), want, "{}", line);
        }
    }

    #[test]
    fn paths_and_texts_read_back(text in carried()) {
        let path = Value::Path(Placed { pieces: vec![Piece::Prefix, Piece::Literal(format!("/{text}/"))] });
        let line = lay_out(&path, PREFIX);
        prop_assert!(is_one_line(&line), "{line:?}");
        prop_assert_eq!(specifiers(&line), format!("{PREFIX}/{text}/"));
        prop_assert_eq!(specifiers(&relocated(&path, OTHER)), format!("{OTHER}/{text}/"));
        prop_assert_eq!(specifiers(&lay_out(&Value::Text(Placed::from(text.as_str())), PREFIX)), text);
    }
}

#[test]
fn a_lone_semicolon_is_an_argument() {
    let value = Value::Command {
        program: "/bin/true".into(),
        args: vec![";".into(), "; ".into(), "a;".into()],
    };
    assert_eq!(lay_out(&value, PREFIX), r#"/bin/true \; "; " a;"#);
}

#[test]
fn text_that_looks_like_the_prefix_is_not_the_prefix() {
    let value = Value::Command {
        program: Placed::below_prefix("/bin/beacon"),
        args: vec!["/usr/local/share".into()],
    };
    assert_eq!(
        relocated(&value, "/opt/a b"),
        r#""/opt/a b/bin/beacon" /usr/local/share"#
    );
}
