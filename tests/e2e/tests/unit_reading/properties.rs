//! Which properties of a unit are compared.

use cargo_svc::unit_file::UnitKind;

/// The interfaces of a unit, each with its properties that are compared.
pub(crate) fn properties(kind: UnitKind) -> Vec<(&'static str, Vec<&'static str>)> {
    let unit = vec![
        "LoadState",
        "Description",
        "Documentation",
        "Conditions",
        "Asserts",
        "Wants",
        "Conflicts",
        "StartLimitIntervalUSec",
        "StartLimitBurst",
        "JobTimeoutUSec",
        "OnFailureJobMode",
    ];
    let own = match kind {
        UnitKind::Service => SERVICE.to_vec(),
        UnitKind::Socket => vec!["Listen", "SocketMode", "TimeoutUSec"],
        UnitKind::Timer => vec!["TimersMonotonic", "TimersCalendar", "Unit"],
        UnitKind::Path => vec!["Paths", "MakeDirectory"],
    };
    vec![("Unit", unit), (kind.own_section().word(), own)]
}

const SERVICE: [&str; 41] = [
    "ExecStartPreEx",
    "ExecStartEx",
    "ExecStopPostEx",
    "Environment",
    "EnvironmentFiles",
    "PassEnvironment",
    "UnsetEnvironment",
    "WorkingDirectory",
    "RootDirectory",
    "ReadWritePaths",
    "ReadOnlyPaths",
    "BindPaths",
    "BindReadOnlyPaths",
    "TemporaryFileSystem",
    "StateDirectory",
    "RuntimeDirectory",
    "StateDirectoryMode",
    "ExecSearchPath",
    "LoadCredential",
    "SupplementaryGroups",
    "User",
    "PIDFile",
    "Restart",
    "RestartUSec",
    "TimeoutStartUSec",
    "TimeoutStopUSec",
    "UMask",
    "LimitNOFILE",
    "LimitNOFILESoft",
    "LimitCPU",
    "LimitRTTIME",
    "LimitMEMLOCK",
    "MemoryMax",
    "TasksMax",
    "RestrictAddressFamilies",
    "StandardOutput",
    "PrivateTmp",
    "NoNewPrivileges",
    "Delegate",
    "DeviceAllow",
    "SyslogIdentifier",
];
