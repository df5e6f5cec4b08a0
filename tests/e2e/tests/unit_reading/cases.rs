//! Units in which each line is one that is easily read wrong.

/// What every service begins with.
const START: &str = "[Service]\nType=oneshot\nExecStart=/bin/true\n";

/// The units: file names and contents.
pub(crate) fn units() -> Vec<(String, Vec<u8>)> {
    let mut units = Vec::new();
    let mut add = |suffix: &str, text: &[u8]| {
        units.push((format!("case{}.{suffix}", units.len()), text.to_vec()));
    };
    for lines in SERVICES {
        add("service", format!("{START}{lines}").as_bytes());
    }
    for text in FILES {
        add("service", text);
    }
    let most = 1024 * 1024 - 1 - "Description=".len();
    for length in [most, most + 1] {
        let text = format!(
            "[Unit]\nDescription=\"{}\"\n{START}",
            "a".repeat(length - 2)
        );
        add("service", text.as_bytes());
    }
    add("socket", SOCKET.as_bytes());
    add("timer", TIMER.as_bytes());
    add("path", PATH.as_bytes());
    units
}

const SERVICES: [&str; 28] = [
    // Command lines.
    "ExecStartPre=/bin/a \"b c\" 'd' e\\x20f \\u00e9\\303\\251 g\\\\h i\\sj '' \"k\"'l'm\n",
    "ExecStartPre=/bin/a \\d+ a\\;b \\; ';' \";\" x; ;y ; -/bin/b ; ; :+/bin/c ;; $A ${B} $$ %% 100% a%-b\n",
    "ExecStartPre=@-/bin/a argv0 b\nExecStartPre=!!/bin/b\nExecStartPre=!-!/bin/c\nExecStartPre=\"!/opt/a b\" c\nExecStartPre=:@+//bin/./d/ d\n",
    "ExecStartPre=//bin/./a/../b\nExecStartPre=a\nExecStartPre=/opt/a\\x20b\n",
    "ExecStartPre=/bin/a\nExecStartPre=\nExecStartPre=/bin/b\nExecStartPre='/bin/c\nExecStartPre=-bin/d\nExecStartPre=-/bin/e 'f\nExecStartPre=-/bin/g ; -/bin/h 'i ; /bin/j\n",
    "ExecStartPre=;\nExecStartPre=/bin/a ;\nExecStartPre=/bin/b \\\\; \\\n  c\\\n# no part of it \\\n; nor this\n d\n",
    "ExecStartPre=@/bin/a '' b\n",
    // Each keeps the unit from being loaded.
    "ExecStartPre=bin/a\n",
    "ExecStartPre=/bin/a 'b\n",
    "ExecStartPre=+!/bin/a\n",
    "ExecStartPre=/bin/a\\tb\n",
    "ExecStartPre=@/bin/a\n",
    "ExecStartPre=\\; a\n",
    "WorkingDirectory=a\n",
    "RootDirectory=\"/a b\"\n",
    // Variables.
    "Environment=A=b \"C=d e\" 'F=\"g\"' H=i\\tj K=\\x41\\101\\u00e9 L= M=$N 1=2 O-P=q R \"S=%%\"\nEnvironment=A=z T=\\\\n\nUnsetEnvironment=A \"B=c d\" 1 E\\x46 A\nPassEnvironment=A \"B\" A 1 C\nPassEnvironment=\nPassEnvironment=\"D\" E\\F\n",
    "Environment=A=1\nEnvironment=B=2 C=\\q D=4\nEnvironment=E=5 'F=6\nEnvironment=G=7\nEnvironmentFile=/a b\nEnvironmentFile=-//c/./d/\nEnvironmentFile=e\nEnvironmentFile=\"/f\"\nEnvironmentFile=/g/../h\n",
    // Paths.
    "WorkingDirectory=-/a b//c/\nReadWritePaths=/a \"-/b c\" -+/d/ +-/e f /g\\ h /i/../j /k'l'\\\n /m\nReadOnlyPaths=/n\nReadOnlyDirectories=/o\nExecSearchPath=/a b:/c/\nExecSearchPath=/d::/e\n",
    "WorkingDirectory=~\nBindPaths=/a -/b:/c /d:/e:norbind  /f \"/g h:i\":/j:rbind /k:/l:ro /m: /n:/o: /p\nBindReadOnlyPaths=/q:/r\nTemporaryFileSystem=/a:ro /b \"/c d:size=1M,mode=1777\" e /f\\:g\n",
    "BindPaths=/a\nBindReadOnlyPaths=\nBindReadOnlyPaths=/b\nStateDirectory=a b/c//d 'e f' ../g /h private i\\x20j k:l m:/n \"o\\:p\"\nRuntimeDirectory=%%a\nStateDirectoryMode=0700\nStateDirectoryMode=rwx\nPIDFile=/var/run/a.pid\nLoadCredential=a:/b c\nLoadCredential=d\nLoadCredential=a:/e\nLoadCredential=f\\:g:/h\nDeviceAllow=/dev//null rw\nDeviceAllow=\"char-pts\"\nDeviceAllow=/dev/zero x\n",
    // Scalars.
    "Restart=no\nRestart=on-failure\nRestart=\nRestartSec=1min 30.5s\nRestartSec=5 parsecs\nTimeoutStartSec=0\nTimeoutSec=1h\nTimeoutStopSec=infinity\nUMask=22\nUMask=9\nPrivateTmp=1\nPrivateTmp=\nNoNewPrivileges=Y\nNoNewPrivileges=maybe\nUser=a\nUser=\nSyslogIdentifier= a \"b\"  \n",
    "LimitNOFILE=1K\nLimitNOFILE=64:128\nLimitNOFILE=128:64\nLimitCPU=1500ms\nLimitRTTIME=5\nLimitMEMLOCK=1M 5K:infinity\nMemoryMax=1.5G 1K\nMemoryMax=1g\nTasksMax=100\nSupplementaryGroups=adm \"a\"\n",
    "LimitNOFILE=infinity\nLimitRTTIME=5s\nLimitCPU=2min:infinity\nMemoryMax=0.1G\nTasksMax=infinity\nSupplementaryGroups=adm audio\nSupplementaryGroups=disk\nStandardOutput=append:/var//log/a b\nDelegate=cpu\nDelegate=\n",
    // Sets.
    "RestrictAddressFamilies=AF_UNIX\nRestrictAddressFamilies=~AF_UNIX\nStandardOutput=syslog\nDelegate=no\n",
    "RestrictAddressFamilies=~AF_UNIX AF_INET\nRestrictAddressFamilies=AF_INET \"AF_INET6\"\n",
    "RestrictAddressFamilies=AF_INET\nRestrictAddressFamilies=none\nRestrictAddressFamilies=AF_UNIX AF_NETLINK\nRestrictAddressFamilies=~AF_NETLINK\n",
    // Other sections, and names of old.
    "StartLimitInterval=10\nStartLimitBurst=7\n[Unit]\nStartLimitIntervalSec=20\nStartLimitInterval=1min\nOnFailureIsolate=yes\nDocumentation=\"https://a.example/b c\" man:a(1) b file:/c\nDocumentation='info:d' HTTP://E\nWants=a.service \"b.service\" c.service d\nWants=\nConflicts=d.service\\\n e.service\nJobTimeoutSec=0\n",
    "[Unit]\nDescription=  a  \"b\" 'c' \\x41 %% 100% $A ; # d\\\n  e \t\nConditionPathExists=/a\nConditionHost=b\nConditionPathExists=\nConditionPathExists=|!/c//d/\nConditionPathExists=! /e\nConditionHost=| ! f g\nConditionUser=!|h\nConditionPathExists=/i j\nAssertPathExists=/k\nAssertHost=!l\n",
];

