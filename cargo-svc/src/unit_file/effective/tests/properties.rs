//! What holds for every unit.

use std::path::Path;

use proptest::prelude::*;

use super::warned;
use super::write::written;
use crate::diagnostics::Report;
use crate::directives::Section;
use crate::escape::unit::words::{literal_argument, literal_text};
use crate::escape::unit::{is_refused, lay_out};
use crate::plan::systemd::{Placed, Value as Planned};
use crate::service::EnvName;
use crate::unit_file::{Effective, UnitKind, UnitName, Value, compare, effective, read};

/// A directive of each grammar.
const KEYS: [(Section, &str); 44] = [
    (Section::Unit, "Description"),
    (Section::Unit, "Documentation"),
    (Section::Unit, "After"),
    (Section::Unit, "RequiresMountsFor"),
    (Section::Unit, "ConditionPathExists"),
    (Section::Unit, "ConditionHost"),
    (Section::Unit, "JobTimeoutSec"),
    (Section::Unit, "StartLimitInterval"),
    (Section::Unit, "Bogus"),
    (Section::Install, "WantedBy"),
    (Section::Install, "Also"),
    (Section::Install, "DefaultInstance"),
    (Section::Service, "ExecStart"),
    (Section::Service, "ExecStartPre"),
    (Section::Service, "Environment"),
    (Section::Service, "EnvironmentFile"),
    (Section::Service, "PassEnvironment"),
    (Section::Service, "UnsetEnvironment"),
    (Section::Service, "TimeoutSec"),
    (Section::Service, "TimeoutStopSec"),
    (Section::Service, "RestartSec"),
    (Section::Service, "PrivateTmp"),
    (Section::Service, "UMask"),
    (Section::Service, "WorkingDirectory"),
    (Section::Service, "RootDirectory"),
    (Section::Service, "ReadWritePaths"),
    (Section::Service, "ReadWriteDirectories"),
    (Section::Service, "BindPaths"),
    (Section::Service, "BindReadOnlyPaths"),
    (Section::Service, "TemporaryFileSystem"),
    (Section::Service, "StateDirectory"),
    (Section::Service, "ExecSearchPath"),
    (Section::Service, "LoadCredential"),
    (Section::Service, "CapabilityBoundingSet"),
    (Section::Service, "RestrictNamespaces"),
    (Section::Service, "RestrictAddressFamilies"),
    (Section::Service, "SystemCallFilter"),
    (Section::Service, "SuccessExitStatus"),
    (Section::Service, "LimitNOFILE"),
    (Section::Service, "MemoryMax"),
    (Section::Service, "TasksMax"),
    (Section::Service, "KillSignal"),
    (Section::Service, "Delegate"),
    (Section::Service, "DeviceAllow"),
];

/// Values with plenty of what means something to systemd.
fn value() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "a", "b", "A=", "/", "/x", "//", ".", "..", " ", "\t", "\"", "'", "\\", "\\\\", "\\x41",
        "\\n", "\\u00e9", ":", ";", " ; ", "%", "%%", "%i", "$", "$$", "${A}", "~", "-", "+", "@",
        "!", "|", "yes", "no", "infinity", "none", "5", "10", "s", "M", "CAP_KILL", "é", "#",
        "norbind", "file:", "man:",
    ]);
    prop::collection::vec(piece, 0..10).prop_map(|pieces| pieces.concat())
}

fn units() -> impl Strategy<Value = String> {
    let line = (prop::sample::select(KEYS.to_vec()), value())
        .prop_map(|((section, key), value)| format!("[{}]\n{key}={value}\n", section.word()));
    prop::collection::vec(line, 0..12).prop_map(|lines| lines.concat())
}

/// Each value with its key.
fn meaning(unit: &Effective) -> Vec<(Section, &str, &Value)> {
    let all = unit.assigned().iter();
    all.map(|one| (one.section, one.key.as_str(), &one.value))
        .collect()
}

/// Any text that a unit can carry.
fn carried() -> impl Strategy<Value = String> {
    let special = prop::sample::select(vec![
        '%', '$', '"', '\'', '\\', ';', '#', ' ', '\t', '-', '@', ':', '+', '!', '=', '{', '}',
        '~', 'n', 'x', 'i', 'é', '\u{85}', '\u{feff}',
    ]);
    let any = any::<char>().prop_filter("systemd cannot carry it", |c| !is_refused(*c));
    prop::collection::vec(prop_oneof![3 => special, 1 => any], 0..24)
        .prop_map(|chars| chars.into_iter().collect())
}

