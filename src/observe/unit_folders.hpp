// Where systemd looks for the files of units (systemd.unit(5)): of one name the first folder counts. What the folders
// have is asked once.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "platform/host_files.hpp"

namespace twctl {

// "tune@a.service" is made of "tune@.service".
[[nodiscard]] std::string template_of(const std::string& unit);

class UnitFolders {
 public:
  explicit UnitFolders(HostFiles& files);

  // The names in the administrator's folder, /etc/systemd/system.
  [[nodiscard]] const std::vector<std::string>& administrators() const { return *names_[0]; }

  // Where a unit, or a folder beside units ("multi-user.target.wants"), of that name is, in their order; perhaps, in a
  // folder that may not be listed.
  [[nodiscard]] std::vector<std::string> all_of(const std::string& name) const;

  // The files that are the unit's, or else its template's: the first that is there counts.
  [[nodiscard]] std::vector<std::string> files_of(const std::string& unit) const;

  // A unit that is empty, or a link to /dev/null, and so is never started.
  [[nodiscard]] bool is_masked(const std::string& path) const;

  // The drop-ins of a unit by their own names: those of its template, and of "a-.service" for "a-b.service", among
  // them. Of one name the first folder counts.
  [[nodiscard]] std::vector<std::string> drop_ins(const std::string& unit) const;

  // Those of every unit of a type ("service"). One of another name that a unit has itself goes before it.
  [[nodiscard]] std::vector<std::string> drop_ins_of_type(std::string_view type) const;

 private:
  [[nodiscard]] bool may_have(std::size_t folder, const std::string& name) const;

  HostFiles& files_;
  std::array<std::optional<std::vector<std::string>>, kUnitFolders.size()> names_;  // sorted; nullopt: not known
};

}  // namespace twctl
