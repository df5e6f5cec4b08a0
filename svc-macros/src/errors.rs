//! Collects every mistake before giving up, so that one build shows them all.

use proc_macro2::{Literal, Span, TokenStream, TokenTree};
use quote::quote_spanned;

/// What is wrong, each with the tokens that it is wrong about.
#[derive(Default)]
pub(crate) struct Errors(Vec<Mistake>);

struct Mistake {
    from: Span,
    to: Span,
    message: String,
}

impl Errors {
    /// Reports a mistake in one token.
    pub(crate) fn at(&mut self, span: Span, message: impl Into<String>) {
        self.between(span, span, message);
    }

    /// Reports a mistake in a run of tokens.
    pub(crate) fn over(
        &mut self,
        tokens: &[TokenTree],
        otherwise: Span,
        message: impl Into<String>,
    ) {
        let from = tokens.first().map_or(otherwise, TokenTree::span);
        let to = tokens.last().map_or(otherwise, TokenTree::span);
        self.between(from, to, message);
    }

    fn between(&mut self, from: Span, to: Span, message: impl Into<String>) {
        self.0.push(Mistake {
            from,
            to,
            message: message.into(),
        });
    }

    /// Whether nothing is wrong.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// One `compile_error!` for each mistake.
    pub(crate) fn into_tokens(self) -> TokenStream {
        self.0.into_iter().flat_map(Mistake::into_tokens).collect()
    }
}

impl Mistake {
    /// `::core::compile_error! { "message" }`. The compiler underlines from the first token to the last, and joining two
    /// spans is not stable: so the path carries the first span and the braces the last.
    fn into_tokens(self) -> TokenStream {
        let Self { from, to, message } = self;
        let mut text = Literal::string(&message);
        text.set_span(to);
        let braces = quote_spanned!(to=> { #text });
        quote_spanned!(from=> ::core::compile_error! #braces)
    }
}
