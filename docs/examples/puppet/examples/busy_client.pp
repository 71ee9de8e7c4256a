# puppet apply --modulepath MODULES examples/busy_client.pp; with --noop it only says what it would do.
# The module lies in MODULES as `twctl`.
twctl_profile { 'proxies':
  profiles => ['busy-client'],
  reason   => 'puppet',
}
