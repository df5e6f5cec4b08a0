//! The elements of WiX sources that ours may have, as the reference of the toolset describes them: which attributes each must
//! have, which it may have, and what stands in them.

/// A generation of the toolset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Generation {
    /// v3.
    Three,
    /// v4, and what came after it.
    Four,
}

/// An element. A word with a `?` is an attribute that may be missing, one with `3` or `4` before a colon is of that generation
/// alone, and what follows an equals sign is how its value is checked.
pub(crate) struct Known {
    pub(crate) name: &'static str,
    pub(crate) parents: &'static str,
    pub(crate) attributes: &'static str,
}

const fn known(name: &'static str, parents: &'static str, attributes: &'static str) -> Known {
    Known {
        name,
        parents,
        attributes,
    }
}

/// All of them.
pub(crate) const ELEMENTS: &[Known] = &[
    known("Wix", "", "xmlns"),
    known("Fragment", "Wix", "Id?=id"),
    known(
        "Product",
        "Wix",
        "Id=star Name Language=number Codepage?=number Version Manufacturer UpgradeCode=guid",
    ),
    known(
        "Package",
        "Product Wix",
        "3:InstallerVersion?=number Compressed?=yesno 3:InstallScope?=scope3 3:Description? Manufacturer? 3:Platform?=platform \
         3:InstallPrivileges?=elevated 3:Languages? 3:Keywords? 3:Comments? 4:Name 4:Language?=number 4:Codepage?=number \
         4:Version 4:UpgradeCode?=guid 4:InstallerVersion?=number 4:Scope?=scope4 4:ProductCode?",
    ),
    known(
        "SummaryInformation",
        "Package",
        "4:Description? 4:Manufacturer? 4:Keywords? 4:Comments? 4:Codepage?",
    ),
    known(
        "MajorUpgrade",
        "Product Package",
        "Schedule?=schedule AllowSameVersionUpgrades?=yesno DowngradeErrorMessage? AllowDowngrades?=yesno Disallow?=yesno \
         MigrateFeatures?=yesno IgnoreRemoveFailure?=yesno",
    ),
    known(
        "Media",
        "Product Package",
        "Id=number Cabinet? EmbedCab?=yesno CompressionLevel?=compression DiskPrompt? VolumeLabel?",
    ),
    known(
        "MediaTemplate",
        "Product Package",
        "EmbedCab?=yesno CabinetTemplate? CompressionLevel?=compression",
    ),
    known(
        "StandardDirectory",
        "Fragment Package StandardDirectory Directory",
        "4:Id=id",
    ),
    known("DirectoryRef", "Fragment Product Package", "Id=id"),
    known(
        "Directory",
        "Product Fragment Directory DirectoryRef StandardDirectory",
        "Id?=id Name? ShortName? ComponentGuidGenerationSeed?=guid",
    ),
    known(
        "Feature",
        "Product Package Fragment Feature",
        "Id=id Title? Description? Level?=number 3:Absent?=absent 4:AllowAbsent?=yesno AllowAdvertise? Display? ConfigurableDirectory?=id",
    ),
    known("FeatureRef", "Product Package Fragment Feature", "Id=id"),
    known(
        "ComponentGroup",
        "Fragment Product Package",
        "Id=id Directory?=id",
    ),
    known(
        "ComponentGroupRef",
        "Feature FeatureRef Product Package ComponentGroup",
        "Id=id",
    ),
    known("ComponentRef", "Feature FeatureRef ComponentGroup", "Id=id"),
    known(
        "Component",
        "ComponentGroup Directory DirectoryRef StandardDirectory Fragment Feature",
        "Id?=id Guid?=guid Directory?=id 3:Win64?=yesno 4:Bitness?=bitness KeyPath?=yesno NeverOverwrite?=yesno Permanent?=yesno \
         Shared?=yesno SharedDllRefCount?=yesno Transitive?=yesno 4:Condition?",
    ),
    known(
        "File",
        "Component",
        "Id?=id Name? Source? KeyPath?=yesno Vital?=yesno ShortName? Hidden?=yesno ReadOnly?=yesno Checksum?=yesno",
    ),
    known("CreateFolder", "Component", "Directory?=id"),
    known(
        "RemoveFolder",
        "Component",
        "Id?=id On=on Directory?=id Property?=id",
    ),
    known(
        "RemoveFile",
        "Component",
        "Id?=id On=on Name? Directory?=id Property?=id",
    ),
    known(
        "CopyFile",
        "Component File",
        "Id?=id DestinationDirectory?=id DestinationName? FileId?=id SourceDirectory?=id SourceName? SourceProperty?=id Delete?=yesno",
    ),
    known(
        "PermissionEx",
        "CreateFolder File RegistryKey RegistryValue ServiceInstall",
        "Id?=id Sddl 4:Condition?",
    ),
    known(
        "RegistryValue",
        "Component RegistryKey",
        "Id?=id Root?=root Key? Name? Type?=registry Value? Action?=append KeyPath?=yesno",
    ),
    known(
        "RegistryKey",
        "Component RegistryKey",
        "Id?=id Root=root Key Action? ForceCreateOnInstall?=yesno ForceDeleteOnUninstall?=yesno",
    ),
    known("MultiStringValue", "RegistryValue", "4:Value?"),
    known(
        "RemoveRegistryKey",
        "Component",
        "Id?=id Root=root Key Action=removal",
    ),
    known(
        "RemoveRegistryValue",
        "Component",
        "Id?=id Root=root Key Name?",
    ),
    known(
        "ServiceInstall",
        "Component",
        "Id?=id Name=service DisplayName? Type=process Start=start ErrorControl=control Vital?=yesno Account? Password? Arguments? \
         Description? EraseDescription?=yesno Interactive?=yesno LoadOrderGroup?",
    ),
    known("ServiceDependency", "ServiceInstall", "Id Group?=yesno"),
    known(
        "ServiceControl",
        "Component",
        "Id?=id Name=service Start?=both Stop?=both Remove?=both Wait?=yesno",
    ),
    known(
        "Property",
        "Product Package Fragment",
        "Id=id Value? Secure?=yesno Hidden?=yesno Admin?=yesno SuppressModularization?=yesno",
    ),
    known("PropertyRef", "Product Package Fragment", "Id=id"),
    known(
        "SetProperty",
        "Product Package Fragment",
        "Id=id Value Action?=id After? Before? Sequence? 4:Condition?",
    ),
    known(
        "RegistrySearch",
        "Property",
        "Id=id Root=root Key Name? Type=search 3:Win64?=yesno 4:Bitness?=bitness",
    ),
    known("DirectorySearch", "Property", "Id=id Path? Depth?=number"),
    known(
        "Condition",
        "Product Fragment Feature Component PermissionEx",
        "3:Message? 3:Level?=number",
    ),
    known("Launch", "Package Fragment", "4:Condition 4:Message"),
    known(
        "CustomAction",
        "Product Package Fragment",
        "Id=id Property?=id Value? ExeCommand? Execute?=execute Impersonate?=yesno Return?=return Directory?=id Error? \
         3:BinaryKey?=id 4:BinaryRef?=id DllEntry? Script? HideTarget?=yesno",
    ),
    known("CustomActionRef", "Product Package Fragment", "Id=id"),
    known("InstallExecuteSequence", "Product Package Fragment", ""),
    known("InstallUISequence", "Product Package Fragment", ""),
    known(
        "Custom",
        "InstallExecuteSequence InstallUISequence",
        "Action=id Sequence?=number Before? After? OnExit? Overridable?=yesno 4:Condition?",
    ),
    known("Icon", "Product Package Fragment", "Id=id SourceFile"),
    known("Binary", "Product Package Fragment", "Id=id SourceFile"),
    known("UI", "Product Package Fragment", "Id?=id"),
    known("EnsureTable", "Product Package Fragment", "Id=id"),
    known("UIRef", "Product Package Fragment UI", "Id=id"),
    known(
        "WixVariable",
        "Product Package Fragment",
        "Id=id Value Overridable?=yesno",
    ),
];

