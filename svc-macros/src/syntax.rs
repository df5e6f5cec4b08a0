//! Reads the function under the attribute. Its body is only carried along: what is wrong in there, the compiler says
//! itself, in place and once.

use crate::tokens::{Cursor, as_group, is_punct, is_word, split_at_commas};
use proc_macro2::{Delimiter, Group, Ident, Spacing, Span, TokenStream, TokenTree};

/// A function as it was written.
pub(crate) struct Function {
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) visibility: TokenStream,
    /// The `async` in front of `fn`.
    pub(crate) asynchronous: Option<Ident>,
    /// What else stands in front of `fn`: `const`, `unsafe`, `extern "C"`.
    pub(crate) qualifiers: Vec<TokenTree>,
    pub(crate) name: Ident,
    pub(crate) generics: Generics,
    /// The parentheses with everything in them.
    pub(crate) parentheses: Group,
    pub(crate) parameters: Vec<Parameter>,
    /// `-> T`, or nothing.
    pub(crate) output: Vec<TokenTree>,
    /// `where …`, or nothing.
    pub(crate) bounds: Vec<TokenTree>,
    /// The braces with everything in them; none in `fn main();`.
    pub(crate) body: Option<Group>,
}

/// `#[path …]`.
pub(crate) struct Attribute {
    pub(crate) tokens: TokenStream,
    /// The path without spaces, as in `tracing::instrument`; of `cfg_attr`, the path of what it would add.
    pub(crate) path: String,
    pub(crate) span: Span,
}

/// `<'a, T: Bound, const N: usize>`.
#[derive(Default)]
pub(crate) struct Generics {
    pub(crate) tokens: Vec<TokenTree>,
    /// The types and constants, which a call may name. Lifetimes it leaves to the compiler.
    pub(crate) names: Vec<Ident>,
}

/// One parameter.
pub(crate) struct Parameter {
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) pattern: Vec<TokenTree>,
    /// Empty for `self`.
    pub(crate) kind: Vec<TokenTree>,
}

/// Reads a function, or answers with the place where it stops being one.
pub(crate) fn parse(item: TokenStream) -> Result<Function, Span> {
    let mut cursor = Cursor::new(item);
    let attributes = attributes(&mut cursor);
    let visibility = visibility(&mut cursor);
    let (asynchronous, qualifiers) = qualifiers(&mut cursor)?;
    let name = ident(&mut cursor)?;
    let generics = generics(&mut cursor);
    let Some(parentheses) = cursor.take_group(Delimiter::Parenthesis) else {
        return Err(here(&mut cursor));
    };
    let body = cursor.take_last_group(Delimiter::Brace);
    let output =
        cursor.take_until(|token| is_word(Some(token), "where") || is_punct(Some(token), ';'));
    let bounds = cursor.take_until(|token| is_punct(Some(token), ';'));
    Ok(Function {
        attributes,
        visibility,
        asynchronous,
        qualifiers,
        name,
        generics,
        parameters: split_at_commas(parentheses.stream())
            .into_iter()
            .map(parameter)
            .collect(),
        parentheses,
        output,
        bounds,
        body,
    })
}

fn here(cursor: &mut Cursor) -> Span {
    cursor.peek().map_or_else(Span::call_site, TokenTree::span)
}

fn ident(cursor: &mut Cursor) -> Result<Ident, Span> {
    match cursor.take() {
        Some(TokenTree::Ident(ident)) => Ok(ident),
        Some(other) => Err(other.span()),
        None => Err(Span::call_site()),
    }
}

fn attributes(cursor: &mut Cursor) -> Vec<Attribute> {
    let mut attributes = Vec::new();
    while let Some(hash) = cursor.take_punct('#') {
        let Some(group) = cursor.take_group(Delimiter::Bracket) else {
            break;
        };
        attributes.push(Attribute {
            path: effective_path(group.stream()),
            span: group.span(),
            tokens: [hash, TokenTree::Group(group)].into_iter().collect(),
        });
    }
    attributes
}

fn effective_path(tokens: TokenStream) -> String {
    let mut cursor = Cursor::new(tokens);
    if cursor.take_word("unsafe").is_some() {
        return cursor
            .take_group(Delimiter::Parenthesis)
            .map_or_else(String::new, |inside| effective_path(inside.stream()));
    }
    let mut path = String::new();
    while let Some(token) = cursor.peek() {
        match token {
            TokenTree::Ident(_) => path.push_str(&token.to_string()),
            TokenTree::Punct(punct) if punct.as_char() == ':' => path.push(':'),
            _ => break,
        }
        cursor.take();
    }
    if path == "cfg_attr" {
        let inside = cursor.take_group(Delimiter::Parenthesis);
        let mut parts = inside
            .map(|group| split_at_commas(group.stream()))
            .unwrap_or_default()
            .into_iter();
        if let Some(added) = parts.nth(1) {
            return effective_path(added.into_iter().collect());
        }
    }
    path
}

