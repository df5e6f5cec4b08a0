//! Whether a package's program has svc-rt in it, and what of it.

use cargo_metadata::{Dependency, DependencyKind, Package};

use crate::build::{System, Triple};

/// The processors and C libraries that programs are built for, as `cfg` tells them: a dependency for one of them may be linked.
const MACHINES: [(&str, u8); 8] = [
    ("x86_64", 64),
    ("aarch64", 64),
    ("x86", 32),
    ("arm", 32),
    ("riscv64", 64),
    ("powerpc64", 64),
    ("s390x", 64),
    ("loongarch64", 64),
];

/// Whether a package depends on svc-rt at all, under whatever name.
pub fn depends_on_runtime(package: &Package) -> bool {
    runtime(package).next().is_some()
}

/// Whether a package's program for a system links svc-rt, under whatever name, as it is built without further features.
pub fn uses_runtime(package: &Package, system: System) -> bool {
    runtime(package).any(|dependency| {
        let is_linked = !dependency.optional || is_default(package, name(dependency));
        is_linked && is_for(dependency, system)
    })
}

/// Whether a package's program may have a feature of svc-rt: its dependency names it, or a feature of its own could.
pub fn may_have_runtime_feature(package: &Package, feature: &str) -> bool {
    let own: Vec<&String> = package.features.values().flatten().collect();
    runtime(package).any(|dependency| {
        let turns_on = |word: &str| {
            let rest = word.strip_prefix(name(dependency));
            rest.is_some_and(|rest| rest.trim_start_matches('?').strip_prefix('/') == Some(feature))
        };
        dependency.features.iter().any(|other| other == feature)
            || own.iter().any(|word| turns_on(word))
    })
}

/// The dependencies on svc-rt that the program may link.
fn runtime(package: &Package) -> impl Iterator<Item = &Dependency> {
    package.dependencies.iter().filter(|dependency| {
        dependency.name == "svc-rt" && dependency.kind == DependencyKind::Normal
    })
}

/// What the package calls a dependency.
fn name(dependency: &Dependency) -> &str {
    dependency.rename.as_ref().unwrap_or(&dependency.name)
}

/// Whether the package's default features turn an optional dependency on.
fn is_default(package: &Package, name: &str) -> bool {
    let mut on = vec!["default"];
    let mut next = 0;
    while let Some(feature) = on.get(next).copied() {
        next += 1;
        for word in package.features.get(feature).into_iter().flatten() {
            // `name/feature` turns the dependency on, `name?/feature` does not.
            let dependency = word.strip_prefix("dep:").or(word.split('/').next());
            if dependency == Some(name) {
                return true;
            }
            if !on.contains(&word.as_str()) {
                on.push(word);
            }
        }
    }
    false
}

/// Whether a dependency is for programs of a system, or for some of them.
fn is_for(dependency: &Dependency, system: System) -> bool {
    let Some(platform) = &dependency.target else {
        return true;
    };
    let text = platform.to_string();
    if !text.starts_with("cfg(") {
        return Triple::parse(&text).is_ok_and(|triple| triple.system() == system);
    }
    let (own, libraries) = match system {
        System::Linux => (
            [
                "unix",
                "target_os=\"linux\"",
                "target_family=\"unix\"",
                "target_vendor=\"unknown\"",
            ],
            ["gnu", "musl"],
        ),
        System::Windows => (
            [
                "windows",
                "target_os=\"windows\"",
                "target_family=\"windows\"",
                "target_vendor=\"pc\"",
            ],
            ["msvc", "gnu"],
        ),
    };
    MACHINES.iter().any(|(processor, width)| {
        libraries.iter().any(|library| {
            let more = [
                format!("target_arch=\"{processor}\""),
                format!("target_pointer_width=\"{width}\""),
                format!("target_env=\"{library}\""),
                "panic=\"unwind\"".to_owned(),
            ];
            let all = own.iter().copied().chain(more.iter().map(String::as_str));
            let all: Vec<_> = all.filter_map(|word| word.parse().ok()).collect();
            platform.matches("", &all)
        })
    })
}