/// Actions of Windows Installer, which are elements of a sequence (Microsoft, "Standard Actions Reference").
pub(crate) const STANDARD_ACTIONS: [&str; 26] = [
    "AppSearch",
    "LaunchConditions",
    "CostInitialize",
    "FileCost",
    "CostFinalize",
    "InstallValidate",
    "InstallInitialize",
    "ProcessComponents",
    "UnpublishFeatures",
    "StopServices",
    "DeleteServices",
    "RemoveRegistryValues",
    "RemoveFiles",
    "RemoveFolders",
    "CreateFolders",
    "InstallFiles",
    "WriteRegistryValues",
    "WriteEnvironmentStrings",
    "InstallServices",
    "MsiConfigureServices",
    "StartServices",
    "RegisterUser",
    "RegisterProduct",
    "PublishFeatures",
    "RemoveExistingProducts",
    "InstallFinalize",
];

/// What may stand in an attribute of this kind, where that is one of a few words.
pub(crate) fn words(kind: &str) -> Option<&'static [&'static str]> {
    Some(match kind {
        "yesno" => &["yes", "no"],
        "scope3" | "scope4" => &["perMachine", "perUser"],
        "platform" => &["x86", "x64", "arm64"],
        "elevated" => &["elevated", "limited"],
        "schedule" => &[
            "afterInstallValidate",
            "afterInstallInitialize",
            "afterInstallExecute",
            "afterInstallExecuteAgain",
            "afterInstallFinalize",
        ],
        "compression" => &["none", "low", "medium", "high", "mszip"],
        "absent" => &["allow", "disallow"],
        "bitness" => &["always32", "always64", "default"],
        "on" | "both" => &["install", "uninstall", "both"],
        "root" => &["HKLM", "HKCU", "HKCR", "HKU", "HKMU"],
        "registry" => &["string", "integer", "binary", "expandable", "multiString"],
        "append" => &["append", "prepend", "write"],
        "removal" => &["removeOnInstall", "removeOnUninstall"],
        "process" => &["ownProcess", "shareProcess"],
        "start" => &["auto", "demand", "disabled", "boot", "system"],
        "control" => &["ignore", "normal", "critical"],
        "search" => &["raw", "file", "directory"],
        "execute" => &[
            "immediate",
            "deferred",
            "rollback",
            "commit",
            "firstSequence",
            "oncePerProcess",
            "secondSequence",
        ],
        "return" => &["check", "ignore", "asyncNoWait", "asyncWait"],
        _ => return None,
    })
}
