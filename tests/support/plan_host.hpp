// A snapshot written in the words of a test, and plans for it. Begins as a stock host: Linux 6.1, systemd-sysctl, no
// boot file, every setting live at its kernel's default (those that depend on memory as with 16 GiB).
//
//   host().live("tcp_fin_timeout", "17").file("/etc/sysctl.d/99-zz.conf", "net.ipv4.tcp_fin_timeout = 45\n")
//       .plan({"tcp_fin_timeout = 30"})
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "plan/plan.hpp"
#include "plan/refusal.hpp"

namespace twctl::test {

class PlanHost {
 public:
  PlanHost();

  // Of the host. A kernel resets every live value to that version's default; "" is an unknown one.
  PlanHost& kernel(std::string_view release);
  PlanHost& loader(Loader loader);
  PlanHost& image();                            // files only: nothing is live
  PlanHost& netns(std::string_view name);       // chosen with --netns
  PlanHost& container(std::string_view kind);   // not the initial namespace; host-wide keys are absent
  PlanHost& child_namespace();                  // the same outside a container
  PlanHost& windows(std::string_view version);  // "10.0.20348": every registry value absent, no boot files
  PlanHost& modules_at_boot(std::vector<std::string> names);
  PlanHost& hash_entries(std::int64_t count);
  PlanHost& listening(std::vector<int> ports);
  PlanHost& other_namespaces(int count, bool complete = true);
  PlanHost& later_writer(LaterWriter writer);

  // Of one setting, by its short name.
  PlanHost& live(std::string_view name, std::string value);
  PlanHost& absent(std::string_view name);
  PlanHost& read_only(std::string_view name);
  PlanHost& denied(std::string_view name);
  PlanHost& too_long(std::string_view name);                                     // to be read
  PlanHost& stray(std::string_view name, std::string place, std::string value);  // where Windows does not read it

  PlanHost& file(std::string path, std::string bytes);
  PlanHost& link(std::string path, std::string target, std::string bytes);
  PlanHost& unreadable(std::string path, std::string problem);

  Snapshot snapshot;

  // "tcp_fin_timeout = <= 30", "-tcp_tw_reuse_delay = 1000": short names, expressions as in a profile.
  [[nodiscard]] Result<Plan> try_plan(std::initializer_list<std::string_view> wishes, PlanOptions options = {}) const;
  [[nodiscard]] Plan plan(std::initializer_list<std::string_view> wishes, PlanOptions options = {}) const;

 private:
  PlanHost& set(const Setting& setting, std::string value);
};

[[nodiscard]] PlanHost host();
[[nodiscard]] Desired desired(std::initializer_list<std::string_view> wishes);
[[nodiscard]] PlanOptions scope(Scope scope);
[[nodiscard]] PlanOptions boot_file(std::string path);
[[nodiscard]] PlanOptions accept(std::vector<std::string> accepts);

// What a test compares: the one setting's layers as "change", "ok", "shadowed: /etc/...:3 sets 45 and wins over ...",
// "-" where the layer is not in scope.
[[nodiscard]] std::string live_verdict(const Plan& plan);
[[nodiscard]] std::string boot_verdict(const Plan& plan);
[[nodiscard]] std::string writes(const Plan& plan);  // "live 17 -> 30, boot (none) -> 30"; "" for none

// The texts of that hazard, each with its key in front where it has one; empty where it does not fire.
[[nodiscard]] std::vector<std::string> texts(const Plan& plan, std::string_view id);
[[nodiscard]] std::string text_of(const Plan& plan, std::string_view id);  // of the only one; "" for none
[[nodiscard]] std::string text_of(const PlanHost& box, std::string_view id,
                                  std::initializer_list<std::string_view> wishes);
[[nodiscard]] bool blocks(const Plan& plan, std::string_view id);  // that hazard, and it has a source
[[nodiscard]] std::vector<std::string> hazard_ids(const Plan& plan);
[[nodiscard]] std::vector<std::string> notes_of(const Plan& plan);

}  // namespace twctl::test
