#include "cli/all_namespaces.hpp"

#include "cli/command_table.hpp"

namespace twctl {

Result<void> check_all_netns(const Options& options) {
  if (!options.all_netns) return {};
  const std::string name(row_of(options.command).name);
  if (!options.netns.empty() || options.root != "/" || !options.snapshots.empty()) {
    return fail(ErrorCode::usage, name + ": --all-netns is of this host, and of all its network namespaces",
                "it does not go with --netns, --root or --from");
  }
  if (!options.watch) return {};
  return fail(ErrorCode::usage, name + ": --all-netns counts once", "--watch --netns PID watches one of them");
}

}  // namespace twctl
