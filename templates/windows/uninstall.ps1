# Written by `cargo svc generate` from [package.metadata.service] in Cargo.toml: change it there.

#Requires -Version 5.1

<#
.SYNOPSIS
Removes the package {{ package }} and its services. Run it as administrator.

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

$Package = {{ package }}
$Files = {{ file_names }}
# Folders that files need below the one that they go to.
$Subfolders = {{ subfolders }}
$Services = @(
{%- for service in services %}
    @{ Name = {{ service.name }}; StopLimit = {{ service.stop_limit }} }
{%- endfor %}
)
$TrustedOwners = {{ trusted_owners }}
$EntryKey = 'SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall\' + $Package
$SourcesKey = 'SYSTEM\CurrentControlSet\Services\EventLog\Application\'

$Record = @{}
$Folder = ''
$ProgramData = [System.Environment]::GetFolderPath('CommonApplicationData')

{% include "windows/common.ps1" %}

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
