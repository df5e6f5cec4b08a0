//! What is asked about a service: for each key of the metadata, in which ways it could say what the unit says.

use super::draft::{Key, Question, Way};
use super::said::{argument, plain_text, program, shown, text, words};
use super::unit::Unit;
use super::world::World;
use crate::directives::Section;
use crate::manifest::document::Toml;
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
    /// The other services of the package, if they may be referred to.
    pub(super) siblings: &'a [String],
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

    pub(super) fn words(&self, section: Section, key: &str) -> Vec<String> {
        words(&self.unit.means, section, key).unwrap_or_default()
    }
}

/// All questions, in an order in which later answers build on earlier ones.
pub(super) fn questions(look: &Look) -> Vec<Question> {
    let mut all = vec![
        super::ask_run::kind(look),
        exec(look),
        description(look),
        documentation(look),
    ];
    all.extend(super::ask_things::directories(look));
    all.extend([
        working_dir(look),
        environment(look),
        account(look),
        after(look),
        requires(look),
        super::ask_run::restart(look),
    ]);
    all.extend(super::ask_run::times(look));
    all.extend([
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
            let args = (!args.is_empty()).then(|| Key::portable("args", Toml::texts(args)));
            ways.push(Way::of(args.into_iter().chain(dir.clone())));
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
        ways.push(Way::of([Key::portable("working-dir", Toml::text(said))]));
    }
    let off = [Key::off("working-dir")];
    Question::new("working-dir", [(Service, "WorkingDirectory")], ways, off)
}

fn environment(look: &Look) -> Question {
    let variables = look.unit.means.values(Service, "Environment").into_iter();
    let variables: Option<Vec<_>> = variables
        .map(|value| match value {
            // The runtime's own is written by itself.
            Value::Variable { name, .. } if name.starts_with("SVC_") => Some(None),
            Value::Variable { name, value } => {
                let value = text(value, look.template)?;
                Some(Some((name.clone(), Toml::text(value))))
            }
            _ => None,
        })
        .collect();
    let variables: Option<Vec<_>> = variables.map(|all| all.into_iter().flatten().collect());
    let way = variables
        .filter(|variables| !variables.is_empty())
        .map(|variables| Way::of([Key::portable("environment", Toml::Table(variables))]));
    Question::new("environment", [(Service, "Environment")], way, [])
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

fn after(look: &Look) -> Question {
    let before_it = look.words(UnitSection, "After");
    let wants = look.words(UnitSection, "Wants");
    let mut said = Vec::new();
    for (unit, word, wanted) in [
        ("network.target", "network", false),
        ("network-online.target", "network-online", true),
        ("time-sync.target", "time-sync", true),
    ] {
        let has = |units: &[String]| units.iter().any(|other| other == unit);
        if has(&before_it) && (has(&wants) || !wanted) {
            said.push(word.to_owned());
        }
    }
    let of_package = look
        .siblings
        .iter()
        .filter(|name| before_it.contains(&format!("{name}.service")));
    let mut all = said.clone();
    all.extend(of_package.cloned());
    let way = |words: &[String]| Way::of([Key::portable("after", Toml::texts(words))]);
    let mut ways = Vec::new();
    if all.len() > said.len() {
        ways.push(way(&all));
    }
    if !said.is_empty() {
        ways.push(way(&said));
    }
    for word in said.iter().filter(|_| said.len() > 1) {
        ways.push(way(std::slice::from_ref(word)));
    }
    let about = [(UnitSection, "After"), (UnitSection, "Wants")];
    Question::new("after", about, ways, [])
}

fn requires(look: &Look) -> Question {
    let units = look.words(UnitSection, "Requires");
    let said: Vec<_> = look
        .siblings
        .iter()
        .filter(|name| units.contains(&format!("{name}.service")))
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
