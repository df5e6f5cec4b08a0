//! What stands in the parentheses of `#[service(…)]`.

use crate::errors::Errors;
use crate::names;
use crate::tokens::{Cursor, is_punct, split_at_commas};
use proc_macro2::{Delimiter, Span, TokenStream, TokenTree};

/// The arguments of the attribute, each as it was written.
#[derive(Default)]
pub(crate) struct Arguments {
    /// `tokio`: run the function on a runtime of the user's own tokio.
    pub(crate) tokio: Option<Tokio>,
    /// `block_on = path`: run the function with this, of whatever executor.
    pub(crate) block_on: Option<BlockOn>,
    /// `crate = path`: where svc-rt is found.
    pub(crate) runtime: Option<TokenStream>,
    /// `name = "…"`.
    pub(crate) name: Option<Text>,
    /// `events = ["…"]`.
    pub(crate) events: Option<List>,
    /// `sockets = ["…"]`.
    pub(crate) sockets: Option<List>,
    /// `keep_env`: leave the service manager's variables in the environment.
    pub(crate) keep_env: bool,
}

/// `tokio` and what stands behind it.
pub(crate) struct Tokio {
    /// The word itself: a tokio that is no dependency is reported there.
    pub(crate) span: Span,
    /// `tokio(current_thread)`.
    pub(crate) current_thread: bool,
}

/// `block_on` and the function behind it.
pub(crate) struct BlockOn {
    /// The word itself.
    pub(crate) span: Span,
    /// What runs a future to its end; none if something else stands there, which is reported.
    pub(crate) path: Option<TokenStream>,
}

/// A list and the place of its key.
pub(crate) struct List {
    pub(crate) span: Span,
    pub(crate) elements: Vec<Text>,
}

/// A string and its place.
pub(crate) struct Text {
    pub(crate) value: String,
    pub(crate) span: Span,
    /// Whether it was written as a bare number.
    pub(crate) is_number: bool,
}

const KNOWN: [&str; 7] = [
    "tokio", "block_on", "name", "events", "sockets", "keep_env", "crate",
];

/// Reads all arguments and reports everything that is wrong with any of them.
pub(crate) fn parse(tokens: TokenStream, errors: &mut Errors) -> Arguments {
    let mut arguments = Arguments::default();
    let mut seen: Vec<String> = Vec::new();
    for argument in split_at_commas(tokens) {
        let mut cursor = Cursor::new(argument.clone());
        let Some(TokenTree::Ident(key)) = cursor.take() else {
            let message = format!("expected one of {}", names::listed(&KNOWN));
            errors.over(&argument, Span::call_site(), message);
            continue;
        };
        let word = key.to_string();
        if seen.contains(&word) {
            errors.at(key.span(), format!("`{word}` stands here twice"));
            continue;
        }
        arguments.read(&word, key.span(), cursor, errors);
        seen.push(word);
    }
    arguments
}

impl Arguments {
    fn read(&mut self, key: &str, span: Span, mut cursor: Cursor, errors: &mut Errors) {
        match key {
            "tokio" => self.tokio = Some(read_tokio(span, cursor, errors)),
            "block_on" => {
                let path = if cursor.take_punct('=').is_some() {
                    let example =
                        "expected a path to a function, as in `block_on = smol::block_on`";
                    read_path(span, cursor, example, errors)
                } else {
                    errors.at(span, "write `block_on = path::to::block_on`");
                    None
                };
                self.block_on = Some(BlockOn { span, path });
            }
            "keep_env" => {
                self.keep_env = true;
                nothing_more(cursor, "`keep_env` takes no value", errors);
            }
            "crate" => {
                if cursor.take_punct('=').is_some() {
                    let example = "expected a path to svc-rt, as in `crate = my_crate::svc_rt`";
                    self.runtime = read_path(span, cursor, example, errors);
                } else {
                    errors.at(span, "write `crate = path::to::svc_rt`");
                }
            }
            "name" => {
                if cursor.take_punct('=').is_some() {
                    self.name = read_text(span, &cursor.rest(), errors);
                } else {
                    errors.at(span, "write `name = \"…\"`");
                }
            }
            "events" => self.events = read_list(key, span, cursor, errors),
            "sockets" => self.sockets = read_list(key, span, cursor, errors),
            unknown => errors.at(span, names::unknown("argument", unknown, &KNOWN)),
        }
    }
}

