// Which changes the journal keeps when it is full.
#include <doctest/doctest.h>

#include <algorithm>

#include "apply/chosen_changes.hpp"
#include "apply/rollback_plan.hpp"
#include "journal/file_lines.hpp"
#include "journal/fold.hpp"
#include "journal/record.hpp"
#include "journal/values_left.hpp"
#include "support/memory_state.hpp"
#include "sysctl/boot_edit.hpp"

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

// What is left: each change as "ID BEFORE->AFTER", and how many later ones it stands for.
std::vector<std::string> left_of(std::vector<Change> changes, const FoldLimits& limits,
                                 const std::function<Whereabouts(const Origin&)>& where) {
  const Folding folding = fold_changes(changes, limits, where);
  std::erase_if(changes, [&](const Change& change) {
    const auto& gone = folding.superseded;
    return std::find(gone.begin(), gone.end(), change.folder) != gone.end();
  });
  changes.insert(changes.end(), folding.folds.begin(), folding.folds.end());
  std::sort(changes.begin(), changes.end(),
            [](const Change& a, const Change& b) { return a.intent.sequence < b.intent.sequence; });
  std::vector<std::string> left;
  for (const Change& change : changes) {
    std::string text = change.intent.id;
    for (const SettingChange& setting : change.intent.settings) {
      text += " " + setting.before.value_or("-") + "->" + setting.after.value_or("-");
    }
    if (change.intent.folded) text += " with " + std::to_string(change.intent.folded->count);
    left.push_back(text);
  }
  return left;
}

std::vector<std::string> left_of(const std::vector<Change>& changes, std::size_t keep) {
  return left_of(changes, {.keep = keep, .boot_id = ""}, [](const Origin&) { return Whereabouts::here; });
}

RollbackRequest named(const std::string& id, bool with_later = false) {
  RollbackRequest request;
  request.id = id;
  request.with_later = with_later;
  return request;
}

using Left = std::vector<std::string>;

}  // namespace

TEST_CASE("the oldest changes are folded first, and the original value of what is still changed stays") {
  const std::vector<Change> changes = {change_of(1, "60", "30"), change_of(2, "30", "25"), change_of(3, "25", "20")};
  CHECK((left_of(changes, 2) == Left{"1 60->25 with 1", "3 25->20"}));
  CHECK((left_of(changes, 3) == Left{"1 60->30", "2 30->25", "3 25->20"}));
}

TEST_CASE(
    "a rollback holds no original: it goes into one with what it undid, and the apply after it has the original") {
  const std::vector<Change> changes = {change_of(1, "60", "40"), change_of(2, "40", "60", {"1"}),
                                       change_of(3, "60", "34"), change_of(4, "34", "33"), change_of(5, "33", "32")};
  CHECK((left_of(changes, 4) == Left{"1 with 1", "3 60->34", "4 34->33", "5 33->32"}));
  CHECK((left_of(changes, 2) == Left{"1 with 1", "3 60->32 with 2"}));
}

TEST_CASE("rollbacks of rollbacks go too: one that is undone has no effect") {
  const std::vector<Change> changes = {change_of(1, "60", "30"), change_of(2, "30", "60", {"1"}),
                                       change_of(3, "60", "30", {"2"}), change_of(4, "30", "60", {"3"}),
                                       change_of(5, "60", "30", {"4"})};
  CHECK((left_of(changes, 2) == Left{"1 60->30", "2 with 3"}));
}

TEST_CASE("changes that one later rollback has undone together are folded, and stay undone") {
  const std::vector<Change> changes = {change_of(1, "60", "30"), change_of(2, "30", "25"), change_of(3, "25", "20"),
                                       change_of(4, "20", "60", {"3", "2", "1"}), change_of(5, "60", "50")};
  CHECK((left_of(changes, 4) == Left{"1 60->25 with 1", "3 25->20", "4 20->60", "5 60->50"}));
  CHECK((left_of(changes, 2) == Left{"1 with 3", "5 60->50"}));
}

