//! Decides whether what was written makes a service, and says what would.

use crate::attributes::{Arguments, List, Text};
use crate::errors::Errors;
use crate::manifest::{self, Service, Socket, Target};
use crate::names;
use crate::syntax::{Attribute, Function, Parameter};
use proc_macro2::Span;
use std::path::PathBuf;

/// Which of the forms of a service a function has.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Shape {
    /// `fn main()`.
    Plain,
    /// `fn main(svc: Service)`.
    Main,
    /// `fn serve(svc: Service, …)`, to be called from an ordinary `main`.
    Serve,
}

/// The manifest, where there is one, and what of it is being compiled.
#[derive(Default)]
pub(crate) struct Manifest {
    pub(crate) path: PathBuf,
    pub(crate) text: Option<String>,
    /// The binary, unless this is a library or a test.
    pub(crate) binary: Option<String>,
}

impl Manifest {
    /// The one of the package that is being compiled.
    pub(crate) fn of_this_package() -> Self {
        let variable = |name| std::env::var_os(name).map(PathBuf::from);
        let path = variable("CARGO_MANIFEST_PATH")
            .or_else(|| variable("CARGO_MANIFEST_DIR").map(|folder| folder.join("Cargo.toml")))
            // A single-file package keeps its manifest in the source file.
            .filter(|path| {
                path.extension()
                    .is_some_and(|extension| extension == "toml")
            });
        let Some(path) = path else {
            return Self::default();
        };
        let text = std::fs::read_to_string(&path).ok();
        let binary = std::env::var("CARGO_BIN_NAME").ok();
        Self { path, text, binary }
    }

    /// Whether it was read, so that the compiler should look at it again after a change.
    pub(crate) fn was_read(&self) -> bool {
        self.text.is_some()
    }
}

/// The shape of the function, unless its signature is wrong.
pub(crate) fn function(
    function: &Function,
    arguments: &Arguments,
    errors: &mut Errors,
) -> Option<Shape> {
    let mut check = Check {
        function,
        form: right_form(function, arguments),
        sound: true,
        errors,
    };
    check.qualifiers();
    let shape = check.parameters();
    check.attributes();
    if function.body.is_none() {
        check
            .errors
            .at(function.name.span(), "a service's function has a body");
    }
    let sound = check.sound;
    runtime(function, arguments, errors);
    sound.then_some(shape)
}

struct Check<'f, 'e> {
    function: &'f Function,
    form: String,
    sound: bool,
    errors: &'e mut Errors,
}

impl Check<'_, '_> {
    fn wrong(&mut self, span: Span, message: &str) {
        self.errors
            .at(span, format!("{message}\n\nwrite it so:\n{}", self.form));
        self.sound = false;
    }

    fn qualifiers(&mut self) {
        if let Some(first) = self.function.qualifiers.first() {
            self.wrong(
                first.span(),
                &format!("a service's function is not `{first}`"),
            );
        }
    }

    fn parameters(&mut self) -> Shape {
        let Function {
            name,
            generics,
            parameters,
            parentheses,
            bounds,
            ..
        } = self.function;
        if let Some(receiver) = parameters.first().filter(|first| first.is_receiver()) {
            let span = receiver.pattern[0].span();
            self.wrong(
                span,
                "a service's function is no method: it takes no `self`",
            );
            return Shape::Serve;
        }
        for parameter in parameters {
            let cfg = |path: &str| path == "cfg";
            if let Some(attribute) = parameter.attributes.iter().find(|found| cfg(&found.path)) {
                self.wrong(
                    attribute.span,
                    "a parameter of a service's function is always there",
                );
            }
        }
        let first_is_service = parameters.first().is_some_and(Parameter::is_service);
        if name != "main" {
            if !first_is_service {
                let span = parameters
                    .first()
                    .map_or(parentheses.span(), Parameter::span);
                let message =
                    format!("`{name}` takes a `Service` first, and what else it needs after it");
                self.wrong(span, &message);
            }
            return Shape::Serve;
        }
        if let Some(first) = generics.tokens.first().or(bounds.first()) {
            self.wrong(first.span(), "a service's `main` is not generic");
        }
        match (parameters.len(), first_is_service) {
            (0, _) => Shape::Plain,
            (1, true) => Shape::Main,
            _ => {
                self.wrong(
                    parentheses.span(),
                    "a service's `main` takes a `Service`, or nothing",
                );
                Shape::Main
            }
        }
    }

    fn attributes(&mut self) {
        for attribute in &self.function.attributes {
            if attribute.is_another_entry() {
                let path = attribute.path.trim_start_matches(':');
                let message = format!(
                    "#[{path}] and #[service] cannot both run the function\n\nwrite it so:\n{}",
                    self.form
                );
                self.errors.at(attribute.span, message);
            }
        }
    }
}

/// The one form that is meant: the function's own name, and async if it is so or asks for tokio.
fn right_form(function: &Function, arguments: &Arguments) -> String {
    form(
        function,
        function.asynchronous.is_some()
            || arguments.tokio.is_some()
            || arguments.block_on.is_some(),
    )
}

fn form(function: &Function, asynchronous: bool) -> String {
    let (arguments, word) = if asynchronous {
        ("(tokio)", "async ")
    } else {
        ("", "")
    };
    let name = &function.name;
    let visibility = if function.visibility.is_empty() {
        ""
    } else {
        "pub "
    };
    let more = if name == "main" { "" } else { ", …" };
    format!(
        "    #[service{arguments}]\n    {visibility}{word}fn {name}(svc: Service{more}) -> Result<(), Box<dyn Error>>"
    )
}

