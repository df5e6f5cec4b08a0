//! Whether systemd takes a value: one function for each grammar, after the parsers of systemd itself.

mod calendar;
pub(super) mod command;
mod image;
mod limit;
mod name;
mod net;
pub(super) mod number;
mod path;
mod set;
pub(super) mod specifier;
mod stream;
pub(super) mod unheard;
mod words;

use self::words::{Rules, Words};
use super::{Directive, Kind, Repeat, Split};
use crate::service::TimeSpan;

type Found = Result<(), String>;

pub(super) fn check(directive: &Directive, value: &str) -> Found {
    let value = value.trim_matches([' ', '\t', '\n', '\r']);
    let found = if value.contains(['\n', '\r', '\0']) {
        Err("it is more than one line".to_owned())
    } else if value.is_empty() {
        empty(directive)
    } else {
        by_kind(directive, value)
    };
    found.map_err(|what| {
        // What an escape stands for is not for a terminal.
        let what: String = what
            .chars()
            .map(|c| if c.is_control() { '?' } else { c })
            .collect();
        let shown = if value.is_empty() {
            "an empty value"
        } else {
            value
        };
        let (name, accepts) = (directive.name, directive.accepts());
        format!("`{name}=` does not take `{shown}`: {what}; expected {accepts}")
    })
}

/// An empty value takes back what was assigned before, but not everywhere.
fn empty(directive: &Directive) -> Found {
    if directive.resets || directive.repeat == Repeat::ListNoReset {
        Ok(())
    } else {
        Err("nothing is taken back that way".to_owned())
    }
}

fn by_kind(directive: &Directive, value: &str) -> Found {
    use Kind as K;
    if is_word(directive, value) {
        return Ok(());
    }
    let each = |test: &dyn Fn(&str) -> Found| each(directive, value, test);
    let whole = |test: &dyn Fn(&str) -> Found| leaf(directive, value, test);
    match directive.kind {
        K::Text => whole(&|_| Ok(())),
        K::Ascii => whole(&name::ascii),
        K::Instance => whole(&name::instance),
        K::ControlGroup => name::control_group(value),
        K::Word => Err("it is none of the words".to_owned()),
        K::Boolean => switch(directive, value),
        K::Integer => whole(&|text| number::integer(text, directive.range)),
        K::Time => whole(&|text| number::time(text, directive.range)),
        K::Quota => number::quota(value),
        K::Nanoseconds => number::nanoseconds(value),
        K::Size => number::size(value, 1024).map(|_| ()),
        K::Memory => number::memory(value, directive),
        K::Percent => number::percent(value, directive.range.is_some()),
        K::TaskLimit => number::tasks(value),
        K::Mode => number::mode(value),
        K::LimitBytes => limit::bytes(value),
        K::LimitNumber => limit::count(value),
        K::LimitTime => limit::time(value),
        K::LimitNice => limit::nice(value),
        K::CpuSet => whole(&number::cpu_set),

        K::Path => whole(&path::absolute),
        K::PlainPath => whole(&path::plain),
        K::OptionalPath => whole(&path::optional),
        K::RunPath => whole(&path::in_run),
        K::WorkingDirectory => whole(&path::working_directory),
        K::Paths => each(&path::absolute),
        K::SandboxPaths => path::sandbox(directive, value),
        K::SearchPath => path::search(directive, value),
        K::ConditionPath => path::condition(directive, value),
        K::Condition => condition(directive, value),
        K::BindPaths => path::bind(directive, value),
        K::TemporaryFileSystems => path::temporary(directive, value),
        K::Directories => path::directories(directive, value),
        K::OpenFile => path::open_file(directive, value),
        K::DeviceAccess => path::device_access(directive, value),
        K::DeviceLatency => {
            path::device(directive, value, &|text| TimeSpan::parse(text).map(|_| ()))
        }
        K::DeviceLimit => path::device(directive, value, &number::rate),
        K::DeviceWeight => path::device(directive, value, &|text| {
            number::integer(text, Some((1, 10_000)))
        }),
        K::BpfProgram => path::bpf_program(directive, value),

        K::MountOptions | K::Images => image::images(directive, value),
        K::ImagePolicy => image::policy(value),
        K::RootHash => image::hash(value),
        K::RootHashSignature => image::signature(value),

        K::Command => command::command(value),
        K::Environment => each(&name::assignment),
        K::EnvironmentNames => each(&name::variable),
        K::EnvironmentParts => {
            each(&|text| name::variable(text).or_else(|_| name::assignment(text)))
        }
        K::LogFields => each(&name::log_field),
        K::Unit => name::one_unit(directive, value),
        K::Units | K::UnitAliases => name::units(directive, value),
        K::Urls => each(&name::url),
        K::User => whole(&name::user),
        K::Users => each(&name::user),
        K::FdName => whole(&name::fd),
        K::BusName => whole(&name::bus),
        K::Label => name::label(directive, value),
        K::CredentialSource => name::credential_source(directive, value),
        K::CredentialGlob => name::credential_glob(directive, value),
        K::CredentialData => name::credential_data(directive, value),
        K::CredentialSecret => name::credential_secret(directive, value),
        K::XAttr => whole(&name::xattr),
        K::Names => each(&name::plain),
        K::Pattern => name::pattern(value),

        K::Interface => whole(&net::interface),
        K::AlternativeInterface => whole(&net::alternative_interface),
        K::UnixSocket => whole(&net::unix_socket),
        K::Interfaces => each_away(directive, value, &net::alternative_interface),
        K::AddressPrefixes => each(&net::prefix),
        K::SocketAddress => whole(&|text| net::socket_address(text)),
        K::Netlink => whole(&net::netlink),
        K::SocketBind => net::socket_bind(value),
        K::NftSets => each(&net::nft_set),

        K::Words => set::words(directive, value),
        K::AddressFamilies => each_away(directive, value, &|text| member(directive, text)),
        K::FileSystems => each_away(directive, value, &|text| set::file_system(directive, text)),
        K::Capabilities => each_away(directive, value, &|text| set::capability(directive, text)),
        K::SystemCalls => set::system_calls(directive, value),
        K::Errno => set::errno(directive, value),
        K::Signal => set::signal(value),
        K::ExitStatuses => each(&|text| set::exit_status(directive, text)),

        K::Input | K::Output => stream::stream(directive, value),
        K::InputText => stream::text(directive, value),
        K::InputData => stream::base64(value),
        K::Calendar => whole(&calendar::calendar),
    }
}

