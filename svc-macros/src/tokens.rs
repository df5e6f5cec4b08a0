//! What the other stages need to walk over tokens.

use proc_macro2::{Delimiter, Group, Spacing, TokenTree};
use std::collections::VecDeque;

/// Reads tokens from the front.
///
/// A `macro_rules!` puts an invisible group around what it substitutes. One that stands in front is opened when it is
/// looked at; those further on, which may hold a type's precedence together, stay as they are.
pub(crate) struct Cursor(VecDeque<TokenTree>);

impl Cursor {
    /// Begins to read `tokens`.
    pub(crate) fn new(tokens: impl IntoIterator<Item = TokenTree>) -> Self {
        Self(tokens.into_iter().collect())
    }

    /// The next token.
    pub(crate) fn peek(&mut self) -> Option<&TokenTree> {
        while let Some(group) = as_group(self.0.front(), Delimiter::None) {
            let inside = group.stream();
            self.0.pop_front();
            for (index, token) in inside.into_iter().enumerate() {
                self.0.insert(index, token);
            }
        }
        self.0.front()
    }

    /// Takes the next token.
    pub(crate) fn take(&mut self) -> Option<TokenTree> {
        self.peek();
        self.0.pop_front()
    }

    /// Takes the next token if it is this one character of punctuation.
    pub(crate) fn take_punct(&mut self, character: char) -> Option<TokenTree> {
        if is_punct(self.peek(), character) {
            self.take()
        } else {
            None
        }
    }

    /// Takes the next token if it is this word.
    pub(crate) fn take_word(&mut self, word: &str) -> Option<TokenTree> {
        if is_word(self.peek(), word) {
            self.take()
        } else {
            None
        }
    }

    /// Takes the next token if it is a group with these delimiters.
    pub(crate) fn take_group(&mut self, delimiter: Delimiter) -> Option<Group> {
        let group = as_group(self.peek(), delimiter).cloned();
        if group.is_some() {
            self.take();
        }
        group
    }

    /// Takes the last token if it is a group with these delimiters.
    pub(crate) fn take_last_group(&mut self, delimiter: Delimiter) -> Option<Group> {
        while let Some(group) = as_group(self.0.back(), Delimiter::None) {
            let inside = group.stream();
            self.0.pop_back();
            self.0.extend(inside);
        }
        let group = as_group(self.0.back(), delimiter).cloned();
        if group.is_some() {
            self.0.pop_back();
        }
        group
    }

    /// Takes tokens up to the first one that `end` accepts outside of `<…>`.
    pub(crate) fn take_until(&mut self, end: impl Fn(&TokenTree) -> bool) -> Vec<TokenTree> {
        let mut taken = Vec::new();
        let mut angles = Angles::default();
        while let Some(token) = self.0.pop_front() {
            if angles.closed() && end(&token) {
                self.0.push_front(token);
                break;
            }
            angles.step(&token);
            taken.push(token);
        }
        taken
    }

    /// All that is left.
    pub(crate) fn rest(self) -> Vec<TokenTree> {
        self.0.into()
    }
}

/// Whether `token` is this one character of punctuation.
pub(crate) fn is_punct(token: Option<&TokenTree>, character: char) -> bool {
    matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == character)
}

/// Whether `token` is this word.
pub(crate) fn is_word(token: Option<&TokenTree>, word: &str) -> bool {
    matches!(token, Some(TokenTree::Ident(ident)) if ident == word)
}

/// The group, if `token` is one with these delimiters.
pub(crate) fn as_group(token: Option<&TokenTree>, delimiter: Delimiter) -> Option<&Group> {
    match token {
        Some(TokenTree::Group(group)) if group.delimiter() == delimiter => Some(group),
        _ => None,
    }
}

/// Knows how deep in `<…>` it is, which are no groups to the compiler's lexer.
#[derive(Default)]
pub(crate) struct Angles {
    depth: usize,
    after_dash: bool,
}

impl Angles {
    /// Takes note of the next token.
    pub(crate) fn step(&mut self, token: &TokenTree) {
        let TokenTree::Punct(punct) = token else {
            self.after_dash = false;
            return;
        };
        match punct.as_char() {
            '<' => self.depth += 1,
            // The arrow of `Fn() -> T` closes nothing.
            '>' if !self.after_dash => self.depth = self.depth.saturating_sub(1),
            _ => {}
        }
        self.after_dash = punct.as_char() == '-' && punct.spacing() == Spacing::Joint;
    }

    /// Whether every `<` has been closed.
    pub(crate) fn closed(&self) -> bool {
        self.depth == 0
    }
}

/// The parts between the commas, without the one that an empty end would make.
pub(crate) fn split_at_commas(tokens: impl IntoIterator<Item = TokenTree>) -> Vec<Vec<TokenTree>> {
    let mut parts = Vec::new();
    let mut part = Vec::new();
    let mut angles = Angles::default();
    for token in tokens {
        if angles.closed() && is_punct(Some(&token), ',') {
            parts.push(std::mem::take(&mut part));
            continue;
        }
        angles.step(&token);
        part.push(token);
    }
    if !part.is_empty() {
        parts.push(part);
    }
    parts
}
