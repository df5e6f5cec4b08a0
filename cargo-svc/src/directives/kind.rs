//! The kinds of values.

use super::Directive;

macro_rules! kinds {
    ($($(#[$doc:meta])* $variant:ident = $word:literal, $accepts:literal;)*) => {
        /// What a value is: the grammar that systemd reads it with.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Kind {
            $($(#[$doc])* $variant,)*
        }

        impl Kind {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// Its word in the table.
            pub const fn word(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)*
                }
            }

            /// What is accepted, in words to stand after "expected".
            const fn accepts(self) -> &'static str {
                match self {
                    $(Self::$variant => $accepts,)*
                }
            }
        }
    };
}

kinds! {
    /// `AF_…` names, `~` before them takes away.
    AddressFamilies = "address-families", "names of address families such as AF_INET, with ~ before the list to take them away, or none";
    /// IP addresses with or without a prefix length.
    AddressPrefixes = "address-prefixes", "IP addresses such as 10.0.0.0/8 or ::1, or any, localhost, link-local, multicast";
    /// The name of a network interface, or one of its other names.
    AlternativeInterface = "alternative-interface", "the name of a network interface";
    /// Any text of ASCII characters.
    Ascii = "ascii", "text of ASCII characters";
    /// `SOURCE[:DESTINATION[:OPTIONS]]` for each.
    BindPaths = "bind-paths", "absolute paths, each as SOURCE, SOURCE:DESTINATION or SOURCE:DESTINATION:OPTIONS";
    /// A boolean, or one of the listed words.
    Boolean = "boolean", "yes or no";
    /// `TYPE:PATH` of a program in the BPF file system.
    BpfProgram = "bpf-program", "a type of BPF program and an absolute path, as TYPE:PATH";
    /// A well-known name on D-Bus.
    BusName = "bus-name", "a well-known D-Bus name such as org.example.Beacon";
    /// A calendar event: systemd.time(7).
    Calendar = "calendar", "a calendar event such as daily or Mon *-*-* 02:30:00";
    /// `CAP_…` names, `~` before them takes away.
    Capabilities = "capabilities", "names of capabilities such as CAP_NET_BIND_SERVICE, with ~ before the list to take them away";
    /// A command line: systemd.service(5).
    Command = "command", "a program, with an absolute path or without a slash, and its arguments";
    /// What a condition compares with, after an optional `|` and `!`.
    Condition = "condition", "what to compare with, after | for a triggering and ! for a negated condition";
    /// An absolute path after an optional `|` and `!`.
    ConditionPath = "condition-path", "an absolute path, after | for a triggering and ! for a negated condition";
    /// The name of a control group below the unit's own.
    ControlGroup = "control-group", "the name of a control group";
    /// Indices and ranges of processors or memory nodes.
    CpuSet = "cpu-set", "numbers and ranges such as 0-3,8";
    /// `ID:DATA` with C escapes.
    CredentialData = "credential-data", "an ID and its data, as ID:DATA";
    /// `GLOB[:ID]`.
    CredentialGlob = "credential-glob", "the ID of a credential, which may end in *, and an optional new ID, as GLOB or GLOB:ID";
    /// `ID:DATA` with encrypted data in Base64.
    CredentialSecret = "credential-secret", "an ID and encrypted data in Base64, as ID:DATA";
    /// `ID[:PATH]`.
    CredentialSource = "credential-source", "an ID and an optional absolute path, or the ID of a credential of the system, as ID:PATH or ID";
    /// A device and which of `r`, `w`, `m` is allowed.
    DeviceAccess = "device-access", "a path below /dev/, or char-NAME or block-NAME, and a combination of r, w and m";
    /// A path and a time.
    DeviceLatency = "device-latency", "an absolute path and a time such as 25ms";
    /// A path and a rate, with suffixes of base 1000.
    DeviceLimit = "device-limit", "an absolute path and a rate per second such as 5M, or infinity";
    /// A path and a weight.
    DeviceWeight = "device-weight", "an absolute path and a weight from 1 to 10000";
    /// Relative paths, each with an optional symbolic link to it.
    Directories = "directories", "relative paths without `..`, each as PATH, or PATH:SYMLINK where the directive takes links";
    /// `NAME=VALUE` for each variable.
    Environment = "environment", "assignments such as NAME=value or \"NAME=value with spaces\"";
    /// Names of variables.
    EnvironmentNames = "environment-names", "names of environment variables";
    /// Names of variables, or `NAME=VALUE`.
    EnvironmentParts = "environment-parts", "names of environment variables, or assignments such as NAME=value";
    /// The name or number of an error.
    Errno = "errno", "an error such as EPERM, or its number";
    /// Exit codes and signals.
    ExitStatuses = "exit-statuses", "exit codes from 0 to 255, their names, or names of signals";
    /// The name of a file descriptor.
    FdName = "fd-name", "up to 255 printable ASCII characters without a colon";
    /// Types of file systems and sets of them; `~` takes away.
    FileSystems = "file-systems", "types of file systems such as ext4, or sets such as @basic-api, with ~ before the list to take them away";
    /// systemd.image-policy(7).
    ImagePolicy = "image-policy", "an image policy such as root=verity:usr=absent, or *, - or ~";
    /// Disk images with places and mount options.
    Images = "images", "absolute paths of images";
    /// Where standard input comes from.
    Input = "input", "a source";
    /// Base64.
    InputData = "input-data", "data in Base64";
    /// Text with C escapes.
    InputText = "input-text", "text, in which a backslash begins a C escape";
    /// What may stand after the `@` of a unit's name.
    Instance = "instance", "letters, digits and :-_.\\@";
    /// A whole number of the range, or one of the listed words.
    Integer = "integer", "a whole number";
    /// The name of a network interface.
    Interface = "interface", "the name of a network interface";
    /// Names of network interfaces; `~` takes away.
    Interfaces = "interfaces", "names of network interfaces, with ~ before the list to take them away";
    /// A security label; `-` before it ignores a failure.
    Label = "label", "a security label, after - to ignore a failure";
    /// A limit in bytes, or a soft and a hard one.
    LimitBytes = "limit-bytes", "a number of bytes such as 8M, infinity, or two of them as SOFT:HARD";
    /// A nice level with a sign, a number up to 40, or a soft and a hard one.
    LimitNice = "limit-nice", "a nice level from -20 to +19, written with its sign, a number from 0 to 40, infinity, or two of them as SOFT:HARD";
    /// A number, or a soft and a hard one.
    LimitNumber = "limit-number", "a number, infinity, or two of them as SOFT:HARD";
    /// A time, or a soft and a hard one.
    LimitTime = "limit-time", "a time such as 10s, infinity, or two of them as SOFT:HARD";
    /// `NAME=VALUE` for each field.
    LogFields = "log-fields", "journal fields such as TEAM=storage, in capitals";
    /// An amount of memory.
    Memory = "memory", "a number of bytes such as 512M, a percentage such as 10%, or infinity";
    /// Access bits in octal.
    Mode = "mode", "an access mode in octal such as 0755";
    /// `[PARTITION:]OPTIONS` for each.
    MountOptions = "mount-options", "mount options, each as OPTIONS or PARTITION:OPTIONS";
    /// Words of any kind.
    Names = "names", "words, separated by spaces";
    /// A time whose unit is the nanosecond.
    Nanoseconds = "nanoseconds", "a time such as 50us; a number alone counts nanoseconds";
    /// A netlink family and a group.
    Netlink = "netlink", "a netlink family such as kobject-uevent, and an optional group number";
    /// `SOURCE:FAMILY:TABLE:SET` for each.
    NftSets = "nft-sets", "sets of NFT, each as SOURCE:FAMILY:TABLE:SET";
    /// `PATH[:FD-NAME[:OPTIONS]]`.
    OpenFile = "open-file", "an absolute path, as PATH, PATH:FD-NAME or PATH:FD-NAME:OPTIONS";
    /// An absolute path; `-` before it ignores that it is missing.
    OptionalPath = "optional-path", "an absolute path, after - if it may be missing";
    /// Where output goes.
    Output = "output", "a destination";
    /// An absolute path.
    Path = "path", "an absolute path without `..`";
    /// Absolute paths.
    Paths = "paths", "absolute paths without `..`";
    /// A regular expression; `~` before it inverts.
    Pattern = "pattern", "a regular expression, after ~ for what must not match";
    /// A percentage.
    Percent = "percent", "a percentage such as 20%";
    /// An absolute path that is no file of the kernel's: not below `/dev`, `/proc` and `/sys`.
    PlainPath = "plain-path", "an absolute path without `..` outside of /dev, /proc and /sys";
    /// A share of a disk.
    Quota = "quota", "a number of bytes such as 512M or a percentage such as 10%";
    /// A hash in hexadecimal, or the path of a file with it.
    RootHash = "root-hash", "a hash in hexadecimal of at least 32 digits, or an absolute path";
    /// `base64:DATA`, or the path of a file with it.
    RootHashSignature = "root-hash-signature", "base64: and data in Base64, or an absolute path";
    /// A path; a relative one lies below the runtime folder.
    RunPath = "run-path", "a path without `..`; a relative one lies below /run";
    /// Absolute paths, each after an optional `-` and `+`.
    SandboxPaths = "sandbox-paths", "absolute paths, each after - if it may be missing and + if it is relative to the root folder of the unit";
    /// Absolute paths between colons.
    SearchPath = "search-path", "absolute paths with colons between them";
    /// A signal.
    Signal = "signal", "a signal such as SIGTERM, TERM or 15";
    /// A number of bytes.
    Size = "size", "a number of bytes such as 64K or 1.5M";
    /// What a socket listens on: systemd.socket(5).
    SocketAddress = "socket-address", "an absolute path, @NAME, a port, ADDRESS:PORT, [ADDRESS]:PORT or vsock:CID:PORT";
    /// What may be bound: `[FAMILY:][PROTOCOL:][PORTS]`.
    SocketBind = "socket-bind", "any, or [ipv4:|ipv6:][tcp:|udp:][PORT or PORT-PORT]";
    /// System calls and sets of them; `~` takes away.
    SystemCalls = "system-calls", "system calls and sets such as @system-service, with ~ before the list to take them away";
    /// A number of tasks.
    TaskLimit = "task-limit", "a number of tasks, a percentage such as 10%, or infinity";
    /// `PATH[:OPTIONS]` for each.
    TemporaryFileSystems = "temporary-file-systems", "absolute paths, each as PATH or PATH:OPTIONS";
    /// Any text.
    Text = "text", "text";
    /// A time span: systemd.time(7).
    Time = "time", "a time such as 90s or 2min 30s, or infinity; a number alone counts seconds";
    /// The name of a unit.
    Unit = "unit", "the name of a unit";
    /// Names for the unit itself.
    UnitAliases = "unit-aliases", "names of units of the same type";
    /// Names of units.
    Units = "units", "names of units with their suffix, such as network-online.target";
    /// What a socket listens on that has a path or a name.
    UnixSocket = "unix-socket", "an absolute path or @NAME";
    /// URLs.
    Urls = "urls", "http://, https://, file:/, info: or man: URLs";
    /// A user or a group.
    User = "user", "the name or the number of a user or a group";
    /// Users or groups.
    Users = "users", "names or numbers of users or groups";
    /// One of the listed words.
    Word = "word", "one word";
    /// Some of the listed words.
    Words = "words", "words";
    /// An absolute path or `~`; `-` before it ignores that it is missing.
    WorkingDirectory = "working-directory", "an absolute path or ~, after - if it may be missing";
    /// `user.NAME=VALUE`.
    XAttr = "xattr", "an extended attribute, as user.NAME=VALUE";
}