fn read_tokio(span: Span, mut cursor: Cursor, errors: &mut Errors) -> Tokio {
    let flavor = cursor.take_group(Delimiter::Parenthesis);
    nothing_more(cursor, "write `tokio` or `tokio(current_thread)`", errors);
    let current_thread = flavor.is_some_and(|flavor| {
        let right = flavor.stream().to_string() == "current_thread";
        if !right {
            let message = "write `tokio` for a runtime with a thread per core, or \
                           `tokio(current_thread)` for one that runs on the service's own thread";
            errors.at(flavor.span(), message);
        }
        right
    });
    Tokio {
        span,
        current_thread,
    }
}

/// A path such as `svc_rt`, `::svc_rt` or `crate::reexports::svc_rt`.
fn read_path(key: Span, cursor: Cursor, example: &str, errors: &mut Errors) -> Option<TokenStream> {
    let tokens = cursor.rest();
    let text: String = tokens.iter().map(ToString::to_string).collect();
    let mut segments = text.strip_prefix("::").unwrap_or(&text).split("::");
    let is_ident = |segment: &str| {
        segment.starts_with(|first: char| first.is_alphabetic() || first == '_')
            && !segment.contains(|c: char| !c.is_alphanumeric() && c != '_' && c != '#')
    };
    if segments.all(is_ident) {
        return Some(tokens.into_iter().collect());
    }
    errors.over(&tokens, key, example);
    None
}

/// `key = ["…", "…"]`.
fn read_list(key: &str, span: Span, mut cursor: Cursor, errors: &mut Errors) -> Option<List> {
    let equals = cursor.take_punct('=');
    let list = equals.and_then(|_| cursor.take_group(Delimiter::Bracket));
    let Some(list) = list else {
        errors.at(span, format!("write `{key} = [\"…\", \"…\"]`"));
        return None;
    };
    nothing_more(
        cursor,
        "expected a comma or the end of the attribute here",
        errors,
    );
    let mut elements = Vec::new();
    for element in split_at_commas(list.stream()) {
        match literal(element.clone()) {
            Some(text) if !text.is_number || key == "events" => elements.push(text),
            _ => errors.over(&element, list.span(), PLAIN),
        }
    }
    Some(List { span, elements })
}

const PLAIN: &str = "expected a plain string such as \"beacon\"";

fn read_text(place: Span, tokens: &[TokenTree], errors: &mut Errors) -> Option<Text> {
    let text = literal(tokens.to_vec()).filter(|text| !text.is_number);
    if text.is_none() {
        errors.over(tokens, place, PLAIN);
    }
    text
}

/// One string or number, and nothing beside it.
fn literal(tokens: Vec<TokenTree>) -> Option<Text> {
    let mut cursor = Cursor::new(tokens);
    let (Some(TokenTree::Literal(literal)), None) = (cursor.take(), cursor.peek()) else {
        return None;
    };
    let (written, span) = (literal.to_string(), literal.span());
    let is_number = written.starts_with(|first: char| first.is_ascii_digit());
    let value = if is_number {
        written
    } else {
        unquote(&written)?
    };
    Some(Text {
        value,
        span,
        is_number,
    })
}

/// The value of a string literal. One with an escape in it is no plain string: no name that is allowed here needs one.
fn unquote(literal: &str) -> Option<String> {
    let inside = match literal.strip_prefix('r') {
        Some(raw) => raw.trim_matches('#'),
        None => literal,
    };
    let value = inside.strip_prefix('"')?.strip_suffix('"')?;
    (literal.starts_with('r') || !value.contains('\\')).then(|| value.to_owned())
}

fn nothing_more(cursor: Cursor, message: &str, errors: &mut Errors) {
    let rest = cursor.rest();
    if let Some(first) = rest.first() {
        let span = first.span();
        // A lone `=` with its value reads best underlined as a whole.
        if is_punct(Some(first), '=') {
            errors.over(&rest, span, message);
        } else {
            errors.at(span, message);
        }
    }
}
