# ---- accounts that need the right to log on as a service, which neither sc.exe nor Win32_Service.Change gives

$RightsSource = @'
{% include "windows/logon-right.cs" %}
'@

function Initialize-Rights {
    if ($null -eq ('SvcLogonRight' -as [type])) { Add-Type -TypeDefinition $RightsSource }
}

# A right that it had before is not taken back.
function Grant-LogonRight([string] $Account) {
    Initialize-Rights
    $Plain = Get-PlainAccount $Account
    if ([SvcLogonRight]::Has($Plain)) { return }
    Add-Undo 'Undo-LogonRight' @{ Account = $Plain }
    [SvcLogonRight]::Grant($Plain)
}

function Undo-LogonRight([string] $Account) {
    [SvcLogonRight]::Take($Account)
}

# By Win32_Service.Change, since command lines are visible to others. A group-managed account has a password that the domain keeps.
function Set-NamedAccount($Service) {
    $Wanted = @{ StartName = $Service.Account; StartPassword = '' }
    $Found = Find-Credential $Service.Account
    if ($null -ne $Found) { $Wanted.StartPassword = $Found.GetNetworkCredential().Password }
    $Result = Invoke-CimMethod -InputObject (Get-ServiceRecord $Service.Name) -MethodName Change -Arguments $Wanted
    if ($Result.ReturnValue -ne 0) {
        throw ('setting the account of {0} failed: Win32_Service.Change returned {1}' -f $Service.Name, $Result.ReturnValue)
    }
}
