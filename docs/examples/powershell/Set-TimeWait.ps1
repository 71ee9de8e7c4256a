<#
.SYNOPSIS
Plans or applies a twctl profile on many Windows hosts, and gives back one object for each.

.EXAMPLE
./Set-TimeWait.ps1 -ComputerName (Get-Content hosts.txt)                     # looks only
./Set-TimeWait.ps1 -ComputerName WEB01, WEB02 -Apply -Reason 'ticket 7' |
    Where-Object RestartRequired | Select-Object -ExpandProperty Host        # who has to be restarted

Needs PowerShell remoting (WinRM), and twctl.exe on each host. Nothing is restarted. A host that cannot be reached gives
Invoke-Command's own error and no object. Only its syntax has been checked, by a parser that is not Microsoft's; it has
run nowhere yet.
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory)] [string[]] $ComputerName,
    [string] $TwctlProfile = 'busy-client',
    [string] $Program = 'C:\Program Files\twctl\twctl.exe',
    [switch] $Apply,
    [string] $Reason = 'Set-TimeWait.ps1'
)

# Runs on each host. stdout is one JSON document whatever happens, and the exit code says which kind. A program that is
# not there sets no exit code: $null is kept apart from 0.
$run = {
    param($Program, $TwctlProfile, $Apply, $Reason)
    $arguments = @('plan', $TwctlProfile, '--json')
    if ($Apply) {
        $arguments = @('apply', $TwctlProfile, '--json', '--yes', '--detailed-exitcode', '--reason', $Reason)
    }
    $global:LASTEXITCODE = $null
    $problem = ''
    $lines = try { & $Program @arguments } catch { $problem = "$_" }
    [pscustomobject]@{ Code = $global:LASTEXITCODE; Document = $lines -join "`n"; Problem = $problem }
}

# What the codes mean where it matters here; `twctl explain exit-codes` has all of them.
$outcomes = @{
    0  = 'as wanted'
    1  = 'failed; the host is as it was'
    2  = $(if ($Apply) { 'changed' } else { 'would change' })
    3  = 'refused: a hazard blocks'
    4  = 'neither the old nor the new state: look at this host'
    75 = 'busy: another run holds the lock'
    77 = 'denied: not an administrator, or the value is locked'
}

Invoke-Command -ComputerName $ComputerName -ScriptBlock $run -ErrorAction Continue `
    -ArgumentList $Program, $TwctlProfile, $Apply.IsPresent, $Reason |
    ForEach-Object {
        $document = $null # what stood here for the host before must not be taken for this one's
        if ($_.Document) { try { $document = ConvertFrom-Json $_.Document } catch { Write-Warning "$_" } }
        $ran = $null -ne $_.Code -and $null -ne $document
        $outcome = if ($ran) { $outcomes[[int] $_.Code] } else { 'twctl did not run: nothing is known of this host' }
        if (-not $outcome) { $outcome = "exit code $($_.Code)" }
        [pscustomobject]@{
            Host            = $_.PSComputerName
            Code            = $_.Code
            Outcome         = $outcome
            Change          = $document.id
            RestartRequired = [bool] $document.restart_required
            Settings        = @($document.settings | Where-Object { $_.writes } | ForEach-Object {
                    $before = if ($null -eq $_.live) { 'absent' } else { $_.live }
                    '{0}: {1} -> {2}' -f $_.key, $before, $_.desired
                })
            Hazards         = @($document.hazards | Where-Object { $_ } | ForEach-Object { $_.id })
            Error           = if ($ran) { $document.error.message } else { $_.Problem }
        }
    }
