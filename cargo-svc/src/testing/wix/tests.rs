use std::panic::catch_unwind;

use super::*;
use crate::plan::systemd::sample::package;
use crate::plan::windows::installer::tests::{beacon, planned};
use crate::render::wix::sources;
use crate::render::{Kind, gathered};
use crate::testing::xml::parse;

/// A source with an element of each kind that a rule is about.
const RIGHT: &str = r#"<Wix xmlns="http://schemas.microsoft.com/wix/2006/wi"><Fragment>
  <DirectoryRef Id="ProgramFiles64Folder"><Directory Id="INSTALLDIR" Name="x" /></DirectoryRef>
  <Property Id="A" Secure="yes" />
  <CustomAction Id="Run" Property="A" ExeCommand="x" Execute="deferred" Impersonate="no" Return="check" />
  <InstallExecuteSequence><Custom Action="Run" Sequence="5801">NOT REMOVE</Custom></InstallExecuteSequence>
  <ComponentGroup Id="Svc" Directory="INSTALLDIR">
    <Component Id="C" Guid="{0B8E2F0C-5E1E-4C3B-9D0A-6B1B7C3D9E21}" Win64="yes">
      <File Id="F" Source="x" KeyPath="yes" />
      <ServiceInstall Id="S" Name="x" Type="ownProcess" Start="auto" ErrorControl="normal" />
      <ServiceControl Id="T" Name="x" Stop="both" Wait="yes" />
    </Component>
  </ComponentGroup>
</Fragment></Wix>"#;

fn checked(source: &str) {
    let root = parse(source);
    check(&root, generation(&root), false);
}

#[test]
fn a_right_source_is_taken() {
    checked(RIGHT);
}

#[test]
fn each_rule_refuses_what_breaks_it() {
    for (right, wrong) in [
        ("2006/wi", "2006/xx"),
        ("<File Id=\"F\" ", "<Fill Id=\"F\" "),
        (" Start=\"auto\"", ""),
        (" Start=\"auto\"", " Start=\"delayed\""),
        (" Win64=\"yes\"", " Bitness=\"always64\""),
        ("Id=\"F\"", "Id=\"a-b\""),
        ("Id=\"F\"", "Id=\"1a\""),
        ("{0B8E", "{0b8e"),
        ("{0B8E2F0C-", "{0B8E2F0-"),
        ("Sequence=\"5801\"", "Sequence=\"soon\""),
        ("Custom Action=\"Run\"", "Custom Action=\"Ran\""),
        ("Property=\"A\"", "Property=\"B\""),
        ("Directory=\"INSTALLDIR\"", "Directory=\"OTHER\""),
        (" KeyPath=\"yes\"", ""),
        ("Id=\"A\" Secure", "Id=\"a\" Secure"),
        ("Property=\"A\" ExeCommand=\"x\"", "Property=\"A\""),
        (" Impersonate=\"no\"", ""),
        (
            "ServiceControl Id=\"T\" Name=\"x\"",
            "ServiceControl Id=\"T\" Name=\"y\"",
        ),
        (
            "<Property Id=\"A\" Secure=\"yes\" />",
            "<Property Id=\"A\" Value=\"\" />",
        ),
        (
            "<Property Id=\"A\" Secure=\"yes\" />",
            "<Property Id=\"A\" /><Property Id=\"A\" />",
        ),
        (
            "NOT REMOVE",
            "NOT REMOVE</Custom><Custom Action=\"Run\" Sequence=\"5801\">",
        ),
    ] {
        assert!(RIGHT.contains(right), "{right}");
        let source = RIGHT.replacen(right, wrong, 1);
        assert!(
            catch_unwind(|| checked(&source)).is_err(),
            "{wrong} is taken"
        );
    }
}

#[test]
fn a_long_identifier_is_refused() {
    assert!(is_identifier(&"x".repeat(72)));
    assert!(!is_identifier(&"x".repeat(73)));
}

/// The hand-written products of `tests/wix`, each with the fragment of a package in it.
#[test]
fn a_product_of_ones_own_finds_all_that_it_refers_to() {
    let products = [
        (Kind::WixV3, include_str!("../../../../tests/wix/v3.wxs")),
        (Kind::WixV4, include_str!("../../../../tests/wix/v4.wxs")),
    ];
    for (kind, product) in products {
        let installer = planned(&package(vec![beacon("beacon")]));
        let mut all = gathered(|files| sources(&installer, files)).into_iter();
        let fragment = all.find(|artifact| artifact.kind == kind).unwrap();
        let fragment = parse(&String::from_utf8(fragment.contents).unwrap());
        let mut whole = parse(product);
        assert_eq!(generation(&whole), generation(&fragment));
        whole.children.extend(fragment.children);
        check(&whole, generation(&whole), true);
    }
}
