//! Sources for WiX, of both generations: v3, and v4 with what came after it.
//!
//! A fragment to include in an installer of one's own, and beside it a product that stands alone. Neither holds the version.

mod places;
mod ui;
mod wixl;

use std::cell::LazyCell;
use std::ops::Deref;

use askama::Template;

use places::{Directory, Look, Made, Placed};

use super::{Files, Kind, Text, dialogs};
use crate::escape::msi;
use crate::escape::wxs::{self, LaidOut};
use crate::plan::windows::StartType;
use crate::plan::windows::installer::{
    Component, CustomAction, Data, Formatted, Installer, Moment, PROGRAM_DATA, PROGRAMS, Property,
    RegistryValue, ServiceRow, Task,
};

/// The name of the licence below `wix/`.
pub const LICENCE: &str = "license.rtf";

/// The sources of both generations, below `wix/`.
pub fn sources(installer: &Installer, files: &mut dyn Files) {
    // One package may have the product's name.
    let fragment = match installer.package.as_str() {
        "product" => "product.fragment",
        name => name,
    };
    // What files share is made with the first of them that is written.
    let source = LazyCell::new(|| Source::new(installer));
    let v3 = LazyCell::new(|| Generation::new(&source, &SetupV3(&source), &ComponentsV3(&source)));
    let v4 = LazyCell::new(|| Generation::new(&source, &SetupV4(&source), &ComponentsV4(&source)));
    let mut file = |kind: Kind, path: String, write: &mut dyn FnMut(&mut Text)| {
        files.file(kind, format!("wix/{path}"), false, write);
    };
    file(Kind::WixV3, format!("v3/{fragment}.wxs"), &mut |out| {
        out.template(&FragmentV3(&v3));
    });
    file(Kind::WixV3Product, "v3/product.wxs".into(), &mut |out| {
        out.template(&ProductV3(&v3));
    });
    file(Kind::WixV4, format!("v4/{fragment}.wxs"), &mut |out| {
        out.template(&FragmentV4(&v4));
    });
    file(Kind::WixV4Product, "v4/product.wxs".into(), &mut |out| {
        out.template(&ProductV4(&v4));
    });
    if let Some(licence) = &installer.licence {
        file(Kind::WixLicence, LICENCE.into(), &mut |out| {
            out.bytes(licence.rtf.as_bytes());
        });
    }
}

/// A template over what it borrows, whose fields it reads as its own.
macro_rules! template {
    ($name:ident, $of:ident, $path:literal) => {
        #[derive(Template)]
        #[template(path = $path)]
        struct $name<'a>(&'a $of<'a>);

        impl<'a> Deref for $name<'a> {
            type Target = $of<'a>;

            fn deref(&self) -> &$of<'a> {
                self.0
            }
        }
    };
}

template!(SetupV3, Source, "wix/v3/setup.wxs");
template!(ComponentsV3, Source, "wix/v3/components.wxs");
template!(FragmentV3, Generation, "wix/v3/fragment.wxs");
template!(ProductV3, Generation, "wix/v3/product.wxs");
template!(SetupV4, Source, "wix/v4/setup.wxs");
template!(ComponentsV4, Source, "wix/v4/components.wxs");
template!(FragmentV4, Generation, "wix/v4/fragment.wxs");
template!(ProductV4, Generation, "wix/v4/product.wxs");

/// The parts that fragment and product of one generation have in common.
struct Generation<'a> {
    source: &'a Source<'a>,
    setup: LaidOut,
    components: LaidOut,
}

/// What is laid out can be: see [`Text::template`].
const CARRIED: &str = "the plan holds only what its escaper can carry";

impl<'a> Generation<'a> {
    fn new(source: &'a Source<'a>, setup: &impl Template, components: &impl Template) -> Self {
        Self {
            source,
            setup: wxs::part(setup).expect(CARRIED),
            components: wxs::part(components).expect(CARRIED),
        }
    }
}

impl<'a> Deref for Generation<'a> {
    type Target = Source<'a>;

    fn deref(&self) -> &Source<'a> {
        self.source
    }
}

use ui::{Ico, Window, windows};

