//! A manifest as a tree of tables. Only what cargo has accepted gets here, so this reads and does not judge.

use std::borrow::Cow;
use toml_parser::decoder::{Encoding, ScalarKind};
use toml_parser::parser::{Event, EventKind, RecursionGuard, parse_document};
use toml_parser::{ErrorSink, ParseError, Raw, Source};

/// A value and the byte at which it, or its key, begins.
pub(crate) struct Value {
    pub(crate) at: usize,
    pub(crate) kind: Kind,
}

/// What a value is, as far as anyone here wants to know.
pub(crate) enum Kind {
    Text(String),
    Integer(String),
    Boolean(bool),
    /// A float or a date.
    Other,
    List(Vec<Value>),
    Table(Table),
}

/// Keys and values in the order of the file.
#[derive(Default)]
pub(crate) struct Table(Vec<(String, Value)>);

/// Nested deeper than this is no manifest. cargo's own limit is the same.
const DEPTH: u32 = 80;

/// Reads a document. The error is the byte where it stops being TOML, and what the parser says of it.
pub(crate) fn parse(text: &str) -> Result<Table, (usize, String)> {
    let source = Source::new(text);
    let tokens = source.lex().into_vec();
    let mut events = Vec::new();
    let mut failure: Option<ParseError> = None;
    let mut keep = |event: Event| {
        if !matches!(
            event.kind(),
            EventKind::Whitespace | EventKind::Comment | EventKind::Newline
        ) {
            events.push(event);
        }
    };
    parse_document(
        &tokens,
        &mut RecursionGuard::new(&mut keep, DEPTH),
        &mut failure,
    );
    let mut reader = Reader {
        source,
        events: events.into_iter().peekable(),
        failure,
    };
    let table = reader.document();
    match reader.failure {
        None => Ok(table),
        Some(error) => {
            let at = error
                .unexpected()
                .or(error.context())
                .map_or(0, |span| span.start());
            Err((at, error.description().to_owned()))
        }
    }
}

impl Table {
    /// The value of `key`.
    pub(crate) fn get(&self, key: &str) -> Option<&Value> {
        self.0
            .iter()
            .find(|(known, _)| known == key)
            .map(|(_, value)| value)
    }

    /// The table that the keys lead to. An element of an array of tables has no name, so none leads into one.
    pub(crate) fn table(&self, path: &[&str]) -> Option<&Table> {
        path.iter()
            .try_fold(self, |table, key| match &table.get(key)?.kind {
                Kind::Table(table) => Some(table),
                _ => None,
            })
    }

    /// Steps into the table under `key`, which is made if there is none; of an array of tables, into the last one.
    fn enter(&mut self, key: String, at: usize) -> Option<&mut Table> {
        let index = self
            .0
            .iter()
            .position(|(known, _)| *known == key)
            .unwrap_or_else(|| {
                self.0.push((
                    key,
                    Value {
                        at,
                        kind: Kind::Table(Table::default()),
                    },
                ));
                self.0.len() - 1
            });
        match &mut self.0[index].1.kind {
            Kind::Table(table) => Some(table),
            Kind::List(list) => match &mut list.last_mut()?.kind {
                Kind::Table(table) => Some(table),
                _ => None,
            },
            _ => None,
        }
    }

    fn enter_all(&mut self, path: Vec<(String, usize)>) -> Option<&mut Table> {
        path.into_iter()
            .try_fold(self, |table, (key, at)| table.enter(key, at))
    }
}

struct Reader<'t> {
    source: Source<'t>,
    events: std::iter::Peekable<std::vec::IntoIter<Event>>,
    failure: Option<ParseError>,
}

impl<'t> Reader<'t> {
    fn document(&mut self) -> Table {
        let mut root = Table::default();
        let mut header = Vec::new();
        while let Some(event) = self.events.peek() {
            match event.kind() {
                EventKind::StdTableOpen => {
                    self.events.next();
                    header = self.key();
                    // An empty table must be there too.
                    self.must(root.enter_all(header.clone()).is_some());
                }
                EventKind::ArrayTableOpen => {
                    self.events.next();
                    header = self.key();
                    let pushed = Self::push_element(&mut root, header.clone());
                    self.must(pushed);
                }
                EventKind::SimpleKey => {
                    let table = root.enter_all(header.clone());
                    let done = table.is_some_and(|table| self.key_and_value(table));
                    self.must(done);
                }
                _ => {
                    self.events.next();
                }
            }
        }
        root
    }

