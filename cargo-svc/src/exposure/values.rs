//! How systemd reads the values that the assessment asks for. What it cannot read it ignores, and so does this.

/// The words of a list. Words with blanks in them are not among those that any of these lists knows, so that quotes
/// matter only around a single one.
pub(super) fn words(value: &str) -> impl Iterator<Item = &str> {
    value.split_whitespace().map(|word| {
        ['"', '\'']
            .into_iter()
            .find_map(|quote| word.strip_prefix(quote)?.strip_suffix(quote))
            .unwrap_or(word)
    })
}

/// Whether a list says what is not to be, with a `~` in front, and the list itself.
pub(super) fn negated(value: &str) -> (bool, &str) {
    match value.strip_prefix('~') {
        Some(list) => (true, list),
        None => (false, value),
    }
}

/// A boolean, in any of the forms that systemd takes.
pub(super) fn boolean(value: &str) -> Option<bool> {
    let is = |word: &&str| value.eq_ignore_ascii_case(word);
    if ["1", "yes", "y", "true", "t", "on"].iter().any(is) {
        Some(true)
    } else if ["0", "no", "n", "false", "f", "off"].iter().any(is) {
        Some(false)
    } else {
        None
    }
}

/// The mode bits of `UMask=`, which are octal with or without a leading zero.
pub(super) fn mode(value: &str) -> Option<u32> {
    let octal = value.bytes().all(|b| b.is_ascii_digit());
    let mode = u32::from_str_radix(value, 8).ok()?;
    (octal && mode <= 0o7777).then_some(mode)
}

/// Linux's capabilities in the order of their numbers (capabilities(7)).
const CAPABILITIES: [&str; 41] = [
    "CAP_CHOWN",
    "CAP_DAC_OVERRIDE",
    "CAP_DAC_READ_SEARCH",
    "CAP_FOWNER",
    "CAP_FSETID",
    "CAP_KILL",
    "CAP_SETGID",
    "CAP_SETUID",
    "CAP_SETPCAP",
    "CAP_LINUX_IMMUTABLE",
    "CAP_NET_BIND_SERVICE",
    "CAP_NET_BROADCAST",
    "CAP_NET_ADMIN",
    "CAP_NET_RAW",
    "CAP_IPC_LOCK",
    "CAP_IPC_OWNER",
    "CAP_SYS_MODULE",
    "CAP_SYS_RAWIO",
    "CAP_SYS_CHROOT",
    "CAP_SYS_PTRACE",
    "CAP_SYS_PACCT",
    "CAP_SYS_ADMIN",
    "CAP_SYS_BOOT",
    "CAP_SYS_NICE",
    "CAP_SYS_RESOURCE",
    "CAP_SYS_TIME",
    "CAP_SYS_TTY_CONFIG",
    "CAP_MKNOD",
    "CAP_LEASE",
    "CAP_AUDIT_WRITE",
    "CAP_AUDIT_CONTROL",
    "CAP_SETFCAP",
    "CAP_MAC_OVERRIDE",
    "CAP_MAC_ADMIN",
    "CAP_SYSLOG",
    "CAP_WAKE_ALARM",
    "CAP_BLOCK_SUSPEND",
    "CAP_AUDIT_READ",
    "CAP_PERFMON",
    "CAP_BPF",
    "CAP_CHECKPOINT_RESTORE",
];

/// The bits of a list of capabilities, by name or number.
pub(super) fn capabilities(list: &str) -> u64 {
    words(list)
        .filter_map(capability)
        .fold(0, |bits, number| bits | 1 << number)
}

fn capability(word: &str) -> Option<u32> {
    if let Ok(number) = word.parse() {
        return (number < u64::BITS).then_some(number);
    }
    let mut names = (0..).zip(CAPABILITIES);
    let (number, _) = names.find(|(_, name)| name.eq_ignore_ascii_case(word))?;
    Some(number)
}

/// The kinds of namespaces that `RestrictNamespaces=` knows; a bit each, in this order.
const NAMESPACES: [&str; 8] = ["cgroup", "ipc", "net", "mnt", "pid", "user", "uts", "time"];

/// All that it restricts: systemd 252 takes the word for time namespaces and does nothing about them.
pub(super) const ALL_NAMESPACES: u8 = 0x7f;

/// The bits of a list of namespaces; `None` if one of its words is none.
pub(super) fn namespaces(list: &str) -> Option<u8> {
    list.split_whitespace().try_fold(0, |bits, word| {
        let position = NAMESPACES.iter().position(|name| *name == word)?;
        Some(bits | 1 << position)
    })
}

/// Whether `SystemCallArchitectures=` knows this word.
pub(super) fn is_architecture(word: &str) -> bool {
    [
        "native",
        "x86",
        "x86-64",
        "x32",
        "arm",
        "arm64",
        "mips",
        "mips64",
        "mips64-n32",
        "mips-le",
        "mips64-le",
        "mips64-le-n32",
        "parisc",
        "parisc64",
        "ppc",
        "ppc64",
        "ppc64-le",
        "riscv64",
        "s390",
        "s390x",
    ]
    .contains(&word)
}

/// Whether a path says anything but the machine's own root.
pub(super) fn leaves_root(path: &str) -> bool {
    path.split('/').any(|name| !name.is_empty() && name != ".")
}

/// Whether a value of `DeviceAllow=` names a device and, if any, its rights.
pub(super) fn is_device(value: &str) -> bool {
    let mut words = words(value);
    let named = words.next().is_some_and(|device| {
        ["block-", "char-", "/dev/", "/run/systemd/inaccessible/"]
            .iter()
            .any(|start| device.starts_with(start))
    });
    let rights = words.next().unwrap_or_default();
    named && words.next().is_none() && rights.chars().all(|c| "rwm".contains(c))
}

/// Whether a value of `MountImages=` names an image and where it goes.
pub(super) fn has_mount_image(value: &str) -> bool {
    words(value).any(|word| {
        let mut fields = word.strip_prefix('-').unwrap_or(word).split(':');
        let mut absolute = || fields.next().is_some_and(|path| path.starts_with('/'));
        absolute() && absolute()
    })
}
