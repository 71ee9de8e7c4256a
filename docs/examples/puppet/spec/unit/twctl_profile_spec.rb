# frozen_string_literal: true

# rspec -I lib spec
require 'puppet'
require 'puppet/resource_api'
require 'puppet/provider'

module Puppet::Provider::TwctlProfile; end
require 'puppet/provider/twctl_profile/twctl_profile'

RSpec.describe Puppet::Provider::TwctlProfile::TwctlProfile do
  subject(:provider) { described_class.new }

  let(:context) { double('context', notice: nil) }
  let(:wanted) { { name: 'proxies', profiles: ['busy-client'], settings: { 'net.core.somaxconn' => '>= 4096' }, executable: 'twctl' } }
  # As twctl has it: f is to be 45 again in the running kernel, where the boot file has it; k is to be another in both.
  let(:dry) do
    { 'diff' => { 'before' => "f = 30\nk = 600\n# /f.conf\n# of f\n\nf = 45\nk = 600\n",
                  'after' => "f = 45\nk = 700\n# /f.conf\n# of f\n\nf = 45\nk = 700\n" } }
  end

  def answers(code, document)
    allow(Open3).to receive(:capture3).and_return([JSON.generate(document), 'words', double(exitstatus: code)])
  end

  it 'asks with what is wanted, the profiles where none can be an option' do
    answers(0, dry)
    provider.canonicalize(context, [wanted])
    expect(provider.get(context, ['proxies'])).to eq([{ name: 'proxies', ensure: 'present' }])
    expect(Open3).to have_received(:capture3).with('twctl', 'apply', '--yes', '--detailed-exitcode', '--json', '--dry-run', '--set',
                                                   'net.core.somaxconn=>= 4096', '--scope', 'both', '--reason', 'puppet',
                                                   '--wait', '30s', '--', 'busy-client')
  end

  it 'passes on numbers, and how long to wait' do
    answers(0, dry)
    provider.canonicalize(context, [{ name: 'proxies', settings: { 'net.ipv4.tcp_fin_timeout' => 30 }, wait: '5m' }])
    provider.get(context, ['proxies'])
    expect(Open3).to have_received(:capture3).with('twctl', 'apply', '--yes', '--detailed-exitcode', '--json', '--dry-run', '--set',
                                                   'net.ipv4.tcp_fin_timeout=30', '--scope', 'both', '--reason', 'puppet', '--wait', '5m', '--')
  end

  it 'applies what would change, and not with noop' do
    answers(2, dry)
    provider.canonicalize(context, [wanted])
    expect(provider.get(context, ['proxies'])).to eq([{ name: 'proxies', ensure: 'absent' }])
    provider.set(context, { 'proxies' => { should: wanted } }, noop: true)
    run = ['twctl', 'apply', '--yes', '--detailed-exitcode', '--json', '--set']
    expect(Open3).not_to have_received(:capture3).with(*run, any_args)
    lines = ['-f = 30', '-k = 600', '+f = 45', '+k = 700', ' # /f.conf', ' # of f', ' ', ' f = 45', '-k = 600', '+k = 700']
    expect(context).to have_received(:notice).with("proxies:\n--- before\n+++ after\n@@ -1,7 +1,7 @@\n#{lines.join("\n")}\n")
    provider.set(context, { 'proxies' => { should: wanted } })
    expect(Open3).to have_received(:capture3).with(*run, any_args)
  end

  it 'shows what is no text as twctl has it' do
    answers(2, 'diff' => { 'before' => { 'base64' => '/w==' }, 'after' => "a = 1\n" })
    provider.canonicalize(context, [wanted])
    provider.get(context, ['proxies'])
    expect(context).to have_received(:notice).with(/^-{"base64":"\/w=="}$.*^\+a = 1$/m)
  end

  it 'fails with the words of twctl where something stands in the way' do
    { nil => 'shadowed: x wins', 'accept it: --accept shadowed' => "shadowed: x wins\naccept it: --accept shadowed" }.each do |hint, words|
      answers(3, 'error' => { 'code' => 3, 'kind' => 'refused', 'message' => 'shadowed: x wins', 'hint' => hint })
      provider.canonicalize(context, [wanted])
      expect { provider.get(context, ['proxies']) }.to raise_error(Puppet::Error, words)
    end
  end

  it 'fails where the program is not there, but with noop, where it may be about to come' do
    allow(Open3).to receive(:capture3).and_raise(Errno::ENOENT, 'twctl')
    provider.canonicalize(context, [wanted])
    expect { provider.get(context, ['proxies']) }.to raise_error(Errno::ENOENT)
    Puppet[:noop] = true
    expect(provider.get(context, ['proxies'])).to eq([{ name: 'proxies', ensure: 'absent' }])
    expect(context).to have_received(:notice).with('proxies: twctl is not there yet: what it would change is not known')
    provider.set(context, { 'proxies' => { should: wanted } }, noop: true)
  ensure
    Puppet[:noop] = false
  end

  it 'takes the noop of the resource for that' do
    allow(Open3).to receive(:capture3).and_raise(Errno::ENOENT, 'twctl')
    provider.canonicalize(context, [{ **wanted, noop: true }])
    expect(provider.get(context, ['proxies'])).to eq([{ name: 'proxies', ensure: 'absent' }])
    Puppet[:noop] = true
    provider.canonicalize(context, [{ **wanted, noop: false }])
    expect { provider.get(context, ['proxies']) }.to raise_error(Errno::ENOENT)
  ensure
    Puppet[:noop] = false
  end

  it 'fails where it is asked to be absent, as the host is or not' do
    provider.canonicalize(context, [{ **wanted, ensure: 'absent' }])
    expect { provider.get(context, ['proxies']) }.to raise_error(Puppet::Error, /rollback ID/)
  end
end

RSpec.describe 'REFERENCE.md' do
  it 'has the attributes of the type, their types and defaults' do
    attributes = nil
    allow(Puppet::ResourceApi).to receive(:register_type) { |definition| attributes = definition[:attributes] }
    load File.expand_path('../../lib/puppet/type/twctl_profile.rb', __dir__)
    rows = File.readlines(File.expand_path('../../REFERENCE.md', __dir__)).grep(/^\| `/).map { |line| line.split(' | ') }
    expect(rows.map { |name, type, _| [name[/\w+/].to_sym, type] }).to eq(attributes.map { |name, one| [name, one[:type]] })
    attributes.values.zip(rows) { |one, row| expect(row[2]).to eq(one[:default].to_s) if one.key?(:default) }
  end
end
