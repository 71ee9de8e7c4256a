#include "plan/plan.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/escape.hpp"
#include "plan/accept.hpp"
#include "rules/boot_state.hpp"
#include "rules/host_view.hpp"
#include "rules/plan_rules.hpp"
#include "sysctl/boot_edit.hpp"
#include "sysctl/boot_limits.hpp"

namespace twctl {
namespace {

// The registry has one value, for now and for every boot to come; a plan of it that was saved says `live`.
Result<Scope> scope_on_windows(const PlanOptions& options) {
  if (options.scope == Scope::boot) {
    return fail(ErrorCode::unsupported, "--scope boot: on Windows the registry has one value, for now and every boot",
                "leave --scope out");
  }
  if (!options.boot_file.empty() && options.boot_file != kOwnBootFile) {
    return fail(ErrorCode::unsupported, "--boot-file: Windows reads no boot files", "leave --boot-file out");
  }
  return Scope::live;
}

// Why a boot file that is written here does nothing for the running system; "" where it does.
std::string_view why_no_boot_reads(const HostFacts& host) {
  if (is_application_container(host)) {
    return "nobody reads boot files in this container: only live values are planned. What is to last is set where the "
           "container is started (docker run --sysctl)";
  }
  if (host.in_chroot) {
    return "process 1 has another root directory than this run, which is in a chroot: no boot of the running system "
           "reads the files here, so only live values are planned. For a boot of this tree: --scope boot";
  }
  return {};
}

// The scope that makes sense on this host. `notes` say where that is less than what is planned by default.
Result<Scope> scope_here(const PlanOptions& options, const HostFacts& host, std::vector<Note>& notes) {
  if (host.os == Os::windows) return scope_on_windows(options);
  const Scope asked = options.scope;
  if (!host.live) {
    if (asked == Scope::live) {
      return fail(ErrorCode::unsupported, "--scope live: there is no procfs here, so nothing is live",
                  "leave --scope out: only the boot files are planned");
    }
    if (asked == Scope::both) notes.push_back({"nothing is live here: only the next boot is planned"});
    return Scope::boot;
  }
  if (!host.netns.empty()) {
    if (asked == Scope::boot) {
      return fail(no_boot_files_of(host.netns, "boot"));
    }
    if (asked == Scope::both)
      notes.push_back({fmt::format("network namespace {}: only live values are planned", escape(host.netns))});
    return Scope::live;
  }
  const std::string_view why = why_no_boot_reads(host);
  if (!why.empty() && asked != Scope::boot) {
    if (asked == Scope::both) notes.push_back({std::string(why)});
    return Scope::live;
  }
  return asked;
}

void note_the_host(const HostFacts& host, Scope scope, std::string_view boot_file, std::vector<Note>& notes) {
  if (!host.live && host.kernel == KernelVersion{}) {
    notes.push_back(
        {"the kernel's version is not known: it is taken as a current one, and only defaults that are the same "
         "on every kernel are known"});
  }
  if (!host.kernel_assumed.empty()) {
    notes.push_back({fmt::format("the kernel's version is not known: it is taken as {}, {}",
                                 escape(host.kernel_release), host.kernel_assumed)});
  }
  if (is_other_namespace(host) && scope != Scope::live) {
    notes.push_back({fmt::format(
        "this is not the initial network namespace: live values are its own and end with it; {} sets those of the "
        "host's own namespace. For this one alone: --scope live",
        escape(boot_file))});
  }
}

// What merely masks a name sets nothing; what could not be read may set anything, and apply promises what the next boot
// sets.
void judge_unread_files(Plan& plan, const HostView& host) {
  for (const BootConfig::File* file : files_unread(host.replay.config, host.loader)) {
    const bool denied = file->problem == kPermissionDenied;
    plan.notes.push_back({unread_text(*file)});
    if (plan.boot_refusal) continue;
    plan.boot_refusal =
        Error{.code = denied ? ErrorCode::denied : ErrorCode::invalid,
              .message = unread_text(*file),
              .hint = "see what it is and who has put it there, or leave the boot files alone: --scope live"};
  }
}

void note_the_profiles(const Desired& desired, std::vector<Note>& notes) {
  for (const std::string& note : desired.notes) notes.push_back({note});
  for (const std::string& reason : desired.distrusted) notes.push_back(refusal_note(reason));
  if (!desired.mend.empty()) notes.push_back({"mend it with: " + desired.mend});
}

Note skip_note(const PlannedSetting& planned) {
  const std::optional<LayerVerdict>& layer = planned.live_verdict ? planned.live_verdict : planned.boot_verdict;
  return {fmt::format("{} is skipped: {}", planned.setting->key, layer->note), planned.setting};
}

std::string other_system_note(std::size_t count, Os here) {
  return fmt::format("{} {} for {} left alone: this host runs {}", count, count == 1 ? "setting" : "settings",
                     here == Os::windows ? "Linux" : "Windows", here == Os::windows ? "Windows" : "Linux");
}

std::optional<std::string> bytes_of(const std::string& path, const std::vector<BootFile>& files) {
  const auto file = std::find_if(files.begin(), files.end(), [&](const BootFile& one) { return one.path == path; });
  if (file == files.end() || state_of(*file) != BootFileState::readable) return std::nullopt;
  return file->bytes;
}

// Several settings may have the same to say.
void note_once(const std::vector<std::string>& texts, std::vector<Note>& notes) {
  for (const std::string& text : texts) {
    const bool said = std::any_of(notes.begin(), notes.end(), [&](const Note& note) { return note.text == text; });
    if (!said) notes.push_back({text});
  }
}

void plan_settings(Plan& plan, const Desired& desired, const HostView& host) {
  std::size_t others = 0;
  plan.settings.reserve(desired.entries.size());
  for (const Entry& entry : desired.entries) {
    if (entry.setting->os != plan.host.os) {
      ++others;
      continue;
    }
    plan.settings.push_back(entry.setting->os == Os::windows ? plan_registry_value(entry, host.snapshot)
                                                             : plan_setting(entry, host, plan.scope));
    const PlannedSetting& planned = plan.settings.back();
    if (plan.scope != Scope::live) note_once(planned.boot_notes, plan.notes);
    if (planned.skipped) plan.notes.push_back(skip_note(planned));
  }
  if (others != 0) plan.notes.push_back({other_system_note(others, plan.host.os)});
}

// Each setting has been judged by its own line alone. Of two that the kernel holds to each other, the lines together
// decide, and which of them comes first.
void judge_pairs(Plan& plan, const HostView& host, const std::optional<std::string>& bytes) {
  const auto is_paired = [](const PlannedSetting& planned) {
    return partner_of(*planned.setting) != nullptr && planned.boot_verdict && !planned.skipped &&
           planned.entry.wanted.op != Operator::unset;
  };
  if (std::none_of(plan.settings.begin(), plan.settings.end(), is_paired)) return;
  Snapshot snapshot;
  snapshot.host = host.snapshot.host;
  snapshot.boot_files = with_file(host.snapshot.boot_files, plan.boot_file, bytes);
  const HostView then = view_of(snapshot, plan.boot_file);
  for (PlannedSetting& planned : plan.settings) {
    if (!is_paired(planned) || planned.boot_verdict->verdict > Verdict::change) continue;
    std::string why = refused_at_boot(*planned.setting, then);
    if (!why.empty()) planned.boot_verdict = {.verdict = Verdict::shadowed, .note = std::move(why), .refused = true};
  }
}

// What the boot file as a whole makes of the next boot.
BootFileFate judge_whole_file(Plan& plan, const HostView& host) {
  const std::vector<LineChange> lines = boot_lines(plan);
  if (lines.empty()) return BootFileFate::stays;
  plan.boot_after = render_boot_file(plan.boot_file, plan.boot_bytes, lines);
  const auto& bytes = plan.boot_after;
  if (!bytes) return BootFileFate::stays;  // plan_here() says why it cannot be written
  if (*bytes == plan.boot_bytes) {         // a line that something else keeps from deciding has its place already
    for (PlannedSetting& planned : plan.settings) {
      std::erase_if(planned.writes, [](const Write& write) { return write.layer == Layer::boot; });
    }
  }
  judge_pairs(plan, host, *bytes);
  if (bytes->has_value() == plan.boot_bytes.has_value()) return BootFileFate::stays;
  return *bytes ? BootFileFate::appears : BootFileFate::goes;
}

}  // namespace

Note refusal_note(std::string_view why) { return {fmt::format("apply refuses this: {}", why)}; }

Result<Plan> make_plan(const Desired& desired, const Snapshot& snapshot, const PlanOptions& options) {
  TRY_VOID(check_accepts(options.accept));
  const bool boots = snapshot.host.os == Os::linux_kernel;
  Plan plan{.host = snapshot.host,
            .tree = options.tree,
            .profiles = desired.names,
            .boot_file = boots ? options.boot_file : std::string()};
  TRY(plan.scope, scope_here(options, snapshot.host, plan.notes));
  note_the_host(snapshot.host, plan.scope, plan.boot_file, plan.notes);
  note_the_profiles(desired, plan.notes);
  const HostView host = view_of(snapshot, plan.boot_file);
  if (plan.scope != Scope::live) judge_unread_files(plan, host);
  plan.boot_bytes = bytes_of(plan.boot_file, snapshot.boot_files);
  plan_settings(plan, desired, host);
  const BootFileFate fate = judge_whole_file(plan, host);
  plan.hazards = find_hazards({host, plan.scope, plan.settings, desired.slips, options.mortal_init, fate});
  for (Finding& hazard : plan.hazards) hazard.accepted = is_accepted(hazard, options.accept);
  return plan;
}

// The plan has it already unless somebody has changed the file since.
Result<std::optional<std::string>> boot_file_after(const Plan& plan, const std::optional<std::string>& before) {
  return before == plan.boot_bytes ? plan.boot_after : render_boot_file(plan.boot_file, before, boot_lines(plan));
}

bool changes_anything(const Plan& plan) {
  return std::any_of(plan.settings.begin(), plan.settings.end(),
                     [](const PlannedSetting& planned) { return planned.is_changed(); });
}

Error no_boot_files_of(const std::string& netns, std::string_view scope) {
  return {.code = ErrorCode::unsupported,
          .message = fmt::format("--scope {}: boot files do not set the values of the network namespace {}", scope,
                                 escape(netns)),
          .hint = "leave --scope out: only the live values are planned"};
}

}  // namespace twctl
