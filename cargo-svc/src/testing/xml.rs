//! A small strict reader of WiX sources.

use std::collections::BTreeMap;

/// An element of a source, its attributes as WiX hands them on, and what is in it.
#[derive(Debug, Default, Clone)]
pub(crate) struct Element {
    pub(crate) name: String,
    pub(crate) attributes: BTreeMap<String, String>,
    pub(crate) text: String,
    pub(crate) children: Vec<Element>,
}

impl Element {
    fn all<'a>(&'a self, name: &str, found: &mut Vec<&'a Element>) {
        if self.name == name {
            found.push(self);
        }
        for child in &self.children {
            child.all(name, found);
        }
    }

    pub(crate) fn find(&self, name: &str) -> Vec<&Element> {
        let mut found = Vec::new();
        self.all(name, &mut found);
        found
    }

    pub(crate) fn get(&self, attribute: &str) -> &str {
        self.attributes.get(attribute).map_or("", String::as_str)
    }
}

/// Reads XML as strictly as an own small reader can: every tag is closed by its own, attributes stand once and in quotes,
/// `&` begins a known reference. What WiX's preprocessor makes of `$$(` is done as well.
pub(crate) fn parse(source: &str) -> Element {
    let mut stack = vec![Element::default()];
    let mut rest = source;
    while let Some(start) = rest.find('<') {
        stack.last_mut().unwrap().text += &decoded(&rest[..start]);
        rest = &rest[start..];
        let skip = [("<?", "?>"), ("<!--", "-->")];
        if let Some((open, close)) = skip.iter().find(|(open, _)| rest.starts_with(open)) {
            let end = rest[open.len()..].find(close).unwrap();
            if *open == "<!--" {
                assert!(!rest[4..end + 4].contains("--"), "{rest}");
            }
            rest = &rest[open.len() + end + close.len()..];
            continue;
        }
        let end = rest.find('>').unwrap();
        let (tag, after) = (&rest[1..end], &rest[end + 1..]);
        rest = after;
        if let Some(name) = tag.strip_prefix('/') {
            let element = stack.pop().unwrap();
            assert_eq!(element.name, name);
            stack.last_mut().unwrap().children.push(element);
            continue;
        }
        let (tag, empty) = tag
            .strip_suffix('/')
            .map_or((tag, false), |tag| (tag, true));
        let (name, mut attributes) = tag.split_once(' ').unwrap_or((tag, ""));
        let mut element = Element {
            name: name.to_owned(),
            ..Element::default()
        };
        while let Some((key, value)) = attributes.split_once("=\"") {
            let (value, after) = value.split_once('"').unwrap();
            assert!(!value.contains('<'), "{tag}");
            let old = element
                .attributes
                .insert(key.trim().to_owned(), decoded(value));
            assert_eq!(old, None, "{tag}");
            attributes = after;
        }
        assert_eq!(attributes.trim(), "", "{tag}");
        if empty {
            stack.last_mut().unwrap().children.push(element);
        } else {
            stack.push(element);
        }
    }
    assert_eq!((stack.len(), rest.trim()), (1, ""));
    let mut root = stack.pop().unwrap();
    assert_eq!(root.children.len(), 1, "one root");
    root.children.remove(0)
}

fn decoded(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(start) = rest.find('&') {
        out += &rest[..start];
        let (name, after) = rest[start + 1..].split_once(';').unwrap();
        out += match name {
            "amp" => "&",
            "lt" => "<",
            "gt" => ">",
            "quot" => "\"",
            "#9" => "\t",
            "#10" => "\n",
            "#13" => "\r",
            other => panic!("&{other};"),
        };
        rest = after;
    }
    out += rest;
    out.replace("$$(", "$(").replace("!!(", "!(")
}
