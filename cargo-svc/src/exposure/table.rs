//! The checks of systemd 252, in its order: what is judged, how much it weighs, and what to say of it.
//!
//! The names, weights, ranges and the badness of each level are those of `security_assessor_table` and of the functions
//! beside it in `src/analyze/analyze-security.c` of systemd v252.

/// One thing that is judged of a unit.
pub(super) struct Check {
    /// The setting, as systemd names the check.
    pub(super) directive: &'static str,
    pub(super) weight: u32,
    /// The worst badness.
    pub(super) range: u32,
    pub(super) judge: Judge,
    /// Not asked of services without default dependencies.
    pub(super) needs_default_dependencies: bool,
    /// The lines that help. The members of a set are read from here, too: what they take away is what is judged.
    pub(super) advice: &'static [&'static str],
    /// What a service can do with which the check finds fault.
    pub(super) description: &'static str,
}

/// How a check judges.
#[derive(Clone, Copy)]
pub(super) enum Judge {
    /// A boolean that should be on.
    Switch,
    /// A word of a fixed set.
    Level {
        /// What counts if there is no such line.
        unset: &'static str,
        levels: &'static [Level],
    },
    /// Capabilities that should not be in the bounding set.
    Capabilities,
    /// A kind of namespace that should not be made.
    Namespace,
    /// Address families that should not be used.
    Families,
    /// All families without a check of their own.
    ExoticFamilies,
    /// A group of system calls of which none should be made.
    Calls,
    // The checks that are alone of their kind.
    User,
    SupplementaryGroups,
    RemoveIpc,
    Root,
    UMask,
    Delegate,
    Architectures,
    Addresses,
    Devices,
    AmbientCapabilities,
}

/// A word of a fixed set.
pub(super) struct Level {
    pub(super) word: &'static str,
    pub(super) badness: u32,
    /// Instead of the check's own.
    pub(super) description: Option<&'static str>,
}

impl Check {
    /// The key that is judged.
    pub(super) fn key(&self) -> &'static str {
        self.directive.trim_end_matches('=')
    }

    /// The members of a set that are judged.
    pub(super) fn listed(&self) -> &'static str {
        let line = self.advice.first().copied().unwrap_or_default();
        line.split_once("=~").map_or("", |(_, members)| members)
    }

    /// The words that a level's key takes.
    pub(super) fn levels(&self) -> &'static [Level] {
        match self.judge {
            Judge::Level { levels, .. } => levels,
            _ => &[],
        }
    }

    const fn in_late_boot(self) -> Self {
        Self {
            needs_default_dependencies: true,
            ..self
        }
    }
}

/// The words that a key takes, if it is one that takes a word of a fixed set.
pub(super) fn levels(key: &str) -> Option<&'static [Level]> {
    let mut checks = CHECKS.iter().filter(|check| !check.levels().is_empty());
    let check = checks.find(|check| check.key() == key)?;
    Some(check.levels())
}

const fn check(
    directive: &'static str,
    (weight, range): (u32, u32),
    judge: Judge,
    advice: &'static [&'static str],
    description: &'static str,
) -> Check {
    Check {
        directive,
        weight,
        range,
        judge,
        needs_default_dependencies: false,
        advice,
        description,
    }
}

const fn switch(
    directive: &'static str,
    weight: u32,
    advice: &'static [&'static str; 1],
    description: &'static str,
) -> Check {
    check(directive, (weight, 1), Judge::Switch, advice, description)
}

/// A check of a set whose name says what it judges.
const fn member(
    judge: Judge,
    weight: u32,
    line: &'static [&'static str; 1],
    description: &'static str,
) -> Check {
    check(line[0], (weight, 1), judge, line, description)
}

/// A check of the bounding set.
const fn capability(
    weight: u32,
    line: &'static [&'static str; 1],
    description: &'static str,
) -> Check {
    member(Judge::Capabilities, weight, line, description)
}

