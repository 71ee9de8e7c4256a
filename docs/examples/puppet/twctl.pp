# puppet apply twctl.pp; with --noop it says whether it would run, and changes nothing.
# `plan` ends with 0 where there is nothing to do, so that apply runs only where something is to change. Where a hazard
# blocks, apply runs, is refused (3) and makes the resource fail with the reason.
exec { 'twctl apply busy-client':
  command   => 'twctl apply busy-client --yes --reason puppet',
  unless    => 'twctl plan busy-client -q',
  path      => ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'],
  logoutput => on_failure,
}
