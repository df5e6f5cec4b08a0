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
{%- if rights %}
    $Service = Get-Declared $Step.Service
    if ($Service.Right) {
        Grant-LogonRight $Service.Account
        Set-NamedAccount $Service
        return
    }
{%- endif %}
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
    Set-RegistryValue $EntryKey 'DisplayIcon' (Join-Path $Folder {{ icon }}) String
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
