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
  let(:dry) { { 'diff' => { 'before' => "a = 2\n# /f\n", 'after' => "a = 1\n# /f\n# comment\nb = 1\n" } } }

  def answers(code, document)
    allow(Open3).to receive(:capture3).and_return([JSON.generate(document), 'words', double(exitstatus: code)])
  end

  it 'asks with what is wanted, the profiles where none can be an option' do
    answers(0, dry)
    provider.canonicalize(context, [wanted])
    expect(provider.get(context, ['proxies'])).to eq([{ name: 'proxies', ensure: 'present' }])
    expect(Open3).to have_received(:capture3).with('twctl', 'apply', '--yes', '--detailed-exitcode', '--json', '--dry-run', '--set',
                                                   'net.core.somaxconn=>= 4096', '--scope', 'both', '--reason', 'puppet', '--', 'busy-client')
  end

  it 'applies what would change, and not with noop' do
    answers(2, dry)
    provider.canonicalize(context, [wanted])
    expect(provider.get(context, ['proxies'])).to eq([{ name: 'proxies', ensure: 'absent' }])
    provider.set(context, { 'proxies' => { should: wanted } }, noop: true)
    run = ['twctl', 'apply', '--yes', '--detailed-exitcode', '--json', '--set']
    expect(Open3).not_to have_received(:capture3).with(*run, any_args)
    expect(context).to have_received(:notice).with('proxies: -a = 2, +a = 1, +b = 1')
    provider.set(context, { 'proxies' => { should: wanted } })
    expect(Open3).to have_received(:capture3).with(*run, any_args)
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

  it 'fails where it is asked to be absent, as the host is or not' do
    provider.canonicalize(context, [{ **wanted, ensure: 'absent' }])
    expect { provider.get(context, ['proxies']) }.to raise_error(Puppet::Error, /rollback ID/)
  end
end