/// What the templates lay out.
struct Source<'a> {
    installer: &'a Installer,
    utf8: bool,
    /// Whether a text holds a dollar sign, which wixl loses.
    dollar: bool,
    summary_name: String,
    summary_manufacturer: String,
    downgrade: &'static str,
    title: String,
    of_product: Vec<Given<'a>>,
    given: Vec<Given<'a>>,
    open: Vec<&'a Property>,
    conditions: Vec<Condition<'a>>,
    sets: Vec<Action<'a>>,
    runs: Vec<Action<'a>>,
    beyond_wixl: Vec<Action<'a>>,
    folder_searches: Vec<Look<'a>>,
    has_data: bool,
    roots: Vec<&'static str>,
    directories: Vec<Directory<'a>>,
    components: Vec<Part<'a>>,
    made: Vec<Made<'a>>,
    placed: Vec<Placed<'a>>,
    dialogs: Vec<Window>,
    icons: Vec<Ico>,
}

struct Given<'a> {
    name: &'a str,
    value: LaidOut,
}

struct Condition<'a> {
    condition: &'a str,
    message: LaidOut,
}

struct Action<'a> {
    id: &'a str,
    property: &'a str,
    value: LaidOut,
    moment: &'static str,
    outcome: &'static str,
    condition: &'a str,
    has_condition: bool,
    sequence: u16,
}

struct Part<'a> {
    id: &'a str,
    guid: &'a str,
    file_id: &'a str,
    file_name: &'a str,
    folder: Vec<Folder<'a>>,
    registry: Vec<Value<'a>>,
    services: Vec<Service<'a>>,
}

struct Folder<'a> {
    id: &'a str,
    sddl: &'a str,
}

struct Value<'a> {
    id: &'a str,
    key: &'a str,
    name: &'a str,
    kind: &'static str,
    data: LaidOut,
}

struct Service<'a> {
    id: &'a str,
    starts: Vec<&'a str>,
    stop_id: &'a str,
    name: &'a str,
    display_name: LaidOut,
    start: &'static str,
    account: LaidOut,
    password: LaidOut,
    arguments: LaidOut,
    has_arguments: bool,
    description: LaidOut,
    has_description: bool,
    dependencies: &'a [String],
    wait: &'static str,
}

impl<'a> Source<'a> {
    /// Whether something is open to others without the access lists that wixl lacks.
    fn wants_lists(&self) -> bool {
        self.installer.made.iter().any(|made| made.lock.is_some())
            || self
                .installer
                .placed
                .iter()
                .any(|placed| placed.lock.is_some())
    }

    fn new(installer: &'a Installer) -> Self {
        let given = |of_product: bool| {
            let wanted = move |property: &&Property| property.of_product == of_product;
            let properties = installer.properties.iter().filter(wanted);
            properties
                .filter_map(|property| {
                    Some(Given {
                        name: &property.name,
                        value: escaped(property.value.as_deref()?),
                    })
                })
                .collect()
        };
        let actions = |wanted: fn(&CustomAction) -> bool| {
            let actions = installer.actions.iter();
            actions
                .filter(|action| wanted(action))
                .map(Action::new)
                .collect()
        };
        let texts = texts(installer);
        let everything = texts.iter().copied().chain(values(installer));
        Self {
            utf8: msi::code_page(everything) == msi::UTF_8,
            dollar: wixl::loses_dollars(installer, &texts),
            summary_name: msi::ascii(&installer.name, &installer.package),
            summary_manufacturer: msi::ascii(&installer.manufacturer, &installer.package),
            downgrade: msi::DOWNGRADE,
            title: installer.title(),
            of_product: given(true),
            given: given(false),
            open: installer
                .properties
                .iter()
                .filter(|property| property.value.is_none())
                .collect(),
            conditions: installer
                .conditions
                .iter()
                .map(|condition| Condition {
                    condition: &condition.condition,
                    message: formatted(&condition.message),
                })
                .collect(),
            sets: actions(|action| !is_run(action)),
            runs: actions(|action| is_run(action) && wixl::can_build(action)),
            beyond_wixl: actions(|action| !wixl::can_build(action)),
            folder_searches: installer.folder_searches.iter().map(Look::new).collect(),
            has_data: installer
                .directories
                .iter()
                .any(|one| one.parent == PROGRAM_DATA),
            roots: [PROGRAMS, PROGRAM_DATA]
                .into_iter()
                .filter(|root| installer.directories.iter().any(|one| one.parent == *root))
                .collect(),
            directories: installer.directories.iter().map(Directory::new).collect(),
            components: installer.components.iter().map(Part::new).collect(),
            made: installer.made.iter().map(Made::new).collect(),
            placed: installer.placed.iter().map(Placed::new).collect(),
            dialogs: windows(installer),
            icons: installer.icon.iter().map(Ico::new).collect(),
            installer,
        }
    }
}

/// Text that stands in both generations.
fn escaped(text: &str) -> LaidOut {
    wxs::escaped(text).expect(CARRIED)
}

