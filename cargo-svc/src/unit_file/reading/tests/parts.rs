//! Values that fall into parts: variables, operations, conditions, commands.

use super::*;

#[test]
fn variables() {
    let variable = |name: &str, value: &str| Value::Variable {
        name: name.into(),
        value: value.into(),
    };
    assert_eq!(
        reading(
            Read::Variables,
            r#"A=b c "D=e f" G='h i'"j" K=\x41\n L=$M%i N= _1=="#
        )
        .values,
        [
            variable("A", "b"),
            variable("D", "e f"),
            variable("G", "h ij"),
            variable("K", "A\n"),
            variable("L", "$M%i"),
            variable("N", ""),
            variable("_1", "="),
        ]
    );
    for text in ["A", "=b", "1A=b", "A-B=c", "É=b", r"A=\xff", r"A=\ufdd0"] {
        assert_eq!(
            wrong(Read::Variables, text).0,
            Outcome::WordIgnored,
            "{text}"
        );
    }
    assert_eq!(
        reading(Read::Variables, "A%i=b").values,
        [variable("A%i", "b")]
    );
    // What stands before a word that cannot be read counts, what stands behind it does not.
    for text in [r"A=b C=\q D=e", "A=b C='d D=e"] {
        let found = reading(Read::Variables, text);
        assert_eq!(found.values, [variable("A", "b")], "{text}");
        assert_eq!(found.complaints[0].outcome, Outcome::Ignored);
    }
}

#[test]
fn operations() {
    let how = Read::Operations(Split::QUOTED);
    assert_eq!(shown(how, "A B"), ["A", "B"]);
    assert_eq!(shown(how, "~A 'B'"), ["~A", "~B"]);
    assert_eq!(shown(how, "~"), ["~"]);
    let families = Read::AddressFamilies;
    assert_eq!(shown(families, "none"), ["none"]);
    assert!(reading(families, "none").resets && !reading(families, "A none").resets);
    assert!(!reading(how, "none").resets);
    let caps = Read::Capabilities {
        empty_is_none: true,
    };
    assert_eq!(
        shown(caps, "~cap_kill CAP_CHOWN"),
        ["~CAP_KILL", "~CAP_CHOWN"]
    );
    assert!(reading(caps, "").resets && reading(caps, "~").resets && !reading(caps, "~A").resets);
    assert_eq!(shown(caps, ""), [""]);
    assert_eq!(
        shown(Read::SwitchOrOperations, "~user mnt"),
        ["~user", "~mnt"]
    );
    assert_eq!(shown(Read::SwitchOrOperations, "true"), ["yes"]);
    assert!(reading(Read::SwitchOrOperations, "true").resets);
    assert_eq!(wrong(how, "A ''").0, Outcome::WordIgnored);
    assert_eq!(shown(Read::Delegate, "cpu memory"), ["cpu", "memory"]);
    assert_eq!(reading(Read::Delegate, "yes").values, [Value::Bool(true)]);
    assert_eq!(
        reading(Read::Delegate, "").values,
        [Value::Word(String::new())]
    );
}

#[test]
fn conditions() {
    let condition = |trigger, negate, text: &str| Value::Condition {
        trigger,
        negate,
        text: text.into(),
    };
    assert_eq!(
        reading(Read::PathCondition, "|!/a//b/").values,
        [condition(true, true, "/a/b")]
    );
    assert_eq!(
        reading(Read::PathCondition, "/a b").values,
        [condition(false, false, "/a b")]
    );
    // Blanks after the marks belong to a path, and make it none.
    assert_eq!(wrong(Read::PathCondition, "! /a").0, Outcome::Ignored);
    assert_eq!(
        reading(Read::Condition, "| ! vm").values,
        [condition(true, true, "vm")]
    );
    assert_eq!(
        reading(Read::Condition, "!|vm").values,
        [condition(false, true, "|vm")]
    );
}

#[test]
fn commands() {
    assert_eq!(
        shown(Read::Commands, "-/bin/a 'b c' ; @/bin/d e"),
        ["-/bin/a \"b c\"", "@/bin/d e"]
    );
    assert_eq!(
        wrong(Read::Commands, r"/bin/a \d").0,
        Outcome::TakenAsItStands
    );
    assert_eq!(wrong(Read::Commands, "bin/a").0, Outcome::Refused);
    assert_eq!(wrong(Read::Commands, "-bin/a").0, Outcome::Ignored);
    // What is no text is kept as it was written.
    assert_eq!(
        reading(Read::Commands, r"/bin/a ; /bin/b \xff").values,
        [Value::Text(r"/bin/a ; /bin/b \xff".into())]
    );
}
