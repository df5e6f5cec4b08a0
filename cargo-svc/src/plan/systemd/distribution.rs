//! What the package of a distribution does for its services when it is installed, upgraded, removed and purged.
//!
//! dpkg's and rpm's scripts are both made from this. Who decides differs (deb-systemd-helper and presets), what there is to
//! decide about does not.

use super::unit::{Directive, Piece, Placed, SectionName, UnitFile, UnitKind, Value};
use super::{ServicePlan, SystemdPlan};
use crate::diagnostics::{Diagnostic, Report};
use crate::service::systemd::Scope;

/// What the scripts of a package know of its services.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Distribution {
    /// The package's name.
    pub package: String,
    /// The oldest systemd that has all of what its units use.
    pub min_version: u32,
    /// Units of the machine's manager.
    pub system: Group,
    /// Units of each user's manager.
    pub user: Group,
    /// What services need before they can be started.
    pub needs: Vec<Need>,
    /// What a purge removes.
    pub purged: Vec<Pattern>,
    /// Folders that a purge removes once nothing is in them, the innermost first.
    pub emptied: Vec<String>,
    /// Whether it brings users (sysusers.d(5)).
    pub has_users: bool,
    /// Whether it brings folders (tmpfiles.d(5)).
    pub has_folders: bool,
}

/// The units of one kind of manager; what starts a service always stands before the service.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Group {
    /// Those that the first installation enables.
    pub enabled: Vec<String>,
    /// All others.
    pub optional: Vec<String>,
    /// The services, as systemctl finds those that run: a template by its instances.
    pub services: Vec<String>,
    /// The sockets.
    pub sockets: Vec<String>,
    /// All units, likewise by what runs.
    pub running: Vec<String>,
    /// The templates.
    pub templates: Vec<String>,
}

impl Group {
    /// All units by their files.
    pub fn files(&self) -> impl Iterator<Item = &String> {
        self.enabled.iter().chain(&self.optional)
    }
}

/// Files and secrets without which units are enabled but not started.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Need {
    /// The units that wait for them.
    pub units: Vec<String>,
    /// Their paths.
    pub paths: Vec<String>,
}

/// A path in which anything may stand between the parts.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Pattern {
    /// The parts; one alone is the path itself.
    pub parts: Vec<String>,
}

/// The folders that systemd makes for a service, and where.
const FOLDERS: [(&str, &str); 4] = [
    ("StateDirectory", "/var/lib"),
    ("CacheDirectory", "/var/cache"),
    ("LogsDirectory", "/var/log"),
    ("ConfigurationDirectory", "/etc"),
];

/// Where an operator puts secrets.
const CREDENTIALS: &str = "/etc/credstore";

/// Plans what the scripts do. What a purge cannot find is reported as a note.
pub fn distribution(plan: &SystemdPlan, report: &mut Report) -> Distribution {
    let mut distribution = Distribution {
        package: plan.package.clone(),
        min_version: plan.min_version,
        system: group(plan, Scope::System),
        user: group(plan, Scope::User),
        needs: needs(plan),
        purged: Vec::new(),
        emptied: Vec::new(),
        has_users: !plan.users.is_empty(),
        has_folders: !plan.folders.is_empty(),
    };
    // What a user's services keep is that user's.
    let services = |service: &&ServicePlan| service.scope == Scope::System;
    for service in plan.services.iter().filter(services) {
        purge(service, &mut distribution, report);
    }
    distribution
}

fn group(plan: &SystemdPlan, scope: Scope) -> Group {
    let mut group = Group::default();
    let mut units: Vec<_> = plan
        .units()
        .filter(|(service, _)| service.scope == scope)
        .collect();
    units.sort_by_key(|(_, unit)| unit.kind == UnitKind::Service);
    for (service, unit) in units {
        let name = unit.file_name.clone();
        let running = name.replace("@.", "@*.");
        if running != name {
            group.templates.push(name.clone());
        }
        match unit.kind {
            UnitKind::Service => group.services.push(running.clone()),
            UnitKind::Socket => group.sockets.push(name.clone()),
            UnitKind::Timer | UnitKind::Path => {}
        }
        group.running.push(running);
        if service.enables(unit) && is_installable(unit) {
            group.enabled.push(name);
        } else {
            group.optional.push(name);
        }
    }
    group
}

/// Whether `systemctl enable` finds something to do.
fn is_installable(unit: &UnitFile) -> bool {
    unit.directives()
        .any(|(section, _)| section == SectionName::Install)
}