    fn push_element(root: &mut Table, mut path: Vec<(String, usize)>) -> bool {
        let Some((last, at)) = path.pop() else {
            return false;
        };
        let Some(table) = root.enter_all(path) else {
            return false;
        };
        if table.get(&last).is_none() {
            table.0.push((
                last.clone(),
                Value {
                    at,
                    kind: Kind::List(Vec::new()),
                },
            ));
        }
        match table.0.iter_mut().find(|(key, _)| *key == last) {
            Some((
                _,
                Value {
                    kind: Kind::List(elements),
                    ..
                },
            )) => {
                elements.push(Value {
                    at,
                    kind: Kind::Table(Table::default()),
                });
                true
            }
            _ => false,
        }
    }

    /// `a.b = value` into `table`.
    fn key_and_value(&mut self, table: &mut Table) -> bool {
        let mut path = self.key();
        let Some((last, at)) = path.pop() else {
            self.events.next();
            return false;
        };
        self.events
            .next_if(|event| event.kind() == EventKind::KeyValSep);
        let kind = self.value();
        match table.enter_all(path) {
            Some(table) => {
                table.0.push((last, Value { at, kind }));
                true
            }
            None => false,
        }
    }

    /// The parts of a dotted key.
    fn key(&mut self) -> Vec<(String, usize)> {
        let mut path = Vec::new();
        while let Some(event) = self
            .events
            .next_if(|event| matches!(event.kind(), EventKind::SimpleKey | EventKind::KeySep))
        {
            if event.kind() == EventKind::SimpleKey {
                let mut text = Cow::Borrowed("");
                self.raw(&event).decode_key(&mut text, &mut self.failure);
                path.push((text.into_owned(), event.span().start()));
            }
        }
        path
    }

    fn value(&mut self) -> Kind {
        match self.events.peek().map(Event::kind) {
            Some(EventKind::Scalar) => self.scalar(),
            Some(EventKind::ArrayOpen) => {
                self.events.next();
                self.list()
            }
            Some(EventKind::InlineTableOpen) => {
                self.events.next();
                self.inline_table()
            }
            _ => {
                self.must(false);
                Kind::Other
            }
        }
    }

    fn list(&mut self) -> Kind {
        let mut list = Vec::new();
        while let Some(event) = self.events.peek() {
            let at = event.span().start();
            match event.kind() {
                EventKind::ArrayClose => {
                    self.events.next();
                    break;
                }
                EventKind::ValueSep => {
                    self.events.next();
                }
                EventKind::Scalar | EventKind::ArrayOpen | EventKind::InlineTableOpen => {
                    list.push(Value {
                        at,
                        kind: self.value(),
                    });
                }
                _ => break,
            }
        }
        Kind::List(list)
    }

    fn inline_table(&mut self) -> Kind {
        let mut table = Table::default();
        while let Some(event) = self.events.peek() {
            match event.kind() {
                EventKind::InlineTableClose => {
                    self.events.next();
                    break;
                }
                EventKind::SimpleKey => {
                    let done = self.key_and_value(&mut table);
                    self.must(done);
                }
                EventKind::ValueSep => {
                    self.events.next();
                }
                _ => break,
            }
        }
        Kind::Table(table)
    }

    fn scalar(&mut self) -> Kind {
        let Some(event) = self.events.next() else {
            return Kind::Other;
        };
        let mut text = Cow::Borrowed("");
        match self.raw(&event).decode_scalar(&mut text, &mut self.failure) {
            ScalarKind::String => Kind::Text(text.into_owned()),
            ScalarKind::Boolean(value) => Kind::Boolean(value),
            ScalarKind::Integer(_) => Kind::Integer(text.into_owned()),
            ScalarKind::DateTime | ScalarKind::Float => Kind::Other,
        }
    }

    fn raw(&self, event: &Event) -> Raw<'t> {
        let encoding: Option<Encoding> = event.encoding();
        let text = self
            .source
            .input()
            .get(event.span().start()..event.span().end());
        Raw::new_unchecked(text.unwrap_or_default(), encoding, event.span())
    }

    /// What cannot be with a manifest that cargo has accepted is reported rather than guessed at.
    fn must(&mut self, done: bool) {
        if !done {
            self.failure
                .report_error(ParseError::new("the keys contradict each other"));
        }
    }
}
