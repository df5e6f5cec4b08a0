# Written by `cargo svc generate` from [package.metadata.service] in Cargo.toml: change it there.

#Requires -Version 5.1

<#
.SYNOPSIS
Installs, upgrades or repairs the package {{ package }} and its services. Run it as administrator.

.DESCRIPTION
Running it again ends in the same state; a run that fails puts everything back. An upgrade keeps account, start type and recovery
of a service and whether it was stopped, says where they differ, and resets them only with -Reset. -WhatIf checks, says what
would be done, and changes nothing.

.PARAMETER InstallDir
Instead of {{ default_shown }}; an upgrade goes where the installation is.

.PARAMETER NoStart
Starts nothing.

.PARAMETER Reset
Sets account, start type, recovery, access lists and firewall rules as on a first installation.

.PARAMETER Credential
{%- if rights %}
The accounts of services with the passwords that Windows wants for them. A first installation and -Reset need them; an upgrade
keeps account and password.
{%- else %}
Not needed: no service of this package has an account with a password.
{%- endif %}

.PARAMETER Quiet
Says nothing but errors.

.EXAMPLE
powershell -NoProfile -ExecutionPolicy Bypass -File install.ps1

.NOTES
Exit codes:
  0  the services are installed and in the asked-for state
  1  a step failed; everything was put back
  2  the command line is at fault, or the question of -Confirm was answered with no
  3  not run as administrator
  4  the package is incomplete or was changed
  5  the package is for another kind of machine
  6  a service, folder or entry of this name belongs to something else
  7  a service did not stop in its time; everything was put back
  8  a service did not start; everything was put back
  9  a step failed, and not everything could be put back
 10  this PowerShell may not run all of its language: use install.cmd
 11  another run is under way
