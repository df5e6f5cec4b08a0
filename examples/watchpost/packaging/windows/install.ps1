# Written by `cargo svc generate` from [package.metadata.service] in Cargo.toml: change it there.

#Requires -Version 5.1

<#
.SYNOPSIS
Installs, upgrades or repairs the package 'watchpost' and its services. Run it as administrator.

.DESCRIPTION
Running it again ends in the same state; a run that fails puts everything back. An upgrade keeps account, start type and recovery
of a service and whether it was stopped, says where they differ, and resets them only with -Reset. -WhatIf checks, says what
would be done, and changes nothing.

.PARAMETER InstallDir
Instead of '%ProgramFiles%\watchpost'; an upgrade goes where the installation is.

.PARAMETER NoStart
Starts nothing.

.PARAMETER Reset
Sets account, start type, recovery, access lists and firewall rules as on a first installation.

.PARAMETER Credential
Not needed: no service of this package has an account with a password.

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

$Package = 'watchpost'
$Files = @(
    @{ Source = 'bin\watchpost.exe'; Name = 'watchpost.exe'; Path = @($null, '\watchpost.exe'); Config = $false; Private = $false }
    @{ Source = 'uninstall.cmd'; Name = 'uninstall.cmd'; Path = @($null, '\uninstall.cmd'); Config = $false; Private = $false }
    @{ Source = 'uninstall.ps1'; Name = 'uninstall.ps1'; Path = @($null, '\uninstall.ps1'); Config = $false; Private = $false }
)
# Folders that files need below the one that they go to.
$Subfolders = @()
# The folders of the services, each after the one that it is in. A parent leads to them.
$DataFolders = @(
)
$Rules = @(
)
# Each after those that it waits for. A limit of 0 seconds is none. Right: its account needs the right to log on as a service.
$Services = @(
    @{ Name = 'watchpost'; StartLimit = 105; StopLimit = 25; Starts = $true
       Account = 'NT SERVICE\watchpost'; Password = $false; Right = $false
       Needs = @(
       ) }
)
# What is set for them, in order. First: only on a first installation and with -Reset. Keeps: the values of the service's key
# that come back if the run fails. In a text, $null stands for the install folder, and 0 for the one for programs' data.
$Steps = @(
    @{ Do = 'Set-Registration'; Service = 'watchpost'; First = $false; Keeps = @('ImagePath', 'DisplayName', 'DependOnService')
       Image = @('"', $null, '\watchpost.exe" --every 30 127.0.0.1:22')
       DisplayName = 'watchpost'
       Dependencies = @('Tcpip') }
    @{ Do = 'Set-Account'; Service = 'watchpost'; First = $true; Keeps = @('ObjectName')
       Account = 'NT SERVICE\watchpost'
       Shown = @{ ObjectName = @('NT SERVICE\watchpost') } }
    @{ Do = 'Set-StartType'; Service = 'watchpost'; First = $true; Keeps = @('Start', 'DelayedAutostart')
       Word = 'auto'
       Shown = @{ Start = @('2'); DelayedAutostart = @('0') } }
    @{ Do = 'Set-Description'; Service = 'watchpost'; First = $false; Keeps = @('Description')
       Text = 'Watches TCP services and says when one goes down or comes back' }
    @{ Do = 'Set-Token'; Service = 'watchpost'; First = $false; Keeps = @('ServiceSidType', 'RequiredPrivileges')
       Sid = 'unrestricted'
       Privileges = 'SeChangeNotifyPrivilege' }
    @{ Do = 'Set-Recovery'; Service = 'watchpost'; First = $true; Keeps = @('FailureActions', 'FailureActionsOnNonCrashFailures')
       ResetAfter = '86400'
       Actions = 'restart/5000'
       Flag = '1'
       Shown = @{ FailureActions = @('80510100000000000000000001000000140000000100000088130000'); FailureActionsOnNonCrashFailures = @('1') } }
    @{ Do = 'Set-PreshutdownTimeout'; Service = 'watchpost'; First = $false; Keeps = @('PreshutdownTimeout')
       Milliseconds = '10000' }
    @{ Do = 'Set-Environment'; Service = 'watchpost'; First = $false; Keeps = @('Environment')
       Variables = @(@{ Name = 'SVC_RESTART'; Text = @('on-failure') }, @{ Name = 'SVC_START_TIMEOUT_USEC'; Text = @('90000000') }, @{ Name = 'SVC_STOP_TIMEOUT_USEC'; Text = @('10000000') }, @{ Name = 'SVC_WORKING_DIRECTORY'; Text = @($null) }) }
    @{ Do = 'Set-EventSource'; Service = 'watchpost'; First = $false; Keeps = @()
       Messages = @('%SystemRoot%\System32\EventCreate.exe') }
)
# The entry in Add/Remove Programs; $null: this package does not have it.
$EntryTexts = @(
    @{ Name = 'DisplayName'; Text = 'watchpost' }
    @{ Name = 'Publisher'; Text = 'The cargo-svc developers' }
    @{ Name = 'Comments'; Text = 'Watches TCP services and says when one goes down or comes back' }
    @{ Name = 'HelpLink'; Text = $null }
    @{ Name = 'URLInfoAbout'; Text = $null }
)
# Who may do what in the install folder. Accounts stand as SIDs, since group names are translated.
$FolderSddl = 'O:BAG:BAD:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;0x1200a9;;;S-1-5-32-545)(A;OICI;0x1200a9;;;S-1-5-80-3412941608-396565973-2332906936-2038741893-2359000561)'
# Of files that the machine and its administrators alone may read.
$PrivateSddl = 'O:BAG:BAD:P(A;;FA;;;SY)(A;;FA;;;BA)'
$ServiceSids = @('S-1-5-80-3412941608-396565973-2332906936-2038741893-2359000561')
$TrustedOwners = @('S-1-5-18', 'S-1-5-32-544', 'S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464')
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

# ---- shared by install.ps1 and uninstall.ps1

function Write-Info([string] $Text) {
    if (-not $Quiet) { Write-Host ('{0}: {1}' -f $Self, $Text) }
}

function Write-Failure([string] $Text) {
    [Console]::Error.WriteLine(('{0}: {1}' -f $Self, $Text))
}

