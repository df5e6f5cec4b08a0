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