impl Kind {
    /// The kind with this word in the table.
    pub(super) fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.word() == word)
    }
}

/// How many words an explanation lists before it breaks off.
const LISTED: usize = 24;

pub(super) fn accepts(directive: &Directive) -> String {
    let listed = directive.values.iter().map(|accepted| accepted.word);
    // What they mean is in the kind's own words.
    let words: Vec<_> = listed
        .filter(|word| !word.starts_with([':', '~', '<', '|']))
        .collect();
    let words = match words.len() {
        0 => String::new(),
        1 => words[0].to_owned(),
        2..=LISTED => {
            let (last, rest) = words.split_last().unwrap_or((&"", &[]));
            format!("{} or {last}", rest.join(", "))
        }
        _ => format!("{}, …", words[..LISTED].join(", ")),
    };
    let own = match (directive.kind, directive.range) {
        (Kind::Word, _) => return format!("one of {words}"),
        (Kind::Words, _) => {
            let boolean = directive
                .values
                .iter()
                .any(|value| value.word == "<boolean>");
            let away = directive.values.iter().any(|value| value.word == "~");
            let boolean = if boolean { "yes, no, or " } else { "" };
            let away = if away {
                ", with ~ before the list to take them away"
            } else {
                ""
            };
            return format!("{boolean}some of {words}{away}");
        }
        (Kind::Unit, _) if !words.is_empty() => {
            return format!("the name of a unit that ends in {words}");
        }
        (Kind::Time, Some((low, _))) => {
            return format!("a time of at least {low}s, and not infinity");
        }
        (kind, Some((low, high))) => format!("{} from {low} to {high}", kind.accepts()),
        (kind, None) => kind.accepts().to_owned(),
    };
    // These kinds list so much that their own words say it better.
    let said = matches!(
        directive.kind,
        Kind::AddressFamilies
            | Kind::Capabilities
            | Kind::Errno
            | Kind::ExitStatuses
            | Kind::FileSystems
            | Kind::SystemCalls
    );
    match (words.is_empty(), said) {
        (true, _) | (_, true) => own,
        _ => format!("{own}, or {words}"),
    }
}
