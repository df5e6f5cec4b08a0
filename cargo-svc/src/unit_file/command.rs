//! Command lines: systemd.service(5), "Command lines".

#[cfg(test)]
mod tests;

use super::path::simplified;
use crate::escape::unit::is_blank;
use crate::escape::unit::words::{Split, WordError, ends_word, has_specifier, words};

/// One command of an `Exec…=` line. Specifiers and variables stand in it as they were written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// What the characters before the program say.
    pub prefix: Prefix,
    /// The program: a path without needless slashes, or a name to be looked up.
    pub program: String,
    /// The first argument, if it is not the program (`@`).
    pub argv0: Option<String>,
    /// The arguments after the first one.
    pub args: Vec<String>,
}

/// The characters before a program, in whatever order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Prefix {
    /// `-`: a failure counts as success.
    pub ignore_failure: bool,
    /// `:`: `$` means nothing.
    pub no_variables: bool,
    /// `+`, `!`, `!!`: with which rights it runs.
    pub rights: Rights,
    /// `|`: the user's shell runs it (since 258); `@` then makes that a login shell.
    pub shell: Option<Shell>,
}

/// With which rights a command runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Rights {
    /// Those of the unit.
    #[default]
    Unit,
    /// `+`: all of them.
    Full,
    /// `!`: the unit's sandbox, but not its user.
    SameUser,
    /// `!!`: the same where the kernel has no ambient capabilities.
    Ambient,
}

/// The shell that runs a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shell {
    /// `|`.
    Plain,
    /// `@|`.
    Login,
}

/// What is wrong with a command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandError {
    /// One sentence.
    pub reason: String,
    /// Whether systemd refuses the unit. It ignores the rest of the line if the program has a `-` before it.
    pub fatal: bool,
}

/// The commands of a line.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CommandLine {
    /// The commands before the first error.
    pub commands: Vec<Command>,
    /// Whether it has escapes that do not exist, which stand for themselves.
    pub unknown_escapes: bool,
    /// What is wrong with it.
    pub error: Option<CommandError>,
}

/// Reads a command line that is not empty.
///
/// ```
/// use cargo_svc::unit_file::command_line;
/// let line = command_line(r#"-/usr/bin/beacon "--name=A B" $OPTIONS ; /bin/true"#);
/// assert!(line.error.is_none());
/// assert!(line.commands[0].prefix.ignore_failure);
/// assert_eq!(line.commands[0].args, ["--name=A B", "$OPTIONS"]);
/// assert_eq!(line.commands[1].program, "/bin/true");
/// ```
pub fn command_line(line: &str) -> CommandLine {
    let mut found = CommandLine::default();
    let mut rest = line;
    loop {
        match command(rest, &mut found.unknown_escapes) {
            Ok(Some((command, after))) => {
                found.commands.extend(command);
                match after {
                    Some(after) => rest = after,
                    None => return found,
                }
            }
            Ok(None) => return found,
            Err(error) => {
                found.error = Some(error);
                return found;
            }
        }
    }
}

/// A command, and what follows if a `;` does. A `;` in place of a command is skipped.
type Found<'a> = Option<(Option<Command>, Option<&'a str>)>;