TEST_CASE("a change that was undone, and one in force after it, are not folded") {
  const std::vector<Change> changes = {change_of(1, "60", "30"), change_of(2, "30", "60", {"1"}),
                                       change_of(3, "60", "50")};
  CHECK((left_of(changes, 2) == Left{"1 with 1", "3 60->50"}));
}

TEST_CASE("what went back by itself, or with its network namespace, leaves nothing to fold") {
  std::vector<Change> changes = {change_of(1, "60", "30"), change_of(2, "30", "25"), change_of(3, "60", "50")};
  changes[0].done->ending = Ending::rolled_back;
  changes[1].intent.origin.network_namespace = "gone";
  const auto where = [](const Origin& origin) {
    return origin.network_namespace == "gone" ? Whereabouts::gone : Whereabouts::here;
  };
  CHECK((left_of(changes, {.keep = 1, .boot_id = ""}, where) == Left{"3 60->50"}));
}

TEST_CASE("changes of two network namespaces are not folded into one") {
  std::vector<Change> changes = {change_of(1, "60", "30"), change_of(2, "60", "25"), change_of(3, "30", "50"),
                                 change_of(4, "25", "26")};
  const auto where = [](const Origin& origin) {
    return origin.network_namespace == "blue" ? Whereabouts::elsewhere : Whereabouts::here;
  };
  changes[1].intent.origin.network_namespace = changes[3].intent.origin.network_namespace = "blue";
  CHECK((left_of(changes, {.keep = 1, .boot_id = ""}, where) == Left{"1 60->50 with 1", "2 60->26 with 1"}));
}

TEST_CASE("a live value beside a boot file that has no line for it still goes with a restart") {
  std::vector<Change> changes = {change_of(1, "60", "30"), change_of(2, "30", "25"), change_of(3, "25", "20")};
  changes[1].intent.settings = {{"net.ipv4.tcp_tw_reuse", "2", "1"}};
  changes[1].intent.files = {{"/etc/sysctl.conf", "# a\n", "# a\nnet.ipv4.tcp_tw_reuse = 1\n"}};
  const auto here = [](const Origin&) { return Whereabouts::here; };
  const auto restarted = [](const Origin&) { return Whereabouts::restarted; };
  const FoldLimits one{.keep = 1, .boot_id = ""};
  CHECK((left_of(changes, one, here) == Left{"1 60->20 2->1 with 2"}));
  CHECK((left_of(changes, one, restarted) == Left{"2 2->1"}));
}

TEST_CASE("H27: a live value that a later change has led on into a boot file is folded with it, a restart or not") {
  std::vector<Change> changes = {change_of(1, "60", "70"), change_of(2, "2", "1"), change_of(3, "70", "72"),
                                 change_of(4, "1", "0")};
  for (const std::size_t i : {1U, 3U}) changes[i].intent.settings[0].key = "net.ipv4.tcp_tw_reuse";
  const std::string fin = "net.ipv4.tcp_fin_timeout = 72\n";
  changes[2].intent.files = {{"/etc/sysctl.conf", "", fin}};
  changes[3].intent.files = {{"/etc/sysctl.conf", fin, fin + "net.ipv4.tcp_tw_reuse = 0\n"}};
  const auto restarted = [](const Origin&) { return Whereabouts::restarted; };
  CHECK((left_of(changes, {.keep = 1, .boot_id = ""}, restarted) == Left{"1 60->72 2->0 with 3"}));
  changes[2].intent.origin.boot_id = "next";  // the restart came before it
  changes[3].intent.origin.boot_id = "next";
  CHECK((left_of(changes, {.keep = 1, .boot_id = ""}, restarted) == Left{"3 70->72 1->0 with 1"}));
}

TEST_CASE("what this boot has found stays beside what earlier ones did: a restart may be awaited for it") {
  std::vector<Change> changes = {change_of(1, "60", "30"), change_of(2, "30", "25"), change_of(3, "25", "30")};
  changes[2].intent.origin.boot_id = "now";
  const auto here = [](const Origin&) { return Whereabouts::here; };
  CHECK((left_of(changes, {.keep = 1, .boot_id = "now"}, here) == Left{"1 60->25 with 1", "3 25->30"}));
}

