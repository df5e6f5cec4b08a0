//! From the steps of an installation to what Windows Installer is told.

use super::actions::{self, Service};
use super::files::Files;
use super::fit::fit;
use super::folders::Folders;
use super::formatted::BehindFolder;
use super::identity::{Keys, guid, key};
use super::lacks::Lacks;
use super::number::Sequence;
use super::product::{OLD_FOLDER, conditions, folder_key, properties, searches};
use super::rows::{arguments, event_source, row};
use super::variables;
use super::{
    Component, Data, File, Formatted, INSTALL_DIR, Installer, RegistryValue, Source, firewall,
    logon_right, needs,
};
use crate::diagnostics::{Declared, Diagnostic, Place, Report};
use crate::plan::windows::{Action, Sid, Value, WindowsPlan, WindowsService};
use crate::service::{Folder, Package, Part, Text};

/// Longest start that Windows Installer waits for, in seconds (Microsoft, "`ServiceControl` Table").
const LONGEST_WAIT: u64 = 30;

/// Plans the installer of a package, or says what it cannot be told: then there is none. `None` only if errors were reported.
pub fn installer(
    plan: &WindowsPlan,
    package: &Package,
    report: &mut Report,
) -> Option<Result<Installer, Lacks>> {
    let mut build = Build {
        package,
        upgrade_code: upgrade_code(package),
        lacks: Lacks::of(plan),
        folders: Folders::new(plan),
        files: Files::default(),
    };
    let upgrade_code = build.upgrade_code.clone();
    let mut services: Vec<Service> = plan
        .services
        .iter()
        .map(|service| Service::new(service, plan))
        .collect();
    let mut components: Vec<Component> = plan
        .programs
        .iter()
        .map(|program| component(program, &upgrade_code))
        .collect();
    for step in &plan.steps {
        build.step(&step.action, plan, &mut services, &mut components);
    }
    if let Some(first) = components.first_mut() {
        first.registry.push(RegistryValue {
            id: "Svc.InstallDir".to_owned(),
            key: folder_key(&plan.package),
            name: "InstallDir".to_owned(),
            data: Data::Text(Formatted::property(INSTALL_DIR)),
        });
    }
    if !build.lacks.is_empty() {
        return Some(Err(build.lacks));
    }
    let mut folders = std::mem::take(&mut build.folders);
    let files = std::mem::take(&mut build.files);
    let sequence = sequence(plan, &services, &mut components, &mut folders, &files);
    let Some(actions) = sequence.finish() else {
        report.add(
            Diagnostic::error(format!(
                "an installer of Windows Installer has no room for {} services with {} files",
                services.len(),
                plan.files.len()
            ))
            .help("give some of them a package of their own"),
        );
        return None;
    };
    let mut installer = Installer {
        package: plan.package.clone(),
        group: key("Svc", &plan.package),
        name: plan.add_remove.display_name.clone(),
        // Windows Installer takes no product without a manufacturer.
        manufacturer: plan
            .add_remove
            .publisher
            .clone()
            .unwrap_or_else(|| plan.package.clone()),
        comments: plan.add_remove.comments.clone(),
        upgrade_code,
        properties: properties(plan, &services),
        searches: [searches(plan, &services), folders.records.clone()].concat(),
        conditions: conditions(&services)
            .into_iter()
            .chain(folders.conditions.drain(..))
            .collect(),
        folder_searches: std::mem::take(&mut folders.found),
        directories: folders.directories(),
        components,
        made: folders.made,
        placed: files.placed,
        standard: actions::standard(),
        actions,
        // Files that whoever knows the disk reads.
        licence: None,
        icon: None,
    };
    for service in fit(&mut installer) {
        build.too_long(&service);
    }
    if build.lacks.is_empty() {
        Some(Ok(installer))
    } else {
        Some(Err(build.lacks))
    }
}