fn command<'a>(line: &'a str, unknown_escapes: &mut bool) -> Result<Found<'a>, CommandError> {
    // A first word that cannot be read does no more than end the line, unlike a later one.
    let Some((first, mut rest)) =
        next_word(line, unknown_escapes).map_err(|error| refusal(error, false))?
    else {
        return Ok(None);
    };
    if first == ";" {
        return Ok(Some((None, Some(rest.unwrap_or_default()))));
    }
    let (prefix, own_argv0, program) = prefixes(&first);
    let fatal = !prefix.ignore_failure;
    // A shell takes any command, also none.
    if prefix.shell.is_none() {
        check(program).map_err(|reason| CommandError { reason, fatal })?;
    }
    let mut args = Vec::new();
    let mut next = None;
    while let Some(text) = rest.filter(|rest| !rest.is_empty()) {
        if let Some(after) = text.strip_prefix(';').filter(|after| ends_word(after)) {
            next = Some(after.trim_start_matches(is_blank));
            break;
        }
        if let Some(after) = text.strip_prefix(r"\;").filter(|after| ends_word(after)) {
            args.push(";".to_owned());
            rest = Some(after.trim_start_matches(is_blank));
            continue;
        }
        let word = next_word(text, unknown_escapes).map_err(|error| refusal(error, fatal))?;
        let Some((word, after)) = word else { break };
        args.push(word);
        rest = after;
    }
    let argv0 = match own_argv0 {
        false => None,
        true if args.is_empty() => {
            return Err(CommandError {
                reason:
                    "`@` takes the word after the program for the first argument, and there is none"
                        .into(),
                fatal,
            });
        }
        true => Some(args.remove(0)),
    };
    let program = if prefix.shell.is_some() {
        program.to_owned()
    } else {
        simplified(program)
    };
    let command = Command {
        prefix,
        program,
        argv0,
        args,
    };
    Ok(Some((Some(command), next)))
}

/// The next word and what follows. One with an escape that does not exist is read again, with it standing for itself.
fn next_word<'a>(
    text: &'a str,
    unknown_escapes: &mut bool,
) -> Result<Option<(String, Option<&'a str>)>, WordError> {
    let once = |split| {
        let mut words = words(text, split);
        let word = words.next().transpose()?;
        Ok(word.map(|word| (word, words.rest())))
    };
    match once(Split::ESCAPED) {
        Err(WordError::Escape) => {
            let word = once(Split::ESCAPED.relaxed())?;
            *unknown_escapes = true;
            Ok(word)
        }
        other => other,
    }
}

fn refusal(error: WordError, fatal: bool) -> CommandError {
    CommandError {
        reason: error.to_string(),
        // Such bytes are no error to systemd.
        fatal: fatal && error != WordError::NotText,
    }
}

/// Splits the characters off that are no part of the program. A second one of a kind is.
fn prefixes(word: &str) -> (Prefix, bool, &str) {
    let (mut prefix, mut own_argv0) = (Prefix::default(), false);
    let mut shell = false;
    let mut rest = word;
    while let Some(c) = rest.chars().next() {
        match (c, prefix.rights) {
            ('-', _) if !prefix.ignore_failure => prefix.ignore_failure = true,
            ('@', _) if !own_argv0 => own_argv0 = true,
            (':', _) if !prefix.no_variables => prefix.no_variables = true,
            ('|', _) if !shell => shell = true,
            ('+', Rights::Unit) => prefix.rights = Rights::Full,
            ('!', Rights::Unit) => prefix.rights = Rights::SameUser,
            ('!', Rights::SameUser) => prefix.rights = Rights::Ambient,
            _ => break,
        }
        rest = &rest[1..];
    }
    if shell {
        prefix.shell = Some(if own_argv0 {
            Shell::Login
        } else {
            Shell::Plain
        });
    }
    (prefix, own_argv0 && !shell, rest)
}

/// What systemd checks of a program. What a specifier stands for cannot be known here.
fn check(program: &str) -> Result<(), String> {
    if program.is_empty() {
        return Err("there is no program".into());
    }
    if program
        .chars()
        .any(|c| c.is_ascii_control() || "\"'\\".contains(c))
    {
        return Err(format!(
            "a program cannot hold quotes, backslashes or control characters, as {program:?} does"
        ));
    }
    // 252 takes `/bin/.`, and then has a folder to run.
    let last = program.rsplit('/').next();
    if matches!(last, Some("" | "." | "..")) {
        return Err(format!("`{program}` is a folder, not a program"));
    }
    let specifier_first = program.starts_with('%') && has_specifier(program);
    if program.contains('/') && !program.starts_with('/') && !specifier_first {
        return Err(format!(
            "`{program}` is neither an absolute path nor a name without slashes"
        ));
    }
    Ok(())
}
