//! Diagnostics for people: path, line and column, the line itself with a caret, and what to do.

use std::ops::Range;

use annotate_snippets::renderer::DEFAULT_TERM_WIDTH;
use annotate_snippets::{AnnotationKind, Level as Title, Renderer, Snippet};

use super::{Diagnostic, Level, Place};

/// The text of a diagnostic, ending in an empty line; with ANSI colours, which the stream takes out where nobody sees them.
pub fn render(found: &Diagnostic) -> String {
    let level = match found.level {
        Level::Error => Title::ERROR,
        Level::Warning => Title::WARNING,
        Level::Note => Title::NOTE,
    };
    let mut group = level
        .primary_title(found.message.as_str())
        .elements(found.place.iter().map(|place| snippet(place, &found.label)));
    // Without a place there is no caret to say it under.
    if found.place.is_none() && !found.label.is_empty() {
        group = group.element(Title::NOTE.message(found.label.as_str()));
    }
    for help in &found.help {
        group = group.element(Title::HELP.message(help.as_str()));
    }
    let renderer = Renderer::styled().term_width(DEFAULT_TERM_WIDTH);
    format!("{}\n\n", renderer.render(&[group]))
}

fn snippet<'a>(place: &'a Place, label: &'a str) -> Snippet<'a, annotate_snippets::Annotation<'a>> {
    let caret = AnnotationKind::Primary.span(first_line(&place.source.text, &place.span));
    Snippet::source(place.source.text.as_str())
        .path(place.source.path.to_string_lossy())
        .annotation(if label.is_empty() {
            caret
        } else {
            caret.label(label)
        })
}

/// The part of a span on its first line: a table or an array over many lines is known by its beginning.
fn first_line(text: &str, span: &Range<usize>) -> Range<usize> {
    let start = floor(text, span.start);
    let end = floor(text, span.end).max(start);
    let line = text[start..end].lines().next().unwrap_or_default();
    start..start + line.len()
}

/// The character boundary at or before an offset.
fn floor(text: &str, offset: usize) -> usize {
    let offset = offset.min(text.len());
    (0..=offset)
        .rev()
        .find(|&at| text.is_char_boundary(at))
        .unwrap_or(0)
}
