# Written by `cargo svc generate` from [package.metadata.service] in Cargo.toml: change it there.

#Requires -Version 5.1

<#
.SYNOPSIS
Removes the package 'watchpost' and its services. Run it as administrator.

.DESCRIPTION
Stops the services, removes them, their event sources, the programs and the entry in Add/Remove Programs. If the package is not
installed, it says so and that is a success. -WhatIf says what would be done and changes nothing.

.PARAMETER Purge
Also removes the services' folders, what configures them, and everything else in the install folder.

.PARAMETER Quiet
Says nothing but errors.

.EXAMPLE
powershell -NoProfile -ExecutionPolicy Bypass -File uninstall.ps1

.NOTES
Exit codes:
  0  nothing of it is left but data
  1  a step failed; run it again
  2  the question of -Confirm was answered with no
  3  not run as administrator
  5  run from the PowerShell of another kind of machine
  6  the folder, or the entry in Add/Remove Programs, belongs to something else
  7  a service did not stop in its time; nothing was removed
  9  a service is marked for deletion and goes when the programs that look at it are closed
 10  this PowerShell may not run all of its language: use uninstall.cmd
 11  another run is under way
#>
[CmdletBinding(SupportsShouldProcess)]
param(
    [switch] $Purge,
    [switch] $Quiet
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
$Self = 'uninstall.ps1'

# ---- what this package is

$Package = 'watchpost'
$Files = @('watchpost.exe', 'uninstall.cmd', 'uninstall.ps1')
# Folders that files need below the one that they go to.
$Subfolders = @()
$Services = @(
    @{ Name = 'watchpost'; StopLimit = 25 }
)
$TrustedOwners = @('S-1-5-18', 'S-1-5-32-544', 'S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464')
$EntryKey = 'SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall\' + $Package
$SourcesKey = 'SYSTEM\CurrentControlSet\Services\EventLog\Application\'

$Record = @{}
$Folder = ''
$ProgramData = [System.Environment]::GetFolderPath('CommonApplicationData')

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

# ---- removal

function Get-StopLimit([string] $Name) {
    foreach ($Service in $Services) {
        if ($Service.Name -eq $Name) { return $Service.StopLimit }
    }
    return 60
}

function Write-Plan([string[]] $Names) {
    foreach ($Name in $Names) { Write-Host ('{0}: would stop and remove the service {1}.' -f $Self, $Name) }
    Write-Host ('{0}: would remove the programs in "{1}".' -f $Self, $Folder)
    if (-not $Purge) { return }
    Write-Host ('{0}: would remove everything else in "{1}".' -f $Self, $Folder)
    foreach ($Path in Get-DataLeft) { Write-Host ('{0}: would remove "{1}".' -f $Self, $Path) }
}

function Wait-Gone([string] $Name) {
    for ($Try = 0; $Try -lt 20; $Try++) {
        if ((Get-State $Name) -eq 'Absent') { return }
        Start-Sleep -Milliseconds 500
    }
    Stop-Run 9 ('the service {0} is marked for deletion: close what looks at it, such as the Services console.' -f $Name)
}

function Remove-InstalledFiles {
    $Names = @(Get-ReceiptLines 'installed') + $Files | Sort-Object -Unique
    foreach ($Name in $Names) {
        if (-not (Test-BelowFolder $Name)) { continue }
        # This script goes last: while it is there, another run can finish what this one did not.
        if ($Name -eq $Self) { continue }
        foreach ($End in '.new', '.old', '') { Remove-File (Join-Path $Folder ($Name + $End)) }
    }
    foreach ($Path in Get-ReceiptLines 'placed') { Remove-File $Path }
    foreach ($Name in Get-ReceiptLines 'firewall') { Remove-Rule $Name }
    foreach ($Path in Get-ReceiptLines 'subfolder') { Remove-EmptyFolders @($Path) }
    for ($Index = $Subfolders.Count - 1; $Index -ge 0; $Index--) { Remove-EmptyFolders @((Expand-Text $Subfolders[$Index])) }
    Remove-Tree (Join-Path $Folder 'rollback')
    Remove-File (Join-Path $Folder 'receipt.txt.new')
    Remove-File (Join-Path $Folder 'receipt.txt.old')
    Remove-File (Join-Path $Folder 'receipt.txt')
}

function Remove-Folder {
    if (-not [System.IO.Directory]::Exists($Folder)) { return }
    # A process that stands in a folder keeps it.
    $Here = [System.Environment]::CurrentDirectory
    if (($Here + '\').StartsWith($Folder + '\', [System.StringComparison]::OrdinalIgnoreCase)) {
        [System.Environment]::CurrentDirectory = $env:SystemRoot
    }
    $Rest = @([System.IO.DirectoryInfo]::new($Folder).GetFileSystemInfos() | Where-Object { $_.Name -ne $Self })
    if ($Purge) {
        foreach ($Item in $Rest) { Remove-Anything $Item }
        $Rest = @()
    }
    # PowerShell has read all of this file.
    Remove-File (Join-Path $Folder $Self)
    if ($Rest.Count -eq 0) {
        [System.IO.Directory]::Delete($Folder)
    } else {
        Write-Info ('"{0}" holds other files and was kept; -Purge removes it.' -f $Folder)
    }
}

# The services' folders that are there.
function Get-DataLeft {
    return $Record.Folders | Where-Object { Test-Path -LiteralPath $_ }
}

# A link among them goes, and what it leads to stays. Those that lead to the folders go if nothing else is in them.
function Remove-Data {
    foreach ($Path in Get-DataLeft) { Remove-Tree $Path }
    $Parents = [string[]] @($Record.Parents)
    [array]::Reverse($Parents)
    Remove-EmptyFolders $Parents
}

# What an uninstallation leaves that keeps a folder: by it an installation knows that nobody else made the folder. Without a
# name, Add/Remove Programs does not show it.
function Set-KeptMark {
    Remove-RegistryKey $EntryKey
    Set-RegistryValue $EntryKey 'SvcInstaller' 'script' String
    Set-RegistryValue $EntryKey 'InstallLocation' $Folder String
    Set-EntryList 'SvcFolders' $Record.Folders
    Set-EntryList 'SvcParents' $Record.Parents
    Set-RegistryValue $EntryKey 'SvcKept' 1 DWord
}

function Remove-Everything([string[]] $Names) {
    foreach ($Name in $Names) { Stop-AndWait $Name (Get-StopLimit $Name) }
    foreach ($Name in $Names) { Remove-OneService $Name }
    foreach ($Name in $Names) { Wait-Gone $Name }
    if ([System.IO.Directory]::Exists($Folder)) { Remove-InstalledFiles }
    # The entry goes after everything else that another run would need it for.
    Remove-Folder
    if ($Purge) { Remove-Data }
    $Left = @(Get-DataLeft).Count -gt 0
    if ($Left -or [System.IO.Directory]::Exists($Folder)) { Set-KeptMark } else { Remove-RegistryKey $EntryKey }
    Write-Info ('{0} is removed.' -f $Package)
    if ($Left) { Write-Info 'the services'' folders were kept; -Purge removes them.' }
}

function Invoke-Uninstall {
    Assert-Administrator
    $Lock = $null
    if (-not $Dry) { $Lock = Lock-Run }
    try {
        Remove-Installation
    } finally {
        if ($null -ne $Lock) { $Lock.Dispose() }
    }
}

function Remove-Installation {
    $script:Record = Read-Entry
    if ($Record.CutShort -and -not $Dry) { Remove-RegistryKey $EntryKey }
    if (-not $Record.There) {
        Write-Info ('{0} is not installed.' -f $Package)
        return
    }
    $script:Folder = $Record.Folder.TrimEnd('\')
    $There = Test-Path -LiteralPath $Folder
    if ($Record.Kept -and -not $Purge -and ($There -or @(Get-DataLeft).Count -gt 0)) {
        Write-Info ('{0} is not installed. What its uninstallation kept, -Purge removes.' -f $Package)
        return
    }
    if ($There) { Assert-SafeFolder $Folder }
    $Names = [string[]] @($Record.Services)
    [array]::Reverse($Names)
    if ($Dry) {
        Write-Plan $Names
        return
    }
    Remove-Everything $Names
}

if ($ExecutionContext.SessionState.LanguageMode -ne 'FullLanguage') {
    Write-Warning 'this PowerShell may not run all of its language: use uninstall.cmd.'
    exit 10
}
$Dry = -not $PSCmdlet.ShouldProcess($Package, 'Remove the package and its services')
if ($Dry -and -not $WhatIfPreference) { exit 2 }
# The question was answered for the whole run.
$ConfirmPreference = 'None'
$Code = 0
try {
    Invoke-Uninstall
} catch {
    $Code = Get-FailureCode $_
    Write-Failure ('failed: {0}' -f $_.Exception.Message)
}
exit $Code
