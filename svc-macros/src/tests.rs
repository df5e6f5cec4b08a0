//! Whole expansions, as tokens. What the compiler makes of them is in `tests`.

use super::*;
use quote::quote;

fn manifest(text: &str) -> Manifest {
    Manifest {
        path: "/beacon/Cargo.toml".into(),
        text: Some(format!("[package]\nname = \"beacon\"\n{text}")),
        binary: Some("beacon".to_owned()),
    }
}

/// Compares by the text that the tokens have, which leaves out the spans.
#[track_caller]
fn expect(rewritten: &TokenStream, expected: &TokenStream) {
    assert_eq!(rewritten.to_string(), expected.to_string());
}

/// What the block in the new function declares.
fn declared(name: &str, events: &[&str], sockets: &[&str], cfg: &TokenStream) -> TokenStream {
    let owned =
        |list: &[&str]| -> Vec<String> { list.iter().map(|&item| item.to_owned()).collect() };
    let text = note::text(name, &owned(events), sockets);
    let length = proc_macro2::Literal::usize_unsuffixed(text.len());
    let note = proc_macro2::Literal::byte_string(text.as_bytes());
    quote! {
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
            sockets: &[#(__svc_rt::Socket { name: #sockets, listen: &[] }),*],
            keep_env: false,
            note: &__SVC_NOTE.text,
        };
    }
}

/// What becomes of a call's value.
fn ended(value: &TokenStream) -> TokenStream {
    quote! {
        {
            fn __terminating<T: ::std::process::Termination>(value: T) -> T {
                value
            }
            let __value = #value;
            let __value = __terminating(__value);
            __svc_rt::outcome!(__value)
        }
    }
}

