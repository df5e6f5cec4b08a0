//! The lines that units are made of at random.

use crate::judges::Lines;

/// What the random units are made of: good values, bad ones, ones that systemd ignores, and resets.
pub(crate) const POOL: &[(&str, &[&str])] = &[
    ("User", &["beacon", "root", "0", "nobody", "1000", ""]),
    ("DynamicUser", &["yes", "no", "TRUE"]),
    ("SupplementaryGroups", &["adm", "adm video", ""]),
    ("PrivateDevices", &["yes", "1", "no", "", "y"]),
    ("PrivateMounts", &["on", "off", "true"]),
    ("PrivateNetwork", &["yes", "no"]),
    ("PrivateTmp", &["yes", "no", "disconnected"]),
    ("PrivateUsers", &["yes", "no", "identity"]),
    ("ProtectControlGroups", &["yes", "no", "strict"]),
    ("ProtectKernelModules", &["yes", "no"]),
    ("ProtectKernelTunables", &["yes", "no"]),
    ("ProtectKernelLogs", &["yes", "no"]),
    ("ProtectClock", &["yes", "no"]),
    (
        "ProtectHome",
        &["yes", "read-only", "tmpfs", "no", "t", "readonly", ""],
    ),
    ("ProtectHostname", &["yes", "no", "private"]),
    (
        "ProtectSystem",
        &["strict", "full", "yes", "no", "1", "Strict", ""],
    ),
    ("RootDirectory", &["/srv/root", "/", "//.", ""]),
    ("RootImage", &["/srv/image.raw", "/", ""]),
    (
        "MountImages",
        &[
            "/srv/a.raw:/srv/a",
            "-/srv/a.raw:/srv/a:ro",
            "/srv/a.raw",
            "",
        ],
    ),
    ("LockPersonality", &["yes", "no"]),
    ("MemoryDenyWriteExecute", &["yes", "no"]),
    ("NoNewPrivileges", &["yes", "no"]),
    (
        "CapabilityBoundingSet",
        &[
            "",
            "~",
            "CAP_NET_BIND_SERVICE",
            "cap_net_admin CAP_NET_RAW",
            "~CAP_SYS_ADMIN CAP_SYS_PTRACE",
            "~CAP_SETUID CAP_SETGID CAP_SETPCAP",
            "CAP_CHOWN \"CAP_FOWNER\" CAP_NONE",
            "39 21 99",
            "CAP_NONE",
        ],
    ),
    (
        "AmbientCapabilities",
        &[
            "CAP_NET_BIND_SERVICE",
            "~CAP_NET_BIND_SERVICE",
            "CAP_NONE",
            "",
        ],
    ),
    (
        "UMask",
        &["0077", "027", "0026", "0002", "7", "0033", "9", "+77", ""],
    ),
    ("KeyringMode", &["private", "shared", "inherit", "yes"]),
    (
        "ProtectProc",
        &["invisible", "noaccess", "ptraceable", "default", ""],
    ),
    ("ProcSubset", &["pid", "all", "none"]),
    ("NotifyAccess", &["all", "main", "exec", "none", ""]),
    ("Type", &["notify", "exec", "oneshot"]),
    ("RemoveIPC", &["yes", "no"]),
    ("Delegate", &["yes", "no", "memory pids", ""]),
    ("RestrictRealtime", &["yes", "no"]),
    ("RestrictSUIDSGID", &["yes", "no"]),
    (
        "RestrictNamespaces",
        &[
            "yes",
            "no",
            "user mnt",
            "~user",
            "~net uts",
            "ipc",
            "user time",
            "",
        ],
    ),
    (
        "RestrictAddressFamilies",
        &[
            "AF_UNIX AF_INET AF_INET6",
            "~AF_UNIX",
            "AF_LOCAL AF_ROUTE",
            "~AF_PACKET",
            "~AF_NETLINK AF_BLUETOOTH",
            "AF_VSOCK AF_DECnet",
            "~AF_INET6",
            "AF_UNSPEC AF_MOON \"AF_INET\"",
            "none",
            "",
        ],
    ),
    (
        "SystemCallArchitectures",
        &["native", "x86-64", "x86 arm64", "vax", ""],
    ),
    ("SystemCallErrorNumber", &["EPERM"]),
    (
        "SystemCallFilter",
        &[
            "@system-service",
            "~@privileged @resources",
            "~@privileged",
            "~@clock @cpu-emulation @debug @keyring @module @mount @obsolete @raw-io @reboot @swap",
            "~@known",
            "@known",
            "@mount swapon",
            "~@mount:EPERM",
            "~swapon:kill swapoff:4096 reboot:0",
            "swapoff:EPERM @swap",
            "@setuid @chown no_such_call @no-such-group",
            "umount stime nice",
            "ptrace",
            "~",
            "",
        ],
    ),
    (
        "IPAddressDeny",
        &[
            "any",
            "0.0.0.0/0",
            "::/0",
            "10.0.0.0/8",
            "0.0.0.0/0 ::/0",
            "",
        ],
    ),
    (
        "IPAddressAllow",
        &[
            "localhost",
            "127.0.0.1",
            "127.0.0.0/7",
            "::1",
            "::1/64",
            "10.0.0.0/8 localhost",
            "link-local",
            "multicast",
            "any",
            "my.localhost.",
            "elsewhere 1.2.3.4/33",
            "",
        ],
    ),
    ("IPIngressFilterPath", &["/sys/fs/bpf/in", "in", ""]),
    ("IPEgressFilterPath", &["/sys/fs/bpf/out", ""]),
    ("DevicePolicy", &["closed", "strict", "auto", "open"]),
    (
        "DeviceAllow",
        &[
            "/dev/null rw",
            "char-pts",
            "/dev/null x",
            "null",
            "/dev/loop-control",
            "",
        ],
    ),
    ("LoadCredential", &["token:/etc/token", ""]),
    ("LoadCredentialEncrypted", &["token:/etc/token", "key", ""]),
    ("SetCredential", &["word:abc", ""]),
    ("SetCredentialEncrypted", &["word:YWJj", "word", ""]),
];

/// Units of lines from the pool: some short, some with nearly every key, some with a key repeated.
pub(crate) fn random(seed: u64, count: usize) -> Vec<Lines> {
    let mut dice = fastrand::Rng::with_seed(seed);
    let unit = |_| {
        let density = dice.f64();
        let mut lines = Lines::new();
        for (key, values) in POOL {
            while lines.len() < 200 && dice.f64() < density {
                let value = dice.choice(*values).copied().unwrap_or_default();
                lines.push((*key, value.to_owned()));
                if dice.bool() {
                    break;
                }
            }
        }
        dice.shuffle(&mut lines);
        lines
    };
    (0..count).map(unit).collect()
}
