//! What is asked about a service: for each key of the metadata, in which ways it could say what the unit says.

use super::ask_things::Folders;
use super::draft::{Key, Question, Way};
use super::said::{argument, plain_text, program, shown, text, words};
use super::unit::Unit;
use super::world::World;
use crate::directives::Section;
use crate::manifest::document::Toml;
use crate::service::log;
use crate::unit_file::Value;

use Section::{Install, Service, Unit as UnitSection};

/// What a question can look at.
pub(super) struct Look<'a> {
    pub(super) unit: &'a Unit,
    /// The service's name.
    pub(super) name: &'a str,
    /// The program that the service has in the metadata.
    pub(super) bin: &'a str,
    pub(super) template: bool,
    /// Whether it is for users' managers.
    pub(super) user: bool,
    /// The units of its sockets.
    pub(super) sockets: &'a [String],
    /// The other services of the package.
    pub(super) siblings: &'a [String],
    /// Whether they may be referred to.
    pub(super) together: bool,
    pub(super) world: &'a World,
}

impl Look<'_> {
    pub(super) fn shown(&self, section: Section, key: &str) -> Option<String> {
        shown(&self.unit.means, section, key)
    }

    /// The way that says nothing. A package of which nothing is known has no default that could say the same.
    fn by_default(&self) -> Vec<Way> {
        self.world.is_real.then(Way::default).into_iter().collect()
    }

    /// A value with the service's folders as placeholders, if some stand in it, and as it is.
    fn with_folders<T: Clone + PartialEq>(
        &self,
        value: T,
        named: impl FnOnce(&T, &Folders) -> T,
    ) -> Vec<T> {
        let placed = named(&value, &Folders::of(self));
        if placed == value {
            vec![value]
        } else {
            vec![placed, value]
        }
    }

    pub(super) fn words(&self, section: Section, key: &str) -> Vec<String> {
        words(&self.unit.means, section, key).unwrap_or_default()
    }
}

/// All questions, in an order in which later answers build on earlier ones.
pub(super) fn questions(look: &Look) -> Vec<Question> {
    let mut all = vec![super::ask_run::kind(look)];
    all.extend(super::ask_things::directories(look));
    all.extend([
        exec(look),
        description(look),
        documentation(look),
        working_dir(look),
        account(look),
        requires(look),
        after(look),
        super::ask_run::restart(look),
    ]);
    all.extend(super::ask_run::times(look));
    all.extend([
        // The time to stop is told in a variable.
        environment(look),
        super::ask_run::watchdog(look),
        super::ask_things::credentials(look),
        super::ask_things::capabilities(look),
        super::ask_things::writable(look),
        wanted_by(look),
        super::ask_things::hardening(look),
        super::ask_things::required_files(look),
    ]);
    all
}

fn exec(look: &Look) -> Question {
    let mut ways = Vec::new();
    if let Some(program) = program(&look.unit.means).filter(|program| program.bin == look.bin) {
        let dir = program.dir.filter(|dir| *dir != "/usr/bin");
        let dir = dir.map(|dir| Key::systemd("bin-dir", Toml::text(dir)));
        let args = program.command.args.iter();
        let args: Option<Vec<_>> = args.map(|arg| argument(arg, look.template)).collect();
        if let (Some(args), true) = (args, program.is_plain && program.dir.is_some()) {
            for args in look.with_folders(args, |args, folders| {
                args.iter().map(|arg| folders.named(arg)).collect()
            }) {
                let args = (!args.is_empty()).then(|| Key::portable("args", Toml::texts(args)));
                ways.push(Way::of(args.into_iter().chain(dir.clone())));
            }
        }
        // Where the program is installed is said in any case.
        ways.push(Way {
            weight: 0,
            ..Way::of(dir)
        });
    }
    Question::new("args", [(Service, "ExecStart")], ways, [])
}

fn description(look: &Look) -> Question {
    let mut ways = look.by_default();
    if let Some(said) = look.shown(UnitSection, "Description")
        && let Some(said) = plain_text(&said, look.template)
    {
        ways.push(Way::of([Key::portable("description", Toml::text(said))]));
    }
    let off = [Key::off("description")];
    Question::new("description", [(UnitSection, "Description")], ways, off)
}

fn documentation(look: &Look) -> Question {
    let mut ways = look.by_default();
    let urls = look.words(UnitSection, "Documentation");
    let urls: Option<Vec<_>> = urls.iter().map(|url| plain_text(url, false)).collect();
    if let Some(urls) = urls.filter(|urls| !urls.is_empty()) {
        ways.push(Way::of([Key::portable("documentation", Toml::texts(urls))]));
    }
    let off = [Key::portable("documentation", Toml::Array(Vec::new()))];
    Question::new("documentation", [(UnitSection, "Documentation")], ways, off)
}

fn working_dir(look: &Look) -> Question {
    let mut ways = vec![Way::default()];
    if let Some(said) = look.shown(Service, "WorkingDirectory")
        && let Some(said) = text(&said, look.template)
    {
        for said in look.with_folders(said, |said, folders| folders.named(said)) {
            ways.push(Way::of([Key::portable("working-dir", Toml::text(said))]));
        }
    }
    let off = [Key::off("working-dir")];
    Question::new("working-dir", [(Service, "WorkingDirectory")], ways, off)
}