/// A service of one line in each of these sections, in which nothing may be wrong.
fn one_line(section: Section, key: &str, value: &Planned) -> Effective {
    let text = format!("[{}]\n{key}={}\n", section.word(), lay_out(value, "/usr"));
    let (unit, said) = warned("a.service", &text);
    assert!(said.is_empty(), "{said:?} {text}");
    unit
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        rng_seed: prop::test_runner::RngSeed::Fixed(252),
        ..ProptestConfig::with_cases(1024)
    })]

    #[test]
    fn what_is_written_again_means_the_same(text in units()) {
        let (first, _) = warned("a.service", &text);
        // Without quotes, no line can end in a word that ends in a blank.
        prop_assume!(!first.assigned().iter().any(|one| match &one.value {
            Value::Word(word) | Value::Operation { word, .. } => word.ends_with([' ', '\t']),
            _ => false,
        }));
        let again = written(&first);
        let (second, _) = warned("a.service", &again);
        prop_assert_eq!(meaning(&first), meaning(&second), "{}", again);
        prop_assert_eq!(compare(&first, &second), []);
    }

    #[test]
    fn our_own_commands_read_back(args in prop::collection::vec(carried(), 0..6)) {
        let value = Planned::Command {
            program: Placed::from("/opt/a b/50%/$x"),
            args: args.iter().map(|arg| Placed::from(arg.as_str())).collect(),
        };
        let unit = one_line(Section::Service, "ExecStart", &value);
        let Some(Value::Command(command)) = unit.value(Section::Service, "ExecStart") else {
            panic!("{unit:?}")
        };
        prop_assert_eq!(literal_text(&command.program), Some("/opt/a b/50%/$x".to_owned()));
        let read: Vec<_> = command.args.iter().map(|arg| literal_argument(arg)).collect();
        prop_assert_eq!(read, args.into_iter().map(Some).collect::<Vec<_>>());
    }

    #[test]
    fn our_own_variables_read_back(text in carried()) {
        let value = Planned::Assignment {
            name: EnvName::parse("NAME").expect("a name"),
            value: Placed::from(text.as_str()),
        };
        let unit = one_line(Section::Service, "Environment", &value);
        let Some(Value::Variable { name, value }) = unit.value(Section::Service, "Environment") else {
            panic!("{unit:?}")
        };
        prop_assert_eq!((name.as_str(), literal_text(value)), ("NAME", Some(text)));
    }

    #[test]
    fn our_own_words_read_back(texts in prop::collection::vec(carried(), 1..4)) {
        // The manifest refuses control characters; a path has no folder above itself in it.
        let paths: Vec<_> = texts
            .iter()
            .map(|text| format!("/a{}/z", text.replace('/', "-").replace(char::is_control, "")))
            .collect();
        let words = paths.iter().map(|path| Placed::from(path.as_str())).collect();
        let unit = one_line(Section::Service, "ReadWritePaths", &Planned::Words(words));
        let read: Vec<_> = unit
            .values(Section::Service, "ReadWritePaths")
            .into_iter()
            .map(|value| match value {
                Value::Path(path) => literal_text(path),
                other => panic!("{other:?}"),
            })
            .collect();
        prop_assert_eq!(read, paths.into_iter().map(Some).collect::<Vec<_>>());
    }

    #[test]
    fn our_own_folders_read_back(text in carried()) {
        // The manifest refuses what no folder on Windows can be called.
        let odd = |c: char| c.is_control() || "<>:\"|?*".contains(c);
        let text = format!("a{}z", text.replace('/', "-").replace(odd, ""));
        let words = Planned::Words(vec![Placed::from(text.as_str())]);
        let unit = one_line(Section::Service, "StateDirectory", &words);
        let Some(Value::Fields(read)) = unit.value(Section::Service, "StateDirectory") else {
            panic!("{unit:?}")
        };
        prop_assert_eq!(read.iter().map(|part| literal_text(part)).collect::<Vec<_>>(), [Some(text)]);
    }

    #[test]
    fn our_own_paths_and_texts_read_back(text in carried()) {
        let path = format!("/a{}/z", text.replace('/', "-"));
        let unit = one_line(Section::Service, "WorkingDirectory", &Planned::Path(Placed::from(path.as_str())));
        let Some(Value::Path(read)) = unit.value(Section::Service, "WorkingDirectory") else {
            panic!("{unit:?}")
        };
        prop_assert_eq!(literal_text(read), Some(path));
        let text = format!("a{text}z");
        let unit = one_line(Section::Unit, "Description", &Planned::Text(Placed::from(text.as_str())));
        let Some(Value::Text(read)) = unit.value(Section::Unit, "Description") else {
            panic!("{unit:?}")
        };
        prop_assert_eq!(literal_text(read), Some(text));
    }

    #[test]
    fn nothing_panics(
        text in "(\\PC|[\\[\\]=\\\\\n\"'%$:;~ ]|\\[Service\\]\n|\nExecStart=|\nEnvironment=|\nBindPaths=){0,40}",
    ) {
        for kind in UnitKind::ALL {
            let file = format!("a.{}", kind.suffix());
            let mut report = Report::default();
            let name = UnitName::parse(&file).expect("a name");
            if let Some(unit) = read(Path::new(&file), name, text.as_bytes(), &mut report) {
                let unit = effective(&unit, &mut report);
                prop_assert_eq!(compare(&unit, &unit), []);
            }
        }
    }
}
