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
  let(:plan) { { 'diff' => { 'before' => "a = 2\n# /f\n", 'after' => "a = 1\n# /f\n# comment\nb = 1\n" } } }

  def answers(code, document)
    allow(Open3).to receive(:capture3).and_return([JSON.generate(document), 'words', double(exitstatus: code)])
  end

  it 'asks for a plan with what is wanted' do
    answers(0, plan)
    provider.canonicalize(context, [wanted])
    expect(provider.get(context, ['proxies'])).to eq([{ name: 'proxies', ensure: 'present' }])
    expect(Open3).to have_received(:capture3).with('twctl', 'plan', '--json', '--set', 'net.core.somaxconn=>= 4096', '--scope', 'both', 'busy-client')
  end

  it 'applies what would change, and not with noop' do
    answers(2, plan)
    provider.canonicalize(context, [wanted])
    expect(provider.get(context, ['proxies'])).to eq([{ name: 'proxies', ensure: 'absent' }])
    provider.set(context, { 'proxies' => { should: wanted } }, noop: true)
    expect(Open3).not_to have_received(:capture3).with('twctl', 'apply', any_args)
    expect(context).to have_received(:notice).with('proxies: -a = 2, +a = 1, +b = 1')
    provider.set(context, { 'proxies' => { should: wanted } })
    expect(Open3).to have_received(:capture3).with('twctl', 'apply', '--yes', '--detailed-exitcode', '--reason', 'puppet', any_args)
  end

  it 'fails with the words of twctl where something blocks' do
    answers(3, 'hazards' => [{ 'id' => 'shadowed', 'text' => 'x wins', 'blocking' => true, 'accepted' => false }])
    provider.canonicalize(context, [wanted])
    expect { provider.get(context, ['proxies']) }.to raise_error(Puppet::Error, 'shadowed: x wins')
  end
end