/// All actions, in the order of their dependencies, and what of the rows follows from them.
fn sequence(
    plan: &WindowsPlan,
    services: &[Service],
    components: &mut [Component],
    folders: &mut Folders,
    files: &Files,
) -> Sequence {
    let mut sequence = Sequence::default();
    firewall::forget_old(&mut sequence, &plan.package);
    actions::clean(&mut sequence, &plan.package);
    actions::purge(&mut sequence);
    folders.purge(&mut sequence, &plan.package, actions::PURGES);
    let sids: Vec<Sid> = plan.services.iter().map(|one| one.sid.clone()).collect();
    folders.check(&mut sequence, &sids);
    files.actions(&mut sequence, &plan.package);
    for (service, planned) in services.iter().zip(&plan.services) {
        actions::service(&mut sequence, service, &plan.package);
        let component = components
            .iter_mut()
            .find(|one| one.file.name.eq_ignore_ascii_case(&planned.program));
        needs::carry(&mut sequence, service, planned, component);
    }
    logon_right::prepare(&mut sequence, services);
    firewall::add(&mut sequence, plan);
    actions::prepare(&mut sequence, OLD_FOLDER);
    folders.install_dir(&mut sequence, plan);
    for row in components.iter_mut().flat_map(|one| &mut one.services) {
        if let Some(service) = services.iter().find(|known| known.name == row.name) {
            row.password = logon_right::password(service, services);
        }
    }
    sequence
}

/// The identity of all versions of a package: what `init` wrote down, or what follows from its names.
fn upgrade_code(package: &Package) -> String {
    match &package.settings.upgrade_code {
        Some(code) => format!("{{{}}}", code.value),
        None => guid(&[
            "upgrade",
            &package.name,
            package.repository.as_deref().unwrap_or_default(),
        ]),
    }
}

fn component(program: &str, upgrade_code: &str) -> Component {
    let keys = Keys::of(program);
    let path = format!("{INSTALL_DIR}/{}", program.to_ascii_lowercase());
    Component {
        id: keys.key("Component"),
        guid: guid(&["component", upgrade_code, &path]),
        file: File {
            id: keys.key("File"),
            name: program.to_owned(),
            source: Source::Program(program.to_owned()),
        },
        folder_sddl: None,
        registry: Vec::new(),
        services: Vec::new(),
    }
}

struct Build<'a> {
    package: &'a Package,
    upgrade_code: String,
    lacks: Lacks,
    folders: Folders,
    files: Files,
}

