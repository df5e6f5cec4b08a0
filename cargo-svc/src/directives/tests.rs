use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;

const SAMPLES: &str = include_str!("samples.tsv");

fn directive(name: &str) -> &'static Directive {
    let (section, name) = name.split_once('.').expect("a section and a name");
    find(Section::parse(section).expect(section), name).expect(name)
}

#[test]
fn every_row_parses() {
    let mut count = 0;
    for row in table::rows() {
        count += table::parse(row).expect("the row parses").len();
    }
    assert_eq!(count, all().len());
    assert!(count > 700, "{count}");
}

#[test]
fn rows_are_sorted_and_no_directive_stands_twice() {
    let keys: Vec<_> = table::rows()
        .map(|row| row.split('\t').take(2).collect::<Vec<_>>())
        .collect();
    assert!(keys.is_sorted());
    let names: BTreeSet<_> = all().iter().map(|d| (d.section, d.name)).collect();
    assert_eq!(names.len(), all().len());
    for directive in all() {
        assert_eq!(find(directive.section, directive.name), Some(directive));
    }
}

#[test]
fn versions_are_those_of_systemd() {
    for directive in all() {
        let name = directive.name;
        assert!((180..=NEWEST).contains(&directive.since), "{name}");
        assert!(
            directive
                .until
                .is_none_or(|until| until >= directive.since.max(OLDEST)),
            "{name}"
        );
        for accepted in directive.values {
            assert!(
                (OLDEST..=262).contains(&accepted.since),
                "{name}: {}",
                accepted.word
            );
        }
    }
    let shares = directive("Service.CPUShares");
    assert!(shares.known_to(257) && !shares.known_to(262));
    assert!(
        directive("Service.RestartMode").known_to(254)
            && !directive("Service.RestartMode").known_to(253)
    );
    assert!(directive("Unit.After").known_to(247));
}

#[test]
fn aliases_lead_to_what_they_are_old_names_of() {
    for directive in all().iter().filter(|d| d.alias_of.is_some()) {
        let target = directive.alias().expect(directive.name);
        assert_eq!(target.alias_of, None, "{}", directive.name);
        assert_eq!(target.values, directive.values, "{}", directive.name);
    }
    assert_eq!(directive("Unit.BindTo").alias_of, Some("BindsTo"));
    assert_eq!(
        directive("Service.StartLimitBurst").alias_section,
        Section::Unit
    );
}

#[test]
fn what_is_read_and_what_it_is_agree() {
    for directive in all() {
        let name = directive.name;
        assert_eq!(directive.words, directive.split == Split::Escaped, "{name}");
        assert_eq!(
            directive.variables,
            name.starts_with("Exec") && directive.words,
            "{name}"
        );
        if let Repeat::Shared(family) = directive.repeat {
            let members = all()
                .iter()
                .filter(|d| d.section == directive.section && d.repeat == Repeat::Shared(family));
            assert!(members.count() > 1, "{name} is alone in {family}");
        }
    }
}

#[test]
fn words_and_defaults_of_the_table_pass() {
    for directive in all() {
        let takes_words = matches!(
            directive.kind,
            Kind::Word | Kind::Boolean | Kind::Integer | Kind::CpuSet
        );
        let words = directive.values.iter().map(|accepted| accepted.word);
        let ends = directive
            .range
            .map(|(low, high)| [low.to_string(), high.to_string()]);
        let ends = ends
            .filter(|_| directive.kind == Kind::Integer)
            .into_iter()
            .flatten();
        let listed = words
            .filter(|word| takes_words && !word.starts_with(':'))
            .map(str::to_owned);
        for value in listed
            .chain(ends)
            .chain(directive.default.map(str::to_owned))
        {
            assert_eq!(directive.check(&value), Ok(()), "{}", directive.name);
        }
    }
}

#[test]
fn the_samples_are_told_apart() {
    let mut kinds = BTreeSet::new();
    for line in SAMPLES.lines().filter(|line| !line.starts_with('#')) {
        let cells: Vec<_> = line.split('\t').collect();
        let directive = directive(cells[0]);
        kinds.insert(directive.kind);
        let found = directive.check(cells[2]);
        assert_eq!(found.is_ok(), cells[1] == "good", "{line}: {found:?}");
    }
    // Those of [Install] are read by systemctl alone.
    let rest: Vec<_> = Kind::ALL
        .iter()
        .filter(|kind| !kinds.contains(kind))
        .collect();
    assert_eq!(rest, [&Kind::UnitAliases]);
}

