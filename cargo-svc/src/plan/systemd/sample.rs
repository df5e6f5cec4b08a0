//! Packages to plan in tests.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::diagnostics::{Declared, Place, SourceFile};
use crate::service::{
    Account, Directories, EnvName, Package, PackageSettings, Packers, Part, Portable, Restart,
    RestartPolicy, Service, ServiceName, Start, Systemd, Text, TimeSpan, Windows,
};

pub(crate) fn text(text: &str) -> Text {
    Text {
        parts: vec![Part::Literal(text.into())],
    }
}

/// A value that stands in a file, so that a finding about it has a place.
pub(crate) fn declared<T>(key: &str, value: T) -> Declared<T> {
    let source = Arc::new(SourceFile {
        path: PathBuf::from("Cargo.toml"),
        text: String::new(),
    });
    Declared::at(
        value,
        Place {
            source,
            key: format!("package.metadata.service.{key}"),
            span: 0..0,
        },
    )
}

/// A service with every default of the portable keys, but without hardening.
pub(crate) fn service(name: &str) -> Service {
    let keys = Portable {
        name: Declared::default_of(ServiceName::parse(name).unwrap()),
        bin: Declared::default_of(name.into()),
        display_name: None,
        description: Some(declared(
            "description",
            "Receives readings and stores them".into(),
        )),
        documentation: Vec::new(),
        args: Vec::new(),
        environment: BTreeMap::new(),
        working_dir: Some(Declared::default_of(text("/"))),
        start: Some(Declared::default_of(Start::Boot)),
        after: Vec::new(),
        requires: Vec::new(),
        account: Some(Declared::default_of(Account::Dynamic)),
        restart: Some(Declared::default_of(Restart {
            policy: RestartPolicy::OnFailure,
            delay: TimeSpan::Finite(Duration::from_secs(5)),
        })),
        start_timeout: Some(Declared::default_of(TimeSpan::Finite(Duration::from_secs(
            90,
        )))),
        stop_timeout: Some(Declared::default_of(TimeSpan::Finite(Duration::from_secs(
            30,
        )))),
        watchdog: None,
        events: Vec::new(),
        directories: Directories::default(),
        files: Vec::new(),
        credentials: Vec::new(),
        sockets: Vec::new(),
        hardening: None,
        log: None,
    };
    Service {
        uses_runtime: vec![crate::build::System::Linux, crate::build::System::Windows],
        systemd: keys.clone(),
        own_systemd: Systemd::default(),
        windows: keys,
        own_windows: Windows::default(),
        not_for: Vec::new(),
    }
}

pub(crate) fn package(services: Vec<Service>) -> Package {
    Package {
        name: "beacon".into(),
        version: "1.2.3".parse().unwrap(),
        root: PathBuf::new(),
        manifest: Arc::new(SourceFile {
            path: PathBuf::from("Cargo.toml"),
            text: String::new(),
        }),
        description: None,
        repository: None,
        homepage: None,
        packers: Packers::default(),
        settings: PackageSettings {
            manufacturer: None,
            upgrade_code: None,
            version: None,
            license: None,
            icon: None,
            output_dir: Declared::default_of("packaging".into()),
        },
        services,
    }
}

pub(crate) fn variable(service: &mut Service, name: &str, value: &str) {
    service.systemd.environment.insert(
        EnvName::parse(name).unwrap(),
        declared("environment", text(value)),
    );
}

pub(crate) fn argument(service: &mut Service, value: &str) {
    service.systemd.args.push(declared("args", text(value)));
}