/// What each service, and each that it pulls in, needs.
fn needs(plan: &SystemdPlan) -> Vec<Need> {
    let mut needs = Vec::new();
    for service in plan.services.iter().filter(|service| !service.template) {
        let mut pulled = vec![service];
        let mut next = 0;
        while let Some(service) = pulled.get(next).copied() {
            next += 1;
            for other in &plan.services {
                if requires(service, other) && !pulled.iter().any(|known| known.name == other.name)
                {
                    pulled.push(other);
                }
            }
        }
        let mut paths = Vec::new();
        for path in pulled.into_iter().flat_map(needed_paths) {
            if !paths.contains(&path) {
                paths.push(path);
            }
        }
        if !paths.is_empty() {
            let units = service.units.iter().map(|unit| unit.file_name.clone());
            needs.push(Need {
                units: units.collect(),
                paths,
            });
        }
    }
    needs
}

fn requires(service: &ServicePlan, other: &ServicePlan) -> bool {
    let name = format!("{}.service", other.name);
    lines(service, "Requires")
        .any(|line| matches!(&line.value, Value::Units(units) if units.contains(&name)))
}

fn needed_paths(service: &ServicePlan) -> Vec<String> {
    let files = service.required.iter().map(|path| path.with_prefix("/usr"));
    let secrets = service
        .credentials
        .iter()
        .filter(|secret| secret.required)
        .map(|secret| secret.path.clone());
    files.chain(secrets).collect()
}

/// The lines of a service's own unit with this key.
fn lines<'a>(service: &'a ServicePlan, key: &str) -> impl Iterator<Item = &'a Directive> {
    let own = |unit: &&UnitFile| unit.kind == UnitKind::Service;
    service
        .units
        .iter()
        .filter(own)
        .flat_map(UnitFile::directives)
        .filter_map(move |(_, line)| (line.key == key).then_some(line))
}

fn purge(service: &ServicePlan, distribution: &mut Distribution, report: &mut Report) {
    for (key, root) in FOLDERS {
        for line in lines(service, key) {
            for folder in folders(service, line, report) {
                add(root, &folder, distribution);
                // Where systemd keeps what a dynamic user's folder is a link to (systemd.exec(5)).
                if root != "/etc" {
                    add(&format!("{root}/private"), &folder, distribution);
                }
            }
        }
    }
    if !service.credentials.is_empty() {
        let folder = Placed::from(service.name.as_str());
        add(CREDENTIALS, &folder, distribution);
        // Others may keep theirs there.
        let shared = CREDENTIALS.to_owned();
        if !distribution.emptied.contains(&shared) {
            distribution.emptied.push(shared);
        }
    }
}

/// The folders that a line names.
fn folders(service: &ServicePlan, line: &Directive, report: &mut Report) -> Vec<Placed> {
    match &line.value {
        Value::Words(words) => words.clone(),
        // As somebody typed it for systemd. Whatever needs more than splitting is left to the operator.
        Value::Raw(text) => {
            let (plain, odd): (Vec<_>, Vec<_>) = text.split_ascii_whitespace().partition(|word| {
                word.chars()
                    .all(|c| c.is_alphanumeric() || "._-/@+".contains(c))
                    && !word.split('/').any(|step| step == "..")
            });
            for word in odd {
                report.add(
                    Diagnostic::note(format!(
                        "purging the package leaves `{word}` of `{}` of `{}` on the machine",
                        line.key, service.name
                    ))
                    .help("declare it under `directories`: then it is known which folder that is"),
                );
            }
            plain.into_iter().map(Placed::from).collect()
        }
        _ => Vec::new(),
    }
}

fn add(root: &str, folder: &Placed, distribution: &mut Distribution) {
    let mut parts = vec![format!("{root}/")];
    for piece in &folder.pieces {
        match (piece, parts.last_mut()) {
            (Piece::Literal(text), Some(last)) => last.push_str(text),
            (Piece::Specifier(_), _) => parts.push(String::new()),
            // No folder of a service's lies below the installation's prefix.
            (Piece::Literal(_), None) | (Piece::Prefix, _) => {}
        }
    }
    // The folder's own parents, up to what is the system's.
    let known = parts[0].clone();
    let mut below = known[root.len() + 1..].to_owned();
    while let Some((parent, _)) = below.rsplit_once('/') {
        let parent = parent.to_owned();
        let path = format!("{root}/{parent}");
        if !parent.is_empty() && !distribution.emptied.contains(&path) {
            distribution.emptied.push(path);
        }
        below = parent;
    }
    let pattern = Pattern { parts };
    if !distribution.purged.contains(&pattern) {
        distribution.purged.push(pattern);
    }
}
