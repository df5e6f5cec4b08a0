use proptest::prelude::*;

use super::*;

fn good(line: &str) -> Vec<Command> {
    let found = command_line(line);
    assert_eq!(found.error, None, "{line}");
    found.commands
}

fn one(line: &str) -> Command {
    let mut commands = good(line);
    assert_eq!(commands.len(), 1, "{line}");
    commands.remove(0)
}

fn refused(line: &str) -> (String, bool) {
    let error = command_line(line)
        .error
        .unwrap_or_else(|| panic!("{line:?} is taken"));
    (error.reason, error.fatal)
}

#[test]
fn a_program_and_its_arguments() {
    let command = one(r#"//usr/./bin/x "a b" 'c' d\te $FOO ${BAR} %i %% ''"#);
    assert_eq!(command.program, "/usr/bin/x");
    assert_eq!(
        command.args,
        ["a b", "c", "d\te", "$FOO", "${BAR}", "%i", "%%", ""]
    );
    assert_eq!(command.prefix, Prefix::default());
    assert_eq!(command.argv0, None);
    assert_eq!(one("sh -c x").program, "sh");
    assert_eq!(one(r#""/opt/a b/x" y"#).program, "/opt/a b/x");
    assert_eq!(one(r"/opt/a\x20b y").program, "/opt/a b");
    assert_eq!(one("/a/../b").program, "/a/../b");
    assert_eq!(one("%h/bin/x").program, "%h/bin/x");
}

#[test]
fn prefixes_come_in_any_order() {
    let command = one("-@:+/bin/x argv0 a");
    assert!(command.prefix.ignore_failure && command.prefix.no_variables);
    assert_eq!(command.prefix.rights, Rights::Full);
    assert_eq!(command.argv0.as_deref(), Some("argv0"));
    assert_eq!(command.args, ["a"]);
    assert_eq!(one(":-+/bin/x").prefix, one("+:-/bin/x").prefix);
    assert_eq!(one("!/bin/x").prefix.rights, Rights::SameUser);
    assert_eq!(one("!!/bin/x").prefix.rights, Rights::Ambient);
    assert_eq!(one("!-!/bin/x").prefix.rights, Rights::Ambient);
    // They are read after the quotes.
    assert!(one(r#""-/bin/x""#).prefix.ignore_failure);
    assert_eq!(one("@/bin/x '' a").argv0.as_deref(), Some(""));
}

#[test]
fn a_shell_takes_any_first_word() {
    let command = one("|echo hello");
    assert_eq!(
        (command.program.as_str(), command.prefix.shell),
        ("echo", Some(Shell::Plain))
    );
    assert_eq!(command.args, ["hello"]);
    let login = one("@|a/b c");
    assert_eq!(
        (login.program.as_str(), login.prefix.shell),
        ("a/b", Some(Shell::Login))
    );
    assert_eq!(login.argv0, None);
    assert_eq!(one("-|").program, "");
}

#[test]
fn semicolons_separate_commands() {
    let commands = good("/bin/a x ; -/bin/b ;; ; ; /bin/c \\; y\\; ';' \";\" z;");
    let programs: Vec<_> = commands.iter().map(|c| c.program.as_str()).collect();
    assert_eq!(programs, ["/bin/a", "/bin/b", "/bin/c"]);
    assert_eq!(commands[1].args, [";;"]);
    assert_eq!(commands[2].args, [";", "y\\;", ";", ";", "z;"]);
    assert_eq!(good(";"), []);
    assert_eq!(good("/bin/a ;").len(), 1);
    // An unquoted one glued to a word is a part of it.
    assert_eq!(one("/bin/a x;").args, ["x;"]);
    assert_eq!(one("/bin/a ;x").args, [";x"]);
}

#[test]
fn an_escape_that_does_not_exist_stands_for_itself() {
    let found = command_line(r"/bin/x \d+\.\d \x41 a\\");
    assert!(found.unknown_escapes);
    assert_eq!(found.commands[0].args, [r"\d+\.\d", "A", "a\\"]);
    assert!(!command_line(r"/bin/x \; a").unknown_escapes);
}

#[test]
fn what_systemd_refuses_is_refused_with_the_reason() {
    for (line, part, fatal) in [
        ("/bin/x 'a", "a quote is not closed", true),
        ("-/bin/x 'a", "a quote is not closed", false),
        // In the first word it does not matter more.
        ("'/bin/x", "a quote is not closed", false),
        ("bin/x", "neither an absolute path", true),
        ("-bin/x", "neither an absolute path", false),
        ("%%/x", "neither an absolute path", true),
        ("a%i/x", "neither an absolute path", true),
        ("/bin/", "is a folder", true),
        (".", "is a folder", true),
        ("/bin/.", "is a folder", true),
        ("/bin/..", "is a folder", true),
        ("+!/bin/x", "neither an absolute path", true),
        ("--/bin/x", "neither an absolute path", false),
        ("@/bin/x", "there is none", true),
        ("@/bin/x ; a", "there is none", true),
        ("-", "there is no program", false),
        ("''", "there is no program", true),
        (r#"/bin/a\"b"#, "cannot hold quotes", true),
        (r"/bin/a\tb", "cannot hold quotes", true),
        (r"\; a", "cannot hold quotes", true),
    ] {
        let (reason, is_fatal) = refused(line);
        assert!(reason.contains(part), "{line}: {reason}");
        assert_eq!(is_fatal, fatal, "{line}");
    }
    // The commands before stay.
    let found = command_line("/bin/a ; bin/b ; /bin/c");
    assert_eq!(found.commands.len(), 1);
    assert!(found.error.is_some());
}

proptest! {
    #[test]
    fn nothing_panics(line in "(\\PC|[-@:+!|;/ \"'\\\\a]){0,40}") {
        command_line(&line);
    }
}