/// An async function needs a runtime, and only an async function does.
fn runtime(function: &Function, arguments: &Arguments, errors: &mut Errors) {
    if function.attributes.iter().any(Attribute::is_another_entry) {
        // Which runtime it is to have is part of that mistake.
        return;
    }
    let tokio = arguments.tokio.as_ref().map(|tokio| ("tokio", tokio.span));
    let block_on = arguments.block_on.as_ref();
    let block_on = block_on.map(|block_on| ("block_on", block_on.span));
    if let (Some(_), Some((_, span))) = (tokio, block_on) {
        errors.at(
            span,
            "`tokio` and `block_on` name two runtimes: leave one of them out",
        );
    }
    match (&function.asynchronous, tokio.or(block_on)) {
        (Some(word), None) => {
            let message = "an async service needs a runtime to run on: write #[service(tokio)] and add tokio to the \
                           dependencies, or #[service(block_on = path)] with the `block_on` of another";
            errors.at(word.span(), message);
        }
        (None, Some((key, span))) => {
            let message = format!(
                "`{key}` is for an async function: write `async fn {}`, or leave `{key}` out",
                function.name
            );
            errors.at(span, message);
        }
        _ => {}
    }
}

/// What the program says of itself: what the manifest states, or else the attribute.
pub(crate) fn service(
    manifest: &Manifest,
    arguments: &Arguments,
    errors: &mut Errors,
) -> Option<Service> {
    let name = arguments.name.as_ref();
    let service = match &manifest.text {
        Some(text) => {
            let name = name.map(|name| &*name.value);
            manifest::read(text, name, manifest.binary.as_deref())
        }
        None => name
            .map(|name| Service::of(name.value.clone()))
            .ok_or_else(Vec::new),
    };
    let events = arguments
        .events
        .as_ref()
        .map(|list| checked(list, event, errors));
    let sockets = arguments
        .sockets
        .as_ref()
        .map(|list| checked(list, socket, errors));
    let mut service = match service {
        Ok(service) => service,
        Err(problems) => {
            for manifest::Problem {
                line,
                column,
                message,
            } in &problems
            {
                let path = manifest.path.display();
                errors.at(
                    Span::call_site(),
                    format!("{message}\n --> {path}:{line}:{column}"),
                );
            }
            if problems.is_empty() {
                let message = "there is no Cargo.toml that could say what the service is called: write \
                               #[service(name = \"…\")]";
                errors.at(Span::call_site(), message);
            }
            return None;
        }
    };
    if let Err(message) = names::check_service(&service.systemd.name) {
        // The manifest's own tables are checked already: this is the attribute's name, or the package's.
        match name {
            Some(name) => errors.at(name.span, message),
            None => errors.at(
                Span::call_site(),
                format!("{message}; write #[service(name = \"…\")]"),
            ),
        }
    }
    let Service { systemd, windows } = &mut service;
    let mut stated_twice = |list: &Option<List>, key: &str, declared: [bool; 2]| {
        if let Some(list) = list.as_ref().filter(|_| declared.contains(&true)) {
            let message = format!(
                "Cargo.toml states the `{key}` of this service already: leave them out here"
            );
            errors.at(list.span, message);
        }
    };
    let declared = [systemd.events.is_some(), windows.events.is_some()];
    stated_twice(&arguments.events, "events", declared);
    let declared = [systemd.sockets.is_some(), windows.sockets.is_some()];
    stated_twice(&arguments.sockets, "sockets", declared);
    if let Some(events) = events {
        systemd.events = Some(events.clone());
        windows.events = Some(events);
    }
    if let Some(sockets) = sockets.map(Socket::merged) {
        systemd.sockets = Some(sockets.clone());
        windows.sockets = Some(sockets);
    }
    Some(service)
}

/// What is declared is for the program to handle, and a `main` that takes no `Service` hears of nothing: a manager would wait
/// for its answer in vain.
pub(crate) fn handled(function: &Function, shape: Shape, service: &Service, errors: &mut Errors) {
    if shape != Shape::Plain {
        return;
    }
    let targets = [&service.systemd, &service.windows];
    let any = |declares: fn(&Target) -> bool| targets.into_iter().any(declares);
    let keys: Vec<&str> = [
        ("events", any(|target| has_some(target.events.as_ref()))),
        ("sockets", any(|target| has_some(target.sockets.as_ref()))),
    ]
    .into_iter()
    .filter_map(|(key, declared)| declared.then_some(key))
    .collect();
    if !keys.is_empty() {
        let message = format!(
            "the service has {}, which only a `main` that takes a `Service` can get\n\nwrite it so:\n{}",
            keys.join(" and "),
            form(function, function.asynchronous.is_some())
        );
        errors.at(function.name.span(), message);
    }
}

fn has_some<T>(list: Option<&Vec<T>>) -> bool {
    list.is_some_and(|list| !list.is_empty())
}

fn checked<T: PartialEq>(
    list: &List,
    check: fn(&Text) -> Result<T, String>,
    errors: &mut Errors,
) -> Vec<T> {
    let mut known = Vec::new();
    for element in &list.elements {
        match check(element) {
            Ok(value) if known.contains(&value) => {
                errors.at(
                    element.span,
                    format!("`{}` stands here twice", element.value),
                );
            }
            Ok(value) => known.push(value),
            Err(message) => errors.at(element.span, message),
        }
    }
    known
}

fn event(text: &Text) -> Result<String, String> {
    if text.is_number {
        return names::check_code(&text.value);
    }
    names::check_event(&text.value).map(|()| text.value.clone())
}

/// `name`, or `name=listen`.
fn socket(text: &Text) -> Result<Socket, String> {
    let (name, listen) = match text.value.split_once('=') {
        Some((name, listen)) => (name, vec![listen.to_owned()]),
        None => (&*text.value, Vec::new()),
    };
    names::check_socket(name)?;
    Ok(Socket {
        name: name.to_owned(),
        listen,
    })
}
