<#
.SYNOPSIS
Plans or applies a twctl profile on many Windows hosts, and gives back one object for each.

.EXAMPLE
./Set-TimeWait.ps1 -ComputerName (Get-Content hosts.txt)                     # looks only
./Set-TimeWait.ps1 -ComputerName WEB01, WEB02 -Apply -Reason 'ticket 7' |
    Where-Object RestartRequired | Select-Object -ExpandProperty Host        # who has to be restarted

Needs PowerShell remoting (WinRM), and twctl.exe on each host. Nothing is restarted.
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory)] [string[]] $ComputerName,
    [string] $TwctlProfile = 'busy-client',
    [string] $Program = 'C:\Program Files\twctl\twctl.exe',
    [switch] $Apply,
    [string] $Reason = 'Set-TimeWait.ps1'
)

# Runs on each host. stdout is one JSON document whatever happens, and the exit code says which kind.
$run = {
    param($Program, $TwctlProfile, $Apply, $Reason)
    $arguments = @('plan', $TwctlProfile, '--json')
    if ($Apply) {
        $arguments = @('apply', $TwctlProfile, '--json', '--yes', '--detailed-exitcode', '--reason', $Reason)
    }
    $lines = & $Program @arguments
    [pscustomobject]@{ Code = $LASTEXITCODE; Document = $lines -join "`n" }
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
        $document = $_.Document | ConvertFrom-Json
        $outcome = $outcomes[[int] $_.Code]
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
            Hazards         = @($document.hazards | ForEach-Object { $_.id })
            Error           = $document.error.message
        }
    }
