#include "apply/overdue.hpp"

#include "apply/carry_out.hpp"
#include "journal/origin.hpp"

namespace twctl {

bool still_stands(Platform& host, const HostFacts& facts, const Intent& intent) {
  const Whereabouts where = find_values(host, facts, intent.origin);
  if (where == Whereabouts::gone || where == Whereabouts::elsewhere) return where == Whereabouts::elsewhere;
  const Result<std::vector<std::string>> files = foreign_files(host.boot_files(), intent);
  if (!files || !files->empty()) return true;
  if (where == Whereabouts::restarted) return false;
  const Result<std::vector<std::string>> not_ours = foreign_settings(host.settings(), intent);
  return !not_ours || not_ours->size() < intent.settings.size();
}

}  // namespace twctl
