//! From a row of the table of directives to a parser.

use super::{Keep, Read, Rule, Unit};
use crate::directives::{Directive, Kind, Repeat, Section};
use crate::unit_file::words::Split;

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
        K::Memory | K::Size => Read::Size,
        K::Mode => Read::Mode,
        K::Netlink | K::SocketAddress => Read::Address,
        K::OptionalPath => Read::OptionalPath,
        K::Path | K::PlainPath | K::UnixSocket => Read::Path,
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
        K::BpfProgram
        | K::BusName
        | K::Calendar
        | K::CredentialGlob
        | K::Errno
        | K::FdName
        | K::ImagePolicy
        | K::InputData
        | K::InputText
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
        | K::XAttr
        | K::AlternativeInterface
        | K::Ascii
        | K::ControlGroup
        | K::Instance
        | K::Quota => Read::Text,
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
    match (directive.repeat, directive.kind) {
        // The parser of these assigns where the manual says that it adds.
        (Repeat::Last, _) | (Repeat::Set, K::Words) if directive.name == "SecureBits" => {
            Keep::Last { empty_resets: true }
        }
        (Repeat::Last, _) => Keep::Last {
            empty_resets: empty_resets(directive),
        },
        (Repeat::First, _) => Keep::First,
        (Repeat::ListNoReset, _) => Keep::Set {
            empty_resets: false,
        },
        (
            _,
            K::Environment
            | K::DeviceWeight
            | K::DeviceLimit
            | K::DeviceLatency
            | K::CredentialData
            | K::CredentialSecret
            | K::CredentialSource,
        ) => Keep::Named,
        (Repeat::Shared("condition" | "assert" | "timer" | "path"), _)
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
        ) if directive.section != Section::Socket || directive.kind != K::Path => {
            Keep::Set { empty_resets: true }
        }
        (Repeat::Set, K::Words)
            if matches!(
                directive.name,
                "SystemCallArchitectures" | "CoredumpFilter" | "DisableControllers"
            ) =>
        {
            Keep::Set { empty_resets: true }
        }
        (Repeat::List | Repeat::Shared(_) | Repeat::Set, _) => Keep::List,
    }
}

/// Whether an empty value means the default again. Where it does not, the parser has no such case and takes it for wrong.
///
/// All that 252 knows were held against `systemd-analyze verify` of 252; only `PrivateMounts=` has changed since.
fn empty_resets(directive: &Directive) -> bool {
    use Kind as K;
    match directive.kind {
        // Switches with a third state (`config_parse_tristate()`).
        K::Boolean => matches!(
            directive.name,
            "BindLogSockets"
                | "MemoryKSM"
                | "MountAPIVFS"
                | "PrivateMounts"
                | "SetLoginEnvironment"
        ),
        K::Time => matches!(directive.name, "CPUQuotaPeriodSec" | "TimeoutAbortSec"),
        K::Word => matches!(
            directive.name,
            "CPUSchedulingPolicy"
                | "IOSchedulingClass"
                | "KillMode"
                | "ManagedOOMMemoryPressure"
                | "ManagedOOMSwap"
                | "MountFlags"
                | "NUMAPolicy"
                | "Personality"
        ),
        K::Integer => matches!(
            directive.name,
            "BlockIOWeight"
                | "CPUShares"
                | "CPUWeight"
                | "FailureActionExitStatus"
                | "IOSchedulingPriority"
                | "IOWeight"
                | "IPTOS"
                | "Nice"
                | "OOMScoreAdjust"
                | "StartupBlockIOWeight"
                | "StartupCPUShares"
                | "StartupCPUWeight"
                | "StartupIOWeight"
                | "SuccessActionExitStatus"
                | "TTYColumns"
                | "TTYRows"
        ),
        K::BusName
        | K::Input
        | K::LimitBytes
        | K::LimitNice
        | K::LimitNumber
        | K::LimitTime
        | K::Mode
        | K::Nanoseconds
        | K::Output
        | K::Signal
        | K::Size
        | K::Unit => false,
        _ => true,
    }
}
