#include "report/namespaces.hpp"

#include <fmt/format.h>

#include "base/escape.hpp"
#include "json/json.hpp"

namespace twctl {

std::string namespace_title(const InhabitedNamespace& where, const Screen& screen) {
  std::string holders = fmt::format("{} ({})", escape(where.process), where.pid);
  if (where.processes > 1)
    holders += " and " + counted(static_cast<std::size_t>(where.processes - 1), "more process", "more processes");
  const std::string text = where.netns.empty()
                               ? fmt::format("This network namespace: {}", holders)
                               : fmt::format("Network namespace of {} (--netns {})", holders, escape(where.netns));
  return inked(screen, Ink::strong, text) + "\n";
}

std::string hidden_text(int hidden, const Screen& screen) {
  if (hidden == 0) return "";
  return "\n" + wrapped(counted(static_cast<std::size_t>(hidden), "process", "processes") +
                            " could not be looked into, and may be in further network namespaces: only root with "
                            "CAP_SYS_PTRACE sees all.",
                        screen.columns, "note: ");
}

Json namespace_json(const InhabitedNamespace& where, const Error* why_not) {
  return {{"netns", bytes_or_null(where.netns)},
          {"process", {{"pid", where.pid}, {"name", bytes_json(where.process)}}},
          {"processes", where.processes},
          {"error", why_not == nullptr ? Json(nullptr) : Json(why_not->message)}};
}

}  // namespace twctl
