//! Writes the function anew: on the outside what the system's loader or the user's `main` calls, inside it, untouched, what
//! the user wrote. Everything that happens at run time happens in svc-rt.

use crate::attributes::Arguments;
use crate::manifest::{Service, Target};
use crate::note;
use crate::syntax::{Attribute, Function, Parameter};
use crate::tokens::{shown_at, template};
use crate::validate::{Manifest, Shape};
use proc_macro::{Ident, Literal, Span, TokenStream, TokenTree};

/// The function as a service.
pub(crate) fn expand(
    function: &Function,
    shape: Shape,
    arguments: &Arguments,
    service: &Service,
    manifest: &Manifest,
) -> TokenStream {
    let default = template("::svc_rt", &[]);
    let parts: &[(&str, &TokenStream)] = &[
        ("svc_rt", arguments.runtime.as_ref().unwrap_or(&default)),
        ("declarations", &declarations(service, arguments.keep_env)),
        ("manifest", &manifest_dependency(manifest)),
        ("outcome", &outcome(function, shape, arguments)),
    ];
    let run = match shape {
        Shape::Plain => "run_plain(&__SVC_DECLARATION,",
        Shape::Main => "run(&__SVC_DECLARATION, __svc_rt::Shape::Main,",
        Shape::Serve => "run(&__SVC_DECLARATION, __svc_rt::Shape::Serve,",
    };
    // The braces hide what is declared in them from the user's body.
    let block = format!(
        "{{
            use $svc_rt::__private as __svc_rt;
            $manifest
            $declarations
            __svc_rt::{run} move |__service| $outcome)
        }}"
    );
    outer(function, shape, &template(&block, parts))
}

/// The function with its right signature but no service in it: what stands beside a `compile_error!`, so that its callers
/// and its body are compiled as ever and one mistake makes one message.
pub(crate) fn without_service(function: &Function, shape: Shape) -> TokenStream {
    outer(function, shape, &template("loop {}", &[]))
}

/// What stands beside a `compile_error!` about the signature: the function as it is, wrapped if a program could not have
/// it as its `main`.
pub(crate) fn as_written(function: &Function, item: &TokenStream) -> TokenStream {
    if function.name.to_string() != "main" {
        return item.clone();
    }
    let name = TokenTree::Ident(function.name.clone()).into();
    template(
        "fn $name() { #[allow(dead_code)] $item }",
        &[("name", &name), ("item", item)],
    )
}

fn outer(function: &Function, shape: Shape, block: &TokenStream) -> TokenStream {
    let passed_on = passed_on(function, shape);
    let parameters: TokenStream = passed_on
        .iter()
        .flat_map(|(name, parameter)| {
            let kind = parameter.kind.iter().cloned().collect();
            let name = TokenTree::Ident(name.clone()).into();
            template("$name: $kind,", &[("name", &name), ("kind", &kind)])
        })
        .collect();
    template(
        "$attributes $visibility fn $name $generics ($parameters) -> ::std::process::ExitCode $bounds {
            $inner
            $block
        }",
        &[
            ("attributes", &attributes(function, Attribute::is_for_the_outside)),
            ("visibility", &function.visibility),
            ("name", &TokenTree::Ident(function.name.clone()).into()),
            ("generics", &function.generics.tokens.iter().cloned().collect()),
            ("parameters", &parameters),
            ("bounds", &function.bounds.iter().cloned().collect()),
            ("inner", &inner(function)),
            ("block", block),
        ],
    )
}

/// The user's function, with all that is not for the outside.
fn inner(function: &Function) -> TokenStream {
    let mut tokens = attributes(function, |attribute| !attribute.is_for_the_outside());
    tokens.extend(function.asynchronous.clone().map(TokenTree::Ident));
    tokens.extend(template("fn", &[]));
    tokens.extend([TokenTree::Ident(function.name.clone())]);
    tokens.extend(function.generics.tokens.iter().cloned());
    tokens.extend([TokenTree::Group(function.parentheses.clone())]);
    tokens.extend(function.output.iter().cloned());
    tokens.extend(function.bounds.iter().cloned());
    match &function.body {
        Some(body) => tokens.extend([TokenTree::Group(body.clone())]),
        // A mistake, and reported as one: nothing more shall be said of it.
        None => tokens.extend(template("{ loop {} }", &[])),
    }
    tokens
}

