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