/// A check of several capabilities, which systemd gives a name of their own.
const fn capabilities(
    directive: &'static str,
    weight: u32,
    line: &'static [&'static str; 1],
    description: &'static str,
) -> Check {
    check(
        directive,
        (weight, 1),
        Judge::Capabilities,
        line,
        description,
    )
}

const fn namespace(
    weight: u32,
    line: &'static [&'static str; 1],
    description: &'static str,
) -> Check {
    member(Judge::Namespace, weight, line, description)
}

const fn calls(weight: u32, line: &'static [&'static str; 1], description: &'static str) -> Check {
    check(line[0], (weight, 10), Judge::Calls, line, description)
}

const fn level(word: &'static str, badness: u32) -> Level {
    Level {
        word,
        badness,
        description: None,
    }
}

const fn described(word: &'static str, badness: u32, description: &'static str) -> Level {
    Level {
        word,
        badness,
        description: Some(description),
    }
}

const PROTECT_HOME: Judge = Judge::Level {
    unset: "no",
    levels: &[
        level("no", 10),
        described("read-only", 5, "Can read what is in home directories"),
        described(
            "tmpfs",
            1,
            "Sees empty folders in the place of home directories",
        ),
        level("yes", 0),
    ],
};

const PROTECT_SYSTEM: Judge = Judge::Level {
    unset: "no",
    levels: &[
        level("no", 10),
        described(
            "yes",
            5,
            "Can write to the system's folders but /usr and the boot loader's",
        ),
        described(
            "full",
            3,
            "Can write to the system's folders but /usr, /etc and the boot loader's",
        ),
        level("strict", 0),
    ],
};

const KEYRING_MODE: Judge = Judge::Level {
    unset: "private",
    levels: &[level("inherit", 1), level("shared", 1), level("private", 0)],
};

const PROTECT_PROC: Judge = Judge::Level {
    unset: "default",
    levels: &[
        level("default", 3),
        described(
            "noaccess",
            1,
            "Can see that other users' processes are there",
        ),
        level("invisible", 0),
        level("ptraceable", 0),
    ],
};

const PROC_SUBSET: Judge = Judge::Level {
    unset: "all",
    levels: &[level("all", 1), level("pid", 0)],
};

const NOTIFY_ACCESS: Judge = Judge::Level {
    unset: "none",
    levels: &[
        level("none", 0),
        level("main", 0),
        level("exec", 0),
        level("all", 1),
    ],
};