namespace {

// What a rollback of all of them would do, once they are folded into one.
RollbackPlan plan_of_fold(const std::vector<Change>& changes, const Value& now, const std::vector<std::string>& force) {
  const auto here = [](const Origin&) { return Whereabouts::here; };
  Folding folding = fold_changes(changes, {.keep = 1, .boot_id = ""}, here);
  REQUIRE(folding.folds.size() == 1);
  std::vector<Change>& journal = folding.folds;
  journal[0].decision = Decision::commit;
  const Present present{
      .settings = {{"net.ipv4.tcp_fin_timeout", now}}, .files = {}, .left = values_left(journal, here, FilesAtBoot())};
  return plan_rollback(journal, journal, present, force);
}

}  // namespace

TEST_CASE("N37: a fold keeps what somebody else had set between its changes, and the original, which is not lost") {
  const std::vector<Change> over{change_of(1, "60", "30"), change_of(2, "45", "20"), change_of(3, "20", "15")};
  const std::vector<Change> put_back{change_of(1, "60", "30"), change_of(2, "45", "20"),
                                     change_of(3, "20", "45", {"2"})};
  for (const auto& [changes, now] : {std::pair(over, "15"), std::pair(put_back, "45")}) {
    const RollbackPlan refused = plan_of_fold(changes, now, {});
    CHECK(refused.settings.empty());
    REQUIRE(refused.overwritten.size() == 1);
    CHECK((refused.overwritten[0].found == "45" && refused.overwritten[0].is_within));
    const RollbackPlan forced = plan_of_fold(changes, now, {"net.ipv4.tcp_fin_timeout"});
    REQUIRE(forced.settings.size() == 1);
    CHECK(forced.settings[0].after == "60");
  }
  const std::vector<Change> nobody{change_of(1, "60", "30"), change_of(2, "60", "20")};  // 60 is what 1 had found
  CHECK(plan_of_fold(nobody, "20", {}).settings.size() == 1);
}

TEST_CASE("N37: what was undone together with what it had gone over ends no way") {
  const std::vector<Change> changes{change_of(1, "60", "30"), change_of(2, "45", "20"),
                                    change_of(3, "20", "60", {"2", "1"}), change_of(4, "60", "50")};
  const RollbackPlan plan = plan_of_fold(changes, "50", {});
  REQUIRE(plan.settings.size() == 1);
  CHECK(plan.settings[0].after == "60");
}

TEST_CASE("what somebody else set and kept leaves the chain as it was, and is told of until it is set again") {
  std::vector<Change> changes = {change_of(1, "60", "30"), change_of(2, "30", "60", {"1"}), change_of(3, "45", "50")};
  changes[1].done->conflicts = {{"net.ipv4.tcp_fin_timeout", "45"}};
  CHECK((left_of(changes, 2) == Left{"1 60->30 with 1", "3 45->50"}));
  const auto here = [](const Origin&) { return Whereabouts::here; };
  const Folding two = fold_changes({changes[0], changes[1]}, {.keep = 1, .boot_id = ""}, here);
  CHECK((two.folds.at(0).done->conflicts == changes[1].done->conflicts));
  const Folding all = fold_changes(changes, {.keep = 1, .boot_id = ""}, here);
  CHECK(all.folds.at(0).done->conflicts.empty());
}

namespace {

// Two changes of a boot file, and what somebody else made of it between them.
std::vector<Change> with_an_edit_between(const std::string& path, const std::string& edited, const std::string& last) {
  const std::string stock = "# stock\n";
  const auto first_bytes =
      render_boot_file(path, stock, std::vector<LineChange>{{"net.ipv4.tcp_fin_timeout", "50", ""}});
  std::vector<Change> changes = {change_of(1, "60", "50"), change_of(2, "50", "40")};
  changes[0].intent.files = {{path, stock, first_bytes->value()}};
  changes[1].intent.files = {{path, edited, last}};
  return changes;
}

std::string edited_conf(const std::string& bytes, const std::string& key, const std::optional<Value>& value) {
  return render_boot_file(kSysctlConf, bytes, std::vector<LineChange>{{key, value, ""}})->value();
}

}  // namespace