/// Whether a value is one of the words of a directive that takes words. Others list what stands in a value.
fn is_word(directive: &Directive, value: &str) -> bool {
    use Kind as K;
    let words = matches!(
        directive.kind,
        K::AddressFamilies
            | K::Boolean
            | K::CpuSet
            | K::Errno
            | K::Input
            | K::Integer
            | K::Interface
            | K::Output
            | K::Quota
            | K::Word
    );
    words && !value.ends_with(':') && listed(directive, value)
}

/// A boolean, which may have a text of its own after a colon where the table says so.
fn switch(directive: &Directive, value: &str) -> Found {
    let on = |text: &str| yes_or_no(text).is_some() || listed(directive, text);
    match value.split_once(':') {
        Some((word, text)) if on(word) && listed(directive, ":") => {
            leaf(directive, text, &|_| Ok(()))
        }
        None if on(value) => Ok(()),
        _ => Err("it is no boolean".to_owned()),
    }
}

/// Whether a text is one of the words that the table lists.
fn listed(directive: &Directive, text: &str) -> bool {
    directive
        .values
        .iter()
        .any(|accepted| accepted.word == text)
}

fn member(directive: &Directive, text: &str) -> Found {
    if listed(directive, text) {
        Ok(())
    } else {
        Err(format!("`{text}` is not known"))
    }
}

/// A part of a value, after its specifiers were expanded. What only the machine knows may be right.
fn leaf(directive: &Directive, value: &str, test: &dyn Fn(&str) -> Found) -> Found {
    if !directive.specifiers {
        return test(value);
    }
    let expanded = specifier::expand(value)?;
    match test(&expanded.text) {
        Err(_) if expanded.open => Ok(()),
        found => found,
    }
}

/// Each word of a value.
fn each(directive: &Directive, value: &str, test: &dyn Fn(&str) -> Found) -> Found {
    let rules = match directive.split {
        Split::Line => return leaf(directive, value, test),
        Split::Bare => Rules::BARE,
        Split::Quoted => Rules::QUOTED,
        Split::Escaped => Rules::ESCAPED,
    };
    for word in Words::new(value, rules) {
        leaf(directive, &word?, test)?;
    }
    Ok(())
}

/// Each word of a value that may begin with a `~`.
fn each_away(directive: &Directive, value: &str, test: &dyn Fn(&str) -> Found) -> Found {
    each(directive, value.strip_prefix('~').unwrap_or(value), test)
}

/// What systemd calls a boolean, in any case.
pub(crate) fn yes_or_no(text: &str) -> Option<bool> {
    let is_one_of = |words: [&str; 6]| words.iter().any(|word| word.eq_ignore_ascii_case(text));
    if is_one_of(["1", "yes", "y", "true", "t", "on"]) {
        return Some(true);
    }
    is_one_of(["0", "no", "n", "false", "f", "off"]).then_some(false)
}

/// What stands after `|` and `!`.
fn condition(directive: &Directive, value: &str) -> Found {
    let value = value.strip_prefix('|').map_or(value, str::trim_start);
    let value = value.strip_prefix('!').map_or(value, str::trim_start);
    leaf(directive, value, &|_| Ok(()))
}