#>
[CmdletBinding(SupportsShouldProcess)]
param(
    [string] $InstallDir = '',
    [switch] $NoStart,
    [switch] $Reset,
    [pscredential[]] $Credential = @(),
    [switch] $Quiet
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
$Self = 'install.ps1'

# ---- what this package is

$Package = {{ package }}
$Files = @(
{%- for file in files %}
    @{ Source = {{ file.source }}; Name = {{ file.name }}; Path = {{ file.path }}; Config = {{ file.config }}; Private = {{ file.private }} }
{%- endfor %}
)
# Folders that files need below the one that they go to.
$Subfolders = {{ subfolders }}
# The folders of the services, each after the one that it is in. A parent leads to them.
$DataFolders = @(
{%- for folder in folders %}
    @{ Path = {{ folder.path }}; Parent = {{ folder.parent }}
       Sddl = {{ folder.sddl }} }
{%- endfor %}
)
$Rules = @(
{%- for rule in rules %}
    @{ Name = {{ rule.name }}; Program = {{ rule.program }}; Words = {{ rule.words }} }
{%- endfor %}
)
# Each after those that it waits for. A limit of 0 seconds is none. Right: its account needs the right to log on as a service.
$Services = @(
{%- for service in services %}
    @{ Name = {{ service.name }}; StartLimit = {{ service.start_limit }}; StopLimit = {{ service.stop_limit }}; Starts = {{ service.starts }}
       Account = {{ service.account }}; Password = {{ service.password }}; Right = {{ service.right }}
       Needs = @(
    {%- for need in service.needs %}
           @{ Path = {{ need.path }}; Credential = {{ need.credential }} }
    {%- endfor %}
       ) }
{%- endfor %}
)
# What is set for them, in order. First: only on a first installation and with -Reset. Keeps: the values of the service's key
# that come back if the run fails. In a text, $null stands for the install folder, and 0 for the one for programs' data.
$Steps = @(
{%- for step in steps %}
    @{ Do = {{ step.function }}; Service = {{ step.service }}; First = {{ step.first }}; Keeps = {{ step.keeps }}
    {%- for field in step.fields %}
       {{ field.name }} = {{ field.value }}
    {%- endfor %} }
{%- endfor %}
)
# The entry in Add/Remove Programs; $null: this package does not have it.
$EntryTexts = @(
{%- for text in entry %}
    @{ Name = {{ text.name }}; Text = {{ text.value }} }
{%- endfor %}
)
# Who may do what in the install folder. Accounts stand as SIDs, since group names are translated.
$FolderSddl = {{ folder_sddl }}
# Of files that the machine and its administrators alone may read.
$PrivateSddl = {{ private_sddl }}
$ServiceSids = {{ service_sids }}
$TrustedOwners = {{ trusted_owners }}
$EntryKey = 'SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall\' + $Package
$ServicesKey = 'SYSTEM\CurrentControlSet\Services\'
$SourcesKey = $ServicesKey + 'EventLog\Application\'

# ---- what the checks find out

$Folder = ''
$ProgramData = [System.Environment]::GetFolderPath('CommonApplicationData')
$NewFolder = $false
$First = $false
$Entry = @{}
$List = @{}
$OldServices = @()
$Existing = @{}
$Running = @{}
$Undo = [System.Collections.Generic.List[hashtable]]::new()
$Incomplete = $false
$Reported = $false

{% include "windows/common.ps1" %}

# ---- checks: nothing is changed before all of them passed

function Read-PackageList {
    $Path = Join-Path $PSScriptRoot 'PACKAGE'
    if (-not [System.IO.File]::Exists($Path)) { Stop-Run 4 'the file PACKAGE is missing beside this script.' }
    $Found = @{ package = ''; version = ''; target = ''; files = @{} }
    foreach ($Line in [System.IO.File]::ReadAllLines($Path)) {
        $Name, $Value = $Line.Split([char[]] '=', 2)
        if ($null -eq $Value) { continue }
        if ($Name -eq 'file') {
            $Hash, $Mode, $File = $Value.Split([char[]] ' ', 3)
            if ($null -eq $File) { Stop-Run 4 ('the file PACKAGE is damaged: {0} {1}' -f $Hash, $Mode) }
            $Found.files[$File.Replace('/', '\')] = $Hash
        } elseif (@('package', 'version', 'target') -contains $Name) {
            $Found[$Name] = $Value
        }
    }
    return $Found
}

function Assert-Package {
    $script:List = Read-PackageList
    if ($List.package -ne $Package) { Stop-Run 4 ('the file PACKAGE is not that of {0}.' -f $Package) }
    Assert-Machine
    foreach ($File in $Files) {
        if (-not $List.files.ContainsKey($File.Source)) { Stop-Run 4 ('the file PACKAGE does not list "{0}".' -f $File.Source) }
    }
    foreach ($Path in $List.files.Keys) { Assert-File $Path $List.files[$Path] }
}

# The machine's own value: an emulated PowerShell says what it runs as.
function Assert-Machine {
    $Machine = [string] (Get-RegistryValue 'SYSTEM\CurrentControlSet\Control\Session Manager\Environment' 'PROCESSOR_ARCHITECTURE')
    $Fitting = switch ($List.target.Split('-')[0]) {
        'x86_64' { 'AMD64', 'ARM64' }
        'aarch64' { 'ARM64' }
        'i686' { 'x86', 'AMD64', 'ARM64' }
    }
    if ($Fitting -notcontains $Machine) {
        Stop-Run 5 ('this package is for {0}; this machine is {1}.' -f $List.target, $Machine)
    }
}

function Assert-File([string] $Path, [string] $Hash) {
    $Full = Join-Path $PSScriptRoot $Path
    if (-not [System.IO.File]::Exists($Full)) { Stop-Run 4 ('"{0}" is missing in this package.' -f $Path) }
    if ((Get-FileHash -LiteralPath $Full -Algorithm SHA256).Hash -ne $Hash) {
        Stop-Run 4 ('"{0}" is not the file that was packaged: its SHA-256 differs.' -f $Path)
    }
}

function Resolve-Folder {
    $Path = $InstallDir
    if ($Path -eq '') { $Path = $Entry.Folder }
    if ($Path -eq '') { $Path = {{ default_dir }} }
    $Path = $ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($Path)
    $Path = [System.IO.Path]::GetFullPath($Path).TrimEnd('\')
    if ($Path -notmatch '^[A-Za-z]:\\.') {
        Stop-Run 2 ('"{0}" cannot be the install folder: name a folder of its own on a drive.' -f $Path)
    }
    if ($Path.Contains('%')) { Stop-Run 2 'an install folder with a percent sign cannot stand in a service''s command line.' }
    return $Path
}

function Assert-Place {
    $script:Entry = Read-Entry
    $script:First = $Reset -or -not $Entry.Finished
    $script:Folder = Resolve-Folder
    $script:NewFolder = -not (Test-Path -LiteralPath $Folder)
    $Same = $Entry.Folder.TrimEnd('\') -eq $Folder
    if ($Entry.There -and -not $Entry.Kept -and -not $Same) {
        Stop-Run 6 ('{0} is installed in "{1}": uninstall it there first.' -f $Package, $Entry.Folder)
    }
    if ($NewFolder) { return }
    if (-not $Same) {
        Stop-Run 6 ('"{0}" is there and no installation of {1} made it: remove it, or name another folder.' -f $Folder, $Package)
    }
    Assert-SafeFolder $Folder
}

# Everybody may make folders in %ProgramData%: one that somebody else made would bring its content.
function Assert-DataFolders {
    foreach ($Item in $DataFolders) {
        if (Test-Path -LiteralPath (Expand-Text $Item.Path)) { Assert-DataFolder $Item }
    }
}

# What a service owns in its own folder is its own. One that no installation made is looked into.
function Assert-DataFolder($Item) {
    $Path = Expand-Text $Item.Path
    $Owners = $TrustedOwners
    if (-not $Item.Parent) { $Owners = $TrustedOwners + $ServiceSids }
    Assert-SafeFolder $Path $Owners
    if ($Item.Parent -or $Entry.Folders -contains $Path) { return }
    foreach ($Inner in Get-ChildItem -LiteralPath $Path -Recurse -Force) {
        if ($Inner.Attributes -band [System.IO.FileAttributes]::ReparsePoint) {
            Stop-Run 6 ('"{0}" is a link, and no installation made the folder that it is in: remove it.' -f $Inner.FullName)
        }
        $Owner = (Get-Acl -LiteralPath $Inner.FullName).GetOwner([System.Security.Principal.SecurityIdentifier]).Value
        if ($Owners -notcontains $Owner) {
            Stop-Run 6 ('"{0}" belongs to {1}, and no installation made the folder that it is in: remove it.' -f $Inner.FullName, $Owner)
        }
    }
}

function Get-Declared([string] $Name) {
    foreach ($Service in $Services) { if ($Service.Name -eq $Name) { return $Service } }
}

# The password of an account, for whatever form its name was typed in.
function Find-Credential([string] $Account) {
    foreach ($Candidate in $Credential) {
        if ((Get-PlainAccount $Candidate.UserName) -eq (Get-PlainAccount $Account)) { return $Candidate }
    }
}

# An account of this machine by its machine's name.
function Get-PlainAccount([string] $Account) {
    if ($Account.StartsWith('.\')) { return $env:COMPUTERNAME + $Account.Substring(1) }
    if ($Account.IndexOfAny([char[]] '\@') -lt 0) { return $env:COMPUTERNAME + '\' + $Account }
    return $Account
}

function Assert-Credentials {
    $Wanted = @($Services | Where-Object { $_.Password })
    foreach ($Service in $Wanted) {
        if ($Existing[$Service.Name] -and -not $First) { continue }
        if ($null -eq (Find-Credential $Service.Account)) {
            Stop-Run 2 ('the account "{0}" of {1} needs its password: give it with -Credential (Get-Credential ''{0}'').' -f
                $Service.Account, $Service.Name)
        }
    }
    foreach ($Candidate in $Credential) {
        $Name = Get-PlainAccount $Candidate.UserName
        if (@($Wanted | Where-Object { (Get-PlainAccount $_.Account) -eq $Name }).Count -eq 0) {
            Stop-Run 2 ('no service of this package has the account "{0}" of -Credential.' -f $Candidate.UserName)
        }
    }
}

function Assert-Services {
    foreach ($Service in $Services) {
        $Name = $Service.Name
        $Existing[$Name] = (Get-State $Name) -ne 'Absent'
        if (-not $Existing[$Name] -or $Entry.Services -contains $Name) { continue }
        $Program = [string] (Get-RegistryValue ($ServicesKey + $Name) 'ImagePath')
        Stop-Run 6 ('the service {0} is there and this installer did not make it. Its program is: {1}' -f $Name, $Program)
    }
    $Ours = @($Services | ForEach-Object { $_.Name })
    $script:OldServices = @($Entry.Services | Where-Object { $Ours -notcontains $_ })
}

function Write-Plan {
    Write-Host ('{0}: would install {1} {2} in "{3}":' -f $Self, $Package, $List.version, $Folder)
    if ($NewFolder) { Write-Host '  the folder is made, with an access list of its own' }
    foreach ($Item in $DataFolders) {
        $Path = Expand-Text $Item.Path
        if (-not (Test-Path -LiteralPath $Path)) { Write-Host ('  the folder "{0}" is made' -f $Path) }
    }
    foreach ($File in $Files) {
        $Path = Expand-Text $File.Path
        if ($File.Config -and [System.IO.File]::Exists($Path)) {
            Write-Host ('  {0} is kept if it was edited' -f $Path)
        } else {
            Write-Host ('  {0}' -f $Path)
        }
    }
    foreach ($Rule in $Rules) { Write-Host ('  the firewall rule {0}' -f $Rule.Name) }
    foreach ($Service in $Services) {
        if ($Existing[$Service.Name]) {
            Write-Host ('  the service {0} is stopped, rewritten and put back into its state' -f $Service.Name)
        } elseif ($Service.Starts -and -not $NoStart) {
            Write-Host ('  the service {0} is made and started' -f $Service.Name)
        } else {
            Write-Host ('  the service {0} is made' -f $Service.Name)
        }
    }
    foreach ($Name in $OldServices) { Write-Host ('  the service {0}, which this version no longer has, is removed' -f $Name) }
}

{% include "windows/install-steps.ps1" %}

{% include "windows/install-back.ps1" %}
{%- if rights %}

{% include "windows/install-rights.ps1" %}
{%- endif %}

# ---- the run

function Install-Everything {
    Save-States
    Set-Claim
    Stop-Everything
    foreach ($Item in $DataFolders) { Set-DataFolder $Item }
    New-Subfolders
    foreach ($File in $Files) { Copy-ToFolder $File }
    foreach ($Step in $Steps) { Invoke-Step $Step }
    foreach ($Rule in $Rules) { Set-Rule $Rule }
    foreach ($Service in $Services) { Start-Again $Service }
    Write-Receipt
    Write-Entry
    foreach ($Name in $OldServices) { Remove-OneService $Name }
    Set-RegistryValue $EntryKey 'SvcServices' (($Services | ForEach-Object { $_.Name }) -join '/') String
    Remove-RegistryValue $EntryKey 'SvcRunning'
}

function Install-OrPutBack {
    $Done = $false
    try {
        Install-Everything
        $Done = $true
    } catch {
        Write-Failure ('failed: {0}' -f $_.Exception.Message)
        $script:Reported = $true
        throw
    } finally {
        # Also when somebody interrupts the run.
        if (-not $Done) { Undo-Everything }
    }
    Clear-Leftovers
    Compare-Kept
    Write-Info ('{0} {1} is installed.' -f $Package, $List.version)
}

function Invoke-Install {
    Assert-Administrator
    $Lock = $null
    if (-not $Dry) { $Lock = Lock-Run }
    try {
        Assert-Package
        Assert-Place
        Assert-DataFolders
        Assert-Services
        Assert-Credentials
        if ($Dry) { Write-Plan } else { Install-OrPutBack }
    } finally {
        if ($null -ne $Lock) { $Lock.Dispose() }
    }
}

if ($ExecutionContext.SessionState.LanguageMode -ne 'FullLanguage') {
    Write-Warning 'this PowerShell may not run all of its language: use install.cmd.'
    exit 10
}
$Dry = -not $PSCmdlet.ShouldProcess($Package, 'Install the package and its services')
if ($Dry -and -not $WhatIfPreference) { exit 2 }
# The question was answered for the whole run.
$ConfirmPreference = 'None'
$Code = 0
try {
    Invoke-Install
} catch {
    $Code = Get-FailureCode $_
    if (-not $Reported) { Write-Failure $_.Exception.Message }
    if ($Incomplete) {
        Write-Failure 'not everything could be put back; run install.ps1 again.'
        $Code = 9
    }
}
exit $Code