TEST_CASE(
    "N33: what somebody wrote into a boot file between two changes outlives a rollback to before them, and a fold") {
  const std::string edited = edited_conf("# stock\n", "net.ipv4.tcp_fin_timeout", "50") + "vm.swappiness = 10\n";
  const std::string last = edited_conf(edited, "net.core.somaxconn", "5000");
  const std::vector<Change> changes = with_an_edit_between(std::string(kSysctlConf), edited, last);
  const Present present{.settings = {}, .files = {{std::string(kSysctlConf), last}}, .left = {}};
  const std::vector<Change> newest_first{changes[1], changes[0]};
  const RollbackPlan plan = plan_rollback(newest_first, changes, present, {});
  CHECK(plan.conflicts.empty());
  REQUIRE(plan.files.size() == 1);
  CHECK(plan.files[0].after->find("vm.swappiness = 10\n") != std::string::npos);
  CHECK(plan.files[0].after->find("fin_timeout") == std::string::npos);
  CHECK(plan.files[0].after->find("somaxconn") == std::string::npos);

  const Folding folding =
      fold_changes(changes, {.keep = 1, .boot_id = ""}, [](const Origin&) { return Whereabouts::here; });
  REQUIRE(folding.folds.size() == 1);
  CHECK(folding.folds[0].intent.files[0].before == plan.files[0].after);
  CHECK(folding.folds[0].intent.files[0].after == last);
}

TEST_CASE(
    "N33: a line of ours that somebody has changed since is theirs, and stays where the changes round it go back") {
  std::string edited = edited_conf("# stock\n", "net.ipv4.tcp_fin_timeout", "50");
  edited = edited_conf(edited, "net.ipv4.tcp_fin_timeout", "45");
  const std::string last = edited_conf(edited, "net.core.somaxconn", "5000");
  const std::vector<Change> changes = with_an_edit_between(std::string(kSysctlConf), edited, last);
  const Present present{.settings = {}, .files = {{std::string(kSysctlConf), last}}, .left = {}};
  const RollbackPlan plan = plan_rollback({changes[1], changes[0]}, changes, present, {});
  REQUIRE(plan.files.size() == 1);
  CHECK(plan.files[0].after == "# stock\nnet.ipv4.tcp_fin_timeout = 45\n");  // without our heading
}

namespace {

// Three changes of a long boot file, into which somebody has written between the first two.
std::vector<Change> of_a_long_file() {
  const std::string path(kSysctlConf);
  std::string stock;
  for (int line = 0; line < 2000; ++line) stock += "# what somebody has written here\n";
  const std::string first = edited_conf(stock, "net.ipv4.tcp_fin_timeout", "30");
  const std::string edited = first + "vm.swappiness = 10\n";
  const std::string second = edited_conf(edited, "net.ipv4.tcp_fin_timeout", "25");
  std::vector<Change> changes = {change_of(1, "60", "30"), change_of(2, "30", "25"), change_of(3, "25", "20")};
  changes[0].intent.files = {{path, stock, first}};
  changes[1].intent.files = {{path, edited, second}};
  changes[2].intent.files = {{path, second, edited_conf(second, "net.ipv4.tcp_fin_timeout", "20")}};
  return changes;
}

std::vector<Change> with_digests(std::vector<Change> changes) {
  for (Change& change : changes) {
    for (FileChange& file : change.intent.files) {
      file.before = digest_of(file.before);
      file.after = digest_of(file.after);
    }
  }
  return changes;
}

}  // namespace

TEST_CASE("N70: a fold of changes that are kept in little has whole texts, from one record after the other") {
  const std::vector<Change> whole = of_a_long_file();
  const auto here = [](const Origin&) { return Whereabouts::here; };
  const FoldLimits one{.keep = 1, .boot_id = ""};
  std::vector<std::string> asked;
  const auto recorded = [&](const Change& change) -> Result<Change> {
    asked.push_back(change.intent.id);
    return whole[change.intent.sequence - 1];
  };
  const Folding folding = fold_changes(with_digests(whole), one, here, recorded);
  REQUIRE(folding.folds.size() == 1);
  CHECK(folding.folds == fold_changes(whole, one, here).folds);
  CHECK(folding.folds[0].intent.files[0].after == whole[2].intent.files[0].after);
  CHECK((asked == std::vector<std::string>{"1", "2", "3"}));

  const auto unreadable = [&](const Change& change) -> Result<Change> {
    if (change.intent.id == "2") return fail(ErrorCode::failed, "Input/output error");
    return whole[change.intent.sequence - 1];
  };
  CHECK(fold_changes(with_digests(whole), one, here, unreadable).folds.empty());
}