fn attributes(function: &Function, wanted: impl Fn(&Attribute) -> bool) -> TokenStream {
    // Another entry is a mistake, and reported as one: nothing more shall be said of it.
    let wanted = |attribute: &&Attribute| wanted(attribute) && !attribute.is_another_entry();
    let wanted = function.attributes.iter().filter(wanted);
    wanted.map(|attribute| attribute.tokens.clone()).collect()
}

impl Attribute {
    /// Whether it says something of the item that others see. What it says of lints holds for the function inside too.
    /// Everything else, `#[tracing::instrument]` for one, is for the function as the user wrote it.
    fn is_for_the_outside(&self) -> bool {
        let path = self.path.trim_start_matches(':');
        let outside = [
            "doc",
            "cfg",
            "deprecated",
            "must_use",
            "allow",
            "expect",
            "warn",
            "deny",
            "forbid",
        ];
        outside.contains(&path)
    }
}

/// The parameters behind the `Service`, with the names that they have on the outside.
fn passed_on(function: &Function, shape: Shape) -> Vec<(Ident, &Parameter)> {
    if shape != Shape::Serve {
        return Vec::new();
    }
    let rest = function.parameters.iter().enumerate().skip(1);
    let named = rest.map(|(index, parameter)| {
        let made_up = || Ident::new(&format!("__argument_{index}"), Span::mixed_site());
        (parameter.variable().unwrap_or_else(made_up), parameter)
    });
    named.collect()
}

/// The expression that runs the user's function and ends in svc-rt's `Outcome`.
fn outcome(function: &Function, shape: Shape, arguments: &Arguments) -> TokenStream {
    let call = call(function, shape);
    let Some(tokio) = &arguments.tokio else {
        return returned(function, &call);
    };
    let value = template("__runtime.block_on($call)", &[("call", &call)]);
    let builder = if tokio.current_thread {
        "new_current_thread"
    } else {
        "new_multi_thread"
    };
    on_tokio(&[
        // A tokio that is missing, or was built without its runtime, is reported at the word.
        (
            "tokio_runtime",
            &shown_at(template("::tokio::runtime", &[]), tokio.span),
        ),
        (
            "builder",
            &TokenTree::Ident(Ident::new(builder, tokio.span)).into(),
        ),
        ("outcome", &returned(function, &value)),
    ])
}

/// What becomes of the value that the user's function returns.
fn returned(function: &Function, value: &TokenStream) -> TokenStream {
    if function.never_returns() {
        return value.clone();
    }
    // A type that cannot end a program is the return type's fault: that is where it is reported.
    let place = function
        .output
        .get(2)
        .map_or(function.name.span(), TokenTree::span);
    let checked = shown_at(template("__terminating(__value)", &[]), place);
    template(
        "{
            fn __terminating<T: ::std::process::Termination>(value: T) -> T {
                value
            }
            let __value = $value;
            let __value = $checked;
            __svc_rt::outcome!(__value)
        }",
        &[("value", value), ("checked", &checked)],
    )
}

/// The runtime ends within what is left of the stop time, after a panic too: tokio would wait for blocking tasks for ever.
fn on_tokio(parts: &[(&str, &TokenStream)]) -> TokenStream {
    template(
        "{
            use $tokio_runtime as __tokio;
            struct __Bounded(::core::option::Option<__tokio::Runtime>, __svc_rt::Service);
            impl ::core::ops::Drop for __Bounded {
                fn drop(&mut self) {
                    if let ::core::option::Option::Some(runtime) = self.0.take() {
                        runtime.shutdown_timeout(__svc_rt::shutdown_budget(&self.1));
                    }
                }
            }
            match __tokio::Builder::$builder().enable_all().build() {
                ::core::result::Result::Ok(runtime) => {
                    let __bounded = __Bounded(
                        ::core::option::Option::Some(runtime),
                        ::core::clone::Clone::clone(&__service),
                    );
                    let __runtime = __bounded.0.as_ref().expect(\"it is taken when dropped\");
                    $outcome
                }
                ::core::result::Result::Err(error) => __svc_rt::Outcome::runtime_failed(&error),
            }
        }",
        parts,
    )
}

