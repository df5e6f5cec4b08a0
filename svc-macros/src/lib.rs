//! The `#[service]` attribute of [svc-rt](https://docs.rs/svc-rt), which re-exports it and documents its use: depend on that
//! crate, not on this one.
//!
//! The stages are one file each: `attributes`, `manifest` and `syntax` read, `validate` decides, `expand` writes.
//! There is no `syn` in here, on purpose: see `Cargo.toml`.

mod attributes;
mod errors;
mod expand;
mod manifest;
mod names;
mod note;
mod syntax;
mod tokens;
mod toml;
mod validate;

use errors::Errors;
use proc_macro2::TokenStream;
use validate::Manifest;

/// Makes a function a service. See `svc_rt::service`, which is this attribute.
#[proc_macro_attribute]
pub fn service(
    arguments: proc_macro::TokenStream,
    item: proc_macro::TokenStream,
) -> proc_macro::TokenStream {
    let manifest = Manifest::of_this_package();
    rewritten(arguments.into(), item.into(), &manifest).into()
}

/// All that the attribute does, once it is known where the manifest is.
fn rewritten(arguments: TokenStream, item: TokenStream, manifest: &Manifest) -> TokenStream {
    let mut errors = Errors::default();
    let arguments = attributes::parse(arguments, &mut errors);
    let function = match syntax::parse(item.clone()) {
        Ok(function) => function,
        Err(place) => {
            errors.at(
                place,
                "#[service] stands on a function, such as `fn main(svc: Service)`",
            );
            let mut tokens = errors.into_tokens();
            tokens.extend(item);
            return tokens;
        }
    };
    let shape = validate::function(&function, &arguments, &mut errors);
    let service = validate::service(manifest, &arguments, &mut errors);
    if let (Some(shape), Some(service)) = (shape, &service) {
        validate::handled(&function, shape, service, &mut errors);
    }
    let beside = match (shape, service) {
        (Some(shape), Some(service)) if errors.is_empty() => {
            return expand::expand(&function, shape, &arguments, &service, manifest);
        }
        (Some(shape), _) => expand::without_service(&function, shape),
        (None, _) => expand::as_written(&function, &item),
    };
    let mut tokens = errors.into_tokens();
    tokens.extend(beside);
    tokens
}

#[cfg(test)]
mod tests;