TEST_CASE("N75: a file that a change has kept as somebody else's stays, though it says the same") {
  std::vector<Change> changes = {change_of(1, "60", "30")};
  const std::string path(kSysctlConf);
  changes[0].intent.files = {{path, "# stock\n", "# ours\n"}};
  const Present present{.settings = {}, .files = {{path, "# ours\n"}}, .left = {}};
  CHECK(plan_rollback(changes, changes, present, {}).files.size() == 1);
  changes[0].done->conflicts = {{path, ""}};
  const RollbackPlan plan = plan_rollback(changes, changes, present, {});
  CHECK(plan.files.empty());
  CHECK(plan.conflicts.empty());
}

TEST_CASE("N70: what changes whose files are kept in little lead back to is told from their records") {
  const std::vector<Change> whole = of_a_long_file();
  const std::vector<Change> little = with_digests(whole);
  const std::string path(kSysctlConf);
  const Present present{.settings = {}, .files = {{path, whole[2].intent.files[0].after}}, .left = {}};
  const std::vector<Change> chosen{little[2], little[1], little[0]};
  const auto recorded = [&](const Change& change) -> Result<Change> { return whole[change.intent.sequence - 1]; };
  const RollbackPlan plan = plan_rollback(chosen, little, present, {}, recorded);
  REQUIRE(plan.files.size() == 1);
  CHECK(plan.files == plan_rollback({whole[2], whole[1], whole[0]}, whole, present, {}).files);
  CHECK(plan.files[0].after == *whole[0].intent.files[0].before + "vm.swappiness = 10\n");
}

namespace {

const std::string kLine = "net.ipv4.tcp_fin_timeout = ";

// What a rollback to before a change of /etc/sysctl.conf makes of the file that somebody has edited since, and another
// change after that; "3": it is refused. A fold of the two goes back to the same, or is not made.
std::string taken_back(const std::string& before, const std::vector<LineChange>& lines, const auto& edit) {
  const std::string path(kSysctlConf);
  const std::string after = render_boot_file(path, before, lines)->value();
  const std::string edited = edit(after);
  const std::string last = edited_conf(edited, "net.core.somaxconn", "5000");
  std::vector<Change> changes = {change_of(1, "60", "50"), change_of(2, "50", "40")};
  changes[0].intent.files = {{path, before, after}};
  changes[1].intent.files = {{path, edited, last}};
  const RollbackPlan plan =
      plan_rollback({changes[1], changes[0]}, changes, {.settings = {}, .files = {{path, last}}, .left = {}}, {});
  const Folding folding =
      fold_changes(changes, {.keep = 1, .boot_id = ""}, [](const Origin&) { return Whereabouts::here; });
  CHECK(plan.conflicts.empty() != folding.folds.empty());
  if (!plan.conflicts.empty()) return "3";
  REQUIRE(plan.files.size() == 1);
  CHECK(folding.folds[0].intent.files[0].before == plan.files[0].after);
  return plan.files[0].after.value_or("no file");
}

std::string replaced(std::string text, const std::string& what, const std::string& by) {
  return text.replace(text.find(what), what.size(), by);
}

}  // namespace

TEST_CASE("N38: a line of somebody's that says what ours says stays, and ours goes") {
  const std::vector<LineChange> set{{"net.ipv4.tcp_fin_timeout", "30", ""}};
  const std::string theirs = "# needed by app 7\n" + kLine + "30\n";
  const auto on_top = [&](const std::string& bytes) { return theirs + bytes; };
  const auto at_the_end = [&](const std::string& bytes) { return bytes + theirs; };
  CHECK(taken_back("# local\nkernel.x=1\n", set, on_top) == theirs + "# local\nkernel.x=1\n");
  CHECK(taken_back("# a\n" + kLine + "60\n# z\n", set, at_the_end) == "# a\n" + kLine + "60\n# z\n" + theirs);
  CHECK(taken_back("# a\n" + kLine + "60\n# z\n", set, on_top) == theirs + "# a\n" + kLine + "60\n# z\n");
  CHECK(taken_back(kLine + "60\n", set, at_the_end) == "3");  // either may be ours
}

