// Which changes the journal keeps when it is full.
#include <doctest/doctest.h>

#include "apply/rollback_plan.hpp"
#include "journal/journal.hpp"
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

RollbackRequest named(const std::string& id, bool with_later = false) {
  RollbackRequest request;
  request.id = id;
  request.with_later = with_later;
  return request;
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

TEST_CASE("rollbacks of rollbacks go too: one that is undone has no effect") {
  const std::vector<Change> changes = {change_of(1, "60", "30"), change_of(2, "30", "60", {"1"}),
                                       change_of(3, "60", "30", {"2"}), change_of(4, "30", "60", {"3"}),
                                       change_of(5, "60", "30", {"4"})};
  CHECK((kept_of(changes, 2) == Folders{"1", "5"}));
}

TEST_CASE("a rollback that undid what is no longer kept is not undone: nothing would hold the original") {
  const auto refused = [](const std::vector<Change>& journal, const RollbackRequest& request) {
    const auto chosen = chosen_changes(journal, request);
    return !chosen && chosen.error().code == ErrorCode::refused;
  };
  const Change apply = change_of(1, "60", "30");
  const Change undone = change_of(2, "30", "60", {"1"});
  const Change redone = change_of(3, "60", "30", {"2"});
  const Change undone_again = change_of(4, "30", "60", {"3"});
  const Change later = change_of(5, "60", "20");
  CHECK_FALSE(refused({apply, undone}, named("2")));
  CHECK(refused({undone}, named("2")));
  CHECK(refused({redone, undone_again}, named("4")));
  CHECK(refused({undone, later}, named("2", true)));
  CHECK_FALSE(refused({undone, later}, named("5", true)));
  CHECK_FALSE(refused({undone, later}, named("")));
}

TEST_CASE("a change whose record could not be read again is not begun") {
  test::MemoryState state;
  Intent intent = change_of(1, "60", "30").intent;
  intent.files = {{"/etc/sysctl.conf", std::string(400'000, '\x01'), std::string(400'000, '\x01')}};
  const auto begun = record_intent(state, intent);
  REQUIRE_FALSE(begun);
  CHECK(begun.error().code == ErrorCode::failed);
  CHECK(state.changes.empty());
}
