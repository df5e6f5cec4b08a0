//! Writes the function anew: on the outside what the system's loader or the user's `main` calls, inside it, untouched, what
//! the user wrote. Everything that happens at run time happens in svc-rt.
//!
//! What is written here has the macro's own spans, [`Span::mixed_site`]: its local variables and the user's never meet, so
//! that a parameter of the user's may have any name.

use crate::attributes::{Arguments, BlockOn, Tokio};
use crate::manifest::{Service, Socket, Target};
use crate::note;
use crate::syntax::{Attribute, Function, Parameter};
use crate::validate::{Manifest, Shape};
use proc_macro2::{Ident, Literal, Span, TokenStream, TokenTree};
use quote::{ToTokens as _, format_ident, quote_spanned};

/// The function as a service.
pub(crate) fn expand(
    function: &Function,
    shape: Shape,
    arguments: &Arguments,
    service: &Service,
    manifest: &Manifest,
) -> TokenStream {
    let here = Span::mixed_site();
    let default = || quote_spanned!(here=> ::svc_rt);
    let svc_rt = arguments.runtime.clone().unwrap_or_else(default);
    let declarations = declarations(service, arguments.keep_env);
    let manifest = manifest_dependency(manifest);
    let outcome = outcome(function, shape, arguments);
    let run = match shape {
        Shape::Plain => {
            quote_spanned!(here=> run_plain(&__SVC_DECLARATION, move |__service| #outcome))
        }
        Shape::Main => quote_spanned! {here=>
            run(&__SVC_DECLARATION, __svc_rt::Shape::Main, move |__service| #outcome)
        },
        Shape::Serve => quote_spanned! {here=>
            run(&__SVC_DECLARATION, __svc_rt::Shape::Serve, move |__service| #outcome)
        },
    };
    // The braces hide what is declared in them from the user's body.
    let block = quote_spanned! {here=>
        {
            use #svc_rt::__private as __svc_rt;
            #manifest
            #declarations
            __svc_rt::#run
        }
    };
    outer(function, shape, &block)
}

/// The function with its right signature but no service in it: what stands beside a `compile_error!`, so that its callers
/// and its body are compiled as ever and one mistake makes one message.
pub(crate) fn without_service(function: &Function, shape: Shape) -> TokenStream {
    let endless = quote_spanned!(Span::mixed_site()=> loop {});
    outer(function, shape, &endless)
}

/// What stands beside a `compile_error!` about the signature: the function as it is, wrapped if a program could not have
/// it as its `main`.
pub(crate) fn as_written(function: &Function, item: &TokenStream) -> TokenStream {
    let name = &function.name;
    if name != "main" {
        return item.clone();
    }
    quote_spanned!(Span::mixed_site()=> fn #name() { #[allow(dead_code)] #item })
}

fn outer(function: &Function, shape: Shape, block: &TokenStream) -> TokenStream {
    let Function {
        visibility,
        name,
        generics,
        bounds,
        ..
    } = function;
    let here = Span::mixed_site();
    let attributes = attributes(function, Attribute::is_for_the_outside);
    let generics = &generics.tokens;
    let parameters = passed_on(function, shape)
        .into_iter()
        .map(|(name, parameter)| {
            let kind = &parameter.kind;
            quote_spanned!(here=> #name: #(#kind)*)
        });
    let inner = inner(function);
    quote_spanned! {here=>
        #attributes
        #visibility fn #name #(#generics)* (#(#parameters),*) -> ::std::process::ExitCode #(#bounds)* {
            #inner
            #block
        }
    }
}

/// The user's function, with all that is not for the outside.
fn inner(function: &Function) -> TokenStream {
    let Function {
        asynchronous,
        name,
        generics,
        parentheses,
        output,
        bounds,
        body,
        ..
    } = function;
    let here = Span::mixed_site();
    let attributes = attributes(function, |attribute| !attribute.is_for_the_outside());
    let generics = &generics.tokens;
    let body = if let Some(body) = body {
        body.to_token_stream()
    } else {
        // A mistake, and reported as one: nothing more shall be said of it.
        quote_spanned!(here=> { loop {} })
    };
    quote_spanned! {here=>
        #attributes
        #asynchronous fn #name #(#generics)* #parentheses #(#output)* #(#bounds)* #body
    }
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
        let made_up = || format_ident!("__argument_{index}", span = Span::mixed_site());
        (parameter.variable().unwrap_or_else(made_up), parameter)
    });
    named.collect()
}

/// The expression that runs the user's function and ends in svc-rt's `Outcome`.
fn outcome(function: &Function, shape: Shape, arguments: &Arguments) -> TokenStream {
    let call = call(function, shape);
    if let Some(BlockOn {
        path: Some(path), ..
    }) = &arguments.block_on
    {
        let value = quote_spanned!(Span::mixed_site()=> #path(#call));
        return returned(function, &value);
    }
    let Some(tokio) = &arguments.tokio else {
        return returned(function, &call);
    };
    let value = quote_spanned!(Span::mixed_site()=> __runtime.block_on(#call));
    on_tokio(tokio, &returned(function, &value))
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
    let checked = quote_spanned!(shown_at(place)=> __terminating(__value));
    quote_spanned! {Span::mixed_site()=>
        {
            fn __terminating<T: ::std::process::Termination>(value: T) -> T {
                value
            }
            let __value = #value;
            let __value = #checked;
            __svc_rt::outcome!(__value)
        }
    }
}

/// The runtime ends within what is left of the stop time, after a panic too: tokio would wait for blocking tasks for ever.
fn on_tokio(tokio: &Tokio, outcome: &TokenStream) -> TokenStream {
    // A tokio that is missing, or was built without its runtime, is reported at the word.
    let tokio_runtime = quote_spanned!(shown_at(tokio.span)=> ::tokio::runtime);
    let builder = if tokio.current_thread {
        "new_current_thread"
    } else {
        "new_multi_thread"
    };
    let builder = Ident::new(builder, tokio.span);
    quote_spanned! {Span::mixed_site()=>
        {
            use #tokio_runtime as __tokio;
            struct __Bounded(::core::option::Option<__tokio::Runtime>, __svc_rt::Service);
            impl ::core::ops::Drop for __Bounded {
                fn drop(&mut self) {
                    if let ::core::option::Option::Some(runtime) = self.0.take() {
                        runtime.shutdown_timeout(__svc_rt::shutdown_budget(&self.1));
                    }
                }
            }
            match __tokio::Builder::#builder().enable_all().build() {
                ::core::result::Result::Ok(runtime) => {
                    let __bounded = __Bounded(
                        ::core::option::Option::Some(runtime),
                        ::core::clone::Clone::clone(&__service),
                    );
                    let __runtime = __bounded.0.as_ref().expect("it is taken when dropped");
                    #outcome
                }
                ::core::result::Result::Err(error) => __svc_rt::Outcome::runtime_failed(&error),
            }
        }
    }
}

/// `serve::<T>(service, config)`.
fn call(function: &Function, shape: Shape) -> TokenStream {
    let here = Span::mixed_site();
    let service = (shape != Shape::Plain).then(|| {
        // Another type of the same name is reported where it stands in the signature.
        let place = function
            .parameters
            .first()
            .map_or(Span::call_site(), Parameter::type_span);
        Ident::new("__service", shown_at(place))
    });
    let others = passed_on(function, shape).into_iter().map(|(name, _)| name);
    let passed = service.into_iter().chain(others);
    let (name, generics) = (&function.name, &function.generics.names);
    if generics.is_empty() {
        quote_spanned!(here=> #name(#(#passed),*))
    } else {
        quote_spanned!(here=> #name::<#(#generics),*>(#(#passed),*))
    }
}

/// The declaration that svc-rt gets, and the note in the binary: one each, or one for either system where they differ.
fn declarations(service: &Service, keep_env: bool) -> TokenStream {
    let here = Span::mixed_site();
    let Service { systemd, windows } = service;
    if systemd == windows {
        return declaration(systemd, None, keep_env);
    }
    let on_windows = quote_spanned!(here=> #[cfg(windows)]);
    let elsewhere = quote_spanned!(here=> #[cfg(not(windows))]);
    let mut both = declaration(systemd, Some(&elsewhere), keep_env);
    both.extend(declaration(windows, Some(&on_windows), keep_env));
    both
}

fn declaration(target: &Target, cfg: Option<&TokenStream>, keep_env: bool) -> TokenStream {
    let events = target.events.as_deref().unwrap_or_default();
    let sockets = target.sockets.as_deref().unwrap_or_default();
    let name = &target.name;
    let names: Vec<&str> = sockets.iter().map(|socket| &*socket.name).collect();
    let text = note::text(name, events, &names);
    let length = Literal::usize_unsuffixed(text.len());
    let note = Literal::byte_string(text.as_bytes());
    let sockets = sockets.iter().map(|Socket { name, listen }| {
        quote_spanned! {Span::mixed_site()=>
            __svc_rt::Socket { name: #name, listen: &[#(#listen),*] }
        }
    });
    quote_spanned! {Span::mixed_site()=>
        #cfg
        #[used]
        #[cfg_attr(windows, unsafe(link_section = ".svcnote"))]
        #[cfg_attr(target_vendor = "apple", unsafe(link_section = "__DATA,__svc_note"))]
        #[cfg_attr(not(any(windows, target_vendor = "apple")), unsafe(link_section = ".note.svc"))]
        static __SVC_NOTE: __svc_rt::Note<#length> = __svc_rt::Note::new(*#note);
        #cfg
        static __SVC_DECLARATION: __svc_rt::Declaration = __svc_rt::Declaration {
            name: #name,
            events: &[#(#events),*],
            sockets: &[#(#sockets),*],
            keep_env: #keep_env,
            note: &__SVC_NOTE.text,
        };
    }
}

/// Has cargo compile the crate again when the manifest changes; nothing of it gets into the program.
fn manifest_dependency(manifest: &Manifest) -> Option<TokenStream> {
    let path = manifest.path.to_str().filter(|_| manifest.was_read())?;
    Some(quote_spanned!(Span::mixed_site()=> const _: &[u8] = ::core::include_bytes!(#path);))
}

/// The span of a written token that the compiler is to show at `place` when it has something to say of it.
fn shown_at(place: Span) -> Span {
    place.resolved_at(Span::mixed_site())
}
