//! The data of install.ps1, told into tokens by PowerShell's grammar and evaluated: what the script would work with is what was
//! declared.

use std::collections::BTreeMap;

use svc_random::{INSTALL_DIR, Reach, Role, WindowsPackage, WindowsService, count, rng};
use tree_sitter::Node;

use super::tests::parsed;
use crate::diagnostics::Report;
use crate::escape::argv::tests::split;
use crate::plan::windows::plan;
use crate::render::Kind;
use crate::testing::readers::powershell;

/// Where the package goes in these tests.
const FOLDER: &str = r"C:\i d";

/// A value of the script.
#[derive(Debug, Clone, PartialEq)]
enum Value {
    Null,
    Word(String),
    Text(String),
    List(Vec<Value>),
    Table(BTreeMap<String, Value>),
}

impl Value {
    fn get(&self, key: &str) -> &Value {
        match self {
            Self::Table(table) => table.get(key).unwrap_or(&Self::Null),
            other => panic!("{other:?} has no {key}"),
        }
    }

    fn items(&self) -> &[Value] {
        match self {
            Self::List(items) => items,
            other => panic!("{other:?} is no list"),
        }
    }

    fn text(&self) -> &str {
        match self {
            Self::Text(text) => text,
            other => panic!("{other:?} is no text"),
        }
    }

    /// The text of pieces, among which `$null` is the install folder.
    fn joined(&self) -> String {
        let pieces = self.items().iter();
        pieces
            .map(|piece| match piece {
                Self::Null => FOLDER,
                other => other.text(),
            })
            .collect()
    }
}

/// The leaves of the tree, in order: texts in single quotes whole.
fn tokens(node: Node<'_>, script: &str, out: &mut Vec<String>) {
    let whole = node.kind() == "verbatim_string_characters" || node.child_count() == 0;
    if whole {
        let text = &script[node.byte_range()];
        if node.kind() != "comment" && !text.trim().is_empty() {
            out.push(text.to_owned());
        }
        return;
    }
    let mut cursor = node.walk();
    for child in node.children(&mut cursor) {
        tokens(child, script, out);
    }
}

/// What a variable is set to.
fn assigned(script: &str, variable: &str) -> Value {
    let tree = parsed(script);
    let mut out = Vec::new();
    tokens(tree.root_node(), script, &mut out);
    let at = out
        .windows(2)
        .position(|pair| pair[0] == variable && pair[1] == "=");
    let mut rest = out[at.expect("it is set") + 2..]
        .iter()
        .map(String::as_str)
        .peekable();
    value(&mut rest)
}

fn value<'t>(rest: &mut std::iter::Peekable<impl Iterator<Item = &'t str>>) -> Value {
    match rest.next().expect("a value") {
        "@(" => {
            let mut items = Vec::new();
            while rest.next_if_eq(&")").is_none() {
                if rest.next_if(|token| matches!(*token, "," | ";")).is_none() {
                    items.push(value(rest));
                }
            }
            Value::List(items)
        }
        "@{" => {
            let mut table = BTreeMap::new();
            loop {
                match rest.next().expect("an end") {
                    "}" => break,
                    ";" => {}
                    key => {
                        assert_eq!(rest.next(), Some("="), "{key}");
                        table.insert(key.to_owned(), value(rest));
                    }
                }
            }
            Value::Table(table)
        }
        "$null" => Value::Null,
        text if text.starts_with('\'') => Value::Text(powershell(text).expect("a text")),
        word => Value::Word(word.to_owned()),
    }
}

#[test]
fn what_install_ps1_works_with_is_what_was_declared() {
    let roles = ["svc-probe", "Second.one_2", "third"].map(|name| Role {
        name,
        bin: "svc-probe",
        args: &[],
    });
    let (mut rng, count) = (rng().unwrap(), count(40).unwrap());
    for _ in 0..count {
        let declared = WindowsPackage::random(&mut rng, &roles, Reach::Anything);
        let head = format!(
            "{}{}",
            crate::testing::HEAD,
            "[dependencies]\nsvc-rt = { version = \"0.1\", features = [\"tracing\", \"log-file\"] }\n"
        );
        let head = head.replace("\"beacon\"", "\"svc-probe\"");
        let package = crate::testing::resolve(&format!("{head}{}", declared.toml)).unwrap();
        let mut report = Report::default();
        let plan = plan(&package, &mut report).unwrap();
        let mut scripts = crate::render::gathered(|files| {
            crate::render::windows::scripts(&plan, files);
        })
        .into_iter();
        let script = scripts
            .find(|script| script.kind == Kind::InstallPs1)
            .unwrap();
        let script = String::from_utf8(script.contents).unwrap();
        let steps = assigned(&script, "$Steps");
        for service in &declared.services {
            holds(&steps, service);
        }
    }
}

fn holds(steps: &Value, declared: &WindowsService) {
    let in_place = |text: &str| text.replace(INSTALL_DIR, FOLDER);
    let step = |function: &str| {
        let mut all = steps.items().iter();
        let found = all.find(|step| {
            step.get("Do").text() == function && step.get("Service").text() == declared.name
        });
        found.unwrap_or_else(|| panic!("no {function} of {}", declared.name))
    };
    let registered = step("Set-Registration");
    let args: Vec<String> = declared.args.iter().map(|arg| in_place(arg)).collect();
    assert_eq!(split(&registered.get("Image").joined())[1..], args);
    assert_eq!(registered.get("DisplayName").text(), declared.display_name);
    let names: Vec<_> = registered
        .get("Dependencies")
        .items()
        .iter()
        .map(Value::text)
        .collect();
    assert_eq!(names, declared.dependencies);
    assert_eq!(
        step("Set-Description").get("Text").text(),
        declared.description
    );
    let variables = step("Set-Environment").get("Variables").items();
    for (name, value) in &declared.environment {
        let found = variables
            .iter()
            .find(|variable| variable.get("Name").text() == name);
        assert_eq!(
            found.unwrap().get("Text").joined(),
            in_place(value),
            "{name}"
        );
    }
}