TEST_CASE("N38: a line of somebody's that says otherwise stays, ours goes back, and a fold keeps its original") {
  const std::vector<LineChange> set{{"net.ipv4.tcp_fin_timeout", "30", ""}};
  const std::string stock = "# vendor\n" + kLine + "60\n# end\n";
  CHECK(taken_back(stock, set, [](const std::string& bytes) { return bytes + "# mine\n" + kLine + "45\n"; }) ==
        stock + "# mine\n" + kLine + "45\n");
  CHECK(taken_back(stock, set, [](const std::string& bytes) { return replaced(bytes, "= 30\n", "= 45\n"); }) ==
        replaced(stock, "= 60", "= 45"));
  CHECK(taken_back(stock, set, [](const std::string& bytes) { return replaced(bytes, " = 30\n", "=30\r\n"); }) ==
        stock);
  CHECK(taken_back(kLine + "60", set, [](const std::string& bytes) { return bytes + "\n# mine\n"; }) ==
        kLine + "60\n# mine\n");  // whose last line had no end
  CHECK(taken_back("# a", set, [](const std::string& bytes) { return bytes + "# mine\n"; }) == "# a\n# mine\n");
}

TEST_CASE("N38: a line of ours that somebody has moved: it cannot be told what is to come back, and where") {
  const std::vector<LineChange> set{{"net.ipv4.tcp_fin_timeout", "30", ""}};
  const auto moved = [](const std::string& bytes) {
    return "# mine\n" + kLine + "30\n" + replaced(bytes, kLine + "30\n", "");
  };
  CHECK(taken_back("# a\n# b\n# c\n" + kLine + "60\n# z\n", set, moved) == "3");
}

TEST_CASE("N38: of several lines that a change has added those go that somebody has left") {
  const std::vector<LineChange> set{{"net.ipv4.tcp_fin_timeout", "30", ""}, {"net.ipv4.tcp_tw_reuse", "1", ""}};
  CHECK(taken_back("# a\n", set, [](const std::string& bytes) { return replaced(bytes, "= 30", "= 45"); }) ==
        "# a\n" + kLine + "45\n");
  CHECK(taken_back("# a\n", set, [](const std::string& bytes) {
          return replaced(bytes, "= 30\n", "= 30\n# mine\n");
        }) == "# a\n# mine\n");
  const auto emptied = [](const std::string&) { return std::string("# anew\n"); };
  CHECK(taken_back("# a\n", set, emptied) == "# anew\n");
}

TEST_CASE("N38: where more than a thousand lines of the file differ, it cannot be told which are whose") {
  const std::vector<LineChange> set{{"net.ipv4.tcp_fin_timeout", "30", ""}};
  const auto lines = [](int count, const std::string& what) {
    std::string text;
    for (int i = 0; i < count; ++i) text += what + std::to_string(i) + "\n";
    return text;
  };
  const auto rewritten = [&](int count) {
    return taken_back(lines(count, "# a"), set, [&](const std::string&) { return lines(count, "# b"); });
  };
  CHECK(rewritten(900) == lines(900, "# b"));
  CHECK(rewritten(1000) == "3");
}

TEST_CASE("N39: lines that a change has taken out go back to where they were, with all that they were written with") {
  const std::string range = "net.ipv4.ip_local_port_range";
  const std::string start = "net.ipv4.ip_unprivileged_port_start";
  const std::vector<LineChange> unset{{start, std::nullopt, ""}, {range, std::nullopt, ""}};
  const std::string stock =
      "# a\n# app 7\n-" + start + " = 500\n" + range + " = 500 60999\n" + range + " = 600 60999\n# z\n";
  const auto with_more = [](const std::string& bytes) { return bytes + "# mine\n"; };
  CHECK(taken_back(stock, unset, with_more) == stock + "# mine\n");
  const auto on_top = [](const std::string& bytes) { return "# mine\n" + bytes; };
  CHECK(taken_back(stock, unset, on_top) == "# mine\n" + stock);
  const auto in_their_place = [](const std::string& bytes) { return replaced(bytes, "# z", "# mine\n# z"); };
  CHECK(taken_back(stock, unset, in_their_place) == replaced(stock, "# z", "# mine\n# z"));
  CHECK(taken_back(stock, unset, [](const std::string&) { return std::string("# anew\n"); }) == "3");
}

