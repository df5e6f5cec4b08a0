use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

use jsonschema::Validator;
use proptest::prelude::*;

use super::*;
use crate::diagnostics::{Report, SourceFile};
use crate::testing::{HEAD, LOGGING, cargo_package, resolve};
use crate::{manifest, service};

static VALIDATOR: LazyLock<Validator> =
    LazyLock::new(|| jsonschema::draft7::new(&document()).expect("the schema is a schema"));

/// What the schema says of a manifest.
fn check(text: &str) -> Result<(), String> {
    let table: toml::Table = text.parse().expect(text);
    let value = serde_json::to_value(table).expect("TOML without dates is JSON");
    let errors: Vec<_> = VALIDATOR
        .iter_errors(&value)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    match errors.as_slice() {
        [] => Ok(()),
        errors => Err(errors.join("\n")),
    }
}

/// The names of the keys of these scopes.
fn supported(scope: Scope) -> impl Iterator<Item = String> {
    KEYS.iter()
        .filter(move |key| scope.takes(key.scope) && key.usage.is_some())
        .map(|key| key.name.to_owned())
}

fn names(properties: &Value) -> BTreeSet<String> {
    let keys = properties.as_object().expect("these are properties").keys();
    keys.cloned().collect()
}

#[test]
fn it_has_the_keys_of_the_list_and_no_others() {
    let definitions = &document()["definitions"];
    let both = ["systemd", "windows"].map(str::to_owned);
    for (table, scope, targets, own) in [
        ("service", Scope::Portable, true, true),
        ("service.systemd", Scope::Systemd, false, true),
        ("service.windows", Scope::Windows, false, true),
        ("service-package", Scope::Package, false, true),
        ("workspace-service", Scope::Portable, true, false),
        ("workspace-service.systemd", Scope::Systemd, false, false),
        ("workspace-service.windows", Scope::Windows, false, false),
    ] {
        let mut right: BTreeSet<_> = supported(scope).collect();
        right.extend(both.iter().filter(|_| targets).cloned());
        right.retain(|key| own || !OWN.contains(&key.as_str()));
        assert_eq!(names(&definitions[table]["properties"]), right, "{table}");
        assert_eq!(definitions[table]["additionalProperties"], false, "{table}");
    }
}

#[test]
fn the_types_have_the_keys_of_the_list_and_no_others() {
    fn same<T: schemars::JsonSchema>(scope: Scope) {
        let typed = names(&Value::Object(raw::properties::<T>(&mut raw::generator())));
        let listed = KEYS
            .iter()
            .filter(|key| key.scope == scope && key.usage.is_some());
        let listed: BTreeSet<_> = listed.map(|key| key.name.to_owned()).collect();
        assert_eq!(typed, listed);
    }
    same::<Portable>(Scope::Portable);
    same::<Systemd>(Scope::Systemd);
    same::<PackageTable>(Scope::Package);
}

/// The definition of each key with the path of the table that takes it.
fn keys() -> Vec<(&'static KeyInfo, &'static Usage, Value)> {
    let document = document();
    let listed = KEYS
        .iter()
        .filter_map(|key| Some((key, key.usage.as_ref()?)));
    listed
        .map(|(key, usage)| {
            let definitions = &document["definitions"];
            let schema = match key.scope {
                Scope::Portable => &definitions[format!("service.{}", key.name)],
                Scope::Systemd => &definitions[format!("service.systemd.{}", key.name)],
                Scope::Windows => &definitions[format!("service.windows.{}", key.name)],
                Scope::Package => &definitions["service-package"]["properties"][key.name],
            };
            (key, usage, schema.clone())
        })
        .collect()
}

#[test]
fn each_key_says_what_it_means_and_what_it_takes() {
    for (key, usage, schema) in keys() {
        let description = schema["description"].as_str().expect(key.name);
        let (meaning, takes) = description.split_once("\n\n").expect(key.name);
        assert!(meaning.ends_with('.') && meaning.len() > 20, "{meaning}");
        assert!(takes.contains(usage.accepts), "{takes}");
    }
}