/// The same for text that Windows Installer puts properties into.
fn formatted(value: &Formatted) -> LaidOut {
    wxs::formatted(value).expect(CARRIED)
}

/// What properties are set to from the start.
fn values(installer: &Installer) -> impl Iterator<Item = &str> {
    let properties = installer.properties.iter();
    properties.filter_map(|property| property.value.as_deref())
}

/// Whether an action runs a program.
const fn is_run(action: &CustomAction) -> bool {
    matches!(action.task, Task::Run { .. })
}

/// All texts that people wrote, which decide the code page. What Windows Installer writes between and instead of them is ASCII.
fn texts(installer: &Installer) -> Vec<&str> {
    let mut all = vec![installer.name.as_str(), &installer.manufacturer];
    all.extend(installer.directories.iter().map(|one| one.name.as_str()));
    all.extend(installer.files().map(|(_, file)| file.name.as_str()));
    let records = installer.made.iter().flat_map(|made| &made.record);
    let components = installer.components.iter();
    let registry = components.flat_map(|component| &component.registry);
    for value in records.chain(registry) {
        match &value.data {
            Data::Text(text) | Data::Expandable(text) => all.extend(text.literals()),
            Data::Number(_) => {}
            Data::Strings(strings) => all.extend(strings.iter().flat_map(Formatted::literals)),
        }
    }
    let components = installer.components.iter();
    for service in components.flat_map(|component| &component.services) {
        let texts = [&service.display_name, &service.arguments];
        for text in texts.into_iter().chain(&service.description) {
            all.extend(text.literals());
        }
        all.extend(service.dependencies.iter().map(String::as_str));
    }
    all
}

impl<'a> Action<'a> {
    fn new(action: &'a CustomAction) -> Self {
        let (property, value, moment, checked) = match &action.task {
            Task::Set { property, value } => {
                (property.as_ref(), formatted(value), "immediate", true)
            }
            Task::Run {
                tool,
                arguments,
                moment,
                checked,
            } => {
                let moment = match moment {
                    Moment::InPlace => "deferred",
                    Moment::Rollback => "rollback",
                    Moment::Commit => "commit",
                };
                let arguments = formatted(arguments);
                (tool.property(), arguments, moment, *checked)
            }
        };
        Self {
            id: &action.id,
            property,
            value,
            moment,
            outcome: if checked { "check" } else { "ignore" },
            condition: &action.condition,
            has_condition: !action.condition.is_empty(),
            sequence: action.sequence,
        }
    }
}

impl<'a> Part<'a> {
    fn new(component: &'a Component) -> Self {
        let folder = component.folder_sddl.iter();
        Self {
            id: &component.id,
            guid: &component.guid,
            file_id: &component.file.id,
            file_name: &component.file.name,
            folder: folder.map(|(id, sddl)| Folder { id, sddl }).collect(),
            registry: component.registry.iter().map(Value::new).collect(),
            services: component.services.iter().map(Service::new).collect(),
        }
    }
}

/// WiX's word for a kind of value, and the value as WiX takes it.
fn data(data: &Data) -> (&'static str, LaidOut) {
    match data {
        Data::Text(text) => ("string", formatted(text)),
        Data::Expandable(text) => ("expandable", formatted(text)),
        Data::Number(number) => ("integer", escaped(&number.to_string())),
        // WiX's own kind for lists wants an element for each string, which wixl does not know; what it writes is this.
        Data::Strings(strings) => ("string", wxs::strings(strings).expect(CARRIED)),
    }
}

impl<'a> Value<'a> {
    fn new(value: &'a RegistryValue) -> Self {
        let (kind, data) = data(&value.data);
        Self {
            id: &value.id,
            key: &value.key,
            name: &value.name,
            kind,
            data,
        }
    }
}

impl<'a> Service<'a> {
    fn new(service: &'a ServiceRow) -> Self {
        let description = service.description.as_ref();
        Self {
            id: &service.id,
            starts: service.start_id.iter().map(String::as_str).collect(),
            stop_id: &service.stop_id,
            name: &service.name,
            display_name: formatted(&service.display_name),
            start: match service.start {
                StartType::Automatic | StartType::Delayed => "auto",
                StartType::Demand => "demand",
            },
            account: formatted(&service.account),
            password: formatted(&service.password),
            has_arguments: !service.arguments.is_empty(),
            arguments: formatted(&service.arguments),
            has_description: description.is_some(),
            description: description.map_or_else(|| escaped(""), formatted),
            dependencies: &service.dependencies,
            wait: if service.waits { "yes" } else { "no" },
        }
    }
}

#[cfg(test)]
mod tests;
