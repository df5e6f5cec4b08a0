//! From a row of the table of directives to a parser.

use super::{Keep, Read, Rule, Unit};
use crate::directives::{Directive, Kind, Repeat, Section};
use crate::escape::unit::words::Split;

/// The parser of a directive.
pub(crate) fn rule_of(directive: &Directive) -> Rule {
    let list = match directive.repeat {
        Repeat::Shared(family) => Some(family),
        _ => None,
    };
    Rule {
        read: read_of(directive),
        keep: keep_of(directive),
        fatal: is_fatal(directive),
        list,
    }
}

fn is_fatal(directive: &Directive) -> bool {
    matches!(directive.kind, Kind::User | Kind::Users)
        || matches!(
            directive.name,
            "DynamicUser" | "RootDirectory" | "RootImage" | "RootVerity"
        )
}

fn read_of(directive: &Directive) -> Read {
    use Kind as K;
    match directive.kind {
        K::AddressFamilies => Read::AddressFamilies,
        K::AddressPrefixes | K::ExitStatuses | K::Users => Read::Words(Split::UNQUOTED),
        K::BindPaths => Read::Binds,
        K::Boolean => Read::Bool,
        K::Capabilities => Read::Capabilities {
            // No capability is what a unit gets anyway as ambient ones.
            empty_is_none: directive.name == "CapabilityBoundingSet",
        },
        K::Command => Read::Commands,
        K::Condition => Read::Condition,
        K::ConditionPath => Read::PathCondition,
        K::CpuSet => Read::Words(Split::PROCESSORS),
        K::CredentialData | K::CredentialSecret => Read::Data,
        K::CredentialSource => Read::Source,
        K::DeviceAccess => Read::DeviceAccess,
        K::DeviceLatency | K::DeviceLimit | K::DeviceWeight => Read::Device,
        K::Directories => Read::Folders,
        K::Environment => Read::Variables,
        K::EnvironmentNames => Read::VariableNames,
        K::EnvironmentParts => Read::VariableParts,
        K::LogFields => Read::Words(Split::ESCAPED),
        K::NftSets => Read::Words(Split::QUOTED),
        K::FileSystems | K::Interfaces => Read::Operations(Split::QUOTED),
        K::Images | K::UnitAliases => Read::Words(Split::STRINGS),
        K::Input | K::Output => Read::Stream,
        K::Integer | K::TaskLimit => Read::Number,
        K::LimitBytes => Read::Limit(Unit::Bytes),
        K::LimitNice => Read::Limit(Unit::Nice),
        K::LimitNumber => Read::Limit(Unit::Count),
        K::LimitTime if directive.name == "LimitRTTIME" => Read::Limit(Unit::Microseconds),
        K::LimitTime => Read::Limit(Unit::Seconds),
        K::Memory | K::Quota | K::Size => Read::Size,
        K::Mode => Read::Mode,
        K::Netlink | K::SocketAddress | K::UnixSocket => Read::Address,
        K::OptionalPath => Read::OptionalPath,
        K::Path | K::PlainPath => Read::Path,
        K::Paths | K::SandboxPaths => Read::Paths,
        K::RunPath => Read::PidFile,
        K::SearchPath => Read::SearchPath,
        K::Signal => Read::Signal,
        K::SystemCalls => Read::Operations(Split::UNQUOTED),
        K::TemporaryFileSystems => Read::PathsWithOptions,
        K::Time if zero_is_no_limit(directive) => Read::TimeNotZero,
        K::Time => Read::Time,
        K::Units => match (directive.section, directive.name) {
            (Section::Install, "Also") => Read::Words(Split::UNQUOTED),
            (Section::Install, _) => Read::Words(Split::STRINGS),
            (Section::Service, "Sockets") => Read::Units(Split::UNQUOTED),
            _ => Read::Units(Split::UNITS),
        },
        K::Urls => Read::Urls,
        K::Words => words_of(directive),
        K::WorkingDirectory => Read::WorkingDirectory,
        K::AlternativeInterface
        | K::Ascii
        | K::BpfProgram
        | K::BusName
        | K::Calendar
        | K::ControlGroup
        | K::CredentialGlob
        | K::Errno
        | K::FdName
        | K::ImagePolicy
        | K::InputData
        | K::InputText
        | K::Instance
        | K::Interface
        | K::Label
        | K::MountOptions
        | K::Names
        | K::Nanoseconds
        | K::OpenFile
        | K::Pattern
        | K::Percent
        | K::RootHash
        | K::RootHashSignature
        | K::SocketBind
        | K::Text
        | K::Unit
        | K::User
        | K::Word
        | K::XAttr => Read::Text,
    }
}

/// Words of a list, or words that a switch can stand for, or words that can be taken away.
fn words_of(directive: &Directive) -> Read {
    match directive.name {
        "Delegate" => Read::Delegate,
        "RestrictNamespaces" | "DelegateNamespaces" | "RefreshOnReload" => Read::SwitchOrOperations,
        "SystemCallArchitectures" | "CoredumpFilter" => Read::Words(Split::QUOTED),
        "DisableControllers" => Read::Words(Split::UNQUOTED),
        _ => Read::Text,
    }
}

/// The timeouts that 0 switches off (`parse_sec_fix_0()`).
fn zero_is_no_limit(directive: &Directive) -> bool {
    match directive.section {
        Section::Service => matches!(
            directive.name,
            "TimeoutSec" | "TimeoutStartSec" | "TimeoutStopSec"
        ),
        Section::Socket => directive.name == "TimeoutSec",
        Section::Unit => matches!(directive.name, "JobTimeoutSec" | "JobRunningTimeoutSec"),
        _ => false,
    }
}

fn keep_of(directive: &Directive) -> Keep {
    use Kind as K;
    let empty_resets = directive.resets;
    match (directive.repeat, directive.kind) {
        // Its parser assigns where the manual says that it adds.
        _ if directive.name == "SecureBits" => Keep::Last { empty_resets: true },
        (Repeat::Last, _) => Keep::Last { empty_resets },
        (Repeat::First, _) => Keep::First,
        (Repeat::ListNoReset, _) => Keep::Set { empty_resets },
        (
            _,
            K::CredentialData
            | K::CredentialSecret
            | K::CredentialSource
            | K::DeviceLatency
            | K::DeviceLimit
            | K::DeviceWeight
            | K::Environment,
        ) => Keep::Named,
        (Repeat::Shared("bind" | "listen" | "stdin"), _) => Keep::List,
        (Repeat::Shared(_), _)
        | (
            _,
            K::AddressPrefixes
            | K::CpuSet
            | K::DeviceAccess
            | K::EnvironmentNames
            | K::EnvironmentParts
            | K::ExitStatuses
            | K::Path
            | K::Pattern
            | K::SocketBind
            | K::UnitAliases
            | K::Units,
        ) => Keep::Set { empty_resets },
        (Repeat::Set, K::Words) if matches!(read_of(directive), Read::Words(_)) => {
            Keep::Set { empty_resets }
        }
        (Repeat::List | Repeat::Set, _) => Keep::List,
    }
}
