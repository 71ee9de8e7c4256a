// Which changes the journal keeps when it is full.
#include <doctest/doctest.h>

#include "apply/journal.hpp"
#include "support/memory_state.hpp"

using namespace twctl;

namespace {

// A finished change of one setting; its id is its number.
Change change_of(std::uint64_t number, const std::string& before, const std::string& after,
                 const std::vector<std::string>& undoes = {}) {
  Change change;
  change.folder = std::to_string(number);
  change.intent.id = std::to_string(number);
  change.intent.sequence = number;
  change.intent.kind = undoes.empty() ? ChangeKind::apply : ChangeKind::rollback;
  change.intent.undoes = undoes;
  change.intent.settings = {{"net.ipv4.tcp_fin_timeout", before, after}};
  change.decision = Decision::commit;
  change.done = Done{};
  return change;
}

std::vector<std::string> kept_of(const std::vector<Change>& changes, std::size_t keep) {
  test::MemoryState state;
  for (const Change& change : changes) state.changes[change.folder];
  REQUIRE(prune_changes(state, changes, keep));
  return *state.folders();
}

using Folders = std::vector<std::string>;

}  // namespace

TEST_CASE("the oldest changes go first, but never the original value of what is still changed") {
  CHECK((kept_of({change_of(1, "60", "30"), change_of(2, "30", "25"), change_of(3, "25", "20")}, 2) ==
         Folders{"1", "3"}));
}

TEST_CASE("a rollback holds no original: the apply after it does") {
  const std::vector<Change> changes = {change_of(1, "60", "40"), change_of(2, "40", "60", {"1"}),
                                       change_of(3, "60", "34"), change_of(4, "34", "33"), change_of(5, "33", "32")};
  CHECK((kept_of(changes, 2) == Folders{"3", "5"}));
}