/// `serve::<T>(service, config)`.
fn call(function: &Function, shape: Shape) -> TokenStream {
    let mut passed = TokenStream::new();
    if shape != Shape::Plain {
        // Another type of the same name is reported where it stands in the signature.
        let place = function
            .parameters
            .first()
            .map_or(Span::call_site(), Parameter::type_span);
        passed.extend(shown_at(template("__service", &[]), place));
        passed.extend(template(",", &[]));
    }
    for (name, _) in passed_on(function, shape) {
        passed.extend([TokenTree::Ident(name)]);
        passed.extend(template(",", &[]));
    }
    let mut names = TokenStream::new();
    for name in &function.generics.names {
        names.extend([TokenTree::Ident(name.clone())]);
        names.extend(template(",", &[]));
    }
    let written = if names.is_empty() {
        "$name($passed)"
    } else {
        "$name::<$names>($passed)"
    };
    let name = TokenTree::Ident(function.name.clone()).into();
    template(
        written,
        &[("name", &name), ("names", &names), ("passed", &passed)],
    )
}

/// The declaration that svc-rt gets, and the note in the binary: one each, or one for either system where they differ.
fn declarations(service: &Service, keep_env: bool) -> TokenStream {
    let Service { systemd, windows } = service;
    let declaration = |target, cfg| declaration(target, cfg, keep_env);
    if systemd == windows {
        return declaration(systemd, "");
    }
    [
        declaration(systemd, "#[cfg(not(windows))]"),
        declaration(windows, "#[cfg(windows)]"),
    ]
    .into_iter()
    .collect()
}

fn declaration(target: &Target, cfg: &str, keep_env: bool) -> TokenStream {
    let none = Vec::new();
    let events = target.events.as_ref().unwrap_or(&none);
    let sockets = target.sockets.as_ref().unwrap_or(&none);
    let text = note::text(&target.name, events, sockets);
    let list = |strings: &[String]| -> TokenStream {
        let comma = |string: &String| {
            [
                TokenTree::Literal(Literal::string(string)),
                template(",", &[]).into_iter().next().expect("a comma"),
            ]
        };
        strings.iter().flat_map(comma).collect()
    };
    let literal = |literal| TokenStream::from(TokenTree::Literal(literal));
    let items = format!(
        "{cfg}
        #[used]
        #[cfg_attr(windows, unsafe(link_section = \".svcnote\"))]
        #[cfg_attr(target_vendor = \"apple\", unsafe(link_section = \"__DATA,__svc_note\"))]
        #[cfg_attr(not(any(windows, target_vendor = \"apple\")), unsafe(link_section = \".note.svc\"))]
        static __SVC_NOTE: __svc_rt::Note<$length> = __svc_rt::Note::new(*$note);
        {cfg}
        static __SVC_DECLARATION: __svc_rt::Declaration = __svc_rt::Declaration {{
            name: $name,
            events: &[$events],
            sockets: &[$sockets],
            keep_env: {keep_env},
            note: &__SVC_NOTE.text,
        }};"
    );
    template(
        &items,
        &[
            ("length", &literal(Literal::usize_unsuffixed(text.len()))),
            ("note", &literal(Literal::byte_string(text.as_bytes()))),
            ("name", &literal(Literal::string(&target.name))),
            ("events", &list(events)),
            ("sockets", &list(sockets)),
        ],
    )
}

/// Has cargo compile the crate again when the manifest changes; nothing of it gets into the program.
fn manifest_dependency(manifest: &Manifest) -> TokenStream {
    match manifest.path.to_str() {
        Some(path) if manifest.was_read() => template(
            "const _: &[u8] = ::core::include_bytes!($path);",
            &[("path", &TokenTree::Literal(Literal::string(path)).into())],
        ),
        _ => TokenStream::new(),
    }
}