impl Build<'_> {
    /// A command line of Windows Installer cannot be made to fit.
    fn too_long(&mut self, service: &str) {
        let mut services = self.package.services.iter();
        let found = services.find(|known| known.windows.name.value.as_str() == service);
        let folder = |arg: &&Declared<Text>| {
            let mut parts = arg.value.parts.iter();
            parts.any(|part| matches!(part, Part::Folder(_)))
        };
        let arg = found.and_then(|service| service.windows.args.iter().rfind(folder));
        let place = arg.and_then(Declared::place).cloned();
        self.lacks.too_long(service, place);
    }

    /// Whether a start is declared to take longer than Windows Installer waits: then it cannot take the installation back. The
    /// default can.
    fn starts_long(&self, planned: &WindowsService) -> bool {
        let service = self
            .package
            .services
            .iter()
            .find(|service| service.windows.name.value.as_str() == planned.name);
        let declared = service
            .and_then(|service| service.windows.start_timeout.as_ref())
            .is_some_and(|time| time.place().is_some());
        declared && planned.start_wait.is_none_or(|wait| wait > LONGEST_WAIT)
    }

    /// Where it is declared that this character stands right behind the install folder.
    fn place(&self, service: &str, key: &str, behind: char) -> Option<&Place> {
        let mut services = self.package.services.iter();
        let service = services.find(|known| known.windows.name.value.as_str() == service)?;
        let is_it = |text: &&Declared<Text>| {
            text.value.parts.windows(2).any(|pair| {
                matches!(pair, [Part::Folder(Folder::Install), Part::Literal(rest)] if rest.starts_with(behind))
            })
        };
        let keys = &service.windows;
        match key {
            "args" => keys.args.iter().find(is_it)?.place(),
            "environment" => {
                let values = keys.environment.values();
                values.chain(&keys.working_dir).find(is_it)?.place()
            }
            _ => service.own_windows.event_log.as_ref()?.place(),
        }
    }

    /// The value as Windows Installer writes it.
    fn formatted(&mut self, value: &Value, service: &str, key: &str) -> Formatted {
        match Formatted::of(value) {
            Ok(formatted) => formatted,
            Err(BehindFolder(c)) => {
                let place = self.place(service, key, c).cloned();
                self.lacks.behind_folder(service, key, c, place);
                Formatted::default()
            }
        }
    }

    /// Puts a step where Windows Installer carries it out. It can do each of them.
    fn step<'a>(
        &mut self,
        action: &'a Action,
        plan: &WindowsPlan,
        services: &mut [Service<'a>],
        components: &mut [Component],
    ) {
        let index = |name: &str| plan.services.iter().position(|known| known.name == name);
        let of = |name: &str| {
            let service = &plan.services[index(name)?];
            components
                .iter()
                .position(|known| known.file.name.eq_ignore_ascii_case(&service.program))
        };
        match action {
            Action::InstallFolder { access } => {
                if let Some(first) = components.first_mut() {
                    first.folder_sddl = Some(("Svc.Folder".to_owned(), access.sddl()));
                }
            }
            // Each program has its component from the start; the entry is written by Windows Installer itself, from properties;
            // a start is a row beside the service's; the right to log on follows from the account. For the others see `lacks`.
            Action::Program { .. }
            | Action::AddRemoveEntry(_)
            | Action::Start { .. }
            | Action::LogonRight { .. } => {}
            Action::Firewall(rule) => {
                if let Some(place) = of(&rule.service) {
                    let note = firewall::note(rule, &plan.package);
                    components[place].registry.push(note);
                }
            }
            Action::DataFolder(folder) => self.folders.data(folder, &plan.package),
            Action::File(file) => self.files.add(file, &mut self.folders, &self.upgrade_code),
            Action::Register {
                service,
                registration,
            } => {
                let (Some(number), Some(place)) = (index(service), of(service)) else {
                    return;
                };
                let planned = &plan.services[number];
                let out = &mut services[number];
                out.take(action);
                let arguments = arguments(&registration.image_path);
                let arguments = self.formatted(&arguments, service, "args");
                let waits = !self.starts_long(planned);
                components[place]
                    .services
                    .push(row(planned, out, arguments, waits));
            }
            Action::Account { service, .. }
            | Action::StartType { service, .. }
            | Action::Description { service, .. }
            | Action::Token { service, .. }
            | Action::Recovery { service, .. }
            | Action::PreshutdownTimeout { service, .. } => {
                if let Some(number) = index(service) {
                    services[number].take(action);
                }
            }
            Action::Environment { service, variables } => {
                let Some(place) = of(service) else { return };
                let strings: Vec<Formatted> = variables
                    .iter()
                    .map(|(name, value)| {
                        let mut text = Formatted::literal(format!("{name}="));
                        text.append(&self.formatted(value, service, "environment"));
                        text
                    })
                    .collect();
                if !strings.is_empty() {
                    // By the copy a later run tells what somebody else added.
                    for name in [variables::VALUE, variables::WRITTEN] {
                        components[place].registry.push(RegistryValue {
                            id: key(name, service),
                            key: format!(r"{}\{service}", actions::SERVICES),
                            name: name.to_owned(),
                            data: Data::Strings(strings.clone()),
                        });
                    }
                }
            }
            Action::EventSource { source, messages } => {
                if let Some(place) = of(source) {
                    let messages = self.formatted(messages, source, "event-log");
                    components[place]
                        .registry
                        .extend(event_source(source, messages));
                }
            }
        }
    }
}