TEST_CASE("N33: where it cannot be told what a file was, rollback says so, and the changes are not folded") {
  const std::string last = "a = 1\rb = 2\n";
  const std::vector<Change> changes = with_an_edit_between(std::string(kSysctlConf), "b = 2\rc = 3\n", last);
  const Present present{.settings = {}, .files = {{std::string(kSysctlConf), last}}, .left = {}};
  const RollbackPlan plan = plan_rollback({changes[1], changes[0]}, changes, present, {});
  CHECK(plan.files.empty());
  REQUIRE(plan.conflicts.size() == 1);
  CHECK(plan.conflicts[0].what == kSysctlConf);
  CHECK((left_of(changes, 1) == Left{"1 60->50", "2 50->40"}));
}

TEST_CASE("an unfinished change stays as it is") {
  std::vector<Change> changes = {change_of(1, "60", "30"), change_of(2, "30", "25"), change_of(3, "25", "20")};
  changes[2].done.reset();
  CHECK((left_of(changes, 1) == Left{"1 60->25 with 1", "3 25->20"}));
}

TEST_CASE(
    "H27: a fold is named by its oldest change; a younger one of it, or the oldest alone, is refused with what to do") {
  std::vector<Change> journal = {change_of(1, "60", "25"), change_of(3, "25", "20")};
  journal[0].intent.id = "aaaaaaaa";
  journal[0].intent.folded = Folded{.count = 1, .until = 0, .ids = {"bbbbbbbb"}};
  const auto message = [&](const RollbackRequest& request) {
    const auto chosen = chosen_changes(journal, request, "blue", "/img/var/lib/twctl/changes");
    return chosen ? std::to_string(chosen->size()) : chosen.error().message + "; " + chosen.error().hint;
  };
  CHECK(message(named("aaaa", true)) == "2");
  CHECK(message(named("bbbb", true)) ==
        "change bbbb is part of change aaaaaaaa now: older changes are folded together; "
        "`twctl rollback --to aaaaaaaa --root /img --netns blue` undoes that one and all later ones");
  CHECK(message(named("aaaa")) ==
        "change aaaaaaaa stands for 1 later ones too, which were folded into it; "
        "`twctl rollback --to aaaaaaaa --root /img --netns blue` undoes it and all later ones");
  journal.pop_back();
  CHECK(message(named("aaaa")) == "1");
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

TEST_CASE("N07: a change whose record has room for the next one's is folded with it, and with one byte less it stays") {
  std::vector<Change> changes = {change_of(1, "60", "30"), change_of(2, "30", "25"), change_of(3, "25", "20")};
  const auto give_reason = [&](std::size_t bytes) {
    changes[0].intent.reason = std::string(bytes, 'x');
    changes[0].size = encode(changes[0].intent).size();
  };
  constexpr std::size_t kMany = 1'000'000;  // so that the length in the record's heading has as many digits
  give_reason(kMany);
  const auto here = [](const Origin&) { return Whereabouts::here; };
  const Folding two = fold_changes({changes[0], changes[1]}, {.keep = 1, .boot_id = ""}, here);
  const std::size_t room = kMany + kRecordLimit - encode(two.folds.at(0).intent).size();
  give_reason(room);
  CHECK((left_of(changes, 2) == Left{"1 60->25 with 1", "3 25->20"}));
  give_reason(room + 1);
  CHECK((left_of(changes, 2) == Left{"1 60->30", "2 30->20 with 1"}));
  CHECK((left_of(changes, 1) == Left{"1 60->30", "2 30->20 with 1"}));
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
