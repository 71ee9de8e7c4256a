#include "apply/pending_note.hpp"

#include <fmt/format.h>

#include "apply/deadline.hpp"
#include "apply/overdue.hpp"
#include "apply/pending.hpp"
#include "base/clock_text.hpp"
#include "journal/command_on.hpp"
#include "journal/journal.hpp"

namespace twctl {

std::string pending_note(Platform& host, const HostFacts& facts) {
  if (!facts.live || facts.captured || facts.os == Os::windows) return "";  // where nothing ever waits
  const Result<std::optional<Change>> newest = newest_change(host.state());
  if (!newest || !*newest) return "";
  const Change& change = **newest;
  if (!change.applied || change.decision || change.done) return "";
  const std::string id = short_id(change.intent.id);
  const std::string& netns = change.intent.origin.netns;
  if (is_pending(host, facts, change)) {
    return fmt::format("change {} awaits confirmation until {}, and goes back then; to keep it: {}", id,
                       time_text(deadline_time(host, change)), command_on(change.intent.id, netns, "confirm"));
  }
  if (!still_stands(host, facts, change.intent)) {
    return fmt::format("change {} was not confirmed in time and is no longer in force; to close it: {}", id,
                       command_in(facts.netns, "recover"));
  }
  return fmt::format("change {} was not confirmed in time and is to be taken back: {}", id,
                     command_in(netns, "recover"));
}

}  // namespace twctl