# Ends the run with an exit code of its own.
function Stop-Run([int] $Code, [string] $Text) {
    $Failure = [System.InvalidOperationException]::new($Text)
    $Failure.Data['SvcCode'] = $Code
    throw $Failure
}

function Get-FailureCode([System.Management.Automation.ErrorRecord] $Record) {
    $Data = $Record.Exception.Data
    if ($Data.Contains('SvcCode')) { return [int] $Data['SvcCode'] }
    return 1
}

function Assert-Administrator {
    # A 32-bit PowerShell on a 64-bit Windows sees another registry and another System32.
    if ($env:PROCESSOR_ARCHITEW6432) { Stop-Run 5 'run it from the 64-bit PowerShell.' }
    $Me = [System.Security.Principal.WindowsPrincipal]::new([System.Security.Principal.WindowsIdentity]::GetCurrent())
    if (-not $Me.IsInRole([System.Security.Principal.WindowsBuiltInRole]::Administrator)) {
        Stop-Run 3 'run it as administrator.'
    }
}

# Two runs at a time would undo each other. Only administrators can write where the lock is, so nobody else can hold it, and
# it goes with the process that holds it. install.cmd and uninstall.cmd hold the same file.
function Lock-Run {
    $Path = Join-Path $env:ProgramFiles ('.{0}.svc-lock' -f $Package)
    try {
        return [System.IO.FileStream]::new($Path, [System.IO.FileMode]::OpenOrCreate, [System.IO.FileAccess]::ReadWrite,
            [System.IO.FileShare]::None, 1, [System.IO.FileOptions]::DeleteOnClose)
    } catch {
        Stop-Run 11 ('another run for {0} is under way, or {1} cannot be written: {2}' -f $Package, $Path, $_.Exception.Message)
    }
}

# Runs sc.exe and returns its exit code, which is the error of the service manager.
function Invoke-Sc([string[]] $Words) {
    return Invoke-Tool 'sc.exe' $Words
}