#[test]
fn no_value_is_null_and_no_reference_is_dangling() {
    fn walk(value: &Value, document: &Value) {
        assert!(!value.is_null(), "TOML has no null");
        match value {
            Value::Object(entries) => {
                if let Some(Value::String(to)) = entries.get("$ref") {
                    assert!(document.pointer(&to[1..]).is_some(), "{to}");
                }
                assert_ne!(entries.get("type"), Some(&"null".into()), "{entries:?}");
                entries.values().for_each(|value| walk(value, document));
            }
            Value::Array(items) => items.iter().for_each(|value| walk(value, document)),
            value => assert_ne!(value, "null"),
        }
    }
    let document = document();
    walk(&document, &document);
}

/// A value as TOML writes it.
fn toml(value: &Value) -> String {
    match value {
        Value::Array(items) => {
            let items: Vec<_> = items.iter().map(toml).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Object(entries) => {
            let entries: Vec<_> = entries
                .iter()
                .map(|(key, value)| format!("{} = {}", Value::from(key.as_str()), toml(value)))
                .collect();
            format!("{{ {} }}", entries.join(", "))
        }
        // JSON leaves it as it is, TOML does not.
        value => value.to_string().replace('\u{7f}', "\\u007f"),
    }
}

#[test]
fn what_it_gives_as_an_example_is_right() {
    for (key, _, schema) in keys() {
        let examples = schema["examples"].as_array().expect(key.name);
        assert!(!examples.is_empty(), "{}", key.name);
        for example in examples {
            let line = format!("{} = {}\n", key.name, toml(example));
            let text = match key.scope {
                Scope::Package => format!(
                    "[package.metadata.service]\n[{}]\n{line}",
                    key.scope.table()
                ),
                _ if key.name == "requires" => format!(
                    "[[package.metadata.service]]\nname = \"beacon-store\"\nbin = \"beacon\"\n\
                     [[package.metadata.service]]\nname = \"x\"\nbin = \"beacon\"\n{line}"
                ),
                _ if key.name == "files" => {
                    format!("[{}]\ndirectories.config = true\n{line}", key.scope.table())
                }
                _ if key.name == "log" => {
                    format!(
                        "{LOGGING}[{}]\ndirectories.logs = true\n{line}",
                        key.scope.table()
                    )
                }
                _ => format!("[{}]\n{line}", key.scope.table()),
            };
            let text = format!("{HEAD}{text}");
            resolve(&text).expect(&line);
            check(&text).expect(&line);
        }
    }
}

/// Files of this name below a folder.
fn manifests(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("the folder can be read");
    entries
        .flat_map(
            |entry| match entry.expect("the folder can be read").path() {
                path if path.is_dir() => manifests(&path),
                path if path.ends_with("Cargo.toml") => vec![path],
                _ => Vec::new(),
            },
        )
        .collect()
}

#[test]
fn it_takes_every_manifest_here_that_cargo_svc_takes() {
    let here = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
    let mut projects = vec![(here.to_owned(), here.join("examples"))];
    for case in fs::read_dir(here.join("tests/cases")).expect("the cases are there") {
        let project = case.expect("the cases are there").path().join("project");
        projects.push((project.clone(), project));
    }
    let source = |path: &Path| {
        let text = fs::read_to_string(path).expect("the manifest can be read");
        let path = path.to_owned();
        Arc::new(SourceFile { path, text })
    };
    let mut taken = 0;
    for (root, folder) in projects {
        let root = source(&root.join("Cargo.toml"));
        for path in manifests(&folder) {
            let file = source(&path);
            if !file.text.contains("[package]") {
                continue;
            }
            let mut report = Report::default();
            let package = cargo_package(&file.text);
            let read = manifest::from_source(&package, &file, &root, &mut report)
                .and_then(|manifest| service::resolve(&manifest, &mut report));
            if read.is_none() || report.has_errors() {
                continue;
            }
            taken += 1;
            for file in [&file, &root] {
                check(&file.text).unwrap_or_else(|errors| panic!("{}: {errors}", path.display()));
            }
        }
    }
    assert!(taken > 9, "most of them are right: {taken}");
}

/// Right tables in every form that a key has.
const RIGHT: &[&str] = &[
    "[package.metadata.service]",
    "[package.metadata.other]\nx = 1\n[package.metadata.service]",
    "[[package.metadata.service]]\nname = \"a\"\nbin = \"beacon\"\n[[package.metadata.service]]\nname = \"b\"\nbin = \"beacon\"\nafter = [\"a\", \"network\"]",
    "metadata.service = { systemd = false }",
    "metadata.service = { windows = false }",
    "metadata.service = { restart = \"no\", start-timeout = 5, stop-timeout = \"infinity\", watchdog = \"1min 30s\" }",
    "metadata.service = { restart = { delay = 0 } }",
    "metadata.service = { directories = { state = \"a/b\", cache = false, config = { mode = \"750\" }, logs = {} } }",
    "metadata.service = { events = [\"reload\", 128, 255] }",
    "metadata.service = { log = { system = \"off\", stderr = \"trace\", file = { level = \"debug\", rotation = \"never\", keep = 1 } }, directories = { logs = true } }\n[dependencies]\nsvc-rt = { version = \"0.1\", features = [\"log\", \"log-file\"] }",
    "metadata.service = { log = { file = \"info\" }, directories = { logs = true }, windows.log = false }\n[dependencies]\nsvc-rt = { version = \"0.1\", features = [\"log\", \"log-file\"] }",
    "metadata.service = { args = [], environment = {}, working-dir = \"{{x}\" }",
    "metadata.service = { directories = { config = true }, files = [{ to = \"{config-dir}/x\", required = true }] }",
    "metadata.service = { sockets = [{ name = \"a\", listen = [\"tcp://127.0.0.1:1\", \"udp://[::1]:2\"] }] }",
    "metadata.service = { sockets = [{ name = \"a\", systemd = { name = \"x\", ListenFIFO = \"/x\" } }] }",
    "metadata.service.systemd = { after = [\"network\", \"x.mount\", \"x@y.service\"], wants = [\"x@y.service\"] }",
    "metadata.service.systemd = { timer = { name = \"x\", OnCalendar = [] } }",
    "metadata.service = { sockets = [{ name = \"a\", listen = \"unix:@x\", mode = \"0660\", systemd = { Backlog = 1, unit = { After = [\"x.target\", \"\"] } } }] }",
    "metadata.service.systemd = { description = false, environment = { A = false }, restart = false, watchdog = false, directories = false }",
    "metadata.service.windows = { environment = false, args = false, hardening = false }",
    "metadata.service.systemd = { account = { user = \"beacon\", groups = [\"adm\"] }, hardening = { profile = \"strict\", without = [\"ProtectHome\"] } }",
    "metadata.service.systemd = { service = { A = 1, B = 1.5, C = true, D = \"\", E = [1, true, \"x\"] } }",
    "metadata.service.windows = { account = \"local-service\", delayed-start = true, depends = [\"EventLog\", \"+Group One\"], sid-type = \"none\" }",
    "metadata.service.windows = { account = 'EXAMPLE\\beacon$', privileges = [\"sechangenotifyprivilege\"], event-log = \"{install-dir}/x.dll\", firewall = true }",
    "metadata.service.windows = { account = \"beacon@example.org\", privileges = false, event-log = false, firewall = false, preshutdown-timeout = 90 }",
    "metadata.service.windows = { failure-actions = { actions = [{ action = \"restart\" }, { action = \"reboot\", delay = 60 }], on-error = false, reset = \"1h\" } }",
    "metadata.service.windows = { firewall = [{ port = 80 }, { port = 53, protocol = \"udp\", profiles = [\"public\"] }], install-dir = 'D:\\a\\b' }",
    "metadata.service = {}\n[package.metadata.service-package]\nversion = \"1.2.3.4\"\nlicense = \"a/b.RTF\"\nicon = \"b.ico\"",
    "metadata.service = {}\n[workspace.metadata.service]\naccount = \"system\"\nsystemd = { min-version = 250 }\nwindows = { start-timeout = 9 }",
    "metadata.service = {}\n[package.metadata.service-package]\nupgrade-code = \"{6c2c1b56-0f0b-4d2b-9e0c-3f1a5b7d9e24}\"\noutput-dir = \"a/b/\"",
];

#[test]
fn it_takes_what_is_right() {
    for tables in RIGHT {
        let text = format!("{HEAD}{tables}\n");
        resolve(&text).expect(tables);
        check(&text).unwrap_or_else(|errors| panic!("{tables}: {errors}"));
    }
}

/// Wrong tables, of which cargo-svc says so too.
const WRONG: &[&str] = &[
    "metadata.service = \"x\"",
    "metadata.service = []",
    "metadata.service = [1]",
    "metadata.service = [{}]",
    "metadata.service = [{ name = \"a\" }]",
    "metadata.service = { nmae = \"x\" }",
    "metadata.service = { hooks = {} }",
    "metadata.service = { hooks = {} }",
    "metadata.service = { type = \"exec\" }",
    "metadata.service = { name = \"-a\" }",
    "metadata.service = { name = \"a b\" }",
    "metadata.service = { name = \"\" }",
    "metadata.service = { bin = \"\" }",
    "metadata.service = { description = 1 }",
    "metadata.service = { description = false }",
    "metadata.service = { display-name = [\"x\"] }",
    "metadata.service = { documentation = \"https://x\" }",
    "metadata.service = { documentation = [\"example.org\"] }",
    "metadata.service = { args = \"--flag\" }",
    "metadata.service = { args = [\"{sate-dir}\"] }",
    "metadata.service = { args = [\"a\\nb\"] }",
    "metadata.service = { args = [1] }",
    "metadata.service = { environment = { A = 1 } }",
    "metadata.service = { environment = { A = false } }",
    "metadata.service = { environment = { \"A-B\" = \"\" } }",
    "metadata.service = { environment = { 1A = \"\" } }",
    "metadata.service = { environment = { A = \"{x\" } }",
    "metadata.service = { working-dir = \"\" }",
    "metadata.service = { start = \"Boot\" }",
    "metadata.service = { start = true }",
    "metadata.service = { after = \"network\" }",
    "metadata.service = { after = [\"multi user\"] }",
    "metadata.service = { requires = [\"\"] }",
    "metadata.service = { account = \"root\" }",
    "metadata.service = { account = false }",
    "metadata.service = { account = { user = \"beacon\" } }",
    "metadata.service.windows = { account = { user = \"beacon\" } }",
    "metadata.service = { account = \"local-service\" }",
    "metadata.service = { account = '.\\beacon' }",
    "metadata.service.systemd = { account = 'EXAMPLE\\beacon' }",
    "metadata.service.windows = { account = \"locl-service\" }",
    "metadata.service.systemd = { account = false }",
    "metadata.service.systemd = { account = {} }",
    "metadata.service.systemd = { account = { user = \"9beacon\" } }",
    "metadata.service.systemd = { account = { user = \"a\", shell = \"sh\" } }",
    "metadata.service = { restart = \"sometimes\" }",
    "metadata.service = { restart = { polcy = \"no\" } }",
    "metadata.service = { restart = { delay = \"5 parsecs\" } }",
    "metadata.service = { restart = { delay = -1 } }",
    "metadata.service = { start-timeout = 0 }",
    "metadata.service = { stop-timeout = \"10 parsecs\" }",
    "metadata.service = { stop-timeout = 1.5 }",
    "metadata.service = { watchdog = \"\" }",
    "metadata.service = { events = [\"relaod\"] }",
    "metadata.service = { events = [127] }",
    "metadata.service = { events = [256] }",
    "metadata.service = { events = \"reload\" }",
    "metadata.service = { directories = { sate = true } }",
    "metadata.service = { directories = { state = 1 } }",
    "metadata.service = { directories = { state = \"/abs\" } }",
    "metadata.service = { directories = { state = \"a/../b\" } }",
    "metadata.service = { directories = { state = { mode = \"755x\" } } }",
    "metadata.service = { directories = { state = { mode = 750 } } }",
    "metadata.service = { files = { to = \"{install-dir}/x\" } }",
    "metadata.service = { files = [{ source = \"x\" }] }",
    "metadata.service = { files = [{ to = \"{install-dir}/x\" }] }",
    "metadata.service = { files = [{ source = \"x\", to = \"/etc/x\" }] }",
    "metadata.service = { files = [{ source = \"../x\", to = \"{install-dir}/x\" }] }",
    "metadata.service = { credentials = [{ required = true }] }",
    "metadata.service = { credentials = [{ name = \"a:b\" }] }",
    "metadata.service = { sockets = [{ name = \"a\" }] }",
    "metadata.service = { sockets = [{ name = \"a\", listen = [] }] }",
    "metadata.service = { sockets = [{ name = \"a\", listen = \"http://x:80\" }] }",
    "metadata.service = { sockets = [{ name = \"a\", listen = \"tcp://localhost:80\" }] }",
    "metadata.service = { sockets = [{ name = \"a\", listen = \"unix:relative\" }] }",
    "metadata.service = { hardening = \"none\" }",
    "metadata.service = { log = \"info\" }",
    "metadata.service = { log = { system = \"loud\" } }",
    "metadata.service = { log = { journal = \"info\" } }",
    "metadata.service = { log = { file = { keep = 0 } } }",
    "metadata.service = { log = { file = { rotation = \"weekly\" } } }",
    "metadata.service = { hardening = { profile = \"strict\" } }",
    "metadata.service.systemd = { hardening = { profil = \"strict\" } }",
    "metadata.service.systemd = true",
    "metadata.service.systemd = { name = false }",
    "metadata.service.systemd = { type = \"notfiy\" }",
    "metadata.service.systemd = { type = false }",
    "metadata.service.systemd = { scope = \"machine\" }",
    "metadata.service.systemd = { min-version = 246 }",
    "metadata.service.systemd = { min-version = \"252\" }",
    "metadata.service.systemd = { wanted-by = [\"graphical\"] }",
    "metadata.service.systemd = { capabilities = [\"NET_ADMIN\"] }",
    "metadata.service.systemd = { writable = [\"srv\"] }",
    "metadata.service.systemd = { writable = [\"/srv/../etc\"] }",
    "metadata.service.systemd = { template = \"yes\" }",
    "metadata.service.systemd = { bin-dir = \"bin\" }",
    "metadata.service.systemd = { service = [\"X\"] }",
    "metadata.service.systemd = { service = { X = {} } }",
    "metadata.service.systemd = { timer = { unit = 1 } }",
    "metadata.service.systemd = { timer = { name = 1 } }",
    "metadata.service.systemd = { wants = [\"x\"] }",
    "metadata.service.systemd = { after = [\"x@y\"] }",
    "metadata.service = { after = [\"x@y.service\"] }",
    "metadata.service = { delayed-start = true }",
    "metadata.service.windows = { delayed-start = \"yes\" }",
    "metadata.service.windows = { depends = \"EventLog\" }",
    "metadata.service.windows = { depends = [\"a/b\"] }",
    "metadata.service.windows = { sid-type = \"full\" }",
    "metadata.service.windows = { privileges = [\"SeFlyPrivilege\"] }",
    "metadata.service.windows = { privileges = true }",
    "metadata.service.windows = { failure-actions = {} }",
    "metadata.service.windows = { failure-actions = { actions = [] } }",
    "metadata.service.windows = { failure-actions = { actions = [{}] } }",
    "metadata.service.windows = { failure-actions = { actions = [{ action = \"run\" }] } }",
    "metadata.service.windows = { preshutdown-timeout = 0 }",
    "metadata.service.windows = { event-log = \"{x\" }",
    "metadata.service.windows = { firewall = [] }",
    "metadata.service.windows = { firewall = [{ port = 0 }] }",
    "metadata.service.windows = { firewall = [{ protocol = \"tcp\" }] }",
    "metadata.service.windows = { firewall = [{ port = 1, profiles = [] }] }",
    "metadata.service.windows = { install-dir = \"a|b\" }",
    "metadata.service.windows = { min-version = 252 }",
    "metadata.service = {}\n[package.metadata.service-package]\nlicense = \"x\"",
    "metadata.service = {}\n[package.metadata.service-package]\nicon = \"../x.ico\"",
    "metadata.service = {}\n[package.metadata.service-package]\nversion = \"1.2\"",
    "metadata.service = {}\n[package.metadata.service-package]\nupgrade-code = \"x\"",
    "metadata.service = {}\n[package.metadata.service-package]\noutput-dir = \"../x\"",
    "metadata.service = {}\n[package.metadata.service-package]\nmanufacturer = \"\"",
    "metadata.service = {}\n[workspace.metadata.service]\nname = \"x\"",
    "metadata.service = {}\n[workspace.metadata.service]\nsystemd = { sockets = [] }",
    "metadata.service = {}\n[workspace.metadata.service]\nstart = \"never\"",
    "metadata.service = {}\n[workspace.metadata.service-package]\nmanufacturer = \"x\"",
];

#[test]
fn it_refuses_what_is_wrong() {
    for tables in WRONG {
        let text = format!("{HEAD}{tables}\n");
        assert!(resolve(&text).is_err(), "cargo-svc takes {tables}");
        assert!(check(&text).is_err(), "the schema takes {tables}");
    }
}

/// Whether each takes a value of a key.
fn both(table: &str, value: &str) -> (bool, bool) {
    let text = format!("{HEAD}{}\n", table.replace("VALUE", &toml(&value.into())));
    (resolve(&text).is_ok(), check(&text).is_ok())
}

/// Values that are right or nearly so, for the tables that have a pattern.
fn value() -> impl Strategy<Value = (&'static str, String)> {
    let of = |table: &'static str, values: &'static str| {
        values.prop_map(move |value| (table, value)).boxed()
    };
    let path = r"[./]{0,2}([a.{}]{1,2}/?){0,3}";
    prop_oneof![
        of("metadata.service.name = VALUE", "[a-zA-Z0-9_. -]{0,6}"),
        of(
            "metadata.service.stop-timeout = VALUE",
            r"[ \n]?([0-9]{0,3}(\.[0-9]{0,2})?[ \t]?(s|min|m|M|parsec|µs|years|infinity)?[ ]?){0,3}",
        ),
        of(
            "metadata.service.args = [VALUE]",
            r"([a-z%\t]|\{\{?(config|install)-dir\}|\}){0,4}"
        ),
        of("metadata.service.args = [VALUE]", ".{0,6}"),
        of(
            "metadata.service.documentation = [VALUE]",
            r"(https?:|man:|file:)/{0,2}[a \t()1]{0,3}"
        ),
        of(
            "metadata.service.environment = { VALUE = \"\" }",
            "[A-C0-2_ -]{0,4}"
        ),
        of("metadata.service.directories.state = VALUE", path),
        of(
            "metadata.service.directories.state = { mode = VALUE }",
            "[0-8]{2,5}"
        ),
        of(
            "metadata.service.files = [{ source = VALUE, to = \"{install-dir}/x\" }]",
            path
        ),
        of(
            "metadata.service.files = [{ source = \"x\", to = VALUE }]",
            r"\{(install-dir|config-dir|x)\}/?[.]{0,2}(/[a.]{1,3}){0,2}",
        ),
        of(
            "metadata.service.credentials = [{ name = VALUE }]",
            "[a-z._: -]{0,3}"
        ),
        of(
            "metadata.service.sockets = [{ name = \"a\", listen = VALUE }]",
            r"(tcp|udp|unix|unixgram|http):/{0,2}(127\.0\.0\.1|\[::1?(%1)?\]|localhost|@a|a)?(:[0-9]{1,5})?",
        ),
        of(
            "metadata.service.systemd.account.user = VALUE",
            "[a-z0-9_.-]{1,33}"
        ),
        of(
            "metadata.service.systemd.wanted-by = [VALUE]",
            r"[a-z@%:\\]{0,3}\.?(target|service|x)?"
        ),
        of(
            "metadata.service.systemd.capabilities = [VALUE]",
            "(CAP_|cap_)?[A-Z_a1]{0,4}"
        ),
        of(
            "metadata.service.windows.install-dir = VALUE",
            r"([A-Z]:\\)?([a.%*]{1,2}[/\\]?){0,3}"
        ),
        of(
            "metadata.service.windows.depends = [VALUE]",
            r"\+?[a /\\]{0,4}"
        ),
        of(
            "metadata.service.windows.account = VALUE",
            r"[a.]{0,2}[\\@][a$/]{0,3}"
        ),
        of(
            "metadata.service.windows.event-log = VALUE",
            r"(\{install-dir\})?[a{}/]{0,3}"
        ),
        of(
            "metadata.service = {}\n[package.metadata.service-package]\nversion = VALUE",
            r"[0-9]{1,3}(\.[0-9]{1,4}){1,4}"
        ),
        of(
            "metadata.service = {}\n[package.metadata.service-package]\nicon = VALUE",
            r"[a/.]{0,3}\.(ico|ICO|png)"
        ),
        of("metadata.service.systemd.writable = [VALUE]", path),
        of("metadata.service.systemd.bin-dir = VALUE", path),
        of(
            "metadata.service = {}\n[package.metadata.service-package]\nupgrade-code = VALUE",
            r"\{?[0-9a-fA-F]{8}(-[0-9a-f]{4}){2,4}-[0-9A-G]{12}\}?",
        ),
        of(
            "metadata.service = {}\n[package.metadata.service-package]\noutput-dir = VALUE",
            path,
        ),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1024))]
    #[test]
    fn its_patterns_are_no_narrower_than_the_checks((table, value) in value()) {
        let (reader, schema) = both(table, &value);
        prop_assert!(schema || !reader, "{}: {:?}", table, value);
    }
}