#[test]
fn main_becomes_a_service() {
    let item = quote! {
        /// Shines.
        #[instrument]
        fn main(svc: Service) -> Result<(), Failure> {
            shine(svc)
        }
    };
    let declared = declared("beacon", &["reload"], &["http"], &quote!());
    let ended = ended(&quote!(main(__service)));
    let expected = quote! {
        /// Shines.
        fn main() -> ::std::process::ExitCode {
            #[instrument]
            fn main(svc: Service) -> Result<(), Failure> {
                shine(svc)
            }
            {
                use ::svc_rt::__private as __svc_rt;
                const _: &[u8] = ::core::include_bytes!("/beacon/Cargo.toml");
                #declared
                __svc_rt::run(&__SVC_DECLARATION, __svc_rt::Shape::Main, move |__service| #ended)
            }
        }
    };
    let manifest = manifest(
        "[package.metadata.service]\nevents = [\"reload\"]\nsockets = [{ name = \"http\" }]\n",
    );
    expect(&rewritten(quote!(), item, &manifest), &expected);
}

#[test]
fn a_main_without_a_service_gets_none() {
    let item = quote! {
        fn main() -> ! {
            loop {}
        }
    };
    let declared = declared("lamp", &[], &[], &quote!());
    // Without a manifest, there is none to compile again for.
    let expected = quote! {
        fn main() -> ::std::process::ExitCode {
            fn main() -> ! {
                loop {}
            }
            {
                use crate::reexports::svc_rt::__private as __svc_rt;
                #declared
                __svc_rt::run_plain(&__SVC_DECLARATION, move |__service| main())
            }
        }
    };
    let arguments = quote!(name = "lamp", crate = crate::reexports::svc_rt);
    expect(&rewritten(arguments, item, &Manifest::default()), &expected);
}

#[test]
fn serve_passes_its_other_parameters_on() {
    let item = quote! {
        pub(crate) fn serve<'a, T: Into<u8>, const N: usize>(
            svc: Service,
            mut first: &'a [T; N],
            (left, _): (u8, u8),
        ) where T: Send {
            drop((svc, first, left));
        }
    };
    let inner = quote! {
        fn serve<'a, T: Into<u8>, const N: usize>(
            svc: Service,
            mut first: &'a [T; N],
            (left, _): (u8, u8),
        ) where T: Send {
            drop((svc, first, left));
        }
    };
    let declared = [
        declared("beacon", &[], &[], &quote!(#[cfg(not(windows))])),
        declared("Beacon", &["128"], &[], &quote!(#[cfg(windows)])),
    ];
    let ended = ended(&quote!(serve::<T, N>(__service, first, __argument_2)));
    let expected = quote! {
        pub(crate) fn serve<'a, T: Into<u8>, const N: usize>(
            first: &'a [T; N],
            __argument_2: (u8, u8)
        ) -> ::std::process::ExitCode where T: Send {
            #inner
            {
                use ::svc_rt::__private as __svc_rt;
                const _: &[u8] = ::core::include_bytes!("/beacon/Cargo.toml");
                #(#declared)*
                __svc_rt::run(&__SVC_DECLARATION, __svc_rt::Shape::Serve, move |__service| #ended)
            }
        }
    };
    let manifest =
        manifest("[package.metadata.service.windows]\nname = \"Beacon\"\nevents = [128]\n");
    expect(&rewritten(quote!(), item, &manifest), &expected);
}

#[test]
fn an_async_main_runs_on_tokio() {
    let item = quote! {
        async fn main(svc: Service) {
            svc.stopped().await
        }
    };
    let declared = declared("lamp", &[], &[], &quote!());
    let ended = ended(&quote!(__runtime.block_on(main(__service))));
    let expected = quote! {
        fn main() -> ::std::process::ExitCode {
            async fn main(svc: Service) {
                svc.stopped().await
            }
            {
                use ::svc_rt::__private as __svc_rt;
                #declared
                __svc_rt::run(&__SVC_DECLARATION, __svc_rt::Shape::Main, move |__service| {
                    use ::tokio::runtime as __tokio;
                    struct __Bounded(::core::option::Option<__tokio::Runtime>, __svc_rt::Service);
                    impl ::core::ops::Drop for __Bounded {
                        fn drop(&mut self) {
                            if let ::core::option::Option::Some(runtime) = self.0.take() {
                                runtime.shutdown_timeout(__svc_rt::shutdown_budget(&self.1));
                            }
                        }
                    }
                    match __tokio::Builder::new_current_thread().enable_all().build() {
                        ::core::result::Result::Ok(runtime) => {
                            let __bounded = __Bounded(
                                ::core::option::Option::Some(runtime),
                                ::core::clone::Clone::clone(&__service),
                            );
                            let __runtime = __bounded.0.as_ref().expect("it is taken when dropped");
                            #ended
                        }
                        ::core::result::Result::Err(error) => __svc_rt::Outcome::runtime_failed(&error),
                    }
                })
            }
        }
    };
    let arguments = quote!(tokio(current_thread), name = "lamp");
    expect(&rewritten(arguments, item, &Manifest::default()), &expected);
}

#[test]
fn an_async_main_runs_on_what_is_named() {
    let item = quote! {
        async fn main(svc: Service) {
            svc.stopped().await
        }
    };
    let declared = declared("lamp", &[], &[], &quote!());
    let ended = ended(&quote!(smol::block_on(main(__service))));
    let expected = quote! {
        fn main() -> ::std::process::ExitCode {
            async fn main(svc: Service) {
                svc.stopped().await
            }
            {
                use ::svc_rt::__private as __svc_rt;
                #declared
                __svc_rt::run(&__SVC_DECLARATION, __svc_rt::Shape::Main, move |__service| #ended)
            }
        }
    };
    let arguments = quote!(block_on = smol::block_on, name = "lamp");
    expect(&rewritten(arguments, item, &Manifest::default()), &expected);
}

#[test]
fn a_mistake_stands_beside_the_function() {
    let item = quote! {
        fn main(svc: Service) {
            drop(svc);
        }
    };
    let expected = quote! {
        ::core::compile_error! { "there is no argument `nmae`; did you mean `name`?" }
        fn main() -> ::std::process::ExitCode {
            fn main(svc: Service) {
                drop(svc);
            }
            loop {}
        }
    };
    let rewritten = rewritten(quote!(nmae = "x"), item, &manifest(""));
    expect(&rewritten, &expected);
}

#[test]
fn what_no_program_can_have_as_its_main_is_wrapped() {
    let item = quote! {
        fn main<T>(svc: Service) {}
    };
    let rewritten = rewritten(quote!(), item.clone(), &manifest("")).to_string();
    let wrapped = quote!(fn main() { #[allow(dead_code)] #item }).to_string();
    assert!(rewritten.ends_with(&wrapped), "{rewritten}");
    assert_eq!(rewritten.matches("compile_error").count(), 1);
}

#[test]
fn what_is_no_function_is_left_alone() {
    let item = quote!(
        struct Main;
    );
    let rewritten = rewritten(quote!(), item, &manifest(""));
    let expected = quote! {
        ::core::compile_error! {
            "#[service] stands on a function, such as `fn main(svc: Service)`"
        }
        struct Main;
    };
    expect(&rewritten, &expected);
}