# Runs a program of the system and returns its exit code. PowerShell 5.1 drops an empty word and 7.3 changed how words are quoted, so
# the command line is written here. No word may hold a quote or end in a backslash.
function Invoke-Tool([string] $Tool, [string[]] $Words) {
    $Quoted = foreach ($Word in $Words) {
        if ($Word.Contains('"') -or $Word.EndsWith('\')) { throw ('{0} cannot be given the word {1}' -f $Tool, $Word) }
        '"{0}"' -f $Word
    }
    $Start = [System.Diagnostics.ProcessStartInfo]::new((Join-Path $env:SystemRoot ('System32\' + $Tool)))
    $Start.Arguments = $Quoted -join ' '
    $Start.UseShellExecute = $false
    $Start.CreateNoWindow = $true
    $Start.RedirectStandardOutput = $true
    $Process = [System.Diagnostics.Process]::Start($Start)
    try {
        $null = $Process.StandardOutput.ReadToEnd()
        $Process.WaitForExit()
        return $Process.ExitCode
    } finally {
        $Process.Dispose()
    }
}

# Runs sc.exe, for which every exit code but 0 is a failure.
function Invoke-ScStep([string] $What, [string[]] $Words) {
    $Code = Invoke-Sc $Words
    if ($Code -ne 0) { throw ('{0} failed with error {1}; net helpmsg {1} explains it' -f $What, $Code) }
}

# ---- registry, always below HKEY_LOCAL_MACHINE

# The data as it is stored: variables in it are not expanded. Nothing if it is not there.
function Get-RegistryValue([string] $Path, [string] $Name) {
    $Key = [Microsoft.Win32.Registry]::LocalMachine.OpenSubKey($Path)
    if ($null -eq $Key) { return }
    try {
        $Data = $Key.GetValue($Name, $null, [Microsoft.Win32.RegistryValueOptions]::DoNotExpandEnvironmentNames)
    } finally {
        $Key.Close()
    }
    if ($null -ne $Data) { return $Data }
}

function Test-RegistryKey([string] $Path) {
    $Key = [Microsoft.Win32.Registry]::LocalMachine.OpenSubKey($Path)
    if ($null -eq $Key) { return $false }
    $Key.Close()
    return $true
}

function Test-EmptyKey([string] $Path) {
    $Key = [Microsoft.Win32.Registry]::LocalMachine.OpenSubKey($Path)
    try { return $Key.ValueCount -eq 0 -and $Key.SubKeyCount -eq 0 } finally { $Key.Close() }
}

function Set-RegistryValue([string] $Path, [string] $Name, $Data, [Microsoft.Win32.RegistryValueKind] $Kind) {
    $Key = [Microsoft.Win32.Registry]::LocalMachine.CreateSubKey($Path)
    try { $Key.SetValue($Name, $Data, $Kind) } finally { $Key.Close() }
}

function Remove-RegistryValue([string] $Path, [string] $Name) {
    $Key = [Microsoft.Win32.Registry]::LocalMachine.OpenSubKey($Path, $true)
    if ($null -eq $Key) { return }
    try { $Key.DeleteValue($Name, $false) } finally { $Key.Close() }
}

function Remove-RegistryKey([string] $Path) {
    [Microsoft.Win32.Registry]::LocalMachine.DeleteSubKeyTree($Path, $false)
}

# What Add/Remove Programs knows of an installation.
function Read-Entry {
    $Record = @{ There = $false; CutShort = $false; Finished = $false; Kept = $false; Folder = ''; Services = @(); Running = @()
        Folders = @(); Parents = @() }
    if (-not (Test-RegistryKey $EntryKey)) { return $Record }
    $By = [string] (Get-RegistryValue $EntryKey 'SvcInstaller')
    $Location = [string] (Get-RegistryValue $EntryKey 'InstallLocation')
    # A run that was killed while it wrote the first lines of its entry had made nothing else yet.
    $Record.CutShort = ($By -eq 'script' -and $Location -eq '') -or (Test-EmptyKey $EntryKey)
    if ($Record.CutShort) { return $Record }
    if ($By -ne 'script') {
        Stop-Run 6 ('another kind of installer owns {0} in Add/Remove Programs: remove it there first.' -f $Package)
    }
    $Record.There = $true
    $Record.Folder = $Location
    # An entry without a name is that of an installation that was killed.
    $Record.Finished = $null -ne (Get-RegistryValue $EntryKey 'DisplayName')
    $Record.Kept = $null -ne (Get-RegistryValue $EntryKey 'SvcKept')
    $Joined = [string] (Get-RegistryValue $EntryKey 'SvcServices')
    $Record.Services = @($Joined.Split('/') | Where-Object { $_ -ne '' })
    # Only a run that was killed leaves this: what it had found running, and may have stopped.
    $Joined = [string] (Get-RegistryValue $EntryKey 'SvcRunning')
    $Record.Running = @($Joined.Split('/') | Where-Object { $_ -ne '' })
    # The folders that installations made: those of services, and those that lead to them.
    $Record.Folders = @(Get-EntryList 'SvcFolders')
    $Record.Parents = @(Get-EntryList 'SvcParents')
    return $Record
}

# No path holds a bar.
function Get-EntryList([string] $Name) {
    return ([string] (Get-RegistryValue $EntryKey $Name)).Split('|') | Where-Object { $_ -ne '' }
}

function Set-EntryList([string] $Name, [string[]] $Paths) {
    # An empty list comes as nothing at all.
    $Joined = @($Paths | Where-Object { $null -ne $_ }) -join '|'
    if ($Joined -eq '') {
        Remove-RegistryValue $EntryKey $Name
    } else {
        Set-RegistryValue $EntryKey $Name $Joined String
    }
}

# ---- the firewall

function Remove-Rule([string] $Name) {
    # There may be none of this name: then netsh.exe fails, and all is well.
    $null = Invoke-Tool 'netsh.exe' @('advfirewall', 'firewall', 'delete', 'rule', ('name=' + $Name))
}

# ---- files

# A folder that leads elsewhere, or that somebody else made, would put programs where others may write.
function Assert-SafeFolder([string] $Path, [string[]] $Owners = $TrustedOwners) {
    $Item = Get-Item -LiteralPath $Path -Force
    if (-not $Item.PSIsContainer) { Stop-Run 6 ('"{0}" is a file: remove it.' -f $Path) }
    if ($Item.Attributes -band [System.IO.FileAttributes]::ReparsePoint) {
        Stop-Run 6 ('"{0}" is a link to another folder: remove it.' -f $Path)
    }
    $Owner = (Get-Acl -LiteralPath $Path).GetOwner([System.Security.Principal.SecurityIdentifier]).Value
    if ($Owners -notcontains $Owner) {
        Stop-Run 6 ('"{0}" belongs to {1}, not to the administrators: remove it.' -f $Path, $Owner)
    }
}

# Folders that installations made in the one that they go to, the innermost first; one that holds something stays.
function Remove-EmptyFolders([string[]] $Paths) {
    foreach ($Path in $Paths) {
        if (-not [System.IO.Directory]::Exists($Path)) { continue }
        if (@([System.IO.Directory]::GetFileSystemEntries($Path)).Count -eq 0) { [System.IO.Directory]::Delete($Path) }
    }
}

# Removes a folder; a link in it goes, and what it leads to stays.
function Remove-Tree([string] $Path) {
    if (-not [System.IO.Directory]::Exists($Path)) { return }
    $Itself = [System.IO.DirectoryInfo]::new($Path)
    if (-not ($Itself.Attributes -band [System.IO.FileAttributes]::ReparsePoint)) {
        foreach ($Item in $Itself.GetFileSystemInfos()) { Remove-Anything $Item }
    }
    [System.IO.Directory]::Delete($Path)
}

function Remove-Anything([System.IO.FileSystemInfo] $Item) {
    if ($Item -is [System.IO.DirectoryInfo]) { Remove-Tree $Item.FullName } else { Remove-File $Item.FullName }
}

function Expand-Text($Pieces) {
    $Texts = foreach ($Piece in $Pieces) {
        if ($null -eq $Piece) { $Folder } elseif ($Piece -is [int]) { $ProgramData } else { $Piece }
    }
    return -join $Texts
}

function Remove-File([string] $Path) {
    if (-not [System.IO.File]::Exists($Path)) { return }
    [System.IO.File]::SetAttributes($Path, [System.IO.FileAttributes]::Normal)
    [System.IO.File]::Delete($Path)
}

# The lines of the receipt that begin with a name and an equals sign, without these.
function Get-ReceiptLines([string] $Name, [string] $File = 'receipt.txt') {
    $Path = Join-Path $Folder $File
    if (-not [System.IO.File]::Exists($Path)) { return }
    foreach ($Line in [System.IO.File]::ReadAllLines($Path)) {
        if ($Line.StartsWith($Name + '=', [System.StringComparison]::Ordinal)) { $Line.Substring($Name.Length + 1) }
    }
}

# A receipt names files of the install folder and nothing else.
function Test-BelowFolder([string] $Name) {
    return $Name -ne '' -and $Name.IndexOfAny([char[]] '/:') -lt 0 -and -not $Name.StartsWith('\') -and
        @($Name.Split('\')) -notcontains '..'
}

# ---- services

function Get-State([string] $Name) {
    $Found = Get-Service -Name $Name -ErrorAction SilentlyContinue
    if ($null -eq $Found) { return 'Absent' }
    return [string] $Found.Status
}

function Get-ServiceRecord([string] $Name) {
    return Get-CimInstance -ClassName Win32_Service -Filter ("Name='{0}'" -f $Name)
}

# A service that is stopped, or is not there, is fine. A limit of 0 seconds is none.
function Stop-AndWait([string] $Name, [long] $Limit) {
    $Watch = [System.Diagnostics.Stopwatch]::StartNew()
    $Said = $false
    $Code = 0
    while ($true) {
        $State = Get-State $Name
        if ($State -eq 'Absent' -or $State -eq 'Stopped') { return }
        if (-not $Said) { Write-Info ('stopping {0}.' -f $Name) }
        $Said = $true
        # A service that is still starting takes no control: ask again until it does.
        if ($State -ne 'StopPending') { $Code = Invoke-Sc @('stop', $Name) }
        if ($Limit -gt 0 -and $Watch.Elapsed.TotalSeconds -ge $Limit) {
            Stop-Run 7 ('stopping {0}, which did not end within {1} s; the manager last answered {2}' -f $Name, $Limit, $Code)
        }
        Start-Sleep -Milliseconds 500
    }
}

function Remove-OneService([string] $Name) {
    if ((Get-State $Name) -ne 'Absent') {
        Write-Info ('removing the service {0}.' -f $Name)
        # Windows PowerShell 5.1 has no cmdlet that removes a service. 1060: it is gone; 1072: it goes already.
        $Code = Invoke-Sc @('delete', $Name)
        if ($Code -ne 0 -and $Code -ne 1060 -and $Code -ne 1072) {
            throw ('removing the service {0} failed with error {1}; net helpmsg {1} explains it' -f $Name, $Code)
        }
    }
    # A source that somebody else registered stays.
    $Source = $SourcesKey + $Name
    if ($null -ne (Get-RegistryValue $Source 'SvcInstaller')) { Remove-RegistryKey $Source }
}

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
    if ($Path -eq '') { $Path = (Join-Path $env:ProgramFiles 'watchpost') }
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

# ---- before the files: who owns what, and what was running

# A service that failed counts as running: it was not somebody who stopped it. 1077: it never ran since the machine started.
function Save-States {
    foreach ($Name in @($Services | ForEach-Object { $_.Name }) + $OldServices) {
        $Record = Get-ServiceRecord $Name
        $Running[$Name] = $false
        if ($null -eq $Record) { continue }
        $Running[$Name] = $Record.State -ne 'Stopped' -or @(0, 1077) -notcontains $Record.ExitCode -or
            $Entry.Running -contains $Name
    }
}

# The entry comes first: only administrators write there, so it says who made the folder, also after a killed run.
function Set-Claim {
    $Was = @(Save-Values $EntryKey @('SvcInstaller', 'SvcServices', 'InstallLocation', 'SvcKept',
            'SvcFolders', 'SvcParents'))
    Add-Undo 'Restore-Entry' @{ Values = $Was; New = -not $Entry.There }
    $Names = @($Services | ForEach-Object { $_.Name }) + $OldServices
    Set-RegistryValue $EntryKey 'SvcInstaller' 'script' String
    Set-RegistryValue $EntryKey 'SvcServices' ($Names -join '/') String
    Set-RegistryValue $EntryKey 'InstallLocation' $Folder String
    Remove-RegistryValue $EntryKey 'SvcKept'
    # So do the folders of the services: whatever is not in these lists, another run does not take for the installer's.
    Set-EntryList 'SvcFolders' (Join-Lists $Entry.Folders @($DataFolders | Where-Object { -not $_.Parent }))
    Set-EntryList 'SvcParents' (Join-Lists $Entry.Parents @($DataFolders | Where-Object { $_.Parent }))
    # What runs now runs again, also if this run is killed and another one finishes it.
    $Now = @($Names | Where-Object { $Running[$_] })
    if ($Now.Count -gt 0) { Set-RegistryValue $EntryKey 'SvcRunning' ($Now -join '/') String }
    if ($NewFolder) {
        New-Folder
    } elseif ($First) {
        $Acl = Get-Acl -LiteralPath $Folder
        Add-Undo 'Restore-Acl' @{ Path = $Folder; Sddl = $Acl.GetSecurityDescriptorSddlForm('Owner, Group, Access') }
        Set-FolderAcl $Folder $FolderSddl
    }
    # Whoever put another folder or a link there in the meantime is found out.
    Assert-SafeFolder $Folder
}

function Join-Lists([string[]] $Known, $More) {
    $All = [System.Collections.Generic.List[string]]::new()
    foreach ($Path in $Known) { $All.Add($Path) }
    foreach ($Item in $More) {
        $Path = Expand-Text $Item.Path
        if ($Known -notcontains $Path) { $All.Add($Path) }
    }
    return $All.ToArray()
}

function New-Folder {
    Add-Undo 'Remove-NewFolder' @{}
    New-ProtectedFolder $Folder $FolderSddl
}

# With its access list from the first moment, so that nobody can put anything into it.
function New-ProtectedFolder([string] $Path, [string] $Sddl) {
    $Security = [System.Security.AccessControl.DirectorySecurity]::new()
    $Security.SetSecurityDescriptorSddlForm($Sddl)
    if ($PSVersionTable.PSEdition -eq 'Core') {
        [System.IO.FileSystemAclExtensions]::Create([System.IO.DirectoryInfo]::new($Path), $Security)
    } else {
        $null = [System.IO.Directory]::CreateDirectory($Path, $Security)
    }
}

function Set-FolderAcl([string] $Path, [string] $Sddl) {
    $Security = [System.Security.AccessControl.DirectorySecurity]::new()
    $Security.SetSecurityDescriptorSddlForm($Sddl)
    Set-Acl -LiteralPath $Path -AclObject $Security
}

# A folder of the services. Making one that is there changes nothing about it: whose it is is seen afterwards.
function Set-DataFolder($Item) {
    $Path = Expand-Text $Item.Path
    if (-not (Test-Path -LiteralPath $Path)) {
        Add-Undo 'Remove-NewData' @{ Path = $Path; Parent = $Item.Parent }
        New-ProtectedFolder $Path $Item.Sddl
        Assert-DataFolder $Item
        return
    }
    Assert-DataFolder $Item
    $Known = ($Entry.Folders -contains $Path) -or ($Entry.Parents -contains $Path)
    if (-not $First -and $Known) { return }
    # One that leads to folders of others, too, keeps its own.
    if ($Item.Parent -and -not $Known) { return }
    $Acl = Get-Acl -LiteralPath $Path
    Add-Undo 'Restore-Acl' @{ Path = $Path; Sddl = $Acl.GetSecurityDescriptorSddlForm('Owner, Group, Access') }
    Set-FolderAcl $Path $Item.Sddl
}

function New-Subfolders {
    foreach ($Pieces in $Subfolders) {
        $Path = Expand-Text $Pieces
        if (Test-Path -LiteralPath $Path) { continue }
        Add-Undo 'Remove-EmptyFolders' @{ Paths = @($Path) }
        $null = [System.IO.Directory]::CreateDirectory($Path)
    }
}

# Those that need others stop before these, whichever version had them: the entry names all in the order of their start.
function Stop-Everything {
    $Names = [string[]] @($Entry.Services)
    [array]::Reverse($Names)
    foreach ($Name in $Names) {
        $Limit = 60
        foreach ($Service in $Services) { if ($Service.Name -eq $Name) { $Limit = $Service.StopLimit } }
        Stop-One $Name $Limit
    }
}

function Stop-One([string] $Name, [long] $Limit) {
    if ($Running[$Name]) { Add-Undo 'Start-Back' @{ Name = $Name } }
    Stop-AndWait $Name $Limit
}

# The new file is written beside the old one, which stays until all is done.
function Copy-ToFolder($File) {
    $To = Expand-Text $File.Path
    if ($File.Config -and -not (Test-ConfigIsOurs $File $To)) { return }
    Open-Place $To
    [System.IO.File]::Copy((Join-Path $PSScriptRoot $File.Source), $To + '.new')
    [System.IO.File]::SetAttributes($To + '.new', [System.IO.FileAttributes]::Normal)
    # What was verified is what runs, also if somebody changed the package in the meantime.
    if ((Get-FileHash -LiteralPath ($To + '.new') -Algorithm SHA256).Hash -ne $List.files[$File.Source]) {
        Stop-Run 4 ('"{0}" changed while it was copied.' -f $File.Source)
    }
    if ($File.Private) { Set-PrivateFile ($To + '.new') }
    Publish-New $To
}

function Set-PrivateFile([string] $Path) {
    $Security = [System.Security.AccessControl.FileSecurity]::new()
    $Security.SetSecurityDescriptorSddlForm($PrivateSddl)
    Set-Acl -LiteralPath $Path -AclObject $Security
}

# Whether a file that an operator may edit is to be written. One that was edited stays, and this version's is put beside it.
function Test-ConfigIsOurs($File, [string] $To) {
    $Wanted = $List.files[$File.Source]
    $Was = ''
    foreach ($Line in Get-ReceiptLines 'config') {
        $Sum, $Path = $Line.Split([char[]] ' ', 2)
        if ($Path -eq $To) { $Was = $Sum }
    }
    if (-not [System.IO.File]::Exists($To)) {
        if ($Was -ne '') { Write-Info ('"{0}" was gone, and is put back.' -f $To) }
        return $true
    }
    $Is = (Get-FileHash -LiteralPath $To -Algorithm SHA256).Hash
    if ($Is -eq $Wanted) { return $false }
    if ($Is -eq $Was) { return $true }
    # There is nothing new to tell the operator.
    if ($Wanted -eq $Was) { return $false }
    Write-Info ('"{0}" was edited and is kept; the one of this version is put beside it, with .new after its name.' -f $To)
    $Aside = $To + '.new'
    $Before = $null
    if ([System.IO.File]::Exists($Aside)) { $Before = [System.IO.File]::ReadAllBytes($Aside) }
    Add-Undo 'Restore-Aside' @{ Path = $Aside; Before = $Before }
    [System.IO.File]::Copy((Join-Path $PSScriptRoot $File.Source), $Aside, $true)
    if ($File.Private) { Set-PrivateFile $Aside }
    return $false
}

function Open-Place([string] $To) {
    $Old = $To + '.old'
    # A run that was killed in between may have left only the old file.
    if ([System.IO.File]::Exists($Old) -and -not [System.IO.File]::Exists($To)) { [System.IO.File]::Move($Old, $To) }
    Remove-File $Old
    Remove-File ($To + '.new')
    Add-Undo 'Restore-File' @{ To = $To; WasThere = [System.IO.File]::Exists($To) }
}

function Publish-New([string] $To) {
    if ([System.IO.File]::Exists($To)) { [System.IO.File]::Move($To, $To + '.old') }
    [System.IO.File]::Move($To + '.new', $To)
}

# ---- the steps of the services, in the order of the plan

function Invoke-Step($Step) {
    if ($Step.First -and $Existing[$Step.Service] -and -not $First) { return }
    $Do = $Step.Do
    & $Do $Step
}

function Set-Registration($Step) {
    $Name = $Step.Service
    $Image = Expand-Text $Step.Image
    if ($Existing[$Name]) {
        Save-Service $Name
        Set-ImageAndDisplayName $Name $Image $Step.DisplayName
    } else {
        # Nobody can start it before it has its account and its start type.
        $null = New-Service -Name $Name -BinaryPathName $Image -DisplayName $Step.DisplayName -StartupType Disabled
        Add-Undo 'Remove-NewService' @{ Name = $Name }
    }
    Set-Dependencies $Name $Step.Dependencies
}

# Win32_Service.Change leaves what it is not given.
function Set-ImageAndDisplayName([string] $Name, [string] $Image, [string] $DisplayName) {
    $Wanted = @{ PathName = $Image; DisplayName = $DisplayName }
    $Result = Invoke-CimMethod -InputObject (Get-ServiceRecord $Name) -MethodName Change -Arguments $Wanted
    if ($Result.ReturnValue -ne 0) {
        throw ('changing the service {0} failed: Win32_Service.Change returned {1}' -f $Name, $Result.ReturnValue)
    }
}

# A slash alone is an empty list: Win32_Service.Change has no way to say that.
function Set-Dependencies([string] $Name, [string[]] $Dependencies) {
    $Joined = $Dependencies -join '/'
    if ($Joined -eq '') { $Joined = '/' }
    Invoke-ScStep ('setting the dependencies of {0}' -f $Name) @('config', $Name, 'depend=', $Joined)
}

function Set-Account($Step) {
    Invoke-ScStep ('setting the account of {0}' -f $Step.Service) @('config', $Step.Service, 'obj=', $Step.Account)
}

function Set-StartType($Step) {
    Invoke-ScStep ('setting the start type of {0}' -f $Step.Service) @('config', $Step.Service, 'start=', $Step.Word)
}

function Set-Description($Step) {
    Set-Service -Name $Step.Service -Description $Step.Text
}

# Its process carries the service's SID, so that access lists can name it, and no privileges but those that it needs. Without a
# list, one that an older version set goes from the registry, where the manager reads it at the next start.
function Set-Token($Step) {
    Invoke-ScStep ('setting the SID type of {0}' -f $Step.Service) @('sidtype', $Step.Service, $Step.Sid)
    if ($null -eq $Step.Privileges) {
        Remove-RegistryValue ($ServicesKey + $Step.Service) 'RequiredPrivileges'
    } else {
        Invoke-ScStep ('setting the privileges of {0}' -f $Step.Service) @('privs', $Step.Service, $Step.Privileges)
    }
}

# Without the flag, a service that stops with an error code is not started again.
function Set-Recovery($Step) {
    $What = 'setting the recovery of {0}' -f $Step.Service
    Invoke-ScStep $What @('failure', $Step.Service, 'reset=', $Step.ResetAfter, 'actions=', $Step.Actions)
    Invoke-ScStep $What @('failureflag', $Step.Service, $Step.Flag)
}

function Set-PreshutdownTimeout($Step) {
    Invoke-ScStep ('setting the preshutdown time of {0}' -f $Step.Service) @('preshutdown', $Step.Service, $Step.Milliseconds)
}

# Variables that an operator added stay; those that an older version set and this one does not are gone.
function Set-Environment($Step) {
    $Key = $ServicesKey + $Step.Service
    $Declared = @($Step.Variables | ForEach-Object { $_.Name })
    $Installed = @(Get-ReceiptLines 'variable' | Where-Object { $_.StartsWith($Step.Service + ' ') } |
        ForEach-Object { $_.Substring($Step.Service.Length + 1) })
    $Ours = $Declared + $Installed
    $Kept = @(Get-RegistryValue $Key 'Environment' | Where-Object { $Ours -notcontains $_.Split([char[]] '=', 2)[0] })
    $New = [string[]] @($Step.Variables | ForEach-Object { $_.Name + '=' + (Expand-Text $_.Text) })
    Set-OrRemoveList $Key 'Environment' ([string[]] ($Kept + $New))
    # By this copy install.cmd knows what is the installer's.
    Set-OrRemoveList $Key 'SvcEnvironment' $New
}

function Set-OrRemoveList([string] $Key, [string] $Name, [string[]] $Lines) {
    if ($Lines.Count -eq 0) {
        Remove-RegistryValue $Key $Name
    } else {
        Set-RegistryValue $Key $Name $Lines MultiString
    }
}

# A source that somebody else registered keeps its own messages.
function Set-EventSource($Step) {
    $Key = $SourcesKey + $Step.Service
    if (Test-RegistryKey $Key) {
        if ($null -eq (Get-RegistryValue $Key 'SvcInstaller')) { return }
    } else {
        Add-Undo 'Remove-RegistryKey' @{ Path = $Key }
    }
    Set-RegistryValue $Key 'EventMessageFile' (Expand-Text $Step.Messages) ExpandString
    Set-RegistryValue $Key 'TypesSupported' 7 DWord
    # The mark by which an uninstaller knows that the source is the installer's.
    Set-RegistryValue $Key 'SvcInstaller' 'script' String
}

# ---- the firewall

# What an operator did with a rule that is there stays.
function Set-Rule($Rule) {
    if (-not $First -and @(Get-ReceiptLines 'firewall') -contains $Rule.Name) { return }
    Remove-Rule $Rule.Name
    Add-Undo 'Remove-Rule' @{ Name = $Rule.Name }
    $Words = @('advfirewall', 'firewall', 'add', 'rule', ('name=' + $Rule.Name), 'dir=in', 'action=allow',
        ('program=' + (Join-Path $Folder $Rule.Program))) + $Rule.Words
    $Code = Invoke-Tool 'netsh.exe' $Words
    if ($Code -ne 0) { throw ('adding the firewall rule {0} failed: netsh.exe ended with {1}' -f $Rule.Name, $Code) }
}

# ---- after the steps

function Start-Again($Service) {
    $Name = $Service.Name
    if ($NoStart) { return }
    $Missing = @($Service.Needs | Where-Object { -not (Test-Path -LiteralPath (Expand-Text $_.Path)) })
    foreach ($Need in $Missing) {
        $What = 'the file'
        if ($null -ne $Need.Credential) { $What = 'the credential {0}' -f $Need.Credential }
        Write-Warning ('{0} is installed and not started: {1} "{2}" is missing. Put it there, then: Start-Service {0}' -f
            $Name, $What, (Expand-Text $Need.Path))
    }
    if ($Missing.Count -gt 0) { return }
    if (-not $Existing[$Name] -or -not $Entry.Finished) {
        if (-not $Service.Starts) { return }
    } elseif (-not $Running[$Name]) {
        Write-Info ('{0} was stopped and stays stopped.' -f $Name)
        return
    }
    Add-Undo 'Stop-AndWait' @{ Name = $Name; Limit = $Service.StopLimit }
    Start-EvenDisabled $Name $Service.StartLimit
}

# A service that was disabled while it ran comes back, and stays disabled.
function Start-EvenDisabled([string] $Name, [long] $Limit) {
    $Disabled = (Get-RegistryValue ($ServicesKey + $Name) 'Start') -eq 4
    if ($Disabled) { Invoke-ScStep ('starting {0}' -f $Name) @('config', $Name, 'start=', 'demand') }
    try {
        Start-AndWait $Name $Limit
    } finally {
        if ($Disabled) { Invoke-ScStep ('disabling {0} again' -f $Name) @('config', $Name, 'start=', 'disabled') }
    }
}

function Start-AndWait([string] $Name, [long] $Limit) {
    Write-Info ('starting {0}.' -f $Name)
    $Watch = [System.Diagnostics.Stopwatch]::StartNew()
    while ($true) {
        $Code = Invoke-Sc @('start', $Name)
        if ($Code -ne 1056) { break }
        # 1056: it runs already, because another service needs it; or it did not stop in its time, and cannot start before it has.
        if (@('StopPending', 'Stopped') -notcontains (Get-State $Name)) { break }
        if ($Limit -gt 0 -and $Watch.Elapsed.TotalSeconds -ge $Limit) { break }
        Start-Sleep -Milliseconds 500
    }
    if ($Code -ne 0 -and $Code -ne 1056) {
        Stop-Run 8 ('starting {0}, error {1}; net helpmsg {1} explains it' -f $Name, $Code)
    }
    $Watch = [System.Diagnostics.Stopwatch]::StartNew()
    while ($true) {
        $State = Get-State $Name
        if ($State -eq 'Running') { return }
        if ($State -eq 'Stopped') {
            $Record = Get-ServiceRecord $Name
            Stop-Run 8 ('starting {0}, which ended with {1}, its own code {2}; see the event log' -f
                $Name, $Record.ExitCode, $Record.ServiceSpecificExitCode)
        }
        if ($Limit -gt 0 -and $Watch.Elapsed.TotalSeconds -ge $Limit) {
            Stop-Run 8 ('starting {0}, which did not say within {1} s that it runs' -f $Name, $Limit)
        }
        Start-Sleep -Milliseconds 500
    }
}

function Write-Receipt {
    $Path = Join-Path $Folder 'receipt.txt'
    $Lines = [System.Collections.Generic.List[string]]::new()
    $Lines.AddRange([System.IO.File]::ReadAllLines((Join-Path $PSScriptRoot 'PACKAGE')))
    $Lines.Add('installer=' + $Self)
    $Lines.Add('installed-by="' + [System.Security.Principal.WindowsIdentity]::GetCurrent().Name + '"')
    foreach ($File in $Files) {
        if ($File.Config) {
            $Lines.Add('config={0} {1}' -f $List.files[$File.Source], (Expand-Text $File.Path))
        } elseif ($null -ne $File.Name) {
            $Lines.Add('installed=' + $File.Name)
        } else {
            $Lines.Add('placed=' + (Expand-Text $File.Path))
        }
    }
    for ($Index = $Subfolders.Count - 1; $Index -ge 0; $Index--) {
        $Lines.Add('subfolder=' + (Expand-Text $Subfolders[$Index]))
    }
    foreach ($Rule in $Rules) { $Lines.Add('firewall=' + $Rule.Name) }
    foreach ($Service in $Services) {
        $Lines.Add('service=' + $Service.Name)
        foreach ($Step in $Steps) {
            if ($Step.Do -ne 'Set-Environment' -or $Step.Service -ne $Service.Name) { continue }
            foreach ($Variable in $Step.Variables) { $Lines.Add('variable=' + $Service.Name + ' ' + $Variable.Name) }
        }
    }
    Open-Place $Path
    [System.IO.File]::WriteAllText($Path + '.new', ($Lines -join "`r`n") + "`r`n")
    Publish-New $Path
}

function Write-Entry {
    $Names = @($EntryTexts | ForEach-Object { $_.Name }) +
        @('DisplayIcon', 'UninstallString', 'QuietUninstallString', 'NoModify', 'NoRepair', 'DisplayVersion')
    if ($Entry.There) { Add-Undo 'Restore-Values' @{ Values = @(Save-Values $EntryKey $Names) } }
    foreach ($Item in $EntryTexts) {
        if ($null -eq $Item.Text) {
            Remove-RegistryValue $EntryKey $Item.Name
        } elseif ($Item.Name -ne 'DisplayName') {
            Set-RegistryValue $EntryKey $Item.Name $Item.Text String
        }
    }
    $Uninstall = '"%SystemRoot%\System32\WindowsPowerShell\v1.0\powershell.exe" -NoProfile -ExecutionPolicy Bypass -File "{0}"' -f
        (Join-Path $Folder 'uninstall.ps1')
    Set-RegistryValue $EntryKey 'DisplayIcon' (Join-Path $Folder 'watchpost.exe') String
    Set-RegistryValue $EntryKey 'UninstallString' $Uninstall ExpandString
    Set-RegistryValue $EntryKey 'QuietUninstallString' ($Uninstall + ' -Quiet') ExpandString
    Set-RegistryValue $EntryKey 'NoModify' 1 DWord
    Set-RegistryValue $EntryKey 'NoRepair' 1 DWord
    Set-RegistryValue $EntryKey 'DisplayVersion' $List.version String
    # The name comes last: with it, the installation counts as finished.
    foreach ($Item in $EntryTexts) {
        if ($Item.Name -eq 'DisplayName') { Set-RegistryValue $EntryKey 'DisplayName' $Item.Text String }
    }
}

# ---- putting everything back

# What takes a change back, if the run fails after it.
function Add-Undo([string] $Do, [hashtable] $With) {
    $Undo.Add(@{ Do = $Do; With = $With })
}

function Undo-Everything {
    Write-Info 'putting everything back.'
    for ($Index = $Undo.Count - 1; $Index -ge 0; $Index--) {
        $With = $Undo[$Index].With
        $Do = $Undo[$Index].Do
        try {
            & $Do @With
        } catch {
            $script:Incomplete = $true
            Write-Failure ('failed: {0}' -f $_.Exception.Message)
        }
    }
}

# Values of a key as they are now, for Restore-Values.
function Save-Values([string] $Path, [string[]] $Names) {
    $Key = [Microsoft.Win32.Registry]::LocalMachine.OpenSubKey($Path)
    try {
        foreach ($Name in $Names) {
            $Saved = @{ Path = $Path; Name = $Name; There = $false; Kind = $null; Data = $null }
            if ($null -ne $Key -and $Key.GetValueNames() -contains $Name) {
                $Saved.There = $true
                $Saved.Kind = $Key.GetValueKind($Name)
                $Saved.Data = $Key.GetValue($Name, $null, [Microsoft.Win32.RegistryValueOptions]::DoNotExpandEnvironmentNames)
            }
            $Saved
        }
    } finally {
        if ($null -ne $Key) { $Key.Close() }
    }
}

function Restore-Values($Values) {
    foreach ($Saved in $Values) {
        if ($Saved.There) {
            Set-RegistryValue $Saved.Path $Saved.Name $Saved.Data $Saved.Kind
        } else {
            Remove-RegistryValue $Saved.Path $Saved.Name
        }
    }
}

function Restore-Entry($Values, [bool] $New) {
    if ($New) {
        Remove-RegistryKey $EntryKey
    } else {
        Restore-Values $Values
        Remove-RegistryValue $EntryKey 'SvcRunning'
    }
}

function Restore-Acl([string] $Path, [string] $Sddl) {
    Set-FolderAcl $Path $Sddl
}

# Nothing was in it before this run, so that what is in it is not an operator's.
function Remove-NewData([string] $Path, [bool] $Parent) {
    if ($Parent) { Remove-EmptyFolders @($Path) } else { Remove-Tree $Path }
}

function Restore-Aside([string] $Path, $Before) {
    Remove-File $Path
    if ($null -ne $Before) { [System.IO.File]::WriteAllBytes($Path, $Before) }
}

function Remove-NewFolder {
    if ([System.IO.Directory]::Exists($Folder)) { [System.IO.Directory]::Delete($Folder) }
}

# Moved aside first: a program that still runs cannot be removed, but can be moved.
function Restore-File([string] $To, [bool] $WasThere) {
    $Old = $To + '.old'
    $New = $To + '.new'
    $Moved = [System.IO.File]::Exists($Old)
    if ([System.IO.File]::Exists($To) -and ($Moved -or -not $WasThere)) {
        Remove-File $New
        [System.IO.File]::Move($To, $New)
    }
    if ($Moved) { [System.IO.File]::Move($Old, $To) }
    Remove-File $New
}

# A service's configuration as it is now comes back if the run fails.
function Save-Service([string] $Name) {
    $Names = @($Steps | Where-Object { $_.Service -eq $Name } | ForEach-Object { $_.Keeps }) + 'SvcEnvironment'
    $Values = @(Save-Values ($ServicesKey + $Name) $Names)
    $ByName = @{}
    foreach ($Value in $Values) { $ByName[$Value.Name] = $Value.Data }
    Add-Undo 'Restore-Service' @{ Name = $Name; Values = $Values; ByName = $ByName }
}

# The manager is told what it keeps in memory, and then the registry gets every value back.
function Restore-Service([string] $Name, $Values, [hashtable] $ByName) {
    $DisplayName = [string] $ByName['DisplayName']
    if ($DisplayName -eq '') { $DisplayName = $Name }
    try {
        Set-ImageAndDisplayName $Name $ByName['ImagePath'] $DisplayName
        Set-Dependencies $Name ([string[]] @($ByName['DependOnService'] | Where-Object { $null -ne $_ }))
        if ($First) { Restore-Tuned $Name $ByName }
    } finally {
        Restore-Values $Values
    }
}

# What only a first installation and a reset change.
function Restore-Tuned([string] $Name, [hashtable] $ByName) {
    $Word = switch ($ByName['Start']) { 2 { 'auto' } 3 { 'demand' } 4 { 'disabled' } }
    if ($ByName['DelayedAutostart'] -eq 1 -and $Word -eq 'auto') { $Word = 'delayed-auto' }
    if ($null -ne $Word) { Invoke-ScStep ('restoring the start type of {0}' -f $Name) @('config', $Name, 'start=', $Word) }
    $Account = [string] $ByName['ObjectName']
    $Record = Get-ServiceRecord $Name
    if ($Account -eq '' -or $Record.StartName -eq $Account) { return }
    # Without its password an account cannot come back; a virtual or built-in one has none.
    $Code = Invoke-Sc @('config', $Name, 'obj=', $Account)
    if ($Code -ne 0) { throw ('{0} ran as "{1}": give that account back by hand (error {2})' -f $Name, $Account, $Code) }
}

function Remove-NewService([string] $Name) {
    Stop-AndWait $Name 60
    $Code = Invoke-Sc @('delete', $Name)
    if ($Code -ne 0 -and $Code -ne 1060) { throw ('removing the service {0} failed with error {1}' -f $Name, $Code) }
}

# What was running runs again, whichever step failed.
function Start-Back([string] $Name) {
    $Limit = 60
    foreach ($Service in $Services) { if ($Service.Name -eq $Name) { $Limit = $Service.StartLimit } }
    Start-EvenDisabled $Name $Limit
}

# ---- after a success

# What only the replaced version had goes with it.
function Clear-Leftovers {
    $Ours = @($Files | ForEach-Object { Expand-Text $_.Path })
    $Old = 'receipt.txt.old'
    foreach ($Name in Get-ReceiptLines 'installed' $Old) {
        if (-not (Test-BelowFolder $Name)) { continue }
        $Path = Join-Path $Folder $Name
        if ($Ours -notcontains $Path) { Remove-Leftover $Path }
    }
    foreach ($Path in Get-ReceiptLines 'placed' $Old) {
        if ($Ours -notcontains $Path) { Remove-Leftover $Path }
    }
    foreach ($Path in Get-ReceiptLines 'subfolder' $Old) { Remove-EmptyFolders @($Path) }
    $Declared = @($Rules | ForEach-Object { $_.Name })
    foreach ($Name in Get-ReceiptLines 'firewall' $Old) {
        if ($Declared -notcontains $Name) { Remove-Rule $Name }
    }
    foreach ($Path in $Ours) { Remove-Leftover ($Path + '.old') }
    Remove-Leftover (Join-Path $Folder $Old)
}

# Something that reads a file may keep it a little: the next run, or the uninstaller, removes it.
function Remove-Leftover([string] $Path) {
    try { Remove-File $Path } catch { Write-Info ('"{0}" could not be removed: {1}' -f $Path, $_.Exception.Message) }
}

# Says where a service differs from what a first installation sets.
function Compare-Kept {
    foreach ($Step in $Steps) {
        if (-not $Step.First -or -not $Existing[$Step.Service] -or $First) { continue }
        $Key = $ServicesKey + $Step.Service
        $Differs = foreach ($Value in $Step.Keeps) {
            if ($Step.Shown[$Value] -notcontains (Get-Shown $Key $Value)) { '{0} = {1}' -f $Value, (Get-Shown $Key $Value) }
        }
        if ($null -ne $Differs) {
            Write-Info ('{0} differs from what was declared and was kept ({1}); -Reset changes that.' -f
                $Step.Service, ($Differs -join ', '))
        }
    }
    if ($First) { return }
    Compare-Acl $Folder $FolderSddl
    foreach ($Item in $DataFolders) { Compare-Acl (Expand-Text $Item.Path) $Item.Sddl }
}

function Compare-Acl([string] $Path, [string] $Sddl) {
    $Wanted = [System.Security.AccessControl.DirectorySecurity]::new()
    $Wanted.SetSecurityDescriptorSddlForm($Sddl)
    if ((Get-AclShown (Get-Acl -LiteralPath $Path)) -ne (Get-AclShown $Wanted)) {
        Write-Info ('"{0}" has another access list, which was kept; -Reset changes that.' -f $Path)
    }
}

# A value as text; one that is not there is the number that the manager takes it for.
function Get-Shown([string] $Key, [string] $Name) {
    $Data = @(Get-RegistryValue $Key $Name)
    if ($Data.Count -eq 0) { return '0' }
    if ($Data[0] -is [byte]) { return -join ($Data | ForEach-Object { $_.ToString('X2') }) }
    return [string] $Data[0]
}

# Its entries, in an order that does not matter.
function Get-AclShown($Acl) {
    $Sddl = $Acl.GetSecurityDescriptorSddlForm('Access')
    return ([regex]::Matches($Sddl, '\([^)]*\)') | ForEach-Object { $_.Value } | Sort-Object) -join ''
}

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
