# frozen_string_literal: true

require 'puppet/resource_api'

Puppet::ResourceApi.register_type(
  name: 'twctl_profile',
  docs: <<~DOC,
    Makes the TCP TIME_WAIT settings of a Linux host what a profile wants, in the running kernel and at the next boot. twctl
    decides what has to change; it changes nothing where nothing has to, and nothing at all where something stands in the way.

    @example Many short outgoing connections
      twctl_profile { 'proxies':
        profiles => ['busy-client'],
        reason   => 'ticket 7',
      }
  DOC
  features: ['canonicalize', 'simple_get_filter', 'supports_noop'],
  attributes: {
    ensure: {
      type: 'Enum[present, absent]',
      desc: 'Whether the host is as wanted. `absent` cannot be asked for, and fails: a change is taken back by `twctl rollback ID`.',
      default: 'present',
    },
    name: {
      type: 'String',
      desc: 'Any name, for reports.',
      behaviour: :namevar,
    },
    profiles: {
      type: 'Array[String]',
      desc: 'Names of profiles, or paths of profile files on the host.',
      behaviour: :parameter,
      default: [],
    },
    settings: {
      type: 'Hash[String, Variant[String, Integer]]',
      desc: 'Settings by key; they win over those of profiles. A value is a number, or written as in a profile: `>= 4096`.',
      behaviour: :parameter,
      default: {},
    },
    scope: {
      type: 'Enum[live, boot, both]',
      desc: 'Only the running kernel, only the next boot, or both.',
      behaviour: :parameter,
      default: 'both',
    },
    boot_file: {
      type: 'Optional[String]',
      desc: "The file for the values of the next boot, if not twctl's own.",
      behaviour: :parameter,
    },
    accept: {
      type: 'Array[String]',
      desc: 'Blocking hazards to accept, as ID or ID:KEY.',
      behaviour: :parameter,
      default: [],
    },
    reason: {
      type: 'String',
      desc: 'Why, for the history on the host.',
      behaviour: :parameter,
      default: 'puppet',
    },
    wait: {
      type: 'String',
      desc: 'How long to wait for another twctl on the host.',
      behaviour: :parameter,
      default: '30s',
    },
    executable: {
      type: 'String',
      desc: 'The program on the host.',
      behaviour: :parameter,
      default: 'twctl',
    },
  },
)