fn visibility(cursor: &mut Cursor) -> TokenStream {
    let mut tokens = TokenStream::new();
    if let Some(word) = cursor.take_word("pub") {
        tokens.extend([word]);
        tokens.extend(
            cursor
                .take_group(Delimiter::Parenthesis)
                .map(TokenTree::Group),
        );
    }
    tokens
}

fn qualifiers(cursor: &mut Cursor) -> Result<(Option<Ident>, Vec<TokenTree>), Span> {
    let mut asynchronous = None;
    let mut others = Vec::new();
    loop {
        let word = ident(cursor)?;
        match &*word.to_string() {
            "fn" => return Ok((asynchronous, others)),
            "async" => asynchronous = Some(word),
            "const" | "unsafe" | "safe" | "gen" | "default" => others.push(word.into()),
            "extern" => {
                others.push(word.into());
                if matches!(cursor.peek(), Some(TokenTree::Literal(_))) {
                    others.extend(cursor.take());
                }
            }
            _ => return Err(word.span()),
        }
    }
}

fn generics(cursor: &mut Cursor) -> Generics {
    if !is_punct(cursor.peek(), '<') {
        return Generics::default();
    }
    // The parameters end at the first parenthesis outside of the angle brackets.
    let tokens = cursor.take_until(|token| as_group(Some(token), Delimiter::Parenthesis).is_some());
    let inside = tokens
        .iter()
        .skip(1)
        .take(tokens.len().saturating_sub(2))
        .cloned();
    let names = split_at_commas(inside)
        .into_iter()
        .filter_map(generic_name)
        .collect();
    Generics { tokens, names }
}

fn generic_name(parameter: Vec<TokenTree>) -> Option<Ident> {
    let mut cursor = Cursor::new(parameter);
    attributes(&mut cursor);
    cursor.take_word("const");
    ident(&mut cursor).ok()
}

fn parameter(tokens: Vec<TokenTree>) -> Parameter {
    let mut cursor = Cursor::new(tokens);
    let attributes = attributes(&mut cursor);
    let mut pattern = Vec::new();
    // A single colon ends the pattern, a double one is part of a path in it.
    while let Some(token) = cursor.take() {
        match &token {
            TokenTree::Punct(colon)
                if colon.as_char() == ':' && colon.spacing() == Spacing::Alone =>
            {
                break;
            }
            TokenTree::Punct(colon) if colon.as_char() == ':' => {
                pattern.push(token);
                pattern.extend(cursor.take());
            }
            _ => pattern.push(token),
        }
    }
    Parameter {
        attributes,
        pattern,
        kind: cursor.rest(),
    }
}

impl Attribute {
    /// Whether the attribute makes an entry of the function too, as `#[tokio::main]` and `#[test]` do.
    pub(crate) fn is_another_entry(&self) -> bool {
        let last = self.path.rsplit("::").next().unwrap_or_default();
        last == "test" || (last == "main" && self.path != "main")
    }
}

impl Function {
    /// Whether it is declared as `-> !`.
    pub(crate) fn never_returns(&self) -> bool {
        matches!(&*self.output, [_, _, only] if is_punct(Some(only), '!'))
    }
}

impl Parameter {
    /// Whether this is `self` in one of its forms.
    pub(crate) fn is_receiver(&self) -> bool {
        is_word(self.pattern.last(), "self")
    }

    /// Whether the type is a path that ends in `Service`. A macro sees names and no types.
    pub(crate) fn is_service(&self) -> bool {
        let mut cursor = Cursor::new(self.kind.iter().cloned());
        let mut last = String::new();
        while let Some(token) = cursor.take() {
            match token {
                TokenTree::Ident(ident) => last = ident.to_string(),
                TokenTree::Punct(punct) if punct.as_char() == ':' => {}
                _ => return false,
            }
        }
        last == "Service"
    }

    /// Where the parameter begins.
    pub(crate) fn span(&self) -> Span {
        self.pattern
            .first()
            .map_or_else(Span::call_site, TokenTree::span)
    }

    /// Where its type begins.
    pub(crate) fn type_span(&self) -> Span {
        self.kind
            .first()
            .map_or_else(Span::call_site, TokenTree::span)
    }

    /// The variable's name, if the pattern is nothing but a name.
    pub(crate) fn variable(&self) -> Option<Ident> {
        let mut cursor = Cursor::new(self.pattern.iter().cloned());
        cursor.take_word("mut");
        match (cursor.take(), cursor.peek()) {
            (Some(TokenTree::Ident(name)), None) if name != "_" => Some(name),
            _ => None,
        }
    }
}