#[test]
fn an_error_names_the_directive_and_what_is_accepted() {
    for (name, value, parts) in [
        ("Service.Restart", "sometimes", ["`Restart=`", "on-failure"]),
        ("Service.PrivateTmp", "maybe", ["yes or no", "disconnected"]),
        ("Service.Nice", "20", ["out of range", "from -20 to 19"]),
        ("Service.MemoryMax", "12Q", ["`12Q`", "512M"]),
        (
            "Service.ExecStart",
            "bin/x",
            ["`bin/x`", "an absolute path"],
        ),
        (
            "Service.Slice",
            "a.service",
            ["another type", "ends in .slice"],
        ),
        (
            "Service.RestrictNamespaces",
            "x",
            ["`x`", "yes, no, or some of"],
        ),
        ("Service.Type", "", ["an empty value", "notify"]),
        (
            "Unit.Description",
            "%Q",
            ["`%Q` is no specifier", "expected text"],
        ),
        (
            "Unit.After",
            "a\nb",
            ["more than one line", "names of units"],
        ),
    ] {
        let error = directive(name).check(value).expect_err(name);
        for part in parts {
            assert!(error.contains(part), "{error}");
        }
    }
}

#[test]
fn install_is_checked_too() {
    for (name, good, bad) in [
        (
            "Install.WantedBy",
            "multi-user.target default.target",
            "multi-user",
        ),
        ("Install.Alias", "dbus-org.example.service", "a/b.service"),
        ("Install.DefaultInstance", "tty1", "a b"),
    ] {
        assert_eq!(directive(name).check(good), Ok(()), "{name}");
        assert!(directive(name).check(bad).is_err(), "{name}");
    }
}

#[test]
fn a_value_may_need_a_newer_version_than_its_directive() {
    for (name, value, since) in [
        ("Service.Type", "notify", 247),
        ("Service.Type", "notify-reload", 253),
        ("Service.RestartMode", "debug", 257),
        ("Service.RestartMode", "normal", 254),
        ("Service.StandardOutput", "truncate:/x", 248),
        ("Service.StandardOutput", "append:/x", 247),
        ("Service.StateDirectory", "a:b", 251),
        ("Service.StateDirectory", "a", 235),
        ("Service.SystemCallFilter", "~@sandbox", 254),
        ("Service.SystemCallFilter", "~@known:EPERM", 248),
        ("Service.RestrictAddressFamilies", "none", 249),
        ("Service.ExecStart", "/bin/x %d", 251),
        ("Service.ExecStart", "/bin/x %%d %h", 247),
        ("Service.ExecStart", "@|/bin/x a", 258),
        ("Service.ExecStart", "/bin/x | y", 247),
        ("Service.ProtectHostname", "yes:beacon", 258),
    ] {
        let found = directive(name).since_of_value(value);
        assert_eq!(found.max(OLDEST), since.max(OLDEST), "{name}={value}");
    }
}

#[test]
fn names_are_found_where_they_belong() {
    assert_eq!(sections_of("After"), [Section::Unit]);
    assert_eq!(
        sections_of("ExecStartPre"),
        [Section::Service, Section::Socket]
    );
    assert_eq!(sections_of("execstart"), []);
    assert_eq!(nearest(Section::Service, "RestartSecs"), Some("RestartSec"));
    assert_eq!(nearest(Section::Service, "exec_start"), Some("ExecStart"));
    assert_eq!(nearest(Section::Unit, "Wibble"), None);
    assert!(is_extension("X-Beacon") && !is_extension("After"));
    assert_eq!(Section::Socket.to_string(), "[Socket]");
}

proptest! {
    #[test]
    fn nothing_panics(at in 0..all().len(), value in "\\PC{0,30}|[-+~!|:;%$\\\\\"'/.,=@\\[\\]a-zA-Z0-9 \t\n]{0,40}") {
        let directive = &all()[at];
        let _ = directive.check(&value);
        prop_assert!(directive.since_of_value(&value) >= directive.since);
    }

    #[test]
    fn a_mangled_sample_does_not_panic(at in any::<prop::sample::Index>(), cut in any::<prop::sample::Index>(), put in "[%:\\\\\"é;~]") {
        let lines: Vec<_> = SAMPLES.lines().filter(|line| !line.starts_with('#')).collect();
        let cells: Vec<_> = lines[at.index(lines.len())].split('\t').collect();
        let mut chars: Vec<char> = cells[2].chars().collect();
        let place = cut.index(chars.len() + 1);
        chars.splice(place..place, put.chars());
        let _ = directive(cells[0]).check(&chars.into_iter().collect::<String>());
    }
}
