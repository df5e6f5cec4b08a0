//! The schema of what reads more than one kind of value: each stands beside a visitor, and says what that visitor takes.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::log::{Level, LogFile, LogFileTable};
use super::systemd::{Line, Lines, Scalar, Section};
use super::things::{Directory, DirectoryTable, OneOrMany};
use super::values::{
    Account, AccountWord, Event, Hardening, HardeningTable, Policy, Profile, Restart, RestartTable,
    StaticAccount, Time,
};
use super::windows::{Firewall, FirewallRule};
use super::{Spanned, Switch};

/// The schemas are written out where they are used: a type's name says nothing to a user.
macro_rules! schema {
    ($type:ident $(<$of:ident>)?, |$generator:ident| $schema:expr) => {
        impl $(<$of: JsonSchema>)? JsonSchema for $type $(<$of>)? {
            fn schema_name() -> Cow<'static, str> {
                stringify!($type).into()
            }

            fn inline_schema() -> bool {
                true
            }

            fn json_schema($generator: &mut SchemaGenerator) -> Schema {
                $schema
            }
        }
    };
}

/// One of two forms.
fn either<A: JsonSchema, B: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    let forms = [
        generator.subschema_for::<A>(),
        generator.subschema_for::<B>(),
    ];
    json_schema!({ "anyOf": forms })
}

schema!(Spanned<T>, |generator| generator.subschema_for::<T>());
schema!(Switch<T>, |generator| {
    json_schema!({ "anyOf": [generator.subschema_for::<T>(), { "const": false }] })
});
schema!(Account, |generator| json_schema!({
    "anyOf": [
        generator.subschema_for::<AccountWord>(),
        { "type": "string", "pattern": r"[\\@]" },
        generator.subschema_for::<StaticAccount>(),
    ]
}));
// `false` is the switch around it.
schema!(Firewall, |generator| json_schema!({
    "anyOf": [{ "const": true }, generator.subschema_for::<Vec<Spanned<FirewallRule>>>()]
}));
schema!(Restart, |generator| either::<Policy, RestartTable>(
    generator
));
schema!(Hardening, |generator| either::<Profile, HardeningTable>(
    generator
));
schema!(LogFile, |generator| either::<Level, LogFileTable>(
    generator
));
schema!(
    OneOrMany,
    |generator| either::<String, Vec<Spanned<String>>>(generator)
);
schema!(Time, |_generator| json_schema!({
    "anyOf": [{ "type": "string" }, { "type": "integer", "minimum": 0 }]
}));
schema!(Event, |_generator| json_schema!({
    "anyOf": [{ "type": "string" }, { "type": "integer" }]
}));
// `false` is the switch around it.
schema!(Directory, |generator| json_schema!({
    "anyOf": [{ "const": true }, { "type": "string" }, generator.subschema_for::<DirectoryTable>()]
}));
schema!(Scalar, |_generator| json_schema!({
    "type": ["string", "number", "boolean"]
}));
schema!(Line, |generator| either::<Scalar, Vec<Spanned<Scalar>>>(
    generator
));
schema!(Lines, |generator| json_schema!({
    "type": "object",
    "properties": { "lines": whole_lines() },
    "additionalProperties": generator.subschema_for::<Line>(),
}));
schema!(Section, |generator| {
    let lines = generator.subschema_for::<Lines>();
    json_schema!({
        "type": "object",
        "properties": { "name": { "type": "string" }, "unit": lines, "install": lines, "lines": whole_lines() },
        "additionalProperties": generator.subschema_for::<Line>(),
    })
});

/// Assignments as they stand in a unit.
fn whole_lines() -> Schema {
    json_schema!({
        "description": "Whole lines, for directives whose order among each other counts.",
        "type": "array",
        "items": { "type": "string", "pattern": "=" },
    })
}
