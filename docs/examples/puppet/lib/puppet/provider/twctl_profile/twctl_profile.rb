# frozen_string_literal: true

require 'json'
require 'open3'
require 'tempfile'

# Runs twctl and takes its answer. What is right for a host is twctl's to decide: nothing here knows a setting.
class Puppet::Provider::TwctlProfile::TwctlProfile
  # What is wanted, which get() is not told; of Puppet's own parameters `noop`, where the resource has one.
  def canonicalize(_context, resources)
    @wanted ||= {}
    resources.each { |resource| @wanted[resource[:name]] = resource }
  end

  # Also with --noop, so the difference is told here. Then the program may be one that the run would bring.
  def get(context, names)
    names.map do |name|
      wanted = @wanted.fetch(name)
      raise Puppet::Error, 'a change is taken back by `twctl rollback ID`, not by ensure => absent' if wanted[:ensure] == 'absent'

      would_change, document = run(wanted, '--dry-run')
      context.notice("#{name}:\n#{line_diff(document['diff'])}") if would_change
      { name: name, ensure: would_change ? 'absent' : 'present' }
    rescue Errno::ENOENT
      raise unless wanted.fetch(:noop, Puppet[:noop])

      context.notice("#{name}: #{program(wanted)} is not there yet: what it would change is not known")
      { name: name, ensure: 'absent' }
    end
  end

  def set(_context, changes, noop: false)
    changes.each_value { |change| run(change[:should]) } unless noop
  end

  # [whether something has changed or would, document]; raises with twctl's own words where it ends with anything but 0 and 2.
  def run(wanted, *options)
    out, err, status = Open3.capture3(program(wanted), 'apply', '--yes', '--detailed-exitcode', '--json', *options, *wishes(wanted))
    code = status.exitstatus
    document = begin
      JSON.parse(out)
    rescue JSON::ParserError
      raise Puppet::Error, "twctl ended with #{code}: #{err.strip}"
    end
    raise Puppet::Error, document['error'].values_at('message', 'hint').compact.join("\n") unless [0, 2].include?(code)

    [code == 2, document]
  end

  def program(wanted)
    wanted[:executable] || 'twctl'
  end

  # The profiles stand behind --, so that none of them is an option.
  def wishes(wanted)
    words = (wanted[:settings] || {}).flat_map { |key, value| ['--set', "#{key}=#{value}"] }
    words += (wanted[:accept] || []).flat_map { |hazard| ['--accept', hazard] }
    words += ['--boot-file', wanted[:boot_file]] if wanted[:boot_file]
    words += ['--scope', wanted[:scope] || 'both', '--reason', wanted[:reason] || 'puppet', '--wait', wanted[:wait] || '30s']
    words + ['--'] + (wanted[:profiles] || [])
  end

  # Both sides are twctl's: settings of the running kernel, then each boot file behind its name, which stands some lines above what changes
  # in it. So all lines are shown, those that differ are marked by the program that Puppet marks those of files with.
  def line_diff(diff)
    sides = %w[before after].map { |side| as_file(diff[side]) }
    Puppet::Util::Execution.execute([Puppet[:diff], '-U1000000', '--label', 'before', '--label', 'after', *sides.map(&:path)], failonfail: false)
  ensure
    sides&.each(&:close!)
  end

  # What is no text is an object in twctl's JSON, and is shown as that.
  def as_file(side)
    file = Tempfile.new('twctl')
    file.write(side.is_a?(String) ? side : JSON.generate(side))
    file.flush
    file
  end
end