/// All checks.
pub(super) const CHECKS: &[Check] = &[
    check(
        "User=/DynamicUser=",
        (2000, 10),
        Judge::User,
        &["User=", "DynamicUser=yes"],
        "Runs as root",
    ),
    check(
        "SupplementaryGroups=",
        (200, 1),
        Judge::SupplementaryGroups,
        &["SupplementaryGroups="],
        "Has the rights of further groups",
    ),
    switch(
        "PrivateDevices=",
        1000,
        &["PrivateDevices=yes"],
        "Sees the machine's devices",
    ),
    switch(
        "PrivateMounts=",
        1000,
        &["PrivateMounts=yes"],
        "Can make mounts that the whole machine sees",
    ),
    switch(
        "PrivateNetwork=",
        2500,
        &["PrivateNetwork=yes"],
        "Reaches the machine's network",
    ),
    switch(
        "PrivateTmp=",
        1000,
        &["PrivateTmp=yes"],
        "Shares /tmp and /var/tmp with other programs",
    )
    .in_late_boot(),
    switch(
        "PrivateUsers=",
        1000,
        &["PrivateUsers=yes"],
        "Can act on what belongs to other users",
    ),
    switch(
        "ProtectControlGroups=",
        1000,
        &["ProtectControlGroups=yes"],
        "Can change control groups",
    ),
    switch(
        "ProtectKernelModules=",
        1000,
        &["ProtectKernelModules=yes"],
        "Can load kernel modules and read their files",
    ),
    switch(
        "ProtectKernelTunables=",
        1000,
        &["ProtectKernelTunables=yes"],
        "Can change the kernel's settings in /proc and /sys",
    ),
    switch(
        "ProtectKernelLogs=",
        1000,
        &["ProtectKernelLogs=yes"],
        "Can read and write the kernel's log",
    ),
    switch(
        "ProtectClock=",
        1000,
        &["ProtectClock=yes"],
        "Can set the clocks",
    ),
    check(
        "ProtectHome=",
        (1000, 10),
        PROTECT_HOME,
        &["ProtectHome=yes"],
        "Reaches home directories",
    )
    .in_late_boot(),
    switch(
        "ProtectHostname=",
        50,
        &["ProtectHostname=yes"],
        "Can change the host's name",
    ),
    check(
        "ProtectSystem=",
        (1000, 10),
        PROTECT_SYSTEM,
        &["ProtectSystem=strict"],
        "Can write to the system's folders",
    )
    .in_late_boot(),
    // A root of its own has to be built first: no line does it alone.
    check(
        "RootDirectory=/RootImage=",
        (200, 1),
        Judge::Root,
        &[],
        "Sees the machine's own root directory",
    )
    .in_late_boot(),
    switch(
        "LockPersonality=",
        100,
        &["LockPersonality=yes"],
        "Can switch to the kernel's behaviour of other systems",
    ),
    switch(
        "MemoryDenyWriteExecute=",
        100,
        &["MemoryDenyWriteExecute=yes"],
        "Can run code that it has written to memory",
    ),
    switch(
        "NoNewPrivileges=",
        1000,
        &["NoNewPrivileges=yes"],
        "Can gain rights by running other programs",
    ),
    capability(
        1500,
        &["CapabilityBoundingSet=~CAP_SYS_ADMIN"],
        "Can have an administrator's rights",
    ),
    capabilities(
        "CapabilityBoundingSet=~CAP_SET(UID|GID|PCAP)",
        1500,
        &["CapabilityBoundingSet=~CAP_SETUID CAP_SETGID CAP_SETPCAP"],
        "Can become another user, or another set of capabilities",
    ),
    capability(
        1500,
        &["CapabilityBoundingSet=~CAP_SYS_PTRACE"],
        "Can trace and change other processes",
    ),
    capability(
        1000,
        &["CapabilityBoundingSet=~CAP_SYS_TIME"],
        "Can set the system's clock",
    ),
    capability(
        1000,
        &["CapabilityBoundingSet=~CAP_NET_ADMIN"],
        "Can configure the network",
    ),
    capability(
        1000,
        &["CapabilityBoundingSet=~CAP_SYS_RAWIO"],
        "Can reach hardware directly",
    ),
    capability(
        1000,
        &["CapabilityBoundingSet=~CAP_SYS_MODULE"],
        "Can load kernel modules",
    ),
    capabilities(
        "CapabilityBoundingSet=~CAP_AUDIT_*",
        500,
        &["CapabilityBoundingSet=~CAP_AUDIT_CONTROL CAP_AUDIT_READ CAP_AUDIT_WRITE"],
        "Can read, write and configure the audit log",
    ),
    capability(
        500,
        &["CapabilityBoundingSet=~CAP_SYSLOG"],
        "Can reach the kernel's log",
    ),
    capabilities(
        "CapabilityBoundingSet=~CAP_SYS_(NICE|RESOURCE)",
        500,
        &["CapabilityBoundingSet=~CAP_SYS_NICE CAP_SYS_RESOURCE"],
        "Can exceed limits and raise priorities",
    ),
    capability(
        500,
        &["CapabilityBoundingSet=~CAP_MKNOD"],
        "Can make device nodes",
    ),
    capabilities(
        "CapabilityBoundingSet=~CAP_(CHOWN|FSETID|SETFCAP)",
        1000,
        &["CapabilityBoundingSet=~CAP_CHOWN CAP_FSETID CAP_SETFCAP"],
        "Can change any file's owner and capabilities",
    ),
    capabilities(
        "CapabilityBoundingSet=~CAP_(DAC_*|FOWNER|IPC_OWNER)",
        1000,
        &["CapabilityBoundingSet=~CAP_DAC_OVERRIDE CAP_DAC_READ_SEARCH CAP_FOWNER CAP_IPC_OWNER"],
        "Can pass over the permissions of files and IPC objects",
    ),
    capability(
        500,
        &["CapabilityBoundingSet=~CAP_KILL"],
        "Can send signals to any process",
    ),
    capabilities(
        "CapabilityBoundingSet=~CAP_NET_(BIND_SERVICE|BROADCAST|RAW)",
        500,
        &["CapabilityBoundingSet=~CAP_NET_BIND_SERVICE CAP_NET_BROADCAST CAP_NET_RAW"],
        "Can take ports below 1024 and send raw packets",
    ),
    capability(
        100,
        &["CapabilityBoundingSet=~CAP_SYS_BOOT"],
        "Can reboot the machine",
    ),
    capabilities(
        "CapabilityBoundingSet=~CAP_MAC_*",
        100,
        &["CapabilityBoundingSet=~CAP_MAC_ADMIN CAP_MAC_OVERRIDE"],
        "Can change or pass over mandatory access control",
    ),
    capability(
        75,
        &["CapabilityBoundingSet=~CAP_LINUX_IMMUTABLE"],
        "Can make files immutable",
    ),
    capability(
        50,
        &["CapabilityBoundingSet=~CAP_IPC_LOCK"],
        "Can lock any amount of memory",
    ),
    capability(
        50,
        &["CapabilityBoundingSet=~CAP_SYS_CHROOT"],
        "Can change its root directory",
    ),
    capability(
        25,
        &["CapabilityBoundingSet=~CAP_BLOCK_SUSPEND"],
        "Can keep the machine awake",
    ),
    capability(
        25,
        &["CapabilityBoundingSet=~CAP_WAKE_ALARM"],
        "Can wake the machine up",
    ),
    capability(
        25,
        &["CapabilityBoundingSet=~CAP_LEASE"],
        "Can take leases on any file",
    ),
    capability(
        25,
        &["CapabilityBoundingSet=~CAP_SYS_TTY_CONFIG"],
        "Can configure terminals and hang them up",
    ),
    capability(
        25,
        &["CapabilityBoundingSet=~CAP_SYS_PACCT"],
        "Can switch process accounting",
    ),
    capability(
        25,
        &["CapabilityBoundingSet=~CAP_BPF"],
        "Can load BPF programs",
    ),
    check(
        "UMask=",
        (100, 10),
        Judge::UMask,
        &["UMask=0077"],
        "Makes files that others can open",
    ),
    check(
        "KeyringMode=",
        (1000, 1),
        KEYRING_MODE,
        &["KeyringMode=private"],
        "Shares its kernel keyring",
    ),
    check(
        "ProtectProc=",
        (1000, 3),
        PROTECT_PROC,
        &["ProtectProc=invisible"],
        "Can look at other users' processes in /proc",
    ),
    check(
        "ProcSubset=",
        (10, 1),
        PROC_SUBSET,
        &["ProcSubset=pid"],
        "Can read what /proc says of the machine",
    ),
    check(
        "NotifyAccess=",
        (1000, 1),
        NOTIFY_ACCESS,
        &["NotifyAccess=main"],
        "Lets all its processes report its state",
    ),
    check(
        "RemoveIPC=",
        (100, 1),
        Judge::RemoveIpc,
        &["RemoveIPC=yes"],
        "Can leave IPC objects behind",
    ),
    check(
        "Delegate=",
        (100, 1),
        Judge::Delegate,
        &["Delegate=no"],
        "Manages control groups of its own",
    ),
    switch(
        "RestrictRealtime=",
        500,
        &["RestrictRealtime=yes"],
        "Can take the processor for itself by real-time scheduling",
    ),
    switch(
        "RestrictSUIDSGID=",
        1000,
        &["RestrictSUIDSGID=yes"],
        "Can make files that run with their owner's rights",
    ),
    namespace(
        1500,
        &["RestrictNamespaces=~user"],
        "Can make user namespaces",
    ),
    namespace(
        500,
        &["RestrictNamespaces=~mnt"],
        "Can make mount namespaces",
    ),
    namespace(500, &["RestrictNamespaces=~ipc"], "Can make IPC namespaces"),
    namespace(
        500,
        &["RestrictNamespaces=~pid"],
        "Can make process namespaces",
    ),
    namespace(
        500,
        &["RestrictNamespaces=~cgroup"],
        "Can make control group namespaces",
    ),
    namespace(
        500,
        &["RestrictNamespaces=~net"],
        "Can make network namespaces",
    ),
    namespace(
        100,
        &["RestrictNamespaces=~uts"],
        "Can make namespaces with another host name",
    ),
    check(
        "RestrictAddressFamilies=~AF_(INET|INET6)",
        (1500, 1),
        Judge::Families,
        &["RestrictAddressFamilies=~AF_INET AF_INET6"],
        "Can open Internet sockets",
    ),
    member(
        Judge::Families,
        25,
        &["RestrictAddressFamilies=~AF_UNIX"],
        "Can open Unix sockets",
    ),
    member(
        Judge::Families,
        200,
        &["RestrictAddressFamilies=~AF_NETLINK"],
        "Can open netlink sockets",
    ),
    member(
        Judge::Families,
        1000,
        &["RestrictAddressFamilies=~AF_PACKET"],
        "Can open packet sockets",
    ),
    check(
        "RestrictAddressFamilies=~…",
        (1250, 1),
        Judge::ExoticFamilies,
        &[
            "RestrictAddressFamilies=",
            "RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6",
        ],
        "Can open sockets of families that hardly any service needs",
    ),
    check(
        "SystemCallArchitectures=",
        (1000, 10),
        Judge::Architectures,
        &["SystemCallArchitectures=native"],
        "Can make system calls in the form of any architecture",
    ),
    calls(
        1000,
        &["SystemCallFilter=~@swap"],
        "Can make the system calls for swap space",
    ),
    calls(
        250,
        &["SystemCallFilter=~@obsolete"],
        "Can make obsolete system calls",
    ),
    calls(
        1000,
        &["SystemCallFilter=~@clock"],
        "Can make the system calls that set clocks",
    ),
    calls(
        250,
        &["SystemCallFilter=~@cpu-emulation"],
        "Can make the system calls for CPU emulation",
    ),
    calls(
        1000,
        &["SystemCallFilter=~@debug"],
        "Can make the system calls for debuggers",
    ),
    calls(
        1000,
        &["SystemCallFilter=~@mount"],
        "Can make the system calls that mount",
    ),
    calls(
        1000,
        &["SystemCallFilter=~@module"],
        "Can make the system calls for kernel modules",
    ),
    calls(
        1000,
        &["SystemCallFilter=~@raw-io"],
        "Can make the system calls for direct hardware access",
    ),
    calls(
        1000,
        &["SystemCallFilter=~@reboot"],
        "Can make the system calls that reboot",
    ),
    calls(
        700,
        &["SystemCallFilter=~@privileged"],
        "Can make system calls that are for administrators",
    ),
    calls(
        700,
        &["SystemCallFilter=~@resources"],
        "Can make the system calls that change limits and priorities",
    ),
    check(
        "IPAddressDeny=",
        (1000, 10),
        Judge::Addresses,
        &["IPAddressDeny=any"],
        "Can exchange packets with any address",
    ),
    check(
        "DeviceAllow=",
        (1000, 10),
        Judge::Devices,
        &["DevicePolicy=closed"],
        "Can open any device",
    ),
    check(
        "AmbientCapabilities=",
        (500, 1),
        Judge::AmbientCapabilities,
        &["AmbientCapabilities="],
        "Is started with capabilities",
    ),
];