fn environment(look: &Look) -> Question {
    let set = look.unit.means.values(Service, "Environment");
    let log = set.iter().find_map(|value| match value {
        Value::Variable { name, value } if name == log::VARIABLE => super::said::log(value),
        _ => None,
    });
    let log = log.map(|log| Key::portable("log", log));
    let variables = set.into_iter();
    let variables: Option<Vec<_>> = variables
        .map(|value| match value {
            // The runtime's own is written by itself.
            Value::Variable { name, .. } if name.starts_with("SVC_") => Some(None),
            Value::Variable { name, value } => {
                let value = text(value, look.template)?;
                Some(Some((name.clone(), value)))
            }
            _ => None,
        })
        .collect();
    let variables: Option<Vec<_>> = variables.map(|all| all.into_iter().flatten().collect());
    let alone = log
        .clone()
        .filter(|_| variables.as_ref().is_some_and(Vec::is_empty));
    let variables = variables.filter(|variables| !variables.is_empty());
    let ways = variables.into_iter().flat_map(|variables| {
        look.with_folders(variables, |variables, folders| {
            let named = variables.iter();
            named
                .map(|(name, value)| (name.clone(), folders.named(value)))
                .collect()
        })
    });
    let ways = ways.flat_map(|variables| {
        let variables = variables.into_iter();
        let variables = variables.map(|(name, value)| (name, Toml::text(value)));
        let set = Key::portable("environment", Toml::Table(variables.collect()));
        let with_log = log.clone().map(|log| Way::of([set.clone(), log]));
        with_log.into_iter().chain([Way::of([set])])
    });
    let ways = ways.chain(alone.map(|log| Way::of([log])));
    Question::new("environment", [(Service, "Environment")], ways, [])
}

fn account(look: &Look) -> Question {
    let about = ["DynamicUser", "User", "Group", "SupplementaryGroups"];
    let about = about.map(|key| (Service, key));
    if look.user {
        return Question::new("account", about, [], []);
    }
    let mut ways = vec![Way::default()];
    let value = |key| look.shown(Service, key);
    // What root is allowed is not a user's of its own.
    if let Some(user) = value("User").filter(|user| !matches!(user.as_str(), "root" | "0")) {
        let mut account = vec![("user".to_owned(), Toml::text(user))];
        if let Some(group) = value("Group") {
            account.push(("group".into(), Toml::text(group)));
        }
        let plain = account.clone();
        let groups = look.words(Service, "SupplementaryGroups");
        if !groups.is_empty() {
            account.push(("groups".into(), Toml::texts(groups)));
            ways.push(Way::of([Key::systemd("account", Toml::Table(account))]));
        }
        ways.push(Way::of([Key::systemd(
            "account",
            Toml::Table(plain.clone()),
        )]));
        let user = plain.into_iter().take(1).collect();
        ways.push(Way::of([Key::systemd("account", Toml::Table(user))]));
    }
    let off = [Key::portable("account", Toml::text("system"))];
    Question::new("account", about, ways, off)
}

/// `after`, and `wants` for what is waited for besides.
fn after(look: &Look) -> Question {
    let waits_for = look.words(UnitSection, "After");
    let wants = look.words(UnitSection, "Wants");
    let (mut words, mut units, mut wanted) = (Vec::new(), Vec::new(), Vec::new());
    // Only the machine's manager has the targets that the words stand for.
    let machine = !look.user;
    for unit in &waits_for {
        let is_wanted = wants.contains(unit);
        let of_package = unit.strip_suffix(".service");
        let of_package = of_package.filter(|name| look.siblings.iter().any(|other| other == name));
        if of_package.is_some() && !look.together {
            continue;
        }
        match (unit.as_str(), of_package) {
            (_, Some(name)) => words.push(name.to_owned()),
            ("network.target", _) if machine && !is_wanted => words.push("network".to_owned()),
            ("network-online.target", _) if machine && is_wanted => {
                words.push("network-online".to_owned());
            }
            ("time-sync.target", _) if machine && is_wanted => words.push("time-sync".to_owned()),
            _ if is_wanted => wanted.push(unit.clone()),
            _ if look.sockets.contains(unit) => {}
            _ => units.push(unit.clone()),
        }
    }
    let portable = (!words.is_empty()).then(|| Key::portable("after", Toml::texts(words.iter())));
    let all = words.iter().chain(&units);
    let all = (!units.is_empty()).then(|| Key::systemd("after", Toml::texts(all)));
    let wants = (!wanted.is_empty()).then(|| Key::systemd("wants", Toml::texts(&wanted)));
    let ways = [
        (&portable, &None),
        (&portable, &wants),
        (&all, &None),
        (&all, &wants),
        (&None, &wants),
    ];
    let ways = ways
        .into_iter()
        .map(|(one, other)| Way::of(one.iter().chain(other).cloned()))
        .filter(|way| !way.keys.is_empty());
    let about = [(UnitSection, "After"), (UnitSection, "Wants")];
    Question::new("after", about, ways, [])
}

fn requires(look: &Look) -> Question {
    let units = look.words(UnitSection, "Requires");
    let said: Vec<_> = look
        .siblings
        .iter()
        .filter(|name| look.together && units.contains(&format!("{name}.service")))
        .collect();
    let way = (!said.is_empty()).then(|| Way::of([Key::portable("requires", Toml::texts(said))]));
    Question::new("requires", [(UnitSection, "Requires")], way, [])
}

fn wanted_by(look: &Look) -> Question {
    let mut ways = vec![Way::default()];
    let units = look.words(Install, "WantedBy");
    if !units.is_empty() {
        ways.push(Way::of([Key::systemd("wanted-by", Toml::texts(units))]));
    }
    let off = [Key::systemd("wanted-by", Toml::Array(Vec::new()))];
    Question::new("wanted-by", [(Install, "WantedBy")], ways, off)
}