/// Whole files.
const FILES: [&[u8]; 16] = [
    b"\xef\xbb\xbf[Unit]\r\nDescription=a \\\r\n  b\r\n\r\n[Service]\r\nExecStart=/bin/a b\r\nType=oneshot\r\n",
    b"[Unit]\rDescription=a\r[Service]\r\rExecStart=/bin/a\r",
    b"[Unit]\nDescription=a\0[Service]\nExecStart=/bin/a\n",
    b"Description=a\n  [Service]  \n\tExecStart = /bin/a \n=b\nc\n[Bogus]\nExecStartPre=/bin/d\nno sign\n[X-Own]\nExecStartPre=/bin/e\n[Socket]\nExecStartPre=/bin/f\n[Service]\nExecStartPre=/bin/g\n",
    b"\xef\xbb\xbf# a\n[Service]\nExecStart=/bin/a\n",
    b"# caf\xe9\n[Service]\n; \xff\nExecStart=/bin/a\n",
    b"[Service]\nExecStart=/bin/a\n[Unit]\nDescription=a\\",
    b"[Service]\nExecStart=/bin/a\n[Unit]\nDescription=a\\\\\nDocumentation=man:a(1) \\\n[Service]\nExecStartPre=/bin/b\n",
    b"[Service]\nExecStart=/bin/a\n\n[Unit]\nDescription=a\\ \nDocumentation=man:a(1)\n",
    b"[Service]\nEnvironment\\\n=A=\\\n\\\nb\nExecStart=/bin/a\n",
    b"[Service]\nExecStart=/bin/a \\\n\nExecStartPre=/bin/b\\\n\\\n\n",
    // Each keeps the unit from being loaded.
    b"[Service]\nExecStart=/bin/a\n[Unit] # b\nDescription=c\n",
    b"[Service]\nExecStart=/bin/a\n[Un\"it]\n",
    b"[Service]\nExecStart=/bin/a\n[Unit]\nDescription=\xe9\n",
    b"[Service]\nExecStart=/bin/a\n[Unit]\nDescription=\xef\xbf\xbe\n",
    b"[Service]\nExecStart=/bin/a\n[X-Own]\n\xe9\n",
];

const SOCKET: &str = "[Unit]\nDescription=a\n[Socket]\nListenStream=/a\nListenFIFO=/b\nListenDatagram=\nListenStream=/var/run/c d\n\
    ListenFIFO=//e//f/\nListenDatagram=@g\nListenSequentialPacket=/h\nListenFIFO=i\nSocketMode=600\nTimeoutSec=0\n";

const TIMER: &str = "[Timer]\nOnBootSec=5\nOnCalendar=\nOnCalendar=*-*-* 00:00:00\nOnUnitActiveSec=1h 30min\nOnUnitInactiveSec=soon\n\
    Unit=first.service\nUnit=second.service\n";

const PATH: &str = "[Path]\nPathExists=/a\nPathChanged=\nPathModified=/b//c/\nPathExistsGlob=/d/* e\nDirectoryNotEmpty=f\nMakeDirectory=on\n";
